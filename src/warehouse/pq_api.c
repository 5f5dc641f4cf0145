#include "warehouse/pq_api.h"

#include <pthread.h>
#include <stdbool.h>

#include "spark/base/dynlib.h"

struct pq_api pq;

int pq_load(struct err *err)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static bool loaded;
	static const struct dynlib_symbol symbols[] = {
#define PQ_SYMBOL(name) { #name, (void **)&pq.name },
		PQ_FUNCTIONS(PQ_SYMBOL)
#undef PQ_SYMBOL
	};
	int rc = 0;

	pthread_mutex_lock(&lock);
	if (!loaded) {
		rc = dynlib_load("libpq.so.5", symbols, sizeof(symbols) / sizeof(symbols[0]), err);
		loaded = rc == 0;
	}
	pthread_mutex_unlock(&lock);
	return rc;
}
