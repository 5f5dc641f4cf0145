#include "spark/sandbox/world.h"

#include "spark/base/secret.h"

/* Appends `digits` characters of `alphabet`, whose length is a power of two so that no character is likelier. */
static int random_id(const char *prefix, int digits, const char *alphabet, unsigned mask, char *out, size_t size,
		     struct err *err)
{
	unsigned char random[64];
	size_t at = strlen(prefix);

	if (digits < 0 || (size_t)digits > sizeof(random) || at + (size_t)digits + 1 > size)
		return err_set(err, ERR_BUG, "no room for an identifier of %d digits", digits);
	if (secret_random_bytes(random, (size_t)digits, err))
		return -1;
	memcpy(out, prefix, at);
	for (int i = 0; i < digits; i++)
		out[at++] = alphabet[random[i] & mask];
	out[at] = 0;
	return 0;
}

int world_id_hex(const char *prefix, int digits, char *out, size_t size, struct err *err)
{
	char made[128];

	/* A real EC2 id of 17 digits begins with 0. */
	if (digits == 17) {
		if (random_id("0", 16, "0123456789abcdef", 15, made, sizeof(made), err))
			return -1;
	} else if (random_id("", digits, "0123456789abcdef", 15, made, sizeof(made), err)) {
		return -1;
	}
	if ((size_t)snprintf(out, size, "%s%s", prefix, made) >= size)
		return err_set(err, ERR_BUG, "no room for an identifier of %d digits", digits);
	return 0;
}

int world_id_base32(const char *prefix, int digits, char *out, size_t size, struct err *err)
{
	return random_id(prefix, digits, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 31, out, size, err);
}
