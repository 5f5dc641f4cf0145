/* Runs a fuzz target without libFuzzer: `program FOLDER` feeds it every file of the folder and a fixed number of
 * mutations of each. The same folder gives the same inputs, on every machine. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "spark/base/file.h"
#include "spark/base/mem.h"

#define MUTATIONS    300
#define INPUT_MAX    ((size_t)1024 * 1024)
#define INPUT_TIME_S 20

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
	const char *folder;
	char name[256]; /* what is being fed, for the message of a crash */
	uint64_t random;
	size_t files;
	const char *input;
	size_t input_len;
} driver;

/* Shows the input as a C string, with calls only that a signal handler may make. */
static void show_input(void)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < driver.input_len; i++) {
		unsigned char c = (unsigned char)driver.input[i];
		char escape[4] = { '\\', 'x', digits[c >> 4], digits[c & 15] };

		if (c >= ' ' && c < 127 && c != '\\' && c != '"')
			(void)!write(STDERR_FILENO, &driver.input[i], 1);
		else
			(void)!write(STDERR_FILENO, escape, sizeof(escape));
	}
}

static void on_crash(int sig)
{
	static const char before[] = "stopped by a signal at ", between[] = ":\n\"", after[] = "\"\n";

	(void)!write(STDERR_FILENO, before, sizeof(before) - 1);
	(void)!write(STDERR_FILENO, driver.name, strlen(driver.name));
	(void)!write(STDERR_FILENO, between, sizeof(between) - 1);
	show_input();
	(void)!write(STDERR_FILENO, after, sizeof(after) - 1);
	signal(sig, SIG_DFL);
	raise(sig);
}

/* xorshift64*, seeded by the file's bytes. */
static uint64_t next_random(void)
{
	driver.random ^= driver.random >> 12;
	driver.random ^= driver.random << 25;
	driver.random ^= driver.random >> 27;
	return driver.random * UINT64_C(2685821657736338717);
}

/* The processor's seconds: those of the clock pass on a busy machine without anything having been done. 0: no bound. */
static void bound(int seconds)
{
	const struct itimerval t = { .it_value.tv_sec = seconds };

	if (setitimer(ITIMER_PROF, &t, NULL))
		perror("setitimer");
}

static size_t below(size_t limit)
{
	return limit ? (size_t)(next_random() % limit) : 0;
}

/* The bytes go into memory of exactly their size, so that the sanitizer sees every step beyond it. */
static void feed(const struct buf *input)
{
	char *exact = mem_strndup(input->data, input->len), *tight = NULL;

	if (exact)
		tight = mem_resize(exact, input->len ? input->len : 1);
	driver.input = tight;
	driver.input_len = tight ? input->len : 0;
	bound(INPUT_TIME_S);
	if (tight)
		LLVMFuzzerTestOneInput((const uint8_t *)tight, input->len);
	bound(0);
	driver.input_len = 0;
	mem_free(tight);
}

static void insert(struct buf *b, size_t at, const char *bytes, size_t len)
{
	struct buf tail;

	buf_init(&tail, INPUT_MAX);
	buf_add(&tail, b->data + at, b->len - at);
	buf_cut(b, at);
	buf_add(b, bytes, len);
	buf_add(b, tail.data, tail.len);
	buf_clear(&tail);
}

static void drop(struct buf *b, size_t at, size_t len)
{
	memmove(b->data + at, b->data + at + len, b->len - at - len);
	buf_cut(b, b->len - len);
}

static void mutate(struct buf *b)
{
	static const char *const words[] = { "\"",      "'",
					     "\\",      "{",
					     "[[",      "]",
					     "}",       "<",
					     ">",       "&",
					     ";",       "\n",
					     "\r\n",    "=",
					     "%",       "$1",
					     ":x",      "--",
					     "/*",      "$$",
					     "\\u0000", "\xFF",
					     "\xC3",    "-1",
					     "1e999",   "99999999999999999999",
					     "null",    "0" };
	size_t at = below(b->len + 1), rest = b->len - at, len = 1 + below(rest < 16 ? rest : 16);
	const char *word = words[below(sizeof(words) / sizeof(words[0]))];
	char piece[16];

	if (len > rest)
		len = rest;
	switch (below(6)) {
	case 0:
		if (rest)
			b->data[at] = (char)(b->data[at] ^ (1 << below(8)));
		break;
	case 1:
		if (rest)
			b->data[at] = (char)below(256);
		break;
	case 2:
		drop(b, at, len);
		break;
	case 3:
		memcpy(piece, b->data + at, len);
		insert(b, at, piece, len);
		break;
	case 4:
		insert(b, at, word, strlen(word));
		break;
	default:
		if (below(8) == 0)
			buf_cut(b, at);
		break;
	}
}

static int feed_file(void *arg, const char *rel, int64_t size_bytes)
{
	char *path = file_join(driver.folder, rel);
	struct buf whole, copy;
	struct err err = { 0 };

	(void)arg;
	(void)size_bytes;
	buf_init(&whole, INPUT_MAX);
	buf_init(&copy, INPUT_MAX);
	if (!path || file_read(path, &whole, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return -1;
	}
	driver.files++;
	driver.random = UINT64_C(0x9E3779B97F4A7C15);
	for (size_t i = 0; i < whole.len; i++)
		driver.random = (driver.random ^ (unsigned char)whole.data[i]) * UINT64_C(1099511628211) + 1;
	if (driver.random == 0)
		driver.random = 1;
	for (int n = 0; n <= MUTATIONS; n++) {
		snprintf(driver.name, sizeof(driver.name), "%s, mutation %d", rel, n);
		buf_reset(&copy);
		buf_add(&copy, whole.data, whole.len);
		for (size_t times = n ? 1 + below(5) : 0; times > 0; times--)
			mutate(&copy);
		if (!copy.failed)
			feed(&copy);
	}
	buf_clear(&copy);
	buf_clear(&whole);
	mem_free(path);
	return 0;
}

int main(int argc, char **argv)
{
	const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGPROF };
	struct err err = { 0 };

	if (argc != 2) {
		fprintf(stderr, "usage: %s CORPUS-FOLDER\n", argv[0]);
		return 2;
	}
	driver.folder = argv[1];
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		signal(signals[i], on_crash);
	if (file_walk(argv[1], feed_file, NULL, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	if (driver.files == 0) {
		fprintf(stderr, "there is no input in '%s'\n", argv[1]);
		return 1;
	}
	printf("%zu inputs, %d mutations of each\n", driver.files, MUTATIONS);
	return 0;
}
