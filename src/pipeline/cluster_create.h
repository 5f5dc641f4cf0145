#ifndef SPARK_PIPELINE_CLUSTER_CREATE_H
#define SPARK_PIPELINE_CLUSTER_CREATE_H

#include "spark/pipeline/pipeline.h"

/* In the journal: a cluster that came from a snapshot carries no tag until it is tagged in a second call. */
#define CLUSTER_RESTORE_ACTION "RestoreFromClusterSnapshot"

/* Settings that cannot work. */
int cluster_check(struct run *r, struct err *err) MUST_CHECK;
/* Can the node type be ordered? ERR_CONFIG with what to write instead. */
int cluster_check_new(struct run *r, struct err *err) MUST_CHECK;
/* Sends the request, an empty cluster's or, with r->restore_from, that for a snapshot's data. */
int cluster_create(struct run *r, struct err *err) MUST_CHECK;
/* Puts the stack's tag on the cluster. */
int cluster_tag(struct run *r, struct err *err) MUST_CHECK;

#endif
