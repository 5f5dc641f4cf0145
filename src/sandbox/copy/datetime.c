#include "sandbox/copy/datetime.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DAYS_1970_TO_2000 10957
#define MICROS_PER_SECOND INT64_C(1000000)
#define MICROS_PER_DAY    (INT64_C(86400) * MICROS_PER_SECOND)
#define JULIAN_1970       2440588
#define EPOCH_TEXT_MAX    63
#define YEAR_MIN          (-4712) /* 4713 before Christ: PostgreSQL's first */
#define EPOCH_SECONDS_MAX 9.2e12  /* about PostgreSQL's last timestamp */

/* What 'auto' tries, in this order. */
static const char *const auto_patterns[] = {
	"YYYY-MM-DD HH:MI:SS",
	"YYYY-MM-DD HH:MI",
	"YYYY/MM/DD HH:MI:SS",
	"YYYYMMDD HHMISS",
	"YYYYMMDDHHMISS",
	"MM/DD/YYYY HH:MI:SS",
	"DD.MM.YYYY HH:MI:SS",
	"DD-MON-YYYY HH:MI:SS",
	"DD MON YYYY HH:MI:SS",
	"DD MON HH:MI:SS YYYY",
	"MON-DD-YYYY HH:MI:SS",
	"MON DD, YYYY HH:MI:SS",
	"MON-DD-YY",
	"MON DD HH:MI:SS YYYY",
	"YYMMDD HHMISS",
	"YYYY.DDD",
	"YYYY-DDD",
	"JDAY",
	"YYYYMMDD",
	"YYMMDD",
};

/* What TIME columns take. */
static const char *const time_patterns[] = { "HH:MI:SS", "HH:MI:SS AM", "HH:MI", "HH:MI AM", "HHMISS" };

/* Hours east of Greenwich of the zones that 'auto' knows by name. */
static const struct {
	const char *name;
	int hours;
} zones[] = {
	{ "UTC", 0 },  { "GMT", 0 },  { "Z", 0 },    { "EST", -5 }, { "EDT", -4 }, { "CST", -6 },
	{ "CDT", -5 }, { "MST", -7 }, { "MDT", -6 }, { "PST", -8 }, { "PDT", -7 }, { "WET", 0 },
	{ "CET", 1 },  { "CEST", 2 }, { "EET", 2 },  { "BST", 1 },  { "JST", 9 },
};

static const char months[12][4] = {
	"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"
};

struct reader {
	const char *p, *end;
	struct datetime *t;
	bool afternoon, has_meridiem;
	bool has_date, has_day, has_time; /* has_date: at least a year */
	int year_day;                     /* 1 to 366; 0: month and day count */
	bool before_christ;
};

void datetime_format_init(struct datetime_format *f, const char *text, bool date_only)
{
	f->mode = DATETIME_PATTERN;
	f->pattern = text ? text : date_only ? DATETIME_DEFAULT_DATE : DATETIME_DEFAULT_TIME;
	if (!text)
		return;
	if (strcmp(text, "auto") == 0)
		f->mode = DATETIME_AUTO;
	else if (!date_only && strcmp(text, "epochsecs") == 0)
		f->mode = DATETIME_EPOCH_SECONDS;
	else if (!date_only && strcmp(text, "epochmillisecs") == 0)
		f->mode = DATETIME_EPOCH_MILLISECONDS;
}

/* Howard Hinnant's count of days of the proleptic Gregorian calendar, from 1970-01-01. */
static int64_t days_from_civil(int64_t y, int m, int d)
{
	int64_t era, year_of_era, day_of_year;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	year_of_era = y - era * 400;
	day_of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

/* The way back. */
static void civil_from_days(int64_t days, struct datetime *t)
{
	int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, of_era = z - era * 146097;
	int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t shifted = (5 * of_year + 2) / 153;

	t->day = (int)(of_year - (153 * shifted + 2) / 5 + 1);
	t->month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
	t->year = (int)(year_of_era + era * 400 + (t->month <= 2));
}

static bool read_number(struct reader *r, int min_digits, int max_digits, int *out)
{
	int n = 0, digits = 0;

	while (digits < max_digits && r->p < r->end && isdigit((unsigned char)*r->p)) {
		n = n * 10 + (*r->p++ - '0');
		digits++;
	}
	*out = n;
	return digits >= min_digits;
}

static bool read_year(struct reader *r)
{
	r->has_date = true;
	return read_number(r, 4, 4, &r->t->year) && r->t->year > 0;
}

static bool read_short_year(struct reader *r)
{
	int n;

	if (!read_number(r, 2, 2, &n))
		return false;
	r->t->year = r->before_christ ? n : n + (n < 70 ? 2000 : 1900);
	r->has_date = true;
	return true;
}

static bool read_month(struct reader *r)
{
	return read_number(r, 1, 2, &r->t->month);
}

static bool read_month_name(struct reader *r)
{
	for (int i = 0; i < 12; i++) {
		if (r->end - r->p >= 3 && strncasecmp(r->p, months[i], 3) == 0) {
			r->t->month = i + 1;
			while (r->p < r->end && isalpha((unsigned char)*r->p))
				r->p++;
			return true;
		}
	}
	return false;
}

static bool read_day(struct reader *r)
{
	r->has_day = true;
	return read_number(r, 1, 2, &r->t->day);
}

static bool read_year_day(struct reader *r)
{
	r->has_day = true;
	return read_number(r, 3, 3, &r->year_day) && r->year_day > 0;
}

/* "J2451187": days since 4714-11-24 before Christ. */
static bool read_julian_day(struct reader *r)
{
	int n;

	if (r->p >= r->end || *r->p++ != 'J' || !read_number(r, 1, 7, &n))
		return false;
	civil_from_days((int64_t)n - JULIAN_1970, r->t);
	r->has_date = r->has_day = true;
	return true;
}

static bool read_hour(struct reader *r)
{
	return read_number(r, 1, 2, &r->t->hour);
}

static bool read_minute(struct reader *r)
{
	return read_number(r, 1, 2, &r->t->minute);
}

static bool read_second(struct reader *r)
{
	int scale = 100000;

	r->has_time = true;
	if (!read_number(r, 1, 2, &r->t->second))
		return false;
	if (r->p < r->end && *r->p == '.') {
		for (r->p++; r->p < r->end && isdigit((unsigned char)*r->p); r->p++) {
			r->t->microsecond += (*r->p - '0') * scale;
			scale /= 10;
		}
	}
	return true;
}

static bool read_meridiem(struct reader *r)
{
	if (r->end - r->p < 2 || (strncasecmp(r->p, "am", 2) != 0 && strncasecmp(r->p, "pm", 2) != 0))
		return false;
	r->afternoon = tolower((unsigned char)*r->p) == 'p';
	r->has_meridiem = true;
	r->p += 2;
	return true;
}

static bool read_zone_name(struct reader *r)
{
	for (size_t i = 0; i < sizeof zones / sizeof *zones; i++) {
		size_t len = strlen(zones[i].name);

		if ((size_t)(r->end - r->p) >= len && strncasecmp(r->p, zones[i].name, len) == 0 &&
		    (r->p + len == r->end || !isalpha((unsigned char)r->p[len]))) {
			r->t->zone_seconds = zones[i].hours * 3600;
			r->p += len;
			return true;
		}
	}
	return false;
}

/* A zone's name, +HH, +HHMM, +HH:MM; nothing at all is fine. */
static bool read_zone(struct reader *r)
{
	int hours, minutes = 0, sign;

	while (r->p < r->end && *r->p == ' ')
		r->p++;
	if (r->p >= r->end)
		return true;
	r->t->has_zone = true;
	if (*r->p != '+' && *r->p != '-')
		return read_zone_name(r);
	sign = *r->p++ == '-' ? -1 : 1;
	if (!read_number(r, 1, 2, &hours))
		return false;
	if (r->p < r->end && *r->p == ':')
		r->p++;
	if (r->p < r->end && isdigit((unsigned char)*r->p) && !read_number(r, 2, 2, &minutes))
		return false;
	r->t->zone_seconds = sign * (hours * 3600 + minutes * 60);
	return hours < 16 && minutes < 60;
}

/* " BC" or " AD" at the end. */
static void take_era(struct reader *r)
{
	if (r->end - r->p < 3 || r->end[-3] != ' ')
		return;
	r->before_christ = strncasecmp(r->end - 2, "bc", 2) == 0;
	if (r->before_christ || strncasecmp(r->end - 2, "ad", 2) == 0)
		r->end -= 3;
}

static const struct token {
	const char *text;
	bool (*read)(struct reader *r);
} tokens[] = {
	{ "JDAY", read_julian_day }, { "DDD", read_year_day }, { "YYYY", read_year }, { "YY", read_short_year },
	{ "MON", read_month_name },  { "MM", read_month },     { "MI", read_minute }, { "DD", read_day },
	{ "HH24", read_hour },       { "HH12", read_hour },    { "HH", read_hour },   { "SS", read_second },
	{ "AM", read_meridiem },     { "PM", read_meridiem },  { "OF", read_zone },   { "TZ", read_zone },
};

static const struct token *find_token(const char *pattern)
{
	for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
		if (strncasecmp(pattern, tokens[i].text, strlen(tokens[i].text)) == 0)
			return &tokens[i];
	}
	return NULL;
}

static bool same_separator(char pattern, char text)
{
	bool blank = pattern == ' ' || pattern == 'T';

	return pattern == text || (blank && (text == ' ' || text == 'T'));
}

static bool is_real(const struct reader *r)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	const struct datetime *t = r->t;
	int last;

	if (!r->has_date || t->month < 1 || t->month > 12 || t->year < YEAR_MIN)
		return false;
	last = days[t->month - 1];
	if (t->month == 2 && t->year % 4 == 0 && (t->year % 100 != 0 || t->year % 400 == 0))
		last = 29;
	return t->day >= 1 && t->day <= last && t->hour < 24 && t->minute < 60 && t->second < 60;
}

/* What the parts mean together: hours of the afternoon, years before Christ, days of a year. */
static bool finish(struct reader *r)
{
	struct datetime *t = r->t;

	if (r->has_meridiem)
		t->hour = t->hour % 12 + (r->afternoon ? 12 : 0);
	if (r->before_christ)
		t->year = 1 - t->year;
	if (r->year_day) {
		int year = t->year;

		civil_from_days(days_from_civil(year, 1, 1) + r->year_day - 1, t);
		return t->year == year;
	}
	return true;
}

static bool read_pattern(const char *pattern, const char *text, size_t len, struct datetime *out)
{
	struct reader r = { .p = text, .end = text + len, .t = out };

	memset(out, 0, sizeof *out);
	out->month = out->day = 1;
	take_era(&r);
	while (*pattern) {
		const struct token *token = find_token(pattern);

		if (r.p >= r.end) {
			/* A date without its time is that day's beginning. */
			if (r.has_date && r.has_day && !r.has_time && !isalnum((unsigned char)*pattern))
				break;
			return false;
		}
		if (token) {
			if (!token->read(&r))
				return false;
			pattern += strlen(token->text);
		} else {
			if (!same_separator(*pattern, *r.p))
				return false;
			pattern++;
			r.p++;
		}
	}
	if (!read_zone(&r) || r.p != r.end)
		return false;
	return finish(&r) && is_real(&r);
}

bool datetime_read_time(const char *text, size_t len, struct datetime *out)
{
	for (size_t i = 0; i < sizeof time_patterns / sizeof *time_patterns; i++) {
		char pattern[32];
		/* A day before it makes it a time stamp's text. */
		char whole[64];

		if (len + 11 > sizeof whole)
			return false;
		snprintf(pattern, sizeof pattern, "YYYY-MM-DD %s", time_patterns[i]);
		memcpy(whole, "2000-01-01 ", 11);
		memcpy(whole + 11, text, len);
		if (read_pattern(pattern, whole, len + 11, out))
			return true;
	}
	return false;
}

int64_t datetime_day_micros(const struct datetime *t)
{
	return (t->hour * 3600 + t->minute * 60 + t->second) * MICROS_PER_SECOND + t->microsecond;
}

bool datetime_read(const struct datetime_format *f, const char *text, size_t len, struct datetime *out)
{
	if (f->mode == DATETIME_PATTERN)
		return read_pattern(f->pattern, text, len, out);
	for (size_t i = 0; i < sizeof auto_patterns / sizeof *auto_patterns; i++) {
		if (read_pattern(auto_patterns[i], text, len, out))
			return true;
	}
	return false;
}

int32_t datetime_days(const struct datetime *t)
{
	return (int32_t)(days_from_civil(t->year, t->month, t->day) - DAYS_1970_TO_2000);
}

int64_t datetime_micros(const struct datetime *t, bool apply_zone)
{
	int64_t seconds = t->hour * 3600 + t->minute * 60 + t->second;

	if (apply_zone)
		seconds -= t->zone_seconds;
	return datetime_days(t) * MICROS_PER_DAY + seconds * MICROS_PER_SECOND + t->microsecond;
}

/* Digits and nothing else, as nearly all are; more than max could leave the range. */
static bool read_epoch_digits(const char *text, size_t len, size_t max, int64_t *out)
{
	int64_t n = 0;

	if (len == 0 || len > max)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		n = n * 10 + (text[i] - '0');
	}
	*out = n;
	return true;
}

bool datetime_from_epoch(enum datetime_mode mode, const char *text, size_t len, int64_t *micros)
{
	char copy[EPOCH_TEXT_MAX + 1], *end;
	double n, scale = mode == DATETIME_EPOCH_SECONDS ? 1e6 : 1e3;
	int64_t whole;

	if (read_epoch_digits(text, len, mode == DATETIME_EPOCH_SECONDS ? 12 : 15, &whole)) {
		*micros = whole * (mode == DATETIME_EPOCH_SECONDS ? MICROS_PER_SECOND : MICROS_PER_SECOND / 1000) -
			  (int64_t)DAYS_1970_TO_2000 * MICROS_PER_DAY;
		return true;
	}
	if (len == 0 || len > EPOCH_TEXT_MAX || strspn(text, "+-0123456789.eE") < len)
		return false;
	memcpy(copy, text, len);
	copy[len] = 0;
	n = strtod(copy, &end);
	if (*end || !isfinite(n) || fabs(n) > EPOCH_SECONDS_MAX * (1e6 / scale))
		return false;
	*micros = (int64_t)llround(n * scale) - (int64_t)DAYS_1970_TO_2000 * MICROS_PER_DAY;
	return true;
}
