#include <stdio.h>
#include <string.h>

#include "pipeline/network.h"
#include "pipeline/resource.h"

/* Small enough to be joined to others, large enough for any number of nodes. */
#define OWN_CIDR "10.0.0.0/16"

static const char *vpc_label(const struct run *r)
{
	const struct run_state *s = r->state;

	return s->vpc_id[0] ? s->vpc_id : network_is_own(r) ? run_stack(r) : config_str(r->config, OPT_VPC);
}

static int vpc_check(struct run *r, struct err *err)
{
	const char *vpc = config_str(r->config, OPT_VPC);
	bool known = strcmp(vpc, "default") == 0 || strcmp(vpc, "create") == 0 ||
		     (strncmp(vpc, "vpc-", 4) == 0 && vpc[4] && strlen(vpc) < sizeof(r->state->vpc_id));

	if (known)
		return 0;
	err_set(err, ERR_CONFIG, "'%s' (%s) is not a network", vpc, config_place(r->config, OPT_VPC));
	return err_hint(err, "write default, create, or the id of a VPC: vpc-0123456789abcdef0");
}

static int find_given(struct run *r, struct err *err)
{
	const char *id = config_str(r->config, OPT_VPC);
	struct ec2_filter filter = { "vpc-id", id };
	struct ec2_item item;
	bool found;

	if (ec2_find(r->aws, EC2_VPC, &filter, 1, &found, &item, err) < 0)
		return -1;
	if (!found) {
		err_set(err, ERR_CONFIG, "there is no VPC '%s' (%s) in region '%s'", id,
			config_place(r->config, OPT_VPC), aws_client_region(r->aws));
		return err_hint(err, "see which there are: aws ec2 describe-vpcs --region %s",
				aws_client_region(r->aws));
	}
	memcpy(r->state->vpc_id, item.id, sizeof(r->state->vpc_id));
	ec2_item_clear(&item);
	return 0;
}

static int find_own(struct run *r, const char *known, enum presence *p, struct err *err)
{
	struct run_state *s = r->state;
	struct network_vpcs v;

	if (network_list_vpcs(r, known, &v, err) < 0)
		return -1;
	*p = v.count ? PRESENCE_OURS : PRESENCE_ABSENT;
	s->several[EC2_VPC] = v.count > 1;
	if (v.count)
		memcpy(s->vpc_id, v.items[0].id, sizeof(s->vpc_id));
	s->vpc_seen_ready = v.count && v.items[0].ready;
	return 0;
}

static int vpc_find(struct run *r, enum presence *p, struct err *err)
{
	struct run_state *s = r->state;
	char known[sizeof(s->vpc_id)];

	memcpy(known, s->vpc_id, sizeof(known));
	*p = PRESENCE_GIVEN;
	s->vpc_id[0] = 0;
	s->vpc_seen_ready = false;
	switch (network_mode(r)) {
	case NETWORK_GIVEN:
		return find_given(r, err);
	case NETWORK_DEFAULT:
		if (ec2_find_default_vpc(r->aws, s->vpc_id, err) == 0)
			return 0;
		if (err_has_code(err, "DefaultVpcNotFound"))
			err_hint(err,
				 "give the stack a network of its own with --vpc create, or make a default one "
				 "with: aws ec2 create-default-vpc --region %s",
				 aws_client_region(r->aws));
		return -1;
	default:
		return find_own(r, known, p, err);
	}
}

static int enable_names(struct aws_client *c, const char *vpc_id, const char *unused, struct err *err)
{
	(void)unused;
	return ec2_enable_dns_hostnames(c, vpc_id, err);
}

static int vpc_ensure(struct run *r, enum presence p, bool *changed, struct err *err)
{
	struct run_state *s = r->state;
	bool on = false;

	if (p == PRESENCE_GIVEN)
		return 0;
	*changed = p == PRESENCE_ABSENT;
	if (p == PRESENCE_ABSENT &&
	    network_make(r, EC2_VPC, "vpc", &(struct ec2_make){ .cidr = OWN_CIDR }, s->vpc_id, err) < 0)
		return -1;
	if (p == PRESENCE_OURS && ec2_get_dns_hostnames(r->aws, s->vpc_id, &on, err) < 0)
		return -1;
	if (on)
		return 0;
	*changed = true;
	return network_change(r, &(struct network_call){ "ModifyVpcAttribute", "vpc", enable_names, s->vpc_id, NULL },
			      err);
}

static int vpc_wait(struct run *r, bool *waited, struct err *err)
{
	struct ec2_filter filter = { "vpc-id", r->state->vpc_id };
	struct wait w;

	*waited = false;
	if (!network_is_own(r) || r->state->vpc_seen_ready)
		return 0;
	run_wait_begin(r, &w);
	for (;;) {
		struct ec2_item item;
		bool found, ready;

		if (ec2_find(r->aws, EC2_VPC, &filter, 1, &found, &item, err) < 0)
			return -1;
		ready = found && strcmp(item.state, "pending") != 0;
		ec2_item_clear(&item);
		if (ready)
			return 0;
		*waited = true;
		if (wait_pause(&w, "the VPC", err) < 0)
			return -1;
	}
}

static int vpc_destroy(struct run *r, struct err *err)
{
	return network_remove(r, EC2_VPC, r->state->vpc_id, NULL, err);
}

const struct resource resource_vpc = {
	.name = "vpc",
	.label = vpc_label,
	.check = vpc_check,
	.find = vpc_find,
	.ensure = vpc_ensure,
	.wait = vpc_wait,
	.destroy = vpc_destroy,
	.nameless = true,
};
