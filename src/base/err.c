#include "spark/base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Cuts at the size of the array, but never inside a UTF-8 character. */
static void copy_cut(char *to, size_t size, const char *from)
{
	size_t len = strlen(from);

	if (len >= size) {
		len = size - 1;
		while (len > 0 && ((unsigned char)from[len] & 0xC0) == 0x80)
			len--;
	}
	memmove(to, from, len);
	to[len] = '\0';
}

/* Formats into a copy first: an argument may be a part of the very err that is written. */
__attribute__((format(printf, 3, 0))) static void format_cut(char *to, size_t size, const char *fmt, va_list ap)
{
	char text[sizeof(((struct err *)0)->text) + 64];

	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		copy_cut(text, sizeof(text), "an error that cannot be put into words");
	copy_cut(to, size, text);
}

__attribute__((format(printf, 3, 0))) static void set_all(struct err *err, enum err_kind kind, const char *fmt,
							  va_list ap)
{
	char text[sizeof(err->text)];

	format_cut(text, sizeof(text), fmt, ap);
	memset(err, 0, sizeof(*err));
	err->kind = kind;
	copy_cut(err->text, sizeof(err->text), text);
}

int err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return -1;
	va_start(ap, fmt);
	set_all(err, kind, fmt, ap);
	va_end(ap);
	return -1;
}

int err_set_errno(struct err *err, enum err_kind kind, int errnum, const char *fmt, ...)
{
	char reason[128];
	size_t len;
	va_list ap;

	if (!err)
		return -1;
	va_start(ap, fmt);
	set_all(err, kind, fmt, ap);
	va_end(ap);
	len = strlen(err->text);
	snprintf(err->text + len, sizeof(err->text) - len, ": %s", strerror_r(errnum, reason, sizeof(reason)));
	return -1;
}

int err_nomem(struct err *err)
{
	return err_set(err, ERR_NOMEM, "out of memory");
}

int err_hint(struct err *err, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return -1;
	va_start(ap, fmt);
	format_cut(err->hint, sizeof(err->hint), fmt, ap);
	va_end(ap);
	return -1;
}

int err_wrap(struct err *err, const char *fmt, ...)
{
	char old[sizeof(err->text)];
	size_t len;
	va_list ap;

	if (!err)
		return -1;
	memcpy(old, err->text, sizeof(old));
	va_start(ap, fmt);
	format_cut(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	len = strlen(err->text);
	if (len + 2 < sizeof(err->text)) {
		memcpy(err->text + len, ": ", 3);
		copy_cut(err->text + len + 2, sizeof(err->text) - len - 2, old);
	}
	return -1;
}

void err_clear(struct err *err)
{
	if (err)
		memset(err, 0, sizeof(*err));
}

bool err_has_code(const struct err *err, const char *code)
{
	return err && code && err->code[0] && strcmp(err->code, code) == 0;
}

int err_exit_code(const struct err *err)
{
	switch (err ? err->kind : ERR_NONE) {
	case ERR_NONE:
		return 0;
	case ERR_CHECK:
		return 1;
	case ERR_USAGE:
		return 2;
	case ERR_CONFIG:
	case ERR_CREDENTIALS:
	case ERR_IO:
		return 3;
	case ERR_PARSE:
		return err->http_status ? 4 : 3;
	case ERR_AWS:
		return 4;
	case ERR_DATABASE:
		return 5;
	case ERR_TIMEOUT:
	case ERR_UNREACHABLE:
		return 6;
	case ERR_CONFLICT:
		return 7;
	case ERR_INTERRUPTED:
		return 130;
	case ERR_NOMEM:
	case ERR_BUG:
		break;
	}
	return 70;
}
