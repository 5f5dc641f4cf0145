#ifndef SPARK_BASE_XML_H
#define SPARK_BASE_XML_H

#include <stdbool.h>
#include <stddef.h>

#include "spark/base/buf.h"
#include "spark/base/err.h"

/* XML documents over libxml2, with no network, no entities beyond the five predefined ones, no DTD, depth and
 * attributes of a tag limited, UTF-8 only. Name spaces are ignored: elements are found by local name. libxml2 is loaded
 * at first use. */
struct xml_doc;
struct xml_node;

struct xml_doc *xml_parse(const char *text, size_t len, struct err *err) MUST_CHECK; /* ERR_PARSE with the line */
void xml_free(struct xml_doc *doc);
const struct xml_node *xml_root(const struct xml_doc *doc);
const char *xml_name(const struct xml_node *n);
/* First child element of that name (any when NULL); next sibling element of that name. NULL when none. */
const struct xml_node *xml_child(const struct xml_node *n, const char *name);
const struct xml_node *xml_next(const struct xml_node *n, const char *name);
/* Follows "a/b/c" from n through first children. */
const struct xml_node *xml_path(const struct xml_node *n, const char *path);
/* Text of the element at path ("" or NULL: of n itself), without children's; appended to out. False when absent. */
bool xml_text(const struct xml_node *n, const char *path, struct buf *out);
/* The same into a fixed array; cut text counts as absent. */
bool xml_text_into(const struct xml_node *n, const char *path, char *out, size_t size);

/* Writing: open, text and close elements in a buf; text is escaped, bytes that XML 1.0 cannot hold become U+FFFD. */
void xml_open(struct buf *out, const char *name);
void xml_close(struct buf *out, const char *name);
void xml_escape(struct buf *out, const char *text, size_t len);
void xml_element(struct buf *out, const char *name, const char *text); /* text NULL: nothing is written */
void xml_elementf(struct buf *out, const char *name, const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif
