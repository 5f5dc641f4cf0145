#include <string.h>
#include <unistd.h>

#include "pipeline/price.h"
#include "pipeline/state.h"
#include "pipeline/status_parts.h"
#include "spark/base/file.h"
#include "spark/base/log.h"
#include "spark/base/mem.h"

/* <state>/<account>/<region>/<stack>, each part checked before it becomes a path. */
static char *state_dir(const struct run *r, const struct run_state *s, struct err *err)
{
	const char *region = aws_client_region(r->aws);
	char *base, *dir;

	if (!names_is_region(region)) {
		err_set(err, ERR_CONFIG, "'%s' is not the name of a region", region);
		return NULL;
	}
	if (s->identity.account[strspn(s->identity.account, "0123456789")] || !s->identity.account[0]) {
		err_set(err, ERR_PARSE, "the service told an account id that is no number");
		return NULL;
	}
	base = state_base_dir(r->config, err);
	if (!base)
		return NULL;
	dir = mem_printf("%s/%s/%s/%s", base, s->identity.account, region, s->names.stack);
	mem_free(base);
	if (!dir)
		err_nomem(err);
	return dir;
}

static int open_journal(const struct run *r, struct run_state *s, struct err *err)
{
	char *lock_path = NULL, *log_path = NULL, *what = NULL;
	int rc = -1;

	if (file_make_dirs(s->dir, 0700, err) < 0)
		return -1;
	lock_path = file_join(s->dir, "lock");
	log_path = file_join(s->dir, "journal.jsonl");
	what = mem_printf("stack '%s'", s->names.stack);
	if (!lock_path || !log_path || !what) {
		err_nomem(err);
		goto out;
	}
	s->lock_fd = file_lock(lock_path, what, err);
	if (s->lock_fd < 0)
		goto out;
	rc = journal_open(log_path, r->clock, &s->log, err);
out:
	mem_free(lock_path);
	mem_free(log_path);
	mem_free(what);
	return rc;
}

int run_prepare(struct run *r, bool exclusive, struct err *err)
{
	struct run_state *s = mem_alloc(sizeof(*s));
	struct run_bill unused;

	if (!s)
		return err_nomem(err);
	s->lock_fd = -1;
	pthread_mutex_init(&s->lock, NULL);
	r->state = s;
	/* settings that would only be looked at later are refused now */
	if (run_bill(r, &unused, err) < 0 || price_ttl(r->config, r->ttl_ms, &s->ttl_ms, err) < 0 ||
	    names_work_out(r->config, aws_client_partition(r->aws), &s->names, err) < 0 ||
	    sts_get_caller_identity(r->aws, &s->identity, err) < 0)
		goto fail;
	(void)snprintf(s->operands, sizeof(s->operands), "%s%s", s->names.stack,
		       r->target_option ? r->target_option : "");
	s->dir = state_dir(r, s, err);
	if (!s->dir || (exclusive && open_journal(r, s, err) < 0))
		goto fail;
	return 0;
fail:
	run_clear(r);
	return -1;
}

void run_clear(struct run *r)
{
	struct run_state *s = r->state;

	if (!s)
		return;
	journal_close(s->log);
	redshift_cluster_clear(&s->cluster);
	ec2_group_clear(&s->group);
	if (s->lock_fd >= 0)
		(void)close(s->lock_fd);
	pthread_mutex_destroy(&s->lock);
	mem_free(s->dir);
	mem_free(s);
	r->state = NULL;
}

const char *run_stack(const struct run *r)
{
	return r->state->names.stack;
}

const char *run_account(const struct run *r)
{
	return r->state->identity.account;
}

const char *run_operands(const struct run *r)
{
	return r->state->operands;
}

int64_t run_wait_limit_ms(const struct run *r)
{
	return config_int(r->config, OPT_WAIT_TIMEOUT) * 1000;
}

void run_wait_begin(const struct run *r, struct wait *w)
{
	wait_begin(w, r->clock, r->stop, run_wait_limit_ms(r));
}

bool run_is_stopped(const struct run *r)
{
	return r->stop && *r->stop;
}

void run_emit(struct run *r, const struct event *e)
{
	if (!r->on_event)
		return;
	pthread_mutex_lock(&r->state->lock);
	r->on_event(r->event_arg, e);
	pthread_mutex_unlock(&r->state->lock);
}

void run_step_begin(struct run *r, const char *group, const char *name)
{
	run_emit(r, &(struct event){ .kind = EVENT_STEP_BEGIN, .group = group, .name = name, .rows = -1 });
}

void run_step_update(struct run *r, const char *group, const char *name, const char *detail)
{
	run_emit(r, &(struct event){
			    .kind = EVENT_STEP_UPDATE, .group = group, .name = name, .detail = detail, .rows = -1 });
}

void run_step_end(struct run *r, const char *group, const char *name, enum event_outcome outcome, const char *detail,
		  int64_t begun_ms, int64_t rows)
{
	run_emit(r, &(struct event){ .kind = EVENT_STEP_END,
				     .group = group,
				     .name = name,
				     .outcome = outcome,
				     .detail = detail,
				     .ms = clock_mono(r->clock) - begun_ms,
				     .rows = rows });
}

void run_note(struct run *r, const char *text)
{
	run_emit(r, &(struct event){ .kind = EVENT_NOTE, .detail = text, .rows = -1 });
}

static int plan_call(struct run_state *s, const char *action, const char *resource, const char *name, struct err *err)
{
	struct json *o;

	if (!s->planned)
		return err_set(err, ERR_BUG, "%s outside of a plan", action);
	o = json_new_object();
	if (!o || json_set_str(o, "action", action) < 0 || json_set_str(o, "resource", resource) < 0 ||
	    json_set_str(o, "name", name) < 0) {
		json_free(o);
		return err_nomem(err);
	}
	return json_append(s->planned, o) == 0 ? 0 : err_nomem(err);
}

int change_begin(struct run *r, struct change *c, const char *action, const char *resource, const char *name,
		 struct err *err)
{
	struct run_state *s = r->state;
	struct err lost;

	*c = (struct change){ 0 };
	if (s->planning) {
		c->planned = true;
		return plan_call(s, action, resource, name, err);
	}
	if (run_is_stopped(r))
		return err_set(err, ERR_INTERRUPTED, "interrupted before %s of '%s'", action, name);
	if (!s->log)
		return err_set(err, ERR_BUG, "%s without a journal", action);
	if (journal_intent(s->log, action, resource, name, &c->seq, &lost) == 0) {
		c->recorded = true;
		return 0;
	}
	if (s->log_optional) {
		log_debug("%s of '%s' goes unrecorded: %s", action, name, lost.text);
		return 0;
	}
	if (err)
		*err = lost;
	return err_wrap(err, "%s of '%s' was not sent because it could not be recorded", action, name);
}

int change_end(struct run *r, const struct change *c, int rc, struct err *err)
{
	struct run_state *s = r->state;
	struct err lost;

	if (c->planned)
		return rc;
	pthread_mutex_lock(&s->lock);
	s->changes++;
	pthread_mutex_unlock(&s->lock);
	if (c->recorded && journal_outcome(s->log, c->seq, rc < 0 ? err : NULL, &lost) < 0) {
		log_debug("an outcome goes unrecorded: %s", lost.text);
		/* the call was made; the next intent fails for the same reason and stops the run before its call */
	}
	return rc;
}

struct aws_tag run_tag(const struct run *r)
{
	struct aws_tag tag = { .key = STACK_TAG };

	memcpy(tag.value, r->state->names.stack, strlen(r->state->names.stack) + 1);
	return tag;
}

static bool has_stack_tag(const struct run *r, const struct aws_tags *tags)
{
	const char *value = aws_tags_get(tags, STACK_TAG);

	return value && strcmp(value, r->state->names.stack) == 0;
}

static bool has_other_region(const struct run *r, const struct aws_tags *tags)
{
	const char *region = aws_tags_get(tags, REGION_TAG);

	return region && strcmp(region, aws_client_region(r->aws)) != 0;
}

bool run_owns(const struct run *r, const struct aws_tags *tags)
{
	return has_stack_tag(r, tags) && !has_other_region(r, tags);
}

bool run_is_elsewhere(const struct run *r, const struct aws_tags *tags)
{
	return has_stack_tag(r, tags) && has_other_region(r, tags);
}
