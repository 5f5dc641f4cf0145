#include "sandbox/access/keys.h"

#include "spark/base/hash.h"
#include "spark/base/log.h"
#include "spark/base/mem.h"

#define ROOT_USER       "sparkctl"
#define ROOT_POLICY     "arn:aws:iam::aws:policy/AdministratorAccess"
#define USE_STEP_MS     ((int64_t)60 * 1000)
#define KEPT_EXPIRED_MS ((int64_t)24 * 3600 * 1000)

enum key_answer { KEY_FINE, KEY_UNKNOWN, KEY_WRONG_SECRET, KEY_WRONG_TOKEN, KEY_EXPIRED };

static bool same_secret(const char *stored, const char *given)
{
	return secret_equal(stored, strlen(stored), given, strlen(given));
}

static enum key_answer ask_key(struct world *w, const struct json *key, const char *secret, const char *token)
{
	int64_t expires = json_int(key, "expiresMs", 0);
	const char *stored_token = json_str(key, "token", "");

	if (!key || strcmp(json_str(key, "status", "Active"), "Active") || (*stored_token && !*token))
		return KEY_UNKNOWN;
	if (!same_secret(json_str(key, "secret", ""), secret))
		return KEY_WRONG_SECRET;
	if (!same_secret(stored_token, token))
		return KEY_WRONG_TOKEN;
	return expires && clock_now(w->clock) >= expires ? KEY_EXPIRED : KEY_FINE;
}

static void fill_caller(const struct world *w, const char *key_id, const struct json *key, const char *region,
			struct caller *who)
{
	memset(who, 0, sizeof(*who));
	snprintf(who->access_key_id, sizeof(who->access_key_id), "%s", key_id);
	snprintf(who->account, sizeof(who->account), "%s", w->account);
	snprintf(who->arn, sizeof(who->arn), "%s", json_str(key, "arn", ""));
	snprintf(who->user_id, sizeof(who->user_id), "%s", json_str(key, "userId", ""));
	snprintf(who->service, sizeof(who->service), "s3");
	snprintf(who->region, sizeof(who->region), "%s", region);
	who->session = json_get(key, "token") != NULL;
}

int access_check_key(struct world *w, const char *key_id, const char *secret, const char *token, const char *region,
		     struct caller *who, struct err *err)
{
	static const struct {
		const char *code;
		int status;
		const char *text;
	} refusals[] = {
		[KEY_UNKNOWN] = { "InvalidAccessKeyId", 403,
				  "The AWS Access Key Id you provided does not exist in our records." },
		[KEY_WRONG_SECRET] = { "SignatureDoesNotMatch", 403,
				       "The request signature we calculated does not match the signature you "
				       "provided. Check your key and signing method." },
		[KEY_WRONG_TOKEN] = { "InvalidToken", 400, "The provided token is malformed or otherwise invalid." },
		[KEY_EXPIRED] = { "ExpiredToken", 400, "The provided token has expired." },
	};
	const struct json *key;
	enum key_answer answer;

	store_lock(w->store);
	key = store_get(w->store, "iam:access-key", key_id);
	answer = ask_key(w, key, secret, token);
	if (answer == KEY_FINE)
		fill_caller(w, key_id, key, region, who);
	store_unlock(w->store);
	if (answer == KEY_FINE)
		return 0;
	service_error(err, refusals[answer].status, refusals[answer].code, "%s", refusals[answer].text);
	if (err)
		err->kind = ERR_CREDENTIALS;
	return -1;
}

static int random_secret(char out[KEY_SECRET_SIZE], struct err *err)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned char random[KEY_SECRET_SIZE - 1];

	if (secret_random_bytes(random, sizeof(random), err))
		return -1;
	for (size_t i = 0; i < sizeof(random); i++)
		out[i] = alphabet[random[i] & 63];
	out[KEY_SECRET_SIZE - 1] = 0;
	explicit_bzero(random, sizeof(random));
	return 0;
}

int keys_create(struct world *w, const struct json *user, char id[KEY_ID_SIZE], char secret[KEY_SECRET_SIZE],
		struct err *err)
{
	char now[CLOCK_TEXT];
	struct json *key;

	if (random_secret(secret, err) || world_id_base32("AKIA", 16, id, KEY_ID_SIZE, err))
		return -1;
	clock_iso_s(clock_now(w->clock), now);
	key = json_new_object();
	if (!key || json_set_str(key, "id", id) || json_set_str(key, "secret", secret) ||
	    json_set_str(key, "userName", json_str(user, "name", "")) ||
	    json_set_str(key, "userId", json_str(user, "userId", "")) ||
	    json_set_str(key, "arn", json_str(user, "arn", "")) || json_set_str(key, "status", "Active") ||
	    json_set_str(key, "created", now)) {
		json_free(key);
		return err_nomem(err);
	}
	return store_put(w->store, "iam:access-key", id, key, err);
}

struct counting {
	const char *user_name;
	size_t count;
};

static int count_key(void *arg, const char *id, const struct json *key)
{
	struct counting *c = arg;

	(void)id;
	c->count += !json_get(key, "token") && !strcmp(json_str(key, "userName", ""), c->user_name);
	return 0;
}

size_t keys_count(struct world *w, const char *user_name)
{
	struct counting c = { user_name, 0 };

	store_each(w->store, "iam:access-key", "", count_key, &c);
	return c.count;
}

struct pruning {
	int64_t before_ms;
	struct json *ids;
	bool failed;
};

static int find_expired(void *arg, const char *id, const struct json *key)
{
	struct pruning *p = arg;
	int64_t expires = json_int(key, "expiresMs", 0);

	if (expires && expires < p->before_ms && json_append_str(p->ids, id))
		p->failed = true;
	return p->failed;
}

static int prune(struct world *w, struct err *err)
{
	struct pruning p = { clock_now(w->clock) - KEPT_EXPIRED_MS, json_new_array(), false };
	int rc = 0;

	if (!p.ids)
		return err_nomem(err);
	store_each(w->store, "iam:access-key", "", find_expired, &p);
	if (p.failed)
		rc = err_nomem(err);
	for (const struct json *id = json_first(p.ids); id && rc == 0; id = json_next(id)) {
		rc = store_delete(w->store, "iam:access-key", json_text(id), err);
		if (rc == 0)
			rc = keys_forget_use(w, json_text(id), err);
	}
	json_free(p.ids);
	return rc;
}

static int random_token(char out[KEY_TOKEN_SIZE], struct err *err)
{
	unsigned char random[240];
	struct buf b;
	int rc = -1;

	buf_init(&b, KEY_TOKEN_SIZE);
	if (secret_random_bytes(random, sizeof(random), err))
		goto out;
	/* How AWS's begin. */
	buf_puts(&b, "FwoGZXIvYXdz");
	hash_base64(&b, random, sizeof(random));
	if (buf_check(&b, "the token", err))
		goto out;
	memcpy(out, b.data, b.len + 1);
	rc = 0;
out:
	buf_wipe(&b);
	explicit_bzero(random, sizeof(random));
	return rc;
}

/* Takes s->policies and s->tags. */
static int fill_session(struct json *key, struct session *s, const struct session_key *k, const char *now)
{
	struct json *policies = s->policies, *tags = s->tags;

	s->policies = s->tags = NULL;
	if (policies && json_set(key, "sessionPolicies", policies)) {
		json_free(tags);
		return -1;
	}
	if (tags && json_set(key, "tags", tags))
		return -1;
	if (s->user_name && (json_set_str(key, "userName", s->user_name) || json_set_bool(key, "ofUser", true)))
		return -1;
	return json_set_str(key, "id", k->id) || json_set_str(key, "secret", k->secret) ||
			       json_set_str(key, "token", k->token) || json_set_str(key, "arn", s->arn) ||
			       json_set_str(key, "userId", s->user_id) || json_set_str(key, "status", "Active") ||
			       json_set_str(key, "created", now) || json_set_int(key, "expiresMs", s->expires_ms)
		       ? -1
		       : 0;
}

int keys_create_session(struct world *w, struct session *s, struct session_key *out, struct err *err)
{
	struct json *key = json_new_object();
	char now[CLOCK_TEXT];

	clock_iso_s(clock_now(w->clock), now);
	if (!key) {
		err_nomem(err);
		goto fail;
	}
	if (prune(w, err) || random_secret(out->secret, err) || random_token(out->token, err) ||
	    world_id_base32("ASIA", 16, out->id, sizeof(out->id), err))
		goto fail;
	if (fill_session(key, s, out, now)) {
		err_nomem(err);
		goto fail;
	}
	return store_put(w->store, "iam:access-key", out->id, key, err);
fail:
	json_free(key);
	json_free(s->policies);
	json_free(s->tags);
	s->policies = s->tags = NULL;
	return -1;
}

void keys_note_use(struct world *w, const struct caller *who)
{
	int64_t now = clock_now(w->clock), last;
	struct json *use = NULL;
	struct err err;

	store_lock(w->store);
	last = json_int(store_get(w->store, "iam:key-use", who->access_key_id), "usedMs", INT64_MIN / 2);
	/* Not for each call: it is a write to the disk. AWS shows it late as well. */
	if (now - last < USE_STEP_MS && now >= last)
		goto out;
	use = json_new_object();
	if (!use || json_set_str(use, "service", who->service) || json_set_str(use, "region", who->region) ||
	    json_set_int(use, "usedMs", now)) {
		json_free(use);
		log_warn("no memory to note the use of a key");
		goto out;
	}
	if (store_put(w->store, "iam:key-use", who->access_key_id, use, &err) || store_commit(w->store, &err)) {
		store_rollback(w->store);
		log_warn("cannot note the use of a key: %s", err.text);
	}
out:
	store_unlock(w->store);
}

int keys_forget_use(struct world *w, const char *id, struct err *err)
{
	return store_get(w->store, "iam:key-use", id) ? store_delete(w->store, "iam:key-use", id, err) : 0;
}

/* Finds a key of the first user, if he has one that does not expire. */
struct key_search {
	char *key_id;
	struct secret *secret;
	struct err *err;
	int rc;
};

static int match_key(void *arg, const char *id, const struct json *doc)
{
	struct key_search *s = arg;

	if (strcmp(json_str(doc, "userName", ""), ROOT_USER) || json_get(doc, "token") ||
	    strcmp(json_str(doc, "status", ""), "Active") || strlen(id) >= KEY_ID_SIZE)
		return 0;
	snprintf(s->key_id, KEY_ID_SIZE, "%s", id);
	s->rc = secret_set(s->secret, json_str(doc, "secret", ""), s->err);
	return 1;
}

static struct json *attached_administrator(void)
{
	struct json *attached = json_new_array();

	if (attached && json_append_str(attached, ROOT_POLICY)) {
		json_free(attached);
		return NULL;
	}
	return attached;
}

/* The first user as he is made, or as he was made before users had policies: with all rights attached. */
static int put_root(struct world *w, struct json **out, struct err *err)
{
	const struct json *there = store_get(w->store, "iam:user", ROOT_USER);
	struct json *user = there ? json_copy(there) : json_new_object(), *copy, *attached;
	char user_id[32], arn[128], now[CLOCK_TEXT];

	clock_iso_s(clock_now(w->clock), now);
	snprintf(arn, sizeof(arn), "arn:aws:iam::%s:user/" ROOT_USER, w->account);
	if (world_id_base32("AIDA", 17, user_id, sizeof(user_id), err)) {
		json_free(user);
		return -1;
	}
	attached = user ? attached_administrator() : NULL;
	if (!attached || json_set(user, "attached", attached) ||
	    (!there && (json_set_str(user, "name", ROOT_USER) || json_set_str(user, "path", "/") ||
			json_set_str(user, "userId", user_id) || json_set_str(user, "arn", arn) ||
			json_set_str(user, "created", now)))) {
		json_free(user);
		return err_nomem(err);
	}
	copy = json_copy(user);
	if (!copy) {
		json_free(user);
		return err_nomem(err);
	}
	*out = copy;
	return store_put(w->store, "iam:user", ROOT_USER, user, err);
}

static int make_root_key(struct world *w, const struct json *user, char key_id[KEY_ID_SIZE], struct secret *secret,
			 struct err *err)
{
	char text[KEY_SECRET_SIZE];
	int rc = keys_create(w, user, key_id, text, err);

	if (rc == 0)
		rc = secret_set(secret, text, err);
	explicit_bzero(text, sizeof(text));
	return rc;
}

int access_ensure_root(struct world *w, char key_id[129], struct secret *secret, struct err *err)
{
	struct key_search s = { key_id, secret, err, 0 };
	const struct json *user;
	struct json *made = NULL;
	bool found;
	int rc = 0;

	store_lock(w->store);
	found = store_each(w->store, "iam:access-key", "", match_key, &s) != 0;
	user = store_get(w->store, "iam:user", ROOT_USER);
	if (!json_get(user, "attached")) {
		rc = put_root(w, &made, err);
		user = made;
	}
	if (rc == 0 && !found)
		rc = make_root_key(w, user, key_id, secret, err);
	else if (rc == 0)
		rc = s.rc;
	if (rc == 0 && (made || !found))
		rc = store_commit(w->store, err);
	if (rc)
		store_rollback(w->store);
	store_unlock(w->store);
	json_free(made);
	return rc;
}
