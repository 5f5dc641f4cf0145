/* Runs a program up to one instant and lets something happen there.
 *
 *     instant list FILE PROGRAM ...       to its end; writes the instants that it went through, one a line
 *     instant SIGKILL POINT PROGRAM ...   a signal: SIGKILL, SIGINT, SIGTERM, SIGHUP; "SIGINT,SIGTERM" sends two
 *     instant ENOSPC POINT PROGRAM ...    the call of the system fails there: ENOSPC, EIO, EROFS, EDQUOT
 *
 * An instant is named by what the program is about to do or has just done: "before write intent CreateRole #1", "after
 * call GetRole #2", "after reply CreateCluster #1", "before database #7". The names come from the system calls
 * themselves (ptrace), so that the program that is tested is the one that is shipped, without a hook in it, and they
 * are the same in each run though its threads come in another order. Looked at are writes, fsyncs, cuts and renames of
 * the files of a journal, requests and replies of HTTP, and what goes to any other socket: the database. The exit code
 * is the program's own, 128 and the number when a signal ended it. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define TASKS_MAX  256
#define FDS_MAX    1024
#define LABELS_MAX 4096
#define LABEL_SIZE 96
#define FAILED     125

struct task {
	pid_t tid;
	bool fails;             /* what it is in was taken away from it */
	bool reads;             /* what a request waits for, from fd */
	size_t fd;              /* modulo FDS_MAX */
	char label[LABEL_SIZE]; /* of the system call that it is in; empty: not one that is looked at */
};

static struct {
	pid_t pid;
	FILE *list;
	const char *point;
	int signals[2]; /* to be sent there */
	int error;      /* that the call shall fail with */
	bool over;      /* the point was met */
	struct task tasks[TASKS_MAX];
	size_t task_count;
	bool http[FDS_MAX];                /* sockets that a request went to */
	char waiting[FDS_MAX][LABEL_SIZE]; /* the one that is not answered yet */
	char written[FDS_MAX][LABEL_SIZE]; /* the last line of a journal */
	char actions[LABELS_MAX][48];      /* by the number of their intent */
	struct {
		char label[LABEL_SIZE];
		int times;
	} counts[LABELS_MAX];
	size_t count_of;
} run;

static void die(const char *what)
{
	fprintf(stderr, "instant: %s: %s\n", what, strerror(errno));
	if (run.pid > 0)
		kill(run.pid, SIGKILL);
	exit(FAILED);
}

static struct task *task_of(pid_t tid)
{
	for (size_t i = 0; i < run.task_count; i++) {
		if (run.tasks[i].tid == tid)
			return &run.tasks[i];
	}
	if (run.task_count == TASKS_MAX) {
		errno = EAGAIN;
		die("too many threads");
	}
	run.tasks[run.task_count] = (struct task){ .tid = tid };
	return &run.tasks[run.task_count++];
}

static void forget_task(pid_t tid)
{
	struct task *t = task_of(tid);

	*t = run.tasks[--run.task_count];
}

static int count(const char label[LABEL_SIZE])
{
	for (size_t i = 0; i < run.count_of; i++) {
		if (strcmp(run.counts[i].label, label) == 0)
			return ++run.counts[i].times;
	}
	if (run.count_of == LABELS_MAX) {
		errno = EAGAIN;
		die("too many points");
	}
	memcpy(run.counts[run.count_of].label, label, LABEL_SIZE);
	return run.counts[run.count_of++].times = 1;
}

/* The call that the thread is about to make is not made. Registers are where machines differ. */
static void skip_call(pid_t tid)
{
#if defined(__x86_64__)
	struct user_regs_struct regs;
	struct iovec v = { &regs, sizeof(regs) };

	if (ptrace(PTRACE_GETREGSET, tid, (void *)NT_PRSTATUS, &v) < 0)
		die("cannot read the registers");
	regs.orig_rax = (unsigned long long)-1;
	if (ptrace(PTRACE_SETREGSET, tid, (void *)NT_PRSTATUS, &v) < 0)
		die("cannot change the registers");
#elif defined(__aarch64__)
	int none = -1;
	struct iovec v = { &none, sizeof(none) };

	if (ptrace(PTRACE_SETREGSET, tid, (void *)NT_ARM_SYSTEM_CALL, &v) < 0)
		die("cannot take the call away");
#else
	(void)tid;
	errno = ENOSYS;
	die("calls cannot be made to fail on this machine");
#endif
}

/* What was not made comes back with the error. */
static void answer_call(pid_t tid)
{
#if defined(__x86_64__) || defined(__aarch64__)
	struct user_regs_struct regs;
	struct iovec v = { &regs, sizeof(regs) };

	if (ptrace(PTRACE_GETREGSET, tid, (void *)NT_PRSTATUS, &v) < 0)
		die("cannot read the registers");
#if defined(__x86_64__)
	regs.rax = (unsigned long long)-run.error;
#else
	regs.regs[0] = (unsigned long long)-run.error;
#endif
	if (ptrace(PTRACE_SETREGSET, tid, (void *)NT_PRSTATUS, &v) < 0)
		die("cannot change the registers");
#else
	(void)tid;
#endif
}

static void act(struct task *t, bool before)
{
	run.over = true;
	for (size_t i = 0; i < 2 && run.signals[i]; i++)
		kill(run.pid, run.signals[i]);
	if (run.error && before) {
		t->fails = true;
		skip_call(t->tid);
	}
}

/* The program is at this point now. */
static void pass(struct task *t, const char *when)
{
	char full[LABEL_SIZE], numbered[LABEL_SIZE + 16];

	snprintf(full, sizeof(full), "%s %.80s", when, t->label);
	snprintf(numbered, sizeof(numbered), "%s #%d", full, count(full));
	if (run.list)
		fprintf(run.list, "%s\n", numbered);
	else if (!run.over && strcmp(numbered, run.point) == 0)
		act(t, strcmp(when, "before") == 0);
}

/* Up to size - 1 bytes of the program's memory as text. */
static size_t peek(unsigned long long at, unsigned long long len, char *out, size_t size)
{
	struct iovec to = { out, len < size - 1 ? (size_t)len : size - 1 };
	struct iovec from = { (void *)(uintptr_t)at, to.iov_len };
	ssize_t got = to.iov_len ? process_vm_readv(run.pid, &to, 1, &from, 1, 0) : 0;

	if (got < 0)
		got = 0;
	out[got] = 0;
	return (size_t)got;
}

static bool link_of_fd(unsigned long long fd, char *out, size_t size)
{
	char path[64];
	ssize_t got;

	snprintf(path, sizeof(path), "/proc/%d/fd/%llu", (int)run.pid, fd);
	got = readlink(path, out, size - 1);
	if (got < 0)
		return false;
	out[got] = 0;
	return true;
}

/* A word of the text behind the mark, up to one of the ends. */
static bool word_behind(const char *text, const char *mark, const char *ends, char *out, size_t size)
{
	const char *at = strstr(text, mark);

	if (!at)
		return false;
	at += strlen(mark);
	snprintf(out, size, "%.*s", (int)strcspn(at, ends), at);
	return out[0] != 0;
}

/* {"seq":7,...,"event":"intent","action":"CreateRole"...}: "intent CreateRole", and later "done CreateRole". */
static void name_line(const char *line, char out[LABEL_SIZE])
{
	char event[16] = "line", action[48] = "", seq[16] = "0";
	size_t number;

	(void)word_behind(line, "\"event\":\"", "\"", event, sizeof(event));
	(void)word_behind(line, "\"seq\":", ",}", seq, sizeof(seq));
	number = strtoul(seq, NULL, 10) % LABELS_MAX;
	if (word_behind(line, "\"action\":\"", "\"", action, sizeof(action)))
		memcpy(run.actions[number], action, sizeof(action));
	snprintf(out, LABEL_SIZE, "%s %s", event, event[0] == 'g' ? "" : run.actions[number]);
}

/* "CreateRole" of a request's head and the begin of its body, or the method and what is behind it. */
static bool name_request(const char *text, char out[LABEL_SIZE])
{
	static const char *const methods[] = { "POST /", "GET /", "PUT /", "HEAD /", "DELETE /" };
	bool request = false;

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		request = request || strncmp(text, methods[i], strlen(methods[i])) == 0;
	if (!request)
		return false;
	if (!word_behind(text, "\nAction=", "&\r\n ", out, LABEL_SIZE) &&
	    !word_behind(text, "-Target: ", "\r\n", out, LABEL_SIZE))
		snprintf(out, LABEL_SIZE, "%.*s",
			 (int)(strcspn(text, " ") + 1 + strcspn(strchr(text, ' ') + 1, "? \r\n")), text);
	for (char *c = out; *c; c++) {
		if (*c == ' ')
			*c = '_';
	}
	return true;
}

static bool in_journal_folder(const char *path)
{
	const char *name = strrchr(path, '/');

	return name && strncmp(name, "/journal.jsonl", strlen("/journal.jsonl")) == 0;
}

static void enter_write(struct task *t, unsigned long long fd, unsigned long long at, unsigned long long len)
{
	char path[512], text[16384], name[LABEL_SIZE];

	if (!link_of_fd(fd, path, sizeof(path)))
		return;
	if (in_journal_folder(path)) {
		peek(at, len, text, sizeof(text));
		name_line(text, run.written[fd % FDS_MAX]);
		snprintf(t->label, LABEL_SIZE, "write %.80s", run.written[fd % FDS_MAX]);
	} else if (strncmp(path, "socket:", 7) == 0) {
		peek(at, len, text, sizeof(text));
		if (name_request(text, name)) {
			run.http[fd % FDS_MAX] = true;
			memcpy(run.waiting[fd % FDS_MAX], name, LABEL_SIZE);
			snprintf(t->label, LABEL_SIZE, "call %.80s", name);
		} else if (!run.http[fd % FDS_MAX] && len > 8) { /* shorter ones wake threads */
			snprintf(t->label, LABEL_SIZE, "database");
		}
	}
}

static void enter_file(struct task *t, const char *what, unsigned long long fd)
{
	char path[512];

	if (link_of_fd(fd, path, sizeof(path)) && in_journal_folder(path))
		snprintf(t->label, LABEL_SIZE, "%s %.80s", what, run.written[fd % FDS_MAX]);
}

static void enter_rename(struct task *t, unsigned long long to)
{
	char path[512];

	peek(to, sizeof(path), path, sizeof(path));
	if (in_journal_folder(path))
		snprintf(t->label, LABEL_SIZE, "rename");
}

static void enter(struct task *t, const struct __ptrace_syscall_info *s)
{
	const __typeof__(s->entry.args[0]) *a = s->entry.args;

	t->label[0] = 0;
	t->reads = false;
	switch (s->entry.nr) {
	case SYS_write:
	case SYS_sendto:
		enter_write(t, a[0], a[1], a[2]);
		break;
	case SYS_fsync:
	case SYS_fdatasync:
		enter_file(t, "fsync", a[0]);
		break;
	case SYS_ftruncate:
		enter_file(t, "cut", a[0]);
		break;
	case SYS_renameat:
	case SYS_renameat2:
		enter_rename(t, a[3]);
		break;
#ifdef SYS_rename
	case SYS_rename:
		enter_rename(t, a[1]);
		break;
#endif
	case SYS_recvfrom:
	case SYS_read:
		t->fd = (size_t)(a[0] % FDS_MAX);
		t->reads = run.waiting[t->fd][0] != 0;
		if (t->reads)
			snprintf(t->label, LABEL_SIZE, "reply %.80s", run.waiting[t->fd]);
		return;
	case SYS_close:
		t->fd = (size_t)(a[0] % FDS_MAX);
		run.waiting[t->fd][0] = run.written[t->fd][0] = 0;
		run.http[t->fd] = false;
		return;
	default:
		return;
	}
	if (t->label[0])
		pass(t, "before");
}

static void leave(struct task *t, const struct __ptrace_syscall_info *s)
{
	if (t->fails) {
		t->fails = false;
		t->label[0] = 0;
		answer_call(t->tid);
		return;
	}
	/* a reply is met once, however many reads it takes */
	if (t->label[0] && (!t->reads || (s->exit.rval > 0 && run.waiting[t->fd][0]))) {
		if (t->reads)
			run.waiting[t->fd][0] = 0;
		pass(t, "after");
	}
	t->label[0] = 0;
}

static void stopped_in_call(pid_t tid)
{
	struct __ptrace_syscall_info s;
	struct task *t = task_of(tid);

	if (ptrace(PTRACE_GET_SYSCALL_INFO, tid, (void *)sizeof(s), &s) < 0)
		return; /* killed meanwhile */
	if (s.op == PTRACE_SYSCALL_INFO_ENTRY)
		enter(t, &s);
	else if (s.op == PTRACE_SYSCALL_INFO_EXIT)
		leave(t, &s);
}

static int follow(void)
{
	for (;;) {
		int status, sig = 0;
		pid_t tid = waitpid(-1, &status, __WALL);

		if (tid < 0)
			die("cannot wait for the program");
		if (WIFEXITED(status) || WIFSIGNALED(status)) {
			if (tid == run.pid)
				return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
			forget_task(tid);
			continue;
		}
		if (WSTOPSIG(status) == (SIGTRAP | 0x80))
			stopped_in_call(tid);
		else if (status >> 16 == 0 && WSTOPSIG(status) != SIGSTOP && WSTOPSIG(status) != SIGTRAP)
			sig = WSTOPSIG(status);
		if (ptrace(PTRACE_SYSCALL, tid, NULL, (void *)(long)sig) < 0 && errno != ESRCH)
			die("cannot go on");
	}
}

static void start(char **argv)
{
	int status;

	run.pid = fork();
	if (run.pid < 0)
		die("cannot fork");
	if (run.pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			_exit(FAILED);
		execv(argv[0], argv);
		_exit(FAILED);
	}
	if (waitpid(run.pid, &status, 0) < 0 || !WIFSTOPPED(status)) {
		errno = ENOEXEC;
		die(argv[0]);
	}
	if (ptrace(PTRACE_SETOPTIONS, run.pid, NULL,
		   (void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL)) < 0 ||
	    ptrace(PTRACE_SYSCALL, run.pid, NULL, NULL) < 0)
		die("cannot trace the program");
}

static const struct {
	const char *name;
	int signal, error;
} deeds[] = {
	{ "SIGKILL", SIGKILL, 0 }, { "SIGINT", SIGINT, 0 }, { "SIGTERM", SIGTERM, 0 }, { "SIGHUP", SIGHUP, 0 },
	{ "ENOSPC", 0, ENOSPC },   { "EIO", 0, EIO },       { "EROFS", 0, EROFS },     { "EDQUOT", 0, EDQUOT },
};

/* One deed, or two signals with a comma between them. */
static bool read_deeds(const char *text)
{
	size_t found = 0;

	for (const char *at = text; *at && found < 2; at += at[0] == ',') {
		size_t len = strcspn(at, ","), i = 0;

		while (i < sizeof(deeds) / sizeof(deeds[0]) &&
		       (strlen(deeds[i].name) != len || strncmp(deeds[i].name, at, len) != 0))
			i++;
		if (i == sizeof(deeds) / sizeof(deeds[0]))
			return false;
		run.signals[found++] = deeds[i].signal;
		run.error = deeds[i].error;
		at += len;
	}
	return found > 0;
}

int main(int argc, char **argv)
{
	bool listing = argc > 3 && strcmp(argv[1], "list") == 0;
	int code;

	if (argc < 4 || (!listing && !read_deeds(argv[1]))) {
		fprintf(stderr, "usage: instant list FILE PROGRAM [ARGUMENT ...]\n"
				"       instant SIGNAL[,SIGNAL]|ERRNO POINT PROGRAM [ARGUMENT ...]\n");
		return FAILED;
	}
	run.point = argv[2];
	if (listing) {
		run.list = fopen(argv[2], "we");
		if (!run.list)
			die(argv[2]);
	}
	start(argv + 3);
	code = follow();
	if (run.list && fclose(run.list) != 0)
		die("cannot write the list");
	return code;
}
