#include "spark/base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "spark/base/clock.h"
#include "spark/base/env.h"
#include "spark/base/mem.h"

extern char **environ;

/* What a child gets, all worked out before the fork: behind it only async-signal-safe calls are allowed. */
struct launch {
	const char *path;
	const char *const *argv;
	uid_t uid;
	gid_t gid;
	int out_fd;     /* stdout; -1: /dev/null */
	int error_fd;   /* stderr; -1: with stdout */
	int pass_fd;    /* stays open under its number; -1: none */
	int status_fd;  /* tells errno when exec fails, closes when it works */
	bool new_group; /* a process group of its own, so that all of it can be killed */
	bool new_session;
	pid_t dies_with; /* this parent's end is the child's; 0: it lives on */
};

static bool is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

bool proc_find(const char *name, const char *dirs, struct buf *path)
{
	size_t start = path->len;

	if (strchr(name, '/')) {
		buf_puts(path, name);
		return !path->failed && is_program(name);
	}
	if (!dirs)
		dirs = env_get("PATH");
	if (!dirs)
		dirs = "/usr/local/bin:/usr/bin:/bin";
	for (const char *p = dirs;; p++) {
		size_t len = strcspn(p, ":");

		/* An empty entry would mean the current folder: never searched here. */
		if (len > 0) {
			buf_add(path, p, len);
			buf_putc(path, '/');
			buf_puts(path, name);
			if (!path->failed && is_program(path->data + start))
				return true;
			buf_cut(path, start);
		}
		p += len;
		if (*p == '\0')
			return false;
	}
}

/* Closes every descriptor from 3 up but two. */
static void close_others(int keep_a, int keep_b)
{
	int low = keep_a < keep_b ? keep_a : keep_b, high = keep_a < keep_b ? keep_b : keep_a;
	const int kept[] = { low, high };
	unsigned from = 3;

	for (size_t i = 0; i < 2; i++) {
		if (kept[i] < 3 || (unsigned)kept[i] < from)
			continue;
		if ((unsigned)kept[i] > from)
			(void)close_range(from, (unsigned)kept[i] - 1, 0);
		from = (unsigned)kept[i] + 1;
	}
	(void)close_range(from, ~0U, 0);
}

static int drop_privileges(uid_t uid, gid_t gid)
{
	if (uid == (uid_t)-1)
		return 0;
	if (setgroups(0, NULL) < 0 && geteuid() == 0)
		return -1;
	if (gid != (gid_t)-1 && setresgid(gid, gid, gid) < 0)
		return -1;
	return setresuid(uid, uid, uid);
}

static void reset_signals(void)
{
	struct sigaction plain = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		(void)sigaction(sig, &plain, NULL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* In the child. The order matters: descriptors before privileges, for /dev/null may be closed to the user. */
__attribute__((noreturn)) static void become(const struct launch *l)
{
	int null_fd = open("/dev/null", O_RDWR), error;

	reset_signals();
	if (l->new_session)
		(void)setsid();
	else if (l->new_group)
		(void)setpgid(0, 0);
	if (null_fd < 0 || dup2(null_fd, STDIN_FILENO) < 0)
		goto failed;
	if (dup2(l->out_fd >= 0 ? l->out_fd : null_fd, STDOUT_FILENO) < 0 ||
	    dup2(l->error_fd >= 0 ? l->error_fd : STDOUT_FILENO, STDERR_FILENO) < 0)
		goto failed;
	if (l->pass_fd >= 0 && fcntl(l->pass_fd, F_SETFD, 0) < 0)
		goto failed;
	close_others(l->status_fd, l->pass_fd);
	if (drop_privileges(l->uid, l->gid) < 0)
		goto failed;
	/* Behind the change of user, which undoes it; the parent may have ended before. */
	if (l->dies_with && (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != l->dies_with))
		goto failed;
	execve(l->path, (char *const *)(uintptr_t)l->argv, environ);
failed:
	error = errno;
	while (write(l->status_fd, &error, sizeof(error)) < 0 && errno == EINTR)
		continue;
	_exit(127);
}

static void reap(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
}

/* Forks and execs; -1 with err when the program did not come to run. */
static pid_t launch(struct launch *l, struct err *err)
{
	int status[2], error = 0;
	ssize_t got;
	pid_t pid;

	if (pipe2(status, O_CLOEXEC) < 0)
		return err_set_errno(err, ERR_IO, errno, "cannot start '%s'", l->argv[0]);
	l->status_fd = status[1];
	pid = fork();
	if (pid == 0)
		become(l);
	error = errno;
	close(status[1]);
	if (pid < 0) {
		close(status[0]);
		return err_set_errno(err, ERR_IO, error, "cannot start '%s'", l->argv[0]);
	}
	do {
		got = read(status[0], &error, sizeof(error));
	} while (got < 0 && errno == EINTR);
	close(status[0]);
	if (got != 0) {
		reap(pid);
		return err_set_errno(err, ERR_IO, got == sizeof(error) ? error : EIO, "cannot start '%s'", l->argv[0]);
	}
	return pid;
}

static int find_program(const char *name, struct buf *path, struct err *err)
{
	if (proc_find(name, NULL, path))
		return 0;
	if (buf_check(path, "a program's path", err) < 0)
		return -1;
	err_set(err, ERR_CONFIG, "there is no program '%s'", name);
	return err_hint(err, "install it, or add its folder to PATH");
}

/* What is readable goes into out, or nowhere. False at the end of the pipe. */
static bool read_some(int fd, struct buf *out)
{
	char chunk[16384];
	ssize_t got = read(fd, chunk, sizeof(chunk));

	if (got < 0)
		return errno == EINTR || errno == EAGAIN;
	if (out)
		buf_add(out, chunk, (size_t)got);
	return got > 0;
}

/* A program that is waited for, and the pipes that it writes to. */
struct run {
	int fds[2];         /* stdout, stderr; -1: closed, or with the other */
	struct buf *out[2]; /* NULL: dropped */
	int64_t deadline;
	const volatile int *stop;
};

static bool is_stopped(const struct run *r)
{
	return r->stop && *r->stop;
}

/* Reads what is there, waiting nap_ms at most for something. True when there was news. */
static bool read_pipes(struct run *r, int nap_ms)
{
	struct pollfd p[2] = { { .fd = r->fds[0], .events = POLLIN }, { .fd = r->fds[1], .events = POLLIN } };

	if (poll(p, 2, nap_ms) <= 0)
		return false;
	for (size_t i = 0; i < 2; i++) {
		if (p[i].revents && !read_some(r->fds[i], r->out[i])) {
			close(r->fds[i]);
			r->fds[i] = -1;
		}
	}
	return true;
}

/* Reads the pipes and waits for the program. Neither ends with the other: a program may close its output early, and
 * may leave a child behind that keeps it open. False when time ran out, or we are to stop. */
static bool follow(pid_t pid, struct run *r, int *status)
{
	bool ended = false;

	while (!ended || r->fds[0] >= 0 || r->fds[1] >= 0) {
		int64_t left = r->deadline - clock_mono(&clock_system);
		bool open = r->fds[0] >= 0 || r->fds[1] >= 0;
		int nap_ms = ended ? 0 : open && left > 20 ? 20 : 1;

		if (!ended && (left <= 0 || is_stopped(r)))
			return false;
		if (!read_pipes(r, nap_ms) && ended)
			return true;
		if (!ended)
			ended = waitpid(pid, status, WNOHANG) == pid;
	}
	return true;
}

static void end_group(pid_t pid)
{
	kill(-pid, SIGKILL);
	kill(pid, SIGKILL);
	reap(pid);
}

static int check_output(const struct run *r, struct err *err)
{
	for (size_t i = 0; i < 2; i++)
		if (r->out[i] && buf_check(r->out[i], "a program's output", err) < 0)
			return -1;
	return 0;
}

/* l lacks its path and pipes; apart: stderr has a pipe of its own. */
static int run_program(struct launch *l, struct run *r, bool apart, int timeout_ms, int *exit_code, struct err *err)
{
	int out[2] = { -1, -1 }, errors[2] = { -1, -1 }, status = 0, rc = -1;
	struct buf path;
	pid_t pid;

	r->deadline = clock_mono(&clock_system) + timeout_ms;
	r->fds[0] = r->fds[1] = -1;
	/* The thread that forks also waits, so its end is the parent's: nobody is left to read what the child says. */
	l->dies_with = getpid();
	l->new_group = true;
	buf_init(&path, 8192);
	if (find_program(l->argv[0], &path, err) < 0)
		goto out;
	if (pipe2(out, O_CLOEXEC) < 0 || (apart && pipe2(errors, O_CLOEXEC) < 0)) {
		err_set_errno(err, ERR_IO, errno, "cannot start '%s'", l->argv[0]);
		if (out[0] >= 0) {
			close(out[0]);
			close(out[1]);
		}
		goto out;
	}
	l->path = path.data;
	l->out_fd = out[1];
	l->error_fd = errors[1];
	pid = launch(l, err);
	r->fds[0] = out[0];
	r->fds[1] = errors[0];
	close(out[1]);
	if (apart)
		close(errors[1]);
	if (pid < 0)
		goto out;
	if (!follow(pid, r, &status)) {
		end_group(pid);
		if (is_stopped(r))
			err_set(err, ERR_INTERRUPTED, "interrupted while '%s' ran", l->argv[0]);
		else
			err_set(err, ERR_TIMEOUT, "'%s' did not end within %d ms", l->argv[0], timeout_ms);
		goto out;
	}
	if (check_output(r, err) < 0)
		goto out;
	*exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	rc = 0;
out:
	for (size_t i = 0; i < 2; i++)
		if (r->fds[i] >= 0)
			close(r->fds[i]);
	buf_clear(&path);
	return rc;
}

int proc_run(const char *const *argv, uid_t uid, gid_t gid, int timeout_ms, struct buf *out, int *exit_code,
	     struct err *err)
{
	struct launch l = { .argv = argv, .uid = uid, .gid = gid, .pass_fd = -1 };
	struct run r = { .out = { out, NULL } };

	return run_program(&l, &r, false, timeout_ms, exit_code, err);
}

int proc_capture(const char *const *argv, int timeout_ms, const volatile int *stop, struct buf *out, struct buf *errors,
		 int *exit_code, struct err *err)
{
	struct launch l = { .argv = argv, .uid = (uid_t)-1, .gid = (gid_t)-1, .pass_fd = -1 };
	struct run r = { .out = { out, errors }, .stop = stop };

	return run_program(&l, &r, true, timeout_ms, exit_code, err);
}

pid_t proc_spawn(const char *const *argv, uid_t uid, gid_t gid, int log_fd, int pass_fd, struct err *err)
{
	struct launch l = {
		.argv = argv,
		.uid = uid,
		.gid = gid,
		.out_fd = log_fd,
		.error_fd = -1,
		.pass_fd = pass_fd,
		.new_session = true,
	};
	struct buf path;
	pid_t pid = -1;

	buf_init(&path, 8192);
	if (find_program(argv[0], &path, err) == 0) {
		l.path = path.data;
		pid = launch(&l, err);
	}
	buf_clear(&path);
	return pid;
}
