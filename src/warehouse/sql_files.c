#include <string.h>

#include "spark/base/file.h"
#include "spark/base/mem.h"
#include "spark/warehouse/sql.h"
#include "warehouse/sql_lex.h"

/* A statement longer than this is data, not SQL; Redshift takes 16 MB. */
#define SQL_FILE_MAX ((size_t)16 * 1024 * 1024)

static const char *const stage_names[SQL_STAGES] = {
	[SQL_TABLES] = "tables", [SQL_LOAD] = "load",         [SQL_TRANSFORM] = "transform",
	[SQL_CHECKS] = "checks", [SQL_ANALYSIS] = "analysis",
};

const char *sql_stage_name(enum sql_stage stage)
{
	return stage_names[stage];
}

/* One statement and nothing behind it; `where` names the file for people. */
static int check_statement(const char *where, const char *text, size_t len, struct err *err)
{
	bool begun = false, ended = false;
	size_t pos = 0;

	if (memchr(text, 0, len))
		return err_set(err, ERR_CONFIG, "'%s' holds a NUL byte", where);
	for (;;) {
		struct sql_token t = sql_lex_next(text, len, pos);

		if (t.kind == SQL_TOKEN_END)
			break;
		pos = t.start + t.len;
		if (t.kind == SQL_TOKEN_UNTERMINATED)
			return err_set(err, ERR_CONFIG, "'%s', line %zu: what begins with '%.*s' has no end", where,
				       sql_lex_line(text, t.start), t.len > 1 ? 2 : 1, text + t.start);
		if (t.kind == SQL_TOKEN_BLANK || t.kind == SQL_TOKEN_COMMENT)
			continue;
		if (t.kind == SQL_TOKEN_SEMICOLON) {
			ended = begun;
		} else if (ended) {
			err_set(err, ERR_CONFIG, "'%s', line %zu: a second statement begins", where,
				sql_lex_line(text, t.start));
			err_hint(err, "put each statement into a file of its own");
			return -1;
		} else {
			begun = true;
		}
	}
	if (!begun)
		return err_set(err, ERR_CONFIG, "'%s' holds no statement", where);
	return 0;
}

/* Adds a file to a stage; `where` is its path, `name` its name without folder and ending. */
static int add_file(struct sql_set *set, const char *where, const char *name, size_t name_len, const char *text,
		    size_t len, struct err *err)
{
	struct sql_file *f, *files;

	if (name_len == 0 || name_len >= sizeof(f->name))
		return err_set(err, ERR_CONFIG, "the name of '%s' is empty or longer than %zu bytes", where,
			       sizeof(f->name) - 1);
	if (check_statement(where, text, len, err) < 0)
		return -1;
	files = mem_resize(set->files, (set->count + 1) * sizeof(*files));
	if (!files)
		return err_nomem(err);
	set->files = files;
	f = &files[set->count];
	memset(f, 0, sizeof(*f));
	memcpy(f->name, name, name_len);
	f->len = len;
	f->text = mem_strndup(text, len);
	if (!f->text)
		return err_nomem(err);
	set->count++;
	return 0;
}

static int open_embedded(struct pipeline_sql *out, struct err *err)
{
	for (size_t i = 0; i < embedded_sql_count; i++) {
		const struct embedded_sql *e = &embedded_sql[i];

		for (int s = 0; s < SQL_STAGES; s++) {
			if (strcmp(e->stage, stage_names[s]) == 0 &&
			    add_file(&out->stages[s], e->name, e->name, strlen(e->name), e->text, e->len, err) < 0)
				return -1;
		}
	}
	return 0;
}

struct stage_walk {
	char *folder;
	struct sql_set *set;
	struct err *err;
};

static int add_found(void *arg, const char *rel, int64_t size_bytes)
{
	struct stage_walk *walk = arg;
	size_t len = strlen(rel);
	struct buf text;
	char *path;
	int rc = -1;

	(void)size_bytes;
	if (len < 4 || strcmp(rel + len - 4, ".sql") != 0 || strchr(rel, '/') || rel[0] == '.')
		return 0;
	buf_init(&text, SQL_FILE_MAX);
	path = file_join(walk->folder, rel);
	if (!path) {
		err_nomem(walk->err);
		goto out;
	}
	if (file_read(path, &text, walk->err) < 0) {
		if (walk->err && walk->err->kind != ERR_NOMEM)
			walk->err->kind = ERR_CONFIG;
		goto out;
	}
	rc = add_file(walk->set, path, rel, len - 4, text.data, text.len, walk->err);
out:
	mem_free(path);
	buf_clear(&text);
	return rc;
}

static int open_folder(const char *dir, struct pipeline_sql *out, struct err *err)
{
	size_t stages = 0;

	if (!file_is_dir(dir))
		return err_set(err, ERR_CONFIG, "the pipeline '%s' is not a folder", dir);
	for (int s = 0; s < SQL_STAGES; s++) {
		struct stage_walk walk = { file_join(dir, stage_names[s]), &out->stages[s], err };
		int rc = 0;

		if (!walk.folder)
			return err_nomem(err);
		if (file_is_dir(walk.folder)) {
			stages++;
			rc = file_walk(walk.folder, add_found, &walk, err);
		}
		mem_free(walk.folder);
		if (rc != 0)
			return -1;
	}
	if (stages == 0) {
		err_set(err, ERR_CONFIG, "the folder '%s' holds no pipeline", dir);
		err_hint(err, "it needs at least one of the folders tables, load, transform, checks, analysis");
		return -1;
	}
	return 0;
}

int pipeline_sql_open(const char *dir, struct pipeline_sql *out, struct err *err)
{
	struct pipeline_sql p = { 0 };
	const char *source = dir ? dir : "built-in";

	if (strlen(source) >= sizeof(p.source))
		return err_set(err, ERR_CONFIG, "the path of the pipeline is longer than %zu bytes",
			       sizeof(p.source) - 1);
	memcpy(p.source, source, strlen(source) + 1);
	if ((dir ? open_folder(dir, &p, err) : open_embedded(&p, err)) < 0) {
		pipeline_sql_clear(&p);
		return -1;
	}
	*out = p;
	return 0;
}

void pipeline_sql_clear(struct pipeline_sql *p)
{
	if (!p)
		return;
	for (int s = 0; s < SQL_STAGES; s++) {
		for (size_t i = 0; i < p->stages[s].count; i++)
			mem_free(p->stages[s].files[i].text);
		mem_free(p->stages[s].files);
	}
	memset(p, 0, sizeof(*p));
}
