/* The client's end of a session: what is read and written, what is waited for, when it is at its end. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "sandbox/wire/channel.h"

struct ends {
	struct channel channel;
	int peer;
};

static struct ends open_ends(void)
{
	struct ends e = { .channel = { .fd = -1 } };
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	e.channel.fd = pair[0];
	e.peer = pair[1];
	return e;
}

static void what_the_client_sends_is_appended(void **state)
{
	struct ends e = open_ends();
	struct buf in;

	(void)state;
	buf_init(&in, 1000000);
	buf_puts(&in, "be");
	assert_int_equal(channel_read(&e.channel, &in), 0);
	assert_int_equal(in.len, 2);
	assert_int_equal(write(e.peer, "fore", 4), 4);
	assert_int_equal(channel_read(&e.channel, &in), 1);
	assert_int_equal(in.len, 6);
	assert_memory_equal(in.data, "before", 6);
	close(e.peer);
	assert_int_equal(channel_read(&e.channel, &in), -1);
	assert_int_equal(in.len, 6);
	buf_clear(&in);
	channel_close(&e.channel);
}

static void what_does_not_fit_now_is_kept_in_order(void **state)
{
	static char big[3000000], got[3000000];
	struct ends e = open_ends();
	size_t read_so_far = 0;
	struct buf out;

	(void)state;
	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (char)(i * 7 + i / 251);
	buf_init(&out, 2 * sizeof(big));
	buf_add(&out, big, sizeof(big));
	assert_int_equal(channel_write(&e.channel, &out), 0);
	assert_true(out.len > 0 && out.len < sizeof(big));
	while (read_so_far < sizeof(got)) {
		ssize_t n = read(e.peer, got + read_so_far, sizeof(got) - read_so_far);

		if (n > 0)
			read_so_far += (size_t)n;
		assert_int_equal(channel_write(&e.channel, &out), 0);
	}
	assert_int_equal(out.len, 0);
	assert_memory_equal(got, big, sizeof(big));
	assert_int_equal(channel_write(&e.channel, &out), 0);
	close(e.peer);
	buf_puts(&out, "nobody listens");
	assert_int_equal(channel_write(&e.channel, &out), -1);
	buf_clear(&out);
	channel_close(&e.channel);
}

static void an_answer_that_did_not_fit_into_memory_is_the_end(void **state)
{
	struct ends e = open_ends();
	struct buf out;
	char c;

	(void)state;
	buf_init(&out, 8);
	buf_puts(&out, "longer than eight bytes");
	assert_true(out.failed);
	assert_int_equal(channel_write(&e.channel, &out), -1);
	assert_int_equal(read(e.peer, &c, 1), -1);
	buf_clear(&out);
	close(e.peer);
	channel_close(&e.channel);
}

/* Under TLS a read may need to write first, and the other way round. */
static void each_direction_waits_for_what_it_needs(void **state)
{
	static const struct {
		bool read_waits_for_write, write_waits_for_read, read, write;
		short events;
	} rows[] = {
		{ false, false, false, false, 0 },      { false, false, true, false, POLLIN },
		{ false, false, false, true, POLLOUT }, { false, false, true, true, POLLIN | POLLOUT },
		{ true, false, true, false, POLLOUT },  { true, false, false, true, POLLOUT },
		{ false, true, false, true, POLLIN },   { false, true, true, true, POLLIN },
		{ true, false, false, false, 0 },       { false, true, false, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct channel c = { .fd = -1,
				     .read_waits_for_write = rows[i].read_waits_for_write,
				     .write_waits_for_read = rows[i].write_waits_for_read };
		short wanted_read = c.read_waits_for_write ? POLLOUT : POLLIN;
		short wanted_write = c.write_waits_for_read ? POLLIN : POLLOUT;

		if (channel_events(&c, rows[i].read, rows[i].write) != rows[i].events)
			fail_msg("row %zu", i);
		assert_true(channel_readable(&c, wanted_read));
		assert_false(channel_readable(&c, (POLLIN | POLLOUT) ^ wanted_read));
		assert_true(channel_readable(&c, POLLHUP));
		assert_true(channel_readable(&c, POLLERR));
		assert_true(channel_writable(&c, wanted_write));
		assert_false(channel_writable(&c, (POLLIN | POLLOUT) ^ wanted_write));
		assert_false(channel_writable(&c, 0));
	}
}

static void closing_twice_is_fine(void **state)
{
	struct ends e = open_ends();
	char c;

	(void)state;
	channel_close(&e.channel);
	assert_int_equal(e.channel.fd, -1);
	assert_int_equal(read(e.peer, &c, 1), 0);
	channel_close(&e.channel);
	close(e.peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_client_sends_is_appended),
		cmocka_unit_test(what_does_not_fit_now_is_kept_in_order),
		cmocka_unit_test(an_answer_that_did_not_fit_into_memory_is_the_end),
		cmocka_unit_test(each_direction_waits_for_what_it_needs),
		cmocka_unit_test(closing_twice_is_fine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
