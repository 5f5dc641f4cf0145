#include "sandbox/http/ec2/ec2.h"

#include "spark/base/hash.h"

/* DHCP options: a region's default set, which all its VPCs share. Others cannot be made here. */

int ec2_dhcp_id(const struct world *w, const char *region, char out[64], struct err *err)
{
	char name[80], hex[SHA256_HEX];

	snprintf(name, sizeof(name), "dhcp/%s/%s", w->account, region);
	if (hash_sha256_hex(name, strlen(name), hex, err))
		return -1;
	snprintf(out, 64, "dopt-%.17s", hex);
	return 0;
}

static void write_option(struct buf *out, const char *key, const char *value)
{
	xml_open(out, "item");
	xml_element(out, "key", key);
	buf_puts(out, "<valueSet><item>");
	xml_element(out, "value", value);
	buf_puts(out, "</item></valueSet>");
	xml_close(out, "item");
}

static void offer_keys(struct ec2_match *m, const struct json *doc)
{
	ec2_offer(m, json_get(doc, "domain") ? "domain-name" : NULL);
	ec2_offer(m, "domain-name-servers");
}

static void offer_values(struct ec2_match *m, const struct json *doc)
{
	ec2_offer(m, json_str(doc, "domain", NULL));
	ec2_offer(m, "AmazonProvidedDNS");
}

static const struct ec2_filter_row filters[] = {
	{ "dhcp-options-id", "id", NULL },
	{ "owner-id", "ownerId", NULL },
	{ "key", NULL, offer_keys },
	{ "value", NULL, offer_values },
};

static struct json *options_doc(const struct world *w, const char *region, struct err *err)
{
	struct json *doc = NULL;
	char id[64], domain[64];

	if (ec2_dhcp_id(w, region, id, err))
		return NULL;
	snprintf(domain, sizeof(domain), "%s%s", strcmp(region, "us-east-1") ? region : "ec2",
		 strcmp(region, "us-east-1") ? ".compute.internal" : ".internal");
	doc = json_new_object();
	if (doc && !json_set_str(doc, "id", id) && !json_set_str(doc, "ownerId", w->account) &&
	    !json_set_str(doc, "domain", domain) && !json_set(doc, "tags", json_new_object()))
		return doc;
	json_free(doc);
	err_nomem(err);
	return NULL;
}

EC2_HANDLER(ec2_describe_dhcp_options)
{
	struct json *doc = options_doc(w, who->region, err);
	const char *id = json_str(doc, "id", ""), *asked;
	struct ec2_filters f;
	int rc = doc ? 0 : -1;

	for (int n = 1; rc == 0 && (asked = params_getf(p, "DhcpOptionsId.%d", n)); n++)
		if (strcmp(asked, id))
			rc = service_error(err, 400, "InvalidDhcpOptionID.NotFound",
					   "The dhcpOption ID '%.60s' does not exist", asked);
	if (rc || ec2_filters_begin(&f, p, filters, sizeof(filters) / sizeof(*filters), err)) {
		json_free(doc);
		return -1;
	}
	xml_open(out, "dhcpOptionsSet");
	if (ec2_filters_hold(&f, doc)) {
		xml_open(out, "item");
		xml_element(out, "dhcpOptionsId", id);
		xml_element(out, "ownerId", w->account);
		xml_open(out, "dhcpConfigurationSet");
		write_option(out, "domain-name", json_str(doc, "domain", ""));
		write_option(out, "domain-name-servers", "AmazonProvidedDNS");
		xml_close(out, "dhcpConfigurationSet");
		ec2_tags_write(out, json_get(doc, "tags"));
		xml_close(out, "item");
	}
	xml_close(out, "dhcpOptionsSet");
	json_free(doc);
	return 0;
}
