/* `sandbox logs`. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spark/base/file.h"
#include "spark/base/mem.h"
#include "spark/cli/local.h"
#include "spark/cli/out.h"
#include "spark/cli/sandbox_commands.h"

#define LOOK_AGAIN_MS 200

/* All there is now; -1 with err, or the number of bytes. */
static int64_t copy_rest(int fd, FILE *to, struct err *err)
{
	char chunk[16384];
	int64_t total = 0;
	for (;;) {
		ssize_t got = read(fd, chunk, sizeof(chunk));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_set_errno(err, ERR_IO, errno, "cannot read the log");
		if (got == 0)
			break;
		if (fwrite(chunk, 1, (size_t)got, to) != (size_t)got)
			return err_set_errno(err, ERR_IO, errno, "cannot write the output");
		total += got;
	}
	if (fflush(to) != 0)
		return err_set_errno(err, ERR_IO, errno, "cannot write the output");
	return total;
}

/* A start may have put the file aside and begun a new one: then that one is read from its beginning. */
static void reopen_if_new(const char *path, int *fd)
{
	struct stat now, mine;
	if (stat(path, &now) != 0 || fstat(*fd, &mine) != 0 || (now.st_ino == mine.st_ino && now.st_dev == mine.st_dev))
		return;
	int fresh = open(path, O_RDONLY | O_CLOEXEC);
	if (fresh < 0)
		return;
	close(*fd);
	*fd = fresh;
}

static int run_command(struct context *ctx, struct err *err)
{
	struct local_sandbox s;
	int rc = -1, fd = -1;
	if (local_find(ctx->config, &s, err) != 0)
		return -1;
	char *path = file_join(s.dir, context_switch(ctx, "requests") ? "requests.jsonl" : "log");
	if (!path) {
		err_nomem(err);
		goto out;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		err_set_errno(err, ERR_IO, errno, "cannot open '%s'", path);
		err_hint(err, "the sandbox writes it when it starts: 'sparkctl sandbox start'");
		goto out;
	}
	do {
		if (copy_rest(fd, ctx->out, err) < 0)
			goto out;
		reopen_if_new(path, &fd);
	} while (context_switch(ctx, "follow") && clock_sleep(ctx->clock, LOOK_AGAIN_MS, ctx->stop) == 0);
	/* To be interrupted is how following ends: no failure to tell of. */
	rc = *ctx->stop ? 128 + *ctx->stop : 0;
out:
	if (fd >= 0)
		close(fd);
	mem_free(path);
	local_clear(&s);
	return rc;
}

static const struct command_option options[] = {
	{ "requests", 0, NULL, NULL, NULL, "the record of requests instead: a JSON object a line, secrets left out" },
	{ "follow", 'f', NULL, NULL, NULL, "go on with what is added, until interrupted" },
	{ 0 },
};

const struct command sandbox_logs = {
	.name = "logs",
	.usage = "[--requests] [-f]",
	.summary = "print its log, or the requests that it was sent",
	.options = options,
	.settings = SETTINGS_SANDBOX,
	.run = run_command,
};
