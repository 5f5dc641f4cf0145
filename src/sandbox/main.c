#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sandbox/archive/move.h"
#include "sandbox/fault/faults.h"
#include "sandbox/home.h"
#include "sandbox/http/redshift/redshift_schedule.h"
#include "sandbox/record/record.h"
#include "sandbox/seed.h"
#include "sandbox/tls/names.h"
#include "sandbox/tls/tls.h"
#include "spark/base/env.h"
#include "spark/base/file.h"
#include "spark/base/log.h"
#include "spark/base/mem.h"
#include "spark/sandbox/access.h"
#include "spark/sandbox/clusters.h"
#include "spark/sandbox/http.h"
#include "spark/sandbox/https.h"
#include "spark/sandbox/statements.h"

/* The local cloud's daemon. It stays in the foreground of whoever started it: detaching is the client's work. */

#define ACCOUNT_ID        "123456789012"
#define MAX_ALLOWED_HOSTS 32

struct settings {
	const char *dir, *bind, *region, *pg_bindir, *strict, *export_to, *import_from;
	const char *allowed_hosts[MAX_ALLOWED_HOSTS + 1]; /* NULL-terminated */
	int port, https_port, ready_fd, time_scale, max_sessions, snapshot_interval, log_interval;
	bool foreground, verbose, allow_retired;
};

static const char usage_text[] =
	"usage: sparkctl-sandbox [options]\n"
	"\n"
	"The sandbox of sparkctl: AWS's APIs (IAM, STS, EC2, Redshift, S3) on one HTTP port, and a\n"
	"PostgreSQL server behind a Redshift gateway for each cluster. `sparkctl sandbox start` runs it.\n"
	"\n"
	"  --dir DIR         folder of its state (default: where sparkctl looks)\n"
	"  --port N          port of the APIs, 0 for any (default 4566)\n"
	"  --https-port N    port of the same with TLS (default: --port plus 1, or any that is free)\n"
	"  --bind ADDRESS    address to listen on (default 127.0.0.1)\n"
	"  --allow-host NAME,...  names by which clients reach it too: in its certificate, and heard as Host\n"
	"  --max-connections N  sessions that a cluster lets in (default 500, as Redshift)\n"
	"  --region REGION   region of what is made before any call (default us-west-2)\n"
	"  --pg-bindir DIR   folder of PostgreSQL's programs, 15 or newer (default: looked for)\n"
	"  --time-scale N    how long clusters take, in percent of AWS (default 0: no longer than they need)\n"
	"  --snapshot-interval N  seconds between automated snapshots of a cluster, 0 for none (default\n"
	"                    28800, 8 hours, as AWS)\n"
	"  --log-interval N  seconds between deliveries of audit logs to their bucket (default 60)\n"
	"  --allow-retired-node-types  dc2 clusters can be made, which AWS does not offer any more\n"
	"  --export FILE     write all that it holds into an archive, and end; it must not run\n"
	"  --import FILE     begin a sandbox from such an archive, and end; there must be none yet\n"
	"  --strict yes|no   clusters refuse SQL that PostgreSQL knows and Redshift does not (default: as\n"
	"                    said last, else no)\n"
	"  --foreground      say `ready <endpoint>` on standard output\n"
	"  --ready-fd N      say so on this descriptor instead, or `error <exit code> <text><tab><hint>`\n"
	"  -v, --verbose     log more; with --foreground, to standard error\n"
	"  --version, -h, --help\n";

enum {
	OPTION_DIR = 256,
	OPTION_PORT,
	OPTION_HTTPS_PORT,
	OPTION_BIND,
	OPTION_ALLOW_HOST,
	OPTION_MAX_SESSIONS,
	OPTION_REGION,
	OPTION_BINDIR,
	OPTION_SCALE,
	OPTION_SNAPSHOTS,
	OPTION_LOGS,
	OPTION_RETIRED,
	OPTION_STRICT,
	OPTION_FOREGROUND,
	OPTION_READY,
	OPTION_EXPORT,
	OPTION_IMPORT,
	OPTION_VERSION
};

static const struct option long_options[] = {
	{ "dir", required_argument, NULL, OPTION_DIR },
	{ "port", required_argument, NULL, OPTION_PORT },
	{ "https-port", required_argument, NULL, OPTION_HTTPS_PORT },
	{ "export", required_argument, NULL, OPTION_EXPORT },
	{ "import", required_argument, NULL, OPTION_IMPORT },
	{ "bind", required_argument, NULL, OPTION_BIND },
	{ "allow-host", required_argument, NULL, OPTION_ALLOW_HOST },
	{ "max-connections", required_argument, NULL, OPTION_MAX_SESSIONS },
	{ "region", required_argument, NULL, OPTION_REGION },
	{ "pg-bindir", required_argument, NULL, OPTION_BINDIR },
	{ "time-scale", required_argument, NULL, OPTION_SCALE },
	{ "snapshot-interval", required_argument, NULL, OPTION_SNAPSHOTS },
	{ "log-interval", required_argument, NULL, OPTION_LOGS },
	{ "allow-retired-node-types", no_argument, NULL, OPTION_RETIRED },
	{ "strict", required_argument, NULL, OPTION_STRICT },
	{ "foreground", no_argument, NULL, OPTION_FOREGROUND },
	{ "ready-fd", required_argument, NULL, OPTION_READY },
	{ "verbose", no_argument, NULL, 'v' },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static int parse_number(const char *name, const char *text, int max, int *out, struct err *err)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || n > max) {
		err_set(err, ERR_USAGE, "'%s' is no value for --%s", text, name);
		return err_hint(err, "give a whole number from 0 to %d", max);
	}
	*out = (int)n;
	return 0;
}

/* The options that are whole numbers: 1 when c is one of them, 0 when not, -1 with err. */
static int take_number(int c, struct settings *s, struct err *err)
{
	const struct {
		int option, max, *to;
		const char *name;
	} rows[] = {
		{ OPTION_PORT, 65535, &s->port, "port" },
		{ OPTION_HTTPS_PORT, 65535, &s->https_port, "https-port" },
		{ OPTION_SCALE, 10000, &s->time_scale, "time-scale" },
		{ OPTION_SNAPSHOTS, INT32_MAX, &s->snapshot_interval, "snapshot-interval" },
		{ OPTION_LOGS, INT32_MAX, &s->log_interval, "log-interval" },
		{ OPTION_READY, 1 << 20, &s->ready_fd, "ready-fd" },
		{ OPTION_MAX_SESSIONS, 10000, &s->max_sessions, "max-connections" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].option == c)
			return parse_number(rows[i].name, optarg, rows[i].max, rows[i].to, err) ? -1 : 1;
	return 0;
}

static int allow_host(struct settings *s, char *name, struct err *err)
{
	size_t n = 0;
	char *rest = NULL;

	while (s->allowed_hosts[n])
		n++;
	/* The argument is the process's own to write to. */
	for (name = strtok_r(name, ", ", &rest); name; name = strtok_r(NULL, ", ", &rest)) {
		if (n == MAX_ALLOWED_HOSTS)
			return err_set(err, ERR_USAGE, "--allow-host has more than %d names", MAX_ALLOWED_HOSTS);
		s->allowed_hosts[n++] = name;
	}
	return 0;
}

/* The options that are text: true when c is one of them. */
static bool take_text(int c, struct settings *s)
{
	const struct {
		int option;
		const char **to;
	} rows[] = {
		{ OPTION_DIR, &s->dir },          { OPTION_BIND, &s->bind },        { OPTION_REGION, &s->region },
		{ OPTION_BINDIR, &s->pg_bindir }, { OPTION_EXPORT, &s->export_to }, { OPTION_IMPORT, &s->import_from },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (rows[i].option != c)
			continue;
		*rows[i].to = optarg;
		return true;
	}
	return false;
}

static int take_strict(struct settings *s, struct err *err)
{
	if (strcmp(optarg, "yes") != 0 && strcmp(optarg, "no") != 0) {
		err_set(err, ERR_USAGE, "'%s' is no value for --strict", optarg);
		return err_hint(err, "give yes or no");
	}
	s->strict = optarg;
	return 0;
}

/* 0: go on; 1: asked for and printed, end well; -1: err. */
static int parse_options(int argc, char **argv, struct settings *s, struct err *err)
{
	int c, number;

	opterr = 0;
	while ((c = getopt_long(argc, argv, ":hv", long_options, NULL)) != -1) {
		number = take_number(c, s, err);
		if (number < 0)
			return -1;
		if (number || take_text(c, s))
			continue;
		switch (c) {
		case OPTION_ALLOW_HOST:
			if (allow_host(s, optarg, err))
				return -1;
			break;
		case OPTION_STRICT:
			if (take_strict(s, err))
				return -1;
			break;
		case OPTION_RETIRED:
			s->allow_retired = true;
			break;
		case OPTION_FOREGROUND:
			s->foreground = true;
			break;
		case 'v':
			s->verbose = true;
			break;
		case 'h':
			fputs(usage_text, stdout);
			return 1;
		case OPTION_VERSION:
			fputs("sparkctl-sandbox " SPARK_VERSION "\n", stdout);
			return 1;
		default:
			err_set(err, ERR_USAGE, c == ':' ? "option '%s' needs a value" : "unknown option '%s'",
				argv[optind - 1]);
			return err_hint(err, "see sparkctl-sandbox --help");
		}
	}
	if (optind < argc) {
		err_set(err, ERR_USAGE, "unexpected argument '%s'", argv[optind]);
		return err_hint(err, "see sparkctl-sandbox --help");
	}
	return 0;
}

/* Whoever started us reads one line of the descriptor; a reader that has gone is no failure of ours. */
static void tell(const struct settings *s, const char *line)
{
	if (s->ready_fd >= 0) {
		if (file_write_all(s->ready_fd, line, strlen(line), NULL))
			log_warn("nobody reads descriptor %d", s->ready_fd);
		close(s->ready_fd);
	} else if (s->foreground) {
		fputs(line, stdout);
		fflush(stdout);
	}
}

static void add_one_line(struct buf *line, const char *text)
{
	for (; *text; text++)
		buf_putc(line, *text == '\n' || *text == '\t' ? ' ' : *text);
}

static int report_failure(const struct settings *s, const struct err *err)
{
	int code = err_exit_code(err);
	struct buf line;

	fprintf(stderr, "sparkctl-sandbox: %s\n", err->text);
	if (err->hint[0])
		fprintf(stderr, "hint: %s\n", err->hint);
	if (s->ready_fd < 0)
		return code;
	buf_init(&line, 8192);
	buf_printf(&line, "error %d ", code);
	add_one_line(&line, err->text);
	buf_putc(&line, '\t');
	add_one_line(&line, err->hint);
	buf_putc(&line, '\n');
	tell(s, line.data);
	buf_clear(&line);
	return code;
}

/* Everything that main opens, in the order of opening. */
struct parts {
	struct home home;
	struct world world;
	struct scheduler *scheduler;
	struct http_server *http, *https;
	struct ca *ca;
	struct https_keys keys;
	struct tls_server *tls; /* of the clusters' ports */
	struct secret secret;
};

static void close_parts(struct parts *p)
{
	http_server_stop(p->https);
	http_server_stop(p->http);
	scheduler_stop(p->scheduler);
	statements_close(p->world.statements);
	clusters_close(p->world.clusters);
	tls_server_free(p->tls);
	objects_close(p->world.objects);
	store_close(p->world.store);
	record_close(p->world.record);
	faults_close(p->world.faults);
	https_keys_clear(&p->keys);
	ca_close(p->ca);
	secret_clear(&p->secret);
	log_setup(stderr, LOG_WARN);
	home_close(&p->home);
}

static int open_stores(struct parts *p, struct err *err)
{
	char *store = home_subfolder(&p->home, "store", err);
	char *objects = store ? home_subfolder(&p->home, "objects", err) : NULL;
	int rc = -1;

	if (objects && !store_open(store, &p->world.store, err) && !objects_open(objects, &p->world.objects, err))
		rc = 0;
	mem_free(store);
	mem_free(objects);
	return rc;
}

/* A port that was asked for has to be had. Where none was, the one behind the HTTP port is the habit, any other is as
 * good: nobody knows it but from `sandbox env`. */
static int start_https(struct parts *p, const struct settings *s, struct err *err)
{
	int port = s->https_port;

	if (port < 0)
		port = s->port && s->port < 65535 ? s->port + 1 : 0;
	if (!https_server_start(&p->world, s->bind, port, &p->keys, &p->https, err))
		return 0;
	if (s->https_port >= 0 || err->kind != ERR_CONFLICT)
		return -1;
	log_info("HTTPS takes another port: %s", err->text);
	return https_server_start(&p->world, s->bind, 0, &p->keys, &p->https, err);
}

static bool is_loopback(const char *address)
{
	return !strncmp(address, "127.", 4) || !strcmp(address, "::1");
}

/* One certificate for all that speaks TLS here. */
static int open_keys(struct parts *p, const struct settings *s, struct err *err)
{
	struct tls_names names = { 0 };
	int rc = -1;

	if (!ca_open(p->home.dir, &p->ca, err) && !tls_names_make(s->bind, s->allowed_hosts, &names, err) &&
	    !https_keys_make(p->ca, (const char *const *)names.list, names.count, &p->keys, err))
		rc = tls_server_new(&p->keys.cert, &p->keys.key, &p->tls, err);
	tls_names_clear(&names);
	return rc;
}

static int open_extras(struct parts *p, const struct settings *s, struct err *err)
{
	if (!is_loopback(s->bind))
		log_warn("everybody who reaches %s can talk to this sandbox, and with its keys use it", s->bind);
	return open_keys(p, s, err) || faults_open(&p->world.faults, err) ||
			       record_open(p->home.dir, &p->world.record, err)
		       ? -1
		       : 0;
}

/* Beside the port, a socket in the sandbox's folder: the quicker way for sparkctl itself. */
static int start_http(struct parts *p, const struct settings *s, struct err *err)
{
	char *path = file_join(p->home.dir, "http.sock");
	int rc = path ? http_server_start(&p->world, s->bind, s->port, path, &p->http, err) : err_nomem(err);

	mem_free(path);
	return rc;
}

static int open_parts(struct parts *p, const struct settings *s, struct err *err)
{
	struct clusters_options co = { .pg_bindir = s->pg_bindir,
				       .bind_host = s->bind,
				       .allow_retired_node_types = s->allow_retired,
				       .max_sessions = s->max_sessions };
	struct world *w = &p->world;
	char key_id[129];

	if (home_open(&p->home, s->dir, err))
		return -1;
	log_setup(s->foreground && s->verbose ? stderr : p->home.log, s->verbose ? LOG_DEBUG : LOG_INFO);
	log_info("sparkctl-sandbox " SPARK_VERSION " starts in '%s'", p->home.dir);
	w->clock = &clock_system;
	w->dir = p->home.dir;
	if (home_keep_strict(&p->home, s->strict, &w->strict, err))
		return -1;
	w->time_scale_percent = s->time_scale;
	w->log_interval_ms = s->log_interval * INT64_C(1000);
	w->snapshot_interval_ms = s->snapshot_interval * INT64_C(1000);
	w->allowed_hosts = s->allowed_hosts;
	snprintf(w->account, sizeof(w->account), ACCOUNT_ID);
	snprintf(w->default_region, sizeof(w->default_region), "%s", s->region);
	if (open_extras(p, s, err) || open_stores(p, err))
		return -1;
	co.tls = p->tls;
	if (access_ensure_root(w, key_id, &p->secret, err) ||
	    home_write_credentials(&p->home, key_id, &p->secret, err) || clusters_open(w, &co, &w->clusters, err) ||
	    statements_open(w, &w->statements, err) || seed_ensure(w, err) || scheduler_start(w, &p->scheduler, err) ||
	    start_http(p, s, err) || start_https(p, s, err))
		return -1;
	return 0;
}

/* Where this machine's own clients find what listens on all addresses. */
static const char *reachable(const char *bind)
{
	return !strcmp(bind, "0.0.0.0") ? "127.0.0.1" : !strcmp(bind, "::") ? "::1" : bind;
}

static int announce(struct parts *p, const struct settings *s, struct err *err)
{
	struct home_announcement a = { .version = SPARK_VERSION,
				       .account = p->world.account,
				       .region = p->world.default_region,
				       .strict = p->world.strict,
				       .port = http_server_port(p->http),
				       .https_port = http_server_port(p->https),
				       .ca_path = ca_path(p->ca),
				       .started_ms = clock_now(p->world.clock) };
	const char *host = reachable(s->bind);
	bool v6 = strchr(host, ':') != NULL;
	char endpoint[160], https[160], line[200];

	snprintf(endpoint, sizeof(endpoint), "http://%s%s%s:%d", v6 ? "[" : "", host, v6 ? "]" : "", a.port);
	snprintf(https, sizeof(https), "https://%s%s%s:%d", v6 ? "[" : "", host, v6 ? "]" : "", a.https_port);
	a.endpoint = endpoint;
	a.https_endpoint = https;
	a.socket_path = http_server_local_path(p->http);
	if (home_announce(&p->home, &a, err))
		return -1;
	snprintf(line, sizeof(line), "ready %s\n", endpoint);
	log_info("%s", "ready");
	tell(s, line);
	return 0;
}

#define DESCRIPTORS_MAX 65536

/* A session has two, its client's and its server's, and a shell's limit of 1,024 would end at 500 of them. */
static void raise_descriptors(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) || r.rlim_cur >= DESCRIPTORS_MAX)
		return;
	r.rlim_cur = r.rlim_max < DESCRIPTORS_MAX ? r.rlim_max : DESCRIPTORS_MAX;
	(void)setrlimit(RLIMIT_NOFILE, &r);
}

static int run(const struct settings *s, struct err *err)
{
	struct parts parts = { .home = { .lock_fd = -1 } };
	sigset_t stops;
	int rc = -1, sig = 0;

	/* Blocked here so that every thread inherits it and the signals wait for sigwait() below. */
	sigemptyset(&stops);
	sigaddset(&stops, SIGINT);
	sigaddset(&stops, SIGTERM);
	sigaddset(&stops, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &stops, NULL);
	signal(SIGPIPE, SIG_IGN);
	raise_descriptors();
	if (open_parts(&parts, s, err) || announce(&parts, s, err))
		goto out;
	sigwait(&stops, &sig);
	log_info("signal %d: stopping", sig);
	rc = 0;
out:
	if (rc && parts.home.log)
		log_error("%s", err->text);
	close_parts(&parts);
	return rc;
}

/* Instead of a daemon: the whole folder out, or in. */
static int move(const struct settings *s, struct err *err)
{
	if (s->export_to && s->import_from)
		return err_set(err, ERR_USAGE, "--export and --import exclude each other");
	signal(SIGPIPE, SIG_IGN);
	return s->export_to ? move_export(s->dir, s->export_to, s->pg_bindir, err)
			    : move_import(s->dir, s->import_from, s->pg_bindir, err);
}

int main(int argc, char **argv)
{
	struct settings s = { .bind = "127.0.0.1",
			      .region = "us-west-2",
			      .port = 4566,
			      .https_port = -1,
			      .ready_fd = -1,
			      .snapshot_interval = 28800,
			      .log_interval = 60 };
	struct err err = { 0 };
	char *default_dir = NULL;
	int asked = parse_options(argc, argv, &s, &err), code = 0;

	if (asked > 0)
		return 0;
	if (asked == 0 && !s.dir)
		s.dir = default_dir = env_sandbox_dir(&err);
	if (asked < 0 || !s.dir || (s.export_to || s.import_from ? move(&s, &err) : run(&s, &err)))
		code = report_failure(&s, &err);
	mem_free(default_dir);
	return code;
}
