/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The operations of the family `bfd` on sessions, devices and the agent; see
 * handlers.h.  Those on listeners are in handlers_listeners.c, those on keys in
 * handlers_keys.c, what the attributes of a request mean in request.c.
 */
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "address.h"
#include "genl/generated/policy.h"
#include "handlers_internal.h"
#include "request.h"
#include "session_message.h"
#include "subscribers.h"

_Static_assert((int)BFD_ATTACH_MODE_GENERIC == (int)DATAPLANE_GENERIC, "dataplane.h");
_Static_assert((int)BFD_CLOCK_MODE_AGENT == (int)DATAPLANE_CLOCK_AGENT, "dataplane.h");

static int reply_session(const struct handlers *handlers, struct genl_request *request,
			 const struct session *session)
{
	struct nl_msg *message = genl_reply_new(request, (uint8_t)request->op->command);
	int err;

	if (!message)
		return -ENOMEM;
	err = session_message_put(message, handlers->sessions, handlers->keys, session);
	if (err) {
		nlmsg_free(message);
		return genl_fail(request, err, "session %u can't be read", session->local_discr);
	}
	return genl_reply(request, message);
}

/* Who switches echo on is told if that may have unwanted answers. */
static void warn_of_redirects(const struct handlers *handlers, struct genl_request *request,
			      const struct session *session, const struct bfd_config *config)
{
	if ((config->set & BFD_CONFIG_ECHO_TX) && config->echo_tx_us &&
	    sessions_echo_provokes_redirects(handlers->sessions, session))
		genl_warn(request,
			  "echo leaves from %s, in the subnet of %s: routers may send redirects; "
			  "choose one outside with echo-source",
			  address_format(&session->info.echo_source).text, session->info.ifname);
}

/* In Demand mode a Poll is judged after our own detection time (RFC 5880 6.8.4); until then no
 * other can begin.
 */
static void warn_of_polls(const struct handlers *handlers, struct genl_request *request,
			  const struct session *session)
{
	struct bfd_session state;
	uint64_t detection_us;

	if (!request->attributes[BFD_A_SESSION_POLL_INTERVAL] ||
	    sessions_read(handlers->sessions, session, &state) || !state.vars.poll_interval_us)
		return;
	detection_us = (uint64_t)state.vars.mult * state.vars.conf_desired_min_tx_us;
	if (state.vars.poll_interval_us < detection_us)
		genl_warn(request,
			  "poll-interval %u is below mult times tx, %llu: a Poll that nobody "
			  "answers lasts as long as that",
			  state.vars.poll_interval_us, (unsigned long long)detection_us);
}

/* A word on the path beyond is only for a session that is up (RFC 5880 6.8.17). */
static int check_path_diag(const struct handlers *handlers, struct genl_request *request,
			   const struct session *session, const struct bfd_config *config)
{
	struct bfd_session state;
	int err;

	if (!(config->set & BFD_CONFIG_DIAG))
		return 0;
	err = sessions_read(handlers->sessions, session, &state);
	if (err)
		return genl_fail(request, err, "session %u can't be read", session->local_discr);
	if (state.vars.state == BFD_STATE_UP)
		return 0;
	return genl_fail_attribute(request, BFD_A_SESSION_LOCAL_DIAGNOSTIC, -ENOTCONN,
				   "session %u is not up: it has no path to speak of",
				   session->local_discr);
}

static int change_session(const struct handlers *handlers, struct genl_request *request,
			  const struct session *session, const struct bfd_config *config)
{
	struct session_error error = {0};
	const struct nlattr *mark;
	int err = check_path_diag(handlers, request, session, config);

	if (err)
		return err;
	mark = request->attributes[BFD_A_SESSION_CONFIGURED];
	if (mark)
		err = sessions_set_configured(handlers->sessions, session, nla_get_u32(mark),
					      &error);
	if (!err && config->set) {
		notify_set_cause(handlers->notify, request);
		err = sessions_change(handlers->sessions, session, config, &error);
		notify_set_cause(handlers->notify, NULL);
	}
	if (err)
		return request_fail(request, err, &error);
	warn_of_redirects(handlers, request, session, config);
	warn_of_polls(handlers, request, session);
	handlers_warn_of_keys(handlers, request, config);
	return reply_session(handlers, request, session);
}

/* A session keeps its name and its addresses for life. */
static int check_unchangeable(struct genl_request *request, const struct session *session,
			      const struct session_request *wanted)
{
	if (wanted->name[0] && strcmp(wanted->name, session->info.name) != 0)
		return genl_fail_attribute(request, BFD_A_SESSION_NAME, -EOPNOTSUPP,
					   "name of session %u can't be changed, delete it first",
					   session->local_discr);
	if (wanted->has_local && !address_equal(&wanted->local, &session->info.local))
		return genl_fail_attribute(
			request, BFD_A_SESSION_LOCAL_ADDRESS, -EOPNOTSUPP,
			"local address of session %u can't be changed, delete it first",
			session->local_discr);
	if (wanted->has_echo_source &&
	    !address_equal(&wanted->echo_source, &session->info.echo_source))
		return genl_fail_attribute(
			request, BFD_A_SESSION_ECHO_SOURCE_ADDRESS, -EOPNOTSUPP,
			"echo source of session %u can't be changed, delete it first",
			session->local_discr);
	return 0;
}

/* NLM_F_REPLACE without NLM_F_CREATE: what is absent keeps its value. */
static int change_existing(const struct handlers *handlers, struct genl_request *request,
			   const struct session_request *wanted)
{
	struct session_selector selector = {
		.has_remote = true,
		.remote = wanted->remote,
		.ifindex = wanted->ifindex,
		/* Of several multihop sessions to one remote address it tells which. */
		.has_local = wanted->has_local && wanted->multihop,
		.local = wanted->local,
		.has_multihop = true,
		.multihop = wanted->multihop,
		.has_vrf = request->attributes[BFD_A_SESSION_VRF_IFINDEX],
		.vrf_ifindex = wanted->vrf_ifindex,
	};
	struct session_error error = {0};
	const struct session *session;
	struct bfd_config config = {0};
	int err;

	err = sessions_find(handlers->sessions, &selector, &session, &error);
	if (err)
		return request_fail(request, err, &error);
	err = check_unchangeable(request, session, wanted);
	if (!err)
		err = request_config(request, wanted->multihop, &config);
	if (!err)
		err = handlers_find_keys(handlers, request, &config);
	return err ? err : change_session(handlers, request, session, &config);
}

static int session_new(struct genl_request *request, void *context)
{
	struct handlers *handlers = context;
	unsigned int flags = request->header->nlmsg_flags;
	const struct session *session = NULL;
	struct session_error error = {0};
	struct session_request wanted;
	int err;

	err = request_session(request, &wanted);
	if (!err)
		err = handlers_find_keys(handlers, request, &wanted.config);
	if (err)
		return err;
	if (flags & NLM_F_REPLACE && !(flags & NLM_F_CREATE))
		return wanted.client[0]
			       ? genl_fail_attribute(request, BFD_A_SESSION_CLIENT, -EINVAL,
						     "a client joins with NLM_F_CREATE only")
			       : change_existing(handlers, request, &wanted);
	notify_set_cause(handlers->notify, request);
	err = sessions_create(handlers->sessions, &wanted, &session, &error);
	notify_set_cause(handlers->notify, NULL);
	if (err == -EEXIST && session && flags & NLM_F_REPLACE) {
		err = check_unchangeable(request, session, &wanted);
		return err ? err : change_session(handlers, request, session, &wanted.config);
	}
	if (err)
		return request_fail(request, err, &error);
	warn_of_polls(handlers, request, session);
	warn_of_redirects(handlers, request, session, &wanted.config);
	handlers_warn_of_keys(handlers, request, &wanted.config);
	return reply_session(handlers, request, session);
}

/* The one session that a request means. */
static int find_session(const struct handlers *handlers, struct genl_request *request,
			const struct session **session)
{
	struct session_selector selector;
	struct session_error error = {0};
	int err;

	err = request_selector(request, &selector);
	if (err)
		return err;
	err = sessions_find(handlers->sessions, &selector, session, &error);
	return err ? request_fail(request, err, &error) : 0;
}

/* What a change is about, and what it asks for. */
static int read_change(const struct handlers *handlers, struct genl_request *request,
		       const struct session **session, struct bfd_config *config)
{
	int err = find_session(handlers, request, session);

	if (!err)
		err = request_config(request, (*session)->info.flags & BFD_INFO_MULTIHOP, config);
	return err ? err : handlers_find_keys(handlers, request, config);
}

static int session_set(struct genl_request *request, void *context)
{
	struct handlers *handlers = context;
	const struct session *session;
	struct bfd_config config = {0};
	int err = read_change(handlers, request, &session, &config);

	return err ? err : change_session(handlers, request, session, &config);
}

static int check_change(const struct handlers *handlers, struct genl_request *request)
{
	const struct session *session;
	struct bfd_config config = {0};
	int err = read_change(handlers, request, &session, &config);

	return err ? err : check_path_diag(handlers, request, session, &config);
}

static int session_check(struct genl_request *request, void *context)
{
	struct handlers *handlers = context;
	bool replaces = !(request->header->nlmsg_flags & NLM_F_EXCL);
	struct session_error error = {0};
	struct session_request wanted;
	int err;

	if (request->attributes[BFD_A_SESSION_LOCAL_DISCRIMINATOR])
		return check_change(handlers, request);
	err = request_session(request, &wanted);
	if (!err)
		err = handlers_find_keys(handlers, request, &wanted.config);
	if (err)
		return err;
	err = sessions_check(handlers->sessions, &wanted, replaces, &error);
	return err ? request_fail(request, err, &error) : 0;
}

static int session_del(struct genl_request *request, void *context)
{
	struct handlers *handlers = context;
	const char *client = request_client(request);
	struct session_error error = {0};
	const struct session *session;
	int err;

	err = find_session(handlers, request, &session);
	if (err)
		return err;
	notify_set_cause(handlers->notify, request);
	err = client ? sessions_leave(handlers->sessions, session, client, &error)
		     : sessions_delete(handlers->sessions, session, &error);
	notify_set_cause(handlers->notify, NULL);
	return err ? request_fail(request, err, &error) : 0;
}

static int session_poll(struct genl_request *request, void *context)
{
	struct handlers *handlers = context;
	struct session_error error = {0};
	const struct session *session;
	int err;

	err = find_session(handlers, request, &session);
	if (err)
		return err;
	err = sessions_poll(handlers->sessions, session, &error);
	return err ? request_fail(request, err, &error) : 0;
}

/* Do it to all that match; they may be none. */
static int each_selected(struct genl_request *request, const struct handlers *handlers,
			 int (*action)(struct sessions *sessions,
				       const struct session_selector *selector,
				       struct session_error *error))
{
	struct session_error error = {0};
	struct session_selector selector;
	int done;
	int err;

	err = request_selector(request, &selector);
	if (err)
		return err;
	notify_set_cause(handlers->notify, request);
	done = action(handlers->sessions, &selector, &error);
	notify_set_cause(handlers->notify, NULL);
	return done < 0 ? request_fail(request, done, &error) : 0;
}

static int session_flush(struct genl_request *request, void *context)
{
	return each_selected(request, context, sessions_flush);
}

static int session_reset(struct genl_request *request, void *context)
{
	return each_selected(request, context, sessions_reset);
}

static int session_get(struct genl_request *request, void *context)
{
	struct handlers *handlers = context;
	const struct session *session;
	int err = find_session(handlers, request, &session);

	return err ? err : reply_session(handlers, request, session);
}

/* The cursor is the slot to go on from. */
static int session_dump(struct genl_request *request, struct genl_dump *dump,
			struct nl_msg *message, void *context)
{
	struct handlers *handlers = context;
	struct session_selector selector;
	const struct session *session;
	int err;

	err = request_selector(request, &selector);
	if (err)
		return err;
	do {
		session = sessions_from(handlers->sessions, (uint32_t)dump->cursor);
		if (!session)
			return 0;
		dump->cursor = session->slot + UINT64_C(1);
	} while (!session_matches(session, &selector));
	err = session_message_put(message, handlers->sessions, handlers->keys, session);
	return err ? err : 1;
}

static uint64_t session_generation(void *context)
{
	const struct handlers *handlers = context;

	return sessions_generation(handlers->sessions);
}

static int put_device(struct nl_msg *message, const struct handlers *handlers,
		      const struct session_device *device)
{
	struct dataplane_clock_info info;
	enum dataplane_attach mode;
	uint32_t program_id;
	int err = dataplane_clock_info(handlers->dataplane, &info);

	if (err)
		return err;
	if (nla_put_u32(message, BFD_A_DEV_IFINDEX, device->ifindex) < 0 ||
	    nla_put_string(message, BFD_A_DEV_IFNAME, device->ifname) < 0 ||
	    nla_put_u32(message, BFD_A_DEV_SESSIONS, device->sessions) < 0 ||
	    nla_put_u32(message, BFD_A_DEV_CLOCK_MODE, info.mode) < 0 ||
	    nla_put_u32(message, BFD_A_DEV_TICK, info.tick_us) < 0 ||
	    nla_put_u64(message, BFD_A_DEV_TICK_GAP_MAX, info.clock.gap_max_ns) < 0)
		return -EMSGSIZE;
	if (dataplane_attachment(handlers->dataplane, device->ifindex, &mode, &program_id))
		return 0; /* not attached, e.g. because another program is there */
	if (nla_put_u32(message, BFD_A_DEV_ATTACH_MODE, mode) < 0 ||
	    nla_put_u32(message, BFD_A_DEV_PROGRAM_ID, program_id) < 0)
		return -EMSGSIZE;
	return 0;
}

static int dev_get(struct genl_request *request, void *context)
{
	struct handlers *handlers = context;
	struct session_device device;
	struct nl_msg *message;
	uint32_t ifindex;
	int err;

	if (!request->attributes[BFD_A_DEV_IFINDEX])
		return genl_fail_missing(request, BFD_A_DEV_IFINDEX);
	ifindex = nla_get_u32(request->attributes[BFD_A_DEV_IFINDEX]);
	if (!sessions_device_from(handlers->sessions, ifindex, &device) ||
	    device.ifindex != ifindex)
		return genl_fail_attribute(request, BFD_A_DEV_IFINDEX, -ENOENT,
					   "no session and no listener on the device with index %u",
					   ifindex);
	message = genl_reply_new(request, BFD_CMD_DEV_GET);
	if (!message)
		return -ENOMEM;
	err = put_device(message, handlers, &device);
	if (err) {
		nlmsg_free(message);
		return err;
	}
	return genl_reply(request, message);
}

/* The cursor is the index to go on from. */
static int dev_dump(struct genl_request *request, struct genl_dump *dump, struct nl_msg *message,
		    void *context)
{
	struct handlers *handlers = context;
	struct session_device device;
	int err;

	(void)request;
	if (dump->cursor > UINT32_MAX ||
	    !sessions_device_from(handlers->sessions, (uint32_t)dump->cursor, &device))
		return 0;
	dump->cursor = device.ifindex + UINT64_C(1);
	err = put_device(message, handlers, &device);
	return err ? err : 1;
}

static int put_agent_discards(struct nl_msg *message, const struct handlers *handlers)
{
	uint64_t counts[BFD_DISCARD_COUNT];
	int reason;
	int err;

	err = dataplane_global_discards(handlers->dataplane, counts);
	for (reason = 0; !err && reason < BFD_DISCARD_COUNT; reason++)
		if (counts[reason])
			err = session_message_put_discard(message, BFD_A_AGENT_RX_INVALID, reason,
							  counts[reason]);
	return err;
}

static int put_agent(struct nl_msg *message, const struct handlers *handlers)
{
	struct dataplane_clock_info info;
	int err;

	err = dataplane_clock_info(handlers->dataplane, &info);
	if (err)
		return err;
	if (nla_put_string(message, BFD_A_AGENT_VERSION, handlers->version) < 0 ||
	    nla_put_u32(message, BFD_A_AGENT_PID, (uint32_t)getpid()) < 0 ||
	    nla_put_u32(message, BFD_A_AGENT_SESSIONS, sessions_count(handlers->sessions)) < 0 ||
	    nla_put_u32(message, BFD_A_AGENT_MAX_SESSIONS,
			dataplane_max_sessions(handlers->dataplane)) < 0 ||
	    nla_put_u32(message, BFD_A_AGENT_CLOCK_MODE, info.mode) < 0 ||
	    nla_put_u32(message, BFD_A_AGENT_TICK, info.tick_us) < 0 ||
	    nla_put_u64(message, BFD_A_AGENT_TICK_COUNT, info.clock.ticks) < 0 ||
	    nla_put_u64(message, BFD_A_AGENT_TICK_GAP_MAX, info.clock.gap_max_ns) < 0 ||
	    nla_put_u64(message, BFD_A_AGENT_EVENT_SEQUENCE,
			notify_sequence(handlers->notify, BFD_GROUP_STATE)) < 0 ||
	    nla_put_u64(message, BFD_A_AGENT_EVENTS_LOST, info.clock.events_lost) < 0)
		return -EMSGSIZE;
	return put_agent_discards(message, handlers);
}

static int agent_get(struct genl_request *request, void *context)
{
	struct handlers *handlers = context;
	struct nl_msg *message = genl_reply_new(request, BFD_CMD_AGENT_GET);
	int err;

	if (!message)
		return -ENOMEM;
	err = put_agent(message, handlers);
	if (err) {
		nlmsg_free(message);
		return genl_fail(request, err, "the data plane can't be read");
	}
	return genl_reply(request, message);
}

static int subscribe(struct genl_request *request, void *context)
{
	const struct nlattr *groups = request->attributes[BFD_A_SUBSCRIBE_GROUPS];

	(void)context;
	if (!groups)
		return genl_fail_missing(request, BFD_A_SUBSCRIBE_GROUPS);
	return genl_subscribe(request, nla_get_u32(groups));
}

static const struct genl_handler operations[] = {
	{.command = BFD_CMD_SESSION_NEW, .doit = session_new},
	{.command = BFD_CMD_SESSION_CHECK, .doit = session_check},
	{.command = BFD_CMD_SESSION_DEL, .doit = session_del},
	{.command = BFD_CMD_SESSION_SET, .doit = session_set},
	{.command = BFD_CMD_SESSION_GET,
	 .doit = session_get,
	 .dump = session_dump,
	 .generation = session_generation},
	{.command = BFD_CMD_SESSION_FLUSH, .doit = session_flush},
	{.command = BFD_CMD_DEV_GET,
	 .doit = dev_get,
	 .dump = dev_dump,
	 .generation = session_generation},
	{.command = BFD_CMD_AGENT_GET, .doit = agent_get},
	{.command = BFD_CMD_SUBSCRIBE, .doit = subscribe},
	{.command = BFD_CMD_SESSION_POLL, .doit = session_poll},
	{.command = BFD_CMD_SESSION_RESET, .doit = session_reset},
	{.command = BFD_CMD_LISTENER_NEW, .doit = handle_listener_new},
	{.command = BFD_CMD_LISTENER_CHECK, .doit = handle_listener_check},
	{.command = BFD_CMD_LISTENER_DEL, .doit = handle_listener_del},
	{.command = BFD_CMD_LISTENER_GET,
	 .doit = handle_listener_get,
	 .dump = handle_listener_dump},
	{.command = BFD_CMD_KEY_NEW, .doit = handle_key_new, .secret = true},
	/* A secret there is a mistake, but one that shouldn't come back either. */
	{.command = BFD_CMD_KEY_SET, .doit = handle_key_set, .secret = true},
	{.command = BFD_CMD_KEY_DEL, .doit = handle_key_del, .secret = true},
	{.command = BFD_CMD_KEY_GET,
	 .doit = handle_key_get,
	 .dump = handle_key_dump,
	 .generation = key_generation,
	 .secret = true},
	{0},
};

static void on_subscribed(const struct genl_peer *peer, uint32_t groups, void *context)
{
	const struct handlers *handlers = context;

	subscribers_remember(handlers->dataplane, peer, groups);
}

int handlers_open(const struct handlers_options *options, struct handlers **out)
{
	struct genl_server_options server_options = {
		.family = &bfd_family_spec,
		.handlers = operations,
		.transport = options->transport,
		.subscribed = on_subscribed,
	};
	struct handlers *handlers = calloc(1, sizeof(*handlers));
	int err;

	if (!handlers) {
		options->transport->ops->close(options->transport);
		return -ENOMEM;
	}
	handlers->dataplane = options->dataplane;
	handlers->sessions = options->sessions;
	handlers->keys = options->keys;
	handlers->listeners = options->listeners;
	handlers->notify = options->notify;
	handlers->version = options->version;
	server_options.context = handlers;
	err = genl_server_open(&server_options, &handlers->server);
	if (err) {
		free(handlers);
		return err;
	}
	subscribers_resume(handlers->dataplane, handlers->server);
	notify_start(handlers->notify, handlers->server, handlers->sessions, handlers->keys);
	*out = handlers;
	return 0;
}

void handlers_close(struct handlers *handlers)
{
	if (!handlers)
		return;
	notify_start(handlers->notify, NULL, NULL, NULL);
	genl_server_close(handlers->server);
	free(handlers);
}

int handlers_fd(const struct handlers *handlers)
{
	return genl_server_fd(handlers->server);
}

int handlers_dispatch(struct handlers *handlers)
{
	return genl_server_dispatch(handlers->server);
}
