#include "sandbox/home.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spark/base/clock.h"
#include "spark/base/file.h"
#include "spark/base/json.h"
#include "spark/base/mem.h"
#include "spark/base/proc.h"

#define LOG_MAX_BYTES (10 * 1024 * 1024)
#define LOCK_TRIES    100
#define LOCK_NAP_MS   20

static int make_dir(const char *dir, struct err *err)
{
	mode_t mode = geteuid() == 0 ? 0711 : 0700;
	struct stat st;

	if (file_make_dirs(dir, mode, err)) {
		if (err && err->kind == ERR_IO)
			return err_hint(err, "choose a folder that can be written with --dir");
		return -1;
	}
	if (stat(dir, &st))
		return err_set_errno(err, ERR_IO, errno, "cannot look at '%s'", dir);
	if (st.st_uid != geteuid()) {
		err_set(err, ERR_CONFIG, "the sandbox's folder '%s' belongs to another user", dir);
		return err_hint(err, "choose another folder with --dir");
	}
	if ((st.st_mode & 07777) != mode && chmod(dir, mode))
		return err_set_errno(err, ERR_IO, errno, "cannot set the mode of '%s'", dir);
	return 0;
}

static FILE *open_log(const char *dir, struct err *err)
{
	char *path = file_join(dir, "log"), *old = file_join(dir, "log.old");
	struct stat st;
	FILE *f = NULL;
	int fd = -1;

	if (!path || !old) {
		err_nomem(err);
		goto out;
	}
	if (!stat(path, &st) && st.st_size > LOG_MAX_BYTES && rename(path, old)) {
		err_set_errno(err, ERR_IO, errno, "cannot put '%s' aside", path);
		goto out;
	}
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0)
		f = fdopen(fd, "a");
	if (!f) {
		err_set_errno(err, ERR_IO, errno, "cannot open the log '%s'", path);
		if (fd >= 0)
			close(fd);
	}
out:
	mem_free(path);
	mem_free(old);
	return f;
}

static bool holder_lives(const char *path)
{
	struct buf text;
	long pid = 0;

	buf_init(&text, 4096);
	if (!file_read(path, &text, NULL))
		pid = strtol(text.data, NULL, 10);
	buf_clear(&text);
	return pid > 1 && pid <= INT32_MAX && proc_alive((pid_t)pid, "sparkctl-sandbox");
}

/* A server that a killed daemon was just starting has the lock's descriptor for the moment until it closes it. */
static int take_lock(const char *path, struct err *err)
{
	for (int tries = 0;; tries++) {
		int fd = file_lock(path, "the sandbox", err);

		if (fd >= 0 || !err || err->kind != ERR_CONFLICT || tries == LOCK_TRIES || holder_lives(path))
			return fd;
		clock_sleep(&clock_system, LOCK_NAP_MS, NULL);
	}
}

int home_open(struct home *h, const char *dir, struct err *err)
{
	char real[PATH_MAX];
	char *lock = NULL;
	int rc = -1;

	memset(h, 0, sizeof(*h));
	h->lock_fd = -1;
	if (make_dir(dir, err))
		return -1;
	/* Other folders' links and sandbox.json need a path that holds from everywhere. */
	if (!realpath(dir, real))
		return err_set_errno(err, ERR_IO, errno, "cannot look at '%s'", dir);
	h->dir = mem_strdup(real);
	lock = file_join(real, "lock");
	if (!h->dir || !lock) {
		err_nomem(err);
		goto out;
	}
	h->lock_fd = take_lock(lock, err);
	if (h->lock_fd < 0)
		goto out;
	h->log = open_log(h->dir, err);
	if (!h->log)
		goto out;
	rc = 0;
out:
	mem_free(lock);
	if (rc)
		home_close(h);
	return rc;
}

char *home_subfolder(const struct home *h, const char *name, struct err *err)
{
	char *path = file_join(h->dir, name);

	if (!path) {
		err_nomem(err);
		return NULL;
	}
	if (file_make_dirs(path, 0700, err)) {
		mem_free(path);
		return NULL;
	}
	return path;
}

static int write_private(const struct home *h, const char *name, const struct buf *text, struct err *err)
{
	char *path = NULL;
	int rc;

	if (buf_check(text, name, err))
		return -1;
	path = file_join(h->dir, name);
	rc = path ? file_write_atomic(path, text->data, text->len, 0600, err) : err_nomem(err);
	mem_free(path);
	return rc;
}

int home_write_credentials(const struct home *h, const char *key_id, const struct secret *secret, struct err *err)
{
	struct buf text;
	int rc;

	buf_init(&text, 4096);
	/* Room for all of it at once: growing would leave a copy of the secret in freed memory. */
	if (buf_reserve(&text, 1024))
		buf_commit(&text, 0);
	buf_printf(&text, "[default]\naws_access_key_id = %s\naws_secret_access_key = ", key_id);
	buf_add(&text, secret_value(secret), secret->len);
	buf_puts(&text, "\n");
	rc = write_private(h, "credentials", &text, err);
	buf_wipe(&text);
	return rc;
}

int home_keep_strict(const struct home *h, const char *said, bool *strict, struct err *err)
{
	char *path = file_join(h->dir, "strict");
	int rc = 0;

	if (!path)
		return err_nomem(err);
	if (said && strcmp(said, "yes") == 0)
		rc = file_write_atomic(path, "yes\n", 4, 0600, err);
	else if (said && unlink(path) && errno != ENOENT)
		rc = err_set_errno(err, ERR_IO, errno, "cannot remove '%s'", path);
	*strict = file_exists(path);
	mem_free(path);
	return rc;
}

int home_announce(const struct home *h, const struct home_announcement *a, struct err *err)
{
	struct json *doc = json_new_object();
	char started[CLOCK_TEXT];
	struct buf text;
	int rc = -1;

	buf_init(&text, 16384);
	clock_iso(a->started_ms, started);
	if (!doc || json_set_int(doc, "pid", getpid()) || json_set_int(doc, "port", a->port) ||
	    json_set_str(doc, "endpoint", a->endpoint) || json_set_int(doc, "httpsPort", a->https_port) ||
	    json_set_str(doc, "httpsEndpoint", a->https_endpoint) || json_set_str(doc, "caFile", a->ca_path) ||
	    json_set_str(doc, "version", a->version) || json_set_str(doc, "started", started) ||
	    json_set_str(doc, "account", a->account) || json_set_str(doc, "region", a->region) ||
	    (a->socket_path && json_set_str(doc, "socketPath", a->socket_path)) ||
	    json_set_bool(doc, "strict", a->strict)) {
		err_nomem(err);
		goto out;
	}
	if (json_print(doc, true, &text, err))
		goto out;
	buf_putc(&text, '\n');
	rc = write_private(h, "sandbox.json", &text, err);
out:
	json_free(doc);
	buf_clear(&text);
	return rc;
}

void home_close(struct home *h)
{
	char *path = h->dir && h->lock_fd >= 0 ? file_join(h->dir, "sandbox.json") : NULL;

	if (path)
		unlink(path);
	mem_free(path);
	if (h->log)
		fclose(h->log);
	if (h->lock_fd >= 0)
		close(h->lock_fd);
	mem_free(h->dir);
	memset(h, 0, sizeof(*h));
	h->lock_fd = -1;
}
