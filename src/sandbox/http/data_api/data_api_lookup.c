/* ListDatabases, ListSchemas, ListTables, DescribeTable: questions to the database's catalogue, asked as the caller's
 * database user through the cluster's gateway. */
#include "sandbox/http/data_api/data_api.h"
#include "spark/base/mem.h"

#define PAGE_MOST 1000

static void put_literal(struct buf *sql, const char *text)
{
	buf_putc(sql, '\'');
	for (; *text; text++) {
		/* The gateway reads a backslash in a string as Redshift does. */
		if (*text == '\'' || *text == '\\')
			buf_putc(sql, *text);
		buf_putc(sql, *text);
	}
	buf_putc(sql, '\'');
}

static void put_like(struct buf *sql, const char *column, const char *pattern)
{
	if (!pattern || !*pattern)
		return;
	buf_printf(sql, " AND %s LIKE ", column);
	put_literal(sql, pattern);
}

/* What the database refuses, in the service's terms. */
static int refused(const struct err *why, struct err *err)
{
	if (why->kind == ERR_DATABASE)
		return json_input_invalid(err, "%s", why->text);
	if (why->kind == ERR_TIMEOUT)
		return service_error(err, 400, "QueryTimeoutException", "%s", why->text);
	if (why->kind == ERR_UNREACHABLE || why->kind == ERR_CONFLICT)
		return service_error(err, 500, "DatabaseConnectionException", "%s", why->text);
	*err = *why;
	return -1;
}

/* Rows on their way into a list of the result. */
struct page {
	struct json_call *c;
	struct json *list;
	size_t most;
	char last[520]; /* the key of the last row: the first column */
	struct json *(*make)(const char *const *values);
	struct err *err;
};

static int take_row(void *arg, int count, const char *const *values)
{
	struct page *p = arg;
	struct json *one;

	(void)count;
	/* One row more than a page holds has been asked for. */
	if (json_count(p->list) == p->most)
		return json_page_token_set(p->c->out, "NextToken", p->last, p->err);
	one = p->make(values);
	if (!one || json_append(p->list, one))
		return err_nomem(p->err);
	snprintf(p->last, sizeof(p->last), "%s", values[0]);
	return 0;
}

/* sql selects a key, unique and in byte order, as column `key`, and ends in a condition. */
static int list(struct json_call *c, const char *member, struct buf *sql, struct json *(*make)(const char *const *),
		struct err *err)
{
	int64_t most = json_int(c->in, "MaxResults", 0);
	struct err why = { 0 };
	struct page p = { .c = c, .most = most ? (size_t)most : PAGE_MOST, .make = make, .err = &why };
	struct json *fresh = json_new_array();
	struct statements_login login;
	struct data_target t;
	struct buf after;
	int rc = -1;

	buf_init(&after, 4096);
	if (!fresh || json_set(c->out, member, fresh)) {
		err_nomem(err);
		goto out;
	}
	p.list = json_get_mut(c->out, member);
	if (json_page_token_get(c->in, "NextToken", &after, err) || data_api_target(c, &t, err))
		goto out;
	if (after.len) {
		buf_puts(sql, ") q WHERE key > ");
		put_literal(sql, after.data);
	} else {
		buf_puts(sql, ") q");
	}
	buf_printf(sql, " ORDER BY key LIMIT %zu", p.most + 1);
	if (buf_check(sql, "a question", err))
		goto out;
	login = (struct statements_login){ t.cluster_doc, t.role, t.database, t.make_role };
	rc = statements_ask(c->w, &login, sql->data, take_row, &p, &why) ? refused(&why, err) : 0;
out:
	buf_clear(&after);
	return rc;
}

static struct json *make_name(const char *const *values)
{
	return json_new_string(values[0]);
}

int data_api_databases(struct json_call *c, struct err *err)
{
	struct buf sql;
	int rc;

	buf_init(&sql, BUF_MAX_DEFAULT);
	buf_puts(&sql, "SELECT * FROM (SELECT datname AS key FROM pg_catalog.pg_database WHERE datallowconn"
		       " AND NOT datistemplate AND datname NOT IN ('padb_harvest', 'postgres')");
	rc = list(c, "Databases", &sql, make_name, err);
	buf_clear(&sql);
	return rc;
}

int data_api_schemas(struct json_call *c, struct err *err)
{
	struct buf sql;
	int rc;

	buf_init(&sql, BUF_MAX_DEFAULT);
	buf_puts(&sql, "SELECT * FROM (SELECT nspname AS key FROM pg_catalog.pg_namespace"
		       " WHERE left(nspname, 8) NOT IN ('pg_toast', 'pg_temp_')");
	put_like(&sql, "nspname", json_str(c->in, "SchemaPattern", NULL));
	rc = list(c, "Schemas", &sql, make_name, err);
	buf_clear(&sql);
	return rc;
}

static struct json *make_table(const char *const *values)
{
	struct json *one = json_new_object();

	if (one && !json_set_str(one, "name", values[1]) && !json_set_str(one, "schema", values[2]) &&
	    !json_set_str(one, "type", values[3]))
		return one;
	json_free(one);
	return NULL;
}

int data_api_tables(struct json_call *c, struct err *err)
{
	struct buf sql;
	int rc;

	buf_init(&sql, BUF_MAX_DEFAULT);
	buf_puts(&sql,
		 "SELECT * FROM (SELECT n.nspname || '.' || c.relname AS key, c.relname, n.nspname,"
		 " CASE WHEN n.nspname IN ('pg_catalog', 'information_schema') THEN 'SYSTEM ' ELSE '' END ||"
		 " CASE WHEN c.relkind IN ('v', 'm') THEN 'VIEW' ELSE 'TABLE' END AS kind"
		 " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
		 " WHERE c.relkind IN ('r', 'p', 'v', 'm') AND left(n.nspname, 8) NOT IN ('pg_toast', 'pg_temp_')");
	put_like(&sql, "n.nspname", json_str(c->in, "SchemaPattern", NULL));
	put_like(&sql, "c.relname", json_str(c->in, "TablePattern", NULL));
	rc = list(c, "Tables", &sql, make_table, err);
	buf_clear(&sql);
	return rc;
}

/* key, table, schema, column, type, not null, length, precision, scale, default */
static struct json *make_column(const char *const *v)
{
	const struct statements_type *type = statements_type_find(v[4]);
	bool is_cased = !type || type->has_case, is_signed = type && type->is_signed;
	long precision = type && type->precision >= 0 ? type->precision : strtol(v[7], NULL, 10);
	long scale = type && type->scale >= 0 ? type->scale : strtol(v[8], NULL, 10);
	struct json *one = json_new_object();

	if (one && !json_set_str(one, "name", v[3]) && !json_set_str(one, "label", v[3]) &&
	    !json_set_str(one, "tableName", v[1]) && !json_set_str(one, "schemaName", v[2]) &&
	    !json_set_str(one, "typeName", v[4]) && !json_set_int(one, "nullable", v[5][0] == 't' ? 0 : 1) &&
	    !json_set_int(one, "length", strtol(v[6], NULL, 10)) && !json_set_int(one, "precision", precision) &&
	    !json_set_int(one, "scale", scale) && !json_set_bool(one, "isCaseSensitive", is_cased) &&
	    !json_set_bool(one, "isSigned", is_signed) && !json_set_bool(one, "isCurrency", false) &&
	    (!v[9] || !json_set_str(one, "columnDefault", v[9])))
		return one;
	json_free(one);
	return NULL;
}

int data_api_describe_table(struct json_call *c, struct err *err)
{
	const char *table = json_str(c->in, "Table", NULL), *schema = json_str(c->in, "Schema", NULL);
	struct buf sql;
	int rc;

	if (!table || !*table)
		return json_input_invalid(err, "Table must be given.");
	buf_init(&sql, BUF_MAX_DEFAULT);
	buf_puts(&sql,
		 "SELECT * FROM (SELECT n.nspname || '.' || lpad(a.attnum::varchar, 5, '0') AS key, c.relname,"
		 " n.nspname, a.attname, t.typname, a.attnotnull,"
		 " CASE WHEN a.attlen > 0 THEN a.attlen WHEN t.typname IN ('varchar', 'bpchar') AND a.atttypmod > 4"
		 " THEN a.atttypmod - 4 ELSE 0 END AS length,"
		 " coalesce(information_schema._pg_numeric_precision(t.oid, a.atttypmod), CASE WHEN t.typname IN"
		 " ('varchar', 'bpchar') AND a.atttypmod > 4 THEN a.atttypmod - 4 ELSE 0 END) AS digits,"
		 " coalesce(information_schema._pg_numeric_scale(t.oid, a.atttypmod), 0) AS scale,"
		 " pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS preset"
		 " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
		 " JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
		 " JOIN pg_catalog.pg_type t ON t.oid = a.atttypid"
		 " LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum"
		 " WHERE c.relkind IN ('r', 'p', 'v', 'm') AND c.relname = ");
	put_literal(&sql, table);
	if (schema && *schema) {
		buf_puts(&sql, " AND n.nspname = ");
		put_literal(&sql, schema);
	} else {
		buf_puts(&sql, " AND pg_catalog.pg_table_is_visible(c.oid)");
	}
	rc = list(c, "ColumnList", &sql, make_column, err);
	if (!rc && json_set_str(c->out, "TableName", table))
		rc = err_nomem(err);
	buf_clear(&sql);
	return rc;
}
