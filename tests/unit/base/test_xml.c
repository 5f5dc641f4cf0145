#include "unit/cm.h"

#include <string.h>

#include "spark/base/xml.h"

static struct xml_doc *parse(const char *text)
{
	struct err err = { 0 };
	struct xml_doc *doc = xml_parse(text, strlen(text), &err);

	if (!doc)
		fail_msg("refused: %s", err.text);
	return doc;
}

static void test_a_reply_is_read_by_local_names(void **state)
{
	struct xml_doc *doc =
		parse("<?xml version=\"1.0\"?>\n<r:Reply xmlns:r=\"http://x/\" xmlns=\"http://y/\">\n"
		      "<List><member><Name>one</Name></member><other/><member><Name>two &amp; &#x263A;</Name>"
		      "</member></List><Empty/><CD><![CDATA[<raw>]]></CD></r:Reply>");
	const struct xml_node *root = xml_root(doc), *m;
	struct buf text;
	char name[8];

	(void)state;
	buf_init(&text, 0);
	assert_string_equal(xml_name(root), "Reply");
	m = xml_child(xml_path(root, "List"), "member");
	assert_true(xml_text_into(m, "Name", name, sizeof(name)));
	assert_string_equal(name, "one");
	m = xml_next(m, "member");
	assert_true(xml_text(m, "Name", &text));
	assert_string_equal(text.data, "two & \xE2\x98\xBA");
	assert_null(xml_next(m, "member"));
	assert_string_equal(xml_name(xml_next(xml_child(xml_path(root, "List"), NULL), NULL)), "other");
	assert_true(xml_text_into(root, "List/member/Name", name, sizeof(name)));
	assert_string_equal(name, "one");
	assert_false(xml_text(root, "List/nothing", &text));
	assert_null(xml_path(root, "Lis"));
	assert_true(xml_text_into(root, "Empty", name, sizeof(name)));
	assert_string_equal(name, "");
	assert_true(xml_text_into(root, "CD", name, sizeof(name)));
	assert_string_equal(name, "<raw>");
	buf_clear(&text);
	xml_free(doc);
}

static void test_text_that_does_not_fit_counts_as_absent(void **state)
{
	struct xml_doc *doc = parse("<a>123</a>");
	char three[3] = "?", four[4], one[1];

	(void)state;
	assert_false(xml_text_into(xml_root(doc), "", three, sizeof(three)));
	assert_string_equal(three, "?");
	assert_true(xml_text_into(xml_root(doc), NULL, four, sizeof(four)));
	assert_string_equal(four, "123");
	assert_false(xml_text_into(xml_root(doc), NULL, one, sizeof(one)));
	xml_free(doc);
}

static void test_nothing_has_no_children(void **state)
{
	(void)state;
	assert_null(xml_root(NULL));
	assert_null(xml_child(NULL, "x"));
	assert_null(xml_next(NULL, NULL));
	assert_null(xml_path(NULL, "a/b"));
	assert_null(xml_name(NULL));
	assert_false(xml_text(NULL, "a", NULL));
	xml_free(NULL);
}

static void test_broken_documents_are_refused_with_their_line(void **state)
{
	static const char *const bad[] = {
		"",         "  ",          "text",        "<a>",         "<a></b>", "<a/><b/>", "<a>&nope;</a>",
		"<a b=1/>", "<a>\x01</a>", "<a>\xFF</a>", "<a/>trailing"
	};
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		err_clear(&err);
		assert_null(xml_parse(bad[i], strlen(bad[i]), &err));
		assert_int_equal(err.kind, ERR_PARSE);
		assert_non_null(strstr(err.text, "not valid XML at line "));
	}
	assert_null(xml_parse("<a>\n<b>\n</c>\n</a>", 17, &err));
	assert_non_null(strstr(err.text, "line 3"));
}

static void test_document_types_are_refused_before_they_act(void **state)
{
	static const char *const bad[] = {
		"<!DOCTYPE a><a/>",
		"<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>",
		"<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>",
		"<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>",
		/* each entity is four of the one before */
		"<!DOCTYPE a [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;\">]><a>&c;</a>",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct err err = { 0 };

		assert_null(xml_parse(bad[i], strlen(bad[i]), &err));
		assert_string_equal(err.text, "XML with a document type declaration is refused");
	}
}

static void test_depth_has_a_limit(void **state)
{
	static char text[8 * 5000];
	size_t len = 0;
	struct err err = { 0 };

	(void)state;
	for (int i = 0; i < 5000; i++, len += 3)
		memcpy(text + len, "<a>", 3);
	for (int i = 0; i < 5000; i++, len += 4)
		memcpy(text + len, "</a>", 4);
	assert_null(xml_parse(text, len, &err));
	assert_int_equal(err.kind, ERR_PARSE);
}

static void assert_broad(const char *before, const char *head, const char *tail, const char *after, int count,
			 bool refused)
{
	struct err err = { 0 };
	struct xml_doc *doc;
	struct buf text;

	buf_init(&text, BUF_MAX_DEFAULT);
	buf_puts(&text, before);
	for (int i = 0; i < count; i++)
		buf_printf(&text, "%s%d%s", head, i, tail);
	buf_puts(&text, after);
	doc = xml_parse(text.data, text.len, &err);
	if (refused != !doc)
		fail_msg("%d of '%s%s': %s", count, head, tail, doc ? "taken" : err.text);
	if (refused)
		assert_int_equal(err.kind, ERR_PARSE);
	xml_free(doc);
	buf_clear(&text);
}

static void test_attributes_of_a_tag_have_a_limit(void **state)
{
	(void)state;
	assert_broad("<a", " b", "='1'", "/>", 100, false);
	assert_broad("<a", " b", "='1'", "/>", 101, true);
	assert_broad("<a", " b", "='=>='", "/>", 100, false);
	assert_broad("<a", " b", "='>'", "/>", 100000, true);
	assert_broad("<a", " b", "=\"'>\"", "/>", 100000, true);
	assert_broad("<a", " xmlns:b", "='u'", "/>", 50000, true);
	assert_broad("<!-- \" ' --><a", " b", "='1'", "/>", 101, true);
	assert_broad("<?x \" ' ?><![CDATA[ \" ]]><a", " b", "='1'", "/>", 101, true);
	assert_broad("<a>", "<!-- = ", "  = -->", "</a>", 200, false);
	assert_broad("<a>", "<b c='", "'/>", "= = =</a>", 5000, false);
	assert_broad("<a>'\"", "<b c='", "'/>", "= = =</a>", 200, false);
}

static void test_no_encoding_but_utf_8_is_read(void **state)
{
	static const char wide[] = "\xff\xfe<\0a\0/\0>";
	struct err err = { 0 };
	struct xml_doc *doc;

	(void)state;
	assert_null(xml_parse(wide, sizeof(wide), &err));
	assert_null(xml_parse("<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>", 52, &err));
	doc = parse("<?xml version='1.0' encoding='UTF-8'?><a>\xc3\xa9</a>");
	xml_free(doc);
}

static void test_what_is_written_is_read_back(void **state)
{
	static const char odd[] = "<&>\"' \t\n\r \xC3\xA9 ]]> \xF0\x9F\x8E\xB5";
	struct buf out, back;
	struct xml_doc *doc;

	(void)state;
	buf_init(&out, 0);
	buf_init(&back, 0);
	xml_open(&out, "r");
	xml_element(&out, "a", odd);
	xml_element(&out, "absent", NULL);
	xml_elementf(&out, "n", "%d%%", 42);
	xml_close(&out, "r");
	doc = parse(out.data);
	assert_true(xml_text(xml_root(doc), "a", &back));
	assert_string_equal(back.data, odd);
	assert_null(xml_child(xml_root(doc), "absent"));
	buf_reset(&back);
	assert_true(xml_text(xml_root(doc), "n", &back));
	assert_string_equal(back.data, "42%");
	xml_free(doc);
	buf_clear(&out);
	buf_clear(&back);
}

static void test_bytes_that_xml_cannot_hold_are_replaced(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 0);
	xml_escape(&out,
		   "a\x01"
		   "b\xFF"
		   "c\0d\xEF\xBF\xBE",
		   10);
	assert_string_equal(out.data, "a\xEF\xBF\xBD"
				      "b\xEF\xBF\xBD"
				      "c\xEF\xBF\xBD"
				      "d\xEF\xBF\xBD");
	buf_clear(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_reply_is_read_by_local_names),
		cmocka_unit_test(test_text_that_does_not_fit_counts_as_absent),
		cmocka_unit_test(test_nothing_has_no_children),
		cmocka_unit_test(test_broken_documents_are_refused_with_their_line),
		cmocka_unit_test(test_document_types_are_refused_before_they_act),
		cmocka_unit_test(test_depth_has_a_limit),
		cmocka_unit_test(test_attributes_of_a_tag_have_a_limit),
		cmocka_unit_test(test_no_encoding_but_utf_8_is_read),
		cmocka_unit_test(test_what_is_written_is_read_back),
		cmocka_unit_test(test_bytes_that_xml_cannot_hold_are_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
