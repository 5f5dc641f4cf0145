#include "sandbox/http/serverless/serverless.h"

#define SERVERLESS_TAGS_MAX 200

static int add_tags(struct json *tags, const struct json *given, struct err *err)
{
	for (const struct json *t = json_first(given); t; t = json_next(t)) {
		const char *key = json_str(t, "key", ""), *value = json_str(t, "value", "");

		if (!*key || strlen(key) > 128 || strlen(value) > 256)
			return json_input_invalid(err, "A tag's key must have 1 to 128 characters, its value at most "
						       "256.");
		if (!strncasecmp(key, "aws:", 4))
			return json_input_invalid(err, "Tag keys that begin with aws: are reserved: %.128s", key);
		if (json_set_str(tags, key, value))
			return err_nomem(err);
	}
	if (json_count(tags) > SERVERLESS_TAGS_MAX)
		return service_error(err, 400, "TooManyTagsException", "The number of tags exceeds the limit of %d.",
				     SERVERLESS_TAGS_MAX);
	return 0;
}

int serverless_take_tags(struct json_call *c, struct json *doc, struct err *err)
{
	struct json *tags = json_new_object();

	if (!tags || json_set(doc, "tags", tags))
		return err_nomem(err);
	return add_tags(json_get_mut(doc, "tags"), json_get(c->in, "tags"), err);
}

struct search {
	struct world *w;
	const char *kind, *arn;
	char id[160];
};

static int match_arn(void *arg, const char *id, const struct json *doc)
{
	struct search *s = arg;
	char arn[256];

	serverless_arn(s->w, s->kind, doc, arn);
	if (strcmp(arn, s->arn) != 0 || serverless_is_gone(s->w, s->kind, doc))
		return 0;
	snprintf(s->id, sizeof(s->id), "%s", id);
	return 1;
}

/* The document that the call's ARN names; its kind and id. */
static const struct json *find_resource(struct json_call *c, struct search *s, struct err *err)
{
	static const char *const kinds[] = { NAMESPACE_KIND, WORKGROUP_KIND };

	*s = (struct search){ .w = c->w, .arn = json_str(c->in, "resourceArn", "") };
	for (size_t i = 0; i < 2 && !*s->id; i++) {
		s->kind = kinds[i];
		store_each(c->w->store, kinds[i], "", match_arn, s);
	}
	if (*s->id)
		return store_get(c->w->store, s->kind, s->id);
	if (json_set_str(c->fault, "resourceName", s->arn))
		err_nomem(err);
	else
		service_error(err, 400, "ResourceNotFoundException", "The resource %.300s was not found.", s->arn);
	return NULL;
}

int serverless_tag(struct json_call *c, struct err *err)
{
	struct search s;
	const struct json *doc = find_resource(c, &s, err);
	struct json *copy = doc ? json_copy(doc) : NULL;

	if (!copy)
		return doc ? err_nomem(err) : -1;
	if (add_tags(json_get_mut(copy, "tags"), json_get(c->in, "tags"), err)) {
		json_free(copy);
		return -1;
	}
	return store_put(c->w->store, s.kind, s.id, copy, err);
}

int serverless_untag(struct json_call *c, struct err *err)
{
	struct search s;
	const struct json *doc = find_resource(c, &s, err);
	struct json *copy = doc ? json_copy(doc) : NULL;

	if (!copy)
		return doc ? err_nomem(err) : -1;
	for (const struct json *k = json_first(json_get(c->in, "tagKeys")); k; k = json_next(k))
		json_remove(json_get_mut(copy, "tags"), json_text(k));
	return store_put(c->w->store, s.kind, s.id, copy, err);
}

int serverless_list_tags(struct json_call *c, struct err *err)
{
	struct search s;
	const struct json *doc = find_resource(c, &s, err);
	struct json *list = json_new_array();

	if (!doc || !list || json_set(c->out, "tags", list)) {
		if (!doc)
			json_free(list);
		return doc ? err_nomem(err) : -1;
	}
	list = json_get_mut(c->out, "tags");
	for (const struct json *t = json_first(json_get(doc, "tags")); t; t = json_next(t)) {
		struct json *one = json_new_object();

		if (!one || json_set_str(one, "key", json_name(t)) || json_set_str(one, "value", json_text(t))) {
			json_free(one);
			return err_nomem(err);
		}
		if (json_append(list, one))
			return err_nomem(err);
	}
	return 0;
}
