#include "spark/base/dynlib.h"

#include <dlfcn.h>
#include <string.h>

/* Which package brings a library on Debian and Ubuntu. */
static const struct {
	const char *soname, *package;
} packages[] = {
	{ "libcurl.so.4", "libcurl4" },
	{ "libpq.so.5", "libpq5" },
	{ "libxml2.so.2", "libxml2" },
};

/* A library that is missing, or one that this process has no room for. */
static void hint_package(struct err *err, const char *soname)
{
	if (!strstr(err->text, "No such file")) {
		err_hint(err, "it is there but cannot be used: see whether 'ulimit -a' allows enough memory and open "
			      "files");
		return;
	}
	for (size_t i = 0; i < sizeof(packages) / sizeof(packages[0]); i++) {
		if (strcmp(packages[i].soname, soname) == 0) {
			err_hint(err, "install it, on Debian and Ubuntu with: apt-get install %s", packages[i].package);
			return;
		}
	}
	err_hint(err, "install the package that contains it");
}

int dynlib_load(const char *soname, const struct dynlib_symbol *symbols, size_t count, struct err *err)
{
	void *lib = dlopen(soname, RTLD_NOW | RTLD_LOCAL);

	if (!lib) {
		const char *reason = dlerror();

		err_set(err, ERR_CONFIG, "cannot load the library '%s': %s", soname,
			reason ? reason : "unknown reason");
		hint_package(err, soname);
		return -1;
	}
	for (size_t i = 0; i < count; i++) {
		*symbols[i].slot = dlsym(lib, symbols[i].name);
		if (!*symbols[i].slot) {
			err_set(err, ERR_CONFIG, "the library '%s' has no function '%s'", soname, symbols[i].name);
			return err_hint(err, "it is too old or not the one that was meant: install a newer version");
		}
	}
	return 0;
}
