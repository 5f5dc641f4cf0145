#include "sandbox/dialect/columns.h"

/* MERGE: PostgreSQL has it, but for REMOVE DUPLICATES, and allows more clauses than Redshift. */

bool merge_wanted(const struct tokens *t)
{
	for (int i = 0; i + 1 < t->count; i++) {
		if (token_is(t, i, "merge") && token_is(t, i + 1, "into") && !token_is_char(t, i - 1, '.'))
			return true;
	}
	return false;
}

/* The first token of that word outside of parentheses, from i on. */
static int find(const struct tokens *t, int i, const char *word)
{
	while (i < t->count && !token_is(t, i, word) && !token_is_char(t, i, ';'))
		i = block_skip(t, i);
	return token_is(t, i, word) ? i : -1;
}

/* WHEN [NOT] MATCHED from i on; CASE has WHEN as well. */
static int find_when(const struct tokens *t, int i)
{
	while ((i = find(t, i, "when")) >= 0 && !token_is(t, i + 1, "matched") &&
	       !(token_is(t, i + 1, "not") && token_is(t, i + 2, "matched")))
		i++;
	return i;
}

static int name_end(const struct tokens *t, int i)
{
	while (token_is_char(t, i + 1, '.'))
		i += 2;
	return i;
}

/* Two tables that shall have the same number of columns; what is not known passes. */
static int check_columns(struct pass *p, int target, int source, int using)
{
	struct columns a = { 0 }, b = { 0 };
	char schema[192], name[192];
	int firsts[] = { target, source }, rc = 0;
	struct columns *lists[] = { &a, &b };
	bool known = true;

	for (int k = 0; k < 2 && known; k++) {
		int last = name_end(&p->t, firsts[k]);

		token_name(&p->t, last, name, sizeof name);
		token_name(&p->t, firsts[k], schema, sizeof schema);
		known = token_is_name(&p->t, last) &&
			columns_of_table(p, last > firsts[k] ? schema : NULL, name, name, lists[k]);
	}
	if (known && a.count != b.count)
		rc = pass_fail(p, using, "42601",
			       "MERGE with REMOVE DUPLICATES needs a source with as many columns as the target");
	columns_clear(&a);
	columns_clear(&b);
	return rc;
}

/* Rows of the target that match go, then each different row of the source is put in. */
static int remove_duplicates(struct pass *p, int merge, int using, int on, int remove)
{
	int target = merge + 2, target_end = name_end(&p->t, target);
	struct buf out;

	if (check_columns(p, target, using + 1, using) < 0)
		return -1;
	if (target_end + 1 != using)
		return pass_refuse(p, target_end + 1, "an alias of the target in MERGE with REMOVE DUPLICATES");
	buf_init(&out, BUF_MAX_DEFAULT);
	buf_printf(&out,
		   "WITH sparkctl_gone AS (DELETE FROM %s USING %s WHERE %s) INSERT INTO %s SELECT DISTINCT * FROM %s",
		   pass_quote(p, target, target_end).text, pass_quote(p, using + 1, on - 1).text,
		   pass_quote(p, on + 1, remove - 1).text, pass_quote(p, target, target_end).text,
		   pass_quote(p, using + 1, on - 1).text);
	pass_replace(p, merge, remove + 1, &out);
	return 0;
}

/* WHEN MATCHED THEN and WHEN NOT MATCHED THEN, once each, without conditions. */
static int check_clauses(struct pass *p, int when)
{
	static const char *const usage =
		"MERGE takes WHEN MATCHED THEN UPDATE or DELETE, then WHEN NOT MATCHED THEN INSERT, once each";
	const struct tokens *t = &p->t;
	int second;

	if (!token_is(t, when + 1, "matched"))
		return pass_fail(p, when + 1, "42601", "%s", usage);
	if (!token_is(t, when + 2, "then"))
		return pass_refuse(p, when + 2, "a condition of WHEN MATCHED");
	if (!token_is(t, when + 3, "update") && !token_is(t, when + 3, "delete"))
		return pass_fail(p, when + 3, "42601", "%s", usage);
	second = find_when(t, when + 3);
	if (second < 0 || !token_is(t, second + 1, "not"))
		return pass_fail(p, second < 0 ? when : second, "42601", "%s", usage);
	if (!token_is(t, second + 3, "then"))
		return pass_refuse(p, second + 3, "a condition of WHEN NOT MATCHED");
	if (!token_is(t, second + 4, "insert"))
		return pass_fail(p, second + 4, "42601", "%s", usage);
	second = find_when(t, second + 5);
	if (second >= 0)
		return pass_fail(p, second, "42601", "%s", usage);
	return 0;
}

int merge_apply(struct pass *p)
{
	for (int i = 0; i + 1 < p->t.count; i++) {
		int using, on, when, remove;

		if (!token_is(&p->t, i, "merge") || !token_is(&p->t, i + 1, "into") || token_is_char(&p->t, i - 1, '.'))
			continue;
		using = find(&p->t, i, "using");
		on = using < 0 ? -1 : find(&p->t, using, "on");
		if (on < 0)
			continue;
		remove = find(&p->t, on, "remove");
		when = find_when(&p->t, on);
		if (remove > on + 1 && token_is(&p->t, remove + 1, "duplicates")) {
			if (remove_duplicates(p, i, using, on, remove) < 0)
				return -1;
		} else if (when >= 0 && check_clauses(p, when) < 0) {
			return -1;
		}
	}
	return 0;
}
