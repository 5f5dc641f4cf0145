#include "spark/sandbox/https.h"

int https_keys_make(struct ca *ca, const char *const *names, size_t count, struct https_keys *out, struct err *err)
{
	struct https_keys k;

	buf_init(&k.cert, 65536);
	buf_init(&k.key, 65536);
	if (ca_permit(ca, names, count, err) || ca_issue(ca, names, count, &k.cert, &k.key, err)) {
		https_keys_clear(&k);
		return -1;
	}
	*out = k;
	return 0;
}

void https_keys_clear(struct https_keys *k)
{
	buf_wipe(&k->key);
	buf_clear(&k->cert);
}
