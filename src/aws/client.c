#include "aws/client.h"

#include <ctype.h>

#include "spark/base/mem.h"

/* Source: botocore, partitions.json and IAM's endpoint-rule-set-1.json. */
static const struct partition {
	const char *region_prefix, *name, *dns_suffix;
	const char *iam_host, *iam_region; /* IAM is one per partition */
} partitions[] = {
	{ "cn-", "aws-cn", "amazonaws.com.cn", "iam.cn-north-1.amazonaws.com.cn", "cn-north-1" },
	{ "us-gov-", "aws-us-gov", "amazonaws.com", "iam.us-gov.amazonaws.com", "us-gov-west-1" },
	{ "us-iso-", "aws-iso", "c2s.ic.gov", "iam.us-iso-east-1.c2s.ic.gov", "us-iso-east-1" },
	{ "us-isob-", "aws-iso-b", "sc2s.sgov.gov", "iam.us-isob-east-1.sc2s.sgov.gov", "us-isob-east-1" },
	{ "eu-isoe-", "aws-iso-e", "cloud.adc-e.uk", "iam.eu-isoe-west-1.cloud.adc-e.uk", "eu-isoe-west-1" },
	{ "us-isof-", "aws-iso-f", "csp.hci.ic.gov", "iam.us-isof-south-1.csp.hci.ic.gov", "us-isof-south-1" },
	{ "eusc-", "aws-eusc", "amazonaws.eu", "iam.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1" },
	{ "", "aws", "amazonaws.com", "iam.amazonaws.com", "us-east-1" },
};

static const struct partition *partition_of(const char *region)
{
	size_t last = sizeof(partitions) / sizeof(partitions[0]) - 1;

	for (size_t i = 0; i < last; i++)
		if (strncmp(region, partitions[i].region_prefix, strlen(partitions[i].region_prefix)) == 0)
			return &partitions[i];
	return &partitions[last];
}

/* A region becomes part of a host's name, so nothing but a label's characters may be in it. */
static int check_region(const char *region, struct err *err)
{
	size_t len = region ? strlen(region) : 0;
	bool ok = len > 0 && len < 64;

	for (size_t i = 0; ok && i < len; i++)
		ok = islower((unsigned char)region[i]) || isdigit((unsigned char)region[i]) || region[i] == '-';
	if (ok)
		return 0;
	err_set(err, ERR_CONFIG, "'%.64s' is no region", region ? region : "");
	return err_hint(err, "a region's name looks like us-west-2");
}

/* The Host header as HTTP wants it: the port only where it is not the scheme's. */
static int set_host(struct address *a, struct err *err)
{
	struct url u = { 0 };
	bool v6, standard;

	if (url_parse(&u, a->base, err) != 0)
		return -1;
	v6 = strchr(u.host, ':') != NULL;
	standard = u.port == (strcmp(u.scheme, "https") == 0 ? 443 : 80);
	snprintf(a->target, sizeof(a->target), "%s%s%s:%d", v6 ? "[" : "", u.host, v6 ? "]" : "", u.port);
	if (standard)
		snprintf(a->host, sizeof(a->host), "%s%s%s", v6 ? "[" : "", u.host, v6 ? "]" : "");
	else
		snprintf(a->host, sizeof(a->host), "%s", a->target);
	url_clear(&u);
	return 0;
}

static int set_endpoint(struct aws_client *c, const char *text, struct err *err)
{
	struct url u = { 0 };
	size_t len;

	if (url_parse(&u, text, err) != 0)
		return err_wrap(err, "the endpoint cannot be used");
	len = u.path ? strlen(u.path) : 0;
	bool plain = len == 0 || strcmp(u.path, "/") == 0;
	url_clear(&u);
	if (!plain) {
		err_set(err, ERR_CONFIG, "the endpoint '%s' has a path", text);
		return err_hint(err, "an endpoint is scheme, host and port, like http://127.0.0.1:4566");
	}
	len = strlen(text) - len;
	if (len >= sizeof(c->endpoint_address.base))
		return err_set(err, ERR_CONFIG, "the endpoint is longer than %zu bytes",
			       sizeof(c->endpoint_address.base) - 1);
	c->endpoint = mem_strndup(text, len);
	if (!c->endpoint)
		return err_nomem(err);
	memcpy(c->endpoint_address.base, text, len);
	return set_host(&c->endpoint_address, err);
}

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
		.timeout_ms = c->timeout_ms,
		.stop = c->stop,
	};
}

struct aws_client *aws_client_new(const struct aws_client_options *o, struct err *err)
{
	struct aws_client *c;

	if (check_region(o->region, err) != 0)
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
	c->partition = partition_of(o->region)->name;
	if (aws_credentials_copy(&c->credentials, &o->credentials, err) != 0 ||
	    copy_text(&c->region, o->region, err) != 0 || copy_text(&c->ca_bundle, o->ca_bundle, err) != 0 ||
	    copy_text(&c->user_agent, o->user_agent, err) != 0 ||
	    (o->endpoint_url && o->endpoint_url[0] && set_endpoint(c, o->endpoint_url, err) != 0))
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
	aws_credentials_clear(&c->credentials);
	explicit_bzero(c->keys, sizeof(c->keys));
	mem_free(c->region);
	mem_free(c->ca_bundle);
	mem_free(c->user_agent);
	mem_free(c->endpoint);
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

int client_signing_key(struct aws_client *c, const struct sign_scope *s, unsigned char out[SHA256_SIZE],
		       struct err *err)
{
	int rc = 0;

	pthread_mutex_lock(&c->lock);
	for (size_t i = 0; i < SIGNING_KEYS; i++) {
		struct signing_key *k = &c->keys[i];
		if (strncmp(k->day, s->date, 8) == 0 && strcmp(k->region, s->region) == 0 &&
		    strcmp(k->service, s->service) == 0) {
			memcpy(out, k->key, SHA256_SIZE);
			goto out;
		}
	}
	rc = sigv4_derive_key(&c->credentials.secret_access_key, s, out, err);
	if (rc == 0) {
		struct signing_key *k = &c->keys[c->next_key];
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

	if (check_region(region, NULL) != 0)
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

/* One label of a host's name: dots would leave the certificate's wildcard, other bytes the name itself. */
static bool bucket_is_label(const char *bucket)
{
	size_t len = strlen(bucket);

	if (len < 3 || len > 63 || bucket[0] == '-' || bucket[len - 1] == '-')
		return false;
	for (size_t i = 0; i < len; i++)
		if (!islower((unsigned char)bucket[i]) && !isdigit((unsigned char)bucket[i]) && bucket[i] != '-')
			return false;
	return true;
}

int client_resolve(struct aws_client *c, const char *service, const char *bucket, struct address *out, struct err *err)
{
	const struct partition *p = partition_of(c->region);
	struct address a = c->endpoint_address;

	a.bucket_in_path = bucket != NULL;
	memcpy(a.region, c->region, strlen(c->region) + 1);
	if (bucket)
		client_bucket_region(c, bucket, a.region);
	if (c->endpoint) {
		*out = a;
		return 0;
	}
	if (strcmp(service, "iam") == 0) {
		snprintf(a.base, sizeof(a.base), "https://%s", p->iam_host);
		snprintf(a.region, sizeof(a.region), "%s", p->iam_region);
	} else if (bucket && bucket_is_label(bucket)) {
		snprintf(a.base, sizeof(a.base), "https://%s.s3.%s.%s", bucket, a.region, p->dns_suffix);
		a.bucket_in_path = false;
	} else {
		snprintf(a.base, sizeof(a.base), "https://%s.%s.%s", service, a.region, p->dns_suffix);
	}
	if (set_host(&a, err) != 0)
		return -1;
	*out = a;
	return 0;
}
