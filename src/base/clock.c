#include "spark/base/clock.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define DAY_MS INT64_C(86400000)
/* The longest nap: a stop flag may be raised by a handler that ran in another thread, which wakes nobody. */
#define NAP_MS 50

static const char *const month_names[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
static const char *const day_names[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };

static int64_t read_clock(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int64_t system_now(void *arg)
{
	(void)arg;
	return read_clock(CLOCK_REALTIME);
}

static int64_t system_mono(void *arg)
{
	(void)arg;
	return read_clock(CLOCK_MONOTONIC);
}

static int system_sleep(void *arg, int64_t ms, const volatile int *stop)
{
	int64_t end = read_clock(CLOCK_MONOTONIC) + ms, left;

	(void)arg;
	for (;;) {
		if (stop && *stop)
			return -1;
		left = end - read_clock(CLOCK_MONOTONIC);
		if (left <= 0)
			return 0;
		if (stop && left > NAP_MS)
			left = NAP_MS;
		struct timespec nap = { .tv_sec = (time_t)(left / 1000), .tv_nsec = (long)(left % 1000) * 1000000 };
		nanosleep(&nap, NULL);
	}
}

const struct clock clock_system = { system_now, system_mono, system_sleep, NULL };

int64_t clock_now(const struct clock *c)
{
	return c->now_ms(c->arg);
}

int64_t clock_mono(const struct clock *c)
{
	return c->mono_ms(c->arg);
}

int clock_sleep(const struct clock *c, int64_t ms, const volatile int *stop)
{
	return c->sleep_ms(c->arg, ms, stop);
}

/* Days since 1970-01-01. Years are counted from March, so that the leap day is the last of its year; an era is
 * the 400 years after which the Gregorian calendar repeats. */
static int64_t days_from_civil(int64_t year, int month, int day)
{
	int64_t era, year_of_era, day_of_year;

	if (month <= 2)
		year--;
	era = (year >= 0 ? year : year - 399) / 400;
	year_of_era = year - era * 400;
	day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static void civil_from_days(int64_t days, struct utc *out)
{
	int64_t era, day_of_era, year_of_era, day_of_year, month;

	days += 719468;
	era = (days >= 0 ? days : days - 146096) / 146097;
	day_of_era = days - era * 146097;
	year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	month = (5 * day_of_year + 2) / 153;
	out->day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
	out->month = (int)(month < 10 ? month + 3 : month - 9);
	out->year = (int)(year_of_era + era * 400 + (out->month <= 2));
}

void clock_to_utc(int64_t ms, struct utc *out)
{
	int64_t days = ms / DAY_MS, rest = ms % DAY_MS;

	if (rest < 0) {
		rest += DAY_MS;
		days--;
	}
	memset(out, 0, sizeof(*out));
	civil_from_days(days, out);
	out->hour = (int)(rest / 3600000);
	out->minute = (int)(rest / 60000 % 60);
	out->second = (int)(rest / 1000 % 60);
	out->ms = (int)(rest % 1000);
	/* 1970-01-01 was a Thursday. */
	out->weekday = (int)(((days + 4) % 7 + 7) % 7);
}

int64_t clock_from_utc(const struct utc *t)
{
	return days_from_civil(t->year, t->month, t->day) * DAY_MS +
	       (((int64_t)t->hour * 60 + t->minute) * 60 + t->second) * 1000 + t->ms;
}

static void put_digits(char *out, int digits, int number)
{
	while (digits-- > 0) {
		out[digits] = (char)('0' + number % 10);
		number /= 10;
	}
}

/* Every request and each line of a log has a time or two: this is quicker than snprintf(). %Y %M %D %h %m %s are of
 * four and two digits, %l are milliseconds, %d and %n the names of day and month. */
static void put_time(int64_t ms, const char *format, char out[CLOCK_TEXT])
{
	struct utc t;
	char *to = out;

	clock_to_utc(ms, &t);
	for (; *format; format++) {
		if (*format != '%') {
			*to++ = *format;
			continue;
		}
		switch (*++format) {
		case 'Y':
			if (t.year >= 0 && t.year <= 9999)
				put_digits(to, 4, t.year);
			else
				snprintf(to, 12, "%04d", t.year);
			to += t.year >= 0 && t.year <= 9999 ? 4 : (ptrdiff_t)strlen(to);
			break;
		case 'l':
			put_digits(to, 3, t.ms);
			to += 3;
			break;
		case 'd':
		case 'n':
			memcpy(to, *format == 'd' ? day_names[t.weekday] : month_names[t.month - 1], 3);
			to += 3;
			break;
		default:
			put_digits(to, 2,
				   *format == 'M'   ? t.month
				   : *format == 'D' ? t.day
				   : *format == 'h' ? t.hour
				   : *format == 'm' ? t.minute
						    : t.second);
			to += 2;
		}
	}
	*to = '\0';
}

void clock_iso(int64_t ms, char out[CLOCK_TEXT])
{
	put_time(ms, "%Y-%M-%DT%h:%m:%s.%lZ", out);
}

void clock_iso_s(int64_t ms, char out[CLOCK_TEXT])
{
	put_time(ms, "%Y-%M-%DT%h:%m:%sZ", out);
}

void clock_basic(int64_t ms, char out[CLOCK_TEXT])
{
	put_time(ms, "%Y%M%DT%h%m%sZ", out);
}

void clock_http(int64_t ms, char out[CLOCK_TEXT])
{
	put_time(ms, "%d, %D %n %Y %h:%m:%s GMT", out);
}

/* Exactly `digits` digits; moves *p behind them. */
static bool take_number(const char **p, int digits, int *out)
{
	int n = 0;

	for (int i = 0; i < digits; i++) {
		if (!isdigit((unsigned char)(*p)[i]))
			return false;
		n = n * 10 + ((*p)[i] - '0');
	}
	*p += digits;
	*out = n;
	return true;
}

static bool take_char(const char **p, char c)
{
	if (**p != c)
		return false;
	(*p)++;
	return true;
}

/* Digits behind the point; more than three are cut. */
static bool take_fraction(const char **p, int *ms)
{
	int digits = 0;

	if (!take_char(p, '.'))
		return true;
	for (*ms = 0; isdigit((unsigned char)**p); (*p)++, digits++) {
		if (digits < 3)
			*ms = *ms * 10 + (**p - '0');
	}
	for (int i = digits; i < 3; i++)
		*ms *= 10;
	return digits > 0;
}

static bool take_zone(const char **p)
{
	if (take_char(p, 'Z'))
		return true;
	if (strncmp(*p, "+00:00", 6) != 0)
		return false;
	*p += 6;
	return true;
}

static bool read_iso(const char *p, struct utc *t)
{
	return take_number(&p, 4, &t->year) && take_char(&p, '-') && take_number(&p, 2, &t->month) &&
	       take_char(&p, '-') && take_number(&p, 2, &t->day) && take_char(&p, 'T') &&
	       take_number(&p, 2, &t->hour) && take_char(&p, ':') && take_number(&p, 2, &t->minute) &&
	       take_char(&p, ':') && take_number(&p, 2, &t->second) && take_fraction(&p, &t->ms) && take_zone(&p) &&
	       *p == '\0';
}

static bool read_basic(const char *p, struct utc *t)
{
	return take_number(&p, 4, &t->year) && take_number(&p, 2, &t->month) && take_number(&p, 2, &t->day) &&
	       take_char(&p, 'T') && take_number(&p, 2, &t->hour) && take_number(&p, 2, &t->minute) &&
	       take_number(&p, 2, &t->second) && take_char(&p, 'Z') && *p == '\0';
}

static bool take_month_name(const char **p, int *month)
{
	for (int i = 0; i < 12; i++) {
		if (strncasecmp(*p, month_names[i], 3) == 0) {
			*p += 3;
			*month = i + 1;
			return true;
		}
	}
	return false;
}

static bool read_http(const char *p, struct utc *t)
{
	if (strlen(p) < 5 || p[3] != ',' || p[4] != ' ')
		return false;
	p += 5;
	return take_number(&p, 2, &t->day) && take_char(&p, ' ') && take_month_name(&p, &t->month) &&
	       take_char(&p, ' ') && take_number(&p, 4, &t->year) && take_char(&p, ' ') &&
	       take_number(&p, 2, &t->hour) && take_char(&p, ':') && take_number(&p, 2, &t->minute) &&
	       take_char(&p, ':') && take_number(&p, 2, &t->second) && strcmp(p, " GMT") == 0;
}

/* A day that the calendar has, at a time that a clock shows; second 60 is a leap second. */
static bool is_real(const struct utc *t)
{
	struct utc back;

	if (t->month < 1 || t->month > 12 || t->day < 1 || t->hour > 23 || t->minute > 59 || t->second > 60)
		return false;
	clock_to_utc(days_from_civil(t->year, t->month, t->day) * DAY_MS, &back);
	return back.month == t->month && back.day == t->day;
}

int clock_parse(const char *text, int64_t *ms, struct err *err)
{
	bool (*const forms[])(const char *, struct utc *) = { read_iso, read_basic, read_http };
	struct utc t;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		memset(&t, 0, sizeof(t));
		if (forms[i](text, &t) && is_real(&t)) {
			*ms = clock_from_utc(&t);
			return 0;
		}
	}
	return err_set(err, ERR_PARSE, "'%.60s' is not a time", text);
}

void clock_duration(int64_t ms, char out[CLOCK_TEXT])
{
	int64_t s = ms <= 0 ? 0 : ms / 1000 + (ms % 1000 >= 500);

	if (s < 60)
		snprintf(out, CLOCK_TEXT, "%ds", (int)s);
	else if (s < 3600)
		snprintf(out, CLOCK_TEXT, "%dm%02ds", (int)(s / 60), (int)(s % 60));
	else
		snprintf(out, CLOCK_TEXT, "%lldh%02dm", (long long)(s / 3600), (int)(s / 60 % 60));
}
