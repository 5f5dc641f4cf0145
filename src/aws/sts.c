#include "aws/sts.h"

#include <stdio.h>
#include <string.h>

#include "aws/decode.h"
#include "spark/aws/iam.h"

#define VERSION "2011-06-15"

int sts_get_caller_identity(struct aws_client *c, struct sts_identity *out, struct err *err)
{
	static const char action[] = "GetCallerIdentity";
	struct sts_identity id = { 0 };
	struct aws_params p;
	struct xml_doc *doc = NULL;
	const struct xml_node *result;
	int rc;

	aws_params_init(&p, action, VERSION);
	rc = aws_call(c, "sts", &p, true, &doc, &result, err);
	aws_params_clear(&p);
	if (rc != 0)
		return -1;
	if (decode_required(result, "Account", action, id.account, sizeof(id.account), err) != 0 ||
	    decode_required(result, "Arn", action, id.arn, sizeof(id.arn), err) != 0 ||
	    decode_required(result, "UserId", action, id.user_id, sizeof(id.user_id), err) != 0)
		rc = -1;
	else
		*out = id;
	xml_free(doc);
	return rc;
}

static int decode_secret(const struct xml_node *n, const char *path, const char *action, struct secret *out,
			 struct err *err)
{
	struct buf text;
	int rc = -1;

	buf_init(&text, BUF_MAX_DEFAULT);
	if (!xml_text(n, path, &text) || text.len == 0)
		decode_refused(err, "the reply to %s has no '%s'", action, path);
	else if (buf_check(&text, path, err) == 0)
		rc = secret_set_bytes(out, text.data, text.len, err);
	buf_wipe(&text);
	return rc;
}

static int decode_credentials(const struct xml_node *n, const char *action, struct aws_credentials *out,
			      struct err *err)
{
	struct aws_credentials keys = { 0 };

	keys.expires_ms = decode_time(n, "Credentials/Expiration");
	if (decode_required(n, "Credentials/AccessKeyId", action, keys.access_key_id, sizeof(keys.access_key_id),
			    err) != 0 ||
	    decode_secret(n, "Credentials/SecretAccessKey", action, &keys.secret_access_key, err) != 0 ||
	    decode_secret(n, "Credentials/SessionToken", action, &keys.session_token, err) != 0) {
		aws_credentials_clear(&keys);
		return -1;
	}
	*out = keys;
	return 0;
}

int sts_assume_role(struct aws_client *c, const struct sts_role *role, struct aws_credentials *out, struct err *err)
{
	const char *action = role->web_token ? "AssumeRoleWithWebIdentity" : "AssumeRole";
	struct aws_params p;
	struct xml_doc *doc = NULL;
	const struct xml_node *result;
	int rc;

	aws_params_init(&p, action, VERSION);
	aws_params_add(&p, "RoleArn", role->arn);
	aws_params_add(&p, "RoleSessionName", role->session_name);
	if (role->web_token)
		aws_params_add(&p, "WebIdentityToken", secret_value(role->web_token));
	if (role->duration_s > 0)
		aws_params_add_int(&p, "DurationSeconds", role->duration_s);
	aws_params_add(&p, "ExternalId", role->external_id);
	/* Two sessions do no harm: a lost reply is asked for again. */
	rc = aws_call(c, "sts", &p, true, &doc, &result, err);
	aws_params_clear(&p);
	if (rc != 0)
		return -1;
	rc = decode_credentials(result, action, out, err);
	xml_free(doc);
	return rc;
}
