#ifndef SPARK_SANDBOX_HTTP_SERVERLESS_H
#define SPARK_SANDBOX_HTTP_SERVERLESS_H

#include "sandbox/http/json_service.h"

#define NAMESPACE_KIND "redshift-serverless:namespace"
#define WORKGROUP_KIND "redshift-serverless:workgroup"

typedef int serverless_handler(struct json_call *c, struct err *err);
serverless_handler serverless_create_namespace, serverless_get_namespace, serverless_list_namespaces;
serverless_handler serverless_update_namespace, serverless_delete_namespace;
serverless_handler serverless_create_workgroup, serverless_get_workgroup, serverless_list_workgroups;
serverless_handler serverless_update_workgroup, serverless_delete_workgroup, serverless_get_credentials;
serverless_handler serverless_tag, serverless_untag, serverless_list_tags;
/* Behind a commit: the cluster looks at its document. Of a call that names a workgroup, or a namespace. */
serverless_handler serverless_follow;

/* serverless.c */
/* The cluster's document of a namespace: "<region>.serverless/<namespace>". No region has a dot in its name, so that
 * clusters of this kind are never among those of a region. */
void serverless_cluster_id(const char *region, const char *namespace_name, char *out, size_t size);
/* That of the workgroup's namespace; false when there is no such workgroup. Under the store's lock. */
bool serverless_cluster_of(struct world *w, const char *region, const char *workgroup, char *out, size_t size);

/* The document by name in the caller's region, lent under the store's lock; a deleted one is there until its server has
 * stopped. ResourceNotFoundException. */
const struct json *serverless_find(struct json_call *c, const char *kind, const char *name, struct err *err);
bool serverless_is_gone(const struct world *w, const char *kind, const struct json *doc);
/* A page of all of a kind as a list: maxResults and nextToken. */
int serverless_list(struct json_call *c, const char *kind, const char *member,
		    struct json *(*show)(struct world *w, const struct json *doc), struct err *err) MUST_CHECK;

/* serverless_write.c: as the API shows it; NULL: no memory. */
struct json *serverless_show_namespace(struct world *w, const struct json *doc);
struct json *serverless_show_workgroup(struct world *w, const struct json *doc);
/* "arn:aws:redshift-serverless:...:namespace/<uuid>" */
void serverless_arn(struct world *w, const char *kind, const struct json *doc, char out[256]);
const char *serverless_status(struct world *w, const char *kind, const struct json *doc);

/* Which of both a call is about, for policies. */
void serverless_resource(const struct json_call *c, char *out, size_t size);

/* serverless_parameters.c */
/* `configParameters` of a call into the workgroup's document, over what is there or the standard ones.
 * ValidationException. */
int serverless_take_parameters(struct json_call *c, struct json *doc, struct err *err) MUST_CHECK;
/* {key: value} of those that differ from the standard: what the server is started with. NULL: no memory. */
struct json *serverless_own_parameters(const struct json *doc);

/* serverless_tags.c: `tags` of a creating call into the document. */
int serverless_take_tags(struct json_call *c, struct json *doc, struct err *err) MUST_CHECK;
int serverless_make_uuid(char out[40], struct err *err) MUST_CHECK;

#endif
