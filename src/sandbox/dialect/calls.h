#ifndef SPARK_SANDBOX_DIALECT_CALLS_H
#define SPARK_SANDBOX_DIALECT_CALLS_H

#include "sandbox/dialect/rules.h"

/* Calls of functions that need more than a function of that name in the catalogue. Functions whose names PostgreSQL has
 * for something else lie in schema pg_sparkctl, because a column is labelled by the function's name alone. */

#define CALL_ARGUMENTS_MAX 512

struct call {
	struct rules *r;
	int name, open, close; /* tokens */
	struct {
		int first, last;
	} args[CALL_ARGUMENTS_MAX];
	int count;
};

typedef int (*call_fn)(struct call *c);

size_t call_from(const struct call *c, int token);
size_t call_to(const struct call *c, int token);
/* Quotes argument n with its changes. */
struct edit_quote call_argument(const struct call *c, int n);
struct edit_quote call_tokens(const struct call *c, int first, int last);
/* The name's place gets another text; what follows stays. */
void call_rename(struct call *c, const char *name);

/* dateparts.c */
int call_extract(struct call *c);
int call_date_part(struct call *c);
int call_dateadd(struct call *c);
int call_datediff(struct call *c);

/* aggregates.c */
int call_listagg(struct call *c);
int call_percentile_cont(struct call *c);
int call_percentile_disc(struct call *c);
int call_count(struct call *c);
int call_hll(struct call *c);
int call_ratio_to_report(struct call *c);

#endif
