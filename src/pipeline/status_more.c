#include <stdio.h>
#include <string.h>

#include "pipeline/network.h"
#include "pipeline/status_parts.h"
#include "spark/base/file.h"
#include "spark/base/log.h"
#include "spark/base/mem.h"
#include "spark/pipeline/status.h"

/* What a status tells beside what the services say: network, money, the last run, what comes next. */

#define LAST_RUN_FILE "last-run.json"

static int add_subnets(struct run *r, struct json *network, struct err *err)
{
	struct json *list = json_new_array();

	for (int i = 0; list && i < SUBNETS_MAX; i++) {
		if (r->state->subnets[i].id[0] && json_append_str(list, r->state->subnets[i].id) < 0) {
			json_free(list);
			list = NULL;
		}
	}
	return status_put(network, "subnets", list, err);
}

int status_add_network(struct run *r, struct json *root, struct err *err)
{
	static const char *const modes[] = {
		[NETWORK_DEFAULT] = "default", [NETWORK_OWN] = "own", [NETWORK_GIVEN] = "given"
	};
	struct run_state *s = r->state;
	struct json *network;
	enum presence p;

	if (network_is_own(r) && s->vpc_id[0] &&
	    (resource_subnets.find(r, &p, err) < 0 || resource_gateway.find(r, &p, err) < 0))
		return -1;
	network = status_object(
		(const struct member[]){
			{ "mode", modes[network_mode(r)], 0 },
			{ "vpc", s->vpc_id, 0 },
			{ "gateway", network_is_own(r) ? s->gateway_id : "", 0 },
		},
		3);
	if (!network)
		return err_nomem(err);
	if (add_subnets(r, network, err) < 0) {
		json_free(network);
		return -1;
	}
	return status_put(root, "network", network, err);
}

int status_add_cost(struct run *r, struct json *root, struct err *err)
{
	char pause_at[CLOCK_TEXT] = "";
	struct run_bill bill;
	struct json *cost;
	enum presence p;

	/* it may have been set by an `up` with other settings */
	if (resource_pause.find(r, &p, err) < 0 || run_bill(r, &bill, err) < 0)
		return -1;
	if (bill.pause_at_ms)
		clock_iso_s(bill.pause_at_ms, pause_at);
	cost = status_object(
		(const struct member[]){
			{ "rate", bill.rate, 0 },
			{ "spent", bill.spent, 0 },
			{ "ran_s", NULL, bill.ran_ms / 1000 },
			{ "pauses_at", pause_at, 0 },
		},
		4);
	if (cost && json_set_double(cost, "usd_per_hour", bill.usd_per_hour) < 0) {
		json_free(cost);
		cost = NULL;
	}
	return status_put(root, "cost", cost, err);
}

static struct json *record_json(const struct run *r, const struct run_record *record)
{
	char began[CLOCK_TEXT], ended[CLOCK_TEXT];

	clock_iso_s(record->began_ms, began);
	clock_iso_s(clock_now(r->clock), ended);
	return status_object(
		(const struct member[]){
			{ "began", began, 0 },
			{ "ended", ended, 0 },
			{ "outcome", record->outcome, 0 },
			{ "error", record->error ? record->error : "", 0 },
			{ "passed", NULL, record->passed },
			{ "warned", NULL, record->warned },
			{ "failed", NULL, record->failed },
		},
		7);
}

void run_keep_record(struct run *r, const struct run_record *record)
{
	struct json *doc = record_json(r, record);
	char *path = file_join(r->state->dir, LAST_RUN_FILE);
	struct buf text;
	struct err why;

	buf_init(&text, 65536);
	if (doc && path &&
	    (json_print(doc, true, &text, &why) < 0 || file_write_atomic(path, text.data, text.len, 0600, &why) < 0))
		log_debug("how the run ended was not kept: %s", why.text);
	buf_clear(&text);
	mem_free(path);
	json_free(doc);
}

int status_add_last_run(struct run *r, struct json *root, struct err *err)
{
	char *path = file_join(r->state->dir, LAST_RUN_FILE);
	struct json *doc = NULL;
	struct buf text;
	struct err why;

	if (!path)
		return err_nomem(err);
	buf_init(&text, 65536);
	if (file_exists(path)) {
		if (file_read(path, &text, &why) == 0)
			doc = json_parse(text.data, text.len, &why);
		if (!doc)
			log_debug("'%s': %s", path, why.text);
	}
	buf_clear(&text);
	mem_free(path);
	return doc ? status_put(root, "last_run", doc, err) : 0;
}

static int64_t sum_rows(const struct json *tables)
{
	int64_t sum = 0;

	for (const struct json *t = json_first(tables); t; t = json_next(t))
		sum += json_int(t, "rows", 0);
	return sum;
}

/* The verb of the command, and what stands behind the stack; NULL: nothing has to be done. */
static const char *choose_next(const struct json *root)
{
	const struct json *tables = json_get(root, "tables");
	bool serverless;
	const struct json *cluster = status_warehouse(root, &serverless);
	const char *status = json_str(cluster, "status", "");

	if (!cluster)
		return json_is_object(json_get(root, "role")) || json_is_object(json_get(root, "group")) ? "up" : "run";
	if (!json_bool(cluster, "ours", true))
		return "doctor";
	switch (wait_judge_cluster(status)) {
	case CLUSTER_READY:
		break;
	case CLUSTER_PAUSED:
		return "resume";
	case CLUSTER_BROKEN:
		return "down";
	default:
		return "status --watch";
	}
	if (!json_is_array(tables))
		return "doctor";
	if (json_count(tables) == 0)
		return "create-tables";
	return sum_rows(tables) == 0 ? "etl" : "test";
}

int status_add_next(struct run *r, struct json *root, struct err *err)
{
	char text[160];

	(void)snprintf(text, sizeof(text), "sparkctl %s %s", choose_next(root), run_operands(r));
	return json_set_str(root, "next", text) < 0 ? err_nomem(err) : 0;
}
