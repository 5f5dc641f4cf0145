#include "pipeline/price.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* On-demand prices of the US regions that share them (us-east-1, us-east-2, us-west-2), noted on PRICE_TABLE_DATE.
 * Source: the service's public price page. Elsewhere a node costs up to a half more. */
static const struct {
	const char *node_type;
	double hour;
} nodes_us[] = {
	{ "ra3.large", 0.543 },    { "ra3.xlplus", 1.086 }, { "ra3.4xlarge", 3.26 },
	{ "ra3.16xlarge", 13.04 }, { "dc2.large", 0.25 },   { "dc2.8xlarge", 4.80 },
};
static const char *const regions_us[] = { "us-east-1", "us-east-2", "us-west-2" };
#define RPU_HOUR_US 0.375
#define TTL_MAX_MS  (30LL * 24 * 3600 * 1000)

static bool is_us(const char *region)
{
	for (size_t i = 0; i < sizeof(regions_us) / sizeof(regions_us[0]); i++) {
		if (strcmp(region, regions_us[i]) == 0)
			return true;
	}
	return false;
}

/* The user's own price, when one is given. */
static int given_price(const struct config *config, struct price *out, struct err *err)
{
	const char *text = config_str(config, OPT_PRICE), *digits = text;
	char *end;

	if (!text || !*text)
		return 0;
	digits += *digits == '$';
	out->node_hour = strtod(digits, &end);
	if (end == digits || *end || !isfinite(out->node_hour) || out->node_hour < 0 || out->node_hour > 10000 ||
	    strspn(digits, "0123456789.") != strlen(digits)) {
		err_set(err, ERR_CONFIG, "'%s' (%s) is no price", text, config_place(config, OPT_PRICE));
		return err_hint(err, "write US dollars per hour of one node, as 0.543");
	}
	out->source = PRICE_GIVEN;
	return 0;
}

int price_of_cluster(const struct config *config, const char *region, const char *node_type, int nodes,
		     struct price *out, struct err *err)
{
	struct price p = { .source = PRICE_UNKNOWN };

	if (given_price(config, &p, err) < 0)
		return -1;
	for (size_t i = 0; p.source == PRICE_UNKNOWN && i < sizeof(nodes_us) / sizeof(nodes_us[0]); i++) {
		if (strcmp(node_type, nodes_us[i].node_type) == 0) {
			p.source = is_us(region) ? PRICE_TABLE : PRICE_ABROAD;
			p.node_hour = nodes_us[i].hour;
		}
	}
	p.total_hour = p.node_hour * nodes;
	*out = p;
	return 0;
}

int price_of_serverless(const struct config *config, const char *region, int rpu, struct price *out, struct err *err)
{
	struct price p = { .source = PRICE_UNKNOWN };

	if (given_price(config, &p, err) < 0)
		return -1;
	if (p.source == PRICE_UNKNOWN) {
		p.source = is_us(region) ? PRICE_TABLE : PRICE_ABROAD;
		p.node_hour = RPU_HOUR_US;
	}
	p.total_hour = p.node_hour * rpu;
	*out = p;
	return 0;
}

void price_text(const struct price *p, char out[64])
{
	if (p->source == PRICE_UNKNOWN)
		(void)snprintf(out, 64, "an unknown price per hour");
	else if (p->source == PRICE_ABROAD)
		(void)snprintf(out, 64, "about $%.2f/h (US price)", p->total_hour);
	else
		(void)snprintf(out, 64, "$%.2f/h", p->total_hour);
}

void price_spent_text(const struct price *p, int64_t ms, char out[64])
{
	double spent = p->total_hour * (double)(ms > 0 ? ms : 0) / 3600000.0;

	if (p->source == PRICE_UNKNOWN)
		(void)snprintf(out, 64, "an unknown sum");
	else if (spent < 0.01)
		(void)snprintf(out, 64, "less than $0.01");
	else
		(void)snprintf(out, 64, "about $%.2f", spent);
}

int price_ttl(const struct config *config, int64_t fallback_ms, int64_t *ttl_ms, struct err *err)
{
	static const struct {
		char unit;
		int64_t ms;
	} units[] = { { 's', 1000 }, { 'm', 60000 }, { 'h', 3600000 }, { 'd', 86400000 } };
	const char *text = config_str(config, OPT_TTL);
	size_t digits = text ? strspn(text, "0123456789") : 0;

	*ttl_ms = fallback_ms;
	if (!text || !*text)
		return 0;
	*ttl_ms = 0;
	if (strcmp(text, "none") == 0 || strcmp(text, "0") == 0)
		return 0;
	for (size_t i = 0; digits > 0 && digits < 9 && i < sizeof(units) / sizeof(units[0]); i++) {
		if (text[digits] == units[i].unit && !text[digits + 1])
			*ttl_ms = strtoll(text, NULL, 10) * units[i].ms;
	}
	if (*ttl_ms > 0 && *ttl_ms <= TTL_MAX_MS)
		return 0;
	err_set(err, ERR_CONFIG, "'%s' (%s) is no duration", text, config_place(config, OPT_TTL));
	return err_hint(err, "write 45m, 2h, 1d (at most 30d), or none");
}
