/* The generator's numbers, artists, songs and listeners. */
#include "base/dataset_parts.h"

#include <stdio.h>
#include <string.h>

static uint64_t mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

struct dataset_rng dataset_rng(int64_t seed, enum dataset_stream stream, int64_t index)
{
	uint64_t state = mix((uint64_t)seed + 0x9e3779b97f4a7c15u);
	state = mix(state ^ ((uint64_t)stream + 1) * 0xd1342543de82ef95u);
	return (struct dataset_rng){ mix(state ^ (uint64_t)index) };
}

uint64_t dataset_next(struct dataset_rng *r)
{
	r->state += 0x9e3779b97f4a7c15u;
	return mix(r->state);
}

int64_t dataset_below(struct dataset_rng *r, int64_t n)
{
	return n <= 1 ? 0 : (int64_t)(((dataset_next(r) >> 32) * (uint64_t)n) >> 32);
}

int64_t dataset_skewed(struct dataset_rng *r, int64_t n)
{
	uint64_t even = dataset_next(r) >> 32;
	return n <= 1 ? 0 : (int64_t)((((even * even) >> 32) * (uint64_t)n) >> 32);
}

bool dataset_chance(struct dataset_rng *r, int percent)
{
	return dataset_below(r, 100) < percent;
}

uint32_t dataset_scatter(int64_t seed, int64_t index)
{
	/* Odd factors and xor-shifts can be undone on 32 bits, so different indexes stay different. */
	uint32_t x = (uint32_t)index + (uint32_t)mix((uint64_t)seed);
	x = (x ^ (x >> 16)) * 0x7feb352du;
	x = (x ^ (x >> 15)) * 0x846ca68bu;
	return x ^ (x >> 16);
}

/* "TR" + "ABCDE" + "128" + 8 hexadecimal digits. `lead` fixes the first letter behind the prefix, 0: any. */
static void make_id(const char *prefix, char lead, const char *middle, int64_t seed, int64_t index, char out[19])
{
	struct dataset_rng r = dataset_rng(seed, STREAM_ID, index * 4 + prefix[0] % 4);
	char letters[6];
	for (int i = 0; i < 5; i++)
		letters[i] = (char)('A' + dataset_below(&r, 26));
	letters[5] = 0;
	if (lead)
		letters[0] = lead;
	snprintf(out, 19, "%s%s%s%08X", prefix, letters, middle,
		 dataset_scatter((int64_t)((uint64_t)seed + (uint64_t)prefix[0]), index));
}

static void copy_cut(char *to, size_t size, const struct buf *from)
{
	size_t len = from->len;
	if (len >= size) {
		len = size - 1;
		while (len > 0 && ((unsigned char)from->data[len] & 0xc0) == 0x80)
			len--;
	}
	memcpy(to, from->data, len);
	to[len] = 0;
}

static void add_upper(struct buf *out, const char *text)
{
	for (; *text; text++)
		buf_putc(out, *text >= 'a' && *text <= 'z' ? (char)(*text - 32) : *text);
}

/* How a release spells its artist. The first release has the plain name; later ones often do not. */
static void add_spelling(struct dataset_rng *r, int64_t seed, int64_t artists, const char *plain, struct buf *out)
{
	struct dataset_rng other = dataset_rng(seed, STREAM_ARTIST, dataset_below(r, artists));
	int64_t way = dataset_below(r, 100);
	if (way < 15) {
		buf_printf(out, "%s feat. ", plain);
		dataset_add_artist_name(&other, out);
	} else if (way < 22) {
		buf_puts(out, strncmp(plain, "The ", 4) == 0 ? plain + 4 : plain);
	} else if (way < 29) {
		add_upper(out, plain);
	} else if (way < 35) {
		buf_printf(out, "%s / ", plain);
		dataset_add_artist_name(&other, out);
	} else {
		buf_puts(out, plain);
	}
}

static void make_artist(struct dataset_rng *r, int64_t seed, int64_t artists, bool first, struct dataset_song *s)
{
	struct dataset_rng a = dataset_rng(seed, STREAM_ARTIST, s->artist);
	struct buf plain, name;
	buf_init(&plain, 4096);
	buf_init(&name, 4096);
	dataset_add_artist_name(&a, &plain);
	copy_cut(s->artist_name, sizeof(s->artist_name), &plain);
	if (!first) {
		add_spelling(r, seed, artists, plain.data, &name);
		copy_cut(s->artist_name, sizeof(s->artist_name), &name);
	}
	make_id("AR", 0, "118", seed, s->artist, s->artist_id);

	const struct dataset_place *place = dataset_pick_place(&a);
	bool tells_place = dataset_chance(&a, 55);
	s->located = tells_place && dataset_chance(&a, 65);
	s->latitude_e5 = place->latitude_e5;
	s->longitude_e5 = place->longitude_e5;
	const char *text = tells_place ? place->name : "";
	const char *comma = strchr(text, ',');
	bool shorter = !first && comma && dataset_chance(r, 40);
	snprintf(s->artist_location, sizeof(s->artist_location), "%.*s",
		 (int)(shorter ? (size_t)(comma - text) : strlen(text)), text);
	buf_clear(&plain);
	buf_clear(&name);
}

void dataset_make_song(int64_t seed, int64_t songs, int64_t index, struct dataset_song *out)
{
	struct dataset_rng r = dataset_rng(seed, STREAM_SONG, index);
	int64_t artists = songs - songs / 5;
	bool first = index < artists;
	memset(out, 0, sizeof(*out));
	if (index < artists)
		out->artist = index;
	else if (index < songs || (artists > 0 && dataset_chance(&r, 30)))
		out->artist = dataset_skewed(&r, artists);
	else {
		/* Somebody of whom song_data has nothing. */
		out->artist = artists + dataset_below(&r, 3 * artists + 200);
		first = true;
	}
	make_artist(&r, seed, artists, first, out);
	make_id("TR", 'A', "128", seed, index, out->track_id);
	make_id("SO", 0, "12A", seed, index, out->song_id);

	struct buf title;
	buf_init(&title, 4096);
	dataset_add_title(&r, &title);
	copy_cut(out->title, sizeof(out->title), &title);
	buf_clear(&title);
	/* Most last three to five minutes, a few much longer. */
	out->duration_e5 = 4500000 + dataset_below(&r, 14000000) + dataset_below(&r, 14000000) +
			   (dataset_chance(&r, 3) ? dataset_below(&r, 90000000) : 0);
	out->year = dataset_chance(&r, 30) ? 0 : 2011 - (int)dataset_skewed(&r, 55);
}

void dataset_make_user(int64_t seed, int64_t users, int64_t index, struct dataset_user *out)
{
	/* 2018-11-01T00:00:00Z; everybody came in the hundred days before. */
	const int64_t first_day_ms = 1541030400000;
	struct dataset_rng r = dataset_rng(seed, STREAM_USER, index);
	dataset_pick_person(&r, &out->first_name, &out->last_name, &out->gender);
	out->location = dataset_pick_metro(&r);
	out->agent = dataset_pick_agent(&r);
	out->agent_quoted = dataset_chance(&r, 60);
	/* The busiest listeners, who have the small numbers, pay more often. */
	out->pays_at_start = dataset_chance(&r, index < users / 4 ? 60 : 15);
	out->id = index + 2;
	out->registered_ms = first_day_ms - dataset_below(&r, 100 * 86400) * 1000 - 204;
}
