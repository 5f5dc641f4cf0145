#include "sandbox/http/ec2/ec2.h"
#include "sandbox/http/text.h"

#define TAGS_MAX      50
#define TAG_KEY_MAX   128
#define TAG_VALUE_MAX 256

void ec2_tags_write(struct buf *out, const struct json *tags)
{
	xml_open(out, "tagSet");
	for (const struct json *t = json_first(tags); t; t = json_next(t)) {
		xml_open(out, "item");
		xml_element(out, "key", json_name(t));
		xml_element(out, "value", json_text(t));
		xml_close(out, "item");
	}
	xml_close(out, "tagSet");
}

static int set_tag(struct json *tags, const char *key, const char *value, struct err *err)
{
	if (!*key || text_count_characters(key) > TAG_KEY_MAX)
		return service_error(err, 400, "InvalidParameterValue",
				     *key ? "Tag key exceeds the maximum length of %d characters"
					  : "Tag key cannot be empty (1 to %d characters)",
				     TAG_KEY_MAX);
	if (text_count_characters(value) > TAG_VALUE_MAX)
		return service_error(err, 400, "InvalidParameterValue",
				     "Tag value exceeds the maximum length of %d characters", TAG_VALUE_MAX);
	if (!strncasecmp(key, "aws:", 4))
		return service_error(err, 400, "InvalidParameterValue",
				     "Tag keys starting with 'aws:' are reserved for internal use");
	if (!json_get(tags, key) && json_count(tags) >= TAGS_MAX)
		return service_error(err, 400, "TagLimitExceeded",
				     "You have reached the maximum number of tags for this resource (%d)", TAGS_MAX);
	return json_set_str(tags, key, value) ? err_nomem(err) : 0;
}

int ec2_tags_read_specification(const struct params *p, const char *resource_type, struct json *tags, struct err *err)
{
	const char *type, *key;

	if (params_get(p, "TagSpecification.1.Tag.1.Key") && !params_get(p, "TagSpecification.1.ResourceType"))
		return service_error(err, 400, "InvalidParameterValue",
				     "Tag specification resource type must have a value");
	for (int n = 1; (type = params_getf(p, "TagSpecification.%d.ResourceType", n)); n++) {
		if (strcmp(type, resource_type))
			return service_error(err, 400, "InvalidParameterValue",
					     "'%.60s' is not a valid taggable resource type for this operation.", type);
		for (int m = 1; (key = params_getf(p, "TagSpecification.%d.Tag.%d.Key", n, m)); m++) {
			const char *value = params_getf(p, "TagSpecification.%d.Tag.%d.Value", n, m);

			if (json_get(tags, key))
				return service_error(err, 400, "InvalidParameterValue",
						     "Duplicate tag key '%.130s' specified.", key);
			if (set_tag(tags, key, value ? value : "", err))
				return -1;
		}
	}
	return 0;
}

/* What can be tagged. A security group rule lies inside its group's document. */
static const struct taggable {
	const char *type; /* as DescribeTags says it */
	const struct ec2_kind *kind;
} taggables[] = {
	{ "vpc", &ec2_vpcs },
	{ "subnet", &ec2_subnets },
	{ "internet-gateway", &ec2_gateways },
	{ "route-table", &ec2_route_tables },
	{ "security-group", &ec2_groups },
};

/* The documents that a call changes: "kind|id" to document, so that a group and a rule of it are one change. */
struct editing {
	struct world *world;
	const struct caller *who;
	struct json *docs;
};

static struct json *edit_doc(struct editing *e, const char *kind, const struct json *doc, struct err *err)
{
	char name[160];
	struct json *there, *copy;

	snprintf(name, sizeof(name), "%s|%s", kind, json_str(doc, "id", ""));
	there = json_get_mut(e->docs, name);
	if (there)
		return there;
	copy = json_copy(doc);
	if (!copy || json_set(e->docs, name, copy)) {
		err_nomem(err);
		return NULL;
	}
	return json_get_mut(e->docs, name);
}

struct rule_search {
	const char *id;
	const struct json *group;
};

static int find_rule_group(void *arg, const char *id, const struct json *group)
{
	struct rule_search *s = arg;

	(void)id;
	for (const struct json *r = json_first(json_get(group, "rules")); r; r = json_next(r))
		if (!strcmp(json_str(r, "id", ""), s->id))
			s->group = group;
	return s->group != NULL;
}

/* Iteration hands out const items; the array is ours to change. */
static struct json *rule_in(struct json *group, const char *id)
{
	for (const struct json *r = json_first(json_get(group, "rules")); r; r = json_next(r))
		if (!strcmp(json_str(r, "id", ""), id))
			return (struct json *)(uintptr_t)r;
	return NULL;
}

/* The tags of a resource, to be changed. NULL with err. */
static struct json *edit_tags(struct editing *e, const char *id, struct err *err)
{
	struct rule_search s = { id, NULL };
	struct json *group;
	char prefix[EC2_ID_SIZE];

	for (size_t i = 0; i < sizeof(taggables) / sizeof(*taggables); i++) {
		const struct ec2_kind *kind = taggables[i].kind;

		if (!strncmp(id, kind->prefix, strlen(kind->prefix))) {
			const struct json *doc = ec2_find(e->world, e->who, kind, id, err);
			struct json *copy = doc ? edit_doc(e, kind->kind, doc, err) : NULL;

			return copy ? json_get_mut(copy, "tags") : NULL;
		}
	}
	if (strncmp(id, "sgr-", 4)) {
		service_error(err, 400, "InvalidID", "The ID '%.100s' is not valid", id);
		return NULL;
	}
	ec2_doc_id(prefix, e->who->region, "");
	store_each(e->world->store, "ec2:security-group", prefix, find_rule_group, &s);
	if (!s.group) {
		service_error(err, 400, "InvalidSecurityGroupRuleId.NotFound",
			      "The security group rule ID '%.60s' does not exist", id);
		return NULL;
	}
	group = edit_doc(e, "ec2:security-group", s.group, err);
	return group ? json_get_mut(rule_in(group, id), "tags") : NULL;
}

static int put_all(struct editing *e, struct err *err)
{
	for (const struct json *d = json_first(e->docs); d; d = json_next(d)) {
		const char *name = json_name(d);
		char kind[64];
		struct json *copy = json_copy(d);

		if (!copy)
			return err_nomem(err);
		snprintf(kind, sizeof(kind), "%.*s", (int)strcspn(name, "|"), name);
		if (ec2_put(e->world, e->who->region, kind, copy, err))
			return -1;
	}
	return 0;
}

static int add_tags(const struct params *p, struct json *tags, struct err *err)
{
	const char *key;

	for (int n = 1; (key = params_getf(p, "Tag.%d.Key", n)); n++) {
		const char *value = params_getf(p, "Tag.%d.Value", n);

		if (set_tag(tags, key, value ? value : "", err))
			return -1;
	}
	return 0;
}

/* A tag named with a value goes only when it has that value; no tag named: all go. */
static int remove_tags(const struct params *p, struct json *tags, struct err *err)
{
	const char *key;

	(void)err;
	if (!params_get(p, "Tag.1.Key"))
		while (json_count(tags))
			json_remove(tags, json_name(json_first(tags)));
	for (int n = 1; (key = params_getf(p, "Tag.%d.Key", n)); n++) {
		const char *value = params_getf(p, "Tag.%d.Value", n);
		const char *there = json_str(tags, key, NULL);

		if (there && (!value || !strcmp(value, there)))
			json_remove(tags, key);
	}
	return 0;
}

static int change_tags(struct world *w, const struct caller *who, const struct params *p,
		       int (*change)(const struct params *p, struct json *tags, struct err *err), struct err *err)
{
	struct editing e = { w, who, json_new_object() };
	const char *id = ec2_required(p, "ResourceId.1", err);
	int rc = id ? 0 : -1;

	if (!e.docs)
		return err_nomem(err);
	for (int n = 1; rc == 0 && (id = params_getf(p, "ResourceId.%d", n)); n++) {
		struct json *tags = edit_tags(&e, id, err);

		rc = tags ? change(p, tags, err) : -1;
	}
	if (rc == 0)
		rc = put_all(&e, err);
	json_free(e.docs);
	return rc;
}

EC2_HANDLER(ec2_create_tags)
{
	xml_element(out, "return", "true");
	if (!ec2_required(p, "Tag.1.Key", err))
		return -1;
	return change_tags(w, who, p, add_tags, err);
}

EC2_HANDLER(ec2_delete_tags)
{
	xml_element(out, "return", "true");
	return change_tags(w, who, p, remove_tags, err);
}

static const struct ec2_filter_row tag_filters[] = {
	{ "key", "key", NULL },
	{ "value", "value", NULL },
	{ "resource-id", "resourceId", NULL },
	{ "resource-type", "resourceType", NULL },
};

struct describing {
	struct ec2_page page;
	struct ec2_filters filters;
	const char *type;
	struct buf *out;
	bool failed;
};

/* A tag as a document, for the filters. */
static struct json *tag_doc(const char *type, const char *id, const struct json *tag)
{
	struct json *doc = json_new_object(), *tags = json_new_object();

	if (doc && tags && !json_set_str(tags, json_name(tag), json_text(tag))) {
		bool bad = json_set(doc, "tags", tags) != 0;

		if (!bad && !json_set_str(doc, "key", json_name(tag)) && !json_set_str(doc, "value", json_text(tag)) &&
		    !json_set_str(doc, "resourceId", id) && !json_set_str(doc, "resourceType", type))
			return doc;
		tags = NULL;
	}
	json_free(tags);
	json_free(doc);
	return NULL;
}

static void describe_tags_of(struct describing *d, const char *type, const char *id, const struct json *tags)
{
	for (const struct json *t = json_first(tags); t && !d->failed; t = json_next(t)) {
		struct json *doc = tag_doc(type, id, t);

		d->failed = !doc;
		if (doc && ec2_filters_hold(&d->filters, doc) && ec2_page_takes(&d->page)) {
			xml_open(d->out, "item");
			xml_element(d->out, "resourceId", id);
			xml_element(d->out, "resourceType", type);
			xml_element(d->out, "key", json_name(t));
			xml_element(d->out, "value", json_text(t));
			xml_close(d->out, "item");
		}
		json_free(doc);
	}
}

static int describe_one(void *arg, const char *id, const struct json *doc)
{
	struct describing *d = arg;

	(void)id;
	describe_tags_of(d, d->type, json_str(doc, "id", ""), json_get(doc, "tags"));
	for (const struct json *r = json_first(json_get(doc, "rules")); r; r = json_next(r))
		describe_tags_of(d, "security-group-rule", json_str(r, "id", ""), json_get(r, "tags"));
	return d->failed || d->page.more;
}

EC2_HANDLER(ec2_describe_tags)
{
	struct describing d = { .out = out };
	char prefix[EC2_ID_SIZE];

	if (ec2_page_begin(p, &d.page, err) ||
	    ec2_filters_begin(&d.filters, p, tag_filters, sizeof(tag_filters) / sizeof(*tag_filters), err))
		return -1;
	ec2_doc_id(prefix, who->region, "");
	xml_open(out, "tagSet");
	for (size_t i = 0; i < sizeof(taggables) / sizeof(*taggables); i++) {
		d.type = taggables[i].type;
		store_each(w->store, taggables[i].kind->kind, prefix, describe_one, &d);
	}
	xml_close(out, "tagSet");
	ec2_page_end(&d.page, out);
	return d.failed ? err_nomem(err) : 0;
}
