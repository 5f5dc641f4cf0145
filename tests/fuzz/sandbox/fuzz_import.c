/* Layer: sandbox. An archive of any bytes is read to its end or refused with a reason; no name in it leads out of the
 * folder. An even first byte: the rest is the archive as it is. An odd one: the rest is the inside, and is compressed
 * here, because few mutations of compressed bytes get past their checksum. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zstd.h>

#include "sandbox/archive/tar.h"
#include "spark/base/file.h"
#include "spark/base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What skipping may cost is bounded, so that a header that promises terabytes of zeros does not count as a hang. */
#define READ_MAX ((int64_t)1 << 24)

static void put(int fd, const uint8_t *data, size_t size)
{
	size_t room = ZSTD_compressBound(size), len;
	char *out = mem_alloc(room);
	struct err err;

	if (!out)
		abort();
	len = ZSTD_compress(out, room, data, size, 1);
	if (ZSTD_isError(len) || file_write_all(fd, out, len, &err))
		abort();
	mem_free(out);
}

static void read_all(struct tar_reader *r)
{
	struct tar_entry e;
	struct err err = { 0 };
	char piece[512];
	int64_t left = READ_MAX;
	int more;

	while ((more = tar_next(r, &e, &err)) > 0) {
		ssize_t got;

		if (!tar_name_is_safe(e.name) || strstr(e.name, "../") || e.name[0] == '/' || e.size < 0)
			abort();
		while ((got = tar_read(r, piece, sizeof(piece), &err)) > 0 && left > 0)
			left -= got;
		if (got < 0 || left <= 0)
			return;
	}
	if (more < 0 && !err.text[0])
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tar_reader *r = NULL;
	struct err err = { 0 };
	int fd;

	if (!size)
		return 0;
	fd = memfd_create("archive", MFD_CLOEXEC);
	if (fd < 0)
		abort();
	if (data[0] % 2)
		put(fd, data + 1, size - 1);
	else if (file_write_all(fd, data + 1, size - 1, &err))
		abort();
	if (lseek(fd, 0, SEEK_SET) || tar_open(fd, "archive", &r, &err))
		abort();
	read_all(r);
	tar_close(r);
	return 0;
}
