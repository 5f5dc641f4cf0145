#ifndef SPARK_PIPELINE_LOAD_ERROR_H
#define SPARK_PIPELINE_LOAD_ERROR_H

#include <stdbool.h>

#include "spark/warehouse/conn.h"

/* One row of stl_load_errors: why a COPY stopped. Texts without the blanks that pad them there. */
struct load_error {
	char file[260], column[130], type[16], length[16];
	char value[1032], reason[104], raw_line[1032];
	long long line;
	int code;
};

/* The first error of this session's last COPY. *found false when the system table has none. The session must not be in
 * a failed transaction. */
int load_error_read(struct conn *c, struct load_error *out, bool *found, struct err *err) MUST_CHECK;
/* Replaces the text and the hint of err, which a failed COPY set, by what the row says; kind and SQLSTATE stay. */
void load_error_explain(const struct load_error *e, struct err *err);

/* Failures of a COPY before its first row: adds what to look at to the hint, where it is known. operands: of the
 * commands that are advised, "sparkify --target aws". */
void load_error_advise(struct err *err, const char *operands);

/* The stages alone. The declared type as SQL writes it: "varchar(256)", "integer", "decimal(9,5)". */
void load_error_declared(const struct load_error *e, char out[64]);
/* A declaration that the value fits, "varchar(312)"; false when another type is no remedy. */
bool load_error_suggest(const struct load_error *e, char out[64]);

#endif
