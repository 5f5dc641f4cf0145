#include "sandbox/wire/scram.h"
#include "sandbox/wire/session.h"
#include "spark/base/clock.h"
#include "spark/base/hash.h"

#define ANSWER_BOUND_MS 60000
#define ANSWER_MAX      4096
#define SALT_BYTES      4

#define AUTH_MD5           5
#define AUTH_SASL          10
#define AUTH_SASL_CONTINUE 11
#define AUTH_SASL_FINAL    12
#define MECHANISM          "SCRAM-SHA-256" /* without -PLUS: channel binding is not offered */

static int refuse(struct session *s, struct err *why, struct err *err)
{
	session_report(s, "FATAL", why);
	*err = *why;
	return -1;
}

static int refuse_password(struct session *s, struct err *err)
{
	struct err why = { 0 };

	err_set(&why, ERR_DATABASE, "password authentication failed for user \"%s\"", s->startup.user);
	snprintf(why.sqlstate, sizeof(why.sqlstate), "28P01");
	return refuse(s, &why, err);
}

/* The whole PasswordMessage at the front of s->in. */
static int read_answer(struct session *s, const char *expected, struct message *m, struct err *err)
{
	int64_t deadline = clock_mono(&clock_system) + ANSWER_BOUND_MS;
	struct err why = { 0 };

	for (;;) {
		int there = message_peek(s->in.data, s->in.len, m);

		if (there < 0 || (there && (m->type != 'p' || m->len > ANSWER_MAX))) {
			err_set(&why, ERR_DATABASE, "expected %s response, got message type %d", expected,
				s->in.len ? s->in.data[0] : 0);
			snprintf(why.sqlstate, sizeof(why.sqlstate), "08P01");
			return refuse(s, &why, err);
		}
		if (there && message_whole(m))
			return 0;
		if (relay_read_client(s, deadline, err))
			return -1;
	}
}

/* A user that does not exist goes through the same exchange, so that nobody learns who does. */
static int find_verifier(struct session *s, char verifier[VERIFIER_SIZE], bool *exists, struct err *err)
{
	unsigned char random[MD5_SIZE];

	*exists = gateway_find_verifier(s->gateway, s->startup.user, 0, verifier, s->role, sizeof(s->role));
	if (*exists)
		return 0;
	if (secret_random_bytes(random, sizeof(random), err))
		return -1;
	memcpy(verifier, "md5", 3);
	hash_hex(random, sizeof(random), verifier + 3);
	return 0;
}

/* The temporary password before: true when there is another to try. */
static bool next_verifier(struct session *s, size_t older, char verifier[VERIFIER_SIZE])
{
	return gateway_find_verifier(s->gateway, s->startup.user, older, verifier, s->role, sizeof(s->role));
}

/* ---- md5 ---- */

/* "md5" + md5hex(digits of the verifier + salt): what a client that knows the password sends. */
static int expected_answer(const char *verifier, const unsigned char salt[SALT_BYTES], char out[36], struct err *err)
{
	unsigned char digest[MD5_SIZE];
	char text[32 + SALT_BYTES];

	memcpy(text, verifier + 3, 32);
	memcpy(text + 32, salt, SALT_BYTES);
	if (hash_md5(text, sizeof(text), digest, err))
		return -1;
	memcpy(out, "md5", 3);
	hash_hex(digest, sizeof(digest), out + 3);
	return 0;
}

static int check_md5(struct session *s, char verifier[VERIFIER_SIZE], bool *proved, struct err *err)
{
	unsigned char salt[SALT_BYTES];
	char expected[36];
	struct message m;
	size_t at = 0, mark;
	const char *answer;

	if (secret_random_bytes(salt, sizeof(salt), err))
		return -1;
	mark = message_begin(&s->out, 'R');
	message_put32(&s->out, AUTH_MD5);
	buf_add(&s->out, salt, sizeof(salt));
	message_end(&s->out, mark);
	if (read_answer(s, "password", &m, err))
		return -1;
	answer = message_text(&m, &at);
	for (size_t older = 1; !*proved; older++) {
		if (expected_answer(verifier, salt, expected, err))
			return -1;
		*proved = answer && secret_equal(answer, strlen(answer), expected, 35);
		if (!*proved && !next_verifier(s, older, verifier))
			break;
	}
	buf_consume(&s->in, MESSAGE_HEAD + m.len);
	return 0;
}

/* ---- SCRAM ---- */

static int make_nonce(char out[SCRAM_SERVER_NONCE + 1], struct err *err)
{
	unsigned char random[SCRAM_SERVER_NONCE / 4 * 3];
	struct buf text;
	int rc;

	buf_init(&text, 256);
	rc = secret_random_bytes(random, sizeof(random), err);
	hash_base64(&text, random, sizeof(random));
	snprintf(out, SCRAM_SERVER_NONCE + 1, "%s", text.data);
	buf_clear(&text);
	return rc;
}

/* SASLInitialResponse: the mechanism's name, a length, the client's first message. */
static int take_first(struct session *s, const struct message *m, struct scram *x, const struct scram_verifier *v,
		      struct err *why)
{
	char nonce[SCRAM_SERVER_NONCE + 1];
	size_t at = 0, mark;
	const char *mechanism = message_text(m, &at);
	uint32_t len;

	if (!mechanism || strcmp(mechanism, MECHANISM) != 0) {
		err_set(why, ERR_DATABASE, "client selected an invalid SASL authentication mechanism");
		snprintf(why->sqlstate, sizeof(why->sqlstate), "08P01");
		return -1;
	}
	len = m->len - at >= 4 ? wire_get32(m->body + at) : UINT32_MAX;
	if (len != m->len - at - 4) {
		err_set(why, ERR_DATABASE, "malformed SCRAM message");
		snprintf(why->sqlstate, sizeof(why->sqlstate), "08P01");
		return -1;
	}
	if (make_nonce(nonce, why))
		return -1;
	mark = message_begin(&s->out, 'R');
	message_put32(&s->out, AUTH_SASL_CONTINUE);
	if (scram_begin(x, (const char *)m->body + at + 4, len, v, nonce, &s->out, why)) {
		buf_cut(&s->out, mark);
		return -1;
	}
	message_end(&s->out, mark);
	return 0;
}

/* Of several temporary passwords, which have one salt, any is good. */
static int take_last(struct session *s, const struct message *m, const struct scram *x, char verifier[VERIFIER_SIZE],
		     bool *proved, struct err *why)
{
	struct scram_verifier v;
	size_t mark = message_begin(&s->out, 'R');
	int rc = 0;

	message_put32(&s->out, AUTH_SASL_FINAL);
	for (size_t older = 1; !*proved && !rc; older++) {
		if (scram_verifier_parse(verifier, &v))
			rc = scram_prove(x, (const char *)m->body, m->len, &v, proved, &s->out, why);
		if (!*proved && !next_verifier(s, older, verifier))
			break;
	}
	if (*proved)
		message_end(&s->out, mark);
	else
		buf_cut(&s->out, mark);
	return rc;
}

static int check_scram(struct session *s, char verifier[VERIFIER_SIZE], bool *proved, struct err *err)
{
	struct scram_verifier v;
	struct err why = { 0 };
	struct message m;
	struct scram x;
	size_t mark;
	int rc = -1;

	if (!scram_verifier_parse(verifier, &v))
		return refuse_password(s, err);
	scram_init(&x);
	mark = message_begin(&s->out, 'R');
	message_put32(&s->out, AUTH_SASL);
	message_put_text(&s->out, MECHANISM);
	buf_putc(&s->out, 0);
	message_end(&s->out, mark);
	if (read_answer(s, "SASL", &m, err))
		goto out;
	if (take_first(s, &m, &x, &v, &why)) {
		refuse(s, &why, err);
		goto out;
	}
	buf_consume(&s->in, MESSAGE_HEAD + m.len);
	if (read_answer(s, "SASL", &m, err))
		goto out;
	if (take_last(s, &m, &x, verifier, proved, &why)) {
		refuse(s, &why, err);
		goto out;
	}
	buf_consume(&s->in, MESSAGE_HEAD + m.len);
	rc = 0;
out:
	scram_clear(&x);
	return rc;
}

int auth_check(struct session *s, struct err *err)
{
	char verifier[VERIFIER_SIZE];
	bool exists, proved = false;

	if (find_verifier(s, verifier, &exists, err))
		return -1;
	if (verifier[0] == 'S' ? check_scram(s, verifier, &proved, err) : check_md5(s, verifier, &proved, err))
		return -1;
	return proved && exists ? 0 : refuse_password(s, err);
}
