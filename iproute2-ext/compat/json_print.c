// SPDX-License-Identifier: GPL-2.0
/*
 * Text or JSON, by json-c.  An object of the outer array is printed as soon as it
 * is closed, so that a long dump takes no more memory than one object.  It must
 * not know what is printed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "json_print.h"
#include "utils.h"

#define DEPTH_MAX 8

static struct {
	bool active;
	bool array;	      /* brackets around the objects */
	unsigned int printed; /* objects so far */
	struct json_object *open[DEPTH_MAX];
	unsigned int depth; /* how many are open */
} output;

static void out_of_memory(void)
{
	fprintf(stderr, "Error: out of memory.\n");
	exit(1);
}

static void begin(int want_json, bool array)
{
	if (!want_json)
		return;
	memset(&output, 0, sizeof(output));
	output.active = true;
	output.array = array;
	if (array)
		printf("[");
}

static void end(void)
{
	if (!output.active)
		return;
	printf(output.array ? "]\n" : "\n");
	fflush(stdout);
	output.active = false;
}

void new_json_obj(int want_json)
{
	begin(want_json, true);
}

void delete_json_obj(void)
{
	end();
}

void new_json_obj_plain(int want_json)
{
	begin(want_json, false);
}

void delete_json_obj_plain(void)
{
	end();
}

bool is_json_context(void)
{
	return output.active;
}

/* Takes value over. */
static void add(const char *key, struct json_object *value)
{
	struct json_object *parent = output.depth ? output.open[output.depth - 1] : NULL;

	if (!value)
		out_of_memory();
	if (!parent)
		return;
	if (json_object_is_type(parent, json_type_array)) {
		if (json_object_array_add(parent, value))
			out_of_memory();
	} else if (json_object_object_add(parent, key, value)) {
		out_of_memory();
	}
}

static void push(const char *key, struct json_object *value)
{
	add(key, value);
	if (output.depth == DEPTH_MAX)
		abort();
	output.open[output.depth++] = value;
}

static void pop(void)
{
	struct json_object *top = output.open[--output.depth];
	int flags = JSON_C_TO_STRING_NOSLASHESCAPE;

	if (output.depth)
		return;
	flags |= pretty ? JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED
			: JSON_C_TO_STRING_PLAIN;
	if (output.printed++)
		printf(",");
	printf("%s", json_object_to_json_string_ext(top, flags));
	json_object_put(top);
}

void open_json_object(const char *str)
{
	if (output.active)
		push(str, json_object_new_object());
}

void close_json_object(void)
{
	if (output.active)
		pop();
}

void open_json_array(enum output_type type, const char *str)
{
	if (output.active) {
		if (type != PRINT_FP)
			push(str, json_object_new_array());
	} else if (type != PRINT_JSON) {
		printf("%s", str);
	}
}

void close_json_array(enum output_type type, const char *str)
{
	if (output.active) {
		if (type != PRINT_FP)
			pop();
	} else if (type != PRINT_JSON) {
		printf("%s", str);
	}
}

void print_nl(void)
{
	if (!output.active)
		printf("%s", _SL_);
}

/* Ten significant digits at most, not the seventeen that json-c would write. */
static struct json_object *json_float(double value)
{
	char digits[32];

	snprintf(digits, sizeof(digits), "%.10g", value);
	return json_object_new_double_s(value, digits);
}

/* The format comes from the caller, and was checked there. */
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#define PRINT_FUNCTION(name, type, constructor)                                                    \
	int print_color_##name(enum output_type t, enum color_attr color, const char *key,         \
			       const char *fmt, type value)                                        \
	{                                                                                          \
		if (output.active) {                                                               \
			if (t != PRINT_FP)                                                         \
				add(key, constructor(value));                                      \
			return 0;                                                                  \
		}                                                                                  \
		return t == PRINT_JSON ? 0 : color_fprintf(stdout, color, fmt, value);             \
	}

PRINT_FUNCTION(bool, bool, json_object_new_boolean)
PRINT_FUNCTION(string, const char *, json_object_new_string)
PRINT_FUNCTION(uint, unsigned int, json_object_new_int64)
PRINT_FUNCTION(u64, uint64_t, json_object_new_uint64)
PRINT_FUNCTION(float, double, json_float)
