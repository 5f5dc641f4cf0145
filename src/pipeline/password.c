#include "pipeline/password.h"

static bool is_given(const struct run *r)
{
	const struct secret *given = config_secret(r->config, OPT_DB_PASSWORD);

	return given && secret_is_set(given);
}

int password_check(struct run *r, struct err *err)
{
	if (!is_given(r) || !config_is_yes(r->config, OPT_MANAGE_PASSWORD))
		return 0;
	err_set(err, ERR_CONFIG, "a password (%s) is given, and AWS is to make one (%s)",
		config_place(r->config, OPT_DB_PASSWORD), config_place(r->config, OPT_MANAGE_PASSWORD));
	return err_hint(err, "leave one of the two out");
}

int password_choose(struct run *r, struct secret *out, bool *managed, struct err *err)
{
	*managed = config_is_yes(r->config, OPT_MANAGE_PASSWORD);
	if (*managed)
		return 0;
	if (is_given(r))
		return secret_copy(out, config_secret(r->config, OPT_DB_PASSWORD), err);
	return secret_random_password(out, 40, err);
}
