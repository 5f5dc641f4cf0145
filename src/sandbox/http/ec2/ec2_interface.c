#include "sandbox/http/ec2/ec2.h"

#include <arpa/inet.h>

#include "spark/base/hash.h"

/* The interfaces that Redshift makes for its nodes. Nothing of them is stored: the same cluster and node give the same
 * ids and addresses at each call. */

#define DESCRIPTION "RedshiftNetworkInterface"

/* Addresses of a node: consecutive in the subnet from where the cluster's hash points, public ones of TEST-NET-3, which
 * nobody has. */
static int set_addresses(struct json *doc, const struct ec2_interface *i, const unsigned char hash[32], struct err *err)
{
	unsigned start = (unsigned)hash[0] << 8 | hash[1], usable;
	char ip[INET_ADDRSTRLEN], public_ip[INET_ADDRSTRLEN];
	struct in_addr address;
	struct cidr c;

	if (!cidr_parse(json_str(i->subnet, "cidr", ""), false, &c) || c.family != AF_INET || c.prefix > 28)
		return err_set(err, ERR_BUG, "subnet '%s' has no network", json_str(i->subnet, "id", ""));
	usable = (1U << (32 - c.prefix)) - 5;
	memcpy(&address, c.bytes, sizeof(address));
	address.s_addr = htonl(ntohl(address.s_addr) + 4 + (start + (unsigned)i->node) % usable);
	if (!inet_ntop(AF_INET, &address, ip, sizeof(ip)))
		return err_set(err, ERR_BUG, "cannot write an address");
	snprintf(public_ip, sizeof(public_ip), "203.0.113.%u", 1 + (start + (unsigned)i->node) % 254);
	if (json_set_str(doc, "privateIp", ip) ||
	    (json_bool(i->cluster, "publiclyAccessible", false) && json_set_str(doc, "publicIp", public_ip)))
		return err_nomem(err);
	return 0;
}

static int set_ids(struct json *doc, const struct ec2_interface *i, const unsigned char hash[32], struct err *err)
{
	char hex[65], id[32], attachment[40], mac[24];

	hash_hex(hash, 32, hex);
	snprintf(id, sizeof(id), "eni-%.14s%03x", hex + 4, (unsigned)i->node & 0xfff);
	snprintf(attachment, sizeof(attachment), "eni-attach-%.14s%03x", hex + 20, (unsigned)i->node & 0xfff);
	snprintf(mac, sizeof(mac), "02:%02x:%02x:%02x:%02x:%02x", hash[20], hash[21], hash[22], i->node >> 8 & 0xff,
		 i->node & 0xff);
	if (json_set_str(doc, "id", id) || json_set_str(doc, "attachmentId", attachment) ||
	    json_set_str(doc, "mac", mac))
		return err_nomem(err);
	return 0;
}

static int set_texts(struct json *doc, const struct world *w, const struct ec2_interface *i, struct err *err)
{
	const struct json *groups = json_get(i->cluster, "vpcSecurityGroupIds");
	const struct {
		const char *member, *text;
	} texts[] = {
		{ "subnetId", json_str(i->subnet, "id", "") },
		{ "vpcId", json_str(i->subnet, "vpcId", "") },
		{ "zone", json_str(i->subnet, "zone", "") },
		{ "ownerId", w->account },
		{ "requesterId", "amazon-redshift" },
		{ "description", DESCRIPTION },
		{ "status", "in-use" },
		{ "interfaceType", "interface" },
		{ "attachmentStatus", "attached" },
		{ "requesterManaged", "true" },
		{ "zoneId", json_str(i->subnet, "zoneId", "") },
		{ "deleteOnTermination", "false" },
		{ "deviceIndex", "1" },
		{ "sourceDestCheck", "true" },
		{ "primary", "true" },
		{ "ipOwnerId", json_bool(i->cluster, "publiclyAccessible", false) ? "amazon" : NULL },
	};

	for (size_t n = 0; n < sizeof(texts) / sizeof(*texts); n++)
		if (texts[n].text && json_set_str(doc, texts[n].member, texts[n].text))
			return err_nomem(err);
	return json_set(doc, "groups", groups ? json_copy(groups) : json_new_array()) ||
			       json_set_int(doc, "attachedMs", json_int(i->cluster, "createdMs", 0)) ||
			       json_set(doc, "tags", json_new_object())
		       ? err_nomem(err)
		       : 0;
}

/* What the filters and the reply need of an interface, as a document. */
static struct json *interface_doc(const struct world *w, const struct ec2_interface *i, struct err *err)
{
	const char *name = json_str(i->cluster, "namespace", json_str(i->cluster, "id", ""));
	unsigned char hash[32];
	struct json *doc = json_new_object();

	if (!doc) {
		err_nomem(err);
		return NULL;
	}
	if (!hash_sha256(name, strlen(name), hash, err) && !set_ids(doc, i, hash, err) &&
	    !set_addresses(doc, i, hash, err) && !set_texts(doc, w, i, err))
		return doc;
	json_free(doc);
	return NULL;
}

static void write_association(struct buf *out, const char *public_ip)
{
	if (!public_ip)
		return;
	xml_open(out, "association");
	xml_element(out, "publicIp", public_ip);
	xml_element(out, "publicDnsName", "");
	xml_element(out, "ipOwnerId", "amazon");
	xml_close(out, "association");
}

static void write_attachment(struct buf *out, const struct json *doc)
{
	char at[CLOCK_TEXT];

	clock_iso(json_int(doc, "attachedMs", 0), at);
	xml_open(out, "attachment");
	xml_element(out, "attachmentId", json_str(doc, "attachmentId", ""));
	xml_element(out, "instanceOwnerId", "amazon-redshift");
	xml_element(out, "deviceIndex", "1");
	xml_element(out, "status", "attached");
	xml_element(out, "attachTime", at);
	xml_element(out, "deleteOnTermination", "false");
	xml_close(out, "attachment");
}

static void write_groups(struct buf *out, const struct world *w, const char *region, const struct json *groups)
{
	char id[EC2_ID_SIZE];

	xml_open(out, "groupSet");
	for (const struct json *g = json_first(groups); g; g = json_next(g)) {
		ec2_doc_id(id, region, json_text(g));
		xml_open(out, "item");
		xml_element(out, "groupId", json_text(g));
		xml_element(out, "groupName", json_str(store_get(w->store, "ec2:security-group", id), "name", ""));
		xml_close(out, "item");
	}
	xml_close(out, "groupSet");
}

static void write_interface(struct buf *out, const struct world *w, const struct caller *who, const struct json *doc)
{
	const char *ip = json_str(doc, "privateIp", ""), *public_ip = json_str(doc, "publicIp", NULL);

	xml_open(out, "item");
	xml_element(out, "networkInterfaceId", json_str(doc, "id", ""));
	xml_element(out, "subnetId", json_str(doc, "subnetId", ""));
	xml_element(out, "vpcId", json_str(doc, "vpcId", ""));
	xml_element(out, "availabilityZone", json_str(doc, "zone", ""));
	xml_element(out, "description", DESCRIPTION);
	xml_element(out, "ownerId", w->account);
	xml_element(out, "requesterId", json_str(doc, "requesterId", ""));
	xml_element(out, "requesterManaged", "true");
	xml_element(out, "status", "in-use");
	xml_element(out, "macAddress", json_str(doc, "mac", ""));
	xml_element(out, "privateIpAddress", ip);
	xml_element(out, "sourceDestCheck", "true");
	write_groups(out, w, who->region, json_get(doc, "groups"));
	write_attachment(out, doc);
	write_association(out, public_ip);
	xml_open(out, "privateIpAddressesSet");
	xml_open(out, "item");
	xml_element(out, "privateIpAddress", ip);
	xml_element(out, "primary", "true");
	write_association(out, public_ip);
	xml_close(out, "item");
	xml_close(out, "privateIpAddressesSet");
	buf_puts(out, "<ipv6AddressesSet/>");
	xml_element(out, "interfaceType", "interface");
	ec2_tags_write(out, json_get(doc, "tags"));
	xml_close(out, "item");
}

static void offer_group(struct ec2_match *m, const struct json *doc)
{
	for (const struct json *g = json_first(json_get(doc, "groups")); g; g = json_next(g))
		ec2_offer(m, json_text(g));
}

static void offer_group_name(struct ec2_match *m, const struct json *doc)
{
	char id[EC2_ID_SIZE];

	for (const struct json *g = json_first(json_get(doc, "groups")); g; g = json_next(g)) {
		ec2_doc_id(id, m->region, json_text(g));
		ec2_offer(m, json_str(store_get(m->world->store, "ec2:security-group", id), "name", NULL));
	}
}

static void offer_attach_time(struct ec2_match *m, const struct json *doc)
{
	char at[CLOCK_TEXT];

	clock_iso(json_int(doc, "attachedMs", 0), at);
	ec2_offer(m, at);
}

static const struct ec2_filter_row filters[] = {
	{ "network-interface-id", "id", NULL },
	{ "subnet-id", "subnetId", NULL },
	{ "vpc-id", "vpcId", NULL },
	{ "availability-zone", "zone", NULL },
	{ "group-id", NULL, offer_group },
	{ "group-name", NULL, offer_group_name },
	{ "status", "status", NULL },
	{ "description", "description", NULL },
	{ "owner-id", "ownerId", NULL },
	{ "requester-id", "requesterId", NULL },
	{ "requester-managed", "requesterManaged", NULL },
	{ "interface-type", "interfaceType", NULL },
	{ "mac-address", "mac", NULL },
	{ "private-ip-address", "privateIp", NULL },
	{ "addresses.private-ip-address", "privateIp", NULL },
	{ "association.public-ip", "publicIp", NULL },
	{ "addresses.association.public-ip", "publicIp", NULL },
	{ "attachment.attachment-id", "attachmentId", NULL },
	{ "attachment.instance-owner-id", "requesterId", NULL },
	{ "attachment.status", "attachmentStatus", NULL },
	{ "attachment.delete-on-termination", "deleteOnTermination", NULL },
	{ "attachment.device-index", "deviceIndex", NULL },
	{ "attachment.attach-time", NULL, offer_attach_time },
	{ "availability-zone-id", "zoneId", NULL },
	{ "source-dest-check", "sourceDestCheck", NULL },
	{ "addresses.primary", "primary", NULL },
	{ "association.ip-owner-id", "ipOwnerId", NULL },
	{ "addresses.association.owner-id", "ipOwnerId", NULL },
	{ "association.allocation-id", EC2_NONE_HAS, NULL },
	{ "association.association-id", EC2_NONE_HAS, NULL },
	{ "association.public-dns-name", EC2_NONE_HAS, NULL },
	{ "attachment.instance-id", EC2_NONE_HAS, NULL },
	{ "ipv6-addresses.ipv6-address", EC2_NONE_HAS, NULL },
	{ "private-dns-name", EC2_NONE_HAS, NULL },
	{ "operator.managed", EC2_NONE_HAS, NULL },
	{ "operator.principal", EC2_NONE_HAS, NULL },
};

struct describing {
	const struct world *world;
	const struct caller *who;
	const struct params *params;
	struct ec2_filters filters;
	struct ec2_page page;
	struct json *seen; /* id to true, of all interfaces that there are */
	struct buf *out;
	struct err *err;
	bool failed;
};

static int describe_one(void *arg, const struct ec2_interface *i)
{
	struct describing *d = arg;
	struct json *doc = interface_doc(d->world, i, d->err);

	if (!doc || json_set_bool(d->seen, json_str(doc, "id", ""), true)) {
		if (doc)
			err_nomem(d->err);
		d->failed = true;
	} else if (ec2_asked_for(d->params, "NetworkInterfaceId", json_str(doc, "id", "")) &&
		   ec2_filters_hold(&d->filters, doc) && ec2_page_takes(&d->page)) {
		write_interface(d->out, d->world, d->who, doc);
	}
	json_free(doc);
	return d->failed;
}

static int check_asked(const struct describing *d, struct err *err)
{
	const char *id;

	for (int n = 1; (id = params_getf(d->params, "NetworkInterfaceId.%d", n)); n++)
		if (!json_get(d->seen, id))
			return service_error(err, 400, "InvalidNetworkInterfaceID.NotFound",
					     "The networkInterface ID '%.60s' does not exist", id);
	return 0;
}

EC2_HANDLER(ec2_describe_network_interfaces)
{
	struct describing d = { .world = w, .who = who, .params = p, .out = out, .err = err };
	const char *id;
	int rc = -1;

	for (int n = 1; (id = params_getf(p, "NetworkInterfaceId.%d", n)); n++)
		if (strncmp(id, "eni-", 4) || !id[4] || id[4 + strspn(id + 4, "0123456789abcdef")])
			return service_error(err, 400, "InvalidNetworkInterfaceId.Malformed",
					     "Invalid id: \"%.100s\" (expecting \"eni-...\")", id);
	if (ec2_page_begin(p, &d.page, err) ||
	    ec2_filters_begin(&d.filters, p, filters, sizeof(filters) / sizeof(*filters), err))
		return -1;
	ec2_filters_see(&d.filters, w, who->region);
	d.seen = json_new_object();
	if (!d.seen)
		return err_nomem(err);
	xml_open(out, "networkInterfaceSet");
	ec2_each_interface(w, who->region, describe_one, &d);
	xml_close(out, "networkInterfaceSet");
	if (!d.failed && !check_asked(&d, err)) {
		ec2_page_end(&d.page, out);
		rc = 0;
	}
	json_free(d.seen);
	return rc;
}
