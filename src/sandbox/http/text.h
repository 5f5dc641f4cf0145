#ifndef SPARK_SANDBOX_HTTP_TEXT_H
#define SPARK_SANDBOX_HTTP_TEXT_H

#include <stddef.h>

/* Characters of a UTF-8 text: what AWS's limits on lengths count. */
size_t text_count_characters(const char *text);

#endif
