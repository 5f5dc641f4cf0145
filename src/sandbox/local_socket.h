#ifndef SPARK_SANDBOX_LOCAL_SOCKET_H
#define SPARK_SANDBOX_LOCAL_SOCKET_H

/* A stream socket in the file system beside a TCP port, for this machine's own clients: what goes through it takes a
 * third of loopback's time. Everything can be had over TCP as well, so that a path that is too long for a socket (107
 * bytes), or a file system without sockets, is no failure. */

/* Listens, for this user alone; what lies there from before goes. The descriptor does not block; -1: none. */
int local_socket_listen(const char *path);
/* The file goes, when the descriptor has been closed. */
void local_socket_remove(const char *path);

#endif
