#ifndef SPARK_BASE_CLOCK_H
#define SPARK_BASE_CLOCK_H

#include <stdint.h>

#include "spark/base/err.h"

/* Time behind a table of functions, so that tests can move it. All times in milliseconds. */
struct clock {
	int64_t (*now_ms)(void *arg);  /* since 1970-01-01 UTC */
	int64_t (*mono_ms)(void *arg); /* monotonic, for durations and bounds */
	/* Sleeps; returns early with -1 when *stop (may be NULL) becomes non-zero, else 0. */
	int (*sleep_ms)(void *arg, int64_t ms, const volatile int *stop);
	void *arg;
};

extern const struct clock clock_system;

int64_t clock_now(const struct clock *c);
int64_t clock_mono(const struct clock *c);
int clock_sleep(const struct clock *c, int64_t ms, const volatile int *stop);

/* A day and time of UTC, for calendars. */
struct utc {
	int year, month, day, hour, minute, second, ms, weekday; /* month, day from 1; weekday 0 = Sunday */
};
void clock_to_utc(int64_t ms, struct utc *out);
int64_t clock_from_utc(const struct utc *t);

#define CLOCK_TEXT 40
void clock_iso(int64_t ms, char out[CLOCK_TEXT]);   /* 2026-11-21T10:06:32.574Z */
void clock_iso_s(int64_t ms, char out[CLOCK_TEXT]); /* 2026-11-21T10:06:32Z */
void clock_basic(int64_t ms, char out[CLOCK_TEXT]); /* 20261121T100632Z, the signer's form */
void clock_http(int64_t ms, char out[CLOCK_TEXT]);  /* Sat, 21 Nov 2026 10:06:32 GMT */
/* Read any of the four. 0, or -1 with ERR_PARSE. */
int clock_parse(const char *text, int64_t *ms, struct err *err) MUST_CHECK;
/* "3s", "1m12s", "2h05m": for people. */
void clock_duration(int64_t ms, char out[CLOCK_TEXT]);

#endif
