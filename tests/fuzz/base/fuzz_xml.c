/* Layer: base. Every element of what is accepted as XML is visited, and its text survives writing and reading. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "spark/base/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const struct xml_node *n)
{
	struct buf text, out, back;
	struct xml_doc *doc;
	struct err err;

	buf_init(&text, 0);
	buf_init(&out, 0);
	buf_init(&back, 0);
	if (!xml_text(n, NULL, &text))
		abort();
	xml_element(&out, "t", text.data);
	doc = xml_parse(out.data, out.len, &err);
	if (!doc || !xml_text(xml_root(doc), NULL, &back) || strcmp(text.data, back.data) != 0)
		abort();
	xml_free(doc);
	buf_clear(&back);
	buf_clear(&out);
	buf_clear(&text);
}

static void visit(const struct xml_node *n)
{
	check_text(n);
	for (const struct xml_node *c = xml_child(n, NULL); c; c = xml_next(c, NULL)) {
		if (!xml_name(c) || !xml_child(n, xml_name(c)))
			abort();
		visit(c);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err;
	struct xml_doc *doc = xml_parse((const char *)data, size, &err);

	if (doc) {
		visit(xml_root(doc));
		xml_free(doc);
	}
	return 0;
}
