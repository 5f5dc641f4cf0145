/* Layer: aws. A shared file of the AWS tools is refused with its place, or every key is found again where it was put,
 * and secrets are kept apart from the rest. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "aws/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct profiles *p)
{
	for (size_t i = 0; i < p->count; i++) {
		const struct profile_entry *e = &p->entries[i];
		const struct profile_entry *found = profiles_find(p, e->file, e->kind, e->name, e->key);
		bool secret = strcmp(e->key, "aws_secret_access_key") == 0 || strcmp(e->key, "aws_session_token") == 0;

		if (!found || found < e || !profiles_have(p, e->kind, e->name))
			abort();
		if (secret != (e->value == NULL) || (!secret && secret_is_set(&e->secret)))
			abort();
		if (secret && profiles_get(p, e->kind, e->name, e->key))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum profile_file files[] = { PROFILE_CREDENTIALS, PROFILE_CONFIG };

	for (size_t i = 0; i < 2; i++) {
		struct profiles p = { 0 };
		struct err err = { 0 };

		if (profiles_add_text(&p, files[i], "fuzz", (const char *)data, size, &err) == 0)
			check(&p);
		else if (err.kind != ERR_CONFIG || strncmp(err.text, "fuzz:", 5) != 0)
			abort();
		profiles_clear(&p);
	}
	return 0;
}
