#include "sandbox/http/redshift/redshift.h"

#define TB INT64_C(1048576) /* in megabytes */

/* What AWS offers for new clusters, and the dense compute types that it does not offer any more. Source: Amazon
 * Redshift management guide, "Node type details". */
static const struct redshift_node nodes[] = {
	{ "ra3.large", 1, 16, 8 * TB, TB, false },
	{ "ra3.xlplus", 1, 32, 32 * TB, 4 * TB, false },
	{ "ra3.4xlarge", 2, 100, 128 * TB, 128 * TB, false },
	{ "ra3.16xlarge", 2, 100, 128 * TB, 128 * TB, false },
	{ "rg.xlarge", 1, 32, 32 * TB, 4 * TB, false },
	{ "rg.4xlarge", 2, 100, 128 * TB, 128 * TB, false },
	{ "dc2.large", 1, 32, 160 * 1024, 160 * 1024, true },
	{ "dc2.8xlarge", 2, 100, 2560 * 1024, 2560 * 1024, true },
};

const struct redshift_node *redshift_node_at(size_t index)
{
	return index < sizeof(nodes) / sizeof(*nodes) ? &nodes[index] : NULL;
}

const struct redshift_node *redshift_node_find(const char *name)
{
	for (size_t i = 0; i < sizeof(nodes) / sizeof(*nodes); i++)
		if (strcasecmp(nodes[i].name, name) == 0)
			return &nodes[i];
	return NULL;
}
