#include "sandbox/wire/recall.h"

#include <ctype.h>
#include <stdint.h>

#include "spark/base/mem.h"

#define MAX_DIGITS 9 /* within integer, whatever they are */

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '$' || c == '.' || (unsigned char)c >= 0x80;
}

/* The text with those integers replaced, and its place in the table. 0: too long. Inside of strings and comments
 * nothing is an integer: texts that may have such are taken as they are. */
static size_t make_key(const char *text, size_t len, char key[RECALL_MAX_BYTES + 1], size_t *place)
{
	bool plain = len <= RECALL_MAX_BYTES && !strpbrk(text, "'\"$-/");
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	size_t n = 0;
	char before = 0; /* the last character that is no blank */

	if (len > RECALL_MAX_BYTES)
		return 0;
	for (size_t i = 0; i < len;) {
		size_t digits = 0;
		char c = text[i];

		if (plain && isdigit((unsigned char)c) && (before == '=' || before == '<' || before == '>')) {
			while (isdigit((unsigned char)text[i + digits]))
				digits++;
			if (digits > MAX_DIGITS || is_word(text[i + digits]))
				digits = 0;
		}
		/* A byte that no statement has stands for all of them. */
		key[n] = digits ? '\1' : c;
		hash = (hash ^ (unsigned char)key[n++]) * UINT64_C(0x100000001b3);
		i += digits ? digits : 1;
		if (!isspace((unsigned char)c))
			before = c;
	}
	key[n] = 0;
	*place = (size_t)(hash ^ (hash >> 32)) % RECALL_ENTRIES;
	return n;
}

/* A comment that does not end, or has another one in it, is not looked into: what follows it is not known then. */
static const char *skip_comment(const char *text)
{
	const char *end = strstr(text + 2, "*/"), *inner = strstr(text + 2, "/*");

	return !end || (inner && inner < end) ? text : end + 2;
}

/* Behind blanks, comments and opening parentheses. */
static const char *skip_to_word(const char *text)
{
	for (;;) {
		const char *end = text;

		while (isspace((unsigned char)*end) || *end == '(')
			end++;
		if (end[0] == '-' && end[1] == '-')
			end += strcspn(end, "\n");
		else if (end[0] == '/' && end[1] == '*')
			end = skip_comment(end);
		if (end == text)
			return text;
		text = end;
	}
}

/* Does the text begin with one of these words? */
static bool begins(const char *text, const char *const *words, size_t count)
{
	text = skip_to_word(text);
	for (size_t i = 0; i < count; i++) {
		size_t len = strlen(words[i]);

		if (strncasecmp(text, words[i], len) == 0 && !is_word(text[len]))
			return true;
	}
	return false;
}

static bool is_query(const char *text)
{
	static const char *const words[] = { "select", "insert", "update", "delete" };

	return begins(text, words, sizeof(words) / sizeof(words[0]));
}

/* SELECT ... INTO makes a table; that the word stands elsewhere is taken for the same. */
static bool makes_table(const char *text)
{
	static const char *const insert[] = { "insert" };

	if (begins(text, insert, 1))
		return false;
	for (const char *found = strcasestr(text, "into"); found; found = strcasestr(found + 4, "into"))
		if (!is_word(found[4]) && (found == text || !is_word(found[-1])))
			return true;
	return false;
}

bool recall_knows(const struct recall *r, const char *text, size_t len)
{
	char key[RECALL_MAX_BYTES + 1];
	size_t place = 0, n = make_key(text, len, key, &place);

	return n && r->keys[place] && strcmp(r->keys[place], key) == 0;
}

void recall_note(struct recall *r, const char *text, size_t len)
{
	char key[RECALL_MAX_BYTES + 1], *kept;
	size_t place = 0, n = make_key(text, len, key, &place);

	if (!n || memchr(text, 1, len) || !is_query(text) || makes_table(text))
		return;
	kept = mem_strdup(key);
	if (!kept)
		return;
	mem_free(r->keys[place]);
	r->keys[place] = kept;
}

bool recall_changes(const char *text, size_t len)
{
	static const char *const harmless[] = { "select", "insert", "update", "delete",   "with",  "begin", "start",
						"commit", "end",    "abort",  "rollback", "fetch", "close", "declare" };

	while (len && (text[len - 1] == ';' || isspace((unsigned char)text[len - 1])))
		len--;
	/* Several statements, or a function that sets something: what they do is not looked at. */
	return !begins(text, harmless, sizeof(harmless) / sizeof(harmless[0])) || memchr(text, ';', len) ||
	       strcasestr(text, "set_config") || makes_table(text);
}

void recall_watch(struct recall *r, const char *text, size_t len)
{
	if (recall_changes(text, len))
		recall_forget(r);
}

void recall_forget(struct recall *r)
{
	for (size_t i = 0; i < RECALL_ENTRIES; i++) {
		mem_free(r->keys[i]);
		r->keys[i] = NULL;
	}
}
