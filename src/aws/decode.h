#ifndef SPARK_AWS_DECODE_PRIVATE_H
#define SPARK_AWS_DECODE_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "spark/aws/types.h"
#include "spark/base/err.h"
#include "spark/base/xml.h"

/* Values out of reply documents. `n` may be NULL everywhere: then the value is absent. */

/* ERR_PARSE of a reply that claimed success (exit code 4, where a local file's would be 3). Returns -1. */
int decode_refused(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The same for an err that is set already. */
int decode_mark(struct err *err);

/* Text of an element that the action cannot do without: ERR_PARSE naming action and path when absent or longer than
 * the array. */
int decode_required(const struct xml_node *n, const char *path, const char *action, char *out, size_t size,
		    struct err *err) MUST_CHECK;
/* Text of an element that may be absent: "" then. Text too long for the array counts as absent. */
void decode_optional(const struct xml_node *n, const char *path, char *out, size_t size);
/* Decimal number; fallback when absent or no number. */
int64_t decode_int(const struct xml_node *n, const char *path, int64_t fallback);
/* Milliseconds since 1970; 0 when absent or no time. */
int64_t decode_time(const struct xml_node *n, const char *path);
/* "true", in any of the letter cases that services use. */
bool decode_bool(const struct xml_node *n, const char *path);

/* How a service names the parts of a tag list: Redshift Tag/Key/Value, IAM member/Key/Value, EC2 item/key/value. */
struct tag_names {
	const char *item, *key, *value;
};
int decode_tags(const struct xml_node *list, const struct tag_names *names, struct aws_tags *out,
		struct err *err) MUST_CHECK;

#endif
