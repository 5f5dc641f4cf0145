#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "pipeline/doctor_checks.h"
#include "pipeline/status_parts.h"
#include "spark/base/file.h"
#include "spark/base/mem.h"
#include "spark/base/proc.h"

/* Checks of this machine: what needs no service. */

/* Room for a journal and what is kept of the last look; far more than both take. */
#define STATE_ROOM_BYTES ((uint64_t)8 * 1024 * 1024)

/* Settings of the file that a variable of the environment has the better of, which surprises most. */
struct shadows {
	struct buf names;
	int count;
	char first_env[64], first_place[600];
};

static bool same_value(const struct config *a, const struct config *b, const struct option_row *row)
{
	if (row->type == OPTION_SECRET) {
		const struct secret *x = config_secret(a, row->id), *y = config_secret(b, row->id);

		return x && y && secret_equal(secret_value(x), x->len, secret_value(y), y->len);
	}
	const char *x = config_str(a, row->id), *y = config_str(b, row->id);
	return x && y && strcmp(x, y) == 0;
}

static void find_shadows(const struct config *all, const struct config *file, struct shadows *out)
{
	for (int i = 0; i < OPT_COUNT; i++) {
		const struct option_row *row = &option_rows[i];

		if (config_origin(all, row->id) != FROM_ENV || !config_is_set(file, row->id) ||
		    same_value(all, file, row))
			continue;
		if (out->count++ == 0) {
			(void)snprintf(out->first_env, sizeof(out->first_env), "%s", config_place(all, row->id));
			(void)snprintf(out->first_place, sizeof(out->first_place), "%s", config_place(file, row->id));
		}
		buf_printf(&out->names, "%s%s (%s) by %s", out->names.len ? ", " : "", row->key,
			   config_place(file, row->id), config_place(all, row->id));
	}
}

static bool holds_secrets(const struct config *file)
{
	for (int i = 0; i < OPT_COUNT; i++) {
		if (option_rows[i].type == OPTION_SECRET && config_is_set(file, option_rows[i].id))
			return true;
	}
	return false;
}

static int judge_file(const struct doctor *d, const struct config *file, const char *path, struct doctor_finding *f)
{
	struct shadows s = { .count = 0 };
	struct stat st;

	if (holds_secrets(file) && stat(path, &st) == 0 && (st.st_mode & (S_IRGRP | S_IROTH))) {
		finding_warn(f, "'%s' holds secrets and can be read by others", path);
		return finding_mend(f, "chmod 600 %s", path);
	}
	buf_init(&s.names, 4096);
	find_shadows(d->config, file, &s);
	if (s.count == 0) {
		finding_ok(f, "from '%s', nothing overrides it", path);
	} else {
		finding_warn(f, "%d setting%s of '%s' %s overridden: %.400s", s.count, s.count == 1 ? "" : "s", path,
			     s.count == 1 ? "is" : "are", s.names.data);
		finding_mend(f, "unset %s, or change %s", s.first_env, s.first_place);
	}
	buf_clear(&s.names);
	return 0;
}

int check_settings(struct doctor *d, const struct check *self, struct doctor_facts *facts, struct doctor_finding *f,
		   struct err *err)
{
	const char *path = config_path(d->config);
	struct config *file;
	int rc;

	(void)self;
	(void)facts;
	if (config_warning(d->config, 0)) {
		finding_warn(f, "%s", config_warning(d->config, 0));
		return finding_mend(f, "mend that line; dwh_template.cfg lists all keys");
	}
	if (!path)
		return finding_ok(f, "no settings file; environment, flags and defaults count");
	file = config_new(err);
	if (!file)
		return -1;
	rc = config_read_file(file, path, true, err);
	if (rc == 0)
		rc = judge_file(d, file, path, f);
	config_free(file);
	return rc;
}

/* Cut down to the nearest folder that is there. */
static void cut_to_existing(char *path)
{
	while (!file_exists(path)) {
		char *slash = strrchr(path, '/');

		if (!slash || slash == path) {
			(void)snprintf(path, strlen(path) + 1, "%s", slash ? "/" : ".");
			return;
		}
		*slash = 0;
	}
}

int check_state_folder(struct doctor *d, const struct check *self, struct doctor_facts *facts, struct doctor_finding *f,
		       struct err *err)
{
	char *dir = state_base_dir(d->config, err);
	char *there = dir ? mem_strdup(dir) : NULL;
	struct statvfs fs;

	(void)self;
	(void)facts;
	if (!there) {
		mem_free(dir);
		return dir ? err_nomem(err) : -1;
	}
	cut_to_existing(there);
	if (!file_is_dir(there)) {
		finding_fail(f, ERR_IO, "the state folder '%s' cannot be made: '%s' is no folder", dir, there);
		finding_mend(f, "give another with state_dir in section [SPARKCTL], or SPARKCTL_STATE_DIR");
	} else if (access(there, W_OK | X_OK) != 0) {
		finding_fail(f, ERR_IO, "the state folder '%s' cannot be written: %s", there, strerror(errno));
		finding_mend(f, "give another with state_dir in section [SPARKCTL], or SPARKCTL_STATE_DIR");
	} else if (statvfs(there, &fs) == 0 && (uint64_t)fs.f_bavail * fs.f_frsize < STATE_ROOM_BYTES) {
		finding_fail(f, ERR_IO, "the disk of the state folder '%s' is full", there);
		finding_mend(f, "make room: without a record of what is done, nothing is done");
	} else {
		finding_ok(f, "'%s' can be written", dir);
	}
	mem_free(dir);
	mem_free(there);
	return 0;
}

int check_psql(struct doctor *d, const struct check *self, struct doctor_facts *facts, struct doctor_finding *f,
	       struct err *err)
{
	struct buf path;

	(void)d;
	(void)self;
	(void)facts;
	(void)err;
	buf_init(&path, 8192);
	if (proc_find("psql", NULL, &path)) {
		finding_ok(f, "'%s'", path.data);
	} else {
		finding_warn(f, "psql is not installed, which 'sparkctl connect' starts");
		finding_mend(f, "apt-get install postgresql-client; 'sparkctl query' does without");
	}
	buf_clear(&path);
	return 0;
}

struct cut_off {
	int count;
	char action[64], name[128]; /* of the first */
};

static int note_cut_off(void *arg, const struct journal_entry *e)
{
	struct cut_off *c = arg;

	if (c->count++ == 0) {
		(void)snprintf(c->action, sizeof(c->action), "%s", e->action ? e->action : "a call");
		(void)snprintf(c->name, sizeof(c->name), "%s", e->name ? e->name : "");
	}
	return 0;
}

static int judge_cut_off(const struct doctor *d, const struct cut_off *c, struct doctor_finding *f)
{
	char more[64] = "";

	if (c->count == 0)
		return finding_ok(f, "nobody holds the stack, and no run was cut off");
	if (c->count > 1)
		(void)snprintf(more, sizeof(more), " and %d other call%s", c->count - 1, c->count == 2 ? "" : "s");
	finding_warn(f, "an earlier run ended in the middle of %s of '%s'%s", c->action, c->name, more);
	return finding_mend(f, "sparkctl up %s goes on, sparkctl down %s removes what there is", d->operands,
			    d->operands);
}

/* Who holds the lock has written himself into its file; the kernel knows whether he still does. *held tells. */
static int look_at_lock(const char *path, bool *held, struct buf *holder)
{
	struct err unread;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	*held = false;
	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	if (flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
		*held = true;
		if (file_read(path, holder, &unread) < 0)
			buf_reset(holder);
	}
	close(fd);
	return 0;
}

static int judge_lock(const struct doctor *d, const char *lock_path, const char *log_path, struct doctor_finding *f,
		      struct err *err)
{
	struct cut_off cut_off = { 0 };
	struct buf holder;
	bool held;
	int rc = 0;

	buf_init(&holder, 1024);
	if (look_at_lock(lock_path, &held, &holder) < 0) {
		rc = err_set_errno(err, ERR_IO, errno, "cannot read '%s'", lock_path);
	} else if (held) {
		char *end = strchr(holder.data, '\n');
		long pid = strtol(holder.data, NULL, 10);

		if (end)
			*end = 0;
		finding_warn(f, "another run holds the stack (process, host, since: %s)", holder.data);
		finding_mend(f, "wait for it, or end it: kill %ld", pid);
	} else {
		rc = journal_read_doubts(log_path, DOUBT_CUT_OFF, note_cut_off, &cut_off, err);
		if (rc == 0)
			rc = judge_cut_off(d, &cut_off, f);
	}
	buf_clear(&holder);
	return rc;
}

int check_lock(struct doctor *d, const struct check *self, struct doctor_facts *facts, struct doctor_finding *f,
	       struct err *err)
{
	char *lock = file_join(d->run->state->dir, "lock"), *log = file_join(d->run->state->dir, "journal.jsonl");
	int rc = lock && log ? judge_lock(d, lock, log, f, err) : err_nomem(err);

	(void)self;
	(void)facts;
	mem_free(lock);
	mem_free(log);
	return rc;
}
