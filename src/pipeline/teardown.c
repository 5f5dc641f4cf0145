#include <stdio.h>
#include <string.h>

#include "pipeline/jobs.h"
#include "pipeline/network.h"
#include "pipeline/resource.h"
#include "pipeline/serverless.h"
#include "spark/aws/redshift_parts.h"
#include "spark/base/file.h"
#include "spark/base/mem.h"

#define GROUP "destroy"
/* A sweep that deletes as many groups of one stack has met something it does not understand. */
#define SWEEP_MAX 32

/* What a look by tag found. */
struct leftover {
	int resource; /* RESOURCE_* */
	char id[256], label[256];
};
struct leftovers {
	struct leftover *items;
	size_t count, cap;
	bool failed; /* memory ran out */
};

static int add_leftover(struct leftovers *l, int resource, const char *id, const char *label)
{
	struct leftover *item;

	if (mem_grow(&l->items, &l->cap, l->count, sizeof(*l->items)) < 0) {
		l->failed = true;
		return -1;
	}
	item = &l->items[l->count++];
	item->resource = resource;
	(void)snprintf(item->id, sizeof(item->id), "%s", id);
	(void)snprintf(item->label, sizeof(item->label), "%s", label);
	return 0;
}

static int add_cluster(void *arg, const struct redshift_cluster *c)
{
	return add_leftover(arg, RESOURCE_CLUSTER, c->id, c->id);
}

static int add_serverless(void *arg, const struct serverless_found *f)
{
	return add_leftover(arg, f->resource, f->name, f->name);
}

static int look_for_clusters(struct run *r, struct leftovers *l, struct err *err)
{
	struct aws_tag tag = run_tag(r);

	return redshift_list_clusters(r->aws, tag.key, tag.value, add_cluster, l, err);
}

static int look_for_serverless(struct run *r, struct leftovers *l, struct err *err)
{
	return serverless_each_tagged(r, run_stack(r), add_serverless, l, err);
}

/* Names of roles to look at: IAM lists no tags, and asking for each role of an account takes minutes. A role of ours
 * has a name that begins with the stack's, or one that the journal or the configuration knows. */
struct role_names {
	struct role_name {
		char name[65];
		int64_t deletion; /* the journal's number of the intent; 0: none */
	} * items;
	size_t count, cap;
	const char *stack;
	const char *configured;
	bool failed;
};

static struct role_name *role_name(struct role_names *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++) {
		if (strcmp(names->items[i].name, name) == 0)
			return &names->items[i];
	}
	return NULL;
}

static int add_role_name(struct role_names *names, const char *name)
{
	struct role_name *item = role_name(names, name);

	if (item) {
		item->deletion = 0;
		return 0;
	}
	if (mem_grow(&names->items, &names->cap, names->count, sizeof(*names->items)) < 0) {
		names->failed = true;
		return -1;
	}
	item = &names->items[names->count++];
	item->deletion = 0;
	(void)snprintf(item->name, sizeof(item->name), "%s", name);
	return 0;
}

static int consider_role(void *arg, const struct iam_role *role)
{
	struct role_names *names = arg;

	if (strncmp(role->name, names->stack, strlen(names->stack)) != 0 &&
	    strncmp(role->name, names->configured, strlen(names->configured)) != 0)
		return 0;
	return add_role_name(names, role->name);
}

/* What was made, and is not known to have been deleted: what the service has answered so is not asked for again. */
static int remember_role(void *arg, const struct journal_entry *e)
{
	struct role_names *names = arg;
	bool about_role = e->action && e->name && names_is_role(e->name);
	struct role_name *item;

	if (about_role && strcmp(e->action, "CreateRole") == 0)
		return add_role_name(names, e->name);
	if (about_role && strcmp(e->action, "DeleteRole") == 0 && (item = role_name(names, e->name)))
		item->deletion = e->seq;
	for (size_t i = 0; i < names->count && strcmp(e->event, "done") == 0; i++) {
		if (names->items[i].deletion == e->seq)
			names->items[i] = names->items[--names->count];
	}
	return 0;
}

static int gather_role_names(struct run *r, struct role_names *names, struct err *err)
{
	char *path = file_join(r->state->dir, "journal.jsonl");
	struct err unread;

	if (!path)
		return err_nomem(err);
	/* the journal only widens the search: a stack whose journal is lost or unreadable is still found by name */
	if (journal_read(path, remember_role, names, &unread) < 0)
		run_note(r, unread.text);
	mem_free(path);
	if (iam_list_roles(r->aws, consider_role, names, err) != 0 && !names->failed)
		return -1;
	return names->failed ? err_nomem(err) : 0;
}

static int look_for_roles(struct run *r, struct leftovers *l, struct err *err)
{
	struct role_names names = { .stack = run_stack(r), .configured = r->state->names.plain_role };
	int rc = gather_role_names(r, &names, err);

	for (size_t i = 0; rc == 0 && i < names.count; i++) {
		struct iam_role role = { 0 };

		if (iam_get_role(r->aws, names.items[i].name, &role, err) < 0) {
			if (!err_has_code(err, "NoSuchEntity"))
				rc = -1;
			else
				err_clear(err);
			continue;
		}
		if (run_owns(r, &role.tags) && add_leftover(l, RESOURCE_ROLE, role.name, role.name) < 0)
			rc = err_nomem(err);
		iam_role_clear(&role);
	}
	mem_free(names.items);
	return rc;
}

static int look_for_group(struct run *r, struct leftovers *l, struct err *err)
{
	struct aws_tag tag = run_tag(r);
	struct ec2_group g = { 0 };
	bool found = false;
	int rc = 0;

	if (ec2_find_group(r->aws, NULL, NULL, &tag, &found, &g, err) < 0)
		return -1;
	if (!found)
		return 0;
	if (add_leftover(l, RESOURCE_GROUP, g.id, g.name) < 0)
		rc = err_nomem(err);
	ec2_group_clear(&g);
	return rc;
}

struct item_search {
	struct leftovers *l;
	int resource;
};

static int add_item(void *arg, struct ec2_item *item)
{
	const struct item_search *s = arg;

	return add_leftover(s->l, s->resource, item->id, item->id);
}

static int add_subnet_group(void *arg, const struct redshift_subnet_group *g)
{
	return add_leftover(arg, RESOURCE_SUBNET_GROUP, g->name, g->name);
}

/* The kinds of EC2, in the order in which they can be deleted. */
static const struct {
	enum ec2_kind kind;
	int resource;
} network_kinds[] = {
	{ EC2_ROUTE_TABLE, RESOURCE_ROUTES },
	{ EC2_GATEWAY, RESOURCE_GATEWAY },
	{ EC2_SUBNET, RESOURCE_SUBNETS },
	{ EC2_VPC, RESOURCE_VPC },
};

static int look_for_kind(struct run *r, size_t i, struct leftovers *l, struct err *err)
{
	struct ec2_filter filter = { "tag:" STACK_TAG, run_stack(r) };
	struct item_search s = { l, network_kinds[i].resource };

	return ec2_each(r->aws, network_kinds[i].kind, &filter, 1, add_item, &s, err);
}

static int look_for_routes(struct run *r, struct leftovers *l, struct err *err)
{
	return look_for_kind(r, 0, l, err);
}

static int look_for_gateways(struct run *r, struct leftovers *l, struct err *err)
{
	return look_for_kind(r, 1, l, err);
}

static int look_for_subnets(struct run *r, struct leftovers *l, struct err *err)
{
	return look_for_kind(r, 2, l, err);
}

static int look_for_vpcs(struct run *r, struct leftovers *l, struct err *err)
{
	return look_for_kind(r, 3, l, err);
}

static int look_for_subnet_groups(struct run *r, struct leftovers *l, struct err *err)
{
	struct aws_tag tag = run_tag(r);

	return redshift_list_subnet_groups(r->aws, &tag, add_subnet_group, l, err);
}

/* In the order in which what they find can be deleted. */
typedef int search_fn(struct run *r, struct leftovers *l, struct err *err);
static search_fn *const searches[] = {
	look_for_clusters, look_for_serverless, look_for_subnet_groups, look_for_group, look_for_routes,
	look_for_gateways, look_for_subnets,    look_for_vpcs,          look_for_roles,
};
#define SEARCH_COUNT (sizeof(searches) / sizeof(searches[0]))
/* The first of them: the warehouses, which everything else hangs on. */
#define WAREHOUSE_SEARCHES 2

struct search {
	struct run *run;
	search_fn *look;
	struct leftovers found;
};

static int carry_out(void *arg, struct err *err)
{
	struct search *s = arg;

	if (s->look(s->run, &s->found, err) == 0 && !s->found.failed)
		return 0;
	return s->found.failed ? err_nomem(err) : -1;
}

/* Everything that carries our tag, by the first so many searches, at the same time. */
static int look_by_tag(struct run *r, size_t count, struct leftovers *l, struct err *err)
{
	struct search all[SEARCH_COUNT] = { 0 };
	struct job jobs[SEARCH_COUNT] = { 0 };
	int rc;

	l->count = 0;
	for (size_t i = 0; i < count; i++) {
		all[i].run = r;
		all[i].look = searches[i];
		jobs[i].fn = carry_out;
		jobs[i].arg = &all[i];
	}
	rc = jobs_run(jobs, count, FINISH_ALL, err);
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; rc == 0 && j < all[i].found.count; j++) {
			const struct leftover *x = &all[i].found.items[j];

			if (add_leftover(l, x->resource, x->id, x->label) < 0)
				rc = err_nomem(err);
		}
		mem_free(all[i].found.items);
	}
	return rc;
}

static int remove_leftover(struct run *r, const struct leftover *l, struct err *err)
{
	switch (l->resource) {
	case RESOURCE_CLUSTER:
		return cluster_remove(r, l->id, err);
	case RESOURCE_WORKGROUP:
		return workgroup_remove(r, l->id, err);
	case RESOURCE_NAMESPACE:
		return namespace_remove(r, l->id, err);
	case RESOURCE_GROUP:
		return group_remove(r, l->id, l->label, err);
	case RESOURCE_SUBNET_GROUP:
		return subnet_group_remove(r, l->id, err);
	case RESOURCE_ROLE:
		return role_remove(r, l->id, err);
	default:
		break;
	}
	for (size_t i = 0; i < sizeof(network_kinds) / sizeof(network_kinds[0]); i++) {
		if (network_kinds[i].resource == l->resource)
			return network_remove(r, network_kinds[i].kind, l->id, NULL, err);
	}
	return err_set(err, ERR_BUG, "'%s' is of no kind that can be removed", l->label);
}

static int remove_found(struct run *r, const struct leftover *l, struct err *err)
{
	char note[400];

	(void)snprintf(note, sizeof(note), "found by its tag and deleted: %s '%s'", resource_rows[l->resource]->name,
		       l->label);
	if (remove_leftover(r, l, err) < 0)
		return -1;
	run_note(r, note);
	return 0;
}

/* A warehouse that was made with other settings stands on rows that are taken down before the sweep comes to it: it
 * goes first. One that cannot be found is told by the sweep. */
static int clear_the_way(struct run *r, struct err *err)
{
	struct leftovers l = { 0 };
	struct err later;
	int rc = 0;

	if (look_by_tag(r, WAREHOUSE_SEARCHES, &l, &later) == 0) {
		for (size_t i = 0; rc == 0 && i < l.count; i++) {
			const struct resource *res = resource_rows[l.items[i].resource];

			if (!resource_is_wanted(r, res) || strcmp(l.items[i].id, res->label(r)) != 0)
				rc = remove_found(r, &l.items[i], err);
		}
	}
	mem_free(l.items);
	return rc;
}

/* Deletes what carries our tag under another name, until a look finds nothing more. What was deleted may still be
 * listed for a while, so that a look at once would only send the same calls again. */
static int sweep(struct run *r, struct leftovers *l, struct err *err)
{
	struct wait w;

	run_wait_begin(r, &w);
	for (int round = 0; round < SWEEP_MAX; round++) {
		if (look_by_tag(r, SEARCH_COUNT, l, err) < 0)
			return -1;
		if (l->count == 0)
			return 0;
		for (size_t i = 0; i < l->count; i++) {
			if (remove_found(r, &l->items[i], err) < 0)
				return -1;
		}
		/* the deletions had bounds of their own, and the number of rounds is the one here */
		w.begun_ms = clock_mono(r->clock);
		if (wait_pause(&w, "the removal of what carries the stack's tag", err) < 0)
			return -1;
	}
	return 0;
}

/* One row of the table. */
static int take_down(struct run *r, const struct resource *res, struct err *err)
{
	int64_t begun = clock_mono(r->clock);
	enum presence p;
	int rc = 0;

	run_step_begin(r, GROUP, res->name);
	rc = res->find(r, &p, err);
	if (rc == 0 && p == PRESENCE_OURS)
		rc = res->destroy(r, err);
	if (rc < 0) {
		run_step_end(r, GROUP, res->name, OUTCOME_FAILED, err->text, begun, -1);
		return -1;
	}
	if (p == PRESENCE_OURS)
		run_step_end(r, GROUP, res->name, OUTCOME_GONE, NULL, begun, -1);
	else
		run_step_end(r, GROUP, res->name, OUTCOME_SKIPPED,
			     p == PRESENCE_ABSENT ? "was not there" : "not ours, left alone", begun, -1);
	return 0;
}

/* The other rows of a network are found through their VPC. One that cannot be found is told by its own row. */
static void locate_network(struct run *r)
{
	enum presence p;
	struct err later;

	(void)!resource_vpc.find(r, &p, &later);
}

/* Of a stack that was made with other settings, the sweep finds what carries our tag; the rest is looked for here. */
static bool is_part(const struct run *r, const struct resource *res)
{
	/* another's network is not ours to take down, and perhaps gone */
	return resource_is_wanted(r, res) && (res != &resource_vpc || network_is_own(r));
}

static bool is_concerned(struct run *r, const struct resource *res)
{
	enum presence p;
	struct err later;

	if (is_part(r, res))
		return true;
	return res->untagged && (res->find(r, &p, &later) < 0 || p == PRESENCE_OURS);
}

struct row {
	struct run *run;
	const struct resource *resource;
};

static int take_down_row(void *arg, struct err *err)
{
	const struct row *row = arg;

	return is_concerned(row->run, row->resource) ? take_down(row->run, row->resource, err) : 0;
}

/* Backward, each row as soon as nothing stands on it any more; what others still stand on is not tried. */
static int walk_down(struct run *r, struct err *err)
{
	struct row rows[RESOURCE_COUNT];
	struct job jobs[RESOURCE_COUNT] = { 0 };
	int rc;

	locate_network(r);
	for (size_t i = 0; i < RESOURCE_COUNT; i++) {
		const struct resource *res = resource_rows[RESOURCE_COUNT - 1 - i];

		rows[i] = (struct row){ r, res };
		jobs[i].fn = take_down_row;
		jobs[i].arg = &rows[i];
		for (size_t j = 0; j < i; j++) {
			if (rows[j].resource->needs & 1u << (RESOURCE_COUNT - 1 - i))
				jobs[i].needs |= 1u << j;
		}
	}
	rc = jobs_run(jobs, RESOURCE_COUNT, FINISH_ALL, err);
	for (size_t i = 0; i < RESOURCE_COUNT; i++) {
		if (!jobs[i].begun && is_part(r, rows[i].resource))
			run_step_end(r, GROUP, rows[i].resource->name, OUTCOME_SKIPPED,
				     "needed by what could not be deleted", clock_mono(r->clock), -1);
	}
	return rc;
}

static int tell_left(struct run *r, const struct leftovers *l, struct err *err)
{
	struct buf names;

	buf_init(&names, 1024);
	for (size_t i = 0; i < l->count; i++)
		buf_printf(&names, "%s%s '%s'", i ? ", " : "", resource_rows[l->items[i].resource]->name,
			   l->items[i].label);
	err_set(err, ERR_CHECK, "%zu resource%s left: %s", l->count, l->count == 1 ? " is" : "s are",
		names.failed ? "too many to name" : names.data);
	buf_clear(&names);
	return err_hint(err, "run it again: sparkctl down %s", run_operands(r));
}

int run_down(struct run *r, int *left, struct err *err)
{
	struct leftovers l = { 0 };
	struct err failure, unsure;
	int rc;

	*left = 0;
	err_clear(&failure);
	r->state->log_optional = true;
	r->state->changes = 0;
	rc = clear_the_way(r, &failure);
	if (rc == 0)
		rc = walk_down(r, &failure);
	if (rc == 0 && r->final_snapshot)
		rc = final_snapshot_tag(r, &failure);
	if (rc == 0)
		rc = sweep(r, &l, &failure);
	/* R4: what is left is what the services say, not what we believe */
	if (failure.kind != ERR_INTERRUPTED && rc < 0 && look_by_tag(r, SEARCH_COUNT, &l, &unsure) < 0)
		l.count = 0;
	*left = (int)l.count;
	if (rc < 0) {
		if (err)
			*err = failure;
		(void)err_wrap(err, "stack '%s' could not be taken down", run_stack(r));
		if (err && !err->hint[0])
			(void)err_hint(err, "run it again: sparkctl down %s", run_operands(r));
	} else if (l.count > 0) {
		rc = tell_left(r, &l, err);
	} else if (r->state->log && journal_compact(r->state->log, &unsure) < 0) {
		run_note(r, unsure.text);
	}
	mem_free(l.items);
	return rc;
}
