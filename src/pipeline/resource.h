#ifndef SPARK_PIPELINE_RESOURCE_H
#define SPARK_PIPELINE_RESOURCE_H

#include "pipeline/state.h"

/* Whose is the thing of that name. */
enum presence {
	PRESENCE_ABSENT,
	PRESENCE_OURS,
	PRESENCE_FOREIGN, /* it lacks our tag: never touched */
	PRESENCE_GIVEN    /* the user named an existing one: used, never touched */
};

/* One kind of thing that a stack is made of. */
struct resource {
	const char *name;
	unsigned needs;      /* bits (1u << index in resource_rows) of what has to be there first */
	unsigned look_after; /* of what has to have been looked for before `find` */
	/* Is it part of the stack with these settings? NULL: always. */
	bool (*wanted)(const struct run *r);
	const char *(*label)(const struct run *r);
	/* Settings that cannot work, before anything is made. May be NULL. */
	int (*check)(struct run *r, struct err *err);
	/* What the service would refuse, asked before anything is made, when this one is to be made. May be NULL. */
	int (*check_new)(struct run *r, struct err *err);
	/* Reads only. */
	int (*find)(struct run *r, enum presence *p, struct err *err);
	/* Makes it, or completes a half-built one; sends nothing when there is nothing to do. *changed is set when it
	 * sent a mutating call. */
	int (*ensure)(struct run *r, enum presence p, bool *changed, struct err *err);
	/* Until it can be used; *waited tells whether that took any time. May be NULL. */
	int (*wait)(struct run *r, bool *waited, struct err *err);
	/* Deletes it and waits until it is gone. */
	int (*destroy)(struct run *r, struct err *err);
	/* The service makes a second one when asked twice: after a lost reply it is looked for with patience. */
	bool nameless;
	/* It cannot carry a tag: taking down always looks for it by its name. */
	bool untagged;
};

enum {
	RESOURCE_ROLE,
	RESOURCE_VPC,
	RESOURCE_SUBNETS,
	RESOURCE_GATEWAY,
	RESOURCE_ROUTES,
	RESOURCE_GROUP,
	RESOURCE_SUBNET_GROUP,
	RESOURCE_CLUSTER,
	RESOURCE_NAMESPACE,
	RESOURCE_WORKGROUP,
	RESOURCE_PAUSE_ROLE,
	RESOURCE_PAUSE,
	RESOURCE_COUNT
};
extern const struct resource resource_role, resource_vpc, resource_subnets, resource_gateway, resource_routes,
	resource_group, resource_subnet_group, resource_cluster, resource_namespace, resource_workgroup,
	resource_pause_role, resource_pause;
/* In the order of making. */
extern const struct resource *const resource_rows[RESOURCE_COUNT];

/* What the rows of roles share. */
struct role_sought {
	const char *plain; /* its name, see below */
	const struct role_takers *takers;
	/* what is found */
	char *name; /* [65] */
	char *arn;  /* [256]; only when there is one */
	struct role_trust *trust;
};
/* Whose is the role of that name. IAM has one set of roles for all regions: where a stack of the same name in another
 * region has the plain name, `name` is the plain one with "-REGION" behind, else it is the plain one. */
int role_look(struct run *r, const struct role_sought *sought, enum presence *p, struct err *err) MUST_CHECK;
/* Of the role for COPY. */
const struct role_takers *role_takers_wanted(const struct run *r);
struct role_order {
	const char *resource, *name, *description;
	const struct role_takers *takers;
	bool *is_new; /* set once it may have been made */
};
/* Makes it, with the stack's tag. */
int role_make(struct run *r, const struct role_order *o, char arn[256], struct err *err) MUST_CHECK;
/* Writes the trust policy anew when the role was seen not to let in those who have to take it; *changed tells. What a
 * condition may allow stays as it is. */
int role_mend_trust(struct run *r, const struct role_order *o, const struct role_trust *seen, bool *changed,
		    struct err *err) MUST_CHECK;

/* By name, for what a sweep finds under other names than the stack's own. 0 also when it is gone already. */
int role_remove(struct run *r, const char *role, struct err *err) MUST_CHECK;
int group_remove(struct run *r, const char *group_id, const char *label, struct err *err) MUST_CHECK;
int subnet_group_remove(struct run *r, const char *name, struct err *err) MUST_CHECK;
int cluster_remove(struct run *r, const char *cluster, struct err *err) MUST_CHECK;
/* What `down` was asked to keep: carries the stack's tag from now on, as the cluster did. */
int final_snapshot_tag(struct run *r, struct err *err) MUST_CHECK;
int pause_remove(struct run *r, const char *name, struct err *err) MUST_CHECK;

/* A mutating call that names what this run may have made a moment ago. While the service has not heard of that yet, the
 * call is repeated, for at most limit_ms; each attempt is recorded. */
struct patient_call {
	const char *action, *resource, *name; /* of the change */
	int (*call)(struct run *r, const void *arg, struct err *err);
	const void *arg;
	bool is_new;      /* false: a refusal is final */
	const char *what; /* is waited for: "the new role" */
	int64_t limit_ms;
};
int change_patiently(struct run *r, const struct patient_call *p, struct err *err) MUST_CHECK;

bool resource_is_wanted(const struct run *r, const struct resource *res);
/* Settings, then what is there, for all rows at once; fails on what others hold. */
int resources_look(struct run *r, enum presence presence[RESOURCE_COUNT], struct err *err) MUST_CHECK;

/* The reply was lost, or an earlier attempt had succeeded: the thing may be there and ours. */
bool may_have_happened(const struct err *err);

#endif
