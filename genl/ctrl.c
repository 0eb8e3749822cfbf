/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The generic netlink controller (nlctrl), emulated: tells clients the id,
 * operations, multicast groups and policies of the families, in the messages of
 * the kernel's own (linux/genetlink.h).  It must not know a family's meaning.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <string.h>

#include <netlink/genl/genl.h>

#include "genl/family.h"

#define BIT(number) (UINT64_C(1) << (number))
#define CTRL_VERSION 2

static const struct genl_attribute_spec ctrl_table[] = {
	[CTRL_ATTR_FAMILY_ID] = {.name = "family-id", .type = GENL_TYPE_U16, .max = UINT16_MAX},
	[CTRL_ATTR_FAMILY_NAME] = {.name = "family-name",
				   .type = GENL_TYPE_STRING,
				   .max_length = GENL_NAMSIZ - 1},
	[CTRL_ATTR_OP] = {.name = "op", .type = GENL_TYPE_U32, .max = UINT32_MAX},
};

static const struct genl_attribute_set ctrl_attributes = {
	.name = "ctrl",
	.max = CTRL_ATTR_OP,
	.attributes = ctrl_table,
};

static const struct genl_op_spec ctrl_ops[] = {
	{
		.name = "getfamily",
		.command = CTRL_CMD_GETFAMILY,
		.flags = GENL_OP_DO | GENL_OP_DUMP,
		.set = &ctrl_attributes,
		.do_attributes = BIT(CTRL_ATTR_FAMILY_ID) | BIT(CTRL_ATTR_FAMILY_NAME),
		.dump_attributes = 0,
	},
	{
		.name = "getpolicy",
		.command = CTRL_CMD_GETPOLICY,
		.flags = GENL_OP_DUMP,
		.set = &ctrl_attributes,
		.do_attributes = 0,
		.dump_attributes = BIT(CTRL_ATTR_FAMILY_ID) | BIT(CTRL_ATTR_FAMILY_NAME) |
				   BIT(CTRL_ATTR_OP),
	},
};

const struct genl_family_spec genl_ctrl_spec = {
	.name = "nlctrl",
	.version = CTRL_VERSION,
	.op_count = sizeof(ctrl_ops) / sizeof(ctrl_ops[0]),
	.ops = ctrl_ops,
};

/* By name if there is one, else by id, as the kernel has it.  NULL: *error says why. */
static const struct genl_family *find_family(struct genl_request *request,
					     const struct genl_family *families, int *error)
{
	const struct nlattr *name = request->attributes[CTRL_ATTR_FAMILY_NAME];
	const struct nlattr *id = request->attributes[CTRL_ATTR_FAMILY_ID];
	int i;

	if (!name && !id) {
		*error = genl_fail_missing(request, CTRL_ATTR_FAMILY_NAME);
		return NULL;
	}
	for (i = 0; i < GENL_FAMILY_COUNT; i++)
		if (name ? !strcmp(families[i].spec->name, nla_get_string(name))
			 : families[i].id == nla_get_u16(id))
			return &families[i];
	if (name)
		*error = genl_fail_attribute(request, CTRL_ATTR_FAMILY_NAME, -ENOENT,
					     "no family has the name %s", nla_get_string(name));
	else
		*error = genl_fail_attribute(request, CTRL_ATTR_FAMILY_ID, -ENOENT,
					     "no family has the id %u", nla_get_u16(id));
	return NULL;
}

static uint32_t op_flags(const struct genl_op_spec *op)
{
	uint32_t flags = 0;

	if (op->flags & GENL_OP_ADMIN)
		flags |= GENL_ADMIN_PERM;
	if (op->flags & GENL_OP_DO)
		flags |= GENL_CMD_CAP_DO;
	if (op->flags & GENL_OP_DUMP)
		flags |= GENL_CMD_CAP_DUMP;
	if (op->do_attributes || op->dump_attributes)
		flags |= GENL_CMD_CAP_HASPOL;
	return flags;
}

static int put_ops(struct nl_msg *message, const struct genl_family_spec *spec)
{
	struct nlattr *list = nla_nest_start(message, CTRL_ATTR_OPS);
	struct nlattr *entry;
	uint32_t i;
	int number = 1;

	if (!list)
		return -EMSGSIZE;
	for (i = 0; i < spec->op_count; i++) {
		if (spec->ops[i].flags & GENL_OP_NOTIFY)
			continue;
		entry = nla_nest_start(message, number++);
		if (!entry || nla_put_u32(message, CTRL_ATTR_OP_ID, spec->ops[i].command) < 0 ||
		    nla_put_u32(message, CTRL_ATTR_OP_FLAGS, op_flags(&spec->ops[i])) < 0)
			return -EMSGSIZE;
		nla_nest_end(message, entry);
	}
	nla_nest_end(message, list);
	return 0;
}

static int put_groups(struct nl_msg *message, const struct genl_family_spec *spec)
{
	struct nlattr *entry;
	struct nlattr *list;
	uint32_t i;

	if (!spec->group_count)
		return 0;
	list = nla_nest_start(message, CTRL_ATTR_MCAST_GROUPS);
	if (!list)
		return -EMSGSIZE;
	for (i = 0; i < spec->group_count; i++) {
		entry = nla_nest_start(message, (int)i + 1);
		if (!entry ||
		    nla_put_u32(message, CTRL_ATTR_MCAST_GRP_ID, spec->groups[i].id) < 0 ||
		    nla_put_string(message, CTRL_ATTR_MCAST_GRP_NAME, spec->groups[i].name) < 0)
			return -EMSGSIZE;
		nla_nest_end(message, entry);
	}
	nla_nest_end(message, list);
	return 0;
}

static uint32_t highest_attribute(const struct genl_family_spec *spec)
{
	uint32_t highest = 0;
	uint32_t i;

	for (i = 0; i < spec->op_count; i++)
		if (spec->ops[i].set->max > highest)
			highest = spec->ops[i].set->max;
	return highest;
}

static int put_family(struct nl_msg *message, const struct genl_family *family)
{
	const struct genl_family_spec *spec = family->spec;
	int err;

	if (nla_put_string(message, CTRL_ATTR_FAMILY_NAME, spec->name) < 0 ||
	    nla_put_u16(message, CTRL_ATTR_FAMILY_ID, family->id) < 0 ||
	    nla_put_u32(message, CTRL_ATTR_VERSION, spec->version) < 0 ||
	    nla_put_u32(message, CTRL_ATTR_HDRSIZE, 0) < 0 ||
	    nla_put_u32(message, CTRL_ATTR_MAXATTR, highest_attribute(spec)) < 0)
		return -EMSGSIZE;
	err = put_ops(message, spec);
	return err ? err : put_groups(message, spec);
}

static int get_family(struct genl_request *request, void *context)
{
	const struct genl_family *family;
	struct nl_msg *message;
	int err;

	family = find_family(request, context, &err);
	if (!family)
		return err;
	message = genl_reply_new(request, CTRL_CMD_NEWFAMILY);
	if (!message)
		return -ENOMEM;
	err = put_family(message, family);
	if (err) {
		nlmsg_free(message);
		return err;
	}
	return genl_reply(request, message);
}

static int dump_family(struct genl_request *request, struct genl_dump *dump, struct nl_msg *message,
		       void *context)
{
	const struct genl_family *families = context;
	int err;

	(void)request;
	if (dump->cursor >= GENL_FAMILY_COUNT)
		return 0;
	err = put_family(message, &families[dump->cursor++]);
	return err ? err : 1;
}

/* A policy for each kind of request: the index is twice that of the operation, plus 1 for a dump.
 */
static uint64_t policy_mask(const struct genl_family_spec *spec, uint32_t index)
{
	const struct genl_op_spec *op = &spec->ops[index / 2];

	return index % 2 ? op->dump_attributes : op->do_attributes;
}

static int put_op_policy(struct nl_msg *message, const struct genl_family_spec *spec, uint32_t op)
{
	struct nlattr *list = nla_nest_start(message, CTRL_ATTR_OP_POLICY);
	struct nlattr *entry;

	if (!list)
		return -EMSGSIZE;
	entry = nla_nest_start(message, (int)spec->ops[op].command);
	if (!entry)
		return -EMSGSIZE;
	if (policy_mask(spec, op * 2) && nla_put_u32(message, CTRL_ATTR_POLICY_DO, op * 2) < 0)
		return -EMSGSIZE;
	if (policy_mask(spec, op * 2 + 1) &&
	    nla_put_u32(message, CTRL_ATTR_POLICY_DUMP, op * 2 + 1) < 0)
		return -EMSGSIZE;
	nla_nest_end(message, entry);
	nla_nest_end(message, list);
	return 0;
}

static int put_range(struct nl_msg *message, uint32_t type, const struct genl_attribute_spec *spec)
{
	if (nla_put_u32(message, NL_POLICY_TYPE_ATTR_TYPE, type) < 0 ||
	    nla_put_u64(message, NL_POLICY_TYPE_ATTR_MIN_VALUE_U, spec->min) < 0 ||
	    nla_put_u64(message, NL_POLICY_TYPE_ATTR_MAX_VALUE_U, spec->max) < 0)
		return -EMSGSIZE;
	return 0;
}

static int put_lengths(struct nl_msg *message, uint32_t type,
		       const struct genl_attribute_spec *spec)
{
	if (nla_put_u32(message, NL_POLICY_TYPE_ATTR_TYPE, type) < 0 ||
	    nla_put_u32(message, NL_POLICY_TYPE_ATTR_MIN_LENGTH, spec->min_length) < 0 ||
	    nla_put_u32(message, NL_POLICY_TYPE_ATTR_MAX_LENGTH, spec->max_length) < 0)
		return -EMSGSIZE;
	return 0;
}

static int put_attribute(struct nl_msg *message, const struct genl_attribute_spec *spec)
{
	switch (spec->type) {
	case GENL_TYPE_U16:
		return put_range(message, NL_ATTR_TYPE_U16, spec);
	case GENL_TYPE_U32:
		return put_range(message, NL_ATTR_TYPE_U32, spec);
	case GENL_TYPE_U64:
		return put_range(message, NL_ATTR_TYPE_U64, spec);
	case GENL_TYPE_STRING:
		return put_lengths(message, NL_ATTR_TYPE_NUL_STRING, spec);
	case GENL_TYPE_BINARY:
		return put_lengths(message, NL_ATTR_TYPE_BINARY, spec);
	case GENL_TYPE_FLAG:
		return nla_put_u32(message, NL_POLICY_TYPE_ATTR_TYPE, NL_ATTR_TYPE_FLAG) < 0
			       ? -EMSGSIZE
			       : 0;
	case GENL_TYPE_NEST:
	case GENL_TYPE_NONE:
		break;
	}
	return -EOPNOTSUPP; /* no request holds a nest, see scripts/genl-gen.py */
}

static int put_policy(struct nl_msg *message, uint32_t index, uint32_t attribute,
		      const struct genl_attribute_spec *spec)
{
	struct nlattr *list = nla_nest_start(message, CTRL_ATTR_POLICY);
	struct nlattr *policy;
	struct nlattr *entry;
	int err;

	if (!list)
		return -EMSGSIZE;
	policy = nla_nest_start(message, (int)index);
	if (!policy)
		return -EMSGSIZE;
	entry = nla_nest_start(message, (int)attribute);
	if (!entry)
		return -EMSGSIZE;
	err = put_attribute(message, spec);
	if (err)
		return err;
	nla_nest_end(message, entry);
	nla_nest_end(message, policy);
	nla_nest_end(message, list);
	return 0;
}

static bool op_is_wanted(const struct genl_request *request, const struct genl_op_spec *op)
{
	const struct nlattr *wanted = request->attributes[CTRL_ATTR_OP];

	if (op->flags & GENL_OP_NOTIFY || !(op->do_attributes || op->dump_attributes))
		return false;
	return !wanted || nla_get_u32(wanted) == op->command;
}

/* First which policy each operation has, then each attribute of each policy.  The cursor counts
 * operations, then pairs of policy index and attribute number.
 */
static int dump_policy(struct genl_request *request, struct genl_dump *dump, struct nl_msg *message,
		       void *context)
{
	const struct genl_family_spec *spec;
	const struct genl_family *family;
	uint32_t index, attribute;
	uint64_t at;
	int err;

	family = find_family(request, context, &err);
	if (!family)
		return err;
	spec = family->spec;
	while (dump->cursor < spec->op_count + (uint64_t)spec->op_count * 2 * 64) {
		at = dump->cursor++;
		if (at < spec->op_count) {
			if (!op_is_wanted(request, &spec->ops[at]))
				continue;
			err = put_op_policy(message, spec, (uint32_t)at);
		} else {
			index = (uint32_t)(at - spec->op_count) / 64;
			attribute = (uint32_t)(at - spec->op_count) % 64;
			if (!op_is_wanted(request, &spec->ops[index / 2]) ||
			    !(policy_mask(spec, index) & BIT(attribute)))
				continue;
			err = put_policy(message, index, attribute,
					 &spec->ops[index / 2].set->attributes[attribute]);
		}
		if (err)
			return err;
		return nla_put_u16(message, CTRL_ATTR_FAMILY_ID, family->id) < 0 ? -EMSGSIZE : 1;
	}
	return 0;
}

const struct genl_handler genl_ctrl_handlers[] = {
	{.command = CTRL_CMD_GETFAMILY, .doit = get_family, .dump = dump_family},
	{.command = CTRL_CMD_GETPOLICY, .dump = dump_policy},
	{0},
};
