#include "sandbox/http/iam.h"
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

IAM_HANDLER(iam_tag_role)
{
	struct json *role = NULL;

	(void)who;
	(void)out;
	if (iam_role_edit(w, p, &role, err))
		return -1;
	if (iam_tags_read(p, json_get_mut(role, "tags"), err)) {
		json_free(role);
		return -1;
	}
	return iam_role_put(w, role, err);
}

IAM_HANDLER(iam_untag_role)
{
	struct json *role = NULL;
	const char *key;

	(void)who;
	(void)out;
	if (iam_role_edit(w, p, &role, err))
		return -1;
	for (int n = 1; (key = params_getf(p, "TagKeys.member.%d", n)); n++)
		json_remove(json_get_mut(role, "tags"), key);
	return iam_role_put(w, role, err);
}

IAM_HANDLER(iam_list_role_tags)
{
	const struct json *role;
	char id[IAM_NAME_MAX + 1], at[32];
	struct iam_page page;
	size_t i = 0;

	(void)who;
	if (iam_role_find(w, p, &role, id, err) || iam_page_begin(p, &page, err))
		return -1;
	xml_open(out, "Tags");
	for (const struct json *t = json_first(json_get(role, "tags")); t; t = json_next(t), i++) {
		snprintf(at, sizeof(at), "%08zu", i + 1);
		if (iam_page_takes(&page, at))
			write_tag(out, t);
	}
	xml_close(out, "Tags");
	iam_page_end(&page, out);
	return 0;
}
