/* Sends prepared HTTP requests over kept-alive connections, as fast as the answers come:
 *   load PORT CONNECTIONS SECONDS FILE
 * FILE: requests, each as a line with its length in bytes, then the bytes. They are sent in turn, over and over, to
 * 127.0.0.1. Prints "<requests per second> <requests> <refused> <median ms> <99th percentile ms>". Answers must have a
 * Content-Length, as those to keep-alive clients have. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 1024
#define ANSWER_MAX      ((size_t)1 << 20)
#define TIMES_MAX       ((size_t)1 << 22)

struct request {
	const char *bytes;
	size_t len;
};

struct connection {
	int fd;
	const struct request *now;
	size_t sent, got;
	int64_t began_us;
	char *answer;
};

struct run {
	struct request *requests;
	size_t count, next;
	uint32_t *times_us;
	size_t done, refused;
	int epoll;
};

static void die(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, errno ? strerror(errno) : "bad input");
	exit(1);
}

static void *must(void *p)
{
	if (!p)
		die("memory");
	return p;
}

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static char *read_whole(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	long size;
	char *text;

	if (!f || fseek(f, 0, SEEK_END) || (size = ftell(f)) < 0)
		die(path);
	rewind(f);
	text = must(malloc((size_t)size + 1));
	if (fread(text, 1, (size_t)size, f) != (size_t)size)
		die(path);
	text[size] = 0;
	fclose(f);
	*len = (size_t)size;
	return text;
}

static void read_requests(struct run *r, const char *path)
{
	size_t len, cap = 0;
	char *at = read_whole(path, &len), *end = at + len;

	while (at < end) {
		char *line;
		size_t n = strtoul(at, &line, 10);

		if (*line != '\n' || !n || n > (size_t)(end - line) - 1)
			die(path);
		if (r->count == cap) {
			cap = cap ? cap * 2 : 64;
			r->requests = must(realloc(r->requests, cap * sizeof(*r->requests)));
		}
		r->requests[r->count++] = (struct request){ line + 1, n };
		at = line + 1 + n;
	}
	if (!r->count)
		die(path);
}

static void watch(struct run *r, struct connection *c, int what, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = c };

	if (epoll_ctl(r->epoll, what, c->fd, &e))
		die("epoll");
}

static void open_connection(struct run *r, struct connection *c, int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int one = 1;

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof(to)) ||
	    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)))
		die("connect");
	c->answer = must(malloc(ANSWER_MAX + 1));
	watch(r, c, EPOLL_CTL_ADD, EPOLLIN);
}

/* The request goes out whole or the rest of it when there is room again. */
static void send_rest(struct run *r, struct connection *c)
{
	while (c->sent < c->now->len) {
		ssize_t n = send(c->fd, c->now->bytes + c->sent, c->now->len - c->sent, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
			watch(r, c, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
			return;
		}
		if (n < 0)
			die("send");
		c->sent += (size_t)n;
	}
	watch(r, c, EPOLL_CTL_MOD, EPOLLIN);
}

static void begin_request(struct run *r, struct connection *c)
{
	c->now = &r->requests[r->next++ % r->count];
	c->sent = c->got = 0;
	c->began_us = now_us();
	send_rest(r, c);
}

/* Is the answer there to its last byte? */
static bool answer_is_whole(const struct connection *c)
{
	char *head_end = memmem(c->answer, c->got, "\r\n\r\n", 4);
	const char *length;
	size_t len;

	if (!head_end)
		return false;
	*head_end = 0;
	length = strcasestr(c->answer, "\r\nContent-Length:");
	*head_end = '\r';
	if (!length && strncmp(c->answer + 9, "204", 3) != 0)
		die("an answer without Content-Length");
	len = length ? strtoul(length + 17, NULL, 10) : 0;
	return c->got >= (size_t)(head_end - c->answer) + 4 + len;
}

static void take_answer(struct run *r, struct connection *c)
{
	ssize_t n = recv(c->fd, c->answer + c->got, ANSWER_MAX - c->got, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		errno = n ? errno : ECONNRESET;
		die("the server closed a connection");
	}
	c->got += (size_t)n;
	c->answer[c->got] = 0;
	if (!answer_is_whole(c))
		return;
	if (r->done < TIMES_MAX)
		r->times_us[r->done] = (uint32_t)(now_us() - c->began_us);
	r->done++;
	if (strncmp(c->answer, "HTTP/1.1 2", 10) != 0 && !r->refused++)
		fprintf(stderr, "load: refused: %.800s\n", c->answer);
	begin_request(r, c);
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
	struct run r = { .times_us = must(malloc(TIMES_MAX * sizeof(uint32_t))) };
	static struct connection connections[CONNECTIONS_MAX];
	struct epoll_event events[64];
	int64_t began, end;
	double seconds;
	int count;

	if (argc != 5 || (count = atoi(argv[2])) < 1 || count > CONNECTIONS_MAX || (seconds = atof(argv[3])) <= 0) {
		fputs("usage: load PORT CONNECTIONS SECONDS FILE\n", stderr);
		return 2;
	}
	read_requests(&r, argv[4]);
	r.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (r.epoll < 0)
		die("epoll");
	for (int i = 0; i < count; i++)
		open_connection(&r, &connections[i], atoi(argv[1]));
	began = now_us();
	end = began + (int64_t)(seconds * 1e6);
	for (int i = 0; i < count; i++)
		begin_request(&r, &connections[i]);
	while (now_us() < end) {
		int n = epoll_wait(r.epoll, events, 64, 100);

		for (int i = 0; i < n; i++) {
			struct connection *c = events[i].data.ptr;

			if (events[i].events & EPOLLOUT)
				send_rest(&r, c);
			if (events[i].events & ~(uint32_t)EPOLLOUT)
				take_answer(&r, c);
		}
	}
	seconds = (double)(now_us() - began) / 1e6;
	if (!r.done || r.refused) {
		fprintf(stderr, "load: %zu of %zu requests were refused\n", r.refused, r.done);
		return 1;
	}
	size_t kept = r.done < TIMES_MAX ? r.done : TIMES_MAX;
	qsort(r.times_us, kept, sizeof(uint32_t), by_value);
	printf("%.0f %zu %zu %.3f %.3f\n", (double)r.done / seconds, r.done, r.refused, r.times_us[kept / 2] / 1e3,
	       r.times_us[kept * 99 / 100] / 1e3);
	return 0;
}
