#include <string.h>

#include "sandbox/dialect/attributes.h"
#include "sandbox/dialect/rules.h"

/* PRIMARY KEY, UNIQUE and FOREIGN KEY: declared and recorded, never enforced. */

static int names_in_parens(const struct rules *r, int i, int end, struct table_attributes *a)
{
	char name[ATTRIBUTE_NAME];
	int close;

	if (i >= end || !token_is_char(r->t, i, '(') || r->t->items[i].pair < 0)
		return i;
	close = r->t->items[i].pair;
	for (int k = i + 1; k < close; k++) {
		if (!token_is_name(r->t, k))
			continue;
		token_name(r->t, k, name, sizeof name);
		attributes_add_key_column(a, name);
	}
	return close + 1;
}

/* REFERENCES [[database.]schema.]table [(columns)] */
static int reference(const struct rules *r, int i, int end, struct table_attributes *a)
{
	char schema[ATTRIBUTE_NAME] = "", table[ATTRIBUTE_NAME] = "";
	int last = i + 1;

	while (last + 2 < end && token_is_char(r->t, last + 1, '.'))
		last += 2;
	if (last >= end)
		return end;
	token_name(r->t, last, table, sizeof table);
	if (last > i + 1)
		token_name(r->t, last - 2, schema, sizeof schema);
	attributes_add_reference(a, schema, table);
	return names_in_parens(r, last + 1, end, a);
}

int rules_key(const struct rules *r, int i, int end, const char *name, const char *column, struct table_attributes *a)
{
	const char *kind = token_is(r->t, i, "primary")  ? "primary"
			   : token_is(r->t, i, "unique") ? "unique"
							 : "foreign";

	attributes_begin_key(a, kind, name);
	if (column)
		attributes_add_key_column(a, column);
	if (token_is(r->t, i + 1, "key"))
		i++;
	if (!token_is(r->t, i, "references"))
		i++;
	if (!column)
		i = names_in_parens(r, i, end, a);
	if (i < end && *kind == 'f' && token_is(r->t, i, "references"))
		i = reference(r, i, end, a);
	attributes_end_key(a);
	return i < end ? i : end;
}
