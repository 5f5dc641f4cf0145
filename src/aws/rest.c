#include "spark/aws/rest.h"

#include "aws/request.h"

int aws_rest_call(struct aws_client *c, const struct aws_rest *call, struct buf *reply, struct err *err)
{
	struct http_answer answer;
	struct aws_request r;
	int rc;

	aws_request_init(&r, call->service, call->action, call->method);
	if (call->body)
		aws_request_header(&r, "Content-Type", "text/plain; charset=utf-8");
	r.path = call->path;
	r.query = call->query;
	r.body = call->body;
	r.body_len = call->body ? strlen(call->body) : 0;
	r.idempotent = call->idempotent;
	rc = aws_request_send(c, &r, &answer, err);
	if (rc == 0) {
		buf_add(reply, answer.body.data, answer.body.len);
		rc = buf_check(reply, "the reply", err);
	}
	http_answer_clear(&answer);
	return rc;
}
