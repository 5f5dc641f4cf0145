#ifndef SPARK_BASE_DATASET_PARTS_H
#define SPARK_BASE_DATASET_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "spark/base/buf.h"

/* The generator's people, artists and songs. Each is worked out from the seed and its number alone, so that nothing has
 * to be held, however large the set is. */

/* Numbers that depend on nothing but what it was started with (splitmix64). */
struct dataset_rng {
	uint64_t state;
};
/* What the numbers are for, so that two uses of the same index do not move together. */
enum dataset_stream { STREAM_SONG, STREAM_ARTIST, STREAM_USER, STREAM_DAY, STREAM_WEIGHT, STREAM_ID };
struct dataset_rng dataset_rng(int64_t seed, enum dataset_stream stream, int64_t index);
uint64_t dataset_next(struct dataset_rng *r);
/* 0 to n - 1, n up to 2^31. */
int64_t dataset_below(struct dataset_rng *r, int64_t n);
/* The same, small numbers more often: the square of an even draw. */
int64_t dataset_skewed(struct dataset_rng *r, int64_t n);
bool dataset_chance(struct dataset_rng *r, int percent);

/* A number below 2^32 that no other index has, in an order that looks like none. */
uint32_t dataset_scatter(int64_t seed, int64_t index);

struct dataset_place {
	const char *name;
	int latitude_e5, longitude_e5; /* degrees times 100,000 */
};

/* Texts are cut at the end of a character when they do not fit. */
struct dataset_song {
	int64_t artist;
	char track_id[19], song_id[19], artist_id[19];
	char title[160], artist_name[320], artist_location[160];
	bool located;
	int latitude_e5, longitude_e5;
	int64_t duration_e5; /* seconds times 100,000 */
	int year;            /* 0: unknown */
};
/* Songs from `songs` on are not in song_data; events name them all the same. */
void dataset_make_song(int64_t seed, int64_t songs, int64_t index, struct dataset_song *out);

struct dataset_user {
	const char *first_name, *last_name, *gender, *location, *agent;
	bool agent_quoted; /* some clients send their name in quotes */
	bool pays_at_start;
	int64_t id, registered_ms;
};
void dataset_make_user(int64_t seed, int64_t users, int64_t index, struct dataset_user *out);

/* Made-up text, dataset_words.c. */
void dataset_add_artist_name(struct dataset_rng *r, struct buf *out);
void dataset_add_title(struct dataset_rng *r, struct buf *out);
const struct dataset_place *dataset_pick_place(struct dataset_rng *r);
void dataset_pick_person(struct dataset_rng *r, const char **first, const char **last, const char **gender);
const char *dataset_pick_metro(struct dataset_rng *r);
const char *dataset_pick_agent(struct dataset_rng *r);

#endif
