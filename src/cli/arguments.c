#include "spark/cli/arguments.h"

#include <string.h>

#include "spark/base/mem.h"

const struct global_option global_options[] = {
	{ "help", 'h', NULL, "explain the command and end" },
	{ "version", 0, NULL, "tell the version and end" },
	{ "json", 0, NULL, "write data as JSON" },
	{ "quiet", 'q', NULL, "no notes and no progress" },
	{ "verbose", 'v', NULL, "tell what happens; -vv tells more" },
	{ "no-color", 0, NULL, "no colour" },
	{ "no-input", 0, NULL, "never ask; what would be asked is an error" },
	{ "yes", 'y', NULL, "answer every question with yes" },
	{ "config", 0, "FILE", "settings to read instead of ./dwh.cfg" },
};
const size_t global_option_count = sizeof(global_options) / sizeof(global_options[0]);

/* The command line as it is worked through. */
struct parser {
	struct arguments *a;
	const char *const *argv;
	int argc, at;
	bool options_ended;
};

void arguments_clear(struct arguments *a)
{
	mem_free(a->settings);
	mem_free(a->own);
	mem_free(a->operands);
	memset(a, 0, sizeof(*a));
}

static int add_setting(struct arguments *a, const struct option_row *row, const char *value, struct err *err)
{
	if (mem_grow(&a->settings, &a->setting_cap, a->setting_count, sizeof(*a->settings)) != 0)
		return err_nomem(err);
	a->settings[a->setting_count++] = (struct given_setting){ row, value };
	return 0;
}

static bool is_choice(const char *choices, const char *value)
{
	size_t len = strlen(value);
	for (const char *p = choices; p; p = strchr(p, '|') ? strchr(p, '|') + 1 : NULL) {
		if (strncmp(p, value, len) == 0 && (p[len] == 0 || p[len] == '|'))
			return len > 0;
	}
	return false;
}

static int add_own(struct arguments *a, const struct command_option *option, const char *value, struct err *err)
{
	if (option->choices && !is_choice(option->choices, value)) {
		err_set(err, ERR_USAGE, "option '--%s' does not take '%s'", option->flag, value);
		return err_hint(err, "give one of %s", option->choices);
	}
	if (mem_grow(&a->own, &a->own_cap, a->own_count, sizeof(*a->own)) != 0)
		return err_nomem(err);
	a->own[a->own_count++] = (struct given_option){ option, value };
	return 0;
}

static void set_global(struct arguments *a, const struct global_option *option, const char *value)
{
	switch (option->flag[0]) {
	case 'h':
		a->help = true;
		break;
	case 'j':
		a->json = true;
		break;
	case 'q':
		a->quiet = true;
		break;
	case 'n':
		if (strcmp(option->flag, "no-color") == 0)
			a->no_color = true;
		else
			a->no_input = true;
		break;
	case 'y':
		a->yes = true;
		break;
	case 'c':
		a->config_path = value;
		break;
	default:
		if (strcmp(option->flag, "version") == 0)
			a->version = true;
		else
			a->verbosity++;
	}
}

/* What a name on the command line stands for: one of the three is set. */
struct meaning {
	const struct global_option *global;
	const struct command_option *own;
	const struct option_row *setting;
};

static bool find_meaning(const struct arguments *a, const char *flag, char letter, struct meaning *out)
{
	*out = (struct meaning){ 0 };
	for (const struct command_option *o = a->command ? a->command->options : NULL; o && o->flag; o++) {
		if (flag ? strcmp(o->flag, flag) == 0 : (o->letter && o->letter == letter)) {
			out->own = o;
			return true;
		}
	}
	for (size_t i = 0; i < global_option_count; i++) {
		const struct global_option *o = &global_options[i];
		if (flag ? strcmp(o->flag, flag) == 0 : (o->letter && o->letter == letter)) {
			out->global = o;
			return true;
		}
	}
	out->setting = flag ? option_by_flag(flag) : NULL;
	return out->setting != NULL;
}

static int unknown_option(const struct arguments *a, const char *shown, const char *flag, struct err *err)
{
	const char *names[128];
	size_t count = 0;
	for (const struct command_option *o = a->command ? a->command->options : NULL; o && o->flag && count < 32; o++)
		names[count++] = o->flag;
	for (size_t i = 0; i < global_option_count; i++)
		names[count++] = global_options[i].flag;
	for (int i = 0; i < OPT_COUNT; i++) {
		if (option_rows[i].flag && (!a->command || command_takes_setting(a->command, &option_rows[i])))
			names[count++] = option_rows[i].flag;
	}
	err_set(err, ERR_USAGE, "unknown option '%s'", shown);
	const char *near = flag && *flag ? config_nearest(flag, names, count) : NULL;
	if (near)
		return err_hint(err, "did you mean '--%s'?", near);
	if (!a->command)
		return err_hint(err, "'sparkctl help' lists the options that every command has");
	return err_hint(err, "'sparkctl help %s%s%s' lists its options", a->parent ? a->parent->name : "",
			a->parent ? " " : "", a->command->name);
}

/* "[SECONDS]": the value may be left out. */
static bool may_be_left_out(const struct command_option *o)
{
	return o && o->value_name && o->value_name[0] == '[';
}

static bool is_number(const char *word)
{
	return *word && !word[strspn(word, "0123456789")];
}

static bool is_yes_or_no(const char *word)
{
	return word && (strcmp(word, "yes") == 0 || strcmp(word, "no") == 0);
}

static int take_meaning(struct parser *p, const struct meaning *m, const char *shown, const char *value,
			struct err *err)
{
	struct arguments *a = p->a;
	bool wants = m->own ? m->own->value_name != NULL : m->global ? m->global->value_name != NULL : true;
	if (!wants && value)
		return err_set(err, ERR_USAGE, "option '%s' takes no value", shown);
	/* a switch among the settings means yes when neither word stands behind it */
	if (m->setting && option_is_switch(m->setting) && !value && (p->at >= p->argc || !is_yes_or_no(p->argv[p->at])))
		value = "yes";
	if (!value && may_be_left_out(m->own) && (p->at >= p->argc || !is_number(p->argv[p->at])))
		return add_own(a, m->own, m->own->fallback, err);
	if (wants && !value) {
		if (p->at >= p->argc) {
			const char *name = m->own      ? m->own->value_name
					   : m->global ? m->global->value_name
						       : m->setting->value_name;
			err_set(err, ERR_USAGE, "option '%s' needs a value", shown);
			return err_hint(err, "write '%s %s'", shown, name);
		}
		value = p->argv[p->at++];
	}
	if (m->own)
		return add_own(a, m->own, value, err);
	if (m->setting)
		return add_setting(a, m->setting, value, err);
	set_global(a, m->global, value);
	return 0;
}

static int parse_long(struct parser *p, const char *word, struct err *err)
{
	char flag[64];
	const char *equals = strchr(word, '=');
	size_t len = equals ? (size_t)(equals - word) : strlen(word);
	struct meaning m;
	if (len >= sizeof(flag) + 2)
		return unknown_option(p->a, word, NULL, err);
	char shown[sizeof(flag) + 2];
	memcpy(shown, word, len);
	shown[len] = 0;
	memcpy(flag, shown + 2, len - 1);
	if (!find_meaning(p->a, flag, 0, &m))
		return unknown_option(p->a, shown, flag, err);
	return take_meaning(p, &m, shown, equals ? equals + 1 : NULL, err);
}

static int parse_letters(struct parser *p, const char *word, struct err *err)
{
	for (const char *c = word + 1; *c; c++) {
		char shown[3] = { '-', *c, 0 };
		struct meaning m;
		if (!find_meaning(p->a, NULL, *c, &m))
			return unknown_option(p->a, shown, NULL, err);
		bool wants = m.own ? m.own->value_name != NULL : m.global->value_name != NULL;
		const char *rest = wants && c[1] ? c + 1 : NULL;
		if (take_meaning(p, &m, shown, rest, err) != 0)
			return -1;
		if (wants)
			break;
	}
	return 0;
}

static int parse_operand(struct parser *p, const char *word, struct err *err)
{
	struct arguments *a = p->a;
	if (!a->command) {
		a->command = command_find(commands, word);
		return a->command ? 0 : command_unknown(commands, NULL, word, err);
	}
	if (a->command->children) {
		a->parent = a->command;
		a->command = command_find(a->parent->children, word);
		return a->command ? 0 : command_unknown(a->parent->children, a->parent, word, err);
	}
	if (mem_grow(&a->operands, &a->operand_cap, a->operand_count, sizeof(*a->operands)) != 0)
		return err_nomem(err);
	a->operands[a->operand_count++] = word;
	return 0;
}

static int usage_hint(const struct arguments *a, struct err *err)
{
	const char *parent = a->parent ? a->parent->name : "", *blank = a->parent ? " " : "";
	const char *usage = a->command->usage ? a->command->usage : "";
	return err_hint(err, "usage: sparkctl %s%s%s%s%s", parent, blank, a->command->name, *usage ? " " : "", usage);
}

static int check_complete(const struct arguments *a, struct err *err)
{
	const struct command *c = a->command;
	if (a->help || a->version)
		return 0;
	if (!c)
		return 0;
	if (c->children) {
		err_set(err, ERR_USAGE, "'%s' needs to know what to do", c->name);
		return err_hint(err, "'sparkctl help %s' lists what there is", c->name);
	}
	for (size_t i = 0; i < a->setting_count; i++) {
		if (!command_takes_setting(c, a->settings[i].row)) {
			err_set(err, ERR_USAGE, "option '--%s' is not one of '%s'", a->settings[i].row->flag, c->name);
			return err_hint(err, "'sparkctl help %s' lists its options",
					a->parent ? a->parent->name : c->name);
		}
	}
	if (c->args_max >= 0 && a->operand_count > (size_t)c->args_max) {
		err_set(err, ERR_USAGE, "'%s' is one argument too many", a->operands[c->args_max]);
		return usage_hint(a, err);
	}
	if (a->operand_count < (size_t)c->args_min) {
		err_set(err, ERR_USAGE, "'%s' needs %s", c->name, c->args_min == 1 ? "an argument" : "more arguments");
		return usage_hint(a, err);
	}
	return 0;
}

int arguments_parse(int argc, const char *const *argv, struct arguments *out, struct err *err)
{
	struct arguments a = { 0 };
	struct parser p = { .a = &a, .argv = argv, .argc = argc };
	while (p.at < argc) {
		const char *word = argv[p.at++];
		int rc = 0;
		if (p.options_ended || word[0] != '-' || word[1] == 0) {
			rc = parse_operand(&p, word, err);
		} else if (strcmp(word, "--") == 0) {
			p.options_ended = true;
			a.operands_before = a.operand_count;
		} else if (word[1] == '-') {
			rc = parse_long(&p, word, err);
		} else {
			rc = parse_letters(&p, word, err);
		}
		if (rc != 0)
			goto fail;
	}
	if (!p.options_ended)
		a.operands_before = a.operand_count;
	if (check_complete(&a, err) != 0)
		goto fail;
	*out = a;
	return 0;
fail:
	arguments_clear(&a);
	return -1;
}

int arguments_apply(const struct arguments *a, struct config *config, struct err *err)
{
	for (size_t i = 0; i < a->setting_count; i++) {
		if (config_set_flag(config, a->settings[i].row->id, a->settings[i].value, err) != 0)
			return -1;
	}
	return 0;
}

static const struct given_option *find_given(const struct context *ctx, const char *flag)
{
	const struct arguments *a = ctx->arguments;
	for (size_t i = a->own_count; i-- > 0;) {
		if (strcmp(a->own[i].option->flag, flag) == 0)
			return &a->own[i];
	}
	return NULL;
}

const char *context_option(const struct context *ctx, const char *flag)
{
	const struct given_option *given = find_given(ctx, flag);
	if (given)
		return given->value;
	for (const struct command_option *o = ctx->command->options; o && o->flag; o++) {
		if (strcmp(o->flag, flag) == 0)
			return o->fallback;
	}
	return NULL;
}

bool context_switch(const struct context *ctx, const char *flag)
{
	return find_given(ctx, flag) != NULL;
}
