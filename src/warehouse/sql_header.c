#include <string.h>

#include "spark/warehouse/sql.h"

/* The value of "-- key: value" when the line is that, else NULL. */
static const char *match_key(const char *line, const char *end, const char *key)
{
	size_t key_len = strlen(key);
	const char *p = line + 2;

	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	if ((size_t)(end - p) <= key_len || memcmp(p, key, key_len) != 0 || p[key_len] != ':')
		return NULL;
	p += key_len + 1;
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	return p;
}

bool sql_header(const struct sql_file *f, const char *key, char *out, size_t size)
{
	const char *line = f->text, *stop = f->text + f->len;

	while (line < stop) {
		const char *end = memchr(line, '\n', (size_t)(stop - line));
		const char *next = end ? end + 1 : stop, *value;
		size_t len;

		if (!end)
			end = stop;
		while (end > line && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r'))
			end--;
		if (end - line < 2 || line[0] != '-' || line[1] != '-') {
			if (end > line)
				return false; /* the statement begins */
			line = next;
			continue;
		}
		value = match_key(line, end, key);
		if (value) {
			len = (size_t)(end - value);
			if (len >= size)
				len = size - 1;
			memcpy(out, value, len);
			out[len] = 0;
			return true;
		}
		line = next;
	}
	return false;
}
