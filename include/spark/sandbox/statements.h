#ifndef SPARK_SANDBOX_STATEMENTS_H
#define SPARK_SANDBOX_STATEMENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "spark/base/buf.h"
#include "spark/base/err.h"
#include "spark/base/json.h"
#include "spark/sandbox/world.h"

/* Statements that run without a connection of the caller's, as Redshift's Data API does it. The document of kind
 * "redshift-data:statement", id "<region>/<uuid>", says what is to be done; threads of a bounded pool do it through the
 * cluster's gateway, so that a statement means what it means to any client, and write back how it went.
 *
 * Members that are read: clusterDoc (id of the cluster's document), database, role (database user), makeRole (he is
 * made when he is not there), sqls[], batch (one transaction around all), parameters[] {name, value}, createdMs.
 * Members that are written: status (SUBMITTED, PICKED, STARTED, FINISHED, FAILED, ABORTED), updatedMs, durationNs, pid,
 * error, subs[] with status, createdMs, updatedMs, durationNs, rows, size (-1: none), hasResultSet, error: one for each
 * of sqls.
 *
 * Documents and results are dropped a day after they were made. A result is at most 100 MB. */
#define STATEMENT_KIND           "redshift-data:statement"
#define STATEMENT_PARAMETERS_MAX 200
#define STATEMENT_ACTIVE_MAX     500

struct statements;

/* Makes <dir>/statements. What a daemon that died left unfinished is marked as failed. */
int statements_open(struct world *w, struct statements **out, struct err *err) MUST_CHECK;
/* Ends what runs and waits for it. */
void statements_close(struct statements *s);

/* How many wait or run for that cluster. */
size_t statements_active(struct statements *s, const char *cluster_doc);
/* After the document with status SUBMITTED was committed. Once more is harmless. */
int statements_submit(struct statements *s, const char *doc_id, struct err *err) MUST_CHECK;
/* Takes it from the queue or ends its session; false when it is neither waiting nor running. The status changes a
 * moment later. */
bool statements_cancel(struct statements *s, const char *doc_id);

/* A page of the result of sqls[index]: appends {"Records":[...],"ColumnMetadata":[...]} without its closing brace.
 * *offset is where the page begins, 0 for the first, and becomes where the next one begins, 0 when there is none.
 * ERR_PARSE: no page begins there. ERR_CONFIG: there is no such result. */
int statements_read_page(struct statements *s, const char *doc_id, size_t index, uint64_t *offset, struct buf *out,
			 struct err *err) MUST_CHECK;

/* How results describe a type, by its catalogue name; NULL: as any other text. */
struct statements_type {
	const char *name;
	int precision, scale; /* -1: the column's own */
	bool is_signed, has_case;
};
const struct statements_type *statements_type_find(const char *name);

/* The statement with $1, $2 ... for those `:name` that are among the parameters; values (lent, room for
 * STATEMENT_PARAMETERS_MAX) in that order. used (may be NULL): marks which of the parameters occur. */
int statements_bind(const char *sql, const struct json *parameters, struct buf *out, const char **values, size_t *count,
		    bool *used, struct err *err) MUST_CHECK;

/* Runs one question of the sandbox's own as that user and hands out its rows, as backend_query() does. */
struct statements_login {
	const char *cluster_doc, *role, *database;
	bool make_role;
};
int statements_ask(struct world *w, const struct statements_login *login, const char *sql,
		   int (*row)(void *arg, int count, const char *const *values), void *arg, struct err *err) MUST_CHECK;

#endif
