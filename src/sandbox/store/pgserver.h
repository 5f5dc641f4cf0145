#ifndef SPARK_SANDBOX_STORE_PGSERVER_H
#define SPARK_SANDBOX_STORE_PGSERVER_H

#include "sandbox/store/pgtools.h"

#define PGSERVER_SUPERUSER "rdsdb"
#define PGSERVER_HOME_DB   "padb_harvest" /* Redshift's own internal database; nobody drops it */

/* One private PostgreSQL server: data in DIR/data, its log in DIR/log, a unix socket in a folder that only its user
 * may enter, no TCP. A child of ours in a session of its own; should we die, the kernel sends it SIGINT. */
struct pgserver;

/* "name=value", over those of the folder's own file and under what databases, users and sessions set. */
#define PGSERVER_SETTINGS_MAX 16
struct pgserver_settings {
	char *text[PGSERVER_SETTINGS_MAX];
	size_t count;
};
void pgserver_settings_clear(struct pgserver_settings *s);

struct pgserver_options {
	const struct pgtools *tools;
	const char *dir;
	const char *socket_dir;
	int max_sessions; /* of clients that a gateway may let in; 0: as the template's settings have it */
	const struct pgserver_settings *settings; /* NULL: none */
};

/* Ends a server that a dead daemon left on this folder, starts one and waits until it answers. Call it from a thread
 * that lives as long as the server should: the kernel's signal goes by thread. */
int pgserver_start(const struct pgserver_options *o, struct pgserver **out, struct err *err) MUST_CHECK;
/* Fast shutdown; after a bound the immediate one. Waits for the end, frees. NULL is fine. */
void pgserver_stop(struct pgserver *s);
/* Ends a server that a dead daemon left on DIR/data; none there is fine. */
int pgserver_stop_stale(const char *dir, struct err *err) MUST_CHECK;
/* Has the process ended by itself? */
bool pgserver_ended(struct pgserver *s);
pid_t pgserver_pid(const struct pgserver *s);

/* The folder that all clusters' data are copied from, <home>/template: made by initdb, with the catalogue's SQL run in
 * template1. Kept while the server's version and those texts are the same, else made anew. Returns its path,
 * allocated. */
char *pgtemplate_prepare(const struct pgtools *t, const char *home, struct err *err) MUST_CHECK;
/* Copies the template's data to dir/data, durably. */
int pgtemplate_copy(const struct pgtools *t, const char *template_dir, const char *dir, struct err *err) MUST_CHECK;

/* The folder of a server's socket: <home>/run/<name>, or when that is too long for a socket's address, one below /tmp
 * that is written down in <home>/run/moved. Made, owned by the server's user. Allocated. */
char *pgsocket_dir(const struct pgtools *t, const char *home, const char *name, struct err *err) MUST_CHECK;
/* Removes it, with the parent in /tmp when that is empty then. */
void pgsocket_remove(const char *socket_dir);

#endif
