#include "aws/client.h"
#include "spark/aws/s3.h"

void s3_known_region(struct aws_client *c, const char *bucket, char out[64])
{
	client_bucket_region(c, bucket, out);
}
