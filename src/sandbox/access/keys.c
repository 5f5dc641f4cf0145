#include "spark/base/secret.h"
#include "spark/sandbox/access.h"
#include "spark/sandbox/http.h"

/* Kind "iam:access-key", id = key id: {id, secret, userName, userId, arn, status "Active"|"Inactive", created} and, for
 * temporary ones, {token, expiresMs}. Kind "iam:user", id = lower-case name: {name, path, userId, arn, created}.
 * The secret must be had in the clear to verify with it; the store's file is for its owner only. */

#define ROOT_USER   "sparkctl"
#define SECRET_SIZE 40

static bool key_status(struct world *w, const char *key_id, const char *secret, bool *matches)
{
	const struct json *doc;
	bool found;

	store_lock(w->store);
	doc = store_get(w->store, "iam:access-key", key_id);
	found = doc && !strcmp(json_str(doc, "status", "Active"), "Active");
	if (found) {
		const char *stored = json_str(doc, "secret", "");

		*matches = secret_equal(stored, strlen(stored), secret, strlen(secret));
	}
	store_unlock(w->store);
	return found;
}

int access_check_key(struct world *w, const char *key_id, const char *secret, struct err *err)
{
	bool matches = false;

	if (!key_status(w, key_id, secret, &matches)) {
		service_error(err, 403, "InvalidAccessKeyId",
			      "The AWS Access Key Id you provided does not exist in our records.");
		goto refused;
	}
	if (!matches) {
		service_error(err, 403, "SignatureDoesNotMatch",
			      "The request signature we calculated does not match the signature you provided. Check "
			      "your key and signing method.");
		goto refused;
	}
	return 0;
refused:
	if (err)
		err->kind = ERR_CREDENTIALS;
	return -1;
}

static int random_secret(char out[SECRET_SIZE + 1], struct err *err)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned char random[SECRET_SIZE];

	if (secret_random_bytes(random, sizeof(random), err))
		return -1;
	for (size_t i = 0; i < sizeof(random); i++)
		out[i] = alphabet[random[i] & 63];
	out[SECRET_SIZE] = 0;
	explicit_bzero(random, sizeof(random));
	return 0;
}

/* Finds the key of the first user, if he has one. */
struct key_search {
	char *key_id;
	struct secret *secret;
	struct err *err;
	int rc;
};

static int match_key(void *arg, const char *id, const struct json *doc)
{
	struct key_search *s = arg;

	if (strcmp(json_str(doc, "userName", ""), ROOT_USER) || strlen(id) > 128)
		return 0;
	snprintf(s->key_id, 129, "%s", id);
	s->rc = secret_set(s->secret, json_str(doc, "secret", ""), s->err);
	return 1;
}

static int put_user(struct world *w, const char *user_id, const char *arn, const char *now, struct err *err)
{
	struct json *user = json_new_object();

	if (!user || json_set_str(user, "name", ROOT_USER) || json_set_str(user, "path", "/") ||
	    json_set_str(user, "userId", user_id) || json_set_str(user, "arn", arn) ||
	    json_set_str(user, "created", now)) {
		json_free(user);
		return err_nomem(err);
	}
	return store_put(w->store, "iam:user", ROOT_USER, user, err);
}

static int put_key(struct world *w, const char *key_id, const char *secret, const char *user_id, const char *arn,
		   const char *now, struct err *err)
{
	struct json *key = json_new_object();

	if (!key || json_set_str(key, "id", key_id) || json_set_str(key, "secret", secret) ||
	    json_set_str(key, "userName", ROOT_USER) || json_set_str(key, "userId", user_id) ||
	    json_set_str(key, "arn", arn) || json_set_str(key, "status", "Active") ||
	    json_set_str(key, "created", now)) {
		json_free(key);
		return err_nomem(err);
	}
	return store_put(w->store, "iam:access-key", key_id, key, err);
}

static int make_root(struct world *w, char key_id[129], struct secret *secret, struct err *err)
{
	char text[SECRET_SIZE + 1], user_id[32], arn[128], now[CLOCK_TEXT];
	int rc = -1;

	clock_iso_s(clock_now(w->clock), now);
	snprintf(arn, sizeof(arn), "arn:aws:iam::%s:user/" ROOT_USER, w->account);
	if (random_secret(text, err) || world_id_base32("AKIA", 16, key_id, 129, err) ||
	    world_id_base32("AIDA", 17, user_id, sizeof(user_id), err) || secret_set(secret, text, err) ||
	    put_user(w, user_id, arn, now, err) || put_key(w, key_id, text, user_id, arn, now, err))
		goto out;
	rc = store_commit(w->store, err);
out:
	explicit_bzero(text, sizeof(text));
	return rc;
}

int access_ensure_root(struct world *w, char key_id[129], struct secret *secret, struct err *err)
{
	struct key_search s = { key_id, secret, err, 0 };
	int rc;

	store_lock(w->store);
	if (store_each(w->store, "iam:access-key", "", match_key, &s))
		rc = s.rc;
	else
		rc = make_root(w, key_id, secret, err);
	if (rc)
		store_rollback(w->store);
	store_unlock(w->store);
	return rc;
}
