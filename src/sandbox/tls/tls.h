#ifndef SPARK_SANDBOX_TLS_TLS_H
#define SPARK_SANDBOX_TLS_TLS_H

#include <stddef.h>

#include "spark/base/buf.h"
#include "spark/base/err.h"

/* The server's half of TLS (1.2 and newer) over descriptors that do not block: what the gateways of clusters speak. */
struct tls_server; /* certificate and key; shared by all threads */
struct tls;        /* one connection */

/* Both as PEM. ERR_BUG when OpenSSL does not take them. */
int tls_server_new(const struct buf *cert_pem, const struct buf *key_pem, struct tls_server **out,
		   struct err *err) MUST_CHECK;
void tls_server_free(struct tls_server *s); /* NULL is fine */

/* The descriptor stays the caller's. NULL with err. */
struct tls *tls_new(struct tls_server *s, int fd, struct err *err) MUST_CHECK;
/* Says goodbye when the connection is in a state for it, without waiting. */
void tls_free(struct tls *t); /* NULL is fine */

/* "TLSv1.3" and the cipher's name, once the handshake is done; lent. */
const char *tls_version(const struct tls *t);
const char *tls_cipher(const struct tls *t);

/* What a call that could not go on waits for. */
enum tls_wait { TLS_WAIT_READ, TLS_WAIT_WRITE };

/* 1: the handshake is done; 0: wait as *wait says and call again; -1: the client and we do not agree. */
int tls_accept(struct tls *t, enum tls_wait *wait, struct err *err) MUST_CHECK;
/* Bytes moved, 0: wait as *wait says; -1: the end. A write that had to wait may be repeated with more behind it. */
long tls_read(struct tls *t, void *room, size_t size, enum tls_wait *wait) MUST_CHECK;
long tls_write(struct tls *t, const void *bytes, size_t len, enum tls_wait *wait) MUST_CHECK;

#endif
