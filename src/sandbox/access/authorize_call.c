#include "sandbox/access/authorize.h"
#include "sandbox/access/glob.h"
#include "sandbox/access/resources.h"

/* Creating something with tags on it takes the right to tag as well. */
static const struct {
	const char *action, *tag_action;
} tagging[] = {
	{ "iam:CreateRole", "iam:TagRole" },
	{ "iam:CreateUser", "iam:TagUser" },
	{ "iam:CreatePolicy", "iam:TagPolicy" },
	{ "ec2:Create*", "ec2:CreateTags" },
};

/* Calls that hand a role to a service: whoever makes them must be allowed to pass it on. `list` has the form
 * "IamRoles.IamRoleArn", or is one parameter. */
static const struct {
	const char *action, *list;
	bool single;
	const char *service;
} passing[] = {
	{ "redshift:CreateCluster", "IamRoles.IamRoleArn", false, "redshift.amazonaws.com" },
	{ "redshift:CreateCluster", "IamRoles.member", false, "redshift.amazonaws.com" },
	{ "redshift:CreateCluster", "DefaultIamRoleArn", true, "redshift.amazonaws.com" },
	{ "redshift:ModifyClusterIamRoles", "AddIamRoles.IamRoleArn", false, "redshift.amazonaws.com" },
	{ "redshift:ModifyClusterIamRoles", "AddIamRoles.member", false, "redshift.amazonaws.com" },
	{ "redshift:ModifyClusterIamRoles", "DefaultIamRoleArn", true, "redshift.amazonaws.com" },
	{ "redshift:RestoreFromClusterSnapshot", "IamRoles.IamRoleArn", false, "redshift.amazonaws.com" },
	{ "redshift:RestoreFromClusterSnapshot", "IamRoles.member", false, "redshift.amazonaws.com" },
	{ "redshift:RestoreFromClusterSnapshot", "DefaultIamRoleArn", true, "redshift.amazonaws.com" },
	{ "redshift:CreateScheduledAction", "IamRole", true, "scheduler.redshift.amazonaws.com" },
	{ "redshift:ModifyScheduledAction", "IamRole", true, "scheduler.redshift.amazonaws.com" },
};

/* One call on its way through its resources. */
struct checking {
	const struct access_call *call;
	const struct json *request; /* the condition keys of its parameters */
};

static int check_resource(void *arg, const char *arn, struct err *err)
{
	const struct checking *k = arg;
	struct json *context = json_copy(k->request);
	int rc = -1;

	if (!context)
		return err_nomem(err);
	if (!resources_add_tags(k->call->w, arn, context, err))
		rc = access_authorize(k->call->w, k->call->who, k->call->action, arn, context, err);
	json_free(context);
	return rc;
}

/* EC2 tags what is being made, which has no id yet but a kind. */
static int check_tag_specifications(const struct checking *k, struct err *err)
{
	const struct caller *who = k->call->who;
	const char *type;
	char arn[160];

	for (int n = 1; (type = params_getf(k->call->p, "TagSpecification.%d.ResourceType", n)); n++) {
		snprintf(arn, sizeof(arn), "arn:aws:ec2:%s:%s:%.64s/*", who->region, who->account, type);
		if (access_authorize(k->call->w, who, k->call->action, arn, k->request, err))
			return -1;
	}
	return 0;
}

static int check_tagging(const struct access_call *c, struct json *request, struct err *err)
{
	struct access_call tag = *c;
	struct checking k = { &tag, request };
	const char *operation = strchr(c->action, ':') + 1;
	size_t count = sizeof(tagging) / sizeof(*tagging), i = 0;

	if (!json_get(request, "aws:TagKeys"))
		return 0;
	while (i < count &&
	       (!glob_match(tagging[i].action, c->action, false) || !strcmp(tagging[i].tag_action, c->action)))
		i++;
	if (i == count)
		return 0;
	if (json_set_str(request, "ec2:CreateAction", operation))
		return err_nomem(err);
	tag.action = tagging[i].tag_action;
	if (!strcmp(tag.action, "ec2:CreateTags"))
		return check_tag_specifications(&k, err);
	return resources_each(c, check_resource, &k, err);
}

static int check_pass(const struct access_call *c, const char *arn, const char *service, struct err *err)
{
	struct json *context = json_new_object();
	int rc = -1;

	if (!context || json_set_str(context, "iam:PassedToService", service))
		err_nomem(err);
	else if (!resources_add_tags(c->w, arn, context, err))
		rc = access_authorize(c->w, c->who, "iam:PassRole", arn, context, err);
	json_free(context);
	return rc;
}

static int check_passing(const struct access_call *c, struct err *err)
{
	const char *arn;

	for (size_t i = 0; i < sizeof(passing) / sizeof(*passing); i++) {
		if (strcmp(passing[i].action, c->action))
			continue;
		if (passing[i].single) {
			arn = params_get(c->p, passing[i].list);
			if (arn && *arn && check_pass(c, arn, passing[i].service, err))
				return -1;
			continue;
		}
		for (int n = 1; (arn = params_getf(c->p, "%s.%d", passing[i].list, n)); n++)
			if (check_pass(c, arn, passing[i].service, err))
				return -1;
	}
	return 0;
}

int access_authorize_call(struct world *w, const struct service *s, const struct caller *who, const char *operation,
			  const struct params *p, struct err *err)
{
	char action[160];
	struct access_call c = { w, who, action, p };
	struct checking k = { .call = &c };
	struct json *request;
	int rc = -1;

	snprintf(action, sizeof(action), "%s:%.100s", s->name, operation);
	/* The role's trust policy has a say in it: http/sts_assume.c weighs both. */
	if (!strcmp(action, "sts:AssumeRole"))
		return 0;
	request = json_new_object();
	if (!request)
		return err_nomem(err);
	k.request = request;
	store_lock(w->store);
	if (!resources_add_request(&c, request, err) && !resources_each(&c, check_resource, &k, err) &&
	    !check_tagging(&c, request, err) && !check_passing(&c, err))
		rc = 0;
	store_unlock(w->store);
	json_free(request);
	return rc;
}
