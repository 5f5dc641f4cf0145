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

/* The one of a kind that carries the stack's tag; of several that which is in use. The parts of a VPC are looked for in
 * the stack's, once that is known. */
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
/* Deletes one, with what hangs on it; waits while others still depend on it. 0 also when it is gone already.
 * seen: as it was a moment ago; NULL: what hangs on it is asked for. */
int network_remove(struct run *r, enum ec2_kind kind, const char *id, const struct ec2_item *seen,
		   struct err *err) MUST_CHECK;
/* All of the kind that carry the stack's tag: one that is left would hold the VPC. */
int network_remove_all(struct run *r, enum ec2_kind kind, struct err *err) MUST_CHECK;
/* "vpc", "subnet", "gateway", "routes": for messages. */
const char *network_word(enum ec2_kind kind);

#endif
