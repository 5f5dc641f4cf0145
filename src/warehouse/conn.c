#include "spark/warehouse/conn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "spark/base/clock.h"
#include "spark/base/log.h"
#include "spark/base/mem.h"
#include "warehouse/cancel.h"
#include "warehouse/conn_error.h"
#include "warehouse/pq_api.h"
#include "warehouse/result.h"

/* How often a waiting call looks at the stop flag. A signal interrupts poll(), so this only bounds a stop that is
 * asked for by another thread. */
#define STOP_LOOK_MS 100
/* How long a cancelled statement may take to end before the session is given up. */
#define CANCEL_WAIT_MS 1500

struct conn {
	PGconn *pg;
	const volatile int *stop;
	void (*notice)(void *arg, const char *severity, const char *text);
	void *notice_arg;
	int64_t copied;
	bool broken; /* the protocol is out of step: no further statement */
	char where[300], operands[80];
	int port;
};

static bool is_stopped(const struct conn *c)
{
	return c->stop && *c->stop;
}

/* 1 ready, 0 time over or nothing yet, -1 failed. */
static int wait_ready(const struct conn *c, short events, int64_t left_ms)
{
	struct pollfd p = { .fd = pq.PQsocket(c->pg), .events = events };
	int n;

	if (p.fd < 0)
		return -1;
	n = poll(&p, 1, left_ms < STOP_LOOK_MS ? (int)(left_ms < 0 ? 0 : left_ms) : STOP_LOOK_MS);
	if (n < 0)
		return errno == EINTR ? 0 : -1;
	return n > 0;
}

static void copied_from_notice(struct conn *c, const char *text)
{
	static const char done[] = " record(s) loaded successfully";
	const char *at = strstr(text, done);

	if (strncmp(text, "Load into table ", 16) != 0 || !at)
		return;
	while (at > text && at[-1] >= '0' && at[-1] <= '9')
		at--;
	c->copied = strtoll(at, NULL, 10);
}

static void receive_notice(void *arg, const PGresult *res)
{
	struct conn *c = arg;
	const char *severity = pq.PQresultErrorField(res, PG_DIAG_SEVERITY);
	const char *text = pq.PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);

	if (!text)
		return;
	copied_from_notice(c, text);
	if (c->notice)
		c->notice(c->notice_arg, severity ? severity : "NOTICE", text);
}

static int interrupted(struct err *err)
{
	return err_set(err, ERR_INTERRUPTED, "interrupted");
}

/* libpq 15 tells of a file that OpenSSL had no descriptor for with the bytes of memory that nobody wrote (and reads
 * past their end), so we notice first. */
static int check_descriptors(const struct conn_options *o, struct err *err)
{
	int fd = o->ca_file ? open(o->ca_file, O_RDONLY | O_CLOEXEC) : -1;

	if (fd >= 0)
		close(fd);
	if (fd < 0 && o->ca_file && (errno == EMFILE || errno == ENFILE))
		return err_set_errno(err, ERR_IO, errno, "cannot read the certificates '%s'", o->ca_file);
	return 0;
}

/* Drives the start of the connection to its end. */
static int finish_connecting(struct conn *c, const struct conn_options *o, struct err *err)
{
	int64_t deadline = clock_mono(&clock_system) + o->connect_timeout_ms;
	PostgresPollingStatusType state = PGRES_POLLING_WRITING;

	while (state != PGRES_POLLING_OK) {
		int64_t left = deadline - clock_mono(&clock_system);
		int ready;

		if (is_stopped(c))
			return interrupted(err);
		if (state == PGRES_POLLING_FAILED)
			return connect_error_set(err, o->host, o->port, pq.PQerrorMessage(c->pg), o->operands);
		if (left <= 0) {
			err_set(err, ERR_TIMEOUT, "cannot connect to '%s:%d': timed out after %d s", o->host, o->port,
				(o->connect_timeout_ms + 999) / 1000);
			return connect_hint_set(err, o->operands);
		}
		ready = wait_ready(c, state == PGRES_POLLING_READING ? POLLIN : POLLOUT, left);
		if (ready != 0 && check_descriptors(o, err) < 0)
			return -1;
		if (ready != 0)
			state = pq.PQconnectPoll(c->pg);
	}
	return 0;
}

static int start_connecting(struct conn *c, const struct conn_options *o, struct err *err)
{
	const char *keys[16], *values[16];
	char port[16];
	size_t n = 0;

	(void)snprintf(port, sizeof(port), "%d", o->port);
#define PARAMETER(key, value) (keys[n] = (key), values[n] = (value), n++)
	PARAMETER("host", o->host);
	PARAMETER("port", port);
	PARAMETER("dbname", o->database);
	PARAMETER("user", o->user);
	if (o->password && secret_is_set(o->password))
		PARAMETER("password", secret_value(o->password));
	PARAMETER("sslmode", o->ssl_mode ? o->ssl_mode : "prefer");
	if (o->ca_file)
		PARAMETER("sslrootcert", o->ca_file);
	/* Redshift has no Kerberos: asking for it first costs a round trip */
	PARAMETER("gssencmode", "disable");
	PARAMETER("application_name", "sparkctl");
	/* Results are shown and written as UTF-8, whatever PGCLIENTENCODING says. */
	PARAMETER("client_encoding", "UTF8");
	/* A COPY is silent for minutes: routers on the way forget such a connection, and one that broke would be waited
	 * for without end. Source: Redshift management guide, "Change TCP/IP settings". */
	PARAMETER("keepalives_idle", "30");
	PARAMETER("keepalives_interval", "10");
	PARAMETER("keepalives_count", "6");
#undef PARAMETER
	keys[n] = NULL;
	values[n] = NULL;
	c->pg = pq.PQconnectStartParams(keys, values, 0);
	if (!c->pg)
		return err_nomem(err);
	if (pq.PQstatus(c->pg) == CONNECTION_BAD)
		return connect_error_set(err, o->host, o->port, pq.PQerrorMessage(c->pg), o->operands);
	(void)pq.PQsetErrorVerbosity(c->pg, PQERRORS_VERBOSE);
	(void)pq.PQsetNoticeReceiver(c->pg, receive_notice, c);
	return 0;
}

int conn_open(const struct conn_options *o, struct conn **out, struct err *err)
{
	struct conn *c;

	if (pq_load(err) < 0)
		return -1;
	c = mem_alloc(sizeof(*c));
	if (!c)
		return err_nomem(err);
	c->stop = o->stop;
	c->notice = o->notice;
	c->notice_arg = o->notice_arg;
	c->copied = -1;
	c->port = o->port;
	(void)snprintf(c->where, sizeof(c->where), "%s", o->host);
	(void)snprintf(c->operands, sizeof(c->operands), "%s%s", o->operands ? " " : "",
		       o->operands ? o->operands : "");
	if (start_connecting(c, o, err) < 0 || finish_connecting(c, o, err) < 0) {
		conn_close(c);
		return -1;
	}
	log_debug("connected to '%s:%d' as '%s'", o->host, o->port, o->user);
	*out = c;
	return 0;
}

void conn_close(struct conn *c)
{
	if (!c)
		return;
	if (c->pg)
		pq.PQfinish(c->pg);
	mem_free(c);
}

int64_t conn_copied_rows(const struct conn *c)
{
	return c->copied;
}

static int lost(struct conn *c, struct err *err)
{
	c->broken = true;
	err_set(err, ERR_UNREACHABLE, "the connection to '%s:%d' was lost", c->where, c->port);
	return err_hint(err, "see how the cluster is with: sparkctl status%s", c->operands);
}

/* The next result of the statement under way into *res, NULL when there is none left. When the user stops, the
 * statement is cancelled on the server and what is left of it is dropped. */
static int next_result(struct conn *c, PGresult **res, struct err *err)
{
	int64_t give_up = 0;

	for (;;) {
		if (!give_up && is_stopped(c)) {
			cancel_request(c->pg);
			give_up = clock_mono(&clock_system) + CANCEL_WAIT_MS;
		}
		while (!pq.PQisBusy(c->pg)) {
			*res = pq.PQgetResult(c->pg);
			if (!give_up)
				return 0;
			if (!*res)
				return interrupted(err);
			pq.PQclear(*res);
		}
		if (give_up && clock_mono(&clock_system) > give_up) {
			c->broken = true;
			return interrupted(err);
		}
		if (wait_ready(c, POLLIN, STOP_LOOK_MS) < 0)
			return lost(c, err);
		if (!pq.PQconsumeInput(c->pg) || pq.PQstatus(c->pg) == CONNECTION_BAD)
			return lost(c, err);
	}
}

/* Reads what is left of a statement away. */
static void drain(struct conn *c)
{
	struct err ignored;
	PGresult *res = NULL;

	while (!c->broken && next_result(c, &res, &ignored) == 0 && res)
		pq.PQclear(res);
}

static int statement_failed(struct conn *c, const PGresult *res, const char *sql, struct err *err)
{
	struct server_error e = {
		.sqlstate = pq.PQresultErrorField(res, PG_DIAG_SQLSTATE),
		.message = pq.PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY),
		.detail = pq.PQresultErrorField(res, PG_DIAG_MESSAGE_DETAIL),
		.hint = pq.PQresultErrorField(res, PG_DIAG_MESSAGE_HINT),
		.position = pq.PQresultErrorField(res, PG_DIAG_STATEMENT_POSITION),
		.operands = c->operands[0] ? c->operands + 1 : NULL,
	};

	/* without a SQLSTATE it is libpq's own message, and then the session is gone */
	if (pq.PQstatus(c->pg) == CONNECTION_BAD || !e.sqlstate)
		return lost(c, err);
	return server_error_set(err, &e, sql);
}

static int begin_statement(struct conn *c, const char *sql, struct err *err)
{
	if (c->broken || pq.PQstatus(c->pg) == CONNECTION_BAD)
		return lost(c, err);
	if (is_stopped(c))
		return interrupted(err);
	c->copied = -1;
	return pq.PQsendQuery(c->pg, sql) ? 0 : lost(c, err);
}

/* Looks at one result: 0 fine, -1 with err set. res stays the caller's. */
static int check_result(struct conn *c, const PGresult *res, const char *sql, struct err *err)
{
	switch (pq.PQresultStatus(res)) {
	case PGRES_TUPLES_OK:
	case PGRES_SINGLE_TUPLE:
	case PGRES_COMMAND_OK:
	case PGRES_EMPTY_QUERY:
		return 0;
	case PGRES_COPY_IN:
	case PGRES_COPY_OUT:
	case PGRES_COPY_BOTH:
		c->broken = true;
		err_set(err, ERR_DATABASE, "COPY from or to the client is not supported");
		return err_hint(err, "Redshift loads from S3: COPY table FROM 's3://...'");
	default:
		return statement_failed(c, res, sql, err);
	}
}

int conn_exec(struct conn *c, const char *sql, struct result *out, struct err *err)
{
	PGresult *res = NULL, *last = NULL;
	int rc = -1;

	if (begin_statement(c, sql, err) < 0)
		return -1;
	for (;;) {
		if (next_result(c, &res, err) < 0)
			goto out;
		if (!res)
			break;
		if (check_result(c, res, sql, err) < 0) {
			pq.PQclear(res);
			drain(c);
			goto out;
		}
		pq.PQclear(last);
		last = res;
	}
	if (!last) {
		err_set(err, ERR_BUG, "the server answered nothing");
		goto out;
	}
	rc = 0;
	if (out) {
		rc = result_take(out, last, err);
		last = NULL;
	}
out:
	pq.PQclear(last);
	return rc;
}

/* Hands one result to fn; *told says whether fn has been called since the statement began. What is no single row ends
 * a statement. */
static int give_rows(PGresult *res, int (*fn)(void *arg, const struct result *row), void *arg, bool *told,
		     struct err *err)
{
	bool single = pq.PQresultStatus(res) == PGRES_SINGLE_TUPLE;
	struct result r;
	int rc = 0;

	if (result_take(&r, res, err) < 0)
		return -1;
	if (single || !*told)
		rc = fn(arg, &r);
	*told = single;
	result_clear(&r);
	return rc;
}

int conn_stream(struct conn *c, const char *sql, int (*fn)(void *arg, const struct result *row), void *arg,
		struct err *err)
{
	PGresult *res = NULL;
	bool told = false;
	int rc = 0;

	if (begin_statement(c, sql, err) < 0)
		return -1;
	if (!pq.PQsetSingleRowMode(c->pg))
		log_debug("single-row mode was refused");
	while (rc == 0) {
		if (next_result(c, &res, err) < 0)
			return -1;
		if (!res)
			return 0;
		rc = check_result(c, res, sql, err);
		if (rc < 0) {
			pq.PQclear(res);
			break;
		}
		rc = give_rows(res, fn, arg, &told, err);
		if (rc != 0)
			cancel_request(c->pg);
	}
	drain(c);
	return rc;
}
