/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A dump in progress: asks the handler for one object after the other and packs
 * them into datagrams, until NLMSG_DONE.  It must not send: client.c takes the
 * next datagram when the client has room.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <stdlib.h>
#include <string.h>

#include <netlink/genl/genl.h>

#include "genl/family.h"

struct genl_dumper {
	struct genl_call call; /* request.header points to the copy below */
	struct genl_dump dump;
	uint64_t generation;
	bool started;
	bool interrupted; /* the set changed between two datagrams */
	bool ended;	  /* no more objects; error says why */
	bool done;	  /* NLMSG_DONE was packed */
	int error;
	struct nl_msg *pending; /* did not fit the last datagram */
	uint32_t header[];	/* copy of the request */
};

int genl_dumper_open(const struct genl_call *call, struct genl_dumper **out)
{
	const struct nlmsghdr *header = call->request.header;
	struct genl_dumper *dumper;
	size_t i;

	dumper = calloc(1, sizeof(*dumper) + NLMSG_ALIGN(header->nlmsg_len));
	if (!dumper)
		return -ENOMEM;
	dumper->call = *call;
	memcpy(dumper->header, header, header->nlmsg_len);
	dumper->call.request.header = (const struct nlmsghdr *)dumper->header;
	dumper->call.request.attributes = dumper->call.attributes;
	for (i = 0; i < sizeof(call->attributes) / sizeof(call->attributes[0]); i++) {
		if (!call->attributes[i])
			continue;
		dumper->call.attributes[i] = (struct nlattr *)((char *)dumper->header +
							       ((const char *)call->attributes[i] -
								(const char *)header));
	}
	*out = dumper;
	return 0;
}

void genl_dumper_close(struct genl_dumper *dumper)
{
	if (!dumper)
		return;
	nlmsg_free(dumper->pending);
	free(dumper);
}

static int message_flags(const struct genl_dumper *dumper)
{
	return NLM_F_MULTI | (dumper->interrupted ? NLM_F_DUMP_INTR : 0);
}

/* The next object as a message of its own; NULL: there is none, and dumper->ended is set. */
static struct nl_msg *next_object(struct genl_dumper *dumper)
{
	const struct genl_call *call = &dumper->call;
	const struct genl_request *request = &call->request;
	struct nl_msg *message = nlmsg_alloc_size(GENL_DATAGRAM_MAX);
	int found = -ENOMEM;

	if (message &&
	    genlmsg_put(message, request->port, request->header->nlmsg_seq, call->family->id, 0,
			message_flags(dumper), (uint8_t)request->op->command,
			(uint8_t)call->family->spec->version))
		found = call->handler->dump(&dumper->call.request, &dumper->dump, message,
					    call->family->context);
	if (found > 0)
		return message;
	dumper->ended = true;
	dumper->error = found;
	nlmsg_free(message);
	return NULL;
}

static struct nl_msg *done_message(const struct genl_dumper *dumper)
{
	const struct genl_request *request = &dumper->call.request;
	struct nl_msg *message = nlmsg_alloc_size(GENL_DATAGRAM_MAX);
	struct nlmsghdr *header;
	uint32_t bare;

	if (!message)
		return NULL;
	header = nlmsg_put(message, request->port, request->header->nlmsg_seq, NLMSG_DONE, 0,
			   message_flags(dumper));
	if (!header || nlmsg_append(message, (void *)(uintptr_t)&dumper->error,
				    sizeof(dumper->error), NLMSG_ALIGNTO) < 0)
		goto cleanup;
	bare = header->nlmsg_len;
	if (genl_put_extended_ack(message, request, dumper->error))
		goto cleanup;
	if (header->nlmsg_len > bare)
		header->nlmsg_flags |= NLM_F_ACK_TLVS;
	return message;

cleanup:
	nlmsg_free(message);
	return NULL;
}

/* Copy a message into the datagram if it fits; frees it then. */
static bool pack(struct nl_msg *message, char *buffer, size_t *length)
{
	const struct nlmsghdr *header = nlmsg_hdr(message);

	if (*length + NLMSG_ALIGN(header->nlmsg_len) > GENL_DATAGRAM_MAX)
		return false;
	memcpy(buffer + *length, header, header->nlmsg_len);
	*length += NLMSG_ALIGN(header->nlmsg_len);
	nlmsg_free(message);
	return true;
}

/* Once the set has changed, all that follows says so, NLMSG_DONE too. */
static void check_generation(struct genl_dumper *dumper)
{
	const struct genl_call *call = &dumper->call;
	uint64_t generation;

	if (!call->handler->generation)
		return;
	generation = call->handler->generation(call->family->context);
	if (dumper->started && generation != dumper->generation)
		dumper->interrupted = true;
	dumper->started = true;
	dumper->generation = generation;
	if (dumper->interrupted && dumper->pending)
		nlmsg_hdr(dumper->pending)->nlmsg_flags |= NLM_F_DUMP_INTR;
}

/* The next object or, after the last, NLMSG_DONE.  NULL: out of memory. */
static struct nl_msg *next_message(struct genl_dumper *dumper)
{
	struct nl_msg *message = dumper->pending;

	dumper->pending = NULL;
	if (!message && !dumper->ended)
		message = next_object(dumper);
	return message ? message : done_message(dumper);
}

size_t genl_dumper_next(struct genl_dumper *dumper, void *buffer)
{
	struct nl_msg *message;
	size_t length = 0;
	bool last;

	memset(buffer, 0, GENL_DATAGRAM_MAX);
	check_generation(dumper);
	while (!dumper->done) {
		message = next_message(dumper);
		if (!message) {
			dumper->done = true; /* the client has to time out */
			break;
		}
		last = nlmsg_hdr(message)->nlmsg_type == NLMSG_DONE;
		if (!pack(message, buffer, &length)) {
			dumper->pending = message;
			break;
		}
		dumper->done = last;
	}
	return length;
}
