#include "sandbox/copy/json_match.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "spark/base/mem.h"

#define NAME_MAX_BYTES 1024
#define GUESSES        64
#define GUESS_BYTES    55

/* Records of one load mostly have the same members in the same order and spelling: what led to the nth value in the
 * record before is tried first. */
struct guess {
	unsigned char len;      /* 0: nothing yet */
	char text[GUESS_BYTES]; /* from the name's quote to the value */
	struct node *child;     /* NULL: that name leads nowhere */
};

struct node {
	char *name; /* of a member */
	size_t name_len;
	size_t index;      /* of an element */
	int column;        /* the first of the columns that take this value, -1: none */
	struct node *next; /* in the parent's list */
	struct node *members, *elements;
	struct node **table; /* members by hash, open addressing */
	size_t table_size;   /* a power of two, or 0 */
	size_t member_count;
	struct guess *guesses;
};

struct json_match {
	struct node root;
	int *also; /* by column: the next column that takes the same value, or -1 */
	size_t columns;
	bool ignore_case;
	struct buf name; /* scratch */
	struct copy_value *values;
	int out_of_range;
};

static enum json_scan match_value(struct json_match *m, struct node *n, const char **pos, const char *end, int depth);

int json_match_new(size_t columns, bool ignore_case, struct json_match **out, struct err *err)
{
	struct json_match *m = mem_alloc(sizeof *m);

	if (!m)
		return err_nomem(err);
	buf_init(&m->name, NAME_MAX_BYTES);
	m->root.column = -1;
	m->columns = columns;
	m->ignore_case = ignore_case;
	m->also = mem_alloc_array(columns + 1, sizeof *m->also);
	if (!m->also) {
		json_match_free(m);
		return err_nomem(err);
	}
	for (size_t i = 0; i < columns; i++)
		m->also[i] = -1;
	*out = m;
	return 0;
}

static void clear_node(struct node *n)
{
	struct node *lists[2] = { n->members, n->elements };

	for (int i = 0; i < 2; i++) {
		while (lists[i]) {
			struct node *next = lists[i]->next;

			clear_node(lists[i]);
			mem_free(lists[i]);
			lists[i] = next;
		}
	}
	mem_free(n->name);
	mem_free(n->table);
	mem_free(n->guesses);
}

void json_match_free(struct json_match *m)
{
	if (!m)
		return;
	clear_node(&m->root);
	mem_free(m->also);
	buf_clear(&m->name);
	mem_free(m);
}

static size_t hash_name(const char *name, size_t len)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)name[i]) * 16777619u;
	return h;
}

static struct node *find_member(const struct node *n, const char *name, size_t len)
{
	if (n->table_size == 0)
		return NULL;
	for (size_t i = hash_name(name, len);; i++) {
		struct node *c = n->table[i & (n->table_size - 1)];

		if (!c || (c->name_len == len && memcmp(c->name, name, len) == 0))
			return c;
	}
}

static void table_put(struct node *n, struct node *child)
{
	size_t i = hash_name(child->name, child->name_len);

	while (n->table[i & (n->table_size - 1)])
		i++;
	n->table[i & (n->table_size - 1)] = child;
}

static int grow_table(struct node *n, struct err *err)
{
	size_t size = n->table_size ? n->table_size * 2 : 16;
	struct node **table = mem_alloc_array(size, sizeof(struct node *));

	if (!table)
		return err_nomem(err);
	mem_free(n->table);
	n->table = table;
	n->table_size = size;
	for (struct node *c = n->members; c; c = c->next)
		table_put(n, c);
	return 0;
}

static struct node *add_member(struct node *n, const struct json_step *step, struct err *err)
{
	struct node *c = mem_alloc(sizeof *c);

	if (!c || !(c->name = mem_strndup(step->name, step->name_len))) {
		mem_free(c);
		err_nomem(err);
		return NULL;
	}
	c->name_len = step->name_len;
	c->column = -1;
	if (!n->guesses)
		n->guesses = mem_alloc_array(GUESSES, sizeof *n->guesses);
	if (!n->guesses || (2 * (n->member_count + 1) > n->table_size && grow_table(n, err) < 0)) {
		if (!n->guesses)
			err_nomem(err);
		mem_free(c->name);
		mem_free(c);
		return NULL;
	}
	c->next = n->members;
	n->members = c;
	n->member_count++;
	table_put(n, c);
	return c;
}

static struct node *child_for(struct node *n, const struct json_step *step, struct err *err)
{
	struct node *c;

	if (step->name) {
		c = find_member(n, step->name, step->name_len);
		return c ? c : add_member(n, step, err);
	}
	for (c = n->elements; c; c = c->next) {
		if (c->index == step->index)
			return c;
	}
	c = mem_alloc(sizeof *c);
	if (!c) {
		err_nomem(err);
		return NULL;
	}
	c->index = step->index;
	c->column = -1;
	c->next = n->elements;
	n->elements = c;
	return c;
}

int json_match_add(struct json_match *m, const struct json_step *steps, size_t count, int column, struct err *err)
{
	struct node *n = &m->root;

	for (size_t i = 0; i < count; i++) {
		n = child_for(n, &steps[i], err);
		if (!n)
			return -1;
	}
	m->also[column] = n->column;
	n->column = column;
	return 0;
}

static struct node *lookup(struct json_match *m, struct node *n, const struct copy_value *key)
{
	buf_reset(&m->name);
	if (key->escape) {
		if (json_scan_unescape(key, &m->name) < 0)
			return NULL;
	} else if (m->ignore_case) {
		buf_add(&m->name, key->text, key->len);
	} else {
		return find_member(n, key->text, key->len);
	}
	if (m->name.failed) /* longer than any column's name */
		return NULL;
	if (m->ignore_case) {
		for (size_t i = 0; i < m->name.len; i++)
			m->name.data[i] = (char)tolower((unsigned char)m->name.data[i]);
	}
	return find_member(n, m->name.data, m->name.len);
}

/* memcmp() for few bytes, without a call. */
static inline bool same_bytes(const char *a, const char *b, size_t len)
{
	uint64_t wa, wb;
	size_t i = 0;

	if (len < sizeof wa) {
		while (i < len && a[i] == b[i])
			i++;
		return i == len;
	}
	for (;; i = len - i > 2 * sizeof wa ? i + sizeof wa : len - sizeof wa) {
		memcpy(&wa, a + i, sizeof wa);
		memcpy(&wb, b + i, sizeof wb);
		if (wa != wb)
			return false;
		if (i == len - sizeof wa)
			return true;
	}
}

/* The node that the nth member of an object leads to, or NULL; *pos at its name, then at its value. */
static enum json_scan scan_name(struct json_match *m, struct node *n, size_t nth, const char **pos, const char *end,
				struct node **child)
{
	struct guess *g = nth < GUESSES ? &n->guesses[nth] : NULL;
	const char *start = *pos;
	struct copy_value key;
	enum json_scan rc;

	if (g && g->len > 0 && (size_t)(end - start) > g->len && same_bytes(start, g->text, g->len)) {
		*pos = start + g->len;
		json_scan_blank(pos, end);
		*child = g->child;
		return JSON_SCAN_OK;
	}
	rc = json_scan_key(pos, end, &key);
	if (rc != JSON_SCAN_OK)
		return rc;
	*child = lookup(m, n, &key);
	if (g && *pos - start <= GUESS_BYTES) {
		g->len = (unsigned char)(*pos - start);
		memcpy(g->text, start, g->len);
		g->child = *child;
	}
	return JSON_SCAN_OK;
}

static enum json_scan match_member(struct json_match *m, struct node *n, size_t nth, const char **pos, const char *end,
				   int depth)
{
	struct copy_value skipped;
	struct node *child;
	enum json_scan rc = scan_name(m, n, nth, pos, end, &child);

	if (rc != JSON_SCAN_OK)
		return rc;
	return child ? match_value(m, child, pos, end, depth) : json_scan_value(pos, end, depth, &skipped);
}

static enum json_scan match_element(struct json_match *m, struct node *n, size_t nth, const char **pos, const char *end,
				    int depth)
{
	struct copy_value skipped;

	for (struct node *c = n->elements; c; c = c->next) {
		if (c->index == nth)
			return match_value(m, c, pos, end, depth);
	}
	return json_scan_value(pos, end, depth, &skipped);
}

/* Some column below n, for the error. */
static int any_column(const struct node *n)
{
	const struct node *lists[2] = { n->members, n->elements };
	int column = n->column;

	for (int i = 0; i < 2; i++) {
		for (const struct node *c = lists[i]; c && column < 0; c = c->next)
			column = any_column(c);
	}
	return column;
}

static void check_elements(struct json_match *m, const struct node *n, size_t have)
{
	for (const struct node *c = n->elements; c; c = c->next) {
		if (c->index >= have && m->out_of_range < 0)
			m->out_of_range = any_column(c);
	}
}

static enum json_scan match_nested(struct json_match *m, struct node *n, const char **pos, const char *end, int depth)
{
	bool object = **pos == '{';
	char close = object ? '}' : ']';
	size_t nth = 0;

	if (depth >= JSON_SCAN_DEPTH)
		return JSON_SCAN_BAD;
	++*pos;
	json_scan_blank(pos, end);
	if (*pos < end && **pos == close)
		goto done;
	for (;; nth++) {
		enum json_scan rc = object ? match_member(m, n, nth, pos, end, depth + 1)
					   : match_element(m, n, nth, pos, end, depth + 1);

		if (rc != JSON_SCAN_OK)
			return rc;
		json_scan_blank(pos, end);
		if (*pos >= end)
			return JSON_SCAN_SHORT;
		if (**pos == close)
			break;
		if (**pos != ',')
			return JSON_SCAN_BAD;
		++*pos;
		json_scan_blank(pos, end);
	}
	nth++;
done:
	++*pos;
	if (!object)
		check_elements(m, n, nth);
	else
		check_elements(m, n, 0);
	return JSON_SCAN_OK;
}

static enum json_scan match_value(struct json_match *m, struct node *n, const char **pos, const char *end, int depth)
{
	struct copy_value nowhere = { .kind = COPY_VALUE_MISSING },
			  *v = n->column >= 0 ? &m->values[n->column] : &nowhere;
	const char *start = *pos;
	enum json_scan rc;

	if (*pos >= end)
		return JSON_SCAN_SHORT;
	if ((*start == '{' && n->members) || (*start == '[' && n->elements)) {
		rc = match_nested(m, n, pos, end, depth);
		*v = (struct copy_value){ .kind = COPY_VALUE_NESTED, .text = start, .len = (size_t)(*pos - start) };
	} else {
		rc = json_scan_value(pos, end, depth, v);
		if (rc == JSON_SCAN_OK && v->kind != COPY_VALUE_NULL && n->elements)
			check_elements(m, n, 0);
	}
	if (n->column >= 0) {
		for (int c = m->also[n->column]; c >= 0; c = m->also[c])
			m->values[c] = *v;
	}
	return rc;
}

enum json_scan json_match_record(struct json_match *m, const char **pos, const char *end, struct copy_value *values,
				 int *out_of_range)
{
	enum json_scan rc;

	memset(values, 0, m->columns * sizeof *values);
	m->values = values;
	m->out_of_range = -1;
	if (*pos >= end)
		return JSON_SCAN_SHORT;
	if (**pos != '{' && (**pos != '[' || !m->root.elements) && m->root.column < 0)
		return JSON_SCAN_BAD;
	rc = match_value(m, &m->root, pos, end, 0);
	*out_of_range = m->out_of_range;
	return rc;
}
