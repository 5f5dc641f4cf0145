#ifndef SPARK_SANDBOX_CLUSTER_LIFE_H
#define SPARK_SANDBOX_CLUSTER_LIFE_H

#include <pthread.h>
#include <stdbool.h>

#include "sandbox/store/pgserver.h"
#include "spark/base/json.h"
#include "spark/sandbox/clusters.h"
#include "spark/sandbox/gateway.h"

/* One cluster: a thread of its own makes reality follow the document, one transition at a time. The thread lives as
 * long as the cluster, because the server's life hangs on it (see pgserver_start). */
struct cluster {
	struct clusters *all;
	struct cluster *next;
	char *doc_id;
	pthread_t thread;
	/* Under all->lock. */
	bool poked;           /* look at the document */
	bool awaited;         /* was running when the last daemon ended: the start waits for it */
	bool settled;         /* the document was followed once */
	bool gone;            /* deleted */
	volatile int abandon; /* non-zero: what is being done is not wanted any more */
	/* The thread's own; the gateway is set and cleared under all->lock, because logins are added to it. */
	char *dir, *socket_dir;
	struct pgserver *server;
	struct gateway *gateway;
	int port;                /* of the gateway */
	struct json *parameters; /* the server is started with them; NULL: with none */
};

struct clusters {
	struct world *world;
	struct pgtools tools;
	char *template_dir, *bind_host;
	bool allow_retired; /* node types */
	struct tls_server *tls;
	int max_sessions;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool closing;
	struct cluster *first;
};

/* Reads the document's status and does what the table of transitions says for it. *gone: nothing is left. */
void life_follow(struct cluster *c, bool *gone);
/* While nothing else is to be done: a server that has ended by itself is started again. */
void life_watch(struct cluster *c);
/* A copy of the document, NULL when there is none. */
struct json *life_document(struct world *w, const char *doc_id);

#endif
