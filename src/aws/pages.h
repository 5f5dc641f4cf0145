#ifndef SPARK_AWS_PAGES_PRIVATE_H
#define SPARK_AWS_PAGES_PRIVATE_H

#include "spark/aws/client.h"

/* A list that comes in pages: each reply may name where the next one begins. */
struct paged_list {
	const char *service, *action, *version;
	const char *list;       /* path of the list below the result: "Roles" */
	const char *item;       /* its elements' name: "member" */
	const char *marker_out; /* where the reply names the next page: "Marker", "nextToken" */
	const char *marker_in;  /* how the request does: "Marker", "NextToken" */
	/* Adds the request's own parameters; may be NULL. */
	void (*add)(void *arg, struct aws_params *p);
	/* For each element; non-zero stops, which is then returned. -1 when err is set. */
	int (*each)(void *arg, const struct xml_node *item, struct err *err);
	void *arg;
};
int pages_walk(struct aws_client *c, const struct paged_list *l, struct err *err) MUST_CHECK;

#endif
