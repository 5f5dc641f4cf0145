#include "sandbox/fault/faults.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "sandbox/access/glob.h"
#include "spark/base/clock.h"
#include "spark/base/mem.h"

#define FAULTS_MAX 1000

struct fault {
	struct fault_spec spec;
	char id[FAULT_ID_SIZE];
	int64_t seen, fired;
};

struct faults {
	pthread_mutex_t lock;
	struct fault *all;
	size_t count, cap;
	unsigned last_id;
	int release_fd; /* readable once waiting is over */
};

int faults_open(struct faults **out, struct err *err)
{
	struct faults *f = mem_alloc(sizeof(*f));

	if (!f)
		return err_nomem(err);
	f->release_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (f->release_fd < 0) {
		mem_free(f);
		return err_set_errno(err, ERR_IO, errno, "cannot make an event descriptor");
	}
	pthread_mutex_init(&f->lock, NULL);
	*out = f;
	return 0;
}

void faults_close(struct faults *f)
{
	if (!f)
		return;
	close(f->release_fd);
	pthread_mutex_destroy(&f->lock);
	mem_free(f->all);
	mem_free(f);
}

int faults_add(struct faults *f, const char *text, char id[FAULT_ID_SIZE], struct err *err)
{
	struct fault new = { .seen = 0 };
	int rc = -1;

	if (fault_spec_parse(text, &new.spec, err))
		return -1;
	/* A place in the row means that one call, unless more are asked for. */
	if (new.spec.count < 0)
		new.spec.count = new.spec.nth > 0 ? 1 : 0;
	pthread_mutex_lock(&f->lock);
	if (f->count == FAULTS_MAX) {
		err_set(err, ERR_CONFLICT, "there are %d faults already", FAULTS_MAX);
		err_hint(err, "'sparkctl sandbox fault clear' takes them away");
	} else if (mem_grow(&f->all, &f->cap, f->count, sizeof(*f->all))) {
		err_nomem(err);
	} else {
		snprintf(new.id, sizeof(new.id), "f%u", ++f->last_id);
		memcpy(id, new.id, sizeof(new.id));
		f->all[f->count++] = new;
		rc = 0;
	}
	pthread_mutex_unlock(&f->lock);
	return rc;
}

static struct json *describe(const struct fault *x)
{
	struct json *j = json_new_object();
	struct buf text;

	buf_init(&text, 4096);
	fault_spec_print(&x->spec, &text);
	if (!j || text.failed || json_set_str(j, "id", x->id) || json_set_str(j, "spec", text.data) ||
	    json_set_int(j, "seen", x->seen) || json_set_int(j, "fired", x->fired)) {
		json_free(j);
		j = NULL;
	}
	buf_clear(&text);
	return j;
}

int faults_list(struct faults *f, struct json *array, struct err *err)
{
	int rc = 0;

	pthread_mutex_lock(&f->lock);
	for (size_t i = 0; i < f->count && rc == 0; i++) {
		struct json *j = describe(&f->all[i]);

		if (!j || json_append(array, j))
			rc = err_nomem(err);
	}
	pthread_mutex_unlock(&f->lock);
	return rc;
}

size_t faults_clear(struct faults *f, const char *id)
{
	size_t kept = 0, gone;

	pthread_mutex_lock(&f->lock);
	for (size_t i = 0; i < f->count; i++)
		if (id && strcmp(id, f->all[i].id) != 0)
			f->all[kept++] = f->all[i];
	gone = f->count - kept;
	f->count = kept;
	pthread_mutex_unlock(&f->lock);
	return gone;
}

/* The nth throw of dice with that seed, from 0 to below 1: the same in every run. SplitMix64, by S. Vigna. */
static double throw_dice(int64_t seed, int64_t nth)
{
	uint64_t z = (uint64_t)seed + (uint64_t)nth * 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	z ^= z >> 31;
	return (double)(z >> 11) / 9007199254740992.0;
}

size_t faults_count(struct faults *f)
{
	size_t count;

	if (!f)
		return 0;
	pthread_mutex_lock(&f->lock);
	count = f->count;
	pthread_mutex_unlock(&f->lock);
	return count;
}

static bool matches(const char *pattern, const char *text)
{
	return !*pattern || glob_match(pattern, text, true);
}

/* Counts the call; does the fault hit it? */
static bool fires(struct fault *x)
{
	const struct fault_spec *s = &x->spec;

	x->seen++;
	if ((s->nth > 0 && x->seen < s->nth) || (s->count > 0 && x->fired >= s->count))
		return false;
	if (s->probability >= 0 && throw_dice(s->seed < 0 ? 0 : s->seed, x->seen) >= s->probability)
		return false;
	x->fired++;
	return true;
}

unsigned faults_meet(struct faults *f, const char *service, const char *action, struct fault_spec out[FAULT_KINDS])
{
	unsigned hit = 0;

	pthread_mutex_lock(&f->lock);
	for (size_t i = 0; i < f->count; i++) {
		struct fault *x = &f->all[i];
		unsigned bit = 1u << x->spec.kind;

		if (x->spec.kind == FAULT_STUCK || !matches(x->spec.service, service) ||
		    !matches(x->spec.action, action) || !fires(x) || hit & bit)
			continue;
		hit |= bit;
		out[x->spec.kind] = x->spec;
	}
	pthread_mutex_unlock(&f->lock);
	return hit;
}

bool faults_stuck(struct faults *f, const char *cluster, struct fault_spec *out)
{
	bool found = false;

	pthread_mutex_lock(&f->lock);
	for (size_t i = 0; i < f->count && !found; i++) {
		struct fault *x = &f->all[i];

		if (x->spec.kind != FAULT_STUCK || !matches(x->spec.cluster, cluster))
			continue;
		x->seen++;
		x->fired++;
		*out = x->spec;
		found = true;
	}
	pthread_mutex_unlock(&f->lock);
	return found;
}

void faults_pause(struct faults *f, int64_t ms, int peer_fd)
{
	int64_t until = clock_mono(&clock_system) + ms;

	for (;;) {
		struct pollfd p[2] = { { .fd = f->release_fd, .events = POLLIN },
				       { .fd = peer_fd, .events = POLLRDHUP } };
		int64_t left = ms < 0 ? 60000 : until - clock_mono(&clock_system);

		if (left <= 0)
			return;
		if (poll(p, 2, (int)(left < 60000 ? left : 60000)) > 0 && (p[0].revents || p[1].revents))
			return;
	}
}

void faults_release(struct faults *f)
{
	uint64_t one = 1;

	/* Full or not: it stays readable, nobody reads it. */
	if (f && write(f->release_fd, &one, sizeof(one)) < 0)
		return;
}
