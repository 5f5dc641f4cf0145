/* EnableLogging, DisableLogging, DescribeLoggingStatus. Who delivers: redshift_audit.c. */
#include "sandbox/http/redshift/redshift.h"

static void write_time(const struct json *logging, const char *member, const char *element, struct buf *out)
{
	int64_t ms = json_int(logging, member, 0);
	char text[CLOCK_TEXT];

	if (!ms)
		return;
	clock_iso(ms, text);
	xml_element(out, element, text);
}

static void write_status(const struct json *doc, struct buf *out)
{
	const struct json *logging = json_get(doc, "logging");

	xml_element(out, "LoggingEnabled", logging ? "true" : "false");
	if (!logging)
		return;
	xml_element(out, "BucketName", json_str(logging, "bucket", NULL));
	xml_element(out, "S3KeyPrefix", json_str(logging, "prefix", NULL));
	write_time(logging, "deliveredMs", "LastSuccessfulDeliveryTime", out);
	write_time(logging, "failedMs", "LastFailureTime", out);
	xml_element(out, "LastFailureMessage", json_str(logging, "failure", NULL));
	xml_element(out, "LogDestinationType", json_str(logging, "destination", NULL));
	xml_open(out, "LogExports");
	for (const struct json *x = json_first(json_get(logging, "exports")); x; x = json_next(x))
		xml_element(out, "member", json_text(x));
	xml_close(out, "LogExports");
}

static int take_exports(const struct params *p, struct json *logging, struct err *err)
{
	static const char *const known[] = { "connectionlog", "useractivitylog", "userlog" };
	struct json *exports = json_new_array();
	const char *name;

	if (!exports || json_set(logging, "exports", exports) < 0)
		return err_nomem(err);
	for (int i = 1; (name = params_getf(p, "LogExports.member.%d", i)) != NULL; i++) {
		bool found = false;

		for (size_t k = 0; k < sizeof(known) / sizeof(*known); k++)
			found |= strcmp(known[k], name) == 0;
		if (!found)
			return service_error(err, 400, "InvalidParameterValue", "The log %.40s is not known: %s", name,
					     "connectionlog, useractivitylog, userlog");
		if (json_append_str(exports, name) < 0)
			return err_nomem(err);
	}
	return 0;
}

static int take_bucket(struct world *w, const struct params *p, struct json *logging, struct err *err)
{
	const char *bucket = params_get(p, "BucketName"), *prefix = params_get(p, "S3KeyPrefix");

	if (!bucket || !*bucket)
		return service_error(err, 400, "InvalidS3BucketNameFault", "The S3 bucket name is not valid.");
	if (!store_get(w->store, "s3:bucket", bucket))
		return service_error(err, 400, "BucketNotFoundFault", "Could not find bucket %.100s", bucket);
	if (prefix && (strlen(prefix) > 512 || strpbrk(prefix, " '\"\\")))
		return service_error(err, 400, "InvalidS3KeyPrefixFault",
				     "The S3 key prefix must have at most 512 characters, and no blanks, quotes or "
				     "backslashes.");
	if (json_set_str(logging, "bucket", bucket) < 0 ||
	    (prefix && *prefix && json_set_str(logging, "prefix", prefix) < 0))
		return err_nomem(err);
	return 0;
}

static int take_logging(struct world *w, const struct params *p, struct json *logging, struct err *err)
{
	const char *destination = params_get(p, "LogDestinationType");

	if (!destination || !*destination)
		destination = "s3";
	if (strcmp(destination, "s3") != 0 && strcmp(destination, "cloudwatch") != 0)
		return service_error(err, 400, "InvalidParameterValue",
				     "The log destination type must be s3 or cloudwatch, not %.40s", destination);
	if (json_set_str(logging, "destination", destination) < 0 ||
	    json_set_int(logging, "sinceMs", clock_now(w->clock)) < 0)
		return err_nomem(err);
	if (strcmp(destination, "s3") == 0 && take_bucket(w, p, logging, err) < 0)
		return -1;
	return take_exports(p, logging, err);
}

static int put(struct world *w, const struct caller *who, const struct params *p, struct json *copy, struct buf *out,
	       struct err *err)
{
	char id[128];

	if (redshift_doc_id(who, p, id, err) < 0) {
		json_free(copy);
		return -1;
	}
	write_status(copy, out);
	if (store_put(w->store, CLUSTER_KIND, id, copy, err) < 0)
		return -1;
	return buf_check(out, "reply", err);
}

REDSHIFT_HANDLER(redshift_enable_logging)
{
	const struct json *doc = redshift_find(w, who, p, err);
	struct json *copy, *logging;

	if (!doc || redshift_check_idle(w, doc, err) < 0)
		return -1;
	copy = json_copy(doc);
	logging = json_new_object();
	if (!copy || !logging || json_set(copy, "logging", logging) < 0) {
		if (!copy)
			json_free(logging);
		json_free(copy);
		return err_nomem(err);
	}
	if (take_logging(w, p, logging, err) < 0) {
		json_free(copy);
		return -1;
	}
	return put(w, who, p, copy, out, err);
}

REDSHIFT_HANDLER(redshift_disable_logging)
{
	const struct json *doc = redshift_find(w, who, p, err);
	struct json *copy;

	if (!doc || redshift_check_idle(w, doc, err) < 0)
		return -1;
	copy = json_copy(doc);
	if (!copy)
		return err_nomem(err);
	json_remove(copy, "logging");
	return put(w, who, p, copy, out, err);
}

REDSHIFT_HANDLER(redshift_describe_logging)
{
	const struct json *doc = redshift_find(w, who, p, err);

	if (!doc)
		return -1;
	write_status(doc, out);
	return buf_check(out, "reply", err);
}
