/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From a control or echo packet to a frame on a device, made in the frame that a tick or an
 * answer has at hand, and sent as a clone of it.  The header is the session's ready one; only the
 * UDP checksum is filled in.  It must not decide when to send.
 */
#ifndef IPBFD_TX_H
#define IPBFD_TX_H

#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>

#include "checksum.h"
#include "echo.h"
#include "maps.h"
#include "packet.h"

#define BFD_HEADER_V4 42 /* Ethernet 14, IPv4 20, UDP 8 */
#define BFD_HEADER_V6 62

/* A packet on its way out: copied from the session under its lock. */
struct bfd_tx {
	struct bfd_path path;
	union {
		struct bfd_packet packet;
		struct bfd_echo_packet echo;
	};
};

BFD_INLINE __u16 bfd_tx_checksum(const struct bfd_tx *tx)
{
	__u64 sum = bfd_checksum_words((const __u32 *)&tx->packet, BFD_PACKET_LENGTH / 4);
	__u16 check = ~bfd_checksum_fold(sum + tx->path.udp_checksum_base);

	return check ? check : 0xffff; /* 0 would say: none */
}

/* Returns 0 or a negative errno.  skb is the tick frame, whose bytes are used up. */
__attribute__((noinline)) int bfd_tx_send(struct __sk_buff *skb, struct bfd_tx *tx)
{
	__u32 header_length;
	__u16 check;
	long error;

	if (!tx || tx->path.ifindex == 0)
		return -ENETUNREACH;
	header_length = tx->path.header_length == BFD_HEADER_V6 ? BFD_HEADER_V6 : BFD_HEADER_V4;
	check = bfd_tx_checksum(tx);
	if (skb->len != header_length + BFD_PACKET_LENGTH) {
		error = bpf_skb_change_tail(skb, header_length + BFD_PACKET_LENGTH, 0);
		if (error)
			return error;
	}
	if (header_length == BFD_HEADER_V6) {
		__builtin_memcpy(&tx->path.header[BFD_HEADER_V6 - 2], &check, sizeof(check));
		error = bpf_skb_store_bytes(skb, 0, tx->path.header, BFD_HEADER_V6, 0);
		if (!error)
			error = bpf_skb_store_bytes(skb, BFD_HEADER_V6, &tx->packet,
						    BFD_PACKET_LENGTH, BPF_F_INVALIDATE_HASH);
	} else {
		__builtin_memcpy(&tx->path.header[BFD_HEADER_V4 - 2], &check, sizeof(check));
		error = bpf_skb_store_bytes(skb, 0, tx->path.header, BFD_HEADER_V4, 0);
		if (!error)
			error = bpf_skb_store_bytes(skb, BFD_HEADER_V4, &tx->packet,
						    BFD_PACKET_LENGTH, BPF_F_INVALIDATE_HASH);
	}
	if (error)
		return error;
	/* Ahead of data in a full queue of the device. */
	skb->priority = TC_PRIO_CONTROL;
	return bpf_clone_redirect(skb, tx->path.ifindex, 0);
}

#endif /* IPBFD_TX_H */
