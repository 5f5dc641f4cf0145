#ifndef SPARK_SANDBOX_GATEWAY_H
#define SPARK_SANDBOX_GATEWAY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "spark/base/err.h"
#include "spark/base/secret.h"
#include "spark/sandbox/world.h"

struct tls_server;

/* One cluster's port: PostgreSQL wire protocol version 3 towards clients, the cluster's private server behind. A thread
 * per session. */
struct gateway;

#define GATEWAY_MAX_SESSIONS 500 /* Redshift's own bound for a cluster */

struct gateway_options {
	struct world *world;
	const char *doc_id; /* the cluster's document */
	const char *host;   /* to listen on */
	int port;
	const char *socket_dir; /* of the private server */
	const char *superuser;  /* of the private server, for catalogue questions and system tables */
	struct tls_server *tls; /* whose certificate clients see (sandbox/tls/tls.h); NULL: no encryption is offered */
	bool tls_required;      /* over TCP nobody is let in without */
	int max_sessions;       /* of clients; 0: GATEWAY_MAX_SESSIONS */
	/* The folder in the server's data folder where statements are written down; NULL: they are not. */
	const char *history_dir;
	/* The folder in the server's data folder for answers to what procedures ask; NULL: they cannot. */
	const char *answers_dir;
	uid_t server_uid; /* whose the files are to be, -1: ours */
	gid_t server_gid;
};
int gateway_start(const struct gateway_options *o, struct gateway **out,
		  struct err *err) MUST_CHECK; /* ERR_CONFLICT: port taken */
int gateway_add_login(struct gateway *g, const char *db_user, const char *maps_to, const struct secret *password,
		      int64_t expires_ms, struct err *err) MUST_CHECK;
/* A session that comes from inside of the sandbox, for services that speak for a caller whom they know already: neither
 * security groups nor a password stand before it, all else is as for any client. The user of its startup message is
 * who it is. *fd: the client's end, non-blocking, the caller's to close; closing it ends what the session runs. */
int gateway_open_inside(struct gateway *g, int *fd, struct err *err) MUST_CHECK;
/* Ends all sessions (57P01), closes the port, waits for the threads. */
void gateway_stop(struct gateway *g);

#endif
