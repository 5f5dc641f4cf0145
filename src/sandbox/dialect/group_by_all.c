#include "sandbox/dialect/passes.h"

/* GROUP BY ALL: the places of the results that have no aggregate in them. */

static const char *const aggregates[] = {
	"count",           "sum",        "avg",       "min",      "max",
	"listagg",         "string_agg", "any_value", "median",   "stddev",
	"stddev_samp",     "stddev_pop", "variance",  "var_samp", "var_pop",
	"bool_and",        "bool_or",    "bit_and",   "bit_or",   "percentile_cont",
	"percentile_disc", "array_agg",  "grouping",  "hll",      "every",
	"approximate",     "corr",       NULL,
};

static bool is_all(const struct tokens *t, int i)
{
	return token_is(t, i, "group") && token_is(t, i + 1, "by") && token_is(t, i + 2, "all");
}

bool group_by_all_wanted(const struct tokens *t)
{
	for (int i = 0; i < t->count; i++) {
		if (is_all(t, i))
			return true;
	}
	return false;
}

/* A call of an aggregate, or of any function over a window: neither can be grouped by. */
static bool is_aggregate(const struct tokens *t, int i)
{
	if (token_is(t, i, "over") && (token_is_char(t, i + 1, '(') || token_is_name(t, i + 1)))
		return token_is_char(t, i - 1, ')');
	return token_in(t, i, aggregates) && token_is_char(t, i + 1, '(') && !token_is_char(t, i - 1, '.');
}

static bool has_aggregate(const struct tokens *t, int first, int last)
{
	for (int i = first; i <= last; i++) {
		if (token_is_char(t, i, '(') && token_is(t, i + 1, "select") && t->items[i].pair > i)
			i = t->items[i].pair;
		else if (is_aggregate(t, i))
			return true;
	}
	return false;
}

static int one_select(struct pass *p, const struct site *s)
{
	const struct clause_range *group = &s->b.c[CLAUSE_GROUP], *list = &s->b.c[CLAUSE_LIST];
	const struct json *target = json_first(json_get(s->node, "targetList"));
	struct buf places;

	if (group->word < 0 || !is_all(&p->t, group->word) || group->first != group->last)
		return 0;
	buf_init(&places, BUF_MAX_DEFAULT);
	for (int i = list->first, place = 1; i <= list->last && target; place++, target = json_next(target)) {
		int last = block_item_end(&p->t, i, list->last);

		if (!pass_label(json_get(target, "ResTarget"))) {
			buf_clear(&places);
			return pass_refuse(p, group->first, "GROUP BY ALL of a *");
		}
		if (!has_aggregate(&p->t, i, last))
			buf_printf(&places, "%s%d", places.len ? ", " : "", place);
		i = last + 2;
	}
	if (places.len || places.failed) {
		pass_replace(p, group->first, group->last, &places);
	} else {
		pass_blank(p, group->word, group->last);
		buf_clear(&places);
	}
	return 0;
}

int group_by_all_apply(struct pass *p)
{
	return pass_each_select(p, one_select);
}
