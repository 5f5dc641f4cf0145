#include "sandbox/history/history.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "spark/base/buf.h"
#include "spark/base/file.h"
#include "spark/base/log.h"
#include "spark/base/mem.h"

#define FILE_MAX_BYTES    ((off_t)4 * 1024 * 1024)
#define PENDING_MAX_BYTES ((size_t)4 * 1024 * 1024)
#define GATHER_MS         200 /* lines of that time are written together */
#define FIRST_ID          1001
#define RESERVED_IDS      10000

struct history {
	char *now, *older, *next;
	uid_t uid;
	gid_t gid;
	int fd;
	off_t size_bytes;

	pthread_t thread;
	bool running;
	pthread_mutex_t lock;
	pthread_cond_t wake, written; /* for the writer; for who waits for it */
	struct buf pending;           /* lines that are to be written */
	uint64_t added, done;         /* lines, ever */
	bool closing, hurry;
	_Atomic int64_t next_id;
	struct users *users; /* under the lock */
	int64_t reserved;    /* numbers below it may be given: the file says so */
	uint64_t lost;
};

/* ---- files ---- */

static int own(const struct history *h, int fd, struct err *err)
{
	if (h->uid != (uid_t)-1 && fchown(fd, h->uid, h->gid))
		return err_set_errno(err, ERR_IO, errno, "cannot give '%s' to the server's user", h->now);
	return 0;
}

/* A line that a crash cut short would spoil the one behind it. */
static int cut_torn_line(struct history *h, struct err *err)
{
	char last[65536];
	off_t end = h->size_bytes;

	while (end > 0) {
		size_t n = end < (off_t)sizeof(last) ? (size_t)end : sizeof(last);
		const char *feed;

		if (pread(h->fd, last, n, end - (off_t)n) != (ssize_t)n)
			return err_set_errno(err, ERR_IO, errno, "cannot read '%s'", h->now);
		feed = memrchr(last, '\n', n);
		if (feed) {
			end = end - (off_t)n + (feed - last) + 1;
			break;
		}
		end -= (off_t)n;
	}
	if (end == h->size_bytes)
		return 0;
	h->size_bytes = end;
	return ftruncate(h->fd, end) ? err_set_errno(err, ERR_IO, errno, "cannot cut '%s'", h->now) : 0;
}

static int open_now(struct history *h, struct err *err)
{
	struct stat st;

	/* The folder is the server user's: a link laid there must not lead us elsewhere. */
	h->fd = open(h->now, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (h->fd < 0 || fstat(h->fd, &st))
		return err_set_errno(err, ERR_IO, errno, "cannot open '%s'", h->now);
	h->size_bytes = st.st_size;
	return own(h, h->fd, err) || cut_torn_line(h, err) ? -1 : 0;
}

static int change_files(struct history *h, struct err *err)
{
	close(h->fd);
	h->fd = -1;
	if (rename(h->now, h->older))
		return err_set_errno(err, ERR_IO, errno, "cannot put '%s' aside", h->now);
	return open_now(h, err);
}

/* Without the lock. */
static int write_lines(struct history *h, const struct buf *lines, struct err *err)
{
	if (h->fd < 0 && open_now(h, err))
		return -1;
	if (h->size_bytes > 0 && h->size_bytes + (off_t)lines->len > FILE_MAX_BYTES && change_files(h, err))
		return -1;
	if (file_write_all(h->fd, lines->data, lines->len, err))
		return -1;
	h->size_bytes += (off_t)lines->len;
	return 0;
}

static int reserve(struct history *h, int64_t upto, struct err *err)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "%lld\n", (long long)upto);

	return file_write_atomic(h->next, text, (size_t)n, 0600, err);
}

static void read_reserved(struct history *h)
{
	struct buf text;

	h->next_id = FIRST_ID;
	buf_init(&text, 4096);
	if (file_exists(h->next) && !file_read(h->next, &text, NULL)) {
		long long n = strtoll(text.data, NULL, 10);

		if (n > FIRST_ID && n < INT32_MAX)
			h->next_id = n;
	}
	buf_clear(&text);
}

/* What the files tell of users, so that what is told of them from here on goes on from there. */
static void recall_users(struct history *h)
{
	static const char begins[] = "{\"k\":\"u\"";
	const char *const paths[] = { h->older, h->now };

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		struct buf text;

		buf_init(&text, (size_t)16 * FILE_MAX_BYTES);
		if (file_exists(paths[i]) && file_read(paths[i], &text, NULL))
			log_debug("'%s' cannot be read: what users were is not known", paths[i]);
		for (const char *p = text.len ? text.data : ""; *p;) {
			size_t len = strcspn(p, "\n");

			if (strncmp(p, begins, sizeof(begins) - 1) == 0)
				users_recall(h->users, p, len);
			p += len + (p[len] == '\n');
		}
		buf_clear(&text);
	}
}

/* ---- the writer ---- */

static void wait_gathering(struct history *h)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += GATHER_MS * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_nsec -= 1000000000L;
		until.tv_sec++;
	}
	while (!h->hurry && !h->closing)
		if (pthread_cond_timedwait(&h->wake, &h->lock, &until) == ETIMEDOUT)
			return;
}

static void *run_writer(void *arg)
{
	struct history *h = arg;
	struct buf lines;
	struct err err = { 0 };

	pthread_setname_np(pthread_self(), "history");
	buf_init(&lines, PENDING_MAX_BYTES + 1);
	pthread_mutex_lock(&h->lock);
	for (;;) {
		uint64_t upto;
		int64_t ids = 0;
		struct buf swap;

		while (!h->pending.len && !h->closing && h->reserved - h->next_id > RESERVED_IDS) {
			h->hurry = false;
			pthread_cond_broadcast(&h->written);
			pthread_cond_wait(&h->wake, &h->lock);
		}
		if (h->closing && !h->pending.len)
			break;
		wait_gathering(h);
		swap = h->pending;
		h->pending = lines;
		lines = swap;
		upto = h->added;
		if (h->reserved - h->next_id <= RESERVED_IDS)
			ids = h->next_id + 3 * RESERVED_IDS;
		pthread_mutex_unlock(&h->lock);
		if (lines.len && write_lines(h, &lines, &err))
			log_warn("the history of statements: %s", err.text);
		buf_reset(&lines);
		if (ids && reserve(h, ids, &err))
			log_warn("the numbers of statements: %s", err.text);
		pthread_mutex_lock(&h->lock);
		h->done = upto;
		if (ids)
			h->reserved = ids;
		pthread_cond_broadcast(&h->written);
	}
	pthread_mutex_unlock(&h->lock);
	buf_clear(&lines);
	return NULL;
}

int history_open(const char *dir, uid_t uid, gid_t gid, struct history **out, struct err *err)
{
	struct history *h = mem_alloc(sizeof(*h));
	pthread_condattr_t monotonic;
	int rc = -1;

	if (!h)
		return err_nomem(err);
	h->fd = -1;
	h->uid = uid;
	h->gid = gid;
	pthread_mutex_init(&h->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&h->wake, &monotonic);
	pthread_cond_init(&h->written, &monotonic);
	pthread_condattr_destroy(&monotonic);
	buf_init(&h->pending, PENDING_MAX_BYTES + 1);
	h->now = file_join(dir, "now");
	h->older = file_join(dir, "older");
	h->next = file_join(dir, "next");
	h->users = users_new();
	if (!h->now || !h->older || !h->next || !h->users) {
		err_nomem(err);
		goto out;
	}
	if (file_make_dirs(dir, 0700, err))
		goto out;
	if (uid != (uid_t)-1 && chown(dir, uid, gid)) {
		err_set_errno(err, ERR_IO, errno, "cannot give '%s' to the server's user", dir);
		goto out;
	}
	read_reserved(h);
	h->reserved = h->next_id + 3 * RESERVED_IDS;
	if (open_now(h, err) || reserve(h, h->reserved, err))
		goto out;
	recall_users(h);
	rc = pthread_create(&h->thread, NULL, run_writer, h);
	if (rc)
		rc = err_set_errno(err, ERR_NOMEM, rc, "cannot start the history's thread");
	h->running = !rc;
out:
	if (rc)
		history_close(h);
	else
		*out = h;
	return rc;
}

void history_close(struct history *h)
{
	if (!h)
		return;
	if (h->running) {
		pthread_mutex_lock(&h->lock);
		h->closing = true;
		pthread_cond_signal(&h->wake);
		pthread_mutex_unlock(&h->lock);
		pthread_join(h->thread, NULL);
		if (reserve(h, h->next_id, NULL))
			log_debug("the numbers of statements go on with a gap");
	}
	if (h->fd >= 0)
		close(h->fd);
	buf_clear(&h->pending);
	pthread_cond_destroy(&h->wake);
	pthread_cond_destroy(&h->written);
	pthread_mutex_destroy(&h->lock);
	mem_free(h->now);
	mem_free(h->older);
	mem_free(h->next);
	users_free(h->users);
	mem_free(h);
}

int64_t history_take_id(struct history *h)
{
	int64_t id = atomic_fetch_add_explicit(&h->next_id, 1, memory_order_relaxed);

	/* The writer looks whether more have to be reserved, long before they run out. */
	if (id % (RESERVED_IDS / 2) == 0) {
		pthread_mutex_lock(&h->lock);
		pthread_cond_signal(&h->wake);
		pthread_mutex_unlock(&h->lock);
	}
	return id;
}

/* Under the lock. */
static void add_line(struct history *h, const char *line, size_t len)
{
	if (h->pending.failed && !h->pending.len)
		buf_reset(&h->pending);
	/* Room first, so that no half line is left when there is none. */
	if (h->pending.len + len + 1 > PENDING_MAX_BYTES || !buf_reserve(&h->pending, len + 1)) {
		if (!h->lost++)
			log_warn("the history of statements is not written fast enough: some are left out");
	} else {
		if (!h->pending.len)
			pthread_cond_signal(&h->wake);
		buf_add(&h->pending, line, len);
		buf_putc(&h->pending, '\n');
		h->added++;
	}
}

void history_add(struct history *h, const char *line, size_t len)
{
	pthread_mutex_lock(&h->lock);
	add_line(h, line, len);
	pthread_mutex_unlock(&h->lock);
}

void history_add_user_change(struct history *h, const struct user_change *change, struct buf *line)
{
	pthread_mutex_lock(&h->lock);
	users_apply(h->users, change, line);
	buf_putc(line, '}');
	if (!line->failed)
		add_line(h, line->data, line->len);
	pthread_mutex_unlock(&h->lock);
}

void history_settle(struct history *h, int bound_ms)
{
	struct timespec until;
	uint64_t upto;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += bound_ms / 1000;
	until.tv_nsec += bound_ms % 1000 * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_nsec -= 1000000000L;
		until.tv_sec++;
	}
	pthread_mutex_lock(&h->lock);
	upto = h->added;
	while (h->done < upto) {
		h->hurry = true;
		pthread_cond_signal(&h->wake);
		if (pthread_cond_timedwait(&h->written, &h->lock, &until) == ETIMEDOUT)
			break;
	}
	pthread_mutex_unlock(&h->lock);
}
