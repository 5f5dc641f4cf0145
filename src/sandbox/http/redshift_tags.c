#include "sandbox/http/redshift.h"
#include "spark/base/mem.h"

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

/* The document that an ARN names, and its id. */
static const struct json *find_resource(struct world *w, const struct params *p, char id[128], struct err *err)
{
	const char *arn;
	char region[64], account[16], cluster[CLUSTER_ID_MAX + 1];
	const struct json *doc = NULL;
	int end = 0;

	if (redshift_require(p, "ResourceName", &arn, err) < 0)
		return NULL;
	if (sscanf(arn, "arn:aws:redshift:%63[a-z0-9-]:%15[0-9]:cluster:%63[a-z0-9-]%n", region, account, cluster,
		   &end) == 3 &&
	    end && !arn[end] && strcmp(account, w->account) == 0) {
		snprintf(id, 128, "%s/%s", region, cluster);
		doc = store_get(w->store, CLUSTER_KIND, id);
	}
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
	char id[128];
	const struct json *doc = find_resource(w, p, id, err);
	struct json *copy, *tags;

	(void)who;
	(void)out;
	if (!doc || !(copy = copy_for_tags(doc, &tags, err)))
		return -1;
	if (redshift_take_tags(p, tags, err) < 0) {
		json_free(copy);
		return -1;
	}
	return store_put(w->store, CLUSTER_KIND, id, copy, err);
}

int redshift_delete_tags(struct world *w, const struct caller *who, const struct params *p, struct buf *out,
			 struct err *err)
{
	char id[128];
	const struct json *doc = find_resource(w, p, id, err);
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
	return store_put(w->store, CLUSTER_KIND, id, copy, err);
}

struct tag_walk {
	struct world *w;
	const struct params *p;
	struct buf *out;
};

static int write_resource_tags(void *arg, const char *id, const struct json *doc)
{
	struct tag_walk *t = arg;
	char arn[256];

	(void)id;
	redshift_cluster_arn(t->w, doc, arn);
	for (const struct json *tag = json_first(json_get(doc, "tags")); tag; tag = json_next(tag)) {
		if (!listed(t->p, "TagKeys", "TagKey", json_name(tag)) ||
		    !listed(t->p, "TagValues", "TagValue", json_text(tag)))
			continue;
		xml_open(t->out, "TaggedResource");
		xml_open(t->out, "Tag");
		xml_element(t->out, "Key", json_name(tag));
		xml_element(t->out, "Value", json_text(tag));
		xml_close(t->out, "Tag");
		xml_element(t->out, "ResourceName", arn);
		xml_element(t->out, "ResourceType", "cluster");
		xml_close(t->out, "TaggedResource");
	}
	return 0;
}

int redshift_describe_tags(struct world *w, const struct caller *who, const struct params *p, struct buf *out,
			   struct err *err)
{
	const char *name = params_get(p, "ResourceName"), *type = params_get(p, "ResourceType");
	struct tag_walk walk = { w, p, out };
	const struct json *doc;
	char id[128];

	if (name && type)
		return service_error(err, 400, "InvalidParameterCombination",
				     "ResourceName and ResourceType cannot be given together.");
	xml_open(out, "TaggedResources");
	if (name) {
		if (!(doc = find_resource(w, p, id, err)))
			return -1;
		write_resource_tags(&walk, id, doc);
	} else if (!type || strcmp(type, "cluster") == 0) {
		snprintf(id, sizeof(id), "%s/", who->region);
		store_each(w->store, CLUSTER_KIND, id, write_resource_tags, &walk);
	}
	xml_close(out, "TaggedResources");
	return buf_check(out, "reply", err);
}
