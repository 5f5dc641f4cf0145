#include "warehouse/result.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "spark/base/mem.h"

int result_take(struct result *out, PGresult *res, struct err *err)
{
	struct result r = { .affected = -1, .handle = res };
	const char *tag = pq.PQcmdStatus(res), *tuples = pq.PQcmdTuples(res);
	const char **names = NULL;
	size_t len = strlen(tag);

	r.columns = (size_t)pq.PQnfields(res);
	r.rows = (size_t)pq.PQntuples(res);
	if (r.columns > 0) {
		names = mem_alloc_array(r.columns, sizeof(*names));
		if (!names) {
			pq.PQclear(res);
			return err_nomem(err);
		}
		for (size_t i = 0; i < r.columns; i++)
			names[i] = pq.PQfname(res, (int)i);
	}
	r.names = names;
	if (len >= sizeof(r.tag))
		len = sizeof(r.tag) - 1;
	memcpy(r.tag, tag, len);
	if (*tuples)
		r.affected = strtoll(tuples, NULL, 10);
	*out = r;
	return 0;
}

const char *result_value(const struct result *r, size_t row, size_t column)
{
	if (!r->handle || row >= r->rows || column >= r->columns || pq.PQgetisnull(r->handle, (int)row, (int)column))
		return NULL;
	return pq.PQgetvalue(r->handle, (int)row, (int)column);
}

/* The type's number in PostgreSQL's pg_type, which Redshift shares; 0 when there is no such column. */
static Oid column_type(const struct result *r, size_t column)
{
	return r->handle && column < r->columns ? pq.PQftype(r->handle, (int)column) : 0;
}

bool result_is_boolean(const struct result *r, size_t column)
{
	return column_type(r, column) == 16;
}

bool result_is_numeric(const struct result *r, size_t column)
{
	/* int8 int2 int4 oid float4 float8 numeric */
	static const Oid numeric[] = { 20, 21, 23, 26, 700, 701, 1700 };
	Oid type = column_type(r, column);

	for (size_t i = 0; i < sizeof(numeric) / sizeof(numeric[0]); i++) {
		if (numeric[i] == type)
			return true;
	}
	return false;
}

void result_clear(struct result *r)
{
	if (!r)
		return;
	mem_free((void *)(uintptr_t)r->names);
	if (r->handle)
		pq.PQclear(r->handle);
	memset(r, 0, sizeof(*r));
}
