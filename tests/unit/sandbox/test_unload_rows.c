/* Rows of the server on their way into files: taken apart, worded, compressed. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sandbox/unload/pack.h"
#include "sandbox/unload/row.h"
#include "spark/base/file.h"
#include "spark/base/mem.h"
#include "unit/cm.h"

static void a_row_is_taken_apart(void **state)
{
	static const char row[] = "1\t\\N\t\t\\\\N\ta\\tb\\nc\\\\\n";
	static const char *const wanted[] = { "1", NULL, "", "\\N", "a\tb\nc\\" };
	struct unload_value v[5];
	struct buf scratch;

	(void)state;
	buf_init(&scratch, 1000);
	assert_true(unload_row_split(row, sizeof row - 1, v, 5, &scratch));
	for (size_t i = 0; i < 5; i++) {
		if (!wanted[i]) {
			assert_null(v[i].text);
			continue;
		}
		assert_int_equal(v[i].len, strlen(wanted[i]));
		assert_memory_equal(v[i].text, wanted[i], v[i].len);
	}
	assert_false(unload_row_split(row, sizeof row - 1, v, 4, &scratch));
	assert_false(unload_row_split("a\tb\n", 4, v, 3, &scratch));
	assert_false(unload_row_split("", 0, v, 2, &scratch));
	buf_clear(&scratch);
}

/* One row of a number, a text, SUPER and VARBYTE (not in JSON), by the options of a statement. */
static void worded(const char *options, const char *row, const char *wanted)
{
	struct unload_column columns[] = {
		{ .name = (char *)(uintptr_t) "n", .kind = UNLOAD_NUMBER, .type = "integer" },
		{ .name = (char *)(uintptr_t) "t", .kind = UNLOAD_CHARACTER, .type = "" },
		{ .name = (char *)(uintptr_t) "s", .kind = UNLOAD_SUPER, .type = "super" },
		{ .name = (char *)(uintptr_t) "b", .kind = UNLOAD_BYTES, .type = "" }
	};
	struct unload_columns c = { .items = columns, .count = 4 };
	struct unload_statement *s = NULL;
	struct unload_value v[4];
	struct buf scratch, out;
	struct err err = { 0 };
	char sql[300];

	snprintf(sql, sizeof sql, "unload ('select 1') to 's3://bkt/p' iam_role 'r' %s", options);
	if (unload_parse(sql, strlen(sql), &s, &err) < 0)
		fail_msg("%s: %s", options, err.text);
	if (s->format == UNLOAD_JSON)
		c.count = 3;
	buf_init(&scratch, 1000);
	buf_init(&out, 1000);
	assert_true(unload_row_split(row, strlen(row), v, c.count, &scratch));
	if (unload_row_put(s, &c, v, &out, &err) < 0)
		buf_printf(&out, "%s", err.text);
	if (strcmp(out.data, wanted) != 0)
		fail_msg("%s: %s, not %s", options, out.data, wanted);
	buf_clear(&scratch);
	buf_clear(&out);
	unload_statement_free(s);
}

static void a_row_is_worded_as_the_options_say(void **state)
{
	(void)state;
	worded("", "1\ta|b\t{\"k\": [1, \"x y\"]}\t\\\\x6162\n", "1|a|b|{\"k\":[1,\"x y\"]}|6162\n");
	worded("", "\\N\t\\N\t\\N\t\\N\n", "||null|\n");
	worded("null as '-'", "\\N\t\\N\t\\N\t\\N\n", "-|-|null|-\n");
	worded("escape", "-1\ta|b\\\\c\\nd\\re\t\"q\\\\\"|\"\t\\\\x\n", "-1|a\\|b\\\\c\\\nd\\\re|\"q\\\\\"\\|\"|\n");
	worded("escape delimiter '-'", "-1\ta-b\t1\t\\N\n", "-1-a\\-b-1-\n");
	worded("addquotes", "1\ta\"b\t1\t\\N\n", "\"1\"|\"a\"b\"|\"1\"|\"\"\n");
	worded("addquotes escape", "1\ta\"b'c\t1\t\\N\n", "\"1\"|\"a\\\"b\\'c\"|\"1\"|\"\"\n");
	worded("csv", "1\ta,b\t{\"k\": 1}\t\\\\x61\n", "1,\"a,b\",\"{\"\"k\"\":1}\",61\n");
	worded("csv delimiter '|'", "1\ta,b\t2\t\\N\n", "1|a,b|2|\n");
	worded("csv null 'x'", "\\N\tx\t2\t\\N\n", "x,x,2,x\n");
	worded("csv", "1\ta\\nb\t2\t\\N\n", "1,\"a\nb\",2,\n");
	worded("json", "1\ta\"\\\\\\n\\t\t{\"k\": [1, \"x y\"]}\n",
	       "{\"n\":1,\"t\":\"a\\\"\\\\\\n\\t\",\"s\":{\"k\":[1,\"x y\"]}}\n");
	worded("json", "\\N\t\\N\t\\N\n", "{\"n\":null,\"t\":null,\"s\":null}\n");
	worded("json", "-Infinity\t\t1\n", "{\"n\":\"-Infinity\",\"t\":\"\",\"s\":1}\n");
	worded("json", "NaN\t\t1\n", "{\"n\":\"NaN\",\"t\":\"\",\"s\":1}\n");
	worded("fixedwidth 'a:3,b:4,c:4,d:2'", "1\tab\t\\N\t\\N\n", "1  ab  null  \n");
	worded("fixedwidth 'a:1,b:4,c:4,d:2' null 'nil'", "\\N\t\\N\t1\t\\N\n", " nil 1     \n");
	worded("fixedwidth 'a:3,b:2,c:4,d:2' null 'nil'", "1\t\\N\t1\t\\N\n",
	       "1  \na value of column \"t\" has 3 bytes, and FIXEDWIDTH gives it 2");
}

/* What a program of others makes of it again. */
static void compressed_is(enum copy_compression kind, const char *program, size_t pieces)
{
	char path[] = "/tmp/unload-test.XXXXXX", command[200];
	struct unload_pack p;
	struct err err = { 0 };
	struct buf wanted, got;
	size_t n;
	FILE *pipe;
	int fd = mkostemp(path, O_CLOEXEC);

	assert_true(fd >= 0);
	buf_init(&wanted, BUF_MAX_DEFAULT);
	buf_init(&got, BUF_MAX_DEFAULT);
	assert_int_equal(unload_pack_open(&p, kind, fd, &err), 0);
	for (size_t i = 0; i < pieces; i++) {
		char piece[100];

		snprintf(piece, sizeof piece, "%zu|%zu|row\n", i, i * 7919);
		buf_puts(&wanted, piece);
		assert_int_equal(unload_pack_add(&p, piece, strlen(piece), &err), 0);
	}
	assert_int_equal(unload_pack_add(&p, "", 0, &err), 0);
	assert_int_equal(unload_pack_finish(&p, &err), 0);
	assert_int_equal(lseek(fd, 0, SEEK_END), p.written);
	unload_pack_close(&p);
	close(fd);
	snprintf(command, sizeof command, "%s <%s", program, path);
	pipe = popen(command, "re");
	assert_non_null(pipe);
	do {
		char *room = buf_reserve(&got, 65536);

		assert_non_null(room);
		n = fread(room, 1, 65536, pipe);
		buf_commit(&got, n);
	} while (n > 0);
	assert_int_equal(pclose(pipe), 0);
	assert_int_equal(got.len, wanted.len);
	assert_memory_equal(got.data, wanted.data, wanted.len);
	buf_clear(&got);
	buf_clear(&wanted);
	unlink(path);
}

static void others_unpack_what_was_packed(void **state)
{
	static const struct {
		enum copy_compression kind;
		const char *program;
	} all[] = { { COPY_PLAIN, "cat" }, { COPY_GZIP, "gzip -dc" }, { COPY_BZIP2, "bzip2 -dc" } };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(all); i++) {
		compressed_is(all[i].kind, all[i].program, 0);
		compressed_is(all[i].kind, all[i].program, 1);
		compressed_is(all[i].kind, all[i].program, 200000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_is_taken_apart),
		cmocka_unit_test(a_row_is_worded_as_the_options_say),
		cmocka_unit_test(others_unpack_what_was_packed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
