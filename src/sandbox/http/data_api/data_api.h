#ifndef SPARK_SANDBOX_HTTP_DATA_API_H
#define SPARK_SANDBOX_HTTP_DATA_API_H

#include "sandbox/http/json_service.h"
#include "spark/sandbox/statements.h"

typedef int data_api_handler(struct json_call *c, struct err *err);
data_api_handler data_api_execute, data_api_batch_execute, data_api_start;
data_api_handler data_api_describe, data_api_result, data_api_cancel, data_api_list;
data_api_handler data_api_databases, data_api_schemas, data_api_tables, data_api_describe_table;

/* data_api_target.c: on which database a call acts, and as whom. */
struct data_target {
	char cluster_doc[200];
	const char *cluster, *workgroup; /* one of them; lent by the call */
	const char *db_user;             /* as given, or NULL */
	char role[300], database[160];
	bool make_role;
};
/* Takes the store's lock itself. ValidationException, ResourceNotFoundException. */
void data_api_resource(const struct json_call *c, char *out, size_t size);
int data_api_target(struct json_call *c, struct data_target *out, struct err *err) MUST_CHECK;
/* The database user of whoever calls: "IAM:name" for a user, "IAMR:name" for a role's session. */
void data_api_role_of(const struct caller *who, char *out, size_t size);

/* data_api_statement.c */
#define DATA_API_ID_PATTERN "[a-z0-9]{8}(-[a-z0-9]{4}){3}-[a-z0-9]{12}(:[0-9]{0,2})?"
/* The statement that the call's Id names (the part of a batch behind ':', else -1), when it is the caller's own. Lends,
 * under the store's lock. */
const struct json *data_api_find(struct json_call *c, char doc_id[160], int *part, struct err *err);

#endif
