/* Managed policies: AWS's own, from a table, and the account's. */
#include "sandbox/access/identity.h"
#include "sandbox/access/managed.h"
#include "sandbox/access/policy.h"
#include "sandbox/http/iam/iam.h"
#include "sandbox/http/iam/iam_version.h"
#include "spark/base/mem.h"

#define DESCRIPTION_MAX 1000

static const struct iam_kind *const kinds[] = { &iam_kind_role, &iam_kind_user, &iam_kind_group };

struct counting {
	const char *arn;
	size_t count;
};

static int count_attached(void *arg, const char *id, const struct json *doc)
{
	struct counting *c = arg;

	(void)id;
	c->count += iam_attached_index(json_get(doc, "attached"), c->arn) != SIZE_MAX;
	return 0;
}

size_t iam_count_attached(struct world *w, const char *arn)
{
	struct counting c = { arn, 0 };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		store_each(w->store, kinds[i]->kind, "", count_attached, &c);
	return c.count;
}

static int no_such_policy(const char *arn, struct err *err)
{
	return service_error(err, 404, "NoSuchEntity", "Policy %.300s was not found.", arn);
}

const struct json *iam_policy_find(struct world *w, const struct params *p, struct err *err)
{
	const char *arn = iam_policy_arn(p, err);
	const struct json *doc = arn ? identity_policy_find(w, arn) : NULL;

	if (arn && !doc && managed_find(arn))
		service_error(err, 403, "AccessDenied", "Policies of AWS's own cannot be changed: %.300s", arn);
	else if (arn && !doc)
		no_such_policy(arn, err);
	return doc;
}

int iam_policy_put(struct world *w, struct json *doc, struct err *err)
{
	char id[IAM_ID_SIZE];

	if (!identity_id(json_str(doc, "name", ""), id, sizeof(id))) {
		json_free(doc);
		return err_set(err, ERR_BUG, "a policy without a name");
	}
	return store_put(w->store, "iam:policy", id, doc, err);
}

/* What is told of each policy, wherever it comes from. */
struct summary {
	const char *name, *id, *arn, *path, *version, *created, *updated, *description;
	const struct json *tags;
};

static struct summary summary_of_aws(const struct managed_policy *m)
{
	return (struct summary){ m->name,    m->id,      m->arn,         m->path, m->version,
				 m->created, m->updated, m->description, NULL };
}

static struct summary summary_of_own(const struct json *doc)
{
	return (struct summary){ json_str(doc, "name", ""),
				 json_str(doc, "id", ""),
				 json_str(doc, "arn", ""),
				 json_str(doc, "path", "/"),
				 json_str(doc, "defaultVersion", "v1"),
				 json_str(doc, "created", ""),
				 json_str(doc, "updated", ""),
				 json_str(doc, "description", NULL),
				 json_get(doc, "tags") };
}

/* Lists leave out the description and the tags. */
static void write_policy(struct world *w, struct buf *out, const struct summary *s, const char *element, bool whole)
{
	xml_open(out, element);
	xml_element(out, "PolicyName", s->name);
	xml_element(out, "PolicyId", s->id);
	xml_element(out, "Arn", s->arn);
	xml_element(out, "Path", s->path);
	xml_element(out, "DefaultVersionId", s->version);
	xml_elementf(out, "AttachmentCount", "%zu", iam_count_attached(w, s->arn));
	xml_element(out, "PermissionsBoundaryUsageCount", "0");
	xml_element(out, "IsAttachable", "true");
	if (whole)
		xml_element(out, "Description", s->description);
	xml_element(out, "CreateDate", s->created);
	xml_element(out, "UpdateDate", s->updated);
	if (whole && s->tags)
		iam_tags_write(out, s->tags);
	xml_close(out, element);
}

IAM_HANDLER(iam_get_policy)
{
	const char *arn = iam_policy_arn(p, err);
	const struct managed_policy *m = arn ? managed_find(arn) : NULL;
	const struct json *doc = arn && !m ? identity_policy_find(w, arn) : NULL;
	struct summary s;

	(void)who;
	if (!arn)
		return -1;
	if (!m && !doc)
		return no_such_policy(arn, err);
	s = m ? summary_of_aws(m) : summary_of_own(doc);
	write_policy(w, out, &s, "Policy", true);
	return 0;
}

static int fill_policy(struct world *w, const struct params *p, struct json *doc, const char *name, const char *path,
		       struct err *err)
{
	const char *description = params_get(p, "Description");
	char id[32], now[CLOCK_TEXT];
	char *arn;
	int rc = -1;

	if (world_id_base32("ANPA", 17, id, sizeof(id), err))
		return -1;
	clock_iso_s(clock_now(w->clock), now);
	arn = mem_printf("arn:aws:iam::%s:policy%s%s", w->account, path, name);
	if (!arn || json_set_str(doc, "name", name) || json_set_str(doc, "path", path) || json_set_str(doc, "id", id) ||
	    json_set_str(doc, "arn", arn) ||
	    (description && *description && json_set_str(doc, "description", description)) ||
	    json_set_str(doc, "created", now) || json_set_str(doc, "updated", now) ||
	    json_set(doc, "tags", json_new_object()) || json_set(doc, "versions", json_new_array()) ||
	    json_set_int(doc, "nextVersion", 1))
		err_nomem(err);
	else if (!iam_tags_read(p, json_get_mut(doc, "tags"), err))
		rc = 0;
	mem_free(arn);
	return rc;
}

IAM_HANDLER(iam_create_policy)
{
	const char *name = iam_name(p, "PolicyName", IAM_POLICY_NAME_MAX, err);
	const char *path = name ? iam_path(p, "Path", err) : NULL;
	const char *text = path ? iam_version_document(p, err) : NULL, *description = params_get(p, "Description");
	struct json *doc;
	struct summary s;
	char id[IAM_ID_SIZE];

	(void)who;
	if (!text || (description && *description && !iam_required(p, "Description", DESCRIPTION_MAX, err)))
		return -1;
	if (identity_id(name, id, sizeof(id)) && store_get(w->store, "iam:policy", id))
		return service_error(err, 409, "EntityAlreadyExists",
				     "A policy called %s already exists. Duplicate "
				     "names are not allowed.",
				     name);
	doc = json_new_object();
	if (!doc)
		return err_nomem(err);
	if (fill_policy(w, p, doc, name, path, err) || iam_version_add(w, doc, text, true, err)) {
		json_free(doc);
		return -1;
	}
	s = summary_of_own(doc);
	write_policy(w, out, &s, "Policy", true);
	return iam_policy_put(w, doc, err);
}

IAM_HANDLER(iam_delete_policy)
{
	const struct json *doc = iam_policy_find(w, p, err);
	char id[IAM_ID_SIZE];

	(void)who;
	(void)out;
	if (!doc)
		return -1;
	if (iam_count_attached(w, json_str(doc, "arn", "")))
		return service_error(err, 409, "DeleteConflict", "Cannot delete a policy attached to entities.");
	if (json_count(json_get(doc, "versions")) > 1)
		return service_error(
			err, 409, "DeleteConflict",
			"This policy has more than one version. Before you delete a policy, you must delete "
			"the policy's versions. The default version is deleted with the policy.");
	if (!identity_id(json_str(doc, "name", ""), id, sizeof(id)))
		return err_set(err, ERR_BUG, "a policy without a name");
	return store_delete(w->store, "iam:policy", id, err);
}

struct listing {
	struct world *w;
	struct buf *out;
	struct iam_page page;
	const char *prefix;
	bool only_attached;
};

static void list_policy(struct listing *l, const struct summary *s, const char *key)
{
	if (strncmp(s->path, l->prefix, strlen(l->prefix)) || (l->only_attached && !iam_count_attached(l->w, s->arn)) ||
	    !iam_page_takes(&l->page, key))
		return;
	write_policy(l->w, l->out, s, "member", false);
}

static int list_own(void *arg, const char *id, const struct json *doc)
{
	struct listing *l = arg;
	struct summary s = summary_of_own(doc);
	char key[IAM_ID_SIZE + 2];

	/* Own policies come before AWS's. */
	snprintf(key, sizeof(key), "0%s", id);
	list_policy(l, &s, key);
	return l->page.truncated;
}

IAM_HANDLER(iam_list_policies)
{
	const char *scope = params_get(p, "Scope"), *usage = params_get(p, "PolicyUsageFilter");
	struct listing l = { .w = w, .out = out, .prefix = iam_path_prefix(p, err) };
	const struct managed_policy *m;
	char key[32];

	(void)who;
	if (!scope || !*scope)
		scope = "All";
	if (strcmp(scope, "All") && strcmp(scope, "AWS") && strcmp(scope, "Local"))
		return iam_invalid(err, "Scope", scope, "Member must satisfy enum value set: [AWS, Local, All]");
	if (usage && *usage && strcmp(usage, "PermissionsPolicy") && strcmp(usage, "PermissionsBoundary"))
		return iam_invalid(err, "PolicyUsageFilter", usage,
				   "Member must satisfy enum value set: [PermissionsPolicy, PermissionsBoundary]");
	if (!l.prefix || params_bool(p, "OnlyAttached", false, &l.only_attached, err) ||
	    iam_page_begin(p, &l.page, err))
		return -1;
	xml_open(out, "Policies");
	/* No policy is used as a boundary here. */
	if (!usage || strcmp(usage, "PermissionsBoundary")) {
		if (strcmp(scope, "AWS"))
			store_each(w->store, "iam:policy", "", list_own, &l);
		for (size_t i = 0; strcmp(scope, "Local") && (m = managed_at(i)); i++) {
			struct summary s = summary_of_aws(m);

			snprintf(key, sizeof(key), "1%08zu", i);
			list_policy(&l, &s, key);
		}
	}
	xml_close(out, "Policies");
	iam_page_end(&l.page, out);
	return 0;
}

struct entities {
	const struct iam_kind *kind;
	const char *arn, *prefix;
	struct iam_page page;
	struct buf *out;
};

static int list_entity(void *arg, const char *id, const struct json *doc)
{
	struct entities *e = arg;
	char key[IAM_ID_SIZE + 16], id_name[16];

	if (iam_attached_index(json_get(doc, "attached"), e->arn) == SIZE_MAX ||
	    strncmp(json_str(doc, "path", "/"), e->prefix, strlen(e->prefix)))
		return 0;
	/* Groups, roles, users: one run of keys over the three. */
	snprintf(key, sizeof(key), "%s/%s", e->kind->label, id);
	if (!iam_page_takes(&e->page, key))
		return e->page.truncated;
	snprintf(id_name, sizeof(id_name), "%sId", e->kind->word);
	xml_open(e->out, "member");
	xml_element(e->out, e->kind->param, json_str(doc, "name", ""));
	xml_element(e->out, id_name, json_str(doc, e->kind->id_member, ""));
	xml_close(e->out, "member");
	return 0;
}

IAM_HANDLER(iam_list_entities_for_policy)
{
	static const struct iam_kind *const order[] = { &iam_kind_group, &iam_kind_role, &iam_kind_user };
	const char *filter = params_get(p, "EntityFilter");
	struct entities e = { .arn = iam_policy_arn(p, err), .out = out };

	(void)who;
	if (!e.arn)
		return -1;
	if (!identity_managed_text(w, e.arn))
		return no_such_policy(e.arn, err);
	e.prefix = iam_path_prefix(p, err);
	if (!e.prefix || iam_page_begin(p, &e.page, err))
		return -1;
	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++) {
		e.kind = order[i];
		xml_open(out, e.kind->attached_element);
		if (!filter || !*filter || !strcmp(filter, e.kind->word))
			store_each(w->store, e.kind->kind, "", list_entity, &e);
		xml_close(out, e.kind->attached_element);
	}
	iam_page_end(&e.page, out);
	return 0;
}
