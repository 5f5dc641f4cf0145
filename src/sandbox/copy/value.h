#ifndef SPARK_SANDBOX_COPY_VALUE_H
#define SPARK_SANDBOX_COPY_VALUE_H

#include <stdbool.h>
#include <stddef.h>

/* One field of a record, as it lies in the input: nothing is copied before it is converted. */
enum copy_value_kind {
	COPY_VALUE_MISSING, /* the record does not have it */
	COPY_VALUE_NULL,
	COPY_VALUE_STRING, /* of JSON: between the quotes */
	COPY_VALUE_NUMBER,
	COPY_VALUE_TRUE,
	COPY_VALUE_FALSE,
	COPY_VALUE_NESTED, /* the whole object or array */
	COPY_VALUE_FIELD,  /* of a file that is not JSON */
};

/* What still stands in a text and means something else. */
enum copy_escape {
	COPY_ESCAPE_NONE,
	COPY_ESCAPE_JSON,
	COPY_ESCAPE_BACKSLASH, /* the character behind a backslash is itself */
	COPY_ESCAPE_QUOTE,     /* CSV's quote is doubled */
};

struct copy_value {
	enum copy_value_kind kind : 8;
	enum copy_escape escape : 8;
	bool ascii; /* as it lies in the input, and seen to be: nothing to look for in it */
	const char *text;
	size_t len;
};

/* Codes of stl_load_errors. */
enum copy_code {
	COPY_CODE_UNKNOWN = 1200,
	COPY_CODE_MANY_FIELDS = 1202,
	COPY_CODE_FEW_FIELDS = 1203,
	COPY_CODE_RANGE = 1204,
	COPY_CODE_DATE = 1205,
	COPY_CODE_TIMESTAMP = 1206,
	COPY_CODE_DIGIT = 1207,
	COPY_CODE_FLOAT = 1208,
	COPY_CODE_DECIMAL = 1209,
	COPY_CODE_BOOLEAN = 1210,
	COPY_CODE_EMPTY_LINE = 1211,
	COPY_CODE_NOT_NULL = 1213,
	COPY_CODE_DELIMITER = 1214,
	COPY_CODE_CHAR = 1215,
	COPY_CODE_INVALID = 1216,
	COPY_CODE_NUL = 1218,
	COPY_CODE_UTF8_DIGIT = 1219,
	COPY_CODE_UTF8 = 1220,
	COPY_CODE_ENCODING = 1221,
	COPY_CODE_SUPER = 1224,
};

/* Why a record, or a field of it, cannot be loaded: code and reason of stl_load_errors. */
struct copy_problem {
	int code;
	int column; /* index into the target's columns, -1: none */
	char reason[101];
};

void copy_problem_set(struct copy_problem *p, enum copy_code code, int column, const char *reason);

#endif
