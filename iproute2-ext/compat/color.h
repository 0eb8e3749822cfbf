/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What `ip bfd` needs of iproute2's color.h.  See utils.h for the rules.
 */
#ifndef IPBFD_COMPAT_COLOR_H
#define IPBFD_COMPAT_COLOR_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum color_attr {
	COLOR_IFNAME,
	COLOR_MAC,
	COLOR_INET,
	COLOR_INET6,
	COLOR_OPERSTATE_UP,
	COLOR_OPERSTATE_DOWN,
	COLOR_NONE,
};

enum color_opt {
	COLOR_OPT_NEVER = 0,
	COLOR_OPT_AUTO = 1,
	COLOR_OPT_ALWAYS = 2,
};

/* If arg is -c[olor][={always|auto|never}], set *val and return true. */
bool matches_color(const char *arg, int *val);
/* Switch colours on as asked for; never in JSON. */
bool check_enable_color(int color, int json);
int color_fprintf(FILE *fp, enum color_attr attr, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
enum color_attr ifa_family_color(uint8_t ifa_family);

#endif /* IPBFD_COMPAT_COLOR_H */
