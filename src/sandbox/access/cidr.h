#ifndef SPARK_SANDBOX_ACCESS_CIDR_H
#define SPARK_SANDBOX_ACCESS_CIDR_H

#include <stdbool.h>

/* A network of IPv4 or IPv6. */
struct cidr {
	int family;              /* AF_INET, AF_INET6 */
	unsigned char bytes[16]; /* network order */
	int prefix;              /* bits */
};

/* "10.0.0.0/8"; an address alone is a network of one when `bare` allows it. */
bool cidr_parse(const char *text, bool bare, struct cidr *out);
/* Clears the bits behind the prefix, and writes the network as text. */
#define CIDR_TEXT 64
void cidr_canonical(struct cidr *c, char out[CIDR_TEXT]);
bool cidr_contains(const struct cidr *network, const struct cidr *address);

#endif
