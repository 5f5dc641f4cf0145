#ifndef SPARK_BASE_LOG_H
#define SPARK_BASE_LOG_H

#include <stdio.h>

#include "spark/base/err.h"

/* Diagnostics for people who ask for them (-v, or the sandbox's log). Library code logs at debug and trace only; what a
 * user must know travels in struct err. Lines carry UTC time, level and the calling thread's name. Thread-safe. */
enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG, LOG_TRACE };

void log_setup(FILE *to, enum log_level level); /* default: stderr, LOG_WARN */
enum log_level log_level(void);
void log_write(enum log_level level, const char *fmt, ...) PRINTF_LIKE(2, 3);

#define log_error(...) log_write(LOG_ERROR, __VA_ARGS__)
#define log_warn(...)  log_write(LOG_WARN, __VA_ARGS__)
#define log_info(...)  log_write(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_write(LOG_DEBUG, __VA_ARGS__)
#define log_trace(...) log_write(LOG_TRACE, __VA_ARGS__)

#endif
