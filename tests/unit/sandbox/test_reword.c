/* Errors in Redshift's words. */
#include <string.h>

#include "sandbox/wire/reword.h"
#include "unit/cm.h"

static const char *reworded(const char *state, const char *text, int position, struct buf *out)
{
	struct message_report r = {
		.type = 'E', .severity = "ERROR", .sqlstate = state, .text = text, .position = position
	};
	struct buf sent;
	struct message m = { 0 };
	const char *said = NULL;

	buf_init(&sent, 4096);
	buf_reset(out);
	message_put_report(&sent, &r);
	/* type, length, body */
	m.type = 'E';
	m.body = (const unsigned char *)sent.data + 5;
	m.len = m.have = sent.len - 5;
	if (reword_error(out, &m)) {
		struct message answer = { .type = 'E', .body = (const unsigned char *)out->data + 5 };

		answer.len = answer.have = out->len - 5;
		assert_string_equal(message_field(&answer, 'C'), "XX000");
		said = message_field(&answer, 'M');
		assert_non_null(strstr(message_field(&answer, 'D'), said));
	}
	buf_clear(&sent);
	return said;
}

static void text_that_is_no_number_is_an_invalid_digit(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 4096);
	assert_string_equal(reworded("22P02", "invalid input syntax for type integer: \"a\"", 0, &out),
			    "Invalid digit, Value 'a', Pos 0, Type: Integer");
	assert_string_equal(reworded("22P02", "invalid input syntax for type bigint: \"154.0\"", 0, &out),
			    "Invalid digit, Value '.', Pos 3, Type: Long");
	assert_string_equal(reworded("22P02", "invalid input syntax for type numeric: \"1.2e5x\"", 0, &out),
			    "Invalid digit, Value 'x', Pos 5, Type: Decimal");
	assert_string_equal(reworded("22P02", "invalid input syntax for type double precision: \"1\xC3\xA4\"", 0, &out),
			    "Invalid digit, Value '\xC3\xA4', Pos 1, Type: Double");
	assert_string_equal(reworded("22P02", "invalid input syntax for type smallint: \"\"", 0, &out),
			    "Invalid digit, Value '', Pos 0, Type: Short");
	assert_string_equal(reworded("22003", "numeric field overflow", 0, &out),
			    "Numeric data overflow (result precision)");
	buf_clear(&out);
}

static void what_the_leader_says_stays(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 4096);
	assert_null(reworded("22P02", "invalid input syntax for type integer: \"a\"", 8, &out));
	assert_null(reworded("22P02", "invalid input syntax for type uuid: \"a\"", 0, &out));
	assert_null(reworded("22P02", "invalid input value for enum", 0, &out));
	assert_null(reworded("22003", "integer out of range", 0, &out));
	assert_int_equal(out.len, 0);
	buf_clear(&out);
}

static void what_there_was_nothing_to_do_about_is_an_info(void **state)
{
	static const struct {
		const char *server, *said; /* NULL: nothing */
		bool reworded;
	} rows[] = {
		{ "table \"x\" does not exist, skipping", "Table \"x\" does not exist and will be skipped", true },
		{ "relation \"x\" already exists, skipping", "Relation \"x\" already exists and will be skipped",
		  true },
		{ "constraint \"sparkctl_bytes_a\" of relation \"t\" does not exist, skipping", NULL, true },
		{ "hello", NULL, false },
		{ ", skipping", NULL, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct message_report r = {
			.type = 'N', .severity = "NOTICE", .sqlstate = "00000", .text = rows[i].server
		};
		struct message m = { .type = 'N' }, answer = { .type = 'N' };
		struct buf sent, out;

		buf_init(&sent, 4096);
		buf_init(&out, 4096);
		message_put_report(&sent, &r);
		m.body = (const unsigned char *)sent.data + 5;
		m.len = m.have = sent.len - 5;
		assert_int_equal(reword_notice(&out, &m), rows[i].reworded);
		assert_int_equal(out.len > 0, rows[i].said != NULL);
		if (out.len) {
			answer.body = (const unsigned char *)out.data + 5;
			answer.len = answer.have = out.len - 5;
			assert_string_equal(message_field(&answer, 'M'), rows[i].said);
			assert_string_equal(message_field(&answer, 'V'), "INFO");
		}
		buf_clear(&sent);
		buf_clear(&out);
	}
}

static void numbers_end_where_they_stop_being_numbers(void **state)
{
	static const struct {
		const char *text;
		bool fraction;
		size_t position;
	} cases[] = { { " -12a", false, 4 }, { "12", false, 2 }, { "1.5", false, 1 },  { "1.5", true, 3 },
		      { "1e", true, 1 },     { "1e+", true, 1 }, { "1e+7 ", true, 4 }, { "+", true, 1 },
		      { "", true, 0 },       { "e5", true, 0 },  { ".5.", true, 2 } };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct reword_digit digit;

		reword_find_digit(cases[i].text, strlen(cases[i].text), cases[i].fraction, &digit);
		assert_int_equal(digit.position, cases[i].position);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_that_is_no_number_is_an_invalid_digit),
		cmocka_unit_test(what_the_leader_says_stays),
		cmocka_unit_test(what_there_was_nothing_to_do_about_is_an_info),
		cmocka_unit_test(numbers_end_where_they_stop_being_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
