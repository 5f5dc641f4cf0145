#include <stdio.h>
#include <string.h>

#include "pipeline/price.h"
#include "pipeline/state.h"

/* What the settings ask for, unless a cluster has been seen. */
static int look_up(struct run *r, struct price *out, struct err *err)
{
	const struct run_state *s = r->state;
	const char *region = aws_client_region(r->aws);

	if (config_is_yes(r->config, OPT_SERVERLESS))
		return price_of_serverless(r->config, region, (int)config_int(r->config, OPT_BASE_CAPACITY), out, err);
	return price_of_cluster(r->config, region,
				s->node_type[0] ? s->node_type : config_str(r->config, OPT_NODE_TYPE),
				s->nodes > 0 ? s->nodes : (int)config_int(r->config, OPT_NUM_NODES), out, err);
}

int run_bill(struct run *r, struct run_bill *out, struct err *err)
{
	const struct run_state *s = r->state;
	struct run_bill bill = { .pause_at_ms = s->pause_at_ms, .ttl_ms = s->ttl_ms };
	struct price price;

	if (look_up(r, &price, err) < 0)
		return -1;
	bill.usd_per_hour = price.total_hour;
	if (s->created_ms > 0)
		bill.ran_ms = clock_now(r->clock) - s->created_ms;
	price_text(&price, bill.rate);
	price_spent_text(&price, bill.ran_ms, bill.spent);
	*out = bill;
	return 0;
}
