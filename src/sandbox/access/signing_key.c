#include "sandbox/access/signing_key.h"

#include <pthread.h>

#include "spark/base/mem.h"

#define REMEMBERED 32
#define SECRET_MAX 128 /* longer ones are worked out each time */

struct remembered {
	char key_id[129], date[9], region[32], service[32]; /* key_id "": free */
	char secret[SECRET_MAX];
	size_t secret_len;
	unsigned char key[SHA256_SIZE];
	unsigned long used; /* when, counted in uses */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct remembered all[REMEMBERED];
static unsigned long uses;

/* Under the lock. */
static struct remembered *find(const struct sign_claim *c, const struct secret *secret)
{
	for (size_t i = 0; i < REMEMBERED; i++) {
		struct remembered *m = &all[i];

		if (!strcmp(m->key_id, c->key_id) && *m->key_id && !strcmp(m->date, c->date) &&
		    !strcmp(m->region, c->region) && !strcmp(m->service, c->service) &&
		    secret_equal(m->secret, m->secret_len, secret_value(secret), strlen(secret_value(secret))))
			return m;
	}
	return NULL;
}

static bool recall(const struct sign_claim *c, const struct secret *secret, unsigned char out[SHA256_SIZE])
{
	struct remembered *m;

	pthread_mutex_lock(&lock);
	m = find(c, secret);
	if (m) {
		m->used = ++uses;
		memcpy(out, m->key, SHA256_SIZE);
	}
	pthread_mutex_unlock(&lock);
	return m != NULL;
}

/* In the place of the one that was not used for longest. */
static void remember(const struct sign_claim *c, const struct secret *secret, const unsigned char key[SHA256_SIZE])
{
	size_t len = strlen(secret_value(secret));
	struct remembered *m = all;

	if (len >= SECRET_MAX)
		return;
	pthread_mutex_lock(&lock);
	for (size_t i = 1; i < REMEMBERED && *m->key_id; i++)
		if (!*all[i].key_id || all[i].used < m->used)
			m = &all[i];
	explicit_bzero(m, sizeof(*m));
	memcpy(m->key_id, c->key_id, sizeof(m->key_id));
	memcpy(m->date, c->date, sizeof(m->date));
	memcpy(m->region, c->region, sizeof(m->region));
	memcpy(m->service, c->service, sizeof(m->service));
	memcpy(m->secret, secret_value(secret), len);
	m->secret_len = len;
	memcpy(m->key, key, SHA256_SIZE);
	m->used = ++uses;
	pthread_mutex_unlock(&lock);
}

static int work_out(const struct sign_claim *c, const struct secret *secret, unsigned char out[SHA256_SIZE],
		    struct err *err)
{
	const char *const steps[] = { c->date, c->region, c->service, "aws4_request" };
	unsigned char next[SHA256_SIZE];
	struct buf first;
	int rc = -1;

	buf_init(&first, 1024);
	buf_puts(&first, "AWS4");
	buf_puts(&first, secret_value(secret));
	if (buf_check(&first, "the secret", err) ||
	    hash_hmac_sha256(first.data, first.len, steps[0], strlen(steps[0]), out, err))
		goto out;
	for (size_t i = 1; i < sizeof(steps) / sizeof(*steps); i++) {
		if (hash_hmac_sha256(out, SHA256_SIZE, steps[i], strlen(steps[i]), next, err))
			goto out;
		memcpy(out, next, SHA256_SIZE);
	}
	rc = 0;
out:
	explicit_bzero(next, sizeof(next));
	buf_wipe(&first);
	return rc;
}

int signing_key_get(const struct sign_claim *c, const struct secret *secret, unsigned char out[SHA256_SIZE],
		    struct err *err)
{
	if (recall(c, secret, out))
		return 0;
	if (work_out(c, secret, out, err))
		return -1;
	remember(c, secret, out);
	return 0;
}

void signing_key_forget(const char *key_id)
{
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < REMEMBERED; i++)
		if (!key_id || !strcmp(all[i].key_id, key_id))
			explicit_bzero(&all[i], sizeof(all[i]));
	pthread_mutex_unlock(&lock);
}
