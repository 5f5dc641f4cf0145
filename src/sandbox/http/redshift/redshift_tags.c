/* CreateTags, DeleteTags, DescribeTags, and what other calls say of tags. */
#include "sandbox/http/redshift/redshift.h"

int redshift_take_tags(const struct params *p, struct json *tags, struct err *err)
{
	for (int i = 1;; i++) {
		const char *style = params_getf(p, "Tags.Tag.%d.Key", i) ? "Tag" : "member";
		const char *key = params_getf(p, "Tags.%s.%d.Key", style, i);
		const char *value = params_getf(p, "Tags.%s.%d.Value", style, i);

		if (!key && !value)
			return 0;
		if (!key || !*key || strlen(key) > 128)
			return service_error(err, 400, "InvalidTagFault", "A tag's key must have 1 to 128 characters.");
		if (strncasecmp(key, "aws:", 4) == 0)
			return service_error(err, 400, "InvalidTagFault",
					     "Tag keys that begin with aws: are reserved: %s", key);
		if (value && strlen(value) > 256)
			return service_error(err, 400, "InvalidTagFault",
					     "The value of tag %s is longer than 256 characters.", key);
		if (json_set_str(tags, key, value ? value : "") < 0)
			return err_nomem(err);
		if (json_count(tags) > TAGS_MAX)
			return service_error(err, 400, "TagLimitExceededFault",
					     "The number of tags exceeds the limit of %d.", TAGS_MAX);
	}
}

static bool listed(const struct params *p, const char *list, const char *item, const char *text)
{
	const char *value;

	if (!redshift_list_item(p, list, item, 1))
		return true;
	for (int i = 1; (value = redshift_list_item(p, list, item, i)) != NULL; i++)
		if (strcmp(value, text) == 0)
			return true;
	return false;
}

bool redshift_tags_match(const struct params *p, const struct json *tags)
{
	if (!redshift_list_item(p, "TagKeys", "TagKey", 1) && !redshift_list_item(p, "TagValues", "TagValue", 1))
		return true;
	for (const struct json *t = json_first(tags); t; t = json_next(t))
		if (listed(p, "TagKeys", "TagKey", json_name(t)) && listed(p, "TagValues", "TagValue", json_text(t)))
			return true;
	return false;
}

/* What can carry tags. An ARN's last part is "<type>:<name>", a snapshot's "snapshot:<cluster>/<name>". */
static const struct taggable {
	const char *arn_type, *kind, *name_member, *resource_type;
} taggables[] = {
	{ "cluster", CLUSTER_KIND, "id", "cluster" },
	{ "snapshot", "redshift:snapshot", "id", "snapshot" },
	{ "subnetgroup", "redshift:subnet-group", "name", "subnetgroup" },
	{ "parametergroup", "redshift:parameter-group", "name", "parametergroup" },
};
#define TAGGABLES (sizeof(taggables) / sizeof(*taggables))

struct resource {
	const struct taggable *type;
	char id[400];
};

static const struct json *find_by_arn(struct world *w, const char *arn, struct resource *r)
{
	char region[64], account[16], type[32], name[320];
	const struct json *doc;
	const char *slash;
	int end = 0;

	if (sscanf(arn, "arn:aws:redshift:%63[a-z0-9-]:%15[0-9]:%31[a-z]:%319[^\n]%n", region, account, type, name,
		   &end) != 4 ||
	    !end || arn[end] || strcmp(account, w->account) != 0)
		return NULL;
	for (size_t i = 0; i < TAGGABLES; i++) {
		if (strcmp(taggables[i].arn_type, type) != 0)
			continue;
		r->type = &taggables[i];
		slash = strchr(name, '/');
		snprintf(r->id, sizeof(r->id), "%s/%s", region, slash ? slash + 1 : name);
		doc = store_get(w->store, r->type->kind, r->id);
		/* A snapshot's ARN names its cluster too. */
		if (doc && slash && strncmp(name, json_str(doc, "clusterId", ""), (size_t)(slash - name)) != 0)
			doc = NULL;
		return doc;
	}
	return NULL;
}

/* The document that an ARN names. */
static const struct json *find_resource(struct world *w, const struct params *p, struct resource *r, struct err *err)
{
	const char *arn;
	const struct json *doc;

	if (redshift_require(p, "ResourceName", &arn, err) < 0)
		return NULL;
	doc = find_by_arn(w, arn, r);
	if (!doc)
		service_error(err, 404, "ResourceNotFoundFault", "The resource %.300s cannot be found.", arn);
	return doc;
}

/* A copy of the document with its tags ready to be changed. */
static struct json *copy_for_tags(const struct json *doc, struct json **tags, struct err *err)
{
	struct json *copy = json_copy(doc), *fresh;

	if (copy && !json_get(copy, "tags")) {
		fresh = json_new_object();
		if (!fresh || json_set(copy, "tags", fresh) < 0) {
			json_free(copy);
			copy = NULL;
		}
	}
	if (!copy) {
		err_nomem(err);
		return NULL;
	}
	*tags = json_get_mut(copy, "tags");
	return copy;
}

int redshift_create_tags(struct world *w, const struct caller *who, const struct params *p, struct buf *out,
			 struct err *err)
{
	struct resource r;
	const struct json *doc = find_resource(w, p, &r, err);
	struct json *copy, *tags;

	(void)who;
	(void)out;
	if (!doc || !(copy = copy_for_tags(doc, &tags, err)))
		return -1;
	if (redshift_take_tags(p, tags, err) < 0) {
		json_free(copy);
		return -1;
	}
	return store_put(w->store, r.type->kind, r.id, copy, err);
}

int redshift_delete_tags(struct world *w, const struct caller *who, const struct params *p, struct buf *out,
			 struct err *err)
{
	struct resource r;
	const struct json *doc = find_resource(w, p, &r, err);
	struct json *copy, *tags;
	const char *key;

	(void)who;
	(void)out;
	if (!doc)
		return -1;
	if (!redshift_list_item(p, "TagKeys", "TagKey", 1))
		return service_error(err, 400, "MissingParameter", "The request must contain the parameter TagKeys");
	if (!(copy = copy_for_tags(doc, &tags, err)))
		return -1;
	for (int i = 1; (key = redshift_list_item(p, "TagKeys", "TagKey", i)) != NULL; i++)
		json_remove(tags, key);
	return store_put(w->store, r.type->kind, r.id, copy, err);
}

struct tag_walk {
	struct world *w;
	const struct params *p;
	struct buf *out;
	const struct taggable *type;
};

static void make_arn(const struct tag_walk *t, const struct json *doc, struct buf *arn)
{
	const char *cluster = json_str(doc, "clusterId", NULL);

	buf_printf(arn, "arn:aws:redshift:%s:%s:%s:%s%s%s", json_str(doc, "region", ""), t->w->account,
		   t->type->arn_type, cluster ? cluster : "", cluster ? "/" : "",
		   json_str(doc, t->type->name_member, ""));
}

static int write_resource_tags(void *arg, const char *id, const struct json *doc)
{
	struct tag_walk *t = arg;
	struct buf arn;

	(void)id;
	buf_init(&arn, 4096);
	make_arn(t, doc, &arn);
	for (const struct json *tag = json_first(json_get(doc, "tags")); tag; tag = json_next(tag)) {
		if (!listed(t->p, "TagKeys", "TagKey", json_name(tag)) ||
		    !listed(t->p, "TagValues", "TagValue", json_text(tag)))
			continue;
		xml_open(t->out, "TaggedResource");
		xml_open(t->out, "Tag");
		xml_element(t->out, "Key", json_name(tag));
		xml_element(t->out, "Value", json_text(tag));
		xml_close(t->out, "Tag");
		xml_element(t->out, "ResourceName", arn.data);
		xml_element(t->out, "ResourceType", t->type->resource_type);
		xml_close(t->out, "TaggedResource");
	}
	buf_clear(&arn);
	return 0;
}

static bool is_resource_type(const char *type)
{
	static const char *const others[] = { "hsmconnection", "hsmcertificate", "snapshotcopygrant", "integration" };

	for (size_t i = 0; i < TAGGABLES; i++)
		if (strcmp(taggables[i].resource_type, type) == 0)
			return true;
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (strcmp(others[i], type) == 0)
			return true;
	return false;
}

REDSHIFT_HANDLER(redshift_describe_tags)
{
	const char *name = params_get(p, "ResourceName"), *type = params_get(p, "ResourceType");
	struct tag_walk walk = { .w = w, .p = p, .out = out };
	const struct json *doc;
	struct resource r;
	char prefix[64];

	if (name && type)
		return service_error(err, 400, "InvalidParameterCombination",
				     "ResourceName and ResourceType cannot be given together.");
	if (type && !is_resource_type(type))
		return service_error(err, 400, "InvalidParameterValue", "The resource type %.60s is not valid", type);
	xml_open(out, "TaggedResources");
	if (name) {
		if (!(doc = find_resource(w, p, &r, err)))
			return -1;
		walk.type = r.type;
		write_resource_tags(&walk, r.id, doc);
	}
	snprintf(prefix, sizeof(prefix), "%s/", who->region);
	for (size_t i = 0; !name && i < TAGGABLES; i++) {
		if (type && strcmp(type, taggables[i].resource_type) != 0)
			continue;
		walk.type = &taggables[i];
		store_each(w->store, walk.type->kind, prefix, write_resource_tags, &walk);
	}
	xml_close(out, "TaggedResources");
	return buf_check(out, "reply", err);
}
