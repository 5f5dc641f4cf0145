#include "unit/cm.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "spark/base/file.h"
#include "spark/base/mem.h"

static char dir[32];

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/sparkctl-file.XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	(void)state;
	return file_remove_tree(dir, NULL);
}

/* dir + "/" + name, in one of a few arrays. */
static const char *in(const char *name)
{
	static char paths[8][256];
	static size_t next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof(paths[0]), "%s/%s", dir, name);
	return path;
}

static void put(const char *name, const char *text, mode_t mode)
{
	struct err err = { 0 };

	if (file_write_atomic(in(name), text, strlen(text), mode, &err) < 0)
		fail_msg("%s", err.text);
}

static void assert_holds(const char *path, const char *want)
{
	struct err err = { 0 };
	struct buf text;

	buf_init(&text, 0);
	if (file_read(path, &text, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(text.data, want);
	buf_clear(&text);
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode & 07777;
}

static void test_a_file_holds_the_old_or_the_new_text_and_its_mode(void **state)
{
	struct err err = { 0 };
	mode_t old = umask(0077);

	(void)state;
	put("a", "one", 0644);
	assert_int_equal(mode_of(in("a")), 0644);
	put("a", "two", 0600);
	assert_holds(in("a"), "two");
	assert_int_equal(mode_of(in("a")), 0600);
	umask(old);
	assert_int_equal(mkdir(in("full"), 0755), 0);
	put("full/x", "x", 0600);
	assert_int_equal(file_write_atomic(in("full"), "x", 1, 0600, &err), -1);
	assert_int_equal(err.kind, ERR_IO);
	assert_int_equal(file_write_atomic(in("none/x"), "x", 1, 0600, &err), -1);
	assert_non_null(strstr(err.text, "none/x': No such file"));
}

static int count_files(void *arg, const char *rel, int64_t size_bytes)
{
	char *list = arg;
	size_t len = strlen(list);

	snprintf(list + len, 300 - len, "%s:%lld ", rel, (long long)size_bytes);
	return strcmp(rel, "stop") == 0 ? 5 : 0;
}

static void test_a_failed_write_leaves_nothing_behind(void **state)
{
	char list[300] = "";
	struct err err;

	(void)state;
	assert_int_equal(mkdir(in("taken"), 0755), 0);
	put("taken/x", "x", 0600);
	assert_int_equal(file_write_atomic(in("taken"), "new", 3, 0600, &err), -1);
	assert_int_equal(file_walk(dir, count_files, list, &err), 0);
	assert_string_equal(list, "taken/x:1 ");
}

static void test_reading_has_a_limit_to_the_byte(void **state)
{
	struct err err = { 0 };
	struct buf text;

	(void)state;
	put("ten", "1234567890", 0600);
	buf_init(&text, 10);
	assert_int_equal(file_read(in("ten"), &text, &err), 0);
	assert_int_equal(text.len, 10);
	buf_clear(&text);
	buf_init(&text, 9);
	assert_int_equal(file_read(in("ten"), &text, &err), -1);
	assert_int_equal(err.kind, ERR_PARSE);
	buf_clear(&text);
	assert_int_equal(file_read(in("nothing"), &text, &err), -1);
	assert_int_equal(err.kind, ERR_IO);
	assert_int_equal(file_read(dir, &text, &err), -1);
	buf_clear(&text);
}

static void test_folders_are_made_with_their_parents(void **state)
{
	struct err err;
	mode_t old = umask(0022);

	(void)state;
	assert_int_equal(file_make_dirs(in("p//q/r/"), 0711, &err), 0);
	assert_int_equal(file_make_dirs(in("p/q/r"), 0700, &err), 0);
	assert_int_equal(mode_of(in("p")), 0711);
	assert_int_equal(mode_of(in("p/q/r")), 0711);
	assert_true(file_is_dir(in("p/q/r")));
	put("p/file", "x", 0600);
	assert_false(file_is_dir(in("p/file")));
	assert_true(file_exists(in("p/file")));
	assert_false(file_exists(in("p/none")));
	assert_int_equal(file_make_dirs(in("p/file/below"), 0700, &err), -1);
	assert_int_equal(file_sync_dir(in("p"), &err), 0);
	assert_int_equal(file_sync_dir(in("none"), &err), -1);
	umask(old);
}

static void test_removing_does_not_follow_links(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(file_make_dirs(in("keep"), 0755, &err), 0);
	put("keep/precious", "x", 0600);
	assert_int_equal(file_make_dirs(in("gone/deep/er"), 0755, &err), 0);
	put("gone/deep/er/f", "x", 0400);
	assert_int_equal(symlink(in("keep"), in("gone/link")), 0);
	assert_int_equal(symlink("/nowhere", in("gone/dangling")), 0);
	assert_int_equal(file_remove_tree(in("gone"), &err), 0);
	assert_false(file_exists(in("gone")));
	assert_true(file_exists(in("keep/precious")));
	assert_int_equal(file_remove_tree(in("gone"), &err), 0);
	assert_int_equal(symlink(in("keep"), in("link")), 0);
	assert_int_equal(file_remove_tree(in("link"), &err), 0);
	assert_true(file_exists(in("keep/precious")));
	assert_int_equal(file_remove_tree(in("keep/precious"), &err), 0);
}

static void test_a_copied_folder_is_the_same(void **state)
{
	static char large[300000];
	struct err err = { 0 };
	struct buf text;
	char target[64];
	ssize_t len;

	(void)state;
	assert_int_equal(file_make_dirs(in("from/sub"), 0750, &err), 0);
	put("from/a", "alpha", 0640);
	put("from/empty", "", 0600);
	memset(large, 'L', sizeof(large) - 1);
	put("from/sub/large", large, 0400);
	assert_int_equal(symlink("a", in("from/link")), 0);
	assert_int_equal(mkfifo(in("from/pipe"), 0600), 0);
	if (file_copy_tree(in("from"), in("to"), &err) < 0)
		fail_msg("%s", err.text);
	assert_holds(in("to/a"), "alpha");
	assert_holds(in("to/empty"), "");
	assert_int_equal(mode_of(in("to/a")), 0640);
	assert_int_equal(mode_of(in("to/sub")), 0750);
	assert_int_equal(mode_of(in("to/sub/large")), 0400);
	buf_init(&text, 0);
	assert_int_equal(file_read(in("to/sub/large"), &text, &err), 0);
	assert_string_equal(text.data, large);
	buf_clear(&text);
	len = readlink(in("to/link"), target, sizeof(target));
	assert_int_equal(len, 1);
	assert_false(file_exists(in("to/pipe")));
	assert_int_equal(file_copy_tree(in("none"), in("to2"), &err), -1);
}

static void test_files_are_walked_in_the_order_of_their_paths(void **state)
{
	char list[300] = "";
	struct err err;

	(void)state;
	assert_int_equal(file_make_dirs(in("b/c"), 0755, &err), 0);
	put("b/c/z", "333", 0600);
	put("b-", "1", 0600);
	put("a", "", 0600);
	put("b0", "1", 0600);
	assert_int_equal(symlink("../a", in("b/filelink")), 0);
	assert_int_equal(symlink("..", in("b/up")), 0);
	assert_int_equal(symlink("nowhere", in("dangling")), 0);
	assert_int_equal(file_walk(dir, count_files, list, &err), 0);
	assert_string_equal(list, "a:0 b-:1 b/c/z:3 b/filelink:0 b0:1 ");
	put("stop", "", 0600);
	put("stop2", "", 0600);
	list[0] = '\0';
	assert_int_equal(file_walk(dir, count_files, list, &err), 5);
	assert_null(strstr(list, "stop2"));
	assert_int_equal(file_walk(in("none"), count_files, list, &err), -1);
}

static void test_paths_are_joined(void **state)
{
	char *a = file_join("/a", "b"), *b = file_join("/", "b"), *c = file_join("a/", "b/c");

	(void)state;
	assert_string_equal(a, "/a/b");
	assert_string_equal(b, "/b");
	assert_string_equal(c, "a/b/c");
	mem_free(a);
	mem_free(b);
	mem_free(c);
}

static void test_a_second_locker_is_told_who_was_first(void **state)
{
	char pid[32];
	struct err err = { 0 };
	int held, status;
	pid_t child;

	(void)state;
	held = file_lock(in("lock"), "the stack 'x'", &err);
	assert_true(held >= 0);
	child = fork();
	if (child == 0) {
		snprintf(pid, sizeof(pid), "process %ld on '", (long)getppid());
		status = file_lock(in("lock"), "the stack 'x'", &err);
		_exit(status == -1 && err.kind == ERR_CONFLICT && strstr(err.text, "the stack 'x' is in use by") &&
				      strstr(err.text, pid)
			      ? 0
			      : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	close(held);
	held = file_lock(in("lock"), "the stack 'x'", &err);
	assert_true(held >= 0);
	close(held);
	assert_int_equal(file_lock(in("none/lock"), "x", &err), -1);
	assert_int_equal(err.kind, ERR_IO);
}

static void test_a_lock_dies_with_its_owner(void **state)
{
	struct err err = { 0 };
	int status, fd;
	pid_t child = fork();

	(void)state;
	if (child == 0)
		_exit(file_lock(in("lock"), "x", &err) >= 0 ? 0 : 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	fd = file_lock(in("lock"), "x", &err);
	assert_true(fd >= 0);
	close(fd);
}

#define IN_A_DIR(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_DIR(test_a_file_holds_the_old_or_the_new_text_and_its_mode),
		IN_A_DIR(test_a_failed_write_leaves_nothing_behind),
		IN_A_DIR(test_reading_has_a_limit_to_the_byte),
		IN_A_DIR(test_folders_are_made_with_their_parents),
		IN_A_DIR(test_removing_does_not_follow_links),
		IN_A_DIR(test_a_copied_folder_is_the_same),
		IN_A_DIR(test_files_are_walked_in_the_order_of_their_paths),
		cmocka_unit_test(test_paths_are_joined),
		IN_A_DIR(test_a_second_locker_is_told_who_was_first),
		IN_A_DIR(test_a_lock_dies_with_its_owner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
