/* BatchDeleteClusterSnapshots, BatchModifyClusterSnapshots: what cannot be done to one is told of it, and the others go
 * on. */
#include "sandbox/http/redshift/redshift.h"

#define BATCH_MAX 100

/* One snapshot of the list. */
struct named {
	const char *id, *cluster; /* cluster: "" when the call does not say whose it is */
};

struct batch {
	struct world *w;
	const struct caller *who;
	const struct params *p;
	struct buf *out;
	/* The nth of the list, from 1; false behind the last. */
	bool (*at)(const struct params *p, int n, struct named *named);
	int (*act)(const struct batch *b, const struct named *named, struct err *err);
	const char *full; /* the code when the list is too long */
	struct redshift_retention retention;
};

static void write_error(const struct named *named, const struct err *why, struct buf *out)
{
	xml_open(out, "SnapshotErrorMessage");
	xml_element(out, "SnapshotIdentifier", named->id);
	if (*named->cluster)
		xml_element(out, "SnapshotClusterIdentifier", named->cluster);
	xml_element(out, "FailureCode", why->code);
	xml_element(out, "FailureReason", why->text);
	xml_close(out, "SnapshotErrorMessage");
}

static bool named_before(const struct batch *b, int n, const char *id)
{
	struct named other;

	for (int i = 1; i < n; i++)
		if (b->at(b->p, i, &other) && strcasecmp(other.id, id) == 0)
			return true;
	return false;
}

/* Errors of the service are one snapshot's own; others (no memory, a full disk) are the whole call's. */
static int act_on_each(const struct batch *b, struct buf *errors, struct err *err)
{
	struct named named;

	for (int n = 1; b->at(b->p, n, &named); n++) {
		struct err why = { 0 };

		/* What the first did to it is not committed yet, so that it cannot be told. */
		if (named_before(b, n, named.id))
			continue;
		if (!b->act(b, &named, &why)) {
			xml_element(b->out, "String", named.id);
		} else if (*why.code) {
			write_error(&named, &why, errors);
		} else {
			*err = why;
			return -1;
		}
	}
	return buf_check(errors, "reply", err);
}

static int run_batch(const struct batch *b, struct err *err)
{
	struct named named;
	struct buf errors;
	int rc;

	if (!b->at(b->p, 1, &named))
		return service_error(err, 400, "MissingParameter",
				     "The request must contain at least one snapshot identifier.");
	if (b->at(b->p, BATCH_MAX + 1, &named))
		return service_error(err, 400, b->full, "The request has more than %d snapshot identifiers.",
				     BATCH_MAX);
	buf_init(&errors, BUF_MAX_DEFAULT);
	xml_open(b->out, "Resources");
	rc = act_on_each(b, &errors, err);
	xml_close(b->out, "Resources");
	xml_open(b->out, "Errors");
	buf_add(b->out, errors.len ? errors.data : "", errors.len);
	xml_close(b->out, "Errors");
	buf_clear(&errors);
	return rc ? rc : buf_check(b->out, "reply", err);
}

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

static bool at_delete(const struct params *p, int n, struct named *named)
{
	static const char *const items[] = { "DeleteClusterSnapshotMessage", "member" };

	for (size_t i = 0; i < sizeof(items) / sizeof(*items); i++) {
		named->id = params_getf(p, "Identifiers.%s.%d.SnapshotIdentifier", items[i], n);
		named->cluster = or_empty(params_getf(p, "Identifiers.%s.%d.SnapshotClusterIdentifier", items[i], n));
		if (named->id)
			return true;
	}
	return false;
}

static bool at_modify(const struct params *p, int n, struct named *named)
{
	named->id = redshift_list_item(p, "SnapshotIdentifierList", "String", n);
	named->cluster = "";
	return named->id != NULL;
}

static int delete_one(const struct batch *b, const struct named *named, struct err *err)
{
	const struct json *doc = redshift_snapshot_named(b->w, b->who, named->id, named->cluster, err);

	return doc ? redshift_remove_snapshot(b->w, b->who, doc, NULL, err) : -1;
}

static int modify_one(const struct batch *b, const struct named *named, struct err *err)
{
	const struct json *doc = redshift_snapshot_named(b->w, b->who, named->id, NULL, err);
	struct redshift_retention r = b->retention;

	if (doc && !params_get(b->p, "ManualSnapshotRetentionPeriod"))
		r.days = json_int(doc, "retention", -1);
	return doc ? redshift_retain_snapshot(b->w, b->who, doc, &r, NULL, err) : -1;
}

REDSHIFT_HANDLER(redshift_delete_snapshots)
{
	struct batch b = { .w = w, .who = who, .p = p, .out = out, .at = at_delete, .act = delete_one };

	b.full = "BatchDeleteRequestSizeExceeded";
	return run_batch(&b, err);
}

REDSHIFT_HANDLER(redshift_modify_snapshots)
{
	struct batch b = { .w = w, .who = who, .p = p, .out = out, .at = at_modify, .act = modify_one };

	b.full = "BatchModifyClusterSnapshotsLimitExceededFault";
	if (redshift_take_retention(p, "ManualSnapshotRetentionPeriod", -1, &b.retention.days, err) < 0 ||
	    params_bool(p, "Force", false, &b.retention.force, err) < 0)
		return -1;
	return run_batch(&b, err);
}
