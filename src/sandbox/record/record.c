#include "sandbox/record/record.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sandbox/access/glob.h"
#include "sandbox/record/redact.h"
#include "spark/base/file.h"
#include "spark/base/log.h"
#include "spark/base/mem.h"

#define FIRST_MEMBER "{\"n\":"

struct record {
	pthread_mutex_t lock;
	char *path, *old_path;
	int fd;
	int64_t size, last_n;
	bool failing; /* told once, not for each request */
	/* Lines that wait while one of the threads writes: it takes those of the others along. */
	struct buf waiting;
	bool writing;
	pthread_cond_t written;
};

/* What may wait; who comes then waits as well. */
#define WAITING_MAX ((size_t)1024 * 1024)

/* The number of the last whole line; a line that a death has cut is cut off. */
static int recover(struct record *r, struct err *err)
{
	struct buf text;
	size_t end;
	int rc = -1;

	buf_init(&text, (size_t)RECORD_FILE_MAX + RECORD_LINE_MAX);
	if (file_read(r->path, &text, err))
		goto out;
	for (end = text.len; end && text.data[end - 1] != '\n';)
		end--;
	if (end != text.len && ftruncate(r->fd, (off_t)end)) {
		err_set_errno(err, ERR_IO, errno, "cannot mend '%s'", r->path);
		goto out;
	}
	r->size = (int64_t)end;
	for (size_t at = end ? end - 1 : 0; end; at--) {
		if (at && text.data[at - 1] != '\n')
			continue;
		if (!strncmp(text.data + at, FIRST_MEMBER, strlen(FIRST_MEMBER)))
			r->last_n = strtoll(text.data + at + strlen(FIRST_MEMBER), NULL, 10);
		break;
	}
	rc = 0;
out:
	buf_clear(&text);
	return rc;
}

static int open_file(struct record *r, struct err *err)
{
	r->fd = open(r->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (r->fd < 0)
		return err_set_errno(err, ERR_IO, errno, "cannot open '%s'", r->path);
	r->size = 0;
	return 0;
}

int record_open(const char *dir, struct record **out, struct err *err)
{
	struct record *r = mem_alloc(sizeof(*r));

	if (!r)
		return err_nomem(err);
	r->fd = -1;
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->written, NULL);
	buf_init(&r->waiting, WAITING_MAX + 2 * RECORD_LINE_MAX);
	r->path = file_join(dir, "requests.jsonl");
	r->old_path = file_join(dir, "requests.jsonl.old");
	if (!r->path || !r->old_path)
		err_nomem(err);
	else if (!open_file(r, err) && !recover(r, err)) {
		*out = r;
		return 0;
	}
	record_close(r);
	return -1;
}

void record_close(struct record *r)
{
	if (!r)
		return;
	record_flush(r);
	if (r->fd >= 0)
		close(r->fd);
	pthread_mutex_destroy(&r->lock);
	pthread_cond_destroy(&r->written);
	buf_clear(&r->waiting);
	mem_free(r->path);
	mem_free(r->old_path);
	mem_free(r);
}

/* Neither of them needs an escape: most texts are names, numbers and times. */
static bool is_plain(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] < ' ' || text[i] > '~' || text[i] == '"' || text[i] == '\\')
			return false;
	return true;
}

static void add_text(struct buf *b, const char *before, const char *text)
{
	size_t len = strlen(text);

	buf_puts(b, before);
	if (!is_plain(text, len)) {
		json_quote(b, text, len);
		return;
	}
	buf_putc(b, '"');
	buf_add(b, text, len);
	buf_putc(b, '"');
}

static void add_number(struct buf *b, const char *before, int64_t number)
{
	buf_puts(b, before);
	buf_put_int(b, number);
}

/* All but its number, which is given under the lock. */
static void write_line(const struct record_entry *e, const char *parameters, struct buf *b)
{
	char time[CLOCK_TEXT];

	clock_iso(e->now_ms, time);
	add_text(b, ",\"time\":", time);
	add_text(b, ",\"id\":", e->reply->request_id);
	add_text(b, ",\"service\":", e->op->service);
	add_text(b, ",\"action\":", e->op->action);
	buf_puts(b, e->op->mutating ? ",\"mutating\":true,\"parameters\":" : ",\"mutating\":false,\"parameters\":");
	buf_puts(b, parameters);
	/* 0: the connection broke without a reply. */
	add_number(b, ",\"status\":", e->reply->drop ? 0 : e->reply->status);
	add_text(b, ",\"code\":", e->code);
	add_text(b, ",\"caller\":", e->who->arn);
	add_text(b, ",\"peer\":", e->request->peer_ip ? e->request->peer_ip : "");
	add_number(b, ",\"ms\":", e->took_ms);
	add_text(b, ",\"faults\":", e->faults);
	buf_puts(b, "}\n");
}

static int rotate(struct record *r, struct err *err)
{
	if (rename(r->path, r->old_path))
		return err_set_errno(err, ERR_IO, errno, "cannot put '%s' aside", r->path);
	close(r->fd);
	r->fd = -1;
	return open_file(r, err);
}

/* Whole lines to the file's end. The writer's: not under the lock, but nobody else is here. */
static int append(struct record *r, const struct buf *lines, struct err *err)
{
	if (r->fd < 0 && open_file(r, err))
		return -1;
	if (r->size && r->size + (int64_t)lines->len > RECORD_FILE_MAX && rotate(r, err))
		return -1;
	if (file_write_all(r->fd, lines->data, lines->len, err)) {
		/* No half line may stand before the next one. */
		if (ftruncate(r->fd, (off_t)r->size))
			log_debug("'%s' ends with half a line", r->path);
		return -1;
	}
	r->size += (int64_t)lines->len;
	return 0;
}

static _Thread_local bool collects;

/* Writes what waits, until nothing does. Under the lock, which it gives up while it writes. */
static void write_waiting(struct record *r)
{
	r->writing = true;
	while (r->waiting.len) {
		struct buf lines = r->waiting;
		struct err err = { 0 };
		int rc;

		buf_init(&r->waiting, lines.max);
		pthread_mutex_unlock(&r->lock);
		rc = append(r, &lines, &err);
		buf_clear(&lines);
		pthread_mutex_lock(&r->lock);
		if (rc && !r->failing)
			log_warn("requests are not recorded: %s", err.text);
		r->failing = rc != 0;
	}
	r->writing = false;
	pthread_cond_broadcast(&r->written);
}

/* All that waits, by us or by who writes already. */
static void write_out(struct record *r)
{
	while (r->writing)
		pthread_cond_wait(&r->written, &r->lock);
	write_waiting(r);
}

/* Gives the line its number and hands it to whoever writes, or writes. */
static void hand_over(struct record *r, const struct buf *rest)
{
	size_t before;

	pthread_mutex_lock(&r->lock);
	if (r->waiting.len > WAITING_MAX)
		write_out(r);
	before = r->waiting.len;
	add_number(&r->waiting, FIRST_MEMBER, ++r->last_n);
	buf_add(&r->waiting, rest->data, rest->len);
	if (r->waiting.failed) {
		/* No memory: this line is lost, those before it are not. */
		r->waiting.failed = r->waiting.too_long = false;
		buf_cut(&r->waiting, before);
	}
	if (!r->writing && !collects)
		write_waiting(r);
	pthread_mutex_unlock(&r->lock);
}

void record_collect(void)
{
	collects = true;
}

void record_flush(struct record *r)
{
	if (!r)
		return;
	pthread_mutex_lock(&r->lock);
	if (!r->writing)
		write_waiting(r);
	pthread_mutex_unlock(&r->lock);
}

void record_add(struct record *r, const struct record_entry *e)
{
	struct buf parameters, rest;
	struct err err = { 0 };

	if (!r)
		return;
	buf_init(&parameters, RECORD_LINE_MAX - 8192);
	buf_init(&rest, RECORD_LINE_MAX);
	(void)buf_reserve(&rest, 512);
	redact_parameters(e->request, !strcmp(e->op->service, "s3"), &parameters);
	write_line(e, parameters.failed ? "{\"cut\":true}" : parameters.data, &rest);
	if (buf_check(&rest, "a record", &err))
		log_warn("a request is not recorded: %s", err.text);
	else
		hand_over(r, &rest);
	buf_clear(&rest);
	buf_wipe(&parameters);
}

static bool fits(const char *line, size_t len, const struct record_filter *f)
{
	struct err ignored;
	struct json *j;
	bool good;

	if (strncmp(line, FIRST_MEMBER, strlen(FIRST_MEMBER)) != 0 ||
	    strtoll(line + strlen(FIRST_MEMBER), NULL, 10) <= f->since)
		return false;
	if (!f->service && !f->action && !f->mutating)
		return true;
	j = json_parse(line, len, &ignored);
	good = j && (!f->service || glob_match(f->service, json_str(j, "service", ""), true)) &&
	       (!f->action || glob_match(f->action, json_str(j, "action", ""), true)) &&
	       (!f->mutating || json_bool(j, "mutating", false));
	json_free(j);
	return good;
}

static int read_file(const char *path, const struct record_filter *f, struct buf *out, struct err *err)
{
	struct buf text;
	int rc = 0;

	if (!file_exists(path))
		return 0;
	buf_init(&text, (size_t)RECORD_FILE_MAX + RECORD_LINE_MAX);
	rc = file_read(path, &text, err);
	for (const char *line = text.data, *end; !rc && (end = strchr(line, '\n')); line = end + 1)
		if (fits(line, (size_t)(end - line), f))
			buf_add(out, line, (size_t)(end - line) + 1);
	buf_clear(&text);
	return rc;
}

int record_read(struct record *r, const struct record_filter *f, struct buf *out, struct err *err)
{
	int rc;

	/* Held, so that no rotation comes between the two files. */
	pthread_mutex_lock(&r->lock);
	write_out(r);
	rc = read_file(r->old_path, f, out, err);
	if (!rc)
		rc = read_file(r->path, f, out, err);
	pthread_mutex_unlock(&r->lock);
	return rc ? rc : buf_check(out, "the record of requests", err);
}
