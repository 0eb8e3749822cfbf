// SPDX-License-Identifier: GPL-2.0
/*
 * See btf_copy.h.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <bpf/btf.h>

#include "btf_copy.h"

struct value {
	const struct btf *btf;
	uint32_t type; /* no modifier */
	union {
		const uint8_t *from;
		uint8_t *to;
	};
};

struct copy {
	char *member;
	size_t member_size;
};

static int copy_value(struct copy *copy, struct value from, struct value to);

static uint32_t plain_type(const struct btf *btf, uint32_t type)
{
	const struct btf_type *t = btf__type_by_id(btf, type);

	while (t && (btf_is_mod(t) || btf_is_typedef(t))) {
		type = t->type;
		t = btf__type_by_id(btf, type);
	}
	return type;
}

static bool is_number(const struct btf_type *type)
{
	return btf_is_int(type) || btf_is_any_enum(type);
}

bool btf_copy_is_zero(const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (bytes[i])
			return false;
	return true;
}

/* In the machine's order, as both are; sizes are powers of two up to 8. */
static uint64_t read_number(const uint8_t *bytes, uint32_t size)
{
	uint64_t u64;
	uint32_t u32;
	uint16_t u16;

	switch (size) {
	case 8:
		memcpy(&u64, bytes, 8);
		return u64;
	case 4:
		memcpy(&u32, bytes, 4);
		return u32;
	case 2:
		memcpy(&u16, bytes, 2);
		return u16;
	default:
		return bytes[0];
	}
}

static void write_number(uint8_t *bytes, uint32_t size, uint64_t number)
{
	uint32_t u32 = (uint32_t)number;
	uint16_t u16 = (uint16_t)number;

	switch (size) {
	case 8:
		memcpy(bytes, &number, 8);
		break;
	case 4:
		memcpy(bytes, &u32, 4);
		break;
	case 2:
		memcpy(bytes, &u16, 2);
		break;
	default:
		bytes[0] = (uint8_t)number;
	}
}

static int copy_number(struct value from, uint32_t from_size, struct value to, uint32_t to_size)
{
	uint64_t number = read_number(from.from, from_size);

	/* All numbers of our maps but one are unsigned; a negative one doesn't become wider. */
	if (to_size < from_size && number >> (8 * to_size))
		return -ERANGE;
	write_number(to.to, to_size, number);
	return 0;
}

static int copy_array(struct copy *copy, struct value from, struct value to)
{
	const struct btf_array *from_array = btf_array(btf__type_by_id(from.btf, from.type));
	const struct btf_array *to_array = btf_array(btf__type_by_id(to.btf, to.type));
	int64_t from_size = btf__resolve_size(from.btf, from_array->type);
	int64_t to_size = btf__resolve_size(to.btf, to_array->type);

	if (from_size <= 0 || to_size <= 0)
		return -EINVAL;
	for (uint32_t i = 0; i < from_array->nelems; i++) {
		struct value from_element = {
			from.btf, from_array->type, {.from = from.from + i * from_size}};
		struct value to_element = {to.btf, to_array->type, {.to = to.to + i * to_size}};
		int error = 0;

		if (i < to_array->nelems)
			error = copy_value(copy, from_element, to_element);
		else if (!btf_copy_is_zero(from_element.from, (size_t)from_size))
			error = -ERANGE;
		if (error)
			return error;
	}
	return 0;
}

/* The kernel's own, which aren't copied but made. */
static bool is_special(const struct btf *btf, const struct btf_type *type)
{
	const char *name = btf__name_by_offset(btf, type->name_off);

	return name && (!strcmp(name, "bpf_spin_lock") || !strcmp(name, "bpf_timer"));
}

static const struct btf_member *find_member(const struct btf *btf, const struct btf_type *type,
					    const char *name)
{
	const struct btf_member *members = btf_members(type);

	for (int i = 0; i < btf_vlen(type); i++)
		if (!strcmp(btf__name_by_offset(btf, members[i].name_off), name))
			return &members[i];
	return NULL;
}

static int copy_struct(struct copy *copy, struct value from, struct value to)
{
	const struct btf_type *from_type = btf__type_by_id(from.btf, from.type);
	const struct btf_type *to_type = btf__type_by_id(to.btf, to.type);
	const struct btf_member *members = btf_members(to_type);

	for (int i = 0; i < btf_vlen(to_type); i++) {
		const char *name = btf__name_by_offset(to.btf, members[i].name_off);
		const struct btf_member *old = find_member(from.btf, from_type, name);
		int error;

		/* What was nothing may be something now. */
		if (!old || !strncmp(name, "reserved", 8))
			continue;
		error = copy_value(
			copy,
			(struct value){from.btf, old->type, {.from = from.from + old->offset / 8}},
			(struct value){
				to.btf, members[i].type, {.to = to.to + members[i].offset / 8}});
		if (error) {
			if (!copy->member[0])
				snprintf(copy->member, copy->member_size, "%s", name);
			return error;
		}
	}
	return 0;
}

static int copy_value(struct copy *copy, struct value from, struct value to)
{
	const struct btf_type *from_type, *to_type;

	from.type = plain_type(from.btf, from.type);
	to.type = plain_type(to.btf, to.type);
	from_type = btf__type_by_id(from.btf, from.type);
	to_type = btf__type_by_id(to.btf, to.type);
	if (!from_type || !to_type)
		return -EINVAL;
	if (is_number(from_type) && is_number(to_type))
		return copy_number(from, from_type->size, to, to_type->size);
	if (btf_is_array(from_type) && btf_is_array(to_type))
		return copy_array(copy, from, to);
	if (!btf_is_composite(from_type) || !btf_is_composite(to_type))
		return -EINVAL;
	if (is_special(to.btf, to_type))
		return 0;
	return copy_struct(copy, from, to);
}

int btf_copy(const struct btf *from_btf, uint32_t from_type, const void *from,
	     const struct btf *to_btf, uint32_t to_type, void *to, char *member, size_t member_size)
{
	struct copy copy = {.member = member, .member_size = member_size};

	member[0] = '\0';
	return copy_value(&copy, (struct value){from_btf, from_type, {.from = from}},
			  (struct value){to_btf, to_type, {.to = to}});
}
