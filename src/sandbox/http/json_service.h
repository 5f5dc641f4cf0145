#ifndef SPARK_SANDBOX_HTTP_JSON_SERVICE_H
#define SPARK_SANDBOX_HTTP_JSON_SERVICE_H

#include "spark/sandbox/http.h"

/* Services of the JSON protocol 1.1: POST to "/", the operation in X-Amz-Target, one JSON object in, one out. */

/* A member of an operation's input. A member that no rule names is passed over, as AWS does. */
struct json_rule {
	const char *name;
	enum { JSON_RULE_TEXT, JSON_RULE_INTEGER, JSON_RULE_BOOL, JSON_RULE_TEXTS, JSON_RULE_OBJECTS } type;
	bool required;
	int64_t min, max;    /* of a text's characters, of an integer, of a list's items; max 0: no bound */
	const char *pattern; /* POSIX, extended, of the whole text or of each text of a list; NULL: any */
};

struct json_call {
	struct world *w;
	const struct caller *who;
	const struct json *in;
	struct json *out;   /* the result's members */
	struct buf *text;   /* or the whole result as JSON, printed by the handler */
	struct json *fault; /* members of the error beside its message */
};

/* One row per operation. The handler holds the store's lock while it runs, and what it has put is committed when it
 * returned 0, rolled back otherwise; after() (may be NULL) runs behind the commit, without the lock. An `unlocked`
 * handler does its locking itself: it waits for a database. */
struct json_action {
	const char *name;
	const struct json_rule *rules; /* ends with a row without name */
	int (*handle)(struct json_call *c, struct err *err);
	int (*after)(struct json_call *c, struct err *err);
	bool unlocked;
};

struct json_service {
	const char *name;           /* in the credential scope */
	const char *target;         /* "RedshiftData" */
	const char *message_member; /* of its errors */
	/* The ARN on which policies decide about the call, "*" when it has none. Under the store's lock. */
	void (*resource)(const struct json_call *c, char *out, size_t size);
	const struct json_action *actions;
	size_t action_count;
};
extern const struct json_service service_redshift_data, service_redshift_serverless;

/* NULL when it is no service of this protocol. By index for lists. */
const struct json_service *json_service_find(const char *name);
const struct json_service *json_service_at(size_t index);
/* The operation that a request names, "" when none. */
const char *json_service_operation(const struct json_service *s, const struct http_request *r);

int json_service_handle(struct world *w, const struct json_service *s, const struct caller *who,
			const struct http_request *r, struct http_reply *reply, struct err *err) MUST_CHECK;
/* The error document. What json_service_handle() left in the reply's body is taken as its further members. */
void json_service_refuse(struct http_reply *reply, const struct json_service *s, const struct err *failure);

/* json_input.c: ValidationException as AWS words it, SerializationException for a wrong type. */
int json_input_check(const struct json *in, const struct json_rule *rules, struct err *err) MUST_CHECK;
int json_input_invalid(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* What a page ends with goes into an opaque token, and comes back; "" when the call has none. */
int json_page_token_set(struct json *out, const char *member, const char *last, struct err *err) MUST_CHECK;
int json_page_token_get(const struct json *in, const char *member, struct buf *last, struct err *err) MUST_CHECK;
/* Epoch seconds with milliseconds, as the protocol has times. */
int json_set_time(struct json *object, const char *name, int64_t ms) MUST_CHECK;

#endif
