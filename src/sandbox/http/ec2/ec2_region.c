#include "sandbox/http/ec2/ec2.h"

static int mark(struct world *w, const char *region, struct err *err)
{
	struct json *doc = json_new_object();
	char now[CLOCK_TEXT];

	clock_iso_s(clock_now(w->clock), now);
	if (!doc || json_set_str(doc, "created", now)) {
		json_free(doc);
		return err_nomem(err);
	}
	return store_put(w->store, "ec2:region", region, doc, err);
}

/* What an account finds in a region that it has never used: the default network. */
int ec2_ensure_region(struct world *w, const char *region, struct err *err)
{
	const struct region_row *row = region_find(region);
	struct json *vpc = NULL;
	int rc = -1;

	if (!row)
		return service_error(err, 400, "InvalidParameterValue", "There is no region '%.40s'", region);
	store_lock(w->store);
	if (store_get(w->store, "ec2:region", region)) {
		rc = 0;
		goto out;
	}
	vpc = ec2_default_network_put(w, row, err);
	if (vpc && !mark(w, region, err))
		rc = store_commit(w->store, err);
	if (rc)
		store_rollback(w->store);
out:
	json_free(vpc);
	store_unlock(w->store);
	return rc ? -1 : 0;
}

static const struct ec2_filter_row region_filters[] = {
	{ "region-name", "regionName", NULL },
	{ "endpoint", "endpoint", NULL },
	{ "opt-in-status", "optInStatus", NULL },
};

static struct json *region_doc(const struct region_row *row)
{
	struct json *doc = json_new_object();
	char endpoint[80];

	snprintf(endpoint, sizeof(endpoint), "ec2.%s.amazonaws.com", row->name);
	if (doc && !json_set_str(doc, "regionName", row->name) && !json_set_str(doc, "endpoint", endpoint) &&
	    !json_set_str(doc, "optInStatus", row->opt_in ? "opted-in" : "opt-in-not-required"))
		return doc;
	json_free(doc);
	return NULL;
}

EC2_HANDLER(ec2_describe_regions)
{
	struct ec2_filters filters;
	const struct region_row *row;
	const char *name;

	(void)w;
	(void)who;
	for (int n = 1; (name = params_getf(p, "RegionName.%d", n)); n++)
		if (!region_find(name))
			return service_error(err, 400, "InvalidParameterValue", "Invalid region: [%.60s]", name);
	if (ec2_filters_begin(&filters, p, region_filters, sizeof(region_filters) / sizeof(*region_filters), err))
		return -1;
	xml_open(out, "regionInfo");
	for (size_t i = 0; (row = region_at(i)); i++) {
		struct json *doc = region_doc(row);

		if (!doc)
			return err_nomem(err);
		if (ec2_asked_for(p, "RegionName", row->name) && ec2_filters_hold(&filters, doc)) {
			xml_open(out, "item");
			xml_element(out, "regionName", row->name);
			xml_element(out, "regionEndpoint", json_str(doc, "endpoint", ""));
			xml_element(out, "optInStatus", json_str(doc, "optInStatus", ""));
			xml_close(out, "item");
		}
		json_free(doc);
	}
	xml_close(out, "regionInfo");
	return 0;
}
