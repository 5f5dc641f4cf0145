/* Files that downloads end in. */
#include "aws/s3_part.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spark/base/buf.h"
#include "spark/base/file.h"
#include "unit/cm.h"

/* A new folder, which the test is in; files are counted below it. */
struct place {
	char dir[64];
	int home;
	int files;
};

static void enter(struct place *p)
{
	snprintf(p->dir, sizeof(p->dir), "/tmp/s3_part.XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	p->home = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(p->home >= 0);
	assert_int_equal(chdir(p->dir), 0);
}

/* The folder of the file before. */
static struct s3_folder last = S3_FOLDER_NONE;

static void leave(struct place *p)
{
	s3_folder_close(&last);
	assert_int_equal(fchdir(p->home), 0);
	close(p->home);
	assert_int_equal(file_remove_tree(p->dir, NULL), 0);
}

static int count_file(void *arg, const char *rel, int64_t size_bytes)
{
	struct place *p = arg;

	(void)rel, (void)size_bytes;
	p->files++;
	return 0;
}

static int files_below(struct place *p)
{
	struct err err = { 0 };

	p->files = 0;
	assert_int_equal(file_walk(p->dir, count_file, p, &err), 0);
	return p->files;
}

static void assert_file(const char *path, const char *text)
{
	struct err err = { 0 };
	struct buf found;

	buf_init(&found, BUF_MAX_DEFAULT);
	assert_int_equal(file_read(path, &found, &err), 0);
	assert_int_equal(found.len, strlen(text));
	assert_memory_equal(found.data, text, found.len);
	buf_clear(&found);
}

static void write_text(const char *path, const char *text)
{
	struct err err = { 0 };

	if (s3_part_write(&last, path, text, strlen(text), &err) != 0)
		fail_msg("%s", err.text);
	assert_file(path, text);
}

static void test_a_download_becomes_a_file_in_folders_that_are_made(void **state)
{
	struct place p;

	(void)state;
	enter(&p);
	write_text("plain.json", "{}");
	write_text("empty", "");
	write_text("a/b/c/deep.json", "[1]");
	write_text("a/b/c/beside.json", "[2]");
	write_text("./dotted", "x");
	assert_int_equal(files_below(&p), 5);
	leave(&p);
}

static void test_a_file_that_is_there_is_replaced_and_readers_of_the_old_one_keep_it(void **state)
{
	struct place p;
	char old[8] = "";

	(void)state;
	enter(&p);
	write_text("it", "old");
	int fd = open("it", O_RDONLY | O_CLOEXEC);
	write_text("it", "new and longer");
	assert_int_equal(read(fd, old, sizeof(old)), 3);
	assert_string_equal(old, "old");
	close(fd);
	/* What an earlier process of the same number left behind is in nobody's way. */
	char left[64];
	snprintf(left, sizeof(left), "it.part-%ld", (long)getpid());
	int part = open(left, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(part >= 0);
	close(part);
	write_text("it", "newest");
	assert_int_equal(files_below(&p), 1);
	leave(&p);
}

static void test_files_go_into_their_folder_also_when_it_was_removed_in_between(void **state)
{
	struct place p;

	(void)state;
	enter(&p);
	write_text("a/one", "1");
	write_text("ab/two", "2");
	write_text("a/three", "3");
	write_text("four", "4");
	assert_int_equal(files_below(&p), 4);
	write_text("a/five", "5");
	assert_int_equal(file_remove_tree("a", NULL), 0);
	write_text("a/six", "6");
	write_text("a/seven", "7");
	assert_int_equal(files_below(&p), 4);
	leave(&p);
}

static void test_a_file_has_the_rights_that_umask_leaves(void **state)
{
	struct place p;
	struct stat st;
	mode_t before = umask(027);

	(void)state;
	enter(&p);
	write_text("it", "x");
	assert_int_equal(stat("it", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	umask(before);
	leave(&p);
}

static void test_what_cannot_be_written_is_named_and_leaves_nothing(void **state)
{
	struct place p;
	struct err err = { 0 };

	(void)state;
	enter(&p);
	write_text("file", "x");
	assert_int_equal(s3_part_write(&last, "file/below", "y", 1, &err), -1);
	assert_int_equal(err.kind, ERR_IO);
	assert_non_null(strstr(err.text, "file"));
	assert_int_equal(mkdir("folder", 0755), 0);
	assert_int_equal(s3_part_write(&last, "folder", "y", 1, &err), -1);
	assert_int_equal(err.kind, ERR_IO);
	assert_non_null(strstr(err.text, "folder"));
	assert_int_equal(files_below(&p), 1);
	leave(&p);
}

static void test_a_part_is_gone_when_it_is_not_committed(void **state)
{
	struct place p;
	struct err err = { 0 };
	struct s3_part part = S3_PART_NONE;

	(void)state;
	enter(&p);
	assert_int_equal(s3_part_open(&part, "a/large", &err), 0);
	assert_int_equal(files_below(&p), 1);
	s3_part_close(&part);
	assert_int_equal(files_below(&p), 0);
	assert_int_equal(s3_part_open(&part, "a/large", &err), 0);
	assert_int_equal(file_write_all(part.fd, "abc", 3, &err), 0);
	assert_int_equal(s3_part_commit(&part, "a/large", &err), 0);
	s3_part_close(&part);
	assert_file("a/large", "abc");
	assert_int_equal(files_below(&p), 1);
	leave(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_download_becomes_a_file_in_folders_that_are_made),
		cmocka_unit_test(test_a_file_that_is_there_is_replaced_and_readers_of_the_old_one_keep_it),
		cmocka_unit_test(test_files_go_into_their_folder_also_when_it_was_removed_in_between),
		cmocka_unit_test(test_a_file_has_the_rights_that_umask_leaves),
		cmocka_unit_test(test_what_cannot_be_written_is_named_and_leaves_nothing),
		cmocka_unit_test(test_a_part_is_gone_when_it_is_not_committed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
