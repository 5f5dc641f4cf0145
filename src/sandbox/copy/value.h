#ifndef SPARK_SANDBOX_COPY_VALUE_H
#define SPARK_SANDBOX_COPY_VALUE_H

#include <stdbool.h>
#include <stddef.h>

/* One field of a record, as it lies in the input: nothing is copied before it is converted. */
enum copy_value_kind {
	COPY_VALUE_MISSING, /* the record does not have it */
	COPY_VALUE_NULL,
	COPY_VALUE_STRING, /* text: between the quotes; escapes still in it when `escaped` */
	COPY_VALUE_NUMBER,
	COPY_VALUE_TRUE,
	COPY_VALUE_FALSE,
	COPY_VALUE_NESTED, /* text: the whole object or array */
};

struct copy_value {
	enum copy_value_kind kind;
	bool escaped;
	const char *text;
	size_t len;
};

/* Why a record, or a field of it, cannot be loaded: code and reason of stl_load_errors. */
struct copy_problem {
	int code;
	int column; /* index into the target's columns, -1: none */
	char reason[101];
};

#endif
