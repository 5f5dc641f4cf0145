#ifndef SPARK_PIPELINE_ROLE_TRUST_H
#define SPARK_PIPELINE_ROLE_TRUST_H

#include <stdbool.h>
#include <stddef.h>

#include "spark/base/buf.h"

/* Who may take a role: what its trust policy says of the services that have to. */

struct role_takers {
	const char *services[2];
	size_t count;
};
/* COPY and UNLOAD. AWS asks for both names in the role of a serverless warehouse. Source: Redshift management guide,
 * "Granting permissions to Amazon Redshift Serverless". */
extern const struct role_takers takers_of_cluster, takers_of_serverless;
/* Scheduled actions. */
extern const struct role_takers takers_of_pause;

enum trust {
	TRUST_UNKNOWN, /* there is no document, or none that can be read */
	TRUST_UNSURE,  /* it depends on a condition, or on an element that is not weighed here */
	TRUST_NO,
	TRUST_YES
};
struct role_trust {
	enum trust words[2]; /* of takers->services */
	bool anyone;         /* everybody may take it, without a condition */
};

/* document: the policy as JSON, or NULL. */
void role_trust_judge(const char *document, const struct role_takers *takers, struct role_trust *out);
/* One of them may not take it: the policy has to be written anew. */
bool role_trust_lacks(const struct role_trust *t, const struct role_takers *takers);
/* The policy that lets these services take the role, and nobody else. */
void role_trust_write(const struct role_takers *takers, struct buf *out);

#endif
