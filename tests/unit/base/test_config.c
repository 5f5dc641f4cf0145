#include "unit/cm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "spark/base/config.h"
#include "spark/base/file.h"
#include "spark/base/mem.h"

static char dir[] = "/tmp/sparkctl-config.XXXXXX";
static char path[64];

static int make_dir(void **state)
{
	(void)state;
	for (size_t i = 0; i < OPT_COUNT; i++) {
		for (const char *p = option_rows[i].env; p && *p; p += strspn(p, " ")) {
			char name[64];
			size_t len = strcspn(p, " ");

			snprintf(name, sizeof(name), "%.*s", (int)len, p);
			unsetenv(name);
			p += len;
		}
	}
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/dwh.cfg", dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	return file_remove_tree(dir, NULL);
}

static int try_bytes(struct config *c, const void *text, size_t len, struct err *err)
{
	assert_int_equal(file_write_atomic(path, text, len, 0600, err), 0);
	return config_read_file(c, path, true, err);
}

static struct config *read_text(const char *text)
{
	struct err err = { 0 };
	struct config *c = config_new(&err);

	assert_non_null(c);
	if (try_bytes(c, text, strlen(text), &err) < 0)
		fail_msg("refused: %s", err.text);
	return c;
}

static void assert_refused(const char *text, const char *why)
{
	struct err err = { 0 };
	struct config *c = config_new(&err);

	assert_int_equal(try_bytes(c, text, strlen(text), &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	if (!strstr(err.text, why))
		fail_msg("'%s' does not say '%s'", err.text, why);
	config_free(c);
}

static void test_defaults_hold_without_any_file(void **state)
{
	struct err err;
	struct config *c = config_new(&err);

	(void)state;
	assert_int_equal(config_read_file(c, "/nowhere/dwh.cfg", false, &err), 0);
	assert_string_equal(config_str(c, OPT_TARGET), "local");
	assert_int_equal(config_int(c, OPT_DB_PORT), 5439);
	assert_null(config_str(c, OPT_HOST));
	assert_false(config_is_set(c, OPT_DB_PORT));
	assert_string_equal(config_place(c, OPT_DB_PORT), "default");
	assert_string_equal(config_place(c, OPT_HOST), "default");
	assert_false(secret_is_set(config_secret(c, OPT_DB_PASSWORD)));
	assert_null(config_path(c));
	assert_int_equal(config_read_file(c, "/nowhere/dwh.cfg", true, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	config_free(c);
	config_free(NULL);
}

/* The file that the course hands out, filled in as people do. */
static const char course_file[] = "[CLUSTER]\n"
				  "HOST='dwhcluster.abc123.us-west-2.redshift.amazonaws.com'\n"
				  "DB_NAME='dwh'\n"
				  "DB_USER=\"dwhuser\"\n"
				  "DB_PASSWORD='Passw0rd'\n"
				  "DB_PORT='5440'\n"
				  "\n"
				  "[iam_role]\n"
				  "arn=arn:aws:iam::123456789012:role/dwhRole\n"
				  "\n"
				  "[S3]\n"
				  "LOG_DATA='s3://udacity-dend/log_data'\n"
				  "LOG_JSONPATH='s3://udacity-dend/log_json_path.json'\n"
				  "SONG_DATA='s3://udacity-dend/song_data'\n"
				  "\n"
				  "[Aws]\n"
				  "key = AKIDEXAMPLE\n"
				  "secret = wJalr/XUtn+FEMI=K7MD\n"
				  "region = us-west-2\n"
				  "\n"
				  "[DWH] \n"
				  "DWH_CLUSTER_TYPE=Multi-Node\n"
				  "DWH_NUM_NODES=4\n"
				  "DWH_NODE_TYPE=dc2.large\n"
				  "DWH_IAM_ROLE_NAME=dwhRole\n"
				  "DWH_CLUSTER_IDENTIFIER=dwhCluster\n"
				  "DWH_DB=dwh\n"
				  "DWH_DB_USER=dwhuser\n"
				  "DWH_DB_PASSWORD=Passw0rd\n"
				  "DWH_PORT=5440\n";

static void test_the_course_file_reads_without_warnings(void **state)
{
	struct config *c = read_text(course_file);

	(void)state;
	assert_null(config_warning(c, 0));
	assert_string_equal(config_str(c, OPT_HOST), "dwhcluster.abc123.us-west-2.redshift.amazonaws.com");
	assert_string_equal(config_str(c, OPT_DB_NAME), "dwh");
	assert_string_equal(config_str(c, OPT_DB_USER), "dwhuser");
	assert_string_equal(secret_value(config_secret(c, OPT_DB_PASSWORD)), "Passw0rd");
	assert_int_equal(config_int(c, OPT_DB_PORT), 5440);
	assert_string_equal(config_str(c, OPT_ROLE_ARN), "arn:aws:iam::123456789012:role/dwhRole");
	assert_string_equal(config_str(c, OPT_LOG_DATA), "s3://udacity-dend/log_data");
	assert_string_equal(config_str(c, OPT_AWS_KEY), "AKIDEXAMPLE");
	assert_string_equal(secret_value(config_secret(c, OPT_AWS_SECRET)), "wJalr/XUtn+FEMI=K7MD");
	assert_string_equal(config_str(c, OPT_CLUSTER_TYPE), "multi-node");
	assert_int_equal(config_int(c, OPT_NUM_NODES), 4);
	assert_null(config_str(c, OPT_AWS_SECRET)); /* a secret is never a plain text */
	assert_true(config_is_set(c, OPT_DB_PORT));
	assert_non_null(strstr(config_place(c, OPT_ROLE_ARN), "dwh.cfg:9"));
	assert_string_equal(config_path(c), path);
	config_free(c);
}

static void test_two_places_for_one_setting(void **state)
{
	struct config *c = read_text("[CLUSTER]\nDB_PORT=5440\n[DWH]\nDWH_PORT=5441\n");

	(void)state;
	assert_int_equal(config_int(c, OPT_DB_PORT), 5441);
	assert_non_null(strstr(config_warning(c, 0), "dwh.cfg:4: 'DWH_PORT' of [DWH] differs"));
	assert_null(config_warning(c, 1));
	config_free(c);
	c = read_text("[DWH]\nDWH_PORT=5441\n[CLUSTER]\nDB_PORT=5440\n");
	assert_int_equal(config_int(c, OPT_DB_PORT), 5441);
	assert_non_null(config_warning(c, 0));
	config_free(c);
}

static void test_a_session_token_of_any_length_arrives_whole(void **state)
{
	char text[2200], token[1001], *in_quotes;
	struct config *c;

	(void)state;
	for (size_t i = 0; i < 1000; i++)
		token[i] = "ABCxyz019+/=; #"[i % 15];
	token[999] = 'Z';
	token[1000] = '\0';
	snprintf(text, sizeof(text), "[AWS]\nTOKEN = %s\nREGION = eu-west-1\n", token);
	c = read_text(text);
	assert_string_equal(secret_value(config_secret(c, OPT_AWS_TOKEN)), token);
	assert_string_equal(config_str(c, OPT_REGION), "eu-west-1");
	config_free(c);
	in_quotes = mem_printf("[AWS]\nSESSION_TOKEN = \"%s\"\n", token);
	c = read_text(in_quotes);
	assert_string_equal(secret_value(config_secret(c, OPT_AWS_TOKEN)), token);
	config_free(c);
	mem_free(in_quotes);
}

static void test_what_a_value_may_hold(void **state)
{
	static const struct {
		const char *line, *value;
	} cases[] = {
		{ "a ; b # c", "a ; b # c" },
		{ "x;y#z", "x;y#z" },
		{ "'single'", "single" },
		{ "\"double\"", "double" },
		{ "  blanks around\t", "blanks around" },
		{ "\" kept inside \"", " kept inside " },
		{ "'unequal\"", "'unequal\"" },
		{ "a=b:c=d", "a=b:c=d" },
		{ "'", "'" },
		{ "[x]", "[x]" },
		{ "caf\xC3\xA9", "caf\xC3\xA9" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char text[200];
		struct config *c;

		snprintf(text, sizeof(text), "[DWH]\nDWH_DB_PASSWORD = %s\n", cases[i].line);
		c = read_text(text);
		assert_string_equal(secret_value(config_secret(c, OPT_DB_PASSWORD)), cases[i].value);
		config_free(c);
	}
}

static void test_files_from_other_systems(void **state)
{
	struct config *c =
		read_text("\xEF\xBB\xBF[DWH]\r\n; a comment\r\n  # another\r\nDWH_DB : music\r\n\r\n  DWH_PORT=5500\r\n"
			  "dwh_num_nodes =\r\nDWH_DB_USER=last");

	(void)state;
	assert_string_equal(config_str(c, OPT_DB_NAME), "music");
	assert_int_equal(config_int(c, OPT_DB_PORT), 5500);
	assert_false(config_is_set(c, OPT_NUM_NODES)); /* empty means not set */
	assert_string_equal(config_str(c, OPT_DB_USER), "last");
	assert_null(config_warning(c, 0));
	config_free(c);
}

static void test_broken_files_are_refused_with_the_line(void **state)
{
	struct err err = { 0 };
	struct config *c = config_new(&err);
	char *long_line = mem_alloc(70010);

	(void)state;
	assert_refused("[DWH]\nDWH_PORT=5439\n\ndwh_port=5440\n",
		       "dwh.cfg:4: the key 'dwh_port' of [DWH] is there already, in line 2");
	assert_refused("[DWH]\nDWH_DB=a\n[aws]\nKEY=b\n[dwh]\nDWH_DB=c\n", "dwh.cfg:6: the key 'DWH_DB'");
	assert_refused("[DWH]\njust words\n", "dwh.cfg:2: this is no 'key = value'");
	assert_refused("KEY=x\n", "dwh.cfg:1: a key before the first [section]");
	assert_refused("[DWH\n", "dwh.cfg:1: a section has no ']'");
	assert_refused("[DWH] x\n", "dwh.cfg:1: there is more behind");
	assert_refused("[]\n", "dwh.cfg:1: a section without a name");
	assert_refused("[DWH]\n=x\n", "dwh.cfg:2: a value without a key");
	assert_int_equal(try_bytes(c, "[DWH]\nDWH_DB=a\0b\n", 17, &err), -1);
	assert_non_null(strstr(err.text, "dwh.cfg:2: a NUL byte"));
	memset(long_line, 'x', 70000);
	memcpy(long_line, "[A]\nb=", 6);
	assert_refused(long_line, "dwh.cfg:2: a line of more than 64 KiB");
	mem_free(long_line);
	config_free(c);
}

static void test_values_are_checked_where_they_stand(void **state)
{
	struct err err = { 0 };
	struct config *c = config_new(&err);
	static const char *const bad[] = { "80", "65536", "5439x", "0x1", "", "-", "5.5", "99999999999999999999" };

	(void)state;
	assert_refused("[DWH]\n\nDWH_PORT=99\n",
		       "dwh.cfg:3: 'DWH_PORT' is '99', but must be a whole number from 1150 to 65535");
	assert_refused("[SPARKCTL]\ntarget=azure\n", "dwh.cfg:2: 'target' is 'azure', but must be one of: local|aws");
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		err_clear(&err);
		assert_int_equal(config_set_flag(c, OPT_DB_PORT, bad[i], &err), -1);
		assert_int_equal(err.kind, ERR_USAGE);
		assert_non_null(strstr(err.text, "--port"));
		assert_int_equal(config_int(c, OPT_DB_PORT), 5439);
	}
	setenv("SPARKCTL_TIMEOUT", "soon", 1);
	assert_int_equal(config_read_env(c, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_string_equal(err.text, "SPARKCTL_TIMEOUT is 'soon', but must be a whole number from 1 to 86400 s");
	unsetenv("SPARKCTL_TIMEOUT");
	config_free(c);
}

static void test_flag_beats_environment_beats_file_in_any_order(void **state)
{
	static const char text[] = "[AWS]\nREGION=sa-east-1\n[DWH]\nDWH_DB=filed\n[SPARKCTL]\nstack=mine\n";
	struct err err;
	struct config *c = config_new(&err);

	(void)state;
	setenv("AWS_REGION", "eu-central-1", 1);
	setenv("AWS_DEFAULT_REGION", "us-east-2", 1);
	setenv("SPARKCTL_STACK", "", 1);
	assert_int_equal(config_set_flag(c, OPT_DB_NAME, "flagged", &err), 0);
	assert_int_equal(config_read_env(c, &err), 0);
	assert_int_equal(try_bytes(c, text, strlen(text), &err), 0);
	assert_string_equal(config_str(c, OPT_DB_NAME), "flagged");
	assert_string_equal(config_place(c, OPT_DB_NAME), "--db");
	assert_int_equal(config_origin(c, OPT_DB_NAME), FROM_FLAG);
	assert_string_equal(config_str(c, OPT_REGION), "eu-central-1");
	assert_string_equal(config_place(c, OPT_REGION), "AWS_REGION");
	assert_string_equal(config_str(c, OPT_STACK), "mine");
	assert_int_equal(config_set_flag(c, OPT_REGION, "ap-south-1", &err), 0);
	assert_string_equal(config_str(c, OPT_REGION), "ap-south-1");
	unsetenv("AWS_REGION");
	unsetenv("AWS_DEFAULT_REGION");
	unsetenv("SPARKCTL_STACK");
	config_free(c);
}

static void test_what_the_program_works_out_overrides_nothing(void **state)
{
	struct err err;
	struct config *c = config_new(&err);

	(void)state;
	assert_int_equal(config_set_derived(c, OPT_ENDPOINT_URL, "http://localhost:1", &err), 0);
	assert_string_equal(config_str(c, OPT_ENDPOINT_URL), "http://localhost:1");
	assert_false(config_is_set(c, OPT_ENDPOINT_URL));
	assert_int_equal(config_set_flag(c, OPT_ENDPOINT_URL, "http://localhost:2", &err), 0);
	assert_int_equal(config_set_derived(c, OPT_ENDPOINT_URL, "http://localhost:3", &err), 0);
	assert_string_equal(config_str(c, OPT_ENDPOINT_URL), "http://localhost:2");
	assert_int_equal(config_set_flag(c, OPT_DB_PASSWORD, "x", &err), -1);
	config_free(c);
}

static void test_unknown_names_are_told_and_guessed_at(void **state)
{
	struct config *c = read_text("[DWH]\nDWH_NODES=4\nREGION=x\nzzz=1\n[CLUSTR]\na=1\nb=2\n[OTHER]\nc=3\n");

	(void)state;
	assert_non_null(strstr(config_warning(c, 0),
			       "dwh.cfg:2: unknown key 'DWH_NODES' in [DWH], did you mean 'DWH_NUM_NODES'?"));
	assert_non_null(strstr(config_warning(c, 1), "dwh.cfg:3: unknown key 'REGION' in [DWH], it belongs into ["));
	assert_non_null(strstr(config_warning(c, 2), "dwh.cfg:4: unknown key 'zzz' in [DWH]"));
	assert_non_null(strstr(config_warning(c, 3), "dwh.cfg:6: unknown section [CLUSTR], did you mean [CLUSTER]?"));
	assert_non_null(strstr(config_warning(c, 4), "dwh.cfg:9: unknown section [OTHER]"));
	assert_null(config_warning(c, 5));
	config_free(c);
}

static void test_the_template_reads_as_nothing_but_defaults(void **state)
{
	struct err err = { 0 };
	struct config *c = config_new(&err), *plain = config_new(&err);

	(void)state;
	if (config_read_file(c, "dwh_template.cfg", true, &err) < 0)
		fail_msg("%s (run from the root of the source)", err.text);
	assert_null(config_warning(c, 0));
	for (size_t i = 0; i < OPT_COUNT; i++) {
		const char *got = config_str(c, (enum option_id)i), *want = config_str(plain, (enum option_id)i);

		assert_string_equal(got ? got : "none", want ? want : "none");
		assert_false(secret_is_set(config_secret(c, (enum option_id)i)));
	}
	config_free(plain);
	config_free(c);
}

static void test_rows_are_whole_and_flags_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < OPT_COUNT; i++) {
		const struct option_row *row = &option_rows[i];

		assert_int_equal(row->id, i);
		assert_non_null(row->section);
		assert_non_null(row->key);
		assert_non_null(row->help);
		assert_true((row->type == OPTION_CHOICE) == (row->choices != NULL));
		assert_false(row->type == OPTION_SECRET && row->flag); /* argv is seen by everybody */
		if (row->flag)
			assert_ptr_equal(option_by_flag(row->flag), row);
	}
	assert_null(option_by_flag("no-such-flag"));
}

static void test_the_nearest_name(void **state)
{
	static const char *const names[] = { "create-tables", "status", "down", "up", "run" };

	(void)state;
	assert_string_equal(config_nearest("statsu", names, 5), "status");
	assert_string_equal(config_nearest("create-table", names, 5), "create-tables");
	assert_string_equal(config_nearest("DOWN", names, 5), "down");
	assert_null(config_nearest("xyz", names, 5));
	assert_null(config_nearest("", names, 5));
	assert_null(config_nearest("x", names, 0));
}

struct seen {
	char text[512];
};

static int note(void *arg, const char *section, const char *key, const char *value, int line)
{
	struct seen *s = arg;
	size_t len = strlen(s->text);

	snprintf(s->text + len, sizeof(s->text) - len, "%d[%s]%s=%s;", line, section, key, value);
	return strcmp(key, "stop") == 0 ? 42 : 0;
}

static void test_aws_profiles_are_read_with_nested_keys(void **state)
{
	static const char text[] =
		"[default]\nregion = us-west-2\ns3 =\n  addressing_style = path\n  max = 2\noutput=json\n"
		"[profile a-name-that-is-longer-than-the-fifty-bytes-which-inih-can-hold]\nRegion=x\nregion=y\n";
	struct seen seen = { "" };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(config_each_ini("config", text, strlen(text), note, &seen, &err), 0);
	assert_string_equal(
		seen.text,
		"2[default]region=us-west-2;3[default]s3=;4[default]s3.addressing_style=path;5[default]s3.max=2;"
		"6[default]output=json;"
		"8[profile a-name-that-is-longer-than-the-fifty-bytes-which-inih-can-hold]Region=x;"
		"9[profile a-name-that-is-longer-than-the-fifty-bytes-which-inih-can-hold]region=y;");
}

static void test_the_reader_may_stop(void **state)
{
	struct seen seen = { "" };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(config_each_ini("f", "[a]\nx=1\nstop=2\ny=3\nbroken", 24, note, &seen, &err), 42);
	assert_string_equal(seen.text, "2[a]x=1;3[a]stop=2;");
}

static void test_want_of_memory_anywhere_is_an_error_and_no_leak(void **state)
{
	long n;

	(void)state;
	for (n = 1;; n++) {
		struct err err = { 0 };
		struct config *c;
		int rc = -1;

		assert_int_equal(file_write_atomic(path, course_file, strlen(course_file), 0600, &err), 0);
		mem_fail_at(n);
		c = config_new(&err);
		if (c)
			rc = config_read_file(c, path, true, &err);
		mem_fail_at(0);
		config_free(c);
		if (rc == 0)
			break;
		assert_int_equal(err.kind, ERR_NOMEM);
	}
	assert_true(n > 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults_hold_without_any_file),
		cmocka_unit_test(test_the_course_file_reads_without_warnings),
		cmocka_unit_test(test_two_places_for_one_setting),
		cmocka_unit_test(test_a_session_token_of_any_length_arrives_whole),
		cmocka_unit_test(test_what_a_value_may_hold),
		cmocka_unit_test(test_files_from_other_systems),
		cmocka_unit_test(test_broken_files_are_refused_with_the_line),
		cmocka_unit_test(test_values_are_checked_where_they_stand),
		cmocka_unit_test(test_flag_beats_environment_beats_file_in_any_order),
		cmocka_unit_test(test_what_the_program_works_out_overrides_nothing),
		cmocka_unit_test(test_unknown_names_are_told_and_guessed_at),
		cmocka_unit_test(test_the_template_reads_as_nothing_but_defaults),
		cmocka_unit_test(test_rows_are_whole_and_flags_are_found),
		cmocka_unit_test(test_the_nearest_name),
		cmocka_unit_test(test_aws_profiles_are_read_with_nested_keys),
		cmocka_unit_test(test_the_reader_may_stop),
		cmocka_unit_test(test_want_of_memory_anywhere_is_an_error_and_no_leak),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
