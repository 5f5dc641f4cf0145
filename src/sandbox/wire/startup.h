#ifndef SPARK_SANDBOX_WIRE_STARTUP_H
#define SPARK_SANDBOX_WIRE_STARTUP_H

#include "sandbox/wire/message.h"

/* The first message of a client, which has no type byte. */
enum startup_kind { STARTUP_KIND_SESSION, STARTUP_KIND_SSL, STARTUP_KIND_GSSENC, STARTUP_KIND_CANCEL };

struct startup_setting {
	const char *name, *value; /* lend from startup.bytes */
};

struct startup {
	enum startup_kind kind;
	uint32_t cancel_pid, cancel_key;
	int minor; /* of protocol 3 */
	char *bytes;
	struct startup_setting *settings; /* for the server: all but user, database and what Redshift's drivers add */
	size_t count, cap;
	const char *user, *database;
	bool redshift_driver;                    /* it said client_protocol_version */
	const char *driver_version, *os_version; /* what such a driver tells of itself; may be NULL */
	const char **unknown;                    /* "_pq_." extensions that we do not have */
	size_t unknown_count, unknown_cap;
};

/* The length of a startup message from its first four bytes; 0 when it cannot be. */
size_t startup_length(const unsigned char head[4]);
/* Takes the message (with its length word) apart. ERR_DATABASE with the SQLSTATE for the client. */
int startup_parse(const void *bytes, size_t len, struct startup *out, struct err *err) MUST_CHECK;
void startup_clear(struct startup *s);
/* NegotiateProtocolVersion, when the client asked for more than 3.0 or for extensions. */
void startup_negotiate(const struct startup *s, struct buf *out);

#endif
