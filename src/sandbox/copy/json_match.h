#ifndef SPARK_SANDBOX_COPY_JSON_MATCH_H
#define SPARK_SANDBOX_COPY_JSON_MATCH_H

#include "sandbox/copy/json_scan.h"
#include "spark/base/err.h"

/* Which parts of a record go to which columns: a tree of paths, walked along while the record is scanned. 'auto' is a
 * tree of depth one. */
struct json_match;

int json_match_new(size_t columns, bool ignore_case, struct json_match **out, struct err *err) MUST_CHECK;
void json_match_free(struct json_match *m);

/* One step of a path: a member's name, or an element's index (name NULL). */
struct json_step {
	const char *name;
	size_t name_len;
	size_t index;
};
int json_match_add(struct json_match *m, const struct json_step *steps, size_t count, int column,
		   struct err *err) MUST_CHECK;

/* Scans the record at *pos (an object, or an array when paths begin with an index) and fills values[] (one per column,
 * MISSING when the record does not have it; of equal names the last one holds). *out_of_range: the column whose path
 * asks for an element that is not there, or -1. On BAD *pos is where it stops being JSON. */
enum json_scan json_match_record(struct json_match *m, const char **pos, const char *end, struct copy_value *values,
				 int *out_of_range);

#endif
