/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From a frame to what BFD wants of it: Ethernet, at most two 802.1Q/802.1ad
 * tags, IPv4 or IPv6, UDP.  Pure over the bytes of data..data_end.  It decides
 * only whether a frame is a BFD packet at all, and of which kind; whatever it can't read
 * with certainty (fragments, IPv6 extension headers, short frames) is not for us
 * and goes on to the stack untouched.
 */
#ifndef IPBFD_PARSE_H
#define IPBFD_PARSE_H

#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>

#include "checksum.h"
#include "packet.h"

struct bfd_frame {
	struct bfd_address source;
	struct bfd_address destination;
	__u32 payload_offset; /* of the UDP payload in the frame */
	__u32 payload_length; /* by the UDP header, which the IP length bears out */
	__u16 vlan;	      /* outer tag's VID, 0: none */
	__u16 inner_vlan;
	__u16 udp_checksum; /* as on the wire */
	__u8 multihop;	    /* a control packet of RFC 5883; neither this nor echo: of RFC 5881 */
	__u8 echo;
	__u8 ttl;
	__u8 is_ipv6;
	__u8 header_checksum_bad;
	__u8 checksum_partial; /* set by rx.h: only the pseudo header is summed */
};

struct bfd_vlan_tag {
	__u16 control;
	__u16 next_protocol;
};

BFD_INLINE void bfd_map_v4(struct bfd_address *address, __u32 v4)
{
	__u32 *words = (__u32 *)address->bytes;

	words[0] = 0;
	words[1] = 0;
	words[2] = bfd_swap32(0xffff);
	words[3] = v4;
}

/* All return the offset of the next header, or 0: not for us. */

BFD_INLINE __u32 bfd_parse_ethernet(const void *data, const void *data_end, struct bfd_frame *frame,
				    __u16 *protocol)
{
	const struct ethhdr *ethernet = data;
	const struct bfd_vlan_tag *tag = (const void *)(ethernet + 1);

	if ((const void *)(ethernet + 1) > data_end)
		return 0;
	*protocol = ethernet->h_proto;
	if (*protocol != bfd_swap16(ETH_P_8021Q) && *protocol != bfd_swap16(ETH_P_8021AD))
		return sizeof(*ethernet);
	if ((const void *)(tag + 1) > data_end)
		return 0;
	frame->vlan = bfd_swap16(tag->control) & 0xfff;
	*protocol = tag->next_protocol;
	if (*protocol != bfd_swap16(ETH_P_8021Q))
		return sizeof(*ethernet) + sizeof(*tag);
	tag++;
	if ((const void *)(tag + 1) > data_end)
		return 0;
	frame->inner_vlan = bfd_swap16(tag->control) & 0xfff;
	*protocol = tag->next_protocol;
	return sizeof(*ethernet) + 2 * sizeof(*tag);
}

BFD_INLINE __u32 bfd_parse_ipv4(const void *data, const void *data_end, __u32 offset,
				struct bfd_frame *frame, __u32 *length)
{
	const struct iphdr *ip = data + offset;
	__u32 header_length, total;

	if ((const void *)(ip + 1) > data_end)
		return 0;
	header_length = ip->ihl * 4;
	total = bfd_swap16(ip->tot_len);
	if (ip->version != 4 || header_length < sizeof(*ip) || total < header_length ||
	    ip->protocol != IPPROTO_UDP || (ip->frag_off & bfd_swap16(0x3fff)))
		return 0;
	/* With options the header isn't summed here: the stack's business, not ours. */
	if (header_length != sizeof(*ip))
		return 0;
	bfd_map_v4(&frame->source, ip->saddr);
	bfd_map_v4(&frame->destination, ip->daddr);
	frame->ttl = ip->ttl;
	frame->header_checksum_bad = bfd_checksum_fold(bfd_checksum_words((const __u32 *)ip, 5)) !=
				     0xffff;
	*length = total - header_length;
	return offset + header_length;
}

BFD_INLINE __u32 bfd_parse_ipv6(const void *data, const void *data_end, __u32 offset,
				struct bfd_frame *frame, __u32 *length)
{
	const struct ipv6hdr *ip = data + offset;

	if ((const void *)(ip + 1) > data_end)
		return 0;
	if (ip->version != 6 || ip->nexthdr != IPPROTO_UDP)
		return 0;
	__builtin_memcpy(&frame->source, &ip->saddr, sizeof(frame->source));
	__builtin_memcpy(&frame->destination, &ip->daddr, sizeof(frame->destination));
	frame->ttl = ip->hop_limit;
	frame->is_ipv6 = 1;
	*length = bfd_swap16(ip->payload_len);
	return offset + sizeof(*ip);
}

/* The port tells what kind of packet it is.  Returns 0: none of BFD. */
BFD_INLINE int bfd_parse_port(__u16 port, struct bfd_frame *frame)
{
	if (port == bfd_swap16(BFD_UDP_PORT))
		return 1;
	frame->multihop = port == bfd_swap16(BFD_MULTIHOP_UDP_PORT);
	frame->echo = port == bfd_swap16(BFD_ECHO_UDP_PORT);
	return frame->multihop || frame->echo;
}

/*
 * From the network header at offset, of that protocol, on.  Returns 1 and fills frame if this is
 * a UDP packet to a BFD port.  frame must be zero but for its tags; frame_length is the whole
 * frame's, which may be longer than the linear data (multi-buffer XDP).  Bytes after the IP
 * packet are link padding.
 */
BFD_INLINE int bfd_parse_network(const void *data, const void *data_end, __u32 offset,
				 __u16 protocol, __u32 frame_length, struct bfd_frame *frame)
{
	const struct udphdr *udp;
	__u32 length = 0, udp_length;

	if (protocol == bfd_swap16(ETH_P_IP))
		offset = bfd_parse_ipv4(data, data_end, offset, frame, &length);
	else if (protocol == bfd_swap16(ETH_P_IPV6))
		offset = bfd_parse_ipv6(data, data_end, offset, frame, &length);
	else
		return 0;
	if (offset == 0)
		return 0;
	udp = data + offset;
	if ((const void *)(udp + 1) > data_end || !bfd_parse_port(udp->dest, frame))
		return 0;
	udp_length = bfd_swap16(udp->len);
	if (udp_length < sizeof(*udp) || udp_length > length || offset + length > frame_length)
		return 0;
	frame->udp_checksum = udp->check;
	frame->payload_offset = offset + sizeof(*udp);
	frame->payload_length = udp_length - sizeof(*udp);
	return 1;
}

/*
 * A whole frame; the rest as above, frame all zero.  If it is one of BFD_TICK_ETHERTYPE, returns
 * 0 but sets payload_offset: a protocol of this machine's own has no business here (receive.h).
 */
BFD_INLINE int bfd_parse(const void *data, const void *data_end, __u32 frame_length,
			 struct bfd_frame *frame)
{
	__u16 protocol = 0;
	__u32 offset = bfd_parse_ethernet(data, data_end, frame, &protocol);

	if (offset == 0)
		return 0;
	if (protocol == bfd_swap16(BFD_TICK_ETHERTYPE)) {
		frame->payload_offset = offset;
		return 0;
	}
	return bfd_parse_network(data, data_end, offset, protocol, frame_length, frame);
}

#endif /* IPBFD_PARSE_H */
