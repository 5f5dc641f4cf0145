#include "spark/base/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include "spark/base/clock.h"

/* A longer message is cut and ends in "...". */
#define LINE_MAX_BYTES 8192

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static FILE *target; /* NULL: stderr */
static atomic_int threshold = LOG_WARN;

void log_setup(FILE *to, enum log_level level)
{
	pthread_mutex_lock(&lock);
	target = to;
	pthread_mutex_unlock(&lock);
	atomic_store(&threshold, (int)level);
}

enum log_level log_level(void)
{
	return (enum log_level)atomic_load(&threshold);
}

/* One message is one line: what came from elsewhere cannot forge a second one. */
static void make_one_line(char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == 127)
			*text = ' ';
	}
}

void log_write(enum log_level level, const char *fmt, ...)
{
	static const char *const names[] = { "error", "warn", "info", "debug", "trace" };
	char text[LINE_MAX_BYTES], when[CLOCK_TEXT], thread[16] = "";
	va_list ap;
	int len;
	FILE *to;

	if (level > log_level())
		return;
	va_start(ap, fmt);
	len = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (len < 0)
		return;
	if ((size_t)len >= sizeof(text))
		memcpy(text + sizeof(text) - 4, "...", 4);
	make_one_line(text);
	clock_iso(clock_now(&clock_system), when);
	if (pthread_getname_np(pthread_self(), thread, sizeof(thread)) != 0)
		thread[0] = '\0';
	pthread_mutex_lock(&lock);
	to = target ? target : stderr;
	fprintf(to, "%s %-5s [%s] %s\n", when, names[level], thread, text);
	fflush(to);
	pthread_mutex_unlock(&lock);
}
