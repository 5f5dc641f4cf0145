#ifndef SPARK_SANDBOX_COPY_FORMAT_H
#define SPARK_SANDBOX_COPY_FORMAT_H

#include "sandbox/copy/target.h"
#include "sandbox/copy/value.h"

enum copy_record {
	COPY_RECORD_ROW,  /* values are filled, in->pos is behind the record */
	COPY_RECORD_END,  /* nothing but blanks was left; they are consumed */
	COPY_RECORD_MORE, /* the record goes on behind in->end; nothing is consumed */
	COPY_RECORD_BAD,  /* problem is filled, in->pos is where to go on, *bad the place that is wrong */
};

struct copy_input {
	const char *pos, *end;
	bool last; /* nothing follows behind end */
	const char *bad;
};

/* A file format. To add one: its const struct here, a row in format.c, and its reader's three functions. */
struct copy_format {
	const char *name;   /* as the statement says it */
	const char *listed; /* as sys_load_history has it */
	bool free_form;     /* blanks and line ends between records mean nothing */
	/* jsonpaths: the file's text, when the statement names one, else NULL. */
	int (*open)(const struct copy_statement *s, const struct copy_target *t, const struct buf *jsonpaths,
		    void **state, struct err *err);
	enum copy_record (*next)(void *state, struct copy_input *in, struct copy_value *values,
				 struct copy_problem *problem);
	void (*close)(void *state);
};

extern const struct copy_format copy_format_json, copy_format_csv, copy_format_delimited, copy_format_fixed;

/* By the word that a statement has for it; NULL: there is none. */
const struct copy_format *copy_format_find(const char *name);

/* jsonpaths.c: the paths of a JSONPaths file into a matcher. *use_auto: the file is an object without "jsonpaths", so
 * that names are matched as with 'auto'. */
struct json_match;
int copy_jsonpaths_read(const char *text, size_t len, size_t columns, struct json_match *m, bool *use_auto,
			struct err *err) MUST_CHECK;

#endif
