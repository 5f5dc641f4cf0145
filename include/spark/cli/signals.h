#ifndef SPARK_CLI_SIGNALS_H
#define SPARK_CLI_SIGNALS_H

/* The first SIGINT, SIGTERM or SIGHUP sets a flag that everything below looks at; the second ends the program at once
 * with 128 + its number. SIGPIPE is ignored: a closed pipe is seen where it is written to. */
void signals_setup(void);
/* The first signal's number, 0 before it. */
const volatile int *signals_stop(void);
/* Text that is written to standard error when a second signal ends the program (the terminal's cursor, to be shown
 * again); static memory, NULL: none. */
void signals_set_farewell(const char *text);

#endif
