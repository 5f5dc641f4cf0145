/* The IAM roles of a cluster: ModifyClusterIamRoles, and what other calls say of them. */
#include "sandbox/http/redshift/redshift.h"

#define ROLES_MAX 50

static bool has_text(const struct json *array, const char *text)
{
	for (const struct json *x = json_first(array); x; x = json_next(x))
		if (strcmp(json_text(x), text) == 0)
			return true;
	return false;
}

/* Adds the ARNs of a list parameter. */
int redshift_take_roles(const struct params *p, const char *list, struct json *roles, struct err *err)
{
	const char *arn;

	for (int i = 1; (arn = redshift_list_item(p, list, "IamRoleArn", i)) != NULL; i++) {
		if (redshift_check_role_arn(arn, err) < 0)
			return -1;
		if (!has_text(roles, arn) && json_append_str(roles, arn) < 0)
			return err_nomem(err);
		if (json_count(roles) > ROLES_MAX)
			return service_error(err, 400, "InvalidParameterValue",
					     "A cluster cannot have more than %d IAM roles.", ROLES_MAX);
	}
	return 0;
}

int redshift_set_default_role(const struct params *p, struct json *doc, struct err *err)
{
	const char *arn = params_get(p, "DefaultIamRoleArn");

	if (!arn)
		return 0;
	if (!*arn) {
		json_remove(doc, "defaultIamRoleArn");
		return 0;
	}
	if (!has_text(json_get(doc, "iamRoles"), arn))
		return service_error(err, 400, "InvalidParameterValue",
				     "The default IAM role %.200s is not associated with the cluster.", arn);
	return json_set_str(doc, "defaultIamRoleArn", arn) < 0 ? err_nomem(err) : 0;
}

static void remove_roles(const struct params *p, struct json *roles)
{
	const char *arn;

	for (int i = 1; (arn = redshift_list_item(p, "RemoveIamRoles", "IamRoleArn", i)) != NULL; i++)
		for (size_t k = json_count(roles); k > 0; k--)
			if (strcmp(json_text(json_at(roles, k - 1)), arn) == 0)
				json_remove_at(roles, k - 1);
}

static int change_roles(const struct params *p, struct json *doc, struct err *err)
{
	struct json *roles = json_get_mut(doc, "iamRoles");
	const char *standard;

	if (!roles)
		return err_set(err, ERR_BUG, "a cluster without a list of roles");
	remove_roles(p, roles);
	if (redshift_take_roles(p, "AddIamRoles", roles, err) < 0 || redshift_set_default_role(p, doc, err) < 0)
		return -1;
	standard = json_str(doc, "defaultIamRoleArn", NULL);
	if (standard && !has_text(roles, standard))
		json_remove(doc, "defaultIamRoleArn");
	return 0;
}

int redshift_modify_roles(struct world *w, const struct caller *who, const struct params *p, struct buf *out,
			  struct err *err)
{
	const struct json *doc = redshift_find(w, who, p, err);
	struct json *copy;
	char id[128];

	if (!doc || redshift_doc_id(who, p, id, err) < 0)
		return -1;
	if (strcmp(json_str(doc, "status", ""), "available") != 0)
		return service_error(
			err, 400, "InvalidClusterState",
			"The Cluster is being modified by a concurrent operation. Please check the Cluster's "
			"status and try again.");
	if (!(copy = json_copy(doc)))
		return err_nomem(err);
	if (change_roles(p, copy, err) < 0) {
		json_free(copy);
		return -1;
	}
	redshift_write_cluster(w, copy, doc, out);
	if (store_put(w->store, CLUSTER_KIND, id, copy, err) < 0)
		return -1;
	return buf_check(out, "reply", err);
}
