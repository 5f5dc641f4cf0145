#ifndef SPARK_SANDBOX_STATEMENTS_RUN_H
#define SPARK_SANDBOX_STATEMENTS_RUN_H

#include <pthread.h>

#include "sandbox/wire/backend.h"
#include "spark/sandbox/statements.h"

#define RESULT_MAX_BYTES (INT64_C(100) * 1024 * 1024)

/* One that waits or runs. Under the lock of all. */
struct active {
	struct active *next;
	char *doc_id, *cluster_doc;
	bool picked, cancelled;
	int fd; /* of its session; -1: none */
};

struct statements {
	struct world *world;
	char *dir;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool closing;
	struct active *first; /* oldest first */
	pthread_t threads[16];
	size_t thread_count, idle;
	int64_t pruned_ms;
};

/* run.c: from PICKED to its end. The document is written at each step. */
void statement_run(struct statements *s, struct active *a);
/* The document gets this end and, when it is not NULL, error. Not an error when the document is gone. */
int statement_end(struct statements *s, const char *doc_id, const char *status, const char *error,
		  struct err *err) MUST_CHECK;

/* A statement's place in <dir>/statements; suffix "rows" or "columns". Allocated. */
char *statement_path(const struct statements *s, const char *doc_id, size_t index, const char *suffix) MUST_CHECK;

/* execute.c: one statement over an open session. */
struct outcome {
	bool has_result;
	int64_t rows, size; /* -1: none */
	char error[1400];   /* "" when it went well */
};
/* -1: the session is lost, or the result could not be kept (then err->kind is not ERR_UNREACHABLE). */
int statement_execute(struct backend *b, const char *sql, const struct json *parameters, const char *rows_path,
		      const char *columns_path, struct outcome *out, struct err *err) MUST_CHECK;

/* result.c: rows on their way into a file. */
struct result_column {
	char name[128];
	uint32_t table, type;
	int number, modifier;
	/* Of the table's catalogue. */
	char schema[128], relation[128];
	bool known, not_null;
};
struct result {
	int fd;
	struct buf text;
	struct result_column *columns;
	size_t count;
	int64_t rows, size;
};
void result_init(struct result *r);
void result_clear(struct result *r);
/* From a RowDescription; makes the file. */
int result_begin(struct result *r, const struct message *m, const char *path, struct err *err) MUST_CHECK;
/* A DataRow. ERR_CONFIG when the result becomes too large. */
int result_add(struct result *r, const struct message *m, struct err *err) MUST_CHECK;
int result_end(struct result *r, struct err *err) MUST_CHECK;
/* The columns as the API describes them. */
int result_write_columns(const struct result *r, const char *path, struct err *err) MUST_CHECK;

#endif
