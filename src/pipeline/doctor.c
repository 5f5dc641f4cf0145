#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "pipeline/doctor_checks.h"
#include "pipeline/jobs.h"

static const struct check machine_checks[] = {
	{ .name = "settings", .look = check_settings },
	{ .name = "state folder", .look = check_state_folder },
	{ .name = "psql", .look = check_psql },
};

static const struct check service_checks[] = {
	{ .name = "credentials", .look = check_credentials },
	{ .name = "identity", .look = check_identity, .needed = true },
	{ .name = "clock", .look = check_clock },
	{ .name = "stack", .look = check_stack, .needed = true },
	{ .name = "lock", .look = check_lock },
	{ .name = "permissions", .look = check_permissions, .early = true },
	{ .name = "log data", .look = check_prefix, .setting = OPT_LOG_DATA, .early = true },
	{ .name = "log jsonpath", .look = check_prefix, .setting = OPT_LOG_JSONPATH, .early = true },
	{ .name = "song data", .look = check_prefix, .setting = OPT_SONG_DATA, .early = true },
	{ .name = "cluster", .look = check_cluster },
	{ .name = "node type", .look = check_node_type },
	{ .name = "network", .look = check_network },
	{ .name = "quotas", .look = check_quotas, .early = true },
	{ .name = "role", .look = check_role },
	{ .name = "trust", .look = check_trust, .early = true },
	{ .name = "ingress", .look = check_ingress },
	{ .name = "port", .look = check_port },
	{ .name = "login", .look = check_login },
};
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void __attribute__((format(printf, 3, 0))) set_text(char *out, size_t size, const char *fmt, va_list ap)
{
	(void)vsnprintf(out, size, fmt, ap);
	for (char *c = out; *c; c++) {
		if (*c == '\n' || *c == '\r' || *c == '\t')
			*c = ' ';
	}
}

int finding_ok(struct doctor_finding *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	f->state = DOCTOR_OK;
	set_text(f->detail, sizeof(f->detail), fmt, ap);
	va_end(ap);
	return 0;
}

int finding_warn(struct doctor_finding *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	f->state = DOCTOR_WARN;
	set_text(f->detail, sizeof(f->detail), fmt, ap);
	va_end(ap);
	return 0;
}

int finding_fail(struct doctor_finding *f, enum err_kind kind, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	f->state = DOCTOR_FAIL;
	f->kind = kind;
	set_text(f->detail, sizeof(f->detail), fmt, ap);
	va_end(ap);
	return 0;
}

int finding_mend(struct doctor_finding *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set_text(f->mend, sizeof(f->mend), fmt, ap);
	va_end(ap);
	return 0;
}

void doctor_tell(struct doctor *d, const struct doctor_finding *f)
{
	if (f->state == DOCTOR_OK)
		d->passed++;
	else if (f->state == DOCTOR_WARN)
		d->warned++;
	else if (d->failed++ == 0)
		d->first_failure = f->kind;
	if (d->on_finding)
		d->on_finding(d->arg, f);
}

static void from_err(struct doctor_finding *f, const struct err *why)
{
	(void)finding_fail(f, why->kind, "%.590s", why->text);
	(void)finding_mend(f, "%.590s", why->hint);
}

void doctor_tell_failure(struct doctor *d, const char *name, const struct err *why)
{
	struct doctor_finding f = { .name = name };

	from_err(&f, why);
	doctor_tell(d, &f);
}

/* These say nothing of the thing that was looked at. */
static bool ends_all(const struct err *err)
{
	return err->kind == ERR_INTERRUPTED || err->kind == ERR_NOMEM || err->kind == ERR_BUG;
}

/* 1: there is a finding, 0: it does not apply, -1: it cannot go on. */
static int look_at(struct doctor *d, const struct check *c, struct doctor_facts *facts, struct doctor_finding *f,
		   struct err *err)
{
	struct err why = { 0 };
	int rc;

	*f = (struct doctor_finding){ .name = c->name };
	rc = c->look(d, c, facts, f, &why);
	if (rc == CHECK_NOT_HERE)
		return 0;
	if (rc < 0 && ends_all(&why)) {
		if (err)
			*err = why;
		return -1;
	}
	if (rc < 0)
		from_err(f, &why);
	return 1;
}

static int look_at_all(struct doctor *d, const struct check *checks, size_t count, struct doctor_facts *facts,
		       struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		struct doctor_finding f;
		int rc = look_at(d, &checks[i], facts, &f, err);

		if (rc < 0)
			return -1;
		if (rc == 0)
			continue;
		doctor_tell(d, &f);
		if (f.state == DOCTOR_FAIL && checks[i].needed)
			break;
	}
	return 0;
}

int doctor_check_machine(struct doctor *d, struct err *err)
{
	struct doctor_facts facts = { 0 };

	return look_at_all(d, machine_checks, COUNT(machine_checks), &facts, err);
}

int doctor_check_services(struct doctor *d, struct err *err)
{
	struct doctor_facts facts = { 0 };

	return look_at_all(d, service_checks, COUNT(service_checks), &facts, err);
}

struct early {
	struct doctor *doctor;
	const struct check *check;
	struct doctor_finding finding;
	bool told;
};

static int look_early(void *arg, struct err *err)
{
	struct early *e = arg;
	struct doctor_facts facts = { .prepared = true };
	int rc = look_at(e->doctor, e->check, &facts, &e->finding, err);

	e->told = rc == 1;
	return rc < 0 ? -1 : 0;
}

int doctor_warn_early(struct run *r, struct err *err)
{
	struct doctor d = { .run = r, .config = r->config, .operands = run_operands(r) };
	struct early all[COUNT(service_checks)] = { 0 };
	struct job jobs[COUNT(service_checks)] = { 0 };

	for (size_t i = 0; i < COUNT(service_checks); i++) {
		all[i].doctor = &d;
		all[i].check = &service_checks[i];
		jobs[i].fn = service_checks[i].early ? look_early : NULL;
		jobs[i].arg = &all[i];
	}
	if (jobs_run(jobs, COUNT(service_checks), FINISH_ALL, err) < 0)
		return -1;
	for (size_t i = 0; i < COUNT(service_checks); i++) {
		const struct doctor_finding *f = &all[i].finding;
		char note[1300];

		/* what cannot be known, or can be worked with, would only be noise here */
		if (!all[i].told || f->state != DOCTOR_FAIL)
			continue;
		(void)snprintf(note, sizeof(note), "%s: %s%s%s", f->name, f->detail, f->mend[0] ? "; " : "", f->mend);
		run_note(r, note);
	}
	return 0;
}
