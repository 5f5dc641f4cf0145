#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "sandbox/dialect/blocks.h"
#include "sandbox/dialect/dynamic.h"
#include "sandbox/dialect/statements.h"
#include "spark/base/mem.h"

/* SQL that a procedure puts together as text for EXECUTE: 'create table ' || name || ' (...) distkey(id)'. Strings are
 * joined to one text in which a made-up name stands for each expression between them; that text is rewritten like any
 * other, and taken apart again. It also is where such a text is the value of a variable that some EXECUTE names, in one
 * assignment or in several that follow each other: s := 'create ..'; s := s || '..'. The last of them then gets all. */

#define TEXT_MAX        ((size_t)16 * 1024 * 1024)
#define ASSIGNMENTS_MAX 1000 /* each is looked for in the whole body */
#define SPANS_MAX       200

/* Tokens [first, end). */
struct span {
	int first, end;
};

struct piece {
	int first, last; /* tokens */
	bool string;
};

struct joined {
	struct rules *r;
	struct piece *items;
	size_t count, cap;
	struct buf text; /* strings as the server would read them, names in place of expressions */
	bool no_memory;
};

static const char *const ends[] = { "into", "using", "loop", NULL };

/* ---- the pieces ---- */

/* The character that a backslash before c gives; 0: a number of one. */
static char escaped(char c)
{
	static const char special[] = "n\nt\tr\rb\bf\f";
	const char *p = strchr("ntrbf", c);

	if (p && c)
		return strchr(special, c)[1];
	return strchr("01234567xuU", c) ? 0 : c;
}

/* A string's value. false: it is of another kind, or has characters as numbers. */
static bool add_string(struct buf *out, const char *p, size_t len)
{
	size_t i = *p == 'E' || *p == 'e' ? 2 : 1;

	if (*p == '$') {
		const char *tag = memchr(p + 1, '$', len - 1);
		size_t n = tag ? (size_t)(tag - p) + 1 : len;

		if (len >= 2 * n)
			buf_add(out, p + n, len - 2 * n);
		return len >= 2 * n;
	}
	if (p[i - 1] != '\'')
		return false;
	for (; i + 1 < len; i++) {
		char c = p[i];

		if (c == '\'' && p[++i] != '\'')
			return false; /* two strings in a row */
		if (c == '\\')
			c = escaped(p[++i]);
		if (!c)
			return false;
		buf_putc(out, c);
	}
	return true;
}

static bool is_pair(const struct tokens *t, int i, const char *symbol)
{
	return token_len(t, i) == 2 && memcmp(t->text + t->items[i].from, symbol, 2) == 0;
}

/* The operand that begins at i ends before a || of its own level, or at `end`: the token behind it. -1: it has
 * something that binds weaker than || does. */
static int operand_end(const struct tokens *t, int i, int end)
{
	static const char *const weaker[] = { "and",     "or",      "not",     "is",      "in",
					      "like",    "ilike",   "between", "similar", "isnull",
					      "notnull", "collate", "select",  "from",    NULL };
	static const char tighter[] = "+-*/%.[]:";
	int cases = 0;

	for (; i < end; i = block_skip(t, i)) {
		cases += token_is(t, i, "case");
		cases -= token_is(t, i, "end");
		if (cases > 0)
			continue;
		if (is_pair(t, i, "||"))
			break;
		if (token_in(t, i, weaker))
			return -1;
		if (t->items[i].kind == TOKEN_SYMBOL && !token_is_char(t, i, '(') &&
		    !strchr(tighter, t->text[t->items[i].from]))
			return -1;
	}
	return cases == 0 ? i : -1;
}

/* The expression of tokens [i, end). false: nothing that we take apart. */
static bool join(struct joined *j, int i, int end)
{
	const struct tokens *t = j->r->t;
	bool any = false;

	while (token_is_char(t, i, '(') && t->items[i].pair == end - 1) {
		i++;
		end--;
	}
	while (i < end) {
		int behind = operand_end(t, i, end);
		const struct token *token = &t->items[i];
		struct piece *p;

		if (behind <= i || behind == end - 1)
			return false;
		j->no_memory = mem_grow(&j->items, &j->cap, j->count, sizeof *j->items) < 0;
		if (j->no_memory)
			return false;
		p = &j->items[j->count];
		*p = (struct piece){ i, behind - 1, false };
		p->string = behind == i + 1 && (token->kind == TOKEN_STRING || token->kind == TOKEN_BODY);
		if (p->string && !add_string(&j->text, t->text + token->from, token_len(t, i)))
			return false;
		if (!p->string)
			buf_printf(&j->text, DYNAMIC_NAME "%zuq", j->count);
		any = any || p->string;
		j->count++;
		i = behind + 1;
	}
	return any && !j->text.failed;
}

/* Several of them, one behind the other; the first begins with a string. */
static bool join_all(struct joined *j, const struct span *spans, int count)
{
	for (int i = 0; i < count; i++) {
		size_t before = j->count;

		/* What is behind the first need not have a string in it. */
		if (spans[i].first >= spans[i].end ||
		    (!join(j, spans[i].first, spans[i].end) && (i == 0 || j->count == before)))
			return false;
	}
	return j->items[0].string && !j->text.failed;
}

static bool says_name(const struct joined *j)
{
	for (size_t i = 0; i < j->count; i++) {
		const struct token *token = &j->r->t->items[j->items[i].first];

		if (j->items[i].string &&
		    memmem(j->r->t->text + token->from, token->to - token->from, DYNAMIC_NAME, strlen(DYNAMIC_NAME)))
			return true;
	}
	return false;
}

/* ---- the text ---- */

static bool balanced(const struct tokens *t)
{
	for (int i = 0; i < t->count; i++) {
		if ((token_is_char(t, i, '(') || token_is_char(t, i, ')')) && t->items[i].pair < 0)
			return false;
	}
	return true;
}

/* The statements of a script, with what stands between them. -1: *refused says what cannot be. */
static int put_script(const char *text, size_t len, const struct dialect_script *s, struct buf *out,
		      struct err *refused)
{
	size_t at = 0;

	for (size_t i = 0; i < s->count; i++) {
		const struct dialect_statement *one = &s->items[i];

		if (one->kind == DIALECT_COPY || one->kind == DIALECT_UNLOAD) {
			err_set(refused, ERR_DATABASE, "%s in a procedure is not supported by this sandbox",
				one->kind == DIALECT_COPY ? "COPY" : "UNLOAD");
			memcpy(refused->sqlstate, "0A000", 6);
			return -1;
		}
		buf_add(out, text + at, one->from - at);
		if (one->kind == DIALECT_EMPTY)
			buf_add(out, text + one->from, one->to - one->from);
		else
			buf_add(out, one->sql.data, one->sql.len);
		at = one->to;
	}
	buf_add(out, text + at, len - at);
	return 0;
}

/* What the server shall get in place of `text`. 1: the same; -1 with ERR_DATABASE: it is refused. */
static int rewrite(const struct rules *r, const struct buf *text, struct buf *out, struct err *err)
{
	struct dialect_catalog catalog = { 0 };
	struct dialect_script script = { 0 };
	int rc;

	if (r->catalog)
		catalog = *r->catalog;
	catalog.in_block = false; /* it runs on another day */
	rc = dialect_rewrite(text->data, text->len, r->catalog ? &catalog : NULL, &script, err);
	if (rc == 0)
		rc = put_script(text->data, text->len, &script, out, err);
	if (rc == 0)
		rc = buf_check(out, "the statement", err);
	dialect_script_clear(&script);
	if (rc == 0 && out->len == text->len && memcmp(out->data, text->data, out->len) == 0)
		return 1;
	return rc;
}

static void put(struct rules *r, int first, int last, struct buf *expression)
{
	r->strings_done = r->t->items[first].to; /* it needs no E before it any more */
	statement_replace(r, first, last + 1, expression);
}

/* In place of the expression: what fails when it is run, with the words of the refusal. */
static void refuse_later(struct rules *r, int first, int last, const struct err *why)
{
	struct buf b;

	buf_init(&b, 4096);
	buf_puts(&b, "pg_catalog.sparkctl_refuse(");
	statement_literal(&b, why->sqlstate);
	buf_puts(&b, ", ");
	statement_literal(&b, why->text);
	buf_putc(&b, ')');
	put(r, first, last, &b);
}

/* Parts of a statement that has no name in it may be anything; what is refused of it may be so by mistake. */
static bool is_sure(struct joined *j, const struct err *why)
{
	struct tokens t;
	bool ok, sure;

	for (size_t i = 0; i < j->count; i++) {
		if (!j->items[i].string && strcmp(why->sqlstate, "0A000") != 0)
			return false;
	}
	j->no_memory = tokens_read(j->text.data, j->text.len, &t, &ok, NULL) < 0;
	if (j->no_memory)
		return false;
	sure = ok && balanced(&t);
	tokens_clear(&t);
	return sure;
}

static void set_value(const struct joined *j, const struct piece *p, struct dynamic_value *v)
{
	const struct tokens *t = j->r->t;

	if (p->string)
		return;
	v->expression = edit_quote(t->items[p->first].from, t->items[p->last].to);
	v->is_name = token_is(t, p->first, "quote_ident") && token_is_char(t, p->first + 1, '(') &&
		     t->items[p->first + 1].pair == p->last;
}

/* The expression of tokens [first, last] becomes one that gives `made`. */
static int put_back(struct joined *j, int first, int last, const struct buf *made)
{
	struct dynamic_value *values = mem_alloc_array(j->count, sizeof *values);
	struct buf out;
	int rc = -1;

	buf_init(&out, TEXT_MAX);
	for (size_t i = 0; values && i < j->count; i++)
		set_value(j, &j->items[i], &values[i]);
	if (values)
		rc = dynamic_put(&j->text, made, values, j->count, j->r->t->keep_case, &out);
	if (rc == 0)
		put(j->r, first, last, &out);
	buf_clear(&out);
	mem_free(values);
	return rc < 0 ? err_nomem(j->r->err) : 0;
}

static int replace(struct joined *j, int first, int last)
{
	struct err why = { 0 };
	struct buf made;
	int rc;

	buf_init(&made, TEXT_MAX);
	rc = rewrite(j->r, &j->text, &made, &why);
	if (rc == 0) {
		rc = put_back(j, first, last, &made);
	} else if (rc < 0 && why.kind != ERR_DATABASE) {
		*j->r->err = why;
	} else if (rc < 0) {
		if (is_sure(j, &why))
			refuse_later(j->r, first, last, &why);
		rc = 0;
	}
	buf_clear(&made);
	return rc < 0 ? -1 : 0;
}

/* ---- where such texts are ---- */

/* What comes of the spans stands in place of the last one and of what is before it from token `first` on. */
static int take(struct rules *r, int first, const struct span *spans, int count)
{
	struct joined j = { .r = r };
	int rc = 0;

	buf_init(&j.text, TEXT_MAX);
	if (join_all(&j, spans, count) && !says_name(&j))
		rc = replace(&j, first, spans[count - 1].end - 1);
	if (j.no_memory || (j.text.failed && !j.text.too_long))
		rc = err_nomem(r->err);
	buf_clear(&j.text);
	mem_free(j.items);
	return rc;
}

static int expression_end(const struct rules *r, int i)
{
	while (i < r->to && !token_is_char(r->t, i, ';') && !token_in(r->t, i, ends))
		i = block_skip(r->t, i);
	return i < r->to ? i : r->to;
}

/* Is the variable's value what some EXECUTE runs? */
static bool is_executed(const struct rules *r, int name)
{
	char wanted[ATTRIBUTE_NAME], said[ATTRIBUTE_NAME];

	token_name(r->t, name, wanted, sizeof wanted);
	for (int i = r->from; i + 1 < r->to; i++) {
		if (!token_is(r->t, i, "execute") || !token_is_name(r->t, i + 1))
			continue;
		token_name(r->t, i + 1, said, sizeof said);
		if (strcmp(said, wanted) == 0 && expression_end(r, i + 1) == i + 2)
			return true;
	}
	return false;
}

/* Does a statement begin in the string at i? */
static bool begins_statement(const struct tokens *t, int i)
{
	static const char *const verbs[] = { "create ", "drop ",    "alter ",  "insert ", "update ", "delete ",
					     "select ", "with ",    "merge ",  "grant ",  "revoke ", "truncate ",
					     "copy ",   "unload",   "vacuum",  "analyze", "call ",   "comment ",
					     "set ",    "refresh ", "cancel ", "lock ",   "show ",   NULL };
	const char *p, *end;

	while (token_is_char(t, i, '('))
		i++;
	if (i >= t->count || (t->items[i].kind != TOKEN_STRING && t->items[i].kind != TOKEN_BODY))
		return false;
	p = t->text + t->items[i].from;
	end = t->text + t->items[i].to;
	while (p < end && !isalpha((unsigned char)*p))
		p++;
	for (const char *const *v = verbs; *v; v++) {
		size_t len = strlen(*v) - ((*v)[strlen(*v) - 1] == ' ');

		if ((size_t)(end - p) > len && strncasecmp(p, *v, len) == 0 && !isalnum((unsigned char)p[len]))
			return true;
	}
	return false;
}

static bool is_same_name(const struct rules *r, int a, int b)
{
	char one[ATTRIBUTE_NAME], other[ATTRIBUTE_NAME];

	if (!token_is_name(r->t, a) || !token_is_name(r->t, b))
		return false;
	token_name(r->t, a, one, sizeof one);
	token_name(r->t, b, other, sizeof other);
	return strcmp(one, other) == 0;
}

/* name := text, name = text, and in a declaration name type := text or DEFAULT text: the name's token, -1: none. */
static int assigned_name(const struct rules *r, int i)
{
	static const char *const before[] = { "declare", "begin", "then", "else", "loop", NULL };
	bool declares = token_is(r->t, i, "default");
	int name = i - 1;

	if (!declares && !token_is_char(r->t, i, '=') && !is_pair(r->t, i, ":="))
		return -1;
	for (int k = 0; k < 8 && name > r->from; k++, name--) { /* a type's words: character varying(10) not null */
		if (token_is_char(r->t, name - 1, ';') || token_in(r->t, name - 1, before))
			return token_is_name(r->t, name) ? name : -1;
	}
	return name == r->from && token_is_name(r->t, name) ? name : -1;
}

/* What was rewritten may be longer than the variable was declared for. */
static void make_room(struct rules *r, int name)
{
	char wanted[ATTRIBUTE_NAME], said[ATTRIBUTE_NAME];

	token_name(r->t, name, wanted, sizeof wanted);
	for (int i = r->from; i < name + 1; i++) {
		int type = token_is(r->t, i + 1, "constant") ? i + 2 : i + 1;

		if (!token_is_name(r->t, i) || (!token_is(r->t, i - 1, "declare") && !token_is_char(r->t, i - 1, ';')))
			continue;
		token_name(r->t, i, said, sizeof said);
		if (strcmp(said, wanted) != 0)
			continue;
		type += token_is(r->t, type + 1, "varying");
		if (token_is_char(r->t, type + 1, '(') && r->t->items[type + 1].pair == type + 3)
			rules_blank(r, type + 1, type + 3);
	}
}

/* ---- text that grows over several assignments ---- */

/* name := name || more; i is at :=. The token behind ||, -1: it is something else. */
static int growth_at(const struct rules *r, int i)
{
	return is_same_name(r, i - 1, i + 1) && is_pair(r->t, i + 2, "||") ? i + 3 : -1;
}

/* Does the statement behind the one that ends at `end` let the variable grow? RAISE between them changes nothing. */
static bool grows_next(const struct rules *r, int end, int name)
{
	int i = end + 1;

	while (i < r->to && token_is(r->t, i, "raise"))
		i = rules_statement_end(r, i) + 1;
	return i + 1 < r->to && is_same_name(r, i, name) && assigned_name(r, i + 1) == i && growth_at(r, i + 1) > 0;
}

/* The := of the assignment to the variable that stands before token `at`; -1: another statement does. */
static int assignment_before(const struct rules *r, int at, int name)
{
	int end, i;

	do {
		end = at - 1;
		if (!token_is_char(r->t, end, ';'))
			return -1;
		for (i = end - 1; i > r->from && !token_is_char(r->t, i, ';');)
			i = token_is_char(r->t, i, ')') && r->t->items[i].pair > r->from ? r->t->items[i].pair : i - 1;
		at = i + 1;
	} while (token_is_char(r->t, i, ';') && token_is(r->t, at, "raise"));
	while (i < end && !is_pair(r->t, i, ":="))
		i = block_skip(r->t, i);
	return i < end && is_same_name(r, i - 1, name) && assigned_name(r, i) == i - 1 ? i : -1;
}

/* The parts of the text of the variable that the assignment at i is the last of; 0: they cannot be told. */
static int trace(const struct rules *r, int i, struct span spans[SPANS_MAX])
{
	int name = i - 1, count = 0, more;

	for (;;) {
		more = growth_at(r, i);
		spans[SPANS_MAX - 1 - count++] =
			(struct span){ more > 0 ? more : i + 1, rules_statement_end(r, i + 1) };
		for (int k = more > 0 ? more : i + 1; k < spans[SPANS_MAX - count].end; k++) {
			if (is_same_name(r, k, name))
				return 0;
		}
		if (more < 0)
			break;
		i = count < SPANS_MAX ? assignment_before(r, i - 1, name) : -1;
		if (i < 0)
			return 0;
	}
	memmove(spans, spans + SPANS_MAX - count, (size_t)count * sizeof *spans);
	return begins_statement(r->t, spans[0].first) ? count : 0;
}

static int take_assigned(struct rules *r, int i, int name)
{
	struct span spans[SPANS_MAX] = { { i + 1, rules_statement_end(r, i + 1) } };
	int count = 1;

	if (grows_next(r, spans[0].end, name))
		return 0; /* a later one takes it along */
	if (growth_at(r, i) > 0 && (count = trace(r, i, spans)) == 0)
		return 0;
	make_room(r, name);
	return take(r, i + 1, spans, count);
}

int rule_dynamic(struct rules *r, int i)
{
	static const char *const before[] = { "begin", "then", "else", "loop", "in", "for", "query", NULL };
	int name;

	if (!r->body)
		return 0;
	if (token_is(r->t, i, "execute") &&
	    (i == r->from || token_is_char(r->t, i - 1, ';') || token_in(r->t, i - 1, before)))
		return take(r, i + 1, &(struct span){ i + 1, expression_end(r, i + 1) }, 1);
	if ((!begins_statement(r->t, i + 1) && growth_at(r, i) < 0) || (name = assigned_name(r, i)) < 0 ||
	    r->texts_assigned++ >= ASSIGNMENTS_MAX || !is_executed(r, name))
		return 0;
	return take_assigned(r, i, name);
}
