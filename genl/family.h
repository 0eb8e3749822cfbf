/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Inside the server: a registered family, a request on its way, and what the
 * parts of genl/ ask of one another.  Handlers include genl/server.h instead.
 */
#ifndef IPBFD_GENL_FAMILY_H
#define IPBFD_GENL_FAMILY_H

#include "genl/server.h"

/* A datagram that any client can take: libmnl's buffer is one page. */
#define GENL_DATAGRAM_MAX 4096

/* nlctrl, and the family that this server is for. */
#define GENL_FAMILY_COUNT 2

struct genl_family {
	uint16_t id; /* nlmsg_type */
	const struct genl_family_spec *spec;
	const struct genl_handler *handlers;
	void *context;
};

/* A request with all that belongs to it. */
struct genl_call {
	struct genl_request request;
	const struct genl_family *family;
	const struct genl_handler *handler;
	struct nlattr *attributes[64];
};

/* ctrl.c: the emulated controller.  The context of its handlers is the array of families. */
extern const struct genl_family_spec genl_ctrl_spec;
extern const struct genl_handler genl_ctrl_handlers[];

/* validate.c: find the operation and check the whole of call->request.header, strictly.  Fills
 * op, handler and attributes.  dump: NLM_F_DUMP was asked for.
 */
int genl_validate(struct genl_call *call, const struct genl_family *family, bool *dump);

/* acknowledge.c: the NLMSG_ERROR that answers request, with its extended ACK.  error is 0 or a
 * negative errno.  whole: all of the header's nlmsg_len is there.  NULL: out of memory.
 */
struct nl_msg *genl_acknowledge(const struct genl_request *request, int error, bool whole);
/* Append the attributes of the extended ACK; offsets only make sense beside the request. */
int genl_put_extended_ack(struct nl_msg *message, const struct genl_request *request, int error);

/* dump.c: a dump in progress, with its own copy of the request. */
struct genl_dumper;
int genl_dumper_open(const struct genl_call *call, struct genl_dumper **out);
void genl_dumper_close(struct genl_dumper *dumper);
/* The next datagram of at most GENL_DATAGRAM_MAX bytes into buffer.  Returns its length; 0: all is
 * said.  */
size_t genl_dumper_next(struct genl_dumper *dumper, void *buffer);

#endif /* IPBFD_GENL_FAMILY_H */
