#ifndef SPARK_SANDBOX_FAULT_FAULTS_H
#define SPARK_SANDBOX_FAULT_FAULTS_H

#include <stdbool.h>

#include "sandbox/fault/spec.h"
#include "spark/base/json.h"

/* The faults that were asked for. They live in memory, not in the store: a fault is an experiment with a running
 * sandbox, and one that was killed in the midst of it has to come up healthy. */
struct faults;

int faults_open(struct faults **out, struct err *err) MUST_CHECK;
void faults_close(struct faults *f); /* nobody may wait in faults_pause() any more */

#define FAULT_ID_SIZE 16
/* *id: "f1", "f2", ... ERR_USAGE from the text, ERR_CONFLICT when there are too many. */
int faults_add(struct faults *f, const char *text, char id[FAULT_ID_SIZE], struct err *err) MUST_CHECK;
/* Appends {id, spec, seen, fired} for each. */
int faults_list(struct faults *f, struct json *array, struct err *err) MUST_CHECK;
/* The one, or all for NULL; returns how many went. */
size_t faults_clear(struct faults *f, const char *id);

/* How many there are. */
size_t faults_count(struct faults *f);

/* Which faults hit a call of this service and action: a bit for each kind, its fault in `out`. When several of one kind
 * do, the first one counts. Each call is counted once by every fault that matches it. */
unsigned faults_meet(struct faults *f, const char *service, const char *action, struct fault_spec out[FAULT_KINDS]);
/* The fault by which a cluster is stuck. */
bool faults_stuck(struct faults *f, const char *cluster, struct fault_spec *out);

/* Waits so long, or until the peer of that socket (-1: none) has gone, or faults_release(). ms -1: for ever. */
void faults_pause(struct faults *f, int64_t ms, int peer_fd);
/* From now on nobody waits: the daemon ends. */
void faults_release(struct faults *f);

#endif
