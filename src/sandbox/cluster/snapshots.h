#ifndef SPARK_SANDBOX_CLUSTER_SNAPSHOTS_H
#define SPARK_SANDBOX_CLUSTER_SNAPSHOTS_H

#include "sandbox/cluster/life.h"

/* Snapshots' data. Documents of kind "redshift:snapshot", id "<region>/<identifier>"; this part reads clusterDocId,
 * folder, status, and writes status ("creating" -> "available" or "failed"), sizeMb, completedMs, failure. */
#define SNAPSHOT_KIND "redshift:snapshot"

/* Takes those of this cluster that are still "creating", one after the other, on the cluster's thread. A failed one is
 * told in its document; -1 only when even that could not be written, or when some snapshot has failed and `all` asks
 * for every one. */
int snapshots_take(struct cluster *c, bool all, struct err *err) MUST_CHECK;
/* <home>/snapshots/<folder>, allocated. */
char *snapshots_dir(const struct clusters *all, const char *folder) MUST_CHECK;
/* Removes folders that no document names. A document is there before its folder, so no fresh one is hit. */
void snapshots_sweep(struct clusters *all);

#endif
