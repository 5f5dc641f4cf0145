#include "sandbox/http/dispatch.h"

#include "sandbox/access/verify.h"
#include "sandbox/admin/admin.h"
#include "sandbox/fault/apply.h"
#include "sandbox/fault/faults.h"
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
	const struct service *s = NULL;
	struct caller nobody;
	char name[32];

	if (verify_claimed_service(r, name))
		s = service_find(name);
	else if (!strcmp(r->method, "POST") && !strcmp(r->target, "/") && !verify_anonymous(r, &nobody))
		/* Unsigned, but a form of fields: some query service is meant, and all of them agree on this error's
		 * form. */
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

/* "/bucket/key" with something behind the second slash. In a virtual-host style request that is a key as well. */
static bool names_object(const char *target)
{
	const char *slash = strchr(target + 1, '/');

	return slash && slash[1];
}

bool dispatch_is_quick(const struct world *w, const struct http_request *r)
{
	static const char *const slow_puts[] = { "x-amz-copy-source", "if-match", "if-none-match" };
	bool put = !strcmp(r->method, "PUT");
	char service[32];

	if ((!put && strcmp(r->method, "GET") && strcmp(r->method, "HEAD")) || *r->query || !names_object(r->target))
		return false;
	for (size_t i = 0; put && i < sizeof(slow_puts) / sizeof(*slow_puts); i++)
		if (http_header(r, slow_puts[i]))
			return false;
	return verify_claimed_service(r, service) && !strcmp(service, "s3") && !faults_count(w->faults);
}

/* Objects come and go by the thousand: the log tells of those that did not. The record has all. */
static void tell_log(const struct http_request *r, const struct dispatch *d, const struct http_reply *reply)
{
	if (reply->status < 300 && !strcmp(d->who.service, "s3") && strchr(r->target + 1, '/'))
		return;
	log_info("%s %s %s %s -> %d %s %s", r->peer_ip, *d->who.service ? d->who.service : "-", r->method, r->target,
		 reply->status, d->code, reply->request_id);
}

/* Whether nobody may do it S3 says itself. */
static int identify(struct world *w, const struct http_request *r, struct caller *who, struct buf *detail,
		    struct err *err)
{
	return verify_anonymous(r, who) ? 0 : verify_request(w, r, who, detail, err);
}

static void note_code(struct dispatch *d, const struct err *err)
{
	snprintf(d->code, sizeof(d->code), "%s", err->code);
}

void dispatch_begin(struct world *w, const struct http_request *r, bool quick, struct http_reply *reply,
		    struct dispatch *d)
{
	bool dropped = false;
	struct err err;

	err_clear(&err);
	d->who.service[0] = d->who.arn[0] = d->code[0] = 0;
	d->began_ms = clock_mono(w->clock);
	d->is_local = true;
	if (!handle_local(w, r, reply)) {
		d->is_local = false;
		reply->sender = &d->who;
		if (quick)
			fault_pass_by(w, r, &d->hit);
		else
			dropped = fault_arrive(w, r, &d->hit, reply);
		if (!dropped && (identify(fault_world(w, &d->hit), r, &d->who, &reply->body, &err) ||
				 fault_refuse(&d->hit, w, &d->who, r, &err) || route(w, &d->who, r, reply, &err)))
			refuse(reply, r, &err);
	}
	note_code(d, &err);
}

void dispatch_end(struct world *w, const struct http_request *r, struct http_reply *reply, struct dispatch *d)
{
	struct err err;

	err_clear(&err);
	if (objects_keep_promise(w->objects, &reply->promise, &err)) {
		refuse(reply, r, &err);
		note_code(d, &err);
	}
	if (!d->is_local) {
		fault_spoil(&d->hit, w, reply);
		tell_record(w, r, &d->who, &d->hit, reply, d->code, d->began_ms);
	}
	tell_log(r, d, reply);
}
