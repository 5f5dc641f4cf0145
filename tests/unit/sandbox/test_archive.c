#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sandbox/archive/tar.h"
#include "spark/base/file.h"
#include "spark/base/mem.h"
#include "unit/cm.h"

static char dir[64], path[128];

static int make_dir(void **state)
{
	(void)state;
	memcpy(dir, "/tmp/spark-test-XXXXXX", sizeof("/tmp/spark-test-XXXXXX"));
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/archive", dir);
	return 0;
}

static int remove_dir(void **state)
{
	struct err err;

	(void)state;
	return file_remove_tree(dir, &err);
}

static void add(struct tar_writer *w, const char *name, const char *text)
{
	struct err err = { 0 };
	struct buf b;

	buf_init(&b, BUF_MAX_DEFAULT);
	buf_puts(&b, text);
	if (tar_add_text(w, name, &b, &err))
		fail_msg("%s", err.text);
	buf_clear(&b);
}

static struct tar_reader *open_it(void)
{
	struct tar_reader *r = NULL;
	struct err err = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(tar_open(fd, "archive", &r, &err), 0);
	return r;
}

static void write_some(void)
{
	char long_name[400];
	struct tar_writer *w = NULL;
	struct err err = { 0 };

	memset(long_name, 'n', sizeof(long_name));
	memcpy(long_name, "folder/", 7);
	long_name[sizeof(long_name) - 1] = 0;
	assert_int_equal(tar_create(path, &w, &err), 0);
	assert_int_equal(tar_add_folder(w, "folder", 0711, &err), 0);
	add(w, "folder/empty", "");
	add(w, long_name, "long");
	add(w, "folder/b\xc3\xbc k", "text");
	assert_false(file_exists(path));
	assert_int_equal(tar_finish(w, &err), 0);
}

static void what_goes_in_comes_out(void **state)
{
	struct tar_reader *r;
	struct tar_entry e;
	struct err err = { 0 };
	char text[16];

	(void)state;
	write_some();
	r = open_it();
	assert_int_equal(tar_next(r, &e, &err), 1);
	assert_string_equal(e.name, "folder");
	assert_int_equal(e.type, TAR_FOLDER);
	assert_int_equal(e.mode, 0711);
	assert_int_equal(tar_next(r, &e, &err), 1);
	assert_int_equal(e.size, 0);
	assert_int_equal(tar_next(r, &e, &err), 1);
	assert_int_equal(strlen(e.name), 399);
	/* Passed over without being read. */
	assert_int_equal(tar_next(r, &e, &err), 1);
	assert_string_equal(e.name, "folder/b\xc3\xbc k");
	assert_int_equal(tar_read(r, text, sizeof(text), &err), 4);
	assert_memory_equal(text, "text", 4);
	assert_int_equal(tar_read(r, text, sizeof(text), &err), 0);
	assert_int_equal(tar_next(r, &e, &err), 0);
	tar_close(r);
}

/* Appends names and bytes of all entries. */
static int read_all(struct buf *out, struct err *err)
{
	struct tar_reader *r = open_it();
	struct tar_entry e;
	char piece[64];
	int more;

	while ((more = tar_next(r, &e, err)) > 0) {
		ssize_t got;

		buf_puts(out, e.name);
		while ((got = tar_read(r, piece, sizeof(piece), err)) > 0)
			buf_add(out, piece, (size_t)got);
		if (got < 0) {
			more = -1;
			break;
		}
	}
	tar_close(r);
	return more;
}

/* Some bits of the compression mean nothing; but whatever is taken is what was written. */
static void no_cut_and_no_changed_byte_changes_what_is_read(void **state)
{
	struct buf whole, right, found;
	struct err err = { 0 };
	size_t refused = 0;

	(void)state;
	write_some();
	buf_init(&whole, BUF_MAX_DEFAULT);
	buf_init(&right, BUF_MAX_DEFAULT);
	buf_init(&found, BUF_MAX_DEFAULT);
	assert_int_equal(file_read(path, &whole, &err), 0);
	assert_int_equal(read_all(&right, &err), 0);
	for (size_t i = 0; i < whole.len; i++) {
		assert_int_equal(file_write_atomic(path, whole.data, i, 0600, &err), 0);
		if (read_all(&found, &err) != -1)
			fail_msg("cut at %zu it was taken", i);
		buf_reset(&found);
		whole.data[i] = (char)(whole.data[i] ^ 0x04);
		assert_int_equal(file_write_atomic(path, whole.data, whole.len, 0600, &err), 0);
		if (read_all(&found, &err))
			refused++;
		else if (found.len != right.len || memcmp(found.data, right.data, right.len) != 0)
			fail_msg("with byte %zu changed something else was read", i);
		buf_reset(&found);
		whole.data[i] = (char)(whole.data[i] ^ 0x04);
	}
	assert_true(refused > whole.len / 2);
	buf_clear(&found);
	buf_clear(&right);
	buf_clear(&whole);
}

static void names_that_lead_elsewhere_are_none(void **state)
{
	static const char *const bad[] = { "",     "/",    "/etc/passwd", "..", "../x", "a/../b",
					   "a/..", "a//b", "a/",          ".",  "./a",  "a/." };
	static const char *const good[] = { "a", "a/b", "..a", "a..", "...", ".hidden", "a/.b/c" };
	struct tar_writer *w = NULL;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(tar_create(path, &w, &err), 0);
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		if (tar_name_is_safe(bad[i]))
			fail_msg("'%s' was taken", bad[i]);
		assert_int_equal(tar_add_folder(w, bad[i], 0700, &err), -1);
	}
	for (size_t i = 0; i < COUNT_OF(good); i++)
		if (!tar_name_is_safe(good[i]))
			fail_msg("'%s' was not taken", good[i]);
	tar_abort(w);
	assert_false(file_exists(path));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_goes_in_comes_out, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(no_cut_and_no_changed_byte_changes_what_is_read, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(names_that_lead_elsewhere_are_none, make_dir, remove_dir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
