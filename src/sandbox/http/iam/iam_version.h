#ifndef SPARK_SANDBOX_HTTP_IAM_VERSION_H
#define SPARK_SANDBOX_HTTP_IAM_VERSION_H

#include "sandbox/http/iam/iam.h"

/* PolicyDocument of a managed policy, checked. NULL with err. */
const char *iam_version_document(const struct params *p, struct err *err);
/* The policy's document gets its next version. */
int iam_version_add(struct world *w, struct json *doc, const char *text, bool is_default, struct err *err) MUST_CHECK;

#endif
