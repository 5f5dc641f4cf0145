#include <errno.h>

#include "aws/curl_loop.h"
#include "aws/s3_slot.h"
#include "spark/base/mem.h"

#define CONCURRENCY_MAX 256
#define POLL_MS         500 /* how late an interrupt may be seen */
#define LATER_MS        2   /* before next() is asked again when it had nothing yet */
#define OPENING_MS      1   /* before a connection that is being made is looked at again */

/* Many transfers at a time: slots are filled from next(). Each slot has a lane for small requests; for the others the
 * loop's multi handle keeps the connections. */
struct engine {
	struct aws_client *client;
	const struct s3_transfer *transfer;
	const struct curl_api *api;
	struct http_options options;
	struct curl_loop loop;
	struct s3_slot *slots;
	size_t count, busy;
	bool drained; /* next() has nothing more, or a failure stopped the intake */
	bool later;   /* next() has nothing yet */
	enum { LANES_UNKNOWN, LANES_USED, LANES_UNFIT } lanes;
	struct err first; /* the first failure */
};

static void note_failure(struct engine *e, const struct err *failure)
{
	if (e->first.kind == ERR_NONE)
		e->first = *failure;
	e->drained = true;
}

/* Tells the caller how a job ended and frees its slot. failure NULL: well. */
static void end_job(struct engine *e, struct s3_slot *s, const struct err *failure)
{
	if (failure)
		note_failure(e, failure);
	if (e->transfer->done)
		e->transfer->done(e->transfer->arg, &s->job, failure);
	s3_slot_close(s);
	e->busy--;
}

static void settle(struct engine *e, struct s3_slot *s, int rc, struct err *err);
static void launch(struct engine *e, struct s3_slot *s);

/* Lets the loop wait for what the slot's lane waits for. */
static void watch_lane(struct engine *e, struct s3_slot *s)
{
	struct http_lane *l = &s->lane;
	bool output = http_lane_has_output(l);
	int wish = output ? LANE_FOR_BOTH : LANE_FOR_INPUT;

	if (l->fd < 0 || (int)l->watched == wish)
		return;
	if (curl_loop_watch(&e->loop, l->fd, (size_t)(s - e->slots), output, l->watched != LANE_UNWATCHED) != 0)
		e->loop.failed = errno;
	l->watched = output ? LANE_FOR_BOTH : LANE_FOR_INPUT;
}

static void step_lane(struct engine *e, struct s3_slot *s)
{
	struct err err = { 0 };

	switch (http_lane_step(&s->lane, clock_mono(e->client->clock), &err)) {
	case LANE_WAIT:
		watch_lane(e, s);
		break;
	case LANE_DONE:
		settle(e, s, 0, &err);
		break;
	case LANE_FAILED:
		settle(e, s, -1, &err);
		break;
	case LANE_ODD:
		/* Such a service will be odd again, and each time would cost two requests. */
		e->lanes = LANES_UNFIT;
		launch(e, s);
		break;
	case LANE_STALE:
		launch(e, s);
		break;
	}
}

/* News on a lane's descriptor. fits curl_loop.on_watched. */
static void on_lane_news(void *arg, size_t number)
{
	struct engine *e = arg;
	struct s3_slot *s = &e->slots[number];

	if (s->lane.state == LANE_ACTIVE) {
		step_lane(e, s);
	} else if (s->lane.state == LANE_IDLE) {
		http_lane_look(&s->lane);
		watch_lane(e, s);
	}
}

static bool takes_lane(struct engine *e, const struct s3_slot *s)
{
	const struct http_call *call = &s->signed_request.call;

	if (e->lanes == LANES_UNKNOWN)
		e->lanes = http_lane_has_proxy(call->url) ? LANES_UNFIT : LANES_USED;
	return e->lanes == LANES_USED && http_lane_fits(call);
}

static void launch_exchange(struct engine *e, struct s3_slot *s)
{
	struct err err = { 0 };

	if (http_exchange_begin(&s->exchange, s->handle, e->api, &e->options, &s->signed_request.call, &s->answer,
				&err) != 0) {
		end_job(e, s, &err);
		return;
	}
	e->api->easy_setopt(s->handle, CURLOPT_PRIVATE, s);
	CURLMcode rc = curl_loop_add(&e->loop, s->handle);
	if (rc == CURLM_OK)
		return;
	/* Takes apart what begin made; libcurl never saw the request. */
	(void)!http_exchange_end(&s->exchange, s->handle, CURLE_FAILED_INIT, &err);
	err_set(&err, ERR_BUG, "a transfer cannot be started: %s", e->api->multi_strerror(rc));
	end_job(e, s, &err);
}

/* Signs and sends the slot's request; a failure ends the job. */
static void launch(struct engine *e, struct s3_slot *s)
{
	struct err err = { 0 };

	signed_request_clear(&s->signed_request);
	if (s3_slot_rewind(s, &err) != 0 ||
	    aws_request_sign(e->client, &s->call.request, &s->signed_request, &err) != 0) {
		end_job(e, s, &err);
		return;
	}
	s->attempts.serial = s->signed_request.credentials ? s->signed_request.credentials->serial : 0;
	s->state = SLOT_ACTIVE;
	s->on_lane = takes_lane(e, s);
	if (!s->on_lane)
		launch_exchange(e, s);
	else if (http_lane_begin(&s->lane, e->api, &e->options, &s->signed_request.call, &s->answer, &err) == 0)
		step_lane(e, s);
	else
		end_job(e, s, &err);
}

/* Takes jobs while there are free slots. */
static void fill_slots(struct engine *e)
{
	e->later = false;
	for (size_t i = 0; i < e->count && !e->drained; i++) {
		struct s3_slot *s = &e->slots[i];
		struct err err = { 0 };
		if (s->state != SLOT_FREE)
			continue;
		s->job = (struct s3_job){ 0 };
		int rc = e->transfer->next(e->transfer->arg, &s->job, &err);
		if (rc == S3_NEXT_LATER) {
			e->later = true;
			return;
		}
		if (rc <= 0) {
			if (rc < 0)
				note_failure(e, &err);
			e->drained = true;
			return;
		}
		e->busy++;
		if (s3_slot_open(s, &err) != 0)
			end_job(e, s, &err);
		else
			launch(e, s);
	}
}

/* What follows from an attempt that has ended. rc and err: transport.send's. */
static void settle(struct engine *e, struct s3_slot *s, int rc, struct err *err)
{
	switch (aws_request_judge(e->client, &s->call.request, &s->attempts, rc, &s->answer, err)) {
	case VERDICT_DONE:
		end_job(e, s, s3_slot_commit(s, err) == 0 ? NULL : err);
		break;
	case VERDICT_FAILED:
		end_job(e, s, err);
		break;
	case VERDICT_AGAIN:
		s->state = SLOT_WAITING;
		s->wake_ms = clock_mono(e->client->clock) + s->attempts.delay_ms;
		break;
	}
}

static void finish(struct engine *e, struct s3_slot *s, CURLcode result)
{
	struct err err = { 0 };
	int rc = http_exchange_end(&s->exchange, s->handle, result, &err);

	e->api->multi_remove_handle(e->loop.multi, s->handle);
	settle(e, s, rc, &err);
}

static void collect(struct engine *e)
{
	int left;

	for (CURLMsg *m = e->api->multi_info_read(e->loop.multi, &left); m;
	     m = e->api->multi_info_read(e->loop.multi, &left)) {
		char *slot = NULL;
		if (m->msg != CURLMSG_DONE)
			continue;
		CURLcode result = m->data.result;
		e->api->easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &slot);
		finish(e, (struct s3_slot *)(void *)slot, result);
	}
}

/* Does what is due; when to look at the slot again, INT64_MAX: when there is news. */
static int64_t wake_slot(struct engine *e, struct s3_slot *s, int64_t now)
{
	bool lane = s->state == SLOT_ACTIVE && s->on_lane;
	int64_t bound = s->lane.moved_ms + e->options.timeout_ms;
	struct err err = { 0 };

	if (s->state == SLOT_FREE || (s->state == SLOT_ACTIVE && !lane))
		return INT64_MAX;
	if (s->state == SLOT_WAITING && s->wake_ms > now)
		return s->wake_ms;
	if (lane && s->lane.state == LANE_ACTIVE && bound > now)
		return bound;
	if (!lane) {
		launch(e, s);
	} else if (s->lane.state == LANE_ACTIVE) {
		http_lane_time_out(&s->lane, &err);
		settle(e, s, -1, &err);
	} else {
		step_lane(e, s);
	}
	if (s->state == SLOT_ACTIVE)
		return s->on_lane && s->lane.state == LANE_OPENING ? now + OPENING_MS : INT64_MAX;
	return s->state == SLOT_WAITING ? s->wake_ms : now;
}

/* Goes on with what has waited long enough; the milliseconds until the next one. */
static int wake(struct engine *e)
{
	int64_t now = clock_mono(e->client->clock), soonest = e->later ? LATER_MS : POLL_MS;

	for (size_t i = 0; i < e->count; i++) {
		int64_t due = wake_slot(e, &e->slots[i], now);
		if (due != INT64_MAX && due - now < soonest)
			soonest = due - now;
	}
	return (int)soonest;
}

static bool interrupted(const struct engine *e)
{
	return e->client->stop && *e->client->stop;
}

/* Ends what is under way at once. */
static void abandon(struct engine *e, const struct err *why)
{
	note_failure(e, why);
	for (size_t i = 0; i < e->count; i++) {
		struct s3_slot *s = &e->slots[i];
		struct err ignored;
		if (s->state == SLOT_ACTIVE && s->on_lane) {
			http_lane_close(&s->lane);
		} else if (s->state == SLOT_ACTIVE) {
			e->api->multi_remove_handle(e->loop.multi, s->handle);
			(void)!http_exchange_end(&s->exchange, s->handle, CURLE_OK, &ignored);
		}
		if (s->state != SLOT_FREE)
			end_job(e, s, why);
	}
}

static void drive(struct engine *e)
{
	struct err err = { 0 };

	for (;;) {
		fill_slots(e);
		if (e->busy == 0 && !e->later)
			return;
		CURLMcode rc = curl_loop_run(&e->loop, interrupted(e) ? 0 : wake(e));
		if (rc == CURLM_OK)
			collect(e);
		if (rc != CURLM_OK) {
			if (e->loop.failed)
				err_set_errno(&err, ERR_IO, e->loop.failed, "the transfers cannot go on");
			else
				err_set(&err, ERR_BUG, "the transfers cannot go on: %s", e->api->multi_strerror(rc));
			abandon(e, &err);
		} else if (interrupted(e)) {
			err_set(&err, ERR_INTERRUPTED, "the transfers were interrupted");
			abandon(e, &err);
		}
	}
}

static int engine_open(struct engine *e, struct err *err)
{
	e->api = curl_api_get(err);
	if (!e->api)
		return -1;
	e->slots = mem_alloc_array(e->count, sizeof(*e->slots));
	if (!e->slots)
		return err_nomem(err);
	if (curl_loop_open(&e->loop, e->api, e->count, err) != 0)
		return -1;
	e->loop.on_watched = on_lane_news;
	e->loop.watched_arg = e;
	for (size_t i = 0; i < e->count; i++) {
		e->slots[i].fd = -1;
		e->slots[i].handle = e->api->easy_init();
		if (!e->slots[i].handle)
			return err_nomem(err);
	}
	return 0;
}

static void engine_close(struct engine *e)
{
	for (size_t i = 0; e->slots && i < e->count; i++) {
		if (e->slots[i].handle)
			e->api->easy_cleanup(e->slots[i].handle);
		http_exchange_clear(&e->slots[i].exchange);
		http_lane_clear(&e->slots[i].lane);
	}
	curl_loop_close(&e->loop);
	mem_free(e->slots);
}

int s3_transfer(struct aws_client *c, const struct s3_transfer *t, struct err *err)
{
	struct engine e = {
		.client = c,
		.transfer = t,
		.loop = { .epoll = -1 },
		.options = aws_client_http_options(c),
		.count = t->concurrency < 1
				 ? 1
				 : (size_t)(t->concurrency < CONCURRENCY_MAX ? t->concurrency : CONCURRENCY_MAX),
	};
	int rc = engine_open(&e, err);

	if (rc == 0) {
		drive(&e);
		if (e.first.kind != ERR_NONE) {
			if (err)
				*err = e.first;
			rc = -1;
		}
	}
	engine_close(&e);
	return rc;
}
