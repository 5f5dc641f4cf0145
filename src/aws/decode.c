#include "aws/decode.h"

#include <errno.h>
#include <stdarg.h>

#include "spark/base/clock.h"
#include "spark/base/mem.h"

int decode_mark(struct err *err)
{
	if (err)
		err->http_status = 200;
	return -1;
}

int decode_refused(struct err *err, const char *fmt, ...)
{
	char text[sizeof(err->text)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	err_set(err, ERR_PARSE, "%s", text);
	return decode_mark(err);
}

int decode_required(const struct xml_node *n, const char *path, const char *action, char *out, size_t size,
		    struct err *err)
{
	if (!n || !xml_text_into(n, path, out, size) || out[0] == '\0')
		return decode_refused(err, "the reply to %s has no usable '%s'", action, path);
	return 0;
}

void decode_optional(const struct xml_node *n, const char *path, char *out, size_t size)
{
	if (!n || !xml_text_into(n, path, out, size))
		out[0] = '\0';
}

int64_t decode_int(const struct xml_node *n, const char *path, int64_t fallback)
{
	char text[32];
	char *end;

	decode_optional(n, path, text, sizeof(text));
	if (text[0] == '\0')
		return fallback;
	errno = 0;
	long long value = strtoll(text, &end, 10);
	if (errno != 0 || *end != '\0')
		return fallback;
	return value;
}

int64_t decode_time(const struct xml_node *n, const char *path)
{
	char text[64];
	int64_t ms;

	decode_optional(n, path, text, sizeof(text));
	if (text[0] == '\0' || clock_parse(text, &ms, NULL) != 0)
		return 0;
	return ms;
}

bool decode_bool(const struct xml_node *n, const char *path)
{
	char text[8];

	decode_optional(n, path, text, sizeof(text));
	return strcasecmp(text, "true") == 0;
}

int decode_tags(const struct xml_node *list, const struct tag_names *names, struct aws_tags *out, struct err *err)
{
	struct aws_tags tags = { 0 };
	size_t cap = 0;

	if (!list) {
		*out = tags;
		return 0;
	}
	for (const struct xml_node *n = xml_child(list, names->item); n; n = xml_next(n, names->item)) {
		if (mem_grow(&tags.items, &cap, tags.count, sizeof(*tags.items)) != 0) {
			aws_tags_clear(&tags);
			return err_nomem(err);
		}
		struct aws_tag *tag = &tags.items[tags.count++];
		decode_optional(n, names->key, tag->key, sizeof(tag->key));
		decode_optional(n, names->value, tag->value, sizeof(tag->value));
	}
	*out = tags;
	return 0;
}
