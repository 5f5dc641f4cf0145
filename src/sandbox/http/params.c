#include <errno.h>

#include "spark/base/mem.h"
#include "spark/base/url.h"
#include "spark/base/utf8.h"
#include "spark/sandbox/http.h"

#define PARAMS_MAX     20000
#define PARAM_NAME_MAX 512

struct param {
	char *name, *value; /* one allocation, at name */
};

/* Sorted by name, so that the thousand lookups of a long indexed list stay cheap. */
struct params {
	struct param *items;
	size_t count, cap;
};

static int compare_param(const void *a, const void *b)
{
	return strcmp(((const struct param *)a)->name, ((const struct param *)b)->name);
}

static int malformed(struct err *err, const char *why)
{
	return service_error(err, 400, "MalformedQueryString", "The query string is malformed: %s", why);
}

static bool is_utf8(const char *text, size_t len)
{
	uint32_t c;

	while (len) {
		size_t n = utf8_decode(text, len, &c);

		if (!n)
			return false;
		text += n;
		len -= n;
	}
	return true;
}

static int decode(const char *text, size_t len, struct buf *to, struct err *err)
{
	struct err why;

	if (url_decode(to, text, len, true, &why))
		return why.kind == ERR_NOMEM ? err_nomem(err) : malformed(err, "a broken percent escape");
	if (!to->failed && !is_utf8(to->data, to->len))
		return malformed(err, "it is not UTF-8");
	return 0;
}

/* One `name=value`; a pair without '=' has an empty value. */
static int add_pair(struct params *p, const char *pair, size_t len, struct err *err)
{
	const char *eq = memchr(pair, '=', len);
	size_t name_len = eq ? (size_t)(eq - pair) : len, at;
	struct buf b;
	int rc = -1;

	buf_init(&b, BUF_MAX_DEFAULT);
	if (decode(pair, name_len, &b, err))
		goto out;
	at = b.len;
	buf_putc(&b, 0);
	if (eq && decode(eq + 1, len - name_len - 1, &b, err))
		goto out;
	if (buf_check(&b, "a parameter", err))
		goto out;
	/* Text is kept as C strings: a zero byte would cut it unseen. */
	if (strlen(b.data) != at || strlen(b.data + at + 1) != b.len - at - 1) {
		rc = malformed(err, "a zero byte");
		goto out;
	}
	if (at > PARAM_NAME_MAX) {
		rc = malformed(err, "a parameter name is too long");
		goto out;
	}
	if (p->count == PARAMS_MAX) {
		rc = malformed(err, "too many parameters");
		goto out;
	}
	if (mem_grow(&p->items, &p->cap, p->count, sizeof(*p->items))) {
		rc = err_nomem(err);
		goto out;
	}
	p->items[p->count].name = buf_take(&b);
	if (!p->items[p->count].name) {
		rc = err_nomem(err);
		goto out;
	}
	p->items[p->count].value = p->items[p->count].name + at + 1;
	p->count++;
	rc = 0;
out:
	buf_clear(&b);
	return rc;
}

static int add_all(struct params *p, const char *text, size_t len, struct err *err)
{
	while (len) {
		const char *amp = memchr(text, '&', len);
		size_t pair = amp ? (size_t)(amp - text) : len;

		if (pair && add_pair(p, text, pair, err))
			return -1;
		text += pair + (amp ? 1 : 0);
		len -= pair + (amp ? 1 : 0);
	}
	return 0;
}

static int sort_and_check(struct params *p, struct err *err)
{
	if (p->count)
		qsort(p->items, p->count, sizeof(*p->items), compare_param);
	for (size_t i = 1; i < p->count; i++)
		if (!strcmp(p->items[i - 1].name, p->items[i].name))
			return service_error(err, 400, "MalformedQueryString",
					     "The parameter %.200s is given more than once", p->items[i].name);
	return 0;
}

int params_parse(const struct http_request *r, struct params **out, struct err *err)
{
	struct params *p = mem_alloc(sizeof(*p));

	if (!p)
		return err_nomem(err);
	if (add_all(p, r->query, strlen(r->query), err) || (r->body && add_all(p, r->body, r->body_len, err)) ||
	    sort_and_check(p, err)) {
		params_free(p);
		return -1;
	}
	*out = p;
	return 0;
}

void params_free(struct params *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->count; i++) {
		/* CreateCluster carries a password. */
		char *value = p->items[i].value;
		mem_free_wiped(p->items[i].name, (size_t)(value - p->items[i].name) + strlen(value));
	}
	mem_free(p->items);
	mem_free(p);
}

const char *params_get(const struct params *p, const char *name)
{
	struct param key = { .name = (char *)(uintptr_t)name };
	const struct param *found;

	if (!p->count)
		return NULL;
	found = bsearch(&key, p->items, p->count, sizeof(*p->items), compare_param);
	return found ? found->value : NULL;
}

const char *params_getf(const struct params *p, const char *fmt, ...)
{
	char name[PARAM_NAME_MAX + 1];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	return n < 0 || (size_t)n >= sizeof(name) ? NULL : params_get(p, name);
}

int params_bool(const struct params *p, const char *name, bool fallback, bool *out, struct err *err)
{
	const char *text = params_get(p, name);

	if (!text) {
		*out = fallback;
		return 0;
	}
	if (!strcasecmp(text, "true") || !strcmp(text, "1"))
		*out = true;
	else if (!strcasecmp(text, "false") || !strcmp(text, "0"))
		*out = false;
	else
		return service_error(err, 400, "InvalidParameterValue",
				     "Invalid value '%.100s' for %s. It must be true or false.", text, name);
	return 0;
}

int params_int(const struct params *p, const char *name, int64_t fallback, int64_t min, int64_t max, int64_t *out,
	       struct err *err)
{
	const char *text = params_get(p, name);
	long long value;
	char *end;

	if (!text) {
		*out = fallback;
		return 0;
	}
	errno = 0;
	value = strtoll(text, &end, 10);
	if (errno || end == text || *end || (*text != '-' && (*text < '0' || *text > '9')))
		return service_error(err, 400, "InvalidParameterValue",
				     "Invalid value '%.100s' for %s. It must be an integer.", text, name);
	if (value < min || value > max)
		return service_error(err, 400, "InvalidParameterValue",
				     "Invalid value '%.100s' for %s. It must be between %lld and %lld.", text, name,
				     (long long)min, (long long)max);
	*out = value;
	return 0;
}
