#ifndef SPARK_PIPELINE_DOCTOR_H
#define SPARK_PIPELINE_DOCTOR_H

#include "spark/aws/credentials.h"
#include "spark/pipeline/pipeline.h"

/* Looks for what would make a run fail, and tells for each how to mend it. Sends only calls that read. */

enum doctor_state { DOCTOR_OK, DOCTOR_WARN, DOCTOR_FAIL };

struct doctor_finding {
	const char *name; /* of the check: "clock" */
	enum doctor_state state;
	char detail[600];   /* what is so, one line */
	char mend[600];     /* what to do about it, a command where there is one; "" when it is well */
	enum err_kind kind; /* of a failure: it gives the exit code */
};

struct doctor {
	struct run *run; /* with aws NULL until the target is open; not prepared */
	const struct config *config;
	const struct aws_credentials *credentials; /* that the calls are signed with */
	const char *operands;                      /* "sparkify --target aws", for commands that are advised */
	/* Called with each finding as it is made; may be NULL. */
	void (*on_finding)(void *arg, const struct doctor_finding *f);
	void *arg;
	int passed, warned, failed;
	enum err_kind first_failure;
};

/* What needs no service: settings, state folder, programs. */
int doctor_check_machine(struct doctor *d, struct err *err) MUST_CHECK;
/* Everything from the credentials on; prepares the run. What cannot be looked at because something before it failed is
 * left out. -1 only when it could not go on at all (interrupted, no memory). */
int doctor_check_services(struct doctor *d, struct err *err) MUST_CHECK;
/* Adds what somebody else found. A failure by its err: the hint is how to mend it. */
void doctor_tell(struct doctor *d, const struct doctor_finding *f);
void doctor_tell_failure(struct doctor *d, const char *name, const struct err *why);

/* Before a cluster is made: what would only fail later, after money was spent, as notes to the user. Needs a prepared
 * run. Stops nothing but by an interruption. */
int doctor_warn_early(struct run *r, struct err *err) MUST_CHECK;

#endif
