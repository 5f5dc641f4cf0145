#include "pipeline/names.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool only_of(const char *text, const char *set)
{
	return *text && text[strspn(text, set)] == 0;
}

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGIT "0123456789"

bool names_is_stack(const char *name)
{
	return only_of(name, LOWER DIGIT "-") && name[0] >= 'a' && name[0] <= 'z' && strlen(name) <= 31;
}

bool names_is_cluster(const char *name)
{
	size_t len = strlen(name);

	return only_of(name, LOWER DIGIT "-") && name[0] >= 'a' && name[0] <= 'z' && len <= 63 && !strstr(name, "--") &&
	       name[len - 1] != '-';
}

bool names_is_role(const char *name)
{
	return only_of(name, LOWER UPPER DIGIT "_+=,.@-") && strlen(name) <= 64;
}

bool names_is_region(const char *name)
{
	return only_of(name, LOWER DIGIT "-") && strlen(name) <= 32;
}

/* The service stores identifiers in lower case, so 'dwhCluster' of a config file is 'dwhcluster' from the start. */
static void copy_lower(char *to, size_t size, const char *from)
{
	size_t i;

	for (i = 0; i + 1 < size && from[i]; i++)
		to[i] = from[i] >= 'A' && from[i] <= 'Z' ? (char)(from[i] - 'A' + 'a') : from[i];
	to[i] = 0;
}

static int refuse(const struct config *config, enum option_id id, const char *value, const char *rule, struct err *err)
{
	err_set(err, ERR_CONFIG, "'%s' (%s) cannot be used as %s", value, config_place(config, id),
		option_rows[id].key);
	return err_hint(err, "%s", rule);
}

static int work_out_cluster(const struct config *config, struct names *n, struct err *err)
{
	const char *given = config_str(config, OPT_CLUSTER_ID);

	copy_lower(n->cluster, sizeof(n->cluster), given ? given : n->stack);
	if (names_is_cluster(n->cluster) && (!given || strlen(given) < sizeof(n->cluster)))
		return 0;
	return refuse(config, given ? OPT_CLUSTER_ID : OPT_STACK, given ? given : n->stack,
		      "a cluster's name has 1 to 63 letters, digits and hyphens, begins with a letter, and has no "
		      "two hyphens in a row and none at its end",
		      err);
}

static int work_out_role(const struct config *config, struct names *n, struct err *err)
{
	const char *given = config_str(config, OPT_IAM_ROLE_NAME), *arn = config_str(config, OPT_ROLE_ARN);

	n->role_given = arn && *arn;
	if (given && !names_is_role(given))
		return refuse(config, OPT_IAM_ROLE_NAME, given,
			      "a role's name has 1 to 64 letters, digits and any of _+=,.@-", err);
	(void)snprintf(n->role, sizeof(n->role), "%s%s", given ? given : n->stack, given ? "" : "-copy");
	memcpy(n->plain_role, n->role, sizeof(n->plain_role));
	return 0;
}

int names_work_out(const struct config *config, const char *partition, struct names *out, struct err *err)
{
	const char *stack = config_str(config, OPT_STACK);
	struct names n = { 0 };

	if (!stack || !names_is_stack(stack))
		return refuse(
			config, OPT_STACK, stack ? stack : "",
			"a stack's name has 1 to 31 lower-case letters, digits and hyphens and begins with a letter",
			err);
	(void)snprintf(n.stack, sizeof(n.stack), "%s", stack);
	(void)snprintf(n.group, sizeof(n.group), "%s-sg", stack);
	(void)snprintf(n.subnet_group, sizeof(n.subnet_group), "%s-subnets", stack);
	(void)snprintf(n.pause_role, sizeof(n.pause_role), "%s-pause", stack);
	memcpy(n.plain_pause_role, n.pause_role, sizeof(n.plain_pause_role));
	(void)snprintf(n.pause, sizeof(n.pause), "%s-ttl", stack);
	(void)snprintf(n.partition, sizeof(n.partition), "%s", partition);
	(void)snprintf(n.policy_arn, sizeof(n.policy_arn), "arn:%s:iam::aws:policy/AmazonS3ReadOnlyAccess", partition);
	if (work_out_cluster(config, &n, err) < 0 || work_out_role(config, &n, err) < 0)
		return -1;
	*out = n;
	return 0;
}

bool names_normal_cidr(const char *text, char out[44], int *prefix_bits)
{
	char address[INET_ADDRSTRLEN], network[INET_ADDRSTRLEN];
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	struct in_addr in;
	long bits = 32;

	if (len >= sizeof(address))
		return false;
	memcpy(address, text, len);
	address[len] = 0;
	if (inet_pton(AF_INET, address, &in) != 1)
		return false;
	if (slash) {
		if (!only_of(slash + 1, DIGIT) || strlen(slash + 1) > 2)
			return false;
		bits = strtol(slash + 1, NULL, 10);
		if (bits > 32)
			return false;
	}
	in.s_addr &= bits == 0 ? 0 : htonl((uint32_t)(UINT32_MAX << (32 - bits)));
	if (!inet_ntop(AF_INET, &in, network, sizeof(network)))
		return false;
	(void)snprintf(out, 44, "%s/%ld", network, bits);
	*prefix_bits = (int)bits;
	return true;
}
