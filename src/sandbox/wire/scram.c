#include "sandbox/wire/scram.h"

#define PREFIX      "SCRAM-SHA-256$"
#define MAX_MESSAGE 65536

static int refuse(struct err *err, const char *sqlstate, const char *text)
{
	err_set(err, ERR_DATABASE, "%s", text);
	if (err)
		snprintf(err->sqlstate, sizeof(err->sqlstate), "%s", sqlstate);
	return -1;
}

static int malformed(struct err *err)
{
	return refuse(err, "08P01", "malformed SCRAM message");
}

/* ---- verifiers ---- */

int scram_verifier_make(const struct secret *password, const unsigned char *salt, size_t salt_len,
			struct scram_verifier *out, struct err *err)
{
	unsigned char salted[SHA256_SIZE], client_key[SHA256_SIZE];
	struct scram_verifier v = { .salt_len = salt_len, .iterations = SCRAM_ITERATIONS };
	int rc = -1;

	if (salt_len == 0 || salt_len > SCRAM_MAX_SALT)
		return err_set(err, ERR_BUG, "a salt of %zu bytes", salt_len);
	memcpy(v.salt, salt, salt_len);
	if (!hash_pbkdf2_sha256(secret_value(password), password->len, salt, salt_len, v.iterations, salted, err) &&
	    !hash_hmac_sha256(salted, sizeof(salted), "Client Key", 10, client_key, err) &&
	    !hash_sha256(client_key, sizeof(client_key), v.stored_key, err) &&
	    !hash_hmac_sha256(salted, sizeof(salted), "Server Key", 10, v.server_key, err)) {
		*out = v;
		rc = 0;
	}
	explicit_bzero(salted, sizeof(salted));
	explicit_bzero(client_key, sizeof(client_key));
	return rc;
}

/* Base 64 up to `end` (or the text's end when 0); its length, 0 when it is none or too long. *at goes behind end. */
static size_t take_base64(const char **at, char end, unsigned char *to, size_t size)
{
	const char *stop = end ? strchr(*at, end) : *at + strlen(*at);
	struct buf bytes;
	size_t len = 0;

	if (!stop)
		return 0;
	buf_init(&bytes, MAX_MESSAGE);
	if (!hash_base64_decode(*at, (size_t)(stop - *at), &bytes, NULL) && bytes.len <= size) {
		memcpy(to, bytes.data, bytes.len);
		len = bytes.len;
	}
	buf_wipe(&bytes);
	*at = stop + (end ? 1 : 0);
	return len;
}

bool scram_verifier_parse(const char *text, struct scram_verifier *out)
{
	struct scram_verifier v = { .salt_len = 0 };
	const char *at = text + strlen(PREFIX);
	char *end;
	unsigned long iterations;

	if (strncmp(text, PREFIX, strlen(PREFIX)) != 0 || *at < '1' || *at > '9')
		return false;
	iterations = strtoul(at, &end, 10);
	if (*end != ':' || iterations > 10000000)
		return false;
	v.iterations = (uint32_t)iterations;
	at = end + 1;
	v.salt_len = take_base64(&at, '$', v.salt, sizeof(v.salt));
	if (!v.salt_len || take_base64(&at, ':', v.stored_key, SHA256_SIZE) != SHA256_SIZE ||
	    take_base64(&at, 0, v.server_key, SHA256_SIZE) != SHA256_SIZE)
		return false;
	*out = v;
	return true;
}

int scram_verifier_print(const struct scram_verifier *v, struct buf *out, struct err *err)
{
	buf_printf(out, PREFIX "%u:", v->iterations);
	hash_base64(out, v->salt, v->salt_len);
	buf_putc(out, '$');
	hash_base64(out, v->stored_key, SHA256_SIZE);
	buf_putc(out, ':');
	hash_base64(out, v->server_key, SHA256_SIZE);
	return buf_check(out, "a password's verifier", err);
}

/* ---- the exchange ---- */

void scram_init(struct scram *x)
{
	memset(x, 0, sizeof(*x));
	buf_init(&x->client_first_bare, MAX_MESSAGE);
	buf_init(&x->server_first, MAX_MESSAGE);
}

void scram_clear(struct scram *x)
{
	buf_clear(&x->client_first_bare);
	buf_clear(&x->server_first);
}

static bool is_nonce(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] < 0x21 || text[i] > 0x7e || text[i] == ',')
			return false;
	return len > 0 && len <= SCRAM_MAX_NONCE;
}

/* "n,,n=user,r=nonce": who it is was said in the startup message, so the name here is not looked at. */
int scram_begin(struct scram *x, const char *first, size_t len, const struct scram_verifier *v, const char *nonce,
		struct buf *out, struct err *err)
{
	const char *bare, *end, *theirs, *stop;

	if (memchr(first, 0, len) || len < 3 || first[1] != ',')
		return first[0] == 'p' ? refuse(err, "0A000", "channel binding is not offered") : malformed(err);
	if (first[0] != 'n' && first[0] != 'y')
		return malformed(err);
	if (first[2] != ',')
		return refuse(err, "0A000", "client uses authorization identity, but it is not supported");
	snprintf(x->header, sizeof(x->header), "%c,,", first[0]);
	bare = first + 3;
	end = first + len;
	if (end - bare < 2 || bare[0] == 'm')
		return refuse(err, "0A000", "client requires an unsupported SCRAM extension");
	theirs = strncmp(bare, "n=", 2) == 0 ? memchr(bare, ',', (size_t)(end - bare)) : NULL;
	if (!theirs || end - theirs < 4 || theirs[1] != 'r' || theirs[2] != '=')
		return malformed(err);
	theirs += 3;
	stop = memchr(theirs, ',', (size_t)(end - theirs));
	if (!stop)
		stop = end;
	if (!is_nonce(theirs, (size_t)(stop - theirs)))
		return malformed(err);
	buf_add(&x->client_first_bare, bare, (size_t)(end - bare));
	buf_printf(&x->server_first, "r=%.*s%s,s=", (int)(stop - theirs), theirs, nonce);
	hash_base64(&x->server_first, v->salt, v->salt_len);
	buf_printf(&x->server_first, ",i=%u", v->iterations);
	if (buf_check(&x->client_first_bare, "a SCRAM message", err) ||
	    buf_check(&x->server_first, "a SCRAM message", err))
		return -1;
	buf_add(out, x->server_first.data, x->server_first.len);
	return 0;
}

/* The channel's part and the nonce have to be those of this exchange. */
static bool is_same_exchange(const struct scram *x, const char *last, const char *proof)
{
	const char *server_nonce = x->server_first.data, *nonce = strstr(last, ",r=");
	size_t nonce_len = strcspn(server_nonce, ",");
	struct buf channel;
	bool same;

	buf_init(&channel, 64);
	buf_puts(&channel, "c=");
	hash_base64(&channel, x->header, strlen(x->header));
	same = nonce && nonce < proof && (size_t)(nonce - last) == channel.len &&
	       memcmp(last, channel.data, channel.len) == 0 && (size_t)(proof - nonce) >= 1 + nonce_len &&
	       strncmp(nonce + 1, server_nonce, nonce_len) == 0 &&
	       (nonce + 1 + nonce_len == proof || nonce[1 + nonce_len] == ',');
	buf_clear(&channel);
	return same;
}

static int check_proof(const struct buf *message, const unsigned char proof[SHA256_SIZE],
		       const struct scram_verifier *v, bool *proved, struct buf *out, struct err *err)
{
	unsigned char signature[SHA256_SIZE], client_key[SHA256_SIZE], stored[SHA256_SIZE];

	if (hash_hmac_sha256(v->stored_key, SHA256_SIZE, message->data, message->len, signature, err))
		return -1;
	for (int i = 0; i < SHA256_SIZE; i++)
		client_key[i] = signature[i] ^ proof[i];
	if (hash_sha256(client_key, SHA256_SIZE, stored, err))
		return -1;
	explicit_bzero(client_key, sizeof(client_key));
	*proved = secret_equal(stored, SHA256_SIZE, v->stored_key, SHA256_SIZE);
	if (!*proved)
		return 0;
	if (hash_hmac_sha256(v->server_key, SHA256_SIZE, message->data, message->len, signature, err))
		return -1;
	buf_puts(out, "v=");
	hash_base64(out, signature, SHA256_SIZE);
	return buf_check(out, "a SCRAM message", err);
}

/* "c=biws,r=nonce,p=proof" */
int scram_prove(const struct scram *x, const char *last, size_t len, const struct scram_verifier *v, bool *proved,
		struct buf *out, struct err *err)
{
	unsigned char proof[SHA256_SIZE];
	const char *at, *mark = NULL;
	struct buf text, message;
	int rc = -1;

	*proved = false;
	buf_init(&text, MAX_MESSAGE);
	buf_init(&message, 3 * (size_t)MAX_MESSAGE);
	buf_add(&text, last, len);
	if (buf_check(&text, "a SCRAM message", err))
		goto out;
	/* The proof is the last attribute. */
	for (at = strstr(text.data, ",p="); at; at = strstr(at + 1, ",p="))
		mark = at;
	at = mark ? mark + 3 : NULL;
	if (strlen(text.data) != len || !mark || !is_same_exchange(x, text.data, mark) ||
	    take_base64(&at, 0, proof, SHA256_SIZE) != SHA256_SIZE) {
		malformed(err);
		goto out;
	}
	buf_printf(&message, "%s,%s,%.*s", x->client_first_bare.data, x->server_first.data, (int)(mark - text.data),
		   text.data);
	rc = buf_check(&message, "a SCRAM message", err) ? -1 : check_proof(&message, proof, v, proved, out, err);
out:
	buf_clear(&text);
	buf_clear(&message);
	return rc;
}
