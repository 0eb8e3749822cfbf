/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A client of the family `bfd` that isn't ours to the bone: libnl-genl and
 * genl/uapi/bfd_genl.h, nothing else.  It finds the family, adds a session,
 * dumps all sessions and prints the transitions of some seconds.  Written to be
 * read as the example for other clients; it must not use the project's code.
 *
 * usage: bfd_client REMOTE-ADDRESS DEVICE SECONDS
 */
#define _GNU_SOURCE /* struct ucred */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

#include "genl/uapi/bfd_genl.h"

/* The agent's port in NETLINK_USERSOCK. */
#define AGENT_PORT 3784

/* By BFD_SESSION_STATE_*. */
static const char *const state_names[] = {"admin-down", "down", "init", "up"};

static const char *state_name(const struct nlattr *attribute)
{
	uint32_t state = attribute ? nla_get_u32(attribute) : UINT32_MAX;

	return state <= BFD_SESSION_STATE_UP ? state_names[state] : "?";
}

static const char *address_text(const struct nlattr *attribute, char *text)
{
	if (!attribute || !inet_ntop(nla_len(attribute) == 4 ? AF_INET : AF_INET6,
				     nla_data(attribute), text, INET6_ADDRSTRLEN))
		return "?";
	return text;
}

static void print_event(struct nlattr *nest)
{
	struct nlattr *attributes[BFD_A_EVENT_MAX + 1];

	if (nla_parse_nested(attributes, BFD_A_EVENT_MAX, nest, NULL))
		return;
	printf(" %s -> %s", state_name(attributes[BFD_A_EVENT_OLD_STATE]),
	       state_name(attributes[BFD_A_EVENT_NEW_STATE]));
	if (attributes[BFD_A_EVENT_SINCE_LAST_RX])
		printf(", %" PRIu64 " us after the last packet",
		       nla_get_u64(attributes[BFD_A_EVENT_SINCE_LAST_RX]));
}

/* Anybody may send to a group of NETLINK_USERSOCK: listen to root on the agent's port alone. */
static int is_from_agent(struct nl_msg *message)
{
	const struct ucred *sender = nlmsg_get_creds(message);

	return nlmsg_get_src(message)->nl_pid == AGENT_PORT && sender && sender->uid == 0;
}

/* Answers and events alike. */
static int on_message(struct nl_msg *message, void *argument)
{
	struct nlattr *attributes[BFD_A_SESSION_MAX + 1];
	struct nlmsghdr *header = nlmsg_hdr(message);
	char text[INET6_ADDRSTRLEN];

	(void)argument;
	if (!is_from_agent(message) ||
	    genlmsg_parse(header, 0, attributes, BFD_A_SESSION_MAX, NULL) ||
	    !attributes[BFD_A_SESSION_LOCAL_DISCRIMINATOR])
		return NL_SKIP;
	switch (genlmsg_hdr(header)->cmd) {
	case BFD_CMD_SESSION_NEW:
		printf("added ");
		break;
	case BFD_CMD_SESSION_STATE_NTF:
		printf("event ");
		break;
	default:
		break;
	}
	printf("session %u to %s: %s", nla_get_u32(attributes[BFD_A_SESSION_LOCAL_DISCRIMINATOR]),
	       address_text(attributes[BFD_A_SESSION_REMOTE_ADDRESS], text),
	       state_name(attributes[BFD_A_SESSION_LOCAL_STATE]));
	if (attributes[BFD_A_SESSION_EVENT])
		print_event(attributes[BFD_A_SESSION_EVENT]);
	printf("\n");
	fflush(stdout);
	return NL_OK;
}

static int add_session(struct nl_sock *socket, int family, const char *remote, const char *device)
{
	struct nl_msg *message = nlmsg_alloc();
	uint8_t address[16];
	int length = 4;

	if (inet_pton(AF_INET, remote, address) != 1) {
		length = 16;
		if (inet_pton(AF_INET6, remote, address) != 1) {
			nlmsg_free(message);
			return -NLE_INVAL;
		}
	}
	genlmsg_put(message, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0, NLM_F_CREATE | NLM_F_EXCL,
		    BFD_CMD_SESSION_NEW, BFD_FAMILY_VERSION);
	nla_put(message, BFD_A_SESSION_REMOTE_ADDRESS, length, address);
	nla_put_u32(message, BFD_A_SESSION_IFINDEX, if_nametoindex(device));
	/* Sends, waits for the acknowledgement, frees the message. */
	return nl_send_sync(socket, message);
}

static int dump_sessions(struct nl_sock *socket, int family)
{
	struct nl_msg *message = nlmsg_alloc();

	genlmsg_put(message, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0, NLM_F_DUMP, BFD_CMD_SESSION_GET,
		    BFD_FAMILY_VERSION);
	return nl_send_sync(socket, message);
}

static int follow(struct nl_sock *socket, int group, int seconds)
{
	struct pollfd pollfd = {.fd = nl_socket_get_fd(socket), .events = POLLIN};
	time_t end = time(NULL) + seconds;
	int err;

	err = nl_socket_add_membership(socket, group); /* needs CAP_NET_ADMIN */
	if (err)
		return err;
	nl_socket_disable_seq_check(socket);
	while (time(NULL) < end) {
		if (poll(&pollfd, 1, 100) <= 0)
			continue;
		err = nl_recvmsgs_default(socket);
		if (err)
			return err;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct nl_sock *socket = nl_socket_alloc();
	const char *step = "connect";
	int family;
	int group;
	int err;

	if (argc != 4 || !socket) {
		fprintf(stderr, "usage: bfd_client REMOTE-ADDRESS DEVICE SECONDS\n");
		return 255;
	}
	err = nl_connect(socket, NETLINK_USERSOCK);
	if (err)
		goto cleanup;
	nl_socket_set_peer_port(socket, AGENT_PORT);
	nl_socket_set_passcred(socket, 1);
	nl_socket_modify_cb(socket, NL_CB_VALID, NL_CB_CUSTOM, on_message, NULL);

	step = "family";
	err = family = genl_ctrl_resolve(socket, BFD_FAMILY_NAME);
	if (family < 0)
		goto cleanup;
	step = "group";
	err = group = genl_ctrl_resolve_grp(socket, BFD_FAMILY_NAME, BFD_MCGRP_STATE);
	if (group < 0)
		goto cleanup;
	printf("family %s has id %d, its group %s is %d\n", BFD_FAMILY_NAME, family,
	       BFD_MCGRP_STATE, group);

	step = "add";
	err = add_session(socket, family, argv[1], argv[2]);
	if (err)
		goto cleanup;
	step = "dump";
	err = dump_sessions(socket, family);
	if (err)
		goto cleanup;
	step = "follow";
	err = follow(socket, group, atoi(argv[3]));

cleanup:
	if (err < 0)
		fprintf(stderr, "bfd_client: %s: %s\n", step, nl_geterror(err));
	nl_socket_free(socket);
	return err < 0 ? 1 : 0;
}
