#include "spark/pipeline/reap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/network.h"
#include "pipeline/price.h"
#include "pipeline/resource.h"
#include "pipeline/serverless.h"
#include "spark/aws/redshift_parts.h"
#include "spark/base/file.h"
#include "spark/base/mem.h"

/* What the tags tell of one stack. */
struct found_stack {
	char name[257];
	int64_t created_ms; /* of the oldest part that tells; 0: none does */
	double usd_per_hour, usd;
	bool price_unknown, serverless, paused, has_more_than_roles;
	struct json *resources;
};
struct finding {
	struct run *r;
	struct found_stack *stacks;
	size_t count, cap;
	struct err err; /* kind ERR_NONE: none; set inside of a walk */
};

static int out_of_memory(struct finding *f)
{
	return err_nomem(&f->err);
}

static struct found_stack *stack_of(struct finding *f, const char *name)
{
	struct found_stack *s;

	for (size_t i = 0; i < f->count; i++) {
		if (strcmp(f->stacks[i].name, name) == 0)
			return &f->stacks[i];
	}
	if (mem_grow(&f->stacks, &f->cap, f->count, sizeof(*f->stacks)) < 0)
		return NULL;
	s = &f->stacks[f->count];
	memset(s, 0, sizeof(*s));
	(void)snprintf(s->name, sizeof(s->name), "%s", name);
	s->resources = json_new_array();
	if (!s->resources)
		return NULL;
	f->count++;
	return s;
}

/* Notes one part of a stack; NULL when memory ran out. */
static struct found_stack *note(struct finding *f, const char *stack, int resource, const char *name,
				int64_t created_ms)
{
	struct found_stack *s = stack_of(f, stack);
	struct json *row = json_new_object();

	if (!s || !row || json_set_str(row, "resource", resource_rows[resource]->name) < 0 ||
	    json_set_str(row, "name", name) < 0) {
		json_free(row);
		(void)out_of_memory(f);
		return NULL;
	}
	if (json_append(s->resources, row) < 0) {
		(void)out_of_memory(f);
		return NULL;
	}
	if (created_ms > 0 && (s->created_ms == 0 || created_ms < s->created_ms))
		s->created_ms = created_ms;
	s->has_more_than_roles = s->has_more_than_roles || resource != RESOURCE_ROLE;
	return s;
}

/* ---- what costs ---- */

static void add_price(struct finding *f, struct found_stack *s, const struct price *p, int64_t created_ms,
		      bool runs_now)
{
	int64_t ran = created_ms > 0 ? clock_now(f->r->clock) - created_ms : 0;

	s->price_unknown = s->price_unknown || p->source == PRICE_UNKNOWN;
	s->usd_per_hour += runs_now ? p->total_hour : 0;
	s->usd += p->total_hour * (double)(ran > 0 ? ran : 0) / 3600000.0;
}

static int add_cluster(void *arg, const struct redshift_cluster *c)
{
	struct finding *f = arg;
	struct price p;
	bool paused = wait_judge_cluster(c->status) == CLUSTER_PAUSED;
	struct found_stack *s = note(f, aws_tags_get(&c->tags, STACK_TAG), RESOURCE_CLUSTER, c->id, c->created_ms);

	if (!s || price_of_cluster(f->r->config, aws_client_region(f->r->aws), c->node_type, c->nodes, &p, &f->err) < 0)
		return -1;
	s->paused = s->paused || paused;
	add_price(f, s, &p, c->created_ms, !paused);
	return 0;
}

static int add_serverless(void *arg, const struct serverless_found *x)
{
	struct finding *f = arg;
	struct found_stack *s = note(f, x->stack, x->resource, x->name, x->created_ms);
	struct price p;

	if (!s)
		return -1;
	if (x->resource != RESOURCE_WORKGROUP)
		return 0;
	if (price_of_serverless(f->r->config, aws_client_region(f->r->aws), x->rpu, &p, &f->err) < 0)
		return -1;
	s->serverless = true;
	add_price(f, s, &p, x->created_ms, true);
	return 0;
}

/* ---- what does not ---- */

static int add_subnet_group(void *arg, const struct redshift_subnet_group *g)
{
	return note(arg, aws_tags_get(&g->tags, STACK_TAG), RESOURCE_SUBNET_GROUP, g->name, 0) ? 0 : -1;
}

static int add_group(void *arg, const struct ec2_group *g)
{
	const char *stack = aws_tags_get(&g->tags, STACK_TAG);

	return !stack || note(arg, stack, RESOURCE_GROUP, g->name, 0) ? 0 : -1;
}

struct network_search {
	struct finding *f;
	int resource;
};

static int add_item(void *arg, struct ec2_item *item)
{
	const struct network_search *s = arg;
	const char *stack = aws_tags_get(&item->tags, STACK_TAG);

	return !stack || note(s->f, stack, s->resource, item->id, 0) ? 0 : -1;
}

static int look_for_network(struct finding *f, struct err *err)
{
	static const struct {
		enum ec2_kind kind;
		int resource;
	} kinds[] = { { EC2_VPC, RESOURCE_VPC },
		      { EC2_SUBNET, RESOURCE_SUBNETS },
		      { EC2_GATEWAY, RESOURCE_GATEWAY },
		      { EC2_ROUTE_TABLE, RESOURCE_ROUTES } };
	struct ec2_filter filter = { "tag-key", STACK_TAG };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct network_search s = { f, kinds[i].resource };

		if (ec2_each(f->r->aws, kinds[i].kind, &filter, 1, add_item, &s, err) != 0)
			return -1;
	}
	return ec2_each_tagged_group(f->r->aws, STACK_TAG, add_group, f, err) != 0 ? -1 : 0;
}

/* ---- roles ---- */

struct role_names {
	char (*items)[65];
	size_t count, cap;
	const struct finding *f;
};

/* Its first len bytes. */
static bool ends_with(const char *text, size_t len, const char *end)
{
	size_t tail = strlen(end);

	return len > tail && strncmp(text + len - tail, end, tail) == 0;
}

/* IAM lists no tags, and asking for each role of an account takes minutes: asked are those whose name is of the kind
 * that we give, or begins with the name of a stack that was found. */
static int consider_role(void *arg, const struct iam_role *role)
{
	struct role_names *names = arg;
	const struct finding *f = names->f;
	const char *region = aws_client_region(f->r->aws), *configured = f->r->state->names.plain_role;
	size_t len = strlen(role->name);
	bool likely;

	if (ends_with(role->name, len, region))
		len -= strlen(region) + 1;
	likely = ends_with(role->name, len, "-copy") || ends_with(role->name, len, "-pause") ||
		 strncmp(role->name, configured, strlen(configured)) == 0;
	for (size_t i = 0; !likely && i < f->count; i++)
		likely = strncmp(role->name, f->stacks[i].name, strlen(f->stacks[i].name)) == 0;
	if (!likely)
		return 0;
	if (mem_grow(&names->items, &names->cap, names->count, sizeof(*names->items)) < 0)
		return -1;
	(void)snprintf(names->items[names->count++], sizeof(*names->items), "%s", role->name);
	return 0;
}

static int add_role(struct finding *f, const char *name, struct err *err)
{
	struct iam_role role = { 0 };
	const char *stack, *region;
	int rc = 0;

	if (iam_get_role(f->r->aws, name, &role, err) < 0) {
		if (!err_has_code(err, "NoSuchEntity"))
			return -1;
		err_clear(err);
		return 0;
	}
	stack = aws_tags_get(&role.tags, STACK_TAG);
	region = aws_tags_get(&role.tags, REGION_TAG);
	if (stack && (!region || strcmp(region, aws_client_region(f->r->aws)) == 0) &&
	    !note(f, stack, RESOURCE_ROLE, role.name, role.created_ms))
		rc = err_nomem(err);
	iam_role_clear(&role);
	return rc;
}

static int look_for_roles(struct finding *f, struct err *err)
{
	struct role_names names = { .f = f };
	int rc = iam_list_roles(f->r->aws, consider_role, &names, err);

	/* the callback stops for one reason only */
	if (rc < 0 && err->kind == ERR_NONE)
		rc = err_nomem(err);
	for (size_t i = 0; rc == 0 && i < names.count; i++)
		rc = add_role(f, names.items[i], err);
	mem_free(names.items);
	return rc;
}

/* ---- what this machine remembers ---- */

struct memory {
	bool any;
	int64_t first_ms;
};

static int remember(void *arg, const struct journal_entry *e)
{
	struct memory *m = arg;

	if (strcmp(e->event, "gone") == 0) {
		*m = (struct memory){ .any = false };
		return 0;
	}
	if (!m->any && (!e->time || clock_parse(e->time, &m->first_ms, NULL) < 0))
		m->first_ms = 0;
	m->any = true;
	return 0;
}

/* The journals of this account and region lie beside this run's. */
static int recall(const struct run *r, const char *stack, struct memory *out, struct err *err)
{
	const char *end = strrchr(r->state->dir, '/');
	struct err unread;
	char *path;

	*out = (struct memory){ .any = false };
	if (!end || !names_is_stack(stack))
		return 0;
	path = mem_printf("%.*s/%s/journal.jsonl", (int)(end - r->state->dir), r->state->dir, stack);
	if (!path)
		return err_nomem(err);
	/* an unreadable journal tells nothing, as a missing one does */
	if (journal_read(path, remember, out, &unread) < 0)
		*out = (struct memory){ .any = false };
	mem_free(path);
	return 0;
}

/* ---- the answer ---- */

static void tell_prices(const struct found_stack *s, char rate[64], char spent[64])
{
	struct price now = { .source = s->price_unknown ? PRICE_UNKNOWN : PRICE_TABLE, .total_hour = s->usd_per_hour };
	bool unsure = s->serverless || s->paused; /* it did not work all the time */

	price_text(&now, rate);
	if (s->usd_per_hour <= 0 && !s->price_unknown)
		(void)snprintf(rate, 64, s->paused ? "paused" : "-");
	else if (s->serverless)
		(void)snprintf(rate + strlen(rate), 64 - strlen(rate), " while queries run");
	if (s->price_unknown)
		(void)snprintf(spent, 64, "an unknown sum");
	else if (s->usd <= 0)
		(void)snprintf(spent, 64, "-");
	else if (s->usd < 0.01)
		(void)snprintf(spent, 64, "less than $0.01");
	else
		(void)snprintf(spent, 64, "%s $%.2f", unsure ? "at most" : "about", s->usd);
}

static int fill(const struct run *r, struct found_stack *s, struct json *o, struct err *err)
{
	char created[CLOCK_TEXT] = "", rate[64], spent[64];
	struct json *resources = s->resources;
	struct memory m;
	int64_t since;

	if (recall(r, s->name, &m, err) < 0)
		return -1;
	since = s->created_ms ? s->created_ms : m.first_ms;
	if (since)
		clock_iso_s(since, created);
	tell_prices(s, rate, spent);
	s->resources = NULL; /* taken, also on failure */
	if (json_set(o, "resources", resources) < 0 || json_set_str(o, "stack", s->name) < 0 ||
	    json_set_str(o, "created", created) < 0 ||
	    json_set_int(o, "age_s", since ? (clock_now(r->clock) - since) / 1000 : -1) < 0 ||
	    json_set_str(o, "rate", rate) < 0 || json_set_double(o, "usd_per_hour", s->usd_per_hour) < 0 ||
	    json_set_str(o, "spent", spent) < 0 || json_set_double(o, "usd", s->usd) < 0 ||
	    json_set_bool(o, "roles_only", !s->has_more_than_roles) < 0 || json_set_bool(o, "known", m.any) < 0)
		return err_nomem(err);
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct found_stack *)a)->name, ((const struct found_stack *)b)->name);
}

static struct json *make_list(struct finding *f, struct err *err)
{
	struct json *list = json_new_array();

	if (f->count > 1)
		qsort(f->stacks, f->count, sizeof(*f->stacks), by_name);
	for (size_t i = 0; list && i < f->count; i++) {
		struct json *o = json_new_object();

		if (!o || fill(f->r, &f->stacks[i], o, err) < 0) {
			if (!o)
				err_nomem(err);
			json_free(o);
			json_free(list);
			return NULL;
		}
		if (json_append(list, o) < 0) {
			err_nomem(err);
			json_free(list);
			return NULL;
		}
	}
	if (!list)
		err_nomem(err);
	return list;
}

/* A callback that stopped a walk left its reason in the finding. */
static int look_everywhere(struct finding *f, struct err *err)
{
	struct aws_tag any = { .key = STACK_TAG };

	if (redshift_list_clusters(f->r->aws, STACK_TAG, NULL, add_cluster, f, err) != 0 ||
	    serverless_each_tagged(f->r, NULL, add_serverless, f, err) != 0 ||
	    redshift_list_subnet_groups(f->r->aws, &any, add_subnet_group, f, err) != 0 ||
	    look_for_network(f, err) < 0 || look_for_roles(f, err) < 0) {
		if (f->err.kind != ERR_NONE)
			*err = f->err;
		return -1;
	}
	return 0;
}

struct json *run_reap_list(struct run *r, struct err *err)
{
	struct finding f = { .r = r };
	struct json *list = NULL;

	err_clear(err);
	if (look_everywhere(&f, err) == 0)
		list = make_list(&f, err);
	for (size_t i = 0; i < f.count; i++)
		json_free(f.stacks[i].resources);
	mem_free(f.stacks);
	return list;
}

int reap_parse_age(const char *text, int64_t *ms, struct err *err)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = { { "s", 1000 }, { "m", 60000 }, { "h", 3600000 }, { "d", 86400000 } };
	size_t digits = strspn(text, "0123456789");

	for (size_t i = 0; digits > 0 && digits < 9 && i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(text + digits, units[i].unit) == 0) {
			*ms = strtoll(text, NULL, 10) * units[i].ms;
			return 0;
		}
	}
	err_set(err, ERR_USAGE, "'%s' is no age", text);
	return err_hint(err, "write 45m, 2h or 7d; 0s is any age");
}
