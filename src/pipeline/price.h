#ifndef SPARK_PIPELINE_PRICE_H
#define SPARK_PIPELINE_PRICE_H

#include <stdbool.h>
#include <stdint.h>

#include "spark/base/config.h"

/* The day on which the built-in prices were noted. */
#define PRICE_TABLE_DATE "2026-11-21"

/* Where a price comes from. */
enum price_source {
	PRICE_UNKNOWN, /* nothing is known about this node type */
	PRICE_GIVEN,   /* the setting OPT_PRICE */
	PRICE_TABLE,   /* the built-in table, for this region */
	PRICE_ABROAD   /* the built-in table of the US regions: here it may be higher */
};
struct price {
	enum price_source source;
	double node_hour;  /* USD, on demand: one node (serverless: one RPU) for an hour */
	double total_hour; /* all of them */
};

/* What a cluster of `nodes` nodes costs. ERR_CONFIG when OPT_PRICE is no amount. Storage and backups are not in it. */
int price_of_cluster(const struct config *config, const char *region, const char *node_type, int nodes,
		     struct price *out, struct err *err) MUST_CHECK;
/* The same for a serverless workgroup that works all the time; it is billed only while it does. */
int price_of_serverless(const struct config *config, const char *region, int rpu, struct price *out,
			struct err *err) MUST_CHECK;

/* "$0.54/h", "about $0.54/h (US price)", "an unknown price per hour". */
void price_text(const struct price *p, char out[64]);
/* "$0.37", "less than $0.01"; "an unknown sum" when the price is. */
void price_spent_text(const struct price *p, int64_t ms, char out[64]);

/* OPT_TTL: "45m", "2h", "1d", "90s" in milliseconds; 0: none. Unset: fallback_ms. ERR_CONFIG naming the place. */
int price_ttl(const struct config *config, int64_t fallback_ms, int64_t *ttl_ms, struct err *err) MUST_CHECK;

#endif
