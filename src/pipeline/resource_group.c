#include <stdio.h>
#include <string.h>

#include "pipeline/resource.h"

#define PROTOCOL "tcp"

static const char *group_label(const struct run *r)
{
	return r->state->names.group;
}

static int group_find(struct run *r, enum presence *p, struct err *err)
{
	struct run_state *s = r->state;
	struct ec2_group g = { 0 };
	bool found = false;

	*p = PRESENCE_ABSENT;
	s->group_id[0] = 0;
	ec2_group_clear(&s->group);
	if (!s->vpc_id[0])
		return 0; /* no group without its network */
	if (ec2_find_group(r->aws, s->vpc_id, s->names.group, NULL, &found, &g, err) < 0)
		return -1;
	if (!found)
		return 0;
	memcpy(s->group_id, g.id, sizeof(s->group_id));
	*p = run_owns(r, &g.tags) ? PRESENCE_OURS : PRESENCE_FOREIGN;
	s->group = g;
	return 0;
}

/* Text of a service that answers with the caller's address, without the blanks around it. */
static void trim(char *text)
{
	size_t skip = strspn(text, " \t\r\n"), len = strcspn(text + skip, " \t\r\n");

	memmove(text, text + skip, len);
	text[len] = 0;
}

static int ask_own_cidr(struct run *r, char cidr[44], struct err *err)
{
	struct buf body;
	int bits, rc = -1;

	buf_init(&body, 4096);
	if (aws_http_get(r->aws, r->caller_ip_url, &body, err) < 0) {
		err_wrap(err, "cannot learn this machine's address");
		err_hint(err, "give it with --ingress-cidr, as 203.0.113.7/32");
		goto out;
	}
	trim(body.data);
	if (strchr(body.data, '/') || !names_normal_cidr(body.data, cidr, &bits)) {
		err_set(err, ERR_PARSE, "'%s' answered no IPv4 address", r->caller_ip_url);
		err_hint(err, "give the address with --ingress-cidr, as 203.0.113.7/32");
		goto out;
	}
	rc = 0;
out:
	buf_clear(&body);
	return rc;
}

/* The range that the user gives, if any, made normal into cidr; *given tells. */
static int given_cidr(const struct run *r, char cidr[44], bool *given, struct err *err)
{
	const char *text = config_str(r->config, OPT_INGRESS_CIDR);
	int bits;

	*given = text && *text;
	if (!*given)
		return 0;
	if (!names_normal_cidr(text, cidr, &bits)) {
		err_set(err, ERR_CONFIG, "'%s' (%s) is not an IPv4 range", text,
			config_place(r->config, OPT_INGRESS_CIDR));
		return err_hint(err, "write it as 203.0.113.7/32");
	}
	if (bits == 0 && !config_is_yes(r->config, OPT_ALLOW_ANY_IP)) {
		err_set(err, ERR_CONFIG, "'%s' (%s) would open the cluster to the whole internet", text,
			config_place(r->config, OPT_INGRESS_CIDR));
		return err_hint(err, "leave it out for your own address only, or give your network's range; who really "
				     "means it adds "
				     "--allow-any-ip");
	}
	return 0;
}

static int group_check(struct run *r, struct err *err)
{
	char cidr[44];
	bool given;

	return given_cidr(r, cidr, &given, err);
}

/* Who may come in: what the user says, else this machine only. */
static int wanted_rule(struct run *r, struct ec2_rule *rule, struct err *err)
{
	bool given;

	memset(rule, 0, sizeof(*rule));
	memcpy(rule->protocol, PROTOCOL, sizeof(PROTOCOL));
	rule->from_port = rule->to_port = (int)config_int(r->config, OPT_DB_PORT);
	if (given_cidr(r, rule->cidr, &given, err) < 0)
		return -1;
	return given ? 0 : ask_own_cidr(r, rule->cidr, err);
}

static int create_group(struct run *r, struct err *err)
{
	struct run_state *s = r->state;
	struct aws_tag tag = run_tag(r);
	struct change c;
	int rc;

	if (change_begin(r, &c, "CreateSecurityGroup", "group", s->names.group, err) < 0)
		return -1;
	s->group_is_new = true; /* also when the reply is lost and the next look finds it */
	rc = c.planned ? 0
		       : ec2_create_group(r->aws, s->vpc_id, s->names.group, "who may reach the port of the cluster",
					  &tag, 1, s->group_id, err);
	return change_end(r, &c, rc, err);
}

static int call_authorize(struct run *r, const void *rule, struct err *err)
{
	return ec2_authorize_ingress(r->aws, r->state->group_id, rule, "sparkctl", err);
}

static int authorize(struct run *r, const struct ec2_rule *rule, struct err *err)
{
	return change_patiently(r,
				&(struct patient_call){
					.action = "AuthorizeSecurityGroupIngress",
					.resource = "group",
					.name = r->state->names.group,
					.call = call_authorize,
					.arg = rule,
					.is_new = r->state->group_is_new,
					.what = "the new security group",
					.limit_ms = 30000,
				},
				err);
}

static int revoke(struct run *r, const struct ec2_rule *rule, struct err *err)
{
	struct change c;

	if (change_begin(r, &c, "RevokeSecurityGroupIngress", "group", r->state->names.group, err) < 0)
		return -1;
	return change_end(r, &c, c.planned ? 0 : ec2_revoke_ingress(r->aws, r->state->group_id, rule, err), err);
}

static bool same_door(const struct ec2_rule *a, const struct ec2_rule *b)
{
	return strcmp(a->protocol, b->protocol) == 0 && a->from_port == b->from_port && a->to_port == b->to_port;
}

/* The new address is let in before the old one is shut out, so that a run that dies between the two locks nobody out.
 * Rules for other ports are a user's own and stay. */
static int renew_rules(struct run *r, const struct ec2_rule *wanted, bool *changed, struct err *err)
{
	const struct ec2_group *g = &r->state->group;
	bool there = false;

	for (size_t i = 0; i < g->ingress_count; i++)
		there = there || (same_door(&g->ingress[i], wanted) && strcmp(g->ingress[i].cidr, wanted->cidr) == 0);
	*changed = !there;
	if (!there && authorize(r, wanted, err) < 0)
		return -1;
	for (size_t i = 0; i < g->ingress_count; i++) {
		if (!same_door(&g->ingress[i], wanted) || strcmp(g->ingress[i].cidr, wanted->cidr) == 0)
			continue;
		*changed = true;
		if (revoke(r, &g->ingress[i], err) < 0)
			return -1;
	}
	return 0;
}

static int group_ensure(struct run *r, enum presence p, bool *changed, struct err *err)
{
	struct ec2_rule wanted;

	if (wanted_rule(r, &wanted, err) < 0)
		return -1;
	*changed = p == PRESENCE_ABSENT;
	if (p == PRESENCE_ABSENT)
		return create_group(r, err) < 0 ? -1 : authorize(r, &wanted, err);
	return renew_rules(r, &wanted, changed, err);
}

int group_remove(struct run *r, const char *group_id, const char *label, struct err *err)
{
	struct wait w;

	run_wait_begin(r, &w);
	for (;;) {
		struct change c;

		if (change_begin(r, &c, "DeleteSecurityGroup", "group", label, err) < 0)
			return -1;
		if (change_end(r, &c, c.planned ? 0 : ec2_delete_group(r->aws, group_id, err), err) == 0)
			return 0;
		if (err_has_code(err, "InvalidGroup.NotFound") || err_has_code(err, "InvalidGroupId.NotFound")) {
			err_clear(err);
			return 0;
		}
		/* the cluster's network interface outlives the cluster by a while */
		if (!err_has_code(err, "DependencyViolation"))
			return -1;
		if (wait_pause(&w, "the release of the security group", err) < 0)
			return -1;
	}
}

static int group_destroy(struct run *r, struct err *err)
{
	return group_remove(r, r->state->group_id, r->state->names.group, err);
}

const struct resource resource_group = {
	.name = "group",
	.needs = 1u << RESOURCE_VPC,
	.look_after = 1u << RESOURCE_VPC,
	.label = group_label,
	.check = group_check,
	.find = group_find,
	.ensure = group_ensure,
	.destroy = group_destroy,
};
