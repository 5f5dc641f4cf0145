#include "sandbox/copy/datetime.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DAYS_1970_TO_2000 10957
#define MICROS_PER_SECOND INT64_C(1000000)
#define MICROS_PER_DAY    (INT64_C(86400) * MICROS_PER_SECOND)
#define EPOCH_TEXT_MAX    63
#define EPOCH_SECONDS_MAX 9.2e12 /* about PostgreSQL's last timestamp */

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
	"YYMMDD HHMISS",
};

static const char months[12][4] = {
	"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"
};

struct reader {
	const char *p, *end;
	struct datetime *t;
	bool afternoon, has_meridiem;
	bool has_date, has_day, has_time; /* has_date: at least a year */
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
	return read_number(r, 4, 4, &r->t->year);
}

static bool read_short_year(struct reader *r)
{
	int n;

	if (!read_number(r, 2, 2, &n))
		return false;
	r->t->year = n + (n < 70 ? 2000 : 1900);
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

/* Z, UTC, GMT, +HH, +HHMM, +HH:MM */
static bool read_zone(struct reader *r)
{
	int hours, minutes = 0, sign;

	while (r->p < r->end && *r->p == ' ')
		r->p++;
	if (r->p >= r->end)
		return true;
	r->t->has_zone = true;
	if (*r->p == 'Z' || *r->p == 'z') {
		r->p++;
		return true;
	}
	if (r->end - r->p >= 3 && (strncasecmp(r->p, "utc", 3) == 0 || strncasecmp(r->p, "gmt", 3) == 0)) {
		r->p += 3;
		return true;
	}
	if (*r->p != '+' && *r->p != '-')
		return false;
	sign = *r->p++ == '-' ? -1 : 1;
	if (!read_number(r, 1, 2, &hours))
		return false;
	if (r->p < r->end && *r->p == ':')
		r->p++;
	if (r->p < r->end && !read_number(r, 2, 2, &minutes))
		return false;
	r->t->zone_seconds = sign * (hours * 3600 + minutes * 60);
	return hours < 16 && minutes < 60;
}

static const struct token {
	const char *text;
	bool (*read)(struct reader *r);
} tokens[] = {
	{ "YYYY", read_year }, { "YY", read_short_year }, { "MON", read_month_name }, { "MM", read_month },
	{ "MI", read_minute }, { "DD", read_day },        { "HH24", read_hour },      { "HH12", read_hour },
	{ "HH", read_hour },   { "SS", read_second },     { "AM", read_meridiem },    { "PM", read_meridiem },
	{ "OF", read_zone },   { "TZ", read_zone },
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

	if (!r->has_date || t->month < 1 || t->month > 12 || t->year < 1)
		return false;
	last = days[t->month - 1];
	if (t->month == 2 && t->year % 4 == 0 && (t->year % 100 != 0 || t->year % 400 == 0))
		last = 29;
	return t->day >= 1 && t->day <= last && t->hour < 24 && t->minute < 60 && t->second < 60;
}

static bool read_pattern(const char *pattern, const char *text, size_t len, struct datetime *out)
{
	struct reader r = { .p = text, .end = text + len, .t = out };

	memset(out, 0, sizeof *out);
	out->month = out->day = 1;
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
	if (r.has_meridiem)
		out->hour = out->hour % 12 + (r.afternoon ? 12 : 0);
	if (!read_zone(&r) || r.p != r.end)
		return false;
	return is_real(&r);
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

bool datetime_from_epoch(enum datetime_mode mode, const char *text, size_t len, int64_t *micros)
{
	char copy[EPOCH_TEXT_MAX + 1], *end;
	double n, scale = mode == DATETIME_EPOCH_SECONDS ? 1e6 : 1e3;

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
