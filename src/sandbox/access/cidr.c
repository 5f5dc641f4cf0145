#include "sandbox/access/cidr.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool cidr_parse(const char *text, bool bare, struct cidr *out)
{
	const char *slash = strchr(text, '/');
	char address[64], *end;
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	long prefix;
	int bits;

	if ((!slash && !bare) || len >= sizeof(address))
		return false;
	memcpy(address, text, len);
	address[len] = 0;
	memset(out, 0, sizeof(*out));
	if (inet_pton(AF_INET, address, out->bytes) == 1)
		out->family = AF_INET, bits = 32;
	else if (inet_pton(AF_INET6, address, out->bytes) == 1)
		out->family = AF_INET6, bits = 128;
	else
		return false;
	if (!slash) {
		out->prefix = bits;
		return true;
	}
	if (slash[1] < '0' || slash[1] > '9')
		return false;
	prefix = strtol(slash + 1, &end, 10);
	if (*end || prefix < 0 || prefix > bits)
		return false;
	out->prefix = (int)prefix;
	return true;
}

void cidr_canonical(struct cidr *c, char out[CIDR_TEXT])
{
	char address[INET6_ADDRSTRLEN] = "";

	for (int i = c->prefix; i < (c->family == AF_INET ? 32 : 128); i++)
		c->bytes[i / 8] &= (unsigned char)~(0x80 >> (i % 8));
	inet_ntop(c->family, c->bytes, address, sizeof(address));
	snprintf(out, CIDR_TEXT, "%s/%d", address, c->prefix);
}

bool cidr_contains(const struct cidr *network, const struct cidr *address)
{
	int whole = network->prefix / 8, rest = network->prefix % 8;

	if (network->family != address->family || network->prefix > address->prefix ||
	    memcmp(network->bytes, address->bytes, (size_t)whole))
		return false;
	return !rest || (network->bytes[whole] ^ address->bytes[whole]) >> (8 - rest) == 0;
}
