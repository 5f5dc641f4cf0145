#include "sandbox/access/cidr.h"
#include "spark/sandbox/access.h"

/* Groups' documents are described in http/ec2_group.c. */
static bool rule_allows(const struct json *rule, const struct cidr *peer, int port)
{
	const char *protocol = json_str(rule, "protocol", "");
	struct cidr network;

	if (json_bool(rule, "egress", false))
		return false;
	if (strcmp(protocol, "-1") &&
	    (strcmp(protocol, "tcp") || port < json_int(rule, "fromPort", -1) || port > json_int(rule, "toPort", -1)))
		return false;
	/* A rule for members of a group lets in network interfaces of it: no client on this machine is one. */
	return cidr_parse(json_str(rule, "cidr", ""), false, &network) && cidr_contains(&network, peer);
}

bool access_ingress_allows(struct world *w, const struct json *cluster, const char *peer_ip, int port)
{
	static const char mapped[] = "::ffff:";
	const char *region = json_str(cluster, "region", w->default_region);
	struct cidr peer;
	bool allowed = false;

	/* An IPv4 client on a socket of both families. */
	if (!strncasecmp(peer_ip, mapped, sizeof(mapped) - 1) && strchr(peer_ip, '.'))
		peer_ip += sizeof(mapped) - 1;
	/* The loopback of IPv6 is the same machine as that of IPv4: a rule for 127.0.0.1/32 means both. */
	if (!strcmp(peer_ip, "::1"))
		peer_ip = "127.0.0.1";
	if (!cidr_parse(peer_ip, true, &peer))
		return false;
	store_lock(w->store);
	for (const struct json *g = json_first(json_get(cluster, "vpcSecurityGroupIds")); g && !allowed;
	     g = json_next(g)) {
		const struct json *group;
		char id[160];

		if (!json_text(g))
			continue;
		snprintf(id, sizeof(id), "%s/%s", region, json_text(g));
		group = store_get(w->store, "ec2:security-group", id);
		for (const struct json *r = json_first(json_get(group, "rules")); r && !allowed; r = json_next(r))
			allowed = rule_allows(r, &peer, port);
	}
	store_unlock(w->store);
	return allowed;
}
