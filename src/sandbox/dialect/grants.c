#include <stdio.h>
#include <string.h>

#include "sandbox/dialect/statements.h"

/* GRANT and REVOKE: to users, GROUP, ROLE and PUBLIC. */

/* The word ROLE before a name says what the name is; for PostgreSQL users, groups and roles are one. */
static void blank_role_words(struct rules *r, int i, int end)
{
	static const char *const before[] = { "grant", "revoke", "to", "from", "for", NULL };

	for (int k = i + 1; k + 1 < end; k++) {
		if (token_is(r->t, k, "role") && token_is_name(r->t, k + 1) &&
		    (token_in(r->t, k - 1, before) || token_is_char(r->t, k - 1, ',')))
			rules_blank(r, k, k);
	}
}

static const struct {
	const char *word;
	const char *what;
	bool before_on; /* a privilege, which stands before ON */
} refused[] = {
	{ "assumerole", "the privilege ASSUMEROLE", true },
	{ "alter", "the privilege ALTER", true },
	{ "drop", "the privilege DROP", true },
	{ "explain", "the privilege EXPLAIN RLS", true },
	{ "ignore", "the privilege IGNORE RLS", true },
	{ "datashare", "a privilege on a DATASHARE", false },
	{ "model", "a privilege on a MODEL", false },
	{ "external", "a privilege on an EXTERNAL schema or function", false },
	{ "library", "a privilege on a LIBRARY", false },
	{ "copy", "a privilege on COPY JOB", false },
	{ "template", "a privilege on a TEMPLATE", false },
};

/* Permissions of the system, which only roles can have: GRANT CREATE USER TO ROLE r. */
static const char *const system_permissions[] = { "create", "access", "vacuum", "analyze", "truncate", "cancel", NULL };

/* PostgreSQL's roles of the server, which reach out of the cluster. */
static const char *const server_roles[] = { "pg_execute_server_program", "pg_read_server_files",
					    "pg_write_server_files", NULL };

int statement_grant(struct rules *r, int i, int end)
{
	int on = statement_find(r, i, end, "on");

	for (int k = i + 1; k < end; k++) {
		if (token_in(r->t, k, server_roles))
			return rules_fail(r, k, "42501", "permission denied to grant role \"%.*s\"",
					  (int)token_len(r->t, k), r->t->text + r->t->items[k].from);
	}
	for (size_t k = 0; k < sizeof refused / sizeof *refused; k++) {
		int at = refused[k].before_on ? i + 1 : on + 1;

		if (!refused[k].before_on && on < 0)
			continue;
		if (token_is(r->t, at, "grant") && token_is(r->t, at + 1, "option"))
			at += 3;
		if (token_is(r->t, at, refused[k].word))
			return rules_refuse(r, at, refused[k].what);
	}
	if (on < 0 && token_in(r->t, i + 1, system_permissions))
		return rules_refuse(r, i + 1, "a permission of the system");
	blank_role_words(r, i, end);
	return on > 0 && token_is(r->t, on + 1, "procedure") ? statement_told_procedure(r, on, end) : 0;
}

/* ALTER DEFAULT PRIVILEGES ... GRANT ... TO ROLE r */
int statement_default_privileges(struct rules *r, int i, int end)
{
	blank_role_words(r, i, end);
	return 0;
}
