#include "sandbox/http/ec2/ec2.h"

#include "spark/base/hash.h"

/* Network ACLs: each VPC has its default one, which lets everything pass. None can be made or changed here, so nothing
 * is stored: the ids come from those of the VPC and its subnets. */

#define ACL_ID_SIZE 48

static int derive_id(const char *prefix, const char *of, char out[ACL_ID_SIZE], struct err *err)
{
	char hex[SHA256_HEX];

	if (hash_sha256_hex(of, strlen(of), hex, err))
		return -1;
	snprintf(out, ACL_ID_SIZE, "%s%.17s", prefix, hex);
	return 0;
}

/* {"associationId", "subnetId"} for each subnet of the VPC. */
struct gathering {
	const char *vpc;
	struct json *associations;
	struct err *err;
	bool failed;
};

static int gather_subnet(void *arg, const char *id, const struct json *subnet)
{
	struct gathering *g = arg;
	char association[ACL_ID_SIZE];
	struct json *item;

	(void)id;
	if (strcmp(json_str(subnet, "vpcId", ""), g->vpc))
		return 0;
	if (derive_id("aclassoc-", json_str(subnet, "id", ""), association, g->err)) {
		g->failed = true;
		return 1;
	}
	item = json_new_object();
	if (!item || json_set_str(item, "associationId", association) ||
	    json_set_str(item, "subnetId", json_str(subnet, "id", ""))) {
		json_free(item);
		g->failed = true;
	} else {
		g->failed = json_append(g->associations, item) != 0;
	}
	if (g->failed)
		err_nomem(g->err);
	return g->failed;
}

static struct json *acl_doc(const struct world *w, const struct caller *who, const struct json *vpc, struct err *err)
{
	struct gathering g = { .vpc = json_str(vpc, "id", ""), .err = err };
	struct json *doc = NULL;
	char prefix[EC2_ID_SIZE], id[ACL_ID_SIZE];

	if (derive_id("acl-", g.vpc, id, err))
		return NULL;
	doc = json_new_object();
	if (!doc || json_set_str(doc, "id", id) || json_set_str(doc, "vpcId", g.vpc) ||
	    json_set_str(doc, "ownerId", w->account) || json_set_bool(doc, "default", true) ||
	    json_set(doc, "tags", json_new_object()) || json_set(doc, "associations", json_new_array())) {
		json_free(doc);
		err_nomem(err);
		return NULL;
	}
	g.associations = json_get_mut(doc, "associations");
	ec2_doc_id(prefix, who->region, "");
	store_each(w->store, "ec2:subnet", prefix, gather_subnet, &g);
	if (!g.failed)
		return doc;
	json_free(doc);
	return NULL;
}

static void write_entry(struct buf *out, bool egress, bool allow)
{
	xml_open(out, "item");
	xml_element(out, "ruleNumber", allow ? "100" : "32767");
	xml_element(out, "protocol", "-1");
	xml_element(out, "ruleAction", allow ? "allow" : "deny");
	xml_element(out, "egress", egress ? "true" : "false");
	xml_element(out, "cidrBlock", "0.0.0.0/0");
	xml_close(out, "item");
}

static void write_acl(struct buf *out, const struct world *w, const struct json *doc)
{
	const char *id = json_str(doc, "id", "");

	xml_open(out, "item");
	xml_element(out, "networkAclId", id);
	xml_element(out, "vpcId", json_str(doc, "vpcId", ""));
	xml_element(out, "ownerId", w->account);
	xml_element(out, "default", "true");
	xml_open(out, "entrySet");
	for (int i = 0; i < 4; i++)
		write_entry(out, i < 2, i % 2 == 0);
	xml_close(out, "entrySet");
	xml_open(out, "associationSet");
	for (const struct json *a = json_first(json_get(doc, "associations")); a; a = json_next(a)) {
		xml_open(out, "item");
		xml_element(out, "networkAclAssociationId", json_str(a, "associationId", ""));
		xml_element(out, "networkAclId", id);
		xml_element(out, "subnetId", json_str(a, "subnetId", ""));
		xml_close(out, "item");
	}
	xml_close(out, "associationSet");
	ec2_tags_write(out, json_get(doc, "tags"));
	xml_close(out, "item");
}

static void offer_associations(struct ec2_match *m, const struct json *doc, const char *member)
{
	for (const struct json *a = json_first(json_get(doc, "associations")); a; a = json_next(a))
		ec2_offer(m, json_str(a, member, NULL));
}

static void offer_subnets(struct ec2_match *m, const struct json *doc)
{
	offer_associations(m, doc, "subnetId");
}

static void offer_association_ids(struct ec2_match *m, const struct json *doc)
{
	offer_associations(m, doc, "associationId");
}

/* All ACLs have the same four entries. */
static void offer_texts(struct ec2_match *m, const char *one, const char *other)
{
	ec2_offer(m, one);
	ec2_offer(m, other);
}

static void offer_numbers(struct ec2_match *m, const struct json *doc)
{
	(void)doc;
	offer_texts(m, "100", "32767");
}

static void offer_actions(struct ec2_match *m, const struct json *doc)
{
	(void)doc;
	offer_texts(m, "allow", "deny");
}

static void offer_directions(struct ec2_match *m, const struct json *doc)
{
	(void)doc;
	offer_texts(m, "true", "false");
}

static void offer_networks(struct ec2_match *m, const struct json *doc)
{
	(void)doc;
	ec2_offer(m, "0.0.0.0/0");
}

static void offer_protocols(struct ec2_match *m, const struct json *doc)
{
	(void)doc;
	ec2_offer(m, "-1");
}

static const struct ec2_filter_row filters[] = {
	{ "network-acl-id", "id", NULL },
	{ "association.network-acl-id", "id", NULL },
	{ "association.association-id", NULL, offer_association_ids },
	{ "association.subnet-id", NULL, offer_subnets },
	{ "vpc-id", "vpcId", NULL },
	{ "owner-id", "ownerId", NULL },
	{ "default", "default", NULL },
	{ "entry.cidr", NULL, offer_networks },
	{ "entry.protocol", NULL, offer_protocols },
	{ "entry.egress", NULL, offer_directions },
	{ "entry.rule-action", NULL, offer_actions },
	{ "entry.rule-number", NULL, offer_numbers },
	{ "entry.ipv6-cidr", EC2_NONE_HAS, NULL },
	{ "entry.icmp.code", EC2_NONE_HAS, NULL },
	{ "entry.icmp.type", EC2_NONE_HAS, NULL },
	{ "entry.port-range.from", EC2_NONE_HAS, NULL },
	{ "entry.port-range.to", EC2_NONE_HAS, NULL },
};

struct describing {
	const struct world *world;
	const struct caller *who;
	const struct params *params;
	struct ec2_filters filters;
	struct ec2_page page;
	struct json *seen; /* id to true, of all */
	struct buf *out;
	struct err *err;
	bool failed;
};

static int describe_one(void *arg, const char *doc_id, const struct json *vpc)
{
	struct describing *d = arg;
	struct json *doc = acl_doc(d->world, d->who, vpc, d->err);
	const char *id = json_str(doc, "id", "");

	(void)doc_id;
	if (!doc) {
		d->failed = true;
	} else if (json_set_bool(d->seen, id, true)) {
		err_nomem(d->err);
		d->failed = true;
	} else if (ec2_asked_for(d->params, "NetworkAclId", id) && ec2_filters_hold(&d->filters, doc) &&
		   ec2_page_takes(&d->page)) {
		write_acl(d->out, d->world, doc);
	}
	json_free(doc);
	return d->failed;
}

EC2_HANDLER(ec2_describe_network_acls)
{
	struct describing d = { .world = w, .who = who, .params = p, .out = out, .err = err };
	const char *id;
	char prefix[EC2_ID_SIZE];

	if (ec2_page_begin(p, &d.page, err) ||
	    ec2_filters_begin(&d.filters, p, filters, sizeof(filters) / sizeof(*filters), err))
		return -1;
	d.seen = json_new_object();
	if (!d.seen)
		return err_nomem(err);
	ec2_doc_id(prefix, who->region, "");
	xml_open(out, "networkAclSet");
	store_each(w->store, "ec2:vpc", prefix, describe_one, &d);
	xml_close(out, "networkAclSet");
	for (int n = 1; !d.failed && (id = params_getf(p, "NetworkAclId.%d", n)); n++) {
		d.failed = !json_get(d.seen, id);
		if (d.failed)
			service_error(err, 400, "InvalidNetworkAclID.NotFound",
				      "The networkAcl ID '%.60s' does not exist", id);
	}
	json_free(d.seen);
	ec2_page_end(&d.page, out);
	return d.failed ? -1 : 0;
}
