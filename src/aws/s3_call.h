#ifndef SPARK_AWS_S3_CALL_PRIVATE_H
#define SPARK_AWS_S3_CALL_PRIVATE_H

#include "aws/request.h"
#include "spark/aws/s3.h"

/* A call to S3 on a bucket or an object: request and the texts it lends. */
struct s3_call {
	struct aws_request request;
	struct buf path, subject;
};
/* key NULL: the bucket; bucket NULL: the service. Clear also after failure. */
int s3_call_init(struct s3_call *call, const char *action, const char *method, const char *bucket, const char *key,
		 struct err *err) MUST_CHECK;
void s3_call_clear(struct s3_call *call);
/* Sends; answer is to be cleared by the caller, also on failure. */
int s3_call_send(struct aws_client *c, const struct s3_call *call, struct http_answer *answer,
		 struct err *err) MUST_CHECK;
/* Sends and reads the XML reply, whose root must be `root`. A success status with an error inside is an error. */
int s3_call_xml(struct aws_client *c, const struct s3_call *call, const char *root, struct xml_doc **doc,
		struct err *err) MUST_CHECK;
/* Sends where the reply holds nothing of interest. Clears the call. */
int s3_call_void(struct aws_client *c, struct s3_call *call, struct err *err) MUST_CHECK;

#endif
