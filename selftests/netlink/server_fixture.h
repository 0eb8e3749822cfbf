/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A server in this process with a session set in memory, and a client that
 * sends it bytes and takes its answers apart.  Server and client run in turns
 * in one thread, so that a test knows what happened.
 */
#ifndef IPBFD_SERVER_FIXTURE_H
#define IPBFD_SERVER_FIXTURE_H

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stdint.h>

#include <netlink/msg.h>

#include "genl/generated/policy.h"
#include "user/handlers.h"

#include "fake_keys.h"
#include "fake_listeners.h"
#include "fake_sessions.h"

#define FAMILY_ID GENL_START_ALLOC

struct fixture {
	struct sessions *sessions;
	struct listeners *listeners;
	struct keys *keys;
	struct notify *notify;
	struct handlers *handlers;
	int client; /* socket */
	uint32_t sequence;
};

/* What the client got for one request. */
struct answer {
	unsigned int messages; /* but acknowledgements and NLMSG_DONE */
	uint32_t command;      /* of the last of them */
	uint32_t discr;	       /* its local-discriminator, 0: none */
	unsigned int acks;     /* NLMSG_ERROR */
	bool done;
	bool interrupted; /* NLM_F_DUMP_INTR was seen */
	int error;	  /* of the last acknowledgement or NLMSG_DONE */
	uint32_t error_sequence;
	char text[256]; /* of the extended ACK */
	uint32_t offset;
	uint32_t missing;
	bool capped;
};

void fixture_open(struct fixture *fixture);
void fixture_close(struct fixture *fixture);
/* Run the server until it has nothing more to do right now. */
void fixture_serve(struct fixture *fixture);

/* A client socket, bound to a port that the kernel chose; *port receives it if not NULL. */
int client_open(uint32_t *port);
/* Send bytes to the agent's port. */
void client_send(int client, const void *data, size_t length);
/* Add what waits in the socket to answer; returns how many datagrams that were. */
unsigned int client_receive(int client, struct answer *answer);
/* Receive one datagram only; false: there was none. */
bool client_receive_one(int client, struct answer *answer);

/* A request to the family, with NLM_F_REQUEST and these flags. */
struct nl_msg *request_new(struct fixture *fixture, uint8_t command, unsigned int flags);
void put_remote(struct nl_msg *message, const char *address);
/* Send, serve, receive; frees message. */
struct answer transact(struct fixture *fixture, struct nl_msg *message);
struct answer transact_bytes(struct fixture *fixture, const void *data, size_t length);

#endif /* IPBFD_SERVER_FIXTURE_H */
