#ifndef SPARK_CLI_STATUS_TEXT_H
#define SPARK_CLI_STATUS_TEXT_H

#include "spark/base/buf.h"
#include "spark/base/json.h"
#include "spark/cli/command.h"

/* What run_status() told, for people. */
int status_text_print(struct context *ctx, const struct json *doc, struct err *err) MUST_CHECK;
/* The same in one line, of what does not change by itself: "cluster available, 7 tables, 8063 rows". */
void status_text_add_line(struct buf *out, const struct json *doc);

#endif
