#include "unit/cm.h"

#include <pthread.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spark/base/log.h"

static void test_a_line_says_when_how_grave_and_who(void **state)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);
	regex_t want;

	(void)state;
	log_setup(to, LOG_INFO);
	log_info("took %d ms", 7);
	log_debug("not wanted");
	log_setup(NULL, LOG_WARN);
	fclose(to);
	assert_int_equal(regcomp(&want,
				 "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{3}Z info  \\[test_log\\] took 7 ms\n$",
				 REG_EXTENDED | REG_NOSUB),
			 0);
	assert_int_equal(regexec(&want, text, 0, NULL, 0), 0);
	regfree(&want);
	free(text);
}

static void test_a_message_stays_on_its_line_and_has_an_end(void **state)
{
	static char flood[20000];
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	(void)state;
	memset(flood, 'x', sizeof(flood) - 1);
	log_setup(to, LOG_TRACE);
	log_warn("%s", "a\n2026-01-01T00:00:00.000Z error forged\r\x1b[31m");
	log_trace("%s", flood);
	log_setup(NULL, LOG_WARN);
	fclose(to);
	assert_int_equal(strchr(text, '\n') - text, strcspn(text, "\r\x1b\n"));
	assert_int_equal(strcmp(text + len - 5, "x...\n"), 0);
	assert_true(len < 10000);
	free(text);
}

static void *chatter(void *arg)
{
	for (int i = 0; i < 200; i++)
		log_info("%s", (const char *)arg);
	return NULL;
}

static void test_threads_do_not_mix_their_lines(void **state)
{
	static char words[4][101];
	pthread_t threads[4];
	char *text = NULL;
	size_t len = 0, lines = 0;
	FILE *to = open_memstream(&text, &len);

	(void)state;
	log_setup(to, LOG_INFO);
	for (size_t i = 0; i < 4; i++) {
		memset(words[i], 'a' + (int)i, 100);
		assert_int_equal(pthread_create(&threads[i], NULL, chatter, words[i]), 0);
	}
	for (size_t i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	log_setup(NULL, LOG_WARN);
	fclose(to);
	for (char *line = text; *line; line += strcspn(line, "\n") + 1, lines++) {
		char *word = strstr(line, "] ") + 2;

		assert_int_equal(strcspn(word, "\n"), 100);
		for (int i = 1; i < 100; i++)
			assert_int_equal(word[i], word[0]);
	}
	assert_int_equal(lines, 800);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_line_says_when_how_grave_and_who),
		cmocka_unit_test(test_a_message_stays_on_its_line_and_has_an_end),
		cmocka_unit_test(test_threads_do_not_mix_their_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
