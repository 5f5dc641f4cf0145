#include "spark/cli/arguments.h"

#include <string.h>

const struct command *const commands[] = {
	/* a stack's life */
	&cmd_plan,
	&cmd_up,
	&cmd_status,
	&cmd_doctor,
	&cmd_run,
	&cmd_down,
	&cmd_reap,
	&cmd_pause,
	&cmd_resume,
	&cmd_resize,
	&cmd_snapshot,
	&cmd_restore,
	/* what is in it */
	&cmd_create_tables,
	&cmd_etl,
	&cmd_test,
	&cmd_query,
	&cmd_connect,
	/* tools */
	&cmd_sandbox,
	&cmd_s3,
	&cmd_generate,
	&cmd_sign,
	&cmd_config,
	&cmd_whoami,
	&cmd_version,
	&cmd_help,
	NULL,
};

const struct command *command_find(const struct command *const *list, const char *name)
{
	for (; *list; list++) {
		if (strcmp((*list)->name, name) == 0)
			return *list;
	}
	return NULL;
}

int command_unknown(const struct command *const *list, const struct command *parent, const char *name, struct err *err)
{
	const char *names[64];
	size_t count = 0;
	for (; *list && count < sizeof(names) / sizeof(names[0]); list++)
		names[count++] = (*list)->name;
	err_set(err, ERR_USAGE, "unknown command '%s%s%s'", parent ? parent->name : "", parent ? " " : "", name);
	const char *near = config_nearest(name, names, count);
	const char *before = parent ? parent->name : "", *blank = parent ? " " : "";
	if (near)
		return err_hint(err, "did you mean 'sparkctl %s%s%s'?", before, blank, near);
	return err_hint(err, "'sparkctl help%s%s' lists the commands", blank, before);
}

static bool set_covers(unsigned set, const struct option_row *row)
{
	if (row->id == OPT_PIPELINE)
		return set & SETTINGS_DATA;
	static const struct {
		const char *section;
		unsigned bit;
	} sections[] = {
		{ "SPARKCTL", SETTINGS_STACK },  { "AWS", SETTINGS_AWS },          { "DWH", SETTINGS_CLUSTER },
		{ "CLUSTER", SETTINGS_CLUSTER }, { "IAM_ROLE", SETTINGS_CLUSTER }, { "S3", SETTINGS_DATA },
		{ "SANDBOX", SETTINGS_SANDBOX },
	};
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		if (strcmp(row->section, sections[i].section) == 0)
			return set & sections[i].bit;
	}
	return false;
}

bool command_takes_setting(const struct command *command, const struct option_row *row)
{
	/* These five are accepted everywhere, so that a wrapper can always pass them. */
	static const enum option_id everywhere[] = { OPT_TARGET, OPT_PROFILE, OPT_REGION, OPT_ENDPOINT_URL,
						     OPT_TIMEOUT };
	if (!row->flag)
		return false;
	for (size_t i = 0; i < sizeof(everywhere) / sizeof(everywhere[0]); i++) {
		if (row->id == everywhere[i])
			return true;
	}
	return set_covers(command->settings, row);
}
