#include "sandbox/wire/known.h"

#include <string.h>

#include "spark/base/mem.h"

static struct known_entry *place_of(struct known *k, const char *question)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (const char *c = question; *c; c++)
		hash = (hash ^ (unsigned char)*c) * UINT64_C(0x100000001b3);
	return &k->entries[(hash ^ (hash >> 32)) % KNOWN_ENTRIES];
}

static void clear_entry(struct known_entry *e)
{
	mem_free(e->question);
	mem_free(e->text);
	memset(e, 0, sizeof(*e));
}

bool known_find(struct known *k, uint64_t generation, const char *question, int *answer, struct buf *out)
{
	const struct known_entry *e = place_of(k, question);

	if (k->generation != generation)
		known_forget(k);
	if (k->changing || !e->question || strcmp(e->question, question) != 0)
		return false;
	if (out && e->text)
		buf_puts(out, e->text);
	*answer = e->answer;
	return true;
}

void known_note(struct known *k, uint64_t generation, const char *question, int answer, const char *text)
{
	struct known_entry *e = place_of(k, question);
	struct known_entry kept = { .answer = answer };

	if (k->changing || strlen(question) + (text ? strlen(text) : 0) > KNOWN_MAX_BYTES)
		return;
	if (k->generation != generation)
		known_forget(k);
	kept.question = mem_strdup(question);
	kept.text = text ? mem_strdup(text) : NULL;
	if (!kept.question || (text && !kept.text)) {
		clear_entry(&kept);
		return;
	}
	clear_entry(e);
	*e = kept;
	k->generation = generation;
}

void known_change(struct known *k)
{
	k->changing = true;
	known_forget(k);
}

bool known_settle(struct known *k, bool all_done)
{
	bool changed = k->changing;

	/* What is still on its way may be such a statement too. */
	if (all_done)
		k->changing = false;
	return changed;
}

void known_forget(struct known *k)
{
	for (size_t i = 0; i < KNOWN_ENTRIES; i++)
		clear_entry(&k->entries[i]);
}
