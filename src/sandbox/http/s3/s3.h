#ifndef SPARK_SANDBOX_HTTP_S3_H
#define SPARK_SANDBOX_HTTP_S3_H

#include "sandbox/http/s3/s3_body.h"
#include "spark/sandbox/http.h"

#define S3_XMLNS     "http://s3.amazonaws.com/doc/2006-03-01/"
#define S3_KEY_MAX   1024
#define S3_PARTS_MAX 10000
#define S3_PUT_MAX   ((uint64_t)5 * 1024 * 1024 * 1024)
/* Uploads in parts wait in a bucket of the sandbox's own: "<bucket>/<upload id>" says what the object is to become,
 * "<bucket>/<upload id>/<5 digits>" are the parts. */
#define S3_UPLOADS_BUCKET ".uploads"

struct s3_pair {
	char *name, *value; /* decoded; value "" when none was written */
};

/* One request on its way. */
struct s3_call {
	struct world *w;
	const struct caller *who;
	const struct http_request *r;
	struct http_reply *reply;
	char bucket[256];  /* "" for the service itself */
	char *key;         /* NULL for a bucket */
	bool virtual_host; /* the bucket stood in Host */
	char region[32];   /* of the bucket, when it exists */
	bool has_policy;   /* the bucket has one, which is to be asked */
	struct s3_pair *query;
	size_t query_count;
};

const char *s3_query(const struct s3_call *c, const char *name); /* NULL when absent */
/* The error of that code with its usual status, message and members. Returns -1. */
int s3_fail(struct s3_call *c, struct err *err, const char *code);
/* The same with a message of one's own. */
int s3_failf(struct s3_call *c, struct err *err, const char *code, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* An argument that is wrong: InvalidArgument with ArgumentName and ArgumentValue. Returns -1. */
int s3_bad_argument(struct s3_call *c, struct err *err, const char *name, const char *value, const char *fmt, ...)
	PRINTF_LIKE(5, 6);
/* A failure of the object store as S3 would tell it; returns -1. */
int s3_store_failure(struct s3_call *c, struct err *err);

/* Begins an XML reply: head and root element with name space; s3_xml_end() closes and checks. */
void s3_xml_begin(struct s3_call *c, const char *root);
int s3_xml_end(struct s3_call *c, const char *root, struct err *err) MUST_CHECK;
/* ETag's value with its quotes. */
int s3_header_etag(struct s3_call *c, const char *etag, struct err *err) MUST_CHECK;
void s3_xml_etag(struct s3_call *c, const char *etag);
void s3_xml_owner(struct buf *out, const struct s3_call *c, const char *element);

/* s3_path.c */
/* Bucket and key from Host and target, query pairs decoded. */
int s3_call_init(struct s3_call *c, struct err *err) MUST_CHECK;
void s3_call_clear(struct s3_call *c);
/* The bucket's name in a virtual-host style Host, "" when it is path style. */
void s3_host_bucket(const char *host, char out[256]);
bool s3_bucket_name_is_valid(const char *name);
bool s3_text_is_utf8(const char *text, size_t len);
/* Takes "/bucket/key" apart, still encoded; key NULL when there is none. InvalidURI. */
int s3_split_path(struct s3_call *c, const char *path, char bucket[256], char **key, struct err *err) MUST_CHECK;

/* s3_bucket.c */
/* The bucket's region from its document; false when there is no such bucket. has_policy (may be NULL): has it one? */
bool s3_bucket_find(struct world *w, const char *bucket, char region[32], bool *has_policy, struct err *err);
/* Changes the bucket's document: edit() gets a copy, which is kept when it returns 0. */
int s3_bucket_change(struct s3_call *c, int (*edit)(struct s3_call *c, struct json *doc, void *arg, struct err *err),
		     void *arg, struct err *err) MUST_CHECK;
int s3_list_buckets(struct s3_call *c, struct err *err) MUST_CHECK;
int s3_create_bucket(struct s3_call *c, struct err *err) MUST_CHECK;
int s3_head_bucket(struct s3_call *c, struct err *err) MUST_CHECK;
int s3_delete_bucket(struct s3_call *c, struct err *err) MUST_CHECK;
int s3_get_location(struct s3_call *c, struct err *err) MUST_CHECK;

/* s3_settings.c: what clients ask of buckets and objects by habit. 1: answered, 0: no such sub-resource, -1: err. */
int s3_answer_setting(struct s3_call *c, struct err *err) MUST_CHECK;
/* Refuses sub-resources and headers that ask for what is not there. */
/* `handled`: the sub-resource that the request has a handler for, or NULL. */
int s3_refuse_unsupported(struct s3_call *c, const char *handled, struct err *err) MUST_CHECK;

/* s3_put_settings.c: what is so already, and the absence of what is not there. */
int s3_put_setting(struct s3_call *c, struct err *err) MUST_CHECK;
int s3_put_acl(struct s3_call *c, struct err *err) MUST_CHECK;
int s3_delete_setting(struct s3_call *c, struct err *err) MUST_CHECK;

/* s3_policy.c: the bucket's policy, and what blocks public ones. */
int s3_put_policy(struct s3_call *c, struct err *err) MUST_CHECK;
int s3_get_policy(struct s3_call *c, struct err *err) MUST_CHECK;
int s3_get_policy_status(struct s3_call *c, struct err *err) MUST_CHECK;
int s3_delete_policy(struct s3_call *c, struct err *err) MUST_CHECK;
int s3_put_public_access(struct s3_call *c, struct err *err) MUST_CHECK;
int s3_get_public_access(struct s3_call *c, struct err *err) MUST_CHECK;
int s3_delete_public_access(struct s3_call *c, struct err *err) MUST_CHECK;

/* The right that asking for such a setting takes; NULL when the request is for none. */
const char *s3_setting_action(const struct s3_call *c);

/* s3.c: what the caller says of regions is checked for a caller who is known only now; *scoped is where he is put when
 * a signature of version 2 names no region. */
int s3_adopt(struct s3_call *c, struct caller *scoped, struct err *err) MUST_CHECK;

/* s3_access.c */
/* May the caller do it to what the request is about, or to that key (NULL: the bucket)? AccessDenied. */
int s3_authorize(struct s3_call *c, const char *action, struct err *err) MUST_CHECK;
int s3_authorize_key(struct s3_call *c, const char *action, const char *bucket, const char *key,
		     struct err *err) MUST_CHECK;
/* NoSuchKey becomes AccessDenied for those who may not list the bucket. */
void s3_hide_missing(struct s3_call *c, struct err *err);

/* s3_list.c */
int s3_list_objects(struct s3_call *c, struct err *err) MUST_CHECK;
int s3_list_versions(struct s3_call *c, struct err *err) MUST_CHECK;

/* s3_object.c */
int s3_put_object(struct s3_call *c, struct err *err) MUST_CHECK;
int s3_get_object(struct s3_call *c, struct err *err) MUST_CHECK; /* HEAD as well */
int s3_delete_object(struct s3_call *c, struct err *err) MUST_CHECK;
/* What the request's headers say of the object: content type, metadata. */
int s3_info_from_headers(struct s3_call *c, struct object_info *info, struct err *err) MUST_CHECK;

/* s3_post.c */
int s3_post_object(struct s3_call *c, struct err *err) MUST_CHECK;

/* s3_condition.c */
/* If-Match and its like, with "x-amz-copy-source-" before the names for a copy's source. info NULL: no such object. 0
 * go on, 304 not modified (GET and HEAD), -1 PreconditionFailed. */
int s3_check_conditions(struct s3_call *c, const struct object_info *info, bool copy_source,
			struct err *err) MUST_CHECK;
/* Is the etag in a list like If-Match's, or is that "*"? */
bool s3_etag_listed(const char *list, const char *etag);
/* The Range header against an object of that size. 0: whole, 1: *from and *len, -1: cannot be satisfied. */
int s3_parse_range(const char *range, uint64_t size, uint64_t *from, uint64_t *len);

/* s3_copy.c */
int s3_copy_object(struct s3_call *c, struct err *err) MUST_CHECK;
int s3_upload_part_copy(struct s3_call *c, struct err *err) MUST_CHECK;
/* Bytes [from, from + len) of the reader become the object, through memory or a file. */
int s3_put_from_reader(struct s3_call *c, const char *bucket, const struct object_info *info, struct object_reader *r,
		       uint64_t from, uint64_t len, struct err *err) MUST_CHECK;

/* s3_delete.c */
struct s3_delete_item {
	char *key;
	char *etag; /* what the object's must be, as in If-Match; NULL: whatever it is */
};
struct s3_delete_list {
	struct s3_delete_item *items;
	size_t count, cap;
	bool quiet;
	bool directory_only; /* asks for sizes or times, which only directory buckets compare */
};
/* The body of DeleteObjects. ERR_PARSE when it is none. */
int s3_delete_parse(const char *text, size_t len, struct s3_delete_list *out, struct err *err) MUST_CHECK;
void s3_delete_clear(struct s3_delete_list *l);
int s3_delete_objects(struct s3_call *c, struct err *err) MUST_CHECK;

/* s3_multipart.c, s3_complete.c */
int s3_create_upload(struct s3_call *c, struct err *err) MUST_CHECK;
int s3_upload_part(struct s3_call *c, struct err *err) MUST_CHECK;
int s3_abort_upload(struct s3_call *c, struct err *err) MUST_CHECK;
int s3_list_parts(struct s3_call *c, struct err *err) MUST_CHECK;
int s3_list_uploads(struct s3_call *c, struct err *err) MUST_CHECK; /* s3_uploads.c */
int s3_complete_upload(struct s3_call *c, struct err *err) MUST_CHECK;
/* "<bucket>/<upload id>" of this request into *path; NoSuchUpload when there is none for this key. info (may be NULL)
 * is filled. */
int s3_find_upload(struct s3_call *c, char **path, struct object_info *info, struct err *err) MUST_CHECK;
/* Key of a part for s3_upload_part() and s3_upload_part_copy(); partNumber is checked. */
int s3_part_key(struct s3_call *c, char **key, struct err *err) MUST_CHECK;
int s3_remove_upload(struct s3_call *c, const char *path, struct err *err) MUST_CHECK;

#endif
