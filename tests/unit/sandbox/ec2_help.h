#ifndef TEST_SANDBOX_EC2_HELP_H
#define TEST_SANDBOX_EC2_HELP_H

/* Calls of EC2 in a world of their own, and looks at what they answer. */
#include "unit/sandbox/a_world.h"

struct fixture {
	struct a_world a;
	struct buf out;
	struct err err;
};

static inline void open_fixture(struct fixture *f)
{
	a_world_open(&f->a);
	buf_init(&f->out, 0);
}

static inline void close_fixture(struct fixture *f)
{
	buf_clear(&f->out);
	a_world_close(&f->a);
}

static inline const char *call(struct fixture *f, const char *query)
{
	if (a_world_call(&f->a, &service_ec2, query, &f->out, &f->err))
		fail_msg("%s: %s %s", query, f->err.code, f->err.text);
	return f->out.data;
}

static inline void assert_refused(struct fixture *f, const char *query, const char *code)
{
	err_clear(&f->err);
	if (!a_world_call(&f->a, &service_ec2, query, &f->out, &f->err))
		fail_msg("%s: done, %s was expected", query, code);
	if (strcmp(f->err.code, code))
		fail_msg("%s: %s (%s), %s was expected", query, f->err.code, f->err.text, code);
}

static inline size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

/* The first "<name>value" of a result. */
static inline const char *value(const char *text, const char *name, char room[64])
{
	char open[64];

	snprintf(open, sizeof(open), "<%s>", name);
	text = strstr(text, open);
	assert_non_null(text);
	text += strlen(open);
	snprintf(room, 64, "%.*s", (int)strcspn(text, "<"), text);
	return room;
}

#endif
