#include "sandbox/http/iam/iam.h"
#include "sandbox/http/text.h"

#define TAGS_MAX      50
#define TAG_KEY_MAX   128
#define TAG_VALUE_MAX 256

static int check_tag(const char *key, const char *value, int n, struct err *err)
{
	char member[48];

	if (!key || !*key || text_count_characters(key) > TAG_KEY_MAX) {
		snprintf(member, sizeof(member), "tags.%d.member.key", n);
		return iam_invalid(err, member, key,
				   key && *key ? "Member must have length less than or equal to 128"
					       : "Member must have length greater than or equal to 1");
	}
	if (!value || text_count_characters(value) > TAG_VALUE_MAX) {
		snprintf(member, sizeof(member), "tags.%d.member.value", n);
		return iam_invalid(err, member, value, "Member must have length less than or equal to 256");
	}
	if (!strncasecmp(key, "aws:", 4))
		return service_error(err, 400, "InvalidInput",
				     "System tags cannot be added/updated by requester: keys cannot begin with aws:");
	return 0;
}

int iam_tags_read(const struct params *p, struct json *tags, struct err *err)
{
	for (int n = 1;; n++) {
		const char *key = params_getf(p, "Tags.member.%d.Key", n);
		const char *value = params_getf(p, "Tags.member.%d.Value", n);

		if (!key && !value)
			return 0;
		if (check_tag(key, value, n, err))
			return -1;
		for (int m = 1; m < n; m++)
			if (!strcasecmp(params_getf(p, "Tags.member.%d.Key", m), key))
				return service_error(err, 400, "InvalidInput",
						     "Duplicate tag keys found. Please note that Tag keys are case "
						     "insensitive.");
		if (!json_get(tags, key) && json_count(tags) >= TAGS_MAX)
			return service_error(err, 409, "LimitExceeded",
					     "The number of tags has reached the maximum limit of %d.", TAGS_MAX);
		if (json_set_str(tags, key, value))
			return err_nomem(err);
	}
}

static void write_tag(struct buf *out, const struct json *tag)
{
	xml_open(out, "member");
	xml_element(out, "Key", json_name(tag));
	xml_element(out, "Value", json_text(tag));
	xml_close(out, "member");
}

void iam_tags_write(struct buf *out, const struct json *tags)
{
	xml_open(out, "Tags");
	for (const struct json *t = json_first(tags); t; t = json_next(t))
		write_tag(out, t);
	xml_close(out, "Tags");
}

/* The document whose tags are asked for: a role or user by name, a policy by ARN. */
static const struct json *find_tagged(struct world *w, const struct params *p, struct err *err)
{
	return strstr(params_get(p, "Action"), "Policy") ? iam_policy_find(w, p, err)
							 : iam_find(w, iam_kind_of(p), p, err);
}

static int edit_tagged(struct world *w, const struct params *p, struct json **copy, struct err *err)
{
	const struct json *doc = find_tagged(w, p, err);
	struct json *tags;

	if (!doc || iam_check_modifiable(doc, err))
		return -1;
	*copy = json_copy(doc);
	if (!*copy)
		return err_nomem(err);
	if (json_get(*copy, "tags"))
		return 0;
	tags = json_new_object();
	if (tags && !json_set(*copy, "tags", tags))
		return 0;
	json_free(*copy);
	return err_nomem(err);
}

static int put_tagged(struct world *w, const struct params *p, struct json *doc, struct err *err)
{
	return strstr(params_get(p, "Action"), "Policy") ? iam_policy_put(w, doc, err)
							 : iam_put(w, iam_kind_of(p), doc, err);
}

IAM_HANDLER(iam_tag)
{
	struct json *doc = NULL;

	(void)who;
	(void)out;
	if (edit_tagged(w, p, &doc, err))
		return -1;
	if (iam_tags_read(p, json_get_mut(doc, "tags"), err)) {
		json_free(doc);
		return -1;
	}
	return put_tagged(w, p, doc, err);
}

IAM_HANDLER(iam_untag)
{
	struct json *doc = NULL;
	const char *key;

	(void)who;
	(void)out;
	if (edit_tagged(w, p, &doc, err))
		return -1;
	for (int n = 1; (key = params_getf(p, "TagKeys.member.%d", n)); n++)
		json_remove(json_get_mut(doc, "tags"), key);
	return put_tagged(w, p, doc, err);
}

IAM_HANDLER(iam_list_tags)
{
	const struct json *doc = find_tagged(w, p, err);
	struct iam_page page;
	char at[32];
	size_t i = 0;

	(void)who;
	if (!doc || iam_page_begin(p, &page, err))
		return -1;
	xml_open(out, "Tags");
	for (const struct json *t = json_first(json_get(doc, "tags")); t; t = json_next(t), i++) {
		iam_page_key(i, at);
		if (iam_page_takes(&page, at))
			write_tag(out, t);
	}
	xml_close(out, "Tags");
	iam_page_end(&page, out);
	return 0;
}
