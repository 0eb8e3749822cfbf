/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Requests that the tests of the netlink server have in common, and the check
 * of a refusal.  It must not test.
 */
#ifndef IPBFD_SERVER_REQUESTS_H
#define IPBFD_SERVER_REQUESTS_H

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "selftests/unit/tap.h"

#include "server_fixture.h"

#define CREATE (NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL)

/* Add a session to address; returns the answer. */
static inline struct answer add(struct fixture *fixture, const char *address, unsigned int flags)
{
	struct nl_msg *message = request_new(fixture, BFD_CMD_SESSION_NEW, flags);

	put_remote(message, address);
	return transact(fixture, message);
}

static inline struct answer simple(struct fixture *fixture, uint8_t command, unsigned int flags)
{
	return transact(fixture, request_new(fixture, command, flags));
}

static inline void expect_error(const char *what, struct answer answer, int error, const char *text,
				uint32_t offset)
{
	bool ok = answer.acks == 1 && answer.messages == 0 && answer.error == error &&
		  !strcmp(answer.text, text) && answer.offset == offset;

	if (!tap_check(ok, "%s", what))
		printf("# acks %u, messages %u, error %d, offset %u, text \"%s\"\n", answer.acks,
		       answer.messages, answer.error, answer.offset, answer.text);
}

/* A request with one attribute of bytes. */
static inline struct answer one_attribute(struct fixture *fixture, uint8_t command, int type,
					  const void *data, int length)
{
	struct nl_msg *message = request_new(fixture, command, NLM_F_ACK);

	nla_put(message, type, length, data);
	return transact(fixture, message);
}

static inline void join(int client, int group)
{
	if (setsockopt(client, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)))
		printf("# joining group %d: %s\n", group, strerror(errno));
}

#endif /* IPBFD_SERVER_REQUESTS_H */
