#include "spark/cli/target.h"

#include <string.h>
#include <unistd.h>

#include "spark/base/file.h"
#include "spark/base/mem.h"
#include "spark/base/url.h"
#include "spark/cli/local.h"
#include "spark/cli/out.h"

#define USER_AGENT "sparkctl/" SPARK_VERSION

static void warn_of_clock(const struct target *t)
{
	int64_t offset_ms = t->aws ? aws_client_clock_offset_ms(t->aws) : 0;
	char off[CLOCK_TEXT];
	if (!offset_ms)
		return;
	clock_duration(offset_ms < 0 ? -offset_ms : offset_ms, off);
	out_warn(t->ctx, "this machine's clock is %s %s; requests were signed with the service's time", off,
		 offset_ms < 0 ? "fast" : "slow");
}

void target_close(struct target *t)
{
	warn_of_clock(t);
	aws_client_free(t->aws);
	aws_provider_free(t->provider);
	if (t->settings)
		aws_settings_clear(t->settings);
	mem_free(t->settings);
	aws_credentials_clear(&t->credentials);
	mem_free(t->endpoint);
	mem_free(t->sandbox_ca);
	mem_free(t->sandbox_socket);
	mem_free(t->caller_ip_url);
	memset(t, 0, sizeof(*t));
}

/* libpq wants a file; each family of systems has its own. */
static const char *system_roots(void)
{
	static const char *const files[] = { "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
					     "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem" };
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (file_exists(files[i]))
			return files[i];
	}
	return NULL;
}

/* The search for credentials, and for newer ones when these run out. */
static int open_provider(const struct context *ctx, struct target *t, struct err *err)
{
	const struct aws_chain_options o = {
		.config = ctx->config,
		.region = config_str(ctx->config, OPT_REGION),
		.endpoint_url = t->endpoint_for_all ? t->endpoint : NULL,
		.settings = t->settings,
		.ca_bundle = t->ca_bundle,
		.user_agent = USER_AGENT,
		.timeout_ms = (int)(config_int(ctx->config, OPT_TIMEOUT) * 1000),
		.clock = ctx->clock,
		.stop = ctx->stop,
	};
	t->provider = aws_provider_new(&o, err);
	return t->provider ? aws_provider_get(t->provider, &t->credentials, err) : -1;
}

/* The sandbox's own keys, unless the ones at hand are its own too. Nobody is asked for others, and no program is run:
 * the sandbox needs no account. */
static int choose_local_credentials(const struct config *config, const struct local_sandbox *s,
				    struct aws_credentials *out, struct err *err)
{
	const struct aws_chain_options at_hand = { .config = config, .at_hand_only = true };
	struct aws_credentials own = { 0 }, found = { 0 };
	int rc = -1;
	if (local_credentials(s, &own, err) != 0)
		goto out;
	bool issued =
		aws_chain_find(&at_hand, &found, NULL) == 0 && strcmp(found.access_key_id, own.access_key_id) == 0;
	rc = aws_credentials_copy(out, issued ? &found : &own, err);
out:
	aws_credentials_clear(&own);
	aws_credentials_clear(&found);
	return rc;
}

static int open_sandbox(const struct context *ctx, struct target *t, struct err *err)
{
	struct local_sandbox s;
	bool started;
	int rc = -1;
	if (local_start(ctx, &s, &started, err) != 0)
		return -1;
	if (started)
		out_note(ctx, "sandbox started at %s", s.endpoint);
	t->endpoint = mem_strdup(s.endpoint);
	t->endpoint_for_all = true;
	t->sandbox_ca = s.ca_file ? mem_strdup(s.ca_file) : NULL;
	/* It may have been removed; then there is TCP. */
	bool socket = s.socket && access(s.socket, W_OK) == 0;
	t->sandbox_socket = socket ? mem_strdup(s.socket) : NULL;
	if (!t->endpoint || (s.ca_file && !t->sandbox_ca) || (socket && !t->sandbox_socket))
		err_nomem(err);
	else if (aws_settings_load_retries(t->settings, err) == 0)
		rc = config_origin(ctx->config, OPT_PROFILE) == FROM_FLAG
			     ? open_provider(ctx, t, err)
			     : choose_local_credentials(ctx->config, &s, &t->credentials, err);
	local_clear(&s);
	return rc;
}

/* What the AWS tools' environment and profile say counts where nothing was said to sparkctl itself. */
static int open_given(const struct context *ctx, struct target *t, struct err *err)
{
	struct config *config = ctx->config;
	const char *endpoint = config_str(config, OPT_ENDPOINT_URL);
	if (aws_settings_load(config, t->settings, err) != 0)
		return -1;
	t->endpoint_for_all = endpoint && strcmp(config_place(config, OPT_ENDPOINT_URL), "AWS_ENDPOINT_URL") != 0;
	if (!t->endpoint_for_all)
		endpoint = t->settings->endpoint_url;
	/* AWS_IGNORE_CONFIGURED_ENDPOINT_URLS took it away: that is no way to AWS. */
	if (t->local && !endpoint) {
		aws_settings_clear(t->settings);
		return open_sandbox(ctx, t, err);
	}
	t->endpoint = mem_strdup(endpoint);
	if (endpoint && !t->endpoint)
		return err_nomem(err);
	if (t->settings->region[0] && config_set_derived(config, OPT_REGION, t->settings->region, err) != 0)
		return -1;
	t->ca_bundle = config_str(config, OPT_CA_BUNDLE);
	if (!t->ca_bundle)
		t->ca_bundle = t->settings->ca_bundle;
	return open_provider(ctx, t, err);
}

/* Who tells us our own address: the sandbox, or AWS's public service for it. */
static int set_caller_ip_url(struct target *t, struct err *err)
{
	size_t len = t->endpoint ? strlen(t->endpoint) : 0;
	while (len > 0 && t->endpoint[len - 1] == '/')
		len--;
	t->caller_ip_url = len ? mem_printf("%.*s/_sparkctl/ip", (int)len, t->endpoint)
			       : mem_strdup("https://checkip.amazonaws.com");
	return t->caller_ip_url ? 0 : err_nomem(err);
}

static int open_client(const struct context *ctx, struct target *t, struct err *err)
{
	struct aws_client_options o = {
		.region = config_str(ctx->config, OPT_REGION),
		.endpoint_url = t->endpoint_for_all ? t->endpoint : NULL,
		.settings = t->settings,
		.provider = t->provider,
		.ca_bundle = t->ca_bundle,
		.timeout_ms = (int)(config_int(ctx->config, OPT_TIMEOUT) * 1000),
		.clock = ctx->clock,
		.stop = ctx->stop,
		.user_agent = USER_AGENT,
		.unix_socket = t->sandbox_socket,
	};
	if (!t->provider && aws_credentials_copy(&o.credentials, &t->credentials, err) != 0)
		return -1;
	t->aws = aws_client_new(&o, err);
	aws_credentials_clear(&o.credentials);
	return t->aws ? 0 : -1;
}

/* What follows once endpoint and credentials are there. */
static int complete(const struct context *ctx, struct target *t, struct err *err)
{
	if (set_caller_ip_url(t, err) != 0 || open_client(ctx, t, err) != 0)
		return -1;
	/* The sandbox's clusters are trusted by the sandbox's own CA; a warehouse of another place is not among them.
	 */
	if (t->sandbox_ca && !config_is_set(ctx->config, OPT_HOST)) {
		t->ssl_mode = "verify-full";
		t->ssl_ca = t->sandbox_ca;
		return 0;
	}
	/* Behind an endpoint of one's own there may be a sandbox on this machine, or AWS through a private address. */
	if (t->local || (t->endpoint && (strncmp(t->endpoint, "http://", 7) == 0 || url_is_loopback(t->endpoint)))) {
		t->ssl_mode = "prefer";
	} else {
		t->ssl_mode = "verify-full";
		t->ssl_ca = t->ca_bundle ? t->ca_bundle : system_roots();
	}
	return 0;
}

static int open_target(const struct context *ctx, struct target *t, bool sandbox, struct target *out, struct err *err)
{
	t->ca_bundle = config_str(ctx->config, OPT_CA_BUNDLE);
	t->settings = mem_alloc(sizeof(*t->settings));
	if (!t->settings)
		return err_nomem(err);
	int rc = sandbox ? open_sandbox(ctx, t, err) : open_given(ctx, t, err);
	if (rc != 0 || complete(ctx, t, err) != 0) {
		target_close(t);
		return -1;
	}
	*out = *t;
	return 0;
}

int target_open(const struct context *ctx, struct target *out, struct err *err)
{
	struct target t = { .local = strcmp(config_str(ctx->config, OPT_TARGET), "local") == 0, .ctx = ctx };
	bool sandbox = t.local && !config_str(ctx->config, OPT_ENDPOINT_URL);
	return open_target(ctx, &t, sandbox, out, err);
}

int target_open_sandbox(const struct context *ctx, struct target *out, struct err *err)
{
	struct target t = { .local = true, .ctx = ctx };
	return open_target(ctx, &t, true, out, err);
}
