// SPDX-License-Identifier: GPL-2.0
/*
 * Colours as iproute2 has them: bright ones on a dark background, which is
 * what COLORFGBG says.  It must not know what is printed.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "color.h"
#include "utils.h"

static bool color_on;
static bool dark_background;

static const char *const color_codes[COLOR_NONE][2] = {
	/* light background, dark background */
	[COLOR_IFNAME] = {"\033[36m", "\033[1;36m"},
	[COLOR_MAC] = {"\033[33m", "\033[1;33m"},
	[COLOR_INET] = {"\033[35m", "\033[1;35m"},
	[COLOR_INET6] = {"\033[34m", "\033[1;34m"},
	[COLOR_OPERSTATE_UP] = {"\033[32m", "\033[1;32m"},
	[COLOR_OPERSTATE_DOWN] = {"\033[31m", "\033[1;31m"},
};

bool matches_color(const char *arg, int *val)
{
	static const struct {
		const char *word;
		enum color_opt opt;
	} words[] = {
		{"always", COLOR_OPT_ALWAYS},
		{"auto", COLOR_OPT_AUTO},
		{"never", COLOR_OPT_NEVER},
	};
	const char *value = strchrnul(arg, '=');
	char option[sizeof("-color")];
	size_t i;

	if ((size_t)(value - arg) >= sizeof(option))
		return false;
	memcpy(option, arg, value - arg);
	option[value - arg] = '\0';
	if (matches(option, "-color"))
		return false;
	if (!*value) {
		*val = COLOR_OPT_ALWAYS;
		return true;
	}
	for (i = 0; i < ARRAY_SIZE(words); i++) {
		if (!strcmp(value + 1, words[i].word)) {
			*val = words[i].opt;
			return true;
		}
	}
	return false;
}

bool check_enable_color(int color, int json_output)
{
	const char *terminal = getenv("COLORFGBG");
	const char *background = terminal ? strrchr(terminal, ';') : NULL;

	if (json_output || color == COLOR_OPT_NEVER)
		return false;
	if (color == COLOR_OPT_AUTO && !isatty(STDOUT_FILENO))
		return false;
	/* The last number is the background's; 0 to 6 and 8 are dark. */
	if (background && background[1] && !background[2] && strchr("01234568", background[1]))
		dark_background = true;
	color_on = true;
	return true;
}

int color_fprintf(FILE *fp, enum color_attr attr, const char *fmt, ...)
{
	bool colored = color_on && attr != COLOR_NONE;
	va_list args;
	int length = 0;

	if (colored)
		length += fprintf(fp, "%s", color_codes[attr][dark_background]);
	va_start(args, fmt);
	length += vfprintf(fp, fmt, args);
	va_end(args);
	if (colored)
		length += fprintf(fp, "\033[0m");
	return length;
}

enum color_attr ifa_family_color(uint8_t ifa_family)
{
	return ifa_family == AF_INET6 ? COLOR_INET6 : COLOR_INET;
}
