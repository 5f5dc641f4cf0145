/* Texts are looked through many bytes at a time: what ends them must be found at every place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sandbox/copy/json_scan.h"
#include "sandbox/copy/utf8.h"

#define LONGEST 70

/* A string of `len` letters with one byte among them, in memory of exactly its size. */
static char *letters_with(size_t len, size_t at, char byte)
{
	char *text = malloc(len + 2);

	assert_non_null(text);
	memset(text, 'x', len + 2);
	text[0] = text[len + 1] = '"';
	text[1 + at] = byte;
	return text;
}

static void a_string_ends_at_its_quote_wherever_it_is(void **state)
{
	(void)state;
	for (size_t len = 1; len <= LONGEST; len++) {
		for (size_t at = 0; at < len; at++) {
			char *text = letters_with(len, at, '"');
			const char *pos = text;
			struct copy_value v;

			assert_int_equal(json_scan_string(&pos, text + len + 2, &v), JSON_SCAN_OK);
			assert_ptr_equal(v.text, text + 1);
			assert_int_equal(v.len, at);
			assert_ptr_equal(pos, text + at + 2);
			assert_int_equal(v.escape, COPY_ESCAPE_NONE);
			/* Cut off before the quote it is not whole. */
			pos = text;
			assert_int_equal(json_scan_string(&pos, text + 1 + at, &v), JSON_SCAN_SHORT);
			free(text);
		}
	}
}

static void control_characters_are_refused_and_all_others_kept(void **state)
{
	static const size_t lengths[] = { 1, 7, 8, 9, 15, 16, 17, 31, 33, 47 };

	(void)state;
	for (size_t k = 0; k < sizeof(lengths) / sizeof(lengths[0]); k++) {
		for (int byte = 0; byte < 256; byte++) {
			size_t at = lengths[k] * (size_t)byte / 256;
			char *text = letters_with(lengths[k], at, (char)byte);
			const char *pos = text;
			struct copy_value v;
			enum json_scan rc = json_scan_string(&pos, text + lengths[k] + 2, &v);

			if (byte < 0x20) {
				assert_int_equal(rc, JSON_SCAN_BAD);
				assert_ptr_equal(pos, text + 1 + at);
			} else if (byte != '"' && byte != '\\') {
				assert_int_equal(rc, JSON_SCAN_OK);
				assert_int_equal(v.len, lengths[k]);
			}
			free(text);
		}
	}
}

static void an_escape_is_seen_wherever_it_is(void **state)
{
	(void)state;
	for (size_t len = 2; len <= LONGEST; len++) {
		for (size_t at = 0; at + 1 < len; at++) {
			char *text = letters_with(len, at, '\\');
			const char *pos = text;
			struct copy_value v;

			text[2 + at] = 'n';
			assert_int_equal(json_scan_string(&pos, text + len + 2, &v), JSON_SCAN_OK);
			assert_int_equal(v.escape, COPY_ESCAPE_JSON);
			assert_int_equal(v.len, len);
			text[2 + at] = 'x';
			pos = text;
			assert_int_equal(json_scan_string(&pos, text + len + 2, &v), JSON_SCAN_BAD);
			free(text);
		}
	}
}

/* Such a text is not looked through for bad UTF-8 any more: none may be missed, and none behind the quote counts. */
static void a_byte_beyond_ascii_is_seen_wherever_it_is(void **state)
{
	(void)state;
	for (size_t len = 1; len <= LONGEST; len++) {
		for (size_t at = 0; at < len; at++) {
			char *text = letters_with(len, at, '\x80');
			const char *pos = text;
			struct copy_value v;

			assert_int_equal(json_scan_string(&pos, text + len + 2, &v), JSON_SCAN_OK);
			assert_false(v.ascii);
			for (size_t end = 0; end < at; end++) {
				text[1 + end] = '"';
				pos = text;
				assert_int_equal(json_scan_string(&pos, text + len + 2, &v), JSON_SCAN_OK);
				assert_true(v.ascii);
				text[1 + end] = 'x';
			}
			free(text);
		}
	}
}

static void escapes_are_replaced_wherever_they_are(void **state)
{
	static const struct {
		const char *escaped, *meant;
	} all[] = { { "\\/", "/" },
		    { "\\n", "\n" },
		    { "\\\"", "\"" },
		    { "\\\\", "\\" },
		    { "\\u0041", "A" },
		    { "\\u00e9", "\xc3\xa9" },
		    { "\\u20AC", "\xe2\x82\xac" },
		    { "\\ud83c\\udfb5", "\xf0\x9f\x8e\xb5" },
		    { "\\t\\b\\f\\r", "\t\b\f\r" } };
	char expected[LONGEST + 8];
	struct buf out;

	(void)state;
	buf_init(&out, 4096);
	for (size_t len = 0; len <= LONGEST; len++) {
		for (size_t k = 0; k < sizeof(all) / sizeof(all[0]); k++) {
			size_t more = strlen(all[k].escaped), at = len * k / 8;
			char *text =
				malloc(len + more + (len + more == 0)); /* of its size: nothing is read behind it */
			struct copy_value v = { .text = text, .len = len + more };

			assert_non_null(text);
			memset(text, 'x', len + more);
			memcpy(text + at, all[k].escaped, more);
			memset(expected, 'x', sizeof(expected));
			memcpy(expected + at, all[k].meant, strlen(all[k].meant));
			expected[len + strlen(all[k].meant)] = '\0';
			buf_reset(&out);
			assert_int_equal(json_scan_unescape(&v, &out), 0);
			assert_string_equal(out.data, expected);
			free(text);
		}
	}
	buf_clear(&out);
}

static void what_no_column_can_hold_is_no_text(void **state)
{
	static const char *const bad[] = { "\\u0000", "\\ud83c", "\\ud83cx\\udfb5", "\\udfb5", "\\ud83c\\u0041" };
	struct buf out;

	(void)state;
	buf_init(&out, 4096);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct copy_value v = { .text = bad[i], .len = strlen(bad[i]) };

		assert_int_equal(json_scan_unescape(&v, &out), -1);
	}
	buf_clear(&out);
}

static void plain_text_ends_at_a_zero_or_a_high_byte(void **state)
{
	static const char ends[] = { 0, '\x80', '\xff', '\xc3' };

	(void)state;
	for (size_t len = 1; len <= LONGEST; len++) {
		for (size_t at = 0; at < len; at++) {
			for (size_t k = 0; k < sizeof(ends); k++) {
				char *text = letters_with(len, at, ends[k]);

				assert_int_equal(copy_utf8_ascii(text + 1, len), at);
				assert_int_equal(copy_utf8_ascii(text + 1, at), at);
				free(text);
			}
		}
	}
	assert_int_equal(copy_utf8_ascii("\x01\x7f\x1f ~", 5), 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_string_ends_at_its_quote_wherever_it_is),
		cmocka_unit_test(control_characters_are_refused_and_all_others_kept),
		cmocka_unit_test(an_escape_is_seen_wherever_it_is),
		cmocka_unit_test(a_byte_beyond_ascii_is_seen_wherever_it_is),
		cmocka_unit_test(escapes_are_replaced_wherever_they_are),
		cmocka_unit_test(what_no_column_can_hold_is_no_text),
		cmocka_unit_test(plain_text_ends_at_a_zero_or_a_high_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
