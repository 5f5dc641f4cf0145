#include "aws/client.h"

#include "aws/settings.h"
#include "spark/base/mem.h"

static int copy_text(char **to, const char *from, struct err *err)
{
	*to = mem_strdup(from);
	return from && !*to ? err_nomem(err) : 0;
}

struct http_options aws_client_http_options(const struct aws_client *c)
{
	return (struct http_options){
		.ca_bundle = c->ca_bundle,
		.user_agent = c->user_agent,
		.unix_socket = c->unix_socket,
		.timeout_ms = c->timeout_ms,
		.stop = c->stop,
	};
}

/* Endpoints: one for all that was given, else what the settings say of each. */
static int set_endpoints(struct aws_client *c, const struct aws_client_options *o, struct err *err)
{
	const struct aws_settings *s = o->settings;
	bool given = o->endpoint_url && o->endpoint_url[0];
	const char *general = given ? o->endpoint_url : s ? s->endpoint_url : NULL;

	if (general && endpoint_from_url(general, &c->endpoint, err) != 0)
		return -1;
	if (given || !s || s->url_count == 0)
		return 0;
	c->special = mem_alloc_array(s->url_count, sizeof(*c->special));
	if (!c->special)
		return err_nomem(err);
	for (; c->special_count < s->url_count; c->special_count++) {
		const struct aws_service_url *u = &s->urls[c->special_count];
		struct service_address *a = &c->special[c->special_count];
		memcpy(a->service, u->service, sizeof(a->service));
		if (endpoint_from_url(u->url, &a->address, err) != 0)
			return err_wrap(err, "service '%s'", u->service);
	}
	return 0;
}

static void set_retries(struct aws_client *c, const struct aws_settings *s)
{
	bool legacy = s && s->legacy_retries;

	c->retry.attempts = s && s->max_attempts > 0 ? s->max_attempts
			    : legacy                 ? RETRY_ATTEMPTS_LEGACY
						     : RETRY_ATTEMPTS;
	c->retry.budget = !legacy;
	c->retry_budget = RETRY_BUDGET;
}

static int set_credentials(struct aws_client *c, const struct aws_client_options *o, struct err *err)
{
	struct aws_credentials copy;

	c->provider = o->provider;
	c->anonymous = o->anonymous;
	if (c->provider || c->anonymous)
		return 0;
	if (aws_credentials_copy(&copy, &o->credentials, err) != 0)
		return -1;
	memcpy(c->source, copy.source, sizeof(c->source));
	c->fixed = held_new(&copy, 1, err);
	return c->fixed ? 0 : -1;
}

struct aws_client *aws_client_new(const struct aws_client_options *o, struct err *err)
{
	struct aws_client *c;

	if (endpoint_check_region(o->region, err) != 0)
		return NULL;
	c = mem_alloc(sizeof(*c));
	if (!c) {
		err_nomem(err);
		return NULL;
	}
	pthread_mutex_init(&c->lock, NULL);
	c->clock = o->clock ? o->clock : &clock_system;
	c->stop = o->stop;
	c->timeout_ms = o->timeout_ms > 0 ? o->timeout_ms : 60000;
	c->partition = endpoint_partition(o->region);
	c->fips = o->settings && o->settings->use_fips;
	c->dualstack = o->settings && o->settings->use_dualstack;
	set_retries(c, o->settings);
	if (set_credentials(c, o, err) != 0 || copy_text(&c->region, o->region, err) != 0 ||
	    copy_text(&c->ca_bundle, o->ca_bundle, err) != 0 || copy_text(&c->user_agent, o->user_agent, err) != 0 ||
	    copy_text(&c->unix_socket, o->unix_socket, err) != 0 || set_endpoints(c, o, err) != 0)
		goto fail;
	struct http_options http = aws_client_http_options(c);
	c->http = http_new(&http, err);
	if (!c->http)
		goto fail;
	c->transport = (struct transport){ http_send, c->http };
	return c;
fail:
	aws_client_free(c);
	return NULL;
}

void aws_client_free(struct aws_client *c)
{
	if (!c)
		return;
	http_free(c->http);
	held_release(c->fixed);
	explicit_bzero(c->keys, sizeof(c->keys));
	mem_free(c->region);
	mem_free(c->ca_bundle);
	mem_free(c->user_agent);
	mem_free(c->unix_socket);
	mem_free(c->special);
	mem_free(c->buckets);
	pthread_mutex_destroy(&c->lock);
	mem_free(c);
}

const char *aws_client_region(const struct aws_client *c)
{
	return c->region;
}

const char *aws_client_partition(const struct aws_client *c)
{
	return c->partition;
}

int64_t aws_client_clock_offset_ms(struct aws_client *c)
{
	int64_t offset;

	pthread_mutex_lock(&c->lock);
	offset = c->clock_offset_ms;
	pthread_mutex_unlock(&c->lock);
	return offset;
}

void aws_client_set_transport(struct aws_client *c, const struct transport *t)
{
	c->transport = *t;
}

void client_date(struct aws_client *c, char out[CLOCK_TEXT])
{
	int64_t now_ms = clock_now(c->clock);

	pthread_mutex_lock(&c->lock);
	now_ms += c->clock_offset_ms;
	if (!c->date[0] || c->date_s != now_ms / 1000) {
		c->date_s = now_ms / 1000;
		clock_basic(now_ms, c->date);
	}
	memcpy(out, c->date, sizeof(c->date));
	pthread_mutex_unlock(&c->lock);
}

void client_learn_clock(struct aws_client *c, int64_t offset_ms)
{
	pthread_mutex_lock(&c->lock);
	c->clock_offset_ms = offset_ms;
	pthread_mutex_unlock(&c->lock);
}

struct held_credentials *client_hold_credentials(struct aws_client *c, struct err *err)
{
	struct held_credentials *h = c->fixed;

	if (!c->provider)
		return held_share(h);
	/* They end by the service's clock, not by ours. */
	h = provider_hold(c->provider, clock_now(c->clock) + aws_client_clock_offset_ms(c), err);
	if (!h)
		return NULL;
	pthread_mutex_lock(&c->lock);
	memcpy(c->source, h->keys.source, sizeof(c->source));
	pthread_mutex_unlock(&c->lock);
	return h;
}

int client_renew_credentials(struct aws_client *c, uint64_t refused_serial, struct err *err)
{
	return c->provider ? provider_renew(c->provider, refused_serial, err) : 0;
}

void client_source(struct aws_client *c, char out[256])
{
	pthread_mutex_lock(&c->lock);
	memcpy(out, c->source, sizeof(c->source));
	pthread_mutex_unlock(&c->lock);
}

bool client_take_retry(struct aws_client *c, int cost)
{
	bool granted = true;

	pthread_mutex_lock(&c->lock);
	if (c->retry.budget) {
		granted = c->retry_budget >= cost;
		c->retry_budget -= granted ? cost : 0;
	}
	pthread_mutex_unlock(&c->lock);
	return granted;
}

void client_return_retry(struct aws_client *c, int cost)
{
	pthread_mutex_lock(&c->lock);
	c->retry_budget += cost > 0 ? cost : RETRY_REFUND;
	if (c->retry_budget > RETRY_BUDGET)
		c->retry_budget = RETRY_BUDGET;
	pthread_mutex_unlock(&c->lock);
}

int client_signing_key(struct aws_client *c, const struct held_credentials *h, const struct sign_scope *s,
		       unsigned char out[SHA256_SIZE], struct err *err)
{
	int rc = 0;

	pthread_mutex_lock(&c->lock);
	for (size_t i = 0; i < SIGNING_KEYS; i++) {
		struct signing_key *k = &c->keys[i];
		if (k->serial == h->serial && strncmp(k->day, s->date, 8) == 0 && strcmp(k->region, s->region) == 0 &&
		    strcmp(k->service, s->service) == 0) {
			memcpy(out, k->key, SHA256_SIZE);
			goto out;
		}
	}
	rc = sigv4_derive_key(&h->keys.secret_access_key, s, out, err);
	if (rc == 0) {
		struct signing_key *k = &c->keys[c->next_key];
		k->serial = h->serial;
		snprintf(k->day, sizeof(k->day), "%.8s", s->date);
		snprintf(k->region, sizeof(k->region), "%s", s->region);
		snprintf(k->service, sizeof(k->service), "%s", s->service);
		memcpy(k->key, out, SHA256_SIZE);
		c->next_key = (c->next_key + 1) % SIGNING_KEYS;
	}
out:
	pthread_mutex_unlock(&c->lock);
	return rc;
}

static struct bucket_region *find_bucket(struct aws_client *c, const char *bucket)
{
	for (size_t i = 0; i < c->bucket_count; i++)
		if (strcmp(c->buckets[i].bucket, bucket) == 0)
			return &c->buckets[i];
	return NULL;
}

void client_bucket_region(struct aws_client *c, const char *bucket, char out[64])
{
	pthread_mutex_lock(&c->lock);
	const struct bucket_region *b = find_bucket(c, bucket);
	snprintf(out, 64, "%s", b ? b->region : c->region);
	pthread_mutex_unlock(&c->lock);
}

bool client_learn_bucket(struct aws_client *c, const char *bucket, const char *region)
{
	bool news = false;

	if (endpoint_check_region(region, NULL) != 0)
		return false;
	pthread_mutex_lock(&c->lock);
	struct bucket_region *b = find_bucket(c, bucket);
	if (!b && mem_grow(&c->buckets, &c->bucket_cap, c->bucket_count, sizeof(*c->buckets)) == 0) {
		b = &c->buckets[c->bucket_count++];
		snprintf(b->bucket, sizeof(b->bucket), "%s", bucket);
		snprintf(b->region, sizeof(b->region), "%s", c->region);
	}
	if (b && strcmp(b->region, region) != 0) {
		snprintf(b->region, sizeof(b->region), "%s", region);
		news = true;
	}
	pthread_mutex_unlock(&c->lock);
	return news;
}

int client_resolve(struct aws_client *c, const char *service, const char *bucket, struct address *out, struct err *err)
{
	const struct address *given = c->endpoint.base[0] ? &c->endpoint : NULL;
	char region[64];

	memcpy(region, c->region, strlen(c->region) + 1);
	if (bucket)
		client_bucket_region(c, bucket, region);
	for (size_t i = 0; i < c->special_count; i++) {
		if (settings_is_service(c->special[i].service, service)) {
			given = &c->special[i].address;
			break;
		}
	}
	if (given) {
		*out = *given;
		out->bucket_in_path = bucket != NULL;
		memcpy(out->region, region, sizeof(region));
		return 0;
	}
	const struct endpoint_wish wish = { service, region, bucket, c->fips, c->dualstack };
	return endpoint_of_service(&wish, out, err);
}
