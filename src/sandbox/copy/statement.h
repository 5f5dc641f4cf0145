#ifndef SPARK_SANDBOX_COPY_STATEMENT_H
#define SPARK_SANDBOX_COPY_STATEMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "spark/base/secret.h"
#include "spark/sandbox/copy.h"

enum copy_auth { COPY_AUTH_NONE, COPY_AUTH_ROLE, COPY_AUTH_DEFAULT_ROLE, COPY_AUTH_KEYS };
enum copy_compression { COPY_PLAIN, COPY_GZIP, COPY_ZSTD, COPY_BZIP2 };
enum copy_encoding { COPY_UTF8, COPY_UTF16, COPY_UTF16LE, COPY_UTF16BE };
enum copy_json_match { COPY_JSON_AUTO, COPY_JSON_AUTO_IGNORECASE, COPY_JSON_PATHS, COPY_JSON_NOSHRED };

struct copy_format;

/* A COPY statement, taken apart. Names are folded to lower case, strings are unescaped. */
struct copy_statement {
	char *schema; /* NULL: found by search_path */
	char *table;
	char **columns; /* NULL: all */
	size_t column_count;

	char bucket[64];
	char *prefix; /* key prefix, or the manifest's key */
	char *source; /* the URL as written */
	bool manifest;
	char *region; /* NULL: the cluster's */

	enum copy_auth auth;
	char *role_arn; /* a chain's roles are separated by commas */
	char *key_id;
	struct secret secret_key;
	struct secret session_token;

	const struct copy_format *format;
	enum copy_json_match json_match;
	char *jsonpaths_url;
	enum copy_compression compression;
	enum copy_encoding encoding;

	/* Delimited text, CSV and fixed width. */
	char delimiter; /* 0: the format's own */
	char quote;     /* of CSV */
	char *null_as;  /* NULL: \N */
	size_t null_len;
	size_t *widths; /* in bytes */
	size_t width_count;
	bool escape, remove_quotes, ignore_blank_lines, fill_record;
	int header_lines; /* skipped at the beginning of each object */

	char *date_format; /* NULL: the default */
	char *time_format;
	int max_errors; /* the load fails when as many records are bad; 0 and 1: the first */
	bool ignore_all_errors;
	bool truncate_columns, blanks_as_null, empty_as_null, trim_blanks;
	bool accept_any_date, explicit_ids, no_load, round_decimals;
	bool accept_inv_chars;
	char replacement; /* for bytes that are no UTF-8 */
};

#endif
