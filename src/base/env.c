#include "spark/base/env.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "spark/base/file.h"
#include "spark/base/mem.h"

const char *env_get(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

char *env_home(struct err *err)
{
	const char *home = env_get("HOME");
	char room[4096];
	struct passwd entry, *found = NULL;
	char *copy;

	if (!home) {
		if (getpwuid_r(getuid(), &entry, room, sizeof(room), &found) != 0 || !found || !found->pw_dir[0]) {
			err_set(err, ERR_CONFIG, "cannot tell the home folder of user %u", (unsigned)getuid());
			err_hint(err, "set HOME");
			return NULL;
		}
		home = found->pw_dir;
	}
	copy = mem_strdup(home);
	if (!copy)
		err_nomem(err);
	return copy;
}

/* $XDG_STATE_HOME is used only when absolute, as its specification demands. */
static const char *state_home(void)
{
	const char *dir = env_get("XDG_STATE_HOME");

	return dir && dir[0] == '/' ? dir : NULL;
}

char *env_state_dir(struct err *err)
{
	const char *base = state_home();
	char *home, *dir;

	if (base) {
		dir = file_join(base, "sparkctl");
	} else {
		home = env_home(err);
		if (!home)
			return NULL;
		dir = file_join(home, ".local/state/sparkctl");
		mem_free(home);
	}
	if (!dir)
		err_nomem(err);
	return dir;
}

char *env_sandbox_dir(struct err *err)
{
	char *state, *dir;

	if (geteuid() == 0 && !state_home()) {
		dir = mem_strdup("/var/lib/sparkctl/sandbox");
	} else {
		state = env_state_dir(err);
		if (!state)
			return NULL;
		dir = file_join(state, "sandbox");
		mem_free(state);
	}
	if (!dir)
		err_nomem(err);
	return dir;
}
