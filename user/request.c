// SPDX-License-Identifier: GPL-2.0
/*
 * From attributes to what is asked for; see request.h.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "address.h"
#include "genl/generated/policy.h"
#include "request.h"

#define US_PER_MS 1000

/* genl/bfd.yaml must hold numbers; kern/limits.h is where they come from. */
_Static_assert(BFD_CHECK_SESSION_DESIRED_MIN_TX_INTERVAL_MIN == BFD_MIN_INTERVAL, "limits.h");
_Static_assert(BFD_CHECK_SESSION_REQUIRED_MIN_RX_INTERVAL_MIN == BFD_MIN_INTERVAL, "limits.h");
_Static_assert(BFD_CHECK_SESSION_LOCAL_MULTIPLIER_MIN == BFD_MIN_MULTIPLIER, "limits.h");
_Static_assert(BFD_CHECK_SESSION_LOCAL_MULTIPLIER_MAX == BFD_MAX_MULTIPLIER, "limits.h");
_Static_assert(BFD_CHECK_SESSION_NAME_MAX_LEN == BFD_NAME_MAX, "limits.h");
_Static_assert(BFD_CHECK_SESSION_CLIENT_MAX_LEN == BFD_CLIENT_NAME_MAX, "limits.h");
_Static_assert(BFD_CHECK_SESSION_AUTH_KEY_CHAIN_MAX_LEN == BFD_KEY_CHAIN_NAME_MAX, "limits.h");
_Static_assert(BFD_CHECK_SESSION_RX_TTL_MAX == BFD_TTL, "limits.h");
_Static_assert(BFD_CHECK_LISTENER_DESIRED_MIN_TX_INTERVAL_MIN == BFD_MIN_INTERVAL, "limits.h");
_Static_assert(BFD_CHECK_LISTENER_REQUIRED_MIN_RX_INTERVAL_MIN == BFD_MIN_INTERVAL, "limits.h");
_Static_assert(BFD_CHECK_LISTENER_LOCAL_MULTIPLIER_MIN == BFD_MIN_MULTIPLIER, "limits.h");
_Static_assert(BFD_CHECK_LISTENER_LOCAL_MULTIPLIER_MAX == BFD_MAX_MULTIPLIER, "limits.h");
_Static_assert(BFD_CHECK_LISTENER_LIMIT_MAX == BFD_MAX_SESSIONS, "limits.h");
_Static_assert(BFD_CHECK_LISTENER_IDLE_TIME_MIN == BFD_MIN_LISTEN_IDLE, "limits.h");

/* A member of struct bfd_config and the attributes that set it. */
static const struct config_member {
	uint32_t session;  /* attribute, 0: none */
	uint32_t listener; /* attribute, 0: none */
	uint32_t set;	   /* enum bfd_config_set */
	size_t offset;
	size_t size;	  /* 1 or 4 bytes */
	uint32_t minimum; /* of all values but 0, which is off */
} config_members[] = {
#define MEMBER(name, flag, member, least)                                                          \
	{                                                                                          \
		.session = BFD_A_SESSION_##name, .set = (flag),                                    \
		.offset = offsetof(struct bfd_config, member),                                     \
		.size = sizeof(((struct bfd_config *)NULL)->member), .minimum = (least)            \
	}
#define BOTH_MEMBER(name, flag, member, least)                                                     \
	{                                                                                          \
		.session = BFD_A_SESSION_##name, .listener = BFD_A_LISTENER_##name, .set = (flag), \
		.offset = offsetof(struct bfd_config, member),                                     \
		.size = sizeof(((struct bfd_config *)NULL)->member), .minimum = (least)            \
	}
	BOTH_MEMBER(DESIRED_MIN_TX_INTERVAL, BFD_CONFIG_DESIRED_MIN_TX, desired_min_tx_us, 0),
	BOTH_MEMBER(REQUIRED_MIN_RX_INTERVAL, BFD_CONFIG_REQUIRED_MIN_RX, required_min_rx_us, 0),
	BOTH_MEMBER(LOCAL_MULTIPLIER, BFD_CONFIG_MULT, mult, 0),
	MEMBER(PASSIVE, BFD_CONFIG_PASSIVE, passive, 0),
	MEMBER(ADMIN_DOWN, BFD_CONFIG_ADMIN_DOWN, admin_down, 0),
	MEMBER(RX_TTL, BFD_CONFIG_MIN_TTL, min_ttl, 0),
	BOTH_MEMBER(DEMAND_ENABLED, BFD_CONFIG_DEMAND, demand, 0),
	BOTH_MEMBER(DESIRED_MIN_ECHO_TX_INTERVAL, BFD_CONFIG_ECHO_TX, echo_tx_us,
		    BFD_MIN_ECHO_INTERVAL),
	BOTH_MEMBER(REQUIRED_MIN_ECHO_RX_INTERVAL, BFD_CONFIG_ECHO_RX, echo_rx_us,
		    BFD_MIN_ECHO_INTERVAL),
	BOTH_MEMBER(POLL_INTERVAL, BFD_CONFIG_POLL_INTERVAL, poll_interval_us, BFD_MIN_INTERVAL),
	BOTH_MEMBER(HOLD_DOWN_INTERVAL, BFD_CONFIG_HOLD_DOWN, hold_down_us, BFD_MIN_INTERVAL),
	{0},
#undef MEMBER
#undef BOTH_MEMBER
};

static uint32_t get_u32(const struct genl_request *request, uint32_t attribute, uint32_t absent)
{
	const struct nlattr *value = request->attributes[attribute];

	return value ? nla_get_u32(value) : absent;
}

static const char *get_string(const struct genl_request *request, uint32_t attribute)
{
	const struct nlattr *value = request->attributes[attribute];

	return value ? nla_get_string(value) : NULL;
}

static int parse_address(struct genl_request *request, uint32_t attribute, bool *has,
			 struct bfd_address *address)
{
	const struct nlattr *value = request->attributes[attribute];
	const char *name = request->op->set->attributes[attribute].name;

	*has = value;
	if (!value)
		return 0;
	if (!address_set(address, nla_data(value), nla_len(value)))
		return genl_fail_attribute(request, attribute, -EINVAL,
					   "%s must have 4 or 16 bytes, not %d", name,
					   nla_len(value));
	if (nla_len(value) == 16 && address_is_v4(address))
		return genl_fail_attribute(request, attribute, -EINVAL,
					   "%s ::ffff:%s is to be given as IPv4", name,
					   address_format(address).text);
	return 0;
}

static int check_family(struct genl_request *request, uint32_t attribute, const char *what,
			const struct bfd_address *address, const struct bfd_address *remote)
{
	if (address_family(remote) == address_family(address))
		return 0;
	return genl_fail_attribute(request, attribute, -EINVAL,
				   "%s %s is not of the family of the remote address %s", what,
				   address_format(address).text, address_format(remote).text);
}

/* Both addresses that a selector may have. */
static int parse_addresses(struct genl_request *request, bool *has_remote,
			   struct bfd_address *remote, bool *has_local, struct bfd_address *local)
{
	int err = parse_address(request, BFD_A_SESSION_REMOTE_ADDRESS, has_remote, remote);

	if (!err)
		err = parse_address(request, BFD_A_SESSION_LOCAL_ADDRESS, has_local, local);
	if (err || !*has_remote || !*has_local)
		return err;
	return check_family(request, BFD_A_SESSION_LOCAL_ADDRESS, "local address", local, remote);
}

int request_selector(struct genl_request *request, struct session_selector *selector)
{
	*selector = (struct session_selector){
		.local_discr = get_u32(request, BFD_A_SESSION_LOCAL_DISCRIMINATOR, 0),
		.ifindex = get_u32(request, BFD_A_SESSION_IFINDEX, 0),
		.name = get_string(request, BFD_A_SESSION_NAME),
		.has_multihop = request->attributes[BFD_A_SESSION_PATH_TYPE],
		.multihop = get_u32(request, BFD_A_SESSION_PATH_TYPE, 0) ==
			    BFD_PATH_TYPE_PATH_IP_MH,
		.has_vrf = request->attributes[BFD_A_SESSION_VRF_IFINDEX],
		.vrf_ifindex = get_u32(request, BFD_A_SESSION_VRF_IFINDEX, 0),
	};
	return parse_addresses(request, &selector->has_remote, &selector->remote,
			       &selector->has_local, &selector->local);
}

static uint32_t member_value(const struct config_member *member, const struct bfd_config *config)
{
	const uint8_t *at = (const uint8_t *)config + member->offset;
	uint32_t value;

	if (member->size == sizeof(uint8_t))
		return *at;
	memcpy(&value, at, sizeof(value));
	return value;
}

static int parse_member(struct genl_request *request, const struct config_member *member,
			uint32_t attribute, struct bfd_config *config)
{
	uint8_t *at = (uint8_t *)config + member->offset;
	uint32_t value;

	if (!attribute || !request->attributes[attribute])
		return 0;
	value = nla_get_u32(request->attributes[attribute]);
	if (value && value < member->minimum)
		return genl_fail_attribute(request, attribute, -ERANGE,
					   "%s %u is outside %u..%u, and not 0 for off",
					   request->op->set->attributes[attribute].name, value,
					   member->minimum, UINT32_MAX);
	config->set |= member->set;
	if (member->size == sizeof(uint8_t))
		*at = (uint8_t)value;
	else
		memcpy(at, &value, sizeof(value));
	return 0;
}

static int refuse_diag(struct genl_request *request, uint32_t diag, const char *reason)
{
	return genl_fail_attribute(request, BFD_A_SESSION_LOCAL_DIAGNOSTIC, -EINVAL,
				   "diagnostic %s %s", bfd_diagnostic_enum.names[diag], reason);
}

/* The reason of a disabled session (RFC 5880 6.8.16), or a word on the path beyond the peer
 * while the session is up (6.8.17).  All others are the session's own to say.
 */
static int parse_diag(struct genl_request *request, struct bfd_config *config)
{
	uint32_t diag = get_u32(request, BFD_A_SESSION_LOCAL_DIAGNOSTIC, BFD_DIAG_NONE);
	bool given = request->attributes[BFD_A_SESSION_LOCAL_DIAGNOSTIC];
	bool disabled = get_u32(request, BFD_A_SESSION_ADMIN_DOWN, 0);

	if (disabled && given && diag < BFD_DIAG_FORWARDING_RESET)
		return refuse_diag(request, diag, "is no reason to hold a session down");
	config->diag = BFD_DIAG_NONE;
	if (disabled)
		config->diag = given ? (__u8)diag : BFD_DIAG_ADMIN_DOWN;
	if (disabled || !given)
		return 0;
	if (diag != BFD_DIAG_NONE && diag != BFD_DIAG_CONCATENATED_PATH_DOWN &&
	    diag != BFD_DIAG_REVERSE_CONCATENATED_PATH_DOWN)
		return refuse_diag(request, diag,
				   diag < BFD_DIAG_FORWARDING_RESET
					   ? "is the session's own to say"
					   : "can only be said together with admin-down");
	config->set |= BFD_CONFIG_DIAG;
	config->path_diag = (__u8)diag;
	return 0;
}

/* RFC 5883: what a multihop session can't have, and what only it has. */
static int check_path_type(struct genl_request *request, bool multihop,
			   const struct bfd_config *config)
{
	if (multihop && config->echo_tx_us)
		return genl_fail_attribute(request, BFD_A_SESSION_DESIRED_MIN_ECHO_TX_INTERVAL,
					   -EOPNOTSUPP,
					   "a multihop session has no echo (RFC 5883 3)");
	if (multihop && config->echo_rx_us)
		return genl_fail_attribute(request, BFD_A_SESSION_REQUIRED_MIN_ECHO_RX_INTERVAL,
					   -EOPNOTSUPP,
					   "a multihop session loops no echo (RFC 5883 3)");
	if (!multihop && request->attributes[BFD_A_SESSION_RX_TTL])
		return genl_fail_attribute(
			request, BFD_A_SESSION_RX_TTL, -EOPNOTSUPP,
			"min-ttl (rx-ttl) is of multihop sessions: on a single hop it is 255 "
			"(RFC 5881 5)");
	return 0;
}

/* Authentication without the number of its key chain: all of it, or nothing. */
static int parse_auth(struct genl_request *request, struct bfd_config *config)
{
	static const uint32_t others[] = {BFD_A_SESSION_AUTH_KEY_CHAIN, BFD_A_SESSION_AUTH_VARIANT,
					  BFD_A_SESSION_AUTH_OPTIONAL};
	uint32_t type = get_u32(request, BFD_A_SESSION_AUTH_TYPE, BFD_AUTH_NONE);
	uint32_t variant = get_u32(request, BFD_A_SESSION_AUTH_VARIANT, BFD_DIGEST_VARIANT_RFC);
	size_t i;

	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (request->attributes[others[i]] && !request->attributes[BFD_A_SESSION_AUTH_TYPE])
			return genl_fail_missing(request, BFD_A_SESSION_AUTH_TYPE);
	if (!request->attributes[BFD_A_SESSION_AUTH_TYPE])
		return 0;
	if (variant == BFD_DIGEST_VARIANT_HMAC && type != BFD_AUTH_SHA1 &&
	    type != BFD_AUTH_METICULOUS_SHA1)
		return genl_fail_attribute(
			request, BFD_A_SESSION_AUTH_VARIANT, -EINVAL,
			"the variant hmac is of sha1 and meticulous-sha1, not %s",
			bfd_authentication_type_enum.names[type]);
	if (type && !request->attributes[BFD_A_SESSION_AUTH_KEY_CHAIN])
		return genl_fail_missing(request, BFD_A_SESSION_AUTH_KEY_CHAIN);
	if (!type && request->attributes[BFD_A_SESSION_AUTH_KEY_CHAIN])
		return genl_fail_attribute(request, BFD_A_SESSION_AUTH_KEY_CHAIN, -EINVAL,
					   "without authentication there are no keys");
	config->set |= BFD_CONFIG_AUTH;
	config->auth = (struct bfd_auth_config){
		.type = (__u8)type,
		.hmac = variant == BFD_DIGEST_VARIANT_HMAC,
		.optional = (__u8)get_u32(request, BFD_A_SESSION_AUTH_OPTIONAL, 0),
	};
	return 0;
}

static int parse_config(struct genl_request *request, bool multihop, struct bfd_config *config)
{
	const struct config_member *member;
	int err = 0;

	for (member = config_members; !err && member->set; member++)
		err = parse_member(request, member, member->session, config);
	if (!err)
		err = parse_diag(request, config);
	if (!err)
		err = parse_auth(request, config);
	return err ? err : check_path_type(request, multihop, config);
}

int request_config(struct genl_request *request, bool multihop, struct bfd_config *config)
{
	*config = (struct bfd_config){.set = 0};
	return parse_config(request, multihop, config);
}

int request_check_name(struct genl_request *request, uint32_t attribute)
{
	const char *text = get_string(request, attribute);
	const char *name = request->op->set->attributes[attribute].name;
	const char *at;

	if (!text)
		return 0;
	if (!*text)
		return genl_fail_attribute(request, attribute, -EINVAL, "%s is empty", name);
	for (at = text; *at; at++)
		if (iscntrl((unsigned char)*at))
			return genl_fail_attribute(request, attribute, -EINVAL,
						   "%s contains a control character", name);
	return 0;
}

const char *request_client(const struct genl_request *request)
{
	return get_string(request, BFD_A_SESSION_CLIENT);
}

/* Nothing is cut off: it was validated to fit with its NUL. */
static void copy_string(char *target, size_t size, const struct genl_request *request,
			uint32_t attribute)
{
	const char *text = get_string(request, attribute);

	if (text)
		snprintf(target, size, "%s", text);
}

static int parse_session_config(struct genl_request *request, struct session_request *wanted)
{
	unsigned int flags = request->header->nlmsg_flags;
	struct bfd_config *config = &wanted->config;
	int err;

	session_config_default(config);
	config->set = 0;
	config->min_ttl = wanted->multihop ? BFD_DEFAULT_MIN_TTL : BFD_TTL;
	err = parse_config(request, wanted->multihop, config);
	if (err)
		return err;
	if (config->set & BFD_CONFIG_DIAG && !(flags & NLM_F_REPLACE && !(flags & NLM_F_CREATE)))
		return refuse_diag(request, config->path_diag,
				   "is a word of a session that is up: set it when it is");
	/* For a session that exists and gets all of it; what it says of the path is no setting. */
	config->set |= BFD_CONFIG_ALL & ~(uint32_t)(BFD_CONFIG_DIAG | BFD_CONFIG_MIN_TTL);
	if (wanted->multihop)
		config->set |= BFD_CONFIG_MIN_TTL;
	config->multihop = wanted->multihop;
	config->remote_discr = get_u32(request, BFD_A_SESSION_REMOTE_DISCRIMINATOR, 0);
	return 0;
}

static int parse_session_addresses(struct genl_request *request, struct session_request *wanted)
{
	bool has_remote;
	int err = parse_addresses(request, &has_remote, &wanted->remote, &wanted->has_local,
				  &wanted->local);

	if (!err && !has_remote)
		err = genl_fail_missing(request, BFD_A_SESSION_REMOTE_ADDRESS);
	if (!err)
		err = parse_address(request, BFD_A_SESSION_ECHO_SOURCE_ADDRESS,
				    &wanted->has_echo_source, &wanted->echo_source);
	if (err || !wanted->has_echo_source)
		return err;
	if (wanted->multihop)
		return genl_fail_attribute(request, BFD_A_SESSION_ECHO_SOURCE_ADDRESS, -EOPNOTSUPP,
					   "a multihop session has no echo (RFC 5883 3)");
	return check_family(request, BFD_A_SESSION_ECHO_SOURCE_ADDRESS, "echo source",
			    &wanted->echo_source, &wanted->remote);
}

int request_session(struct genl_request *request, struct session_request *wanted)
{
	int err;

	*wanted = (struct session_request){
		.ifindex = get_u32(request, BFD_A_SESSION_IFINDEX, 0),
		.multihop = get_u32(request, BFD_A_SESSION_PATH_TYPE, BFD_PATH_TYPE_PATH_IP_SH) ==
			    BFD_PATH_TYPE_PATH_IP_MH,
		.vrf_ifindex = get_u32(request, BFD_A_SESSION_VRF_IFINDEX, 0),
		.configured = get_u32(request, BFD_A_SESSION_CONFIGURED, 0),
	};
	err = parse_session_addresses(request, wanted);
	if (!err && wanted->multihop && wanted->ifindex)
		err = genl_fail_attribute(request, BFD_A_SESSION_IFINDEX, -EOPNOTSUPP,
					  "a multihop session is bound to no device: its packets "
					  "follow the route (say which routes by vrf)");
	if (!err)
		err = request_check_name(request, BFD_A_SESSION_NAME);
	if (!err)
		err = request_check_name(request, BFD_A_SESSION_CLIENT);
	if (err)
		return err;
	copy_string(wanted->name, sizeof(wanted->name), request, BFD_A_SESSION_NAME);
	copy_string(wanted->client, sizeof(wanted->client), request, BFD_A_SESSION_CLIENT);
	return parse_session_config(request, wanted);
}

/* Bits of the prefix beyond its length would never be looked at. */
static int check_prefix(struct genl_request *request, const struct listener_request *wanted,
			uint32_t length)
{
	bool is_v4 = address_is_v4(&wanted->prefix);
	uint32_t longest = is_v4 ? 32 : 128;
	struct bfd_address rest = wanted->prefix;
	uint32_t bit;

	if (length > longest)
		return genl_fail_attribute(request, BFD_A_LISTENER_PREFIX_LENGTH, -EINVAL,
					   "prefix-length of an %s prefix is at most %u, not %u",
					   is_v4 ? "IPv4" : "IPv6", longest, length);
	for (bit = length + (128 - longest); bit < 128; bit++)
		rest.bytes[bit / 8] &= (uint8_t) ~(0x80U >> bit % 8);
	if (address_equal(&rest, &wanted->prefix))
		return 0;
	return genl_fail_attribute(request, BFD_A_LISTENER_PREFIX, -EINVAL,
				   "prefix %s has bits beyond its length %u",
				   address_format(&wanted->prefix).text, length);
}

int request_listener_key(struct genl_request *request, struct listener_request *wanted)
{
	static const uint32_t required[] = {BFD_A_LISTENER_PREFIX, BFD_A_LISTENER_PREFIX_LENGTH,
					    BFD_A_LISTENER_IFINDEX};
	const struct nlattr *ifname = request->attributes[BFD_A_LISTENER_IFNAME];
	uint32_t length = get_u32(request, BFD_A_LISTENER_PREFIX_LENGTH, 0);
	bool has_prefix;
	size_t i;
	int err;

	*wanted = (struct listener_request){
		.prefix_length = (uint8_t)length,
		.ifindex = get_u32(request, BFD_A_LISTENER_IFINDEX, 0),
	};
	for (i = 0; i < sizeof(required) / sizeof(required[0]); i++)
		if (!request->attributes[required[i]] &&
		    !(ifname && required[i] == BFD_A_LISTENER_IFINDEX))
			return genl_fail_missing(request, required[i]);
	if (ifname)
		nla_strlcpy(wanted->ifname, ifname, sizeof(wanted->ifname));
	err = parse_address(request, BFD_A_LISTENER_PREFIX, &has_prefix, &wanted->prefix);
	return err ? err : check_prefix(request, wanted, length);
}

/* A session that is held down for long isn't one that is gone. */
static int check_idle(struct genl_request *request, const struct listener_request *wanted)
{
	uint64_t idle_us = wanted->idle_ms * US_PER_MS;

	if (idle_us >= wanted->config.hold_down_us)
		return 0;
	return genl_fail_attribute(request, BFD_A_LISTENER_HOLD_DOWN_INTERVAL, -EINVAL,
				   "idle-time %" PRIu64 " is below hold-down-interval %u", idle_us,
				   wanted->config.hold_down_us);
}

int request_listener(struct genl_request *request, struct listener_request *wanted)
{
	const struct config_member *member;
	int err = request_listener_key(request, wanted);

	session_config_default(&wanted->config);
	for (member = config_members; !err && member->set; member++)
		err = parse_member(request, member, member->listener, &wanted->config);
	if (err)
		return err;
	wanted->config.set = BFD_CONFIG_ALL & ~(uint32_t)BFD_CONFIG_DIAG;
	if (get_u32(request, BFD_A_LISTENER_CONFIGURED, 0))
		wanted->config.set |= BFD_CONFIG_CONFIGURED;
	wanted->config.passive = 1; /* RFC 9468 2 */
	wanted->config.min_ttl = BFD_TTL;
	wanted->limit = get_u32(request, BFD_A_LISTENER_LIMIT, BFD_DEFAULT_LISTEN_LIMIT);
	wanted->idle_ms =
		get_u32(request, BFD_A_LISTENER_IDLE_TIME, BFD_DEFAULT_LISTEN_IDLE) / US_PER_MS;
	return check_idle(request, wanted);
}

int request_put_listener_config(struct nl_msg *message, const struct bfd_config *config)
{
	const struct config_member *member;

	for (member = config_members; member->set; member++)
		if (member->listener &&
		    nla_put_u32(message, (int)member->listener, member_value(member, config)) < 0)
			return -EMSGSIZE;
	return nla_put_u32(message, BFD_A_LISTENER_CONFIGURED,
			   !!(config->set & BFD_CONFIG_CONFIGURED)) < 0
		       ? -EMSGSIZE
		       : 0;
}

int request_put_differences(struct nl_msg *message, const struct bfd_config *config,
			    const struct bfd_config *from)
{
	const struct config_member *member;

	for (member = config_members; member->set; member++)
		if (member_value(member, config) != member_value(member, from) &&
		    nla_put_u32(message, (int)member->session, member_value(member, config)) < 0)
			return -EMSGSIZE;
	if (config->admin_down && config->diag != from->diag &&
	    nla_put_u32(message, BFD_A_SESSION_LOCAL_DIAGNOSTIC, config->diag) < 0)
		return -EMSGSIZE;
	return 0;
}

static int fail_field(struct genl_request *request, int error, uint32_t attribute,
		      const struct session_error *session_error)
{
	if (!attribute)
		return genl_fail(request, error, "%s", session_error->text);
	return genl_fail_attribute(request, attribute, error, "%s", session_error->text);
}

int request_fail(struct genl_request *request, int error, const struct session_error *session_error)
{
	static const uint32_t attributes[] = {
		[SESSION_FIELD_NONE] = 0,
		[SESSION_FIELD_DISCR] = BFD_A_SESSION_LOCAL_DISCRIMINATOR,
		[SESSION_FIELD_REMOTE] = BFD_A_SESSION_REMOTE_ADDRESS,
		[SESSION_FIELD_LOCAL] = BFD_A_SESSION_LOCAL_ADDRESS,
		[SESSION_FIELD_DEVICE] = BFD_A_SESSION_IFINDEX,
		[SESSION_FIELD_NAME] = BFD_A_SESSION_NAME,
		[SESSION_FIELD_VRF] = BFD_A_SESSION_VRF_IFINDEX,
		[SESSION_FIELD_PATH_TYPE] = BFD_A_SESSION_PATH_TYPE,
		[SESSION_FIELD_ECHO_SOURCE] = BFD_A_SESSION_ECHO_SOURCE_ADDRESS,
		[SESSION_FIELD_CLIENT] = BFD_A_SESSION_CLIENT,
		[SESSION_FIELD_AUTH] = BFD_A_SESSION_AUTH_TYPE,
	};

	return fail_field(request, error, attributes[session_error->field], session_error);
}

int request_fail_listener(struct genl_request *request, int error,
			  const struct session_error *session_error)
{
	uint32_t attribute = 0;

	if (session_error->field == SESSION_FIELD_DEVICE)
		attribute = BFD_A_LISTENER_IFINDEX;
	else if (session_error->field == SESSION_FIELD_REMOTE)
		attribute = BFD_A_LISTENER_PREFIX;
	return fail_field(request, error, attribute, session_error);
}
