#ifndef SPARK_PIPELINE_JOURNAL_H
#define SPARK_PIPELINE_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spark/base/clock.h"
#include "spark/base/err.h"

/* What was asked of AWS, as lines of JSON: an intent is on disk before its call is sent, the outcome is added behind.
 * A death between the two leaves an intent without outcome; the service is asked then, never this file alone.
 *   {"seq":7,"time":"2026-11-21T10:06:32.574Z","event":"intent","action":"CreateRole","resource":"role","name":"x-copy"}
 *   {"seq":7,"time":"...","event":"done"}      or "failed" with "code"
 *   {"seq":8,"time":"...","event":"settled"}   a run looked at all of the stack, made it whole and ended well
 *   {"seq":9,"time":"...","event":"gone"}      the whole stack was taken down
 * It holds names only, no secret. */
struct journal;

struct journal_entry { /* lent during the call */
	int64_t seq;
	const char *event, *time;
	const char *action, *resource, *name; /* intents only, else NULL */
	const char *code;                     /* failures only, else NULL */
};

/* Opens or makes the file (0600). A torn last line, from a death in mid-write, is cut off. */
int journal_open(const char *path, const struct clock *clock, struct journal **out, struct err *err) MUST_CHECK;
void journal_close(struct journal *j);
/* When it was opened, it had nothing to tell, or it told of calls of the last minutes without their outcome: a service
 * may still be carrying them out. */
bool journal_is_unsettled(const struct journal *j);
/* On disk when it returns 0; *seq names it for the outcome. Thread-safe. */
int journal_intent(struct journal *j, const char *action, const char *resource, const char *name, int64_t *seq,
		   struct err *err) MUST_CHECK;
/* failure NULL: it went well. */
int journal_outcome(struct journal *j, int64_t seq, const struct err *failure, struct err *err) MUST_CHECK;
/* The run ends well: what earlier runs left without an outcome is answered by what it has seen. Adds nothing when there
 * was nothing of the kind. */
int journal_settle(struct journal *j, struct err *err) MUST_CHECK;
/* The stack is gone: one line takes the place of all, at once or not at all. */
int journal_compact(struct journal *j, struct err *err) MUST_CHECK;

/* Each entry of a journal's text; lines that are not entries are passed over. Returns the length up to the end of the
 * last complete line; fn returns non-zero to stop. */
size_t journal_scan(const char *text, size_t len, int (*fn)(void *arg, const struct journal_entry *e), void *arg);
/* The same from the file; a missing one has no entries. */
int journal_read(const char *path, int (*fn)(void *arg, const struct journal_entry *e), void *arg,
		 struct err *err) MUST_CHECK;
/* Those intents alone that are in doubt, of the stack that is there now. */
enum journal_doubt {
	DOUBT_CUT_OFF, /* without an outcome, and no later run has ended well: a run was cut off */
	DOUBT_UNHEARD /* that the service may have carried out unheard: no outcome, or no answer, whatever came after */
};
int journal_read_doubts(const char *path, enum journal_doubt doubt, int (*fn)(void *arg, const struct journal_entry *e),
			void *arg, struct err *err) MUST_CHECK;

#endif
