#include "sandbox/copy/authorize.h"

#include <ctype.h>
#include <string.h>

#include "sandbox/copy/fail.h"
#include "sandbox/store/later.h"
#include "spark/sandbox/access.h"

#define CODE_S3        8001
#define SERVICE        "redshift.amazonaws.com"
#define SERVERLESS     "redshift-serverless.amazonaws.com"
#define AT_CREDENTIALS "xen_aws_credentials_mgr.cpp:321"
#define AT_LISTING     "s3_utility.cpp:670"
#define AT_SCANNER     "table_s3_scanner.cpp:354"

static struct copy_fail block(const struct copy_access *a, const char *context, const char *location)
{
	struct copy_fail f = { CODE_S3, context, location, "padbmaster", a->query, a->session->backend_pid };

	return f;
}

/* An attached role: its ARN, or a document that has it. */
static const char *role_arn_of(const struct json *j)
{
	const char *arn = json_text(j);

	if (!arn)
		arn = json_str(j, "iamRoleArn", NULL);
	if (!arn)
		arn = json_str(j, "arn", NULL);
	return arn;
}

static int fail_role(const struct copy_access *a, const char *why, struct err *err)
{
	const char *cluster = strchr(a->session->cluster_doc_id, '/');
	char context[400];
	struct copy_fail f;

	snprintf(context, sizeof context, "IAM Role=%.250s (%s)", a->role_arn, why);
	f = block(a, context, AT_CREDENTIALS);
	return copy_fail_block(err, &f,
			       "User arn:%s:redshift:%.*s:%s:dbuser:%s/%s is not authorized to assume IAM Role %.300s",
			       a->partition, cluster ? (int)strcspn(a->session->cluster_doc_id, "./") : 0,
			       a->session->cluster_doc_id, a->session->world->account,
			       cluster ? cluster + 1 : a->session->cluster_doc_id, a->session->user, a->role_arn);
}

/* Reads what is needed of the cluster's document, under the store's lock. */
static int read_cluster(struct copy_access *a, bool *attached, struct err *err)
{
	struct store *store = a->session->world->store;
	const struct json *doc;
	const char *region, *role;
	int rc = -1;

	store_lock(store);
	doc = store_get(store, "redshift:cluster", a->session->cluster_doc_id);
	if (!doc) {
		copy_fail_state(err, "XX000", "the cluster is being deleted");
		goto out;
	}
	region = json_str(doc, "region", a->session->world->default_region);
	snprintf(a->region, sizeof a->region, "%s", a->wish.region ? a->wish.region : region);
	snprintf(a->partition, sizeof a->partition, "%s",
		 strncmp(region, "cn-", 3) == 0       ? "aws-cn"
		 : strncmp(region, "us-gov-", 7) == 0 ? "aws-us-gov"
						      : "aws");
	role = a->wish.role_arn;
	if (a->wish.auth == COPY_AUTH_DEFAULT_ROLE) {
		role = json_str(doc, "defaultIamRoleArn", NULL);
		if (!role || !*role) {
			copy_fail_state(err, "XX000", "The cluster has no default IAM role");
			goto out;
		}
	}
	/* Of a chain of roles the first is the cluster's own. */
	snprintf(a->role_arn, sizeof a->role_arn, "%.*s", role ? (int)strcspn(role, ",") : 0, role ? role : "");
	for (const struct json *j = json_first(json_get(doc, "iamRoles")); j; j = json_next(j)) {
		const char *arn = role_arn_of(j);

		*attached = *attached || (arn && strcmp(arn, a->role_arn) == 0);
	}
	rc = 0;
out:
	store_unlock(store);
	return rc;
}

static int check_keys(struct copy_access *a, struct err *err)
{
	const struct copy_wish *s = &a->wish;
	struct err why = { 0 };

	if (access_check_key(a->session->world, s->key_id, s->secret_key, s->session_token, a->region, &a->keys_of,
			     &why) == 0)
		return access_rights_of_caller(a->session->world, &a->keys_of, &a->rights, err);
	if (why.kind == ERR_CREDENTIALS)
		return copy_access_refuse(a, err, why.text, why.http_status, why.code, "Failed to initialize S3 client",
					  AT_LISTING);
	if (err)
		*err = why;
	return -1;
}

/* A workgroup's server is one of Redshift Serverless, which goes by either name. */
static int ask_trust(const struct copy_access *a, bool *trusted, struct err *err)
{
	struct world *w = a->session->world;

	if (access_role_trusts(w, a->role_arn, SERVICE, trusted, err) < 0)
		return -1;
	return *trusted || !strstr(a->session->cluster_doc_id, ".serverless/")
		       ? 0
		       : access_role_trusts(w, a->role_arn, SERVERLESS, trusted, err);
}

/* The first role of a chain is the cluster's own: the service takes it. */
static int take_first_role(struct copy_access *a, bool attached, struct err *err)
{
	struct err why = { 0 };
	bool trusted = false;

	if (!attached)
		return fail_role(a, "not attached to the cluster", err);
	if (ask_trust(a, &trusted, &why) < 0) {
		if (err_has_code(&why, "NoSuchEntity"))
			return fail_role(a, "no such role", err);
		if (err)
			*err = why;
		return -1;
	}
	return trusted ? 0 : fail_role(a, "its trust policy does not allow " SERVICE, err);
}

/* Each further role is taken by the one before it. */
static int take_chain(struct copy_access *a, const char *rest, struct err *err)
{
	char before[sizeof a->role_arn];
	struct err why = { 0 };
	bool may = false;

	while (rest && *rest == ',') {
		rest += 1 + strspn(rest + 1, " ");
		memcpy(before, a->role_arn, sizeof before);
		snprintf(a->role_arn, sizeof a->role_arn, "%.*s", (int)strcspn(rest, ", "), rest);
		if (access_role_may_assume(a->session->world, before, a->role_arn, &may, &why) < 0) {
			if (err_has_code(&why, "NoSuchEntity"))
				return fail_role(a, "no such role", err);
			if (err)
				*err = why;
			return -1;
		}
		if (!may)
			return fail_role(a, "the role before it in the chain may not assume it", err);
		rest += strcspn(rest, ",");
	}
	return 0;
}

int copy_access_open(struct copy_access *a, const struct copy_session *session, const struct copy_wish *wish,
		     long long query, struct err *err)
{
	bool attached = false;

	memset(a, 0, sizeof *a);
	a->session = session;
	a->wish = *wish;
	a->query = query;
	if (read_cluster(a, &attached, err) < 0)
		return -1;
	if (wish->auth == COPY_AUTH_KEYS) {
		a->role_arn[0] = 0;
		return check_keys(a, err);
	}
	if (take_first_role(a, attached, err) < 0 ||
	    take_chain(a, wish->auth == COPY_AUTH_ROLE ? strchr(wish->role_arn, ',') : NULL, err) < 0)
		return -1;
	return access_rights_of_role(session->world, a->role_arn, &a->rights, err);
}

void copy_access_close(struct copy_access *a)
{
	access_rights_free(a->rights);
	a->rights = NULL;
}

int copy_access_refuse(const struct copy_access *a, struct err *err, const char *message, int status, const char *code,
		       const char *context, const char *location)
{
	struct copy_fail f = block(a, context, location);
	char id[20];

	if (world_id_hex("", 16, id, sizeof id, err) < 0)
		return -1;
	for (char *c = id; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	return copy_fail_block(err, &f, "S3ServiceException:%s,Status %d,Error %s,Rid %s,CanRetry 1", message, status,
			       code, id);
}

int copy_access_bucket(const struct copy_access *a, const char *bucket, struct err *err)
{
	struct store *store = a->session->world->store;
	const struct json *doc;
	char context[200];
	bool known, here;

	store_lock(store);
	doc = store_get(store, "s3:bucket", bucket);
	known = doc && objects_bucket_exists(a->session->world->objects, bucket);
	here = known && strcmp(json_str(doc, "region", a->region), a->region) == 0;
	store_unlock(store);
	snprintf(context, sizeof context, "Listing bucket=%s region=%s", bucket, a->region);
	if (!known)
		return copy_access_refuse(a, err, "The specified bucket does not exist", 404, "NoSuchBucket", context,
					  AT_LISTING);
	if (!here)
		return copy_access_refuse(a, err,
					  "The bucket you are attempting to access must be addressed using the "
					  "specified endpoint. Please send all future requests to this endpoint.",
					  301, "PermanentRedirect", context, AT_LISTING);
	return 0;
}

/* Do the policies of the role, or of whose the keys are, allow it? */
static int check_policy(const struct copy_access *a, const char *action, const char *resource,
			const struct json *conditions, bool *allowed, struct err *err)
{
	enum access_decision decision = ACCESS_IMPLICIT_DENY;
	struct err why = { 0 };

	if (a->role_arn[0] == 0) {
		*allowed = access_authorize(a->session->world, &a->keys_of, action, resource, conditions, &why) == 0;
		if (*allowed || why.kind == ERR_AWS)
			return 0;
		if (err)
			*err = why;
		return -1;
	}
	if (access_role(a->session->world, a->role_arn, action, resource, conditions, &decision, err) < 0)
		return -1;
	*allowed = decision == ACCESS_ALLOWED;
	return 0;
}

/* Whose rights fall short. */
static const char *holder(const struct copy_access *a)
{
	return a->role_arn[0] ? "the role" : "the user of the keys";
}

int copy_access_list(const struct copy_access *a, const char *bucket, const char *prefix, struct err *err)
{
	char resource[120], context[300];
	struct json *conditions;
	bool allowed;
	int rc;

	if (copy_access_bucket(a, bucket, err) < 0)
		return -1;
	snprintf(resource, sizeof resource, "arn:%s:s3:::%s", a->partition, bucket);
	conditions = json_new_object();
	if (!conditions || json_set_str(conditions, "s3:prefix", prefix) < 0) {
		json_free(conditions);
		return err_nomem(err);
	}
	rc = check_policy(a, "s3:ListBucket", resource, conditions, &allowed, err);
	json_free(conditions);
	if (rc < 0)
		return -1;
	if (allowed)
		return 0;
	snprintf(context, sizeof context, "Listing bucket=%s prefix=%.150s (%s lacks s3:ListBucket)", bucket, prefix,
		 holder(a));
	return copy_access_refuse(a, err, "Access Denied", 403, "AccessDenied", context, AT_LISTING);
}

/* What S3 errors call the key. */
static const char *key_role(const char *action)
{
	return strcmp(action, "s3:GetObject") == 0   ? "read"
	       : strcmp(action, "s3:PutObject") == 0 ? "written"
						     : "deleted";
}

int copy_access_object(const struct copy_access *a, const char *action, const char *bucket, const char *key,
		       struct err *err)
{
	char resource[1200], context[300];

	snprintf(resource, sizeof resource, "arn:%s:s3:::%s/%s", a->partition, bucket, key);
	if (access_rights_allow(a->rights, action, resource))
		return 0;
	snprintf(context, sizeof context, "S3 key being %s : s3://%s/%.150s (%s lacks %s)", key_role(action), bucket,
		 key, holder(a), action);
	return copy_access_refuse(a, err, "Access Denied", 403, "AccessDenied", context, AT_SCANNER);
}

int copy_access_read(const struct copy_access *a, const char *bucket, const char *key, struct err *err)
{
	return copy_access_object(a, "s3:GetObject", bucket, key, err);
}

int copy_access_check_class(const struct copy_access *a, const char *bucket, const struct object_info *info,
			    struct err *err)
{
	char context[300];

	if (!*info->storage_class || tier_is_readable(a->session->world, bucket, info))
		return 0;
	snprintf(context, sizeof context,
		 "S3 key being read : s3://%s/%.150s (it lies in %s and has not been restored)", bucket, info->key,
		 info->storage_class);
	return copy_access_refuse(a, err, "The operation is not valid for the object's storage class", 403,
				  "InvalidObjectState", context, AT_SCANNER);
}
