// SPDX-License-Identifier: GPL-2.0
/*
 * Entries of the kernel's neighbour tables; see neighbour.h.
 */
#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "address.h"
#include "neighbour.h"
#include "rtnl.h"

#define NUDGE_PORT 9 /* discard */

/* States in which the link-layer address means something. */
#define NEIGHBOUR_VALID                                                                            \
	(NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | NUD_PROBE | NUD_STALE | NUD_DELAY)

bool neighbour_parse(struct nlmsghdr *header, struct neighbour *out)
{
	struct nlattr *attributes[NDA_MAX + 1];
	struct ndmsg *info = nlmsg_data(header);
	struct nlattr *mac;

	memset(out, 0, sizeof(*out));
	if (nlmsg_parse(header, sizeof(*info), attributes, NDA_MAX, NULL) < 0 ||
	    (info->ndm_family != AF_INET && info->ndm_family != AF_INET6) || !attributes[NDA_DST] ||
	    !address_set(&out->address, nla_data(attributes[NDA_DST]),
			 nla_len(attributes[NDA_DST])))
		return false;
	out->ifindex = (uint32_t)info->ndm_ifindex;
	out->fixed = info->ndm_state & (NUD_PERMANENT | NUD_NOARP);
	out->failed = info->ndm_state & NUD_FAILED;
	out->managed = attributes[NDA_FLAGS_EXT] &&
		       (nla_get_u32(attributes[NDA_FLAGS_EXT]) & NTF_EXT_MANAGED);
	out->ours = out->managed && attributes[NDA_PROTOCOL] &&
		    nla_get_u8(attributes[NDA_PROTOCOL]) == NEIGHBOUR_PROTOCOL;
	mac = attributes[NDA_LLADDR];
	out->has_mac = (info->ndm_state & NEIGHBOUR_VALID) && mac &&
		       nla_len(mac) == sizeof(out->mac);
	if (out->has_mac)
		memcpy(out->mac, nla_data(mac), sizeof(out->mac));
	return true;
}

static int neighbour_take(struct nlmsghdr *header, void *context)
{
	return neighbour_parse(header, context) ? 0 : -EBADMSG;
}

static struct nl_msg *neighbour_message(int type, int flags, uint8_t ndm_flags, uint32_t ifindex,
					const struct bfd_address *address)
{
	struct ndmsg info = {
		.ndm_family = (uint8_t)address_family(address),
		.ndm_ifindex = (int)ifindex,
		.ndm_flags = ndm_flags,
	};
	struct nl_msg *message = rtnl_message(type, flags, &info, sizeof(info));

	if (message && nla_put(message, NDA_DST, address_length(address), address_data(address))) {
		nlmsg_free(message);
		return NULL;
	}
	return message;
}

int neighbour_get(struct rtnl *rtnl, uint32_t ifindex, const struct bfd_address *address,
		  struct neighbour *out)
{
	struct nl_msg *message = neighbour_message(RTM_GETNEIGH, 0, 0, ifindex, address);
	int error = message ? rtnl_request(rtnl, message, neighbour_take, out) : -ENOMEM;

	nlmsg_free(message);
	return error;
}

/* NTF_USE keeps state and MAC of an entry that is there; extended says which mark it gets. */
static int neighbour_mark(struct rtnl *rtnl, uint32_t ifindex, const struct bfd_address *address,
			  int flags, uint32_t extended)
{
	struct nl_msg *message = neighbour_message(RTM_NEWNEIGH, flags, NTF_USE, ifindex, address);
	int error = -ENOMEM;

	if (message && !nla_put_u32(message, NDA_FLAGS_EXT, extended) &&
	    !nla_put_u8(message, NDA_PROTOCOL, NEIGHBOUR_PROTOCOL))
		error = rtnl_request(rtnl, message, NULL, NULL);
	nlmsg_free(message);
	return error;
}

int neighbour_manage(struct rtnl *rtnl, uint32_t ifindex, const struct bfd_address *address,
		     struct neighbour *out)
{
	int error = neighbour_get(rtnl, ifindex, address, out);

	if (error == -ENOENT)
		memset(out, 0, sizeof(*out));
	else if (error)
		return error;
	/* NTF_USE would take NUD_PERMANENT away from an operator's entry.  One of ours that has
	 * failed is tried again at once, not after the kernel's pause.
	 */
	if (out->fixed || (out->managed && (out->has_mac || !out->ours)))
		return 0;
	return neighbour_mark(rtnl, ifindex, address, NLM_F_CREATE, NTF_EXT_MANAGED);
}

struct neighbour_walk {
	void (*callback)(const struct neighbour *neighbour, void *context);
	void *context;
};

static int neighbour_visit(struct nlmsghdr *header, void *context)
{
	const struct neighbour_walk *walk = context;
	struct neighbour neighbour;

	if (header->nlmsg_type == RTM_NEWNEIGH && neighbour_parse(header, &neighbour))
		walk->callback(&neighbour, walk->context);
	return 0;
}

int neighbour_each(struct rtnl *rtnl,
		   void (*callback)(const struct neighbour *neighbour, void *context),
		   void *context)
{
	struct neighbour_walk walk = {.callback = callback, .context = context};
	struct ndmsg info = {.ndm_family = AF_UNSPEC};
	struct nl_msg *message = rtnl_message(RTM_GETNEIGH, NLM_F_DUMP, &info, sizeof(info));
	int error = message ? rtnl_request(rtnl, message, neighbour_visit, &walk) : -ENOMEM;

	nlmsg_free(message);
	return error;
}

int neighbour_nudge(uint32_t ifindex, const struct bfd_address *address)
{
	struct sockaddr_in6 to = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(NUDGE_PORT),
		.sin6_scope_id = ifindex,
	};
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0), index = (int)ifindex, error = 0;
	const char nothing = 0;

	if (fd < 0)
		return -errno;
	memcpy(&to.sin6_addr, address->bytes, sizeof(to.sin6_addr));
	if (setsockopt(fd, SOL_SOCKET, SO_BINDTOIFINDEX, &index, sizeof(index)) < 0 ||
	    sendto(fd, &nothing, 0, MSG_DONTWAIT, (struct sockaddr *)&to, sizeof(to)) < 0)
		error = -errno;
	close(fd);
	return error;
}

int neighbour_release(struct rtnl *rtnl, uint32_t ifindex, const struct bfd_address *address)
{
	struct neighbour neighbour;
	int error = neighbour_get(rtnl, ifindex, address, &neighbour);

	if (!error && neighbour.ours && !neighbour.fixed)
		error = neighbour_mark(rtnl, ifindex, address, 0, 0);
	/* The entry, or its device, is gone: so is the mark. */
	return error == -ENOENT || error == -ENODEV ? 0 : error;
}

struct marked {
	struct neighbour *found;
	size_t count;
	bool out_of_memory;
};

static void collect_marked(const struct neighbour *neighbour, void *context)
{
	struct marked *marked = context;
	struct neighbour *grown;

	if (!neighbour->ours || neighbour->fixed || marked->out_of_memory)
		return;
	grown = realloc(marked->found, (marked->count + 1) * sizeof(*grown));
	marked->out_of_memory = !grown;
	if (!grown)
		return;
	marked->found = grown;
	marked->found[marked->count++] = *neighbour;
}

int neighbour_release_all(struct rtnl *rtnl)
{
	struct marked marked = {};
	int error;

	do {
		marked.count = 0;
		error = neighbour_each(rtnl, collect_marked, &marked);
	} while (error == -EINTR);
	if (!error && marked.out_of_memory)
		error = -ENOMEM;
	for (size_t i = 0; i < marked.count && !error; i++)
		error = neighbour_release(rtnl, marked.found[i].ifindex, &marked.found[i].address);
	free(marked.found);
	return error;
}
