/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The BFD control packet of RFC 5880 4.1 on the wire, and its fields in host
 * order.  It must not judge them: that is kern/validate.h.
 */
#ifndef IPBFD_PACKET_H
#define IPBFD_PACKET_H

#include "abi.h"
#include "portable.h"

/* The mandatory section, in network order. */
struct bfd_packet {
	__u8 version_diag; /* version 3 bits, diagnostic 5 */
	__u8 state_flags;  /* state 2 bits, then P F C A D M */
	__u8 detect_mult;
	__u8 length;
	__u32 my_discr;
	__u32 your_discr;
	__u32 desired_min_tx;
	__u32 required_min_rx;
	__u32 required_min_echo_rx;
};
BFD_STATIC_ASSERT(sizeof(struct bfd_packet) == BFD_PACKET_LENGTH, "RFC 5880 4.1");

enum bfd_packet_flag {
	BFD_FLAG_POLL = 0x20,
	BFD_FLAG_FINAL = 0x10,
	BFD_FLAG_CPI = 0x08, /* C: control plane independent */
	BFD_FLAG_AUTH = 0x04,
	BFD_FLAG_DEMAND = 0x02,
	BFD_FLAG_MULTIPOINT = 0x01,
};

BFD_INLINE __u8 bfd_packet_version(const struct bfd_packet *packet)
{
	return packet->version_diag >> 5;
}

BFD_INLINE __u8 bfd_packet_diag(const struct bfd_packet *packet)
{
	return packet->version_diag & 0x1f;
}

BFD_INLINE __u8 bfd_packet_state(const struct bfd_packet *packet)
{
	return packet->state_flags >> 6;
}

BFD_INLINE int bfd_packet_has(const struct bfd_packet *packet, enum bfd_packet_flag flag)
{
	return (packet->state_flags & flag) != 0;
}

#endif /* IPBFD_PACKET_H */
