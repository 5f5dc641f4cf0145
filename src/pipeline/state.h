#ifndef SPARK_PIPELINE_STATE_H
#define SPARK_PIPELINE_STATE_H

#include <pthread.h>

#include "pipeline/journal.h"
#include "pipeline/names.h"
#include "pipeline/role_trust.h"
#include "pipeline/wait.h"
#include "spark/aws/ec2.h"
#include "spark/aws/ec2_network.h"
#include "spark/aws/iam.h"
#include "spark/aws/redshift.h"
#include "spark/pipeline/pipeline.h"

#define SUBNETS_MAX 3

/* What a run has learnt. Each field below `lock` is written by one resource's functions only; resources that need
 * another's run after it. */
struct run_state {
	struct sts_identity identity;
	struct names names;
	char operands[64];   /* see run_operands() */
	char *dir;           /* <state>/<account>/<region>/<stack> */
	int lock_fd;         /* -1: commands that only read */
	struct journal *log; /* NULL: the same */
	bool log_optional;   /* taking down goes on when nothing can be recorded any more */

	pthread_mutex_t lock; /* guards events and changes */
	int changes;

	/* the cluster as it was last seen; created 0: not at all */
	int64_t created_ms;
	char node_type[32];
	int nodes;
	int rpu, rpu_max; /* of a serverless workgroup that was seen; 0: none; rpu_max 0: no bound */
	bool namespace_is_new, workgroup_is_new;
	struct redshift_cluster cluster; /* as the last look found it, id "": not at all, or changed since; owned */
	int64_t cluster_seen_ms;         /* monotonic */
	bool cluster_untagged;           /* ours, but a restore has not come to tag it */

	char role_arn[256], pause_role_arn[256];
	struct role_trust role_trust, pause_role_trust; /* as they were last seen, of roles of our own */
	bool pause_role_is_new;
	int64_t ttl_ms;      /* from OPT_TTL; 0: the cluster is not paused by itself */
	int64_t pause_at_ms; /* when it will be, 0: never or unknown */
	bool role_is_new;    /* made or mended by this run: services may not know it yet */
	char vpc_id[32], group_id[32];
	bool vpc_seen_ready;
	struct ec2_group group; /* as it was last seen; owned */
	bool group_is_new, cluster_is_new;
	/* a network of the stack's own; see network.h */
	_Atomic bool network_is_new; /* rows that are made at the same time say so */
	struct {
		char id[32], zone[32];
	} subnets[SUBNETS_MAX];
	bool several[4];   /* by enum ec2_kind: more of ours are there than the one that is used */
	char zones[8][32]; /* of the region */
	size_t zone_count; /* 0: not asked for yet */
	char gateway_id[32], gateway_vpc[32];
	struct ec2_item table; /* of routes, as it was last seen; without its tags */

	/* Nothing is changed: what would be sent is gathered instead, as { action, resource, name } rows. */
	bool planning;
	struct json *planned; /* array; NULL while none is gathered */
};

/* The bound of waits, from OPT_WAIT_TIMEOUT. */
int64_t run_wait_limit_ms(const struct run *r);
void run_wait_begin(const struct run *r, struct wait *w);
bool run_is_stopped(const struct run *r);

/* Events. detail may be NULL. */
void run_emit(struct run *r, const struct event *e);
void run_step_begin(struct run *r, const char *group, const char *name);
void run_step_update(struct run *r, const char *group, const char *name, const char *detail);
void run_step_end(struct run *r, const char *group, const char *name, enum event_outcome outcome, const char *detail,
		  int64_t begun_ms, int64_t rows);
void run_note(struct run *r, const char *text);

/* A mutating call: change_begin() records the intent, then the call is made, then change_end() records the outcome,
 * counts it, and passes rc on. */
struct change {
	int64_t seq;
	bool recorded;
	bool planned; /* a plan is being made: leave the call out, with 0 in its place */
};
int change_begin(struct run *r, struct change *c, const char *action, const char *resource, const char *name,
		 struct err *err) MUST_CHECK;
int change_end(struct run *r, const struct change *c, int rc, struct err *err) MUST_CHECK;

/* The tag that says whose a resource is. */
struct aws_tag run_tag(const struct run *r);
bool run_owns(const struct run *r, const struct aws_tags *tags);
/* Of a stack of the same name in another region. */
bool run_is_elsewhere(const struct run *r, const struct aws_tags *tags);

#endif
