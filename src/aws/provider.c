#include "aws/provider.h"

#include <pthread.h>

#include "spark/base/log.h"
#include "spark/base/mem.h"

#define LEAD_MS  ((int64_t)5 * 60 * 1000)
#define AGAIN_MS 30000 /* after a search that failed while the old ones held */

struct aws_provider {
	struct aws_chain_options options;
	int (*search)(void *arg, struct aws_credentials *out, struct err *err);
	void *search_arg;

	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t ended; /* a search has */
	bool searching;
	uint64_t searches; /* that have ended */
	struct err failure;
	uint64_t failed_search;           /* the one that failure is of */
	struct held_credentials *current; /* NULL: none were found yet */
	uint64_t serial;
	int64_t due_ms; /* when to look for new ones; 0: never */
};

struct held_credentials *held_new(struct aws_credentials *keys, uint64_t serial, struct err *err)
{
	struct held_credentials *h = mem_alloc(sizeof(*h));

	if (!h) {
		aws_credentials_clear(keys);
		err_nomem(err);
		return NULL;
	}
	h->keys = *keys;
	h->serial = serial;
	h->holders = 1;
	explicit_bzero(keys, sizeof(*keys));
	return h;
}

struct held_credentials *held_share(struct held_credentials *h)
{
	__atomic_add_fetch(&h->holders, 1, __ATOMIC_RELAXED);
	return h;
}

void held_release(struct held_credentials *h)
{
	if (!h || __atomic_sub_fetch(&h->holders, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	aws_credentials_clear(&h->keys);
	mem_free(h);
}

static int search_chain(void *arg, struct aws_credentials *out, struct err *err)
{
	const struct aws_provider *p = arg;

	return aws_chain_find(&p->options, out, err);
}

void provider_set_search(struct aws_provider *p, int (*search)(void *arg, struct aws_credentials *out, struct err *err),
			 void *arg)
{
	p->search = search;
	p->search_arg = arg;
}

struct aws_provider *aws_provider_new(const struct aws_chain_options *o, struct err *err)
{
	struct aws_provider *p = mem_alloc(sizeof(*p));

	if (!p) {
		err_nomem(err);
		return NULL;
	}
	p->options = *o;
	if (!p->options.clock)
		p->options.clock = &clock_system;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->ended, NULL);
	provider_set_search(p, search_chain, p);
	return p;
}

void aws_provider_free(struct aws_provider *p)
{
	if (!p)
		return;
	held_release(p->current);
	pthread_cond_destroy(&p->ended);
	pthread_mutex_destroy(&p->lock);
	mem_free(p);
}

static bool is_same(const struct aws_credentials *a, const struct aws_credentials *b)
{
	return strcmp(a->access_key_id, b->access_key_id) == 0 &&
	       secret_equal(secret_value(&a->secret_access_key), a->secret_access_key.len,
			    secret_value(&b->secret_access_key), b->secret_access_key.len) &&
	       secret_equal(secret_value(&a->session_token), a->session_token.len, secret_value(&b->session_token),
			    b->session_token.len) &&
	       a->expires_ms == b->expires_ms;
}

/* What a search found takes the old ones' place. Under the lock. */
static int take_over(struct aws_provider *p, struct aws_credentials *found, int64_t now_ms, struct err *err)
{
	int64_t expires_ms = found->expires_ms, life_ms = expires_ms - now_ms;
	struct held_credentials *fresh;

	if (p->current && is_same(&p->current->keys, found)) {
		aws_credentials_clear(found);
	} else {
		fresh = held_new(found, p->serial + 1, err);
		if (!fresh)
			return -1;
		held_release(p->current);
		p->current = fresh;
		p->serial++;
	}
	if (expires_ms == 0)
		p->due_ms = 0;
	else if (life_ms <= 0)
		p->due_ms = now_ms + AGAIN_MS;
	else
		p->due_ms = expires_ms - (life_ms / 4 < LEAD_MS ? life_ms / 4 : LEAD_MS);
	return 0;
}

/* Searches, or waits for the thread that does. Under the lock, which is given up meanwhile. */
static int renew_locked(struct aws_provider *p, int64_t now_ms, struct err *err)
{
	struct aws_credentials found = { 0 };
	struct err local = { 0 };
	int rc;

	if (p->searching) {
		uint64_t awaited = p->searches + 1;
		while (p->searching && p->searches < awaited)
			pthread_cond_wait(&p->ended, &p->lock);
		if (p->failed_search < awaited && p->current)
			return 0;
		if (err)
			*err = p->failure;
		return -1;
	}
	p->searching = true;
	pthread_mutex_unlock(&p->lock);
	rc = p->search(p->search_arg, &found, &local);
	pthread_mutex_lock(&p->lock);
	p->searching = false;
	p->searches++;
	if (rc == 0)
		rc = take_over(p, &found, now_ms, &local);
	if (rc != 0) {
		p->failed_search = p->searches;
		p->failure = local;
		if (err)
			*err = local;
	}
	pthread_cond_broadcast(&p->ended);
	return rc;
}

struct held_credentials *provider_hold(struct aws_provider *p, int64_t now_ms, struct err *err)
{
	struct held_credentials *h = NULL;
	struct err local = { 0 };

	if (now_ms == 0)
		now_ms = clock_now(p->options.clock);
	pthread_mutex_lock(&p->lock);
	if (!p->current || (p->due_ms && now_ms >= p->due_ms)) {
		if (renew_locked(p, now_ms, &local) != 0 && p->current && now_ms < p->current->keys.expires_ms &&
		    local.kind != ERR_INTERRUPTED) {
			log_debug("credentials could not be renewed, the old ones still hold: %s", local.text);
			p->due_ms = now_ms + AGAIN_MS;
		} else if (local.kind != ERR_NONE) {
			if (err)
				*err = local;
			goto out;
		}
	}
	h = held_share(p->current);
out:
	pthread_mutex_unlock(&p->lock);
	return h;
}

int provider_renew(struct aws_provider *p, uint64_t refused_serial, struct err *err)
{
	int rc = 0;

	pthread_mutex_lock(&p->lock);
	if (p->serial == refused_serial)
		rc = renew_locked(p, clock_now(p->options.clock), err);
	if (rc == 0)
		rc = p->serial != refused_serial;
	pthread_mutex_unlock(&p->lock);
	return rc;
}

int aws_provider_get(struct aws_provider *p, struct aws_credentials *out, struct err *err)
{
	struct held_credentials *h = provider_hold(p, 0, err);
	int rc;

	if (!h)
		return -1;
	rc = aws_credentials_copy(out, &h->keys, err);
	held_release(h);
	return rc;
}
