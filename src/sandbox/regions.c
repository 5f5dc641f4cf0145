#include "sandbox/regions.h"

#include <stddef.h>
#include <string.h>

static const struct region_row rows[] = {
	{ "us-east-1", "use1", "abcdef", false },    { "us-east-2", "use2", "abc", false },
	{ "us-west-1", "usw1", "ac", false },        { "us-west-2", "usw2", "abcd", false },
	{ "af-south-1", "afs1", "abc", true },       { "ap-east-1", "ape1", "abc", true },
	{ "ap-northeast-1", "apne1", "acd", false }, { "ap-northeast-2", "apne2", "abcd", false },
	{ "ap-northeast-3", "apne3", "abc", false }, { "ap-south-1", "aps1", "abc", false },
	{ "ap-south-2", "aps2", "abc", true },       { "ap-southeast-1", "apse1", "abc", false },
	{ "ap-southeast-2", "apse2", "abc", false }, { "ap-southeast-3", "apse3", "abc", true },
	{ "ap-southeast-4", "apse4", "abc", true },  { "ap-southeast-5", "apse5", "abc", true },
	{ "ap-southeast-7", "apse7", "abc", true },  { "ca-central-1", "cac1", "abd", false },
	{ "ca-west-1", "caw1", "abc", true },        { "eu-central-1", "euc1", "abc", false },
	{ "eu-central-2", "euc2", "abc", true },     { "eu-north-1", "eun1", "abc", false },
	{ "eu-south-1", "eus1", "abc", true },       { "eu-south-2", "eus2", "abc", true },
	{ "eu-west-1", "euw1", "abc", false },       { "eu-west-2", "euw2", "abc", false },
	{ "eu-west-3", "euw3", "abc", false },       { "il-central-1", "ilc1", "abc", true },
	{ "me-central-1", "mec1", "abc", true },     { "me-south-1", "mes1", "abc", true },
	{ "mx-central-1", "mxc1", "abc", true },     { "sa-east-1", "sae1", "abc", false },
};

const struct region_row *region_find(const char *name)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (!strcmp(rows[i].name, name))
			return &rows[i];
	return NULL;
}

const struct region_row *region_at(size_t index)
{
	return index < sizeof(rows) / sizeof(*rows) ? &rows[index] : NULL;
}
