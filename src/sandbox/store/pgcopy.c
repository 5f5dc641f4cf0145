/* A consistent copy of a running server's data.
 *
 * The server's processes are stopped with SIGSTOP for as long as the copying takes. What the file system shows then is
 * what a kill of all of them at that instant would leave, and PostgreSQL recovers from that by its log: every
 * transaction is there wholly or not at all. A checkpoint before it puts all that was committed until then on disk.
 * Sessions of clients wait for that moment and go on, as they do on AWS; stopping the server would end them.
 * pg_backup_start() is of no use here: it wants wal_level replica, and ours is minimal, so that bulk loads skip the
 * log.
 */
#include "sandbox/store/pgcopy.h"

#include <ctype.h>
#include <dirent.h>
#include <signal.h>
#include <stdlib.h>

#include "sandbox/wire/backend.h"
#include "spark/base/clock.h"
#include "spark/base/file.h"
#include "spark/base/log.h"
#include "spark/base/mem.h"

#define CONNECT_BOUND_MS 30000
#define FREEZE_BOUND_MS  20000
#define NAP_MS           1

/* State and parent of a process; its name, in parentheses, may hold anything. */
static bool look_at(long pid, char *state, long *parent)
{
	char path[64], text[1024], *end;
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = 0;
	end = strrchr(text, ')');
	return end && sscanf(end + 1, " %c %ld", state, parent) == 2;
}

static bool is_stopped(char state)
{
	return strchr("TtZX", state) != NULL;
}

/* Sends the signal to each child of the server; the number of those that still run. */
static int signal_children(pid_t server, int sig)
{
	DIR *d = opendir("/proc");
	struct dirent *entry;
	int running = 0;

	while (d && (entry = readdir(d))) {
		char state;
		long parent, pid = isdigit((unsigned char)entry->d_name[0]) ? strtol(entry->d_name, NULL, 10) : 0;

		if (pid <= 1 || !look_at(pid, &state, &parent) || parent != server)
			continue;
		if (sig == SIGSTOP && is_stopped(state))
			continue;
		running++;
		kill((pid_t)pid, sig);
	}
	if (d)
		closedir(d);
	return d ? running : -1;
}

static bool wait_stopped(pid_t pid, int64_t end)
{
	char state = 0;
	long parent;

	while (look_at(pid, &state, &parent) && !is_stopped(state)) {
		if (clock_mono(&clock_system) > end)
			return false;
		clock_sleep(&clock_system, NAP_MS, NULL);
	}
	return state == 'T' || state == 't';
}

void pgcopy_thaw(pid_t server)
{
	signal_children(server, SIGCONT);
	kill(server, SIGCONT);
}

int pgcopy_freeze(pid_t server, struct err *err)
{
	int64_t end = clock_mono(&clock_system) + FREEZE_BOUND_MS;

	/* The parent first: from then on there are no new children. */
	if (kill(server, SIGSTOP) || !wait_stopped(server, end))
		goto failed;
	while (signal_children(server, SIGSTOP) != 0) {
		if (clock_mono(&clock_system) > end)
			goto failed;
		clock_sleep(&clock_system, NAP_MS, NULL);
	}
	return 0;
failed:
	pgcopy_thaw(server);
	return err_set(err, ERR_TIMEOUT, "the server (pid %ld) cannot be held for a copy", (long)server);
}

static int checkpoint(const char *socket_dir, struct err *err)
{
	struct backend b;
	int rc;

	backend_init(&b);
	rc = backend_open_super(&b, socket_dir, PGSERVER_SUPERUSER, PGSERVER_HOME_DB, NULL, CONNECT_BOUND_MS, err);
	if (!rc)
		rc = backend_query(&b, "CHECKPOINT", NULL, NULL, err);
	backend_close(&b);
	return rc;
}

static int copy_held(pid_t server, const char *from, const char *to, struct err *err)
{
	int rc;

	if (pgcopy_freeze(server, err))
		return -1;
	rc = file_copy_tree(from, to, err);
	pgcopy_thaw(server);
	return rc;
}

int pgcopy_running(const struct pgcopy_options *o, struct err *err)
{
	char *from = file_join(o->from, "data"), *to = file_join(o->to, "data"), *pid_file = NULL;
	int rc = -1;

	if (!from || !to || !(pid_file = file_join(to, "postmaster.pid"))) {
		err_nomem(err);
		goto out;
	}
	if (file_remove_tree(o->to, err) || pgtools_make_dir(o->tools, o->to, err) || checkpoint(o->socket_dir, err) ||
	    copy_held(o->server, from, to, err))
		goto out;
	/* It names the server of the original, which lives. */
	rc = file_remove_tree(pid_file, err) || pgtools_own_tree(o->tools, to, err) || pgtools_sync(to, err) ? -1 : 0;
out:
	mem_free(pid_file);
	mem_free(from);
	mem_free(to);
	return rc;
}
