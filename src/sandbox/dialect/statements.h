#ifndef SPARK_SANDBOX_DIALECT_STATEMENTS_H
#define SPARK_SANDBOX_DIALECT_STATEMENTS_H

#include "sandbox/dialect/attributes.h"
#include "sandbox/dialect/rules.h"

/* Rules for statements by their first word: tokens [i, end), the word at i. */
typedef int (*statement_fn)(struct rules *r, int i, int end);

int statement_setting(struct rules *r, int i, int end);     /* settings.c: SET, RESET */
int statement_show(struct rules *r, int i, int end);        /* show.c */
int statement_transaction(struct rules *r, int i, int end); /* settings.c: BEGIN, START */
int statement_vacuum(struct rules *r, int i, int end);      /* maintenance.c, and the next three */
int statement_analyze(struct rules *r, int i, int end);
int statement_truncate(struct rules *r, int i, int end);
int statement_drop_table(struct rules *r, int i, int end);
int statement_cancel(struct rules *r, int i, int end);
int statement_refresh(struct rules *r, int i, int end); /* views.c */
int statement_grant(struct rules *r, int i, int end);   /* grants.c: GRANT, REVOKE */
int statement_default_privileges(struct rules *r, int i, int end);
int create_view(struct rules *r, int i, int end);              /* views.c */
int create_routine(struct rules *r, int i, int end);           /* routines.c */
int statement_told_procedure(struct rules *r, int i, int end); /* ALTER, DROP, GRANT, COMMENT ON PROCEDURE p (..) */
int statement_user(struct rules *r, int i, int end);           /* users.c: CREATE and ALTER USER */
int statement_role(struct rules *r, int i, int end);           /* CREATE, ALTER, DROP ROLE */
int statement_schema(struct rules *r, int i, int end);         /* CREATE and ALTER SCHEMA */
int statement_database(struct rules *r, int i, int end);       /* CREATE and ALTER DATABASE */

int statement_defer(struct rules *r, int i, int end); /* deferred.c: COPY and UNLOAD in a body */

/* Has Redshift a setting of this name that PostgreSQL lacks? */
bool setting_is_ours(const struct rules *r, int i);
/* SHOW of one. */
int setting_show(struct rules *r, int i, int end);
int setting_show_all(struct rules *r, int i, int end);

/* Helpers. */
void statement_literal(struct buf *b, const char *text);
/* The string at token i, without its quotes; false: it is none, or too long. */
bool statement_string(const struct rules *r, int i, char *out, size_t size);
/* Puts text in place of the tokens [i, end) and clears it. Returns 0. */
int statement_replace(struct rules *r, int i, int end, struct buf *text);
/* The same, for a statement that becomes one of another kind: the client is told `tag`. */
int statement_become(struct rules *r, int i, int end, const char *tag, struct buf *text);
int statement_syntax_error(struct rules *r, int i);
/* The token of that word in [i, end) outside of parentheses, -1: none. */
int statement_find(const struct rules *r, int i, int end, const char *word);

#endif
