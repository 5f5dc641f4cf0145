#include "sandbox/wire/message.h"

uint16_t wire_get16(const unsigned char *p)
{
	return (uint16_t)((p[0] << 8) | p[1]);
}

uint32_t wire_get32(const unsigned char *p)
{
	return ((uint32_t)p[0] << 24) | ((uint32_t)p[1] << 16) | ((uint32_t)p[2] << 8) | p[3];
}

int message_peek(const char *bytes, size_t len, struct message *m)
{
	uint32_t total;

	if (len < MESSAGE_HEAD)
		return 0;
	total = wire_get32((const unsigned char *)bytes + 1);
	if (total < 4 || total > MESSAGE_MAX_BYTES)
		return -1;
	m->type = bytes[0];
	m->body = (const unsigned char *)bytes + MESSAGE_HEAD;
	m->len = total - 4;
	m->have = len - MESSAGE_HEAD < m->len ? len - MESSAGE_HEAD : m->len;
	return 1;
}

bool message_whole(const struct message *m)
{
	return m->have == m->len;
}

const char *message_text(const struct message *m, size_t *at)
{
	const unsigned char *start, *end;

	if (*at >= m->have)
		return NULL;
	start = m->body + *at;
	end = memchr(start, 0, m->have - *at);
	if (!end)
		return NULL;
	*at += (size_t)(end - start) + 1;
	return (const char *)start;
}

const char *message_field(const struct message *m, char field)
{
	size_t at = 0;

	while (at < m->have && m->body[at]) {
		char name = (char)m->body[at++];
		const char *value = message_text(m, &at);

		if (!value || name == field)
			return value;
	}
	return NULL;
}

size_t message_begin(struct buf *out, char type)
{
	size_t mark = out->len;

	buf_putc(out, type);
	message_put32(out, 0);
	return mark;
}

void message_end(struct buf *out, size_t mark)
{
	uint32_t total;

	if (out->failed)
		return;
	total = (uint32_t)(out->len - mark - 1);
	for (int i = 0; i < 4; i++)
		out->data[mark + 1 + (size_t)i] = (char)(total >> (24 - 8 * i));
}

void message_put16(struct buf *out, unsigned v)
{
	buf_putc(out, (char)(v >> 8));
	buf_putc(out, (char)v);
}

void message_put32(struct buf *out, uint32_t v)
{
	message_put16(out, v >> 16);
	message_put16(out, v & 0xffff);
}

void message_put_text(struct buf *out, const char *text)
{
	buf_add(out, text, strlen(text) + 1);
}

void message_text_whole(struct buf *out, char type, const char *text)
{
	message_bytes(out, type, text, strlen(text) + 1);
}

void message_empty(struct buf *out, char type)
{
	message_bytes(out, type, "", 0);
}

void message_bytes(struct buf *out, char type, const void *body, size_t len)
{
	buf_putc(out, type);
	message_put32(out, (uint32_t)(len + 4));
	buf_add(out, body, len);
}

void message_ready(struct buf *out, char status)
{
	message_bytes(out, 'Z', &status, 1);
}

void message_parameter(struct buf *out, const char *name, const char *value)
{
	size_t mark = message_begin(out, 'S');

	message_put_text(out, name);
	message_put_text(out, value);
	message_end(out, mark);
}

static void put_field(struct buf *out, char field, const char *value)
{
	if (!value || !*value)
		return;
	buf_putc(out, field);
	message_put_text(out, value);
}

void message_put_report(struct buf *out, const struct message_report *r)
{
	size_t mark = message_begin(out, r->type);
	char position[16];

	put_field(out, 'S', r->severity);
	put_field(out, 'V', r->severity);
	/* Never without: drivers decide by it, and one of them died of its absence. */
	put_field(out, 'C', r->sqlstate && *r->sqlstate ? r->sqlstate : "XX000");
	put_field(out, 'M', r->text && *r->text ? r->text : "unknown error");
	put_field(out, 'D', r->detail);
	put_field(out, 'H', r->hint);
	if (r->position > 0) {
		snprintf(position, sizeof(position), "%d", r->position);
		put_field(out, 'P', position);
	}
	buf_putc(out, 0);
	message_end(out, mark);
}

void message_put_moved(struct buf *out, const struct message *m, int position)
{
	size_t mark = message_begin(out, m->type), at = 0;

	while (at < m->have && m->body[at]) {
		char name = (char)m->body[at++];
		const char *value = message_text(m, &at);
		char number[16];

		if (!value)
			break;
		if (name != 'P') {
			buf_putc(out, name);
			message_put_text(out, value);
		} else if (position > 0) {
			snprintf(number, sizeof(number), "%d", position);
			put_field(out, 'P', number);
		}
	}
	buf_putc(out, 0);
	message_end(out, mark);
}

int message_to_err(const struct message *m, struct err *err)
{
	const char *text = message_field(m, 'M'), *state = message_field(m, 'C');
	const char *more = message_field(m, 'D');

	err_set(err, ERR_DATABASE, "%s", text ? text : "the server refused without a word");
	if (!err)
		return -1;
	snprintf(err->sqlstate, sizeof(err->sqlstate), "%.5s", state ? state : "XX000");
	if (!more)
		more = message_field(m, 'H');
	if (more)
		err_hint(err, "%s", more);
	return -1;
}
