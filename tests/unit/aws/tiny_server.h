#ifndef SPARK_TESTS_AWS_TINY_SERVER_H
#define SPARK_TESTS_AWS_TINY_SERVER_H

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit/cm.h"

/* An HTTP server on loopback with a thread per connection, whose every byte the test decides. */
struct tiny_request {
	char method[16], target[2048];
	char *head, *body;
	size_t body_len;
};
struct tiny_server {
	/* Answers by writing to fd; false closes the connection. */
	bool (*serve)(struct tiny_server *s, int fd, const struct tiny_request *r);
	void *arg;
	int listener, port;
	char url[64];
	atomic_int connections, requests;
	pthread_t acceptor, threads[128];
	struct tiny_connection {
		struct tiny_server *server;
		int fd;
	} slots[128];
};

static inline void tiny_write(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len > 0) {
		ssize_t n = send(fd, p, len, MSG_NOSIGNAL);
		if (n <= 0)
			return;
		p += n;
		len -= (size_t)n;
	}
}

static inline void tiny_text(int fd, const char *text)
{
	tiny_write(fd, text, strlen(text));
}

static inline void tiny_reply(int fd, int status, const char *headers, const char *body)
{
	char head[1024];
	int n = snprintf(head, sizeof(head), "HTTP/1.1 %d X\r\nContent-Length: %zu\r\n%s\r\n", status, strlen(body),
			 headers);

	tiny_write(fd, head, (size_t)n);
	tiny_write(fd, body, strlen(body));
}

/* One whole request into memory; false at the connection's end. */
static inline bool tiny_read(int fd, struct tiny_request *r)
{
	size_t len = 0, cap = 65536, head_len, body_len = 0;
	char *text = malloc(cap + 1), *end = NULL;

	memset(r, 0, sizeof(*r));
	while (!end) {
		ssize_t n = len < cap ? recv(fd, text + len, cap - len, 0) : 0;
		if (n <= 0) {
			free(text);
			return false;
		}
		len += (size_t)n;
		text[len] = '\0';
		end = strstr(text, "\r\n\r\n");
	}
	head_len = (size_t)(end - text) + 4;
	const char *length = strcasestr(text, "\r\nContent-Length:");
	if (length && length < end)
		body_len = strtoul(length + 17, NULL, 10);
	r->head = strndup(text, head_len);
	r->body = malloc(body_len + 1);
	size_t got = len - head_len < body_len ? len - head_len : body_len;
	memcpy(r->body, text + head_len, got);
	free(text);
	while (got < body_len) {
		ssize_t n = recv(fd, r->body + got, body_len - got, 0);
		if (n <= 0)
			break;
		got += (size_t)n;
	}
	r->body[got] = '\0';
	r->body_len = got;
	sscanf(r->head, "%15s %2047s", r->method, r->target);
	return true;
}

static inline void *tiny_connection(void *arg)
{
	struct tiny_connection *c = arg;
	struct tiny_request r;
	bool more = true;

	while (more && tiny_read(c->fd, &r)) {
		c->server->requests++;
		more = c->server->serve(c->server, c->fd, &r);
		free(r.head);
		free(r.body);
	}
	shutdown(c->fd, SHUT_RDWR);
	return NULL;
}

static inline void *tiny_accept(void *arg)
{
	struct tiny_server *s = arg;

	for (;;) {
		int one = 1, fd = accept(s->listener, NULL, NULL);
		if (fd < 0)
			return NULL;
		int i = s->connections;
		if (i >= (int)COUNT_OF(s->slots)) {
			close(fd);
			continue;
		}
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		s->slots[i] = (struct tiny_connection){ s, fd };
		s->connections = i + 1; /* before a reply can tell that it is there */
		pthread_create(&s->threads[i], NULL, tiny_connection, &s->slots[i]);
	}
}

static inline void tiny_start(struct tiny_server *s,
			      bool (*serve)(struct tiny_server *, int, const struct tiny_request *), void *arg)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);

	memset(s, 0, sizeof(*s));
	s->serve = serve;
	s->arg = arg;
	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(s->listener, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(s->listener, 128), 0);
	assert_int_equal(getsockname(s->listener, (struct sockaddr *)&a, &len), 0);
	s->port = ntohs(a.sin_port);
	snprintf(s->url, sizeof(s->url), "http://127.0.0.1:%d", s->port);
	pthread_create(&s->acceptor, NULL, tiny_accept, s);
}

static inline void tiny_stop(struct tiny_server *s)
{
	shutdown(s->listener, SHUT_RDWR);
	pthread_join(s->acceptor, NULL);
	close(s->listener);
	for (int i = 0; i < s->connections; i++) {
		shutdown(s->slots[i].fd, SHUT_RDWR);
		pthread_join(s->threads[i], NULL);
		close(s->slots[i].fd);
	}
}

#endif
