#ifndef SPARK_BASE_DYNLIB_H
#define SPARK_BASE_DYNLIB_H

#include "spark/base/err.h"

/* Libraries that only some commands need (libcurl, libpq, libxml2 bring some forty others with them) are loaded at
 * first use, so that `sparkctl --version` starts in a few milliseconds. */
struct dynlib_symbol {
	const char *name;
	void **slot; /* where the address goes */
};

/* Loads `soname` and fills all slots, or fails with ERR_CONFIG naming the library or the symbol that is missing.
 * The library stays loaded until exit. Thread-safe through the caller's pthread_once. */
int dynlib_load(const char *soname, const struct dynlib_symbol *symbols, size_t count, struct err *err) MUST_CHECK;

#endif
