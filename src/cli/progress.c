#include "spark/cli/progress.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "spark/base/mem.h"
#include "spark/cli/out.h"
#include "spark/cli/progress_lines.h"
#include "spark/cli/signals.h"

#define REDRAW_MS 125

struct step {
	char group[24], name[96], detail[128];
	char told[128]; /* the last update that got a line of its own, without the time in it */
	enum event_outcome outcome;
	bool running;
	int64_t began_ms, ms, rows;
};

struct progress {
	const struct context *ctx;
	struct step *steps;
	size_t step_count, step_cap;
	struct progress_checks checks;
	/* Live drawing. `mutex` guards everything above as well. */
	bool live, ending;
	size_t drawn; /* lines at the bottom of the screen that are redrawn */
	unsigned frame;
	pthread_t ticker;
	pthread_mutex_t mutex;
	pthread_cond_t wake;
};

static size_t terminal_columns(void)
{
	struct winsize size;
	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20)
		return size.ws_col;
	return 80;
}

static void erase_drawn(struct progress *p)
{
	if (p->drawn > 0)
		fprintf(p->ctx->msg, "\033[%zuA\033[J", p->drawn);
	p->drawn = 0;
}

/* A line, cut so that it does not wrap. */
static void put_line(struct progress *p, struct buf *line)
{
	struct buf shown;
	buf_init(&shown, BUF_MAX_DEFAULT);
	text_add_visible(&shown, line->data, line->len, p->live ? terminal_columns() - 1 : 0);
	fprintf(p->ctx->msg, "%s\n", shown.data);
	buf_clear(&shown);
}

static void draw_running(struct progress *p)
{
	static const char *const wheel[] = { "⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏" };
	int64_t now = clock_mono(p->ctx->clock);
	const char *mark = wheel[p->frame++ % (sizeof(wheel) / sizeof(wheel[0]))];
	for (size_t i = 0; i < p->step_count; i++) {
		const struct step *s = &p->steps[i];
		struct buf line;
		if (!s->running)
			continue;
		buf_init(&line, BUF_MAX_DEFAULT);
		progress_add_running(&line, mark, s->group, s->name, s->detail, now - s->began_ms);
		put_line(p, &line);
		buf_clear(&line);
		p->drawn++;
	}
	fflush(p->ctx->msg);
}

static void *tick(void *arg)
{
	struct progress *p = arg;
	pthread_mutex_lock(&p->mutex);
	while (!p->ending) {
		struct timespec until;
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += REDRAW_MS * 1000000L;
		until.tv_sec += until.tv_nsec / 1000000000L;
		until.tv_nsec %= 1000000000L;
		if (pthread_cond_timedwait(&p->wake, &p->mutex, &until) == ETIMEDOUT && p->drawn > 0) {
			erase_drawn(p);
			draw_running(p);
		}
	}
	pthread_mutex_unlock(&p->mutex);
	return NULL;
}

struct progress *progress_new(const struct context *ctx, struct err *err)
{
	struct progress *p = mem_alloc(sizeof(*p));
	pthread_condattr_t attr;
	if (!p) {
		err_nomem(err);
		return NULL;
	}
	p->ctx = ctx;
	pthread_mutex_init(&p->mutex, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&p->wake, &attr);
	pthread_condattr_destroy(&attr);
	/* Without the ticker there is still a line per change. */
	p->live = ctx->msg_live && !ctx->json && pthread_create(&p->ticker, NULL, tick, p) == 0;
	if (p->live) {
		signals_set_farewell("\033[?25h\n");
		fputs("\033[?25l", ctx->msg);
	}
	return p;
}

void progress_stop(struct progress *p)
{
	if (!p || !p->live)
		return;
	pthread_mutex_lock(&p->mutex);
	p->ending = true;
	erase_drawn(p);
	pthread_cond_signal(&p->wake);
	pthread_mutex_unlock(&p->mutex);
	pthread_join(p->ticker, NULL);
	p->live = false;
	fputs("\033[?25h", p->ctx->msg);
	fflush(p->ctx->msg);
	signals_set_farewell(NULL);
}

void progress_free(struct progress *p)
{
	if (!p)
		return;
	progress_stop(p);
	pthread_cond_destroy(&p->wake);
	pthread_mutex_destroy(&p->mutex);
	mem_free(p->steps);
	mem_free(p);
}

/* The step under way of that name, else a new one; NULL when memory runs out: then it is only not shown. */
static struct step *find_step(struct progress *p, const struct event *e)
{
	const char *group = e->group ? e->group : "", *name = e->name ? e->name : "";
	for (size_t i = p->step_count; i-- > 0;) {
		struct step *s = &p->steps[i];
		if (s->running && strcmp(s->group, group) == 0 && strcmp(s->name, name) == 0)
			return s;
	}
	if (mem_grow(&p->steps, &p->step_cap, p->step_count, sizeof(*p->steps)) != 0)
		return NULL;
	struct step *s = &p->steps[p->step_count++];
	memset(s, 0, sizeof(*s));
	snprintf(s->group, sizeof(s->group), "%s", group);
	snprintf(s->name, sizeof(s->name), "%s", name);
	s->running = true;
	s->began_ms = clock_mono(p->ctx->clock);
	s->rows = -1;
	return s;
}

static void note_check(struct progress *p, const struct event *e)
{
	if (e->outcome == OUTCOME_PASS)
		p->checks.passed++;
	else if (e->outcome == OUTCOME_WARN)
		p->checks.warned++;
	else
		p->checks.failed++;
}

/* "creating 1m12s" tells no more than "creating 1m2s": off a terminal only the first gets a line. */
static bool is_news(struct step *s, const struct event *e)
{
	char text[sizeof(s->told)];
	snprintf(text, sizeof(text), "%s", e->detail ? e->detail : "");
	char *last = strrchr(text, ' ');
	if (last && last[1] >= '0' && last[1] <= '9')
		*last = 0;
	if (strcmp(text, s->told) == 0)
		return false;
	memcpy(s->told, text, sizeof(text));
	return true;
}

/* Returns whether a line of its own is worth it off a terminal. */
static bool note_step(struct progress *p, const struct event *e)
{
	struct step *s = find_step(p, e);
	if (!s)
		return true;
	snprintf(s->detail, sizeof(s->detail), "%s", e->detail ? e->detail : "");
	if (e->kind != EVENT_STEP_END)
		return e->kind == EVENT_STEP_UPDATE && is_news(s, e);
	s->running = false;
	s->outcome = e->outcome;
	s->ms = e->ms;
	s->rows = e->rows;
	return true;
}

static void show_event(struct progress *p, const struct event *e, bool news)
{
	struct buf line;
	buf_init(&line, BUF_MAX_DEFAULT);
	erase_drawn(p);
	/* On a terminal the running lines tell of begins and updates. */
	bool told = p->live ? (e->kind != EVENT_STEP_BEGIN && e->kind != EVENT_STEP_UPDATE) : news;
	if (told && !p->ctx->quiet) {
		progress_add_event(&line, e);
		put_line(p, &line);
	}
	if (p->live)
		draw_running(p);
	fflush(p->ctx->msg);
	buf_clear(&line);
}

void progress_event(void *progress, const struct event *e)
{
	struct progress *p = progress;
	pthread_mutex_lock(&p->mutex);
	bool news = true;
	if (e->kind == EVENT_CHECK)
		note_check(p, e);
	else if (e->kind != EVENT_NOTE)
		news = note_step(p, e);
	if (p->ctx->json) {
		struct json *doc = progress_event_json(e);
		if (doc && out_json(p->ctx->out, doc, false, NULL) == 0)
			fflush(p->ctx->out);
		json_free(doc);
	} else {
		show_event(p, e, news);
	}
	pthread_mutex_unlock(&p->mutex);
}

struct progress_checks progress_checks(const struct progress *p)
{
	return p->checks;
}

static int add_step_row(struct out_table *t, const struct step *s, struct err *err)
{
	bool failed = s->outcome == OUTCOME_FAILED || s->running;
	const char *state = s->running ? "interrupted" : progress_outcome(s->outcome);
	if (out_table_add(t, s->group, STYLE_PLAIN, err) != 0 || out_table_add(t, s->name, STYLE_PLAIN, err) != 0 ||
	    out_table_add(t, state, failed ? STYLE_BAD : STYLE_GOOD, err) != 0)
		return -1;
	if (out_table_addf(t, STYLE_PLAIN, err, "%" PRId64 ".%02d", s->ms / 1000, (int)(s->ms % 1000 / 10)) != 0)
		return -1;
	if (s->rows < 0)
		return out_table_add(t, "", STYLE_PLAIN, err);
	return out_table_addf(t, STYLE_PLAIN, err, "%" PRId64, s->rows);
}

int progress_print_steps(struct progress *p, struct err *err)
{
	static const char *const names[] = { "STAGE", "STEP", "STATE", "SECONDS", "ROWS" };
	static const int right[] = { 3, 4, -1 };
	struct out_table t;
	int rc = 0;
	progress_stop(p);
	if (out_table_init(&t, names, 5, right, err) != 0)
		return -1;
	for (size_t i = 0; rc == 0 && i < p->step_count; i++)
		rc = add_step_row(&t, &p->steps[i], err);
	if (rc == 0)
		rc = out_table_print(&t, p->ctx->out, p->ctx->out_color, 0, err);
	out_table_clear(&t);
	return rc;
}
