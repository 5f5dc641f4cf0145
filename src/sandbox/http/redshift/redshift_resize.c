/* ResizeCluster, DescribeResize, CancelResize. */
#include "sandbox/http/redshift/redshift.h"
#include "spark/sandbox/clusters.h"

int redshift_begin_resize(struct world *w, struct json *doc, const struct redshift_shape *shape, bool classic,
			  struct err *err)
{
	struct json *resize = json_new_object();

	if (!resize || json_set(doc, "resize", resize) < 0)
		return err_nomem(err);
	if (json_set_str(resize, "type", classic ? "ClassicResize" : "ElasticResize") < 0 ||
	    json_set_str(resize, "targetType", shape->type->name) < 0 ||
	    json_set_int(resize, "targetNodes", shape->nodes) < 0 ||
	    json_set_str(resize, "targetKind", shape->kind) < 0 || json_set_str(resize, "status", "IN_PROGRESS") < 0 ||
	    json_set_int(resize, "startedMs", clock_now(w->clock)) < 0)
		return err_nomem(err);
	return 0;
}

static int set_pending(struct json *doc, const struct redshift_shape *shape, struct err *err)
{
	struct json *pending = json_new_object();

	if (!pending || json_set(doc, "pending", pending) < 0 ||
	    json_set_str(pending, "nodeType", shape->type->name) < 0 ||
	    json_set_int(pending, "nodes", shape->nodes) < 0 || json_set_str(pending, "clusterType", shape->kind) < 0)
		return err_nomem(err);
	return 0;
}

REDSHIFT_HANDLER(redshift_resize)
{
	const struct json *doc = redshift_find(w, who, p, err);
	struct redshift_shape shape;
	struct json *copy;
	bool classic;
	char id[128];

	if (!doc || redshift_doc_id(who, p, id, err) < 0 || params_bool(p, "Classic", false, &classic, err) < 0 ||
	    redshift_check_idle(w, doc, err) < 0 ||
	    redshift_check_shape(p, doc, clusters_allow_retired(w->clusters), &shape, err) < 0)
		return -1;
	if (!shape.changes)
		return service_error(err, 400, "InvalidParameterCombination",
				     "The cluster has that node type and number of nodes already.");
	if (!classic && (shape.nodes == 1 || json_int(doc, "nodes", 1) == 1))
		return service_error(err, 400, "UnsupportedOperation",
				     "Elastic resize is not available from or to a cluster of one node. Use a classic "
				     "resize.");
	copy = redshift_copy_as(w, doc, classic ? "resizing" : "available, prep-for-resize", err);
	if (!copy)
		return -1;
	if (set_pending(copy, &shape, err) < 0 || redshift_begin_resize(w, copy, &shape, classic, err) < 0) {
		json_free(copy);
		return -1;
	}
	return redshift_put_cluster(w, id, copy, out, err);
}

static void write_resize(struct world *w, const struct json *doc, struct buf *out)
{
	const struct json *r = json_get(doc, "resize");
	const char *status = json_str(r, "status", "NONE");
	int64_t end = json_int(r, "endedMs", clock_now(w->clock));

	xml_element(out, "TargetNodeType", json_str(r, "targetType", ""));
	xml_elementf(out, "TargetNumberOfNodes", "%lld", (long long)json_int(r, "targetNodes", 0));
	xml_element(out, "TargetClusterType", json_str(r, "targetKind", ""));
	xml_element(out, "TargetEncryptionType", json_bool(doc, "encrypted", true) ? "KMS" : "NONE");
	xml_element(out, "Status", status);
	xml_element(out, "ResizeType", json_str(r, "type", ""));
	xml_element(out, "ImportTablesCompleted", "");
	xml_element(out, "ImportTablesInProgress", "");
	xml_element(out, "ImportTablesNotStarted", "");
	xml_elementf(out, "ElapsedTimeInSeconds", "%lld", (long long)((end - json_int(r, "startedMs", end)) / 1000));
	xml_element(out, "DataTransferProgressPercent", strcmp(status, "SUCCEEDED") == 0 ? "100.0" : "0.0");
}

static int refuse_none(const struct json *doc, struct err *err)
{
	return service_error(err, 404, "ResizeNotFound", "A resize operation for cluster %s could not be found.",
			     json_str(doc, "id", ""));
}

REDSHIFT_HANDLER(redshift_describe_resize)
{
	const struct json *doc = redshift_find(w, who, p, err);

	if (!doc)
		return -1;
	if (!json_get(doc, "resize"))
		return refuse_none(doc, err);
	write_resize(w, doc, out);
	return buf_check(out, "reply", err);
}

REDSHIFT_HANDLER(redshift_cancel_resize)
{
	const struct json *doc = redshift_find(w, who, p, err);
	struct json *copy;
	char id[128];

	if (!doc || redshift_doc_id(who, p, id, err) < 0)
		return -1;
	if (strcmp(json_str(json_get(doc, "resize"), "status", ""), "IN_PROGRESS") != 0)
		return refuse_none(doc, err);
	if (strcmp(json_str(doc, "status", ""), "resizing") != 0 ||
	    strcmp(json_str(json_get(doc, "resize"), "type", ""), "ClassicResize") != 0)
		return service_error(err, 400, "InvalidClusterState",
				     "Only a classic resize can be cancelled while it is under way.");
	copy = redshift_copy_as(w, doc, "cancelling-resize", err);
	if (!copy || json_set_str(json_get_mut(copy, "resize"), "status", "CANCELLING") < 0) {
		json_free(copy);
		return copy ? err_nomem(err) : -1;
	}
	write_resize(w, copy, out);
	if (store_put(w->store, CLUSTER_KIND, id, copy, err) < 0)
		return -1;
	return buf_check(out, "reply", err);
}
