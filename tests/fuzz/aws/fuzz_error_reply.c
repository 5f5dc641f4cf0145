/* Layer: aws. Whatever a service answers, with whatever status, ends in a value or in a reason. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "aws/client.h"
#include "aws/errors.h"
#include "spark/aws/ec2.h"
#include "spark/aws/iam.h"
#include "spark/aws/redshift.h"
#include "spark/aws/s3.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
	const uint8_t *data;
	size_t size;
	int status, calls;
} network;

/* Every request gets the input as its answer; a service that always names a next page is cut off. */
static int answer_input(void *arg, const struct http_call *call, struct http_answer *answer, struct err *err)
{
	(void)arg, (void)call;
	if (++network.calls > 8)
		return err_set(err, ERR_UNREACHABLE, "the script ends");
	answer->status = network.status;
	buf_add(&answer->body, network.data, network.size);
	return 0;
}

static int64_t no_time(void *arg)
{
	(void)arg;
	return 1795255592000;
}

static int no_sleep(void *arg, int64_t ms, const volatile int *stop)
{
	(void)arg, (void)ms, (void)stop;
	return 0;
}

static const struct clock still = { no_time, no_time, no_sleep, NULL };

static int take_text(void *arg, const char *text)
{
	*(size_t *)arg += strlen(text);
	return 0;
}

static int take_cluster(void *arg, const struct redshift_cluster *cluster)
{
	*(size_t *)arg += strlen(cluster->id) + strlen(cluster->host);
	return 0;
}

static int take_object(void *arg, const struct s3_object *o)
{
	*(size_t *)arg += strlen(o->key) + strlen(o->etag);
	return 0;
}

/* A failure has a kind and a text that ends. */
static void check(int rc, const struct err *err)
{
	if (rc < 0 && (err->kind == ERR_NONE || err->text[0] == '\0' || !memchr(err->text, '\0', sizeof(err->text)) ||
		       !memchr(err->hint, '\0', sizeof(err->hint)) || !memchr(err->code, '\0', sizeof(err->code))))
		abort();
}

static void call_all(struct aws_client *c)
{
	struct err err = { 0 };
	struct sts_identity id;
	struct iam_role role;
	struct redshift_cluster cluster;
	struct ec2_group group;
	const char *const keys[] = { "k" };
	size_t sum = 0;
	bool found = false;
	int rc;

	network.calls = 0;
	check(sts_get_caller_identity(c, &id, &err), &err);
	rc = iam_get_role(c, "r", &role, &err);
	check(rc, &err);
	if (rc == 0)
		iam_role_clear(&role);
	network.calls = 0;
	check(iam_list_attached_role_policies(c, "r", take_text, &sum, &err), &err);
	network.calls = 0;
	rc = redshift_describe_cluster(c, "demo", &cluster, &err);
	check(rc, &err);
	if (rc == 0)
		redshift_cluster_clear(&cluster);
	network.calls = 0;
	check(redshift_list_clusters(c, NULL, NULL, take_cluster, &sum, &err), &err);
	network.calls = 0;
	rc = ec2_find_group(c, "vpc-1", "g", NULL, &found, &group, &err);
	check(rc, &err);
	if (rc == 0 && found)
		ec2_group_clear(&group);
	network.calls = 0;
	check(s3_list(c, "bucket", "", "/", take_object, &sum, &err), &err);
	network.calls = 0;
	check(s3_delete_many(c, "bucket", keys, 1, &err), &err);
}

static void read_as_error(const uint8_t *data, size_t size)
{
	const struct call_context ctx = { "s3", "GetObject", "s3://b/k", "the environment" };
	struct http_answer answer;
	struct service_error e;
	struct err err = { 0 };

	http_answer_init(&answer);
	answer.status = 403;
	buf_add(&answer.body, data, size);
	service_error_read(&answer, &e);
	check(service_error_tell(&e, &ctx, answer.status, &err), &err);
	http_answer_clear(&answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct aws_client_options o = { .region = "us-west-2",
					.endpoint_url = "http://127.0.0.1:4566",
					.clock = &still };
	static const int statuses[] = { 200, 400, 503 };
	struct aws_client *c;

	memcpy(o.credentials.access_key_id, "AKID", 5);
	if (secret_set(&o.credentials.secret_access_key, "secret", NULL) != 0)
		abort();
	read_as_error(data, size);
	network.data = data;
	network.size = size;
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		c = aws_client_new(&o, NULL);
		if (!c)
			abort();
		aws_client_set_transport(c, &(struct transport){ answer_input, NULL });
		network.status = statuses[i];
		call_all(c);
		aws_client_free(c);
	}
	aws_credentials_clear(&o.credentials);
	return 0;
}
