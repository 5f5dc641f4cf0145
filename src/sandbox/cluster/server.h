#ifndef SPARK_SANDBOX_CLUSTER_SERVER_H
#define SPARK_SANDBOX_CLUSTER_SERVER_H

#include "sandbox/cluster/life.h"

/* A cluster's folder, private server and port. All are called on the cluster's own thread. */

/* Makes the folder, <home>/clusters/<folder>, and that of the socket. */
int server_make_folder(struct cluster *c, const struct json *doc, struct err *err) MUST_CHECK;
/* Starts the server when it does not run. */
int server_start(struct cluster *c, struct err *err) MUST_CHECK;
/* Stops it and starts it, with patience for what a killed one leaves behind. */
int server_restart(struct cluster *c, struct err *err) MUST_CHECK;
/* Opens the cluster's port when it is not open; another port than the open one is changed to. */
int server_open_port(struct cluster *c, const struct json *doc, struct err *err) MUST_CHECK;
/* Ends all sessions and closes the port. */
void server_close_port(struct cluster *c);
/* Port and server. */
void server_stop(struct cluster *c);
/* The master user and the cluster's database, in a fresh server. */
int server_make_master(struct cluster *c, const struct json *doc, struct err *err) MUST_CHECK;
/* The document's password for the master user. */
int server_set_password(struct cluster *c, const struct json *doc, struct err *err) MUST_CHECK;
/* Appends text in quotes of that kind, doubled inside. */
void server_quote(struct buf *out, const char *text, char mark);

#endif
