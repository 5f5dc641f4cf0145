#include "aws/query.h"

#include "aws/decode.h"
#include "aws/request.h"
#include "aws/retry.h"
#include "spark/base/mem.h"

#define PARAMS_MAX ((size_t)1024 * 1024)

void aws_params_init(struct aws_params *p, const char *action, const char *version)
{
	buf_init(&p->body, PARAMS_MAX);
	buf_printf(&p->body, "Action=%s&Version=%s", action, version);
}

void aws_params_clear(struct aws_params *p)
{
	buf_wipe(&p->body); /* CreateCluster's hold a password */
}

/* Form encoding is percent-encoding but for the blank. */
static void add_form(struct buf *out, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, " ");
		url_encode(out, text, n, false);
		text += n;
		if (*text == ' ') {
			buf_putc(out, '+');
			text++;
		}
	}
}

void aws_params_add(struct aws_params *p, const char *name, const char *value)
{
	if (!value)
		return;
	buf_putc(&p->body, '&');
	add_form(&p->body, name);
	buf_putc(&p->body, '=');
	add_form(&p->body, value);
}

void aws_params_add_int(struct aws_params *p, const char *name, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)value);
	aws_params_add(p, name, text);
}

void aws_params_add_bool(struct aws_params *p, const char *name, bool value)
{
	aws_params_add(p, name, value ? "true" : "false");
}

void aws_params_addf(struct aws_params *p, const char *value, const char *name_fmt, ...)
{
	struct buf name;
	va_list ap;

	buf_init(&name, 4096);
	va_start(ap, name_fmt);
	buf_vprintf(&name, name_fmt, ap);
	va_end(ap);
	if (name.failed)
		p->body.failed = true;
	else
		aws_params_add(p, name.data, value);
	buf_clear(&name);
}

void params_add_tags(struct aws_params *p, const char *list, const struct aws_tag *tags, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		aws_params_addf(p, tags[i].key, "%s.%zu.Key", list, i + 1);
		aws_params_addf(p, tags[i].value, "%s.%zu.Value", list, i + 1);
	}
}

/* The action's name, out of the body's begin. */
static void action_of(const struct aws_params *p, char out[64])
{
	const char *from = p->body.data + strlen("Action=");

	snprintf(out, 64, "%.*s", (int)strcspn(from, "&"), from);
}

/* Finds the result in a reply that claims success. */
static int open_reply(struct aws_client *c, const char *service, const char *action, const struct http_answer *answer,
		      struct xml_doc **doc, const struct xml_node **result, struct err *err)
{
	char source[256];
	const struct call_context ctx = { service, action, NULL, source };
	struct service_error e;
	char name[96];
	struct xml_doc *parsed = xml_parse(answer->body.data, answer->body.len, err);
	const struct xml_node *root = parsed ? xml_root(parsed) : NULL;

	client_source(c, source);
	if (!root) {
		xml_free(parsed);
		if (err && err->kind == ERR_NONE)
			decode_refused(err, "it is empty");
		err_wrap(err, "the reply to %s %s cannot be read", service, action);
		/* a machine without memory or descriptors is no reason to doubt the endpoint */
		if (err && err->kind == ERR_PARSE)
			err_hint(err, "check the endpoint: this is not what the service sends");
		return decode_mark(err);
	}
	snprintf(name, sizeof(name), "%sResponse", action);
	if (strcmp(xml_name(root), name) != 0) {
		int rc = service_error_parse(answer->body.data, answer->body.len, &e)
				 ? service_error_tell(&e, &ctx, answer->status, err)
				 : decode_refused(err, "the reply to %s %s is a '%s', not a '%s'", service, action,
						  xml_name(root), name);
		xml_free(parsed);
		return rc;
	}
	snprintf(name, sizeof(name), "%sResult", action);
	*result = xml_child(root, name);
	if (!*result)
		*result = root;
	*doc = parsed;
	return 0;
}

int aws_call(struct aws_client *c, const char *service, struct aws_params *p, bool idempotent, struct xml_doc **doc,
	     const struct xml_node **result, struct err *err)
{
	struct http_answer answer;
	struct aws_request r;
	char action[64];
	int rc;

	if (buf_check(&p->body, "parameters", err) != 0)
		return -1;
	action_of(p, action);
	aws_request_init(&r, service, action, "POST");
	aws_request_header(&r, "Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
	r.body = p->body.data;
	r.body_len = p->body.len;
	r.idempotent = idempotent;
	rc = aws_request_send(c, &r, &answer, err);
	if (rc == 0)
		rc = open_reply(c, service, action, &answer, doc, result, err);
	buf_wipe(&answer.body); /* GetClusterCredentials' holds a password */
	http_answer_clear(&answer);
	return rc;
}

int query_call_void(struct aws_client *c, const char *service, struct aws_params *p, bool idempotent, struct err *err)
{
	struct xml_doc *doc = NULL;
	const struct xml_node *result;
	int rc = aws_call(c, service, p, idempotent, &doc, &result, err);

	if (rc == 0)
		xml_free(doc);
	aws_params_clear(p);
	return rc;
}

int aws_http_get(struct aws_client *c, const char *url, struct buf *body, struct err *err)
{
	struct http_answer answer;
	struct err local = { 0 };
	struct http_call call = { .method = "GET", .url = url, .body_fd = -1, .sink_fd = -1, .body_max = 64 * 1024 };
	struct url u = { 0 };
	char target[300];
	int rc = -1;

	if (url_parse(&u, url, err) != 0)
		return -1;
	snprintf(target, sizeof(target), "%s:%d", u.host, u.port);
	url_clear(&u);
	call.target = target;
	for (int attempt = 1;; attempt++) {
		http_answer_init(&answer);
		rc = c->transport.send(c->transport.arg, &call, &answer, &local);
		const struct retry_fact fact = {
			.attempt = attempt,
			.idempotent = true,
			.connection_failed = rc != 0 && local.retryable,
			.timed_out = rc != 0 && local.kind == ERR_TIMEOUT,
			.http_status = rc == 0 ? answer.status : 0,
		};
		if ((rc == 0 && answer.status / 100 == 2) || !retry_allowed(&fact))
			break;
		http_answer_clear(&answer);
		if (clock_sleep(c->clock, retry_delay_ms(attempt, 0, (uint32_t)attempt * 250), c->stop) != 0)
			return err_set(err, ERR_INTERRUPTED, "interrupted while '%s' was asked", target);
	}
	if (rc != 0) {
		if (err)
			*err = local;
	} else if (answer.status / 100 != 2) {
		rc = err_set(err, ERR_UNREACHABLE, "'%s' answered with HTTP status %d", target, answer.status);
	} else {
		buf_add(body, answer.body.data, answer.body.len);
		rc = buf_check(body, "reply", err);
	}
	http_answer_clear(&answer);
	return rc;
}
