/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Echo packets (RFC 5880 6.8.8, RFC 5881 4): our own that a peer sent back are taken in here,
 * before the stack can call them martian; a peer's own are sent back to it.  For that they go on
 * to the tc program behind XDP, marked, because what XDP sends itself is lost on a veth whose
 * other end has no XDP.  Only with TTL 255, and back with 254, so that no packet can circle.
 */
#ifndef IPBFD_RX_ECHO_H
#define IPBFD_RX_ECHO_H

#include "rx.h"
#include "tx.h"

#define BFD_ECHO_MARK 0x6563686fU
#define BFD_RX_BACK 0x100 /* behind all XDP verdicts */

/* In place of the Ethernet addresses on the way from XDP to the tc program. */
struct bfd_echo_mark {
	__u32 generation; /* of the clock: nobody outside knows it */
	__u32 mark;	  /* BFD_ECHO_MARK */
	__u16 slot;	  /* whose peer's it is */
	__u16 protocol;	  /* as the frame had it */
};

/* The Ethernet header meanwhile: ETH_HLEN bytes, less than the struct. */
struct bfd_echo_head {
	struct bfd_echo_mark mark;
	__u16 ethertype; /* BFD_TICK_ETHERTYPE */
};
BFD_STATIC_ASSERT(sizeof(struct bfd_echo_mark) == 12, "as long as two Ethernet addresses");

/* Returns 1 if it was the session's, be it that it is too late or came twice. */
__attribute__((noinline)) int bfd_echo_take(__u32 slot, struct bfd_echo_packet *packet)
{
	struct bfd_session *session = bfd_session_at(slot);
	__u64 now_ns = bpf_ktime_get_ns();
	int taken = 0;

	if (!session || !packet)
		return 0;
	bpf_spin_lock(&session->lock);
	if (session->use == BFD_SLOT_LIVE &&
	    session->vars.local_discr == bfd_swap32(packet->my_discr)) {
		bfd_echo_returned(&session->vars, &session->echo, &session->echo_stats, packet,
				  now_ns);
		taken = 1;
	}
	bpf_spin_unlock(&session->lock);
	return taken;
}

/* A packet to an address of ours.  Returns 1 if it was one that we had sent. */
BFD_INLINE int bfd_rx_echo_returned(struct bfd_input input, const struct bfd_frame *frame)
{
	struct bfd_echo_packet echo = {};
	__u32 *slot, discr;

	if (frame->payload_length != sizeof(echo) ||
	    bfd_input_load(input, frame->payload_offset, &echo, sizeof(echo)) != 0 ||
	    echo.magic != bfd_swap32(BFD_ECHO_MAGIC))
		return 0;
	discr = bfd_swap32(echo.my_discr);
	slot = bpf_map_lookup_elem(&discriminators, &discr);
	return slot ? bfd_echo_take(*slot, &echo) : 0;
}

/*
 * Should the peer's packet go back?  Returns XDP_PASS: it is none of ours, XDP_DROP: it came
 * too fast, XDP_TX: it should.
 */
__attribute__((noinline)) int bfd_echo_grant(__u32 slot)
{
	struct bfd_session *session = bfd_session_at(slot);
	__u64 now_ns = bpf_ktime_get_ns();
	int verdict = XDP_PASS;

	if (!session)
		return XDP_PASS;
	bpf_spin_lock(&session->lock);
	if (session->use == BFD_SLOT_LIVE && session->vars.state == BFD_STATE_UP &&
	    session->vars.echo_rx_us != 0 && session->path.ifindex != 0)
		verdict = bfd_echo_may_loop(&session->vars, &session->echo, &session->echo_stats,
					    now_ns)
				  ? XDP_TX
				  : XDP_DROP;
	bpf_spin_unlock(&session->lock);
	return verdict;
}

struct bfd_ttl_v4 {
	__u8 ttl;
	__u8 protocol;
	__u16 check;
};

/* One hop less, with the IPv4 checksum.  Returns 0 or a negative errno. */
BFD_INLINE long bfd_rx_echo_age(struct bfd_input input, __u32 ip_offset, int is_ipv6)
{
	__u8 hop_limit = BFD_TTL - 1;
	struct bfd_ttl_v4 word;
	__u32 sum;

	if (is_ipv6)
		return bfd_input_store(input, ip_offset + offsetof(struct ipv6hdr, hop_limit),
				       &hop_limit, sizeof(hop_limit));
	if (bfd_input_load(input, ip_offset + offsetof(struct iphdr, ttl), &word, sizeof(word)) !=
	    0)
		return -EINVAL;
	word.ttl = BFD_TTL - 1;
	sum = word.check + bfd_swap16(0x0100); /* RFC 1624 */
	word.check = (__u16)(sum + (sum >= 0xffff));
	return bfd_input_store(input, ip_offset + offsetof(struct iphdr, ttl), &word, sizeof(word));
}

/*
 * Some peers address their echo packets to us instead of to themselves, and want an answer
 * rather than forwarding.  Neither checksum notices an exchange.  Returns 0 or a negative errno.
 */
BFD_INLINE long bfd_rx_echo_exchange(struct bfd_input input, __u32 ip_offset,
				     const struct bfd_frame *frame)
{
	struct bfd_address pair[2] = {frame->destination, frame->source};
	__u32 v4[2] = {((const __u32 *)frame->destination.bytes)[3],
		       ((const __u32 *)frame->source.bytes)[3]};
	__u32 udp_offset = frame->payload_offset - sizeof(struct udphdr);
	__u16 ports[2], source;
	long error;

	if (frame->is_ipv6)
		error = bfd_input_store(input, ip_offset + offsetof(struct ipv6hdr, saddr), pair,
					sizeof(pair));
	else
		error = bfd_input_store(input, ip_offset + offsetof(struct iphdr, saddr), v4,
					sizeof(v4));
	if (!error)
		error = bfd_input_load(input, udp_offset, ports, sizeof(ports));
	if (error)
		return error;
	source = ports[0];
	ports[0] = ports[1];
	ports[1] = source;
	return bfd_input_store(input, udp_offset, ports, sizeof(ports));
}

/* To the tc program, as one of ours.  Returns the XDP verdict. */
BFD_INLINE int bfd_rx_echo_hand_on(struct xdp_md *context, __u32 slot)
{
	void *data_end = (void *)(long)context->data_end;
	struct bfd_echo_head *head = (void *)(long)context->data;
	struct bfd_clock *clock = bfd_clock_get();

	if (!clock || (void *)(head + 1) > data_end)
		return XDP_DROP;
	head->mark.generation = clock->generation;
	head->mark.mark = BFD_ECHO_MARK;
	head->mark.slot = (__u16)slot;
	head->mark.protocol = head->ethertype;
	head->ethertype = bfd_swap16(BFD_TICK_ETHERTYPE);
	return XDP_PASS;
}

/*
 * Returns BFD_RX_BACK plus the slot of the session to whose peer it goes back, for which it is
 * ready but for its Ethernet header; or the XDP verdict.  What isn't wanted is the stack's: it may
 * forward it, or others serve.
 */
BFD_INLINE int bfd_rx_echo(struct bfd_input input, const struct bfd_rx_place *place,
			   const struct bfd_frame *frame)
{
	struct bfd_address_key key = {.ifindex = place->ifindex, .remote = frame->destination};
	__u32 ip_offset = frame->payload_offset - sizeof(struct udphdr) -
			  (frame->is_ipv6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr));
	int ours = bfd_rx_is_ours(frame, place), verdict;
	struct bfd_session *session;
	__u32 *found, slot;

	if (ours && bfd_rx_echo_returned(input, frame))
		return XDP_DROP;
	if (frame->ttl != BFD_TTL || frame->header_checksum_bad || bfd_rx_is_behind(place))
		return XDP_PASS;
	if (ours)
		key.remote = frame->source;
	found = bpf_map_lookup_elem(&addresses, &key);
	if (!found)
		return XDP_PASS;
	slot = *found;
	session = bfd_session_at(slot);
	/* Is it for us, and not only seen by us?  Our Ethernet address is the path's source. */
	if (!session || !bfd_input_is_for(input, session->path.header + ETH_ALEN))
		return XDP_PASS;
	verdict = bfd_echo_grant(slot);
	if (verdict != XDP_TX)
		return verdict;
	if (bfd_rx_echo_age(input, ip_offset, frame->is_ipv6) != 0 ||
	    (ours && bfd_rx_echo_exchange(input, ip_offset, frame) != 0))
		return XDP_DROP;
	return BFD_RX_BACK + (int)slot;
}

/* Returns 1 if XDP marked this frame as an echo packet that goes back. */
BFD_INLINE int bfd_echo_is_marked(const struct bfd_tick_frame *frame, __u32 generation)
{
	const struct bfd_echo_mark *mark = (const void *)frame;

	return mark->mark == BFD_ECHO_MARK && mark->generation == generation;
}

/*
 * In tc: to the peer, out of the device by which it came.  Growing the frame makes the kernel
 * forget the sum that a device took over the old bytes.  Returns the tc verdict.
 */
BFD_INLINE int bfd_echo_send_back(struct __sk_buff *skb, __u32 slot, __u16 protocol)
{
	struct bfd_session *session = bfd_session_at(slot);
	struct bfd_echo_head head;
	__u32 length = skb->len;

	if (!session)
		return TC_ACT_SHOT;
	bpf_spin_lock(&session->lock);
	__builtin_memcpy(&head, session->path.header, 2 * ETH_ALEN);
	bpf_spin_unlock(&session->lock);
	head.ethertype = protocol;
	if (skb->vlan_present)
		bpf_skb_vlan_pop(skb);
	if (bpf_skb_change_tail(skb, length + 1, 0) != 0 ||
	    bpf_skb_change_tail(skb, length, 0) != 0 ||
	    bpf_skb_store_bytes(skb, 0, &head, ETH_HLEN, BPF_F_INVALIDATE_HASH) != 0)
		return TC_ACT_SHOT;
	skb->priority = TC_PRIO_CONTROL;
	return bpf_redirect(skb->ifindex, 0);
}

/* The same of a frame that XDP has marked. */
BFD_INLINE int bfd_echo_send_marked(struct __sk_buff *skb, const struct bfd_tick_frame *frame)
{
	const struct bfd_echo_mark *mark = (const void *)frame;

	return bfd_echo_send_back(skb, mark->slot, mark->protocol);
}

#endif /* IPBFD_RX_ECHO_H */
