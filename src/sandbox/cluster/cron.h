#ifndef SPARK_SANDBOX_CLUSTER_CRON_H
#define SPARK_SANDBOX_CLUSTER_CRON_H

#include <stdbool.h>
#include <stdint.h>

#include "spark/base/err.h"

#define CRON_FIRST_YEAR 1970
#define CRON_LAST_YEAR  2199

/* A schedule of a scheduled action, in UTC: "at(2030-01-31T10:00:00)", or "cron(minutes hours day-of-month month
 * day-of-week year)" with , - * / ? L W # and the names JAN to DEC and SUN to SAT (1 to 7). One of the two days must be
 * a question mark. */
struct cron {
	bool once;
	int64_t at_ms;    /* when once */
	uint64_t minutes; /* bit per value */
	uint32_t hours, days;
	uint16_t months;
	uint8_t weekdays; /* bit 1: Sunday */
	bool any_day, any_weekday;
	bool last_day;    /* L, LW */
	int near_weekday; /* nW: the weekday nearest to that day of the month; 32: LW */
	int nth_of, nth;  /* weekday#n */
	int last_of;      /* weekday L: the last one of the month */
	bool years[CRON_LAST_YEAR - CRON_FIRST_YEAR + 1];
};

/* ERR_PARSE that says which field is wrong. */
int cron_parse(const char *text, struct cron *out, struct err *err) MUST_CHECK;
/* The first time after that one; false when there is none any more. */
bool cron_next(const struct cron *c, int64_t after_ms, int64_t *next_ms);

#endif
