#include "sandbox/cluster/server.h"

#include <sys/stat.h>

#include "sandbox/cluster/parameters.h"
#include "sandbox/wire/backend.h"
#include "spark/base/file.h"
#include "spark/base/mem.h"

#define CONNECT_BOUND_MS 30000
#define RESTART_TRIES    50
#define RESTART_NAP_MS   200

/* Named by the document once and for all, because a cluster may be renamed; without that member by the id. */
static char *folder_name(const struct cluster *c, const struct json *doc)
{
	char *name = mem_strdup(json_str(doc, "folder", c->doc_id));

	for (char *p = name; p && *p; p++)
		if (*p == '/')
			*p = '_';
	return name;
}

int server_make_folder(struct cluster *c, const struct json *doc, struct err *err)
{
	struct clusters *all = c->all;
	char *parent = file_join(all->world->dir, "clusters"), *name = folder_name(c, doc);
	mode_t mode = all->tools.uid == (uid_t)-1 ? 0700 : 0711;
	int rc = -1;

	if (!parent || !name) {
		err_nomem(err);
		goto out;
	}
	if (!c->dir)
		c->dir = file_join(parent, name);
	if (!c->dir) {
		err_nomem(err);
		goto out;
	}
	if (file_make_dirs(parent, mode, err) || pgtools_make_dir(&all->tools, c->dir, err))
		goto out;
	if (!c->socket_dir)
		c->socket_dir = pgsocket_dir(&all->tools, all->world->dir, name, err);
	rc = c->socket_dir ? 0 : -1;
out:
	mem_free(parent);
	mem_free(name);
	return rc;
}

/* A group's parameters are for users: what the sandbox itself asks the server must not end after a user's time. */
static int exempt_superuser(struct cluster *c, struct err *err)
{
	static const char *const settings[] = { "statement_timeout = 0", "search_path = \"$user\", public",
						"DateStyle = 'ISO, MDY'", "extra_float_digits = 0" };
	struct backend b;
	int rc;

	backend_init(&b);
	rc = backend_open_super(&b, c->socket_dir, PGSERVER_SUPERUSER, PGSERVER_HOME_DB, NULL, CONNECT_BOUND_MS, err);
	for (size_t i = 0; !rc && i < sizeof(settings) / sizeof(*settings); i++) {
		char sql[128];

		snprintf(sql, sizeof(sql), "ALTER ROLE " PGSERVER_SUPERUSER " SET %s", settings[i]);
		rc = backend_query(&b, sql, NULL, NULL, err);
	}
	backend_close(&b);
	return rc;
}

int server_start(struct cluster *c, struct err *err)
{
	struct pgserver_settings settings = { .count = 0 };
	struct pgserver_options o = { .tools = &c->all->tools,
				      .dir = c->dir,
				      .socket_dir = c->socket_dir,
				      .max_sessions = c->all->max_sessions,
				      .settings = &settings };
	int rc;

	if (c->server)
		return 0;
	if (parameters_settings(c->parameters, &settings, err))
		return -1;
	rc = pgserver_start(&o, &c->server, err);
	if (!rc && settings.count && exempt_superuser(c, err)) {
		pgserver_stop(c->server);
		c->server = NULL;
		rc = -1;
	}
	pgserver_settings_clear(&settings);
	return rc;
}

/* Sub-processes of a server that was killed hold its memory for a moment, in which a new one refuses to start. */
int server_restart(struct cluster *c, struct err *err)
{
	for (int tries = 0;; tries++) {
		pgserver_stop(c->server);
		c->server = NULL;
		if (!server_start(c, err))
			return 0;
		if (tries == RESTART_TRIES || clock_sleep(c->all->world->clock, RESTART_NAP_MS, &c->abandon))
			return -1;
	}
}

/* require_ssl of the group, as the server was started with it: what is changed holds from the next reboot on. */
static bool ssl_required(const struct json *parameters)
{
	return strcmp(json_str(parameters, "require_ssl", "false"), "true") == 0;
}

static int open_port(struct cluster *c, int port, struct err *err)
{
	struct gateway_options o = { .world = c->all->world,
				     .doc_id = c->doc_id,
				     .host = c->all->bind_host,
				     .port = port,
				     .socket_dir = c->socket_dir,
				     .superuser = PGSERVER_SUPERUSER,
				     .tls = c->all->tls,
				     .tls_required = c->all->tls && ssl_required(c->parameters),
				     .max_sessions = c->all->max_sessions,
				     .server_uid = c->all->tools.uid,
				     .server_gid = c->all->tools.gid };
	char *history = file_join(c->dir, "data/sparkctl_history"),
	     *answers = file_join(c->dir, "data/sparkctl_answers");
	struct gateway *g = NULL;
	int rc;

	o.history_dir = history;
	o.answers_dir = answers;
	rc = history && answers ? gateway_start(&o, &g, err) : err_nomem(err);
	mem_free(history);
	mem_free(answers);
	if (rc)
		return -1;
	pthread_mutex_lock(&c->all->lock);
	c->gateway = g;
	pthread_mutex_unlock(&c->all->lock);
	c->port = port;
	return 0;
}

int server_open_port(struct cluster *c, const struct json *doc, struct err *err)
{
	int port = (int)json_int(doc, "port", 5439);

	if (c->gateway && c->port == port)
		return 0;
	server_close_port(c);
	return open_port(c, port, err);
}

void server_close_port(struct cluster *c)
{
	struct gateway *g;

	pthread_mutex_lock(&c->all->lock);
	g = c->gateway;
	c->gateway = NULL;
	pthread_mutex_unlock(&c->all->lock);
	gateway_stop(g);
}

void server_stop(struct cluster *c)
{
	server_close_port(c);
	pgserver_stop(c->server);
	c->server = NULL;
	pgsocket_remove(c->socket_dir);
	mem_free(c->socket_dir);
	c->socket_dir = NULL;
}

void server_quote(struct buf *out, const char *text, char mark)
{
	buf_putc(out, mark);
	for (; *text; text++) {
		if (*text == mark)
			buf_putc(out, mark);
		buf_putc(out, *text);
	}
	buf_putc(out, mark);
}

static bool is_md5_verifier(const char *text)
{
	return strncmp(text, "md5", 3) == 0 && strlen(text) == 35 && strspn(text + 3, "0123456789abcdef") == 32;
}

/* The master user is no superuser, as in Redshift; but he sees and may change what other users have, and ends their
 * sessions. Each part is a query of its own: CREATE DATABASE runs outside of transactions only. */
int server_make_master(struct cluster *c, const struct json *doc, struct err *err)
{
	const char *master = json_str(doc, "masterUsername", ""), *database = json_str(doc, "dbName", "dev");
	const char *verifier = json_str(doc, "masterVerifier", "");
	struct buf user, db, sql;
	struct backend b;
	int rc = -1;

	buf_init(&user, 4096);
	buf_init(&db, 4096);
	buf_init(&sql, 65536);
	backend_init(&b);
	if (!*master || !*database || !is_md5_verifier(verifier)) {
		err_set(err, ERR_BUG, "the cluster's document lacks its user, database or password");
		goto out;
	}
	server_quote(&user, master, '"');
	server_quote(&db, database, '"');
	if (backend_open_super(&b, c->socket_dir, PGSERVER_SUPERUSER, PGSERVER_HOME_DB, NULL, CONNECT_BOUND_MS, err))
		goto out;
	buf_printf(&sql,
		   "CREATE ROLE %s LOGIN CREATEDB CREATEROLE PASSWORD '%s';"
		   "GRANT pg_read_all_data, pg_write_all_data, pg_monitor, pg_signal_backend TO %s;"
		   "ALTER DATABASE dev OWNER TO %s",
		   user.data, verifier, user.data, user.data);
	if (buf_check(&sql, "a statement", err) || backend_query(&b, sql.data, NULL, NULL, err))
		goto out;
	if (strcmp(database, "dev") != 0) {
		buf_reset(&sql);
		buf_printf(&sql, "CREATE DATABASE %s OWNER %s", db.data, user.data);
		if (buf_check(&sql, "a statement", err) || backend_query(&b, sql.data, NULL, NULL, err))
			goto out;
	}
	rc = 0;
out:
	backend_close(&b);
	buf_wipe(&sql);
	buf_clear(&user);
	buf_clear(&db);
	return rc;
}

int server_set_password(struct cluster *c, const struct json *doc, struct err *err)
{
	const char *verifier = json_str(doc, "masterVerifier", "");
	struct backend b;
	struct buf sql;
	int rc = -1;

	buf_init(&sql, 65536);
	backend_init(&b);
	if (!is_md5_verifier(verifier)) {
		err_set(err, ERR_BUG, "the cluster's document lacks its password");
		goto out;
	}
	buf_puts(&sql, "ALTER ROLE ");
	server_quote(&sql, json_str(doc, "masterUsername", ""), '"');
	buf_printf(&sql, " PASSWORD '%s'", verifier);
	if (buf_check(&sql, "a statement", err) ||
	    backend_open_super(&b, c->socket_dir, PGSERVER_SUPERUSER, PGSERVER_HOME_DB, NULL, CONNECT_BOUND_MS, err))
		goto out;
	rc = backend_query(&b, sql.data, NULL, NULL, err);
out:
	backend_close(&b);
	buf_wipe(&sql);
	return rc;
}
