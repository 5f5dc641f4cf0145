#ifndef SPARK_BASE_PROC_H
#define SPARK_BASE_PROC_H

#include <stdbool.h>
#include <sys/types.h>

#include "spark/base/buf.h"
#include "spark/base/err.h"

/* Finds `name` in a colon-separated list of folders (NULL: $PATH). Appends the path; false when there is none. */
bool proc_find(const char *name, const char *dirs, struct buf *path);
/* Runs argv to its end; stdin is /dev/null, stdout and stderr go into out (may be NULL: dropped). uid/gid (uid_t)-1: as
 * we are; else privileges are dropped in the child first. exit_code is 128+n for signal n. -1 only when it could not be
 * started or ran longer than timeout_ms (then it is killed). */
int proc_run(const char *const *argv, uid_t uid, gid_t gid, int timeout_ms, struct buf *out, int *exit_code,
	     struct err *err) MUST_CHECK;
/* The same as we are, with stdout and stderr apart, and ended early with ERR_INTERRUPTED when *stop (may be NULL)
 * becomes non-zero. */
int proc_capture(const char *const *argv, int timeout_ms, const volatile int *stop, struct buf *out, struct buf *errors,
		 int *exit_code, struct err *err) MUST_CHECK;
/* Starts argv detached from our terminal and descriptors (stdin /dev/null; stdout and stderr to log_fd). In the child,
 * descriptor pass_fd (-1: none) stays open under the same number. The pid, or -1. */
pid_t proc_spawn(const char *const *argv, uid_t uid, gid_t gid, int log_fd, int pass_fd, struct err *err) MUST_CHECK;
/* The folder of the running executable. */
char *proc_self_dir(struct err *err) MUST_CHECK;
/* Is that process alive, and is its executable's name the one given (NULL: any)? */
bool proc_alive(pid_t pid, const char *name);
/* Who listens on that TCP port: "postgres (pid 123)" appended, from /proc; false when it cannot be told. */
bool proc_port_holder(int port, struct buf *out);

#endif
