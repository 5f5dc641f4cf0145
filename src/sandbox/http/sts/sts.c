/* Who am I, and temporary keys of one's own. */
#include "sandbox/http/sts/sts.h"

#include "sandbox/access/identity.h"
#include "sandbox/http/iam/iam.h"

#define SESSION_DEFAULT_S 43200
#define SESSION_MAX_S     129600

static STS_HANDLER(get_caller_identity)
{
	(void)w;
	(void)p;
	(void)err;
	xml_element(out, "Arn", who->arn);
	xml_element(out, "UserId", who->user_id);
	xml_element(out, "Account", who->account);
	return 0;
}

int sts_duration(const struct params *p, int64_t fallback, int64_t max, int64_t *out, struct err *err)
{
	const char *given = params_get(p, "DurationSeconds");
	char constraint[80];
	struct err ignored;

	if (!params_int(p, "DurationSeconds", fallback, 900, max, out, &ignored))
		return 0;
	if (strtoll(given, NULL, 10) > max)
		snprintf(constraint, sizeof(constraint), "Member must have value less than or equal to %lld",
			 (long long)max);
	else
		snprintf(constraint, sizeof(constraint), "Member must have value greater than or equal to 900");
	return iam_invalid(err, "DurationSeconds", given, constraint);
}

void sts_write_credentials(struct buf *out, const struct session_key *key, int64_t expires_ms)
{
	char expires[CLOCK_TEXT];

	clock_iso_s(expires_ms, expires);
	xml_open(out, "Credentials");
	xml_element(out, "AccessKeyId", key->id);
	xml_element(out, "SecretAccessKey", key->secret);
	xml_element(out, "SessionToken", key->token);
	xml_element(out, "Expiration", expires);
	xml_close(out, "Credentials");
}

static STS_HANDLER(get_session_token)
{
	struct session s = { .arn = who->arn, .user_id = who->user_id };
	struct identity caller;
	struct session_key key;
	int64_t seconds;
	int rc;

	if (who->session)
		return service_error(err, 403, "AccessDenied", "Cannot call GetSessionToken with session credentials");
	if (params_get(p, "SerialNumber") || params_get(p, "TokenCode"))
		return service_error(err, 403, "AccessDenied",
				     "MultiFactorAuthentication failed with invalid MFA one time pass code.");
	if (sts_duration(p, SESSION_DEFAULT_S, SESSION_MAX_S, &seconds, err))
		return -1;
	identity_of_caller(w, who, &caller);
	s.user_name = json_str(caller.doc, "name", "");
	s.expires_ms = clock_now(w->clock) + seconds * 1000;
	rc = keys_create_session(w, &s, &key, err);
	if (rc == 0)
		sts_write_credentials(out, &key, s.expires_ms);
	explicit_bzero(&key, sizeof(key));
	return rc;
}

static STS_HANDLER(get_access_key_info)
{
	const char *id = iam_required(p, "AccessKeyId", 128, err);

	(void)who;
	if (!id)
		return -1;
	if (strlen(id) < 16)
		return iam_invalid(err, "AccessKeyId", id, "Member must have length greater than or equal to 16");
	if (!store_get(w->store, "iam:access-key", id))
		return service_error(err, 400, "ValidationError", "The access key id %.128s is not valid.", id);
	xml_element(out, "Account", w->account);
	return 0;
}

static const struct action actions[] = {
	{ "GetCallerIdentity", get_caller_identity, NULL },
	{ "AssumeRole", sts_assume_role, NULL },
	{ "GetSessionToken", get_session_token, NULL },
	{ "GetAccessKeyInfo", get_access_key_info, NULL },
};

const struct service service_sts = {
	.name = "sts",
	.version = "2011-06-15",
	.xmlns = "https://sts.amazonaws.com/doc/2011-06-15/",
	.actions = actions,
	.action_count = sizeof(actions) / sizeof(*actions),
};
