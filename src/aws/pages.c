#include "aws/pages.h"

#include "aws/decode.h"

static int walk_page(const struct paged_list *l, const struct xml_node *result, struct err *err)
{
	const struct xml_node *list = xml_path(result, l->list);
	const struct xml_node *n = list ? xml_child(list, l->item) : NULL;

	for (; n; n = xml_next(n, l->item)) {
		int rc = l->each(l->arg, n, err);
		if (rc != 0)
			return rc;
	}
	return 0;
}

int pages_walk(struct aws_client *c, const struct paged_list *l, struct err *err)
{
	struct buf marker, next;
	int rc;

	buf_init(&marker, 64 * 1024);
	buf_init(&next, 64 * 1024);
	do {
		struct aws_params p;
		struct xml_doc *doc = NULL;
		const struct xml_node *result = NULL;
		aws_params_init(&p, l->action, l->version);
		if (l->add)
			l->add(l->arg, &p);
		if (marker.len > 0)
			aws_params_add(&p, l->marker_in, marker.data);
		rc = aws_call(c, l->service, &p, true, &doc, &result, err);
		aws_params_clear(&p);
		if (rc != 0)
			break;
		buf_reset(&next);
		xml_text(result, l->marker_out, &next);
		rc = walk_page(l, result, err);
		xml_free(doc);
		if (rc != 0 || next.len == 0)
			break;
		/* A service that names the same page again would keep us here for ever. */
		if (next.len == marker.len && memcmp(next.data, marker.data, next.len) == 0) {
			rc = decode_refused(err, "%s %s names the same page twice", l->service, l->action);
			break;
		}
		buf_reset(&marker);
		buf_add(&marker, next.data, next.len);
		rc = buf_check(&marker, "page marker", err);
	} while (rc == 0);
	buf_clear(&marker);
	buf_clear(&next);
	return rc;
}
