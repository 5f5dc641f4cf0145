/* The role that Redshift itself has in an account. */
#include "sandbox/access/identity.h"
#include "sandbox/http/iam/iam.h"

#define LINKED_NAME   "AWSServiceRoleForRedshift"
#define LINKED_PATH   "/aws-service-role/redshift.amazonaws.com/"
#define LINKED_POLICY "arn:aws:iam::aws:policy/aws-service-role/AmazonRedshiftServiceLinkedRolePolicy"
#define LINKED_TRUST                                                                                   \
	"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":" \
	"\"redshift.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"

static int fill_linked(struct world *w, const struct params *p, struct json *role, struct err *err)
{
	const char *description = params_get(p, "Description");
	char id[32], arn[160], created[CLOCK_TEXT];
	struct json *attached = json_new_array();

	if (!attached || json_append_str(attached, LINKED_POLICY)) {
		json_free(attached);
		return err_nomem(err);
	}
	if (json_set(role, "attached", attached))
		return err_nomem(err);
	if (world_id_base32("AROA", 17, id, sizeof(id), err))
		return -1;
	clock_iso_s(clock_now(w->clock), created);
	snprintf(arn, sizeof(arn), "arn:aws:iam::%s:role" LINKED_PATH LINKED_NAME, w->account);
	if (json_set_str(role, "name", LINKED_NAME) || json_set_str(role, "path", LINKED_PATH) ||
	    json_set_str(role, "id", id) || json_set_str(role, "arn", arn) ||
	    json_set_str(role, "trust", LINKED_TRUST) || json_set_str(role, "service", "redshift.amazonaws.com") ||
	    (description && *description && json_set_str(role, "description", description)) ||
	    json_set_int(role, "maxSessionDuration", 3600) || json_set_str(role, "created", created))
		return err_nomem(err);
	return 0;
}

IAM_HANDLER(iam_create_service_linked_role)
{
	const char *service = iam_required(p, "AWSServiceName", 128, err);
	const char *suffix = params_get(p, "CustomSuffix");
	struct json *role;

	(void)who;
	if (!service)
		return -1;
	if (strcmp(service, "redshift.amazonaws.com"))
		return service_error(
			err, 400, "InvalidInput",
			"The sandbox has service-linked roles of redshift.amazonaws.com only, not of %.128s", service);
	if (suffix && *suffix)
		return service_error(err, 400, "InvalidInput", "Custom suffix is not allowed for %s", service);
	if (iam_find_name(w, &iam_kind_role, LINKED_NAME, err))
		return service_error(err, 400, "InvalidInput",
				     "Service role name " LINKED_NAME
				     " has been taken in this account, please try a different suffix.");
	role = json_new_object();
	if (!role)
		return err_nomem(err);
	if (fill_linked(w, p, role, err)) {
		json_free(role);
		return -1;
	}
	iam_role_write(out, role, "Role", true);
	return iam_put(w, &iam_kind_role, role, err);
}

/* Deleting is told to go on in the background, and asked for by this id. */
#define TASK_HEAD "task/aws-service-role/redshift.amazonaws.com/" LINKED_NAME "/"

IAM_HANDLER(iam_delete_service_linked_role)
{
	const struct json *role = iam_find(w, &iam_kind_role, p, err);
	char id[IAM_ID_SIZE];

	(void)who;
	if (!role)
		return -1;
	if (!json_get(role, "service"))
		return service_error(err, 400, "InvalidInput", "The role %s is not a service-linked role.",
				     json_str(role, "name", ""));
	if (store_count(w->store, "redshift:cluster", ""))
		return service_error(err, 409, "DeleteConflict",
				     "Cannot delete the role: clusters of Redshift still use it.");
	xml_elementf(out, "DeletionTaskId", TASK_HEAD "%s", json_str(role, "id", ""));
	if (!identity_id(json_str(role, "name", ""), id, sizeof(id)))
		return err_set(err, ERR_BUG, "a role without a name");
	return store_delete(w->store, "iam:role", id, err);
}

IAM_HANDLER(iam_get_service_linked_role_deletion_status)
{
	const char *task = iam_required(p, "DeletionTaskId", 1000, err);

	(void)w;
	(void)who;
	if (!task)
		return -1;
	if (strncmp(task, TASK_HEAD "AROA", strlen(TASK_HEAD "AROA")))
		return service_error(err, 404, "NoSuchEntity", "The deletion task %.300s cannot be found.", task);
	xml_element(out, "Status", "SUCCEEDED");
	return 0;
}
