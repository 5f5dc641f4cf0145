/* DescribeStatement, GetStatementResult, ListStatements. */
#include "sandbox/http/data_api/data_api.h"
#include "spark/base/mem.h"

/* Members of the document as the API shows them. */
static const struct shown {
	const char *member, *from;
	enum { SHOW_TEXT, SHOW_NUMBER, SHOW_TIME, SHOW_BOOL } as;
} of_all[] = {
	{ "ClusterIdentifier", "clusterIdentifier", SHOW_TEXT },
	{ "WorkgroupName", "workgroupName", SHOW_TEXT },
	{ "Database", "database", SHOW_TEXT },
	{ "DbUser", "dbUser", SHOW_TEXT },
	{ "RedshiftPid", "pid", SHOW_NUMBER },
}, of_each[] = {
	{ "Status", "status", SHOW_TEXT },
	{ "Error", "error", SHOW_TEXT },
	{ "CreatedAt", "createdMs", SHOW_TIME },
	{ "UpdatedAt", "updatedMs", SHOW_TIME },
	{ "Duration", "durationNs", SHOW_NUMBER },
}, of_results[] = {
	{ "HasResultSet", "hasResultSet", SHOW_BOOL },
	{ "ResultRows", "rows", SHOW_NUMBER },
	{ "ResultSize", "size", SHOW_NUMBER },
}, of_listed[] = {
	{ "Id", "id", SHOW_TEXT },
	{ "Status", "status", SHOW_TEXT },
	{ "StatementName", "name", SHOW_TEXT },
	{ "CreatedAt", "createdMs", SHOW_TIME },
	{ "UpdatedAt", "updatedMs", SHOW_TIME },
	{ "IsBatchStatement", "batch", SHOW_BOOL },
};
#define ROWS(table) (table), sizeof(table) / sizeof(*(table))

static int show(struct json *out, const struct json *doc, const struct shown *rows, size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		const char *member = rows[i].member, *from = rows[i].from;
		int failed = 0;

		if (!json_get(doc, from))
			continue;
		switch (rows[i].as) {
		case SHOW_TEXT:
			failed = json_set_str(out, member, json_str(doc, from, ""));
			break;
		case SHOW_NUMBER:
			failed = json_set_int(out, member, json_int(doc, from, 0));
			break;
		case SHOW_TIME:
			failed = json_set_time(out, member, json_int(doc, from, 0));
			break;
		default:
			failed = json_set_bool(out, member, json_bool(doc, from, false));
		}
		if (failed)
			return err_nomem(err);
	}
	return 0;
}

static int copy_into(struct json *out, const char *member, const struct json *value, struct err *err)
{
	struct json *copy = value ? json_copy(value) : NULL;

	if (!value)
		return 0;
	return !copy || json_set(out, member, copy) ? err_nomem(err) : 0;
}

/* Before it has ended there is no result, and -1 stands for its numbers. */
static int show_result(struct json *out, const struct json *sub, struct err *err)
{
	if (json_set_bool(out, "HasResultSet", false) || json_set_int(out, "ResultRows", -1) ||
	    json_set_int(out, "ResultSize", -1) || json_set_int(out, "RedshiftQueryId", -1))
		return err_nomem(err);
	return show(out, sub, ROWS(of_results), err);
}

static int show_sub(struct json *out, const char *id, const struct json *doc, size_t index, struct err *err)
{
	const struct json *sub = json_at(json_get(doc, "subs"), index);
	char part[80];

	snprintf(part, sizeof(part), "%s:%zu", id, index + 1);
	if (json_set_str(out, "Id", part) ||
	    json_set_str(out, "QueryString", json_text(json_at(json_get(doc, "sqls"), index))))
		return err_nomem(err);
	if (show(out, sub, ROWS(of_each), err))
		return -1;
	return show_result(out, sub, err);
}

static int show_subs(struct json *out, const char *id, const struct json *doc, struct err *err)
{
	struct json *list = json_new_array();
	bool result = false;
	int64_t rows = 0, size = 0;

	for (size_t i = 0; list && i < json_count(json_get(doc, "sqls")); i++) {
		const struct json *sub = json_at(json_get(doc, "subs"), i);
		struct json *one = json_new_object();

		result |= json_bool(sub, "hasResultSet", false);
		rows += json_int(sub, "rows", 0) > 0 ? json_int(sub, "rows", 0) : 0;
		size += json_int(sub, "size", 0);
		if (!one || show_sub(one, id, doc, i, err)) {
			json_free(one);
			json_free(list);
			return one ? -1 : err_nomem(err);
		}
		if (json_append(list, one)) {
			json_free(list);
			list = NULL;
		}
	}
	if (!list || json_set(out, "SubStatements", list) || json_set_bool(out, "HasResultSet", result) ||
	    json_set_int(out, "ResultRows", rows) || json_set_int(out, "ResultSize", size))
		return err_nomem(err);
	return 0;
}

static int show_whole(struct json_call *c, const struct json *doc, struct err *err)
{
	const char *id = json_str(doc, "id", "");

	if (json_set_str(c->out, "Id", id) || json_set_int(c->out, "Duration", 0))
		return err_nomem(err);
	if (show(c->out, doc, ROWS(of_all), err) || show(c->out, doc, ROWS(of_each), err) ||
	    copy_into(c->out, "QueryParameters", json_get(doc, "parameters"), err))
		return -1;
	if (json_bool(doc, "batch", false))
		return show_subs(c->out, id, doc, err);
	if (json_set_str(c->out, "QueryString", json_text(json_at(json_get(doc, "sqls"), 0))))
		return err_nomem(err);
	return show_result(c->out, json_at(json_get(doc, "subs"), 0), err);
}

int data_api_describe(struct json_call *c, struct err *err)
{
	const struct json *doc;
	char doc_id[160];
	int part;

	doc = data_api_find(c, doc_id, &part, err);
	if (!doc)
		return -1;
	if (part < 0)
		return show_whole(c, doc, err);
	if (show(c->out, doc, ROWS(of_all), err))
		return -1;
	return show_sub(c->out, json_str(doc, "id", ""), doc, (size_t)part, err);
}

/* ---- results ---- */

static int check_result(struct json_call *c, char doc_id[160], size_t *index, int64_t *rows, struct err *err)
{
	const struct json *doc, *sub;
	int part, rc = -1;

	store_lock(c->w->store);
	doc = data_api_find(c, doc_id, &part, err);
	if (!doc)
		goto out;
	*index = part < 0 ? 0 : (size_t)part;
	sub = json_at(json_get(doc, "subs"), *index);
	*rows = json_int(sub, "rows", 0);
	rc = 0;
	if (part < 0 && json_bool(doc, "batch", false))
		rc = json_input_invalid(err, "A batch has a result for each of its statements: give the Id of one of "
					     "the SubStatements.");
	else if (strcmp(json_str(doc, "status", ""), "FINISHED") != 0 || !json_bool(sub, "hasResultSet", false))
		rc = service_error(err, 400, "ResourceNotFoundException",
				   "Query does not have result. Please check query status with DescribeStatement.");
	if (rc && json_set_str(c->fault, "ResourceId", json_str(c->in, "Id", "")))
		rc = err_nomem(err);
out:
	store_unlock(c->w->store);
	return rc;
}

static int read_offset(struct json_call *c, uint64_t *offset, struct err *err)
{
	struct buf last;
	char *end;
	int rc;

	buf_init(&last, 4096);
	rc = json_page_token_get(c->in, "NextToken", &last, err);
	*offset = 0;
	if (!rc && last.len) {
		*offset = strtoull(last.data, &end, 10);
		if (*end || !*offset)
			rc = json_input_invalid(err, "The value of NextToken is not valid.");
	}
	buf_clear(&last);
	return rc;
}

static int add_page_end(struct json_call *c, uint64_t next, int64_t rows, struct err *err)
{
	char text[24];
	const char *token;

	buf_printf(c->text, ",\"TotalNumRows\":%lld", (long long)rows);
	if (next) {
		snprintf(text, sizeof(text), "%llu", (unsigned long long)next);
		if (json_page_token_set(c->out, "NextToken", text, err))
			return -1;
		token = json_str(c->out, "NextToken", "");
		buf_puts(c->text, ",\"NextToken\":");
		json_quote(c->text, token, strlen(token));
	}
	buf_putc(c->text, '}');
	return buf_check(c->text, "a page", err);
}

int data_api_result(struct json_call *c, struct err *err)
{
	struct err why = { 0 };
	uint64_t offset;
	int64_t rows;
	size_t index;
	char doc_id[160];

	if (check_result(c, doc_id, &index, &rows, err) || read_offset(c, &offset, err))
		return -1;
	if (!statements_read_page(c->w->statements, doc_id, index, &offset, c->text, &why))
		return add_page_end(c, offset, rows, err);
	if (why.kind == ERR_PARSE)
		return json_input_invalid(err, "The value of NextToken is not valid.");
	*err = why;
	return -1;
}

/* ---- the list ---- */

struct listing {
	struct json_call *c;
	const struct json **found;
	size_t count, cap;
	bool failed;
};

static bool filter_text(const struct json *in, const char *member, const struct json *doc, const char *of)
{
	const char *wanted = json_str(in, member, NULL);

	return !wanted || !strcmp(json_str(doc, of, ""), wanted);
}

static bool is_listed(const struct json_call *c, const struct json *doc)
{
	const char *name = json_str(c->in, "StatementName", ""), *status = json_str(c->in, "Status", "FINISHED");

	return !strcmp(json_str(doc, "owner", ""), c->who->arn) &&
	       (!strcmp(status, "ALL") || !strcmp(json_str(doc, "status", ""), status)) &&
	       !strncmp(json_str(doc, "name", ""), name, strlen(name)) &&
	       filter_text(c->in, "Database", doc, "database") &&
	       filter_text(c->in, "ClusterIdentifier", doc, "clusterIdentifier") &&
	       filter_text(c->in, "WorkgroupName", doc, "workgroupName");
}

static int note_listed(void *arg, const char *id, const struct json *doc)
{
	struct listing *l = arg;

	(void)id;
	if (!is_listed(l->c, doc))
		return 0;
	l->failed = mem_grow(&l->found, &l->cap, l->count, sizeof(*l->found));
	if (!l->failed)
		l->found[l->count++] = doc;
	return l->failed;
}

/* The newest first. */
static int compare_age(const void *a, const void *b)
{
	const struct json *x = *(const struct json *const *)a, *y = *(const struct json *const *)b;
	int64_t mx = json_int(x, "createdMs", 0), my = json_int(y, "createdMs", 0);

	return mx != my ? (mx < my ? 1 : -1) : strcmp(json_str(x, "id", ""), json_str(y, "id", ""));
}

static int add_listed(struct json *list, const struct json *doc, struct err *err)
{
	struct json *one = json_new_object();
	const struct json *sqls = json_get(doc, "sqls");
	int rc = one ? show(one, doc, ROWS(of_listed), err) : err_nomem(err);

	if (!rc && json_bool(doc, "batch", false))
		rc = copy_into(one, "QueryStrings", sqls, err);
	else if (!rc && json_set_str(one, "QueryString", json_text(json_at(sqls, 0))))
		rc = err_nomem(err);
	if (!rc)
		rc = copy_into(one, "QueryParameters", json_get(doc, "parameters"), err);
	if (rc) {
		json_free(one);
		return -1;
	}
	return json_append(list, one) ? err_nomem(err) : 0;
}

static int add_page(struct json_call *c, const struct listing *l, const char *after, struct err *err)
{
	int64_t most = json_int(c->in, "MaxResults", 0);
	struct json *list = json_new_array();
	size_t i = 0, count = 0;

	if (!list || json_set(c->out, "Statements", list))
		return err_nomem(err);
	list = json_get_mut(c->out, "Statements");
	/* Behind the last one of the page before. */
	if (*after) {
		while (i < l->count && strcmp(json_str(l->found[i], "id", ""), after) != 0)
			i++;
		if (i == l->count)
			return json_input_invalid(err, "The value of NextToken is not valid.");
		i++;
	}
	for (; i < l->count; i++) {
		if (count++ == (size_t)(most ? most : 100))
			return json_page_token_set(c->out, "NextToken", json_str(l->found[i - 1], "id", ""), err);
		if (add_listed(list, l->found[i], err))
			return -1;
	}
	return 0;
}

int data_api_list(struct json_call *c, struct err *err)
{
	struct listing l = { .c = c };
	struct buf after;
	char prefix[64];
	int rc;

	buf_init(&after, 4096);
	rc = json_page_token_get(c->in, "NextToken", &after, err);
	if (!rc) {
		snprintf(prefix, sizeof(prefix), "%s/", c->who->region);
		store_each(c->w->store, STATEMENT_KIND, prefix, note_listed, &l);
		rc = l.failed ? err_nomem(err) : 0;
	}
	if (!rc) {
		if (l.count)
			qsort(l.found, l.count, sizeof(*l.found), compare_age);
		rc = add_page(c, &l, after.data, err);
	}
	mem_free(l.found);
	buf_clear(&after);
	return rc;
}
