#ifndef SPARK_PIPELINE_REAP_H
#define SPARK_PIPELINE_REAP_H

#include "spark/pipeline/pipeline.h"

/* Every stack of the account in the run's region, from the tags of what there is, sorted by name, as a JSON array of:
 * stack, created ("" when nothing tells), age_s (-1 then), resources[{resource, name}], rate ("$0.54/h"), usd_per_hour,
 * spent ("about $0.37"), usd (the most that it can be), roles_only (true: only roles are left, which no region owns, so
 * that their stack may stand in another one), known (this machine made it, in this region). Free with json_free. */
struct json *run_reap_list(struct run *r, struct err *err) MUST_CHECK;
/* "90m", "2h", "1d", "0s": milliseconds. ERR_USAGE. */
int reap_parse_age(const char *text, int64_t *ms, struct err *err) MUST_CHECK;

#endif
