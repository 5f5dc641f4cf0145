#ifndef TEST_OBJECTS_HELP_H
#define TEST_OBJECTS_HELP_H

/* A store in a folder of its own for each test, and short words for using it. */
#include "unit/cm.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spark/base/file.h"
#include "spark/base/mem.h"
#include "spark/sandbox/objects.h"

static char dir[64];

static inline int make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/test-objects.XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static inline int remove_dir(void **state)
{
	struct err err = { 0 };

	(void)state;
	return file_remove_tree(dir, &err);
}

#define CHECK(call)                                          \
	do {                                                 \
		struct err err = { 0 };                      \
		if ((call) != 0)                             \
			fail_msg("%s: %s", #call, err.text); \
	} while (0)

static inline struct objects *open_store(void)
{
	struct objects *o = NULL;

	CHECK(objects_open(dir, &o, &err));
	return o;
}

static inline void put(struct objects *o, const char *bucket, const char *key, const void *data, size_t len)
{
	struct object_info info = { .key = (char *)(uintptr_t)key, .modified_ms = 1542499200000 };

	snprintf(info.content_type, sizeof(info.content_type), "text/plain");
	CHECK(objects_put(o, bucket, &info, data, len, false, &err));
}

static inline void put_text(struct objects *o, const char *bucket, const char *key, const char *text)
{
	put(o, bucket, key, text, strlen(text));
}

static inline void expect_text(struct objects *o, const char *bucket, const char *key, const char *text)
{
	struct object_info info;
	struct buf b;

	buf_init(&b, BUF_MAX_DEFAULT);
	assert_true(objects_head(o, bucket, key, &info));
	assert_int_equal(info.size_bytes, strlen(text));
	CHECK(objects_read(o, bucket, key, 0, (size_t)info.size_bytes, &b, &err));
	assert_string_equal(b.data, text);
	object_info_clear(&info);
	buf_clear(&b);
}

static inline int add_name(void *arg, const struct object_info *info)
{
	buf_printf(arg, "%s ", info->key);
	return 0;
}

static inline void expect_list(struct objects *o, const char *bucket, const char *prefix, const char *after,
			       const char *expected)
{
	struct buf b;

	buf_init(&b, BUF_MAX_DEFAULT);
	CHECK(objects_list(o, bucket, prefix, after, add_name, &b, &err));
	assert_string_equal(b.data, expected);
	buf_clear(&b);
}

static inline int count_and_compare(void *arg, const struct object_info *info)
{
	char *last = arg;

	assert_true(strcmp(last, info->key) < 0);
	snprintf(last, 64, "%s", info->key);
	return 0;
}

static inline int count_one(void *arg, const struct object_info *info)
{
	(void)info;
	++*(long *)arg;
	return 0;
}

static inline long count(struct objects *o, const char *prefix)
{
	long n = 0;

	CHECK(objects_list(o, "music", prefix, "", count_one, &n, &err));
	return n;
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, make_dir, remove_dir)

#endif
