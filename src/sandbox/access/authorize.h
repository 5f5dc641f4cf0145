#ifndef SPARK_SANDBOX_ACCESS_AUTHORIZE_H
#define SPARK_SANDBOX_ACCESS_AUTHORIZE_H

#include "sandbox/access/identity.h"

/* The refusal in the sentence of the caller's service; `because` begins with a blank or is empty. Returns -1. */
int access_refuse(const struct caller *who, const char *action, const char *resource, const char *because,
		  struct err *err);
/* Condition keys beyond those that every request has, made only when a policy asks for any. -1: no memory. */
struct access_extra {
	int (*fill)(void *arg, struct json *context);
	void *arg;
	const char *bucket; /* whose policy has a say as well; NULL: none has */
};
/* access_authorize() with such; extra may be NULL. */
int access_authorize_with(struct world *w, const struct caller *who, const char *action, const char *resource,
			  const struct access_extra *extra, struct err *err) MUST_CHECK;
/* access_authorize() for a question whose answer only shapes another one. */
bool access_allows(struct world *w, const struct caller *who, const char *action, const char *resource);

#endif
