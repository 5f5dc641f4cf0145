#ifndef SPARK_SANDBOX_WIRE_REWORD_H
#define SPARK_SANDBOX_WIRE_REWORD_H

#include "sandbox/wire/message.h"

/* Errors that Redshift's compute nodes word differently, and clients search for those words: text that is no number,
 * numbers with more digits than their type. Such an error comes while rows are read and has no position in the
 * statement; one with a position is the leader's, which speaks as PostgreSQL does. Appends the reworded message; false,
 * and nothing is appended, when it stays as it is. */
bool reword_error(struct buf *out, const struct message *m);

/* IF EXISTS and IF NOT EXISTS that had nothing to do: an INFO, `Table "x" does not exist and will be skipped`. The same
 * of what is the dialect's own is said to nobody: true, and nothing is appended. */
bool reword_notice(struct buf *out, const struct message *m);

/* Where text stops being a number of that kind: the byte, and the character there ("" at the end). For tests. */
struct reword_digit {
	size_t position;
	char character[5];
};
void reword_find_digit(const char *text, size_t len, bool fraction, struct reword_digit *out);

#endif
