/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What goes beyond plain sessions, through the netlink server with the family's real
 * tables and handlers, against a session set in memory: bounds and malformed forms
 * of each attribute, what they mean together, and the operations on listeners,
 * clients, Polls and resets.
 */
#define _GNU_SOURCE /* unshare */
#include <arpa/inet.h>
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include <netlink/attr.h>

#include "kern/limits.h"
#include "selftests/unit/tap.h"

#include "server_fixture.h"
#include "server_requests.h"

/* A request for a new session to 192.0.2.2 with one number more. */
static struct answer new_with(struct fixture *fixture, int type, uint32_t value)
{
	struct nl_msg *message = request_new(fixture, BFD_CMD_SESSION_NEW, CREATE);

	put_remote(message, "192.0.2.2");
	nla_put_u32(message, type, value);
	return transact(fixture, message);
}

/* The same of a multihop session. */
static struct answer new_multihop_with(struct fixture *fixture, int type, uint32_t value)
{
	struct nl_msg *message = request_new(fixture, BFD_CMD_SESSION_NEW, CREATE);

	put_remote(message, "198.51.100.2");
	nla_put_u32(message, BFD_A_SESSION_PATH_TYPE, BFD_PATH_TYPE_PATH_IP_MH);
	nla_put_u32(message, type, value);
	return transact(fixture, message);
}

/* What each of the parameters beyond the plain ones may be. */
static void test_option_values(struct fixture *fixture)
{
	expect_error("path-type below its values", new_with(fixture, BFD_A_SESSION_PATH_TYPE, 0),
		     -ERANGE, "path-type 0 is outside 1..2", 28);
	expect_error("path-type above its values", new_with(fixture, BFD_A_SESSION_PATH_TYPE, 3),
		     -ERANGE, "path-type 3 is outside 1..2", 28);
	expect_error("demand that is no switch", new_with(fixture, BFD_A_SESSION_DEMAND_ENABLED, 2),
		     -ERANGE, "demand-enabled 2 is outside 0..1", 28);
	expect_error("echo that is too fast",
		     new_with(fixture, BFD_A_SESSION_DESIRED_MIN_ECHO_TX_INTERVAL, 3299), -ERANGE,
		     "desired-min-echo-tx-interval 3299 is outside 3300..4294967295, and not 0 for "
		     "off",
		     28);
	expect_error("echo that is granted too fast",
		     new_with(fixture, BFD_A_SESSION_REQUIRED_MIN_ECHO_RX_INTERVAL, 1), -ERANGE,
		     "required-min-echo-rx-interval 1 is outside 3300..4294967295, and not 0 for "
		     "off",
		     28);
	expect_error("Polls that are too frequent",
		     new_with(fixture, BFD_A_SESSION_POLL_INTERVAL, 999), -ERANGE,
		     "poll-interval 999 is outside 1000..4294967295, and not 0 for off", 28);
	expect_error("hold-down that is too short",
		     new_with(fixture, BFD_A_SESSION_HOLD_DOWN_INTERVAL, 999), -ERANGE,
		     "hold-down-interval 999 is outside 1000..4294967295, and not 0 for off", 28);
	expect_error("diagnostic that there isn't",
		     new_with(fixture, BFD_A_SESSION_LOCAL_DIAGNOSTIC, 9), -ERANGE,
		     "local-diagnostic 9 is outside 0..8", 28);
	expect_error("diagnostic of the session's own",
		     new_with(fixture, BFD_A_SESSION_LOCAL_DIAGNOSTIC, BFD_DIAG_NEIGHBOR_DOWN),
		     -EINVAL, "diagnostic neighbor-down is the session's own to say", 28);
	expect_error("diagnostic of a disabled session, of one that isn't",
		     new_with(fixture, BFD_A_SESSION_LOCAL_DIAGNOSTIC, BFD_DIAG_PATH_DOWN), -EINVAL,
		     "diagnostic path-down can only be said together with admin-down", 28);
	expect_error(
		"word on the path of a session that isn't up",
		new_with(fixture, BFD_A_SESSION_LOCAL_DIAGNOSTIC, BFD_DIAG_CONCATENATED_PATH_DOWN),
		-EINVAL,
		"diagnostic concatenated-path-down is a word of a session that is up: set it "
		"when it is",
		28);
	expect_error(
		"rx-ttl of a single hop", new_with(fixture, BFD_A_SESSION_RX_TTL, 255), -EOPNOTSUPP,
		"min-ttl (rx-ttl) is of multihop sessions: on a single hop it is 255 (RFC 5881 5)",
		28);
	expect_error("rx-ttl 0", new_multihop_with(fixture, BFD_A_SESSION_RX_TTL, 0), -ERANGE,
		     "rx-ttl 0 is outside 1..255", 36);
	expect_error("rx-ttl 256", new_multihop_with(fixture, BFD_A_SESSION_RX_TTL, 256), -ERANGE,
		     "rx-ttl 256 is outside 1..255", 36);
	expect_error("ECHO-12: echo of a multihop session",
		     new_multihop_with(fixture, BFD_A_SESSION_DESIRED_MIN_ECHO_TX_INTERVAL, 50000),
		     -EOPNOTSUPP, "a multihop session has no echo (RFC 5883 3)", 36);
	expect_error("ECHO-12: echo for the peer of a multihop session",
		     new_multihop_with(fixture, BFD_A_SESSION_REQUIRED_MIN_ECHO_RX_INTERVAL, 50000),
		     -EOPNOTSUPP, "a multihop session loops no echo (RFC 5883 3)", 36);
	expect_error("device of a multihop session",
		     new_multihop_with(fixture, BFD_A_SESSION_IFINDEX, 7), -EOPNOTSUPP,
		     "a multihop session is bound to no device: its packets follow the route (say "
		     "which routes by vrf)",
		     36);
}

/* Names and addresses among them. */
static void test_option_strings(struct fixture *fixture)
{
	const uint8_t loopback[16] = {[15] = 1};
	struct nl_msg *message;

	message = request_new(fixture, BFD_CMD_SESSION_NEW, CREATE);
	put_remote(message, "192.0.2.2");
	nla_put(message, BFD_A_SESSION_ECHO_SOURCE_ADDRESS, 16, loopback);
	expect_error("echo source of the other family", transact(fixture, message), -EINVAL,
		     "echo source ::1 is not of the family of the remote address "
		     "192.0.2.2",
		     28);
	message = request_new(fixture, BFD_CMD_SESSION_NEW, CREATE);
	put_remote(message, "198.51.100.2");
	nla_put_u32(message, BFD_A_SESSION_PATH_TYPE, BFD_PATH_TYPE_PATH_IP_MH);
	nla_put(message, BFD_A_SESSION_ECHO_SOURCE_ADDRESS, 4, loopback);
	expect_error("ECHO-12: echo source of a multihop session", transact(fixture, message),
		     -EOPNOTSUPP, "a multihop session has no echo (RFC 5883 3)", 36);
	expect_error("client that is too long",
		     one_attribute(fixture, BFD_CMD_SESSION_NEW, BFD_A_SESSION_CLIENT,
				   "1234567890123456", 17),
		     -ERANGE, "client has 16 bytes, which is outside 0..15", 20);
	message = request_new(fixture, BFD_CMD_SESSION_NEW, CREATE);
	put_remote(message, "192.0.2.2");
	nla_put_string(message, BFD_A_SESSION_CLIENT, "");
	expect_error("client without a name", transact(fixture, message), -EINVAL,
		     "client is empty", 28);
	message = request_new(fixture, BFD_CMD_SESSION_NEW, CREATE);
	put_remote(message, "192.0.2.2");
	nla_put_string(message, BFD_A_SESSION_CLIENT, "a");
	nla_put_string(message, BFD_A_SESSION_CLIENT, "b");
	expect_error("two clients", transact(fixture, message), -EINVAL, "client is given twice",
		     36);
	message = request_new(fixture, BFD_CMD_SESSION_NEW, NLM_F_ACK | NLM_F_REPLACE);
	put_remote(message, "192.0.2.2");
	nla_put_string(message, BFD_A_SESSION_CLIENT, "a");
	expect_error("client of a change", transact(fixture, message), -EINVAL,
		     "a client joins with NLM_F_CREATE only", 28);
}

/* Fields of a listener, and what they may be. */
static struct answer listener(struct fixture *fixture, uint8_t command, unsigned int flags,
			      const char *prefix, uint32_t length, int type, uint32_t value)
{
	struct nl_msg *message = request_new(fixture, command, flags);
	uint8_t bytes[16];

	if (inet_pton(AF_INET, prefix, bytes) == 1)
		nla_put(message, BFD_A_LISTENER_PREFIX, 4, bytes);
	else if (inet_pton(AF_INET6, prefix, bytes) == 1)
		nla_put(message, BFD_A_LISTENER_PREFIX, 16, bytes);
	nla_put_u32(message, BFD_A_LISTENER_PREFIX_LENGTH, length);
	nla_put_u32(message, BFD_A_LISTENER_IFINDEX, 7);
	if (type)
		nla_put_u32(message, type, value);
	return transact(fixture, message);
}

static struct answer new_listener_with(struct fixture *fixture, int type, uint32_t value)
{
	return listener(fixture, BFD_CMD_LISTENER_NEW, CREATE, "192.0.2.0", 24, type, value);
}

static void test_listener_values(struct fixture *fixture)
{
	const uint8_t zeros[4] = {0};
	struct answer answer;

	answer = simple(fixture, BFD_CMD_LISTENER_NEW, CREATE);
	tap_check(answer.error == -EINVAL && answer.missing == BFD_A_LISTENER_PREFIX &&
			  !strcmp(answer.text, "prefix is missing"),
		  "a listener without a prefix");
	answer = one_attribute(fixture, BFD_CMD_LISTENER_DEL, BFD_A_LISTENER_PREFIX, zeros, 4);
	tap_check(answer.missing == BFD_A_LISTENER_PREFIX_LENGTH, "without the length of it");
	expect_error("prefix longer than an address",
		     listener(fixture, BFD_CMD_LISTENER_NEW, CREATE, "192.0.2.0", 33, 0, 0),
		     -EINVAL, "prefix-length of an IPv4 prefix is at most 32, not 33", 28);
	expect_error("prefix longer than any address",
		     listener(fixture, BFD_CMD_LISTENER_NEW, CREATE, "2001:db8::", 129, 0, 0),
		     -ERANGE, "prefix-length 129 is outside 0..128", 40);
	expect_error("bits beyond a prefix",
		     listener(fixture, BFD_CMD_LISTENER_NEW, CREATE, "192.0.2.1", 31, 0, 0),
		     -EINVAL, "prefix 192.0.2.1 has bits beyond its length 31", 20);
	expect_error("bits beyond a prefix of IPv6",
		     listener(fixture, BFD_CMD_LISTENER_NEW, CREATE, "2001:db8::8000:0", 96, 0, 0),
		     -EINVAL, "prefix 2001:db8::8000:0 has bits beyond its length 96", 20);
	expect_error("limit 0", new_listener_with(fixture, BFD_A_LISTENER_LIMIT, 0), -ERANGE,
		     "limit 0 is outside 1..16384", 44);
	expect_error("limit 16385", new_listener_with(fixture, BFD_A_LISTENER_LIMIT, 16385),
		     -ERANGE, "limit 16385 is outside 1..16384", 44);
	expect_error("idle time that is too short",
		     new_listener_with(fixture, BFD_A_LISTENER_IDLE_TIME, 999999), -ERANGE,
		     "idle-time 999999 is outside 1000000..4294967295", 44);
	expect_error("interval of a listener",
		     new_listener_with(fixture, BFD_A_LISTENER_DESIRED_MIN_TX_INTERVAL, 999),
		     -ERANGE, "desired-min-tx-interval 999 is outside 1000..4294967295", 44);
	expect_error("echo of a listener",
		     new_listener_with(fixture, BFD_A_LISTENER_REQUIRED_MIN_ECHO_RX_INTERVAL, 5),
		     -ERANGE,
		     "required-min-echo-rx-interval 5 is outside 3300..4294967295, and not 0 for "
		     "off",
		     44);
	expect_error("deletion with a parameter",
		     listener(fixture, BFD_CMD_LISTENER_DEL, NLM_F_ACK, "192.0.2.0", 24,
			      BFD_A_LISTENER_LIMIT, 5),
		     -EINVAL, "listener-del doesn't take the attribute limit", 44);
	answer = simple(fixture, BFD_CMD_LISTENER_GET, NLM_F_DUMP);
	tap_check(answer.done && !answer.messages, "what is refused makes no listener");
}

static void test_validation(void)
{
	struct fixture fixture;

	fixture_open(&fixture);
	test_option_values(&fixture);
	test_option_strings(&fixture);
	test_listener_values(&fixture);
	tap_equal(sessions_count(fixture.sessions), 0, "what is refused changes nothing");
	fixture_close(&fixture);
}

/* Attributes of the session that session-get answers with, to be read once. */
static const struct nlattr *session_attribute(struct fixture *fixture, uint32_t discr, int type)
{
	static uint32_t buffer[1024];
	struct nl_msg *message = request_new(fixture, BFD_CMD_SESSION_GET, 0);

	nla_put_u32(message, BFD_A_SESSION_LOCAL_DISCRIMINATOR, discr);
	client_send(fixture->client, nlmsg_hdr(message), nlmsg_hdr(message)->nlmsg_len);
	nlmsg_free(message);
	fixture_serve(fixture);
	if (recv(fixture->client, buffer, sizeof(buffer), MSG_DONTWAIT) <= 0)
		return NULL;
	return nlmsg_find_attr((struct nlmsghdr *)buffer, GENL_HDRLEN, type);
}

/* -1: it isn't there. */
static int64_t session_u32(struct fixture *fixture, uint32_t discr, int type)
{
	const struct nlattr *attribute = session_attribute(fixture, discr, type);

	return attribute ? (int64_t)nla_get_u32(attribute) : -1;
}

static struct answer set(struct fixture *fixture, uint32_t discr, int type, uint32_t value)
{
	struct nl_msg *message = request_new(fixture, BFD_CMD_SESSION_SET, NLM_F_ACK);

	nla_put_u32(message, BFD_A_SESSION_LOCAL_DISCRIMINATOR, discr);
	nla_put_u32(message, type, value);
	return transact(fixture, message);
}

/* Each parameter comes back as it was set, and what isn't set keeps its value. */
static void test_options(void)
{
	static const struct {
		int type;
		uint32_t value;
	} options[] = {
		{BFD_A_SESSION_DESIRED_MIN_TX_INTERVAL, 4294967295U},
		{BFD_A_SESSION_REQUIRED_MIN_RX_INTERVAL, 1000},
		{BFD_A_SESSION_LOCAL_MULTIPLIER, 255},
		{BFD_A_SESSION_PASSIVE, 1},
		{BFD_A_SESSION_DEMAND_ENABLED, 1},
		{BFD_A_SESSION_DESIRED_MIN_ECHO_TX_INTERVAL, 3300},
		{BFD_A_SESSION_REQUIRED_MIN_ECHO_RX_INTERVAL, 4294967295U},
		{BFD_A_SESSION_POLL_INTERVAL, 1000},
		{BFD_A_SESSION_HOLD_DOWN_INTERVAL, 4294967295U},
		{BFD_A_SESSION_LOCAL_DIAGNOSTIC, BFD_DIAG_REVERSE_CONCATENATED_PATH_DOWN},
	};
	struct fixture fixture;
	struct answer answer;
	size_t i;

	fixture_open(&fixture);
	add(&fixture, "192.0.2.2", CREATE);
	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		answer = set(&fixture, 1001, options[i].type, options[i].value);
		tap_check(!answer.error && answer.messages == 1, "set %s",
			  bfd_session_attributes.attributes[options[i].type].name);
	}
	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		tap_equal(session_u32(&fixture, 1001, options[i].type), options[i].value,
			  bfd_session_attributes.attributes[options[i].type].name);
	tap_equal(session_u32(&fixture, 1001, BFD_A_SESSION_DETECTION_MODE),
		  BFD_DETECTION_MODE_DEMAND_WITH_ECHO, "the mode that follows");
	tap_equal(session_u32(&fixture, 1001, BFD_A_SESSION_ECHO_TX_INTERVAL_IN_USE), 20000,
		  "the echo interval that the peer grants");
	tap_equal(session_u32(&fixture, 1001, BFD_A_SESSION_RX_TTL), -1,
		  "a single hop has no rx-ttl");
	/* Then a replace gives what isn't said its default. */
	answer = add(&fixture, "192.0.2.2", NLM_F_CREATE | NLM_F_REPLACE | NLM_F_ACK);
	tap_check(!answer.error && answer.discr == 1001, "replace");
	tap_equal(session_u32(&fixture, 1001, BFD_A_SESSION_DEMAND_ENABLED), 0, "no Demand mode");
	tap_equal(session_u32(&fixture, 1001, BFD_A_SESSION_DESIRED_MIN_ECHO_TX_INTERVAL), 0,
		  "no echo");
	tap_equal(session_u32(&fixture, 1001, BFD_A_SESSION_HOLD_DOWN_INTERVAL), 0, "no hold-down");
	tap_equal(session_u32(&fixture, 1001, BFD_A_SESSION_LOCAL_DIAGNOSTIC),
		  BFD_DIAG_REVERSE_CONCATENATED_PATH_DOWN, "a signal is no setting");
	fixture_close(&fixture);
}

/* RFC 5880 6.8.16: the reason to hold a session down. */
static void test_admin_diag(void)
{
	struct fixture fixture;
	struct nl_msg *message;

	fixture_open(&fixture);
	add(&fixture, "192.0.2.2", CREATE);
	set(&fixture, 1001, BFD_A_SESSION_ADMIN_DOWN, 1);
	tap_equal(session_u32(&fixture, 1001, BFD_A_SESSION_LOCAL_DIAGNOSTIC), BFD_DIAG_ADMIN_DOWN,
		  "admin-down says so");
	message = request_new(&fixture, BFD_CMD_SESSION_SET, NLM_F_ACK);
	nla_put_u32(message, BFD_A_SESSION_LOCAL_DISCRIMINATOR, 1001);
	nla_put_u32(message, BFD_A_SESSION_ADMIN_DOWN, 1);
	nla_put_u32(message, BFD_A_SESSION_LOCAL_DIAGNOSTIC, BFD_DIAG_DETECTION_EXPIRED);
	expect_error("a reason that is none", transact(&fixture, message), -EINVAL,
		     "diagnostic control-expiry is no reason to hold a session down", 36);
	message = request_new(&fixture, BFD_CMD_SESSION_SET, NLM_F_ACK);
	nla_put_u32(message, BFD_A_SESSION_LOCAL_DISCRIMINATOR, 1001);
	nla_put_u32(message, BFD_A_SESSION_ADMIN_DOWN, 1);
	nla_put_u32(message, BFD_A_SESSION_LOCAL_DIAGNOSTIC, BFD_DIAG_PATH_DOWN);
	transact(&fixture, message);
	tap_equal(session_u32(&fixture, 1001, BFD_A_SESSION_LOCAL_DIAGNOSTIC), BFD_DIAG_PATH_DOWN,
		  "or what is given");
	expect_error("a word on the path of a session that isn't up, later",
		     set(&fixture, 1001, BFD_A_SESSION_LOCAL_DIAGNOSTIC, BFD_DIAG_NONE), -ENOTCONN,
		     "session 1001 is not up: it has no path to speak of", 28);
	fixture_close(&fixture);
}

static void test_multihop(void)
{
	struct fixture fixture;
	struct nl_msg *message;
	struct answer answer;

	fixture_open(&fixture);
	add(&fixture, "192.0.2.2", CREATE);
	answer = new_multihop_with(&fixture, BFD_A_SESSION_RX_TTL, 250);
	tap_check(!answer.error && answer.discr == 1002, "a multihop session");
	tap_equal(session_u32(&fixture, 1002, BFD_A_SESSION_RX_TTL), 250, "its rx-ttl");
	tap_equal(session_u32(&fixture, 1002, BFD_A_SESSION_PATH_TYPE), BFD_PATH_TYPE_PATH_IP_MH,
		  "its path-type");
	expect_error("ECHO-12: echo by a change",
		     set(&fixture, 1002, BFD_A_SESSION_DESIRED_MIN_ECHO_TX_INTERVAL, 50000),
		     -EOPNOTSUPP, "a multihop session has no echo (RFC 5883 3)", 28);
	answer = set(&fixture, 1002, BFD_A_SESSION_RX_TTL, 255);
	tap_check(!answer.error, "a change of rx-ttl");
	tap_equal(session_u32(&fixture, 1002, BFD_A_SESSION_RX_TTL), 255, "is seen");
	expect_error(
		"rx-ttl of a single hop by a change",
		set(&fixture, 1001, BFD_A_SESSION_RX_TTL, 255), -EOPNOTSUPP,
		"min-ttl (rx-ttl) is of multihop sessions: on a single hop it is 255 (RFC 5881 5)",
		28);
	message = request_new(&fixture, BFD_CMD_SESSION_GET, NLM_F_DUMP);
	nla_put_u32(message, BFD_A_SESSION_PATH_TYPE, BFD_PATH_TYPE_PATH_IP_MH);
	answer = transact(&fixture, message);
	tap_check(answer.messages == 1 && answer.discr == 1002, "a dump of multihop sessions");
	message = request_new(&fixture, BFD_CMD_SESSION_GET, NLM_F_DUMP);
	nla_put_u32(message, BFD_A_SESSION_VRF_IFINDEX, 9);
	answer = transact(&fixture, message);
	tap_check(answer.done && answer.messages == 0, "a dump of another routing domain");
	fixture_close(&fixture);
}

/* Polls on request, resets and clients. */
static void test_commands(void)
{
	struct fixture fixture;
	struct nl_msg *message;
	struct answer answer;
	int listener_client;

	fixture_open(&fixture);
	message = request_new(&fixture, BFD_CMD_SESSION_NEW, CREATE);
	put_remote(message, "192.0.2.2");
	nla_put_string(message, BFD_A_SESSION_CLIENT, "123456789012345");
	answer = transact(&fixture, message);
	tap_check(!answer.error && session_attribute(&fixture, 1001, BFD_A_SESSION_CLIENT) &&
			  !strcmp(nla_get_string((struct nlattr *)(uintptr_t)session_attribute(
					  &fixture, 1001, BFD_A_SESSION_CLIENT)),
				  "123456789012345"),
		  "a session for a client");
	expect_error("Poll without a selector", simple(&fixture, BFD_CMD_SESSION_POLL, NLM_F_ACK),
		     -EINVAL, "which session?", 0);
	message = request_new(&fixture, BFD_CMD_SESSION_POLL, NLM_F_ACK);
	put_remote(message, "192.0.2.2");
	answer = transact(&fixture, message);
	tap_check(answer.acks == 1 && !answer.error, "Poll");
	tap_equal(session_u32(&fixture, 1001, BFD_A_SESSION_POLL_ACTIVE), 1, "is under way");
	expect_error("Poll with a parameter",
		     one_attribute(&fixture, BFD_CMD_SESSION_POLL, BFD_A_SESSION_DEMAND_ENABLED,
				   "\1\0\0\0", 4),
		     -EINVAL, "session-poll doesn't take the attribute demand-enabled", 20);

	add(&fixture, "192.0.2.3", CREATE);
	listener_client = client_open(NULL);
	join(listener_client, BFD_GROUP_STATE);
	message = request_new(&fixture, BFD_CMD_SESSION_RESET, NLM_F_ACK);
	put_remote(message, "192.0.2.3");
	answer = transact(&fixture, message);
	tap_check(!answer.error, "reset of one");
	memset(&answer, 0, sizeof(answer));
	client_receive(listener_client, &answer);
	tap_check(answer.messages == 1 && answer.discr == 1002, "is told");
	simple(&fixture, BFD_CMD_SESSION_RESET, NLM_F_ACK);
	memset(&answer, 0, sizeof(answer));
	client_receive(listener_client, &answer);
	tap_equal(answer.messages, 2, "reset of all");
	close(listener_client);

	message = request_new(&fixture, BFD_CMD_SESSION_DEL, NLM_F_ACK);
	put_remote(message, "192.0.2.2");
	nla_put_string(message, BFD_A_SESSION_CLIENT, "nobody");
	expect_error("a stranger can't leave", transact(&fixture, message), -ENOENT,
		     "nobody is no client of session 1001", 28);
	message = request_new(&fixture, BFD_CMD_SESSION_DEL, NLM_F_ACK);
	put_remote(message, "192.0.2.2");
	nla_put_string(message, BFD_A_SESSION_CLIENT, "123456789012345");
	answer = transact(&fixture, message);
	tap_check(!answer.error && sessions_count(fixture.sessions) == 1,
		  "the last client's leaving deletes");
	fixture_close(&fixture);
}

static void test_listeners(void)
{
	struct fixture fixture;
	struct answer answer;

	fixture_open(&fixture);
	answer = new_listener_with(&fixture, BFD_A_LISTENER_LIMIT, 16384);
	tap_check(!answer.error && answer.command == BFD_CMD_LISTENER_NEW && answer.messages == 1,
		  "a listener");
	expect_error("the same again", new_listener_with(&fixture, BFD_A_LISTENER_LIMIT, 5),
		     -EEXIST, "it listens already", 20);
	answer = listener(&fixture, BFD_CMD_LISTENER_NEW, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE,
			  "192.0.2.0", 24, BFD_A_LISTENER_IDLE_TIME, 4294967295U);
	tap_check(!answer.error, "replaced");
	answer = listener(&fixture, BFD_CMD_LISTENER_NEW, CREATE, "::", 0, 0, 0);
	tap_check(!answer.error, "all of IPv6");
	answer = listener(&fixture, BFD_CMD_LISTENER_GET, NLM_F_ACK, "::", 0, 0, 0);
	tap_check(answer.messages == 1 && !answer.error, "listener-get");
	expect_error("of one that isn't there",
		     listener(&fixture, BFD_CMD_LISTENER_GET, NLM_F_ACK, "192.0.2.0", 25, 0, 0),
		     -ENOENT, "no listener for 192.0.2.0/25 on the device with index 7", 20);
	answer = simple(&fixture, BFD_CMD_LISTENER_GET, NLM_F_DUMP);
	tap_check(answer.done && answer.messages == 2, "dump of listeners");
	answer = listener(&fixture, BFD_CMD_LISTENER_DEL, NLM_F_ACK, "192.0.2.0", 24, 0, 0);
	tap_check(!answer.error, "listener-del");
	expect_error("again",
		     listener(&fixture, BFD_CMD_LISTENER_DEL, NLM_F_ACK, "192.0.2.0", 24, 0, 0),
		     -ENOENT, "no such listener", 20);
	fixture_close(&fixture);
}

int main(void)
{
	if (geteuid() != 0 || unshare(CLONE_NEWNET)) {
		printf("1..0 # SKIP needs root\n");
		return 4;
	}
	test_validation();
	test_options();
	test_admin_diag();
	test_multihop();
	test_commands();
	test_listeners();
	return tap_finish();
}
