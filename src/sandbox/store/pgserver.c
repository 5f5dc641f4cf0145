#include "sandbox/store/pgserver.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/store/pgcopy.h"
#include "sandbox/wire/backend.h"
#include "spark/base/clock.h"
#include "spark/base/file.h"
#include "spark/base/log.h"
#include "spark/base/mem.h"
#include "spark/base/proc.h"

#define SPARE_SESSIONS 40
#define START_BOUND_MS 120000 /* recovery after a crash may read a lot of log */
#define FAST_BOUND_MS  30000
#define QUIT_BOUND_MS  5000
#define POLL_MS        5
#define LOG_MAX_BYTES  (10 * 1024 * 1024)

struct pgserver {
	pid_t pid;
	bool ended;
	char *dir;
};

/* ---- a server that somebody left behind ---- */

/* The process of DIR/data/postmaster.pid, when it is a server on this very folder: numbers are given again. */
static pid_t find_stale(const char *data)
{
	char *path = file_join(data, "postmaster.pid"), link[64], cwd[4096], real[PATH_MAX];
	struct buf text;
	long pid = 0;
	ssize_t n;

	buf_init(&text, 65536);
	if (path && file_exists(path) && !file_read(path, &text, NULL))
		pid = strtol(text.data, NULL, 10);
	buf_clear(&text);
	mem_free(path);
	if (pid <= 1 || pid > INT32_MAX || !proc_alive((pid_t)pid, "postgres"))
		return 0;
	snprintf(link, sizeof(link), "/proc/%ld/cwd", pid);
	n = readlink(link, cwd, sizeof(cwd) - 1);
	if (n <= 0 || !realpath(data, real))
		return 0;
	cwd[n] = 0;
	return strcmp(cwd, real) == 0 ? (pid_t)pid : 0;
}

static bool wait_gone(pid_t pid, int bound_ms)
{
	int64_t end = clock_mono(&clock_system) + bound_ms;

	while (proc_alive(pid, "postgres")) {
		if (clock_mono(&clock_system) > end)
			return false;
		clock_sleep(&clock_system, POLL_MS, NULL);
	}
	return true;
}

static int stop_stale(const char *data, struct err *err)
{
	static const struct {
		int signal, bound_ms;
	} steps[] = { { SIGINT, FAST_BOUND_MS }, { SIGQUIT, QUIT_BOUND_MS }, { SIGKILL, QUIT_BOUND_MS } };
	pid_t pid = find_stale(data);

	if (!pid)
		return 0;
	log_info("stopping the server (pid %ld) that an earlier daemon left on '%s'", (long)pid, data);
	/* Its daemon may have died while it held the server for a copy. */
	pgcopy_thaw(pid);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		kill(pid, steps[i].signal);
		if (wait_gone(pid, steps[i].bound_ms))
			return 0;
	}
	return err_set(err, ERR_CONFLICT, "the server on '%s' (pid %ld) does not end", data, (long)pid);
}

int pgserver_stop_stale(const char *dir, struct err *err)
{
	char *data = file_join(dir, "data");
	int rc = data ? stop_stale(data, err) : err_nomem(err);

	mem_free(data);
	return rc;
}

/* ---- starting ---- */

/* In the child: only calls that are safe after a fork of a process with threads. */
__attribute__((noreturn)) static void become_server(const struct pgtools *t, char *const *argv, int log_fd,
						    pid_t parent)
{
	static char *const environment[] = { (char *)"LC_ALL=C", (char *)"TZ=UTC", (char *)"PATH=/usr/bin:/bin", NULL };
	struct sigaction plain = { .sa_handler = SIG_DFL };
	int null_fd = open("/dev/null", O_RDWR);
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		(void)sigaction(sig, &plain, NULL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)setsid();
	if (null_fd < 0 || dup2(null_fd, 0) < 0 || dup2(log_fd, 1) < 0 || dup2(log_fd, 2) < 0)
		_exit(126);
	(void)close_range(3, ~0U, 0);
	if (t->uid != (uid_t)-1 &&
	    (setgroups(0, NULL) || setresgid(t->gid, t->gid, t->gid) || setresuid(t->uid, t->uid, t->uid)))
		_exit(126);
	/* After the change of user, which resets it; should the daemon be gone already, nobody would signal us. */
	(void)prctl(PR_SET_PDEATHSIG, SIGINT);
	if (getppid() != parent || chdir("/"))
		_exit(126);
	(void)umask(077);
	execve(argv[0], argv, environment);
	_exit(127);
}

static int open_log(const struct pgtools *t, const char *dir, struct err *err)
{
	char *path = file_join(dir, "log"), *old = file_join(dir, "log.old");
	struct stat st;
	int fd = -1;

	if (!path || !old) {
		err_nomem(err);
		goto out;
	}
	if (!stat(path, &st) && st.st_size > LOG_MAX_BYTES && rename(path, old))
		log_debug("cannot put '%s' aside", path);
	/* The folder belongs to the server's user: a link laid there must not lead us elsewhere. */
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || (t->uid != (uid_t)-1 && fchown(fd, t->uid, t->gid)))
		err_set_errno(err, ERR_IO, errno, "cannot open the server's log '%s'", path);
out:
	mem_free(path);
	mem_free(old);
	return fd;
}

void pgserver_settings_clear(struct pgserver_settings *s)
{
	for (size_t i = 0; i < s->count; i++)
		mem_free(s->text[i]);
	s->count = 0;
}

static pid_t spawn(const struct pgserver_options *o, char *data, int log_fd, struct err *err)
{
	char *program = file_join(o->tools->bindir, "postgres");
	char *sockets = mem_printf("unix_socket_directories=%s", o->socket_dir);
	/* More than clients may use, for the superuser's reserve and the gateway's own questions. */
	char *most = o->max_sessions ? mem_printf("max_connections=%d", o->max_sessions + SPARE_SESSIONS) : NULL;
	char *argv[2 * PGSERVER_SETTINGS_MAX + 8] = { program, (char *)"-D", data, (char *)"-c", sockets };
	size_t n = 5;
	pid_t parent = getpid(), pid = -1;

	if (!program || !sockets || (o->max_sessions && !most)) {
		err_nomem(err);
		goto out;
	}
	for (size_t i = 0; o->settings && i < o->settings->count; i++) {
		argv[n++] = (char *)"-c";
		argv[n++] = o->settings->text[i];
	}
	if (most) {
		argv[n++] = (char *)"-c";
		argv[n++] = most;
	}
	pid = fork();
	if (pid == 0)
		become_server(o->tools, argv, log_fd, parent);
	if (pid < 0)
		err_set_errno(err, ERR_IO, errno, "cannot start '%s'", program);
out:
	mem_free(program);
	mem_free(sockets);
	mem_free(most);
	return pid;
}

bool pgserver_ended(struct pgserver *s)
{
	int status;
	pid_t r;

	if (s->ended)
		return true;
	do
		r = waitpid(s->pid, &status, WNOHANG);
	while (r < 0 && errno == EINTR);
	if (r != 0) {
		s->ended = true;
		log_info("server (pid %ld) on '%s' has ended", (long)s->pid, s->dir);
	}
	return s->ended;
}

pid_t pgserver_pid(const struct pgserver *s)
{
	return s->pid;
}

/* The last line of the log, which says why a server did not start. */
static int fail_with_log(const struct pgserver *s, struct err *err)
{
	char *path = file_join(s->dir, "log"), *line = NULL;
	struct buf text;

	buf_init(&text, LOG_MAX_BYTES * 2);
	if (path && !file_read(path, &text, NULL)) {
		while (text.len && (text.data[text.len - 1] == '\n'))
			buf_cut(&text, text.len - 1);
		line = strrchr(text.data, '\n');
		line = line ? line + 1 : text.data;
	}
	err_set(err, ERR_CONFIG, "the PostgreSQL server did not start%s%s", line && *line ? ": " : "",
		line ? line : "");
	err_hint(err, "look at '%s'", path ? path : s->dir);
	buf_clear(&text);
	mem_free(path);
	return -1;
}

static int wait_answering(struct pgserver *s, const char *socket_dir, struct err *err)
{
	int64_t end = clock_mono(&clock_system) + START_BOUND_MS;
	struct backend b;

	for (;;) {
		struct err why = { 0 };
		int rc;

		if (pgserver_ended(s))
			return fail_with_log(s, err);
		backend_init(&b);
		rc = backend_open_super(&b, socket_dir, PGSERVER_SUPERUSER, PGSERVER_HOME_DB, NULL, START_BOUND_MS,
					&why);
		backend_close(&b);
		/* 3D000: the template, before its databases are made. */
		if (!rc || strcmp(why.sqlstate, "3D000") == 0)
			return 0;
		/* 57P03: starting up; no socket yet: unreachable. Anything else will not get better. */
		if (why.kind == ERR_DATABASE && strcmp(why.sqlstate, "57P03") != 0) {
			*err = why;
			return err_wrap(err, "the PostgreSQL server does not serve");
		}
		if (clock_mono(&clock_system) > end)
			return err_set(err, ERR_TIMEOUT, "the PostgreSQL server did not answer within %d s",
				       START_BOUND_MS / 1000);
		clock_sleep(&clock_system, POLL_MS, NULL);
	}
}

int pgserver_start(const struct pgserver_options *o, struct pgserver **out, struct err *err)
{
	struct pgserver *s = mem_alloc(sizeof(*s));
	char *data = file_join(o->dir, "data");
	int log_fd = -1, rc = -1;

	if (s)
		s->dir = mem_strdup(o->dir);
	if (!s || !s->dir || !data) {
		err_nomem(err);
		goto out;
	}
	s->ended = true;
	if (stop_stale(data, err))
		goto out;
	log_fd = open_log(o->tools, o->dir, err);
	if (log_fd < 0)
		goto out;
	s->pid = spawn(o, data, log_fd, err);
	if (s->pid < 0)
		goto out;
	s->ended = false;
	if (wait_answering(s, o->socket_dir, err))
		goto out;
	log_info("server (pid %ld) on '%s' answers", (long)s->pid, s->dir);
	rc = 0;
out:
	if (log_fd >= 0)
		close(log_fd);
	mem_free(data);
	if (rc)
		pgserver_stop(s);
	else
		*out = s;
	return rc;
}

static bool wait_ended(struct pgserver *s, int bound_ms)
{
	int64_t end = clock_mono(&clock_system) + bound_ms;

	while (!pgserver_ended(s)) {
		if (clock_mono(&clock_system) > end)
			return false;
		clock_sleep(&clock_system, POLL_MS, NULL);
	}
	return true;
}

void pgserver_stop(struct pgserver *s)
{
	if (!s)
		return;
	if (!s->ended) {
		kill(s->pid, SIGINT);
		if (!wait_ended(s, FAST_BOUND_MS)) {
			log_warn("server (pid %ld) does not shut down: the quick way", (long)s->pid);
			kill(s->pid, SIGQUIT);
			if (!wait_ended(s, QUIT_BOUND_MS)) {
				kill(s->pid, SIGKILL);
				wait_ended(s, QUIT_BOUND_MS);
			}
		}
	}
	mem_free(s->dir);
	mem_free(s);
}
