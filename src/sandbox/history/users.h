#ifndef SPARK_SANDBOX_HISTORY_USERS_H
#define SPARK_SANDBOX_HISTORY_USERS_H

#include <stddef.h>
#include <stdint.h>

#include "spark/base/buf.h"

/* Changes of database users, for stl_userlog and the audit log of users. */

#define USER_NAME_SIZE  64
#define USER_UNTIL_SIZE 40

enum user_action { USER_CREATE, USER_ALTER, USER_RENAME, USER_DROP };

/* What one statement says of one user. */
struct user_change {
	enum user_action action;
	char name[USER_NAME_SIZE], old[USER_NAME_SIZE]; /* old: of a renamed one */
	int create_db, super;                           /* 1, 0; -1: nothing is said of it */
	char until[USER_UNTIL_SIZE];                    /* when the password ends, "" when nothing is said */
	int64_t xid;
};

/* CREATE, ALTER and DROP USER: the changes (to be freed with mem_free()), and how many they are. Others: NULL, 0. */
struct user_change *user_changes_read(const char *sql, size_t len, size_t *count);

/* What users are as the changes so far have left them. Not locked. NULL is fine everywhere. */
struct users;
struct users *users_new(void);
void users_free(struct users *u);
/* Takes the change up, and appends the members of a line that tells of it: action, names, what the user is from then on
 * (a dropped one: was). */
void users_apply(struct users *u, const struct user_change *change, struct buf *line);
/* Takes up what such a line tells. */
void users_recall(struct users *u, const char *line, size_t len);

#endif
