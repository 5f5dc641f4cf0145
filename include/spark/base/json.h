#ifndef SPARK_BASE_JSON_H
#define SPARK_BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "spark/base/buf.h"
#include "spark/base/err.h"

/* Strict JSON (RFC 8259) over cJSON: no trailing bytes, names compared byte for byte, depth limited to 200,
 * invalid UTF-8 and NUL in names refused, duplicate names refused, integers beyond 2^53 refused
 * by json_int() instead of rounded. */
struct json;

struct json *json_parse(const char *text, size_t len, struct err *err) MUST_CHECK; /* free with json_free */
/* Depth limited to 950: for trees that a library made, where each operator of a chain is a level. */
struct json *json_parse_deep(const char *text, size_t len, struct err *err) MUST_CHECK;
void json_free(struct json *j);
struct json *json_copy(const struct json *j) MUST_CHECK;

bool json_is_object(const struct json *j);
bool json_is_array(const struct json *j);
bool json_is_string(const struct json *j);
bool json_is_number(const struct json *j);
bool json_is_bool(const struct json *j);
bool json_is_null(const struct json *j);

/* All getters lend and accept NULL; absent or of another type gives the fallback. */
const struct json *json_get(const struct json *object, const char *name);
struct json *json_get_mut(struct json *object, const char *name);
const struct json *json_at(const struct json *array, size_t index);
size_t json_count(const struct json *array_or_object);
const char *json_str(const struct json *object, const char *name, const char *fallback);
int64_t json_int(const struct json *object, const char *name, int64_t fallback);
double json_double(const struct json *object, const char *name, double fallback);
bool json_bool(const struct json *object, const char *name, bool fallback);
const char *json_text(const struct json *string); /* of a string value, else NULL */
double json_number(const struct json *number);    /* of a number value, else 0 */
/* Iteration over arrays and objects: for (x = json_first(a); x; x = json_next(x)). */
const struct json *json_first(const struct json *array_or_object);
const struct json *json_next(const struct json *item);
const char *json_name(const struct json *member);

/* Building. Each returns 0 or -1 (memory). json_set* replaces a member of that name; `value` is taken, also on failure.
 */
struct json *json_new_object(void) MUST_CHECK;
struct json *json_new_array(void) MUST_CHECK;
struct json *json_new_string(const char *text) MUST_CHECK;
int json_set(struct json *object, const char *name, struct json *value) MUST_CHECK;
int json_set_str(struct json *object, const char *name, const char *text) MUST_CHECK; /* NULL text: JSON null */
int json_set_int(struct json *object, const char *name, int64_t value) MUST_CHECK;
int json_set_double(struct json *object, const char *name, double value) MUST_CHECK;
int json_set_bool(struct json *object, const char *name, bool value) MUST_CHECK;
int json_append(struct json *array, struct json *value) MUST_CHECK;
int json_append_str(struct json *array, const char *text) MUST_CHECK;
void json_remove(struct json *object, const char *name);
void json_remove_at(struct json *array, size_t index);

/* Text out, one line or indented by two blanks. */
int json_print(const struct json *j, bool pretty, struct buf *out, struct err *err) MUST_CHECK;
/* `text` as a JSON string with its quotes; invalid UTF-8 becomes U+FFFD. */
void json_quote(struct buf *out, const char *text, size_t len);

#endif
