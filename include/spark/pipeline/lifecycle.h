#ifndef SPARK_PIPELINE_LIFECYCLE_H
#define SPARK_PIPELINE_LIFECYCLE_H

#include "spark/pipeline/pipeline.h"

/* What is done to a stack's cluster between `up` and `down`. Each needs run_prepare() with the lock, records what it
 * sends, waits until it is done, and sends nothing when it is so already: then *changes is 0. ERR_CONFLICT when there
 * is no cluster, or one that is not ours, or one in a state in which this cannot be done. */

/* Compute is not billed while it is paused; storage is. */
int run_pause(struct run *r, int *changes, struct err *err) MUST_CHECK;
/* With a new end of its time when the settings give it one. */
int run_resume(struct run *r, int *changes, struct err *err) MUST_CHECK;
/* To the node type and number of nodes of the settings. classic: see redshift_resize_cluster(). */
int run_resize(struct run *r, bool classic, int *changes, struct err *err) MUST_CHECK;

/* Room for "<stack>-2026-11-21-17-03-59" and for what users choose. */
#define SNAPSHOT_ID_MAX 256
/* A manual snapshot with the stack's tag; id empty: one is made up. It lives on after `down` and costs storage. */
int run_snapshot(struct run *r, char id[SNAPSHOT_ID_MAX], struct err *err) MUST_CHECK;
/* The stack's snapshots, an array of {id, cluster, status, created, node_type, nodes, size_mb}. Free with json_free. */
struct json *run_list_snapshots(struct run *r, struct err *err) MUST_CHECK;
/* Deletes one that carries the stack's tag. */
int run_delete_snapshot(struct run *r, const char *id, struct err *err) MUST_CHECK;
/* ERR_CONFIG for a name that a snapshot cannot have. */
int snapshot_check_id(const char *id, struct err *err) MUST_CHECK;

#endif
