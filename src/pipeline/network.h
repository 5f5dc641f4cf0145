#ifndef SPARK_PIPELINE_NETWORK_H
#define SPARK_PIPELINE_NETWORK_H

#include "pipeline/state.h"
#include "spark/aws/ec2_network.h"

/* A network of the stack's own, `vpc = create`: VPC, two subnets in two zones, gateway, route table. Their ids come
 * from the service and their names are free, so that the stack's tag alone says which are ours. */

/* What the setting OPT_VPC asks for. */
enum network_mode {
	NETWORK_DEFAULT, /* the region's default VPC */
	NETWORK_OWN,     /* "create" */
	NETWORK_GIVEN    /* "vpc-..." */
};
enum network_mode network_mode(const struct run *r);
bool network_is_own(const struct run *r);

/* The tags of what we make: whose it is, and a name for people. */
struct network_tags {
	struct aws_tag items[2];
};
struct network_tags network_tags(const struct run *r);

/* The VPCs that carry the stack's tag: there should be one, and items[0] is that which is used. */
#define NETWORK_VPCS_MAX 8
struct network_vpc {
	char id[32];
	bool ready;
	size_t parts; /* of the stack in it; counted only when there are several VPCs */
};
struct network_vpcs {
	struct network_vpc items[NETWORK_VPCS_MAX];
	size_t count;
};
/* known: the id of the one that this run works with, "" when it has none yet. */
int network_list_vpcs(struct run *r, const char *known, struct network_vpcs *out, struct err *err) MUST_CHECK;
/* May a call to make one (a VPC, a gateway) have been carried out without this machine's having learnt of it? */
bool network_may_be_unheard(const struct run *r, enum ec2_kind kind);
/* The end of `up`: a second VPC or gateway of the stack that such a call has made, and that nothing uses, is deleted;
 * another is told. What fails here is told and no failure of the run. */
void network_tidy(struct run *r);

/* The part of a network that carries the stack's tag; of several that which is in use. Parts are looked for in the
 * stack's VPC, once that is known. */
int network_find(struct run *r, enum ec2_kind kind, bool *found, struct ec2_item *out, struct err *err) MUST_CHECK;

/* The subnets that a warehouse of the stack may stand in, outside of the default VPC: the stack's own, or one of each
 * zone of the VPC that the user names. ERR_CONFIG when that has none. */
#define NETWORK_SUBNETS_MAX 20
struct network_subnets {
	char ids[NETWORK_SUBNETS_MAX][32];
	const char *pointers[NETWORK_SUBNETS_MAX]; /* to the ids */
	size_t count;
};
/* Of the stack's own network. */
size_t network_subnets_needed(const struct run *r);
int network_gather_subnets(struct run *r, struct network_subnets *out, struct err *err) MUST_CHECK;

/* A mutating call about `id`. It is repeated while the service has not heard yet of what this run has just made. */
struct network_call {
	const char *action, *resource;
	int (*call)(struct aws_client *c, const char *a, const char *b, struct err *err);
	const char *a, *b;
};
int network_change(struct run *r, const struct network_call *call, struct err *err) MUST_CHECK;
/* Makes one, with our tags. */
int network_make(struct run *r, enum ec2_kind kind, const char *resource, const struct ec2_make *in, char id[32],
		 struct err *err) MUST_CHECK;
/* Deletes one, asking once. */
int network_delete(struct run *r, enum ec2_kind kind, const char *id, struct err *err) MUST_CHECK;
/* Deletes one, with what hangs on it; waits while others still depend on it. 0 also when it is gone already.
 * seen: as it was a moment ago; NULL: what hangs on it is asked for. */
int network_remove(struct run *r, enum ec2_kind kind, const char *id, const struct ec2_item *seen,
		   struct err *err) MUST_CHECK;
/* All of the kind that carry the stack's tag: one that is left would hold the VPC. */
int network_remove_all(struct run *r, enum ec2_kind kind, struct err *err) MUST_CHECK;
/* "vpc", "subnet", "gateway", "routes": for messages. */
const char *network_word(enum ec2_kind kind);

#endif
