#ifndef SPARK_SANDBOX_HISTORY_TEXT_H
#define SPARK_SANDBOX_HISTORY_TEXT_H

#include <stdbool.h>

#include "spark/base/buf.h"

/* What the history tells of a statement's text. */

/* The kind, as sys_query_history words it ("SELECT", "INSERT", "DDL", "CTAS", "COPY", "UTILITY", ...), and CALL,
 * DELETE, MERGE. Constant. */
const char *history_text_kind(const char *sql, size_t len);
/* The text, cut to 64 KiB, without secrets: when it names a password, a key, a token or credentials, the contents of
 * all its literals are "***", but those that are plain S3 addresses, role names and words such as 'auto'. */
void history_text_shown(const char *sql, size_t len, struct buf *out);
/* Without the blanks around it, and cut; returns its length. */
size_t history_text_trim(const char **sql, size_t len);
/* Does it ask the system tables? Then what has ended must be in them. */
bool history_text_asks(const char *sql, size_t len);
/* It asks nothing and names no secret: it is shown as it is. */
bool history_text_is_plain(const char *sql, size_t len);
/* Does it set query_group? *label: the value (empty: back to the default), lent from sql, of *label_len bytes. */
bool history_text_label(const char *sql, size_t len, const char **label, size_t *label_len);

#endif
