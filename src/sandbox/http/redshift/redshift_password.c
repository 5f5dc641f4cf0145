/* The first user's password: the caller's own, or one that AWS makes and keeps in Secrets Manager. The sandbox has no
 * Secrets Manager: nobody learns that one, and sessions log in with temporary credentials. */
#include "sandbox/http/redshift/redshift.h"
#include "spark/base/hash.h"
#include "spark/base/secret.h"

static int refuse(struct err *err, const char *text)
{
	return service_error(err, 400, "InvalidParameterCombination", "%s", text);
}

/* What is wanted, from what is said and what holds now. */
static int judge(const struct params *p, bool managed, bool *stays, bool *becomes, struct err *err)
{
	const char *password = params_get(p, "MasterUserPassword");
	bool given = password && *password, said = params_get(p, "ManageMasterPassword") != NULL;

	if (params_bool(p, "ManageMasterPassword", managed, becomes, err) < 0)
		return -1;
	if (given && *becomes)
		return refuse(err,
			      said ? "MasterUserPassword cannot be given when ManageMasterPassword is true."
				   : "The password of this cluster is managed: give MasterUserPassword together with "
				     "ManageMasterPassword=false.");
	if (managed && !*becomes && !given)
		return refuse(err, "MasterUserPassword must be given when ManageMasterPassword becomes false.");
	*stays = !given && *becomes == managed;
	return 0;
}

static int make_managed(const struct world *w, const struct caller *who, const char *id, const char *user,
			struct redshift_password *out, struct err *err)
{
	struct secret password = { 0 };
	unsigned char tail[3];
	char hex[7];
	int rc;

	if (secret_random_bytes(tail, sizeof(tail), err) < 0 || secret_random_password(&password, 64, err) < 0)
		return -1;
	rc = redshift_make_verifier(secret_value(&password), user, out->verifier, err);
	secret_clear(&password);
	hash_hex(tail, sizeof(tail), hex);
	snprintf(out->secret_arn, sizeof(out->secret_arn), "arn:aws:secretsmanager:%s:%s:secret:redshift!%s-%s-%s",
		 who->region, w->account, id, user, hex);
	return rc;
}

int redshift_take_password(const struct world *w, const struct caller *who, const struct params *p,
			   const struct json *doc, struct redshift_password *out, struct err *err)
{
	const char *user = json_str(doc, "masterUsername", ""), *password = params_get(p, "MasterUserPassword");
	bool managed = *json_str(doc, "masterSecretArn", "") != 0, stays = false, becomes = false;

	*out = (struct redshift_password){ .changes = false };
	if (judge(p, managed, &stays, &becomes, err) < 0)
		return -1;
	out->changes = !stays;
	if (stays)
		return 0;
	if (becomes)
		return make_managed(w, who, json_str(doc, "id", ""), user, out, err);
	if (redshift_check_password(password, err) < 0)
		return -1;
	return redshift_make_verifier(password, user, out->verifier, err);
}

int redshift_set_password(struct json *doc, const struct redshift_password *password, struct err *err)
{
	if (json_set_str(doc, "masterVerifier", password->verifier) < 0 ||
	    json_set_str(doc, "masterSecretArn", password->secret_arn) < 0)
		return err_nomem(err);
	return 0;
}
