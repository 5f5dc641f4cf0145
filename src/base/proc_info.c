/* What /proc tells about ourselves and other processes. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "spark/base/mem.h"
#include "spark/base/proc.h"

#define TCP_LISTEN 0x0A

/* Where a link in /proc leads; empty when it cannot be told. */
static void read_link(const char *path, char *out, size_t size)
{
	ssize_t len = readlink(path, out, size - 1);

	out[len > 0 ? len : 0] = '\0';
}

/* The first bytes of a file in /proc; empty when it cannot be read. */
static void read_head(const char *path, char *out, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, out, size - 1);

	if (fd >= 0)
		close(fd);
	out[len > 0 ? len : 0] = '\0';
}

char *proc_self_dir(struct err *err)
{
	char path[4096], *slash, *copy;

	read_link("/proc/self/exe", path, sizeof(path));
	slash = strrchr(path, '/');
	if (!slash) {
		err_set(err, ERR_IO, "cannot tell where this program lies: /proc is not there");
		return NULL;
	}
	copy = slash == path ? mem_strdup("/") : mem_strndup(path, (size_t)(slash - path));
	if (!copy)
		err_nomem(err);
	return copy;
}

/* The executable's name; another user's is known by the first 15 bytes of its command name only, which `cut` tells. */
static void read_name(const char *pid, char *out, size_t size, bool *cut)
{
	char path[512], text[4096], *base;
	size_t len;

	snprintf(path, sizeof(path), "/proc/%s/exe", pid);
	read_link(path, text, sizeof(text));
	base = strrchr(text, '/');
	*cut = !base;
	if (!base) {
		snprintf(path, sizeof(path), "/proc/%s/comm", pid);
		read_head(path, text, sizeof(text));
		text[strcspn(text, "\n")] = '\0';
	}
	len = strlen(text);
	/* The kernel marks an executable that was replaced while it runs. */
	if (len > 10 && strcmp(text + len - 10, " (deleted)") == 0)
		text[len - 10] = '\0';
	snprintf(out, size, "%s", base ? base + 1 : text);
}

static bool has_name(pid_t pid, const char *name)
{
	char id[32], found[256];
	bool cut;

	snprintf(id, sizeof(id), "%ld", (long)pid);
	read_name(id, found, sizeof(found), &cut);
	return found[0] && (cut ? strncmp(found, name, 15) : strcmp(found, name)) == 0;
}

static bool is_zombie(pid_t pid)
{
	char path[64], text[512], *behind;

	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	read_head(path, text, sizeof(text));
	/* "pid (name) state": the name may hold brackets itself. */
	behind = strrchr(text, ')');
	return behind && behind[1] == ' ' && (behind[2] == 'Z' || behind[2] == 'X');
}

bool proc_alive(pid_t pid, const char *name)
{
	if (pid <= 0 || (kill(pid, 0) < 0 && errno != EPERM))
		return false;
	return !is_zombie(pid) && (!name || has_name(pid, name));
}

/* The inode of the socket that listens on the port, from one of the kernel's tables; 0: none. */
static unsigned long listener_inode(const char *table, int port)
{
	FILE *f = fopen(table, "re");
	char line[512];
	unsigned long inode = 0;

	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f)) {
		unsigned local_port, state;
		unsigned long found;

		if (sscanf(line, " %*d: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*s %*s %*s %*u %*u %lu", &local_port,
			   &state, &found) == 3 &&
		    state == TCP_LISTEN && local_port == (unsigned)port) {
			inode = found;
			break;
		}
	}
	fclose(f);
	return inode;
}

static bool holds_socket(const char *pid, const char *wanted)
{
	char path[512], target[64];
	struct dirent *entry;
	bool found = false;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	dir = opendir(path);
	if (!dir)
		return false;
	while (!found && (entry = readdir(dir))) {
		ssize_t len = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);

		target[len > 0 ? len : 0] = '\0';
		found = strcmp(target, wanted) == 0;
	}
	closedir(dir);
	return found;
}

bool proc_port_holder(int port, struct buf *out)
{
	unsigned long inode = listener_inode("/proc/net/tcp", port);
	char wanted[64], name[256];
	struct dirent *entry;
	bool found = false, cut;
	DIR *proc;

	if (!inode)
		inode = listener_inode("/proc/net/tcp6", port);
	proc = inode ? opendir("/proc") : NULL;
	if (!proc)
		return false;
	snprintf(wanted, sizeof(wanted), "socket:[%lu]", inode);
	while (!found && (entry = readdir(proc))) {
		if (!isdigit((unsigned char)entry->d_name[0]) || !holds_socket(entry->d_name, wanted))
			continue;
		read_name(entry->d_name, name, sizeof(name), &cut);
		buf_printf(out, "%s (pid %s)", name[0] ? name : "a process", entry->d_name);
		found = true;
	}
	closedir(proc);
	return found && !out->failed;
}
