#ifndef SPARK_SANDBOX_COPY_DATETIME_H
#define SPARK_SANDBOX_COPY_DATETIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* DATEFORMAT and TIMEFORMAT. */
enum datetime_mode { DATETIME_PATTERN, DATETIME_AUTO, DATETIME_EPOCH_SECONDS, DATETIME_EPOCH_MILLISECONDS };

struct datetime_format {
	enum datetime_mode mode;
	const char *pattern; /* the user's own, or the default */
};

struct datetime {
	int year, month, day, hour, minute, second, microsecond;
	bool has_zone;
	int zone_seconds; /* east of Greenwich */
};

#define DATETIME_DEFAULT_DATE "YYYY-MM-DD"
#define DATETIME_DEFAULT_TIME "YYYY-MM-DD HH:MI:SS"

/* text: what the statement says, NULL for the default. `text` must outlive f. */
void datetime_format_init(struct datetime_format *f, const char *text, bool date_only);
/* False when the text does not have the format or is no real time. Not for the epoch modes. */
bool datetime_read(const struct datetime_format *f, const char *text, size_t len, struct datetime *out);

/* "05:06:07.5", with a zone or without: the time of a day only. */
bool datetime_read_time(const char *text, size_t len, struct datetime *out);
int64_t datetime_day_micros(const struct datetime *t);

/* Days and microseconds since 2000-01-01, PostgreSQL's epoch. */
int32_t datetime_days(const struct datetime *t);
int64_t datetime_micros(const struct datetime *t, bool apply_zone);
/* From the epoch modes' number (seconds or milliseconds since 1970, a fraction allowed); false when it is none or out
 * of range. */
bool datetime_from_epoch(enum datetime_mode mode, const char *text, size_t len, int64_t *micros);

#endif
