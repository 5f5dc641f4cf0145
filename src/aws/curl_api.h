#ifndef SPARK_AWS_CURL_API_PRIVATE_H
#define SPARK_AWS_CURL_API_PRIVATE_H

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#include "spark/base/err.h"

/* libcurl's functions, loaded at first use: it brings some forty libraries with it, which `sparkctl --version` and
 * `sparkctl sign` do without. Only http.c, http_exchange.c, http_lane.c, curl_loop.c and s3_transfer.c call them. */
struct curl_api {
	CURLcode (*global_init)(long flags);
	CURL *(*easy_init)(void);
	void (*easy_reset)(CURL *h);
	void (*easy_cleanup)(CURL *h);
	CURLcode (*easy_setopt)(CURL *h, CURLoption option, ...);
	CURLcode (*easy_perform)(CURL *h);
	CURLcode (*easy_send)(CURL *h, const void *data, size_t len, size_t *sent);
	CURLcode (*easy_recv)(CURL *h, void *to, size_t room, size_t *got);
	CURLcode (*easy_getinfo)(CURL *h, CURLINFO info, ...);
	const char *(*easy_strerror)(CURLcode code);
	CURLM *(*multi_init)(void);
	CURLMcode (*multi_cleanup)(CURLM *m);
	CURLMcode (*multi_setopt)(CURLM *m, CURLMoption option, ...);
	CURLMcode (*multi_add_handle)(CURLM *m, CURL *h);
	CURLMcode (*multi_remove_handle)(CURLM *m, CURL *h);
	CURLMcode (*multi_perform)(CURLM *m, int *running);
	CURLMcode (*multi_socket_action)(CURLM *m, curl_socket_t fd, int what, int *running);
	CURLMsg *(*multi_info_read)(CURLM *m, int *left);
	const char *(*multi_strerror)(CURLMcode code);
};

/* The table, or NULL with err set when the library is missing. Thread-safe. */
const struct curl_api *curl_api_get(struct err *err) MUST_CHECK;

#endif
