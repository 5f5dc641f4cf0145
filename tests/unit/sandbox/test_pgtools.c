#include "unit/cm.h"

#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sandbox/store/pgserver.h"
#include "spark/base/env.h"
#include "spark/base/file.h"
#include "spark/base/mem.h"

struct folder {
	char path[512];
};

static int set_up(void **state)
{
	struct folder *f = mem_alloc(sizeof(*f));
	const char *tmp = env_get("TMPDIR");

	if (!f)
		return -1;
	snprintf(f->path, sizeof(f->path), "%s/pgtools.XXXXXX", tmp ? tmp : "/tmp");
	*state = f;
	return mkdtemp(f->path) ? 0 : -1;
}

static int tear_down(void **state)
{
	struct folder *f = *state;
	int rc = file_remove_tree(f->path, NULL);

	mem_free(f);
	return rc;
}

static void make_program(const struct folder *f, const char *dir, const char *name, const char *text)
{
	char path[1024];

	snprintf(path, sizeof(path), "%s/%s", f->path, dir);
	assert_int_equal(file_make_dirs(path, 0755, NULL), 0);
	snprintf(path, sizeof(path), "%s/%s/%s", f->path, dir, name);
	assert_int_equal(file_write_atomic(path, text, strlen(text), 0755, NULL), 0);
	assert_int_equal(chmod(f->path, 0755), 0);
}

static void versions_are_read(void **state)
{
	static const struct {
		const char *text;
		int major;
		const char *version;
	} cases[] = {
		{ "postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)\n", 15, "15.20" },
		{ "postgres (PostgreSQL) 17beta1\n", 17, "17beta1" },
		{ "postgres (PostgreSQL) 9.6.24", 9, "9.6.24" },
		{ "postgres 15", 0, NULL },
		{ "postgres (PostgreSQL) x", 0, NULL },
		{ "", 0, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char version[32] = "";
		int major = 0;

		assert_int_equal(pgtools_parse_version(cases[i].text, &major, version, sizeof(version)),
				 cases[i].version != NULL);
		assert_int_equal(major, cases[i].major);
		assert_string_equal(version, cases[i].version ? cases[i].version : "");
	}
}

static void the_newest_of_debians_folders_is_taken(void **state)
{
	struct folder *f = *state;
	char wanted[600];
	struct buf found;

	buf_init(&found, 4096);
	assert_false(pgtools_newest(f->path, 15, &found));
	make_program(f, "9.6/bin", "postgres", "");
	make_program(f, "14/bin", "postgres", "");
	assert_false(pgtools_newest(f->path, 15, &found));
	make_program(f, "15/bin", "postgres", "");
	make_program(f, "16/bin", "postgres", "");
	make_program(f, "17/bin", "psql", ""); /* a client only */
	assert_true(pgtools_newest(f->path, 15, &found));
	snprintf(wanted, sizeof(wanted), "%s/16/bin", f->path);
	assert_string_equal(found.data, wanted);
	buf_clear(&found);
}

static void a_folder_without_postgresql_says_what_to_give(void **state)
{
	struct folder *f = *state;
	struct pgtools t;
	struct err err = { 0 };

	assert_int_equal(pgtools_find(f->path, &t, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_non_null(strstr(err.text, f->path));
	assert_non_null(strstr(err.hint, "15"));
}

static void an_old_postgresql_is_refused(void **state)
{
	struct folder *f = *state;
	char dir[600];
	struct pgtools t;
	struct err err = { 0 };

	make_program(f, "old", "postgres", "#!/bin/sh\necho 'postgres (PostgreSQL) 14.2'\n");
	make_program(f, "old", "initdb", "#!/bin/sh\n");
	snprintf(dir, sizeof(dir), "%s/old", f->path);
	assert_int_equal(pgtools_find(dir, &t, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_non_null(strstr(err.text, "14.2"));
}

static void the_one_that_is_named_is_taken(void **state)
{
	struct folder *f = *state;
	char dir[600];
	struct pgtools t;

	make_program(f, "mine", "postgres", "#!/bin/sh\necho 'postgres (PostgreSQL) 16.1'\n");
	make_program(f, "mine", "initdb", "#!/bin/sh\n");
	snprintf(dir, sizeof(dir), "%s/mine", f->path);
	assert_int_equal(pgtools_find(dir, &t, NULL), 0);
	assert_int_equal(t.major, 16);
	assert_string_equal(t.bindir, dir);
	/* Never as root. */
	assert_int_equal(t.uid == (uid_t)-1, geteuid() != 0);
	pgtools_clear(&t);
}

static void a_closed_folder_on_the_way_is_named(void **state)
{
	struct folder *f = *state;
	char closed[600], inner[700];
	struct buf obstacle;

	snprintf(closed, sizeof(closed), "%s/closed", f->path);
	snprintf(inner, sizeof(inner), "%s/inner", closed);
	assert_int_equal(file_make_dirs(inner, 0755, NULL), 0);
	assert_int_equal(chmod(f->path, 0755), 0);
	assert_int_equal(chmod(closed, 0755), 0);
	buf_init(&obstacle, 4096);
	assert_true(pgtools_may_enter(inner, 65534, 65534, &obstacle));
	assert_int_equal(chmod(closed, 0700), 0);
	assert_false(pgtools_may_enter(inner, 65534, 65534, &obstacle));
	assert_string_equal(obstacle.data, closed);
	buf_reset(&obstacle);
	assert_true(pgtools_may_enter(inner, geteuid(), getegid(), &obstacle));
	buf_clear(&obstacle);
}

static void sockets_lie_in_the_sandboxs_folder(void **state)
{
	struct folder *f = *state;
	struct pgtools as_we_are = { .uid = (uid_t)-1, .gid = (gid_t)-1 };
	struct stat st;
	char *dir = pgsocket_dir(&as_we_are, f->path, "us-west-2_c1", NULL);

	assert_non_null(dir);
	assert_int_equal(strncmp(dir, f->path, strlen(f->path)), 0);
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	pgsocket_remove(dir);
	assert_false(file_exists(dir));
	mem_free(dir);
}

static void too_deep_a_folder_gets_its_sockets_elsewhere(void **state)
{
	struct folder *f = *state;
	struct pgtools as_we_are = { .uid = (uid_t)-1, .gid = (gid_t)-1 };
	char deep[800], *dir, *again;
	struct stat st;

	snprintf(deep, sizeof(deep), "%s/%0100d", f->path, 0);
	assert_int_equal(file_make_dirs(deep, 0700, NULL), 0);
	dir = pgsocket_dir(&as_we_are, deep, "us-west-2_c1", NULL);
	again = pgsocket_dir(&as_we_are, deep, "us-west-2_c1", NULL);
	assert_non_null(dir);
	assert_non_null(again);
	assert_string_equal(dir, again);
	assert_true(strlen(dir) < 90);
	assert_int_equal(lstat(dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(st.st_uid, geteuid());
	pgsocket_remove(dir);
	assert_false(file_exists(dir));
	*strrchr(dir, '/') = 0;
	assert_false(file_exists(dir)); /* the parent was empty then */
	mem_free(dir);
	mem_free(again);
}

#define COMINGS 2000

struct cluster_of {
	const char *home, *name;
	int refused;
	struct err err;
};

static void *come_and_go(void *arg)
{
	static const struct pgtools as_we_are = { .uid = (uid_t)-1, .gid = (gid_t)-1 };
	struct cluster_of *c = arg;

	for (int i = 0; i < COMINGS && !c->refused; i++) {
		char *dir = pgsocket_dir(&as_we_are, c->home, c->name, &c->err);

		c->refused += dir == NULL;
		pgsocket_remove(dir);
		mem_free(dir);
	}
	return NULL;
}

static void a_cluster_that_goes_takes_no_folder_from_one_that_comes(void **state)
{
	struct folder *f = *state;
	struct cluster_of c[] = { { .name = "north" }, { .name = "south" } };
	pthread_t threads[2];
	char deep[800];

	snprintf(deep, sizeof(deep), "%s/%0100d", f->path, 0);
	assert_int_equal(file_make_dirs(deep, 0700, NULL), 0);
	for (int i = 0; i < 2; i++) {
		c[i].home = deep;
		assert_int_equal(pthread_create(&threads[i], NULL, come_and_go, &c[i]), 0);
	}
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	assert_string_equal(c[0].err.text, "");
	assert_string_equal(c[1].err.text, "");
}

static void a_link_laid_by_somebody_is_not_followed(void **state)
{
	struct folder *f = *state;
	struct pgtools as_we_are = { .uid = (uid_t)-1, .gid = (gid_t)-1 };
	struct err err = { 0 };
	char run[600];

	snprintf(run, sizeof(run), "%s/run", f->path);
	assert_int_equal(symlink("/tmp", run), 0);
	assert_null(pgsocket_dir(&as_we_are, f->path, "c1", &err));
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_non_null(strstr(err.text, run));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_are_read),
		cmocka_unit_test_setup_teardown(the_newest_of_debians_folders_is_taken, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_folder_without_postgresql_says_what_to_give, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_old_postgresql_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_one_that_is_named_is_taken, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_closed_folder_on_the_way_is_named, set_up, tear_down),
		cmocka_unit_test_setup_teardown(sockets_lie_in_the_sandboxs_folder, set_up, tear_down),
		cmocka_unit_test_setup_teardown(too_deep_a_folder_gets_its_sockets_elsewhere, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_cluster_that_goes_takes_no_folder_from_one_that_comes, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_link_laid_by_somebody_is_not_followed, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
