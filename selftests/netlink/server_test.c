/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The netlink server with the family's real tables and handlers, in a network
 * namespace of its own, against a session set in memory: operations, validation
 * and extended ACK, dumps, events, slow clients, permissions, the controller as
 * libnl sees it, and noise.
 */
#define _GNU_SOURCE /* unshare */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>

#include "kern/limits.h"
#include "selftests/unit/tap.h"

#include "server_fixture.h"
#include "server_requests.h"

#define MUTATIONS 100000

static void test_sessions(void)
{
	struct fixture fixture;
	struct answer answer;
	struct nl_msg *message;

	fixture_open(&fixture);
	answer = add(&fixture, "192.0.2.2", CREATE);
	tap_check(answer.messages == 1 && answer.command == BFD_CMD_SESSION_NEW &&
			  answer.discr == 1001 && answer.acks == 1 && !answer.error &&
			  answer.capped,
		  "add answers with the session and a capped acknowledgement");
	answer = add(&fixture, "2001:db8::2", 0);
	tap_check(answer.messages == 1 && answer.discr == 1002 && answer.acks == 0,
		  "add over IPv6, without flags and without an acknowledgement");
	expect_error("add of one that exists", add(&fixture, "192.0.2.2", CREATE), -EEXIST,
		     "session to 192.0.2.2 on v0 exists (id 1001)", 20);
	answer = add(&fixture, "192.0.2.2", NLM_F_CREATE | NLM_F_REPLACE);
	tap_check(answer.discr == 1001 && !answer.error, "replace of one that exists");
	answer = add(&fixture, "192.0.2.3", NLM_F_CREATE | NLM_F_REPLACE);
	tap_check(answer.discr == 1003 && !answer.error, "replace of one that doesn't exist");
	expect_error("change of one that doesn't exist", add(&fixture, "192.0.2.9", NLM_F_REPLACE),
		     -ENOENT, "no session with id 0", 0);
	answer = add(&fixture, "192.0.2.3", NLM_F_REPLACE);
	tap_check(answer.discr == 1003 && !answer.error, "change of one that exists");

	message = request_new(&fixture, BFD_CMD_SESSION_NEW, NLM_F_REPLACE);
	put_remote(message, "192.0.2.3");
	nla_put_string(message, BFD_A_SESSION_NAME, "other");
	expect_error("change of a name", transact(&fixture, message), -EOPNOTSUPP,
		     "name of session 1003 can't be changed, delete it first", 28);

	message = request_new(&fixture, BFD_CMD_SESSION_SET, NLM_F_ACK);
	nla_put_u32(message, BFD_A_SESSION_LOCAL_DISCRIMINATOR, 1003);
	nla_put_u32(message, BFD_A_SESSION_LOCAL_MULTIPLIER, 5);
	answer = transact(&fixture, message);
	tap_check(answer.command == BFD_CMD_SESSION_SET && answer.discr == 1003 &&
			  answer.acks == 1 && !answer.error,
		  "set answers with the session");

	message = request_new(&fixture, BFD_CMD_SESSION_GET, 0);
	put_remote(message, "2001:db8::2");
	answer = transact(&fixture, message);
	tap_check(answer.discr == 1002 && answer.acks == 0, "get by address");

	message = request_new(&fixture, BFD_CMD_SESSION_DEL, NLM_F_ACK);
	nla_put_u32(message, BFD_A_SESSION_LOCAL_DISCRIMINATOR, 5);
	expect_error("del of one that doesn't exist", transact(&fixture, message), -ENOENT,
		     "no session with id 5", 20);
	expect_error("del without a selector", simple(&fixture, BFD_CMD_SESSION_DEL, 0), -EINVAL,
		     "which session?", 0);
	message = request_new(&fixture, BFD_CMD_SESSION_DEL, NLM_F_ACK);
	nla_put_u32(message, BFD_A_SESSION_LOCAL_DISCRIMINATOR, 1001);
	answer = transact(&fixture, message);
	tap_check(answer.acks == 1 && !answer.error && sessions_count(fixture.sessions) == 2,
		  "del by discriminator");
	answer = simple(&fixture, BFD_CMD_SESSION_FLUSH, NLM_F_ACK);
	tap_check(!answer.error && answer.acks == 1 && sessions_count(fixture.sessions) == 0,
		  "flush");
	answer = simple(&fixture, BFD_CMD_AGENT_GET, 0);
	tap_check(answer.messages == 1 && answer.command == BFD_CMD_AGENT_GET, "agent-get");
	fixture_close(&fixture);
}

static struct nl_msg *check_new(struct fixture *fixture, const char *address, unsigned int flags)
{
	struct nl_msg *message = request_new(fixture, BFD_CMD_SESSION_CHECK, NLM_F_ACK | flags);

	put_remote(message, address);
	return message;
}

static bool is_accepted(struct fixture *fixture, struct nl_msg *message)
{
	struct answer answer = transact(fixture, message);

	return answer.acks == 1 && !answer.messages && !answer.error;
}

/* Would it be accepted?  Nothing comes of it. */
static void test_checks(void)
{
	struct fixture fixture;
	struct nl_msg *message;

	fixture_open(&fixture);
	tap_check(is_accepted(&fixture, check_new(&fixture, "192.0.2.2", NLM_F_EXCL)) &&
			  sessions_count(fixture.sessions) == 0,
		  "check of a new session: acknowledged, and not made");
	add(&fixture, "192.0.2.2", CREATE);
	expect_error("check of one that exists",
		     transact(&fixture, check_new(&fixture, "192.0.2.2", NLM_F_EXCL)), -EEXIST,
		     "session to 192.0.2.2 on v0 exists (id 1001)", 20);
	tap_check(is_accepted(&fixture, check_new(&fixture, "192.0.2.2", 0)),
		  "check of one that takes the place of another");
	message = check_new(&fixture, "192.0.2.3", NLM_F_EXCL);
	nla_put_u32(message, BFD_A_SESSION_RX_TTL, 254);
	expect_error("check of a wrong parameter", transact(&fixture, message), -EOPNOTSUPP,
		     "min-ttl (rx-ttl) is of multihop sessions: on a single hop it is 255 "
		     "(RFC 5881 5)",
		     28);

	message = request_new(&fixture, BFD_CMD_SESSION_CHECK, NLM_F_ACK);
	nla_put_u32(message, BFD_A_SESSION_LOCAL_DISCRIMINATOR, 1001);
	nla_put_u32(message, BFD_A_SESSION_LOCAL_MULTIPLIER, 7);
	tap_check(is_accepted(&fixture, message), "check of a change");
	message = request_new(&fixture, BFD_CMD_SESSION_CHECK, NLM_F_ACK);
	nla_put_u32(message, BFD_A_SESSION_LOCAL_DISCRIMINATOR, 1002);
	expect_error("check of a change of none", transact(&fixture, message), -ENOENT,
		     "no session with id 1002", 20);
	tap_check(sessions_count(fixture.sessions) == 1, "sessions after all checks");
	fixture_close(&fixture);
}

static void test_attribute_values(struct fixture *fixture)
{
	const uint8_t mapped[16] = {[10] = 0xff, [11] = 0xff, [12] = 192, 0, 2, 1};
	const uint8_t zeros[16] = {0};
	char name[80];
	struct nl_msg *message;
	struct answer answer;

	answer = simple(fixture, BFD_CMD_SESSION_NEW, CREATE);
	tap_check(answer.error == -EINVAL && answer.missing == BFD_A_SESSION_REMOTE_ADDRESS &&
			  !strcmp(answer.text, "remote-address is missing"),
		  "a missing attribute is named by number and text");
	expect_error(
		"address of 3 bytes",
		one_attribute(fixture, BFD_CMD_SESSION_NEW, BFD_A_SESSION_REMOTE_ADDRESS, zeros, 3),
		-ERANGE, "remote-address has 3 bytes, which is outside 4..16", 20);
	expect_error(
		"address of 5 bytes",
		one_attribute(fixture, BFD_CMD_SESSION_NEW, BFD_A_SESSION_REMOTE_ADDRESS, zeros, 5),
		-EINVAL, "remote-address must have 4 or 16 bytes, not 5", 20);
	expect_error("IPv4-mapped address",
		     one_attribute(fixture, BFD_CMD_SESSION_NEW, BFD_A_SESSION_REMOTE_ADDRESS,
				   mapped, 16),
		     -EINVAL, "remote-address ::ffff:192.0.2.1 is to be given as IPv4", 20);
	message = request_new(fixture, BFD_CMD_SESSION_NEW, CREATE);
	put_remote(message, "192.0.2.2");
	nla_put(message, BFD_A_SESSION_LOCAL_ADDRESS, 16, zeros);
	expect_error("local address of the other family", transact(fixture, message), -EINVAL,
		     "local address :: is not of the family of the remote address 192.0.2.2", 28);
	message = request_new(fixture, BFD_CMD_SESSION_NEW, CREATE);
	nla_put_u32(message, BFD_A_SESSION_DESIRED_MIN_TX_INTERVAL, 999);
	expect_error("interval below the range", transact(fixture, message), -ERANGE,
		     "desired-min-tx-interval 999 is outside 1000..4294967295", 20);
	message = request_new(fixture, BFD_CMD_SESSION_NEW, CREATE);
	nla_put_u32(message, BFD_A_SESSION_LOCAL_MULTIPLIER, 256);
	expect_error("multiplier above the range", transact(fixture, message), -ERANGE,
		     "local-multiplier 256 is outside 1..255", 20);
	expect_error("u32 of 2 bytes",
		     one_attribute(fixture, BFD_CMD_SESSION_NEW, BFD_A_SESSION_PASSIVE, zeros, 2),
		     -EINVAL, "passive must have 4 bytes, not 2", 20);
	expect_error("name without a NUL",
		     one_attribute(fixture, BFD_CMD_SESSION_NEW, BFD_A_SESSION_NAME, "abc", 3),
		     -EINVAL, "name doesn't end with its only NUL", 20);
	expect_error("name with a NUL inside",
		     one_attribute(fixture, BFD_CMD_SESSION_NEW, BFD_A_SESSION_NAME, "a\0c", 4),
		     -EINVAL, "name doesn't end with its only NUL", 20);
	memset(name, 'x', sizeof(name));
	name[64] = '\0';
	expect_error("name that is too long",
		     one_attribute(fixture, BFD_CMD_SESSION_NEW, BFD_A_SESSION_NAME, name, 65),
		     -ERANGE, "name has 64 bytes, which is outside 0..63", 20);
	message = request_new(fixture, BFD_CMD_SESSION_NEW, CREATE);
	put_remote(message, "192.0.2.2");
	nla_put_string(message, BFD_A_SESSION_NAME, "a\033b");
	expect_error("name with an escape", transact(fixture, message), -EINVAL,
		     "name contains a control character", 28);
}

static void test_attribute_types(struct fixture *fixture)
{
	struct nl_msg *message;

	message = request_new(fixture, BFD_CMD_SESSION_NEW, CREATE);
	put_remote(message, "192.0.2.2");
	nla_put_u32(message, BFD_A_SESSION_MAX + 1, 1);
	expect_error("unknown attribute", transact(fixture, message), -EINVAL,
		     "unknown attribute 64", 28);
	message = request_new(fixture, BFD_CMD_SESSION_NEW, CREATE);
	nla_put_u32(message, 0, 1);
	expect_error("attribute 0", transact(fixture, message), -EINVAL, "unknown attribute 0", 20);
	message = request_new(fixture, BFD_CMD_SESSION_DEL, 0);
	nla_put_u32(message, BFD_A_SESSION_PASSIVE, 1);
	expect_error("attribute of another operation", transact(fixture, message), -EINVAL,
		     "session-del doesn't take the attribute passive", 20);
	message = request_new(fixture, BFD_CMD_SESSION_NEW, CREATE);
	nla_put_u32(message, BFD_A_SESSION_PASSIVE, 1);
	nla_put_u32(message, BFD_A_SESSION_PASSIVE, 1);
	expect_error("attribute given twice", transact(fixture, message), -EINVAL,
		     "passive is given twice", 28);
	message = request_new(fixture, BFD_CMD_SESSION_NEW, CREATE);
	nla_put_u32(message, BFD_A_SESSION_PASSIVE | NLA_F_NESTED, 1);
	expect_error("flags in an attribute type", transact(fixture, message), -EINVAL,
		     "passive has flags in its attribute type", 20);
	message = request_new(fixture, BFD_CMD_SESSION_NEW, CREATE);
	nla_put(message, BFD_A_SESSION_STATS | NLA_F_NESTED, 7, "\x09\x00\x01\x00\xff\xff");
	expect_error("nested garbage", transact(fixture, message), -EINVAL,
		     "session-new doesn't take the attribute stats", 20);
}

static void test_headers(struct fixture *fixture)
{
	struct nl_msg *message = request_new(fixture, BFD_CMD_SESSION_GET, NLM_F_ACK);
	struct nlmsghdr *header = nlmsg_hdr(message);
	struct genlmsghdr *genl = genlmsg_hdr(header);
	struct answer answer;
	static char large[40000];

	expect_error("truncated generic netlink header",
		     (header->nlmsg_len = 18, transact_bytes(fixture, header, 18)), -EINVAL,
		     "the message ends before its generic netlink header", 0);
	header->nlmsg_len = 400;
	expect_error("length beyond the datagram", transact_bytes(fixture, header, 20), -EINVAL,
		     "the length in the message header isn't that of the message", 0);
	header->nlmsg_len = 3;
	expect_error("length below the header", transact_bytes(fixture, header, 20), -EINVAL,
		     "the length in the message header isn't that of the message", 0);
	header->nlmsg_len = 23;
	expect_error("bytes after the last attribute", transact_bytes(fixture, header, 23), -EINVAL,
		     "3 bytes are left after the last attribute", 0);
	header->nlmsg_len = 20;
	genl->reserved = 1;
	expect_error("reserved field", transact_bytes(fixture, header, 20), -EINVAL,
		     "the reserved field of the generic netlink header isn't 0", 0);
	genl->reserved = 0;
	genl->cmd = 99;
	expect_error("unknown command", transact_bytes(fixture, header, 20), -EOPNOTSUPP,
		     "the family bfd has no command 99", 0);
	genl->cmd = BFD_CMD_SESSION_NEW_NTF;
	expect_error("notification as a request", transact_bytes(fixture, header, 20), -EOPNOTSUPP,
		     "the family bfd has no command 6", 0);
	header->nlmsg_type = 99;
	expect_error("unknown family", transact_bytes(fixture, header, 20), -ENOENT,
		     "no family has the id 99", 0);
	header->nlmsg_flags = 0;
	answer = transact_bytes(fixture, header, 20);
	tap_check(answer.acks == 0 && answer.messages == 0, "what is no request isn't answered");
	nlmsg_free(message);

	expect_error("dump of what has none", simple(fixture, BFD_CMD_SESSION_NEW, NLM_F_DUMP),
		     -EOPNOTSUPP,
		     "session-new has no dump (and NLM_F_REPLACE contradicts NLM_F_EXCL)", 0);
	expect_error("unknown flags", simple(fixture, BFD_CMD_SESSION_GET, NLM_F_APPEND), -EINVAL,
		     "session-get: unknown flags 0x800 in the message header", 0);
	header = (struct nlmsghdr *)large;
	*header = (struct nlmsghdr){
		.nlmsg_len = sizeof(large), .nlmsg_type = FAMILY_ID, .nlmsg_flags = NLM_F_REQUEST};
	expect_error("oversize datagram", transact_bytes(fixture, large, sizeof(large)), -EMSGSIZE,
		     "the request is larger than the agent takes", 0);
}

/* Three requests in one datagram. */
static void test_batch(struct fixture *fixture)
{
	struct nl_msg *message = request_new(fixture, BFD_CMD_AGENT_GET, NLM_F_ACK);
	uint32_t batch[15];
	struct answer answer;

	memcpy(batch, nlmsg_hdr(message), 20);
	memcpy(batch + 5, nlmsg_hdr(message), 20);
	memcpy(batch + 10, nlmsg_hdr(message), 20);
	nlmsg_free(message);
	answer = transact_bytes(fixture, batch, sizeof(batch));
	tap_check(answer.messages == 3 && answer.acks == 3 && !answer.error,
		  "three requests in one datagram");
}

static void test_validation(void)
{
	struct fixture fixture;

	fixture_open(&fixture);
	test_attribute_values(&fixture);
	test_attribute_types(&fixture);
	test_headers(&fixture);
	test_batch(&fixture);
	tap_equal(sessions_count(fixture.sessions), 0, "what is refused changes nothing");
	fixture_close(&fixture);
}

static void sleep_ms(long ms)
{
	struct timespec delay = {.tv_nsec = ms * 1000000};

	nanosleep(&delay, NULL);
}

/* Serve, give the retry timer time, receive: until NLMSG_DONE, or for 5 s. */
static void finish_dump(struct fixture *fixture, struct answer *answer)
{
	int turn;

	for (turn = 0; turn < 5000 && !answer->done; turn++) {
		fixture_serve(fixture);
		if (!client_receive(fixture->client, answer))
			sleep_ms(1);
	}
}

static void shrink_buffer(int client)
{
	int size = 8192;

	setsockopt(client, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

static void test_dumps(void)
{
	struct fixture fixture;
	struct answer answer;
	struct nl_msg *message;

	fixture_open(&fixture);
	answer = simple(&fixture, BFD_CMD_SESSION_GET, NLM_F_DUMP);
	tap_check(answer.done && !answer.messages && !answer.error && !answer.interrupted,
		  "empty dump");
	fake_sessions_fill(fixture.sessions, 1500);
	message = request_new(&fixture, BFD_CMD_SESSION_GET, NLM_F_DUMP);
	put_remote(message, "10.0.2.7");
	answer = transact(&fixture, message);
	tap_check(answer.done && answer.messages == 1 && answer.discr == 1001 + 2 * 256 + 6,
		  "dump by address");
	answer = simple(&fixture, BFD_CMD_DEV_GET, NLM_F_DUMP);
	tap_check(answer.done && answer.messages == 1, "dump of devices");

	shrink_buffer(fixture.client);
	answer = simple(&fixture, BFD_CMD_SESSION_GET, NLM_F_DUMP);
	tap_check(answer.messages > 0 && !answer.done, "a dump waits for a client with no room");
	finish_dump(&fixture, &answer);
	tap_check(answer.done && answer.messages == 1500 && !answer.interrupted && !answer.error,
		  "and goes on when there is: 1500 sessions");

	message = request_new(&fixture, BFD_CMD_SESSION_GET, NLM_F_DUMP);
	client_send(fixture.client, nlmsg_hdr(message), nlmsg_hdr(message)->nlmsg_len);
	fixture_serve(&fixture);
	client_send(fixture.client, nlmsg_hdr(message), nlmsg_hdr(message)->nlmsg_len);
	nlmsg_free(message);
	memset(&answer, 0, sizeof(answer));
	fake_sessions_fill(fixture.sessions, 1);
	finish_dump(&fixture, &answer);
	tap_check(answer.done && answer.interrupted, "a dump says that the set changed meanwhile");
	tap_check(answer.acks == 1, "and a second one at the same time is refused");
	fixture_close(&fixture);
}

static void test_events(void)
{
	struct answer config = {0}, state = {0}, answer;
	int config_client, state_client;
	struct fixture fixture;
	struct nl_msg *message;

	fixture_open(&fixture);
	config_client = client_open(NULL);
	state_client = client_open(NULL);
	join(config_client, BFD_GROUP_CONFIG);
	join(state_client, BFD_GROUP_STATE);
	add(&fixture, "192.0.2.2", CREATE);
	client_receive(config_client, &config);
	tap_check(config.messages == 1 && config.command == BFD_CMD_SESSION_NEW_NTF &&
			  config.discr == 1001,
		  "a new session is told to the group config");
	fake_sessions_fail(fixture.sessions, 1001);
	client_receive(state_client, &state);
	tap_check(state.messages == 1 && state.command == BFD_CMD_SESSION_STATE_NTF &&
			  state.discr == 1001,
		  "a transition is told to the group state");
	answer = add(&fixture, "192.0.2.3", CREATE | NLM_F_ECHO);
	tap_check(answer.messages == 2 && answer.acks == 1, "NLM_F_ECHO: a copy for the cause");
	join(fixture.client, BFD_GROUP_CONFIG);
	answer = add(&fixture, "192.0.2.4", CREATE | NLM_F_ECHO);
	tap_check(answer.messages == 2, "and one only if it is in the group, too");
	memset(&config, 0, sizeof(config));
	message = request_new(&fixture, BFD_CMD_SESSION_FLUSH, NLM_F_ACK);
	transact(&fixture, message);
	client_receive(config_client, &config);
	tap_check(config.messages == 5 && config.command == BFD_CMD_SESSION_DEL_NTF,
		  "each deletion of a flush is told");
	close(config_client);
	close(state_client);
	fixture_close(&fixture);
}

static struct answer subscribe(struct fixture *fixture, uint32_t groups)
{
	struct nl_msg *message = request_new(fixture, BFD_CMD_SUBSCRIBE, NLM_F_ACK);

	nla_put_u32(message, BFD_A_SUBSCRIBE_GROUPS, groups);
	return transact(fixture, message);
}

static void test_subscription(void)
{
	struct fixture fixture;
	struct answer answer;
	int i;

	fixture_open(&fixture);
	fake_sessions_fill(fixture.sessions, 1);
	answer = subscribe(&fixture, 1U << (BFD_GROUP_STATE - 1));
	tap_check(answer.acks == 1 && !answer.error, "subscribe");
	fake_sessions_fail(fixture.sessions, 1001);
	add(&fixture, "192.0.2.2", 0);
	memset(&answer, 0, sizeof(answer));
	fake_sessions_fail(fixture.sessions, 1001);
	client_receive(fixture.client, &answer);
	tap_check(answer.messages == 1 && answer.command == BFD_CMD_SESSION_STATE_NTF,
		  "events of the group come by unicast");

	/* A client that doesn't read. */
	shrink_buffer(fixture.client);
	for (i = 0; i < 1000; i++)
		fake_sessions_fail(fixture.sessions, 1001);
	memset(&answer, 0, sizeof(answer));
	for (i = 0; i < 2000 && !answer.acks; i++) {
		fixture_serve(&fixture);
		if (!client_receive(fixture.client, &answer))
			sleep_ms(1);
	}
	tap_check(answer.acks == 1 && answer.error == -ENOBUFS && answer.error_sequence == 0 &&
			  answer.messages > 100 && answer.messages < 1000,
		  "a client that overran is told so, after what was kept for it (%u of 1000)",
		  answer.messages);
	memset(&answer, 0, sizeof(answer));
	fake_sessions_fail(fixture.sessions, 1001);
	fixture_serve(&fixture);
	client_receive(fixture.client, &answer);
	tap_check(answer.messages == 1 && !answer.acks, "and gets what comes after");

	subscribe(&fixture, 0);
	memset(&answer, 0, sizeof(answer));
	fake_sessions_fail(fixture.sessions, 1001);
	client_receive(fixture.client, &answer);
	tap_check(answer.messages == 0, "0 ends a subscription");
	fixture_close(&fixture);
}

/* Many subscribers; those whose sockets are gone make room for others. */
static void test_subscribers(void)
{
	struct fixture fixture;
	unsigned int refused = 0;
	struct answer answer;
	int clients[256];
	int i;

	fixture_open(&fixture);
	for (i = 0; i < 256; i++) {
		clients[i] = client_open(NULL);
		close(fixture.client);
		fixture.client = clients[i];
		answer = subscribe(&fixture, 3);
		refused += answer.error != 0;
		fixture.client = client_open(NULL);
	}
	tap_equal(refused, 0, "256 subscribers");
	expect_error("and one too many", subscribe(&fixture, 3), -ENOSPC, "too many subscribers",
		     0);
	for (i = 0; i < 256; i++)
		close(clients[i]);
	answer = subscribe(&fixture, 3);
	tap_check(!answer.error, "subscribers that are gone make room");
	fixture_close(&fixture);
}

/* Run as nobody, with a socket of that user; the exit code says which check failed. */
static int run_as_nobody(int to_server, int from_server)
{
	char request[64];
	ssize_t length = read(from_server, request, sizeof(request));
	struct answer answer = {0};
	int group = BFD_GROUP_STATE;
	int client;

	if (length <= 0 || setgid(65534) || setuid(65534))
		return 2;
	client = client_open(NULL);
	client_send(client, request, (size_t)length);
	if (write(to_server, "", 1) != 1 || read(from_server, request, 1) != 1)
		return 3;
	client_receive(client, &answer);
	if (answer.acks != 1 || answer.error != -EPERM ||
	    strcmp(answer.text, "session-flush is only for root (uid 0)") != 0)
		return 4;
	if (!setsockopt(client, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)))
		return 5; /* then subscribe wouldn't be needed */
	memset(&answer, 0, sizeof(answer));
	length = read(from_server, request, sizeof(request));
	client_send(client, request, (size_t)length);
	if (write(to_server, "", 1) != 1 || read(from_server, request, 1) != 1)
		return 6;
	client_receive(client, &answer);
	return answer.messages == 1 && !answer.error ? 0 : 7;
}

static void serve_nobody(struct fixture *fixture, int to_client, int from_client, uint8_t command)
{
	struct nl_msg *message = request_new(fixture, command, NLM_F_ACK);
	char token;

	if (write(to_client, nlmsg_hdr(message), nlmsg_hdr(message)->nlmsg_len) < 0 ||
	    read(from_client, &token, 1) != 1)
		printf("# no request from the unprivileged client\n");
	fixture_serve(fixture);
	if (write(to_client, "", 1) != 1)
		printf("# the unprivileged client is gone\n");
	nlmsg_free(message);
}

static void test_permission(void)
{
	int to_client[2], to_server[2];
	struct fixture fixture;
	int status = -1;
	pid_t child;

	fixture_open(&fixture);
	fake_sessions_fill(fixture.sessions, 1);
	if (pipe(to_client) || pipe(to_server))
		return;
	fflush(stdout);
	child = fork();
	if (child == 0)
		_exit(run_as_nobody(to_server[1], to_client[0]));
	close(to_server[1]);
	close(to_client[0]);
	signal(SIGPIPE, SIG_IGN);
	serve_nobody(&fixture, to_client[1], to_server[0], BFD_CMD_SESSION_FLUSH);
	serve_nobody(&fixture, to_client[1], to_server[0], BFD_CMD_AGENT_GET);
	waitpid(child, &status, 0);
	tap_check(status == 0, "who isn't root may look, but not change");
	if (status)
		printf("# exit status %d\n", WEXITSTATUS(status));
	tap_equal(sessions_count(fixture.sessions), 1, "nothing was changed");
	close(to_server[0]);
	close(to_client[1]);
	fixture_close(&fixture);
}

static void test_second_server(void)
{
	struct genl_transport *transport = NULL;
	struct fixture fixture;
	char error[200] = "";
	int err;

	fixture_open(&fixture);
	err = genl_usersock_open(BFD_USERSOCK_PORT, &transport, error, sizeof(error));
	tap_check(err == -EADDRINUSE &&
			  !strncmp(error, "another agent serves this network namespace", 43),
		  "a second server is refused");
	fixture_close(&fixture);
}

/* The controller as libnl uses it, while a child serves. */
static void test_controller(void)
{
	struct nl_sock *socket = nl_socket_alloc();
	struct fixture fixture;
	pid_t child;

	fixture_open(&fixture);
	fflush(stdout);
	child = fork();
	if (child == 0) {
		struct pollfd pollfd = {.fd = handlers_fd(fixture.handlers), .events = POLLIN};

		while (poll(&pollfd, 1, 10000) > 0)
			handlers_dispatch(fixture.handlers);
		_exit(0);
	}
	tap_equal(nl_connect(socket, NETLINK_USERSOCK), 0, "libnl connects");
	nl_socket_set_peer_port(socket, BFD_USERSOCK_PORT);
	tap_equal(genl_ctrl_resolve(socket, "bfd"), FAMILY_ID, "genl_ctrl_resolve");
	tap_equal(genl_ctrl_resolve_grp(socket, "bfd", BFD_MCGRP_CONFIG), BFD_GROUP_CONFIG,
		  "genl_ctrl_resolve_grp config");
	tap_equal(genl_ctrl_resolve_grp(socket, "bfd", BFD_MCGRP_STATE), BFD_GROUP_STATE,
		  "genl_ctrl_resolve_grp state");
	tap_equal(genl_ctrl_resolve(socket, "nope"), -NLE_OBJ_NOTFOUND, "unknown family");
	nl_socket_free(socket);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	fixture_close(&fixture);
}

/* A request to the controller by name. */
static struct answer controller(struct fixture *fixture, uint8_t command, unsigned int flags,
				const char *name)
{
	struct nl_msg *message = request_new(fixture, command, flags);

	nlmsg_hdr(message)->nlmsg_type = GENL_ID_CTRL;
	nla_put_string(message, CTRL_ATTR_FAMILY_NAME, name);
	return transact(fixture, message);
}

/* What GETFAMILY says beside id and groups. */
static void test_family(struct fixture *fixture)
{
	struct nl_msg *message = request_new(fixture, CTRL_CMD_GETFAMILY, 0);
	struct nlattr *attributes[CTRL_ATTR_MAX + 1] = {0};
	uint32_t buffer[1024];
	struct nlattr *op;
	unsigned int ops = 0;
	int left;

	nlmsg_hdr(message)->nlmsg_type = GENL_ID_CTRL;
	nla_put_u16(message, CTRL_ATTR_FAMILY_ID, FAMILY_ID);
	client_send(fixture->client, nlmsg_hdr(message), nlmsg_hdr(message)->nlmsg_len);
	nlmsg_free(message);
	fixture_serve(fixture);
	if (recv(fixture->client, buffer, sizeof(buffer), MSG_DONTWAIT) > 0)
		nlmsg_parse((struct nlmsghdr *)buffer, GENL_HDRLEN, attributes, CTRL_ATTR_MAX,
			    NULL);
	if (!tap_check(attributes[CTRL_ATTR_FAMILY_NAME] && attributes[CTRL_ATTR_VERSION] &&
			       attributes[CTRL_ATTR_MAXATTR] && attributes[CTRL_ATTR_OPS],
		       "family by id"))
		return;
	tap_check(!strcmp(nla_get_string(attributes[CTRL_ATTR_FAMILY_NAME]), "bfd"), "its name");
	tap_equal(nla_get_u32(attributes[CTRL_ATTR_VERSION]), BFD_FAMILY_VERSION, "its version");
	tap_equal(nla_get_u32(attributes[CTRL_ATTR_MAXATTR]), BFD_A_SESSION_MAX,
		  "its highest attribute");
	nla_for_each_nested (op, attributes[CTRL_ATTR_OPS], left)
		ops++;
	tap_equal(ops, 19, "its operations");
}

static void test_controller_answers(void)
{
	unsigned int expected = 0, i, attribute;
	struct fixture fixture;
	struct nl_msg *message;
	struct answer answer;

	fixture_open(&fixture);
	expect_error("family by unknown name",
		     controller(&fixture, CTRL_CMD_GETFAMILY, NLM_F_ACK, "nope"), -ENOENT,
		     "no family has the name nope", 20);
	test_family(&fixture);
	message = request_new(&fixture, CTRL_CMD_GETFAMILY, NLM_F_DUMP);
	nlmsg_hdr(message)->nlmsg_type = GENL_ID_CTRL;
	answer = transact(&fixture, message);
	tap_check(answer.done && answer.messages == 2, "dump of families: nlctrl and bfd");
	for (i = 0; i < bfd_family_spec.op_count; i++) {
		const struct genl_op_spec *op = &bfd_family_spec.ops[i];

		expected += op->do_attributes || op->dump_attributes;
		for (attribute = 0; attribute < 64; attribute++)
			expected += (op->do_attributes >> attribute & 1) +
				    (op->dump_attributes >> attribute & 1);
	}
	answer = controller(&fixture, CTRL_CMD_GETPOLICY, NLM_F_DUMP, "bfd");
	finish_dump(&fixture, &answer);
	tap_check(answer.done && !answer.error && answer.messages == expected,
		  "policy dump: one message for each operation and attribute (%u)", expected);
	fixture_close(&fixture);
}

/* A good request to change at random. */
static size_t sample(struct fixture *fixture, unsigned int number, void *buffer)
{
	static const uint8_t commands[] = {BFD_CMD_SESSION_NEW,	 BFD_CMD_SESSION_SET,
					   BFD_CMD_SESSION_GET,	 BFD_CMD_SESSION_DEL,
					   BFD_CMD_DEV_GET,	 BFD_CMD_SUBSCRIBE,
					   BFD_CMD_LISTENER_NEW, BFD_CMD_SESSION_RESET};
	uint8_t command = commands[number % sizeof(commands)];
	struct nl_msg *message = request_new(fixture, command, number % 3 ? NLM_F_ACK : NLM_F_DUMP);
	size_t length;

	if (number % 7 == 0) {
		nlmsg_hdr(message)->nlmsg_type = GENL_ID_CTRL;
		genlmsg_hdr(nlmsg_hdr(message))->cmd = number % 2 ? CTRL_CMD_GETFAMILY
								  : CTRL_CMD_GETPOLICY;
		nla_put_string(message, CTRL_ATTR_FAMILY_NAME, "bfd");
	} else if (command == BFD_CMD_DEV_GET || command == BFD_CMD_SUBSCRIBE) {
		nla_put_u32(message, 1, 7);
	} else if (command == BFD_CMD_LISTENER_NEW) {
		nla_put(message, BFD_A_LISTENER_PREFIX, 4, "\300\0\2\0");
		nla_put_u32(message, BFD_A_LISTENER_PREFIX_LENGTH, 24);
		nla_put_u32(message, BFD_A_LISTENER_IFINDEX, 7);
	} else {
		put_remote(message, number % 2 ? "192.0.2.2" : "2001:db8::2");
		nla_put_string(message, BFD_A_SESSION_NAME, "name");
		nla_put_u32(message, BFD_A_SESSION_LOCAL_MULTIPLIER, 3);
	}
	length = nlmsg_hdr(message)->nlmsg_len;
	memcpy(buffer, nlmsg_hdr(message), length);
	nlmsg_free(message);
	return length;
}

static void test_noise(void)
{
	uint32_t buffer[64];
	uint8_t *bytes = (uint8_t *)buffer;
	struct fixture fixture;
	struct answer answer;
	unsigned int i, changes;
	size_t length;

	srand(20260102); /* the same noise each time */
	fixture_open(&fixture);
	for (i = 0; i < MUTATIONS; i++) {
		memset(buffer, 0, sizeof(buffer));
		length = sample(&fixture, (unsigned int)rand(), buffer);
		for (changes = 1 + (unsigned int)rand() % 4; changes; changes--)
			bytes[(unsigned int)rand() % length] = (uint8_t)rand();
		if (rand() % 4 == 0)
			length = 1 + (unsigned int)rand() % sizeof(buffer);
		transact_bytes(&fixture, buffer, length);
	}
	answer = simple(&fixture, BFD_CMD_AGENT_GET, NLM_F_ACK);
	tap_check(answer.messages == 1 && !answer.error, "serves after %u random requests",
		  MUTATIONS);
	fixture_close(&fixture);
}

int main(void)
{
	if (geteuid() != 0 || unshare(CLONE_NEWNET)) {
		printf("1..0 # SKIP needs root\n");
		return 4;
	}
	test_sessions();
	test_checks();
	test_validation();
	test_dumps();
	test_events();
	test_subscription();
	test_subscribers();
	test_permission();
	test_second_server();
	test_controller();
	test_controller_answers();
	test_noise();
	return tap_finish();
}
