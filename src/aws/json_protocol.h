#ifndef SPARK_AWS_JSON_PROTOCOL_PRIVATE_H
#define SPARK_AWS_JSON_PROTOCOL_PRIVATE_H

#include "spark/aws/client.h"
#include "spark/aws/types.h"
#include "spark/base/json.h"

/* Calls of AWS's JSON protocol: the action in a header, one object as body, one as reply. The body is text from the
 * start, so that what is secret in it lies in one place that can be wiped. */
struct json_body {
	struct buf text;
};
void json_body_init(struct json_body *b);
void json_body_clear(struct json_body *b);
/* value NULL, and a list without items: left out. */
void json_body_add(struct json_body *b, const char *name, const char *value);
void json_body_add_int(struct json_body *b, const char *name, int64_t value);
void json_body_add_bool(struct json_body *b, const char *name, bool value);
void json_body_add_list(struct json_body *b, const char *name, const char *const *items, size_t count);
/* [{"key": ..., "value": ...}] */
void json_body_add_tags(struct json_body *b, const char *name, const struct aws_tag *tags, size_t count);

/* `service` is the signing name, `target` what stands before the action in X-Amz-Target. Clears b. *reply (may be NULL)
 * is an object, to be freed with json_free. Retried as aws_call() does. */
int json_call(struct aws_client *c, const char *service, const char *target, const char *action, struct json_body *b,
	      bool idempotent, struct json **reply, struct err *err) MUST_CHECK;

/* Text of a member into an array: "" when it is absent or too long. */
void json_take_text(const struct json *o, const char *name, char *out, size_t size);
/* A point in time, told as text or as seconds since 1970: milliseconds, 0 when it is neither. */
int64_t json_take_time(const struct json *o, const char *name);

#endif
