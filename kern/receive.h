/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The receiving program: what a frame is, where it arrived, and who sees to it.
 */
#ifndef IPBFD_RECEIVE_H
#define IPBFD_RECEIVE_H

#include "rx_echo.h"

/* Returns the XDP verdict. */
BFD_INLINE int bfd_rx(struct xdp_md *context)
{
	void *data_end = (void *)(long)context->data_end;
	void *data = (void *)(long)context->data;
	struct bfd_rx_place place = {};
	struct bfd_frame frame = {};

	if (!bfd_parse(data, data_end, bpf_xdp_get_buff_len(context), &frame))
		return XDP_PASS;
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
