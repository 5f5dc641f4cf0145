#include "spark/aws/simulate.h"

#include <string.h>

#include "aws/decode.h"
#include "aws/pages.h"

#define ACTION "SimulatePrincipalPolicy"

struct asking {
	const struct iam_simulation *in;
	int (*fn)(void *arg, const char *action, bool allowed, bool sure);
	void *arg;
};

static void add_question(void *arg, struct aws_params *p)
{
	const struct asking *a = arg;

	aws_params_add(p, "PolicySourceArn", a->in->principal);
	for (size_t i = 0; i < a->in->action_count; i++)
		aws_params_addf(p, a->in->actions[i], "ActionNames.member.%zu", i + 1);
	aws_params_add(p, "ResourceArns.member.1", a->in->resource);
	if (!a->in->context_key)
		return;
	aws_params_add(p, "ContextEntries.member.1.ContextKeyName", a->in->context_key);
	aws_params_add(p, "ContextEntries.member.1.ContextKeyType", "string");
	aws_params_add(p, "ContextEntries.member.1.ContextKeyValues.member.1", a->in->context_value);
}

static int each_answer(void *arg, const struct xml_node *item, struct err *err)
{
	const struct asking *a = arg;
	char action[160], decision[32];

	if (decode_required(item, "EvalActionName", ACTION, action, sizeof(action), err) != 0 ||
	    decode_required(item, "EvalDecision", ACTION, decision, sizeof(decision), err) != 0)
		return -1;
	bool allowed = strcmp(decision, "allowed") == 0;
	bool sure = allowed || !xml_path(item, "MissingContextValues/member");
	return a->fn(a->arg, action, allowed, sure);
}

int iam_simulate(struct aws_client *c, const struct iam_simulation *in,
		 int (*fn)(void *arg, const char *action, bool allowed, bool sure), void *arg, struct err *err)
{
	struct asking a = { in, fn, arg };
	const struct paged_list l = {
		.service = "iam",
		.action = ACTION,
		.version = "2010-05-08",
		.list = "EvaluationResults",
		.item = "member",
		.marker_out = "Marker",
		.marker_in = "Marker",
		.add = add_question,
		.each = each_answer,
		.arg = &a,
	};

	return pages_walk(c, &l, err);
}
