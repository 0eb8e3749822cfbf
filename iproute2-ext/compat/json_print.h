/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What `ip bfd` needs of iproute2's json_print.h: one set of calls that prints
 * text, or JSON between new_json_obj(1) and delete_json_obj().  See utils.h for
 * the rules.
 */
#ifndef IPBFD_COMPAT_JSON_PRINT_H
#define IPBFD_COMPAT_JSON_PRINT_H

#include <stdbool.h>
#include <stdint.h>

#include "color.h"

enum output_type {
	PRINT_FP = 1,
	PRINT_JSON = 2,
	PRINT_ANY = 4,
};

/* An array on standard output, whose elements are printed as they are complete. */
void new_json_obj(int json);
void delete_json_obj(void);
/* The same without the array around. */
void new_json_obj_plain(int json);
void delete_json_obj_plain(void);
bool is_json_context(void);

/* str is the member's name, NULL in an array. */
void open_json_object(const char *str);
void close_json_object(void);
/* In text str is printed instead. */
void open_json_array(enum output_type type, const char *str);
void close_json_array(enum output_type type, const char *str);
/* The line separator, only in text. */
void print_nl(void);

#define IPBFD_PRINT_FUNCTION(name, type)                                                           \
	int print_color_##name(enum output_type t, enum color_attr color, const char *key,         \
			       const char *fmt, type value);                                       \
	static inline int print_##name(enum output_type t, const char *key, const char *fmt,       \
				       type value)                                                 \
	{                                                                                          \
		return print_color_##name(t, COLOR_NONE, key, fmt, value);                         \
	}

IPBFD_PRINT_FUNCTION(bool, bool)
IPBFD_PRINT_FUNCTION(string, const char *)
IPBFD_PRINT_FUNCTION(uint, unsigned int)
IPBFD_PRINT_FUNCTION(u64, uint64_t)
IPBFD_PRINT_FUNCTION(float, double)
#undef IPBFD_PRINT_FUNCTION

#endif /* IPBFD_COMPAT_JSON_PRINT_H */
