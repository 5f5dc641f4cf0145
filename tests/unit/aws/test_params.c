/* Parameters of the query and ec2 protocols. */
#include "aws/query.h"
#include "spark/base/clock.h"

#include "unit/cm.h"

static void parameters_keep_their_order_and_are_form_encoded(void **state)
{
	struct aws_params p;

	(void)state;
	aws_params_init(&p, "CreateRole", "2010-05-08");
	aws_params_add(&p, "Description", "a b+c&d=e/\xc3\xa9~");
	aws_params_add(&p, "Left", NULL);
	aws_params_add(&p, "Empty", "");
	aws_params_add_int(&p, "Port", -5439);
	aws_params_add_bool(&p, "Yes", true);
	aws_params_add_bool(&p, "No", false);
	aws_params_addf(&p, "v", "Tags.member.%d.Key", 3);
	assert_string_equal(p.body.data, "Action=CreateRole&Version=2010-05-08&Description=a+b%2Bc%26d%3De%2F%C3%A9~"
					 "&Empty=&Port=-5439&Yes=true&No=false&Tags.member.3.Key=v");
	aws_params_clear(&p);
}

static void tags_are_numbered_from_one(void **state)
{
	static const struct aws_tag tags[] = { { "sparkctl:stack", "demo" }, { "owner", "me too" } };
	struct aws_params p;

	(void)state;
	aws_params_init(&p, "X", "1");
	params_add_tags(&p, "Tags.Tag", tags, 2);
	assert_string_equal(p.body.data, "Action=X&Version=1&Tags.Tag.1.Key=sparkctl%3Astack&Tags.Tag.1.Value=demo"
					 "&Tags.Tag.2.Key=owner&Tags.Tag.2.Value=me+too");
	aws_params_clear(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parameters_keep_their_order_and_are_form_encoded),
		cmocka_unit_test(tags_are_numbered_from_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
