#ifndef SPARK_SANDBOX_ARCHIVE_TAR_HEADER_H
#define SPARK_SANDBOX_ARCHIVE_TAR_HEADER_H

/* POSIX.1-1988 ustar, "pax Interchange Format", The Open Group Base Specifications. Numbers are octal text. */
struct tar_header {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link[100];
	char magic[6], version[2], user[32], group[32], major[8], minor[8], prefix[155], pad[12];
};

#define TAR_TYPE_FILE   '0'
#define TAR_TYPE_FOLDER '5'
#define TAR_TYPE_PAX    'x'
#define TAR_SIZE_MAX    077777777777LL /* in a header; more needs a pax record */

/* Of all bytes, the checksum's own counted as blanks. */
static inline unsigned tar_checksum(const struct tar_header *h)
{
	const unsigned char *bytes = (const unsigned char *)h;
	size_t from = offsetof(struct tar_header, checksum), to = from + sizeof(h->checksum);
	unsigned sum = 0;

	for (size_t i = 0; i < sizeof(*h); i++)
		sum += i >= from && i < to ? ' ' : bytes[i];
	return sum;
}

#endif
