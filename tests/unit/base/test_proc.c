#include "unit/cm.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "spark/base/mem.h"
#include "spark/base/proc.h"

#define AS_WE_ARE (uid_t) - 1, (gid_t)-1

static int run(const char *script, int timeout_ms, struct buf *out, struct err *err)
{
	const char *argv[] = { "sh", "-c", script, NULL };
	int code = -1;

	return proc_run(argv, AS_WE_ARE, timeout_ms, out, &code, err) < 0 ? -1 : code;
}

static void test_output_and_exit_code_come_back(void **state)
{
	struct err err = { 0 };
	struct buf out;

	(void)state;
	buf_init(&out, 0);
	assert_int_equal(run("echo out; echo err >&2; exit 3", 30000, &out, &err), 3);
	assert_string_equal(out.data, "out\nerr\n");
	assert_int_equal(run("kill -TERM $$", 30000, NULL, &err), 128 + SIGTERM);
	assert_int_equal(run("read x && exit 1; exit 0", 30000, NULL, &err), 0); /* stdin is empty */
	assert_int_equal(run("exec >&- 2>&-; exit 4", 30000, NULL, &err), 4);
	buf_reset(&out);
	assert_int_equal(run("head -c 300000 /dev/zero | tr '\\0' x", 30000, &out, &err), 0);
	assert_int_equal(out.len, 300000);
	buf_clear(&out);
}

static void test_errors_come_apart_from_the_output(void **state)
{
	const char *argv[] = { "sh", "-c",
			       "echo out; echo err >&2; head -c 200000 /dev/zero | tr '\\0' e >&2; echo more; exit 5",
			       NULL };
	struct err err = { 0 };
	struct buf out, errors;
	int code = -1;

	(void)state;
	buf_init(&out, 0);
	buf_init(&errors, 0);
	assert_int_equal(proc_capture(argv, 30000, NULL, &out, &errors, &code, &err), 0);
	assert_int_equal(code, 5);
	assert_string_equal(out.data, "out\nmore\n");
	assert_int_equal(errors.len, 200004);
	assert_memory_equal(errors.data, "err\neee", 7);
	buf_clear(&out);
	buf_clear(&errors);
}

static void test_an_interrupt_ends_a_program(void **state)
{
	const char *argv[] = { "sleep", "1000", NULL };
	volatile int stop = SIGINT;
	struct err err = { 0 };
	struct buf out;
	int code = -1;

	(void)state;
	buf_init(&out, 0);
	assert_int_equal(proc_capture(argv, 30000, &stop, &out, NULL, &code, &err), -1);
	assert_int_equal(err.kind, ERR_INTERRUPTED);
	buf_clear(&out);
}

static void test_a_program_that_takes_too_long_is_killed_with_its_children(void **state)
{
	struct err err = { 0 };
	struct buf out;
	pid_t pid;

	(void)state;
	buf_init(&out, 0);
	assert_int_equal(run("sleep 1000 & echo $!; wait", 300, &out, &err), -1);
	assert_int_equal(err.kind, ERR_TIMEOUT);
	pid = (pid_t)atoi(out.data);
	assert_true(pid > 1);
	/* Killed, but reaped by whoever inherits orphans here: a zombie does not count as alive. */
	for (int i = 0; i < 1000 && proc_alive(pid, NULL); i++)
		usleep(10000);
	assert_false(proc_alive(pid, NULL));
	buf_clear(&out);
}

static void test_a_child_left_behind_does_not_hold_us_up(void **state)
{
	struct err err = { 0 };
	struct buf out;

	(void)state;
	buf_init(&out, 0);
	assert_int_equal(run("sleep 600 & echo $!", 60000, &out, &err), 0);
	assert_int_equal(kill((pid_t)atoi(out.data), SIGKILL), 0);
	buf_clear(&out);
}

static void test_a_program_ends_with_the_one_that_waits_for_it(void **state)
{
	char text[32] = "";
	int told[2];
	pid_t waiting, pid;

	(void)state;
	assert_int_equal(pipe(told), 0);
	waiting = fork();
	assert_true(waiting >= 0);
	if (waiting == 0) {
		char script[96];

		/* the number reaches us through a descriptor that the program opens anew: its own are closed */
		snprintf(script, sizeof(script), "echo $$ > /proc/%d/fd/%d; exec sleep 1000", (int)getpid(), told[1]);
		_exit(run(script, 60000, NULL, NULL) != 0);
	}
	assert_true(read(told[0], text, sizeof(text) - 1) > 0);
	pid = (pid_t)atoi(text);
	assert_true(proc_alive(pid, NULL));
	assert_int_equal(kill(waiting, SIGKILL), 0);
	assert_int_equal(waitpid(waiting, NULL, 0), waiting);
	for (int i = 0; i < 1000 && proc_alive(pid, NULL); i++)
		usleep(10000);
	assert_false(proc_alive(pid, NULL));
	close(told[0]);
	close(told[1]);
}

static void test_a_program_that_is_not_there(void **state)
{
	const char *argv[] = { "no-such-program", NULL }, *direct[] = { "/etc/passwd", NULL };
	struct err err = { 0 };
	int code;

	(void)state;
	assert_int_equal(proc_run(argv, AS_WE_ARE, 1000, NULL, &code, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_string_equal(err.text, "there is no program 'no-such-program'");
	assert_int_equal(proc_run(direct, AS_WE_ARE, 1000, NULL, &code, &err), -1);
	assert_int_equal(proc_spawn(argv, AS_WE_ARE, -1, -1, &err), -1);
}

static void test_privileges_are_dropped_in_the_child(void **state)
{
	const char *argv[] = { "sh", "-c", "id -u; id -g; id -G", NULL };
	struct err err = { 0 };
	struct buf out;
	int code;

	(void)state;
	if (geteuid() != 0)
		return; /* only root has any to drop */
	buf_init(&out, 0);
	assert_int_equal(proc_run(argv, 65534, 65534, 30000, &out, &code, &err), 0);
	assert_string_equal(out.data, "65534\n65534\n65534\n");
	buf_clear(&out);
}

static void test_a_spawned_program_keeps_only_what_it_is_given(void **state)
{
	const char *argv[] = { "sh", "-c", "ls -l /proc/self/fd >&2; echo passed >&7", NULL };
	int pass[2], log[2], status;
	char text[4096];
	ssize_t got;
	size_t len = 0;
	struct err err = { 0 };
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(pass), 0);
	assert_int_equal(pipe(log), 0);
	assert_int_equal(dup2(pass[1], 7), 7);
	assert_true(dup2(pass[1], 33) >= 0); /* not to be passed on */
	pid = proc_spawn(argv, AS_WE_ARE, log[1], 7, &err);
	assert_true(pid > 0);
	close(log[1]);
	close(pass[1]);
	close(33);
	close(7);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	while ((got = read(log[0], text + len, sizeof(text) - 1 - len)) > 0)
		len += (size_t)got;
	text[len] = '\0';
	assert_null(strstr(text, " 33 ->"));
	assert_non_null(strstr(text, " 0 -> /dev/null"));
	got = read(pass[0], text, sizeof(text));
	assert_int_equal(got, 7);
	assert_memory_equal(text, "passed\n", 7);
	close(pass[0]);
	close(log[0]);
}

static void test_programs_are_looked_for_in_order(void **state)
{
	struct buf path;

	(void)state;
	buf_init(&path, 0);
	assert_true(proc_find("sh", "/nowhere::/bin:/usr/bin", &path));
	assert_string_equal(path.data, "/bin/sh");
	buf_reset(&path);
	assert_false(proc_find("bin", "/usr", &path));    /* a folder is no program */
	assert_false(proc_find("passwd", "/etc", &path)); /* nor is a file that cannot be run */
	assert_int_equal(path.len, 0);
	assert_true(proc_find("sh", NULL, &path));
	buf_clear(&path);
}

static void test_who_is_alive(void **state)
{
	struct err err;
	char *self = proc_self_dir(&err);
	pid_t pid;

	(void)state;
	assert_true(self && strstr(self, "unit/base"));
	mem_free(self);
	assert_true(proc_alive(getpid(), NULL));
	assert_true(proc_alive(getpid(), "test_proc"));
	assert_false(proc_alive(getpid(), "postgres"));
	assert_false(proc_alive(getpid(), "test_pro"));
	assert_false(proc_alive(0, NULL));
	assert_false(proc_alive(-1, NULL));
	pid = fork();
	if (pid == 0)
		_exit(0);
	/* Until it is waited for it is a zombie, and no more alive than after that. */
	for (int i = 0; i < 1000 && proc_alive(pid, NULL); i++)
		usleep(10000);
	assert_false(proc_alive(pid, NULL));
	waitpid(pid, NULL, 0);
	assert_false(proc_alive(pid, NULL));
}

static void test_the_holder_of_a_port_is_named(void **state)
{
	struct sockaddr_in6 addr = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct sockaddr_in addr4 = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(addr4);
	int fd = socket(AF_INET, SOCK_STREAM, 0), fd6 = socket(AF_INET6, SOCK_STREAM, 0);
	char want[64];
	struct buf out;

	(void)state;
	buf_init(&out, 0);
	snprintf(want, sizeof(want), "test_proc (pid %ld)", (long)getpid());
	assert_int_equal(bind(fd, (struct sockaddr *)&addr4, sizeof(addr4)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&addr4, &len), 0);
	assert_false(proc_port_holder(ntohs(addr4.sin_port), &out)); /* bound, but does not listen */
	assert_int_equal(listen(fd, 1), 0);
	assert_true(proc_port_holder(ntohs(addr4.sin_port), &out));
	assert_string_equal(out.data, want);
	/* Machines without IPv6 have nothing to show here. */
	if (fd6 >= 0 && bind(fd6, (struct sockaddr *)&addr, sizeof(addr)) == 0) {
		len = sizeof(addr);
		assert_int_equal(getsockname(fd6, (struct sockaddr *)&addr, &len), 0);
		assert_int_equal(listen(fd6, 1), 0);
		buf_reset(&out);
		assert_true(proc_port_holder(ntohs(addr.sin6_port), &out));
		assert_string_equal(out.data, want);
	}
	close(fd);
	close(fd6);
	buf_clear(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_output_and_exit_code_come_back),
		cmocka_unit_test(test_errors_come_apart_from_the_output),
		cmocka_unit_test(test_an_interrupt_ends_a_program),
		cmocka_unit_test(test_a_program_that_takes_too_long_is_killed_with_its_children),
		cmocka_unit_test(test_a_child_left_behind_does_not_hold_us_up),
		cmocka_unit_test(test_a_program_ends_with_the_one_that_waits_for_it),
		cmocka_unit_test(test_a_program_that_is_not_there),
		cmocka_unit_test(test_privileges_are_dropped_in_the_child),
		cmocka_unit_test(test_a_spawned_program_keeps_only_what_it_is_given),
		cmocka_unit_test(test_programs_are_looked_for_in_order),
		cmocka_unit_test(test_who_is_alive),
		cmocka_unit_test(test_the_holder_of_a_port_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
