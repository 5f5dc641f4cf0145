#ifndef SPARK_SANDBOX_CLUSTERS_H
#define SPARK_SANDBOX_CLUSTERS_H

#include <stdbool.h>

#include "spark/base/err.h"
#include "spark/base/secret.h"
#include "spark/sandbox/world.h"

/* The life of clusters: each is a private PostgreSQL server and a gateway on the cluster's port. The document of kind
 * "redshift:cluster", id "<region>/<cluster id>", is the truth; this part reads it, makes reality follow, and writes
 * back these members only: status, statusMs (when the state began), endpointHost, endpointPort, failure (text, when
 * something failed), appliedGroup and appliedParameters (what the server was started with), resize.status and
 * resize.endedMs; and the members of `pending`, which take the place of the document's own at the end of "modifying",
 * "resizing" and "renaming" (a pending `id` moves the document). Members it reads: id, region, folder (of its data; the
 * id when absent), dbName, masterUsername, masterVerifier ("md5"
 * + md5(password + user), never the password), port, restoreFolder (of the snapshot that a restored cluster begins as),
 * resize.type, vpcSecurityGroupIds[], iamRoles[], endpointName (the 12 characters in AWS's host names). States: the
 * table in cluster/life.c. The HTTP half writes the document and calls; each call returns at once, the work is done on
 * a thread of its own. A deleted cluster's document is removed here, when its server is gone. */
struct clusters;
struct tls_server;

struct clusters_options {
	const char *pg_bindir; /* NULL: looked for */
	const char *bind_host; /* "127.0.0.1" */
	bool allow_retired_node_types;
	struct tls_server *tls; /* of the clusters' ports (sandbox/tls/tls.h), the caller's; NULL: no encryption */
	int max_sessions;       /* of clients in each cluster; 0: Redshift's own bound */
};

/* Finds PostgreSQL (15 or newer; ERR_CONFIG with what to install), prepares the template folder, brings back the
 * clusters whose documents say they should run (stale servers of a crashed daemon are adopted or stopped first). */
int clusters_open(struct world *w, const struct clusters_options *o, struct clusters **out, struct err *err) MUST_CHECK;
/* Stops gateways and servers and waits for them. Data stays. */
void clusters_close(struct clusters *c);

/* Before the document is written: can that port be had? ERR_CONFLICT naming who holds it. */
int clusters_check_port(struct clusters *c, int port, struct err *err) MUST_CHECK;
/* After the document with status "creating" was committed. */
int clusters_create(struct clusters *c, const char *doc_id, struct err *err) MUST_CHECK;
/* After status "deleting" was committed: sessions are ended, server stopped, folder removed, document removed. */
int clusters_delete(struct clusters *c, const char *doc_id, struct err *err) MUST_CHECK;

/* After any other change of status was committed, and after a snapshot's document with status "creating" was. */
int clusters_follow(struct clusters *c, const char *doc_id, struct err *err) MUST_CHECK;

/* Makes the database user when `create` asks for it and it is not there, and lets it join groups that exist: 42704 when
 * one does not. ERR_CONFLICT when the cluster is not available. */
int clusters_add_user(struct clusters *c, const char *doc_id, const char *user, bool create, const char *const *groups,
		      size_t group_count, struct err *err) MUST_CHECK;
/* Removes the data of snapshots whose documents are gone. */
void clusters_sweep_snapshots(struct clusters *c);
/* May node types that AWS does not offer any more be ordered? False for NULL. */
bool clusters_allow_retired(const struct clusters *c);

/* Temporary database users of GetClusterCredentials, held in memory: `db_user` ("IAM:dwhuser") logs in as `maps_to`
 * ("dwhuser") with this password until then. */
int clusters_add_login(struct clusters *c, const char *doc_id, const char *db_user, const char *maps_to,
		       const struct secret *password, int64_t expires_ms, struct err *err) MUST_CHECK;
/* Asks that cluster's server as its superuser; row as in backend_query(). ERR_CONFLICT when it is not available. */
int clusters_ask(struct clusters *c, const char *doc_id, const char *sql,
		 int (*row)(void *arg, int count, const char *const *values), void *arg, struct err *err) MUST_CHECK;
/* gateway_open_inside() of that cluster; ERR_CONFLICT when it is not available. */
int clusters_open_inside(struct clusters *c, const char *doc_id, int *fd, struct err *err) MUST_CHECK;

#endif
