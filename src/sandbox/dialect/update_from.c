#include <string.h>

#include "sandbox/dialect/columns.h"

/* UPDATE t SET c = c + o.n FROM t o: a column without a table that both have is the target's. */

bool update_from_wanted(const struct tokens *t)
{
	bool update = false;

	for (int i = 0; i < t->count; i++) {
		update = update || token_is(t, i, "update");
		if (update && token_is(t, i, "from"))
			return true;
	}
	return false;
}

struct target {
	struct pass *p;
	const char *name; /* by which it is known */
	struct columns own, twin, others;
};

/* Columns of FROM: of the target's second name, and of all else. False: not known. */
static bool read_from(struct target *t, const struct json *item, const char *relation, bool *again)
{
	const struct json *join = json_get(item, "JoinExpr"), *var = json_get(item, "RangeVar");

	if (join)
		return read_from(t, json_get(join, "larg"), relation, again) &&
		       read_from(t, json_get(join, "rarg"), relation, again);
	if (var && strcmp(json_str(var, "relname", ""), relation) == 0) {
		*again = true;
		return columns_of_item(t->p, item, NULL, &t->twin);
	}
	return columns_of_item(t->p, item, NULL, &t->others);
}

static void qualify(struct target *t, const struct json *node)
{
	const struct json *ref = json_get(node, "ColumnRef");

	if (!node || json_get(node, "SelectStmt"))
		return;
	if (ref) {
		const char *name = column_ref_name(ref);
		int token = pass_token_at(t->p, (long)json_int(ref, "location", -1));
		struct buf b;

		if (!name || token < 0 || json_count(json_get(ref, "fields")) != 1 ||
		    !columns_find(&t->own, NULL, name) || columns_find(&t->others, NULL, name))
			return;
		buf_init(&b, BUF_MAX_DEFAULT);
		pass_put_name(&b, t->name);
		buf_putc(&b, '.');
		pass_insert_before(t->p, token, &b);
		return;
	}
	for (const struct json *m = json_first(node); m; m = json_next(m)) {
		if (json_is_object(m) || json_is_array(m))
			qualify(t, m);
	}
}

static void one_update(struct pass *p, const struct json *update)
{
	const struct json *relation = json_get(update, "relation"), *from = json_get(update, "fromClause");
	const char *name = json_str(relation, "relname", "");
	struct target t = { .p = p, .name = json_str(json_get(relation, "alias"), "aliasname", name) };
	bool known, again = false;

	known = columns_of_table(p, json_str(relation, "schemaname", NULL), name, t.name, &t.own);
	for (const struct json *item = json_first(from); item && known; item = json_next(item))
		known = read_from(&t, item, name, &again);
	if (known && again) {
		for (const struct json *s = json_first(json_get(update, "targetList")); s; s = json_next(s))
			qualify(&t, json_get(json_get(s, "ResTarget"), "val"));
		qualify(&t, json_get(update, "whereClause"));
	}
	columns_clear(&t.own);
	columns_clear(&t.twin);
	columns_clear(&t.others);
}

static void walk(struct pass *p, const struct json *node)
{
	for (const struct json *m = json_first(node); m; m = json_next(m)) {
		const char *name = json_name(m);

		if (name && strcmp(name, "UpdateStmt") == 0 && json_get(m, "fromClause"))
			one_update(p, m);
		if (json_is_object(m) || json_is_array(m))
			walk(p, m);
	}
}

int update_from_apply(struct pass *p)
{
	const struct json *tree = pass_tree(p);

	if (tree)
		walk(p, tree);
	return 0;
}
