#include "unit/cm.h"

#include "sandbox/wire/message.h"
#include "sandbox/wire/startup.h"
#include "spark/base/mem.h"

/* ---- messages ---- */

static void a_message_is_seen_one_byte_at_a_time(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1024);
	message_text_whole(&b, 'Q', "select 1");
	for (size_t n = 0; n <= b.len; n++) {
		char *part = mem_alloc(n ? n : 1); /* exactly so long: reading beyond it is found */
		struct message m;
		int there;

		assert_non_null(part);
		memcpy(part, b.data, n);
		there = message_peek(part, n, &m);
		assert_int_equal(there, n >= MESSAGE_HEAD);
		if (there) {
			size_t at = 0;
			const char *text = message_text(&m, &at);

			assert_int_equal(m.type, 'Q');
			assert_int_equal(m.len, 9);
			assert_int_equal(m.have, n - MESSAGE_HEAD);
			assert_int_equal(message_whole(&m), n == b.len);
			if (n == b.len)
				assert_string_equal(text, "select 1");
			else
				assert_null(text);
		}
		mem_free(part);
	}
	buf_clear(&b);
}

static void what_follows_is_not_part_of_it(void **state)
{
	struct message m;
	struct buf b;

	(void)state;
	buf_init(&b, 1024);
	message_empty(&b, 'S');
	message_ready(&b, 'T');
	assert_int_equal(message_peek(b.data, b.len, &m), 1);
	assert_int_equal(m.len, 0);
	assert_true(message_whole(&m));
	assert_int_equal(message_peek(b.data + MESSAGE_HEAD, b.len - MESSAGE_HEAD, &m), 1);
	assert_int_equal(m.type, 'Z');
	assert_int_equal(m.body[0], 'T');
	buf_clear(&b);
}

static void impossible_lengths_are_refused(void **state)
{
	static const unsigned char bad[][5] = {
		{ 'Q', 0, 0, 0, 0 },    { 'Q', 0, 0, 0, 3 },    { 'Q', 0xff, 0xff, 0xff, 0xff },
		{ 'Q', 0x80, 0, 0, 4 }, { 'Q', 0x40, 0, 0, 0 },
	};
	struct message m;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_int_equal(message_peek((const char *)bad[i], 5, &m), -1);
}

static void a_report_is_read_back(void **state)
{
	struct message_report r = { .type = 'E',
				    .severity = "ERROR",
				    .sqlstate = "42P01",
				    .text = "relation \"x\" does not exist",
				    .hint = "make it",
				    .position = 15 };
	struct message m;
	struct err err;
	struct buf b, moved;

	(void)state;
	buf_init(&b, 4096);
	buf_init(&moved, 4096);
	message_put_report(&b, &r);
	assert_int_equal(message_peek(b.data, b.len, &m), 1);
	assert_true(message_whole(&m));
	assert_string_equal(message_field(&m, 'P'), "15");
	assert_null(message_field(&m, 'D'));
	assert_int_equal(message_to_err(&m, &err), -1);
	assert_int_equal(err.kind, ERR_DATABASE);
	assert_string_equal(err.sqlstate, "42P01");
	assert_string_equal(err.text, r.text);
	assert_string_equal(err.hint, "make it");
	message_put_moved(&moved, &m, 22);
	assert_int_equal(message_peek(moved.data, moved.len, &m), 1);
	assert_string_equal(message_field(&m, 'P'), "22");
	assert_string_equal(message_field(&m, 'M'), r.text);
	buf_reset(&moved);
	assert_int_equal(message_peek(b.data, b.len, &m), 1);
	message_put_moved(&moved, &m, 0);
	assert_int_equal(message_peek(moved.data, moved.len, &m), 1);
	assert_null(message_field(&m, 'P'));
	buf_clear(&b);
	buf_clear(&moved);
}

static void an_error_is_never_without_its_code(void **state)
{
	struct message_report r = { .type = 'E', .severity = "ERROR", .text = "no" };
	struct message m;
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	message_put_report(&b, &r);
	assert_int_equal(message_peek(b.data, b.len, &m), 1);
	assert_string_equal(message_field(&m, 'C'), "XX000");
	buf_clear(&b);
}

/* ---- the first message ---- */

static size_t build(struct buf *b, uint32_t version, const char *settings, size_t len)
{
	buf_reset(b);
	message_put32(b, (uint32_t)(8 + len));
	message_put32(b, version);
	buf_add(b, settings, len);
	return b->len;
}

#define BUILD(b, version, text) build((b), (version), (text), sizeof(text) - 1)

static void a_session_is_asked_for(void **state)
{
	struct startup s;
	struct buf b;

	(void)state;
	buf_init(&b, 65536);
	BUILD(&b, STARTUP_VERSION_3, "user\0ann\0database\0dwh\0application_name\0psql\0\0");
	assert_int_equal(startup_parse(b.data, b.len, &s, NULL), 0);
	assert_int_equal(s.kind, STARTUP_KIND_SESSION);
	assert_string_equal(s.user, "ann");
	assert_string_equal(s.database, "dwh");
	assert_int_equal(s.count, 1);
	assert_string_equal(s.settings[0].name, "application_name");
	assert_false(s.redshift_driver);
	startup_clear(&s);
	buf_clear(&b);
}

static void the_database_is_called_as_the_user_by_default(void **state)
{
	struct startup s;
	struct buf b;

	(void)state;
	buf_init(&b, 65536);
	BUILD(&b, STARTUP_VERSION_3, "user\0ann\0\0");
	assert_int_equal(startup_parse(b.data, b.len, &s, NULL), 0);
	assert_string_equal(s.database, "ann");
	startup_clear(&s);
	buf_clear(&b);
}

static void what_redshifts_drivers_add_is_not_for_the_server(void **state)
{
	struct startup s;
	struct buf b;

	(void)state;
	buf_init(&b, 65536);
	BUILD(&b, STARTUP_VERSION_3,
	      "user\0ann\0client_protocol_version\0"
	      "2\0driver_version\0x\0os_version\0y\0plugin_name\0z\0\0");
	assert_int_equal(startup_parse(b.data, b.len, &s, NULL), 0);
	assert_int_equal(s.count, 0);
	assert_true(s.redshift_driver);
	startup_clear(&s);
	buf_clear(&b);
}

static void newer_protocols_and_extensions_are_negotiated_down(void **state)
{
	static const char wanted[] = "v\0\0\0\x15\0\3\0\0\0\0\0\1_pq_.foo";
	struct startup s;
	struct buf b, out;

	(void)state;
	buf_init(&b, 65536);
	buf_init(&out, 1024);
	BUILD(&b, STARTUP_VERSION_3, "user\0ann\0\0");
	assert_int_equal(startup_parse(b.data, b.len, &s, NULL), 0);
	startup_negotiate(&s, &out);
	assert_int_equal(out.len, 0);
	startup_clear(&s);
	BUILD(&b, STARTUP_VERSION_3 + 2,
	      "user\0ann\0_pq_.foo\0"
	      "1\0\0");
	assert_int_equal(startup_parse(b.data, b.len, &s, NULL), 0);
	startup_negotiate(&s, &out);
	assert_int_equal(out.len, sizeof(wanted));
	assert_memory_equal(out.data, wanted, sizeof(wanted));
	startup_clear(&s);
	buf_clear(&b);
	buf_clear(&out);
}

static void broken_first_messages_are_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *sqlstate;
	} cases[] = {
		{ "user\0ann\0", 9, "08P01" },
		{ "user\0ann", 8, "08P01" },
		{ "user", 4, "08P01" },
		{ "", 0, "08P01" },
		{ "\0", 1, "28000" },
		{ "user\0\0\0", 7, "28000" },
		{ "database\0dwh\0\0", 14, "28000" },
		{ "user\0ann\0\0x", 11, "08P01" },
	};
	struct startup s;
	struct buf b;

	(void)state;
	buf_init(&b, 65536);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct err err = { 0 };

		build(&b, STARTUP_VERSION_3, cases[i].bytes, cases[i].len);
		assert_int_equal(startup_parse(b.data, b.len, &s, &err), -1);
		assert_string_equal(err.sqlstate, cases[i].sqlstate);
	}
	for (size_t n = 0; n < 8; n++) {
		unsigned char head[8] = { 0, 0, 0, (unsigned char)n };

		assert_int_equal(startup_length(head), 0);
		assert_int_equal(startup_parse(head, sizeof(head), &s, NULL), -1);
	}
	buf_clear(&b);
}

static void encryption_and_cancel_are_told_apart(void **state)
{
	static const unsigned char
		ssl[] = { 0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f },
		gss[] = { 0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x30 },
		cancel[] = { 0, 0, 0, 16, 0x04, 0xd2, 0x16, 0x2e, 0, 0, 0, 7, 0xde, 0xad, 0xbe, 0xef },
		cut[] = { 0, 0, 0, 12, 0x04, 0xd2, 0x16, 0x2e, 0, 0, 0, 7 };
	struct startup s;

	(void)state;
	assert_int_equal(startup_parse(ssl, sizeof(ssl), &s, NULL), 0);
	assert_int_equal(s.kind, STARTUP_KIND_SSL);
	assert_int_equal(startup_parse(gss, sizeof(gss), &s, NULL), 0);
	assert_int_equal(s.kind, STARTUP_KIND_GSSENC);
	assert_int_equal(startup_parse(cancel, sizeof(cancel), &s, NULL), 0);
	assert_int_equal(s.kind, STARTUP_KIND_CANCEL);
	assert_int_equal(s.cancel_pid, 7);
	assert_true(s.cancel_key == 0xdeadbeef);
	assert_int_equal(startup_parse(cut, sizeof(cut), &s, NULL), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_is_seen_one_byte_at_a_time),
		cmocka_unit_test(what_follows_is_not_part_of_it),
		cmocka_unit_test(impossible_lengths_are_refused),
		cmocka_unit_test(a_report_is_read_back),
		cmocka_unit_test(an_error_is_never_without_its_code),
		cmocka_unit_test(a_session_is_asked_for),
		cmocka_unit_test(the_database_is_called_as_the_user_by_default),
		cmocka_unit_test(what_redshifts_drivers_add_is_not_for_the_server),
		cmocka_unit_test(newer_protocols_and_extensions_are_negotiated_down),
		cmocka_unit_test(broken_first_messages_are_refused),
		cmocka_unit_test(encryption_and_cancel_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
