#include <stdio.h>
#include <string.h>

#include "pipeline/price.h"
#include "pipeline/serverless.h"

/* What has been seen, else what the settings ask for. */
static bool is_serverless(const struct run *r)
{
	const struct run_state *s = r->state;

	return s->rpu > 0 || (!s->node_type[0] && serverless_is_wanted(r));
}

static int look_up(struct run *r, struct price *out, struct err *err)
{
	const struct run_state *s = r->state;
	const char *region = aws_client_region(r->aws);

	if (is_serverless(r))
		return price_of_serverless(r->config, region,
					   s->rpu > 0 ? s->rpu : (int)config_int(r->config, OPT_BASE_CAPACITY), out,
					   err);
	return price_of_cluster(r->config, region,
				s->node_type[0] ? s->node_type : config_str(r->config, OPT_NODE_TYPE),
				s->nodes > 0 ? s->nodes : (int)config_int(r->config, OPT_NUM_NODES), out, err);
}

/* Only the service knows how much of the time a workgroup worked; all of it is the most that it can be. */
static void tell_bound(const struct run_state *s, char spent[64])
{
	static const char about[] = "about ";
	bool bounded = s->rpu_max > 0 && s->rpu_max <= s->rpu;
	char sum[64];

	memcpy(sum, spent, sizeof(sum));
	if (!bounded)
		(void)snprintf(spent, 64, "billed for its queries");
	else if (strncmp(sum, about, sizeof(about) - 1) == 0)
		(void)snprintf(spent, 64, "at most %.30s for its queries", sum + sizeof(about) - 1);
	else
		(void)snprintf(spent, 64, "%.40s for its queries", sum);
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
	bill.serverless = is_serverless(r);
	if (bill.serverless)
		tell_bound(s, bill.spent);
	*out = bill;
	return 0;
}
