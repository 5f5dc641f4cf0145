#ifndef SPARK_PIPELINE_DOCTOR_CHECKS_H
#define SPARK_PIPELINE_DOCTOR_CHECKS_H

#include "pipeline/resource.h"
#include "spark/pipeline/doctor.h"

/* What checks learn for those that follow. */
struct doctor_facts {
	bool prepared;
	bool warehouse_there, warehouse_ready; /* a cluster or a workgroup */
	char vpc_id[32];                       /* "" unknown */
	char host[256];                        /* "" unknown */
	int port;
	bool reachable;
	/* the COPY role is there; it is among those of the cluster or namespace */
	bool role_there, role_attached;
};

/* One check: fills in the finding and returns 0; CHECK_NOT_HERE when it does not apply; -1 with err, which becomes a
 * failure whose mend is the hint. */
#define CHECK_NOT_HERE 1
struct check {
	const char *name;
	int (*look)(struct doctor *d, const struct check *self, struct doctor_facts *facts, struct doctor_finding *f,
		    struct err *err);
	enum option_id setting; /* for those that look at one */
	bool early;             /* also before `up` makes a cluster */
	bool needed;            /* nothing that follows can be looked at without it */
};

typedef int check_fn(struct doctor *d, const struct check *self, struct doctor_facts *facts, struct doctor_finding *f,
		     struct err *err);
check_fn check_settings, check_state_folder, check_psql;
check_fn check_credentials, check_identity, check_stack, check_clock, check_permissions, check_lock;
check_fn check_prefix, check_role, check_trust;
check_fn check_cluster, check_node_type, check_network, check_quotas, check_ingress, check_port, check_login;

/* check_cluster() of a serverless stack. */
int doctor_look_at_workgroup(struct doctor *d, struct doctor_facts *facts, struct doctor_finding *f,
			     struct err *err) MUST_CHECK;

/* Each sets the finding's state and text, and returns 0. */
int finding_ok(struct doctor_finding *f, const char *fmt, ...) PRINTF_LIKE(2, 3);
int finding_warn(struct doctor_finding *f, const char *fmt, ...) PRINTF_LIKE(2, 3);
int finding_fail(struct doctor_finding *f, enum err_kind kind, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* How to mend it; returns 0. */
int finding_mend(struct doctor_finding *f, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
