/* Credentials of one profile of the AWS tools' files. */
#include "aws/chain.h"

static int read_profiles(struct chain *c, struct err *err)
{
	if (c->profiles_read)
		return 0;
	if (profiles_read(&c->profiles, err) != 0)
		return -1;
	c->profiles_read = true;
	return 0;
}

/* Keys that stand in one of the files. */
static int from_file(struct chain *c, enum profile_file which, const char *profile, struct aws_credentials *out,
		     struct err *err)
{
	const struct profiles *p = &c->profiles;
	const struct profile_entry *id = profiles_find(p, which, KIND_PROFILE, profile, "aws_access_key_id");
	const struct profile_entry *secret = profiles_find(p, which, KIND_PROFILE, profile, "aws_secret_access_key");
	const struct profile_entry *token = profiles_find(p, which, KIND_PROFILE, profile, "aws_session_token");
	struct buf place;
	int rc = CHAIN_FAILED;

	buf_init(&place, 8192);
	buf_printf(&place, "profile '%s' in %s", profile, p->places[which]);
	if (buf_check(&place, "path", err) == 0)
		rc = chain_take(place.data, id ? id->value : NULL, secret ? &secret->secret : NULL,
				token ? &token->secret : NULL, out, err);
	buf_clear(&place);
	return rc;
}

bool chain_profile_has_keys(const struct chain *c, const char *profile)
{
	return profiles_get(&c->profiles, KIND_PROFILE, profile, "aws_access_key_id") != NULL;
}

int chain_from_profile_keys(struct chain *c, const char *profile, bool environment, struct aws_credentials *out,
			    struct err *err)
{
	bool asks = !c->o->at_hand_only;
	int rc = asks ? chain_from_web_identity(c, profile, environment, out, err) : CHAIN_NOTHING;

	if (rc == CHAIN_NOTHING && asks)
		rc = chain_from_sso(c, profile, out, err);
	if (rc == CHAIN_NOTHING)
		rc = from_file(c, PROFILE_CREDENTIALS, profile, out, err);
	if (rc == CHAIN_NOTHING && asks)
		rc = chain_from_process(c, profile, out, err);
	if (rc == CHAIN_NOTHING)
		rc = from_file(c, PROFILE_CONFIG, profile, out, err);
	return rc;
}

static void note_both_files(struct chain *c, const char *profile)
{
	static const enum profile_file files[] = { PROFILE_CREDENTIALS, PROFILE_CONFIG };
	struct buf place;

	for (size_t i = 0; i < 2; i++) {
		buf_init(&place, 8192);
		buf_printf(&place, "profile '%s' in %s", profile, c->profiles.places[files[i]]);
		chain_looked_at(c, place.data);
		buf_clear(&place);
	}
}

int chain_from_profile(struct chain *c, const char *profile, bool named, bool environment, struct aws_credentials *out,
		       struct err *err)
{
	const struct profiles *p = &c->profiles;
	int rc;

	if (read_profiles(c, err) != 0)
		return CHAIN_FAILED;
	if (named && !profiles_have(p, KIND_PROFILE, profile)) {
		err_set(err, ERR_CREDENTIALS, "there is no profile '%s'", profile);
		err_hint(err, "looked at: %s; %s", p->places[PROFILE_CREDENTIALS], p->places[PROFILE_CONFIG]);
		return CHAIN_FAILED;
	}
	/* A role counts more than keys beside it, as for the AWS tools. */
	if (profiles_get(p, KIND_PROFILE, profile, "role_arn") &&
	    !profiles_get(p, KIND_PROFILE, profile, "web_identity_token_file"))
		return c->o->at_hand_only ? CHAIN_NOTHING : chain_from_role(c, profile, out, err);
	rc = chain_from_profile_keys(c, profile, environment, out, err);
	if (rc == CHAIN_NOTHING)
		note_both_files(c, profile);
	return rc;
}
