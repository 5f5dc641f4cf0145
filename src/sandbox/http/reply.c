#include "sandbox/http/reply.h"

#include "spark/base/hash.h"
#include "spark/base/log.h"
#include "spark/base/mem.h"
#include "spark/base/secret.h"

#define XML_HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

const char *http_header(const struct http_request *r, const char *name)
{
	/* Two hundred of these questions are asked of a request, and most headers begin with another letter. */
	for (size_t i = 0; i < r->header_count; i++)
		if ((*r->headers[i].name | 0x20) == (*name | 0x20) && !strcasecmp(r->headers[i].name, name))
			return r->headers[i].value;
	return NULL;
}

static void set_text(char *to, size_t size, const char *text)
{
	size_t len = strnlen(text, size - 1);

	memcpy(to, text, len);
	to[len] = 0;
}

/* A random UUID, version 4. Without randomness the id is all zero: it names a request, it guards nothing. */
static void make_request_id(char out[40])
{
	static _Thread_local unsigned char supply[512];
	static _Thread_local size_t left;
	unsigned char b[16] = { 0 };
	struct err ignored;
	char hex[33];

	if (!left && secret_random_bytes(supply, sizeof(supply), &ignored))
		log_debug("no random request id: %s", ignored.text);
	else if (!left)
		left = sizeof(supply);
	if (left) {
		left -= sizeof(b);
		memcpy(b, supply + left, sizeof(b));
	}
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	hash_hex(b, sizeof(b), hex);
	for (size_t i = 0, at = 0; i < 32; i++) {
		if (i == 8 || i == 12 || i == 16 || i == 20)
			out[at++] = '-';
		out[at++] = hex[i];
		out[at] = 0;
	}
}

void http_reply_init(struct http_reply *r)
{
	memset(r, 0, sizeof(*r));
	r->status = 200;
	set_text(r->content_type, sizeof(r->content_type), "text/xml");
	buf_init(&r->body, BUF_MAX_DEFAULT);
	make_request_id(r->request_id);
}

void http_reply_clear(struct http_reply *r)
{
	for (size_t i = 0; i < r->extra_count; i++)
		mem_free((void *)(uintptr_t)r->extra[i].value);
	r->extra_count = 0;
	object_reader_close(r->object);
	r->object = NULL;
	/* It may have carried a password. */
	buf_wipe(&r->body);
}

int http_reply_header(struct http_reply *r, const char *name, const char *value, struct err *err)
{
	size_t count = sizeof(r->extra) / sizeof(*r->extra);
	size_t at = 0;
	char *copy;

	while (at < r->extra_count && strcasecmp(r->extra[at].name, name))
		at++;
	if (at == count)
		return err_set(err, ERR_BUG, "a reply cannot hold the header '%s' as well", name);
	copy = mem_strdup(value);
	if (!copy)
		return err_nomem(err);
	if (at == r->extra_count)
		r->extra_count++;
	else
		mem_free((void *)(uintptr_t)r->extra[at].value);
	r->extra[at] = (struct http_header){ name, copy };
	return 0;
}

int service_error(struct err *err, int http_status, const char *code, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	err_set(err, ERR_AWS, "%s", text);
	if (!err)
		return -1;
	err->http_status = http_status;
	set_text(err->code, sizeof(err->code), code);
	return -1;
}

int reply_result(struct http_reply *r, const struct service *s, const char *action, const struct buf *result,
		 struct err *err)
{
	struct buf *b = &r->body;

	buf_reset(b);
	r->status = 200;
	set_text(r->content_type, sizeof(r->content_type), s->ec2_style ? "text/xml;charset=UTF-8" : "text/xml");
	buf_printf(b, "%s<%sResponse xmlns=\"%s\">", s->ec2_style ? XML_HEAD : "", action, s->xmlns);
	if (s->ec2_style) {
		xml_element(b, "requestId", r->request_id);
		if (result->len)
			buf_add(b, result->data, result->len);
		else
			xml_element(b, "return", "true");
	} else {
		if (result->len) {
			buf_printf(b, "<%sResult>", action);
			buf_add(b, result->data, result->len);
			buf_printf(b, "</%sResult>", action);
		}
		xml_open(b, "ResponseMetadata");
		xml_element(b, "RequestId", r->request_id);
		xml_close(b, "ResponseMetadata");
	}
	buf_printf(b, "</%sResponse>", action);
	if (result->failed)
		return buf_check(result, "the result", err);
	return buf_check(b, "the reply", err);
}

static void error_query(struct buf *b, const struct service *s, const char *request_id, const char *code,
			const char *message, int status)
{
	buf_printf(b, "<ErrorResponse xmlns=\"%s\"><Error>", s->xmlns);
	xml_element(b, "Type", status >= 500 ? "Receiver" : "Sender");
	xml_element(b, "Code", code);
	xml_element(b, "Message", message);
	xml_close(b, "Error");
	xml_element(b, "RequestId", request_id);
	xml_close(b, "ErrorResponse");
}

static void error_ec2(struct buf *b, const char *request_id, const char *code, const char *message)
{
	buf_puts(b, XML_HEAD "<Response><Errors><Error>");
	xml_element(b, "Code", code);
	xml_element(b, "Message", message);
	buf_puts(b, "</Error></Errors>");
	xml_element(b, "RequestID", request_id);
	xml_close(b, "Response");
}

static void error_s3(struct buf *b, const char *request_id, const char *code, const char *message, const char *resource,
		     const char *members)
{
	buf_puts(b, XML_HEAD "<Error>");
	xml_element(b, "Code", code);
	xml_element(b, "Message", message);
	buf_puts(b, members);
	if (!strstr(members, "<Resource>"))
		xml_element(b, "Resource", resource);
	xml_element(b, "RequestId", request_id);
	xml_element(b, "HostId", "sparkctl-sandbox");
	xml_close(b, "Error");
}

void reply_error(struct http_reply *r, const struct service *s, const char *resource, const struct err *failure)
{
	const char *code = failure->code, *message = failure->text;
	int status = failure->http_status;
	struct buf b;

	if (failure->kind != ERR_AWS && !*code) {
		/* Not the caller's mistake: a full disk, no memory. It is told, since this cloud has no other operator.
		 */
		code = s ? "InternalFailure" : "InternalError";
		status = 500;
		log_error("request %s: %s", r->request_id, message);
	}
	r->status = status >= 300 ? status : 400;
	object_reader_close(r->object);
	r->object = NULL;
	r->head_only = false;
	buf_init(&b, BUF_MAX_DEFAULT);
	if (!s)
		error_s3(&b, r->request_id, code, message, resource, r->body.data);
	else if (s->ec2_style)
		error_ec2(&b, r->request_id, code, message);
	else
		error_query(&b, s, r->request_id, code, message, r->status);
	set_text(r->content_type, sizeof(r->content_type),
		 !s             ? "application/xml"
		 : s->ec2_style ? "text/xml;charset=UTF-8"
				: "text/xml");
	buf_clear(&r->body);
	r->body = b;
}
