#include "aws/chain_http.h"

#include <stdio.h>

#include "aws/retry.h"
#include "spark/base/mem.h"
#include "spark/base/url.h"

#define REPLY_MAX ((size_t)256 * 1024)

struct chain_asker {
	const struct chain *chain;
	struct http *http;
	int attempts;
};

struct chain_asker *chain_asker_new(const struct chain *c, int timeout_ms, int attempts, bool no_proxy, struct err *err)
{
	const struct http_options o = {
		.ca_bundle = c->o->ca_bundle,
		.user_agent = c->o->user_agent,
		.timeout_ms = timeout_ms,
		.no_proxy = no_proxy,
		.stop = c->o->stop,
	};
	struct chain_asker *a = mem_alloc(sizeof(*a));

	if (!a) {
		err_nomem(err);
		return NULL;
	}
	a->chain = c;
	a->attempts = attempts;
	a->http = http_new(&o, err);
	if (!a->http) {
		mem_free(a);
		return NULL;
	}
	return a;
}

void chain_asker_free(struct chain_asker *a)
{
	if (!a)
		return;
	http_free(a->http);
	mem_free(a);
}

int chain_ask(struct chain_asker *a, const struct chain_request *r, struct http_answer *answer, struct err *err)
{
	const struct chain *c = a->chain;
	struct err local = { 0 };
	struct url u = { 0 };
	char target[300];
	struct http_call call = {
		.method = r->method,
		.url = r->url,
		.target = target,
		.headers = &r->header,
		.header_count = r->header.name ? 1 : 0,
		.body_fd = -1,
		.sink_fd = -1,
		.body_max = REPLY_MAX,
	};
	int rc;

	http_answer_init(answer);
	if (url_parse(&u, r->url, err) != 0)
		return -1;
	snprintf(target, sizeof(target), "%s:%d", u.host, u.port);
	url_clear(&u);
	for (int attempt = 1;; attempt++) {
		rc = http_send(a->http, &call, answer, &local);
		const struct retry_fact fact = {
			.attempt = attempt,
			.attempts = a->attempts,
			.idempotent = true,
			.connection_failed = rc != 0 && (local.retryable || local.kind == ERR_TIMEOUT),
			.http_status = rc == 0 ? answer->status : 0,
		};
		if ((rc == 0 && answer->status / 100 == 2) || !retry_allowed(&fact))
			break;
		int64_t delay_ms = retry_delay_ms(attempt, answer->retry_after_s, (uint32_t)attempt * 150);
		buf_wipe(&answer->body);
		http_answer_init(answer);
		if (clock_sleep(c->clock, delay_ms, c->o->stop) != 0)
			return err_set(err, ERR_INTERRUPTED, "interrupted while '%s' was asked", target);
	}
	if (rc != 0 && err)
		*err = local;
	return rc;
}
