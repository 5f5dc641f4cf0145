#ifndef SPARK_SANDBOX_ACCESS_AUTHORIZE_H
#define SPARK_SANDBOX_ACCESS_AUTHORIZE_H

#include "sandbox/access/identity.h"

/* The refusal in the sentence of the caller's service; `because` begins with a blank or is empty. Returns -1. */
int access_refuse(const struct caller *who, const char *action, const char *resource, const char *because,
		  struct err *err);
/* access_authorize() for a question whose answer only shapes another one. */
bool access_allows(struct world *w, const struct caller *who, const char *action, const char *resource);

#endif
