/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Strict validation of requests against the tables of the family, with an
 * extended ACK that names the culprit.  Any bytes may come in.  It must not
 * know what attributes mean.
 */
#include <errno.h>
#include <inttypes.h>
#include <linux/genetlink.h>
#include <string.h>

#include "genl/family.h"

static const struct genl_op_spec *find_op(const struct genl_family_spec *spec, uint32_t command)
{
	uint32_t i;

	for (i = 0; i < spec->op_count; i++)
		if (spec->ops[i].command == command && !(spec->ops[i].flags & GENL_OP_NOTIFY))
			return &spec->ops[i];
	return NULL;
}

static const struct genl_handler *find_handler(const struct genl_family *family, uint32_t command)
{
	const struct genl_handler *handler;

	for (handler = family->handlers; handler->command; handler++)
		if (handler->command == command)
			return handler;
	return NULL;
}

/* Refuse, pointing at the attribute (which need not be known). */
static int reject(struct genl_request *request, const struct nlattr *attribute, int error)
{
	request->culprit = attribute;
	return error;
}

static int check_integer(struct genl_request *request, const struct genl_attribute_spec *spec,
			 const struct nlattr *attribute, int length)
{
	uint64_t value = 0;

	if (nla_len(attribute) != length)
		return reject(request, attribute,
			      genl_fail(request, -EINVAL, "%s must have %d bytes, not %d",
					spec->name, length, nla_len(attribute)));
	if (length == sizeof(uint16_t))
		value = nla_get_u16(attribute);
	else if (length == sizeof(uint32_t))
		value = nla_get_u32(attribute);
	else
		value = nla_get_u64(attribute);
	if (value < spec->min || value > spec->max)
		return reject(request, attribute,
			      genl_fail(request, -ERANGE,
					"%s %" PRIu64 " is outside %" PRIu64 "..%" PRIu64,
					spec->name, value, spec->min, spec->max));
	return 0;
}

static int check_length(struct genl_request *request, const struct genl_attribute_spec *spec,
			const struct nlattr *attribute, uint32_t length)
{
	if (length >= spec->min_length && length <= spec->max_length)
		return 0;
	return reject(request, attribute,
		      genl_fail(request, -ERANGE, "%s has %u bytes, which is outside %u..%u",
				spec->name, length, spec->min_length, spec->max_length));
}

static int check_string(struct genl_request *request, const struct genl_attribute_spec *spec,
			const struct nlattr *attribute)
{
	const char *text = nla_data(attribute);
	size_t length = (size_t)nla_len(attribute);

	if (length == 0 || memchr(text, '\0', length) != text + length - 1)
		return reject(request, attribute,
			      genl_fail(request, -EINVAL, "%s doesn't end with its only NUL",
					spec->name));
	return check_length(request, spec, attribute, (uint32_t)length - 1);
}

static int check_value(struct genl_request *request, const struct genl_attribute_spec *spec,
		       const struct nlattr *attribute)
{
	switch (spec->type) {
	case GENL_TYPE_FLAG:
		if (nla_len(attribute) == 0)
			return 0;
		return reject(
			request, attribute,
			genl_fail(request, -EINVAL, "%s is a flag and has no value", spec->name));
	case GENL_TYPE_U16:
		return check_integer(request, spec, attribute, sizeof(uint16_t));
	case GENL_TYPE_U32:
		return check_integer(request, spec, attribute, sizeof(uint32_t));
	case GENL_TYPE_U64:
		return check_integer(request, spec, attribute, sizeof(uint64_t));
	case GENL_TYPE_STRING:
		return check_string(request, spec, attribute);
	case GENL_TYPE_BINARY:
		return check_length(request, spec, attribute, (uint32_t)nla_len(attribute));
	case GENL_TYPE_NEST:
	case GENL_TYPE_NONE:
		break;
	}
	/* The generator allows no nest in a request, so this is a table made by hand. */
	return reject(request, attribute,
		      genl_fail(request, -EOPNOTSUPP, "%s can't be in a request", spec->name));
}

static int check_attribute(struct genl_call *call, uint64_t allowed, struct nlattr *attribute)
{
	struct genl_request *request = &call->request;
	const struct genl_attribute_set *set = request->op->set;
	const struct genl_attribute_spec *spec;
	uint32_t type = (uint32_t)nla_type(attribute);
	int err;

	if (type > set->max || !set->attributes[type].name)
		return reject(request, attribute,
			      genl_fail(request, -EINVAL, "unknown attribute %u", type));
	spec = &set->attributes[type];
	if (!(allowed & (UINT64_C(1) << type)))
		return reject(request, attribute,
			      genl_fail(request, -EINVAL, "%s doesn't take the attribute %s",
					request->op->name, spec->name));
	if (attribute->nla_type & (NLA_F_NESTED | NLA_F_NET_BYTEORDER))
		return reject(request, attribute,
			      genl_fail(request, -EINVAL, "%s has flags in its attribute type",
					spec->name));
	if (call->attributes[type])
		return reject(request, attribute,
			      genl_fail(request, -EINVAL, "%s is given twice", spec->name));
	err = check_value(request, spec, attribute);
	if (!err)
		call->attributes[type] = attribute;
	return err;
}

static int check_attributes(struct genl_call *call, uint64_t allowed)
{
	struct genl_request *request = &call->request;
	const uint8_t *start = (const uint8_t *)request->header + NLMSG_HDRLEN + GENL_HDRLEN;
	int left = (int)(request->header->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN);
	/* libnl's iterators take what they hand out as writable; nothing here writes. */
	struct nlattr *attribute = (struct nlattr *)(uintptr_t)start;
	int err;

	while (nla_ok(attribute, left)) {
		err = check_attribute(call, allowed, attribute);
		if (err)
			return err;
		attribute = nla_next(attribute, &left);
	}
	if (left > 0)
		return genl_fail(request, -EINVAL, "%d bytes are left after the last attribute",
				 left);
	return 0;
}

/* Flags that say something to a request that isn't a dump. */
#define DO_FLAGS                                                                                   \
	(NLM_F_REQUEST | NLM_F_ACK | NLM_F_ECHO | NLM_F_REPLACE | NLM_F_EXCL | NLM_F_CREATE)
#define DUMP_FLAGS (NLM_F_REQUEST | NLM_F_ACK | NLM_F_ECHO | NLM_F_DUMP)

static int check_flags(struct genl_request *request, bool dump)
{
	const struct genl_op_spec *op = request->op;
	unsigned int known = dump ? DUMP_FLAGS : DO_FLAGS;

	if (dump && !(op->flags & GENL_OP_DUMP))
		return genl_fail(request, -EOPNOTSUPP, "%s has no dump%s", op->name,
				 op->flags & GENL_OP_ADMIN
					 ? " (and NLM_F_REPLACE contradicts NLM_F_EXCL)"
					 : "");
	if (!dump && !(op->flags & GENL_OP_DO))
		return genl_fail(request, -EOPNOTSUPP, "%s has a dump only", op->name);
	if (request->header->nlmsg_flags & ~known)
		return genl_fail(request, -EINVAL, "%s: unknown flags 0x%x in the message header",
				 op->name, request->header->nlmsg_flags & ~known);
	return 0;
}

int genl_validate(struct genl_call *call, const struct genl_family *family, bool *dump)
{
	struct genl_request *request = &call->request;
	const struct nlmsghdr *header = request->header;
	const struct genlmsghdr *genl;
	int err;

	*dump = (header->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
	call->family = family;
	request->attributes = call->attributes;
	if (header->nlmsg_len < NLMSG_HDRLEN + GENL_HDRLEN)
		return genl_fail(request, -EINVAL,
				 "the message ends before its generic netlink header");
	genl = nlmsg_data(header);
	request->op = find_op(family->spec, genl->cmd);
	if (!request->op)
		return genl_fail(request, -EOPNOTSUPP, "the family %s has no command %u",
				 family->spec->name, genl->cmd);
	call->handler = find_handler(family, genl->cmd);
	if (!call->handler)
		return genl_fail(request, -EOPNOTSUPP, "%s isn't supported by this agent",
				 request->op->name);
	if (genl->reserved)
		return genl_fail(request, -EINVAL,
				 "the reserved field of the generic netlink header isn't 0");
	err = check_flags(request, *dump);
	if (err)
		return err;
	if (request->op->flags & GENL_OP_ADMIN && request->uid != 0)
		return genl_fail(request, -EPERM, "%s is only for root (uid 0)", request->op->name);
	return check_attributes(call,
				*dump ? request->op->dump_attributes : request->op->do_attributes);
}
