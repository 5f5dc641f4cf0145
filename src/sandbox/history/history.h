#ifndef SPARK_SANDBOX_HISTORY_HISTORY_H
#define SPARK_SANDBOX_HISTORY_HISTORY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "sandbox/history/users.h"
#include "spark/base/err.h"

/* What the statements and connections of a cluster were, for stl_query, sys_query_history and their like: lines of JSON
 * in two files of a folder that the cluster's server reads when somebody asks (catalog/62_history.sql). A thread of its
 * own writes them, so that no client waits for it. Bounded: the files are changed when one has grown to 4 MiB, and what
 * a writer cannot keep up with is left out. A crash of the daemon loses the last 200 ms. */
struct history;

/* Opens or makes the folder; uid, gid: whose the files are to be, -1: ours. */
int history_open(const char *dir, uid_t uid, gid_t gid, struct history **out, struct err *err) MUST_CHECK;
/* Writes what is left and ends the thread. */
void history_close(struct history *h);

/* The number of a statement; never given twice, also after a crash. */
int64_t history_take_id(struct history *h);
/* One line, without its line feed. */
void history_add(struct history *h, const char *line, size_t len);
/* The same for the change of a user; line: how it begins. */
void history_add_user_change(struct history *h, const struct user_change *change, struct buf *line);
/* Waits until everything that was added is in the files, no longer than the bound. */
void history_settle(struct history *h, int bound_ms);

#endif
