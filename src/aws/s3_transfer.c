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
	size_t ended;            /* downloads, in the loop's last round */
	struct s3_folder folder; /* of the file that was written last */
	bool drained;            /* next() has nothing more, or a failure stopped the intake */
	bool later;              /* next() has nothing yet */
	enum { LANES_UNKNOWN, LANES_USED, LANES_UNFIT } lanes;
	struct err first; /* the first failure */
	int64_t round_ms; /* when the loop's round began; -1: nothing has happened in it */
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
	e->busy--;
	e->ended += s->job.direction == S3_DOWNLOAD;
	s3_slot_close(s);
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

/* The clock as it is read once for all that happens together. */
static int64_t round_time(struct engine *e)
{
	if (e->round_ms < 0)
		e->round_ms = clock_mono(e->client->clock);
	return e->round_ms;
}

static void step_lane(struct engine *e, struct s3_slot *s)
{
	struct err err = { 0 };

	switch (http_lane_step(&s->lane, round_time(e), &err)) {
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

/* Signs the slot's request and begins with it. True when its lane is to be stepped, which sends it; a failure ends the
 * job. */
static bool begin(struct engine *e, struct s3_slot *s)
{
	struct err err = { 0 };

	signed_request_clear(&s->signed_request);
	if (s3_slot_rewind(s, &err) != 0 ||
	    aws_request_sign(e->client, &s->call.request, &s->signed_request, &err) != 0) {
		end_job(e, s, &err);
		return false;
	}
	s->attempts.serial = s->signed_request.credentials ? s->signed_request.credentials->serial : 0;
	s->state = SLOT_ACTIVE;
	s->on_lane = takes_lane(e, s);
	if (!s->on_lane)
		launch_exchange(e, s);
	else if (http_lane_begin(&s->lane, e->api, &e->options, &s->signed_request.call, &s->answer, &err) == 0)
		return true;
	else
		end_job(e, s, &err);
	return false;
}

static void launch(struct engine *e, struct s3_slot *s)
{
	if (begin(e, s))
		step_lane(e, s);
}

/* Takes jobs while there are free slots. Downloads that begun[] names have begun on their lanes; their number. */
static size_t take_jobs(struct engine *e, struct s3_slot *begun[CONCURRENCY_MAX])
{
	size_t count = 0;

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
			return count;
		}
		if (rc <= 0) {
			if (rc < 0)
				note_failure(e, &err);
			e->drained = true;
			return count;
		}
		e->busy++;
		if (s3_slot_open(s, &err) != 0)
			end_job(e, s, &err);
		else if (!begin(e, s))
			continue;
		else if (s->job.direction == S3_DOWNLOAD)
			begun[count++] = s;
		else
			step_lane(e, s);
	}
	return count;
}

/* Replies that wait already are taken first, until half of the slots are free: a service that is quicker than we are
 * would be woken for every few requests, which costs both more than to wait for more of them. One that is slower has no
 * replies waiting. Uploads are not counted: there the store has the larger part of the work, and is to begin at once.
 */
static bool is_time_to_fill(const struct engine *e)
{
	return e->ended == 0 || e->busy <= e->count / 2;
}

/* Requests are sent in a row, when all are signed, for the same reason. */
static void fill_slots(struct engine *e)
{
	struct s3_slot *begun[CONCURRENCY_MAX];
	size_t count = take_jobs(e, begun);

	for (size_t i = 0; i < count; i++)
		step_lane(e, begun[i]);
}

/* What follows from an attempt that has ended. rc and err: transport.send's. */
static void settle(struct engine *e, struct s3_slot *s, int rc, struct err *err)
{
	switch (aws_request_judge(e->client, &s->call.request, &s->attempts, rc, &s->answer, err)) {
	case VERDICT_DONE:
		end_job(e, s, s3_slot_commit(s, &e->folder, err) == 0 ? NULL : err);
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
		bool filled = is_time_to_fill(e);
		if (filled)
			fill_slots(e);
		if (e->busy == 0 && !e->later)
			return;
		int wait_ms = wake(e);
		e->round_ms = -1;
		e->ended = 0;
		CURLMcode rc = curl_loop_run(&e->loop, filled && !interrupted(e) ? wait_ms : 0);
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
	s3_folder_close(&e->folder);
	mem_free(e->slots);
}

int s3_transfer(struct aws_client *c, const struct s3_transfer *t, struct err *err)
{
	struct engine e = {
		.client = c,
		.transfer = t,
		.loop = { .epoll = -1 },
		.round_ms = -1,
		.folder = S3_FOLDER_NONE,
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
