#include "aws/decode.h"
#include "spark/aws/iam.h"

int sts_get_caller_identity(struct aws_client *c, struct sts_identity *out, struct err *err)
{
	static const char action[] = "GetCallerIdentity";
	struct sts_identity id = { 0 };
	struct aws_params p;
	struct xml_doc *doc = NULL;
	const struct xml_node *result;
	int rc;

	aws_params_init(&p, action, "2011-06-15");
	rc = aws_call(c, "sts", &p, true, &doc, &result, err);
	aws_params_clear(&p);
	if (rc != 0)
		return -1;
	if (decode_required(result, "Account", action, id.account, sizeof(id.account), err) != 0 ||
	    decode_required(result, "Arn", action, id.arn, sizeof(id.arn), err) != 0 ||
	    decode_required(result, "UserId", action, id.user_id, sizeof(id.user_id), err) != 0)
		rc = -1;
	else
		*out = id;
	xml_free(doc);
	return rc;
}
