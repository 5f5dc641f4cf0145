#include "sandbox/regions.h"

#include <stddef.h>
#include <string.h>

static const struct region_row rows[] = {
	{ "us-east-1", "use1", "abcdef" },    { "us-east-2", "use2", "abc" },
	{ "us-west-1", "usw1", "ac" },        { "us-west-2", "usw2", "abcd" },
	{ "af-south-1", "afs1", "abc" },      { "ap-east-1", "ape1", "abc" },
	{ "ap-northeast-1", "apne1", "acd" }, { "ap-northeast-2", "apne2", "abcd" },
	{ "ap-northeast-3", "apne3", "abc" }, { "ap-south-1", "aps1", "abc" },
	{ "ap-south-2", "aps2", "abc" },      { "ap-southeast-1", "apse1", "abc" },
	{ "ap-southeast-2", "apse2", "abc" }, { "ap-southeast-3", "apse3", "abc" },
	{ "ap-southeast-4", "apse4", "abc" }, { "ap-southeast-5", "apse5", "abc" },
	{ "ap-southeast-7", "apse7", "abc" }, { "ca-central-1", "cac1", "abd" },
	{ "ca-west-1", "caw1", "abc" },       { "eu-central-1", "euc1", "abc" },
	{ "eu-central-2", "euc2", "abc" },    { "eu-north-1", "eun1", "abc" },
	{ "eu-south-1", "eus1", "abc" },      { "eu-south-2", "eus2", "abc" },
	{ "eu-west-1", "euw1", "abc" },       { "eu-west-2", "euw2", "abc" },
	{ "eu-west-3", "euw3", "abc" },       { "il-central-1", "ilc1", "abc" },
	{ "me-central-1", "mec1", "abc" },    { "me-south-1", "mes1", "abc" },
	{ "mx-central-1", "mxc1", "abc" },    { "sa-east-1", "sae1", "abc" },
};

const struct region_row *region_find(const char *name)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (!strcmp(rows[i].name, name))
			return &rows[i];
	return NULL;
}
