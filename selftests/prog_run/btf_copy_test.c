// SPDX-License-Identifier: GPL-2.0
/*
 * What an upgrade makes of a value whose type has changed (user/btf_copy.h): types are made here,
 * as they could be before and after.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/btf.h>

#include "tap.h"
#include "user/btf_copy.h"

/* Of the variable arguments of add_struct(). */
#define END ((const char *)NULL)

struct types {
	struct btf *btf;
	int u8, u16, u32, u64;
};

static void make(struct types *types)
{
	types->btf = btf__new_empty();
	if (!types->btf) {
		printf("Bail out! no BTF\n");
		exit(1);
	}
	types->u8 = btf__add_int(types->btf, "u8", 1, 0);
	types->u16 = btf__add_int(types->btf, "u16", 2, 0);
	types->u32 = btf__add_int(types->btf, "u32", 4, 0);
	types->u64 = btf__add_int(types->btf, "u64", 8, 0);
}

/* name, type, name, type... until END; packed as they come. */
static uint32_t add_struct(struct types *types, const char *name, ...)
{
	va_list arguments;
	const char *member;
	uint32_t bytes = 0;
	int id, total = 0;

	va_start(arguments, name);
	while ((member = va_arg(arguments, const char *)))
		total += (int)btf__resolve_size(types->btf, (uint32_t)va_arg(arguments, int));
	va_end(arguments);
	id = btf__add_struct(types->btf, name, (uint32_t)total);
	va_start(arguments, name);
	while ((member = va_arg(arguments, const char *))) {
		int type = va_arg(arguments, int);

		btf__add_field(types->btf, member, type, bytes * 8, 0);
		bytes += (uint32_t)btf__resolve_size(types->btf, (uint32_t)type);
	}
	va_end(arguments);
	return (uint32_t)id;
}

static void test_members(void)
{
	struct {
		uint32_t a;
		uint8_t gone, b, pad[2];
		uint64_t c;
	} __attribute__((packed)) from = {1, 2, 3, {4, 5}, 6};
	struct {
		uint64_t c, novel;
		uint32_t b, a;
	} __attribute__((packed)) to = {};
	struct types before, after;
	uint32_t old, now;
	char member[32];

	make(&before);
	make(&after);
	old = add_struct(&before, "s", "a", before.u32, "gone", before.u8, "b", before.u8, "pad",
			 before.u16, "c", before.u64, END);
	now = add_struct(&after, "s", "c", after.u64, "novel", after.u64, "b", after.u32, "a",
			 after.u32, END);
	tap_equal(btf_copy(before.btf, old, &from, after.btf, now, &to, member, sizeof(member)), 0,
		  "members are found by their names");
	tap_check(to.a == 1 && to.b == 3 && to.c == 6, "wherever they are, and wider");
	tap_equal(to.novel, 0, "a new one is zero");
	btf__free(before.btf);
	btf__free(after.btf);
}

static void test_narrow(void)
{
	uint32_t fits = 255, too_large = 256;
	struct types before, after;
	uint32_t old, now;
	char member[32];
	uint8_t to = 0;

	make(&before);
	make(&after);
	old = add_struct(&before, "s", "count", before.u32, END);
	now = add_struct(&after, "s", "count", after.u8, END);
	tap_check(btf_copy(before.btf, old, &fits, after.btf, now, &to, member, sizeof(member)) ==
				  0 &&
			  to == 255,
		  "a number becomes narrower if it fits");
	tap_check(btf_copy(before.btf, old, &too_large, after.btf, now, &to, member,
			   sizeof(member)) == -ERANGE &&
			  !strcmp(member, "count"),
		  "and is refused by its name if it doesn't");
	btf__free(before.btf);
	btf__free(after.btf);
}

static void test_arrays(void)
{
	struct types before, after;
	uint8_t from[4] = {1, 2, 3, 0}, longer[6] = {}, shorter[3] = {}, much_shorter[2] = {};
	char member[32];
	int old, six, three, two;

	make(&before);
	make(&after);
	old = btf__add_array(before.btf, before.u32, before.u8, 4);
	six = btf__add_array(after.btf, after.u32, after.u8, 6);
	three = btf__add_array(after.btf, after.u32, after.u8, 3);
	two = btf__add_array(after.btf, after.u32, after.u8, 2);
	tap_check(btf_copy(before.btf, (uint32_t)old, from, after.btf, (uint32_t)six, longer,
			   member, sizeof(member)) == 0 &&
			  !memcmp(longer, (uint8_t[]){1, 2, 3, 0, 0, 0}, 6),
		  "an array that grew has zeroes behind");
	tap_check(btf_copy(before.btf, (uint32_t)old, from, after.btf, (uint32_t)three, shorter,
			   member, sizeof(member)) == 0 &&
			  shorter[2] == 3,
		  "one that shrank had only zeroes there");
	tap_equal(btf_copy(before.btf, (uint32_t)old, from, after.btf, (uint32_t)two, much_shorter,
			   member, sizeof(member)),
		  -ERANGE, "or is refused");
	btf__free(before.btf);
	btf__free(after.btf);
}

static void test_kinds(void)
{
	struct types before, after;
	uint32_t old, now, inner;
	uint64_t from = 1, to = 0;
	char member[32];

	make(&before);
	make(&after);
	old = add_struct(&before, "s", "it", before.u64, END);
	inner = add_struct(&after, "inner", "x", after.u64, END);
	now = add_struct(&after, "s", "it", inner, END);
	tap_check(btf_copy(before.btf, old, &from, after.btf, now, &to, member, sizeof(member)) ==
				  -EINVAL &&
			  !strcmp(member, "it"),
		  "a number that became a struct is refused by its name");
	btf__free(after.btf);
	make(&after);
	now = add_struct(&after, "s", "reserved", after.u64, END);
	btf__free(before.btf);
	make(&before);
	old = add_struct(&before, "s", "reserved", before.u64, END);
	tap_check(btf_copy(before.btf, old, &from, after.btf, now, &to, member, sizeof(member)) ==
				  0 &&
			  to == 0,
		  "what is reserved stays zero");
	btf__free(before.btf);
	btf__free(after.btf);
}

/* The kernel makes them; a copy would be nonsense. */
static void test_special(void)
{
	struct types before, after;
	uint32_t from = 7, to = 0, old, now;
	char member[32];

	make(&before);
	make(&after);
	old = add_struct(&before, "bpf_spin_lock", "val", before.u32, END);
	now = add_struct(&after, "bpf_spin_lock", "val", after.u32, END);
	tap_check(btf_copy(before.btf, old, &from, after.btf, now, &to, member, sizeof(member)) ==
				  0 &&
			  to == 0,
		  "a lock isn't copied");
	btf__free(before.btf);
	btf__free(after.btf);
}

int main(void)
{
	test_members();
	test_narrow();
	test_arrays();
	test_kinds();
	test_special();
	return tap_finish();
}
