#include "sandbox/http/ec2/ec2.h"

/* Which subnets use which route table. The associations lie in the tables' documents; the one without a subnet is the
 * VPC's main one. */

struct search {
	const char *member, *value;
	const struct json *table; /* of the association found */
	size_t index;
};

static int search_table(void *arg, const char *id, const struct json *table)
{
	struct search *s = arg;

	(void)id;
	s->index = 0;
	for (const struct json *a = json_first(json_get(table, "associations")); a; a = json_next(a), s->index++) {
		if (!strcmp(json_str(a, s->member, ""), s->value)) {
			s->table = table;
			return 1;
		}
	}
	return 0;
}

/* The association whose member has that value; s->table stays NULL when there is none. */
static const struct json *find_association(struct world *w, const char *region, struct search *s)
{
	char prefix[EC2_ID_SIZE];

	ec2_doc_id(prefix, region, "");
	store_each(w->store, "ec2:route-table", prefix, search_table, s);
	return s->table ? json_at(json_get(s->table, "associations"), s->index) : NULL;
}

/* The association that AssociationId names, for the callers that end it. */
static const struct json *named_association(struct world *w, const struct caller *who, const struct params *p,
					    struct search *s, struct err *err)
{
	const char *id = ec2_required(p, "AssociationId", err);
	const struct json *found;

	if (!id)
		return NULL;
	if (strncmp(id, "rtbassoc-", 9)) {
		service_error(err, 400, "InvalidAssociationID.Malformed",
			      "Invalid id: \"%.100s\" (expecting \"rtbassoc-...\")", id);
		return NULL;
	}
	*s = (struct search){ "id", id, NULL, 0 };
	found = find_association(w, who->region, s);
	if (!found)
		service_error(err, 400, "InvalidAssociationID.NotFound", "The association ID '%.100s' does not exist",
			      id);
	return found;
}

static void write_state(struct buf *out)
{
	buf_puts(out, "<associationState><state>associated</state></associationState>");
}

EC2_HANDLER(ec2_associate_route_table)
{
	const struct json *table = ec2_named(w, who, p, &ec2_route_tables, err), *subnet;
	struct search s = { "subnetId", NULL, NULL, 0 };
	struct json *doc;
	char id[64];

	if (!table)
		return -1;
	if (params_get(p, "GatewayId"))
		return service_error(err, 400, "UnsupportedOperation",
				     "The sandbox does not associate route tables with gateways");
	subnet = ec2_named(w, who, p, &ec2_subnets, err);
	if (!subnet)
		return -1;
	s.value = json_str(subnet, "id", "");
	if (strcmp(json_str(subnet, "vpcId", ""), json_str(table, "vpcId", "")))
		return service_error(err, 400, "InvalidParameterValue",
				     "Route table %s and subnet %s belong to different networks",
				     json_str(table, "id", ""), s.value);
	if (find_association(w, who->region, &s))
		return service_error(err, 400, "Resource.AlreadyAssociated",
				     "the specified association for route table %s conflicts with an existing "
				     "association",
				     json_str(table, "id", ""));
	doc = json_copy(table);
	if (!doc)
		return err_nomem(err);
	if (ec2_association_add(doc, s.value, id, err)) {
		json_free(doc);
		return -1;
	}
	xml_element(out, "associationId", id);
	write_state(out);
	return ec2_put(w, who->region, "ec2:route-table", doc, err);
}

static int remove_association(struct world *w, const char *region, const struct search *s, struct err *err)
{
	struct json *doc = json_copy(s->table);

	if (!doc)
		return err_nomem(err);
	json_remove_at(json_get_mut(doc, "associations"), s->index);
	return ec2_put(w, region, "ec2:route-table", doc, err);
}

EC2_HANDLER(ec2_disassociate_route_table)
{
	struct search s;
	const struct json *association = named_association(w, who, p, &s, err);

	if (!association)
		return -1;
	if (json_bool(association, "main", false))
		return service_error(err, 400, "InvalidParameterValue",
				     "cannot disassociate the main route table association %s",
				     json_str(association, "id", ""));
	xml_element(out, "return", "true");
	return remove_association(w, who->region, &s, err);
}

/* Moves it within one document when the table stays the same: two puts of one document would lose the first. */
EC2_HANDLER(ec2_replace_route_table_association)
{
	struct search s;
	const struct json *association = named_association(w, who, p, &s, err);
	const struct json *table = association ? ec2_named(w, who, p, &ec2_route_tables, err) : NULL;
	const char *subnet;
	struct json *doc;
	char id[64];

	if (!table)
		return -1;
	if (strcmp(json_str(s.table, "vpcId", ""), json_str(table, "vpcId", "")))
		return service_error(err, 400, "InvalidParameterValue",
				     "Route table %s and association %s belong to different networks",
				     json_str(table, "id", ""), s.value);
	subnet = json_bool(association, "main", false) ? NULL : json_str(association, "subnetId", NULL);
	doc = json_copy(table);
	if (!doc)
		return err_nomem(err);
	if (table == s.table)
		json_remove_at(json_get_mut(doc, "associations"), s.index);
	else if (remove_association(w, who->region, &s, err))
		goto fail;
	if (ec2_association_add(doc, subnet, id, err))
		goto fail;
	xml_element(out, "newAssociationId", id);
	write_state(out);
	return ec2_put(w, who->region, "ec2:route-table", doc, err);
fail:
	json_free(doc);
	return -1;
}

int ec2_associations_forget(struct world *w, const char *region, const char *subnet, struct err *err)
{
	struct search s = { "subnetId", subnet, NULL, 0 };

	return find_association(w, region, &s) ? remove_association(w, region, &s, err) : 0;
}
