#include "aws/http.h"

#include <pthread.h>

#include "aws/http_exchange.h"
#include "spark/base/log.h"
#include "spark/base/mem.h"

struct http {
	struct http_options options;
	char *ca_bundle, *user_agent; /* what options lends */
	pthread_mutex_t lock;         /* of the pool */
	CURL **idle;                  /* the one given back last is taken first: its connection is the warmest */
	size_t idle_count, idle_cap;
};

struct http *http_new(const struct http_options *o, struct err *err)
{
	struct http *h = mem_alloc(sizeof(*h));

	if (!h) {
		err_nomem(err);
		return NULL;
	}
	pthread_mutex_init(&h->lock, NULL);
	h->options = *o;
	h->ca_bundle = mem_strdup(o->ca_bundle);
	h->user_agent = mem_strdup(o->user_agent);
	if ((o->ca_bundle && !h->ca_bundle) || (o->user_agent && !h->user_agent)) {
		err_nomem(err);
		http_free(h);
		return NULL;
	}
	h->options.ca_bundle = h->ca_bundle;
	h->options.user_agent = h->user_agent;
	return h;
}

void http_free(struct http *h)
{
	if (!h)
		return;
	const struct curl_api *api = h->idle_count > 0 ? curl_api_get(NULL) : NULL;
	for (size_t i = 0; api && i < h->idle_count; i++)
		api->easy_cleanup(h->idle[i]);
	mem_free(h->idle);
	mem_free(h->ca_bundle);
	mem_free(h->user_agent);
	pthread_mutex_destroy(&h->lock);
	mem_free(h);
}

static CURL *take_handle(struct http *h, const struct curl_api *api)
{
	CURL *handle = NULL;

	pthread_mutex_lock(&h->lock);
	if (h->idle_count > 0)
		handle = h->idle[--h->idle_count];
	pthread_mutex_unlock(&h->lock);
	return handle ? handle : api->easy_init();
}

static void give_back(struct http *h, const struct curl_api *api, CURL *handle)
{
	bool kept;

	pthread_mutex_lock(&h->lock);
	kept = mem_grow(&h->idle, &h->idle_cap, h->idle_count, sizeof(CURL *)) == 0;
	if (kept)
		h->idle[h->idle_count++] = handle;
	pthread_mutex_unlock(&h->lock);
	if (!kept)
		api->easy_cleanup(handle);
}

int http_send(void *http, const struct http_call *call, struct http_answer *answer, struct err *err)
{
	struct http *h = http;
	struct http_exchange x = { 0 };
	const struct curl_api *api = curl_api_get(err);
	CURL *handle = api ? take_handle(h, api) : NULL;
	int rc;

	if (!api)
		return -1;
	if (!handle)
		return err_nomem(err);
	rc = http_exchange_begin(&x, handle, api, &h->options, call, answer, err);
	if (rc == 0)
		rc = http_exchange_end(&x, handle, api->easy_perform(handle), err);
	http_exchange_clear(&x);
	/* The handle points at x, which ends here; the next exchange resets it before use. */
	give_back(h, api, handle);
	log_debug("%s %s: %d", call->method, call->target, rc == 0 ? answer->status : 0);
	return rc;
}
