#include "sandbox/http/json_service.h"

#include "sandbox/http/reply.h"
#include "spark/base/log.h"

#define CONTENT_TYPE "application/x-amz-json-1.1"

static const struct json_service *const services[] = { &service_redshift_data, &service_redshift_serverless };

const struct json_service *json_service_at(size_t index)
{
	return index < sizeof(services) / sizeof(*services) ? services[index] : NULL;
}

const struct json_service *json_service_find(const char *name)
{
	for (size_t i = 0; i < sizeof(services) / sizeof(*services); i++)
		if (!strcmp(services[i]->name, name))
			return services[i];
	return NULL;
}

const char *json_service_operation(const struct json_service *s, const struct http_request *r)
{
	const char *target = http_header(r, "x-amz-target");
	size_t len = strlen(s->target);

	return target && !strncmp(target, s->target, len) && target[len] == '.' ? target + len + 1 : "";
}

static int find_action(const struct json_service *s, const struct http_request *r, const struct json_action **out,
		       struct err *err)
{
	const char *name = json_service_operation(s, r), *target = http_header(r, "x-amz-target");

	if (strcmp(r->method, "POST") || strcmp(r->target, "/"))
		return service_error(err, 404, "UnknownOperationException", "Calls of %s are POST requests to '/'",
				     s->name);
	for (size_t i = 0; i < s->action_count; i++)
		if (!strcmp(s->actions[i].name, name)) {
			*out = &s->actions[i];
			return 0;
		}
	return service_error(err, 400, "UnknownOperationException", "The sandbox does not have the operation '%.100s'",
			     target ? target : "");
}

static int read_input(const struct http_request *r, struct json **out, struct err *err)
{
	struct err why = { 0 };

	if (r->body_file)
		return service_error(err, 413, "RequestEntityTooLargeException", "The request is too large");
	*out = r->body_len ? json_parse(r->body, r->body_len, &why) : json_new_object();
	if (!*out)
		return !r->body_len || why.kind == ERR_NOMEM
			       ? err_nomem(err)
			       : service_error(err, 400, "SerializationException", "The body is no JSON: %s", why.text);
	if (json_is_object(*out))
		return 0;
	json_free(*out);
	*out = NULL;
	return service_error(err, 400, "SerializationException", "The body is no JSON object");
}

static int run(const struct json_action *a, struct json_call *c, struct err *err)
{
	struct store *store = c->w->store;
	int rc;

	if (a->unlocked)
		return a->handle(c, err);
	store_lock(store);
	rc = a->handle(c, err);
	if (!rc)
		rc = store_commit(store, err);
	if (rc)
		store_rollback(store);
	store_unlock(store);
	if (!rc && a->after)
		rc = a->after(c, err);
	return rc;
}

/* What goes back when it went well; when it did not, what the error has beside its message. */
static int print(const struct json_call *c, int rc, struct buf *body, struct err *err)
{
	struct err ignored;

	buf_reset(body);
	if (rc) {
		if (json_print(c->fault, false, body, &ignored))
			buf_reset(body);
		return rc;
	}
	if (!c->text->len)
		return json_print(c->out, false, body, err);
	buf_add(body, c->text->data, c->text->len);
	return c->text->failed ? buf_check(c->text, "the result", err) : buf_check(body, "the reply", err);
}

static int authorize(const struct json_service *s, const struct json_action *a, const struct json_call *c,
		     struct err *err)
{
	char action[120], resource[512];
	int rc;

	snprintf(action, sizeof(action), "%s:%s", s->name, a->name);
	store_lock(c->w->store);
	s->resource(c, resource, sizeof(resource));
	rc = access_authorize(c->w, c->who, action, resource, NULL, err);
	store_unlock(c->w->store);
	return rc;
}

int json_service_handle(struct world *w, const struct json_service *s, const struct caller *who,
			const struct http_request *r, struct http_reply *reply, struct err *err)
{
	const struct json_action *a = NULL;
	struct json *in = NULL;
	struct buf text;
	struct json_call c = { .w = w, .who = who, .text = &text };
	int rc = -1;

	buf_init(&text, BUF_MAX_DEFAULT);
	c.out = json_new_object();
	c.fault = json_new_object();
	if (!c.out || !c.fault) {
		err_nomem(err);
		goto out;
	}
	snprintf(reply->content_type, sizeof(reply->content_type), CONTENT_TYPE);
	if (find_action(s, r, &a, err) || read_input(r, &in, err) || json_input_check(in, a->rules, err))
		goto out;
	c.in = in;
	if (authorize(s, a, &c, err))
		goto out;
	rc = print(&c, run(a, &c, err), &reply->body, err);
out:
	json_free(in);
	json_free(c.out);
	json_free(c.fault);
	buf_wipe(&text);
	return rc;
}

/* Refusals before a service is reached have names of their own in this protocol. */
static const char *own_name(const char *code)
{
	static const char *const names[][2] = {
		{ "AccessDenied", "AccessDeniedException" },
		{ "ExpiredToken", "ExpiredTokenException" },
		{ "IncompleteSignature", "IncompleteSignatureException" },
		{ "InternalFailure", "InternalServerException" },
		{ "InvalidClientTokenId", "UnrecognizedClientException" },
		{ "MissingAuthenticationToken", "MissingAuthenticationTokenException" },
		{ "RequestExpired", "InvalidSignatureException" },
		{ "SignatureDoesNotMatch", "InvalidSignatureException" },
		{ "Throttling", "ThrottlingException" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(names[i][0], code))
			return names[i][1];
	return code;
}

void json_service_refuse(struct http_reply *reply, const struct json_service *s, const struct err *failure)
{
	const char *code = own_name(failure->code);
	struct json *doc = NULL;
	struct err ignored;

	reply->status = failure->http_status >= 300 ? failure->http_status : 400;
	if (failure->kind != ERR_AWS && !*failure->code) {
		/* As in the other protocols: this cloud has no operator but its user. */
		code = "InternalServerException";
		reply->status = 500;
		log_error("request %s: %s", reply->request_id, failure->text);
	}
	if (reply->body.len && !reply->body.failed)
		doc = json_parse(reply->body.data, reply->body.len, &ignored);
	if (!json_is_object(doc)) {
		json_free(doc);
		doc = json_new_object();
	}
	buf_reset(&reply->body);
	snprintf(reply->content_type, sizeof(reply->content_type), CONTENT_TYPE);
	/* Without memory the body stays empty: the status tells enough. */
	if (doc && !json_set_str(doc, "__type", code) && !json_set_str(doc, s->message_member, failure->text) &&
	    json_print(doc, false, &reply->body, &ignored))
		buf_reset(&reply->body);
	if (http_reply_header(reply, "x-amzn-ErrorType", code, &ignored))
		log_debug("an error without its header: %s", ignored.text);
	json_free(doc);
}
