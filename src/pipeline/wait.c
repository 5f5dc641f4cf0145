#include "pipeline/wait.h"

#include <string.h>

#define FIRST_PAUSE_MS 200
#define MAX_PAUSE_MS   10000

void wait_begin(struct wait *w, const struct clock *clock, const volatile int *stop, int64_t limit_ms)
{
	w->clock = clock;
	w->stop = stop;
	w->begun_ms = clock_mono(clock);
	w->limit_ms = limit_ms;
	w->pause_ms = FIRST_PAUSE_MS;
}

int64_t wait_elapsed_ms(const struct wait *w)
{
	return clock_mono(w->clock) - w->begun_ms;
}

int wait_pause(struct wait *w, const char *what, struct err *err)
{
	int64_t left = w->limit_ms - wait_elapsed_ms(w);
	char limit[CLOCK_TEXT];

	if (w->stop && *w->stop)
		return err_set(err, ERR_INTERRUPTED, "interrupted while waiting for %s", what);
	if (left <= 0) {
		clock_duration(w->limit_ms, limit);
		err_set(err, ERR_TIMEOUT, "%s took longer than %s", what, limit);
		return err_hint(err, "what was begun goes on; run the same command again, or give it more time with "
				     "--wait-timeout");
	}
	if (clock_sleep(w->clock, w->pause_ms < left ? w->pause_ms : left, w->stop) < 0)
		return err_set(err, ERR_INTERRUPTED, "interrupted while waiting for %s", what);
	w->pause_ms += w->pause_ms / 4;
	if (w->pause_ms > MAX_PAUSE_MS)
		w->pause_ms = MAX_PAUSE_MS;
	return 0;
}

enum cluster_verdict wait_judge_cluster(const char *status)
{
	/* Source: Redshift management guide, "Cluster status"; a trailing '*' stands for any ending. */
	static const struct {
		const char *status;
		enum cluster_verdict verdict;
	} rows[] = {
		{ "available", CLUSTER_READY },       { "available, *", CLUSTER_READY },
		{ "deleting", CLUSTER_LEAVING },      { "final-snapshot", CLUSTER_LEAVING },
		{ "paused", CLUSTER_PAUSED },         { "hardware-failure", CLUSTER_BROKEN },
		{ "incompatible-*", CLUSTER_BROKEN }, { "storage-full", CLUSTER_BROKEN },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t len = strlen(rows[i].status);

		if (rows[i].status[len - 1] == '*' ? strncmp(status, rows[i].status, len - 1) == 0
						   : strcmp(status, rows[i].status) == 0)
			return rows[i].verdict;
	}
	return CLUSTER_PENDING;
}
