/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The form of a family's tables, as scripts/genl-gen.py writes them from the
 * YAML specification into genl/generated/.  It must not hold logic.
 */
#ifndef IPBFD_GENL_SPEC_H
#define IPBFD_GENL_SPEC_H

#include <stdbool.h>
#include <stdint.h>

enum genl_attribute_type {
	GENL_TYPE_NONE = 0, /* no such attribute */
	GENL_TYPE_FLAG,
	GENL_TYPE_U16,
	GENL_TYPE_U32,
	GENL_TYPE_U64,
	GENL_TYPE_STRING,
	GENL_TYPE_BINARY,
	GENL_TYPE_NEST,
};

/* The names of an enumeration's values, first to first + count - 1. */
struct genl_enum_spec {
	const char *name;
	uint32_t first;
	uint32_t count;
	const char *const *names;
};

struct genl_attribute_spec {
	const char *name; /* as in the specification; NULL: no such attribute */
	enum genl_attribute_type type;
	bool multi;   /* may occur more than once */
	uint64_t min; /* integers: range */
	uint64_t max;
	uint32_t min_length; /* strings (without a NUL) and binaries: bytes */
	uint32_t max_length;
	const struct genl_attribute_set *nested;
	const struct genl_enum_spec *values; /* NULL: a plain number */
};

struct genl_attribute_set {
	const char *name;
	uint32_t max;				      /* highest attribute number, at most 63 */
	const struct genl_attribute_spec *attributes; /* max + 1 of them, by number */
};

enum genl_op_flag {
	GENL_OP_ADMIN = 1, /* only for uid 0 */
	GENL_OP_DO = 2,
	GENL_OP_DUMP = 4,
	GENL_OP_NOTIFY = 8, /* only ever sent by the family */
};

/* One operation.  A mask has bit n set if attribute n may be in the request. */
struct genl_op_spec {
	const char *name;
	uint32_t command;
	uint32_t flags; /* enum genl_op_flag */
	const struct genl_attribute_set *set;
	uint64_t do_attributes;
	uint64_t dump_attributes;
};

struct genl_group_spec {
	const char *name;
	uint32_t id; /* 1 to 32 */
};

struct genl_family_spec {
	const char *name;
	uint32_t version;
	uint32_t op_count;
	const struct genl_op_spec *ops;
	uint32_t group_count;
	const struct genl_group_spec *groups;
};

#endif /* IPBFD_GENL_SPEC_H */
