/* May a request be heard at all? */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "sandbox/http/dispatch.h"

#define NAME_MAX_BYTES 300

/* The host name of a Host or Origin value: without scheme, port and brackets, lower case. False when it is no name. */
static bool host_name(const char *value, char *out, size_t size)
{
	const char *scheme = strstr(value, "://"), *end;
	size_t len;

	if (scheme)
		value = scheme + 3;
	if (*value == '[') {
		end = strchr(++value, ']');
		if (!end)
			return false;
	} else {
		end = value + strcspn(value, ":/");
	}
	len = (size_t)(end - value);
	if (!len || len >= size)
		return false;
	for (size_t i = 0; i < len; i++)
		out[i] = (char)(value[i] >= 'A' && value[i] <= 'Z' ? value[i] + 32 : value[i]);
	out[len] = 0;
	if (len > 1 && out[len - 1] == '.')
		out[len - 1] = 0;
	return true;
}

static bool is_ipv4_loopback(const char *name)
{
	struct in_addr a;

	return inet_pton(AF_INET, name, &a) == 1 && ntohl(a.s_addr) >> 24 == 127;
}

static bool is_address(const char *name)
{
	struct in6_addr a;

	return inet_pton(AF_INET, name, &a) == 1 || inet_pton(AF_INET6, name, &a) == 1;
}

static bool is_loopback(const char *name)
{
	static const char suffix[] = ".localhost";
	size_t len = strlen(name);

	return !strcmp(name, "localhost") || !strcmp(name, "::1") || is_ipv4_loopback(name) ||
	       (len >= sizeof(suffix) && !strcmp(name + len - (sizeof(suffix) - 1), suffix));
}

/* Did the connection come in at an address that others can reach? Then --bind said so. */
static bool came_from_outside(int fd)
{
	struct sockaddr_storage a = { 0 };
	socklen_t len = sizeof(a);

	if (fd <= 0 || getsockname(fd, (struct sockaddr *)&a, &len))
		return false;
	if (a.ss_family == AF_INET)
		return ntohl(((struct sockaddr_in *)(void *)&a)->sin_addr.s_addr) >> 24 != 127;
	return a.ss_family == AF_INET6 && !IN6_IS_ADDR_LOOPBACK(&((struct sockaddr_in6 *)(void *)&a)->sin6_addr);
}

static bool is_allowed(const struct world *w, const char *name)
{
	for (const char *const *one = w->allowed_hosts; one && *one; one++)
		if (!strcasecmp(*one, name))
			return true;
	return false;
}

/* A name that someone else's DNS can point here is what rebinding needs; an address cannot be rebound. */
static bool host_is_ours(const struct world *w, const struct http_request *r, const char *name)
{
	return is_loopback(name) || is_allowed(w, name) || (is_address(name) && came_from_outside(r->connection_fd));
}

static size_t count_headers(const struct http_request *r, const char *name)
{
	size_t count = 0;

	for (size_t i = 0; i < r->header_count; i++)
		count += !strcasecmp(r->headers[i].name, name);
	return count;
}

/* A page elsewhere that embeds or fetches us. To follow a link to us, a presigned one, is the user's own doing. */
static bool is_embedded(const struct http_request *r)
{
	const char *site = http_header(r, "sec-fetch-site"), *mode = http_header(r, "sec-fetch-mode");

	return site && !strcasecmp(site, "cross-site") && (!mode || strcasecmp(mode, "navigate") != 0);
}

int dispatch_check_sender(const struct world *w, const struct http_request *r, struct err *err)
{
	const char *host = http_header(r, "host"), *origin = http_header(r, "origin");
	char name[NAME_MAX_BYTES], page[NAME_MAX_BYTES];

	if (count_headers(r, "host") > 1 || count_headers(r, "origin") > 1)
		return service_error(err, 400, "InvalidRequest", "The request has more than one Host or Origin");
	if (!host || !host_name(host, name, sizeof(name)) || !host_is_ours(w, r, name))
		return service_error(err, 403, "AccessDenied",
				     "The host '%.200s' is not this machine; use localhost or 127.0.0.1, or start the "
				     "sandbox with --allow-host",
				     host ? host : "");
	if (origin && (!host_name(origin, page, sizeof(page)) || (!is_loopback(page) && strcmp(page, name) != 0)))
		return service_error(err, 403, "AccessDenied", "Requests from pages of '%.200s' are not served",
				     origin);
	if (is_embedded(r))
		return service_error(err, 403, "AccessDenied", "Requests from pages of other sites are not served");
	return 0;
}
