#include "sandbox/wire/channel.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/* The largest record of TLS fits, so that none is left behind in OpenSSL. */
#define READ_CHUNK 65536

void channel_close(struct channel *c)
{
	tls_free(c->tls);
	c->tls = NULL;
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

short channel_events(const struct channel *c, bool read, bool write)
{
	bool in = (read && !c->read_waits_for_write) || (write && c->write_waits_for_read);
	bool out = (write && !c->write_waits_for_read) || (read && c->read_waits_for_write);

	return (short)((in ? POLLIN : 0) | (out ? POLLOUT : 0));
}

bool channel_readable(const struct channel *c, short found)
{
	return found & (POLLHUP | POLLERR | (c->read_waits_for_write ? POLLOUT : POLLIN));
}

bool channel_writable(const struct channel *c, short found)
{
	return found & (c->write_waits_for_read ? POLLIN : POLLOUT);
}

static long plain_result(ssize_t n)
{
	if (n > 0)
		return (long)n;
	return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

int channel_read(struct channel *c, struct buf *in)
{
	char *room = buf_reserve(in, READ_CHUNK);
	enum tls_wait wait = TLS_WAIT_READ;
	long n;

	if (!room)
		return -1;
	n = c->tls ? tls_read(c->tls, room, READ_CHUNK, &wait)
		   : plain_result(recv(c->fd, room, READ_CHUNK, MSG_DONTWAIT));
	c->read_waits_for_write = wait == TLS_WAIT_WRITE;
	if (n <= 0)
		return (int)n;
	buf_commit(in, (size_t)n);
	return 1;
}

int channel_write(struct channel *c, struct buf *out)
{
	enum tls_wait wait = TLS_WAIT_WRITE;
	size_t at = 0;
	long n = 0;

	if (out->failed)
		return -1;
	/* TLS takes a record at a time; what is sent is dropped once, not after each. */
	while (at < out->len) {
		n = c->tls ? tls_write(c->tls, out->data + at, out->len - at, &wait)
			   : plain_result(send(c->fd, out->data + at, out->len - at, MSG_NOSIGNAL | MSG_DONTWAIT));
		if (n <= 0)
			break;
		at += (size_t)n;
		if (!c->tls)
			break;
	}
	c->write_waits_for_read = wait == TLS_WAIT_READ;
	if (at)
		buf_consume(out, at);
	return n < 0 ? -1 : 0;
}
