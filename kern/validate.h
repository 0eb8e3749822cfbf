/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The reception checks of RFC 5880 6.8.6 in their order, up to where the
 * session must be known.  Pure: returns the first reason to discard, or
 * BFD_ACCEPT, and changes nothing.  Authentication is auth.h; what an accepted packet
 * does is session.h.
 */
#ifndef IPBFD_VALIDATE_H
#define IPBFD_VALIDATE_H

#include "packet.h"

/*
 * All that can be said before a session is looked for.  payload_length is the
 * UDP payload's; bytes of packet beyond it must read as zero.
 */
BFD_INLINE enum bfd_discard_reason bfd_validate_packet(const struct bfd_packet *packet,
						       __u32 payload_length)
{
	__u32 least = bfd_packet_has(packet, BFD_FLAG_AUTH) ? BFD_AUTH_PACKET_LENGTH
							    : BFD_PACKET_LENGTH;

	if (bfd_packet_version(packet) != BFD_VERSION)
		return BFD_DISCARD_BAD_VERSION;
	if (packet->length < least)
		return BFD_DISCARD_SHORT_LENGTH;
	if (packet->length > payload_length)
		return BFD_DISCARD_LONG_LENGTH;
	if (packet->detect_mult == 0)
		return BFD_DISCARD_ZERO_MULTIPLIER;
	if (bfd_packet_has(packet, BFD_FLAG_MULTIPOINT))
		return BFD_DISCARD_MULTIPOINT;
	if (packet->my_discr == 0)
		return BFD_DISCARD_ZERO_DISCRIMINATOR;
	/* Judged by the packet's state, never by ours: a peer that restarted says Down. */
	if (packet->your_discr == 0 && bfd_packet_state(packet) != BFD_STATE_DOWN &&
	    bfd_packet_state(packet) != BFD_STATE_ADMIN_DOWN)
		return BFD_DISCARD_BAD_STATE;
	return BFD_ACCEPT;
}

#endif /* IPBFD_VALIDATE_H */
