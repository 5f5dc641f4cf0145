#include <stdio.h>
#include <string.h>

#include "pipeline/network.h"
#include "spark/base/file.h"
#include "spark/base/log.h"
#include "spark/base/mem.h"

/* A VPC has no name of its own: a call that makes one, sent by a run that was killed and carried out behind the look of
 * the next, leaves a second one with the stack's tag. The same goes for gateways; subnets have their range, and route
 * tables a token, that a second one is refused for. */

/* ---- which is in use ---- */

struct gathering {
	const struct run *run;
	struct network_vpcs *vpcs;
};

static int keep_vpc(void *arg, struct ec2_item *item)
{
	struct network_vpcs *v = ((struct gathering *)arg)->vpcs;
	struct network_vpc *vpc = &v->items[v->count];

	if (v->count == NETWORK_VPCS_MAX)
		return 0;
	*vpc = (struct network_vpc){ .ready = strcmp(item->state, "pending") != 0 };
	memcpy(vpc->id, item->id, sizeof(vpc->id));
	v->count++;
	return 0;
}

static void count_part(struct network_vpcs *v, const char *vpc_id)
{
	for (size_t i = 0; i < v->count; i++)
		v->items[i].parts += strcmp(v->items[i].id, vpc_id) == 0;
}

static int count_item(void *arg, struct ec2_item *item)
{
	count_part(((struct gathering *)arg)->vpcs, item->vpc_id);
	return 0;
}

static int count_group(void *arg, const struct ec2_group *group)
{
	const struct gathering *g = arg;

	if (run_owns(g->run, &group->tags))
		count_part(g->vpcs, group->vpc_id);
	return 0;
}

static int count_parts(struct run *r, struct gathering *g, const struct ec2_filter *mine, struct err *err)
{
	static const enum ec2_kind kinds[] = { EC2_SUBNET, EC2_GATEWAY, EC2_ROUTE_TABLE };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (ec2_each(r->aws, kinds[i], mine, 1, count_item, g, err) < 0)
			return -1;
	}
	return ec2_each_tagged_group(r->aws, STACK_TAG, count_group, g, err);
}

/* What this run knows stays; else that with the most in it; of equal ones that with the smallest id, so that two looks
 * agree. */
static bool goes_before(const struct network_vpc *a, const struct network_vpc *b, const char *known)
{
	bool a_known = strcmp(a->id, known) == 0, b_known = strcmp(b->id, known) == 0;

	if (a_known != b_known)
		return a_known;
	return a->parts != b->parts ? a->parts > b->parts : strcmp(a->id, b->id) < 0;
}

int network_list_vpcs(struct run *r, const char *known, struct network_vpcs *out, struct err *err)
{
	struct ec2_filter mine = { "tag:" STACK_TAG, run_stack(r) };
	struct gathering g = { r, out };
	size_t best = 0;

	out->count = 0;
	if (ec2_each(r->aws, EC2_VPC, &mine, 1, keep_vpc, &g, err) < 0 ||
	    (out->count > 1 && count_parts(r, &g, &mine, err) < 0))
		return -1;
	for (size_t i = 1; i < out->count; i++) {
		if (goes_before(&out->items[i], &out->items[best], known))
			best = i;
	}
	if (best > 0) {
		struct network_vpc used = out->items[best];

		out->items[best] = out->items[0];
		out->items[0] = used;
	}
	return 0;
}

/* ---- what is there twice ---- */

static int is_of_action(void *arg, const struct journal_entry *e)
{
	const char **action = arg;

	if (!e->action || strcmp(e->action, *action) != 0)
		return 0;
	*action = NULL;
	return 1;
}

bool network_may_be_unheard(const struct run *r, enum ec2_kind kind)
{
	const char *action = kind == EC2_VPC ? "CreateVpc" : "CreateInternetGateway";
	char *path = file_join(r->state->dir, "journal.jsonl");
	struct err unread;

	/* what cannot be read says nothing */
	if (path && journal_read_doubts(path, DOUBT_UNHEARD, is_of_action, &action, &unread) < 0)
		log_debug("%s", unread.text);
	mem_free(path);
	return action == NULL;
}

static void tell(struct run *r, enum ec2_kind kind, const char *id, const char *used, const char *what,
		 const char *mend)
{
	char text[600];

	(void)snprintf(text, sizeof(text), "there is a second %s '%s' of the stack beside '%s'%s%.400s",
		       network_word(kind), id, used, what, mend);
	run_note(r, text);
}

/* One that the service deletes is not in use: it refuses while anything is in a VPC, or a gateway is attached. */
static void delete_second(struct run *r, enum ec2_kind kind, const char *id, const char *used)
{
	struct err why;

	if (network_delete(r, kind, id, &why) == 0 || ec2_is_gone(&why))
		tell(r, kind, id, used, ", made by a call of a run that was cut off", ": it is deleted now");
	else
		tell(r, kind, id, used, ", which cannot be deleted: ", why.text);
}

static void tell_second(struct run *r, enum ec2_kind kind, const char *id, const char *used)
{
	char mend[200];

	(void)snprintf(mend, sizeof(mend), "; 'sparkctl down %s' removes both", run_operands(r));
	tell(r, kind, id, used, "", mend);
}

static void tidy_vpcs(struct run *r, bool unheard)
{
	struct network_vpcs v;
	struct err unknown;

	if (network_list_vpcs(r, r->state->vpc_id, &v, &unknown) < 0) {
		log_debug("%s", unknown.text);
		return;
	}
	for (size_t i = 1; i < v.count; i++) {
		if (unheard && v.items[i].parts == 0)
			delete_second(r, EC2_VPC, v.items[i].id, v.items[0].id);
		else
			tell_second(r, EC2_VPC, v.items[i].id, v.items[0].id);
	}
}

struct gateways {
	const char *used;
	struct {
		char id[32];
		bool attached;
	} others[NETWORK_VPCS_MAX];
	size_t count;
};

static int keep_gateway(void *arg, struct ec2_item *item)
{
	struct gateways *g = arg;

	if (strcmp(item->id, g->used) == 0 || g->count == NETWORK_VPCS_MAX)
		return 0;
	memcpy(g->others[g->count].id, item->id, sizeof(item->id));
	g->others[g->count].attached = item->vpc_id[0] != 0;
	g->count++;
	return 0;
}

static void tidy_gateways(struct run *r, bool unheard)
{
	struct ec2_filter mine = { "tag:" STACK_TAG, run_stack(r) };
	struct gateways g = { .used = r->state->gateway_id };
	struct err unknown;

	if (ec2_each(r->aws, EC2_GATEWAY, &mine, 1, keep_gateway, &g, &unknown) < 0) {
		log_debug("%s", unknown.text);
		return;
	}
	for (size_t i = 0; i < g.count; i++) {
		if (unheard && !g.others[i].attached)
			delete_second(r, EC2_GATEWAY, g.others[i].id, g.used);
		else
			tell_second(r, EC2_GATEWAY, g.others[i].id, g.used);
	}
}

void network_tidy(struct run *r)
{
	const struct run_state *s = r->state;
	bool recent = s->log && journal_is_unsettled(s->log);
	const struct {
		enum ec2_kind kind;
		void (*tidy)(struct run *r, bool unheard);
	} rows[] = { { EC2_GATEWAY, tidy_gateways }, { EC2_VPC, tidy_vpcs } };

	if (!network_is_own(r) || !s->log)
		return;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && !run_is_stopped(r); i++) {
		bool unheard = (recent || s->several[rows[i].kind]) && network_may_be_unheard(r, rows[i].kind);

		/* without a sign of it, nothing is asked for */
		if (unheard || s->several[rows[i].kind])
			rows[i].tidy(r, unheard);
	}
}
