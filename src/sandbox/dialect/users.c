#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "sandbox/dialect/statements.h"

/* CREATE and ALTER of USER, ROLE, SCHEMA, DATABASE: Redshift's options. */

#define PASSWORD_MIN 8
#define PASSWORD_MAX 64
/* What a Redshift superuser has here: no right of PostgreSQL's superuser, which would reach beyond the cluster. */
#define SUPER_ROLES "pg_read_all_data, pg_write_all_data, pg_monitor, pg_signal_backend"

/* What is left of an option at i: behind it; i: not one of these; -1: refused. */
typedef int (*option_fn)(struct rules *r, int i, int end);

struct option_row {
	const char *word;
	option_fn apply;
};

/* ---- users ---- */

static int option_password(struct rules *r, int i, int end)
{
	char text[256];
	bool upper = false, lower = false, digit = false;
	size_t len;

	if (i + 1 < end && token_is(r->t, i + 1, "disable")) {
		rules_replace(r, i + 1, "NULL");
		return i + 2;
	}
	if (i + 1 >= end || !statement_string(r, i + 1, text, sizeof text))
		return i + 1;
	len = strlen(text);
	if (strncmp(text, "sha256|", 7) == 0)
		return rules_refuse(r, i + 1, "a password as SHA-256 hash");
	if (len == 35 && strncmp(text, "md5", 3) == 0)
		return i + 2;
	for (const char *p = text; *p; p++) {
		upper = upper || isupper((unsigned char)*p);
		lower = lower || islower((unsigned char)*p);
		digit = digit || isdigit((unsigned char)*p);
	}
	if (len < PASSWORD_MIN || len > PASSWORD_MAX)
		return rules_fail(r, i + 1, "22023", "Password must have from %d to %d characters", PASSWORD_MIN,
				  PASSWORD_MAX);
	if (!upper || !lower || !digit)
		return rules_fail(r, i + 1, "22023", "Password must contain %s",
				  !digit   ? "a number"
				  : !upper ? "an upper case letter"
					   : "a lower case letter");
	return i + 2;
}

static int option_createuser(struct rules *r, int i, int end)
{
	(void)end;
	rules_replace(r, i, token_is(r->t, i, "createuser") ? "CREATEROLE" : "NOCREATEROLE");
	return i + 1;
}

/* SYSLOG ACCESS RESTRICTED | UNRESTRICTED, SESSION TIMEOUT n, EXTERNALID 'x', RESET SESSION TIMEOUT */
static int option_dropped(struct rules *r, int i, int end)
{
	int words = token_is(r->t, i, "externalid") ? 2 : 3;

	if (token_is(r->t, i, "session") && !token_is(r->t, i + 1, "timeout"))
		return i;
	if (i + words > end)
		words = end - i;
	rules_blank(r, i, i + words - 1);
	return i + words;
}

static int option_reset(struct rules *r, int i, int end)
{
	if (token_is(r->t, i + 1, "session") && token_is(r->t, i + 2, "timeout"))
		return option_dropped(r, i, end);
	if (setting_is_ours(r, i + 1))
		edit_insert_before(r->e, r->t->items[i + 1].from, "sparkctl.");
	return end;
}

static int option_set(struct rules *r, int i, int end)
{
	if (setting_is_ours(r, i + 1))
		edit_insert_before(r->e, r->t->items[i + 1].from, "sparkctl.");
	return end;
}

/* CONNECTION LIMIT n | UNLIMITED */
static int option_connection(struct rules *r, int i, int end)
{
	if (i + 2 < end && token_is(r->t, i + 2, "unlimited"))
		rules_replace(r, i + 2, "-1");
	return i + 3;
}

static int option_superuser(struct rules *r, int i, int end)
{
	(void)end;
	return rules_fail(r, i, "42501", "permission denied: a user of a cluster cannot become PostgreSQL's superuser");
}

static const struct option_row user_options[] = {
	{ "password", option_password },     { "createuser", option_createuser }, { "nocreateuser", option_createuser },
	{ "syslog", option_dropped },        { "session", option_dropped },       { "externalid", option_dropped },
	{ "connection", option_connection }, { "reset", option_reset },           { "set", option_set },
	{ "superuser", option_superuser },   { "replication", option_superuser }, { "bypassrls", option_superuser },
};

static int walk_options(struct rules *r, int i, int end, const struct option_row *rows, size_t count)
{
	while (i < end) {
		int next = i;

		for (size_t k = 0; k < count && next == i; k++) {
			if (!token_is(r->t, i, rows[k].word))
				continue;
			next = rows[k].apply(r, i, end);
			if (next < 0)
				return -1;
		}
		i = next > i ? next : i + 1;
	}
	return 0;
}

/* Who makes a user becomes a member of it: he may speak for him (SET SESSION AUTHORIZATION) and read what is his, as a
 * superuser of Redshift may. */
static void creator_joins(struct rules *r, int i, int end)
{
	int group = statement_find(r, i, end, "group"), last = end - 1;

	if (statement_find(r, i, end, "createuser") > 0) {
		if (group > 0) {
			int behind = group + 1;

			while (behind + 2 < end && token_is_char(r->t, behind + 1, ','))
				behind += 2;
			edit_insert_after(r->e, r->t->items[behind].to, ", " SUPER_ROLES);
		} else {
			edit_insert_after(r->e, r->t->items[last].to, " IN ROLE " SUPER_ROLES);
		}
	}
	edit_insert_after(r->e, r->t->items[last].to, " ROLE CURRENT_USER");
}

int statement_user(struct rules *r, int i, int end)
{
	if (i + 2 >= end)
		return 0;
	if (walk_options(r, i + 3, end, user_options, sizeof user_options / sizeof *user_options) < 0)
		return -1;
	if (token_is(r->t, i, "create"))
		creator_joins(r, i + 3, end);
	return 0;
}

/* ---- roles ---- */

static int option_owner(struct rules *r, int i, int end)
{
	(void)end;
	return rules_refuse(r, i, "ALTER ROLE ... OWNER TO");
}

static int option_force(struct rules *r, int i, int end)
{
	(void)end;
	rules_blank(r, i, i);
	return i + 1;
}

static const struct option_row role_options[] = {
	{ "externalid", option_dropped },  { "owner", option_owner },         { "force", option_force },
	{ "restrict", option_force },      { "superuser", option_superuser }, { "replication", option_superuser },
	{ "bypassrls", option_superuser },
};

int statement_role(struct rules *r, int i, int end)
{
	return walk_options(r, i + 3, end, role_options, sizeof role_options / sizeof *role_options);
}

/* ---- schemas and databases ---- */

/* QUOTA n [MB | GB | TB] | UNLIMITED */
static int option_quota(struct rules *r, int i, int end)
{
	int last = i + 1;

	if (last + 1 < end && !token_is(r->t, last, "unlimited"))
		last++;
	if (last >= end)
		return i + 1;
	rules_blank(r, i, last);
	return last + 1;
}

static const struct option_row schema_options[] = { { "quota", option_quota } };

int statement_schema(struct rules *r, int i, int end)
{
	int quota = statement_find(r, i + 3, end, "quota");

	if (token_is(r->t, i, "alter") && quota > 0)
		return rules_refuse(r, quota, "ALTER SCHEMA ... QUOTA");
	return walk_options(r, i + 3, end, schema_options, 1);
}

/* COLLATE CASE_SENSITIVE | CASE_INSENSITIVE */
static int option_collate(struct rules *r, int i, int end)
{
	if (i + 1 < end && token_is(r->t, i + 1, "case_insensitive"))
		return rules_refuse(r, i, "COLLATE CASE_INSENSITIVE");
	rules_blank(r, i, i + 1 < end ? i + 1 : i);
	return i + 2;
}

/* ISOLATION LEVEL SERIALIZABLE | SNAPSHOT */
static int option_isolation(struct rules *r, int i, int end)
{
	int last = i + 2 < end ? i + 2 : end - 1;

	rules_blank(r, i, last);
	return last + 1;
}

static int option_from(struct rules *r, int i, int end)
{
	(void)end;
	return rules_refuse(r, i, "CREATE DATABASE ... FROM");
}

static const struct option_row database_options[] = {
	{ "collate", option_collate },
	{ "isolation", option_isolation },
	{ "connection", option_connection },
	{ "from", option_from },
};

int statement_database(struct rules *r, int i, int end)
{
	if (token_is(r->t, i, "alter") &&
	    (statement_find(r, i + 3, end, "isolation") > 0 || statement_find(r, i + 3, end, "collate") > 0))
		return rules_refuse(r, i + 3, "this form of ALTER DATABASE");
	return walk_options(r, i + 3, end, database_options, sizeof database_options / sizeof *database_options);
}
