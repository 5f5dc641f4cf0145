#ifndef SPARK_SANDBOX_REGIONS_H
#define SPARK_SANDBOX_REGIONS_H

#include <stdbool.h>
#include <stddef.h>

/* AWS's regions and the zones that an account sees in them. Source: the EC2 user guide's tables. */
struct region_row {
	const char *name;    /* "us-west-2" */
	const char *zone_id; /* "usw2": zone ids are usw2-az1, ... */
	const char *zones;   /* a letter each: "abcd" */
	bool opt_in;         /* accounts have to switch it on; the sandbox's has done so */
};

/* NULL when there is no such region. */
const struct region_row *region_find(const char *name);
/* The nth of all, NULL behind the last. */
const struct region_row *region_at(size_t index);

#endif
