/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Acknowledgements: NLMSG_ERROR messages with their extended ACK, and what
 * handlers say in it.  It must not send.
 *
 * The kernel knows by socket options (NETLINK_EXT_ACK, NETLINK_CAP_ACK) what a client
 * wants to see.  A server in user space can't ask for them, so the extended ACK is always
 * there; those who don't know it ignore what follows the nlmsgerr.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "genl/family.h"

/* A longer request isn't repeated in the error, so that the answer fits a client's buffer. */
#define ECHOED_REQUEST_MAX 1024

static void set_text(struct genl_request *request, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));

static void set_text(struct genl_request *request, const char *format, va_list arguments)
{
	vsnprintf(request->message, sizeof(request->message), format, arguments);
}

int genl_fail(struct genl_request *request, int error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	set_text(request, format, arguments);
	va_end(arguments);
	return error;
}

int genl_fail_attribute(struct genl_request *request, uint32_t attribute, int error,
			const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	set_text(request, format, arguments);
	va_end(arguments);
	request->culprit = request->attributes[attribute];
	return error;
}

int genl_fail_missing(struct genl_request *request, uint32_t attribute)
{
	request->missing = attribute;
	return genl_fail(request, -EINVAL, "%s is missing",
			 request->op->set->attributes[attribute].name);
}

void genl_warn(struct genl_request *request, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	set_text(request, format, arguments);
	va_end(arguments);
}

int genl_put_extended_ack(struct nl_msg *message, const struct genl_request *request, int error)
{
	const char *start = (const char *)request->header;

	if (request->message[0] && nla_put_string(message, NLMSGERR_ATTR_MSG, request->message) < 0)
		return -EMSGSIZE;
	if (!error)
		return 0;
	if (request->culprit && nla_put_u32(message, NLMSGERR_ATTR_OFFS,
					    (uint32_t)((const char *)request->culprit - start)) < 0)
		return -EMSGSIZE;
	if (request->missing && nla_put_u32(message, NLMSGERR_ATTR_MISS_TYPE, request->missing) < 0)
		return -EMSGSIZE;
	return 0;
}

/* As the kernel does it: a failed request is repeated in whole, a successful one isn't. */
struct nl_msg *genl_acknowledge(const struct genl_request *request, int error, bool whole)
{
	const struct nlmsghdr *header = request->header;
	bool capped = !error || !whole || header->nlmsg_len > ECHOED_REQUEST_MAX;
	size_t echoed = capped ? sizeof(*header) : header->nlmsg_len;
	struct nlmsghdr *answer;
	struct nlmsgerr *body;
	struct nl_msg *message;
	uint32_t bare;

	message = nlmsg_alloc_size(GENL_DATAGRAM_MAX);
	if (!message)
		return NULL;
	answer = nlmsg_put(message, request->port, header->nlmsg_seq, NLMSG_ERROR, 0,
			   capped ? NLM_F_CAPPED : 0);
	if (!answer)
		goto cleanup;
	body = nlmsg_reserve(message, sizeof(body->error) + echoed, NLMSG_ALIGNTO);
	if (!body)
		goto cleanup;
	body->error = error;
	memcpy((char *)body + offsetof(struct nlmsgerr, msg), header, echoed);
	bare = answer->nlmsg_len;
	if (genl_put_extended_ack(message, request, error))
		goto cleanup;
	if (answer->nlmsg_len > bare)
		answer->nlmsg_flags |= NLM_F_ACK_TLVS;
	return message;

cleanup:
	nlmsg_free(message);
	return NULL;
}
