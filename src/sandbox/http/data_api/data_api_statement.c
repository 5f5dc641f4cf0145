/* ExecuteStatement, BatchExecuteStatement, CancelStatement. What the statements' documents have beside the members that
 * spark/sandbox/statements.h lists: id, owner (ARN), clusterIdentifier or workgroupName, dbUser, name, clientToken,
 * withEvent. */
#include "sandbox/http/data_api/data_api.h"
#include "spark/base/hash.h"
#include "spark/base/secret.h"

#define TOKEN_HOLDS_MS (8 * 3600 * INT64_C(1000)) /* so long the same ClientToken means the same call */
#define SQL_MAX        102400

static int make_uuid(char out[40], struct err *err)
{
	unsigned char b[16];
	char hex[33];

	if (secret_random_bytes(b, sizeof(b), err))
		return -1;
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	hash_hex(b, sizeof(b), hex);
	snprintf(out, 40, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
	return 0;
}

static int refuse_unsupported(const struct json *in, struct err *err)
{
	if (json_str(in, "SessionId", NULL) || json_int(in, "SessionKeepAliveSeconds", 0))
		return json_input_invalid(err, "The sandbox does not support sessions that are kept between "
					       "statements: SessionId and SessionKeepAliveSeconds.");
	if (!strcmp(json_str(in, "ResultFormat", "JSON"), "CSV"))
		return json_input_invalid(err, "The sandbox does not support the ResultFormat CSV.");
	return 0;
}

static int check_parameters(const struct json *list, struct err *err)
{
	for (const struct json *p = json_first(list); p; p = json_next(p)) {
		const char *name = json_str(p, "name", ""), *value = json_str(p, "value", "");

		if (!*name ||
		    strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != strlen(name))
			return json_input_invalid(err,
						  "1 validation error detected: Value '%.100s' at 'parameters.name' "
						  "failed to satisfy constraint: Member must satisfy regular "
						  "expression pattern: [0-9a-zA-Z_]+",
						  name);
		if (!*value)
			return json_input_invalid(err,
						  "1 validation error detected: Value at 'parameters.value' failed to "
						  "satisfy constraint: Member must have length greater than or equal "
						  "to 1");
		for (const struct json *q = json_first(list); q != p; q = json_next(q))
			if (!strcmp(json_str(q, "name", ""), name))
				return json_input_invalid(err, "Parameters list contains duplicate name: %.100s", name);
	}
	return 0;
}

/* Each parameter must occur in one of the statements. */
static int check_used(const struct json *sqls, const struct json *parameters, struct err *err)
{
	const char *values[STATEMENT_PARAMETERS_MAX];
	bool used[STATEMENT_PARAMETERS_MAX] = { false };
	size_t count, i = 0;
	struct buf ignored;

	for (const struct json *sql = json_first(sqls); sql; sql = json_next(sql)) {
		int rc;

		buf_init(&ignored, BUF_MAX_DEFAULT);
		rc = statements_bind(json_text(sql), parameters, &ignored, values, &count, used, err);
		buf_clear(&ignored);
		if (rc)
			return -1;
	}
	for (const struct json *p = json_first(parameters); p; p = json_next(p), i++)
		if (!used[i])
			return json_input_invalid(err, "Parameters list contains unused parameters: %.100s",
						  json_str(p, "name", ""));
	return 0;
}

/* ---- the same call again ---- */

struct token_search {
	const struct json_call *c;
	const char *token;
	int64_t since_ms;
	const struct json *found;
};

static int match_token(void *arg, const char *id, const struct json *doc)
{
	struct token_search *s = arg;

	(void)id;
	if (strcmp(json_str(doc, "clientToken", ""), s->token) != 0 ||
	    strcmp(json_str(doc, "owner", ""), s->c->who->arn) != 0 || json_int(doc, "createdMs", 0) < s->since_ms)
		return 0;
	s->found = doc;
	return 1;
}

static const struct json *find_repeated(struct json_call *c)
{
	struct token_search s = { .c = c, .token = json_str(c->in, "ClientToken", NULL) };
	char prefix[64];

	if (!s.token)
		return NULL;
	s.since_ms = clock_now(c->w->clock) - TOKEN_HOLDS_MS;
	snprintf(prefix, sizeof(prefix), "%s/", c->who->region);
	store_each(c->w->store, STATEMENT_KIND, prefix, match_token, &s);
	return s.found;
}

/* ---- a new one ---- */

static int write_texts(const struct json_call *c, const struct data_target *t, const char *id, struct json *doc,
		       struct err *err)
{
	const struct {
		const char *member, *text;
	} texts[] = {
		{ "id", id },
		{ "owner", c->who->arn },
		{ "status", "SUBMITTED" },
		{ "clusterDoc", t->cluster_doc },
		{ "clusterIdentifier", t->cluster },
		{ "workgroupName", t->workgroup },
		{ "database", t->database },
		{ "dbUser", t->role },
		{ "role", t->role },
		{ "name", json_str(c->in, "StatementName", NULL) },
		{ "clientToken", json_str(c->in, "ClientToken", NULL) },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (texts[i].text && json_set_str(doc, texts[i].member, texts[i].text))
			return err_nomem(err);
	return 0;
}

static struct json *make_sub(int64_t now)
{
	struct json *sub = json_new_object();

	if (sub && !json_set_str(sub, "status", "SUBMITTED") && !json_set_int(sub, "createdMs", now) &&
	    !json_set_int(sub, "updatedMs", now))
		return sub;
	json_free(sub);
	return NULL;
}

/* sqls is taken. */
static int write_rest(const struct json_call *c, const struct data_target *t, struct json *sqls, bool batch,
		      struct json *doc, struct err *err)
{
	const struct json *parameters = json_get(c->in, "Parameters");
	int64_t now = clock_now(c->w->clock);
	size_t count = json_count(sqls);
	struct json *subs, *copy;

	if (json_set(doc, "sqls", sqls) || !(subs = json_new_array()) || json_set(doc, "subs", subs))
		return err_nomem(err);
	for (size_t i = 0; i < count; i++) {
		struct json *sub = make_sub(now);

		if (!sub || json_append(json_get_mut(doc, "subs"), sub))
			return err_nomem(err);
	}
	if (parameters && (!(copy = json_copy(parameters)) || json_set(doc, "parameters", copy)))
		return err_nomem(err);
	if (json_set_bool(doc, "batch", batch) || json_set_bool(doc, "makeRole", t->make_role) ||
	    json_set_bool(doc, "withEvent", json_bool(c->in, "WithEvent", false)) ||
	    json_set_int(doc, "createdMs", now) || json_set_int(doc, "updatedMs", now))
		return err_nomem(err);
	return 0;
}

static int write_answer(struct json_call *c, const struct json *doc, struct err *err)
{
	static const char *const shown[][2] = {
		{ "Id", "id" },
		{ "ClusterIdentifier", "clusterIdentifier" },
		{ "WorkgroupName", "workgroupName" },
		{ "DbUser", "dbUser" },
		{ "Database", "database" },
	};

	for (size_t i = 0; i < sizeof(shown) / sizeof(*shown); i++) {
		const char *text = json_str(doc, shown[i][1], NULL);

		if (text && json_set_str(c->out, shown[i][0], text))
			return err_nomem(err);
	}
	return json_set_time(c->out, "CreatedAt", json_int(doc, "createdMs", 0)) ? err_nomem(err) : 0;
}

/* sqls is taken. */
static int submit(struct json_call *c, struct json *sqls, bool batch, struct err *err)
{
	const struct json *repeated = find_repeated(c);
	struct data_target t;
	struct json *doc = NULL;
	char uuid[40], id[160];

	if (repeated) {
		json_free(sqls);
		return write_answer(c, repeated, err);
	}
	if (refuse_unsupported(c->in, err) || check_parameters(json_get(c->in, "Parameters"), err) ||
	    check_used(sqls, json_get(c->in, "Parameters"), err) || data_api_target(c, &t, err) || make_uuid(uuid, err))
		goto failed;
	if (statements_active(c->w->statements, t.cluster_doc) >= STATEMENT_ACTIVE_MAX) {
		service_error(err, 400, "ActiveStatementsExceededException",
			      "The number of active statements exceeds the limit of %d.", STATEMENT_ACTIVE_MAX);
		goto failed;
	}
	doc = json_new_object();
	if (!doc) {
		err_nomem(err);
		goto failed;
	}
	if (write_rest(c, &t, sqls, batch, doc, err) || write_texts(c, &t, uuid, doc, err) ||
	    write_answer(c, doc, err)) {
		json_free(doc);
		return -1;
	}
	snprintf(id, sizeof(id), "%s/%s", c->who->region, uuid);
	return store_put(c->w->store, STATEMENT_KIND, id, doc, err);
failed:
	json_free(sqls);
	return -1;
}

int data_api_execute(struct json_call *c, struct err *err)
{
	struct json *sqls = json_new_array();

	if (!sqls || json_append_str(sqls, json_str(c->in, "Sql", ""))) {
		json_free(sqls);
		return err_nomem(err);
	}
	return submit(c, sqls, false, err);
}

int data_api_batch_execute(struct json_call *c, struct err *err)
{
	const struct json *given = json_get(c->in, "Sqls");
	struct json *sqls;

	for (const struct json *sql = json_first(given); sql; sql = json_next(sql))
		if (!*json_text(sql) || strlen(json_text(sql)) > SQL_MAX)
			return json_input_invalid(err, "Each of Sqls must have 1 to %d bytes.", SQL_MAX);
	sqls = json_copy(given);
	return sqls ? submit(c, sqls, true, err) : err_nomem(err);
}

static bool is_submitted(struct json_call *c, const char *id)
{
	const struct json *doc;
	bool submitted;

	store_lock(c->w->store);
	doc = store_get(c->w->store, STATEMENT_KIND, id);
	submitted = doc && !strcmp(json_str(doc, "status", ""), "SUBMITTED");
	store_unlock(c->w->store);
	return submitted;
}

/* A repeated call finds the statement on its way, or behind it. */
int data_api_start(struct json_call *c, struct err *err)
{
	char id[160];

	snprintf(id, sizeof(id), "%s/%s", c->who->region, json_str(c->out, "Id", ""));
	return is_submitted(c, id) ? statements_submit(c->w->statements, id, err) : 0;
}

const struct json *data_api_find(struct json_call *c, char doc_id[160], int *part, struct err *err)
{
	const char *id = json_str(c->in, "Id", ""), *colon = strchr(id, ':');
	const struct json *doc;
	int64_t n;

	snprintf(doc_id, 160, "%s/%.*s", c->who->region, (int)strcspn(id, ":"), id);
	doc = store_get(c->w->store, STATEMENT_KIND, doc_id);
	n = colon ? strtoll(colon + 1, NULL, 10) : 0;
	*part = colon ? (int)n - 1 : -1;
	/* Whose statement it is only he learns. */
	if (doc && !strcmp(json_str(doc, "owner", ""), c->who->arn) &&
	    (!colon || (json_bool(doc, "batch", false) && n >= 1 && n <= (int64_t)json_count(json_get(doc, "sqls")))))
		return doc;
	if (json_set_str(c->fault, "ResourceId", id))
		err_nomem(err);
	else
		service_error(err, 400, "ResourceNotFoundException", "Query does not exist.");
	return NULL;
}

int data_api_cancel(struct json_call *c, struct err *err)
{
	const struct json *doc;
	const char *status;
	char id[160];
	int part;

	doc = data_api_find(c, id, &part, err);
	if (!doc)
		return -1;
	status = json_str(doc, "status", "");
	if (!statements_cancel(c->w->statements, id))
		return json_input_invalid(err, "Could not cancel a query that is already in %s state with ID: %s",
					  status, json_str(c->in, "Id", ""));
	return json_set_bool(c->out, "Status", true) ? err_nomem(err) : 0;
}
