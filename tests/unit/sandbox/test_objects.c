/* The object store keeps what it was given, in order, whenever the process dies. */
#include "sandbox/store/objects_log.h"
#include "unit/sandbox/objects_help.h"

static void an_object_comes_back_with_all_that_was_said_of_it(void **state)
{
	struct objects *o = open_store();
	struct object_info info = { .key = (char *)(uintptr_t) "a/ключ.json", .modified_ms = 1234 }, got;

	(void)state;
	snprintf(info.etag, sizeof(info.etag), "abc-2");
	snprintf(info.content_type, sizeof(info.content_type), "application/json");
	info.metadata = json_new_object();
	assert_int_equal(json_set_str(info.metadata, "x-amz-meta-colour", "grün"), 0);
	CHECK(objects_create_bucket(o, "music", &err));
	CHECK(objects_put(o, "music", &info, "{}", 2, true, &err));
	for (int round = 0; round < 2; round++) {
		assert_true(objects_head(o, "music", info.key, &got));
		assert_string_equal(got.key, info.key);
		assert_string_equal(got.etag, "abc-2");
		assert_string_equal(got.content_type, "application/json");
		assert_int_equal(got.modified_ms, 1234);
		assert_int_equal(got.size_bytes, 2);
		assert_string_equal(json_str(got.metadata, "x-amz-meta-colour", ""), "grün");
		object_info_clear(&got);
		objects_close(o);
		o = open_store();
	}
	json_free(info.metadata);
	objects_close(o);
}

static void an_etag_that_is_not_given_is_the_md5(void **state)
{
	struct objects *o = open_store();
	struct object_info got;

	(void)state;
	CHECK(objects_create_bucket(o, "music", &err));
	put_text(o, "music", "k", "hello");
	assert_true(objects_head(o, "music", "k", &got));
	assert_string_equal(got.etag, "5d41402abc4b2a76b9719d911017c592");
	object_info_clear(&got);
	objects_close(o);
}

static void keys_are_listed_by_their_bytes(void **state)
{
	struct objects *o = open_store();

	(void)state;
	CHECK(objects_create_bucket(o, "music", &err));
	for (const char *const *k = (const char *const[]){ "b", "a/2", "é", "a", "Z", "a/10", "a!", NULL }; *k; k++)
		put_text(o, "music", *k, *k);
	expect_list(o, "music", "", "", "Z a a! a/10 a/2 b é ");
	expect_list(o, "music", "a/", "", "a/10 a/2 ");
	expect_list(o, "music", "", "a/10", "a/2 b é ");
	expect_list(o, "music", "a/", "a/10", "a/2 ");
	expect_list(o, "music", "b", "c", "");
	expect_list(o, "music", "x", "", "");
	CHECK(objects_delete(o, "music", "a", false, &err));
	CHECK(objects_delete(o, "music", "not there", false, &err));
	expect_list(o, "music", "", "", "Z a! a/10 a/2 b é ");
	objects_close(o);
	o = open_store();
	expect_list(o, "music", "", "", "Z a! a/10 a/2 b é ");
	objects_close(o);
}

static void many_keys_in_any_order_stay_sorted(void **state)
{
	struct objects *o = open_store();
	char key[64], last[64] = "";
	const unsigned total = 20011; /* a prime: the steps below visit each number once */

	(void)state;
	CHECK(objects_create_bucket(o, "music", &err));
	for (unsigned i = 0; i < total; i++) {
		snprintf(key, sizeof(key), "k/%05u", i * 7919 % total);
		put_text(o, "music", key, key);
	}
	assert_int_equal(count(o, "k/"), total);
	CHECK(objects_list(o, "music", "", "", count_and_compare, last, &err));
	assert_string_equal(last, "k/20010");
	for (unsigned i = 0; i < total; i++)
		if (i % 10) {
			snprintf(key, sizeof(key), "k/%05u", i * 104729 % total / 10 * 10 + i % 10);
			CHECK(objects_delete(o, "music", key, false, &err));
		}
	last[0] = 0;
	CHECK(objects_list(o, "music", "", "", count_and_compare, last, &err));
	objects_close(o);
	o = open_store();
	expect_text(o, "music", "k/00000", "k/00000");
	objects_close(o);
}

static int delete_while_listing(void *arg, const struct object_info *info)
{
	CHECK(objects_delete(arg, "music", info->key, false, &err));
	return 0;
}

static void objects_can_be_deleted_while_they_are_listed(void **state)
{
	struct objects *o = open_store();
	char key[32];

	(void)state;
	CHECK(objects_create_bucket(o, "music", &err));
	for (int i = 0; i < 3000; i++) {
		snprintf(key, sizeof(key), "%04d", i);
		put_text(o, "music", key, "x");
	}
	CHECK(objects_list(o, "music", "1", "", delete_while_listing, o, &err));
	assert_int_equal(count(o, ""), 2000);
	CHECK(objects_list(o, "music", "", "", delete_while_listing, o, &err));
	assert_true(objects_bucket_empty(o, "music"));
	objects_close(o);
}

static void log_path(char out[128], const char *of)
{
	snprintf(out, 128, "%s/%s/log", of, "music");
}

/* Whatever the log's length is when the machine stops: what was complete is there, nothing else, and it opens. */
static void a_torn_tail_at_every_byte_loses_only_what_was_torn(void **state)
{
	struct objects *o = open_store();
	struct log_record r;
	struct buf whole;
	uint32_t salt;
	char path[128];
	off_t ends[4] = { LOG_HEADER_SIZE };

	(void)state;
	log_path(path, dir);
	CHECK(objects_create_bucket(o, "music", &err));
	put_text(o, "music", "one", "first value");
	put_text(o, "music", "two", "second");
	CHECK(objects_delete(o, "music", "one", true, &err));
	objects_close(o);
	buf_init(&whole, BUF_MAX_DEFAULT);
	CHECK(file_read(path, &whole, &err));
	assert_true(log_header_decode(whole.data, whole.len, &salt));
	for (int i = 0; i < 3; i++) {
		assert_true(log_record_decode(whole.data + ends[i], whole.len - (size_t)ends[i], salt, &r));
		ends[i + 1] = ends[i] + (off_t)r.total;
	}
	for (off_t cut = 0; cut <= (off_t)whole.len; cut++) {
		CHECK(file_write_atomic(path, whole.data, (size_t)cut, 0600, &err));
		o = open_store();
		expect_list(o, "music", "", "",
			    cut >= ends[3]   ? "two "
			    : cut >= ends[2] ? "one two "
			    : cut >= ends[1] ? "one "
					     : "");
		put_text(o, "music", "after", "goes on");
		objects_close(o);
		o = open_store();
		expect_text(o, "music", "after", "goes on");
		objects_close(o);
	}
	buf_clear(&whole);
}

static void damage_before_other_records_is_told_and_nothing_is_cut(void **state)
{
	struct objects *o = open_store();
	struct err failure = { 0 };
	struct stat before, after;
	char path[128];
	int fd;

	(void)state;
	log_path(path, dir);
	CHECK(objects_create_bucket(o, "music", &err));
	put_text(o, "music", "one", "first value");
	put_text(o, "music", "two", "second");
	objects_close(o);
	fd = open(path, O_WRONLY);
	assert_int_equal(pwrite(fd, "?", 1, 16 + 50), 1);
	close(fd);
	assert_int_equal(stat(path, &before), 0);
	o = NULL;
	assert_int_equal(objects_open(dir, &o, &failure), -1);
	assert_int_equal(failure.kind, ERR_IO);
	assert_non_null(strstr(failure.text, path));
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(before.st_size, after.st_size);
}

/* The log as the running store has it: what a kill or a power failure finds. */
static void read_log(const char *path, struct buf *out, struct log_record *records, int wanted, off_t *ends)
{
	uint32_t salt;
	off_t at = LOG_HEADER_SIZE;

	buf_init(out, BUF_MAX_DEFAULT);
	CHECK(file_read(path, out, &err));
	assert_true(log_header_decode(out->data, out->len, &salt));
	for (int i = 0; i < wanted; i++) {
		assert_true(log_record_decode(out->data + at, out->len - (size_t)at, salt, &records[i]));
		at += (off_t)records[i].total;
		ends[i] = at;
	}
}

static void a_killed_store_leaves_room_behind_its_objects_which_is_no_loss(void **state)
{
	struct objects *o = open_store();
	struct log_record r[2];
	struct buf log;
	char path[128];
	off_t ends[2];

	(void)state;
	log_path(path, dir);
	CHECK(objects_create_bucket(o, "music", &err));
	put_text(o, "music", "one", "first value");
	put_text(o, "music", "two", "second");
	read_log(path, &log, r, 2, ends);
	assert_true(log.len > (size_t)ends[1]);
	for (size_t i = (size_t)ends[1]; i < log.len; i++)
		assert_int_equal(log.data[i], 0);
	objects_close(o);
	CHECK(file_write_atomic(path, log.data, log.len, 0600, &err));
	o = open_store();
	expect_list(o, "music", "", "", "one two ");
	put_text(o, "music", "three", "goes on");
	objects_close(o);
	o = open_store();
	expect_text(o, "music", "three", "goes on");
	objects_close(o);
	buf_clear(&log);
}

/* Of what no fsync had covered a power failure may keep the end and lose the beginning. */
static void a_gap_in_what_was_not_durable_is_a_torn_tail_and_no_damage(void **state)
{
	struct objects *o = open_store();
	struct log_record r[4];
	struct err failure = { 0 };
	struct buf log;
	char path[128];
	off_t ends[4];

	(void)state;
	log_path(path, dir);
	CHECK(objects_create_bucket(o, "music", &err));
	put_text(o, "music", "kept", "durable");
	CHECK(objects_sync(o, "music", &err));
	put_text(o, "music", "lost", "in the same batch as the next");
	put_text(o, "music", "stands alone", "but was never acknowledged");
	read_log(path, &log, r, 4, ends);
	assert_int_equal(r[1].kind, LOG_SEAL);
	/* This one's room on the disk was not written, the next one's was. */
	memset(log.data + ends[1], 0, (size_t)(ends[2] - ends[1]));
	objects_close(o);
	CHECK(file_write_atomic(path, log.data, log.len, 0600, &err));
	o = open_store();
	expect_list(o, "music", "", "", "kept ");
	objects_close(o);
	/* The same gap where an fsync had been: bytes have gone that a client was promised. */
	memset(log.data + LOG_HEADER_SIZE, 0, (size_t)(ends[0] - LOG_HEADER_SIZE));
	CHECK(file_write_atomic(path, log.data, log.len, 0600, &err));
	o = NULL;
	assert_int_equal(objects_open(dir, &o, &failure), -1);
	assert_int_equal(failure.kind, ERR_IO);
	buf_clear(&log);
}

static void how_much_was_not_durable_is_kept_and_never_told_too_small(void **state)
{
	static const uint64_t tries[] = {
		0, 1, 255, 65536, (1 << 23) - 1, 1 << 23, (1 << 23) + 1, UINT64_C(9000000001)
	};

	(void)state;
	for (size_t i = 0; i < sizeof(tries) / sizeof(*tries); i++) {
		struct log_record in = { .kind = LOG_DELETE, .key = "k", .key_len = 1, .uncovered = tries[i] }, out;
		struct buf b;

		in.etag = in.type = in.metadata = "";
		buf_init(&b, 4096);
		CHECK(log_record_encode(&in, 7, &b, &err));
		assert_true(log_record_decode(b.data, b.len, 7, &out));
		assert_true(out.uncovered >= tries[i] && out.uncovered - tries[i] < 65536);
		assert_true(tries[i] >= 1 << 23 || out.uncovered == tries[i]);
		buf_clear(&b);
	}
}

/* A log that is stored as an object of another store, and then torn, is no record of ours. */
static void a_log_stored_as_an_object_is_not_mistaken_for_records(void **state)
{
	struct objects *o = open_store();
	struct buf bytes;
	struct stat st;
	char path[128], other[80];

	(void)state;
	CHECK(objects_create_bucket(o, "other", &err));
	put_text(o, "other", "hidden", "must not appear");
	snprintf(other, sizeof(other), "%s/other/log", dir);
	buf_init(&bytes, BUF_MAX_DEFAULT);
	CHECK(file_read(other, &bytes, &err));
	CHECK(objects_create_bucket(o, "music", &err));
	put_text(o, "music", "a", "kept");
	put(o, "music", "log", bytes.data, bytes.len);
	objects_close(o);
	log_path(path, dir);
	assert_int_equal(stat(path, &st), 0);
	/* The seal that closing wrote, and the object's last byte. */
	assert_int_equal(truncate(path, st.st_size - (LOG_RECORD_SIZE + 4) - 1), 0);
	o = open_store();
	expect_list(o, "music", "", "", "a ");
	objects_close(o);
	buf_clear(&bytes);
}

static void dead_records_are_compacted_away_at_open(void **state)
{
	struct objects *o = open_store();
	char path[128], key[32], *block = mem_alloc(10000);
	struct stat before, after;

	(void)state;
	assert_non_null(block);
	memset(block, 'x', 10000);
	log_path(path, dir);
	CHECK(objects_create_bucket(o, "music", &err));
	for (int i = 0; i < 100; i++) {
		snprintf(key, sizeof(key), "k%d", i % 20);
		block[0] = (char)('A' + i / 20);
		put(o, "music", key, block, 10000);
	}
	put_text(o, "music", "small", "small");
	CHECK(objects_delete(o, "music", "k3", false, &err));
	objects_close(o);
	assert_int_equal(stat(path, &before), 0);
	o = open_store();
	assert_int_equal(stat(path, &after), 0);
	assert_true(after.st_size < before.st_size / 4);
	assert_int_equal(count(o, ""), 20);
	block[0] = 'E';
	for (int round = 0; round < 2; round++) {
		struct buf b;

		buf_init(&b, BUF_MAX_DEFAULT);
		CHECK(objects_read(o, "music", "k7", 0, 10000, &b, &err));
		assert_memory_equal(b.data, block, 10000);
		buf_clear(&b);
		expect_text(o, "music", "small", "small");
		put_text(o, "music", "new", "new");
		expect_text(o, "music", "new", "new");
		objects_close(o);
		o = open_store();
	}
	objects_close(o);
	mem_free(block);
}

static int files_in(const char *folder)
{
	DIR *d = opendir(folder);
	int n = 0;

	assert_non_null(d);
	for (struct dirent *f; (f = readdir(d)) != NULL;)
		n += f->d_name[0] != '.';
	closedir(d);
	return n;
}

static void large_objects_are_files_that_come_and_go(void **state)
{
	struct objects *o = open_store();
	size_t len = 3 * 1024 * 1024;
	char *block = mem_alloc(len), folder[96];
	struct buf b;

	(void)state;
	assert_non_null(block);
	for (size_t i = 0; i < len; i++)
		block[i] = (char)(i * 31 + i / 4096);
	snprintf(folder, sizeof(folder), "%s/music/big", dir);
	buf_init(&b, BUF_MAX_DEFAULT);
	CHECK(objects_create_bucket(o, "music", &err));
	put(o, "music", "big", block, len);
	put(o, "music", "big2", block, len - 1);
	assert_int_equal(files_in(folder), 2);
	CHECK(objects_read(o, "music", "big", 1000000, 777, &b, &err));
	assert_memory_equal(b.data, block + 1000000, 777);
	put_text(o, "music", "big", "small now");
	assert_int_equal(files_in(folder), 1);
	objects_close(o);
	o = open_store();
	buf_reset(&b);
	CHECK(objects_read(o, "music", "big2", 0, len - 1, &b, &err));
	assert_memory_equal(b.data, block, len - 1);
	expect_text(o, "music", "big", "small now");
	CHECK(objects_delete(o, "music", "big2", true, &err));
	assert_int_equal(files_in(folder), 0);
	objects_close(o);
	buf_clear(&b);
	mem_free(block);
}

static void a_file_without_a_record_is_removed_at_open(void **state)
{
	struct objects *o = open_store();
	char path[128], folder[96];

	(void)state;
	CHECK(objects_create_bucket(o, "music", &err));
	objects_close(o);
	snprintf(folder, sizeof(folder), "%s/music/big", dir);
	snprintf(path, sizeof(path), "%s/00000000000000aa", folder);
	CHECK(file_write_atomic(path, "lost", 4, 0600, &err));
	o = open_store();
	assert_int_equal(files_in(folder), 0);
	objects_close(o);
}

static void a_reader_sees_one_version_to_its_end(void **state)
{
	struct objects *o = open_store();
	struct object_reader *r = NULL;
	struct object_info info;
	struct err failure = { 0 };
	size_t len = 2 * 1024 * 1024;
	char *block = mem_alloc(len), got[5] = "";

	(void)state;
	assert_non_null(block);
	memset(block, 'o', len);
	CHECK(objects_create_bucket(o, "music", &err));
	put(o, "music", "k", block, len);
	assert_int_equal(objects_reader_open(o, "music", "k", &info, &r, &failure), 1);
	put_text(o, "music", "k", "new");
	CHECK(object_reader_read(r, len - 4, got, 4, &err));
	assert_string_equal(got, "oooo");
	assert_int_equal(object_reader_read(r, len - 3, got, 4, &failure), -1);
	object_reader_close(r);
	object_info_clear(&info);
	assert_int_equal(objects_reader_open(o, "music", "gone", NULL, &r, &failure), 0);
	objects_close(o);
	mem_free(block);
}

static void a_bucket_is_deleted_only_when_empty(void **state)
{
	struct objects *o = open_store();
	struct err failure = { 0 };

	(void)state;
	CHECK(objects_create_bucket(o, "music", &err));
	CHECK(objects_create_bucket(o, "music", &err));
	put_text(o, "music", "k", "v");
	assert_int_equal(objects_delete_bucket(o, "music", &failure), -1);
	assert_int_equal(failure.kind, ERR_CONFLICT);
	expect_text(o, "music", "k", "v");
	CHECK(objects_delete(o, "music", "k", true, &err));
	CHECK(objects_delete_bucket(o, "music", &err));
	assert_false(objects_bucket_exists(o, "music"));
	objects_close(o);
	o = open_store();
	assert_false(objects_bucket_exists(o, "music"));
	objects_close(o);
}

static void a_bucket_cannot_leave_the_store(void **state)
{
	struct objects *o = open_store();
	struct err failure = { 0 };

	(void)state;
	for (const char *const *n = (const char *const[]){ "../evil", "a/b", "..", "...", ".tmp", "", "UP", NULL }; *n;
	     n++)
		assert_int_equal(objects_create_bucket(o, *n, &failure), -1);
	objects_close(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_object_comes_back_with_all_that_was_said_of_it),
		TEST(an_etag_that_is_not_given_is_the_md5),
		TEST(keys_are_listed_by_their_bytes),
		TEST(many_keys_in_any_order_stay_sorted),
		TEST(objects_can_be_deleted_while_they_are_listed),
		TEST(a_torn_tail_at_every_byte_loses_only_what_was_torn),
		TEST(damage_before_other_records_is_told_and_nothing_is_cut),
		TEST(a_killed_store_leaves_room_behind_its_objects_which_is_no_loss),
		TEST(a_gap_in_what_was_not_durable_is_a_torn_tail_and_no_damage),
		TEST(how_much_was_not_durable_is_kept_and_never_told_too_small),
		TEST(a_log_stored_as_an_object_is_not_mistaken_for_records),
		TEST(dead_records_are_compacted_away_at_open),
		TEST(large_objects_are_files_that_come_and_go),
		TEST(a_file_without_a_record_is_removed_at_open),
		TEST(a_reader_sees_one_version_to_its_end),
		TEST(a_bucket_is_deleted_only_when_empty),
		TEST(a_bucket_cannot_leave_the_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
