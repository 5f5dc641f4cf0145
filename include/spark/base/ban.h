#ifndef SPARK_BASE_BAN_H
#define SPARK_BASE_BAN_H

/* Calls that this project does not use, and what it uses instead. Included on the command line of every
 * compilation, after the system's headers it names, so that a use is a compile error. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

/* With clang, glibc's fortified forms of these are macros. */
#undef sprintf
#undef vsprintf
#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf gets strtok asctime ctime gmtime localtime tmpnam \
	mktemp

#endif
