#include "spark/sandbox/https.h"

int https_keys_make(struct ca *ca, const char *host, struct https_keys *out, struct err *err)
{
	/* Two labels behind the asterisk are what most TLS libraries want. */
	const char *names[] = {
		"localhost", "*.localhost", "s3.localhost", "*.s3.localhost", "127.0.0.1", "::1", host
	};
	struct https_keys k;

	buf_init(&k.cert, 65536);
	buf_init(&k.key, 65536);
	if (ca_issue(ca, names, sizeof(names) / sizeof(*names), &k.cert, &k.key, err)) {
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
