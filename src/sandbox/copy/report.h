#ifndef SPARK_SANDBOX_COPY_REPORT_H
#define SPARK_SANDBOX_COPY_REPORT_H

#include <stdint.h>

#include "sandbox/copy/cells.h"
#include "sandbox/copy/source.h"
#include "sandbox/copy/target.h"
#include "sandbox/copy/value.h"

/* What a load tells the system tables. They are written outside the session's transaction: they stay when it rolls
 * back. */
struct copy_report {
	const struct copy_session *session;
	const struct copy_statement *s;
	const struct copy_target *t;
	struct copy_numbers numbers;
	char start[48];          /* when it began */
	struct buf errors;       /* rows of stl_load_errors, as far as kept */
	struct buf details;      /* of stl_loaderror_detail */
	struct buf commits;      /* of stl_load_commits */
	struct buf replacements; /* of stl_replacements */
	size_t error_count, replacement_count;
};

/* A bad record. */
struct copy_bad_record {
	const struct copy_object *object;
	int64_t line;
	const char *raw;
	size_t raw_len;
	size_t position;                 /* of the value in raw */
	const struct copy_value *values; /* NULL: the record could not be taken apart */
	const struct copy_problem *problem;
};

void copy_report_init(struct copy_report *r, const struct copy_session *session, const struct copy_statement *s,
		      const struct copy_target *t, const struct copy_numbers *numbers);
void copy_report_clear(struct copy_report *r);
void copy_report_error(struct copy_report *r, const struct copy_bad_record *bad);
/* ACCEPTINVCHARS replaced something in the problem's column. */
void copy_report_replacement(struct copy_report *r, const struct copy_bad_record *record);
/* One object was read. Writes what has gathered now and then. */
int copy_report_object(struct copy_report *r, const struct copy_object *object, int64_t lines, int64_t errors,
		       struct err *err) MUST_CHECK;
/* How a load ended. */
struct copy_outcome {
	bool loaded;
	int64_t rows;
	uint64_t source_bytes, scanned_bytes;
	size_t source_files, scanned_files;
};
/* Writes everything: errors, objects (only when the load went well) and the load itself. */
int copy_report_write(struct copy_report *r, const struct copy_outcome *outcome, struct err *err) MUST_CHECK;

#endif
