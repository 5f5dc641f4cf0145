#include "sandbox/dialect/taken.h"

#include <string.h>

enum taken taken_beside(const struct json *other, enum taken fallback)
{
	const struct json *constant = json_get(other, "A_Const"), *list = json_get(other, "List");

	if (list)
		return taken_beside(json_first(json_get(list, "items")), fallback);
	if (json_is_array(other))
		return taken_beside(json_first(other), fallback);
	if (json_get(constant, "sval"))
		return AS_STRING;
	if (json_get(constant, "ival") || json_get(constant, "fval"))
		return AS_NUMBER;
	if (json_get(constant, "boolval"))
		return AS_BOOLEAN;
	return fallback;
}

enum taken taken_by(const char *function)
{
	static const char *const numeric[] = { "sum",     "avg",   "stddev", "stddev_samp", "stddev_pop", "variance",
					       "abs",     "round", "ceil",   "ceiling",     "floor",      "trunc",
					       "mod",     "sqrt",  "power",  "sign",        "exp",        "ln",
					       "log",     "cbrt",  "median", "var_samp",    "var_pop",    "dsqrt",
					       "degrees", NULL };
	static const char *const text[] = { "upper",
					    "lower",
					    "initcap",
					    "len",
					    "length",
					    "char_length",
					    "character_length",
					    "octet_length",
					    "btrim",
					    "ltrim",
					    "rtrim",
					    "left",
					    "right",
					    "substr",
					    "substring",
					    "replace",
					    "translate",
					    "reverse",
					    "repeat",
					    "replicate",
					    "lpad",
					    "rpad",
					    "split_part",
					    "strpos",
					    "position",
					    "charindex",
					    "concat",
					    "regexp_substr",
					    "regexp_count",
					    "regexp_instr",
					    "regexp_replace",
					    "md5",
					    "listagg",
					    "ascii",
					    "to_date",
					    "to_timestamp",
					    "split_to_array",
					    "json_parse",
					    NULL };

	for (const char *const *f = numeric; function && *f; f++) {
		if (strcmp(function, *f) == 0)
			return AS_NUMBER;
	}
	for (const char *const *f = text; function && *f; f++) {
		if (strcmp(function, *f) == 0)
			return AS_STRING;
	}
	return AS_VALUE;
}
