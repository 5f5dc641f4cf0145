/* Layer: sandbox. A raw request is refused with a code and a status, or it is accepted and then not with another
 * method. Input: "METHOD TARGET", "Name: value" lines, an empty line, the body. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "spark/base/file.h"
#include "spark/base/hash.h"
#include "spark/base/mem.h"
#include "spark/sandbox/access.h"
#include "spark/sandbox/http.h"

#define HEADERS_MAX 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char dir[64];
static struct clock then;
static struct world world;

/* The published examples are of these days. */
static int64_t now_ms(void *arg)
{
	(void)arg;
	return INT64_C(1440938220000);
}

static void end_world(void)
{
	struct err err;

	store_close(world.store);
	if (file_remove_tree(dir, &err))
		abort();
}

static void begin_world(void)
{
	static const char name[] = "/tmp/fuzz-verify-XXXXXX";
	static const char key[] =
		"{\"secret\":\"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\",\"arn\":\"a\",\"userId\":\"u\"}";
	struct json *doc;
	struct err err;

	if (*dir)
		return;
	memcpy(dir, name, sizeof(name));
	then = clock_system;
	then.now_ms = now_ms;
	world.clock = &then;
	memcpy(world.account, "123456789012", 13);
	doc = json_parse(key, sizeof(key) - 1, &err);
	if (!doc || !mkdtemp(dir) || atexit(end_world) || store_open(dir, &world.store, &err) ||
	    store_put(world.store, "iam:access-key", "AKIDEXAMPLE", doc, &err) || store_commit(world.store, &err))
		abort();
}

/* Ends the line at `at` with a zero byte; the next line, or NULL. */
static char *cut_line(char *at)
{
	char *end = strchr(at, '\n');

	if (!end)
		return NULL;
	*end = 0;
	return end + 1;
}

static bool read_request(char *text, struct http_request *r, struct http_header *headers)
{
	char *line = text, *next = cut_line(line), *space = strchr(line, ' '), *mark;

	if (!next || !space)
		return false;
	*space = 0;
	r->method = line;
	r->target = space + 1;
	mark = strchr(space + 1, '?');
	if (mark)
		*mark = 0;
	r->query = mark ? mark + 1 : "";
	r->headers = headers;
	for (line = next; line && *line && *line != '\n' && r->header_count < HEADERS_MAX; line = next) {
		char *colon;

		next = cut_line(line);
		colon = strstr(line, ": ");
		if (!colon)
			return false;
		*colon = 0;
		headers[r->header_count++] = (struct http_header){ line, colon + 2 };
	}
	r->body = line && *line == '\n' ? line + 1 : "";
	r->body_len = strlen(r->body);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_strndup((const char *)data, size);
	struct http_header headers[HEADERS_MAX];
	struct http_request r = { .peer_ip = "127.0.0.1" };
	struct chunk_verifier chunks;
	struct caller who;
	struct err err;

	begin_world();
	if (!text)
		abort();
	err_clear(&err);
	if (!read_request(text, &r, headers) || hash_sha256_hex(r.body, r.body_len, r.body_sha256, &err))
		goto out;
	if (access_verify(&world, &r, &who, &err)) {
		if (!*err.code || err.http_status < 400)
			abort();
		goto out;
	}
	/* Signed chunks do not go on from a link of version 2. */
	if (!access_chunk_begin(&world, &r, &chunks, &err))
		access_chunk_end(&chunks);
	else if (!strstr(r.query, "AWSAccessKeyId="))
		abort();
	r.method = strcmp(r.method, "PATCH") ? "PATCH" : "GET";
	if (!access_verify(&world, &r, &who, &err))
		abort();
out:
	mem_free(text);
	return 0;
}
