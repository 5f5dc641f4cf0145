/* Many objects at a time, to and from a store in memory. */
#include "aws/provider.h"
#include "spark/aws/s3.h"

#include <limits.h>
#include <sys/stat.h>

#include "spark/base/file.h"
#include "spark/base/hash.h"
#include "spark/base/mem.h"
#include "unit/aws/tiny_server.h"

#define OBJECTS 300
#define LARGE   ((size_t)9 * 1024 * 1024 + 17)

enum manner { PLAIN, CHUNKED, OLD, WITH_HINTS };

/* What the store holds, and how it misbehaves. */
struct store {
	pthread_mutex_t lock;
	struct object {
		char target[200];
		char *data;
		size_t len;
	} objects[OBJECTS + 10];
	size_t count;
	int fail_first; /* so many requests are answered with SlowDown */
	bool bad_hash;  /* a body did not have the hash that was signed */
	int hangs_up;   /* each so many replies the connection is closed behind one, unannounced; 0: never */
	int replies;
	int expires_after;  /* so many requests the keys of the begin are good for; 0: for ever */
	int cut_first;      /* so many replies break off in the middle */
	bool silent;        /* requests are read and not answered */
	enum manner manner; /* of replies with objects */
};

static struct object *find(struct store *st, const char *target)
{
	for (size_t i = 0; i < st->count; i++)
		if (strcmp(st->objects[i].target, target) == 0)
			return &st->objects[i];
	return NULL;
}

/* Says nothing, until the client goes. */
static bool keep_silent(int fd)
{
	char byte;

	while (recv(fd, &byte, 1, 0) > 0)
		;
	return false;
}

static bool send_object(int fd, const struct object *o, enum manner manner, bool cut)
{
	char head[128];
	size_t half = o->len / 2;
	int n = snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", o->len);

	if (manner == CHUNKED)
		n = snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
	else if (manner == OLD)
		n = snprintf(head, sizeof(head), "HTTP/1.0 200 OK\r\n\r\n");
	else if (manner == WITH_HINTS)
		tiny_text(fd, "HTTP/1.1 103 Early Hints\r\nLink: </k>\r\n\r\n");
	tiny_write(fd, head, (size_t)n);
	if (cut || manner != CHUNKED) {
		tiny_write(fd, o->data, cut ? half : o->len);
		return !cut && manner != OLD;
	}
	for (size_t at = 0; at < o->len; at += 7) {
		size_t len = o->len - at < 7 ? o->len - at : 7;
		n = snprintf(head, sizeof(head), "%zx\r\n%.*s\r\n", len, (int)len, o->data + at);
		tiny_write(fd, head, (size_t)n);
	}
	tiny_text(fd, "0\r\n\r\n");
	return true;
}

static bool serve(struct tiny_server *s, int fd, const struct tiny_request *r)
{
	struct store *st = s->arg;
	char hash[SHA256_HEX];

	pthread_mutex_lock(&st->lock);
	struct object *o = find(st, r->target);
	bool busy = st->fail_first > 0;
	if (busy)
		st->fail_first--;
	bool expired = st->expires_after > 0 && st->replies >= st->expires_after && !strstr(r->head, "=AKIA2/");
	if (!busy && !expired && strcmp(r->method, "PUT") == 0) {
		assert_int_equal(hash_sha256_hex(r->body, r->body_len, hash, NULL), 0);
		st->bad_hash = st->bad_hash || !strstr(r->head, hash);
		if (!o)
			o = &st->objects[st->count++];
		snprintf(o->target, sizeof(o->target), "%.199s", r->target);
		free(o->data);
		o->data = malloc(r->body_len + 1);
		memcpy(o->data, r->body, r->body_len);
		o->len = r->body_len;
	}
	st->replies++;
	bool more = st->hangs_up == 0 || st->replies % st->hangs_up != 0;
	bool cut = st->cut_first > 0;
	if (cut)
		st->cut_first--;
	pthread_mutex_unlock(&st->lock);
	if (st->silent) {
		more = keep_silent(fd);
	} else if (busy) {
		tiny_reply(fd, 503, "", "<Error><Code>SlowDown</Code><Message>Slow down.</Message></Error>");
	} else if (expired) {
		tiny_reply(fd, 400, "", "<Error><Code>ExpiredToken</Code><Message>It has expired.</Message></Error>");
	} else if (strcmp(r->method, "PUT") == 0) {
		tiny_reply(fd, 200, "", "");
	} else if (!o) {
		tiny_reply(fd, 404, "", "<Error><Code>NoSuchKey</Code><Message>No such key.</Message></Error>");
	} else {
		more = send_object(fd, o, st->manner, cut) && more;
	}
	return more;
}

struct world {
	struct store store;
	struct tiny_server server;
	struct aws_client *client;
	volatile int stop;
	char dir[64];
};

static void world_open(struct world *w)
{
	struct aws_client_options o = { .region = "us-west-2", .timeout_ms = 20000, .stop = &w->stop };

	memset(w, 0, sizeof(*w));
	pthread_mutex_init(&w->store.lock, NULL);
	snprintf(w->dir, sizeof(w->dir), "/tmp/spark-transfer-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	tiny_start(&w->server, serve, &w->store);
	o.endpoint_url = w->server.url;
	snprintf(o.credentials.access_key_id, sizeof(o.credentials.access_key_id), "AKIDEXAMPLE");
	assert_int_equal(secret_set(&o.credentials.secret_access_key, "secret", NULL), 0);
	w->client = aws_client_new(&o, NULL);
	assert_non_null(w->client);
	aws_credentials_clear(&o.credentials);
}

static void world_close(struct world *w)
{
	aws_client_free(w->client);
	tiny_stop(&w->server);
	for (size_t i = 0; i < w->store.count; i++)
		free(w->store.objects[i].data);
	pthread_mutex_destroy(&w->store.lock);
	assert_int_equal(file_remove_tree(w->dir, NULL), 0);
}

/* A row of jobs: files <dir>/<folder>/N and keys N. */
struct jobs {
	struct world *world;
	const char *folder;
	enum s3_direction direction;
	int next, count, done, failed;
	int missing; /* this one has no source; -1: none */
	int64_t size_told;
	int late; /* so many times there is nothing yet before each job */
	int waited;
};

static int next_job(void *arg, struct s3_job *job, struct err *err)
{
	struct jobs *j = arg;

	(void)err;
	if (j->waited < j->late) {
		j->waited++;
		return S3_NEXT_LATER;
	}
	j->waited = 0;
	if (j->next == j->count)
		return 0;
	int i = j->next++;
	job->direction = j->direction;
	job->bucket = mem_strdup("bucket");
	job->key = mem_printf("data set/%03d%s", i, i == j->missing ? ".missing" : "");
	job->path =
		mem_printf("%s/%s/%03d/%03d%s", j->world->dir, j->folder, i % 7, i, i == j->missing ? ".missing" : "");
	job->size_bytes = j->size_told;
	return 1;
}

static void job_done(void *arg, const struct s3_job *job, const struct err *failure)
{
	struct jobs *j = arg;

	assert_non_null(job->key);
	j->done++;
	j->failed += failure != NULL;
}

static int run(struct jobs *j, int concurrency, struct err *err)
{
	const struct s3_transfer t = { concurrency, next_job, job_done, j };

	return s3_transfer(j->world->client, &t, err);
}

/* The files that are sent: N has N bytes; number 0 is large when asked. */
static void make_files(struct world *w, int count, bool large)
{
	char path[128], *data = malloc(LARGE);

	for (size_t i = 0; i < LARGE; i++)
		data[i] = (char)('a' + (i * 31 + i / 977) % 26);
	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/up/%03d", w->dir, i % 7);
		assert_int_equal(file_make_dirs(path, 0700, NULL), 0);
		snprintf(path, sizeof(path), "%s/up/%03d/%03d", w->dir, i % 7, i);
		assert_int_equal(file_write_atomic(path, data, i == 0 && large ? LARGE : (size_t)i, 0600, NULL), 0);
	}
	free(data);
}

static void compare(struct world *w, int count)
{
	char a_path[128], b_path[128];
	struct buf a, b;

	for (int i = 0; i < count; i++) {
		buf_init(&a, BUF_MAX_DEFAULT);
		buf_init(&b, BUF_MAX_DEFAULT);
		snprintf(a_path, sizeof(a_path), "%s/up/%03d/%03d", w->dir, i % 7, i);
		snprintf(b_path, sizeof(b_path), "%s/down/%03d/%03d", w->dir, i % 7, i);
		assert_int_equal(file_read(a_path, &a, NULL), 0);
		assert_int_equal(file_read(b_path, &b, NULL), 0);
		assert_int_equal(a.len, b.len);
		assert_memory_equal(a.data, b.data, a.len);
		buf_clear(&a);
		buf_clear(&b);
	}
}

static int count_file(void *arg, const char *rel, int64_t size)
{
	(void)size;
	assert_null(strstr(rel, ".part-"));
	++*(int *)arg;
	return 0;
}

static void expect_files(struct world *w, const char *folder, int count)
{
	char path[128];
	int n = 0;

	snprintf(path, sizeof(path), "%s/%s", w->dir, folder);
	if (file_exists(path))
		assert_int_equal(file_walk(path, count_file, &n, NULL), 0);
	assert_int_equal(n, count);
}

static void what_goes_up_comes_down(void **state)
{
	struct world w;
	struct err err = { 0 };

	(void)state;
	world_open(&w);
	make_files(&w, OBJECTS, true);
	struct jobs up = { .world = &w, .folder = "up", .direction = S3_UPLOAD, .count = OBJECTS, .missing = -1 };
	if (run(&up, 16, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(up.done, OBJECTS);
	assert_int_equal(w.store.count, OBJECTS);
	assert_false(w.store.bad_hash);
	assert_true(w.server.connections <= 16 + 1); /* the large file goes over one of its own */
	struct jobs down = { .world = &w, .folder = "down", .direction = S3_DOWNLOAD, .count = OBJECTS, .missing = -1 };
	if (run(&down, 16, &err) != 0)
		fail_msg("%s", err.text);
	compare(&w, OBJECTS);
	expect_files(&w, "down", OBJECTS);
	world_close(&w);
}

static void sizes_that_are_not_known_are_streamed(void **state)
{
	struct world w;

	(void)state;
	world_open(&w);
	make_files(&w, 20, true);
	struct jobs up = { .world = &w, .folder = "up", .direction = S3_UPLOAD, .count = 20, .missing = -1 };
	assert_int_equal(run(&up, 3, NULL), 0);
	struct jobs down = {
		.world = &w, .folder = "down", .direction = S3_DOWNLOAD, .count = 20, .missing = -1, .size_told = -1
	};
	assert_int_equal(run(&down, 3, NULL), 0);
	compare(&w, 20);
	expect_files(&w, "down", 20);
	world_close(&w);
}

static void a_busy_service_is_asked_again(void **state)
{
	struct world w;
	struct err err = { 0 };

	(void)state;
	world_open(&w);
	make_files(&w, 10, false);
	w.store.fail_first = 2;
	struct jobs up = { .world = &w, .folder = "up", .direction = S3_UPLOAD, .count = 10, .missing = -1 };
	if (run(&up, 4, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(w.store.count, 10);
	world_close(&w);
}

static void the_first_failure_is_told_and_nothing_half_stays(void **state)
{
	struct world w;
	struct err err = { 0 };

	(void)state;
	world_open(&w);
	make_files(&w, 40, false);
	struct jobs up = { .world = &w, .folder = "up", .direction = S3_UPLOAD, .count = 40, .missing = 30 };
	assert_int_equal(run(&up, 4, &err), -1);
	assert_int_equal(err.kind, ERR_IO);
	assert_non_null(strstr(err.text, "030.missing"));
	assert_int_equal(up.failed, 1);
	assert_int_equal(up.done, up.next);
	assert_true(up.next < 40); /* no more is begun */
	struct jobs down = {
		.world = &w, .folder = "down", .direction = S3_DOWNLOAD, .count = 10, .missing = 5, .size_told = -1
	};
	assert_int_equal(run(&down, 1, &err), -1);
	assert_true(err_has_code(&err, "NoSuchKey"));
	assert_non_null(strstr(err.text, "s3://bucket/data set/005.missing"));
	expect_files(&w, "down", 5);
	world_close(&w);
}

static void an_interrupt_ends_all_of_them(void **state)
{
	struct world w;
	struct err err = { 0 };

	(void)state;
	world_open(&w);
	make_files(&w, 40, false);
	w.stop = 2;
	struct jobs up = { .world = &w, .folder = "up", .direction = S3_UPLOAD, .count = 40, .missing = -1 };
	assert_int_equal(run(&up, 4, &err), -1);
	assert_int_equal(err.kind, ERR_INTERRUPTED);
	assert_int_equal(up.done, up.next);
	assert_true(up.next < 40);
	world_close(&w);
}

static void connections_that_the_service_closes_are_replaced(void **state)
{
	struct world w;
	struct err err = { 0 };

	(void)state;
	world_open(&w);
	make_files(&w, 60, false);
	w.store.hangs_up = 5;
	struct jobs up = { .world = &w, .folder = "up", .direction = S3_UPLOAD, .count = 60, .missing = -1 };
	if (run(&up, 6, &err) != 0)
		fail_msg("%s", err.text);
	struct jobs down = { .world = &w, .folder = "down", .direction = S3_DOWNLOAD, .count = 60, .missing = -1 };
	if (run(&down, 6, &err) != 0)
		fail_msg("%s", err.text);
	assert_true(w.server.connections > 12);
	compare(&w, 60);
	expect_files(&w, "down", 60);
	world_close(&w);
}

static void replies_in_other_manners_are_understood(void **state)
{
	static const enum manner manners[] = { CHUNKED, OLD, WITH_HINTS };
	struct world w;
	struct err err = { 0 };

	(void)state;
	world_open(&w);
	make_files(&w, 20, false);
	struct jobs up = { .world = &w, .folder = "up", .direction = S3_UPLOAD, .count = 20, .missing = -1 };
	assert_int_equal(run(&up, 4, NULL), 0);
	for (size_t i = 0; i < COUNT_OF(manners); i++) {
		struct jobs down = { .world = &w, .folder = "down", .count = 20, .missing = -1 };
		down.direction = S3_DOWNLOAD;
		w.store.manner = manners[i];
		if (run(&down, 3, &err) != 0)
			fail_msg("manner %zu: %s", i, err.text);
		compare(&w, 20);
		expect_files(&w, "down", 20);
		char path[128];
		snprintf(path, sizeof(path), "%s/down", w.dir);
		assert_int_equal(file_remove_tree(path, NULL), 0);
	}
	world_close(&w);
}

static void replies_that_break_off_are_asked_for_again(void **state)
{
	struct world w;
	struct err err = { 0 };

	(void)state;
	world_open(&w);
	make_files(&w, 30, false);
	struct jobs up = { .world = &w, .folder = "up", .direction = S3_UPLOAD, .count = 30, .missing = -1 };
	assert_int_equal(run(&up, 4, NULL), 0);
	w.store.cut_first = 2;
	struct jobs down = { .world = &w, .folder = "down", .direction = S3_DOWNLOAD, .count = 30, .missing = -1 };
	if (run(&down, 1, &err) != 0)
		fail_msg("%s", err.text);
	compare(&w, 30);
	expect_files(&w, "down", 30);

	/* As often as attempts are made: the reason is told, and there is only what has no bytes to break off. */
	w.store.cut_first = 100;
	struct jobs again = { .world = &w, .folder = "again", .direction = S3_DOWNLOAD, .count = 2, .missing = -1 };
	assert_int_equal(run(&again, 1, &err), -1);
	assert_int_equal(err.kind, ERR_UNREACHABLE);
	assert_non_null(strstr(err.text, "broke off"));
	assert_non_null(strstr(err.text, "(after "));
	expect_files(&w, "again", 1);
	world_close(&w);
}

static void a_service_that_falls_silent_is_not_waited_for_longer_than_told(void **state)
{
	struct aws_client_options o = { .region = "us-west-2", .timeout_ms = 200 };
	struct world w;
	struct err err = { 0 };

	(void)state;
	world_open(&w);
	aws_client_free(w.client);
	o.endpoint_url = w.server.url;
	o.anonymous = true;
	w.client = aws_client_new(&o, NULL);
	assert_non_null(w.client);
	make_files(&w, 2, false);
	w.store.silent = true;
	struct jobs up = { .world = &w, .folder = "up", .direction = S3_UPLOAD, .count = 1, .missing = -1 };
	assert_int_equal(run(&up, 1, &err), -1);
	assert_int_equal(err.kind, ERR_TIMEOUT);
	assert_non_null(strstr(err.text, "did not answer in time"));
	world_close(&w);
}

static void jobs_that_are_not_there_yet_are_waited_for(void **state)
{
	struct world w;
	struct err err = { 0 };

	(void)state;
	world_open(&w);
	make_files(&w, 40, false);
	struct jobs up = { .world = &w, .folder = "up", .count = 40, .missing = -1, .late = 3 };
	up.direction = S3_UPLOAD;
	if (run(&up, 4, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(up.done, 40);
	assert_int_equal(w.store.count, 40);

	/* Also while there is none at all. */
	struct jobs never = { .world = &w, .folder = "up", .count = 40, .missing = -1, .late = INT_MAX };
	w.stop = 2;
	assert_int_equal(run(&never, 4, &err), -1);
	assert_int_equal(err.kind, ERR_INTERRUPTED);
	assert_int_equal(never.next, 0);
	world_close(&w);
}

static int issue_next(void *arg, struct aws_credentials *out, struct err *err)
{
	struct aws_credentials c = { 0 };

	snprintf(c.access_key_id, sizeof(c.access_key_id), "AKIA%d", ++*(int *)arg);
	if (secret_set(&c.secret_access_key, "secret", err) != 0)
		return -1;
	*out = c;
	return 0;
}

static void keys_that_end_in_the_middle_are_renewed_once(void **state)
{
	struct world w;
	struct jobs up = { .world = &w, .folder = "up", .direction = S3_UPLOAD, .count = 120, .missing = -1 };
	struct jobs down = {
		.world = &w, .folder = "down", .direction = S3_DOWNLOAD, .count = 120, .missing = -1, .size_told = -1
	};
	const struct aws_chain_options chain = { .config = NULL };
	struct aws_client_options o = { .region = "us-west-2", .timeout_ms = 20000 };
	struct err err = { 0 };
	int issued = 0;

	(void)state;
	world_open(&w);
	aws_client_free(w.client);
	o.provider = aws_provider_new(&chain, NULL);
	assert_non_null(o.provider);
	provider_set_search(o.provider, issue_next, &issued);
	o.endpoint_url = w.server.url;
	w.client = aws_client_new(&o, NULL);
	assert_non_null(w.client);
	make_files(&w, 120, false);
	w.store.expires_after = 70;
	if (run(&up, 16, &err) != 0 || run(&down, 16, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(issued, 2);
	assert_int_equal(up.done + down.done, 240);
	assert_int_equal(up.failed + down.failed, 0);
	compare(&w, 120);
	world_close(&w);
	aws_provider_free(o.provider);
}

static int refuse(void *arg, struct s3_job *job, struct err *err)
{
	(void)arg, (void)job;
	return err_set(err, ERR_USAGE, "no list");
}

static void a_list_that_breaks_is_the_failure(void **state)
{
	const struct s3_transfer t = { 4, refuse, NULL, NULL };
	struct world w;
	struct err err = { 0 };

	(void)state;
	world_open(&w);
	assert_int_equal(s3_transfer(w.client, &t, &err), -1);
	assert_string_equal(err.text, "no list");
	world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_goes_up_comes_down),
		cmocka_unit_test(sizes_that_are_not_known_are_streamed),
		cmocka_unit_test(a_busy_service_is_asked_again),
		cmocka_unit_test(the_first_failure_is_told_and_nothing_half_stays),
		cmocka_unit_test(an_interrupt_ends_all_of_them),
		cmocka_unit_test(connections_that_the_service_closes_are_replaced),
		cmocka_unit_test(replies_in_other_manners_are_understood),
		cmocka_unit_test(replies_that_break_off_are_asked_for_again),
		cmocka_unit_test(a_service_that_falls_silent_is_not_waited_for_longer_than_told),
		cmocka_unit_test(jobs_that_are_not_there_yet_are_waited_for),
		cmocka_unit_test(keys_that_end_in_the_middle_are_renewed_once),
		cmocka_unit_test(a_list_that_breaks_is_the_failure),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
