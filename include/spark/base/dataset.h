#ifndef SPARK_BASE_DATASET_H
#define SPARK_BASE_DATASET_H

#include <stddef.h>
#include <stdint.h>

#include "spark/base/err.h"

/* A Sparkify data set of any size, in the shape of the well-known one: a file of events for each day, one tiny file for
 * each song, and the JSONPaths file of the events. The same options give the same bytes on every machine: nothing but
 * integer arithmetic decides. All names in it are made up. */
struct dataset_options {
	int64_t events; /* in all days together, 0 to 1,000,000,000 */
	int64_t songs;  /* in song_data, 0 to 10,000,000; events name these and many others */
	int64_t users;  /* listeners, 1 to 10,000,000 */
	int64_t seed;
	int days; /* from 2018-11-01 on, 1 to 366 */
};

/* 8,000 events over 30 days, 1,500 songs, 96 users, seed 1. */
void dataset_defaults(struct dataset_options *o);

/* Calls emit with each file in the order songs, JSONPaths, days; keys are "song_data/A/B/C/TRABC....json",
 * "log_json_path.json" and "log_data/2018/11/2018-11-01-events.json". One file at a time is held. emit returns non-zero
 * to stop (having set the caller's err), which is then returned. ERR_USAGE names an option that is out of range. */
int dataset_generate(const struct dataset_options *o,
		     int (*emit)(void *arg, const char *key, const void *data, size_t len), void *arg,
		     struct err *err) MUST_CHECK;

#endif
