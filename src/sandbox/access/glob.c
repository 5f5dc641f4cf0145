#include "sandbox/access/glob.h"

#include <stddef.h>

static char fold(char c, bool fold_case)
{
	return fold_case && c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static const char *next_char(const char *text)
{
	text++;
	while (((unsigned char)*text & 0xC0) == 0x80)
		text++;
	return text;
}

bool glob_match(const char *pattern, const char *text, bool fold_case)
{
	const char *star = NULL, *resume = NULL; /* behind the last '*', and where its run ends so far */

	while (*text) {
		bool escaped = *pattern == GLOB_ESCAPE && pattern[1];
		char p = pattern[escaped];

		if (!escaped && p == '*') {
			star = ++pattern;
			resume = text;
		} else if (!escaped && p == '?') {
			pattern++;
			text = next_char(text);
		} else if (p && fold(p, fold_case) == fold(*text, fold_case)) {
			pattern += escaped + 1;
			text++;
		} else if (star) {
			/* Only the last star needs to give way: what the earlier ones took can stay. */
			pattern = star;
			text = ++resume;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}
