#include "sandbox/tls/names.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>

#include "spark/base/mem.h"

#define NAME_MAX_BYTES 253

bool tls_names_is_address(const char *name)
{
	unsigned char bytes[16];

	return inet_pton(AF_INET, name, bytes) == 1 || inet_pton(AF_INET6, name, bytes) == 1;
}

static int add(struct tls_names *n, const char *name, struct err *err)
{
	for (size_t i = 0; i < n->count; i++)
		if (strcmp(n->list[i], name) == 0)
			return 0;
	if (mem_grow(&n->list, &n->cap, n->count, sizeof(*n->list)))
		return err_nomem(err);
	n->list[n->count] = mem_strdup(name);
	return n->list[n->count] ? (n->count++, 0) : err_nomem(err);
}

/* Letters, digits, hyphens and underscores between dots; what else a certificate's list of names would misread. */
static bool is_host_name(const char *name)
{
	size_t len = strlen(name), label = 0;

	if (len == 0 || len > NAME_MAX_BYTES)
		return false;
	for (size_t i = 0; i < len; i++) {
		bool letter = (name[i] >= 'a' && name[i] <= 'z') || (name[i] >= 'A' && name[i] <= 'Z');

		if (name[i] == '.') {
			if (label == 0)
				return false;
			label = 0;
		} else if (letter || (name[i] >= '0' && name[i] <= '9') || name[i] == '_' ||
			   (name[i] == '-' && label > 0)) {
			label++;
		} else {
			return false;
		}
	}
	return label > 0;
}

static int add_allowed(struct tls_names *n, const char *name, struct err *err)
{
	if (!tls_names_is_address(name) && !is_host_name(name)) {
		err_set(err, ERR_CONFIG, "'%s' is no host name", name);
		return err_hint(err, "give the name, without scheme and port, by which others reach this machine");
	}
	return add(n, name, err);
}

/* 0.0.0.0 or :: means all addresses that the machine has now. */
static int add_addresses(struct tls_names *n, struct err *err)
{
	struct ifaddrs *all, *a;
	int rc = 0;

	if (getifaddrs(&all))
		return 0;
	for (a = all; a && !rc; a = a->ifa_next) {
		char text[INET6_ADDRSTRLEN] = "";

		if (!a->ifa_addr || !(a->ifa_flags & IFF_UP))
			continue;
		if (a->ifa_addr->sa_family == AF_INET)
			inet_ntop(AF_INET, &((struct sockaddr_in *)(void *)a->ifa_addr)->sin_addr, text, sizeof(text));
		else if (a->ifa_addr->sa_family == AF_INET6)
			inet_ntop(AF_INET6, &((struct sockaddr_in6 *)(void *)a->ifa_addr)->sin6_addr, text,
				  sizeof(text));
		if (text[0])
			rc = add(n, text, err);
	}
	freeifaddrs(all);
	return rc;
}

int tls_names_make(const char *bind, const char *const *allowed, struct tls_names *out, struct err *err)
{
	/* Two labels behind the asterisk are what most TLS libraries want. */
	static const char *const own[] = { "localhost",      "*.localhost", "s3.localhost",
					   "*.s3.localhost", "127.0.0.1",   "::1" };
	bool all = strcmp(bind, "0.0.0.0") == 0 || strcmp(bind, "::") == 0;
	struct tls_names n = { 0 };
	int rc = 0;

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]) && !rc; i++)
		rc = add(&n, own[i], err);
	if (!rc)
		rc = all ? add_addresses(&n, err) : add(&n, bind, err);
	for (; allowed && *allowed && !rc; allowed++)
		rc = add_allowed(&n, *allowed, err);
	if (rc) {
		tls_names_clear(&n);
		return -1;
	}
	*out = n;
	return 0;
}

void tls_names_clear(struct tls_names *n)
{
	for (size_t i = 0; i < n->count; i++)
		mem_free(n->list[i]);
	mem_free(n->list);
	memset(n, 0, sizeof(*n));
}
