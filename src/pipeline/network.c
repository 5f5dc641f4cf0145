#include "pipeline/network.h"

#include <stdio.h>
#include <string.h>

#include "pipeline/resource.h"
#include "spark/base/mem.h"

static const struct kind_row {
	const char *word, *delete_action;
} kinds[] = {
	[EC2_VPC] = { "vpc", "DeleteVpc" },
	[EC2_SUBNET] = { "subnet", "DeleteSubnet" },
	[EC2_GATEWAY] = { "gateway", "DeleteInternetGateway" },
	[EC2_ROUTE_TABLE] = { "routes", "DeleteRouteTable" },
};
static const char *const make_actions[] = {
	[EC2_VPC] = "CreateVpc",
	[EC2_SUBNET] = "CreateSubnet",
	[EC2_GATEWAY] = "CreateInternetGateway",
	[EC2_ROUTE_TABLE] = "CreateRouteTable",
};

const char *network_word(enum ec2_kind kind)
{
	return kinds[kind].word;
}

enum network_mode network_mode(const struct run *r)
{
	const char *vpc = config_str(r->config, OPT_VPC);

	if (strcmp(vpc, "create") == 0)
		return NETWORK_OWN;
	return strncmp(vpc, "vpc-", 4) == 0 ? NETWORK_GIVEN : NETWORK_DEFAULT;
}

bool network_is_own(const struct run *r)
{
	return network_mode(r) == NETWORK_OWN;
}

struct network_tags network_tags(const struct run *r)
{
	struct network_tags t = { { run_tag(r), { .key = "Name" } } };

	(void)snprintf(t.items[1].value, sizeof(t.items[1].value), "%s", run_stack(r));
	return t;
}

struct choice {
	const char *vpc_id; /* the stack's; "" while unknown */
	struct ec2_item *out;
	bool found;
	size_t rank, count;
};

/* One that is in use goes before one that is not: what is associated already cannot be taken by the other. */
static size_t rank_item(const struct choice *c, const struct ec2_item *item)
{
	size_t rank = c->vpc_id[0] && strcmp(item->vpc_id, c->vpc_id) == 0 ? 100 : 0;

	for (size_t i = 0; i < item->association_count; i++)
		rank += item->associations[i][1][0] != 0;
	return rank;
}

/* Of equal ones that with the smallest id, so that two looks agree. */
static int keep_best(void *arg, struct ec2_item *item)
{
	struct choice *c = arg;
	size_t rank = rank_item(c, item);

	c->count++;
	if (c->found && (rank < c->rank || (rank == c->rank && strcmp(c->out->id, item->id) <= 0)))
		return 0;
	ec2_item_clear(c->out);
	*c->out = *item;
	memset(&item->tags, 0, sizeof(item->tags));
	c->found = true;
	c->rank = rank;
	return 0;
}

int network_find(struct run *r, enum ec2_kind kind, bool *found, struct ec2_item *out, struct err *err)
{
	struct ec2_filter filter = { "tag:" STACK_TAG, run_stack(r) };
	struct choice c = { .vpc_id = r->state->vpc_id, .out = out };

	memset(out, 0, sizeof(*out));
	if (ec2_each(r->aws, kind, &filter, 1, keep_best, &c, err) < 0) {
		ec2_item_clear(out);
		return -1;
	}
	r->state->several[kind] = c.count > 1;
	/* what hangs on another VPC of ours, from a lost reply, can only be deleted */
	*found = c.found && (!c.vpc_id[0] || !out->vpc_id[0] || strcmp(out->vpc_id, c.vpc_id) == 0);
	return 0;
}

static int call_change(struct run *r, const void *arg, struct err *err)
{
	const struct network_call *call = arg;

	return call->call(r->aws, call->a, call->b, err);
}

int network_change(struct run *r, const struct network_call *call, struct err *err)
{
	return change_patiently(r,
				&(struct patient_call){
					.action = call->action,
					.resource = call->resource,
					.name = call->a && call->a[0] ? call->a : run_stack(r),
					.call = call_change,
					.arg = call,
					.is_new = r->state->network_is_new,
					.what = "the new network",
					.limit_ms = 30000,
				},
				err);
}

struct making {
	enum ec2_kind kind;
	const struct ec2_make *in;
	char *id;
};

static int call_make(struct run *r, const void *arg, struct err *err)
{
	const struct making *m = arg;

	return ec2_make(r->aws, m->kind, m->in, m->id, err);
}

int network_make(struct run *r, enum ec2_kind kind, const char *resource, const struct ec2_make *in, char id[32],
		 struct err *err)
{
	struct network_tags tags = network_tags(r);
	struct ec2_make with_tags = *in;
	struct making m = { kind, &with_tags, id };

	with_tags.tags = tags.items;
	with_tags.tag_count = 2;
	r->state->network_is_new = true; /* also when the reply is lost and the next look finds it */
	return change_patiently(r,
				&(struct patient_call){
					.action = make_actions[kind],
					.resource = resource,
					.name = run_stack(r),
					.call = call_make,
					.arg = &m,
					.is_new = true,
					.what = "the new network",
					.limit_ms = 30000,
				},
				err);
}

/* Gone already, or not attached any more, is fine. */
static int change_unless_gone(struct run *r, const struct network_call *call, struct err *err)
{
	struct change c;

	if (change_begin(r, &c, call->action, call->resource, call->a, err) < 0)
		return -1;
	if (change_end(r, &c, c.planned ? 0 : call->call(r->aws, call->a, call->b, err), err) == 0)
		return 0;
	if (!ec2_is_gone(err))
		return -1;
	err_clear(err);
	return 0;
}

static int disassociate(struct aws_client *c, const char *id, const char *unused, struct err *err)
{
	(void)unused;
	return ec2_disassociate_table(c, id, err);
}

static int release_item(struct run *r, enum ec2_kind kind, const struct ec2_item *item, struct err *err)
{
	int rc = 0;

	if (kind == EC2_GATEWAY && item->vpc_id[0])
		rc = change_unless_gone(r,
					&(struct network_call){ "DetachInternetGateway", kinds[kind].word,
								ec2_detach_gateway, item->id, item->vpc_id },
					err);
	for (size_t i = 0; rc == 0 && kind == EC2_ROUTE_TABLE && i < item->association_count; i++)
		rc = change_unless_gone(r,
					&(struct network_call){ "DisassociateRouteTable", kinds[kind].word,
								disassociate, item->associations[i][0], NULL },
					err);
	return rc;
}

/* What has to be undone before the thing itself can go. */
static int release(struct run *r, enum ec2_kind kind, const char *id, const struct ec2_item *seen, struct err *err)
{
	struct ec2_filter filter = { kind == EC2_GATEWAY ? "internet-gateway-id" : "route-table-id", id };
	struct ec2_item item;
	bool found;
	int rc = 0;

	if (kind != EC2_GATEWAY && kind != EC2_ROUTE_TABLE)
		return 0;
	if (seen)
		return release_item(r, kind, seen, err);
	if (ec2_find(r->aws, kind, &filter, 1, &found, &item, err) < 0)
		return -1;
	if (found)
		rc = release_item(r, kind, &item, err);
	ec2_item_clear(&item);
	return rc;
}

int network_delete(struct run *r, enum ec2_kind kind, const char *id, struct err *err)
{
	struct change c;

	if (change_begin(r, &c, kinds[kind].delete_action, kinds[kind].word, id, err) < 0)
		return -1;
	return change_end(r, &c, c.planned ? 0 : ec2_delete(r->aws, kind, id, err), err);
}

int network_remove(struct run *r, enum ec2_kind kind, const char *id, const struct ec2_item *seen, struct err *err)
{
	struct wait w;

	run_wait_begin(r, &w);
	for (;; seen = NULL) {
		if (release(r, kind, id, seen, err) == 0 && network_delete(r, kind, id, err) == 0)
			return 0;
		if (ec2_is_gone(err)) {
			err_clear(err);
			return 0;
		}
		/* network interfaces and addresses outlive the cluster by a while */
		if (!err_has_code(err, "DependencyViolation"))
			return -1;
		if (wait_pause(&w, "the release of the network", err) < 0)
			return err_wrap(err, "something still uses %s '%s'", kinds[kind].word, id);
	}
}

struct id_list {
	char (*items)[32];
	size_t count, cap;
	bool failed;
};

static int add_id(void *arg, struct ec2_item *item)
{
	struct id_list *list = arg;

	if (mem_grow(&list->items, &list->cap, list->count, sizeof(*list->items)) < 0) {
		list->failed = true;
		return -1;
	}
	memcpy(list->items[list->count++], item->id, sizeof(item->id));
	return 0;
}

int network_remove_all(struct run *r, enum ec2_kind kind, struct err *err)
{
	struct ec2_filter filter = { "tag:" STACK_TAG, run_stack(r) };
	struct id_list list = { 0 };
	int rc = ec2_each(r->aws, kind, &filter, 1, add_id, &list, err);

	if (list.failed)
		rc = err_nomem(err);
	for (size_t i = 0; rc == 0 && i < list.count; i++)
		rc = network_remove(r, kind, list.items[i], NULL, err);
	mem_free(list.items);
	return rc;
}
