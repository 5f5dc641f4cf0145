#ifndef SPARK_SANDBOX_REGIONS_H
#define SPARK_SANDBOX_REGIONS_H

/* AWS's regions and the zones that an account sees in them. Source: the EC2 user guide's tables. */
struct region_row {
	const char *name;    /* "us-west-2" */
	const char *zone_id; /* "usw2": zone ids are usw2-az1, ... */
	const char *zones;   /* a letter each: "abcd" */
};

/* NULL when there is no such region. */
const struct region_row *region_find(const char *name);

#endif
