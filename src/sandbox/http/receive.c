#include "sandbox/http/receive.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stddef.h>
#include <unistd.h>

#include "spark/base/file.h"
#include "spark/base/mem.h"

/* Those that wait for their next request: ten kilobytes each, which take longer to allocate and clear than to fill. */
#define SPARE_MAX 64
static pthread_mutex_t spare_lock = PTHREAD_MUTEX_INITIALIZER;
static struct receiving *spare[SPARE_MAX];
static size_t spare_count;

static struct receiving *take_spare(void)
{
	struct receiving *r = NULL;

	pthread_mutex_lock(&spare_lock);
	if (spare_count)
		r = spare[--spare_count];
	pthread_mutex_unlock(&spare_lock);
	return r;
}

/* Takes it when there is room. */
static bool keep_spare(struct receiving *r)
{
	bool kept = false;

	if (*r->claim.token)
		explicit_bzero(r->claim.token, sizeof(r->claim.token));
	memset(r, 0, offsetof(struct receiving, headers));
	pthread_mutex_lock(&spare_lock);
	if (spare_count < SPARE_MAX) {
		spare[spare_count++] = r;
		kept = true;
	}
	pthread_mutex_unlock(&spare_lock);
	return kept;
}

struct receiving *receiving_new(const char *raw_target)
{
	struct receiving *r = take_spare();

	if (!r)
		r = mem_alloc(sizeof(*r));
	if (!r)
		return NULL;
	r->fd = -1;
	buf_init(&r->body, (size_t)HTTP_BODY_IN_MEMORY);
	r->raw_target = mem_strdup(raw_target);
	if (!r->raw_target) {
		receiving_free(r);
		return NULL;
	}
	return r;
}

void receiving_free(struct receiving *r)
{
	if (!r)
		return;
	if (r->fd >= 0)
		close(r->fd);
	if (r->file)
		unlink(r->file);
	mem_free(r->file);
	hash_free(r->sha256);
	hash_free(r->md5);
	buf_wipe(&r->body);
	mem_free(r->raw_target);
	if (r->answered)
		http_reply_clear(&r->reply);
	if (!keep_spare(r))
		mem_free(r);
}

static int fail(struct receiving *r, int status, const char *code, const char *text)
{
	r->failed = true;
	return service_error(&r->err, status, code, "%s", text);
}

static int split_target(struct receiving *r)
{
	char *mark = strchr(r->raw_target, '?');

	if (mark)
		*mark = 0;
	r->request.target = r->raw_target;
	r->request.query = mark ? mark + 1 : "";
	if (r->raw_target[0] != '/')
		return fail(r, 400, "InvalidURI", "Couldn't parse the specified URI.");
	return 0;
}

/* Two lengths, or a length beside a transfer coding: who stands between could have read another request (RFC 9112,
 * section 6.3). */
static int check_framing(struct receiving *r)
{
	int lengths = 0, codings = 0;

	for (size_t i = 0; i < r->request.header_count; i++) {
		lengths += !strcasecmp(r->request.headers[i].name, "content-length");
		codings += !strcasecmp(r->request.headers[i].name, "transfer-encoding");
	}
	if (lengths + codings > 1)
		return fail(r, 400, "BadRequest", "The request tells its length more than once");
	return 0;
}

#define RESERVED_MAX   ((uint64_t)64 * 1024)
#define QUICK_BODY_MAX ((uint64_t)64 * 1024) /* more takes too long to hash while others wait */
#define SPILLED_PIECE  ((size_t)256 * 1024)  /* of a body that goes to a file */

static bool may_be_large(const struct receiving *r, struct world *w)
{
	struct caller nobody;
	char service[32];

	if (verify_claimed_service(&r->request, service))
		return !strcmp(service, "s3");
	return verify_anonymous(&r->request, &nobody) && s3_may_take_unsigned(w, &r->request);
}

static int check_headers(struct receiving *r, struct world *w)
{
	const char *length = http_header(&r->request, "content-length");
	struct err ignored;
	size_t bytes = 0;
	uint64_t announced = 0;

	for (size_t i = 0; i < r->request.header_count; i++)
		bytes += strlen(r->request.headers[i].name) + strlen(r->request.headers[i].value) + 4;
	if (bytes > HTTP_HEADER_BYTES)
		return fail(r, 431, "RequestHeaderSectionTooLarge", "The headers are longer than 32 KiB");
	if (!sign_claim_parse(&r->request, &r->claim, &ignored))
		r->request.claim = &r->claim;
	if (dispatch_check_sender(w, &r->request, &r->err)) {
		r->failed = true;
		return -1;
	}
	r->limit = may_be_large(r, w) ? HTTP_BODY_OBJECT_MAX : HTTP_BODY_QUERY_MAX;
	if (length)
		announced = strtoull(length, NULL, 10);
	if (announced > r->limit)
		return fail(r, r->limit == HTTP_BODY_OBJECT_MAX ? 400 : 413, "EntityTooLarge",
			    "Your proposed upload exceeds the maximum allowed size");
	/* A failure shows when the bytes come. */
	if (announced && announced <= RESERVED_MAX)
		(void)buf_reserve(&r->body, (size_t)announced);
	return 0;
}

int receiving_begin(struct receiving *r, struct world *w)
{
	r->begun = true;
	r->request.peer_ip = r->peer;
	r->request.headers = r->headers;
	if (r->failed || split_target(r) || check_framing(r) || check_headers(r, w))
		return -1;
	return 0;
}

static int hash_piece(struct receiving *r, const void *data, size_t len)
{
	return hash_update(r->sha256, data, len, &r->err) || hash_update(r->md5, data, len, &r->err) ? -1 : 0;
}

static int open_file(struct receiving *r, struct world *w)
{
	r->file = mem_printf("%s/body-XXXXXX", objects_tmp_dir(w->objects));
	if (!r->file)
		return err_nomem(&r->err);
	r->fd = mkostemp(r->file, O_CLOEXEC);
	if (r->fd < 0) {
		err_set_errno(&r->err, ERR_IO, errno, "cannot make a file for the body in '%s'",
			      objects_tmp_dir(w->objects));
		mem_free(r->file);
		r->file = NULL;
		return -1;
	}
	r->sha256 = hash_new(HASH_SHA256, &r->err);
	r->md5 = r->sha256 ? hash_new(HASH_MD5, &r->err) : NULL;
	return r->md5 ? 0 : -1;
}

bool receiving_is_full(const struct receiving *r, size_t len)
{
	return !r->failed && r->body.len + len > (r->file ? SPILLED_PIECE : (size_t)HTTP_BODY_IN_MEMORY);
}

void receiving_spill(struct receiving *r, struct world *w)
{
	if ((!r->file && open_file(r, w)) || hash_piece(r, r->body.data, r->body.len) ||
	    file_write_all(r->fd, r->body.data, r->body.len, &r->err))
		r->failed = true;
	buf_reset(&r->body);
}

void receiving_add(struct receiving *r, const char *data, size_t len)
{
	r->received += len;
	if (r->failed)
		return;
	if (r->received > r->limit) {
		fail(r, r->limit == HTTP_BODY_OBJECT_MAX ? 400 : 413, "EntityTooLarge",
		     "Your proposed upload exceeds the maximum allowed size");
		return;
	}
	buf_add(&r->body, data, len);
	if (buf_check(&r->body, "the body", &r->err))
		r->failed = true;
}

#define SHA256_OF_NOTHING "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define MD5_OF_NOTHING    "d41d8cd98f00b204e9800998ecf8427e"

static int finish_hash(struct hash **h, char *hex, struct err *err)
{
	unsigned char digest[SHA256_SIZE];
	struct hash *taken = *h;
	size_t len;

	*h = NULL;
	if (hash_finish(taken, digest, &len, err))
		return -1;
	hash_hex(digest, len, hex);
	return 0;
}

static int hash_in_memory(struct receiving *r)
{
	struct http_request *q = &r->request;
	unsigned char digest[SHA256_SIZE];

	if (!r->body.len) {
		memcpy(q->body_sha256, SHA256_OF_NOTHING, sizeof(SHA256_OF_NOTHING));
		memcpy(q->body_md5, MD5_OF_NOTHING, sizeof(MD5_OF_NOTHING));
		return 0;
	}
	if (hash_sha256_hex(r->body.data, r->body.len, q->body_sha256, &r->err) ||
	    hash_md5(r->body.data, r->body.len, digest, &r->err))
		return -1;
	hash_hex(digest, MD5_SIZE, q->body_md5);
	return 0;
}

static int finish_hashes(struct receiving *r)
{
	struct http_request *q = &r->request;

	if (!r->file)
		return hash_in_memory(r);
	return finish_hash(&r->sha256, q->body_sha256, &r->err) || finish_hash(&r->md5, q->body_md5, &r->err) ? -1 : 0;
}

bool receiving_is_quick(struct receiving *r, const struct world *w)
{
	return !r->failed && !r->file && r->received <= QUICK_BODY_MAX && dispatch_is_quick(w, &r->request);
}

struct receiving *receiving_of_work(struct work *w)
{
	return (struct receiving *)(void *)((char *)w - offsetof(struct receiving, work));
}

int receiving_end(struct receiving *r, struct world *w)
{
	struct http_request *q = &r->request;

	if (!r->failed && r->file)
		receiving_spill(r, w);
	if (r->failed)
		return -1;
	if (finish_hashes(r)) {
		r->failed = true;
		return -1;
	}
	if (r->fd >= 0) {
		close(r->fd);
		r->fd = -1;
	}
	q->body_file = r->file;
	q->body = r->file ? NULL : r->body.data;
	q->body_len = (size_t)r->received;
	return 0;
}
