/* Audit logs: what a cluster's history has since the last time becomes objects of the bucket that EnableLogging named.
 * Of the cluster's document, "logging": sinceMs (what is before it was delivered), deliveredMs, failedMs, failure. */
#include <sys/stat.h>
#include <zlib.h>

#include "sandbox/cluster/events.h"
#include "sandbox/history/audit.h"
#include "sandbox/http/redshift/redshift.h"
#include "sandbox/http/redshift/redshift_schedule.h"
#include "spark/base/file.h"
#include "spark/base/log.h"
#include "spark/base/mem.h"
#include "spark/sandbox/clusters.h"
#include "spark/sandbox/objects.h"

#define SETTLED_MS     2000 /* lines reach the history's files in less */
#define LOG_MAX_BYTES  ((size_t)64 * 1024 * 1024)
#define GZIP_WINDOW    (15 + 16)
#define GZIP_MEM_LEVEL 8

struct delivery {
	struct world *w;
	const char *after; /* clusters up to this one had their turn */
	struct json *doc;  /* a copy */
	char id[160];
	int64_t from_ms, to_ms;
};

static bool is_logged(const struct json *doc)
{
	const struct json *logging = json_get(doc, "logging");

	return logging && strcmp(json_str(logging, "destination", ""), "s3") == 0 &&
	       strncmp(json_str(doc, "status", ""), "available", 9) == 0;
}

static int find_due(void *arg, const char *id, const struct json *doc)
{
	struct delivery *d = arg;
	const struct json *logging = json_get(doc, "logging");

	if (strcmp(id, d->after) <= 0 || !is_logged(doc))
		return 0;
	d->from_ms = json_int(logging, "sinceMs", 0);
	if (d->to_ms - d->from_ms < d->w->log_interval_ms)
		return 0;
	snprintf(d->id, sizeof(d->id), "%s", id);
	d->doc = json_copy(doc);
	return 1;
}

static char *history_dir(const struct delivery *d)
{
	return mem_printf("%s/clusters/%s/data/sparkctl_history", d->w->dir, json_str(d->doc, "folder", ""));
}

/* Nothing was written since: there is no need to read it all. */
static bool is_quiet(const struct delivery *d, const char *dir)
{
	char *path = file_join(dir, "now");
	struct stat st;
	bool quiet = !path || stat(path, &st) || st.st_mtime < (time_t)(d->from_ms / 1000);

	mem_free(path);
	return quiet;
}

static int compress_text(const struct buf *text, struct buf *out, struct err *err)
{
	z_stream z = { .next_in = (Bytef *)text->data, .avail_in = (uInt)text->len };
	size_t bound;
	char *to;
	int rc = -1;

	if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, GZIP_MEM_LEVEL, Z_DEFAULT_STRATEGY) !=
	    Z_OK)
		return err_nomem(err);
	bound = deflateBound(&z, text->len);
	to = buf_reserve(out, bound);
	if (!to) {
		err_nomem(err);
		goto out;
	}
	z.next_out = (Bytef *)to;
	z.avail_out = (uInt)bound;
	if (deflate(&z, Z_FINISH) != Z_STREAM_END) {
		err_set(err, ERR_BUG, "an audit log cannot be compressed");
		goto out;
	}
	buf_commit(out, z.total_out);
	rc = 0;
out:
	deflateEnd(&z);
	return rc;
}

/* Where AWS puts it; a second one of a minute has its seconds in the name. */
static char *make_key(const struct delivery *d, enum audit_log log)
{
	const char *prefix = json_str(json_get(d->doc, "logging"), "prefix", ""),
		   *region = json_str(d->doc, "region", "");
	const char *bucket = json_str(json_get(d->doc, "logging"), "bucket", "");
	size_t len = strlen(prefix);
	struct object_info there = { 0 };
	char time[CLOCK_TEXT], *key = NULL;

	clock_iso_s(d->to_ms, time);
	for (int digits = 16; digits <= 19; digits += 3) {
		mem_free(key);
		key = mem_printf("%s%sAWSLogs/%s/redshift/%s/%.4s/%.2s/%.2s/%s_redshift_%s_%s_%s_%.*s.gz", prefix,
				 len && prefix[len - 1] != '/' ? "/" : "", d->w->account, region, time, time + 5,
				 time + 8, d->w->account, region, json_str(d->doc, "id", ""), audit_name(log), digits,
				 time);
		if (!key || !objects_head(d->w->objects, bucket, key, &there))
			break;
		object_info_clear(&there);
	}
	return key;
}

static int put_log(const struct delivery *d, enum audit_log log, const struct buf *text, struct err *err)
{
	const char *bucket = json_str(json_get(d->doc, "logging"), "bucket", "");
	struct object_info info = { .content_type = "application/x-gzip" };
	struct buf packed;
	int rc = -1;

	buf_init(&packed, LOG_MAX_BYTES);
	info.key = make_key(d, log);
	if (!info.key)
		err_nomem(err);
	else if (!compress_text(text, &packed, err))
		rc = objects_put(d->w->objects, bucket, &info, packed.data, packed.len, true, err);
	object_info_clear(&info);
	buf_clear(&packed);
	return rc;
}

static int note_user(void *arg, int count, const char *const *values)
{
	struct json *ids = arg;

	return count == 2 && values[0] && values[1] && json_set_int(ids, values[0], strtoll(values[1], NULL, 10));
}

/* {name: number}; a cluster that does not answer just now is not waited for. */
static struct json *read_ids(const struct delivery *d)
{
	struct json *ids = json_new_object();
	struct err why = { 0 };

	if (ids &&
	    clusters_ask(d->w->clusters, d->id, "SELECT rolname, oid FROM pg_catalog.pg_roles", note_user, ids, &why))
		log_debug("audit logs of cluster '%s': the numbers of users: %s", d->id, why.text);
	return ids;
}

/* *count: how many objects were made. */
static int deliver(const struct delivery *d, const char *dir, int *count, struct err *err)
{
	const char *bucket = json_str(json_get(d->doc, "logging"), "bucket", "");
	bool activity = strcmp(json_str(json_get(d->doc, "appliedParameters"), "enable_user_activity_logging", "false"),
			       "true") == 0;
	struct json *ids;
	int rc = 0;

	if (!objects_bucket_exists(d->w->objects, bucket))
		return service_error(err, 404, "NoSuchBucket",
				     "S3 bucket %s does not exist. Logging cannot be continued for cluster %s", bucket,
				     json_str(d->doc, "id", ""));
	ids = read_ids(d);
	for (int log = 0; !rc && log < AUDIT_LOGS; log++) {
		struct buf text;

		if (log == AUDIT_ACTIVITY && !activity)
			continue;
		buf_init(&text, LOG_MAX_BYTES);
		rc = audit_write(dir, (enum audit_log)log, d->from_ms * 1000, d->to_ms * 1000, ids, &text, err);
		if (!rc && text.len) {
			rc = put_log(d, (enum audit_log)log, &text, err);
			*count += !rc;
		}
		buf_clear(&text);
	}
	json_free(ids);
	return rc;
}

static int note_failure(struct world *w, const struct json *doc, struct json *logging, const struct err *why,
			struct err *err)
{
	char now[CLOCK_TEXT], text[700];
	struct event e = { "cluster", json_str(doc, "id", ""), "REDSHIFT-EVENT-3506", "ERROR", text };
	bool again = strcmp(json_str(logging, "failure", ""), why->text) == 0;

	clock_iso_s(clock_now(w->clock), now);
	snprintf(text, sizeof(text), "%.600s at %s.", why->text, now);
	if (json_set_int(logging, "failedMs", clock_now(w->clock)) || json_set_str(logging, "failure", why->text))
		return err_nomem(err);
	return again || strcmp(why->code, "NoSuchBucket") != 0 ? 0
							       : events_put(w, json_str(doc, "region", ""), &e, err);
}

/* Unless logging was changed meanwhile. */
static int note_result(const struct delivery *d, const struct err *why, bool delivered, struct err *err)
{
	struct world *w = d->w;
	const struct json *now;
	struct json *copy = NULL, *logging;
	int rc = 0;

	store_lock(w->store);
	now = store_get(w->store, CLUSTER_KIND, d->id);
	if (!is_logged(now) || json_int(json_get(now, "logging"), "sinceMs", 0) != d->from_ms)
		goto out;
	rc = -1;
	copy = json_copy(now);
	logging = copy ? json_get_mut(copy, "logging") : NULL;
	if (!logging || json_set_int(logging, "sinceMs", d->to_ms) ||
	    (delivered && json_set_int(logging, "deliveredMs", d->to_ms))) {
		err_nomem(err);
		goto out;
	}
	if (why && note_failure(w, now, logging, why, err))
		goto out;
	rc = store_put(w->store, CLUSTER_KIND, d->id, copy, err) || store_commit(w->store, err) ? -1 : 0;
	copy = NULL;
out:
	if (rc)
		store_rollback(w->store);
	json_free(copy);
	store_unlock(w->store);
	return rc;
}

static void run_one(const struct delivery *d)
{
	char *dir = history_dir(d);
	struct err why = { 0 }, err = { 0 };
	int count = 0, rc = 0;

	if (!dir || is_quiet(d, dir))
		goto out;
	rc = deliver(d, dir, &count, &why);
	if (rc)
		log_warn("audit logs of cluster '%s': %s", d->id, why.text);
	if (note_result(d, rc ? &why : NULL, count > 0, &err))
		log_error("audit logs of cluster '%s': %s", d->id, err.text);
out:
	mem_free(dir);
}

void audit_run_due(struct world *w)
{
	char last[160] = "";

	for (;;) {
		struct delivery d = { .w = w, .after = last, .to_ms = clock_now(w->clock) - SETTLED_MS };

		store_lock(w->store);
		store_each(w->store, CLUSTER_KIND, "", find_due, &d);
		store_unlock(w->store);
		if (!d.doc)
			return;
		run_one(&d);
		json_free(d.doc);
		memcpy(last, d.id, sizeof(last));
	}
}
