#include "sandbox/wire/logins.h"

#include <pthread.h>

#include "sandbox/wire/scram.h"
#include "spark/base/mem.h"

struct logins {
	pthread_mutex_t lock;
	const struct clock *now;
	unsigned char key[SHA256_SIZE]; /* of salts */
	struct login *items;
	size_t count, cap;
};

struct logins *logins_new(const struct clock *now, struct err *err)
{
	struct logins *l = mem_alloc(sizeof(*l));

	if (!l) {
		err_nomem(err);
		return NULL;
	}
	if (secret_random_bytes(l->key, sizeof(l->key), err)) {
		mem_free(l);
		return NULL;
	}
	pthread_mutex_init(&l->lock, NULL);
	l->now = now;
	return l;
}

void logins_free(struct logins *l)
{
	if (!l)
		return;
	pthread_mutex_destroy(&l->lock);
	mem_free(l->items);
	mem_free(l);
}

/* As PostgreSQL keeps it: "md5" and the digest of password and user. */
static int make_md5(const struct secret *password, const char *user, char out[VERIFIER_SIZE], struct err *err)
{
	unsigned char digest[MD5_SIZE];
	size_t len = 0;
	struct hash *h = hash_new(HASH_MD5, err);

	if (!h || hash_update(h, secret_value(password), password->len, err) ||
	    hash_update(h, user, strlen(user), err)) {
		hash_free(h);
		return -1;
	}
	if (hash_finish(h, digest, &len, err))
		return -1;
	memcpy(out, "md5", 3);
	hash_hex(digest, sizeof(digest), out + 3);
	return 0;
}

/* All passwords of one user have the same salt: it is said before the client tells which of them it has. */
static int make_scram(const struct logins *l, const struct secret *password, const char *user, char out[VERIFIER_SIZE],
		      struct err *err)
{
	unsigned char salt[SHA256_SIZE];
	struct scram_verifier v;
	struct buf text;
	int rc = -1;

	buf_init(&text, VERIFIER_SIZE);
	if (!hash_hmac_sha256(l->key, sizeof(l->key), user, strlen(user), salt, err) &&
	    !scram_verifier_make(password, salt, SCRAM_SALT_BYTES, &v, err) && !scram_verifier_print(&v, &text, err)) {
		snprintf(out, VERIFIER_SIZE, "%s", text.data);
		rc = 0;
	}
	buf_clear(&text);
	return rc;
}

static void drop_expired(struct logins *l)
{
	int64_t now = clock_now(l->now);
	size_t kept = 0;

	for (size_t i = 0; i < l->count; i++)
		if (l->items[i].expires_ms > now)
			l->items[kept++] = l->items[i];
	l->count = kept;
}

int logins_add(struct logins *l, const char *db_user, const char *maps_to, const struct secret *password,
	       int64_t expires_ms, struct err *err)
{
	struct login one = { .expires_ms = expires_ms };
	int rc = -1;

	if (strlen(db_user) >= sizeof(one.db_user) || strlen(maps_to) >= sizeof(one.maps_to))
		return err_set(err, ERR_CONFIG, "the user name '%s' is too long", db_user);
	snprintf(one.db_user, sizeof(one.db_user), "%s", db_user);
	snprintf(one.maps_to, sizeof(one.maps_to), "%s", maps_to);
	if (make_md5(password, db_user, one.md5, err) || make_scram(l, password, db_user, one.scram, err))
		return -1;
	pthread_mutex_lock(&l->lock);
	drop_expired(l);
	if (mem_grow(&l->items, &l->cap, l->count, sizeof(*l->items))) {
		err_nomem(err);
	} else {
		l->items[l->count++] = one;
		rc = 0;
	}
	pthread_mutex_unlock(&l->lock);
	return rc;
}

bool logins_find(struct logins *l, const char *user, size_t older, struct login *out)
{
	bool found = false;

	pthread_mutex_lock(&l->lock);
	drop_expired(l);
	for (size_t i = l->count; i-- > 0 && !found;)
		if (strcmp(l->items[i].db_user, user) == 0 && older-- == 0) {
			*out = l->items[i];
			found = true;
		}
	pthread_mutex_unlock(&l->lock);
	return found;
}
