#include "sandbox/http/dispatch.h"

#include "sandbox/access/verify.h"
#include "sandbox/http/json_service.h"
#include "sandbox/http/reply.h"
#include "spark/base/log.h"

/* The services of the query and ec2 protocols by signing name. S3 is REST and has a handler of its own. */
static const struct service *const services[] = { &service_iam, &service_sts, &service_ec2, &service_redshift };

static const struct service *service_find(const char *name)
{
	for (size_t i = 0; i < sizeof(services) / sizeof(*services); i++)
		if (!strcmp(services[i]->name, name))
			return services[i];
	return NULL;
}

/* The host name of a Host or Origin value: without scheme, port and brackets, lower case. False when it is no name. */
static bool host_name(const char *value, char *out, size_t size)
{
	const char *scheme = strstr(value, "://"), *end;
	size_t len;

	if (scheme)
		value = scheme + 3;
	if (*value == '[') {
		end = strchr(++value, ']');
		if (!end)
			return false;
	} else {
		end = value + strcspn(value, ":/");
	}
	len = (size_t)(end - value);
	if (!len || len >= size)
		return false;
	for (size_t i = 0; i < len; i++)
		out[i] = (char)(value[i] >= 'A' && value[i] <= 'Z' ? value[i] + 32 : value[i]);
	out[len] = 0;
	if (len > 1 && out[len - 1] == '.')
		out[len - 1] = 0;
	return true;
}

static bool is_ipv4_loopback(const char *name)
{
	unsigned parts[4];
	char rest;

	return sscanf(name, "%3u.%3u.%3u.%3u%c", &parts[0], &parts[1], &parts[2], &parts[3], &rest) == 4 &&
	       parts[0] == 127 && parts[1] < 256 && parts[2] < 256 && parts[3] < 256;
}

static bool names_this_machine(const char *value)
{
	static const char suffix[] = ".localhost";
	char name[300];
	size_t len;

	if (!host_name(value, name, sizeof(name)))
		return false;
	len = strlen(name);
	return !strcmp(name, "localhost") || !strcmp(name, "::1") || is_ipv4_loopback(name) ||
	       (len >= sizeof(suffix) && !strcmp(name + len - (sizeof(suffix) - 1), suffix));
}

int dispatch_check_sender(const struct http_request *r, struct err *err)
{
	const char *host = http_header(r, "host"), *origin = http_header(r, "origin");

	if (!host || !names_this_machine(host))
		return service_error(err, 403, "AccessDenied",
				     "The host '%.200s' is not this machine; use localhost or 127.0.0.1",
				     host ? host : "");
	if (origin && !names_this_machine(origin))
		return service_error(err, 403, "AccessDenied", "Requests from pages of '%.200s' are not served",
				     origin);
	return 0;
}

static void health(struct world *w, struct http_reply *reply)
{
	struct buf *b = &reply->body;

	buf_puts(b, "{\"status\": \"ok\", \"version\": ");
	json_quote(b, SPARK_VERSION, strlen(SPARK_VERSION));
	buf_puts(b, ", \"account\": ");
	json_quote(b, w->account, strlen(w->account));
	buf_puts(b, ", \"services\": [");
	for (size_t i = 0; i < sizeof(services) / sizeof(*services); i++)
		buf_printf(b, "\"%s\", ", services[i]->name);
	for (size_t i = 0; json_service_at(i); i++)
		buf_printf(b, "\"%s\", ", json_service_at(i)->name);
	buf_puts(b, "\"s3\"]}\n");
	snprintf(reply->content_type, sizeof(reply->content_type), "application/json");
}

/* What needs no signature: is it up, and who am I seen as. */
static bool handle_local(struct world *w, const struct http_request *r, struct http_reply *reply)
{
	static const char prefix[] = "/_sparkctl/";
	const char *name = r->target + sizeof(prefix) - 1;

	if (strncmp(r->target, prefix, sizeof(prefix) - 1))
		return false;
	snprintf(reply->content_type, sizeof(reply->content_type), "text/plain");
	if (strcmp(r->method, "GET") && strcmp(r->method, "HEAD")) {
		reply->status = 405;
		buf_puts(&reply->body, "only GET is served here\n");
	} else if (!strcmp(name, "health")) {
		health(w, reply);
	} else if (!strcmp(name, "ip")) {
		buf_printf(&reply->body, "%s\n", r->peer_ip);
	} else {
		reply->status = 404;
		buf_puts(&reply->body, "there is '/_sparkctl/health' and '/_sparkctl/ip'\n");
	}
	return true;
}

/* The service that a request claims to be for, for the form of errors about the claim itself. NULL: S3. */
static const struct service *claimed_service(const struct http_request *r)
{
	char name[32];
	const struct service *s = NULL;

	if (verify_claimed_service(r, name))
		s = service_find(name);
	else if (!strcmp(r->method, "POST") && !strcmp(r->target, "/"))
		/* Unsigned, but a form: some query service is meant, and all of them agree on this error's form. */
		s = &service_sts;
	return s;
}

static const struct json_service *claimed_json_service(const struct http_request *r)
{
	char name[32];

	if (verify_claimed_service(r, name))
		return json_service_find(name);
	for (size_t i = 0; json_service_at(i); i++)
		if (*json_service_operation(json_service_at(i), r))
			return json_service_at(i);
	return NULL;
}

/* The error in the form of the service that the request claims to be for. */
static void refuse(struct http_reply *reply, const struct http_request *r, const struct err *why)
{
	const struct json_service *json = claimed_json_service(r);

	if (json)
		json_service_refuse(reply, json, why);
	else
		reply_error(reply, claimed_service(r), r->target, why);
}

static int route(struct world *w, const struct caller *who, const struct http_request *r, struct http_reply *reply,
		 struct err *err)
{
	const struct service *s = service_find(who->service);
	const struct json_service *json = json_service_find(who->service);

	if (s)
		return query_handle(w, s, who, r, reply, err);
	if (json)
		return json_service_handle(w, json, who, r, reply, err);
	if (!strcmp(who->service, "s3"))
		return s3_handle(w, who, r, reply, err);
	return service_error(err, 501, "NotImplemented", "The sandbox does not have the service '%s'", who->service);
}

void dispatch_request(struct world *w, const struct http_request *r, struct http_reply *reply)
{
	struct caller who = { .account = "" };
	struct err err;

	err_clear(&err);
	if (dispatch_check_sender(r, &err)) {
		refuse(reply, r, &err);
		goto out;
	}
	if (handle_local(w, r, reply))
		goto out;
	if (verify_request(w, r, &who, &reply->body, &err) || route(w, &who, r, reply, &err))
		refuse(reply, r, &err);
out:
	log_info("%s %s %s %s -> %d %s %s", r->peer_ip, *who.service ? who.service : "-", r->method, r->target,
		 reply->status, err.code, reply->request_id);
}
