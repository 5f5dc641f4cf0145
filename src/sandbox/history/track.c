#include "sandbox/history/track.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sandbox/history/text.h"
#include "spark/base/json.h"
#include "spark/base/mem.h"

#define NAMES_MAX     500 /* prepared statements and portals of a session whose texts are known */
#define SETTLE_MS     1000
#define LINE_MAX_SIZE ((size_t)512 * 1024)
#define LINE_KEPT     ((size_t)4096) /* of memory for the next one */
#define LABEL_MAX     320

/* A statement, ready to be told. */
struct told {
	const char *kind;
	char *json;  /* its text as a JSON string */
	bool asks;   /* the system tables */
	char *label; /* what it sets query_group to; NULL: it does not */
	struct user_change *users;
	size_t user_count;
};
struct track_text {
	int references;
	size_t count;
	struct told told[];
};

struct track_item {
	struct track_text *text;
	size_t at; /* the statement that is under way */
	int64_t start_us, id;
	bool parsing;
};

struct name {
	char *name;
	bool portal;
	struct track_text *text;
};

struct track {
	struct history *history;
	char *who; /* members of every line: pid, user, database */
	struct track_who connection;
	int64_t xid, since_us;
	char label[LABEL_MAX + 1];
	struct name *names;
	size_t count, cap;
	struct buf line; /* the one that is put together, its memory kept */
	/* Of users, which are told when they hold: at the transaction's end. */
	struct user_change *changes;
	size_t change_count, change_cap;
};

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void put_string(struct buf *out, const char *member, const char *value)
{
	if (!value || !*value)
		return;
	buf_printf(out, ",\"%s\":", member);
	json_quote(out, value, strlen(value));
}

/* Several of these per statement: printf would take as long as all the rest. */
static void put_number(struct buf *out, const char *before, int64_t n)
{
	char digits[24], *p = digits + sizeof(digits);
	uint64_t left = n < 0 ? -(uint64_t)n : (uint64_t)n;

	do
		*--p = (char)('0' + left % 10);
	while (left /= 10);
	if (n < 0)
		*--p = '-';
	buf_puts(out, before);
	buf_add(out, p, (size_t)(digits + sizeof(digits) - p));
}

/* ---- connections ---- */

static void tell_connection(struct history *h, const struct track_who *who, const char *event, int64_t duration_us)
{
	struct buf line;

	buf_init(&line, LINE_MAX_SIZE);
	buf_printf(&line, "{\"k\":\"c\",\"v\":\"%s\",\"r\":%lld,\"p\":%d,\"z\":%lld", event, (long long)now_us(),
		   who->pid, (long long)duration_us);
	put_string(&line, "u", who->user);
	put_string(&line, "d", who->database);
	put_string(&line, "h", who->host);
	put_string(&line, "m", who->auth);
	put_string(&line, "y", who->ssl_version);
	put_string(&line, "f", who->ssl_cipher);
	put_string(&line, "g", who->application_name);
	put_string(&line, "b", who->driver_version);
	put_string(&line, "i", who->os_version);
	buf_putc(&line, '}');
	if (!line.failed)
		history_add(h, line.data, line.len);
	buf_clear(&line);
}

void track_refused(struct history *h, const struct track_who *who)
{
	if (h)
		tell_connection(h, who, "authentication failure", 0);
}

static const char **members(struct track_who *who, size_t i)
{
	const char **all[] = {
		&who->user,       &who->database,         &who->host,           &who->auth,      &who->ssl_version,
		&who->ssl_cipher, &who->application_name, &who->driver_version, &who->os_version
	};

	return i < sizeof(all) / sizeof(all[0]) ? all[i] : NULL;
}

struct track *track_new(struct history *h, const struct track_who *who)
{
	struct track *t = h ? mem_alloc(sizeof(*t)) : NULL;
	struct buf same;

	if (!t)
		return NULL;
	t->history = h;
	buf_init(&t->line, LINE_MAX_SIZE * 2);
	t->since_us = now_us();
	t->connection = *who;
	for (size_t i = 0; members(&t->connection, i); i++) {
		const char **member = members(&t->connection, i);

		*member = mem_strdup(*member ? *member : "");
	}
	buf_init(&same, LINE_MAX_SIZE);
	buf_printf(&same, ",\"p\":%d", who->pid);
	put_string(&same, "u", who->user);
	put_string(&same, "d", who->database);
	t->who = buf_take(&same);
	tell_connection(h, &t->connection, "initiating session", 0);
	tell_connection(h, &t->connection, "authenticated", 0);
	return t;
}

/* ---- texts ---- */

static void release(struct track_text *text)
{
	if (!text || --text->references)
		return;
	for (size_t i = 0; i < text->count; i++) {
		mem_free(text->told[i].json);
		mem_free(text->told[i].label);
		mem_free(text->told[i].users);
	}
	mem_free(text);
}

static char *quote(const char *text, size_t len)
{
	struct buf json;
	char *quoted = NULL;

	buf_init(&json, LINE_MAX_SIZE);
	buf_reserve(&json, len + 3);
	json_quote(&json, text, len);
	if (!json.failed)
		quoted = buf_take(&json);
	buf_clear(&json);
	return quoted;
}

static void tell_text(struct told *told, const char *sql, size_t len)
{
	struct buf shown;
	const char *label;
	size_t label_len;

	told->kind = history_text_kind(sql, len);
	told->asks = history_text_asks(sql, len);
	if (strcmp(told->kind, "DDL") == 0)
		told->users = user_changes_read(sql, len, &told->user_count);
	if (history_text_label(sql, len, &label, &label_len))
		told->label = mem_strndup(label, label_len < LABEL_MAX ? label_len : LABEL_MAX);
	buf_init(&shown, BUF_MAX_DEFAULT);
	history_text_shown(sql, len, &shown);
	if (!shown.failed)
		told->json = quote(shown.data, shown.len);
	buf_wipe(&shown);
}

static struct track_text *make_text(const char *text, const struct dialect_script *script)
{
	size_t count = script && script->count ? script->count : 1, n = 0;
	struct track_text *made = mem_alloc(sizeof(*made) + count * sizeof(made->told[0]));

	if (!made)
		return NULL;
	made->references = 1;
	if (!script || !script->count)
		tell_text(&made->told[n++], text, strlen(text));
	else
		for (size_t i = 0; i < script->count; i++) {
			const struct dialect_statement *s = &script->items[i];

			if (s->kind != DIALECT_EMPTY)
				tell_text(&made->told[n++], text + s->from, s->to - s->from);
		}
	made->count = n;
	return made;
}

static struct track_text *make_plain_text(const char *text, size_t len)
{
	struct track_text *made = mem_alloc(sizeof(*made) + sizeof(made->told[0]));

	if (!made)
		return NULL;
	made->references = 1;
	made->count = 1;
	made->told[0].kind = history_text_kind(text, len);
	len = history_text_trim(&text, len);
	made->told[0].json = quote(text, len);
	return made;
}

static bool asks(const struct track_text *text)
{
	for (size_t i = 0; i < text->count; i++)
		if (text->told[i].asks)
			return true;
	return false;
}

static struct track_item *make_item(struct track *t, struct track_text *text)
{
	struct track_item *item = text ? mem_alloc(sizeof(*item)) : NULL;

	if (!item) {
		release(text);
		return NULL;
	}
	item->text = text;
	item->start_us = now_us();
	if (asks(text))
		history_settle(t->history, SETTLE_MS);
	return item;
}

void track_item_free(struct track_item *item)
{
	if (!item)
		return;
	release(item->text);
	mem_free(item);
}

struct track_item *track_query(struct track *t, const char *text, const struct dialect_script *script)
{
	return t ? make_item(t, make_text(text, script)) : NULL;
}

struct track_item *track_plain_query(struct track *t, const char *text, size_t len)
{
	return t ? make_item(t, make_plain_text(text, len)) : NULL;
}

/* ---- names ---- */

static struct name *find(struct track *t, bool portal, const char *name)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->names[i].portal == portal && strcmp(t->names[i].name, name) == 0)
			return &t->names[i];
	return NULL;
}

void track_close(struct track *t, bool portal, const char *name)
{
	struct name *n = t ? find(t, portal, name) : NULL;

	if (!n)
		return;
	release(n->text);
	mem_free(n->name);
	*n = t->names[--t->count];
}

/* Takes text. */
static void set_name(struct track *t, bool portal, const char *name, struct track_text *text)
{
	struct name *n = find(t, portal, name);

	if (n) {
		release(n->text);
		n->text = text;
		return;
	}
	if (!text || t->count >= NAMES_MAX || mem_grow(&t->names, &t->cap, t->count, sizeof(*t->names))) {
		release(text);
		return;
	}
	n = &t->names[t->count];
	*n = (struct name){ mem_strdup(name), portal, text };
	if (n->name)
		t->count++;
	else
		release(text);
}

static struct track_text *keep(struct track_text *text)
{
	if (text)
		text->references++;
	return text;
}

struct track_item *track_parse(struct track *t, const char *name, const char *text)
{
	struct track_text *made = t ? make_text(text, NULL) : NULL;
	struct track_item *item;

	if (!made)
		return NULL;
	set_name(t, false, name, keep(made));
	item = make_item(t, made);
	if (item)
		item->parsing = true;
	return item;
}

void track_bind(struct track *t, const char *portal, const char *statement)
{
	struct name *n = t ? find(t, false, statement) : NULL;

	if (n)
		set_name(t, true, portal, keep(n->text));
	else
		track_close(t, true, portal);
}

bool track_waits(struct track *t, const char *portal)
{
	const struct name *n = t ? find(t, true, portal) : NULL;

	return n && n->text && asks(n->text);
}

struct track_item *track_execute(struct track *t, const char *portal)
{
	struct name *n = t ? find(t, true, portal) : NULL;

	return n ? make_item(t, keep(n->text)) : NULL;
}

/* ---- what became of them ---- */

struct outcome {
	int code; /* 0 done, 1 failed, 2 cancelled */
	const char *sqlstate, *message;
	int64_t rows;
};

int64_t track_id(struct track *t, struct track_item *item)
{
	if (!t || !item)
		return 0;
	if (!item->id)
		item->id = history_take_id(t->history);
	return item->id;
}

/* A failure takes back what the transaction did before it. */
static void note_users(struct track *t, const struct told *told, bool done)
{
	if (!done)
		t->change_count = 0;
	for (size_t i = 0; done && i < told->user_count; i++) {
		if (mem_grow(&t->changes, &t->change_cap, t->change_count, sizeof(*t->changes)))
			return;
		t->changes[t->change_count] = told->users[i];
		t->changes[t->change_count++].xid = t->xid;
	}
}

static void tell_users(struct track *t)
{
	struct buf line;

	for (size_t i = 0; i < t->change_count && t->who; i++) {
		buf_init(&line, LINE_MAX_SIZE);
		put_number(&line, "{\"k\":\"u\",\"r\":", now_us());
		put_number(&line, ",\"x\":", t->changes[i].xid);
		buf_puts(&line, t->who);
		history_add_user_change(t->history, &t->changes[i], &line);
		buf_clear(&line);
	}
	t->change_count = 0;
}

static void tell(struct track *t, struct track_item *item, const struct outcome *o)
{
	struct told *told = item->at < item->text->count ? &item->text->told[item->at] : NULL;
	int64_t now = now_us(), id;
	struct buf *line = &t->line;

	if (!told || !told->json || !t->who)
		return;
	id = track_id(t, item);
	if (!t->xid)
		t->xid = id;
	buf_reset(line);
	put_number(line, "{\"k\":\"q\",\"q\":", id);
	put_number(line, ",\"x\":", t->xid);
	buf_puts(line, t->who);
	buf_puts(line, ",\"t\":\"");
	buf_puts(line, told->kind);
	put_number(line, "\",\"s\":", item->start_us);
	put_number(line, ",\"e\":", now);
	put_number(line, ",\"a\":", o->code);
	put_number(line, ",\"n\":", o->rows);
	put_string(line, "c", o->sqlstate);
	put_string(line, "m", o->message);
	put_string(line, "l", t->label);
	buf_puts(line, ",\"w\":");
	buf_puts(line, told->json);
	buf_putc(line, '}');
	if (!line->failed)
		history_add(t->history, line->data, line->len);
	if (line->cap > LINE_KEPT) {
		buf_clear(line);
		buf_init(line, LINE_MAX_SIZE * 2);
	}
	note_users(t, told, !o->code);
	if (!o->code && told->label)
		snprintf(t->label, sizeof(t->label), "%s", told->label);
	item->at++;
	item->id = 0;
	item->start_us = now;
}

/* The number at a tag's end: rows. */
static int64_t tag_rows(const char *tag, size_t len)
{
	const char *last = memrchr(tag, ' ', len);

	return last && last[1] >= '0' && last[1] <= '9' ? strtoll(last + 1, NULL, 10) : 0;
}

static const char *error_field(const char *body, size_t len, char field)
{
	size_t at = 0;

	while (at < len && body[at]) {
		size_t n = strnlen(body + at, len - at);

		if (at + n >= len)
			break;
		if (body[at] == field)
			return body + at + 1;
		at += n + 1;
	}
	return "";
}

void track_reply(struct track *t, struct track_item *item, char type, const void *body, size_t len)
{
	const char *text = body;
	struct outcome o = { 0 };

	if (!t || !item || (item->parsing && type != 'E'))
		return;
	if (type == 'C' && len > 0 && !text[len - 1]) {
		o.rows = tag_rows(text, len - 1);
		if (strcmp(text, "ROLLBACK") == 0)
			t->change_count = 0;
	} else if (type == 'E') {
		o.sqlstate = error_field(text, len, 'C');
		o.message = error_field(text, len, 'M');
		o.code = strcmp(o.sqlstate, "57014") == 0 ? 2 : 1;
	} else {
		return;
	}
	tell(t, item, &o);
}

void track_done(struct track *t, struct track_item *item, int64_t rows, const struct err *why)
{
	struct outcome o = { .rows = rows };

	if (!t || !item)
		return;
	if (why) {
		o.sqlstate = why->sqlstate[0] ? why->sqlstate : "XX000";
		o.message = why->text;
		o.code = strcmp(o.sqlstate, "57014") == 0 ? 2 : 1;
	}
	tell(t, item, &o);
}

void track_ready(struct track *t, char status)
{
	if (!t || status != 'I')
		return;
	tell_users(t);
	t->xid = 0;
}

void track_free(struct track *t)
{
	if (!t)
		return;
	tell_connection(t->history, &t->connection, "disconnecting session", now_us() - t->since_us);
	while (t->count)
		track_close(t, t->names[0].portal, t->names[0].name);
	for (size_t i = 0; members(&t->connection, i); i++)
		mem_free((void *)*members(&t->connection, i));
	buf_clear(&t->line);
	mem_free(t->names);
	mem_free(t->changes);
	mem_free(t->who);
	mem_free(t);
}
