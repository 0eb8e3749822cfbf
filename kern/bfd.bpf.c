// SPDX-License-Identifier: GPL-2.0
/*
 * The entry points of the data plane and nothing else: which program runs where.
 */
#include "clock.h"
#include "control.h"
#include "receive.h"

char _license[] SEC("license") = "GPL";

/* Attached to every device with sessions; frags, so that jumbo frames pass. */
SEC("xdp.frags")
int bfd_receive_frame(struct xdp_md *context)
{
	return bfd_rx(context);
}

/* Ingress of every device with sessions, behind XDP: what that can't see, or all if it is off. */
SEC("tc")
int bfd_receive_behind(struct __sk_buff *skb)
{
	return bfd_rx_behind(skb);
}

/* Ingress of the clock device's open end. */
SEC("tc")
int bfd_transmit_tick(struct __sk_buff *skb)
{
	return bfd_clock_tick(skb);
}

/* Ingress of every device with sessions, behind XDP: what can't wait for a tick. */
SEC("tc")
int bfd_answer_frame(struct __sk_buff *skb)
{
	return bfd_answer(skb);
}

/* Never attached: run by the agent with BPF_PROG_TEST_RUN. */
SEC("xdp")
int bfd_agent_command(struct xdp_md *context)
{
	return bfd_control(context);
}
