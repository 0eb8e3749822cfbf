/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A frame as XDP shows it, or as tc does behind it: the same few operations on either, so that
 * reception is one source for both.  It must not judge a frame.
 */
#ifndef IPBFD_INPUT_H
#define IPBFD_INPUT_H

#include <linux/if_ether.h>

#include "portable.h"

/* By value, and never where its address is taken: the verifier is to see tc as a constant. */
struct bfd_input {
	void *context; /* struct xdp_md, or with tc struct __sk_buff */
	int tc;
};

/* Offsets are those of the frame's data, as bfd_parse() has them.  Return 0 or a negative errno. */

BFD_INLINE long bfd_input_load(struct bfd_input input, __u32 offset, void *to, __u32 length)
{
	if (input.tc)
		return bpf_skb_load_bytes(input.context, offset, to, length);
	return bpf_xdp_load_bytes(input.context, offset, to, length);
}

/* Not the Ethernet header, which tc may have dropped (kern/clock.h, bfd_answer_find). */
BFD_INLINE long bfd_input_store(struct bfd_input input, __u32 offset, void *from, __u32 length)
{
	if (input.tc)
		return bpf_skb_store_bytes(input.context, offset, from, length, 0);
	return bpf_xdp_store_bytes(input.context, offset, from, length);
}

/* Is the frame addressed to this Ethernet address?  Returns 0 also if it can't be read. */
BFD_INLINE int bfd_input_is_for(struct bfd_input input, const __u8 *address)
{
	__u8 destination[ETH_ALEN], differs = 0;
	long error;

	if (input.tc)
		error = bpf_skb_load_bytes_relative(input.context, 0, destination, ETH_ALEN,
						    BPF_HDR_START_MAC);
	else
		error = bpf_xdp_load_bytes(input.context, 0, destination, ETH_ALEN);
	for (int i = 0; i < ETH_ALEN; i++)
		differs |= destination[i] ^ address[i];
	return !error && !differs;
}

#endif /* IPBFD_INPUT_H */
