#include "aws/json_protocol.h"

#include <stdio.h>
#include <string.h>

#include "aws/decode.h"
#include "aws/request.h"
#include "spark/base/clock.h"

#define BODY_MAX ((size_t)1024 * 1024)

void json_body_init(struct json_body *b)
{
	buf_init(&b->text, BODY_MAX);
	/* Room beforehand: a buffer that grows leaves copies of a password behind. A failure shows in the additions. */
	(void)buf_reserve(&b->text, 16 * 1024);
	buf_putc(&b->text, '{');
}

void json_body_clear(struct json_body *b)
{
	buf_wipe(&b->text);
}

static void add_name(struct json_body *b, const char *name)
{
	if (b->text.len > 1)
		buf_putc(&b->text, ',');
	json_quote(&b->text, name, strlen(name));
	buf_putc(&b->text, ':');
}

void json_body_add(struct json_body *b, const char *name, const char *value)
{
	if (!value)
		return;
	add_name(b, name);
	json_quote(&b->text, value, strlen(value));
}

void json_body_add_int(struct json_body *b, const char *name, int64_t value)
{
	add_name(b, name);
	buf_printf(&b->text, "%lld", (long long)value);
}

void json_body_add_bool(struct json_body *b, const char *name, bool value)
{
	add_name(b, name);
	buf_puts(&b->text, value ? "true" : "false");
}

void json_body_add_list(struct json_body *b, const char *name, const char *const *items, size_t count)
{
	if (count == 0)
		return;
	add_name(b, name);
	for (size_t i = 0; i < count; i++) {
		buf_putc(&b->text, i ? ',' : '[');
		json_quote(&b->text, items[i], strlen(items[i]));
	}
	buf_putc(&b->text, ']');
}

void json_body_add_tags(struct json_body *b, const char *name, const struct aws_tag *tags, size_t count)
{
	if (count == 0)
		return;
	add_name(b, name);
	for (size_t i = 0; i < count; i++) {
		buf_puts(&b->text, i ? ",{\"key\":" : "[{\"key\":");
		json_quote(&b->text, tags[i].key, strlen(tags[i].key));
		buf_puts(&b->text, ",\"value\":");
		json_quote(&b->text, tags[i].value, strlen(tags[i].value));
		buf_putc(&b->text, '}');
	}
	buf_putc(&b->text, ']');
}

/* What a reply that claims success holds. */
static int read_reply(const char *service, const char *action, const struct http_answer *answer, struct json **reply,
		      struct err *err)
{
	struct json *j = json_parse(answer->body.data, answer->body.len, err);

	if (!j) {
		err_wrap(err, "the reply to %s %s cannot be read", service, action);
		if (err && err->kind == ERR_PARSE)
			err_hint(err, "check the endpoint: this is not what the service sends");
		return decode_mark(err);
	}
	if (!json_is_object(j)) {
		json_free(j);
		return decode_refused(err, "the reply to %s %s is no JSON object", service, action);
	}
	*reply = j;
	return 0;
}

int json_call(struct aws_client *c, const char *service, const char *target, const char *action, struct json_body *b,
	      bool idempotent, struct json **reply, struct err *err)
{
	struct http_answer answer;
	struct json *parsed = NULL;
	struct aws_request r;
	char header[96];
	int rc;

	buf_putc(&b->text, '}');
	rc = buf_check(&b->text, "parameters", err);
	if (rc == 0) {
		(void)snprintf(header, sizeof(header), "%s.%s", target, action);
		aws_request_init(&r, service, action, "POST");
		aws_request_header(&r, "Content-Type", "application/x-amz-json-1.1");
		aws_request_header(&r, "X-Amz-Target", header);
		r.body = b->text.data;
		r.body_len = b->text.len;
		r.idempotent = idempotent;
		rc = aws_request_send(c, &r, &answer, err);
		if (rc == 0)
			rc = read_reply(service, action, &answer, &parsed, err);
		buf_wipe(&answer.body); /* GetCredentials' holds a password */
		http_answer_clear(&answer);
	}
	json_body_clear(b);
	if (rc == 0 && reply)
		*reply = parsed;
	else
		json_free(parsed);
	return rc;
}

void json_take_text(const struct json *o, const char *name, char *out, size_t size)
{
	const char *text = json_str(o, name, "");

	(void)snprintf(out, size, "%s", strlen(text) < size ? text : "");
}

int64_t json_take_time(const struct json *o, const char *name)
{
	const struct json *value = json_get(o, name);
	int64_t ms;

	if (json_is_number(value))
		return (int64_t)(json_number(value) * 1000);
	return json_is_string(value) && clock_parse(json_text(value), &ms, NULL) == 0 ? ms : 0;
}
