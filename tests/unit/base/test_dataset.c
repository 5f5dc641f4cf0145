#include "unit/cm.h"

#include <string.h>

#include "spark/base/dataset.h"
#include "spark/base/hash.h"
#include "spark/base/json.h"

/* What was seen of a set. */
struct seen {
	struct hash *hash;
	int64_t songs, days, events, plays, logged_out;
	bool jsonpaths;
	int64_t last_ts;
	int stop_after;
};

static void look_at_event(struct seen *s, const char *line, size_t len)
{
	struct err err;
	struct json *e = json_parse(line, len, &err);

	if (!e) {
		fail_msg("an event is no JSON: %s", err.text);
		return;
	}
	assert_int_equal(json_count(e), 18);
	int64_t ts = json_int(e, "ts", -1);
	assert_true(ts >= s->last_ts);
	s->last_ts = ts;
	s->events++;
	bool out = strcmp(json_str(e, "auth", ""), "Logged Out") == 0;
	if (out) {
		s->logged_out++;
		assert_string_equal(json_str(e, "userId", "?"), "");
		assert_true(json_is_null(json_get(e, "firstName")));
		assert_true(json_is_null(json_get(e, "registration")));
		assert_true(json_is_null(json_get(e, "userAgent")));
	}
	bool play = strcmp(json_str(e, "page", ""), "NextSong") == 0;
	assert_int_equal(play, json_is_string(json_get(e, "song")));
	assert_int_equal(play, json_is_number(json_get(e, "length")));
	s->plays += play;
	json_free(e);
}

static int look(void *arg, const char *key, const void *data, size_t len)
{
	struct seen *s = arg;
	struct err err;

	if (s->stop_after > 0 && --s->stop_after == 0)
		return 7;
	if (hash_update(s->hash, key, strlen(key) + 1, &err) != 0 || hash_update(s->hash, data, len, &err) != 0)
		return -1;
	if (strncmp(key, "song_data/", 10) == 0) {
		struct json *song = json_parse(data, len, &err);
		assert_non_null(song);
		assert_int_equal(json_count(song), 10);
		assert_int_equal(strlen(json_str(song, "song_id", "")), 18);
		/* song_data/A/B/C/TRABC... */
		assert_int_equal(key[10], key[18]);
		assert_int_equal(key[12], key[19]);
		assert_int_equal(key[14], key[20]);
		json_free(song);
		s->songs++;
	} else if (strncmp(key, "log_data/", 9) == 0) {
		const char *text = data;
		s->days++;
		for (size_t at = 0; at < len;) {
			const char *end = memchr(text + at, '\n', len - at);
			size_t length = end ? (size_t)(end - text) - at : len - at;
			look_at_event(s, text + at, length);
			at += length + 1;
		}
	} else {
		assert_string_equal(key, "log_json_path.json");
		s->jsonpaths = true;
	}
	return 0;
}

static void generate(const struct dataset_options *o, struct seen *s, char hex[SHA256_HEX])
{
	unsigned char digest[SHA256_SIZE];
	size_t len;
	struct err err;

	memset(s, 0, sizeof(*s));
	s->hash = hash_new(HASH_SHA256, &err);
	assert_non_null(s->hash);
	assert_int_equal(dataset_generate(o, look, s, &err), 0);
	assert_int_equal(hash_finish(s->hash, digest, &len, &err), 0);
	hash_hex(digest, len, hex);
}

static void test_the_default_set_is_the_same_bytes_on_every_machine(void **state)
{
	struct dataset_options o;
	struct seen s;
	char hex[SHA256_HEX];

	(void)state;
	dataset_defaults(&o);
	generate(&o, &s, hex);
	assert_string_equal(hex, "715a8217d7af1a3739690280b205680a06e420a99409488bc1aa0968dedfbdf9");
	assert_int_equal(s.events, 8000);
	assert_int_equal(s.songs, 1500);
	assert_int_equal(s.days, 30);
	assert_true(s.jsonpaths);
	assert_in_range(s.plays, 6000, 7200);
	assert_in_range(s.logged_out, 100, 800);
}

static void test_another_seed_gives_another_set_of_the_same_size(void **state)
{
	struct dataset_options o;
	struct seen s;
	char first[SHA256_HEX], second[SHA256_HEX];

	(void)state;
	dataset_defaults(&o);
	o.events = 500;
	o.songs = 50;
	generate(&o, &s, first);
	o.seed = 2;
	generate(&o, &s, second);
	assert_string_not_equal(first, second);
	assert_int_equal(s.events, 500);
	assert_int_equal(s.songs, 50);
}

static void test_every_size_has_exactly_what_was_asked_for(void **state)
{
	static const struct dataset_options cases[] = {
		{ .events = 0, .songs = 0, .users = 1, .seed = 1, .days = 1 },
		{ .events = 1, .songs = 0, .users = 1, .seed = 1, .days = 30 },
		{ .events = 37, .songs = 1, .users = 3, .seed = 9, .days = 366 },
		{ .events = 5000, .songs = 4, .users = 100000, .seed = INT64_MAX, .days = 2 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct seen s;
		char hex[SHA256_HEX];
		generate(&cases[i], &s, hex);
		assert_int_equal(s.events, cases[i].events);
		assert_int_equal(s.songs, cases[i].songs);
		assert_true(s.days <= cases[i].days);
	}
}

static void test_a_number_out_of_range_is_named(void **state)
{
	struct dataset_options o;
	struct err err;

	(void)state;
	dataset_defaults(&o);
	o.users = 0;
	assert_int_equal(dataset_generate(&o, look, NULL, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_non_null(strstr(err.text, "users"));
	assert_non_null(strstr(err.hint, "1 to "));
}

static void test_the_receiver_can_stop_it(void **state)
{
	struct dataset_options o;
	struct seen s = { .stop_after = 3 };
	struct err err;

	(void)state;
	s.hash = hash_new(HASH_SHA256, &err);
	assert_non_null(s.hash);
	dataset_defaults(&o);
	assert_int_equal(dataset_generate(&o, look, &s, &err), 7);
	assert_int_equal(s.songs, 2);
	hash_free(s.hash);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_default_set_is_the_same_bytes_on_every_machine),
		cmocka_unit_test(test_another_seed_gives_another_set_of_the_same_size),
		cmocka_unit_test(test_every_size_has_exactly_what_was_asked_for),
		cmocka_unit_test(test_a_number_out_of_range_is_named),
		cmocka_unit_test(test_the_receiver_can_stop_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
