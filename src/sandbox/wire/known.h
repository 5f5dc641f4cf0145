#ifndef SPARK_SANDBOX_WIRE_KNOWN_H
#define SPARK_SANDBOX_WIRE_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spark/base/buf.h"

/* What the catalogue told a session's dialect, so that a statement like the last one costs no second round trip.
 * Answers hold as long as nothing changed what they rest on: the session's own statements (its temporary tables, its
 * settings, what it has not committed yet) and those of every other session of the cluster, which a generation of the
 * gateway counts. Bounded; forgetting is always right. */
#define KNOWN_ENTRIES   64
#define KNOWN_MAX_BYTES 16384 /* longer answers are asked for again */

struct known_entry {
	char *question; /* NULL: free */
	int answer;
	char *text; /* what came with the answer; NULL: nothing */
};

struct known {
	struct known_entry entries[KNOWN_ENTRIES];
	uint64_t generation; /* of all that is kept */
	bool changing;       /* a statement is on its way, or in an open transaction, that may change what is asked */
};

/* The answer in that generation; what came with it is appended to out (may be NULL). While the session is changing
 * things itself nothing is known. */
bool known_find(struct known *k, uint64_t generation, const char *question, int *answer, struct buf *out);
/* generation: as it was before the server was asked. text may be NULL. */
void known_note(struct known *k, uint64_t generation, const char *question, int answer, const char *text);
/* A statement that may change things is about to be sent. */
void known_change(struct known *k);
/* No transaction is open. all_done: the server owes nothing. True: others must be told that things may have changed. */
bool known_settle(struct known *k, bool all_done);
void known_forget(struct known *k);

#endif
