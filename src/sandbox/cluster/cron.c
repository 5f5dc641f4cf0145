#include "sandbox/cluster/cron.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "spark/base/clock.h"

#define DAY_MS    (INT64_C(24) * 3600 * 1000)
#define LW        32
#define FIELDS    6
#define FIELD_MAX 200

static const char *const month_names[] = { "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL",
					   "AUG", "SEP", "OCT", "NOV", "DEC", NULL };
static const char *const weekday_names[] = { "SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT", NULL };

enum { MINUTES, HOURS, DAYS, MONTHS, WEEKDAYS, YEARS };

static const struct field {
	const char *name;
	int min, max;
	const char *const *names; /* of min, min + 1, ... */
} fields[FIELDS] = {
	[MINUTES] = { "minutes", 0, 59, NULL },
	[HOURS] = { "hours", 0, 23, NULL },
	[DAYS] = { "day of month", 1, 31, NULL },
	[MONTHS] = { "month", 1, 12, month_names },
	[WEEKDAYS] = { "day of week", 1, 7, weekday_names },
	[YEARS] = { "year", CRON_FIRST_YEAR, CRON_LAST_YEAR, NULL },
};

static int wrong(const struct field *f, const char *text, struct err *err)
{
	return err_set(err, ERR_PARSE, "'%.60s' is no value for the field %s of a cron expression", text, f->name);
}

/* Takes a number or name off the front of *at. */
static bool take_value(const struct field *f, const char **at, int *value)
{
	char *end;
	long n;

	for (int i = 0; f->names && f->names[i]; i++)
		if (strncasecmp(*at, f->names[i], 3) == 0) {
			*at += 3;
			*value = f->min + i;
			return true;
		}
	if (**at < '0' || **at > '9')
		return false;
	n = strtol(*at, &end, 10);
	if (n < f->min || n > f->max || end - *at > 4)
		return false;
	*at = end;
	*value = (int)n;
	return true;
}

static bool take_step(const char **at, int *step)
{
	char *end;
	long n;

	*step = 1;
	if (**at != '/')
		return true;
	++*at;
	if (**at < '0' || **at > '9')
		return false;
	n = strtol(*at, &end, 10);
	*at = end;
	*step = (int)n;
	return n >= 1 && n <= 1000;
}

static void mark(struct cron *c, int field, int value)
{
	switch (field) {
	case MINUTES:
		c->minutes |= UINT64_C(1) << value;
		break;
	case HOURS:
		c->hours |= UINT32_C(1) << value;
		break;
	case DAYS:
		c->days |= UINT32_C(1) << value;
		break;
	case MONTHS:
		c->months = (uint16_t)(c->months | 1U << value);
		break;
	case WEEKDAYS:
		c->weekdays = (uint8_t)(c->weekdays | 1U << value);
		break;
	default:
		c->years[value - CRON_FIRST_YEAR] = true;
	}
}

/* From a to b in steps; days of the week may run over the week's end: FRI-MON. */
static void mark_range(struct cron *c, int field, int from, int to, int step)
{
	const struct field *f = &fields[field];
	int count = to >= from ? to - from : to + 7 - from;

	for (int i = 0; i <= count; i += step)
		mark(c, field, from + i > f->max ? from + i - 7 : from + i);
}

/* One part of a list: *, n, n-m, each with /step. */
static int take_part(struct cron *c, int field, const char **at, struct err *err)
{
	const struct field *f = &fields[field];
	const char *whole = *at;
	int from = f->min, to = f->max, step;
	bool range = true;

	if (**at == '*') {
		++*at;
	} else {
		if (!take_value(f, at, &from))
			return wrong(f, whole, err);
		range = **at == '-';
		to = from;
		if (range) {
			++*at;
			if (!take_value(f, at, &to) || (to < from && field != WEEKDAYS))
				return wrong(f, whole, err);
		}
	}
	/* 5/15: from 5 to the end in steps of 15. */
	if (**at == '/' && !range)
		to = f->max;
	if (!take_step(at, &step))
		return wrong(f, whole, err);
	mark_range(c, field, from, to, step);
	return 0;
}

/* L, LW, nW, of the month; L, nL, n#m, of the week. 1: it was one, 0: it was none, -1: err. */
static int take_special(struct cron *c, int field, const char *text, struct err *err)
{
	const struct field *f = &fields[field];
	const char *at = text;
	int value;

	if (field == DAYS && strcasecmp(text, "L") == 0) {
		c->last_day = true;
		return 1;
	}
	if (field == DAYS && strcasecmp(text, "LW") == 0) {
		c->near_weekday = LW;
		return 1;
	}
	if (field == WEEKDAYS && strcasecmp(text, "L") == 0) {
		mark(c, WEEKDAYS, 7);
		return 1;
	}
	if (!take_value(f, &at, &value))
		return 0;
	if (field == DAYS && strcasecmp(at, "W") == 0) {
		c->near_weekday = value;
		return 1;
	}
	if (field == WEEKDAYS && strcasecmp(at, "L") == 0) {
		c->last_of = value;
		return 1;
	}
	if (field == WEEKDAYS && *at == '#') {
		if (at[1] < '1' || at[1] > '5' || at[2])
			return wrong(f, text, err);
		c->nth_of = value;
		c->nth = at[1] - '0';
		return 1;
	}
	return 0;
}

static int take_field(struct cron *c, int field, const char *text, struct err *err)
{
	const char *at = text;
	int special;

	if (strcmp(text, "?") == 0) {
		if (field == DAYS)
			c->any_day = true;
		else if (field == WEEKDAYS)
			c->any_weekday = true;
		else
			return wrong(&fields[field], text, err);
		return 0;
	}
	special = field == DAYS || field == WEEKDAYS ? take_special(c, field, text, err) : 0;
	if (special)
		return special < 0 ? -1 : 0;
	for (;;) {
		if (take_part(c, field, &at, err))
			return -1;
		if (!*at)
			return 0;
		if (*at++ != ',')
			return wrong(&fields[field], text, err);
	}
}

static int parse_cron(const char *text, size_t len, struct cron *out, struct err *err)
{
	char copy[FIELD_MAX], *rest = copy, *word;
	int count = 0;

	if (len >= sizeof(copy))
		return err_set(err, ERR_PARSE, "the cron expression is too long");
	memcpy(copy, text, len);
	copy[len] = 0;
	while ((word = strtok_r(rest, " ", &rest)) != NULL) {
		if (count == FIELDS)
			return err_set(err, ERR_PARSE, "a cron expression has six fields, not more");
		if (take_field(out, count++, word, err))
			return -1;
	}
	if (count != FIELDS)
		return err_set(err, ERR_PARSE, "a cron expression has six fields, not %d", count);
	if (out->any_day == out->any_weekday)
		return err_set(err, ERR_PARSE, "either the day of month or the day of week must be a question mark");
	return 0;
}

/* clock_parse() reads more forms than at() allows. */
static int parse_at(const char *text, size_t len, struct cron *out, struct err *err)
{
	static const char form[] = "dddd-dd-ddTdd:dd:dd";
	char copy[32];

	if (len != sizeof(form) - 1)
		goto wrong;
	for (size_t i = 0; i < len; i++)
		if (form[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
			goto wrong;
	memcpy(copy, text, len);
	memcpy(copy + len, "Z", 2);
	if (clock_parse(copy, &out->at_ms, NULL))
		goto wrong;
	out->once = true;
	return 0;
wrong:
	return err_set(err, ERR_PARSE, "'%.40s' is not of the form at(yyyy-mm-ddThh:mm:ss)", text);
}

int cron_parse(const char *text, struct cron *out, struct err *err)
{
	size_t len = strlen(text);
	struct cron c;

	memset(&c, 0, sizeof(c));
	if (len > 4 && strncmp(text, "at(", 3) == 0 && text[len - 1] == ')') {
		if (parse_at(text + 3, len - 4, &c, err))
			return -1;
	} else if (len > 6 && strncmp(text, "cron(", 5) == 0 && text[len - 1] == ')') {
		if (parse_cron(text + 5, len - 6, &c, err))
			return -1;
	} else {
		return err_set(err, ERR_PARSE, "a schedule is at(...) or cron(...)");
	}
	*out = c;
	return 0;
}

/* ---- the next time ---- */

static int days_in(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

/* The weekday (0: Sunday) of another day of the month of t. */
static int weekday_of(const struct utc *t, int day)
{
	return ((t->weekday + (day - t->day)) % 7 + 35) % 7;
}

/* The working day nearest to `day`, within the month. */
static int nearest_weekday(const struct utc *t, int day)
{
	int last = days_in(t->year, t->month), weekday;

	if (day == LW || day > last)
		day = last;
	weekday = weekday_of(t, day);
	if (weekday == 6)
		return day == 1 ? 3 : day - 1;
	if (weekday == 0)
		return day == last ? day - 2 : day + 1;
	return day;
}

static bool fits_weekday(const struct cron *c, const struct utc *t)
{
	int weekday = t->weekday + 1;

	if (c->nth)
		return weekday == c->nth_of && (t->day - 1) / 7 + 1 == c->nth;
	if (c->last_of)
		return weekday == c->last_of && t->day + 7 > days_in(t->year, t->month);
	return c->weekdays >> weekday & 1;
}

static bool fits_day(const struct cron *c, const struct utc *t)
{
	if (!c->years[t->year - CRON_FIRST_YEAR] || !(c->months >> t->month & 1))
		return false;
	if (c->any_day)
		return fits_weekday(c, t);
	if (c->last_day)
		return t->day == days_in(t->year, t->month);
	/* 31W in a month of 30 days is none, as with a plain 31. */
	if (c->near_weekday && c->near_weekday != LW && c->near_weekday > days_in(t->year, t->month))
		return false;
	if (c->near_weekday)
		return t->day == nearest_weekday(t, c->near_weekday);
	return c->days >> t->day & 1;
}

/* The first minute of the day from `from` on that fits; -1: none. */
static int first_minute(const struct cron *c, int from)
{
	for (int m = from; m < 24 * 60; m++)
		if ((c->hours >> m / 60 & 1) && (c->minutes >> m % 60 & 1))
			return m;
	return -1;
}

bool cron_next(const struct cron *c, int64_t after_ms, int64_t *next_ms)
{
	int64_t start = (after_ms / 60000 + 1) * 60000, day = start / DAY_MS * DAY_MS;
	int from = (int)((start - day) / 60000);

	if (c->once) {
		*next_ms = c->at_ms;
		return c->at_ms > after_ms;
	}
	if (after_ms < 0)
		return false;
	for (;; day += DAY_MS, from = 0) {
		struct utc t;
		int minute;

		clock_to_utc(day, &t);
		if (t.year > CRON_LAST_YEAR)
			return false;
		minute = fits_day(c, &t) ? first_minute(c, from) : -1;
		if (minute >= 0) {
			*next_ms = day + (int64_t)minute * 60000;
			return true;
		}
	}
}
