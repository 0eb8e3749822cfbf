// SPDX-License-Identifier: GPL-2.0
/*
 * The operations of the family `bfd` on listeners; see listeners.h.
 */
#include <errno.h>

#include "address.h"
#include "genl/generated/policy.h"
#include "handlers_internal.h"
#include "request.h"

#define US_PER_MS 1000ULL

static int put_listener(struct nl_msg *message, const struct listener *listener)
{
	const struct listener_request *is = &listener->request;

	if (nla_put(message, BFD_A_LISTENER_PREFIX, address_length(&is->prefix),
		    address_data(&is->prefix)) < 0 ||
	    nla_put_u32(message, BFD_A_LISTENER_PREFIX_LENGTH, is->prefix_length) < 0 ||
	    nla_put_u32(message, BFD_A_LISTENER_IFINDEX, is->ifindex) < 0 ||
	    nla_put_string(message, BFD_A_LISTENER_IFNAME, listener->ifname) < 0 ||
	    nla_put_u32(message, BFD_A_LISTENER_LIMIT, is->limit) < 0 ||
	    nla_put_u32(message, BFD_A_LISTENER_IDLE_TIME, (uint32_t)(is->idle_ms * US_PER_MS)) <
		    0 ||
	    nla_put_u32(message, BFD_A_LISTENER_SESSIONS, listener->sessions) < 0)
		return -EMSGSIZE;
	return request_put_listener_config(message, &is->config);
}

static int reply_listener(struct genl_request *request, const struct listener *listener)
{
	struct nl_msg *message = genl_reply_new(request, (uint8_t)request->op->command);
	int err;

	if (!message)
		return -ENOMEM;
	err = put_listener(message, listener);
	if (err) {
		nlmsg_free(message);
		return err;
	}
	return genl_reply(request, message);
}

static int refuse(struct genl_request *request)
{
	return genl_fail(request, -EOPNOTSUPP, "this agent has no listeners");
}

static int read_listener(const struct handlers *handlers, struct genl_request *request,
			 struct listener_request *wanted)
{
	int err = request_listener(request, wanted);

	if (err)
		return err;
	return handlers->listeners ? 0 : refuse(request);
}

int handle_listener_new(struct genl_request *request, void *context)
{
	bool replace = request->header->nlmsg_flags & NLM_F_REPLACE;
	const struct handlers *handlers = context;
	struct session_error error = {0};
	struct listener_request wanted;
	struct listener listener;
	int err;

	err = read_listener(handlers, request, &wanted);
	if (err)
		return err;
	err = listeners_add(handlers->listeners, &wanted, replace, &listener, &error);
	return err ? request_fail_listener(request, err, &error)
		   : reply_listener(request, &listener);
}

int handle_listener_check(struct genl_request *request, void *context)
{
	const struct handlers *handlers = context;
	struct session_error error = {0};
	struct listener_request wanted;
	int err;

	err = read_listener(handlers, request, &wanted);
	if (err)
		return err;
	err = listeners_check(handlers->listeners, &wanted, &error);
	return err ? request_fail_listener(request, err, &error) : 0;
}

int handle_listener_del(struct genl_request *request, void *context)
{
	const struct handlers *handlers = context;
	struct session_error error = {0};
	struct listener_request wanted;
	int err;

	err = request_listener_key(request, &wanted);
	if (err)
		return err;
	if (!handlers->listeners)
		return refuse(request);
	notify_set_cause(handlers->notify, request);
	err = listeners_del(handlers->listeners, &wanted, &error);
	notify_set_cause(handlers->notify, NULL);
	return err ? request_fail_listener(request, err, &error) : 0;
}

int handle_listener_get(struct genl_request *request, void *context)
{
	const struct handlers *handlers = context;
	struct listener_request wanted;
	struct listener listener;
	uint32_t id = 0;
	int err;

	err = request_listener_key(request, &wanted);
	if (err)
		return err;
	if (!handlers->listeners)
		return refuse(request);
	for (; listeners_from(handlers->listeners, id, &listener); id = listener.id + 1) {
		if (listener_matches(&listener, &wanted))
			return reply_listener(request, &listener);
		if (listener.id == UINT32_MAX)
			break;
	}
	return genl_fail_attribute(request, BFD_A_LISTENER_PREFIX, -ENOENT,
				   "no listener for %s/%u on the device with index %u",
				   address_format(&wanted.prefix).text, wanted.prefix_length,
				   wanted.ifindex);
}

/* The cursor is the id to go on from. */
int handle_listener_dump(struct genl_request *request, struct genl_dump *dump,
			 struct nl_msg *message, void *context)
{
	const struct handlers *handlers = context;
	struct listener listener;
	int err;

	(void)request;
	if (!handlers->listeners || dump->cursor > UINT32_MAX ||
	    !listeners_from(handlers->listeners, (uint32_t)dump->cursor, &listener))
		return 0;
	dump->cursor = listener.id + UINT64_C(1);
	err = put_listener(message, &listener);
	return err ? err : 1;
}
