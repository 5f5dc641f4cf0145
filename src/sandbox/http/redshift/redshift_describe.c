/* DescribeClusters. */
#include "sandbox/http/redshift/redshift.h"

static void write_cluster(struct world *w, const struct json *doc, struct buf *out)
{
	redshift_write_cluster(w, doc, NULL, out);
}

REDSHIFT_HANDLER(redshift_describe_clusters)
{
	const char *id = params_get(p, "ClusterIdentifier");
	struct redshift_list list = { .kind = CLUSTER_KIND, .element = "Clusters", .write = write_cluster };
	const struct json *doc;

	if (!id || !*id)
		return redshift_write_list(w, who, p, &list, out, err);
	if (!(doc = redshift_find(w, who, p, err)))
		return -1;
	xml_open(out, "Clusters");
	write_cluster(w, doc, out);
	xml_close(out, "Clusters");
	return buf_check(out, "reply", err);
}
