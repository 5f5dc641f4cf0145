/* Layer: sandbox. A form is the same whether it comes as body or as query, and each pair that was taken is found. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "spark/base/mem.h"
#include "spark/base/url.h"
#include "spark/sandbox/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every pair of an accepted form, decoded here, must be had by its name. */
static void check_pair(const struct params *p, const char *pair, size_t len)
{
	const char *eq = memchr(pair, '=', len);
	size_t name_len = eq ? (size_t)(eq - pair) : len;
	struct buf name, value;
	struct err err;
	const char *got;

	buf_init(&name, BUF_MAX_DEFAULT);
	buf_init(&value, BUF_MAX_DEFAULT);
	if (url_decode(&name, pair, name_len, true, &err) ||
	    (eq && url_decode(&value, eq + 1, len - name_len - 1, true, &err)))
		abort();
	got = params_get(p, name.data);
	if (!got || strcmp(got, value.data))
		abort();
	buf_clear(&name);
	buf_clear(&value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_strndup((const char *)data, size);
	struct http_request as_query = { .method = "GET", .target = "/", .query = text };
	struct http_request as_body = { .method = "POST", .target = "/", .query = "" };
	struct params *q = NULL, *b = NULL;
	struct err err;
	int query_rc, body_rc;
	int64_t n;
	bool truth;

	if (!text)
		return 0;
	as_body.body = text;
	as_body.body_len = strlen(text);
	query_rc = params_parse(&as_query, &q, &err);
	body_rc = params_parse(&as_body, &b, &err);
	if (query_rc != body_rc)
		abort();
	if (query_rc == 0) {
		for (const char *p = text; *p;) {
			size_t len = strcspn(p, "&");

			if (len)
				check_pair(b, p, len);
			p += len;
			p += *p == '&';
		}
		if (!params_int(q, "N", 5, 1, 9, &n, &err) && (n < 1 || n > 9))
			abort();
		if (params_bool(q, "B", true, &truth, &err) && strcmp(err.code, "InvalidParameterValue"))
			abort();
	}
	params_free(q);
	params_free(b);
	mem_free(text);
	return 0;
}
