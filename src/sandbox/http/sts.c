#include "spark/sandbox/http.h"

static int get_caller_identity(struct world *w, const struct caller *who, const struct params *p, struct buf *out,
			       struct err *err)
{
	(void)w;
	(void)p;
	(void)err;
	xml_element(out, "Arn", who->arn);
	xml_element(out, "UserId", who->user_id);
	xml_element(out, "Account", who->account);
	return 0;
}

static const struct action actions[] = {
	{ "GetCallerIdentity", get_caller_identity, NULL },
};

const struct service service_sts = {
	.name = "sts",
	.version = "2011-06-15",
	.xmlns = "https://sts.amazonaws.com/doc/2011-06-15/",
	.actions = actions,
	.action_count = sizeof(actions) / sizeof(*actions),
};
