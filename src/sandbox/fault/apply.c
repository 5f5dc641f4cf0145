#include "sandbox/fault/apply.h"

#include "sandbox/fault/faults.h"
#include "sandbox/fault/stuck.h"
#include "spark/base/log.h"

#define BIT(kind) (1u << (kind))

static int64_t wrong_now(void *arg)
{
	const struct fault_hit *hit = arg;

	return clock_now(hit->real->clock) + hit->spec[FAULT_CLOCK].offset_ms;
}

void fault_pass_by(struct world *w, const struct http_request *r, struct fault_hit *hit)
{
	hit->kinds = 0;
	hit->real = w;
	operation_of(r, &hit->op);
}

bool fault_arrive(struct world *w, const struct http_request *r, struct fault_hit *hit, struct http_reply *reply)
{
	fault_pass_by(w, r, hit);
	/* Whoever asks for faults must be able to take them away again. */
	if (!w->faults || !strcmp(hit->op.service, "sparkctl"))
		return false;
	hit->kinds = faults_meet(w->faults, hit->op.service, hit->op.action, hit->spec);
	if (hit->kinds & BIT(FAULT_DELAY))
		faults_pause(w->faults, hit->spec[FAULT_DELAY].ms, -1);
	if (hit->kinds & BIT(FAULT_HANG))
		faults_pause(w->faults, -1, r->connection_fd > 0 ? r->connection_fd : -1);
	if (hit->kinds & (BIT(FAULT_HANG) | BIT(FAULT_RESET)))
		reply->drop = true;
	return reply->drop;
}

struct world *fault_world(struct world *w, struct fault_hit *hit)
{
	if (!(hit->kinds & BIT(FAULT_CLOCK)))
		return w;
	hit->wrong = *w->clock;
	hit->wrong.now_ms = wrong_now;
	hit->wrong.arg = hit;
	hit->shifted = *w;
	hit->shifted.clock = &hit->wrong;
	return &hit->shifted;
}

/* How each service asks for fewer requests, how it fails and how it denies; the last row is everybody else. */
static const struct manner {
	const char *service;
	int throttle_status;
	const char *throttle_code, *throttle_text;
	const char *failure_code, *unavailable_code, *denied_code;
} manners[] = {
	{ "s3", 503, "SlowDown", "Please reduce your request rate.", "InternalError", "ServiceUnavailable",
	  "AccessDenied" },
	{ "ec2", 503, "RequestLimitExceeded", "Request limit exceeded.", "InternalError", "Unavailable",
	  "UnauthorizedOperation" },
	{ "redshift-data", 400, "ThrottlingException", "Rate exceeded", "InternalServerException",
	  "ServiceUnavailableException", "AccessDeniedException" },
	{ "redshift-serverless", 400, "ThrottlingException", "Rate exceeded", "InternalServerException",
	  "ServiceUnavailableException", "AccessDeniedException" },
	{ NULL, 400, "Throttling", "Rate exceeded", "InternalFailure", "ServiceUnavailable", "AccessDenied" },
};

static const struct manner *manner_of(const char *service)
{
	const struct manner *m = manners;

	while (m->service && strcmp(m->service, service) != 0)
		m++;
	return m;
}

static int fail(const struct fault_spec *s, const struct manner *m, struct err *err)
{
	int status = s->status > 0 ? (int)s->status : 500;
	const char *code = status == 503 ? m->unavailable_code : m->failure_code;

	if (*s->code)
		code = s->code;
	if (status == 503)
		return service_error(err, status, code, "Service is unable to handle request.");
	if (status >= 500)
		return service_error(err, status, code, "We encountered an internal error. Please try again.");
	return service_error(err, status, code, "The request failed as the fault that was asked for says.");
}

int fault_refuse(struct fault_hit *hit, struct world *w, const struct caller *who, const struct http_request *r,
		 struct err *err)
{
	const struct manner *m = manner_of(hit->op.service);

	if (hit->kinds & BIT(FAULT_THROTTLE)) {
		const char *code = hit->spec[FAULT_THROTTLE].code;

		return service_error(err, m->throttle_status, *code ? code : m->throttle_code, "%s", m->throttle_text);
	}
	if (hit->kinds & BIT(FAULT_DENY)) {
		if (!strcmp(hit->op.service, "s3"))
			return service_error(err, 403, m->denied_code, "Access Denied");
		if (!strcmp(hit->op.service, "ec2"))
			return service_error(err, 403, m->denied_code,
					     "You are not authorized to perform this operation. User: %s is not "
					     "authorized to perform: ec2:%s",
					     who->arn, hit->op.action);
		return service_error(err, strcmp(m->denied_code, "AccessDenied") ? 400 : 403, m->denied_code,
				     "User: %s is not authorized to perform: %s:%s", who->arn, hit->op.service,
				     hit->op.action);
	}
	if (hit->kinds & BIT(FAULT_ERROR))
		return fail(&hit->spec[FAULT_ERROR], m, err);
	if (w->faults && !strcmp(hit->op.service, "redshift"))
		return stuck_refuse(w->faults, hit->op.action, r, err);
	return 0;
}

static uint64_t body_length(const struct http_reply *reply)
{
	return reply->object || reply->head_only ? reply->object_len : reply->body.len;
}

/* Half of the document, and an end that no parser takes. */
static void malform(struct http_reply *reply)
{
	if (reply->object || reply->head_only)
		return;
	buf_cut(&reply->body, reply->body.len / 2);
	buf_puts(&reply->body, "<&");
}

void fault_spoil(struct fault_hit *hit, struct world *w, struct http_reply *reply)
{
	struct err err;

	if (w->faults && !strcmp(hit->op.service, "redshift") && reply->status == 200)
		stuck_show(w->faults, &reply->body);
	if (hit->kinds & BIT(FAULT_CLOCK)) {
		char date[CLOCK_TEXT];

		clock_http(wrong_now(hit), date);
		if (http_reply_header(reply, "Date", date, &err))
			log_warn("a reply goes out with the right time: %s", err.text);
	}
	if (hit->kinds & BIT(FAULT_MALFORMED))
		malform(reply);
	if (hit->kinds & BIT(FAULT_TRUNCATE)) {
		uint64_t len = body_length(reply), at = (uint64_t)hit->spec[FAULT_TRUNCATE].bytes;

		if (hit->spec[FAULT_TRUNCATE].bytes < 0)
			at = len / 2;
		/* Nothing to cut: then it is the reply that is cut off. */
		reply->drop = !len || reply->head_only;
		reply->cut = at < len;
		reply->cut_at = at;
	}
	if (hit->kinds & BIT(FAULT_LOST_REPLY))
		reply->drop = true;
}

void fault_names(const struct fault_hit *hit, struct buf *out)
{
	const char *between = "";

	for (int i = 0; i < FAULT_KINDS; i++)
		if (hit->kinds & BIT(i)) {
			buf_printf(out, "%s%s", between, fault_kind_name((enum fault_kind)i));
			between = ", ";
		}
}
