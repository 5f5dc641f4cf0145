#include "pipeline/role_policy.h"

#include <stdio.h>
#include <string.h>

#include "spark/base/json.h"
#include "spark/base/url.h"

#define PREFIXES_MAX 64

struct prefix {
	char bucket[64];
	char key[1100]; /* with the wildcards of policies made literal */
};
struct prefixes {
	struct prefix items[PREFIXES_MAX];
	size_t count;
};

/* '*', '?' and '$' mean something in a policy. */
static int escape_key(const char *key, char *out, size_t size)
{
	size_t n = 0;

	for (; *key; key++) {
		if (n + 5 > size)
			return -1;
		if (strchr("*?$", *key))
			n += (size_t)snprintf(out + n, size - n, "${%c}", *key);
		else
			out[n++] = *key;
	}
	out[n] = 0;
	return 0;
}

static int add_prefix(const struct config *config, enum option_id id, const char *uri, struct prefixes *p,
		      struct err *err)
{
	struct prefix *item = &p->items[p->count];
	const char *key;

	if (p->count == PREFIXES_MAX)
		return err_set(err, ERR_CONFIG, "%s names more than %d prefixes", option_rows[id].key, PREFIXES_MAX);
	if (url_parse_s3(uri, item->bucket, &key, err) < 0 || escape_key(key, item->key, sizeof(item->key)) < 0) {
		err_set(err, ERR_CONFIG, "'%s' (%s) is no address of S3", uri, config_place(config, id));
		return err_hint(err, "write it as s3://bucket/prefix");
	}
	for (size_t i = 0; i < p->count; i++) {
		if (strcmp(p->items[i].bucket, item->bucket) == 0 && strcmp(p->items[i].key, item->key) == 0)
			return 0;
	}
	p->count++;
	return 0;
}

static int gather(const struct config *config, struct prefixes *p, struct err *err)
{
	static const enum option_id ids[] = { OPT_LOG_DATA, OPT_LOG_JSONPATH, OPT_SONG_DATA, OPT_ALSO_READ };

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		const char *text = config_str(config, ids[i]);
		char uri[1200];

		while (text && *(text += strspn(text, " \t,"))) {
			size_t len = strcspn(text, " \t,");

			(void)snprintf(uri, sizeof(uri), "%.*s", (int)(len < sizeof(uri) ? len : sizeof(uri) - 1),
				       text);
			if (add_prefix(config, ids[i], uri, p, err) < 0)
				return -1;
			text += len;
		}
	}
	return 0;
}

static bool is_first_of_bucket(const struct prefixes *p, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (strcmp(p->items[k].bucket, p->items[i].bucket) == 0)
			return false;
	}
	return true;
}

/* A string made of parts. */
static void add_text(struct buf *out, bool first, const char *a, const char *b, const char *c, const char *d)
{
	struct buf text;

	buf_init(&text, 4096);
	buf_printf(&text, "%s%s%s%s", a, b, c, d);
	buf_puts(out, first ? "" : ",");
	json_quote(out, text.data, text.len);
	if (text.failed)
		out->failed = true;
	buf_clear(&text);
}

static void add_listing(struct buf *out, const char *partition, const struct prefixes *p, size_t of)
{
	bool first = true;

	buf_puts(out, ",{\"Effect\":\"Allow\",\"Action\":\"s3:ListBucket\",\"Resource\":");
	add_text(out, true, "arn:", partition, ":s3:::", p->items[of].bucket);
	buf_puts(out, ",\"Condition\":{\"StringLike\":{\"s3:prefix\":[");
	for (size_t i = of; i < p->count; i++) {
		if (strcmp(p->items[i].bucket, p->items[of].bucket) != 0)
			continue;
		add_text(out, first, p->items[i].key, "*", "", "");
		first = false;
	}
	buf_puts(out, "]}}}");
}

int role_policy_write(const struct config *config, const char *partition, struct buf *out, struct err *err)
{
	struct prefixes p = { .count = 0 };

	if (gather(config, &p, err) < 0)
		return -1;
	buf_puts(out, "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\","
		      "\"Resource\":[");
	for (size_t i = 0; i < p.count; i++) {
		char path[1200];

		(void)snprintf(path, sizeof(path), "%s/%s*", p.items[i].bucket, p.items[i].key);
		add_text(out, i == 0, "arn:", partition, ":s3:::", path);
	}
	buf_puts(out, "]},{\"Effect\":\"Allow\",\"Action\":\"s3:GetBucketLocation\",\"Resource\":[");
	for (size_t i = 0; i < p.count; i++) {
		if (is_first_of_bucket(&p, i))
			add_text(out, i == 0, "arn:", partition, ":s3:::", p.items[i].bucket);
	}
	buf_puts(out, "]}");
	for (size_t i = 0; i < p.count; i++) {
		if (is_first_of_bucket(&p, i))
			add_listing(out, partition, &p, i);
	}
	buf_puts(out, "]}");
	return buf_check(out, "the role's policy", err);
}
