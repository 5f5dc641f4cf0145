#include "sandbox/history/users.h"

#include <string.h>

#include "sandbox/dialect/tokens.h"
#include "spark/base/json.h"
#include "spark/base/mem.h"

#define USERS_MAX 10000 /* whose facts are remembered */

static const char *const actions[] = { "create", "alter", "rename", "drop" };

/* ---- statements ---- */

static void read_until(const struct tokens *t, int i, struct user_change *c)
{
	size_t len = token_len(t, i);

	if (i >= t->count || t->items[i].kind != TOKEN_STRING || len < 2 || len - 2 >= sizeof(c->until))
		return;
	memcpy(c->until, t->text + t->items[i].from + 1, len - 2);
	c->until[len - 2] = 0;
}

/* Options behind the user's name. Redshift's superuser is who may create users. */
static void read_options(const struct tokens *t, int i, struct user_change *c)
{
	for (; i < t->count; i++) {
		if (token_is(t, i, "createdb") || token_is(t, i, "nocreatedb"))
			c->create_db = token_is(t, i, "createdb");
		else if (token_is(t, i, "createuser") || token_is(t, i, "nocreateuser"))
			c->super = token_is(t, i, "createuser");
		else if (token_is(t, i, "valid") && token_is(t, i + 1, "until"))
			read_until(t, i + 2, c);
	}
}

static struct user_change *one_change(const struct tokens *t, enum user_action action)
{
	struct user_change *c = token_is_name(t, 2) ? mem_alloc(sizeof(*c)) : NULL;

	if (!c)
		return NULL;
	c->action = action;
	c->create_db = c->super = action == USER_CREATE ? 0 : -1;
	token_name(t, 2, c->name, sizeof(c->name));
	if (action == USER_ALTER && token_is(t, 3, "rename") && token_is(t, 4, "to") && token_is_name(t, 5)) {
		c->action = USER_RENAME;
		memcpy(c->old, c->name, sizeof(c->old));
		token_name(t, 5, c->name, sizeof(c->name));
	} else if (!token_is(t, 3, "set") && !token_is(t, 3, "reset")) {
		read_options(t, 3, c);
	}
	return c;
}

/* DROP USER [IF EXISTS] a, b */
static struct user_change *dropped(const struct tokens *t, size_t *count)
{
	int i = token_is(t, 2, "if") ? 4 : 2;
	struct user_change *all = NULL;
	size_t cap = 0;

	*count = 0;
	for (; token_is_name(t, i) && !mem_grow(&all, &cap, *count, sizeof(*all)); i += 2) {
		struct user_change *c = &all[(*count)++];

		*c = (struct user_change){ .action = USER_DROP, .create_db = -1, .super = -1 };
		token_name(t, i, c->name, sizeof(c->name));
		if (!token_is_char(t, i + 1, ','))
			break;
	}
	return all;
}

struct user_change *user_changes_read(const char *sql, size_t len, size_t *count)
{
	struct user_change *all = NULL;
	struct err ignored = { 0 };
	struct tokens t = { 0 };
	bool ok = false;

	*count = 0;
	if (tokens_read(sql, len, &t, &ok, &ignored))
		return NULL;
	if (ok && token_is(&t, 1, "user")) {
		if (token_is(&t, 0, "create"))
			all = one_change(&t, USER_CREATE);
		else if (token_is(&t, 0, "alter"))
			all = one_change(&t, USER_ALTER);
		*count = all != NULL;
		if (token_is(&t, 0, "drop"))
			all = dropped(&t, count);
	}
	tokens_clear(&t);
	return all;
}

/* ---- what they are ---- */

struct users {
	struct user_change *items; /* each user's facts under its name */
	size_t count, cap;
};

struct users *users_new(void)
{
	return mem_alloc(sizeof(struct users));
}

void users_free(struct users *u)
{
	if (!u)
		return;
	mem_free(u->items);
	mem_free(u);
}

static struct user_change *find(struct users *u, const char *name)
{
	for (size_t i = 0; i < u->count; i++)
		if (!strcmp(u->items[i].name, name))
			return &u->items[i];
	return NULL;
}

/* The user's facts, new ones when there are none; NULL: there is no room. */
static struct user_change *facts_of(struct users *u, const char *name)
{
	struct user_change *f = find(u, name);

	if (f || u->count >= USERS_MAX || mem_grow(&u->items, &u->cap, u->count, sizeof(*u->items)))
		return f;
	f = &u->items[u->count++];
	*f = (struct user_change){ .create_db = -1, .super = -1 };
	snprintf(f->name, sizeof(f->name), "%s", name);
	return f;
}

static void forget(struct users *u, const char *name)
{
	struct user_change *f = find(u, name);

	if (f)
		*f = u->items[--u->count];
}

/* Takes the change up; *now: what the user is from then on, a dropped one was. */
static void take_up(struct users *u, const struct user_change *c, struct user_change *now)
{
	const char *before = c->action == USER_RENAME ? c->old : c->name;
	struct user_change *f = u ? find(u, before) : NULL;

	*now = f && c->action != USER_CREATE ? *f : (struct user_change){ .create_db = -1, .super = -1 };
	now->create_db = c->create_db >= 0 ? c->create_db : now->create_db;
	now->super = c->super >= 0 ? c->super : now->super;
	memcpy(now->name, c->name, sizeof(now->name));
	if (*c->until)
		memcpy(now->until, c->until, sizeof(now->until));
	if (!u)
		return;
	if (c->action == USER_RENAME || c->action == USER_DROP)
		forget(u, before);
	f = c->action == USER_DROP ? NULL : facts_of(u, c->name);
	if (f)
		*f = *now;
}

static void put_member(struct buf *line, const char *member, const char *text)
{
	if (!*text)
		return;
	buf_printf(line, ",\"%s\":", member);
	json_quote(line, text, strlen(text));
}

void users_apply(struct users *u, const struct user_change *change, struct buf *line)
{
	struct user_change now;

	take_up(u, change, &now);
	put_member(line, "v", actions[change->action]);
	put_member(line, "n", now.name);
	put_member(line, "o", change->old);
	buf_printf(line, ",\"c\":%d,\"s\":%d", now.create_db > 0, now.super > 0);
	put_member(line, "t", now.until);
}

void users_recall(struct users *u, const char *line, size_t len)
{
	struct user_change c = { 0 }, ignored;
	struct err err = { 0 };
	struct json *doc = u ? json_parse(line, len, &err) : NULL;
	const char *action = json_str(doc, "v", "");

	for (size_t i = 0; doc && i < sizeof(actions) / sizeof(*actions); i++) {
		if (strcmp(actions[i], action) != 0)
			continue;
		c.action = (enum user_action)i;
		c.create_db = (int)json_int(doc, "c", -1);
		c.super = (int)json_int(doc, "s", -1);
		snprintf(c.name, sizeof(c.name), "%s", json_str(doc, "n", ""));
		snprintf(c.old, sizeof(c.old), "%s", json_str(doc, "o", ""));
		snprintf(c.until, sizeof(c.until), "%s", json_str(doc, "t", ""));
		take_up(u, &c, &ignored);
	}
	json_free(doc);
}
