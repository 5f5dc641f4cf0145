#ifndef SPARK_BASE_CONFIG_H
#define SPARK_BASE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "spark/base/buf.h"
#include "spark/base/err.h"
#include "spark/base/secret.h"

/* One row per setting serves the config file, the environment, the flag, the default, the range, the unit and the help.
 * The rows are in src/base/options.c; dwh_template.cfg and the manual are linted against them. */
enum option_id {
	/* [SPARKCTL] */
	OPT_TARGET,
	OPT_STACK,
	OPT_PIPELINE,
	OPT_TIMEOUT,
	OPT_WAIT_TIMEOUT,
	OPT_STATE_DIR,
	/* [AWS] */
	OPT_AWS_KEY,
	OPT_AWS_SECRET,
	OPT_AWS_TOKEN,
	OPT_REGION,
	OPT_PROFILE,
	OPT_ENDPOINT_URL,
	OPT_CA_BUNDLE,
	/* [DWH] */
	OPT_CLUSTER_TYPE,
	OPT_NODE_TYPE,
	OPT_NUM_NODES,
	OPT_CLUSTER_ID,
	OPT_IAM_ROLE_NAME,
	OPT_DB_NAME,
	OPT_DB_USER,
	OPT_DB_PASSWORD,
	OPT_DB_PORT,
	OPT_INGRESS_CIDR,
	OPT_ALLOW_ANY_IP,
	OPT_VPC,
	OPT_S3_ACCESS,
	OPT_MANAGE_PASSWORD,
	OPT_SERVERLESS,
	OPT_BASE_CAPACITY,
	OPT_TTL,
	OPT_PRICE,
	/* [CLUSTER] */
	OPT_HOST,
	/* [IAM_ROLE] */
	OPT_ROLE_ARN,
	/* [S3] */
	OPT_LOG_DATA,
	OPT_LOG_JSONPATH,
	OPT_SONG_DATA,
	OPT_S3_REGION,
	OPT_ALSO_READ,
	/* [SANDBOX] */
	OPT_SANDBOX_PORT,
	OPT_SANDBOX_HTTPS_PORT,
	OPT_SANDBOX_DIR,
	OPT_SANDBOX_PG_BINDIR,
	OPT_SANDBOX_TIME_SCALE,
	OPT_SANDBOX_ALLOW_RETIRED,
	OPT_SANDBOX_STRICT,
	OPT_SANDBOX_BIND,
	OPT_SANDBOX_ALLOW_HOST,
	OPT_SANDBOX_MAX_CONNECTIONS,
	OPT_COUNT
};

enum option_type { OPTION_TEXT, OPTION_INT, OPTION_CHOICE, OPTION_SECRET };

struct option_row {
	enum option_id id;
	enum option_type type;
	const char *section;    /* "DWH" */
	const char *key;        /* "DWH_PORT"; sections and keys match in any letter case */
	const char *also;       /* other places, "CLUSTER.DB_PORT PORT.X", blank separated; NULL: none */
	const char *env;        /* variables in order of precedence, blank separated; NULL: none */
	const char *flag;       /* "port" for --port; NULL: cannot be given as a flag (secrets never can) */
	const char *value_name; /* "PORT", for help */
	const char *fallback;   /* default, as text; NULL: none */
	const char *choices;    /* OPTION_CHOICE: "local|aws" */
	int64_t min, max;       /* OPTION_INT */
	const char *unit;       /* "s", "ms", NULL */
	const char *help;       /* one line */
};

extern const struct option_row option_rows[OPT_COUNT];
/* A choice of no and yes, whose flag alone means yes. */
bool option_is_switch(const struct option_row *row);

enum config_origin { FROM_DEFAULT, FROM_FILE, FROM_ENV, FROM_FLAG };

struct config; /* all settings with where each came from */

struct config *config_new(struct err *err) MUST_CHECK;
void config_free(struct config *c);
/* Reads `path` (inih, but lines of any length up to 64 KiB, ';' and '#' inside values kept, quotes around values
 * removed, duplicate keys refused naming both lines). must_exist: a missing file is ERR_CONFIG, else silently skipped.
 * Unknown sections and keys are collected, see config_warning(). */
int config_read_file(struct config *c, const char *path, bool must_exist, struct err *err) MUST_CHECK;
int config_read_env(struct config *c, struct err *err) MUST_CHECK;
/* A flag's value. Checked against type, range and choices: ERR_USAGE for flags, ERR_CONFIG for file and environment,
 * always naming the place ("dwh.cfg:12", "SPARKCTL_TIMEOUT", "--timeout") and what would be accepted. */
int config_set_flag(struct config *c, enum option_id id, const char *value, struct err *err) MUST_CHECK;
/* A default worked out by the program (an endpoint of the sandbox); does not override anything given. */
int config_set_derived(struct config *c, enum option_id id, const char *value, struct err *err) MUST_CHECK;

const char *config_str(const struct config *c, enum option_id id); /* lends; NULL when unset and without default */
int64_t config_int(const struct config *c, enum option_id id);
bool config_is_yes(const struct config *c, enum option_id id); /* of a switch */
const struct secret *config_secret(const struct config *c, enum option_id id);
bool config_is_set(const struct config *c, enum option_id id); /* anything but the default */
enum config_origin config_origin(const struct config *c, enum option_id id);
/* "dwh.cfg:12", "AWS_REGION", "--region", "default". Lends. */
const char *config_place(const struct config *c, enum option_id id);
/* The file that was read, NULL when none. */
const char *config_path(const struct config *c);
/* The index-th warning ("dwh.cfg:7: unknown key 'DWH_NODES' in [DWH], did you mean 'DWH_NUM_NODES'?"), NULL behind the
 * last. */
const char *config_warning(const struct config *c, size_t index);
const struct option_row *option_by_flag(const char *flag);
/* The nearest of `count` names (Levenshtein distance at most 2 or a third of its length), NULL when none is near. */
const char *config_nearest(const char *word, const char *const *names, size_t count);

/* INI text in the manner of ~/.aws/config, for other readers: calls fn for each key; same line handling as above. */
int config_each_ini(const char *path, const char *text, size_t len,
		    int (*fn)(void *arg, const char *section, const char *key, const char *value, int line), void *arg,
		    struct err *err) MUST_CHECK;

#endif
