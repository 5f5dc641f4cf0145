#ifndef SPARK_SANDBOX_ACCESS_KEYS_H
#define SPARK_SANDBOX_ACCESS_KEYS_H

#include "spark/base/secret.h"
#include "spark/sandbox/access.h"
#include "spark/sandbox/http.h"

/* Documents of keys, kind "iam:access-key", id = key id:
 *   {id, secret, arn, userId, status "Active"|"Inactive", created}
 *   of a user:     userName
 *   temporary too: token, expiresMs, and of a user's session userName and ofUser, of a role's session sessionPolicies
 *                  [texts] (absent: none) and tags {}
 * Kind "iam:key-use", id = key id: {service, region, usedMs}: when it was last used, to about a minute.
 * The secret must be had in the clear to verify with it; the store's file is for its owner only. */

#define KEY_ID_SIZE     129
#define KEY_SECRET_SIZE 41
#define KEY_TOKEN_SIZE  400

/* A new long-term key of this user's document, put but not committed. */
int keys_create(struct world *w, const struct json *user, char id[KEY_ID_SIZE], char secret[KEY_SECRET_SIZE],
		struct err *err) MUST_CHECK;
/* How many keys that do not expire a user has. */
size_t keys_count(struct world *w, const char *user_name);

/* What a temporary key stands for. */
struct session {
	const char *arn, *user_id; /* who the calls are from */
	const char *user_name;     /* of a user's session; NULL for a role's */
	struct json *policies;     /* array of texts, or NULL; taken */
	struct json *tags;         /* object, or NULL; taken */
	int64_t expires_ms;
};
struct session_key {
	char id[KEY_ID_SIZE], secret[KEY_SECRET_SIZE], token[KEY_TOKEN_SIZE];
};
/* A new temporary key, put but not committed. Takes the session's policies and tags, also on failure. Forgets keys that
 * expired a day ago: until then their users are told that they expired. */
int keys_create_session(struct world *w, struct session *s, struct session_key *out, struct err *err) MUST_CHECK;

/* Notes that the key was used now. A failure to note it is logged, not told: the call itself is fine. */
void keys_note_use(struct world *w, const struct caller *who);
/* Forgets when a key was used; for deleting it. */
int keys_forget_use(struct world *w, const char *id, struct err *err) MUST_CHECK;

#endif
