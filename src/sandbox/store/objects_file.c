#include "sandbox/store/objects_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "spark/base/file.h"
#include "spark/base/mem.h"

int objects_file_md5(const char *path, char out[MD5_HEX], struct err *err)
{
	struct hash *h = hash_new(HASH_MD5, err);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	unsigned char block[16384], digest[32];
	size_t len;
	ssize_t n = 0;
	int rc = -1;

	if (!h)
		goto out;
	if (fd < 0) {
		err_set_errno(err, ERR_IO, errno, "cannot open '%s'", path);
		goto out;
	}
	while ((n = read(fd, block, sizeof(block))) > 0)
		if (hash_update(h, block, (size_t)n, err) < 0)
			goto out;
	if (n < 0) {
		err_set_errno(err, ERR_IO, errno, "cannot read '%s'", path);
		goto out;
	}
	rc = hash_finish(h, digest, &len, err);
	h = NULL;
	if (rc == 0)
		hash_hex(digest, len, out);
out:
	hash_free(h);
	if (fd >= 0)
		close(fd);
	return rc;
}

char *objects_file_make(const char *dir, const void *data, size_t len, struct err *err)
{
	char *path = mem_printf("%s/put.XXXXXX", dir);
	int fd, rc;

	if (!path) {
		err_nomem(err);
		return NULL;
	}
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0) {
		err_set_errno(err, ERR_IO, errno, "cannot make a file in '%s'", dir);
		mem_free(path);
		return NULL;
	}
	rc = file_write_all(fd, data, len, err);
	close(fd);
	if (rc < 0) {
		(void)unlink(path);
		mem_free(path);
		return NULL;
	}
	return path;
}
