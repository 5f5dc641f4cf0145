#ifndef SPARK_SANDBOX_RECORD_OPERATION_H
#define SPARK_SANDBOX_RECORD_OPERATION_H

#include "spark/sandbox/http.h"

/* Which call a request is, told from its bytes before anything of it is believed: "redshift" "CreateCluster". Texts are
 * "" where nothing can be told. */
struct operation {
	char service[32], action[64];
	bool mutating; /* may it change something? */
};

void operation_of(const struct http_request *r, struct operation *out);
/* Describe..., Get..., List..., Head... and a few others only look. */
bool operation_is_mutating(const char *action);

#endif
