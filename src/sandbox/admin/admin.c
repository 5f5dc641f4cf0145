#include "sandbox/admin/admin.h"

#include "sandbox/access/verify.h"
#include "sandbox/fault/faults.h"
#include "sandbox/record/record.h"

#define USER_NAME ":user/sparkctl"

static int print_json(struct http_reply *reply, const struct json *doc, struct err *err)
{
	snprintf(reply->content_type, sizeof(reply->content_type), "application/json");
	if (json_print(doc, false, &reply->body, err))
		return -1;
	buf_putc(&reply->body, '\n');
	return buf_check(&reply->body, "the reply", err);
}

static int list_faults(struct world *w, const struct http_request *r, struct http_reply *reply, struct err *err)
{
	struct json *doc = json_new_object(), *list = json_new_array();
	int rc = -1;

	(void)r;
	if (!doc || !list) {
		json_free(list);
		err_nomem(err);
		goto out;
	}
	if (faults_list(w->faults, list, err))
		json_free(list);
	else if (json_set(doc, "faults", list))
		err_nomem(err);
	else
		rc = print_json(reply, doc, err);
out:
	json_free(doc);
	return rc;
}

/* A failure of ours to understand the caller becomes a refusal that carries our sentence and its hint. */
static int refuse_input(struct err *err)
{
	struct err why = *err;

	if (why.kind != ERR_USAGE && why.kind != ERR_CONFLICT)
		return -1;
	return service_error(err, why.kind == ERR_USAGE ? 400 : 409, "InvalidFault", "%s%s%s", why.text,
			     *why.hint ? "; " : "", why.hint);
}

static int add_fault(struct world *w, const struct http_request *r, struct http_reply *reply, struct err *err)
{
	char text[FAULT_SPEC_MAX + 1], id[FAULT_ID_SIZE];
	struct json *doc;
	int rc;

	if (!r->body || r->body_len > FAULT_SPEC_MAX || memchr(r->body, 0, r->body_len))
		return service_error(err, 400, "InvalidFault", "the body is no fault's text of at most %d bytes",
				     FAULT_SPEC_MAX);
	snprintf(text, sizeof(text), "%.*s", (int)r->body_len, (const char *)r->body);
	if (faults_add(w->faults, text, id, err))
		return refuse_input(err);
	doc = json_new_object();
	rc = !doc || json_set_str(doc, "id", id) ? err_nomem(err) : print_json(reply, doc, err);
	json_free(doc);
	return rc;
}

static int clear_faults(struct world *w, const struct http_request *r, struct http_reply *reply, struct err *err)
{
	char id[FAULT_ID_SIZE];
	bool one = sign_query_param(r->query, "id", id, sizeof(id));
	struct json *doc;
	size_t gone;
	int rc;

	if (!one && *r->query)
		return service_error(err, 400, "InvalidFault", "the only parameter here is the id of one fault");
	gone = faults_clear(w->faults, one ? id : NULL);
	if (one && !gone)
		return service_error(err, 404, "NoSuchFault", "there is no fault '%s'", id);
	doc = json_new_object();
	rc = !doc || json_set_int(doc, "cleared", (int64_t)gone) ? err_nomem(err) : print_json(reply, doc, err);
	json_free(doc);
	return rc;
}

static int list_requests(struct world *w, const struct http_request *r, struct http_reply *reply, struct err *err)
{
	char since[32] = "0", service[64], action[96], mutating[8];
	struct record_filter f = { 0 };
	char *end;

	if (sign_query_param(r->query, "since", since, sizeof(since)) && !*since)
		since[0] = '0';
	f.since = strtoll(since, &end, 10);
	if (*end || f.since < 0)
		return service_error(err, 400, "InvalidParameterValue", "'since' is the number of a request");
	if (sign_query_param(r->query, "service", service, sizeof(service)))
		f.service = service;
	if (sign_query_param(r->query, "action", action, sizeof(action)))
		f.action = action;
	f.mutating = sign_query_param(r->query, "mutating", mutating, sizeof(mutating)) && !strcmp(mutating, "true");
	snprintf(reply->content_type, sizeof(reply->content_type), "application/x-ndjson");
	return record_read(w->record, &f, &reply->body, err);
}

static const struct admin_row {
	const char *method, *path;
	int (*handle)(struct world *w, const struct http_request *r, struct http_reply *reply, struct err *err);
} rows[] = {
	{ "GET", "/_sparkctl/faults", list_faults },
	{ "POST", "/_sparkctl/faults", add_fault },
	{ "DELETE", "/_sparkctl/faults", clear_faults },
	{ "GET", "/_sparkctl/requests", list_requests },
};

bool admin_serves(const struct http_request *r)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (!strcmp(rows[i].path, r->target))
			return true;
	return false;
}

int admin_handle(struct world *w, const struct caller *who, const struct http_request *r, struct http_reply *reply,
		 struct err *err)
{
	size_t len = strlen(who->arn), tail = strlen(USER_NAME);

	if (who->session || len < tail || strcmp(who->arn + len - tail, USER_NAME) != 0)
		return service_error(
			err, 403, "AccessDenied",
			"Only the sandbox's own user may do this, with the keys of 'sparkctl sandbox env'");
	if (!w->faults || !w->record)
		return service_error(err, 501, "NotImplemented", "This sandbox takes no faults");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (!strcmp(rows[i].path, r->target) && !strcmp(rows[i].method, r->method))
			return rows[i].handle(w, r, reply, err);
	return service_error(err, 405, "MethodNotAllowed", "%.20s is not served at '%.100s'", r->method, r->target);
}
