#include "sandbox/copy/manifest.h"

#include <string.h>

#include "sandbox/copy/fail.h"
#include "spark/base/json.h"

static int read_entry(const struct json *e, int (*fn)(void *arg, const char *url, bool mandatory, struct err *err),
		      void *arg, struct err *err)
{
	const struct json *mandatory = json_get(e, "mandatory");
	const char *url = json_str(e, "url", NULL);

	if (!url || strncmp(url, "s3://", 5) != 0)
		return copy_fail_state(err, "XX000",
				       "Invalid manifest file: an entry has no url that begins with s3://");
	if (mandatory && !json_is_bool(mandatory))
		return copy_fail_state(err, "XX000", "Invalid manifest file: \"mandatory\" is true or false");
	return fn(arg, url, json_bool(e, "mandatory", false), err);
}

int copy_manifest_read(const char *text, size_t len,
		       int (*fn)(void *arg, const char *url, bool mandatory, struct err *err), void *arg,
		       struct err *err)
{
	struct err why = { 0 };
	struct json *doc = json_parse(text, len, &why);
	const struct json *entries = json_get(doc, "entries");
	int rc = 0;

	if (!doc && why.kind == ERR_NOMEM)
		return err_nomem(err);
	if (!json_is_array(entries))
		rc = copy_fail_state(err, "XX000", "Invalid manifest file: %.300s",
				     doc ? "it has no array \"entries\"" : why.text);
	for (const struct json *e = rc == 0 ? json_first(entries) : NULL; rc == 0 && e; e = json_next(e))
		rc = read_entry(e, fn, arg, err);
	json_free(doc);
	return rc;
}
