#ifndef SPARK_AWS_PROFILE_PRIVATE_H
#define SPARK_AWS_PROFILE_PRIVATE_H

#include <stdbool.h>

#include "spark/aws/credentials.h"

/* Keys of one profile out of the shared files of the AWS tools. */
struct profile_keys {
	char *access_key_id;
	struct secret secret_access_key, session_token;
	bool exists; /* the file has a section for the profile */
	int line;    /* of the section's first key that was used */
};
void profile_keys_clear(struct profile_keys *k);

enum profile_file { PROFILE_CREDENTIALS, PROFILE_CONFIG };

/* The file's path: $AWS_SHARED_CREDENTIALS_FILE or ~/.aws/credentials, $AWS_CONFIG_FILE or ~/.aws/config. Allocated. */
char *profile_path(enum profile_file which, struct err *err) MUST_CHECK;
/* Reads the profile; a missing file is fine. The credentials file writes sections as [dev], the config file as
 * [profile dev] (and [default] for default). */
int profile_read(const char *path, enum profile_file which, const char *profile, struct profile_keys *out,
		 struct err *err) MUST_CHECK;

#endif
