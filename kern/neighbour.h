/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets of a single hop go to where the kernel's neighbour table says, from the Ethernet address
 * that the device has, also while no agent runs that would tell: each session looks once a second.
 * The kernel answers only where it forwards
 * (bpf_fib_lookup()); elsewhere, and with multihop, the agent alone follows.  It must not choose
 * another device or next hop.
 */
#ifndef IPBFD_NEIGHBOUR_H
#define IPBFD_NEIGHBOUR_H

#include "maps.h"
#include "tx.h"

#define BFD_AF_INET 2 /* of socket.h, which BPF programs can't include */
#define BFD_AF_INET6 10
#define BFD_MACS_LENGTH 12 /* destination and source, the first of a header */
/* Where the addresses stand in a path's header. */
#define BFD_V4_SOURCE 26
#define BFD_V4_DESTINATION 30
#define BFD_V6_SOURCE 22
#define BFD_V6_DESTINATION 38

/* Is this the session's first look in this second?  Under the lock. */
BFD_INLINE __u32 bfd_neighbour_is_due(struct bfd_session *session, __u64 now_ns)
{
	__u8 second = (__u8)(now_ns >> 30);

	if (session->key.multihop || session->look_second == second)
		return 0;
	session->look_second = second;
	return 1;
}

/* Returns 1, and both Ethernet addresses in params, if the neighbour is on the path's own link. */
BFD_INLINE int bfd_neighbour_look(struct __sk_buff *skb, const struct bfd_path *path,
				  struct bpf_fib_lookup *params)
{
	const __u16 *words = (const __u16 *)path->header;
	__u32 differs = 0;

	params->ifindex = path->ifindex;
	params->l4_protocol = 17; /* UDP */
	if (path->header_length == BFD_HEADER_V6) {
		params->family = BFD_AF_INET6;
		__builtin_memcpy(params->ipv6_src, path->header + BFD_V6_SOURCE, 16);
		__builtin_memcpy(params->ipv6_dst, path->header + BFD_V6_DESTINATION, 16);
	} else {
		params->family = BFD_AF_INET;
		__builtin_memcpy(&params->ipv4_src, path->header + BFD_V4_SOURCE, 4);
		__builtin_memcpy(&params->ipv4_dst, path->header + BFD_V4_DESTINATION, 4);
	}
	if (bpf_fib_lookup(skb, params, sizeof(*params), BPF_FIB_LOOKUP_OUTPUT) !=
		    BPF_FIB_LKUP_RET_SUCCESS ||
	    params->ifindex != path->ifindex)
		return 0;
	/* A gateway would stand in the destination's place. */
	if (path->header_length == BFD_HEADER_V6)
		for (int i = 0; i < 8; i++)
			differs |= ((__u16 *)params->ipv6_dst)[i] ^
				   words[BFD_V6_DESTINATION / 2 + i];
	else
		for (int i = 0; i < 2; i++)
			differs |= ((__u16 *)&params->ipv4_dst)[i] ^
				   words[BFD_V4_DESTINATION / 2 + i];
	return differs == 0;
}

/* Both are aligned to 4 bytes. */
BFD_INLINE int bfd_macs_are(const void *macs, const void *others)
{
	const __u32 *one = macs, *other = others;

	return ((one[0] ^ other[0]) | (one[1] ^ other[1]) | (one[2] ^ other[2])) == 0;
}

/*
 * Before a packet leaves: its Ethernet addresses, and those of the ones after it, are what the
 * kernel knows by now.  Global, for a stack frame of its own.  Returns 1 if they are others.
 */
__attribute__((noinline)) int bfd_neighbour_refresh(struct __sk_buff *skb, struct bfd_tx *tx,
						    __u32 slot)
{
	struct bpf_fib_lookup params = {};
	struct bfd_session *session;
	__u32 macs[BFD_MACS_LENGTH / 4];

	if (!tx || tx->path.ifindex == 0 || !bfd_neighbour_look(skb, &tx->path, &params))
		return 0;
	__builtin_memcpy(macs, params.dmac, BFD_MACS_LENGTH / 2);
	__builtin_memcpy((__u8 *)macs + BFD_MACS_LENGTH / 2, params.smac, BFD_MACS_LENGTH / 2);
	session = bfd_session_at(slot);
	if (!session || bfd_macs_are(tx->path.header, macs))
		return 0;
	bpf_spin_lock(&session->lock);
	/* Unless the agent has just said something else. */
	if (bfd_macs_are(session->echo_path.header, tx->path.header))
		__builtin_memcpy(session->echo_path.header, macs, BFD_MACS_LENGTH);
	if (bfd_macs_are(session->path.header, tx->path.header))
		__builtin_memcpy(session->path.header, macs, BFD_MACS_LENGTH);
	bpf_spin_unlock(&session->lock);
	__builtin_memcpy(tx->path.header, macs, BFD_MACS_LENGTH);
	return 1;
}

#endif /* IPBFD_NEIGHBOUR_H */
