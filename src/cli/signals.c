#include "spark/cli/signals.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static volatile int stop;
static const char *volatile farewell;

static void handle(int sig)
{
	int saved = errno;
	if (stop) {
		const char *text = farewell;
		if (text && write(STDERR_FILENO, text, strlen(text)) < 0)
			_exit(128 + sig);
		_exit(128 + sig);
	}
	stop = sig;
	errno = saved;
}

void signals_setup(void)
{
	static const int asking[] = { SIGINT, SIGTERM, SIGHUP };
	/* No SA_RESTART: a blocking call has to come back so that the flag is seen. */
	struct sigaction action = { .sa_handler = handle };
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof(asking) / sizeof(asking[0]); i++) {
		struct sigaction before;
		/* What nohup and background jobs of a shell have switched off stays off. */
		if (sigaction(asking[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
			sigaction(asking[i], &action, NULL);
	}
	sigaction(SIGPIPE, &ignore, NULL);
	/* A write beyond a limit on files' sizes fails as one on a full disk does. */
	sigaction(SIGXFSZ, &ignore, NULL);
}

const volatile int *signals_stop(void)
{
	return &stop;
}

void signals_set_farewell(const char *text)
{
	farewell = text;
}
