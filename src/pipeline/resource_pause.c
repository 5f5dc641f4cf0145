#include <stdio.h>
#include <string.h>

#include "pipeline/resource.h"
#include "spark/aws/redshift_parts.h"

/* The bill guard: the service itself pauses the cluster when the stack's time is over, whatever became of this machine.
 * It needs a role for that. */

#define POLICY_NAME "sparkctl-pause"
/* A pause that is due in a moment is as good as one that has run. */
#define TOO_SOON_MS 60000

static bool is_wanted(const struct run *r)
{
	return r->state->ttl_ms > 0 && !config_is_yes(r->config, OPT_SERVERLESS);
}

static const char *role_label(const struct run *r)
{
	return r->state->names.pause_role;
}

static int role_find(struct run *r, enum presence *p, struct err *err)
{
	struct run_state *s = r->state;

	return role_look(r,
			 &(struct role_sought){ s->names.plain_pause_role, &takers_of_pause, s->names.pause_role,
						s->pause_role_arn, &s->pause_role_trust },
			 p, err);
}

static void write_policy(const struct run *r, char out[400])
{
	const struct run_state *s = r->state;

	(void)snprintf(out, 400,
		       "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":"
		       "\"redshift:PauseCluster\",\"Resource\":\"arn:%s:redshift:%s:%s:cluster:%s\"}]}",
		       s->names.partition, aws_client_region(r->aws), s->identity.account, s->names.cluster);
}

static int call_put_policy(struct run *r, const void *document, struct err *err)
{
	return iam_put_role_policy(r->aws, r->state->names.pause_role, POLICY_NAME, document, err);
}

/* true when the role has the very policy. */
static int has_policy(struct run *r, const char *document, bool *out, struct err *err)
{
	struct buf there;
	int rc = 0;

	buf_init(&there, 64 * 1024);
	if (iam_get_role_policy(r->aws, r->state->names.pause_role, POLICY_NAME, &there, err) < 0) {
		rc = err_has_code(err, "NoSuchEntity") ? 0 : -1;
		if (rc == 0)
			err_clear(err);
	}
	*out = rc == 0 && there.len == strlen(document) && memcmp(there.data, document, there.len) == 0;
	buf_clear(&there);
	return rc;
}

static int role_ensure(struct run *r, enum presence p, bool *changed, struct err *err)
{
	struct run_state *s = r->state;
	struct role_order order = { "pause role", s->names.pause_role,
				    "lets Redshift pause the cluster when the stack's time is over", &takers_of_pause,
				    &s->pause_role_is_new };
	char document[400];
	bool complete = false;

	write_policy(r, document);
	*changed = p == PRESENCE_ABSENT;
	if (p == PRESENCE_ABSENT ? role_make(r, &order, s->pause_role_arn, err) < 0
				 : role_mend_trust(r, &order, &s->pause_role_trust, changed, err) < 0 ||
					   has_policy(r, document, &complete, err) < 0)
		return -1;
	if (complete)
		return 0;
	*changed = true;
	return change_patiently(r,
				&(struct patient_call){
					.action = "PutRolePolicy",
					.resource = "pause role",
					.name = r->state->names.pause_role,
					.call = call_put_policy,
					.arg = document,
					.is_new = r->state->pause_role_is_new,
					.what = "the new role",
					.limit_ms = 30000,
				},
				err);
}

static int role_destroy(struct run *r, struct err *err)
{
	return role_remove(r, r->state->names.pause_role, err);
}

static const char *pause_label(const struct run *r)
{
	return r->state->names.pause;
}

/* Scheduled actions carry no tags: one of our name that pauses our cluster is ours. */
static int pause_find(struct run *r, enum presence *p, struct err *err)
{
	struct run_state *s = r->state;
	struct redshift_schedule schedule;

	*p = PRESENCE_ABSENT;
	s->pause_at_ms = 0;
	if (redshift_describe_schedule(r->aws, s->names.pause, &schedule, err) < 0) {
		if (!err_has_code(err, "ScheduledActionNotFound"))
			return -1;
		err_clear(err);
		return 0;
	}
	*p = strcmp(schedule.cluster, s->names.cluster) == 0 ? PRESENCE_OURS : PRESENCE_FOREIGN;
	s->pause_at_ms = strcmp(schedule.state, "DISABLED") == 0 ? 0 : schedule.next_ms;
	return 0;
}

static int call_schedule(struct run *r, const void *at, struct err *err)
{
	const struct run_state *s = r->state;

	return redshift_schedule_pause(r->aws, s->names.pause, s->names.cluster, s->pause_role_arn,
				       *(const int64_t *)at, "ends the billing of a forgotten stack", err);
}

static int create_pause(struct run *r, int64_t at_ms, struct err *err)
{
	return change_patiently(r,
				&(struct patient_call){
					.action = "CreateScheduledAction",
					.resource = "pause",
					.name = r->state->names.pause,
					.call = call_schedule,
					.arg = &at_ms,
					.is_new = r->state->pause_role_is_new,
					.what = "the new role",
					.limit_ms = 60000,
				},
				err);
}

static int move_pause(struct run *r, int64_t at_ms, struct err *err)
{
	struct change c;

	if (change_begin(r, &c, "ModifyScheduledAction", "pause", r->state->names.pause, err) < 0)
		return -1;
	return change_end(r, &c, c.planned ? 0 : redshift_move_schedule(r->aws, r->state->names.pause, at_ms, err),
			  err);
}

/* One that is set for later stays, so that a repeated `up` changes nothing; one that has run, or is later than what is
 * asked for now, is set anew. */
static int pause_ensure(struct run *r, enum presence p, bool *changed, struct err *err)
{
	struct run_state *s = r->state;
	/* the service's time, which it is that carries the pause out: this machine's clock may be a day off */
	int64_t now = clock_now(r->clock) + aws_client_clock_offset_ms(r->aws), at = now + s->ttl_ms;

	*changed = true;
	if (p == PRESENCE_ABSENT) {
		if (create_pause(r, at, err) < 0)
			return -1;
	} else if (s->pause_at_ms < now + TOO_SOON_MS || s->pause_at_ms > at + TOO_SOON_MS) {
		if (move_pause(r, at, err) < 0)
			return -1;
	} else {
		*changed = false;
		return 0;
	}
	s->pause_at_ms = at;
	return 0;
}

int pause_remove(struct run *r, const char *name, struct err *err)
{
	struct change c;

	if (change_begin(r, &c, "DeleteScheduledAction", "pause", name, err) < 0)
		return -1;
	if (change_end(r, &c, c.planned ? 0 : redshift_delete_schedule(r->aws, name, err), err) == 0)
		return 0;
	if (!err_has_code(err, "ScheduledActionNotFound"))
		return -1;
	err_clear(err);
	return 0;
}

static int pause_destroy(struct run *r, struct err *err)
{
	return pause_remove(r, r->state->names.pause, err);
}

const struct resource resource_pause_role = {
	.name = "pause role",
	.wanted = is_wanted,
	.label = role_label,
	.find = role_find,
	.ensure = role_ensure,
	.destroy = role_destroy,
};

const struct resource resource_pause = {
	.name = "pause",
	.needs = 1u << RESOURCE_CLUSTER | 1u << RESOURCE_PAUSE_ROLE,
	.wanted = is_wanted,
	.label = pause_label,
	.find = pause_find,
	.ensure = pause_ensure,
	.destroy = pause_destroy,
	.untagged = true,
};
