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
};

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
	if (r->fd >= 0)
		close(r->fd);
	pthread_mutex_destroy(&r->lock);
	mem_free(r->path);
	mem_free(r->old_path);
	mem_free(r);
}

static void add_text(struct buf *b, const char *name, const char *text)
{
	buf_printf(b, ",\"%s\":", name);
	json_quote(b, text, strlen(text));
}

/* All but its number, which is given under the lock. */
static void write_line(const struct record_entry *e, const char *parameters, struct buf *b)
{
	char time[CLOCK_TEXT];

	clock_iso(e->now_ms, time);
	add_text(b, "time", time);
	add_text(b, "id", e->reply->request_id);
	add_text(b, "service", e->op->service);
	add_text(b, "action", e->op->action);
	buf_printf(b, ",\"mutating\":%s,\"parameters\":%s", e->op->mutating ? "true" : "false", parameters);
	/* 0: the connection broke without a reply. */
	buf_printf(b, ",\"status\":%d", e->reply->drop ? 0 : e->reply->status);
	add_text(b, "code", e->code);
	add_text(b, "caller", e->who->arn);
	add_text(b, "peer", e->request->peer_ip ? e->request->peer_ip : "");
	buf_printf(b, ",\"ms\":%lld", (long long)e->took_ms);
	add_text(b, "faults", e->faults);
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

static int append(struct record *r, const struct buf *rest, struct err *err)
{
	char number[32];
	struct buf line;
	int rc = -1;

	buf_init(&line, 2 * RECORD_LINE_MAX);
	snprintf(number, sizeof(number), FIRST_MEMBER "%lld", (long long)++r->last_n);
	buf_puts(&line, number);
	buf_add(&line, rest->data, rest->len);
	if (buf_check(&line, "a record", err))
		goto out;
	if (r->fd < 0 && open_file(r, err))
		goto out;
	if (r->size + (int64_t)line.len > RECORD_FILE_MAX && rotate(r, err))
		goto out;
	if (file_write_all(r->fd, line.data, line.len, err)) {
		/* No half line may stand before the next one. */
		if (ftruncate(r->fd, (off_t)r->size))
			log_debug("'%s' ends with half a line", r->path);
		goto out;
	}
	r->size += (int64_t)line.len;
	rc = 0;
out:
	buf_clear(&line);
	return rc;
}

void record_add(struct record *r, const struct record_entry *e)
{
	struct buf parameters, rest;
	struct err err = { 0 };
	int rc;

	if (!r)
		return;
	buf_init(&parameters, RECORD_LINE_MAX - 8192);
	buf_init(&rest, RECORD_LINE_MAX);
	redact_parameters(e->request, !strcmp(e->op->service, "s3"), &parameters);
	write_line(e, parameters.failed ? "{\"cut\":true}" : parameters.data, &rest);
	rc = buf_check(&rest, "a record", &err);
	pthread_mutex_lock(&r->lock);
	if (!rc)
		rc = append(r, &rest, &err);
	if (rc && !r->failing)
		log_warn("requests are not recorded: %s", err.text);
	r->failing = rc != 0;
	pthread_mutex_unlock(&r->lock);
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
	rc = read_file(r->old_path, f, out, err);
	if (!rc)
		rc = read_file(r->path, f, out, err);
	pthread_mutex_unlock(&r->lock);
	return rc ? rc : buf_check(out, "the record of requests", err);
}
