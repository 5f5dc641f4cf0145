#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sandbox/store/pgcatalog.h"
#include "sandbox/store/pgserver.h"
#include "sandbox/wire/backend.h"
#include "spark/base/file.h"
#include "spark/base/hash.h"
#include "spark/base/log.h"
#include "spark/base/mem.h"
#include "spark/base/proc.h"

#define INITDB_BOUND_MS  120000
#define CONNECT_BOUND_MS 30000
#define UNFINISHED       "template.new."

/* Raised when the way a template is made changes in a manner that the texts below do not show. */
#define TEMPLATE_FORMAT "2"

/* synchronous_commit off: a commit returns before its log record is on disk, which makes small statements several
 * times faster; a crash of the machine may lose the last fraction of a second, never consistency, because fsync stays
 * on. A crash of the daemon or the server alone loses nothing. wal_level minimal: a table that is created and loaded
 * in one transaction skips the log. wal_buffers, wal_writer_delay: the log of a load is written by the log's own
 * process while the session's goes on, and what a crash of the machine may lose gets shorter. password_encryption md5:
 * what a Redshift client's handshake needs. standard_conforming_strings off: a backslash escapes in Redshift's
 * literals. log_min_error_statement panic: statements may hold passwords, which do not belong into a log. jit: a
 * compilation costs more than it saves on a teaching-size warehouse. */
static const char server_settings[] = "listen_addresses = ''\n"
				      "port = 5432\n"
				      "unix_socket_permissions = 0700\n"
				      "max_connections = 200\n"
				      "superuser_reserved_connections = 20\n"
				      "shared_buffers = 128MB\n"
				      "work_mem = 32MB\n"
				      "maintenance_work_mem = 64MB\n"
				      "max_parallel_workers_per_gather = 2\n"
				      "dynamic_shared_memory_type = posix\n"
				      "fsync = on\n"
				      "synchronous_commit = off\n"
				      "wal_level = minimal\n"
				      "wal_buffers = 16MB\n"
				      "wal_writer_delay = 20ms\n"
				      "max_wal_senders = 0\n"
				      "max_wal_size = 2GB\n"
				      "checkpoint_timeout = 15min\n"
				      "jit = off\n"
				      "password_encryption = md5\n"
				      "standard_conforming_strings = off\n"
				      "escape_string_warning = off\n"
				      "backslash_quote = on\n"
				      "extra_float_digits = 0\n"
				      "timezone = 'UTC'\n"
				      "log_timezone = 'UTC'\n"
				      "datestyle = 'ISO, MDY'\n"
				      "lc_messages = 'C'\n"
				      "lc_monetary = 'C'\n"
				      "lc_numeric = 'C'\n"
				      "lc_time = 'C'\n"
				      "default_text_search_config = 'pg_catalog.simple'\n"
				      "log_min_messages = warning\n"
				      "log_min_error_statement = panic\n"
				      "log_checkpoints = off\n"
				      "log_line_prefix = '%m [%p] '\n";

static const char server_access[] = "local all all trust\n";

/* Run in template1 after the catalogue's files. In Redshift everybody may create in schema public; there is no
 * database "postgres" but an internal one. */
static const char *const template_sql[] = {
	"GRANT CREATE ON SCHEMA public TO PUBLIC",
	"DROP DATABASE postgres",
	"CREATE DATABASE padb_harvest",
	"CREATE DATABASE dev",
	"REVOKE CONNECT ON DATABASE padb_harvest FROM PUBLIC",
	"REVOKE CONNECT ON DATABASE template1 FROM PUBLIC",
};

static int template_key(const struct pgtools *t, char out[SHA256_HEX], struct err *err)
{
	struct buf all;
	int rc;

	buf_init(&all, BUF_MAX_DEFAULT);
	buf_printf(&all, "%s\n%s\n%s\n%s\n", TEMPLATE_FORMAT, t->version, server_settings, server_access);
	for (size_t i = 0; i < sizeof(template_sql) / sizeof(template_sql[0]); i++)
		buf_printf(&all, "%s\n", template_sql[i]);
	pgcatalog_put_texts(&all);
	rc = buf_check(&all, "the catalogue's SQL", err);
	if (!rc)
		rc = hash_sha256_hex(all.data, all.len, out, err);
	buf_clear(&all);
	return rc;
}

static bool is_current(const char *template_dir, const char *key)
{
	char *path = file_join(template_dir, "key");
	struct buf text;
	bool same;

	buf_init(&text, 4096);
	same = path && file_exists(path) && !file_read(path, &text, NULL) && strcmp(text.data, key) == 0;
	buf_clear(&text);
	mem_free(path);
	return same;
}

static int run_initdb(const struct pgtools *t, const char *data, struct err *err)
{
	char *program = file_join(t->bindir, "initdb");
	/* --no-sync: the whole is written to disk before its key is. */
	const char *argv[] = { program,
			       "--pgdata",
			       data,
			       "--username=" PGSERVER_SUPERUSER,
			       "--auth=trust",
			       "--locale=C",
			       "--encoding=UTF8",
			       "--no-sync",
			       "--no-instructions",
			       NULL };
	struct buf text;
	int code = 0, rc = -1;

	buf_init(&text, BUF_MAX_DEFAULT);
	if (!program) {
		err_nomem(err);
		goto out;
	}
	if (proc_run(argv, t->uid, t->gid, INITDB_BOUND_MS, &text, &code, err))
		goto out;
	if (code) {
		const char *why = strstr(text.data, "initdb: error: ");

		err_set(err, ERR_CONFIG, "initdb failed with exit code %d: %.600s", code, why ? why : text.data);
		goto out;
	}
	rc = 0;
out:
	mem_free(program);
	buf_clear(&text);
	return rc;
}

static int write_config(const char *data, struct err *err)
{
	char *settings = file_join(data, "postgresql.conf"), *access = file_join(data, "pg_hba.conf");
	int rc = -1;

	if (!settings || !access)
		err_nomem(err);
	else if (!file_write_atomic(settings, server_settings, strlen(server_settings), 0600, err) &&
		 !file_write_atomic(access, server_access, strlen(server_access), 0600, err))
		rc = 0;
	mem_free(settings);
	mem_free(access);
	return rc;
}

static int fill_template(const char *socket_dir, struct err *err)
{
	struct backend b;
	int rc = -1;

	backend_init(&b);
	if (pgcatalog_fill(socket_dir, "template1", err) ||
	    backend_open_super(&b, socket_dir, PGSERVER_SUPERUSER, "template1", NULL, CONNECT_BOUND_MS, err))
		goto out;
	for (size_t i = 0; i < sizeof(template_sql) / sizeof(template_sql[0]); i++)
		if (backend_query(&b, template_sql[i], NULL, NULL, err))
			goto out;
	rc = 0;
out:
	backend_close(&b);
	return rc;
}

static int build(const struct pgtools *t, const char *home, const char *dir, const char *key, struct err *err)
{
	char *data = file_join(dir, "data"), *key_path = file_join(dir, "key"), *sockets = NULL;
	struct pgserver_options options = { .tools = t, .dir = dir };
	struct pgserver *server = NULL;
	int rc = -1;

	if (!data || !key_path) {
		err_nomem(err);
		goto out;
	}
	sockets = pgsocket_dir(t, home, strrchr(dir, '/') + 1, err);
	if (!sockets || pgtools_make_dir(t, dir, err) || run_initdb(t, data, err) || write_config(data, err) ||
	    pgtools_own_tree(t, data, err))
		goto out;
	options.socket_dir = sockets;
	if (pgserver_start(&options, &server, err) || fill_template(sockets, err))
		goto out;
	pgserver_stop(server);
	server = NULL;
	if (!pgcatalog_mark(data, err) && !pgtools_own_tree(t, data, err) && !pgtools_sync(data, err))
		rc = file_write_atomic(key_path, key, strlen(key), 0600, err);
out:
	pgserver_stop(server);
	pgsocket_remove(sockets);
	mem_free(sockets);
	mem_free(data);
	mem_free(key_path);
	return rc;
}

static int check_reach(const struct pgtools *t, const char *home, struct err *err)
{
	struct buf obstacle;
	int rc = 0;

	if (t->uid == (uid_t)-1)
		return 0;
	buf_init(&obstacle, 8192);
	if (!pgtools_may_enter(home, t->uid, t->gid, &obstacle)) {
		err_set(err, ERR_CONFIG, "user '%s', who runs the PostgreSQL servers, may not enter '%s'", t->user,
			obstacle.data);
		rc = err_hint(err, "choose a folder outside of it with --dir, such as /var/lib/sparkctl/sandbox, or "
				   "run as an ordinary user");
	}
	buf_clear(&obstacle);
	return rc;
}

/* What daemons left that died while they made a template. Their initdb may still be at work and in the way of the
 * removing: the next start takes the rest. */
static void remove_unfinished(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *entry;

	if (!d)
		return;
	while ((entry = readdir(d))) {
		char *path = strncmp(entry->d_name, UNFINISHED, strlen(UNFINISHED)) == 0 ? file_join(dir, entry->d_name)
											 : NULL;

		if (path && file_remove_tree(path, NULL))
			log_debug("'%s' cannot be removed yet", path);
		mem_free(path);
	}
	closedir(d);
}

char *pgtemplate_prepare(const struct pgtools *t, const char *home, struct err *err)
{
	/* A name of its own, for the reason that remove_unfinished() tells. */
	char *dir = file_join(home, "template"), *run = file_join(home, "run"), key[SHA256_HEX];
	char *fresh = mem_printf("%s/" UNFINISHED "%ld", home, (long)getpid());
	int rc = -1;

	if (!dir || !fresh || !run) {
		err_nomem(err);
		goto out;
	}
	if (check_reach(t, home, err) || template_key(t, key, err))
		goto out;
	if (is_current(dir, key)) {
		rc = 0;
		goto out;
	}
	log_info("making the template of the clusters with PostgreSQL %s from '%s'", t->version, t->bindir);
	remove_unfinished(home);
	remove_unfinished(run);
	if (build(t, home, fresh, key, err) || file_remove_tree(dir, err))
		goto out;
	if (rename(fresh, dir)) {
		err_set_errno(err, ERR_IO, errno, "cannot rename '%s'", fresh);
		goto out;
	}
	rc = 0;
out:
	mem_free(fresh);
	mem_free(run);
	if (rc) {
		mem_free(dir);
		return NULL;
	}
	return dir;
}

int pgtemplate_copy(const struct pgtools *t, const char *template_dir, const char *dir, struct err *err)
{
	char *from = file_join(template_dir, "data"), *to = file_join(dir, "data");
	int rc = -1;

	if (!from || !to)
		err_nomem(err);
	else if (!file_remove_tree(to, err) && !file_copy_tree(from, to, err) && !pgtools_own_tree(t, to, err) &&
		 !pgtools_sync(to, err))
		rc = 0;
	mem_free(from);
	mem_free(to);
	return rc;
}
