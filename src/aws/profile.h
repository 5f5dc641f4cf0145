#ifndef SPARK_AWS_PROFILE_PRIVATE_H
#define SPARK_AWS_PROFILE_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

#include "spark/base/err.h"
#include "spark/base/secret.h"

/* The two shared files of the AWS tools, taken apart. */
enum profile_file { PROFILE_CREDENTIALS, PROFILE_CONFIG };
enum profile_kind { KIND_PROFILE, KIND_SSO_SESSION, KIND_SERVICES };

struct profile_entry {
	enum profile_file file;
	enum profile_kind kind;
	char *name;           /* of the profile, the session or the services: "dev" */
	char *key;            /* lower case; "s3.endpoint_url" of a key below a key */
	char *value;          /* NULL of secrets */
	struct secret secret; /* aws_secret_access_key, aws_session_token */
};

struct profiles {
	char *paths[2];  /* by enum profile_file */
	char *places[2]; /* the same for people: "~/.aws/config" */
	struct profile_entry *entries;
	size_t count, cap;
};

/* $AWS_SHARED_CREDENTIALS_FILE or ~/.aws/credentials, $AWS_CONFIG_FILE or ~/.aws/config; a missing file is an empty
 * one. The credentials file writes sections as [dev], the config file as [profile dev], and [default] for default. */
int profiles_read(struct profiles *out, struct err *err) MUST_CHECK;
void profiles_clear(struct profiles *p);
/* Adds what a file's text says, for profiles_read() and the fuzzer. */
int profiles_add_text(struct profiles *p, enum profile_file which, const char *path, const char *text, size_t len,
		      struct err *err) MUST_CHECK;

/* Is there a section for it in one of the files? */
bool profiles_have(const struct profiles *p, enum profile_kind kind, const char *name);
/* A key's value, "" and absence both NULL. Where both files have the key, the credentials file counts. */
const char *profiles_get(const struct profiles *p, enum profile_kind kind, const char *name, const char *key);
/* The same of one file. */
const struct profile_entry *profiles_find(const struct profiles *p, enum profile_file which, enum profile_kind kind,
					  const char *name, const char *key);
/* The place of the file that has the key (else of the config file), for messages. */
const char *profiles_place(const struct profiles *p, const char *profile, const char *key);

/* "~/x" as a path below the home folder, anything else as it is. Allocated. */
char *profile_expand_path(const char *path, struct err *err) MUST_CHECK;

#endif
