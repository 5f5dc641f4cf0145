#include "spark/base/xml.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xmlerror.h>
#include <limits.h>
#include <pthread.h>
#include <string.h>

#include "spark/base/dynlib.h"
#include "spark/base/mem.h"

#define ATTRIBUTES_MAX 100

/* libxml2's functions, loaded at first use. */
static struct {
	__typeof__(xmlInitParser) *init_parser;
	__typeof__(xmlNewParserCtxt) *new_context;
	__typeof__(xmlFreeParserCtxt) *free_context;
	__typeof__(xmlCtxtReadMemory) *read_memory;
	__typeof__(xmlCtxtGetLastError) *last_error;
	__typeof__(xmlStopParser) *stop_parser;
	__typeof__(xmlDocGetRootElement) *root_element;
	__typeof__(xmlFreeDoc) *free_doc;
} lib;

static pthread_once_t load_once = PTHREAD_ONCE_INIT;
static struct err load_error;

static void load(void)
{
	const struct dynlib_symbol symbols[] = {
		{ "xmlInitParser", (void **)&lib.init_parser },
		{ "xmlNewParserCtxt", (void **)&lib.new_context },
		{ "xmlFreeParserCtxt", (void **)&lib.free_context },
		{ "xmlCtxtReadMemory", (void **)&lib.read_memory },
		{ "xmlCtxtGetLastError", (void **)&lib.last_error },
		{ "xmlStopParser", (void **)&lib.stop_parser },
		{ "xmlDocGetRootElement", (void **)&lib.root_element },
		{ "xmlFreeDoc", (void **)&lib.free_doc },
	};

	if (dynlib_load("libxml2.so.2", symbols, sizeof(symbols) / sizeof(symbols[0]), &load_error) == 0)
		lib.init_parser();
}

/* struct xml_doc and xml_node are libxml2's under other names; never defined. */
static const xmlNode *node_of(const struct xml_node *n)
{
	return (const xmlNode *)(const void *)n;
}

static const struct xml_node *our_node(const xmlNode *n)
{
	return (const struct xml_node *)(const void *)n;
}

/* Called for <!DOCTYPE before anything of it is acted upon. */
static void refuse_doctype(void *context, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
	xmlParserCtxtPtr ctxt = context;

	(void)name;
	(void)external;
	(void)system;
	*(bool *)ctxt->_private = true;
	lib.stop_parser(ctxt);
}

static int parse_failed(xmlParserCtxtPtr ctxt, bool has_doctype, struct err *err)
{
	const xmlError *why = lib.last_error(ctxt);
	char message[256] = "it is empty or cut off";
	int line = why && why->line > 0 ? why->line : 1;

	if (has_doctype)
		return err_set(err, ERR_PARSE, "XML with a document type declaration is refused");
	if (why && why->code == XML_ERR_NO_MEMORY)
		return err_nomem(err);
	if (why && why->message) {
		size_t len = strcspn(why->message, "\n");

		if (len >= sizeof(message))
			len = sizeof(message) - 1;
		memcpy(message, why->message, len);
		message[len] = '\0';
	}
	return err_set(err, ERR_PARSE, "not valid XML at line %d: %s", line, message);
}

/* Behind the next `end` at or after p; the end of the text when there is none, which the parser complains of. */
static const char *skip_to(const char *p, const char *stop, const char *end)
{
	const char *found = memmem(p, (size_t)(stop - p), end, strlen(end));

	return found ? found + strlen(end) : stop;
}

/* One tag from behind its '<' on; *attributes: how many it has. */
static const char *skip_tag(const char *p, const char *stop, size_t *attributes)
{
	*attributes = 0;
	for (; p < stop && *p != '>' && *p != '<'; p++) {
		*attributes += *p == '=';
		if (*p != '"' && *p != '\'')
			continue;
		p = memchr(p + 1, *p, (size_t)(stop - p - 1));
		if (!p)
			return stop;
	}
	return p;
}

/* The parser compares each attribute of a tag with all before it: a hundred thousand take it a quarter of a minute. */
static bool has_broad_tag(const char *text, size_t len)
{
	const char *stop = text + len, *p = text;
	size_t attributes;

	while ((p = memchr(p, '<', (size_t)(stop - p))) != NULL) {
		size_t left = (size_t)(stop - ++p);

		if (left >= 3 && memcmp(p, "!--", 3) == 0) {
			p = skip_to(p + 3, stop, "-->");
		} else if (left >= 8 && memcmp(p, "![CDATA[", 8) == 0) {
			p = skip_to(p + 8, stop, "]]>");
		} else if (left >= 1 && *p == '?') {
			p = skip_to(p + 1, stop, "?>");
		} else {
			p = skip_tag(p, stop, &attributes);
			if (attributes > ATTRIBUTES_MAX)
				return true;
		}
	}
	return false;
}

struct xml_doc *xml_parse(const char *text, size_t len, struct err *err)
{
	bool has_doctype = false;
	xmlParserCtxtPtr ctxt;
	xmlDocPtr doc = NULL;

	pthread_once(&load_once, load);
	if (load_error.kind != ERR_NONE) {
		if (err)
			*err = load_error;
		return NULL;
	}
	if (len > INT_MAX) {
		err_set(err, ERR_PARSE, "an XML document of %zu bytes is too long", len);
		return NULL;
	}
	if (has_broad_tag(text, len)) {
		err_set(err, ERR_PARSE, "XML with more than %d attributes in one tag is refused", ATTRIBUTES_MAX);
		return NULL;
	}
	ctxt = lib.new_context();
	if (!ctxt) {
		err_nomem(err);
		return NULL;
	}
	ctxt->_private = &has_doctype;
	ctxt->sax->internalSubset = refuse_doctype;
	/* In no other encoding, whatever the document says: in those a tag can look like none. */
	doc = lib.read_memory(ctxt, text, (int)len, NULL, "UTF-8",
			      XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA |
				      XML_PARSE_IGNORE_ENC | XML_PARSE_COMPACT);
	if (!doc || !ctxt->wellFormed || has_doctype) {
		parse_failed(ctxt, has_doctype, err);
		if (doc)
			lib.free_doc(doc);
		doc = NULL;
	}
	lib.free_context(ctxt);
	return (struct xml_doc *)(void *)doc;
}

void xml_free(struct xml_doc *doc)
{
	if (doc)
		lib.free_doc((xmlDocPtr)(void *)doc);
}

const struct xml_node *xml_root(const struct xml_doc *doc)
{
	return doc ? our_node(lib.root_element((const xmlDoc *)(const void *)doc)) : NULL;
}

const char *xml_name(const struct xml_node *n)
{
	return n ? (const char *)node_of(n)->name : NULL;
}

/* The first element of that name among n and those behind it. */
static const struct xml_node *first_named(const xmlNode *n, const char *name, size_t len)
{
	for (; n; n = n->next) {
		if (n->type != XML_ELEMENT_NODE)
			continue;
		if (!name || (strncmp((const char *)n->name, name, len) == 0 && n->name[len] == '\0'))
			return our_node(n);
	}
	return NULL;
}

const struct xml_node *xml_child(const struct xml_node *n, const char *name)
{
	return n ? first_named(node_of(n)->children, name, name ? strlen(name) : 0) : NULL;
}

const struct xml_node *xml_next(const struct xml_node *n, const char *name)
{
	return n ? first_named(node_of(n)->next, name, name ? strlen(name) : 0) : NULL;
}

const struct xml_node *xml_path(const struct xml_node *n, const char *path)
{
	while (n && path && *path) {
		size_t len = strcspn(path, "/");

		n = first_named(node_of(n)->children, path, len);
		path += len;
		if (*path == '/')
			path++;
	}
	return n;
}

bool xml_text(const struct xml_node *n, const char *path, struct buf *out)
{
	const struct xml_node *found = xml_path(n, path);

	if (!found)
		return false;
	for (const xmlNode *c = node_of(found)->children; c; c = c->next) {
		if ((c->type == XML_TEXT_NODE || c->type == XML_CDATA_SECTION_NODE) && c->content)
			buf_puts(out, (const char *)c->content);
	}
	return true;
}

bool xml_text_into(const struct xml_node *n, const char *path, char *out, size_t size)
{
	struct buf text;
	bool found;

	buf_init(&text, size ? size - 1 : 1);
	found = xml_text(n, path, &text) && !text.failed && text.len < size;
	if (found)
		memcpy(out, text.data, text.len + 1);
	buf_clear(&text);
	return found;
}
