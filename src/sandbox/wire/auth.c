#include "sandbox/wire/session.h"
#include "spark/base/clock.h"
#include "spark/base/hash.h"

#define ANSWER_BOUND_MS 60000
#define ANSWER_MAX      4096
#define SALT_BYTES      4

/* "md5" + md5hex(digits of the verifier + salt): what a client that knows the password sends. */
static int expected_answer(const char verifier[36], const unsigned char salt[SALT_BYTES], char out[36], struct err *err)
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

static int refuse(struct session *s, const char *sqlstate, struct err *err)
{
	struct err why = { 0 };

	if (strcmp(sqlstate, "28P01") == 0)
		err_set(&why, ERR_DATABASE, "password authentication failed for user \"%s\"", s->startup.user);
	else
		err_set(&why, ERR_DATABASE, "expected password response, got message type %d",
			s->in.len ? s->in.data[0] : 0);
	snprintf(why.sqlstate, sizeof(why.sqlstate), "%s", sqlstate);
	session_report(s, "FATAL", &why);
	*err = why;
	return -1;
}

/* The whole PasswordMessage at the front of s->in. */
static int read_answer(struct session *s, struct message *m, struct err *err)
{
	int64_t deadline = clock_mono(&clock_system) + ANSWER_BOUND_MS;

	for (;;) {
		int there = message_peek(s->in.data, s->in.len, m);

		if (there < 0 || (there && (m->type != 'p' || m->len > ANSWER_MAX)))
			return refuse(s, "08P01", err);
		if (there && message_whole(m))
			return 0;
		if (relay_read_client(s, deadline, err))
			return -1;
	}
}

/* A user that does not exist goes through the same exchange, so that nobody learns who does. */
static int find_verifier(struct session *s, char verifier[36], bool *exists, struct err *err)
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

/* Does the answer prove the newest password, or one of the older ones that still hold? */
static int check_answer(struct session *s, const char *answer, char verifier[36], const unsigned char salt[SALT_BYTES],
			bool *proved, struct err *err)
{
	char expected[36];

	*proved = false;
	for (size_t older = 1; !*proved; older++) {
		if (expected_answer(verifier, salt, expected, err))
			return -1;
		*proved = answer && secret_equal(answer, strlen(answer), expected, 35);
		if (!*proved &&
		    !gateway_find_verifier(s->gateway, s->startup.user, older, verifier, s->role, sizeof(s->role)))
			break;
	}
	return 0;
}

int auth_check(struct session *s, struct err *err)
{
	char verifier[36];
	unsigned char salt[SALT_BYTES];
	struct message m;
	size_t at = 0, mark;
	const char *answer;
	bool exists, proved;

	if (secret_random_bytes(salt, sizeof(salt), err) || find_verifier(s, verifier, &exists, err))
		return -1;
	mark = message_begin(&s->out, 'R');
	message_put32(&s->out, 5);
	buf_add(&s->out, salt, sizeof(salt));
	message_end(&s->out, mark);
	if (read_answer(s, &m, err))
		return -1;
	answer = message_text(&m, &at);
	if (check_answer(s, answer, verifier, salt, &proved, err))
		return -1;
	buf_consume(&s->in, MESSAGE_HEAD + m.len);
	return proved && exists ? 0 : refuse(s, "28P01", err);
}
