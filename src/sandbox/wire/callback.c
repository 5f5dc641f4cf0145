#include "sandbox/wire/callback.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sandbox/copy/target.h"
#include "sandbox/wire/composite.h"
#include "sandbox/wire/session.h"
#include "spark/base/file.h"
#include "spark/base/hash.h"
#include "spark/base/json.h"
#include "spark/base/log.h"
#include "spark/base/mem.h"

#define REQUEST_SQLSTATE "SPK01"
#define TEXT_MAX         ((size_t)256 * 1024 * 1024)

static const char *const kinds[] = { [CALLBACK_TEXT] = "text",
				     [CALLBACK_RUN] = "run",
				     [CALLBACK_DONE] = "done",
				     [CALLBACK_ROWS] = "rows",
				     [CALLBACK_FAILED] = "failed" };

int callback_open(const char *dir, uid_t uid, gid_t gid, struct err *err)
{
	if (file_remove_tree(dir, err) || file_make_dirs(dir, 0700, err))
		return -1;
	if (uid != (uid_t)-1 && chown(dir, uid, gid))
		return err_set_errno(err, ERR_IO, errno, "cannot give '%s' to the server's user", dir);
	return 0;
}

/* ---- requests ---- */

bool callback_is_request(const struct session *s, const struct message *m)
{
	const char *state = m->type == 'N' ? message_field(m, 'C') : NULL;

	return state && strcmp(state, REQUEST_SQLSTATE) == 0 && gateway_settings(s->gateway)->answers_dir;
}

/* A UUID, as the server writes it: it becomes a file's name. */
static bool is_name(const char *text)
{
	size_t n = strspn(text, "0123456789abcdef-");

	return n == 36 && !text[n];
}

/* Behind a letter: a, as it is; b, in base64, because it has other characters than ASCII's, of which a client may have
 * no idea. */
static bool read_text(struct buf *out, const char *detail)
{
	if (*detail == 'b')
		return !hash_base64_decode(detail + 1, strlen(detail + 1), out, NULL);
	if (*detail == 'a')
		buf_puts(out, detail + 1);
	return *detail == 'a' && !out->failed;
}

/* MESSAGE is "<kind> <name>", DETAIL the text. False: it is none of the catalogue's. What cannot be understood waits
 * for an answer all the same. */
static bool read_request(struct callback *c, const struct message *m)
{
	const char *said = message_field(m, 'M'), *detail = message_field(m, 'D');
	const char *name = said ? strrchr(said, ' ') : NULL;

	if (!name || !is_name(name + 1))
		return false;
	snprintf(c->name, sizeof(c->name), "%s", name + 1);
	c->kind = CALLBACK_FAILED;
	buf_clear(&c->text);
	buf_init(&c->text, TEXT_MAX);
	if (!detail || !read_text(&c->text, detail))
		return true;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strncmp(said, kinds[i], (size_t)(name - said)) == 0 && !kinds[i][name - said])
			c->kind = (enum callback_kind)i;
	}
	return true;
}

/* ---- answers ---- */

void callback_tidy(struct session *s)
{
	struct callback *c = &s->callback;
	char *path = c->read[0] ? file_join(gateway_settings(s->gateway)->answers_dir, c->read) : NULL;

	if (path && unlink(path))
		log_debug("cannot remove '%s'", path);
	mem_free(path);
	c->read[0] = 0;
}

/* Under another name first: the server takes what it finds. */
static int write_answer(const char *path, char verb, const char *text, size_t len, struct err *err)
{
	char *fresh = mem_printf("%s.new", path);
	int fd = fresh ? open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644) : -1, rc = -1;

	if (!fresh)
		return err_nomem(err);
	if (fd < 0)
		err_set_errno(err, ERR_IO, errno, "cannot make '%s'", fresh);
	else
		rc = file_write_all(fd, &verb, 1, err) || file_write_all(fd, text, len, err) ? -1 : 0;
	if (fd >= 0 && close(fd) && !rc)
		rc = err_set_errno(err, ERR_IO, errno, "cannot write '%s'", fresh);
	if (!rc && rename(fresh, path))
		rc = err_set_errno(err, ERR_IO, errno, "cannot rename '%s'", fresh);
	mem_free(fresh);
	return rc;
}

int callback_say(struct session *s, enum callback_verb verb, const char *text, size_t len, struct err *err)
{
	struct callback *c = &s->callback;
	char *path;
	int rc;

	/* Behind a failure there is only the last word. */
	if (!c->name[0] || (c->kind == CALLBACK_FAILED && verb != CALLBACK_RESULT && verb != CALLBACK_ERROR))
		return err_set(err, ERR_DATABASE, "nobody waits for a question");
	path = file_join(gateway_settings(s->gateway)->answers_dir, c->name);
	rc = path ? write_answer(path, (char)verb, text, len, err) : err_nomem(err);
	/* What the server has asked since, it asked when it had read the one before. */
	callback_tidy(s);
	snprintf(c->read, sizeof(c->read), "%s", c->name);
	c->name[0] = 0;
	mem_free(path);
	if (rc) {
		/* Without an answer the statement would wait for ever. */
		log_error("%s: a procedure's question cannot be answered", s->peer);
		backend_cancel(gateway_socket_dir(s->gateway), s->server.pid, s->server.key);
	}
	return rc;
}

/* What the client would be told, for the server to tell it. */
static int say_error(struct session *s, const struct err *why, struct err *err)
{
	static const char no_memory[] = "{\"state\":\"53200\",\"message\":\"out of memory\"}";
	struct json *j = json_new_object();
	bool loading = strcmp(why->sqlstate, "XX000") == 0;
	const char *state = why->sqlstate[0] ? why->sqlstate : why->kind == ERR_NOMEM ? "53200" : "XX000";
	struct buf text;
	int rc;

	buf_init(&text, 65536);
	if (!j || json_set_str(j, "state", state) || json_set_str(j, "message", why->text) ||
	    json_set_str(j, loading ? "detail" : "hint", why->hint) || json_print(j, false, &text, NULL))
		rc = callback_say(s, CALLBACK_ERROR, no_memory, strlen(no_memory), err);
	else
		rc = callback_say(s, CALLBACK_ERROR, text.data, text.len, err);
	json_free(j);
	buf_clear(&text);
	return rc;
}

/* ---- questions of ours ---- */

bool callback_is_over(const struct callback *c)
{
	return c->waiting && (c->arrived || c->ended);
}

void callback_note_end(struct callback *c)
{
	c->ended = c->waiting;
}

void callback_give_up(struct session *s)
{
	if (!s->callback.loading || s->callback.given_up)
		return;
	s->callback.given_up = true;
	__atomic_store_n(&s->cancelled, 1, __ATOMIC_RELAXED);
	backend_cancel(gateway_socket_dir(s->gateway), s->server.pid, s->server.key);
}

static int is_ended(struct err *err)
{
	err_set(err, ERR_DATABASE, "the statement was given up");
	if (err)
		snprintf(err->sqlstate, sizeof(err->sqlstate), "57014");
	return -1;
}

static int read_failure(const struct callback *c, struct err *err)
{
	struct json *j = json_parse(c->text.data, c->text.len, NULL);
	const char *hint = json_str(j, "detail", "");

	err_set(err, ERR_DATABASE, "%s", json_str(j, "message", "the server refuses a question"));
	if (err)
		snprintf(err->sqlstate, sizeof(err->sqlstate), "%s", json_str(j, "state", "XX000"));
	err_hint(err, "%s", *hint ? hint : json_str(j, "hint", ""));
	json_free(j);
	return -1;
}

int callback_hear(struct session *s, struct err *err)
{
	struct callback *c = &s->callback;
	bool outer = c->waiting;
	int rc = 0;

	c->waiting = true;
	c->ended = false;
	while (!rc && !callback_is_over(c)) {
		rc = relay_listen(s, err);
		if (s->deaf)
			callback_give_up(s);
	}
	c->waiting = outer;
	if (rc)
		return -1;
	/* Another statement has begun: ours was given up, and somebody has caught that. */
	if (c->ended || c->kind == CALLBACK_RUN)
		return is_ended(err);
	c->arrived = false;
	return c->kind == CALLBACK_FAILED ? read_failure(c, err) : 0;
}

int callback_ask(struct session *s, enum callback_verb verb, const char *text, size_t len, struct err *err)
{
	return callback_say(s, verb, text, len, err) ? -1 : callback_hear(s, err);
}

bool callback_value(struct session *s, const char *sql, char *value, size_t size)
{
	const struct callback *c = &s->callback;
	struct composite row = { 0 };
	const char *at;
	bool there = false;

	if (callback_ask(s, CALLBACK_QUERY, sql, strlen(sql), NULL))
		return false;
	at = c->text.data;
	if (composite_read(&row, &at, c->text.data + c->text.len) == 1 && row.values[0] &&
	    strlen(row.values[0]) < size) {
		snprintf(value, size, "%s", row.values[0]);
		there = true;
	}
	composite_clear(&row);
	return there;
}

/* ---- text for EXECUTE ---- */

/* What the server gets of a text: COPY and UNLOAD become calls that ask us again. */
static int put_script(const char *text, size_t len, const struct dialect_script *script, struct buf *out,
		      struct err *err)
{
	size_t at = 0;

	for (size_t i = 0; i < script->count; i++) {
		const struct dialect_statement *one = &script->items[i];

		buf_add(out, text + at, one->from - at);
		if (one->kind == DIALECT_COPY || one->kind == DIALECT_UNLOAD) {
			buf_puts(out, "SELECT pg_catalog.sparkctl_run(");
			copy_quote_text(out, text + one->from, one->to - one->from);
			buf_putc(out, ')');
		} else if (one->kind == DIALECT_EMPTY) {
			buf_add(out, text + one->from, one->to - one->from);
		} else {
			buf_add(out, one->sql.data, one->sql.len);
		}
		at = one->to;
	}
	buf_add(out, text + at, len - at);
	return buf_check(out, "the statement", err);
}

static int rewrite(const struct buf *text, const struct dialect_catalog *catalog, struct buf *out, struct err *err)
{
	struct dialect_script script = { 0 };
	int rc = dialect_rewrite(text->data, text->len, catalog, &script, err);

	if (!rc)
		rc = put_script(text->data, text->len, &script, out, err);
	dialect_script_clear(&script);
	return rc;
}

static bool is_lost(const struct err *why)
{
	return why->kind == ERR_UNREACHABLE || why->kind == ERR_INTERRUPTED;
}

/* rc and why: what became of the request; result: of a good one. */
static int finish(struct session *s, int rc, const struct buf *result, const struct err *why, struct err *err)
{
	struct err ignored = { 0 };

	if (rc && is_lost(why)) {
		if (err)
			*err = *why;
		return -1;
	}
	/* Who has been cancelled waits no more. */
	if (!s->callback.name[0])
		return 0;
	rc = rc ? say_error(s, why, &ignored) : callback_say(s, CALLBACK_RESULT, result->data, result->len, &ignored);
	if (rc)
		log_error("%s: %s", s->peer, ignored.text);
	return 0;
}

static int answer_text(struct session *s, struct err *err)
{
	struct dialect_catalog catalog = frontend_catalog(s);
	bool outer = s->callback.asking;
	struct buf text = s->callback.text, out;
	struct err why = { 0 };
	int rc;

	memset(&s->callback.text, 0, sizeof(s->callback.text)); /* questions have answers, too */
	buf_init(&out, TEXT_MAX);
	catalog.in_block = false;
	s->callback.asking = true;
	rc = rewrite(&text, &catalog, &out, &why);
	s->callback.asking = outer;
	rc = finish(s, rc, &out, &why, err);
	buf_clear(&text);
	buf_clear(&out);
	return rc;
}

/* ---- COPY and UNLOAD ---- */

static int answer_run(struct session *s, struct err *err)
{
	struct err why = { 0 };
	struct buf rows;
	int64_t count = 0;
	int rc;

	buf_init(&rows, 64);
	__atomic_store_n(&s->cancelled, 0, __ATOMIC_RELAXED);
	s->callback.given_up = false;
	s->callback.loading = s->callback.asking = true;
	rc = s->deaf || s->left ? is_ended(&why) : callback_load(s, &count, &why);
	s->callback.loading = s->callback.asking = false;
	buf_printf(&rows, "%lld", (long long)count);
	rc = finish(s, rc, &rows, &why, err);
	buf_clear(&rows);
	return rc;
}

static int refuse(struct session *s, const char *what, struct err *err)
{
	struct err why = { 0 };

	err_set(&why, ERR_DATABASE, "%s", what);
	snprintf(why.sqlstate, sizeof(why.sqlstate), "0A000");
	return finish(s, -1, NULL, &why, err);
}

static int answer(struct session *s, struct err *err)
{
	switch (s->callback.kind) {
	case CALLBACK_TEXT:
		return answer_text(s, err);
	case CALLBACK_RUN:
		return answer_run(s, err);
	case CALLBACK_DONE:
	case CALLBACK_ROWS:
	case CALLBACK_FAILED:
		break;
	}
	return refuse(s, "nothing was asked", err);
}

int callback_take(struct session *s, const struct message *m, size_t taken, struct err *err)
{
	struct callback *c = &s->callback;
	bool good = read_request(c, m);

	buf_consume(&s->server.in, taken);
	if (!good)
		return 0;
	if (c->waiting && c->kind != CALLBACK_TEXT) {
		c->arrived = true;
		return 1;
	}
	do {
		c->arrived = false;
		if (answer(s, err))
			return -1;
	} while (c->arrived && !c->waiting);
	if (!c->waiting)
		buf_clear(&c->text);
	return callback_is_over(c);
}

void callback_take_plain(struct session *s, const struct message *m)
{
	struct dialect_catalog nothing = { .strict = gateway_settings(s->gateway)->world->strict };
	struct buf out;
	struct err why = { 0 };
	int rc;

	if (!read_request(&s->callback, m))
		return;
	if (s->callback.kind != CALLBACK_TEXT) {
		(void)refuse(s, "COPY and UNLOAD are not supported by this sandbox within a COPY or COMMIT", NULL);
		return;
	}
	buf_init(&out, TEXT_MAX);
	rc = rewrite(&s->callback.text, &nothing, &out, &why);
	(void)finish(s, rc, &out, &why, NULL);
	buf_clear(&out);
}

void callback_clear(struct session *s)
{
	callback_tidy(s);
	buf_clear(&s->callback.text);
}
