#ifndef SPARK_SANDBOX_WIRE_CHANNEL_H
#define SPARK_SANDBOX_WIRE_CHANNEL_H

#include <stdbool.h>

#include "sandbox/tls/tls.h"
#include "spark/base/buf.h"

/* The client's end of a session, encrypted or not. Nothing here waits. */
struct channel {
	int fd;          /* -1: closed */
	struct tls *tls; /* NULL: plain */
	/* Under TLS either direction may need the other one of the socket first. */
	bool read_waits_for_write, write_waits_for_read;
};

void channel_close(struct channel *c);
/* The events of poll() for wanting to read, to write, or both. */
short channel_events(const struct channel *c, bool read, bool write);
/* Whether what poll() found lets a read, or a write, go on. */
bool channel_readable(const struct channel *c, short found);
bool channel_writable(const struct channel *c, short found);
/* 1: something came and was appended; 0: nothing yet; -1: the end. */
int channel_read(struct channel *c, struct buf *in);
/* Takes from the front of out what can be sent now. -1: the end. */
int channel_write(struct channel *c, struct buf *out);

#endif
