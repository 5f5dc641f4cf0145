#include "spark/cli/local.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spark/base/env.h"
#include "spark/base/file.h"
#include "spark/base/json.h"
#include "spark/base/mem.h"
#include "spark/base/proc.h"

#define DAEMON          "sparkctl-sandbox"
#define READY_WAIT_MS   120000 /* the first start prepares PostgreSQL's template */
#define READY_LINE_MAX  8192
#define OTHERS_START_MS 120000
#define TOOL_WAIT_MS    (4 * 3600 * 1000) /* to read or write a whole sandbox */

void local_clear(struct local_sandbox *s)
{
	mem_free(s->dir);
	mem_free(s->ca_file);
	mem_free(s->socket);
	memset(s, 0, sizeof(*s));
}

static int read_announcement(struct local_sandbox *s, struct err *err)
{
	struct json *doc = NULL;
	struct buf text;
	int rc = -1;
	char *path = file_join(s->dir, "sandbox.json");
	buf_init(&text, 65536);
	if (!path) {
		err_nomem(err);
		goto out;
	}
	rc = 0;
	if (!file_exists(path))
		goto out;
	rc = -1;
	if (file_read(path, &text, err) != 0) {
		/* It may have ended between the two looks. */
		rc = file_exists(path) ? -1 : 0;
		goto out;
	}
	doc = json_parse(text.data, text.len, err);
	if (!doc) {
		err_wrap(err, "'%s'", path);
		goto out;
	}
	s->ca_file = mem_strdup(json_str(doc, "caFile", NULL));
	s->socket = mem_strdup(json_str(doc, "socketPath", NULL));
	if ((!s->ca_file && json_get(doc, "caFile")) || (!s->socket && json_get(doc, "socketPath"))) {
		err_nomem(err);
		goto out;
	}
	rc = 0;
	s->pid = (pid_t)json_int(doc, "pid", 0);
	s->port = (int)json_int(doc, "port", 0);
	snprintf(s->endpoint, sizeof(s->endpoint), "%s", json_str(doc, "endpoint", ""));
	snprintf(s->https_endpoint, sizeof(s->https_endpoint), "%s", json_str(doc, "httpsEndpoint", ""));
	snprintf(s->region, sizeof(s->region), "%s", json_str(doc, "region", ""));
	snprintf(s->version, sizeof(s->version), "%s", json_str(doc, "version", ""));
	snprintf(s->started, sizeof(s->started), "%s", json_str(doc, "started", ""));
	snprintf(s->account, sizeof(s->account), "%s", json_str(doc, "account", ""));
	s->strict = json_bool(doc, "strict", false);
	/* A daemon that was killed leaves the file behind. */
	s->running = s->pid > 0 && s->endpoint[0] && proc_alive(s->pid, DAEMON);
out:
	json_free(doc);
	buf_clear(&text);
	mem_free(path);
	return rc;
}

int local_find(const struct config *config, struct local_sandbox *out, struct err *err)
{
	struct local_sandbox s = { 0 };
	const char *dir = config_str(config, OPT_SANDBOX_DIR);
	s.dir = dir ? mem_strdup(dir) : env_sandbox_dir(err);
	if (!s.dir)
		return dir ? err_nomem(err) : -1;
	if (read_announcement(&s, err) != 0) {
		local_clear(&s);
		return -1;
	}
	if (!s.running)
		s.pid = 0;
	*out = s;
	return 0;
}

/* Beside our own program, where `make install` puts it, then in PATH. */
static int find_daemon(struct buf *path, struct err *err)
{
	char *here = proc_self_dir(err);
	if (!here)
		return -1;
	char *dirs = mem_printf("%s:%s/../libexec/sparkctl", here, here);
	mem_free(here);
	if (!dirs)
		return err_nomem(err);
	bool found = proc_find(DAEMON, dirs, path) || proc_find(DAEMON, NULL, path);
	mem_free(dirs);
	if (found)
		return 0;
	err_set(err, ERR_CONFIG, "the sandbox's program '" DAEMON "' was not found");
	return err_hint(err, "it belongs beside sparkctl, or in ../libexec/sparkctl, or in PATH");
}

/* The error kinds behind the exit codes of the manual, for a failure that another program reports. */
static enum err_kind kind_of_exit_code(int code)
{
	static const struct {
		int code;
		enum err_kind kind;
	} rows[] = {
		{ 1, ERR_CHECK },    { 2, ERR_USAGE },       { 3, ERR_CONFIG },   { 4, ERR_AWS },
		{ 5, ERR_DATABASE }, { 6, ERR_UNREACHABLE }, { 7, ERR_CONFLICT },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].code == code)
			return rows[i].kind;
	}
	return ERR_BUG;
}

/* The daemon knows which port is taken, and we know which setting it came from. */
static void name_port_setting(const struct context *ctx, struct err *err)
{
	static const char taken[] = " is taken by ";
	const char *text = strstr(err->text, ": port ");
	const struct option_row *row = &option_rows[OPT_SANDBOX_PORT];
	if (err->kind != ERR_CONFLICT || !text || !strstr(text, taken))
		return;
	if (strtol(text + strlen(": port "), NULL, 10) != config_int(ctx->config, OPT_SANDBOX_PORT))
		row = &option_rows[OPT_SANDBOX_HTTPS_PORT];
	err_hint(err, "stop it, or choose another port: --%s, %s, or %s in section [%s]", row->flag, row->env, row->key,
		 row->section);
}

/* The daemon's option for its folder has another name here. */
static void name_dir_setting(struct err *err)
{
	static const char theirs[] = "--dir";
	const struct option_row *row = &option_rows[OPT_SANDBOX_DIR];
	char hint[sizeof(err->hint)];
	const char *at;
	if (!err)
		return;
	memcpy(hint, err->hint, sizeof(hint));
	at = strstr(hint, theirs);
	if (at)
		err_hint(err, "%.*s--%s (or %s in section [%s])%s", (int)(at - hint), hint, row->flag, row->key,
			 row->section, at + strlen(theirs));
}

/* "error 7 text<tab>hint" */
static int relay_failure(const struct context *ctx, const char *line, struct err *err)
{
	int code = 70;
	const char *text = line + strlen("error ");
	while (*text >= '0' && *text <= '9' && code < 1000) {
		code = (text == line + strlen("error ") ? 0 : code * 10) + (*text - '0');
		text++;
	}
	text += *text == ' ';
	size_t len = strcspn(text, "\t");
	err_set(err, kind_of_exit_code(code), "the sandbox did not start: %.*s", (int)len, text);
	if (text[len])
		err_hint(err, "%s", text + len + 1);
	name_port_setting(ctx, err);
	name_dir_setting(err);
	return -1;
}

static int died_silently(const struct local_sandbox *s, struct err *err)
{
	err_set(err, ERR_BUG, "the sandbox ended without saying why");
	return err_hint(err, "its log is '%s/log'", s->dir);
}

/* Waits for the daemon's one line on the pipe. */
static int wait_ready(const struct context *ctx, const struct local_sandbox *s, int fd, struct err *err)
{
	struct buf line;
	int rc = -1;
	int64_t until = clock_mono(ctx->clock) + READY_WAIT_MS;
	buf_init(&line, READY_LINE_MAX);
	while (!strchr(line.data, '\n')) {
		char chunk[512];
		struct pollfd p = { .fd = fd, .events = POLLIN };
		if (*ctx->stop) {
			err_set(err, ERR_INTERRUPTED, "interrupted while the sandbox was starting");
			goto out;
		}
		if (clock_mono(ctx->clock) > until) {
			err_set(err, ERR_TIMEOUT, "the sandbox was not ready after %d s", READY_WAIT_MS / 1000);
			err_hint(err, "its log is '%s/log'", s->dir);
			goto out;
		}
		if (poll(&p, 1, 100) <= 0)
			continue;
		ssize_t got = read(fd, chunk, sizeof(chunk));
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		buf_add(&line, chunk, (size_t)got);
		if (buf_check(&line, "the sandbox's announcement", err) != 0)
			goto out;
	}
	line.data[strcspn(line.data, "\n")] = 0;
	if (strncmp(line.data, "ready ", 6) == 0)
		rc = 0;
	else
		rc = strncmp(line.data, "error ", 6) == 0 ? relay_failure(ctx, line.data, err) : died_silently(s, err);
out:
	buf_clear(&line);
	return rc;
}

/* Several commands may want to start it at once; one does, the others wait. */
static int take_start_lock(const struct context *ctx, const char *dir, struct err *err)
{
	char *path = file_join(dir, "start.lock");
	if (!path)
		return err_nomem(err);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		err_set_errno(err, ERR_IO, errno, "cannot open '%s'", path);
	mem_free(path);
	int64_t until = clock_mono(ctx->clock) + OTHERS_START_MS;
	while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (clock_mono(ctx->clock) > until)
			err_set(err, ERR_TIMEOUT, "another command is still starting the sandbox");
		else if (clock_sleep(ctx->clock, 50, ctx->stop) != 0 || *ctx->stop)
			err_set(err, ERR_INTERRUPTED, "interrupted while another command starts the sandbox");
		else
			continue;
		close(fd);
		return -1;
	}
	return fd;
}

static pid_t spawn(const struct context *ctx, const struct local_sandbox *s, int ready_fd, int log_fd, struct err *err)
{
	struct buf program;
	char port[16], https_port[16], fd[16], scale[24], sessions[24];
	const char *argv[32], *allowed = config_str(ctx->config, OPT_SANDBOX_ALLOW_HOST);
	size_t n = 0;
	pid_t pid = -1;
	const char *bindir = config_str(ctx->config, OPT_SANDBOX_PG_BINDIR);
	buf_init(&program, 8192);
	if (find_daemon(&program, err) != 0)
		goto out;
	snprintf(port, sizeof(port), "%d", (int)config_int(ctx->config, OPT_SANDBOX_PORT));
	snprintf(fd, sizeof(fd), "%d", ready_fd);
	snprintf(scale, sizeof(scale), "%" PRId64, config_int(ctx->config, OPT_SANDBOX_TIME_SCALE));
	argv[n++] = program.data;
	argv[n++] = "--dir";
	argv[n++] = s->dir;
	argv[n++] = "--port";
	argv[n++] = port;
	argv[n++] = "--ready-fd";
	argv[n++] = fd;
	argv[n++] = "--time-scale";
	argv[n++] = scale;
	argv[n++] = "--region";
	argv[n++] = config_str(ctx->config, OPT_REGION);
	argv[n++] = "--bind";
	argv[n++] = config_str(ctx->config, OPT_SANDBOX_BIND);
	snprintf(sessions, sizeof(sessions), "%" PRId64, config_int(ctx->config, OPT_SANDBOX_MAX_CONNECTIONS));
	argv[n++] = "--max-connections";
	argv[n++] = sessions;
	if (allowed) {
		argv[n++] = "--allow-host";
		argv[n++] = allowed;
	}
	if (config_is_set(ctx->config, OPT_SANDBOX_HTTPS_PORT)) {
		snprintf(https_port, sizeof(https_port), "%d", (int)config_int(ctx->config, OPT_SANDBOX_HTTPS_PORT));
		argv[n++] = "--https-port";
		argv[n++] = https_port;
	}
	if (bindir) {
		argv[n++] = "--pg-bindir";
		argv[n++] = bindir;
	}
	if (strcmp(config_str(ctx->config, OPT_SANDBOX_ALLOW_RETIRED), "yes") == 0)
		argv[n++] = "--allow-retired-node-types";
	if (config_is_set(ctx->config, OPT_SANDBOX_STRICT)) {
		argv[n++] = "--strict";
		argv[n++] = config_str(ctx->config, OPT_SANDBOX_STRICT);
	}
	if (ctx->verbosity > 0)
		argv[n++] = "-v";
	argv[n] = NULL;
	pid = proc_spawn(argv, (uid_t)-1, (gid_t)-1, log_fd, ready_fd, err);
out:
	buf_clear(&program);
	return pid;
}

static int open_log(const char *dir, struct err *err)
{
	char *path = file_join(dir, "log");
	if (!path)
		return err_nomem(err);
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		err_set_errno(err, ERR_IO, errno, "cannot open '%s'", path);
	mem_free(path);
	return fd;
}

static int start_now(const struct context *ctx, const struct local_sandbox *s, struct err *err)
{
	int ends[2] = { -1, -1 }, rc = -1;
	int log_fd = open_log(s->dir, err);
	if (log_fd < 0)
		return -1;
	if (pipe2(ends, O_CLOEXEC) != 0) {
		err_set_errno(err, ERR_IO, errno, "cannot make a pipe");
		goto out;
	}
	pid_t pid = spawn(ctx, s, ends[1], log_fd, err);
	if (pid < 0)
		goto out;
	close(ends[1]);
	ends[1] = -1;
	rc = wait_ready(ctx, s, ends[0], err);
	/* Nobody has asked for a sandbox that was given up; ended politely, it leaves nothing half made. */
	if (rc != 0 && proc_alive(pid, DAEMON))
		kill(pid, SIGTERM);
out:
	for (int i = 0; i < 2; i++) {
		if (ends[i] >= 0)
			close(ends[i]);
	}
	close(log_fd);
	return rc;
}

int local_start(const struct context *ctx, struct local_sandbox *out, bool *started, struct err *err)
{
	struct local_sandbox s = { 0 };
	int lock = -1, rc = -1;
	*started = false;
	if (local_find(ctx->config, &s, err) != 0)
		return -1;
	if (s.running) {
		*out = s;
		return 0;
	}
	if (file_make_dirs(s.dir, geteuid() == 0 ? 0711 : 0700, err) != 0) {
		err_hint(err, "choose a folder that can be written with --dir");
		name_dir_setting(err);
		goto out;
	}
	lock = take_start_lock(ctx, s.dir, err);
	if (lock < 0)
		goto out;
	local_clear(&s);
	if (local_find(ctx->config, &s, err) != 0)
		goto out;
	if (!s.running) {
		if (start_now(ctx, &s, err) != 0)
			goto out;
		*started = true;
		local_clear(&s);
		if (local_find(ctx->config, &s, err) != 0)
			goto out;
	}
	if (!s.running) {
		died_silently(&s, err);
		goto out;
	}
	*out = s;
	memset(&s, 0, sizeof(s));
	rc = 0;
out:
	if (lock >= 0)
		close(lock);
	local_clear(&s);
	return rc;
}

int local_stop(const struct context *ctx, const struct local_sandbox *s, int wait_ms, struct err *err)
{
	if (!s->running)
		return 0;
	if (kill(s->pid, SIGTERM) != 0 && errno != ESRCH)
		return err_set_errno(err, ERR_IO, errno, "cannot stop the sandbox (pid %d)", (int)s->pid);
	int64_t until = clock_mono(ctx->clock) + wait_ms;
	for (int64_t nap = 5; proc_alive(s->pid, DAEMON); nap = nap < 100 ? nap * 2 : nap) {
		if (clock_mono(ctx->clock) > until) {
			err_set(err, ERR_TIMEOUT, "the sandbox (pid %d) has not ended after %d s", (int)s->pid,
				wait_ms / 1000);
			return err_hint(err, "look into '%s/log'; 'kill -9 %d' ends it, nothing that is kept is lost",
					s->dir, (int)s->pid);
		}
		if (clock_sleep(ctx->clock, nap, ctx->stop) != 0)
			return err_set(err, ERR_INTERRUPTED, "interrupted while the sandbox ends");
	}
	return 0;
}

/* "sparkctl-sandbox: text\nhint: hint\n" */
static int relay_output(int code, const char *text, struct err *err)
{
	static const char name[] = DAEMON ": ", hint[] = "\nhint: ";
	const char *begin = strstr(text, name), *behind;

	begin = begin ? begin + strlen(name) : text;
	behind = strstr(begin, hint);
	err_set(err, kind_of_exit_code(code), "%.*s", (int)strcspn(begin, "\n"), begin);
	if (behind) {
		behind += strlen(hint);
		err_hint(err, "%.*s", (int)strcspn(behind, "\n"), behind);
		name_dir_setting(err);
	}
	return -1;
}

int local_run_tool(const struct context *ctx, const char *const *options, struct err *err)
{
	const char *argv[16], *bindir = config_str(ctx->config, OPT_SANDBOX_PG_BINDIR);
	struct buf program, text;
	size_t n = 0;
	int rc = -1, code = 0;

	buf_init(&program, 8192);
	buf_init(&text, 65536);
	if (find_daemon(&program, err) != 0)
		goto out;
	argv[n++] = program.data;
	if (bindir) {
		argv[n++] = "--pg-bindir";
		argv[n++] = bindir;
	}
	while (*options && n < 15)
		argv[n++] = *options++;
	argv[n] = NULL;
	if (proc_run(argv, (uid_t)-1, (gid_t)-1, TOOL_WAIT_MS, &text, &code, err) != 0)
		goto out;
	rc = code ? relay_output(code, text.data, err) : 0;
out:
	buf_clear(&text);
	buf_clear(&program);
	return rc;
}

struct key_reading {
	struct aws_credentials *keys;
	struct err *err;
};

static int take_key(void *arg, const char *section, const char *key, const char *value, int line)
{
	const struct key_reading *r = arg;
	struct aws_credentials *c = r->keys;
	(void)line;
	if (strcmp(section, "default") != 0)
		return 0;
	if (strcmp(key, "aws_access_key_id") == 0)
		snprintf(c->access_key_id, sizeof(c->access_key_id), "%s", value);
	else if (strcmp(key, "aws_secret_access_key") == 0)
		return secret_set(&c->secret_access_key, value, r->err);
	return 0;
}

int local_credentials(const struct local_sandbox *s, struct aws_credentials *out, struct err *err)
{
	struct aws_credentials c = { .source = "sandbox" };
	struct key_reading reading = { &c, err };
	struct buf text;
	int rc = -1;
	char *path = file_join(s->dir, "credentials");
	buf_init(&text, 65536);
	if (!path) {
		err_nomem(err);
		goto out;
	}
	if (file_read(path, &text, err) != 0 ||
	    config_each_ini(path, text.data, text.len, take_key, &reading, err) != 0)
		goto out;
	if (!c.access_key_id[0] || !secret_is_set(&c.secret_access_key)) {
		err_set(err, ERR_CREDENTIALS, "'%s' holds no keys", path);
		err_hint(err, "'sparkctl sandbox stop' and 'sparkctl sandbox start' write it again");
		goto out;
	}
	*out = c;
	memset(&c, 0, sizeof(c));
	rc = 0;
out:
	aws_credentials_clear(&c);
	buf_wipe(&text);
	mem_free(path);
	return rc;
}
