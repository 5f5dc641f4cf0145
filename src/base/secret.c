#include "spark/base/secret.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

/* Secrets live in pages that hold nothing else, because the kernel leaves out of a core dump whole pages only. Nearly
 * all are short, and mapping pages for each would cost more than checking the signature that it is for: short ones
 * share a block of slots, long ones (session tokens) have pages of their own. */
#define SLOT_SIZE  ((size_t)128)
#define SLOT_COUNT ((size_t)1024)

static struct {
	pthread_mutex_t lock;
	char *block;               /* NULL before the first secret */
	uint16_t free[SLOT_COUNT]; /* a stack of the slots that were given back */
	size_t free_count, used;   /* slots from `used` on have never been given out */
} slots = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void *map_pages(size_t size)
{
	void *fresh = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (fresh == MAP_FAILED)
		return NULL;
	/* Old kernels and some containers refuse the advice; a secret is still wiped when it is freed. */
	(void)madvise(fresh, size, MADV_DONTDUMP);
	return fresh;
}

static size_t mapped_size(size_t len)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (len + page) / page * page;
}

/* NULL when all are taken. */
static char *take_slot(void)
{
	char *slot = NULL;

	pthread_mutex_lock(&slots.lock);
	if (!slots.block)
		slots.block = map_pages(SLOT_SIZE * SLOT_COUNT);
	if (slots.block && slots.free_count > 0)
		slot = slots.block + SLOT_SIZE * slots.free[--slots.free_count];
	else if (slots.block && slots.used < SLOT_COUNT)
		slot = slots.block + SLOT_SIZE * slots.used++;
	pthread_mutex_unlock(&slots.lock);
	return slot;
}

/* False when it is not a slot. */
static bool give_slot_back(char *value)
{
	bool is_slot;

	pthread_mutex_lock(&slots.lock);
	is_slot = slots.block && value >= slots.block && value < slots.block + SLOT_SIZE * SLOT_COUNT;
	if (is_slot)
		slots.free[slots.free_count++] = (uint16_t)((size_t)(value - slots.block) / SLOT_SIZE);
	pthread_mutex_unlock(&slots.lock);
	return is_slot;
}

int secret_set_bytes(struct secret *s, const void *bytes, size_t len, struct err *err)
{
	char *fresh = NULL;

	if (len > SIZE_MAX / 2)
		return err_nomem(err);
	if (len < SLOT_SIZE)
		fresh = take_slot();
	if (!fresh)
		fresh = map_pages(mapped_size(len));
	if (!fresh)
		return err_nomem(err);
	if (len)
		memcpy(fresh, bytes, len);
	fresh[len] = '\0';
	secret_clear(s);
	s->value = fresh;
	s->len = len;
	return 0;
}

int secret_set(struct secret *s, const char *text, struct err *err)
{
	return secret_set_bytes(s, text, strlen(text), err);
}

int secret_copy(struct secret *to, const struct secret *from, struct err *err)
{
	if (to == from)
		return 0;
	if (!secret_is_set(from)) {
		secret_clear(to);
		return 0;
	}
	return secret_set_bytes(to, from->value, from->len, err);
}

void secret_clear(struct secret *s)
{
	if (!s || !s->value)
		return;
	explicit_bzero(s->value, s->len);
	if (!give_slot_back(s->value))
		munmap(s->value, mapped_size(s->len));
	s->value = NULL;
	s->len = 0;
}

bool secret_is_set(const struct secret *s)
{
	return s && s->value;
}

const char *secret_value(const struct secret *s)
{
	return secret_is_set(s) ? s->value : "";
}

bool secret_equal(const void *a, size_t a_len, const void *b, size_t b_len)
{
	const volatile unsigned char *x = a, *y = b;
	unsigned char differs = 0;

	/* Lengths are no secret: signatures and digests have one length only. */
	if (a_len != b_len)
		return false;
	for (size_t i = 0; i < a_len; i++)
		differs = (unsigned char)(differs | (x[i] ^ y[i]));
	return differs == 0;
}

const char *secret_mask(const struct secret *s)
{
	return secret_is_set(s) && s->len ? "***" : "";
}

int secret_random_bytes(void *out, size_t len, struct err *err)
{
	char *p = out;

	while (len > 0) {
		ssize_t got = getrandom(p, len, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_set_errno(err, ERR_IO, errno, "cannot get random bytes from the kernel");
		p += got;
		len -= (size_t)got;
	}
	return 0;
}

static const char password_characters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static bool has_all_classes(const char *text, size_t len)
{
	bool upper = false, lower = false, digit = false;

	for (size_t i = 0; i < len; i++) {
		upper |= text[i] >= 'A' && text[i] <= 'Z';
		lower |= text[i] >= 'a' && text[i] <= 'z';
		digit |= text[i] >= '0' && text[i] <= '9';
	}
	return upper && lower && digit;
}

int secret_random_password(struct secret *s, size_t len, struct err *err)
{
	char text[64];
	int rc = -1;

	_Static_assert(sizeof(password_characters) - 1 == 64, "six random bits choose a character evenly");
	if (len < 8 || len > sizeof(text))
		return err_set(err, ERR_BUG, "a password of %zu characters was asked for, 8 to 64 are allowed", len);
	do {
		if (secret_random_bytes(text, len, err) < 0)
			goto out;
		for (size_t i = 0; i < len; i++)
			text[i] = password_characters[text[i] & 63];
	} while (!has_all_classes(text, len));
	rc = secret_set_bytes(s, text, len, err);
out:
	explicit_bzero(text, sizeof(text));
	return rc;
}
