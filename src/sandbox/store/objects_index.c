#include "sandbox/store/objects_index.h"

#include "spark/base/mem.h"

#define CHUNK_MAX 256

struct object_chunk {
	size_t count;
	struct object_entry *entries[CHUNK_MAX];
};

struct place {
	size_t chunk, index;
	bool found;
};

static char *append_text(char *to, const char *text, size_t len)
{
	if (len)
		memcpy(to, text, len);
	to[len] = 0;
	return to + len + 1;
}

struct object_entry *object_entry_new(const struct log_record *r, uint64_t record_at)
{
	size_t texts = r->key_len + r->etag_len + r->type_len + r->metadata_len + 4;
	struct object_entry *e = mem_alloc(sizeof(*e) + texts);
	char *p;

	if (!e)
		return NULL;
	atomic_init(&e->holders, 1);
	e->in_file = r->kind == LOG_PUT_FILE;
	e->at = e->in_file ? r->file_number : record_at + r->data_at;
	e->size_bytes = r->size_bytes;
	e->record_size = r->total;
	e->modified_ms = r->modified_ms;
	p = append_text(e->key, r->key, r->key_len);
	e->etag = p;
	p = append_text(p, r->etag, r->etag_len);
	e->type = p;
	p = append_text(p, r->type, r->type_len);
	e->metadata = p;
	append_text(p, r->metadata, r->metadata_len);
	return e;
}

struct object_entry *object_entry_hold(struct object_entry *e)
{
	atomic_fetch_add_explicit(&e->holders, 1, memory_order_relaxed);
	return e;
}

void object_entry_release(struct object_entry *e)
{
	if (e && atomic_fetch_sub_explicit(&e->holders, 1, memory_order_acq_rel) == 1)
		mem_free(e);
}

void object_index_clear(struct object_index *x)
{
	for (size_t c = 0; c < x->chunk_count; c++) {
		for (size_t i = 0; i < x->chunks[c]->count; i++)
			object_entry_release(x->chunks[c]->entries[i]);
		mem_free(x->chunks[c]);
	}
	mem_free(x->chunks);
	mem_free(x->spare);
	*x = (struct object_index){ 0 };
}

/* Where the first key stands that is not less than `key`; chunk == chunk_count when there is none. */
static struct place find_place(const struct object_index *x, const char *key)
{
	struct place p = { 0 };
	size_t low = 0, high = x->chunk_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct object_chunk *c = x->chunks[middle];

		if (strcmp(c->entries[c->count - 1]->key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	p.chunk = low;
	if (low == x->chunk_count)
		return p;
	high = x->chunks[low]->count;
	low = 0;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(x->chunks[p.chunk]->entries[middle]->key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	p.index = low;
	p.found = strcmp(x->chunks[p.chunk]->entries[low]->key, key) == 0;
	return p;
}

int object_index_reserve(struct object_index *x, struct err *err)
{
	if (mem_grow(&x->chunks, &x->chunk_cap, x->chunk_count + 1, sizeof(*x->chunks)) < 0)
		return err_nomem(err);
	if (!x->spare && !(x->spare = mem_alloc(sizeof(*x->spare))))
		return err_nomem(err);
	return 0;
}

static void insert_spare(struct object_index *x, size_t at)
{
	memmove(x->chunks + at + 1, x->chunks + at, (x->chunk_count - at) * sizeof(*x->chunks));
	x->chunks[at] = x->spare;
	x->chunk_count++;
	x->spare = NULL;
}

/* Makes room in a full chunk. At the very end nothing is moved: keys that arrive in order fill chunks wholly. */
static struct place split_chunk(struct object_index *x, struct place p)
{
	struct object_chunk *left = x->chunks[p.chunk], *right = x->spare;
	size_t keep = p.chunk + 1 == x->chunk_count && p.index == CHUNK_MAX ? CHUNK_MAX : CHUNK_MAX / 2;

	right->count = CHUNK_MAX - keep;
	memcpy(right->entries, left->entries + keep, right->count * sizeof(*right->entries));
	left->count = keep;
	insert_spare(x, p.chunk + 1);
	if (p.index >= keep) {
		p.chunk++;
		p.index -= keep;
	}
	return p;
}

struct object_entry *object_index_put(struct object_index *x, struct object_entry *e)
{
	struct place p = find_place(x, e->key);
	struct object_chunk *c;

	x->live_bytes += e->record_size;
	if (p.found) {
		struct object_entry *old = x->chunks[p.chunk]->entries[p.index];

		x->chunks[p.chunk]->entries[p.index] = e;
		x->live_bytes -= old->record_size;
		return old;
	}
	if (x->chunk_count == 0) {
		insert_spare(x, 0);
	} else if (p.chunk == x->chunk_count) {
		p.chunk--;
		p.index = x->chunks[p.chunk]->count;
	}
	if (x->chunks[p.chunk]->count == CHUNK_MAX)
		p = split_chunk(x, p);
	c = x->chunks[p.chunk];
	memmove(c->entries + p.index + 1, c->entries + p.index, (c->count - p.index) * sizeof(*c->entries));
	c->entries[p.index] = e;
	c->count++;
	x->count++;
	return NULL;
}

static void drop_chunk(struct object_index *x, size_t at)
{
	mem_free(x->chunks[at]);
	x->chunk_count--;
	memmove(x->chunks + at, x->chunks + at + 1, (x->chunk_count - at) * sizeof(*x->chunks));
}

/* Chunks that deletions have thinned out are joined, so that memory follows the number of keys. */
static void join_chunks(struct object_index *x, size_t at)
{
	struct object_chunk *left = x->chunks[at], *right;

	if (left->count == 0) {
		drop_chunk(x, at);
		return;
	}
	if (at + 1 >= x->chunk_count)
		return;
	right = x->chunks[at + 1];
	if (left->count + right->count > CHUNK_MAX / 2)
		return;
	memcpy(left->entries + left->count, right->entries, right->count * sizeof(*right->entries));
	left->count += right->count;
	drop_chunk(x, at + 1);
}

struct object_entry *object_index_remove(struct object_index *x, const char *key)
{
	struct place p = find_place(x, key);
	struct object_chunk *c;
	struct object_entry *old;

	if (!p.found)
		return NULL;
	c = x->chunks[p.chunk];
	old = c->entries[p.index];
	c->count--;
	memmove(c->entries + p.index, c->entries + p.index + 1, (c->count - p.index) * sizeof(*c->entries));
	x->count--;
	x->live_bytes -= old->record_size;
	join_chunks(x, p.chunk);
	return old;
}

struct object_entry *object_index_get(const struct object_index *x, const char *key)
{
	struct place p = find_place(x, key);

	return p.found ? x->chunks[p.chunk]->entries[p.index] : NULL;
}

size_t object_index_range(const struct object_index *x, const char *prefix, const char *after,
			  struct object_entry **out, size_t max)
{
	size_t prefix_len = strlen(prefix), n = 0;
	bool from_after = strcmp(after, prefix) >= 0;
	struct place p = find_place(x, from_after ? after : prefix);

	if (from_after && p.found && *after)
		p.index++;
	for (; p.chunk < x->chunk_count && n < max; p.chunk++, p.index = 0) {
		const struct object_chunk *c = x->chunks[p.chunk];

		for (; p.index < c->count && n < max; p.index++) {
			if (strncmp(c->entries[p.index]->key, prefix, prefix_len) != 0)
				return n;
			out[n++] = object_entry_hold(c->entries[p.index]);
		}
	}
	return n;
}

int object_index_each(const struct object_index *x, int (*fn)(void *arg, struct object_entry *e), void *arg)
{
	for (size_t c = 0; c < x->chunk_count; c++)
		for (size_t i = 0; i < x->chunks[c]->count; i++) {
			int rc = fn(arg, x->chunks[c]->entries[i]);

			if (rc)
				return rc;
		}
	return 0;
}
