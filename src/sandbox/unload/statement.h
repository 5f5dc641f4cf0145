#ifndef SPARK_SANDBOX_UNLOAD_STATEMENT_H
#define SPARK_SANDBOX_UNLOAD_STATEMENT_H

#include "sandbox/copy/statement.h"
#include "spark/sandbox/unload.h"

#define UNLOAD_MB             ((uint64_t)1024 * 1024)
#define UNLOAD_FILE_BYTES_MIN (5 * UNLOAD_MB)
#define UNLOAD_FILE_BYTES_MAX (UNLOAD_MB * 1024 * 62 / 10) /* 6.2 GB */

enum unload_format { UNLOAD_TEXT, UNLOAD_CSV, UNLOAD_JSON, UNLOAD_FIXED };

struct unload_statement {
	/* What COPY says in the same words: address, authorization, region, MANIFEST, compression, DELIMITER, NULL AS,
	 * ESCAPE, widths. */
	struct copy_statement *to;
	enum unload_format format;
	bool header, add_quotes, verbose, allow_overwrite, clean_path;
	bool serial; /* PARALLEL OFF */
	char **partition;
	size_t partition_count;
	bool include; /* partition columns stay in the files */
	uint64_t max_file_bytes;
	char *extension; /* NULL: that of the compression */
};

#endif
