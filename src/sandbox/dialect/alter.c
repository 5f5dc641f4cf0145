#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/dialect/attributes.h"
#include "sandbox/dialect/rules.h"

/* ALTER TABLE: what concerns distribution, order, encodings and keys changes nothing on PostgreSQL. Such a statement
 * becomes one that changes nothing, which still needs the table and the right to alter it. */
#define NOTHING "SET (autovacuum_enabled = true)"

static int alter_nothing(struct rules *r, int i, int end)
{
	edit_replace(r->e, r->t->items[i].from, r->t->items[end - 1].to, NOTHING);
	return 0;
}

/* ADD [COLUMN] c type ... */
static int alter_add_column(struct rules *r, int i, int end)
{
	struct table_attributes a;
	int rc;

	attributes_init(&a);
	rc = rules_column(r, token_is(r->t, i + 1, "column") ? i + 2 : i + 1, end, &a);
	attributes_clear(&a);
	return rc;
}

/* ALTER [COLUMN] c TYPE varchar(n): the check of bytes goes along. */
static int alter_type(struct rules *r, int i, int end)
{
	int column = token_is(r->t, i + 1, "column") ? i + 2 : i + 1;
	char name[ATTRIBUTE_NAME], number[16];
	long n;

	if (!token_is(r->t, column + 1, "type") || !token_is_char(r->t, end - 1, ')'))
		return 0;
	token_name(r->t, column, name, sizeof name);
	token_name(r->t, end - 2, number, sizeof number);
	n = strtol(number, NULL, 10);
	if (token_is(r->t, end - 2, "max"))
		n = 65535;
	edit_insert_before(r->e, r->t->items[i].from, "DROP CONSTRAINT IF EXISTS \"" RULES_BYTE_CHECK "%s\", ", name);
	rules_byte_check(r, name, n, r->t->items[end - 1].to, ", ADD");
	return 0;
}

static const char *const keys[] = { "constraint", "primary", "unique", "foreign", NULL };
static const char *const storage[] = { "distkey", "diststyle", "sortkey", "compound", "encode", NULL };

int rule_alter_table(struct rules *r, int i)
{
	int end, at = i + 2;

	if (!token_is(r->t, i, "alter") || !token_is(r->t, i + 1, "table") || !rules_at_statement(r, i))
		return 0;
	end = rules_statement_end(r, i);
	if (token_is(r->t, at, "if"))
		at += 2;
	while (at + 2 < end && token_is_char(r->t, at + 1, '.'))
		at += 2;
	at++;
	if (at >= end)
		return 0;
	if (token_is(r->t, at, "append"))
		return rules_refuse(r, at, "ALTER TABLE ... APPEND");
	if (token_is(r->t, at, "row") || token_is(r->t, at, "set"))
		return rules_refuse(r, at, "this form of ALTER TABLE");
	if (token_is(r->t, at, "add") && token_in(r->t, at + 1, keys))
		return alter_nothing(r, at, end);
	if (token_is(r->t, at, "drop") && token_in(r->t, at + 1, keys))
		return alter_nothing(r, at, end);
	if (token_is(r->t, at, "add"))
		return alter_add_column(r, at, end);
	if (!token_is(r->t, at, "alter"))
		return 0;
	if (token_in(r->t, at + 1, storage))
		return alter_nothing(r, at, end);
	if (token_is(r->t, end - 2, "encode") || token_is(r->t, end - 3, "encode"))
		return alter_nothing(r, at, end);
	return alter_type(r, at, end);
}
