/* "Did you mean ...?" */
#include <ctype.h>
#include <string.h>

#include "spark/base/config.h"

#define WORD_MAX 64

/* Levenshtein's distance, letters of either case alike; words of more than WORD_MAX bytes are far from all others. */
static size_t distance(const char *a, const char *b)
{
	size_t row[WORD_MAX + 1], a_len = strlen(a), b_len = strlen(b);

	if (a_len > WORD_MAX || b_len > WORD_MAX)
		return WORD_MAX;
	for (size_t j = 0; j <= b_len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			bool same = tolower((unsigned char)a[i - 1]) == tolower((unsigned char)b[j - 1]);
			size_t best = diagonal + !same;

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[b_len];
}

const char *config_nearest(const char *word, const char *const *names, size_t count)
{
	size_t len = strlen(word), best = WORD_MAX;
	const char *nearest = NULL;

	for (size_t i = 0; i < count; i++) {
		size_t d = distance(word, names[i]), third = strlen(names[i]) / 3;

		/* A word of two letters is two changes from every other: that is no likeness. */
		if (d < best && d < len && d <= (third > 2 ? third : 2)) {
			best = d;
			nearest = names[i];
		}
	}
	return nearest;
}
