#ifndef SPARK_SANDBOX_CLUSTER_SNAPSHOTS_H
#define SPARK_SANDBOX_CLUSTER_SNAPSHOTS_H

#include "sandbox/cluster/life.h"

/* Snapshots' data. Documents of kind "redshift:snapshot", id "<region>/<identifier>"; this part reads clusterDocId,
 * folder, type, status, and writes status ("creating" -> "available" or "failed"), sizeMb, completedMs, failure. */
#define SNAPSHOT_KIND "redshift:snapshot"

bool snapshots_is_automated(const struct json *doc);

enum snapshot_event { SNAPSHOT_STARTED, SNAPSHOT_DONE, SNAPSHOT_FAILED, SNAPSHOT_DELETED };
/* Puts what befell it into the batch that the caller commits. Of automated ones AWS tells nothing. */
int snapshots_put_event(struct world *w, const struct json *doc, enum snapshot_event what, struct err *err) MUST_CHECK;

/* Takes those of this cluster that are still "creating", one after the other, on the cluster's thread. A failed one is
 * told in its document; -1 only when even that could not be written, or when some snapshot has failed and `all` asks
 * for every one. */
int snapshots_take(struct cluster *c, bool all, struct err *err) MUST_CHECK;
/* <home>/snapshots/<folder>, allocated. */
char *snapshots_dir(const struct clusters *all, const char *folder) MUST_CHECK;
/* Removes folders that no document names. A document is there before its folder, so no fresh one is hit. */
void snapshots_sweep(struct clusters *all);

#endif
