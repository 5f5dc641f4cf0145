/* What opening a bucket cleans away: dead records and files without a record. */
#include "sandbox/store/objects_bucket.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "spark/base/file.h"
#include "spark/base/log.h"
#include "spark/base/mem.h"

#define WRITE_BLOCK ((size_t)1024 * 1024)

struct compaction {
	struct bucket *b;
	const unsigned char *map; /* the old log */
	struct object_index fresh;
	struct buf block; /* gathered for one write */
	uint64_t written; /* bytes of the new log, block included */
	int fd;
	struct err *err;
};

static int flush_block(struct compaction *c)
{
	if (buf_check(&c->block, "object log", c->err) < 0 ||
	    file_write_all(c->fd, c->block.data, c->block.len, c->err) < 0)
		return -1;
	buf_reset(&c->block);
	return 0;
}

/* Records keep their bytes, so they are copied as they are; only where they begin changes. */
static int move_record(void *arg, struct object_entry *e)
{
	struct compaction *c = arg;
	struct log_record r;
	struct object_entry *moved;
	size_t lengths = strlen(e->key) + strlen(e->etag) + strlen(e->type) + strlen(e->metadata);
	uint64_t start;

	/* A record in the log is found from its data; one that names a file is written anew. */
	if (!e->in_file) {
		start = e->at - lengths - LOG_RECORD_SIZE;
		if (!log_record_decode(c->map + start, (size_t)e->record_size, c->b->salt, &r))
			return err_set(c->err, ERR_BUG, "the record of '%s' moved while the log was compacted", e->key);
		buf_add(&c->block, c->map + start, (size_t)e->record_size);
	} else {
		r = (struct log_record){ .kind = LOG_PUT_FILE,
					 .modified_ms = e->modified_ms,
					 .size_bytes = e->size_bytes,
					 .file_number = e->at,
					 .key = e->key,
					 .etag = e->etag,
					 .type = e->type,
					 .metadata = e->metadata,
					 .key_len = strlen(e->key),
					 .etag_len = strlen(e->etag),
					 .type_len = strlen(e->type),
					 .metadata_len = strlen(e->metadata) };
		r.total = LOG_RECORD_SIZE + lengths;
		if (log_record_encode(&r, c->b->salt, &c->block, c->err) < 0)
			return -1;
	}
	if (object_index_reserve(&c->fresh, c->err) < 0)
		return -1;
	if (!(moved = object_entry_new(&r, c->written)))
		return err_nomem(c->err);
	object_entry_release(object_index_put(&c->fresh, moved));
	c->written += r.total;
	return c->block.len >= WRITE_BLOCK ? flush_block(c) : 0;
}

static int write_live(struct compaction *c, struct err *err)
{
	unsigned char head[LOG_HEADER_SIZE];

	log_header_encode(head, c->b->salt);
	buf_add(&c->block, head, sizeof(head));
	c->written = sizeof(head);
	if (object_index_each(&c->b->index, move_record, c) != 0 || flush_block(c) < 0)
		return -1;
	if (fsync(c->fd) < 0)
		return err_set_errno(err, ERR_IO, errno, "cannot fsync the compacted log of bucket '%s'", c->b->name);
	return 0;
}

int bucket_compact(struct bucket *b, const unsigned char *map, struct err *err)
{
	struct compaction c = { .b = b, .map = map, .fd = -1, .err = err };
	char *path = mem_printf("%s.new", b->log_path);
	struct object_index old;
	int rc = -1;

	buf_init(&c.block, BUF_MAX_DEFAULT);
	if (!path) {
		err_nomem(err);
		goto out;
	}
	c.fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (c.fd < 0) {
		err_set_errno(err, ERR_IO, errno, "cannot make '%s'", path);
		goto out;
	}
	if (write_live(&c, err) < 0)
		goto out;
	if (rename(path, b->log_path) < 0) {
		err_set_errno(err, ERR_IO, errno, "cannot put '%s' in the log's place", path);
		goto out;
	}
	if (file_sync_dir(b->dir, err) < 0)
		goto out;
	log_debug("object log '%s': compacted from %llu to %llu bytes", b->log_path, (unsigned long long)b->tail,
		  (unsigned long long)c.written);
	close(b->fd);
	b->fd = c.fd;
	c.fd = -1;
	b->tail = c.written;
	old = b->index;
	b->index = c.fresh;
	c.fresh = old;
	rc = 0;
out:
	if (c.fd >= 0) {
		close(c.fd);
		(void)unlink(path);
	}
	object_index_clear(&c.fresh);
	buf_clear(&c.block);
	mem_free(path);
	return rc;
}

/* The numbers that entries name, in ascending order. */
struct numbers {
	uint64_t *items;
	size_t count, cap;
	struct err *err;
};

static int gather_number(void *arg, struct object_entry *e)
{
	struct numbers *n = arg;

	if (!e->in_file)
		return 0;
	if (mem_grow(&n->items, &n->cap, n->count, sizeof(*n->items)) < 0)
		return err_nomem(n->err);
	n->items[n->count++] = e->at;
	return 0;
}

static int compare_numbers(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

int bucket_sweep_files(struct bucket *b, struct err *err)
{
	struct numbers named = { .err = err };
	char *folder = file_join(b->dir, "big");
	DIR *d = NULL;
	struct dirent *f;
	int rc = -1;

	if (!folder) {
		err_nomem(err);
		goto out;
	}
	if (object_index_each(&b->index, gather_number, &named) != 0)
		goto out;
	if (named.count)
		qsort(named.items, named.count, sizeof(*named.items), compare_numbers);
	if (!(d = opendir(folder))) {
		err_set_errno(err, ERR_IO, errno, "cannot read the folder '%s'", folder);
		goto out;
	}
	while ((f = readdir(d)) != NULL) {
		char *end;
		uint64_t number = strtoull(f->d_name, &end, 16);

		if (f->d_name[0] == '.' || *end)
			continue;
		if (number >= b->next_file)
			b->next_file = number + 1;
		if (!named.count || !bsearch(&number, named.items, named.count, sizeof(*named.items), compare_numbers))
			(void)unlinkat(dirfd(d), f->d_name, 0);
	}
	rc = 0;
out:
	if (d)
		closedir(d);
	mem_free(named.items);
	mem_free(folder);
	return rc;
}
