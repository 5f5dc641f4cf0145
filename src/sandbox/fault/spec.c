#include "sandbox/fault/spec.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "spark/sandbox/http.h"

#define BIT(kind)  (1u << (kind))
#define EVERY_KIND (BIT(FAULT_KINDS) - 1)
#define DELAY_MAX  ((int64_t)3600 * 1000)
#define OFFSET_MAX ((int64_t)3650 * 86400 * 1000)

static const char *const kind_names[FAULT_KINDS] = {
	[FAULT_THROTTLE] = "throttle",   [FAULT_ERROR] = "error",           [FAULT_DELAY] = "delay",
	[FAULT_HANG] = "hang",           [FAULT_RESET] = "reset",           [FAULT_TRUNCATE] = "truncate",
	[FAULT_MALFORMED] = "malformed", [FAULT_LOST_REPLY] = "lost-reply", [FAULT_DENY] = "deny",
	[FAULT_STUCK] = "stuck",         [FAULT_CLOCK] = "clock",
};

/* The states of a cluster that its owner can do nothing about. */
static const char states[] = "creating|modifying|rebooting|resizing|pausing|resuming|deleting|paused|hardware-failure|"
			     "incompatible-hsm|incompatible-network|incompatible-parameters|incompatible-restore|"
			     "storage-full";

enum key_type { KEY_KIND, KEY_TEXT, KEY_NUMBER, KEY_SHARE, KEY_SPAN };

static const struct key {
	const char *name;
	enum key_type type;
	size_t at, size;    /* of its member */
	int64_t min, max;   /* of a number */
	unsigned kinds;     /* that it means something for */
	unsigned needed_by; /* kinds that cannot do without */
	const char *choices;
} keys[] = {
#define MEMBER(m) offsetof(struct fault_spec, m), sizeof(((struct fault_spec *)NULL)->m)
	{ "kind", KEY_KIND, MEMBER(kind), 0, 0, EVERY_KIND, EVERY_KIND, NULL },
	{ "service", KEY_TEXT, MEMBER(service), 0, 0, EVERY_KIND & ~BIT(FAULT_STUCK), 0, NULL },
	{ "action", KEY_TEXT, MEMBER(action), 0, 0, EVERY_KIND & ~BIT(FAULT_STUCK), 0, NULL },
	{ "cluster", KEY_TEXT, MEMBER(cluster), 0, 0, BIT(FAULT_STUCK), 0, NULL },
	{ "nth", KEY_NUMBER, MEMBER(nth), 1, 1000000000, EVERY_KIND & ~BIT(FAULT_STUCK), 0, NULL },
	{ "count", KEY_NUMBER, MEMBER(count), 0, 1000000000, EVERY_KIND & ~BIT(FAULT_STUCK), 0, NULL },
	{ "probability", KEY_SHARE, MEMBER(probability), 0, 1, EVERY_KIND & ~BIT(FAULT_STUCK), 0, NULL },
	{ "seed", KEY_NUMBER, MEMBER(seed), 0, INT64_MAX, EVERY_KIND & ~BIT(FAULT_STUCK), 0, NULL },
	{ "status", KEY_NUMBER, MEMBER(status), 400, 599, BIT(FAULT_ERROR), 0, NULL },
	{ "code", KEY_TEXT, MEMBER(code), 0, 0, BIT(FAULT_ERROR) | BIT(FAULT_THROTTLE), 0, NULL },
	{ "ms", KEY_NUMBER, MEMBER(ms), 0, DELAY_MAX, BIT(FAULT_DELAY), BIT(FAULT_DELAY), NULL },
	{ "bytes", KEY_NUMBER, MEMBER(bytes), 0, 16 * 1024 * 1024, BIT(FAULT_TRUNCATE), 0, NULL },
	{ "offset", KEY_SPAN, MEMBER(offset_ms), -OFFSET_MAX, OFFSET_MAX, BIT(FAULT_CLOCK), BIT(FAULT_CLOCK), NULL },
	{ "state", KEY_TEXT, MEMBER(state), 0, 0, BIT(FAULT_STUCK), BIT(FAULT_STUCK), states },
#undef MEMBER
};
#define KEY_COUNT (sizeof(keys) / sizeof(*keys))

const char *fault_kind_name(enum fault_kind kind)
{
	return kind_names[kind];
}

static void add_kinds(struct buf *out)
{
	for (size_t i = 0; i < FAULT_KINDS; i++)
		buf_printf(out, "%s%s", i ? ", " : "", kind_names[i]);
}

static int refuse_kind(const char *value, struct err *err)
{
	struct buf list;

	buf_init(&list, 1024);
	add_kinds(&list);
	err_set(err, ERR_USAGE, "there is no fault of the kind '%.100s'", value);
	err_hint(err, "the kinds are %s", list.data);
	buf_clear(&list);
	return -1;
}

static int refuse_key(const char *name, struct err *err)
{
	struct buf list;

	buf_init(&list, 1024);
	for (size_t i = 0; i < KEY_COUNT; i++)
		buf_printf(&list, "%s%s", i ? ", " : "", keys[i].name);
	err_set(err, ERR_USAGE, "a fault has no '%.100s'", name);
	err_hint(err, "write key=value; the keys are %s", list.data);
	buf_clear(&list);
	return -1;
}

static bool is_choice(const char *choices, const char *value)
{
	size_t len = strlen(value);

	for (const char *p = choices; p; p = strchr(p, '|') ? strchr(p, '|') + 1 : NULL)
		if (strcspn(p, "|") == len && !strncmp(p, value, len))
			return true;
	return false;
}

static int take_text(const struct key *k, const char *value, char *to, struct err *err)
{
	size_t len = strlen(value);

	if (!len || len >= k->size ||
	    strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:*?") != len) {
		err_set(err, ERR_USAGE, "'%.100s' is no value for %s", value, k->name);
		return err_hint(err, "give 1 to %zu letters, digits or any of - _ . : * ?", k->size - 1);
	}
	if (k->choices && !is_choice(k->choices, value)) {
		err_set(err, ERR_USAGE, "'%s' is no %s that a cluster can stay in", value, k->name);
		return err_hint(err, "choose one of %s", k->choices);
	}
	memcpy(to, value, len + 1);
	return 0;
}

/* "600s", "-10m", "500ms", "1d"; seconds when no unit is written. */
static bool parse_span(const char *value, int64_t *out)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = { { "", 1000 }, { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 }, { "d", 86400000 } };
	char *end;
	long long n;

	errno = 0;
	n = strtoll(value, &end, 10);
	if (end == value || errno || n > OFFSET_MAX || n < -OFFSET_MAX)
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (!strcmp(end, units[i].unit)) {
			*out = (int64_t)n * units[i].ms;
			return true;
		}
	return false;
}

static int take_number(const struct key *k, const char *value, int64_t *to, struct err *err)
{
	int64_t n = 0;
	char *end;
	bool good;

	if (strspn(value, "+-0123456789smhd") != strlen(value))
		good = false;
	else if (k->type == KEY_SPAN)
		good = parse_span(value, &n);
	else {
		errno = 0;
		n = strtoll(value, &end, 10);
		good = *value >= '0' && *value <= '9' && !*end && !errno;
	}
	if (good && n >= k->min && n <= k->max) {
		*to = n;
		return 0;
	}
	err_set(err, ERR_USAGE, "'%.100s' is no value for %s", value, k->name);
	if (k->type == KEY_SPAN)
		return err_hint(err, "give a time like 600s, -10m or 1d, of at most ten years");
	return err_hint(err, "give a whole number from %lld to %lld", (long long)k->min, (long long)k->max);
}

static int take_share(const char *value, double *to, struct err *err)
{
	char *end;
	double share = strtod(value, &end);

	if (strspn(value, "0123456789.") == strlen(value) && end != value && !*end && share >= 0 && share <= 1) {
		*to = share;
		return 0;
	}
	err_set(err, ERR_USAGE, "'%.100s' is no probability", value);
	return err_hint(err, "give a number from 0 to 1");
}

static int take_kind(const char *value, enum fault_kind *to, struct err *err)
{
	for (size_t i = 0; i < FAULT_KINDS; i++)
		if (!strcmp(kind_names[i], value)) {
			*to = (enum fault_kind)i;
			return 0;
		}
	return refuse_kind(value, err);
}

static int take_value(const struct key *k, const char *value, struct fault_spec *s, struct err *err)
{
	void *member = (char *)s + k->at;

	switch (k->type) {
	case KEY_KIND:
		return take_kind(value, member, err);
	case KEY_TEXT:
		return take_text(k, value, member, err);
	case KEY_SHARE:
		return take_share(value, member, err);
	case KEY_NUMBER:
	case KEY_SPAN:
		break;
	}
	return take_number(k, value, member, err);
}

static int take_word(const char *word, struct fault_spec *s, unsigned *given, struct err *err)
{
	const char *mark = strchr(word, '=');
	size_t len = mark ? (size_t)(mark - word) : 0;

	for (size_t i = 0; i < KEY_COUNT && mark; i++) {
		if (strlen(keys[i].name) != len || strncmp(keys[i].name, word, len) != 0)
			continue;
		if (*given & 1u << i)
			return err_set(err, ERR_USAGE, "%s is given twice", keys[i].name);
		*given |= 1u << i;
		return take_value(&keys[i], mark + 1, s, err);
	}
	return refuse_key(word, err);
}

/* Does each key mean something for the kind, and is everything there? */
static int check_keys(const struct fault_spec *s, unsigned given, struct err *err)
{
	if (!(given & 1u)) {
		struct buf list;

		buf_init(&list, 1024);
		add_kinds(&list);
		err_set(err, ERR_USAGE, "a fault needs a kind");
		err_hint(err, "write kind=throttle, or another of %s", list.data);
		buf_clear(&list);
		return -1;
	}
	for (size_t i = 0; i < KEY_COUNT; i++) {
		if (given & 1u << i && !(keys[i].kinds & BIT(s->kind)))
			return err_set(err, ERR_USAGE, "%s means nothing for kind=%s", keys[i].name,
				       kind_names[s->kind]);
		if (!(given & 1u << i) && keys[i].needed_by & BIT(s->kind))
			return err_set(err, ERR_USAGE, "kind=%s needs %s=...", kind_names[s->kind], keys[i].name);
	}
	return 0;
}

int fault_spec_parse(const char *text, struct fault_spec *out, struct err *err)
{
	struct fault_spec s = { .nth = -1,
				.count = -1,
				.seed = -1,
				.probability = -1,
				.status = -1,
				.ms = -1,
				.bytes = -1,
				.offset_ms = 0 };
	char copy[FAULT_SPEC_MAX + 1], *rest = copy;
	unsigned given = 0;

	if (strlen(text) > FAULT_SPEC_MAX)
		return err_set(err, ERR_USAGE, "a fault's text is longer than %d bytes", FAULT_SPEC_MAX);
	memcpy(copy, text, strlen(text) + 1);
	for (char *word; (word = strsep(&rest, " \t\r\n"));)
		if (*word && take_word(word, &s, &given, err))
			return -1;
	if (check_keys(&s, given, err))
		return -1;
	*out = s;
	return 0;
}

void fault_spec_print(const struct fault_spec *s, struct buf *out)
{
	for (size_t i = 0; i < KEY_COUNT; i++) {
		const struct key *k = &keys[i];
		const void *member = (const char *)s + k->at;
		bool relevant = k->kinds & BIT(s->kind);

		if (k->type == KEY_KIND)
			buf_printf(out, "kind=%s", kind_names[s->kind]);
		else if (k->type == KEY_TEXT && *(const char *)member)
			buf_printf(out, " %s=%s", k->name, (const char *)member);
		else if (k->type == KEY_NUMBER && *(const int64_t *)member >= 0)
			buf_printf(out, " %s=%lld", k->name, (long long)*(const int64_t *)member);
		else if (k->type == KEY_SHARE && *(const double *)member >= 0)
			buf_printf(out, " %s=%.17g", k->name, *(const double *)member);
		else if (k->type == KEY_SPAN && relevant)
			buf_printf(out, " %s=%lldms", k->name, (long long)*(const int64_t *)member);
	}
}
