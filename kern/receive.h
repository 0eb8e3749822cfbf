/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The receiving program: what a frame is, where it arrived, and who sees to it.
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

/* Returns the XDP verdict. */
BFD_INLINE int bfd_rx(struct xdp_md *context)
{
	void *data_end = (void *)(long)context->data_end;
	void *data = (void *)(long)context->data;
	struct bfd_rx_place place = {};
	struct bfd_frame frame = {};

	if (!bfd_parse(data, data_end, bpf_xdp_get_buff_len(context), &frame))
		return frame.payload_offset ? bfd_rx_forged(context, &frame) : XDP_PASS;
	place.ifindex = bfd_rx_ifindex(context, &frame);
	if (place.ifindex == 0)
		return XDP_PASS;
	place.domain = bfd_rx_domain(place.ifindex);
	if (frame.echo)
		return bfd_rx_echo(context, &place, &frame);
	if (!bfd_rx_is_ours(&frame, &place))
		return XDP_PASS;
	return bfd_rx_control(context, &place, &frame);
}

#endif /* IPBFD_RECEIVE_H */
