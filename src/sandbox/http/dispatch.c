#include "sandbox/http/dispatch.h"

#include "sandbox/access/verify.h"
#include "sandbox/admin/admin.h"
#include "sandbox/fault/apply.h"
#include "sandbox/http/json_service.h"
#include "sandbox/http/reply.h"
#include "sandbox/record/record.h"
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

	if (strncmp(r->target, prefix, sizeof(prefix) - 1) || admin_serves(r))
		return false;
	snprintf(reply->content_type, sizeof(reply->content_type), "text/plain");
	if (strcmp(r->method, "GET") && strcmp(r->method, "HEAD")) {
		reply->status = 405;
		buf_puts(&reply->body, "only GET is served here\n");
	} else if (!strcmp(name, "health")) {
		health(w, reply);
	} else if (!strcmp(name, "version")) {
		buf_puts(&reply->body, SPARK_VERSION "\n");
	} else if (!strcmp(name, "ip")) {
		buf_printf(&reply->body, "%s\n", r->peer_ip);
	} else {
		reply->status = 404;
		buf_puts(&reply->body, "there are health, version, ip, faults and requests below '/_sparkctl/'\n");
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

	if (admin_serves(r))
		return admin_handle(w, who, r, reply, err);
	if (s)
		return query_handle(w, s, who, r, reply, err);
	if (json)
		return json_service_handle(w, json, who, r, reply, err);
	if (!strcmp(who->service, "s3"))
		return s3_handle(w, who, r, reply, err);
	return service_error(err, 501, "NotImplemented", "The sandbox does not have the service '%s'", who->service);
}

/* Into the record of requests, with what befell it. The record's own reading is not told: it would never end. */
static void tell_record(struct world *w, const struct http_request *r, const struct caller *who,
			const struct fault_hit *hit, const struct http_reply *reply, const char *code, int64_t began)
{
	struct record_entry e = {
		r, &hit->op, who, reply, code, "", clock_now(w->clock), clock_mono(w->clock) - began
	};
	struct buf faults;

	if (admin_serves(r))
		return;
	buf_init(&faults, 1024);
	fault_names(hit, &faults);
	e.faults = faults.data;
	record_add(w->record, &e);
	buf_clear(&faults);
}

void dispatch_request(struct world *w, const struct http_request *r, struct http_reply *reply)
{
	int64_t began = clock_mono(w->clock);
	struct fault_hit hit;
	struct caller who = { .account = "" };
	struct err err;

	err_clear(&err);
	if (dispatch_check_sender(w, r, &err)) {
		refuse(reply, r, &err);
		goto out;
	}
	if (handle_local(w, r, reply))
		goto out;
	if (!fault_arrive(w, r, &hit, reply) &&
	    (verify_request(fault_world(w, &hit), r, &who, &reply->body, &err) ||
	     fault_refuse(&hit, w, &who, r, &err) || route(w, &who, r, reply, &err)))
		refuse(reply, r, &err);
	fault_spoil(&hit, w, reply);
	tell_record(w, r, &who, &hit, reply, err.code, began);
out:
	/* Objects come and go by the thousand: the log tells of those that did not. The record has all. */
	if (reply->status < 300 && !strcmp(who.service, "s3") && strchr(r->target + 1, '/'))
		return;
	log_info("%s %s %s %s -> %d %s %s", r->peer_ip, *who.service ? who.service : "-", r->method, r->target,
		 reply->status, err.code, reply->request_id);
}
