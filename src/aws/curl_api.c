#include "aws/curl_api.h"

#include <pthread.h>

#include "spark/base/dynlib.h"

static struct curl_api api;
static struct err load_failure; /* what the one attempt to load ended with */
static pthread_once_t once = PTHREAD_ONCE_INIT;

#define SYMBOL(member)                                \
	{                                             \
		"curl_" #member, (void **)&api.member \
	}

static void load_once(void)
{
	static const struct dynlib_symbol symbols[] = {
		SYMBOL(global_init),         SYMBOL(easy_init),       SYMBOL(easy_reset),
		SYMBOL(easy_cleanup),        SYMBOL(easy_setopt),     SYMBOL(easy_perform),
		SYMBOL(easy_getinfo),        SYMBOL(easy_strerror),   SYMBOL(multi_init),
		SYMBOL(multi_cleanup),       SYMBOL(multi_setopt),    SYMBOL(multi_add_handle),
		SYMBOL(multi_socket_action), SYMBOL(multi_info_read), SYMBOL(multi_remove_handle),
		SYMBOL(multi_strerror),      SYMBOL(multi_perform),   SYMBOL(easy_send),
		SYMBOL(easy_recv),
	};

	if (dynlib_load("libcurl.so.4", symbols, sizeof(symbols) / sizeof(symbols[0]), &load_failure) != 0)
		return;
	CURLcode rc = api.global_init(CURL_GLOBAL_DEFAULT);
	if (rc != CURLE_OK)
		err_set(&load_failure, ERR_CONFIG, "libcurl cannot be used: %s", api.easy_strerror(rc));
}

const struct curl_api *curl_api_get(struct err *err)
{
	pthread_once(&once, load_once);
	if (load_failure.kind != ERR_NONE) {
		if (err)
			*err = load_failure;
		return NULL;
	}
	return &api;
}
