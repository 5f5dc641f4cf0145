#include <math.h>

#include "sandbox/access/cidr.h"
#include "sandbox/access/glob.h"
#include "sandbox/access/policy.h"
#include "spark/base/clock.h"

/* What a condition compares: the policy's value with one value of the request. */
struct sides {
	const char *policy;  /* as written, without variables */
	const char *pattern; /* with context values in the place of variables: for glob_match() */
	const char *actual;
};

/* A pattern whose stars mean themselves, compared as plain text. */
static bool same_text(const char *pattern, const char *actual, bool fold_case)
{
	for (; *pattern; pattern++, actual++) {
		char a, b;

		if (*pattern == GLOB_ESCAPE && pattern[1])
			pattern++;
		a = *pattern, b = *actual;
		if (fold_case && a >= 'A' && a <= 'Z')
			a = (char)(a + 32);
		if (fold_case && b >= 'A' && b <= 'Z')
			b = (char)(b + 32);
		if (a != b)
			return false;
	}
	return !*actual;
}

static bool string_equals(const struct sides *s)
{
	return same_text(s->pattern, s->actual, false);
}

static bool string_equals_any_case(const struct sides *s)
{
	return same_text(s->pattern, s->actual, true);
}

static bool string_like(const struct sides *s)
{
	return glob_match(s->pattern, s->actual, false);
}

/* ARNs match part by part, so that a star does not swallow a colon of the first five. */
static bool arn_like(const struct sides *s)
{
	const char *p = s->pattern, *a = s->actual;

	for (int part = 0; part < 5; part++) {
		size_t pn = strcspn(p, ":"), an = strcspn(a, ":");
		char pt[256], at[256];

		if (p[pn] != ':' || a[an] != ':' || pn >= sizeof(pt) || an >= sizeof(at))
			return false;
		memcpy(pt, p, pn), pt[pn] = 0;
		memcpy(at, a, an), at[an] = 0;
		if (!glob_match(pt, at, false))
			return false;
		p += pn + 1;
		a += an + 1;
	}
	return glob_match(p, a, false);
}

static bool bool_equals(const struct sides *s)
{
	return !strcasecmp(s->policy, s->actual);
}

static bool ip_in(const struct sides *s)
{
	struct cidr network, address;

	return cidr_parse(s->policy, true, &network) && cidr_parse(s->actual, true, &address) &&
	       cidr_contains(&network, &address);
}

/* -1, 0, 1: actual is less, equal, greater; 2: not comparable. */
static int number_order(const struct sides *s)
{
	char *pe, *ae;
	double p = strtod(s->policy, &pe), a = strtod(s->actual, &ae);

	if (pe == s->policy || *pe || ae == s->actual || *ae || isnan(p) || isnan(a))
		return 2;
	return a < p ? -1 : a > p;
}

static bool read_time(const char *text, int64_t *ms)
{
	struct err ignored;
	char *end;
	long long seconds = strtoll(text, &end, 10);

	if (end != text && !*end && seconds < INT64_MAX / 1000 && seconds > INT64_MIN / 1000) {
		*ms = seconds * 1000;
		return true;
	}
	return !clock_parse(text, ms, &ignored);
}

static int time_order(const struct sides *s)
{
	int64_t p, a;

	if (!read_time(s->policy, &p) || !read_time(s->actual, &a))
		return 2;
	return a < p ? -1 : a > p;
}

#define ORDER_TESTS(what)                                  \
	static bool what##_equals(const struct sides *s)   \
	{                                                  \
		return what##_order(s) == 0;               \
	}                                                  \
	static bool what##_less(const struct sides *s)     \
	{                                                  \
		return what##_order(s) == -1;              \
	}                                                  \
	static bool what##_at_most(const struct sides *s)  \
	{                                                  \
		return what##_order(s) <= 0;               \
	}                                                  \
	static bool what##_greater(const struct sides *s)  \
	{                                                  \
		return what##_order(s) == 1;               \
	}                                                  \
	static bool what##_at_least(const struct sides *s) \
	{                                                  \
		int order = what##_order(s);               \
		return order == 0 || order == 1;           \
	}

ORDER_TESTS(number)
ORDER_TESTS(time)

struct condition_row {
	const char *name;
	bool (*holds)(const struct sides *s);
	bool negated;
};

static const struct condition_row rows[] = {
	{ "StringEquals", string_equals, false },
	{ "StringNotEquals", string_equals, true },
	{ "StringEqualsIgnoreCase", string_equals_any_case, false },
	{ "StringNotEqualsIgnoreCase", string_equals_any_case, true },
	{ "StringLike", string_like, false },
	{ "StringNotLike", string_like, true },
	{ "BinaryEquals", string_equals, false },
	{ "ArnEquals", arn_like, false },
	{ "ArnLike", arn_like, false },
	{ "ArnNotEquals", arn_like, true },
	{ "ArnNotLike", arn_like, true },
	{ "Bool", bool_equals, false },
	{ "IpAddress", ip_in, false },
	{ "NotIpAddress", ip_in, true },
	{ "NumericEquals", number_equals, false },
	{ "NumericNotEquals", number_equals, true },
	{ "NumericLessThan", number_less, false },
	{ "NumericLessThanEquals", number_at_most, false },
	{ "NumericGreaterThan", number_greater, false },
	{ "NumericGreaterThanEquals", number_at_least, false },
	{ "DateEquals", time_equals, false },
	{ "DateNotEquals", time_equals, true },
	{ "DateLessThan", time_less, false },
	{ "DateLessThanEquals", time_at_most, false },
	{ "DateGreaterThan", time_greater, false },
	{ "DateGreaterThanEquals", time_at_least, false },
};

/* An operator taken apart: "ForAnyValue:StringLikeIfExists". */
struct operator
{
	const struct condition_row *row; /* NULL: Null */
	enum { SET_NONE, SET_ALL, SET_ANY } set;
	bool if_exists;
};

static bool operator_parse(const char *text, struct operator* o)
{
	static const char all[] = "ForAllValues:", any[] = "ForAnyValue:", suffix[] = "IfExists";
	size_t len;

	memset(o, 0, sizeof(*o));
	if (!strncasecmp(text, all, sizeof(all) - 1))
		o->set = SET_ALL, text += sizeof(all) - 1;
	else if (!strncasecmp(text, any, sizeof(any) - 1))
		o->set = SET_ANY, text += sizeof(any) - 1;
	if (!strcasecmp(text, "Null"))
		return true;
	len = strlen(text);
	if (len > sizeof(suffix) - 1 && !strcasecmp(text + len - (sizeof(suffix) - 1), suffix))
		o->if_exists = true, len -= sizeof(suffix) - 1;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (strlen(rows[i].name) == len && !strncasecmp(rows[i].name, text, len))
			o->row = &rows[i];
	return o->row != NULL;
}

bool policy_operator_is_known(const char *name)
{
	struct operator o;

	return operator_parse(name, &o);
}

/* A string, number or boolean as text. */
static const char *scalar_text(const struct json *v, char room[64])
{
	if (json_is_string(v))
		return json_text(v);
	if (json_is_number(v))
		snprintf(room, 64, "%.17g", json_number(v));
	else if (json_is_bool(v)) {
		struct buf b;
		struct err ignored;

		buf_init(&b, 64);
		snprintf(room, 64, "%s", json_print(v, false, &b, &ignored) ? "" : b.data);
		buf_clear(&b);
	} else {
		return NULL;
	}
	return room;
}

static bool compare_one(const struct condition_row *row, const struct json *value, const char *actual,
			const struct json *context)
{
	char room[64];
	const char *text = scalar_text(value, room);
	struct buf pattern;
	bool holds;

	if (!text)
		return false;
	buf_init(&pattern, BUF_MAX_DEFAULT);
	holds = policy_expand(text, context, &pattern) && row->holds(&(struct sides){ text, pattern.data, actual });
	buf_clear(&pattern);
	return holds;
}

/* One value of the request against the list of the policy: any of them, or none of them for a negated operator. */
static bool value_holds(const struct condition_row *row, const struct json *wanted, const char *actual,
			const struct json *context)
{
	bool any = false;

	if (json_is_array(wanted)) {
		for (const struct json *v = json_first(wanted); v && !any; v = json_next(v))
			any = compare_one(row, v, actual, context);
	} else {
		any = compare_one(row, wanted, actual, context);
	}
	return any != row->negated;
}

static bool null_holds(const struct json *wanted, const struct json *actual)
{
	char room[64];
	const char *text = scalar_text(json_is_array(wanted) ? json_at(wanted, 0) : wanted, room);

	return text && !strcasecmp(text, actual && !json_is_null(actual) ? "false" : "true");
}

static bool key_holds(const struct operator* o, const struct json *wanted, const struct json *actual,
		      const struct json *context)
{
	char room[64];
	const char *text;
	bool all = true, any = false;

	if (!o->row)
		return null_holds(wanted, actual);
	if (!actual || json_is_null(actual))
		return o->if_exists || o->set == SET_ALL || (o->set == SET_NONE && o->row->negated);
	if (!json_is_array(actual)) {
		text = scalar_text(actual, room);
		return text && value_holds(o->row, wanted, text, context);
	}
	for (const struct json *v = json_first(actual); v; v = json_next(v)) {
		bool holds;

		text = scalar_text(v, room);
		holds = text && value_holds(o->row, wanted, text, context);
		all = all && holds;
		any = any || holds;
	}
	/* A key of many values without a set operator: a negated one must hold for each, others for any. */
	if (o->set == SET_ALL || (o->set == SET_NONE && o->row->negated))
		return all;
	return any;
}

enum policy_truth policy_condition(const struct json *condition, const struct json *context)
{
	bool unknown = false;

	if (!json_is_object(condition))
		return POLICY_UNKNOWN;
	for (const struct json *m = json_first(condition); m; m = json_next(m)) {
		struct operator o;

		if (!operator_parse(json_name(m), &o) || !json_is_object(m)) {
			unknown = true;
			continue;
		}
		for (const struct json *k = json_first(m); k; k = json_next(k))
			if (!key_holds(&o, k, policy_context(context, json_name(k)), context))
				return POLICY_FALSE;
	}
	return unknown ? POLICY_UNKNOWN : POLICY_TRUE;
}
