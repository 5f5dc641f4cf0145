#include "sandbox/access/principal.h"

#include "sandbox/access/policy.h"

/* Under which of somebody's names a list has him. */
struct names {
	const struct principal *p;
	bool account, anybody, own, session;
};

void principal_of(const struct caller *who, const struct identity *identity, struct principal *out)
{
	*out = (struct principal){ .anonymous = who->anonymous };
	if (who->anonymous)
		return;
	out->session_arn = who->arn;
	out->own_arn = identity->arn;
	out->account = who->account;
	out->own_id = json_str(identity->doc, identity->is_role ? "id" : "userId", NULL);
}

bool principal_is_account(const char *text, const char *account)
{
	static const char head[] = "arn:aws:iam::";
	size_t len = strlen(account);

	if (!strcmp(text, account))
		return true;
	return !strncmp(text, head, sizeof(head) - 1) && !strncmp(text + sizeof(head) - 1, account, len) &&
	       !strcmp(text + sizeof(head) - 1 + len, ":root");
}

static bool is_service(void *arg, const char *text)
{
	const struct names *n = arg;

	return !strcmp(text, "*") || !strcmp(text, n->p->service);
}

/* Never the end: other names of his may follow. */
static bool note_name(void *arg, const char *text)
{
	struct names *n = arg;
	const struct principal *p = n->p;

	n->anybody = n->anybody || !strcmp(text, "*");
	if (p->anonymous)
		return false;
	n->account = n->account || principal_is_account(text, p->account);
	n->own = n->own || !strcmp(text, p->own_arn) || (p->own_id && !strcmp(text, p->own_id));
	n->session = n->session || !strcmp(text, p->session_arn);
	return false;
}

static struct names names_in(const struct json *principals, const struct principal *p)
{
	struct names n = { .p = p };

	/* "*" alone is every principal. */
	if (json_is_string(principals))
		n.anybody = !strcmp(json_text(principals), "*");
	else if (p->service)
		n.own = policy_any_text(json_get(principals, "Service"), is_service, &n);
	else
		policy_any_text(json_get(principals, "AWS"), note_name, &n);
	return n;
}

enum principal_named principal_in(const struct json *statement, const struct principal *p)
{
	struct names n = names_in(json_get(statement, "Principal"), p);

	/* A user has no session: both names are the same. */
	if (n.session && strcmp(p->session_arn, p->own_arn))
		return PRINCIPAL_SESSION;
	if (n.own || n.session)
		return PRINCIPAL_OWN;
	if (n.anybody)
		return PRINCIPAL_ANYBODY;
	return n.account ? PRINCIPAL_ACCOUNT : PRINCIPAL_NONE;
}

bool principal_is_excepted(const struct json *statement, const struct principal *p)
{
	struct names n = names_in(json_get(statement, "NotPrincipal"), p);

	if (n.anybody)
		return true;
	if (p->service || p->anonymous)
		return n.own;
	if (!strcmp(json_str(statement, "Effect", ""), "Allow"))
		return n.account || n.own || n.session;
	return n.account && n.own && (n.session || !strcmp(p->session_arn, p->own_arn));
}
