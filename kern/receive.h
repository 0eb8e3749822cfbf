/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The receiving programs, in XDP and in tc behind it: what a frame is, where it arrived, and who
 * sees to it.  XDP is the fast one; tc has the frames whose tag XDP can't see, and all of them
 * while XDP is off the device.
 */
#ifndef IPBFD_RECEIVE_H
#define IPBFD_RECEIVE_H

#include "rx_echo.h"

/*
 * A frame of the protocol by which XDP hands on to the tc program behind it.  Only XDP may
 * make those that the program obeys; one from outside would make us answer, or loop what was
 * never granted.  Returns the XDP verdict.
 */
BFD_INLINE int bfd_rx_forged(struct xdp_md *context, const struct bfd_frame *frame)
{
	__u32 generation_offset =
		frame->payload_offset + offsetof(struct bfd_tick_frame, generation) - ETH_HLEN;
	struct bfd_clock *clock = bfd_clock_get();
	__u32 mark = 0, generation = 0;

	if (!clock || bpf_xdp_load_bytes(context, 0, &mark, sizeof(mark)) != 0 ||
	    bpf_xdp_load_bytes(context, generation_offset, &generation, sizeof(generation)) != 0)
		return XDP_PASS;
	return mark == clock->generation || generation == clock->generation ? XDP_DROP : XDP_PASS;
}

/* Returns the XDP verdict, or what bfd_rx_echo() does. */
BFD_INLINE int bfd_rx_at(struct bfd_input input, struct bfd_rx_place *place,
			 struct bfd_frame *frame)
{
	place->domain = bfd_rx_domain(place->ifindex);
	if (frame->echo)
		return bfd_rx_echo(input, place, frame);
	if (!bfd_rx_is_ours(frame, place))
		return XDP_PASS;
	return bfd_rx_control(input, place, frame);
}

/* Returns the XDP verdict. */
BFD_INLINE int bfd_rx(struct xdp_md *context)
{
	void *data_end = (void *)(long)context->data_end;
	void *data = (void *)(long)context->data;
	struct bfd_rx_place place = {};
	struct bfd_frame frame = {};
	int verdict;

	if (!bfd_parse(data, data_end, bpf_xdp_get_buff_len(context), &frame))
		return frame.payload_offset ? bfd_rx_forged(context, &frame) : XDP_PASS;
	place.ifindex = bfd_rx_ifindex(context, &frame);
	if (place.ifindex == 0)
		return XDP_PASS;
	place.tag_unseen = place.ifindex == context->ingress_ifindex;
	verdict = bfd_rx_at((struct bfd_input){.context = context}, &place, &frame);
	if (verdict >= BFD_RX_BACK)
		return bfd_rx_echo_hand_on(context, (__u32)(verdict - BFD_RX_BACK));
	return verdict;
}

/*
 * The network header's offset.  A frame that was copied for generic XDP begins with it (clock.h,
 * bfd_answer_find).
 */
BFD_INLINE __u32 bfd_rx_network_offset(const struct __sk_buff *skb)
{
	const void *data_end = (const void *)(long)skb->data_end;
	const struct ethhdr *ethernet = (const void *)(long)skb->data;

	if ((const void *)(ethernet + 1) > data_end || ethernet->h_proto != (__u16)skb->protocol)
		return 0;
	return sizeof(*ethernet);
}

/* Apart, so that its stack isn't needed where sessions are.  Returns the tc verdict. */
static __attribute__((noinline)) int bfd_rx_echo_behind(struct __sk_buff *skb, __u32 slot)
{
	if (bfd_rx_network_offset(skb) == 0 && bpf_skb_change_head(skb, ETH_HLEN, 0) != 0)
		return TC_ACT_SHOT;
	return bfd_echo_send_back(skb, slot, (__u16)skb->protocol);
}

/* Returns the tc verdict. */
BFD_INLINE int bfd_rx_behind(struct __sk_buff *skb)
{
	struct bfd_rx_place place = {.ifindex = skb->ifindex};
	void *data_end = (void *)(long)skb->data_end;
	void *data = (void *)(long)skb->data;
	struct bfd_frame frame = {};
	int verdict;

	/* Of a VLAN device, which has programs of its own.  VID 0 is a priority tag. */
	if (skb->vlan_present && (skb->vlan_tci & 0xfff) != 0)
		return TC_ACT_UNSPEC;
	if (!bfd_parse_network(data, data_end, bfd_rx_network_offset(skb), (__u16)skb->protocol,
			       skb->len, &frame))
		return TC_ACT_UNSPEC;
	verdict = bfd_rx_at((struct bfd_input){.context = skb, .tc = 1}, &place, &frame);
	if (verdict >= BFD_RX_BACK)
		return bfd_rx_echo_behind(skb, (__u32)(verdict - BFD_RX_BACK));
	return verdict == XDP_DROP ? TC_ACT_SHOT : TC_ACT_UNSPEC;
}

#endif /* IPBFD_RECEIVE_H */
