// SPDX-License-Identifier: GPL-2.0
/*
 * From the agent's answers to what is configured; see ipbfd_state.h.  It must neither print nor
 * change anything.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "utils.h"
#include "ip_common.h"
#include "ipbfd.h"
#include "ipbfd_state.h"

#define SAME(name) .session = BFD_A_SESSION_##name, .listener = BFD_A_LISTENER_##name
#define BOTH(name) .place = BFD_A_SESSION_##name, SAME(name)

const struct bfd_parameter bfd_parameters[] = {
	{"tx", BOTH(DESIRED_MIN_TX_INTERVAL), .absent = BFD_DEFAULT_DESIRED_MIN_TX,
	 .kind = BFD_PARAMETER_TIME},
	{"rx", BOTH(REQUIRED_MIN_RX_INTERVAL), .absent = BFD_DEFAULT_REQUIRED_MIN_RX,
	 .kind = BFD_PARAMETER_TIME},
	{"mult", BOTH(LOCAL_MULTIPLIER), .absent = BFD_DEFAULT_MULTIPLIER,
	 .kind = BFD_PARAMETER_NUMBER},
	{"min-ttl", .place = BFD_A_SESSION_RX_TTL, .session = BFD_A_SESSION_RX_TTL,
	 .absent = BFD_DEFAULT_MIN_TTL, .kind = BFD_PARAMETER_NUMBER},
	{"echo", BOTH(DESIRED_MIN_ECHO_TX_INTERVAL), .kind = BFD_PARAMETER_TIME},
	{"echo-rx", BOTH(REQUIRED_MIN_ECHO_RX_INTERVAL), .kind = BFD_PARAMETER_TIME},
	{"demand", BOTH(DEMAND_ENABLED), .kind = BFD_PARAMETER_SWITCH},
	{"poll-interval", BOTH(POLL_INTERVAL), .kind = BFD_PARAMETER_TIME},
	{"passive", .place = BFD_A_SESSION_PASSIVE, .session = BFD_A_SESSION_PASSIVE,
	 .kind = BFD_PARAMETER_SWITCH},
	{"hold-down", BOTH(HOLD_DOWN_INTERVAL), .kind = BFD_PARAMETER_TIME},
	/* In the places that the words of ipbfd_arguments.c borrow. */
	{"limit", .place = BFD_A_SESSION_SOURCE_PORT, .listener = BFD_A_LISTENER_LIMIT,
	 .absent = BFD_DEFAULT_LISTEN_LIMIT, .kind = BFD_PARAMETER_NUMBER},
	{"idle", .place = BFD_A_SESSION_UPTIME_MS, .listener = BFD_A_LISTENER_IDLE_TIME,
	 .absent = BFD_DEFAULT_LISTEN_IDLE, .kind = BFD_PARAMETER_TIME},
	{.name = NULL},
};

void *bfd_grow(void *array, size_t count, size_t size)
{
	/* Doubled whenever it is full. */
	if (count && count & (count - 1))
		return array;
	array = realloc(array, (count ? 2 * count : 1) * size);
	if (array)
		return array;
	fprintf(stderr, "Error: out of memory.\n");
	exit(1);
}

static void copy_string(struct rtattr *const *tb, int type, char *to, size_t size)
{
	const char *text = bfd_attr_string(tb, type);

	snprintf(to, size, "%s", text ? text : "");
}

/* What isn't there keeps its value. */
static void read_values(struct rtattr *const *tb, struct bfd_values *values)
{
	const struct bfd_parameter *parameter;

	for (parameter = bfd_parameters; parameter->name; parameter++)
		if (parameter->session)
			values->of[parameter->place] =
				bfd_attr_u32(tb, parameter->session, values->of[parameter->place]);
	values->admin_down = bfd_attr_u32(tb, BFD_A_SESSION_ADMIN_DOWN, values->admin_down);
	values->diag = bfd_attr_u32(tb, BFD_A_SESSION_LOCAL_DIAGNOSTIC, values->diag);
}

/* Without the attributes that a multihop session only has. */
static void read_wish(struct rtattr *const *tb, const struct bfd_values *in_use,
		      struct bfd_wish *wish)
{
	memset(wish, 0, sizeof(*wish));
	wish->values = *in_use;
	copy_string(tb, BFD_A_SESSION_CLIENT, wish->client, sizeof(wish->client));
	wish->configured = bfd_attr_u32(tb, BFD_A_SESSION_CONFIGURED, 0);
	read_values(tb, &wish->values);
	if (!wish->values.admin_down)
		wish->values.diag = BFD_DIAGNOSTIC_NONE;
}

static void add_wish(struct bfd_state_session *session, struct rtattr *const *tb,
		     const struct bfd_values *in_use)
{
	session->wishes = bfd_grow(session->wishes, session->wish_count, sizeof(*session->wishes));
	read_wish(tb, in_use, &session->wishes[session->wish_count++]);
}

static void read_wishes(const struct bfd_message *message, struct rtattr *const *tb,
			struct bfd_state_session *session)
{
	const struct rtattr *attribute = message->attributes;
	struct bfd_values in_use = {.of[BFD_A_SESSION_RX_TTL] = BFD_DEFAULT_MIN_TTL};
	int length = message->length;

	read_values(tb, &in_use);
	for (; RTA_OK(attribute, length); attribute = RTA_NEXT(attribute, length)) {
		struct rtattr *member[BFD_A_SESSION_MAX + 1];

		if ((attribute->rta_type & NLA_TYPE_MASK) != BFD_A_SESSION_REQUEST)
			continue;
		parse_rtattr_nested(member, BFD_A_SESSION_MAX, attribute);
		add_wish(session, member, &in_use);
	}
	if (session->wish_count)
		return;
	add_wish(session, tb, &in_use);
	session->wishes[0].client[0] = '\0';
}

static void read_auth(struct rtattr *const *tb, int type, int chain, int variant,
		      struct bfd_auth_form *form)
{
	form->type = bfd_attr_u32(tb, type, BFD_AUTHENTICATION_TYPE_NONE);
	form->variant = bfd_attr_u32(tb, variant, BFD_DIGEST_VARIANT_RFC);
	copy_string(tb, chain, form->chain, sizeof(form->chain));
}

static int read_session(const struct bfd_message *message, void *context)
{
	struct rtattr *tb[BFD_A_SESSION_MAX + 1];
	struct bfd_state_session *session;
	struct bfd_state *state = context;
	uint32_t fixed;

	parse_rtattr_flags(tb, BFD_A_SESSION_MAX, message->attributes, message->length,
			   NLA_F_NESTED);
	if (!bfd_selected(NULL, tb))
		return 0;
	state->sessions = bfd_grow(state->sessions, state->session_count, sizeof(*session));
	session = &state->sessions[state->session_count++];
	memset(session, 0, sizeof(*session));
	session->id = bfd_attr_u32(tb, BFD_A_SESSION_LOCAL_DISCRIMINATOR, 0);
	session->remote = bfd_attr_address(tb, BFD_A_SESSION_REMOTE_ADDRESS);
	session->local = bfd_attr_address(tb, BFD_A_SESSION_LOCAL_ADDRESS);
	session->echo_source = bfd_attr_address(tb, BFD_A_SESSION_ECHO_SOURCE_ADDRESS);
	fixed = bfd_attr_u32(tb, BFD_A_SESSION_FIXED, 0);
	session->local_fixed = fixed & BFD_FIXED_LOCAL;
	session->echo_source_fixed = fixed & BFD_FIXED_ECHO_SOURCE;
	session->multihop = bfd_attr_u32(tb, BFD_A_SESSION_PATH_TYPE, 0) ==
			    BFD_PATH_TYPE_PATH_IP_MH;
	session->unsolicited = bfd_attr_u32(tb, BFD_A_SESSION_UNSOLICITED, 0);
	session->ifindex = bfd_attr_u32(tb, BFD_A_SESSION_IFINDEX, 0);
	copy_string(tb, BFD_A_SESSION_IFNAME, session->ifname, sizeof(session->ifname));
	copy_string(tb, BFD_A_SESSION_VRF, session->vrf, sizeof(session->vrf));
	copy_string(tb, BFD_A_SESSION_NAME, session->name, sizeof(session->name));
	read_auth(tb, BFD_A_SESSION_AUTH_TYPE, BFD_A_SESSION_AUTH_KEY_CHAIN,
		  BFD_A_SESSION_AUTH_VARIANT, &session->auth);
	session->awaits = tb[BFD_A_SESSION_AUTH_AWAITED_TYPE];
	read_auth(tb, BFD_A_SESSION_AUTH_AWAITED_TYPE, BFD_A_SESSION_AUTH_AWAITED_KEY_CHAIN,
		  BFD_A_SESSION_AUTH_AWAITED_VARIANT, &session->awaited);
	read_wishes(message, tb, session);
	return 0;
}

static int read_listener(const struct bfd_message *message, void *context)
{
	struct rtattr *tb[BFD_A_LISTENER_MAX + 1];
	const struct bfd_parameter *parameter;
	struct bfd_state_listener *listener;
	struct bfd_inet_address address;
	struct bfd_state *state = context;

	parse_rtattr_flags(tb, BFD_A_LISTENER_MAX, message->attributes, message->length,
			   NLA_F_NESTED);
	address = bfd_attr_address(tb, BFD_A_LISTENER_PREFIX);
	if (preferred_family && preferred_family != address.family)
		return 0;
	state->listeners = bfd_grow(state->listeners, state->listener_count, sizeof(*listener));
	listener = &state->listeners[state->listener_count++];
	memset(listener, 0, sizeof(*listener));
	listener->prefix.address = address;
	listener->prefix.length = bfd_attr_u32(tb, BFD_A_LISTENER_PREFIX_LENGTH, 0);
	listener->ifindex = bfd_attr_u32(tb, BFD_A_LISTENER_IFINDEX, 0);
	listener->configured = bfd_attr_u32(tb, BFD_A_LISTENER_CONFIGURED, 0);
	copy_string(tb, BFD_A_LISTENER_IFNAME, listener->ifname, sizeof(listener->ifname));
	for (parameter = bfd_parameters; parameter->name; parameter++)
		if (parameter->listener)
			listener->values.of[parameter->place] =
				bfd_attr_u32(tb, parameter->listener, parameter->absent);
	return 0;
}

static int read_key(const struct bfd_message *message, void *context)
{
	static const int times[BFD_KEY_TIMES] = {BFD_A_KEY_SEND_FROM, BFD_A_KEY_ACCEPT_FROM,
						 BFD_A_KEY_ACCEPT_UNTIL};
	struct rtattr *tb[BFD_A_KEY_MAX + 1];
	struct bfd_state *state = context;
	struct bfd_state_key *key;
	int i;

	parse_rtattr_flags(tb, BFD_A_KEY_MAX, message->attributes, message->length, NLA_F_NESTED);
	state->keys = bfd_grow(state->keys, state->key_count, sizeof(*key));
	key = &state->keys[state->key_count++];
	memset(key, 0, sizeof(*key));
	copy_string(tb, BFD_A_KEY_CHAIN, key->chain, sizeof(key->chain));
	key->id = bfd_attr_u32(tb, BFD_A_KEY_ID, 0);
	key->type = bfd_attr_u32(tb, BFD_A_KEY_TYPE, 0);
	for (i = 0; i < BFD_KEY_TIMES; i++)
		key->times_us[i] = bfd_attr_u64(tb, times[i], 0);
	return 0;
}

int bfd_read_state(struct bfd_state *state)
{
	static const struct {
		uint8_t command;
		bfd_message_fn read;
	} dumps[] = {
		{BFD_CMD_KEY_GET, read_key},
		{BFD_CMD_LISTENER_GET, read_listener},
		{BFD_CMD_SESSION_GET, read_session},
	};
	struct bfd_request request;
	int status = 0;
	size_t i;

	memset(state, 0, sizeof(*state));
	for (i = 0; !status && i < ARRAY_SIZE(dumps); i++) {
		bfd_request_init(&request, dumps[i].command, NLM_F_DUMP);
		status = bfd_ask(&request, dumps[i].read, state);
	}
	return status;
}
