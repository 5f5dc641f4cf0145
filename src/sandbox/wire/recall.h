#ifndef SPARK_SANDBOX_WIRE_RECALL_H
#define SPARK_SANDBOX_WIRE_RECALL_H

#include <stdbool.h>
#include <stddef.h>

/* Texts of one session that the dialect is known to leave as they are and the history to show as they are, so that the
 * next one like it need not be taken apart: most of what a busy client sends is a few statements over and over. Two
 * texts are alike when they differ in the integers behind comparison signs only. Bounded; forgetting is always right.
 */
#define RECALL_ENTRIES   64
#define RECALL_MAX_BYTES 1024

struct recall {
	char *keys[RECALL_ENTRIES]; /* NULL: free */
};

/* len without the zero byte. */
bool recall_knows(const struct recall *r, const char *text, size_t len);
/* For a text whose meaning rests on nothing but itself: no settings, no catalogue. Only queries and changes of rows are
 * kept. */
void recall_note(struct recall *r, const char *text, size_t len);
/* May the statement change what texts mean: settings, tables, columns? Several statements in one text may. */
bool recall_changes(const char *text, size_t len);
/* Before a statement is run that was not known: when it may change what texts mean, all is forgotten. */
void recall_watch(struct recall *r, const char *text, size_t len);
void recall_forget(struct recall *r);

#endif
