/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A generic netlink family served from user space: requests are parsed, checked
 * against the family's tables (genl/generated/policy.h), handed to handlers, and
 * answered with acknowledgements, extended ACKs, dumps and notifications, as
 * the kernel does it for its own families.  The controller (nlctrl) is
 * emulated, so that clients can resolve the family.
 *
 * It knows netlink, not BFD: what an operation does is the business of
 * user/handlers.c.  It must not block: a client that doesn't read has a bounded
 * queue, and is told when it overran.
 *
 * All functions are called from one thread.  Errors are negative errno.
 */
#ifndef IPBFD_GENL_SERVER_H
#define IPBFD_GENL_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <netlink/attr.h>
#include <netlink/msg.h>

#include "genl/spec.h"

struct genl_peer;
struct genl_server;
struct genl_transport;

/* Room for the text of an extended ACK. */
#define GENL_MESSAGE_MAX 160

/* A request that passed validation; valid during the handler's call, or until its dump ends. */
struct genl_request {
	struct genl_server *server;
	const struct nlmsghdr *header;	  /* all of it, in host order */
	const struct genl_op_spec *op;	  /* of genl/generated/policy.c */
	struct nlattr *const *attributes; /* by attribute number, NULL: absent */
	uint32_t port;			  /* the sender's netlink port */
	uint32_t uid;			  /* the sender's, as the kernel says */
	/* For the extended ACK; set by genl_fail*() and genl_warn(). */
	char message[GENL_MESSAGE_MAX];
	const struct nlattr *culprit; /* NULL: none */
	uint32_t missing;	      /* number of a missing attribute, 0: none */
};

/* Where a dump stands; the handler moves the cursor, which starts at 0. */
struct genl_dump {
	uint64_t cursor;
};

/* What carries out one operation of the family. */
struct genl_handler {
	uint32_t command; /* BFD_CMD_* */
	/* Returns 0 (then an ACK is sent if asked for) or a negative errno. */
	int (*doit)(struct genl_request *request, void *context);
	/* Puts the attributes of the next object into message (of a page; -EMSGSIZE if it
	 * doesn't fit) and moves the cursor past it.  Returns 1 if there was one, 0 at the end,
	 * or a negative errno, which ends the dump.
	 */
	int (*dump)(struct genl_request *request, struct genl_dump *dump, struct nl_msg *message,
		    void *context);
	/* Changes whenever the dumped set does, so that a dump can say that it was
	 * interrupted; NULL: never changes.
	 */
	uint64_t (*generation)(void *context);
	/* Requests hold secrets: an acknowledgement doesn't repeat them. */
	bool secret;
};

struct genl_server_options {
	const struct genl_family_spec *family; /* &bfd_family_spec */
	const struct genl_handler *handlers;   /* ends with command 0 */
	void *context;			       /* passed to handlers */
	struct genl_transport *transport;      /* taken over, also on failure */
	/* Told of each subscription that begins, is renewed or (groups 0) ends, so that it can be
	 * kept for the server after this one; NULL: nobody is.
	 */
	void (*subscribed)(const struct genl_peer *peer, uint32_t groups, void *context);
};

/* *out is owned by the caller (genl_server_close). */
int genl_server_open(const struct genl_server_options *options, struct genl_server **out);
/* NULL is fine. */
void genl_server_close(struct genl_server *server);

/* One descriptor to poll for input (requests and the timer of slow clients), and what to do
 * when it is readable: handles a bounded number of requests and returns.  A negative
 * errno means that the transport is broken.
 */
int genl_server_fd(const struct genl_server *server);
int genl_server_dispatch(struct genl_server *server);

/* For handlers.  Refuse: sets the text of the extended ACK and returns error.  The text is
 * one line for a network engineer and names the culprit.  The _attribute form also points
 * at that attribute; the _missing form says that it is missing, and returns -EINVAL.
 */
int genl_fail(struct genl_request *request, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int genl_fail_attribute(struct genl_request *request, uint32_t attribute, int error,
			const char *format, ...) __attribute__((format(printf, 4, 5)));
int genl_fail_missing(struct genl_request *request, uint32_t attribute);
/* A warning that goes with success. */
void genl_warn(struct genl_request *request, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A message that answers request, to be filled with attributes; NULL: out of memory.
 * genl_reply() sends and frees it.
 */
struct nl_msg *genl_reply_new(const struct genl_request *request, uint8_t command);
int genl_reply(const struct genl_request *request, struct nl_msg *message);

/* A notification, to be filled with attributes; NULL: out of memory.  genl_notify() sends
 * it to a multicast group (BFD_GROUP_*) and to those subscribed to it by unicast, and
 * frees it.  cause (NULL: none) is the request that led to it: with NLM_F_ECHO its
 * sender gets a copy.
 */
struct nl_msg *genl_notify_new(const struct genl_server *server, uint8_t command,
			       const struct genl_request *cause);
int genl_notify(struct genl_server *server, uint32_t group, struct nl_msg *message,
		const struct genl_request *cause);

/* Send the groups in mask (bit 0 is group 1) by unicast to the sender of request, until its
 * port is gone; 0 ends it.  -ENOSPC: too many subscribers.
 */
int genl_subscribe(struct genl_request *request, uint32_t mask);

/* Go on with a subscription that peer had from the server before this one. */
int genl_server_subscribe(struct genl_server *server, const struct genl_peer *peer, uint32_t mask);

#endif /* IPBFD_GENL_SERVER_H */
