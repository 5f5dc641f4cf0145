#include "sandbox/copy/fail.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define RULE "-----------------------------------------------"

static void set_state(struct err *err, const char *sqlstate)
{
	if (err)
		snprintf(err->sqlstate, sizeof err->sqlstate, "%s", sqlstate);
}

int copy_fail_state(struct err *err, const char *sqlstate, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	err_set(err, ERR_DATABASE, "%s", text);
	set_state(err, sqlstate);
	return -1;
}

int copy_fail_block(struct err *err, const struct copy_fail *f, const char *fmt, ...)
{
	char text[300];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	err_set(err, ERR_DATABASE, "%s", text);
	set_state(err, "XX000");
	return err_hint(err,
			"\n  " RULE "\n  error:  %s\n  code:      %d\n  context:   %.200s\n  query:     %lld\n"
			"  location:  %s\n  process:   %s [pid=%d]\n  " RULE,
			text, f->code, f->context ? f->context : "", f->query, f->location, f->process, f->pid);
}
