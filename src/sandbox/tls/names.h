#ifndef SPARK_SANDBOX_TLS_NAMES_H
#define SPARK_SANDBOX_TLS_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "spark/base/err.h"

/* The names under which this machine's sandbox is reached, for its certificate: those of the machine itself; the
 * address that it listens on, or every address of the machine when it listens on all; and what --allow-host gave. */
struct tls_names {
	char **list;
	size_t count, cap;
};

/* allowed: NULL-terminated, or NULL. ERR_CONFIG: one of them is no host name. */
int tls_names_make(const char *bind, const char *const *allowed, struct tls_names *out, struct err *err) MUST_CHECK;
void tls_names_clear(struct tls_names *n); /* accepts a zeroed struct */

/* An IPv4 or IPv6 address in digits. */
bool tls_names_is_address(const char *name);

#endif
