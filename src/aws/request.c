#include "aws/request.h"

#include "aws/retry.h"
#include "spark/base/log.h"
#include "spark/base/mem.h"

/* A key and a query of a few parameters, encoded. */
#define URL_MAX_BYTES   ((size_t)256 * 1024)
#define HASH_OF_NOTHING "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

void aws_request_init(struct aws_request *r, const char *service, const char *action, const char *method)
{
	*r = (struct aws_request){
		.service = service,
		.action = action,
		.method = method,
		.body_fd = -1,
		.sink_fd = -1,
		.idempotent = true,
	};
}

void aws_request_header(struct aws_request *r, const char *name, const char *value)
{
	r->extra[r->extra_count++] = (struct sign_header){ name, value };
}

void signed_request_clear(struct signed_request *s)
{
	buf_clear(&s->url);
	buf_wipe(&s->authorization);
	held_release(s->credentials);
	s->credentials = NULL;
	s->header_count = 0;
}

static void put_header(struct signed_request *s, const char *name, const char *value)
{
	s->headers[s->header_count++] = (struct sign_header){ name, value };
}

static int sign_headers(struct aws_client *c, const struct aws_request *r, struct signed_request *s, const char *path,
			struct err *err)
{
	bool s3 = strcmp(r->service, "s3") == 0;
	const struct sign_scope scope = { s->address.region, r->service, s->date, !s3 };
	const struct aws_credentials *keys = s->credentials ? &s->credentials->keys : NULL;
	unsigned char key[SHA256_SIZE];
	int rc;

	put_header(s, "Host", s->address.host);
	put_header(s, "X-Amz-Date", s->date);
	if (s3)
		put_header(s, "X-Amz-Content-SHA256", s->hash);
	if (keys && secret_is_set(&keys->session_token))
		put_header(s, "X-Amz-Security-Token", secret_value(&keys->session_token));
	for (size_t i = 0; i < r->extra_count; i++)
		put_header(s, r->extra[i].name, r->extra[i].value);
	if (!keys)
		return 0;
	const struct sign_request to_sign = {
		.method = r->method,
		.path = path,
		.query = r->query ? r->query : "",
		.headers = s->headers,
		.header_count = s->header_count,
		.payload_hash = s->hash,
	};
	if (client_signing_key(c, s->credentials, &scope, key, err) != 0)
		return -1;
	rc = sigv4_authorization_with(&to_sign, &scope, keys->access_key_id, key, &s->authorization, err);
	explicit_bzero(key, sizeof(key));
	if (rc == 0)
		put_header(s, "Authorization", s->authorization.data);
	return rc;
}

/* The URL; its path, without the query, is *path when there is a query (to be freed), else the URL's end from
 * *path_at on. */
static int make_url(const struct aws_request *r, struct signed_request *s, char **path, size_t *path_at,
		    struct err *err)
{
	const struct address *a = &s->address;

	buf_puts(&s->url, a->base);
	*path_at = s->url.len;
	if (a->bucket_in_path) {
		buf_putc(&s->url, '/');
		buf_puts(&s->url, r->bucket);
	}
	buf_puts(&s->url, r->path ? r->path : a->bucket_in_path ? "" : "/");
	if (r->query && r->query[0] && !s->url.failed) {
		*path = mem_strdup(s->url.data + *path_at);
		if (!*path)
			return err_nomem(err);
		buf_putc(&s->url, '?');
		buf_puts(&s->url, r->query);
	}
	return buf_check(&s->url, "address", err);
}

int aws_request_sign(struct aws_client *c, const struct aws_request *r, struct signed_request *out, struct err *err)
{
	struct signed_request *s = out;
	char *path = NULL;
	size_t path_at = 0;
	int rc = -1;

	*s = (struct signed_request){ 0 };
	buf_init(&s->url, URL_MAX_BYTES);
	buf_init(&s->authorization, 64 * 1024);
	/* Room for what is usual, instead of growing to it; a failure shows in the additions. */
	buf_reserve(&s->url, 255);
	buf_reserve(&s->authorization, 255);
	if (!c->anonymous) {
		/* Before the date is taken: it may last. */
		s->credentials = client_hold_credentials(c, err);
		if (!s->credentials)
			goto out;
	}
	client_date(c, s->date);
	if (client_resolve(c, r->service, r->bucket, &s->address, err) != 0 ||
	    make_url(r, s, &path, &path_at, err) != 0)
		goto out;
	if (r->payload_hash)
		snprintf(s->hash, sizeof(s->hash), "%s", r->payload_hash);
	else if (r->body_len == 0)
		memcpy(s->hash, HASH_OF_NOTHING, sizeof(HASH_OF_NOTHING));
	else if (hash_sha256_hex(r->body, r->body_len, s->hash, err) != 0)
		goto out;
	if (sign_headers(c, r, s, path ? path : s->url.data + path_at, err) != 0)
		goto out;
	s->call = (struct http_call){
		.method = r->method,
		.url = s->url.data,
		.target = s->address.target,
		.headers = s->headers,
		.header_count = s->header_count,
		.body = r->body,
		.body_len = r->body_len,
		.body_fd = r->body_fd,
		.body_offset = r->body_offset,
		.sink_fd = r->sink_fd,
		.body_max = r->body_max,
		.bulk = r->bulk,
		.small = r->small,
		.fresh_connection = !r->idempotent,
	};
	rc = 0;
out:
	mem_free(path);
	if (rc != 0)
		signed_request_clear(s);
	return rc;
}

/* "... after 3 attempts", behind the text. */
static void tell_attempts(const struct attempts *a, struct err *err)
{
	size_t len = err ? strlen(err->text) : 0;

	if (err && a->number > 1)
		snprintf(err->text + len, sizeof(err->text) - len, " (after %d attempts)", a->number);
}

static uint32_t random_number(void)
{
	uint32_t n = 0;

	if (secret_random_bytes(&n, sizeof(n), NULL) != 0)
		return UINT32_MAX / 2;
	return n;
}

/* A reply that is no success: may something be learned from it that makes the next attempt right? */
static bool learn(struct aws_client *c, const struct aws_request *r, struct attempts *a, const struct service_error *e,
		  const struct http_answer *answer)
{
	int64_t offset_ms;
	bool elsewhere = answer->status == 301 || answer->status == 307 ||
			 strcmp(e->code, "AuthorizationHeaderMalformed") == 0 ||
			 strcmp(e->code, "PermanentRedirect") == 0;

	if (!a->clock_learned && service_error_is_skew(e, answer, clock_now(c->clock), &offset_ms)) {
		a->clock_learned = true;
		client_learn_clock(c, offset_ms);
		log_debug("this machine's clock is %lld s off, corrected from the reply of %s",
			  (long long)(-offset_ms / 1000), r->service);
		return true;
	}
	if (!a->region_learned && r->bucket && e->region[0] && (elsewhere || answer->status == 400)) {
		a->region_learned = true;
		return client_learn_bucket(c, r->bucket, e->region);
	}
	return false;
}

/* The service does not take the credentials (any more): are there others by now? 1, 0, or -1 when that cannot be
 * told. */
static int renew(struct aws_client *c, const struct aws_request *r, struct attempts *a, const struct service_error *e,
		 struct err *err)
{
	int rc;

	if (a->credentials_renewed || a->serial == 0 || !service_error_is_stale_credentials(e))
		return 0;
	a->credentials_renewed = true;
	rc = client_renew_credentials(c, a->serial, err);
	if (rc > 0)
		log_debug("%s %s: %s; credentials were looked for again", r->service, r->action, e->code);
	return rc;
}

/* Is another attempt safe, and does the budget of all calls' repeats pay for it? */
static bool may_repeat(struct aws_client *c, struct attempts *a, const struct retry_fact *fact)
{
	int cost = fact->connection_failed ? RETRY_COST_NO_CONNECTION : RETRY_COST;

	if (!retry_allowed(fact) || !client_take_retry(c, cost))
		return false;
	a->retry_cost = cost;
	return true;
}

static void tell_failure(struct aws_client *c, const struct aws_request *r, const struct attempts *a, int rc,
			 const struct http_answer *answer, const struct service_error *e, const struct retry_fact *fact,
			 struct err *err)
{
	char source[256];
	const struct call_context ctx = { r->service, r->action, r->subject, source };
	struct err refusal = { 0 };

	client_source(c, source);
	if (rc != 0) {
		err_wrap(err, "%s %s failed", r->service, r->action);
	} else {
		service_error_tell(e, &ctx, answer->status, &refusal);
		refusal.retryable = retry_is_transient(fact);
		*err = refusal;
	}
	tell_attempts(a, err);
}

enum verdict aws_request_judge(struct aws_client *c, const struct aws_request *r, struct attempts *a, int rc,
			       const struct http_answer *answer, struct err *err)
{
	struct service_error e = { 0 };
	struct err search = { 0 };

	a->delay_ms = 0;
	if (rc == 0 && answer->status / 100 == 2) {
		client_return_retry(c, a->retry_cost);
		return VERDICT_DONE;
	}
	if (rc == 0) {
		service_error_read(answer, &e);
		if (learn(c, r, a, &e, answer))
			return VERDICT_AGAIN;
		int renewed = renew(c, r, a, &e, &search);
		if (renewed > 0)
			return VERDICT_AGAIN;
		if (renewed < 0) {
			*err = search;
			err_wrap(err, "%s %s was refused (%s), and no new credentials were found", r->service,
				 r->action, e.code);
			return VERDICT_FAILED;
		}
	}
	a->number++;
	const struct retry_fact fact = {
		.attempt = a->number,
		.attempts = c->retry.attempts,
		.idempotent = r->idempotent,
		.connection_failed = rc != 0 && err->retryable,
		.may_have_arrived = answer->may_have_arrived,
		.timed_out = rc != 0 && err->kind == ERR_TIMEOUT,
		.http_status = rc == 0 ? answer->status : 0,
		.code = e.code,
	};
	if (may_repeat(c, a, &fact)) {
		a->delay_ms = retry_delay_ms(a->number, answer->retry_after_s, random_number());
		log_debug("%s %s: attempt %d failed (%s), the next one in %lld ms", r->service, r->action, a->number,
			  rc != 0 ? err->text : e.code, (long long)a->delay_ms);
		return VERDICT_AGAIN;
	}
	tell_failure(c, r, a, rc, answer, &e, &fact, err);
	return VERDICT_FAILED;
}

int aws_request_send(struct aws_client *c, const struct aws_request *r, struct http_answer *answer, struct err *err)
{
	struct attempts a = { 0 };
	struct err local = { 0 };

	http_answer_init(answer);
	for (;;) {
		struct signed_request s;
		if (c->stop && *c->stop)
			return err_set(err, ERR_INTERRUPTED, "interrupted before %s %s", r->service, r->action);
		if (aws_request_sign(c, r, &s, err) != 0)
			return -1;
		http_answer_clear(answer);
		http_answer_init(answer);
		a.serial = s.credentials ? s.credentials->serial : 0;
		int rc = c->transport.send(c->transport.arg, &s.call, answer, &local);
		signed_request_clear(&s);
		switch (aws_request_judge(c, r, &a, rc, answer, &local)) {
		case VERDICT_DONE:
			return 0;
		case VERDICT_FAILED:
			if (err)
				*err = local;
			return -1;
		case VERDICT_AGAIN:
			if (clock_sleep(c->clock, a.delay_ms, c->stop) != 0)
				return err_set(err, ERR_INTERRUPTED, "interrupted while %s %s was tried again",
					       r->service, r->action);
			err_clear(&local);
		}
	}
}
