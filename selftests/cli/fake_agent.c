// SPDX-License-Identifier: GPL-2.0
/*
 * A stand-in for the agent: binds the agent's port in the current network
 * namespace and gives canned answers, well-formed or otherwise, to test what
 * `ip bfd` makes of them.  It holds no sessions and must not check requests.
 *
 *	fake-agent MODE
 *
 * It prints "ready" when it listens, "subscribed" when somebody asks for events by unicast,
 * and runs until it is killed.  Modes:
 *	good	answers; a flush makes it send events, of which some are forged or missing
 *	deaf	never answers
 *	stuck	answers the controller's requests only
 *	spoof	before each answer another port of root sends a false one
 *	nobody	as good, but as uid 65534
 *	garbage	answers that end in the middle of attributes, have wrong lengths, or are noise
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "genl/uapi/bfd_genl.h"
#include "kern/limits.h"

#define FAMILY_ID 42
#define GROUP_CONFIG 1
#define GROUP_STATE 2
#define SUBSCRIBERS_MAX 4
#define FALSE_DISCR 666

static int agent_fd;
static int forger_fd; /* another port */
static const char *mode;
static uint32_t subscribers[SUBSCRIBERS_MAX];
static int subscriber_count;

static bool mode_is(const char *name)
{
	return !strcmp(mode, name);
}

static int open_port(uint32_t port)
{
	struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_pid = port};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_USERSOCK);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address))) {
		perror("fake-agent: bind");
		exit(1);
	}
	return fd;
}

static void send_to(int fd, uint32_t port, uint32_t group, const struct nlmsghdr *n)
{
	struct sockaddr_nl to = {
		.nl_family = AF_NETLINK,
		.nl_pid = port,
		.nl_groups = group ? 1U << (group - 1) : 0,
	};

	/* Nobody listens, or doesn't want to hear us: so be it. */
	(void)!sendto(fd, n, n->nlmsg_len, 0, (struct sockaddr *)&to, sizeof(to));
}

static struct nlmsghdr *start(char *buffer, const struct nlmsghdr *request, uint16_t type,
			      uint16_t flags, uint8_t command)
{
	struct nlmsghdr *n = mnl_nlmsg_put_header(buffer);
	struct genlmsghdr *g;

	n->nlmsg_type = type;
	n->nlmsg_flags = flags;
	n->nlmsg_seq = request ? request->nlmsg_seq : 0;
	n->nlmsg_pid = request ? request->nlmsg_pid : 0;
	g = mnl_nlmsg_put_extra_header(n, sizeof(*g));
	g->cmd = command;
	g->version = BFD_FAMILY_VERSION;
	return n;
}

static void put_discard(struct nlmsghdr *n, int type, const char *reason, uint64_t count)
{
	struct nlattr *nest = mnl_attr_nest_start(n, type);

	mnl_attr_put_strz(n, BFD_A_DISCARD_REASON, reason);
	mnl_attr_put_u64(n, BFD_A_DISCARD_COUNT, count);
	mnl_attr_nest_end(n, nest);
}

static void put_stats(struct nlmsghdr *n, bool echo)
{
	struct nlattr *nest = mnl_attr_nest_start(n, BFD_A_SESSION_STATS);
	struct nlattr *inner;

	mnl_attr_put_u64(n, BFD_A_STATS_RX_PACKETS, 5000000000);
	mnl_attr_put_u64(n, BFD_A_STATS_TX_PACKETS, 1234);
	mnl_attr_put_u64(n, BFD_A_STATS_TX_FAILED, 1);
	put_discard(n, BFD_A_STATS_RX_INVALID, "ttl", 2);
	put_discard(n, BFD_A_STATS_RX_INVALID, "bad-version", 1);
	mnl_attr_put_u32(n, BFD_A_STATS_DOWN_COUNT, 1);
	mnl_attr_put_u32(n, BFD_A_STATS_ADMIN_DOWN_COUNT, 0);
	mnl_attr_put_u32(n, BFD_A_STATS_RX_GAP_MIN, 8900);
	mnl_attr_put_u32(n, BFD_A_STATS_RX_GAP_MAX, 10100);
	mnl_attr_put_u32(n, BFD_A_STATS_RX_GAP_AVG, 9500);
	mnl_attr_put_u32(n, BFD_A_STATS_CLOSEST_CALL_PERMILLE, 432);
	mnl_attr_put_u32(n, BFD_A_STATS_DETECT_OVERSHOOT_LAST, 43);
	mnl_attr_put_u32(n, BFD_A_STATS_DETECT_OVERSHOOT_MAX, 60);
	if (echo) {
		inner = mnl_attr_nest_start(n, BFD_A_STATS_ECHO);
		mnl_attr_put_u64(n, BFD_A_ECHO_STATS_TX_PACKETS, 100);
		mnl_attr_put_u64(n, BFD_A_ECHO_STATS_RX_PACKETS, 98);
		mnl_attr_put_u64(n, BFD_A_ECHO_STATS_RX_INVALID, 1);
		mnl_attr_put_u64(n, BFD_A_ECHO_STATS_LOOPED, 7);
		mnl_attr_put_u64(n, BFD_A_ECHO_STATS_LOOP_LIMITED, 2);
		mnl_attr_put_u64(n, BFD_A_ECHO_STATS_RTT_MIN, 31400);
		mnl_attr_put_u64(n, BFD_A_ECHO_STATS_RTT_AVG, 40000);
		mnl_attr_put_u64(n, BFD_A_ECHO_STATS_RTT_MAX, 1234567);
		mnl_attr_nest_end(n, inner);
	}
	mnl_attr_nest_end(n, nest);
}

static void put_address(struct nlmsghdr *n, int type, const char *text)
{
	int family = strchr(text, ':') ? AF_INET6 : AF_INET;
	uint8_t bytes[16];

	inet_pton(family, text, bytes);
	mnl_attr_put(n, type, family == AF_INET ? 4 : 16, bytes);
}

/* What goes beyond a plain session; all of it, though a real one can't have all at once. */
static void put_options(struct nlmsghdr *n, bool all)
{
	mnl_attr_put_u32(n, BFD_A_SESSION_PATH_TYPE,
			 all ? BFD_PATH_TYPE_PATH_IP_MH : BFD_PATH_TYPE_PATH_IP_SH);
	mnl_attr_put_u32(n, BFD_A_SESSION_DEMAND_ENABLED, all);
	mnl_attr_put_u32(n, BFD_A_SESSION_REMOTE_DEMAND, all);
	mnl_attr_put_u32(n, BFD_A_SESSION_POLL_ACTIVE, all);
	mnl_attr_put_u32(n, BFD_A_SESSION_UNSOLICITED, all);
	mnl_attr_put_u32(n, BFD_A_SESSION_BACKOFF, all ? 2 : 0);
	mnl_attr_put_u32(n, BFD_A_SESSION_DESIRED_MIN_ECHO_TX_INTERVAL, all ? 20000 : 0);
	mnl_attr_put_u32(n, BFD_A_SESSION_REQUIRED_MIN_ECHO_RX_INTERVAL, all ? 40000 : 0);
	mnl_attr_put_u32(n, BFD_A_SESSION_REMOTE_REQUIRED_MIN_ECHO_RX_INTERVAL, all ? 30000 : 0);
	mnl_attr_put_u32(n, BFD_A_SESSION_ECHO_TX_INTERVAL_IN_USE, all ? 30000 : 0);
	mnl_attr_put_u32(n, BFD_A_SESSION_POLL_INTERVAL, all ? 5000000 : 0);
	mnl_attr_put_u32(n, BFD_A_SESSION_HOLD_DOWN_INTERVAL, all ? 60000000 : 0);
	mnl_attr_put_u32(n, BFD_A_SESSION_ADVERTISED_MIN_TX_INTERVAL, 3300);
	mnl_attr_put_u32(n, BFD_A_SESSION_ADVERTISED_MIN_RX_INTERVAL, all ? 1000000 : 10000);
	if (!all)
		return;
	mnl_attr_put_u32(n, BFD_A_SESSION_RX_TTL, 250);
	mnl_attr_put_u32(n, BFD_A_SESSION_VRF_IFINDEX, 9);
	mnl_attr_put_strz(n, BFD_A_SESSION_VRF, "blue");
	put_address(n, BFD_A_SESSION_ECHO_SOURCE_ADDRESS, "203.0.113.1");
	mnl_attr_put_strz(n, BFD_A_SESSION_CLIENT, "ospf");
	mnl_attr_put_strz(n, BFD_A_SESSION_CLIENT, "bgp");
	mnl_attr_put_u32(n, BFD_A_SESSION_AUTH_TYPE, BFD_AUTHENTICATION_TYPE_SHA1);
	mnl_attr_put_strz(n, BFD_A_SESSION_AUTH_KEY_CHAIN, "core");
	mnl_attr_put_u32(n, BFD_A_SESSION_AUTH_VARIANT, BFD_DIGEST_VARIANT_HMAC);
	mnl_attr_put_u32(n, BFD_A_SESSION_AUTH_KEY_ID, 2);
	mnl_attr_put_u32(n, BFD_A_SESSION_AUTH_AWAITED_TYPE,
			 BFD_AUTHENTICATION_TYPE_METICULOUS_MD5);
	mnl_attr_put_strz(n, BFD_A_SESSION_AUTH_AWAITED_KEY_CHAIN, "next");
	mnl_attr_put_u32(n, BFD_A_SESSION_AUTH_AWAITED_VARIANT, BFD_DIGEST_VARIANT_RFC);
}

/* Session 1001 is up and plain, 1003 up and all but plain; any other is down and hasn't heard its
 * peer.
 */
static void put_session(struct nlmsghdr *n, uint32_t discr)
{
	bool up = discr == 1001 || discr == 1003;
	bool all = discr == 1003;

	mnl_attr_put_u32(n, BFD_A_SESSION_LOCAL_DISCRIMINATOR, discr);
	mnl_attr_put_u32(n, BFD_A_SESSION_REMOTE_DISCRIMINATOR, up ? 4294967295 : 0);
	put_address(n, BFD_A_SESSION_REMOTE_ADDRESS, up ? "192.0.2.2" : "fe80::2");
	put_address(n, BFD_A_SESSION_LOCAL_ADDRESS, up ? "192.0.2.1" : "fe80::1");
	mnl_attr_put_u32(n, BFD_A_SESSION_IFINDEX, 1);
	mnl_attr_put_strz(n, BFD_A_SESSION_IFNAME, "lo");
	if (up)
		mnl_attr_put_strz(n, BFD_A_SESSION_NAME, "co\"re");
	mnl_attr_put_u32(n, BFD_A_SESSION_LOCAL_STATE,
			 up ? BFD_SESSION_STATE_UP : BFD_SESSION_STATE_DOWN);
	mnl_attr_put_u32(n, BFD_A_SESSION_REMOTE_STATE,
			 up ? BFD_SESSION_STATE_UP : BFD_SESSION_STATE_DOWN);
	mnl_attr_put_u32(n, BFD_A_SESSION_LOCAL_DIAGNOSTIC,
			 up ? BFD_DIAGNOSTIC_NONE : BFD_DIAGNOSTIC_CONTROL_EXPIRY);
	mnl_attr_put_u32(n, BFD_A_SESSION_REMOTE_DIAGNOSTIC, BFD_DIAGNOSTIC_NONE);
	mnl_attr_put_u32(n, BFD_A_SESSION_DETECTION_MODE,
			 all ? BFD_DETECTION_MODE_DEMAND_WITH_ECHO
			     : BFD_DETECTION_MODE_ASYNC_WITHOUT_ECHO);
	mnl_attr_put_u32(n, BFD_A_SESSION_DESIRED_MIN_TX_INTERVAL, 3300);
	mnl_attr_put_u32(n, BFD_A_SESSION_REQUIRED_MIN_RX_INTERVAL, 10000);
	mnl_attr_put_u32(n, BFD_A_SESSION_LOCAL_MULTIPLIER, 3);
	mnl_attr_put_u32(n, BFD_A_SESSION_REMOTE_MULTIPLIER, up ? 3 : 0);
	mnl_attr_put_u32(n, BFD_A_SESSION_NEGOTIATED_TX_INTERVAL, up ? 3300 : 1000000);
	mnl_attr_put_u32(n, BFD_A_SESSION_NEGOTIATED_RX_INTERVAL, 10000);
	mnl_attr_put_u64(n, BFD_A_SESSION_DETECTION_TIME, up ? 30000 : 0);
	mnl_attr_put_u32(n, BFD_A_SESSION_SOURCE_PORT, 49152);
	mnl_attr_put_u32(n, BFD_A_SESSION_PASSIVE, !up);
	mnl_attr_put_u32(n, BFD_A_SESSION_ADMIN_DOWN, 0);
	mnl_attr_put_u32(n, BFD_A_SESSION_PATH_READY, up);
	put_options(n, all);
	/* 1002 waits for its peer to begin, and 1004 has no key that could send. */
	if (discr == 1002) {
		mnl_attr_put_u32(n, BFD_A_SESSION_AUTH_TYPE, BFD_AUTHENTICATION_TYPE_NONE);
		mnl_attr_put_u32(n, BFD_A_SESSION_AUTH_AWAITED_TYPE,
				 BFD_AUTHENTICATION_TYPE_SIMPLE);
		mnl_attr_put_strz(n, BFD_A_SESSION_AUTH_AWAITED_KEY_CHAIN, "core");
	} else if (discr == 1004) {
		mnl_attr_put_u32(n, BFD_A_SESSION_AUTH_TYPE, BFD_AUTHENTICATION_TYPE_MD5);
		mnl_attr_put_strz(n, BFD_A_SESSION_AUTH_KEY_CHAIN, "core");
		mnl_attr_put_u32(n, BFD_A_SESSION_AUTH_AWAITED_TYPE, BFD_AUTHENTICATION_TYPE_NONE);
	}
	if (up) {
		mnl_attr_put_u64(n, BFD_A_SESSION_UPTIME_MS, 3723004);
		mnl_attr_put_u64(n, BFD_A_SESSION_LAST_UP_TIME, 1700000000000006);
		put_stats(n, all);
	}
}

static void send_session(const struct nlmsghdr *request, uint8_t command, uint16_t flags,
			 uint32_t discr)
{
	char buffer[4096];
	struct nlmsghdr *n;

	if (mode_is("spoof")) {
		n = start(buffer, request, FAMILY_ID, flags, command);
		put_session(n, FALSE_DISCR);
		send_to(forger_fd, request->nlmsg_pid, 0, n);
	}
	n = start(buffer, request, FAMILY_ID, flags, command);
	put_session(n, discr);
	send_to(agent_fd, request->nlmsg_pid, 0, n);
}

static void acknowledge(const struct nlmsghdr *request, int error, const char *text)
{
	char buffer[4096];
	struct nlmsghdr *n = mnl_nlmsg_put_header(buffer);
	struct nlmsgerr *report;

	n->nlmsg_type = NLMSG_ERROR;
	n->nlmsg_seq = request->nlmsg_seq;
	n->nlmsg_pid = request->nlmsg_pid;
	report = mnl_nlmsg_put_extra_header(n, sizeof(*report));
	report->error = -error;
	report->msg = *request;
	/* As the kernel: an error holds the whole request, a success its header only. */
	if (error) {
		size_t rest = request->nlmsg_len - sizeof(*request);

		memcpy(mnl_nlmsg_put_extra_header(n, rest), request + 1, rest);
	} else {
		n->nlmsg_flags |= NLM_F_CAPPED;
	}
	if (text) {
		n->nlmsg_flags |= NLM_F_ACK_TLVS;
		mnl_attr_put_strz(n, NLMSGERR_ATTR_MSG, text);
	}
	send_to(agent_fd, request->nlmsg_pid, 0, n);
}

static void end_dump(const struct nlmsghdr *request)
{
	char buffer[256];
	struct nlmsghdr *n = mnl_nlmsg_put_header(buffer);

	n->nlmsg_type = NLMSG_DONE;
	n->nlmsg_flags = NLM_F_MULTI;
	n->nlmsg_seq = request->nlmsg_seq;
	n->nlmsg_pid = request->nlmsg_pid;
	*(int *)mnl_nlmsg_put_extra_header(n, sizeof(int)) = 0;
	send_to(agent_fd, request->nlmsg_pid, 0, n);
}

static void put_group(struct nlmsghdr *n, int index, const char *name, uint32_t id)
{
	struct nlattr *nest = mnl_attr_nest_start(n, index);

	mnl_attr_put_u32(n, CTRL_ATTR_MCAST_GRP_ID, id);
	mnl_attr_put_strz(n, CTRL_ATTR_MCAST_GRP_NAME, name);
	mnl_attr_nest_end(n, nest);
}

static void answer_controller(const struct nlmsghdr *request)
{
	char buffer[1024];
	struct nlmsghdr *n = start(buffer, request, GENL_ID_CTRL, 0, CTRL_CMD_NEWFAMILY);
	struct nlattr *groups;

	mnl_attr_put_strz(n, CTRL_ATTR_FAMILY_NAME, BFD_FAMILY_NAME);
	mnl_attr_put_u16(n, CTRL_ATTR_FAMILY_ID, FAMILY_ID);
	groups = mnl_attr_nest_start(n, CTRL_ATTR_MCAST_GROUPS);
	put_group(n, 1, BFD_MCGRP_CONFIG, GROUP_CONFIG);
	put_group(n, 2, BFD_MCGRP_STATE, GROUP_STATE);
	mnl_attr_nest_end(n, groups);
	send_to(agent_fd, request->nlmsg_pid, 0, n);
	acknowledge(request, 0, NULL);
}

/* An event of session discr, up to down in the group state, from a port of choice. */
static void send_event(int fd, uint8_t command, uint64_t sequence, uint32_t discr)
{
	bool state = command == BFD_CMD_SESSION_STATE_NTF;
	char buffer[4096];
	struct nlmsghdr *n = start(buffer, NULL, FAMILY_ID, 0, command);
	struct nlattr *nest;
	int i;

	put_session(n, discr);
	nest = mnl_attr_nest_start(n, BFD_A_SESSION_EVENT);
	mnl_attr_put_u64(n, BFD_A_EVENT_SEQUENCE, sequence);
	mnl_attr_put_u64(n, BFD_A_EVENT_TIME, 1767323045000006); /* 2026-01-02T03:04:05.000006Z */
	if (state) {
		mnl_attr_put_u32(n, BFD_A_EVENT_OLD_STATE, BFD_SESSION_STATE_UP);
		mnl_attr_put_u32(n, BFD_A_EVENT_NEW_STATE, BFD_SESSION_STATE_DOWN);
		mnl_attr_put_u32(n, BFD_A_EVENT_DIAGNOSTIC, BFD_DIAGNOSTIC_CONTROL_EXPIRY);
		mnl_attr_put_u64(n, BFD_A_EVENT_SINCE_LAST_RX, 30043);
		mnl_attr_put_u64(n, BFD_A_EVENT_DETECT_OVERSHOOT, 43500);
		mnl_attr_put(n, BFD_A_EVENT_LATE, 0, NULL);
	}
	mnl_attr_nest_end(n, nest);
	send_to(fd, 0, state ? GROUP_STATE : GROUP_CONFIG, n);
	for (i = 0; i < subscriber_count; i++)
		send_to(fd, subscribers[i], 0, n);
}

/* Of the group state 7, a false 8, 8, and after a gap 11; of config 1 and 2. */
static void send_events(void)
{
	send_event(agent_fd, BFD_CMD_SESSION_NEW_NTF, 1, 1001);
	send_event(agent_fd, BFD_CMD_SESSION_STATE_NTF, 7, 1001);
	send_event(forger_fd, BFD_CMD_SESSION_STATE_NTF, 8, FALSE_DISCR);
	send_event(agent_fd, BFD_CMD_SESSION_STATE_NTF, 8, 1002);
	send_event(agent_fd, BFD_CMD_SESSION_STATE_NTF, 11, 1001);
	send_event(agent_fd, BFD_CMD_SESSION_DEL_NTF, 2, 1001);
}

/* One that only makes sure that it still is one doesn't get all events twice. */
static void subscribe(uint32_t port)
{
	int i;

	for (i = 0; i < subscriber_count; i++)
		if (subscribers[i] == port)
			return;
	if (subscriber_count == SUBSCRIBERS_MAX)
		return;
	subscribers[subscriber_count++] = port;
	printf("subscribed\n");
	fflush(stdout);
}

static void answer_dev(const struct nlmsghdr *request)
{
	char buffer[1024];
	struct nlmsghdr *n = start(buffer, request, FAMILY_ID, NLM_F_MULTI, BFD_CMD_DEV_GET);

	mnl_attr_put_u32(n, BFD_A_DEV_IFINDEX, 1);
	mnl_attr_put_strz(n, BFD_A_DEV_IFNAME, "lo");
	mnl_attr_put_u32(n, BFD_A_DEV_ATTACH_MODE, BFD_ATTACH_MODE_GENERIC);
	mnl_attr_put_u32(n, BFD_A_DEV_SESSIONS, 2);
	mnl_attr_put_u32(n, BFD_A_DEV_PROGRAM_ID, 17);
	send_to(agent_fd, request->nlmsg_pid, 0, n);
	end_dump(request);
}

/* One with defaults, and one with everything. */
static void answer_listeners(const struct nlmsghdr *request)
{
	char buffer[1024];
	int i;

	for (i = 0; i < 2; i++) {
		struct nlmsghdr *n =
			start(buffer, request, FAMILY_ID, NLM_F_MULTI, BFD_CMD_LISTENER_GET);

		put_address(n, BFD_A_LISTENER_PREFIX, i ? "fe80::" : "192.0.2.0");
		mnl_attr_put_u32(n, BFD_A_LISTENER_PREFIX_LENGTH, i ? 64 : 24);
		mnl_attr_put_u32(n, BFD_A_LISTENER_IFINDEX, 1);
		mnl_attr_put_strz(n, BFD_A_LISTENER_IFNAME, "lo");
		mnl_attr_put_u32(n, BFD_A_LISTENER_LIMIT, 64);
		mnl_attr_put_u32(n, BFD_A_LISTENER_IDLE_TIME, 60000000);
		mnl_attr_put_u32(n, BFD_A_LISTENER_SESSIONS, i);
		mnl_attr_put_u32(n, BFD_A_LISTENER_DESIRED_MIN_TX_INTERVAL, 300000);
		mnl_attr_put_u32(n, BFD_A_LISTENER_REQUIRED_MIN_RX_INTERVAL, 300000);
		mnl_attr_put_u32(n, BFD_A_LISTENER_LOCAL_MULTIPLIER, 3);
		mnl_attr_put_u32(n, BFD_A_LISTENER_DEMAND_ENABLED, i);
		mnl_attr_put_u32(n, BFD_A_LISTENER_DESIRED_MIN_ECHO_TX_INTERVAL, i ? 50000 : 0);
		mnl_attr_put_u32(n, BFD_A_LISTENER_REQUIRED_MIN_ECHO_RX_INTERVAL, i ? 50000 : 0);
		mnl_attr_put_u32(n, BFD_A_LISTENER_POLL_INTERVAL, i ? 1000000 : 0);
		mnl_attr_put_u32(n, BFD_A_LISTENER_HOLD_DOWN_INTERVAL, i ? 1000000 : 0);
		send_to(agent_fd, request->nlmsg_pid, 0, n);
	}
	end_dump(request);
}

static void put_key(struct nlmsghdr *n, uint32_t id)
{
	mnl_attr_put_strz(n, BFD_A_KEY_CHAIN, "core");
	mnl_attr_put_u32(n, BFD_A_KEY_ID, id);
	mnl_attr_put_u32(n, BFD_A_KEY_TYPE, BFD_AUTHENTICATION_TYPE_SHA1);
	mnl_attr_put_u32(n, BFD_A_KEY_LENGTH, 20);
	if (id == 2) {
		mnl_attr_put_u64(n, BFD_A_KEY_SEND_FROM, 1767323045000006);
		mnl_attr_put_u64(n, BFD_A_KEY_ACCEPT_FROM, 1767323045000007);
		mnl_attr_put_u64(n, BFD_A_KEY_ACCEPT_UNTIL, 1767323046000000);
	}
	mnl_attr_put_u32(n, BFD_A_KEY_SENDING, id == 1);
	mnl_attr_put_u32(n, BFD_A_KEY_ACCEPTED, 1);
}

static void answer_keys(const struct nlmsghdr *request)
{
	char buffer[1024];
	uint32_t id;

	for (id = 1; id <= 2; id++) {
		struct nlmsghdr *n =
			start(buffer, request, FAMILY_ID, NLM_F_MULTI, BFD_CMD_KEY_GET);

		put_key(n, id);
		send_to(agent_fd, request->nlmsg_pid, 0, n);
	}
	end_dump(request);
}

/* In words, so that a test can see what the request held: of no other agent, it has a secret. */
static void answer_new_key(const struct nlmsghdr *request)
{
	struct nlattr *attribute;
	char text[256] = "";
	size_t used = 0;
	uint16_t i;

	mnl_attr_for_each (attribute, request, sizeof(struct genlmsghdr)) {
		const uint8_t *bytes = mnl_attr_get_payload(attribute);

		switch (mnl_attr_get_type(attribute)) {
		case BFD_A_KEY_ID:
		case BFD_A_KEY_TYPE:
			used += snprintf(text + used, sizeof(text) - used, "%u ",
					 mnl_attr_get_u32(attribute));
			break;
		case BFD_A_KEY_SECRET:
			for (i = 0; i < mnl_attr_get_payload_len(attribute); i++)
				used += snprintf(text + used, sizeof(text) - used, "%02x",
						 bytes[i]);
			used += snprintf(text + used, sizeof(text) - used, " ");
			break;
		case BFD_A_KEY_SEND_FROM:
		case BFD_A_KEY_ACCEPT_FROM:
		case BFD_A_KEY_ACCEPT_UNTIL:
			used += snprintf(text + used, sizeof(text) - used, "%llu ",
					 (unsigned long long)mnl_attr_get_u64(attribute));
			break;
		}
	}
	acknowledge(request, EINVAL, text);
}

static void answer_agent(const struct nlmsghdr *request)
{
	char buffer[1024];
	struct nlmsghdr *n = start(buffer, request, FAMILY_ID, 0, BFD_CMD_AGENT_GET);

	mnl_attr_put_strz(n, BFD_A_AGENT_VERSION, "0.0-fake");
	mnl_attr_put_u32(n, BFD_A_AGENT_PID, getpid());
	mnl_attr_put_u32(n, BFD_A_AGENT_SESSIONS, 2);
	mnl_attr_put_u32(n, BFD_A_AGENT_MAX_SESSIONS, 16384);
	mnl_attr_put_u32(n, BFD_A_AGENT_CLOCK_MODE, BFD_CLOCK_MODE_AGENT);
	mnl_attr_put_u32(n, BFD_A_AGENT_TICK, 1000);
	mnl_attr_put_u64(n, BFD_A_AGENT_TICK_COUNT, 99);
	mnl_attr_put_u64(n, BFD_A_AGENT_TICK_GAP_MAX, 1900000);
	put_discard(n, BFD_A_AGENT_RX_INVALID, "no-session", 3);
	send_to(agent_fd, request->nlmsg_pid, 0, n);
	acknowledge(request, 0, NULL);
}

/* Requests hold few attributes, and come from `ip bfd`: the first of a kind is it. */
static uint32_t requested_discr(const struct nlmsghdr *request)
{
	struct nlattr *attribute;

	mnl_attr_for_each (attribute, request, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attribute) == BFD_A_SESSION_LOCAL_DISCRIMINATOR)
			return mnl_attr_get_u32(attribute);
	return 0;
}

static void answer_get(const struct nlmsghdr *request)
{
	if (request->nlmsg_flags & NLM_F_DUMP) {
		send_session(request, BFD_CMD_SESSION_GET, NLM_F_MULTI, 1001);
		send_session(request, BFD_CMD_SESSION_GET, NLM_F_MULTI, 1002);
		end_dump(request);
	} else if (requested_discr(request) == 1001 || requested_discr(request) == 1003 ||
		   requested_discr(request) == 1004) {
		send_session(request, BFD_CMD_SESSION_GET, 0, requested_discr(request));
		acknowledge(request, 0, NULL);
	} else {
		acknowledge(request, ENOENT, "no session has this discriminator");
	}
}

/* Noise with the right head, in shapes that a counter chooses. */
static void answer_garbage(const struct nlmsghdr *request)
{
	static unsigned int shape;
	unsigned int i;
	char buffer[4096];
	struct nlmsghdr *n;

	for (i = 0; i < 8; i++, shape++) {
		n = start(buffer, request, FAMILY_ID, NLM_F_MULTI, BFD_CMD_SESSION_GET);
		put_session(n, shape & 64 ? 1003 : 1001);
		if (shape % 4 == 1)
			n->nlmsg_len -= shape % 256; /* ends too early */
		if (shape % 4 == 2)
			memset((char *)n + 20 + shape % 300, 0xff, 8); /* wrong lengths and types */
		if (shape % 4 == 3)
			memset((char *)n + 20 + shape % 300, 0x00, 8); /* length 0 */
		send_to(agent_fd, request->nlmsg_pid, 0, n);
	}
	n = start(buffer, request, NLMSG_ERROR, NLM_F_ACK_TLVS, 0xff);
	n->nlmsg_len = NLMSG_LENGTH(sizeof(struct nlmsgerr)) - shape % 16;
	memset(NLMSG_DATA(n), 0xff, 64);
	send_to(agent_fd, request->nlmsg_pid, 0, n);
}

static void answer(const struct nlmsghdr *request)
{
	const struct genlmsghdr *g = mnl_nlmsg_get_payload(request);

	if (mode_is("deaf"))
		return;
	if (request->nlmsg_type == GENL_ID_CTRL) {
		answer_controller(request);
		return;
	}
	if (mode_is("stuck"))
		return;
	if (mode_is("garbage")) {
		answer_garbage(request);
		return;
	}
	switch (g->cmd) {
	case BFD_CMD_SESSION_GET:
		answer_get(request);
		return;
	case BFD_CMD_SESSION_NEW:
		if (request->nlmsg_flags & NLM_F_EXCL) {
			acknowledge(request, EEXIST, "a session to 192.0.2.2 on lo exists already");
			return;
		}
		send_session(request, BFD_CMD_SESSION_NEW, 0, 1001);
		acknowledge(request, 0, NULL);
		return;
	case BFD_CMD_SESSION_SET:
		send_session(request, BFD_CMD_SESSION_SET, 0, 1001);
		acknowledge(request, 0, "the peer may take a second to follow");
		return;
	case BFD_CMD_SESSION_DEL:
		acknowledge(request, EPERM, NULL);
		return;
	case BFD_CMD_SESSION_FLUSH:
		acknowledge(request, 0, NULL);
		send_events();
		return;
	case BFD_CMD_DEV_GET:
		answer_dev(request);
		return;
	case BFD_CMD_AGENT_GET:
		answer_agent(request);
		return;
	case BFD_CMD_LISTENER_GET:
		answer_listeners(request);
		return;
	case BFD_CMD_LISTENER_NEW:
	case BFD_CMD_LISTENER_DEL:
		acknowledge(request, EOPNOTSUPP, "this agent has no listeners");
		return;
	case BFD_CMD_KEY_GET:
		answer_keys(request);
		return;
	case BFD_CMD_KEY_NEW:
	case BFD_CMD_KEY_SET:
		answer_new_key(request);
		return;
	case BFD_CMD_KEY_DEL:
		acknowledge(request, EBUSY, "session 1001 uses key chain \"core\"");
		return;
	case BFD_CMD_SESSION_POLL:
		acknowledge(request, ENETDOWN,
			    "session 1002 is not up: there is nothing to verify");
		return;
	case BFD_CMD_SESSION_RESET:
		acknowledge(request, 0, NULL);
		return;
	case BFD_CMD_SUBSCRIBE:
		subscribe(request->nlmsg_pid);
		acknowledge(request, 0, NULL);
		return;
	}
}

int main(int argc, char **argv)
{
	char buffer[8192];

	mode = argc == 2 ? argv[1] : "good";
	agent_fd = open_port(BFD_USERSOCK_PORT);
	forger_fd = open_port(0);
	if (mode_is("nobody") && setresuid(65534, 65534, 65534)) {
		perror("fake-agent: setresuid");
		return 1;
	}
	printf("ready\n");
	fflush(stdout);
	for (;;) {
		struct sockaddr_nl from;
		socklen_t size = sizeof(from);
		ssize_t length = recvfrom(agent_fd, buffer, sizeof(buffer), 0,
					  (struct sockaddr *)&from, &size);
		struct nlmsghdr *request = (struct nlmsghdr *)buffer;

		if (length < 0 || !mnl_nlmsg_ok(request, length))
			continue;
		request->nlmsg_pid = from.nl_pid;
		answer(request);
	}
}
