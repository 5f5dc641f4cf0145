/* Layer: sandbox. A state file of any bytes is opened or refused with a reason; one that was opened takes a change and
 * has it at the next opening. An even first byte: the rest is the file. An odd one: the rest is a record's payload. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sandbox/store/log.h"
#include "spark/base/file.h"
#include "spark/base/mem.h"
#include "spark/sandbox/store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char dir[64];

static void remove_dir(void)
{
	struct err err;

	if (file_remove_tree(dir, &err))
		abort();
}

/* In memory where the system has such a folder: each input is synced some four times. */
static void make_dir(void)
{
	if (*dir)
		return;
	snprintf(dir, sizeof(dir), "%s/fuzz-store-log-XXXXXX", access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	if (!mkdtemp(dir) || atexit(remove_dir))
		abort();
}

static void write_file(const uint8_t *data, size_t size)
{
	struct buf file;
	struct err err;
	char *path = file_join(dir, "state.log");

	buf_init(&file, BUF_MAX_DEFAULT);
	if (data[0] % 2) {
		store_log_begin(&file);
		store_log_frame(&file, (const char *)data + 1, size - 1);
	} else {
		buf_add(&file, data + 1, size - 1);
	}
	if (!path || file_write_atomic(path, file.data, file.len, 0600, &err))
		abort();
	mem_free(path);
	buf_clear(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct store *s = NULL;
	struct json *doc;
	struct err err;

	if (!size)
		return 0;
	make_dir();
	write_file(data, size);
	err_clear(&err);
	if (store_open(dir, &s, &err)) {
		if (!*err.text)
			abort();
		return 0;
	}
	doc = json_new_object();
	if (!doc || json_set_int(doc, "n", 7) || store_put(s, "fuzz", "id", doc, &err) || store_commit(s, &err))
		abort();
	store_close(s);
	if (store_open(dir, &s, &err) || json_int(store_get(s, "fuzz", "id"), "n", 0) != 7)
		abort();
	store_close(s);
	return 0;
}
