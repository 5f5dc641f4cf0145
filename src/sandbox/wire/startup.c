#include "sandbox/wire/startup.h"

#include "spark/base/mem.h"

/* What redshift_connector and Amazon's JDBC and ODBC drivers add, unknown to PostgreSQL. */
static const char *const driver_settings[] = {
	"client_protocol_version", "driver_version",    "os_version", "plugin_name",
	"provider_name",           "idp_type",          "token_type", "identity_namespace",
	"idc_client_display_name", "driver_os_version", "idc_region",
};

size_t startup_length(const unsigned char head[4])
{
	uint32_t len = wire_get32(head);

	return len < STARTUP_MIN_BYTES || len > STARTUP_MAX_BYTES ? 0 : len;
}

static int refuse(struct err *err, const char *sqlstate, const char *text)
{
	err_set(err, ERR_DATABASE, "%s", text);
	if (err)
		snprintf(err->sqlstate, sizeof(err->sqlstate), "%s", sqlstate);
	return -1;
}

static bool is_driver_setting(const char *name)
{
	for (size_t i = 0; i < sizeof(driver_settings) / sizeof(driver_settings[0]); i++)
		if (strcmp(driver_settings[i], name) == 0)
			return true;
	return false;
}

static int take_setting(struct startup *s, const char *name, const char *value, struct err *err)
{
	if (strcmp(name, "user") == 0) {
		s->user = value;
	} else if (strcmp(name, "database") == 0) {
		s->database = value;
	} else if (strncmp(name, "_pq_.", 5) == 0) {
		if (mem_grow(&s->unknown, &s->unknown_cap, s->unknown_count, sizeof(*s->unknown)))
			return err_nomem(err);
		s->unknown[s->unknown_count++] = name;
	} else if (is_driver_setting(name)) {
		s->redshift_driver |= strcmp(name, "client_protocol_version") == 0;
		if (strcmp(name, "driver_version") == 0)
			s->driver_version = value;
		if (strcmp(name, "os_version") == 0 || strcmp(name, "driver_os_version") == 0)
			s->os_version = value;
	} else {
		if (mem_grow(&s->settings, &s->cap, s->count, sizeof(*s->settings)))
			return err_nomem(err);
		s->settings[s->count].name = name;
		s->settings[s->count++].value = value;
	}
	return 0;
}

/* name, value, name, value, ..., each ended by a zero byte, then one zero byte more. */
static int take_settings(struct startup *s, const char *at, const char *end, struct err *err)
{
	static const char layout[] = "invalid startup packet layout: expected terminator as last byte";

	while (at < end && *at) {
		const char *name = at, *value;

		at = memchr(at, 0, (size_t)(end - at));
		if (!at)
			return refuse(err, "08P01", layout);
		value = ++at;
		at = at < end ? memchr(at, 0, (size_t)(end - at)) : NULL;
		if (!at)
			return refuse(err, "08P01", layout);
		at++;
		if (take_setting(s, name, value, err))
			return -1;
	}
	if (at + 1 != end)
		return refuse(err, "08P01", layout);
	if (!s->user || !*s->user)
		return refuse(err, "28000", "no PostgreSQL user name specified in startup packet");
	if (!s->database || !*s->database)
		s->database = s->user;
	return 0;
}

static int parse_session(struct startup *s, uint32_t version, const char *bytes, size_t len, struct err *err)
{
	if (version >> 16 != 3) {
		err_set(err, ERR_DATABASE, "unsupported frontend protocol %u.%u: server supports 3.0 to 3.0",
			version >> 16, version & 0xffff);
		if (err)
			snprintf(err->sqlstate, sizeof(err->sqlstate), "0A000");
		return -1;
	}
	s->kind = STARTUP_KIND_SESSION;
	s->minor = (int)(version & 0xffff);
	s->bytes = mem_alloc(len + 1);
	if (!s->bytes)
		return err_nomem(err);
	memcpy(s->bytes, bytes, len);
	return take_settings(s, s->bytes + 8, s->bytes + len, err);
}

int startup_parse(const void *bytes, size_t len, struct startup *out, struct err *err)
{
	const unsigned char *p = bytes;
	struct startup s = { 0 };
	uint32_t code;

	memset(out, 0, sizeof(*out));
	if (len < STARTUP_MIN_BYTES || startup_length(p) != len)
		return refuse(err, "08P01", "invalid length of startup packet");
	code = wire_get32(p + 4);
	switch (code) {
	case STARTUP_SSL:
	case STARTUP_GSSENC:
		if (len != 8)
			return refuse(err, "08P01", "invalid length of startup packet");
		s.kind = code == STARTUP_SSL ? STARTUP_KIND_SSL : STARTUP_KIND_GSSENC;
		break;
	case STARTUP_CANCEL:
		if (len != 16)
			return refuse(err, "08P01", "invalid length of startup packet");
		s.kind = STARTUP_KIND_CANCEL;
		s.cancel_pid = wire_get32(p + 8);
		s.cancel_key = wire_get32(p + 12);
		break;
	default:
		if (parse_session(&s, code, bytes, len, err)) {
			startup_clear(&s);
			return -1;
		}
	}
	*out = s;
	return 0;
}

void startup_clear(struct startup *s)
{
	mem_free(s->bytes);
	mem_free(s->settings);
	mem_free(s->unknown);
	memset(s, 0, sizeof(*s));
}

void startup_negotiate(const struct startup *s, struct buf *out)
{
	size_t mark;

	if (s->minor == 0 && s->unknown_count == 0)
		return;
	mark = message_begin(out, 'v');
	message_put32(out, STARTUP_VERSION_3);
	message_put32(out, (uint32_t)s->unknown_count);
	for (size_t i = 0; i < s->unknown_count; i++)
		message_put_text(out, s->unknown[i]);
	message_end(out, mark);
}
