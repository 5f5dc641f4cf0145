#ifndef SPARK_SANDBOX_HTTP_EC2_H
#define SPARK_SANDBOX_HTTP_EC2_H

#include "spark/base/mem.h"
#include "spark/sandbox/http.h"

#include "sandbox/access/cidr.h"
#include "sandbox/regions.h"

/* Parts that EC2's actions share. Documents are described in ec2.c. */

#define EC2_ID_SIZE 96 /* "us-west-2/sg-0123456789abcdef0" */

/* A filter of a call, and whether one of its values was matched. */
struct ec2_match {
	const struct params *params;
	const struct world *world; /* with the region, for values that are not in the document */
	const char *region;
	int filter; /* N of Filter.N */
	bool matched;
};
#define EC2_NONE_HAS "" /* the member of filters for what no resource here has: they never hold */
/* Filter.N.Name, Filter.N.Value.M. A resource answers with the values that it has for a filter's name; a filter holds
 * when any of its values (with * and ?) matches any of them; all filters must hold. */
struct ec2_filter_row {
	const char *name;   /* "vpc-id" */
	const char *member; /* of the document: text, number or boolean */
	/* For what is no plain member: offers each value with ec2_offer(). May be NULL. */
	void (*values)(struct ec2_match *m, const struct json *doc);
};
struct ec2_filters {
	const struct params *params;
	const struct ec2_filter_row *rows;
	size_t row_count;
	const struct world *world;
	const char *region;
};
/* Checks the names: InvalidParameterValue "The filter 'x' is invalid". tag:K, tag-key and tag-value are known to all.
 */
int ec2_filters_begin(struct ec2_filters *f, const struct params *p, const struct ec2_filter_row *rows, size_t count,
		      struct err *err) MUST_CHECK;
/* After it, for rows whose values() looks further than at the document. */
void ec2_filters_see(struct ec2_filters *f, const struct world *w, const char *region);
bool ec2_filters_hold(const struct ec2_filters *f, const struct json *doc);
void ec2_offer(struct ec2_match *m, const char *value);

/* A Describe call: ids, filters, pages. */
struct ec2_kind {
	const char *kind;       /* in the store: "ec2:vpc" */
	const char *prefix;     /* of ids: "vpc-" */
	const char *id_param;   /* "VpcId" */
	const char *name_param; /* "GroupName": also found by the member "name"; may be NULL */
	const char *set;        /* "vpcSet" */
	const char *not_found;  /* "InvalidVpcID.NotFound" */
	const char *malformed;  /* "InvalidVpcID.Malformed" */
	const char *noun;       /* "vpc ID", for messages */
	const struct ec2_filter_row *filters;
	size_t filter_count;
	void (*write)(struct buf *out, const struct world *w, const struct caller *who, const struct json *doc);
};
int ec2_describe(struct world *w, const struct caller *who, const struct params *p, const struct ec2_kind *kind,
		 struct buf *out, struct err *err) MUST_CHECK;
/* MaxResults and NextToken for lists that are made otherwise. Offer each item; write it when told so. */
struct ec2_page {
	int64_t max; /* 0: no limit */
	size_t skip, offered, taken;
	bool more;
};
int ec2_page_begin(const struct params *p, struct ec2_page *page, struct err *err) MUST_CHECK;
bool ec2_page_takes(struct ec2_page *page);
void ec2_page_end(const struct ec2_page *page, struct buf *out);

/* A resource by id in the caller's region (lent). NULL with the kind's error. */
const struct json *ec2_find(struct world *w, const struct caller *who, const struct ec2_kind *kind, const char *id,
			    struct err *err);
/* The one that the call names with the kind's id_param. */
const struct json *ec2_named(struct world *w, const struct caller *who, const struct params *p,
			     const struct ec2_kind *kind, struct err *err);
/* The documents of a kind whose text member has that value: the first (lent, or NULL), and in count (may be NULL) how
 * many there are. */
const struct json *ec2_search(struct world *w, const char *region, const char *kind, const char *member,
			      const char *value, size_t *count);
void ec2_doc_id(char out[EC2_ID_SIZE], const char *region, const char *id);
/* The region's set of DHCP options. */
int ec2_dhcp_id(const struct world *w, const char *region, char out[64], struct err *err) MUST_CHECK;
/* Is the value one of param.1, param.2, ...? None given (or param NULL): it is. */
bool ec2_asked_for(const struct params *p, const char *param, const char *value);
/* MissingParameter when absent. */
const char *ec2_required(const struct params *p, const char *name, struct err *err);

/* {"id": id, "tags": {}} under its id; the caller adds members and gives it to ec2_put(). */
struct json *ec2_new_doc(const char *prefix, struct err *err);
int ec2_put(struct world *w, const char *region, const char *kind, struct json *doc, struct err *err) MUST_CHECK;
int ec2_delete(struct world *w, const char *region, const char *kind, const char *id, struct err *err) MUST_CHECK;

/* Tags of TagSpecification.N for that resource type into the document's. */
int ec2_tags_read_specification(const struct params *p, const char *resource_type, struct json *tags,
				struct err *err) MUST_CHECK;
void ec2_tags_write(struct buf *out, const struct json *tags); /* tagSet */

extern const struct ec2_kind ec2_vpcs, ec2_subnets, ec2_gateways, ec2_route_tables, ec2_groups;

/* Parts of networks: documents that are the caller's, to be put; NULL with err. zone: index into the region's zones. */
struct json *ec2_vpc_new(const struct world *w, const char *region, const char *cidr, const char *tenancy,
			 bool is_default, struct err *err);
struct json *ec2_subnet_new(const struct region_row *region, size_t zone, const char *vpc, const char *cidr,
			    bool is_default, struct err *err);
struct json *ec2_route_table_new(const char *vpc, const char *cidr, struct err *err);
int ec2_route_add(struct json *table, const char *cidr, const char *gateway, const char *origin,
		  struct err *err) MUST_CHECK;
/* subnet NULL: the VPC's main association. */
int ec2_association_add(struct json *table, const char *subnet, char id[64], struct err *err) MUST_CHECK;
/* Puts a copy of the VPC with its main route table (with a way to the gateway, unless NULL) and its group "default". */
int ec2_vpc_put(struct world *w, const char *region, const struct json *vpc, const char *gateway,
		struct err *err) MUST_CHECK;
/* Puts a whole default network: VPC, gateway, route table, group, a subnet for each zone. Returns the VPC's document,
 * the caller's to free. */
struct json *ec2_default_network_put(struct world *w, const struct region_row *region, struct err *err);
/* A subnet's own association with a route table ends, if there is one. */
int ec2_associations_forget(struct world *w, const char *region, const char *subnet, struct err *err) MUST_CHECK;
/* IPv4, /16 to /28, else an error: of that code for the size. canonical: as AWS keeps it, without bits of hosts. */
int ec2_cidr_read(const char *text, const char *code, struct cidr *c, char canonical[CIDR_TEXT],
		  struct err *err) MUST_CHECK;

/* What uses the network: the nodes of clusters, and Redshift's subnet groups. */
struct ec2_interface {
	const struct json *cluster, *subnet;
	int node; /* 0: the leader, or the only one */
};
void ec2_each_interface(const struct world *w, const char *region, int (*fn)(void *arg, const struct ec2_interface *i),
			void *arg); /* fn returns non-zero to stop */
/* A route's: "active", or "blackhole" when the gateway is gone or hangs on another VPC. */
const char *ec2_route_state(const struct world *w, const char *region, const char *vpc, const char *target);
size_t ec2_subnet_addresses(const struct world *w, const char *region, const struct json *subnet); /* taken ones */
bool ec2_subnet_is_used(const struct world *w, const char *region, const struct json *subnet);
bool ec2_vpc_is_used(const struct world *w, const char *region, const char *vpc);
bool ec2_vpc_has_public_addresses(const struct world *w, const char *region, const char *vpc);
bool ec2_group_is_used(const struct world *w, const char *region, const char *group);

/* Rules of security groups, as in a group's document. */
#define EC2_RULES_MAX 60 /* of a group in one direction: AWS's default quota */
/* The rules that IpPermissions.N (or the older flat parameters) describe, without ids: a list, to be freed. NULL with
 * err. group: whose rules they are to be. */
struct json *ec2_permissions_read(struct world *w, const struct caller *who, const struct params *p,
				  const struct json *group, bool egress, struct err *err);
/* One rule whose parameters begin with the prefix ("SecurityGroupRule.1.SecurityGroupRule."), without an id. */
struct json *ec2_rule_read(struct world *w, const struct caller *who, const struct params *p, const struct json *group,
			   bool egress, const char *prefix, struct err *err);
/* Adds the rule "everything, to and from anywhere" (or from members of a group) to a new group's document. */
int ec2_rule_add_any(struct json *group, bool egress, const char *peer_group, struct err *err) MUST_CHECK;
/* The group's rule of that id (lent), or NULL. */
const struct json *ec2_rule_by_id(const struct json *group, const char *id);
/* The same, and of that direction: InvalidSecurityGroupRuleId.NotFound, .Malformed. */
const struct json *ec2_rule_named(const struct json *group, const char *id, struct err *err);
const struct json *ec2_rule_of_direction(const struct json *group, const char *id, bool egress, struct err *err);
/* InvalidPermission.Duplicate. Returns -1. */
int ec2_rule_is_there(const struct json *rule, struct err *err);
/* The same traffic, whatever the description. */
bool ec2_rule_same(const struct json *a, const struct json *b);
/* ipPermissions or ipPermissionsEgress: rules of the same protocol and ports are one permission. */
void ec2_permissions_write(struct buf *out, const struct world *w, const struct json *group, bool egress);
/* The group that GroupId or GroupName names (lent). NULL with err. */
const struct json *ec2_group_find(struct world *w, const struct caller *who, const struct params *p, struct err *err);
/* The group of that name in that VPC (lent), or NULL. */
const struct json *ec2_group_by_name(struct world *w, const struct caller *who, const char *vpc_id, const char *name);
/* The region's default VPC (lent), or NULL. */
const struct json *ec2_default_vpc(struct world *w, const struct caller *who);

#define EC2_HANDLER(name) \
	int name(struct world *w, const struct caller *who, const struct params *p, struct buf *out, struct err *err)

EC2_HANDLER(ec2_describe_vpcs);
EC2_HANDLER(ec2_describe_subnets);
EC2_HANDLER(ec2_describe_internet_gateways);
EC2_HANDLER(ec2_describe_route_tables);
EC2_HANDLER(ec2_describe_availability_zones);
EC2_HANDLER(ec2_describe_account_attributes);
EC2_HANDLER(ec2_describe_security_groups);
EC2_HANDLER(ec2_describe_security_group_rules);
EC2_HANDLER(ec2_create_security_group);
EC2_HANDLER(ec2_delete_security_group);
EC2_HANDLER(ec2_authorize_ingress);
EC2_HANDLER(ec2_authorize_egress);
EC2_HANDLER(ec2_revoke_ingress);
EC2_HANDLER(ec2_revoke_egress);
EC2_HANDLER(ec2_create_tags);
EC2_HANDLER(ec2_delete_tags);
EC2_HANDLER(ec2_describe_tags);
EC2_HANDLER(ec2_create_vpc);
EC2_HANDLER(ec2_create_default_vpc);
EC2_HANDLER(ec2_delete_vpc);
EC2_HANDLER(ec2_describe_vpc_attribute);
EC2_HANDLER(ec2_modify_vpc_attribute);
EC2_HANDLER(ec2_create_subnet);
EC2_HANDLER(ec2_delete_subnet);
EC2_HANDLER(ec2_modify_subnet_attribute);
EC2_HANDLER(ec2_create_internet_gateway);
EC2_HANDLER(ec2_attach_internet_gateway);
EC2_HANDLER(ec2_detach_internet_gateway);
EC2_HANDLER(ec2_delete_internet_gateway);
EC2_HANDLER(ec2_create_route_table);
EC2_HANDLER(ec2_delete_route_table);
EC2_HANDLER(ec2_associate_route_table);
EC2_HANDLER(ec2_disassociate_route_table);
EC2_HANDLER(ec2_replace_route_table_association);
EC2_HANDLER(ec2_create_route);
EC2_HANDLER(ec2_replace_route);
EC2_HANDLER(ec2_delete_route);
EC2_HANDLER(ec2_describe_network_interfaces);
EC2_HANDLER(ec2_describe_regions);
EC2_HANDLER(ec2_describe_network_acls);
EC2_HANDLER(ec2_describe_dhcp_options);
EC2_HANDLER(ec2_describe_none);
EC2_HANDLER(ec2_describe_ingress_anew);
EC2_HANDLER(ec2_describe_egress_anew);
EC2_HANDLER(ec2_modify_security_group_rules);

#endif
