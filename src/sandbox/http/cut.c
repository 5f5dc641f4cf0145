#include "sandbox/http/cut.h"

#include <sys/socket.h>

#include "spark/base/log.h"
#include "spark/base/mem.h"

#define SENT_MAX ((size_t)16 * 1024 * 1024)

struct part {
	struct buf sent;
};

int cut_socket(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);

	return info ? info->connect_fd : 0;
}

enum MHD_Result cut_connection(struct MHD_Connection *c)
{
	/* Closed at once and without a farewell: the peer sees a reset. */
	struct linger at_once = { .l_onoff = 1, .l_linger = 0 };
	int fd = cut_socket(c);

	if (fd > 0 && setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)))
		log_debug("a connection ends politely instead of being reset");
	return MHD_NO;
}

static ssize_t next_piece(void *cls, uint64_t pos, char *to, size_t max)
{
	const struct part *p = cls;

	if (pos >= p->sent.len)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (max > p->sent.len - pos)
		max = p->sent.len - pos;
	memcpy(to, p->sent.data + pos, max);
	return (ssize_t)max;
}

static void free_part(void *cls)
{
	struct part *p = cls;

	buf_wipe(&p->sent);
	mem_free(p);
}

struct MHD_Response *cut_response(const struct http_reply *reply)
{
	uint64_t len = reply->object ? reply->object_len : reply->body.len;
	size_t sent = reply->cut_at < SENT_MAX ? (size_t)reply->cut_at : SENT_MAX;
	struct part *p = mem_alloc(sizeof(*p));
	struct MHD_Response *response = NULL;
	struct err err;
	char *room;

	if (!p)
		return NULL;
	buf_init(&p->sent, SENT_MAX + 1);
	if (reply->object) {
		room = buf_reserve(&p->sent, sent);
		if (room && !object_reader_read(reply->object, reply->object_offset, room, sent, &err))
			buf_commit(&p->sent, sent);
	} else {
		buf_add(&p->sent, reply->body.data, sent);
	}
	if (!p->sent.failed)
		response = MHD_create_response_from_callback(len, 65536, next_piece, p, free_part);
	if (!response)
		free_part(p);
	return response;
}
