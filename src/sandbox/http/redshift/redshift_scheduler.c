#include <errno.h>
#include <pthread.h>

#include "sandbox/cluster/events.h"
#include "sandbox/http/redshift/redshift.h"
#include "sandbox/http/redshift/redshift_schedule.h"
#include "spark/base/log.h"
#include "spark/base/mem.h"
#include "spark/sandbox/access.h"

#define LOOK_MS 1000

struct scheduler {
	struct world *world;
	pthread_t thread;
	volatile int stop;
};

struct due {
	struct world *w;
	int64_t now;
	struct json *doc;
	char id[160];
};

static int find_due(void *arg, const char *id, const struct json *doc)
{
	struct due *d = arg;
	int64_t next;

	if (!schedule_next(doc, json_int(doc, "seenMs", 0), &next) || next > d->now)
		return 0;
	snprintf(d->id, sizeof(d->id), "%s", id);
	d->doc = json_copy(doc);
	return 1;
}

/* Written before the action is run: one that a daemon's death cuts off is not run twice. */
static int note_seen(struct due *d, struct err *err)
{
	struct json *copy = json_copy(d->doc);

	if (!copy || json_set_int(copy, "seenMs", d->now)) {
		json_free(copy);
		return err_nomem(err);
	}
	if (!store_put(d->w->store, SCHEDULE_KIND, d->id, copy, err) && !store_commit(d->w->store, err))
		return 0;
	store_rollback(d->w->store);
	return -1;
}

/* One that is due, marked as seen. */
static bool take_due(struct due *d)
{
	struct err err = { 0 };
	bool found;

	store_lock(d->w->store);
	store_each(d->w->store, SCHEDULE_KIND, "", find_due, d);
	found = d->doc != NULL;
	if (found && note_seen(d, &err)) {
		log_error("scheduled action '%s': %s", d->id, err.text);
		json_free(d->doc);
		d->doc = NULL;
		found = false;
	}
	store_unlock(d->w->store);
	return found;
}

static void add_encoded(struct buf *out, const char *text)
{
	for (; *text; text++) {
		bool plain = (*text >= '0' && *text <= '9') || ((*text | 32) >= 'a' && (*text | 32) <= 'z') ||
			     *text == '-' || *text == '.';

		if (plain)
			buf_putc(out, *text);
		else
			buf_printf(out, "%%%02X", (unsigned char)*text);
	}
}

/* May the action's role do that to the cluster? */
static int check_role(const struct due *d, struct err *err)
{
	const char *cluster = json_str(json_get(d->doc, "target"), "ClusterIdentifier", "");
	enum access_decision decision;
	char action[64], arn[256], lower[CLUSTER_ID_MAX + 1];

	redshift_lower(cluster, lower, sizeof(lower));
	snprintf(action, sizeof(action), "redshift:%s", json_str(d->doc, "action", ""));
	snprintf(arn, sizeof(arn), "arn:aws:redshift:%s:%s:cluster:%s", json_str(d->doc, "region", ""), d->w->account,
		 lower);
	if (access_role(d->w, json_str(d->doc, "iamRole", ""), action, arn, NULL, &decision, err))
		return -1;
	if (decision == ACCESS_ALLOWED)
		return 0;
	return service_error(err, 403, "AccessDenied", "The role %s is not authorized to perform %s on %s",
			     json_str(d->doc, "iamRole", ""), action, arn);
}

static int run_action(const struct due *d, struct err *err)
{
	struct caller who = { .service = "redshift" };
	struct buf form;
	int rc = -1;

	snprintf(who.account, sizeof(who.account), "%s", d->w->account);
	snprintf(who.arn, sizeof(who.arn), "%s", json_str(d->doc, "iamRole", ""));
	snprintf(who.region, sizeof(who.region), "%s", json_str(d->doc, "region", ""));
	buf_init(&form, 65536);
	for (const struct json *m = json_first(json_get(d->doc, "target")); m; m = json_next(m)) {
		buf_printf(&form, "%s%s=", form.len ? "&" : "", json_name(m));
		add_encoded(&form, json_text(m));
	}
	if (!buf_check(&form, "a call", err) && !check_role(d, err))
		rc = redshift_run(d->w, &who, json_str(d->doc, "action", ""), form.data, err);
	buf_clear(&form);
	return rc;
}

static void tell(const struct due *d, const struct err *failed)
{
	const char *name = json_str(d->doc, "name", ""), *action = json_str(d->doc, "action", "");
	char text[1024];
	struct event e = { "scheduled-action", name, failed ? "REDSHIFT-EVENT-8003" : "REDSHIFT-EVENT-8002",
			   failed ? "ERROR" : "INFO", text };
	struct err err = { 0 };

	if (failed)
		snprintf(text, sizeof(text), "Scheduled action '%s' failed to run %s: %.600s", name, action,
			 failed->text);
	else
		snprintf(text, sizeof(text), "Scheduled action '%s' ran %s.", name, action);
	log_info("%s", text);
	store_lock(d->w->store);
	if (events_put(d->w, json_str(d->doc, "region", ""), &e, &err) || store_commit(d->w->store, &err)) {
		store_rollback(d->w->store);
		log_error("%s", err.text);
	}
	store_unlock(d->w->store);
}

void scheduler_run_due(struct world *w)
{
	struct due d = { .w = w, .now = clock_now(w->clock) };

	while (take_due(&d)) {
		struct err err = { 0 };
		int rc = run_action(&d, &err);

		tell(&d, rc ? &err : NULL);
		json_free(d.doc);
		d.doc = NULL;
	}
}

static void *look_now_and_then(void *arg)
{
	struct scheduler *s = arg;

	pthread_setname_np(pthread_self(), "scheduler");
	do {
		scheduler_run_due(s->world);
		automated_run_due(s->world);
		audit_run_due(s->world);
	} while (!clock_sleep(s->world->clock, LOOK_MS, &s->stop));
	return NULL;
}

int scheduler_start(struct world *w, struct scheduler **out, struct err *err)
{
	struct scheduler *s = mem_alloc(sizeof(*s));
	int rc;

	if (!s)
		return err_nomem(err);
	s->world = w;
	rc = pthread_create(&s->thread, NULL, look_now_and_then, s);
	if (rc) {
		mem_free(s);
		return err_set_errno(err, ERR_NOMEM, rc, "cannot start the scheduler's thread");
	}
	*out = s;
	return 0;
}

void scheduler_stop(struct scheduler *s)
{
	if (!s)
		return;
	s->stop = 1;
	pthread_join(s->thread, NULL);
	mem_free(s);
}
