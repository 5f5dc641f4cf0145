#include "pipeline/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "spark/base/buf.h"
#include "spark/base/file.h"
#include "spark/base/json.h"
#include "spark/base/mem.h"

struct journal {
	pthread_mutex_t lock;
	const struct clock *clock;
	char *path;
	int fd;
	int64_t next_seq;
	bool unsettled; /* when it was opened */
	bool cut_off;   /* the same: with intents that no outcome and no later run answers */
};

/* A service that was sent a call has carried it out by then, or never will. */
#define IN_FLIGHT_MS 120000
/* The code of a failure that no service has told. */
#define NO_ANSWER "unknown"

static bool scan_line(const char *line, size_t len, int (*fn)(void *arg, const struct journal_entry *e), void *arg)
{
	struct err ignored;
	struct json *j = json_parse(line, len, &ignored);
	struct journal_entry e = { 0 };
	bool stop = false;

	if (json_is_object(j)) {
		e.seq = json_int(j, "seq", -1);
		e.event = json_str(j, "event", NULL);
		e.time = json_str(j, "time", "");
		e.action = json_str(j, "action", NULL);
		e.resource = json_str(j, "resource", NULL);
		e.name = json_str(j, "name", NULL);
		e.code = json_str(j, "code", NULL);
		if (e.seq >= 0 && e.event)
			stop = fn(arg, &e) != 0;
	}
	json_free(j);
	return !stop;
}

size_t journal_scan(const char *text, size_t len, int (*fn)(void *arg, const struct journal_entry *e), void *arg)
{
	const char *line = text, *stop = text + len;
	bool more = true;

	while (line < stop) {
		const char *end = memchr(line, '\n', (size_t)(stop - line));

		if (!end)
			break;
		if (more)
			more = scan_line(line, (size_t)(end - line), fn, arg);
		line = end + 1;
	}
	return (size_t)(line - text);
}

int journal_read(const char *path, int (*fn)(void *arg, const struct journal_entry *e), void *arg, struct err *err)
{
	struct buf text;
	int rc = 0;

	if (!file_exists(path))
		return 0;
	buf_init(&text, BUF_MAX_DEFAULT);
	rc = file_read(path, &text, err);
	if (rc == 0)
		(void)journal_scan(text.data, text.len, fn, arg);
	buf_clear(&text);
	return rc;
}

/* The intents that are in doubt so far. */
struct doubts {
	enum journal_doubt kind;
	int64_t *seqs;
	size_t count, cap;
	bool failed;
	int (*fn)(void *arg, const struct journal_entry *e); /* for the second pass */
	void *arg;
};

static void forget_doubt(struct doubts *d, int64_t seq)
{
	for (size_t i = 0; i < d->count; i++) {
		if (d->seqs[i] == seq)
			d->seqs[i--] = d->seqs[--d->count];
	}
}

static int note_doubt(void *arg, const struct journal_entry *e)
{
	struct doubts *d = arg;
	bool cut_off = d->kind == DOUBT_CUT_OFF;

	if (strcmp(e->event, "gone") == 0 || (cut_off && strcmp(e->event, "settled") == 0)) {
		d->count = 0;
	} else if (strcmp(e->event, "intent") == 0) {
		if (mem_grow(&d->seqs, &d->cap, d->count, sizeof(*d->seqs)) < 0) {
			d->failed = true;
			return -1;
		}
		d->seqs[d->count++] = e->seq;
	} else if (strcmp(e->event, "done") == 0 || cut_off || (e->code && strcmp(e->code, NO_ANSWER) != 0)) {
		forget_doubt(d, e->seq);
	}
	return 0;
}

static int tell_doubt(void *arg, const struct journal_entry *e)
{
	const struct doubts *d = arg;

	for (size_t i = 0; i < d->count && strcmp(e->event, "intent") == 0; i++) {
		if (d->seqs[i] == e->seq)
			return d->fn(d->arg, e);
	}
	return 0;
}

int journal_read_doubts(const char *path, enum journal_doubt doubt, int (*fn)(void *arg, const struct journal_entry *e),
			void *arg, struct err *err)
{
	struct doubts d = { .kind = doubt, .fn = fn, .arg = arg };
	int rc = journal_read(path, note_doubt, &d, err);

	if (d.failed)
		rc = err_nomem(err);
	if (rc == 0 && d.count)
		rc = journal_read(path, tell_doubt, &d, err);
	mem_free(d.seqs);
	return rc;
}

static int note_seq(void *arg, const struct journal_entry *e)
{
	int64_t *next = arg;

	if (e->seq >= *next && e->seq < INT64_MAX)
		*next = e->seq + 1;
	return 0;
}

/* Learns the last number and cuts a torn tail off, so that the next line does not grow onto it. */
static int recover(struct journal *j, struct err *err)
{
	struct buf text;
	size_t whole;
	int rc = -1;

	buf_init(&text, BUF_MAX_DEFAULT);
	if (file_read(j->path, &text, err) < 0)
		goto out;
	whole = journal_scan(text.data, text.len, note_seq, &j->next_seq);
	if (whole < text.len && (ftruncate(j->fd, (off_t)whole) < 0 || fsync(j->fd) < 0)) {
		err_set_errno(err, ERR_IO, errno, "cannot mend the journal '%s'", j->path);
		goto out;
	}
	rc = 0;
out:
	buf_clear(&text);
	return rc;
}

static int open_file(struct journal *j, struct err *err)
{
	j->fd = open(j->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (j->fd < 0)
		return err_set_errno(err, ERR_IO, errno, "cannot open the journal '%s'", j->path);
	return 0;
}

/* The folder of a file, so that its entry can be made durable. */
static int sync_folder(const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash && slash > path ? mem_strndup(path, (size_t)(slash - path)) : mem_strdup(slash ? "/" : ".");
	int rc;

	if (!dir)
		return err_nomem(err);
	rc = file_sync_dir(dir, err);
	mem_free(dir);
	return rc;
}

struct past {
	int64_t since_ms;
	int64_t first; /* intent since then; 0: none */
	int open;      /* of these, without an outcome */
	bool any;
};

static int note_past(void *arg, const struct journal_entry *e)
{
	struct past *p = arg;
	struct err ignored;
	int64_t when;

	p->any = true;
	if (strcmp(e->event, "gone") == 0) {
		p->first = 0;
		p->open = 0;
	} else if (strcmp(e->event, "settled") == 0) {
		/* says nothing of what is still under way */
	} else if (strcmp(e->event, "intent") != 0) {
		p->open -= p->first > 0 && e->seq >= p->first;
	} else if (p->first || (clock_parse(e->time, &when, &ignored) == 0 && when >= p->since_ms)) {
		p->first = p->first ? p->first : e->seq;
		p->open++;
	}
	return 0;
}

static int note_cut_off(void *arg, const struct journal_entry *e)
{
	(void)e;
	*(bool *)arg = true;
	return 1;
}

static int learn_past(struct journal *j, struct err *err)
{
	struct past p = { .since_ms = clock_now(j->clock) - IN_FLIGHT_MS };

	if (journal_read(j->path, note_past, &p, err) < 0 ||
	    journal_read_doubts(j->path, DOUBT_CUT_OFF, note_cut_off, &j->cut_off, err) < 0)
		return -1;
	j->unsettled = !p.any || p.open > 0;
	return 0;
}

bool journal_is_unsettled(const struct journal *j)
{
	return j->unsettled;
}

int journal_open(const char *path, const struct clock *clock, struct journal **out, struct err *err)
{
	struct journal *j = mem_alloc(sizeof(*j));

	if (!j)
		return err_nomem(err);
	pthread_mutex_init(&j->lock, NULL);
	j->clock = clock;
	j->fd = -1;
	j->next_seq = 1;
	j->path = mem_strdup(path);
	if (!j->path)
		err_nomem(err);
	if (!j->path || open_file(j, err) < 0 || recover(j, err) < 0 || learn_past(j, err) < 0 ||
	    sync_folder(path, err) < 0) {
		journal_close(j);
		return -1;
	}
	*out = j;
	return 0;
}

void journal_close(struct journal *j)
{
	if (!j)
		return;
	if (j->fd >= 0)
		(void)close(j->fd);
	pthread_mutex_destroy(&j->lock);
	mem_free(j->path);
	mem_free(j);
}

/* One entry as a line; members with a NULL value are left out. */
static int print_entry(const struct journal *j, const struct journal_entry *e, struct buf *out, struct err *err)
{
	const struct {
		const char *name, *value;
	} members[] = {
		{ "event", e->event }, { "action", e->action }, { "resource", e->resource },
		{ "name", e->name },   { "code", e->code },
	};
	char now[CLOCK_TEXT];
	struct json *o = json_new_object();
	int rc = -1;

	clock_iso(clock_now(j->clock), now);
	if (!o || json_set_int(o, "seq", e->seq) < 0 || json_set_str(o, "time", now) < 0)
		goto nomem;
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		if (members[i].value && json_set_str(o, members[i].name, members[i].value) < 0)
			goto nomem;
	}
	rc = json_print(o, false, out, err);
	buf_putc(out, '\n');
	if (rc == 0)
		rc = buf_check(out, "journal entry", err);
	json_free(o);
	return rc;
nomem:
	json_free(o);
	return err_nomem(err);
}

static int append(struct journal *j, const struct journal_entry *e, struct err *err)
{
	struct err ignored;
	struct buf line;
	int rc = -1;

	buf_init(&line, 64 * 1024);
	if (print_entry(j, e, &line, err) < 0)
		goto out;
	if (file_write_all(j->fd, line.data, line.len, err) < 0) {
		err_wrap(err, "cannot write the journal '%s'", j->path);
		goto out;
	}
	if (fsync(j->fd) < 0) {
		err_set_errno(err, ERR_IO, errno, "cannot write the journal '%s' to disk", j->path);
		goto out;
	}
	rc = 0;
out:
	/* a part of the line may be there: the next one must not grow onto it */
	if (rc < 0)
		(void)!recover(j, &ignored);
	buf_clear(&line);
	return rc;
}

int journal_intent(struct journal *j, const char *action, const char *resource, const char *name, int64_t *seq,
		   struct err *err)
{
	struct journal_entry e = { .event = "intent", .action = action, .resource = resource, .name = name };
	int rc;

	pthread_mutex_lock(&j->lock);
	e.seq = j->next_seq;
	rc = append(j, &e, err);
	if (rc == 0) {
		j->next_seq++;
		*seq = e.seq;
	}
	pthread_mutex_unlock(&j->lock);
	return rc;
}

int journal_outcome(struct journal *j, int64_t seq, const struct err *failure, struct err *err)
{
	struct journal_entry e = { .seq = seq, .event = failure ? "failed" : "done" };
	int rc;

	if (failure)
		e.code = failure->code[0] ? failure->code : NO_ANSWER;
	pthread_mutex_lock(&j->lock);
	rc = append(j, &e, err);
	pthread_mutex_unlock(&j->lock);
	return rc;
}

int journal_settle(struct journal *j, struct err *err)
{
	struct journal_entry e = { .event = "settled" };
	int rc = 0;

	pthread_mutex_lock(&j->lock);
	e.seq = j->next_seq;
	if (j->cut_off)
		rc = append(j, &e, err);
	if (rc == 0 && j->cut_off) {
		j->cut_off = false;
		j->next_seq++;
	}
	pthread_mutex_unlock(&j->lock);
	return rc;
}

int journal_compact(struct journal *j, struct err *err)
{
	struct journal_entry e = { .event = "gone" };
	struct buf line;
	int rc = -1;

	buf_init(&line, 64 * 1024);
	pthread_mutex_lock(&j->lock);
	e.seq = j->next_seq;
	if (print_entry(j, &e, &line, err) < 0 || file_write_atomic(j->path, line.data, line.len, 0600, err) < 0)
		goto out;
	(void)close(j->fd); /* it is the old file's */
	rc = open_file(j, err);
	j->next_seq++;
out:
	pthread_mutex_unlock(&j->lock);
	buf_clear(&line);
	return rc;
}
