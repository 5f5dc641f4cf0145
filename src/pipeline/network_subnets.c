#include <stdio.h>
#include <string.h>

#include "pipeline/network.h"

static void add(struct network_subnets *list, const char *id)
{
	(void)snprintf(list->ids[list->count], sizeof(list->ids[0]), "%s", id);
	list->pointers[list->count] = list->ids[list->count];
	list->count++;
}

/* The subnets of a VPC that the user names, one of each zone. */
struct choice {
	struct network_subnets *out;
	char zones[NETWORK_SUBNETS_MAX][32];
};

static int choose(void *arg, struct ec2_item *item)
{
	struct choice *c = arg;

	for (size_t i = 0; i < c->out->count; i++) {
		if (strcmp(c->zones[i], item->zone) == 0)
			return 0;
	}
	if (c->out->count == NETWORK_SUBNETS_MAX)
		return 0;
	memcpy(c->zones[c->out->count], item->zone, sizeof(item->zone));
	add(c->out, item->id);
	return 0;
}

int network_gather_subnets(struct run *r, struct network_subnets *out, struct err *err)
{
	const struct run_state *s = r->state;
	struct ec2_filter filter = { "vpc-id", s->vpc_id };
	struct choice choice = { .out = out };

	memset(out, 0, sizeof(*out));
	if (network_is_own(r)) {
		for (size_t i = 0; i < SUBNETS_MAX; i++) {
			if (s->subnets[i].id[0])
				add(out, s->subnets[i].id);
		}
		return 0;
	}
	if (ec2_each(r->aws, EC2_SUBNET, &filter, 1, choose, &choice, err) < 0)
		return -1;
	if (out->count > 0)
		return 0;
	err_set(err, ERR_CONFIG, "VPC '%s' has no subnet", s->vpc_id);
	return err_hint(err, "add one, or let sparkctl make a network with --vpc create");
}
