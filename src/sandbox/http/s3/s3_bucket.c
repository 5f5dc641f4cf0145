#include "sandbox/http/s3/s3.h"
#include "sandbox/regions.h"
#include "spark/base/hash.h"
#include "spark/base/mem.h"
#include "spark/base/xml.h"

/* Documents of kind "s3:bucket", id = name: {name, region, created (ms), owner (account)}, and when they were given
 * tags, policy, publicAccessBlock (access/bucket_policy.h). The objects themselves lie in the object store's bucket of
 * that name. */
#define KIND     "s3:bucket"
#define LIST_MAX 10000

bool s3_bucket_find(struct world *w, const char *bucket, char region[32], bool *has_policy, struct err *err)
{
	const struct json *doc;
	bool found = false;

	store_lock(w->store);
	doc = store_get(w->store, KIND, bucket);
	if (doc) {
		const char *there = json_str(doc, "region", w->default_region);

		memcpy(region, there, strnlen(there, 31) + 1);
		region[31] = 0;
		if (has_policy)
			*has_policy = json_get(doc, "policy") != NULL;
		/* A crash between removing folder and document leaves the document alone. */
		found = objects_bucket_exists(w->objects, bucket) ||
			objects_create_bucket(w->objects, bucket, err) == 0;
	}
	store_unlock(w->store);
	return found;
}

int s3_bucket_change(struct s3_call *c, int (*edit)(struct s3_call *c, struct json *doc, void *arg, struct err *err),
		     void *arg, struct err *err)
{
	const struct json *there;
	struct json *doc;
	int rc = -1;

	store_lock(c->w->store);
	there = store_get(c->w->store, KIND, c->bucket);
	doc = there ? json_copy(there) : NULL;
	if (!doc) {
		rc = there ? err_nomem(err) : s3_fail(c, err, "NoSuchBucket");
	} else if (edit(c, doc, arg, err) < 0) {
		json_free(doc);
	} else {
		rc = store_put(c->w->store, KIND, c->bucket, doc, err);
		if (rc == 0)
			rc = store_commit(c->w->store, err);
		if (rc < 0)
			store_rollback(c->w->store);
	}
	store_unlock(c->w->store);
	return rc;
}

struct bucket_list {
	struct s3_call *c;
	const char *prefix, *region; /* NULL: all */
	char after[256], last[256];
	long max, count;
	bool truncated;
};

static int list_one(void *arg, const char *id, const struct json *doc)
{
	struct bucket_list *l = arg;
	struct s3_call *c = l->c;
	char created[CLOCK_TEXT];

	if ((l->prefix && strncmp(id, l->prefix, strlen(l->prefix)) != 0) || strcmp(id, l->after) <= 0 ||
	    (l->region && strcmp(json_str(doc, "region", ""), l->region) != 0))
		return 0;
	l->truncated = l->count == l->max;
	if (l->truncated)
		return 1;
	l->count++;
	snprintf(l->last, sizeof(l->last), "%s", id);
	clock_iso(json_int(doc, "created", 0), created);
	xml_open(&c->reply->body, "Bucket");
	xml_element(&c->reply->body, "Name", id);
	xml_element(&c->reply->body, "CreationDate", created);
	xml_element(&c->reply->body, "BucketRegion", json_str(doc, "region", ""));
	xml_close(&c->reply->body, "Bucket");
	return 0;
}

/* A token is the last name of the page before, in base64. */
static int parse_page(struct s3_call *c, struct bucket_list *l, struct err *err)
{
	const char *max = s3_query(c, "max-buckets"), *token = s3_query(c, "continuation-token");
	struct err why = { 0 };
	struct buf name;
	char *end;
	int rc = 0;

	l->max = LIST_MAX;
	if (max) {
		l->max = strtol(max, &end, 10);
		if (*max < '0' || *max > '9' || *end || l->max < 1 || l->max > LIST_MAX)
			return s3_bad_argument(c, err, "max-buckets", max,
					       "Argument max-buckets must be an integer between 1 and %d", LIST_MAX);
	}
	if (!token)
		return 0;
	buf_init(&name, sizeof(l->after));
	if (!*token || hash_base64_decode(token, strlen(token), &name, &why) < 0 || name.failed ||
	    !s3_bucket_name_is_valid(name.data))
		rc = s3_bad_argument(c, err, "continuation-token", token,
				     "The continuation token provided is incorrect");
	else
		snprintf(l->after, sizeof(l->after), "%s", name.data);
	buf_clear(&name);
	return rc;
}

int s3_list_buckets(struct s3_call *c, struct err *err)
{
	struct bucket_list l = { .c = c, .prefix = s3_query(c, "prefix"), .region = s3_query(c, "bucket-region") };
	struct buf token;

	if (parse_page(c, &l, err) < 0)
		return -1;
	s3_xml_begin(c, "ListAllMyBucketsResult");
	s3_xml_owner(&c->reply->body, c, "Owner");
	xml_open(&c->reply->body, "Buckets");
	store_lock(c->w->store);
	store_each(c->w->store, KIND, "", list_one, &l);
	store_unlock(c->w->store);
	xml_close(&c->reply->body, "Buckets");
	xml_element(&c->reply->body, "Prefix", l.prefix);
	if (l.truncated) {
		buf_init(&token, 1024);
		hash_base64(&token, l.last, strlen(l.last));
		xml_element(&c->reply->body, "ContinuationToken", token.failed ? "" : token.data);
		c->reply->body.failed |= token.failed;
		buf_clear(&token);
	}
	return s3_xml_end(c, "ListAllMyBucketsResult", err);
}

/* The region in which the new bucket is to be. */
static int wanted_region(struct s3_call *c, char region[32], struct err *err)
{
	struct s3_body body;
	struct xml_doc *doc = NULL;
	struct err why = { 0 };
	char wanted[64] = "";
	bool given = false;
	int rc = -1;

	if (s3_body_open(c, &body, err) < 0)
		return -1;
	if (body.len) {
		if (!(doc = xml_parse(body.data, body.len, &why)) ||
		    strcmp(xml_name(xml_root(doc)), "CreateBucketConfiguration") != 0) {
			s3_fail(c, err, "MalformedXML");
			goto out;
		}
		given = xml_text_into(xml_root(doc), "LocationConstraint", wanted, sizeof(wanted)) && *wanted;
	}
	if (strcmp(wanted, "EU") == 0)
		snprintf(wanted, sizeof(wanted), "eu-west-1");
	/* us-east-1's endpoint makes buckets anywhere, the others in their own region only. */
	if (!given && strcmp(c->who->region, "us-east-1") != 0) {
		s3_fail(c, err, "IllegalLocationConstraintException");
		goto out;
	}
	if (given && (!region_find(wanted) || strcmp(wanted, "us-east-1") == 0)) {
		s3_fail(c, err, "InvalidLocationConstraint");
		xml_element(&c->reply->body, "LocationConstraint", wanted);
		goto out;
	}
	if (given && strcmp(c->who->region, "us-east-1") != 0 && strcmp(c->who->region, wanted) != 0) {
		s3_failf(c, err, "IllegalLocationConstraintException",
			 "The %s location constraint is incompatible for the region specific endpoint this request was "
			 "sent to.",
			 wanted);
		goto out;
	}
	snprintf(region, 32, "%.31s", given ? wanted : "us-east-1");
	rc = 0;
out:
	xml_free(doc);
	s3_body_close(&body);
	return rc;
}

static struct json *bucket_document(const struct s3_call *c, const char *region)
{
	struct json *doc = json_new_object();

	if (doc && json_set_str(doc, "name", c->bucket) == 0 && json_set_str(doc, "region", region) == 0 &&
	    json_set_int(doc, "created", clock_now(c->w->clock)) == 0 &&
	    json_set_str(doc, "owner", c->who->account) == 0)
		return doc;
	json_free(doc);
	return NULL;
}

/* Under the store's lock. */
static int create_locked(struct s3_call *c, const char *region, struct err *err)
{
	const struct json *there = store_get(c->w->store, KIND, c->bucket);
	struct json *doc;

	/* us-east-1 answers a repetition with success. */
	if (there && strcmp(region, "us-east-1") == 0 && strcmp(json_str(there, "region", ""), region) == 0)
		return 0;
	if (there)
		return s3_fail(c, err, "BucketAlreadyOwnedByYou");
	if (!(doc = bucket_document(c, region)))
		return err_nomem(err);
	if (objects_create_bucket(c->w->objects, c->bucket, err) < 0) {
		json_free(doc);
		return -1;
	}
	if (store_put(c->w->store, KIND, c->bucket, doc, err) < 0 || store_commit(c->w->store, err) < 0) {
		store_rollback(c->w->store);
		return -1;
	}
	return 0;
}

int s3_create_bucket(struct s3_call *c, struct err *err)
{
	char region[32], location[80];
	int rc;

	if (!s3_bucket_name_is_valid(c->bucket))
		return s3_fail(c, err, "InvalidBucketName");
	if (wanted_region(c, region, err) < 0)
		return -1;
	store_lock(c->w->store);
	rc = create_locked(c, region, err);
	store_unlock(c->w->store);
	if (rc < 0)
		return -1;
	snprintf(location, sizeof(location), "/%.63s", c->bucket);
	return http_reply_header(c->reply, "Location", location, err);
}

int s3_head_bucket(struct s3_call *c, struct err *err)
{
	c->reply->head_only = true;
	return http_reply_header(c->reply, "x-amz-bucket-region", c->region, err);
}

static int drop_upload(void *arg, const struct object_info *info)
{
	struct s3_call *c = arg;
	struct err ignored;

	/* A part that stays is without an upload: nothing reads it again. */
	(void)!objects_delete(c->w->objects, S3_UPLOADS_BUCKET, info->key, false, &ignored);
	return 0;
}

/* Uploads that were never completed go with their bucket. */
static void drop_uploads(struct s3_call *c)
{
	char prefix[80];
	struct err ignored;

	if (!objects_bucket_exists(c->w->objects, S3_UPLOADS_BUCKET))
		return;
	snprintf(prefix, sizeof(prefix), "%.63s/", c->bucket);
	(void)!objects_list(c->w->objects, S3_UPLOADS_BUCKET, prefix, "", drop_upload, c, &ignored);
}

int s3_delete_bucket(struct s3_call *c, struct err *err)
{
	int rc;

	store_lock(c->w->store);
	rc = objects_delete_bucket(c->w->objects, c->bucket, err);
	if (rc < 0 && err->kind == ERR_CONFLICT)
		s3_fail(c, err, "BucketNotEmpty");
	if (rc == 0 && (store_delete(c->w->store, KIND, c->bucket, err) < 0 || store_commit(c->w->store, err) < 0)) {
		store_rollback(c->w->store);
		rc = -1;
	}
	store_unlock(c->w->store);
	if (rc < 0)
		return -1;
	drop_uploads(c);
	c->reply->status = 204;
	return 0;
}

int s3_get_location(struct s3_call *c, struct err *err)
{
	s3_xml_begin(c, "LocationConstraint");
	/* The oldest region is told by an empty element. */
	if (strcmp(c->region, "us-east-1") != 0)
		xml_escape(&c->reply->body, c->region, strlen(c->region));
	return s3_xml_end(c, "LocationConstraint", err);
}
