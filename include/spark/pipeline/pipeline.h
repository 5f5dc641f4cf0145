#ifndef SPARK_PIPELINE_PIPELINE_H
#define SPARK_PIPELINE_PIPELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spark/aws/client.h"
#include "spark/base/config.h"
#include "spark/base/json.h"
#include "spark/warehouse/conn.h"
#include "spark/warehouse/sql.h"

/* What a run reports while it works. The command line draws it; nothing below prints. Called from one thread at a time.
 */
enum event_kind {
	EVENT_STEP_BEGIN,  /* group, name */
	EVENT_STEP_UPDATE, /* group, name, detail: "creating 1m12s" */
	EVENT_STEP_END,    /* group, name, outcome, detail, ms, rows (-1: none) */
	EVENT_CHECK,       /* name, outcome (PASS, WARN, FAIL), detail, rows = violations */
	EVENT_NOTE,        /* detail: a line for the user */
};
enum event_outcome {
	OUTCOME_DONE,
	OUTCOME_ADOPTED,
	OUTCOME_UNCHANGED,
	OUTCOME_SKIPPED,
	OUTCOME_GONE,
	OUTCOME_FAILED,
	OUTCOME_PASS,
	OUTCOME_WARN,
	OUTCOME_FAIL
};
struct event {
	enum event_kind kind;
	const char *group; /* "provision", "tables", "load", "transform", "checks", "destroy" */
	const char *name;  /* "role", "10_staging_events" */
	enum event_outcome outcome;
	const char *detail; /* may be NULL */
	int64_t ms, rows;
};

/* One run of one stack. Filled by the command line, which owns everything it points to. */
struct run {
	const struct config *config;
	struct aws_client *aws;
	const char *endpoint_url;      /* of the sandbox; NULL on AWS */
	const char *caller_ip_url;     /* answers the caller's address as text */
	const char *ssl_mode, *ssl_ca; /* for the warehouse connection */
	/* What a command that is advised needs behind it to meet the same target: " --target aws", NULL: nothing. */
	const char *target_option;
	/* run_up() makes the cluster from this snapshot; NULL: an empty one. ERR_CONFLICT when there is a cluster. */
	const char *restore_from;
	/* run_down() leaves the cluster's data under this name; NULL: nothing. */
	const char *final_snapshot;
	int64_t ttl_ms; /* unless the settings say otherwise; 0: none */
	const struct clock *clock;
	const volatile int *stop;
	void (*on_event)(void *arg, const struct event *e);
	void *event_arg;
	struct run_state *state; /* private to pipeline/; run_prepare() makes it */
};

/* Learns account and identity, works out names, opens state folder, lock and journal. ERR_CONFLICT when another run
 * holds the stack. exclusive false: no lock, for commands that only read. */
int run_prepare(struct run *r, bool exclusive, struct err *err) MUST_CHECK;
void run_clear(struct run *r);
const char *run_stack(const struct run *r);
const char *run_account(const struct run *r);
/* The stack as an operand of a command that is advised, with what has to follow: "sparkify --target aws". */
const char *run_operands(const struct run *r);

/* What run_up() would do now, as a JSON object: stack, account, region, resources[{resource, name, action ("create",
 * "change", "keep", "given"), calls[{action, resource, name}]}] in the order of making,
 * changes (the number of calls), rate ("$0.54/h"), usd_per_hour, billed ("while the cluster runs"). Sends only calls
 * that read. Fails where run_up() would refuse to begin. Free with json_free. */
struct json *run_plan(struct run *r, struct err *err) MUST_CHECK;
/* What the stack costs. Texts for people: rate "$0.54/h", spent "about $0.37". */
struct run_bill {
	char rate[64], spent[64];
	double usd_per_hour; /* 0 when unknown */
	int64_t ran_ms;      /* since the cluster was created, as the service tells; 0: none was seen */
	int64_t pause_at_ms; /* when the service pauses it, since 1970; 0: never */
	int64_t ttl_ms;      /* that up would set; 0: none */
	bool serverless;     /* the rate holds while queries run; spent tells the most that it can be */
};
/* From what the last look at the services told; before any, from the settings. ERR_CONFIG for a price that is none. */
int run_bill(struct run *r, struct run_bill *out, struct err *err) MUST_CHECK;

/* Provision: role, security group with ingress, cluster, wait for `available`. Idempotent. *changes counts the mutating
 * calls, also on failure; what exists then stays. */
int run_up(struct run *r, int *changes, struct err *err) MUST_CHECK;
/* Deletes what is ours in reverse order, waits, sweeps by tag. *left counts what is still there (then -1 with
 * ERR_CHECK). Works with the state folder lost and from every state. */
int run_down(struct run *r, int *left, struct err *err) MUST_CHECK;
/* What there is now, as a JSON object: stack, target, region, account, cluster{id,status,...}, role{...}, group{...},
 * connection{host, port, dbname, user, password, expires} (with_credentials and available only), tables[{name, rows}]
 * (when reachable). Free with json_free. */
struct json *run_status(struct run *r, bool with_credentials, struct err *err) MUST_CHECK;

/* A session with the cluster as its first user: password from the config, else temporary credentials. */
int run_connect(struct run *r, struct conn **out, struct err *err) MUST_CHECK;
int run_create_tables(struct run *r, const struct pipeline_sql *sql, bool skip_staging, struct err *err) MUST_CHECK;
/* Load (unless skip_staging) and transform; the transform is one transaction. */
int run_etl(struct run *r, const struct pipeline_sql *sql, bool skip_staging, struct err *err) MUST_CHECK;
/* Checks; *failed counts those of severity error that found rows. */
int run_checks(struct run *r, const struct pipeline_sql *sql, int *failed, struct err *err) MUST_CHECK;

#endif
