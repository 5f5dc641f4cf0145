#include "sandbox/tls/tls.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "spark/base/mem.h"

struct tls_server {
	SSL_CTX *ctx;
};

struct tls {
	SSL *ssl;
	bool broken; /* nothing may be said any more */
};

static int failure(struct err *err, const char *what)
{
	const char *why = ERR_reason_error_string(ERR_peek_last_error());

	ERR_clear_error();
	return err_set(err, ERR_UNREACHABLE, "%s: %s", what, why ? why : "the connection was closed");
}

static int use_pem(SSL_CTX *ctx, const struct buf *cert_pem, const struct buf *key_pem)
{
	BIO *cert_bio = BIO_new_mem_buf(cert_pem->data, (int)cert_pem->len);
	BIO *key_bio = BIO_new_mem_buf(key_pem->data, (int)key_pem->len);
	X509 *cert = cert_bio ? PEM_read_bio_X509(cert_bio, NULL, NULL, NULL) : NULL;
	EVP_PKEY *key = key_bio ? PEM_read_bio_PrivateKey(key_bio, NULL, NULL, NULL) : NULL;
	bool good = cert && key && SSL_CTX_use_certificate(ctx, cert) == 1 && SSL_CTX_use_PrivateKey(ctx, key) == 1 &&
		    SSL_CTX_check_private_key(ctx) == 1;

	X509_free(cert);
	EVP_PKEY_free(key);
	BIO_free(cert_bio);
	BIO_free(key_bio);
	return good ? 0 : -1;
}

int tls_server_new(const struct buf *cert_pem, const struct buf *key_pem, struct tls_server **out, struct err *err)
{
	struct tls_server *s = mem_alloc(sizeof(*s));

	if (!s)
		return err_nomem(err);
	s->ctx = SSL_CTX_new(TLS_server_method());
	if (!s->ctx || SSL_CTX_set_min_proto_version(s->ctx, TLS1_2_VERSION) != 1 ||
	    use_pem(s->ctx, cert_pem, key_pem)) {
		tls_server_free(s);
		failure(err, "cannot use the sandbox's certificate");
		if (err)
			err->kind = ERR_BUG;
		return -1;
	}
	/* Buffers that move and grow between two tries of one write; and a thousand idle connections keep none. */
	SSL_CTX_set_mode(s->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
					 SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_options(s->ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET);
	/* Drivers open a connection anew each time; a ticket would be bytes that nobody uses. */
	(void)SSL_CTX_set_num_tickets(s->ctx, 0);
	SSL_CTX_set_session_cache_mode(s->ctx, SSL_SESS_CACHE_OFF);
	*out = s;
	return 0;
}

void tls_server_free(struct tls_server *s)
{
	if (!s)
		return;
	SSL_CTX_free(s->ctx);
	mem_free(s);
}

struct tls *tls_new(struct tls_server *s, int fd, struct err *err)
{
	struct tls *t = mem_alloc(sizeof(*t));

	if (!t) {
		err_nomem(err);
		return NULL;
	}
	t->ssl = SSL_new(s->ctx);
	if (!t->ssl || SSL_set_fd(t->ssl, fd) != 1) {
		tls_free(t);
		failure(err, "cannot begin an encrypted connection");
		return NULL;
	}
	return t;
}

const char *tls_version(const struct tls *t)
{
	return SSL_get_version(t->ssl);
}

const char *tls_cipher(const struct tls *t)
{
	return SSL_get_cipher_name(t->ssl);
}

void tls_free(struct tls *t)
{
	if (!t)
		return;
	if (t->ssl && !t->broken && SSL_is_init_finished(t->ssl))
		(void)SSL_shutdown(t->ssl);
	SSL_free(t->ssl);
	ERR_clear_error();
	mem_free(t);
}

/* 0 when it is only to wait. */
static int judge(struct tls *t, int rc, enum tls_wait *wait)
{
	switch (SSL_get_error(t->ssl, rc)) {
	case SSL_ERROR_WANT_READ:
		*wait = TLS_WAIT_READ;
		return 0;
	case SSL_ERROR_WANT_WRITE:
		*wait = TLS_WAIT_WRITE;
		return 0;
	case SSL_ERROR_ZERO_RETURN:
		return -1;
	default:
		t->broken = true;
		return -1;
	}
}

int tls_accept(struct tls *t, enum tls_wait *wait, struct err *err)
{
	int rc;

	ERR_clear_error();
	rc = SSL_accept(t->ssl);
	if (rc == 1)
		return 1;
	return judge(t, rc, wait) ? failure(err, "the client does not agree on encryption") : 0;
}

long tls_read(struct tls *t, void *room, size_t size, enum tls_wait *wait)
{
	size_t got = 0;

	/* A record at a time: the rest would stay in OpenSSL, where poll() does not see it. */
	while (got < size) {
		size_t want = size - got < INT_MAX ? size - got : INT_MAX;
		int n;

		ERR_clear_error();
		n = SSL_read(t->ssl, (char *)room + got, (int)want);
		if (n <= 0)
			return judge(t, n, wait) && !got ? -1 : (long)got;
		got += (size_t)n;
		if (!SSL_pending(t->ssl))
			break;
	}
	return (long)got;
}

long tls_write(struct tls *t, const void *bytes, size_t len, enum tls_wait *wait)
{
	int n;

	ERR_clear_error();
	n = SSL_write(t->ssl, bytes, (int)(len < INT_MAX ? len : INT_MAX));
	if (n > 0)
		return n;
	return judge(t, n, wait);
}
