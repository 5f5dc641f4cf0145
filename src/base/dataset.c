/* The generator: days, sessions and events in time order, and their JSON. */
#include "spark/base/dataset.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/dataset_parts.h"
#include "spark/base/clock.h"
#include "spark/base/mem.h"

#define FIRST_DAY_MS ((int64_t)1541030400000) /* 2018-11-01T00:00:00Z */
#define DAY_MS       ((int64_t)86400000)

enum page {
	PAGE_NEXT_SONG,
	PAGE_HOME,
	PAGE_LOGIN,
	PAGE_LOGOUT,
	PAGE_ABOUT,
	PAGE_HELP,
	PAGE_SETTINGS,
	PAGE_SAVE_SETTINGS,
	PAGE_UPGRADE,
	PAGE_SUBMIT_UPGRADE,
	PAGE_DOWNGRADE,
	PAGE_SUBMIT_DOWNGRADE,
	PAGE_ERROR,
	PAGE_COUNT
};

static const struct {
	const char *name, *method;
	int status;
	enum page then; /* what the next event of the session must be; PAGE_COUNT: anything */
} pages[PAGE_COUNT] = {
	[PAGE_NEXT_SONG] = { "NextSong", "PUT", 200, PAGE_COUNT },
	[PAGE_HOME] = { "Home", "GET", 200, PAGE_COUNT },
	[PAGE_LOGIN] = { "Login", "PUT", 307, PAGE_HOME },
	[PAGE_LOGOUT] = { "Logout", "PUT", 307, PAGE_HOME },
	[PAGE_ABOUT] = { "About", "GET", 200, PAGE_COUNT },
	[PAGE_HELP] = { "Help", "GET", 200, PAGE_COUNT },
	[PAGE_SETTINGS] = { "Settings", "GET", 200, PAGE_COUNT },
	[PAGE_SAVE_SETTINGS] = { "Save Settings", "PUT", 307, PAGE_HOME },
	[PAGE_UPGRADE] = { "Upgrade", "GET", 200, PAGE_COUNT },
	[PAGE_SUBMIT_UPGRADE] = { "Submit Upgrade", "PUT", 307, PAGE_HOME },
	[PAGE_DOWNGRADE] = { "Downgrade", "GET", 200, PAGE_COUNT },
	[PAGE_SUBMIT_DOWNGRADE] = { "Submit Downgrade", "PUT", 307, PAGE_HOME },
	[PAGE_ERROR] = { "Error", "GET", 404, PAGE_COUNT },
};

/* How a play differs from the song of song_data that it names. */
enum twist { TWIST_NONE, TWIST_LENGTH, TWIST_ARTIST };

struct happening {
	int64_t ts, session, user; /* user -1: nobody is logged in */
	int64_t song;              /* -1: none */
	int item;
	uint8_t page, paid, twist;
};

struct session {
	int64_t start, user;
	int64_t events;
};

struct generator {
	const struct dataset_options *o;
	uint8_t *pays; /* of each user, as of the day under way */
	int64_t next_session;
	struct happening *day;
	size_t day_count, day_cap;
	struct session *sessions;
	size_t session_count, session_cap;
	struct buf text;
	int (*emit)(void *arg, const char *key, const void *data, size_t len);
	void *arg;
};

void dataset_defaults(struct dataset_options *o)
{
	*o = (struct dataset_options){ .events = 8000, .songs = 1500, .users = 96, .seed = 1, .days = 30 };
}

static int check_options(const struct dataset_options *o, struct err *err)
{
	const struct {
		const char *name;
		int64_t value, min, max;
	} rows[] = {
		{ "events", o->events, 0, 1000000000 },
		{ "songs", o->songs, 0, 10000000 },
		{ "users", o->users, 1, 10000000 },
		{ "days", o->days, 1, 366 },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].value < rows[i].min || rows[i].value > rows[i].max) {
			err_set(err, ERR_USAGE, "the number of %s, %" PRId64 ", is out of range", rows[i].name,
				rows[i].value);
			return err_hint(err, "give %" PRId64 " to %" PRId64, rows[i].min, rows[i].max);
		}
	}
	return 0;
}

/* JSON text as the files of this data set have it: '/' escaped; everything beyond ASCII as \uXXXX when ascii. */
static void add_string(struct buf *b, const char *text, bool ascii)
{
	const unsigned char *p = (const unsigned char *)text;
	buf_putc(b, '"');
	while (*p) {
		if (*p < 0x80 || !ascii) {
			if (*p == '"' || *p == '\\' || *p == '/')
				buf_putc(b, '\\');
			buf_putc(b, (char)*p++);
			continue;
		}
		int more = *p >= 0xf0 ? 3 : *p >= 0xe0 ? 2 : 1;
		uint32_t code = *p++ & (0x3fu >> more);
		for (; more > 0; more--)
			code = code << 6 | (*p++ & 0x3fu);
		if (code >= 0x10000)
			buf_printf(b, "\\u%04x\\u%04x", 0xd800 + ((code - 0x10000) >> 10), 0xdc00 + (code & 0x3ff));
		else
			buf_printf(b, "\\u%04x", code);
	}
	buf_putc(b, '"');
}

static void add_string_or_null(struct buf *b, const char *text)
{
	if (text)
		add_string(b, text, false);
	else
		buf_puts(b, "null");
}

/* A number of hundred-thousandths, without needless zeros: 17763220 gives 177.6322. */
static void add_e5(struct buf *b, int64_t e5)
{
	int64_t size = e5 < 0 ? -e5 : e5;
	char fraction[8];
	snprintf(fraction, sizeof(fraction), "%05d", (int)(size % 100000));
	size_t len = 5;
	while (len > 1 && fraction[len - 1] == '0')
		len--;
	buf_printf(b, "%s%" PRId64 ".%.*s", e5 < 0 ? "-" : "", size / 100000, (int)len, fraction);
}

static int emit_text(struct generator *g, const char *key, struct err *err)
{
	if (buf_check(&g->text, key, err) != 0)
		return -1;
	return g->emit(g->arg, key, g->text.data, g->text.len);
}

static int emit_song(struct generator *g, int64_t index, struct err *err)
{
	struct dataset_song s;
	struct buf *b = &g->text;
	char key[64];
	dataset_make_song(g->o->seed, g->o->songs, index, &s);
	buf_reset(b);
	buf_printf(b, "{\"num_songs\": 1, \"artist_id\": \"%s\", \"artist_latitude\": ", s.artist_id);
	if (s.located)
		add_e5(b, s.latitude_e5);
	else
		buf_puts(b, "null");
	buf_puts(b, ", \"artist_longitude\": ");
	if (s.located)
		add_e5(b, s.longitude_e5);
	else
		buf_puts(b, "null");
	buf_puts(b, ", \"artist_location\": ");
	add_string(b, s.artist_location, true);
	buf_puts(b, ", \"artist_name\": ");
	add_string(b, s.artist_name, true);
	buf_printf(b, ", \"song_id\": \"%s\", \"title\": ", s.song_id);
	add_string(b, s.title, true);
	buf_puts(b, ", \"duration\": ");
	add_e5(b, s.duration_e5);
	buf_printf(b, ", \"year\": %d}", s.year);
	snprintf(key, sizeof(key), "song_data/%c/%c/%c/%s.json", s.track_id[2], s.track_id[3], s.track_id[4],
		 s.track_id);
	return emit_text(g, key, err);
}

/* The JSONPaths of the events, in the order of their members. */
static const char *const event_fields[] = { "artist",   "auth",         "firstName", "gender",   "itemInSession",
					    "lastName", "length",       "level",     "location", "method",
					    "page",     "registration", "sessionId", "song",     "status",
					    "ts",       "userAgent",    "userId" };

static int emit_jsonpaths(struct generator *g, struct err *err)
{
	size_t count = sizeof(event_fields) / sizeof(event_fields[0]);
	buf_reset(&g->text);
	buf_puts(&g->text, "{\n    \"jsonpaths\": [\n");
	for (size_t i = 0; i < count; i++)
		buf_printf(&g->text, "        \"$['%s']\"%s\n", event_fields[i], i + 1 < count ? "," : "");
	buf_puts(&g->text, "    ]\n}\n");
	return emit_text(g, "log_json_path.json", err);
}

static void add_event(struct generator *g, const struct happening *h)
{
	struct buf *b = &g->text;
	struct dataset_song s;
	struct dataset_user u;
	bool in = h->user >= 0, play = h->song >= 0;
	if (play) {
		dataset_make_song(g->o->seed, g->o->songs, h->song, &s);
		if (h->twist == TWIST_LENGTH)
			s.duration_e5 += 700000;
	}
	if (h->twist == TWIST_ARTIST) {
		struct dataset_song other;
		dataset_make_song(g->o->seed, g->o->songs, h->song + 1, &other);
		memcpy(s.artist_name, other.artist_name, sizeof(s.artist_name));
	}
	if (in)
		dataset_make_user(g->o->seed, g->o->users, h->user, &u);

	buf_puts(b, "{\"artist\":");
	add_string_or_null(b, play ? s.artist_name : NULL);
	buf_printf(b, ",\"auth\":\"Logged %s\",\"firstName\":", in ? "In" : "Out");
	add_string_or_null(b, in ? u.first_name : NULL);
	buf_puts(b, ",\"gender\":");
	add_string_or_null(b, in ? u.gender : NULL);
	buf_printf(b, ",\"itemInSession\":%d,\"lastName\":", h->item);
	add_string_or_null(b, in ? u.last_name : NULL);
	buf_puts(b, ",\"length\":");
	if (play)
		add_e5(b, s.duration_e5);
	else
		buf_puts(b, "null");
	buf_printf(b, ",\"level\":\"%s\",\"location\":", h->paid ? "paid" : "free");
	add_string_or_null(b, in ? u.location : NULL);
	buf_printf(b, ",\"method\":\"%s\",\"page\":\"%s\",\"registration\":", pages[h->page].method,
		   pages[h->page].name);
	if (in)
		buf_printf(b, "%" PRId64 ".0", u.registered_ms);
	else
		buf_puts(b, "null");
	buf_printf(b, ",\"sessionId\":%" PRId64 ",\"song\":", h->session);
	add_string_or_null(b, play ? s.title : NULL);
	buf_printf(b, ",\"status\":%d,\"ts\":%" PRId64 ",\"userAgent\":", pages[h->page].status, h->ts);
	if (in && u.agent_quoted) {
		char quoted[256];
		snprintf(quoted, sizeof(quoted), "\"%s\"", u.agent);
		add_string(b, quoted, false);
	} else {
		add_string_or_null(b, in ? u.agent : NULL);
	}
	buf_puts(b, ",\"userId\":\"");
	if (in)
		buf_printf(b, "%" PRId64, u.id);
	buf_puts(b, "\"}");
}

/* Weekends are quieter, and no two days are alike. */
static int64_t day_weight(const struct dataset_options *o, int day)
{
	struct dataset_rng r = dataset_rng(o->seed, STREAM_WEIGHT, day);
	struct utc t;
	clock_to_utc(FIRST_DAY_MS + day * DAY_MS, &t);
	int64_t weight = 60 + dataset_below(&r, 80);
	return t.weekday == 0 || t.weekday == 6 ? weight / 2 : weight;
}

static int64_t draw_session_length(struct dataset_rng *r)
{
	static const struct {
		int up_to_percent;
		int from, span;
	} rows[] = { { 25, 1, 1 },  { 40, 2, 1 },   { 58, 3, 2 },   { 75, 5, 4 },
		     { 88, 9, 12 }, { 96, 21, 25 }, { 100, 46, 65 } };
	int64_t percent = dataset_below(r, 100);
	size_t i = 0;
	while (percent >= rows[i].up_to_percent)
		i++;
	return rows[i].from + dataset_below(r, rows[i].span);
}

static int64_t draw_start(struct dataset_rng *r)
{
	/* Shares of the hours (UTC) in a thousand: quiet at night, most in the late afternoon. */
	static const int hours[24] = { 20, 20, 19, 18, 20, 22, 23, 24, 27, 31, 36, 41,
				       45, 48, 58, 64, 68, 66, 64, 52, 46, 41, 37, 110 };
	int64_t share = dataset_below(r, 1000);
	int hour = 0;
	while (hour < 23 && share >= hours[hour])
		share -= hours[hour++];
	if (hour == 23)
		hour = (int)dataset_below(r, 24);
	return hour * INT64_C(3600000) + dataset_below(r, 3600000);
}

static int compare_sessions(const void *a, const void *b)
{
	const struct session *x = a, *y = b;
	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	if (x->user != y->user)
		return x->user < y->user ? -1 : 1;
	return (x->events > y->events) - (x->events < y->events);
}

static int compare_happenings(const void *a, const void *b)
{
	const struct happening *x = a, *y = b;
	if (x->ts != y->ts)
		return x->ts < y->ts ? -1 : 1;
	if (x->session != y->session)
		return x->session < y->session ? -1 : 1;
	return (x->item > y->item) - (x->item < y->item);
}

/* What somebody does next who is logged in. */
static enum page draw_page(struct dataset_rng *r, bool pays)
{
	static const struct {
		enum page page;
		int share; /* of a thousand; what is left is NextSong */
	} rows[] = { { PAGE_HOME, 62 }, { PAGE_LOGOUT, 11 }, { PAGE_SETTINGS, 8 },  { PAGE_HELP, 6 },
		     { PAGE_ABOUT, 4 }, { PAGE_ERROR, 2 },   { PAGE_DOWNGRADE, 9 }, { PAGE_UPGRADE, 9 } };
	int64_t share = dataset_below(r, 1000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (share < rows[i].share) {
			bool fits = rows[i].page != (pays ? PAGE_UPGRADE : PAGE_DOWNGRADE);
			return fits ? rows[i].page : PAGE_NEXT_SONG;
		}
		share -= rows[i].share;
	}
	return PAGE_NEXT_SONG;
}

/* After looking at a page, some go through with it. */
static enum page follow_page(struct dataset_rng *r, enum page page)
{
	if (page == PAGE_SETTINGS && dataset_chance(r, 20))
		return PAGE_SAVE_SETTINGS;
	if (page == PAGE_UPGRADE && dataset_chance(r, 35))
		return PAGE_SUBMIT_UPGRADE;
	if (page == PAGE_DOWNGRADE && dataset_chance(r, 4))
		return PAGE_SUBMIT_DOWNGRADE;
	return pages[page].then;
}

static void choose_song(const struct dataset_options *o, struct dataset_rng *r, struct happening *h)
{
	/* Most of what people play is not in song_data; some is, and some only looks as if it were. */
	if (o->songs > 0 && dataset_chance(r, 17)) {
		h->song = dataset_skewed(r, o->songs);
		h->twist = dataset_chance(r, 5) ? TWIST_LENGTH : dataset_chance(r, 5) ? TWIST_ARTIST : TWIST_NONE;
	} else {
		h->song = o->songs + dataset_skewed(r, 2 * o->songs + 5000);
	}
}

/* Milliseconds until the next event: a song is listened to, a page is looked at. */
static int64_t stay_ms(const struct dataset_options *o, struct dataset_rng *r, const struct happening *h)
{
	if (h->song < 0)
		return (1 + dataset_below(r, 90)) * 1000;
	struct dataset_song s;
	dataset_make_song(o->seed, o->songs, h->song, &s);
	return s.duration_e5 / 100000 * 1000;
}

static int add_session(struct generator *g, struct dataset_rng *r, int64_t midnight, const struct session *s,
		       struct err *err)
{
	bool in = !dataset_chance(r, 12);
	int64_t ts = midnight + s->start, end = midnight + DAY_MS;
	enum page forced = PAGE_COUNT;
	uint8_t *pays = &g->pays[s->user];
	for (int64_t i = 0; i < s->events; i++) {
		struct happening h = { .ts = ts, .session = g->next_session, .song = -1, .item = (int)i };
		if (forced != PAGE_COUNT)
			h.page = (uint8_t)forced;
		else if (!in)
			h.page = dataset_chance(r, 45) ? PAGE_LOGIN : dataset_chance(r, 85) ? PAGE_HOME : PAGE_ABOUT;
		else
			h.page = (uint8_t)(i == 0 && dataset_chance(r, 35) ? PAGE_HOME : draw_page(r, *pays));
		h.user = in ? s->user : -1;
		h.paid = *pays;
		if (h.page == PAGE_NEXT_SONG)
			choose_song(g->o, r, &h);
		if (h.page == PAGE_LOGIN)
			in = true;
		else if (h.page == PAGE_LOGOUT)
			in = false;
		else if (h.page == PAGE_SUBMIT_UPGRADE)
			*pays = 1;
		else if (h.page == PAGE_SUBMIT_DOWNGRADE)
			*pays = 0;
		forced = follow_page(r, (enum page)h.page);
		int64_t stay = stay_ms(g->o, r, &h), most = (end - ts) / (s->events - i + 1);
		ts += stay < most ? stay : most; /* a session ends with its day */
		if (mem_grow(&g->day, &g->day_cap, g->day_count, sizeof(*g->day)) != 0)
			return err_nomem(err);
		g->day[g->day_count++] = h;
	}
	g->next_session++;
	return 0;
}

/* Sessions in order of their start, with `events` events together. */
static int plan_sessions(struct generator *g, struct dataset_rng *r, int64_t events, struct err *err)
{
	g->session_count = 0;
	while (events > 0) {
		struct session s = { .start = draw_start(r),
				     .user = dataset_skewed(r, g->o->users),
				     .events = draw_session_length(r) };
		if (s.events > events)
			s.events = events;
		events -= s.events;
		if (mem_grow(&g->sessions, &g->session_cap, g->session_count, sizeof(s)) != 0)
			return err_nomem(err);
		g->sessions[g->session_count++] = s;
	}
	if (g->session_count > 1)
		qsort(g->sessions, g->session_count, sizeof(*g->sessions), compare_sessions);
	return 0;
}

static int emit_day(struct generator *g, int day, int64_t events, struct err *err)
{
	struct dataset_rng r = dataset_rng(g->o->seed, STREAM_DAY, day);
	int64_t midnight = FIRST_DAY_MS + day * DAY_MS;
	if (plan_sessions(g, &r, events, err) != 0)
		return -1;
	g->day_count = 0;
	for (size_t i = 0; i < g->session_count; i++) {
		if (add_session(g, &r, midnight, &g->sessions[i], err) != 0)
			return -1;
	}
	if (g->day_count > 1)
		qsort(g->day, g->day_count, sizeof(*g->day), compare_happenings);

	buf_reset(&g->text);
	for (size_t i = 0; i < g->day_count; i++) {
		if (i > 0)
			buf_putc(&g->text, '\n');
		add_event(g, &g->day[i]);
	}
	struct utc t;
	char key[64];
	clock_to_utc(midnight, &t);
	snprintf(key, sizeof(key), "log_data/%04d/%02d/%04d-%02d-%02d-events.json", t.year, t.month, t.year, t.month,
		 t.day);
	return emit_text(g, key, err);
}

static int emit_days(struct generator *g, struct err *err)
{
	const struct dataset_options *o = g->o;
	int64_t total = 0, before = 0, done = 0;
	for (int day = 0; day < o->days; day++)
		total += day_weight(o, day);
	for (int64_t i = 0; i < o->users; i++) {
		struct dataset_user u;
		dataset_make_user(o->seed, o->users, i, &u);
		g->pays[i] = u.pays_at_start;
	}
	for (int day = 0; day < o->days; day++) {
		before += day_weight(o, day);
		int64_t until = o->events * before / total;
		int rc = until > done ? emit_day(g, day, until - done, err) : 0;
		if (rc != 0)
			return rc;
		done = until;
	}
	return 0;
}

int dataset_generate(const struct dataset_options *o,
		     int (*emit)(void *arg, const char *key, const void *data, size_t len), void *arg, struct err *err)
{
	struct generator g = { .o = o, .emit = emit, .arg = arg, .next_session = 1 };
	if (check_options(o, err) != 0)
		return -1;
	int rc = -1;
	buf_init(&g.text, SIZE_MAX / 2);
	g.pays = mem_alloc((size_t)o->users);
	if (!g.pays) {
		err_nomem(err);
		goto out;
	}
	for (int64_t i = 0; i < o->songs; i++) {
		if ((rc = emit_song(&g, i, err)) != 0)
			goto out;
	}
	if ((rc = emit_jsonpaths(&g, err)) != 0)
		goto out;
	rc = emit_days(&g, err);
out:
	buf_clear(&g.text);
	mem_free(g.day);
	mem_free(g.sessions);
	mem_free(g.pays);
	return rc;
}
