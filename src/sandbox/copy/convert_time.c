#include <string.h>

#include "sandbox/copy/binary.h"
#include "sandbox/copy/convert_field.h"

int convert_date(struct field *f)
{
	struct datetime t;

	if (!datetime_read(&f->c->date, f->text, f->len, &t)) {
		/* A time behind the day is cut off. */
		if (f->c->date.mode != DATETIME_PATTERN || strcmp(f->c->date.pattern, DATETIME_DEFAULT_DATE) != 0 ||
		    f->len <= 10 || (f->text[10] != ' ' && f->text[10] != 'T') ||
		    !datetime_read(&f->c->date, f->text, 10, &t)) {
			if (f->c->s->accept_any_date)
				return field_put_null(f);
			if (f->len < 10 && f->c->date.mode == DATETIME_PATTERN && strlen(f->c->date.pattern) >= 10)
				return field_fail(f, COPY_CODE_DATE, "Invalid date format - length must be 10 or more");
			return field_fail(f, COPY_CODE_DATE, "Invalid date format or value [%.40s]",
					  f->c->date.pattern);
		}
	}
	binary_put_i32(f->row, 4);
	binary_put_i32(f->row, datetime_days(&t));
	return 0;
}

int convert_timestamp(struct field *f)
{
	const struct datetime_format *format = &f->c->time;
	struct datetime t;
	int64_t micros;

	if (format->mode == DATETIME_EPOCH_SECONDS || format->mode == DATETIME_EPOCH_MILLISECONDS) {
		if (!datetime_from_epoch(format->mode, f->text, f->len, &micros))
			return field_fail(f, COPY_CODE_TIMESTAMP, "Invalid timestamp format or value [%s]",
					  format->pattern);
	} else if (datetime_read(format, f->text, f->len, &t)) {
		micros = datetime_micros(&t, f->col->type == COPY_TIMESTAMPTZ);
	} else {
		const char *pattern =
			strcmp(format->pattern, DATETIME_DEFAULT_TIME) == 0 ? "YYYY-MM-DD HH24:MI:SS" : format->pattern;

		if (f->c->s->accept_any_date)
			return field_put_null(f);
		return field_fail(f, COPY_CODE_TIMESTAMP, "Invalid timestamp format or value [%.40s]", pattern);
	}
	binary_put_i32(f->row, 8);
	binary_put_i64(f->row, micros);
	return 0;
}

/* TIME and TIMETZ: the time of a day; a zone only counts for the latter. */
int convert_time(struct field *f)
{
	struct datetime t;

	if (!datetime_read_time(f->text, f->len, &t))
		return field_fail(f, COPY_CODE_TIMESTAMP, "Invalid time format or value [HH24:MI:SS]");
	if (f->col->type == COPY_TIME) {
		binary_put_i32(f->row, 8);
		binary_put_i64(f->row, datetime_day_micros(&t));
		return 0;
	}
	binary_put_i32(f->row, 12);
	binary_put_i64(f->row, datetime_day_micros(&t));
	binary_put_i32(f->row, -t.zone_seconds); /* PostgreSQL counts westward */
	return 0;
}
