#ifndef SPARK_PIPELINE_ROLE_POLICY_H
#define SPARK_PIPELINE_ROLE_POLICY_H

#include "spark/base/buf.h"
#include "spark/base/config.h"

/* The name of the inline policy below. */
#define ROLE_POLICY_NAME "sparkctl-copy"

/* What the role for COPY may read, as an IAM policy: objects below the configured prefixes, and listing these, of each
 * bucket. The text is the same for the same settings, so that it can be compared with what the role has. ERR_CONFIG
 * naming the setting that is no s3:// address. */
int role_policy_write(const struct config *config, const char *partition, struct buf *out, struct err *err) MUST_CHECK;

#endif
