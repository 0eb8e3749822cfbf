/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reception: from a frame to a session (RFC 5880 6.8.6, RFC 5881 3-5, RFC 5883 4).  A
 * frame that isn't a control packet to an address of ours goes to the stack
 * untouched and uncounted; all others end here, accepted or counted by reason.
 */
#ifndef IPBFD_RX_H
#define IPBFD_RX_H

#include "any_source.h"
#include "detect.h"
#include "input.h"
#include "newcomer.h"
#include "parse.h"
#include "rx_auth.h"
#include "validate.h"

/* Where a frame arrived, as the sessions name it. */
struct bfd_rx_place {
	__u32 ifindex;
	__u32 domain;	  /* its VRF */
	__u32 tag_unseen; /* to XDP: if it has a tag, that stands beside the frame */
};

/* Returns the device, 0 if none of ours has the frame's tag. */
BFD_INLINE __u32 bfd_rx_ifindex(const struct xdp_md *context, const struct bfd_frame *frame)
{
	struct bfd_vlan_key key = {.ifindex = context->ingress_ifindex, .vlan = frame->vlan};
	__u32 *ifindex;

	/* VID 0 is a priority tag: the frame belongs to the device itself. */
	if (key.vlan != 0) {
		ifindex = bpf_map_lookup_elem(&vlans, &key);
		if (!ifindex)
			return 0;
		key.ifindex = *ifindex;
	}
	if (frame->inner_vlan != 0) {
		key.vlan = frame->inner_vlan;
		ifindex = bpf_map_lookup_elem(&vlans, &key);
		if (!ifindex)
			return 0;
		key.ifindex = *ifindex;
	}
	return key.ifindex;
}

/* The VRF that a device is in, 0: none. */
BFD_INLINE __u32 bfd_rx_domain(__u32 ifindex)
{
	__u32 *domain = bpf_map_lookup_elem(&domains, &ifindex);

	return domain ? *domain : 0;
}

/*
 * Do other devices stand on this one?  It sees their frames too: those of VLAN devices, for
 * the tag may be out of XDP's sight (veth, receive offload), of a bridge, of macvlans.  So a
 * neighbour unknown here may be one there.
 */
BFD_INLINE int bfd_rx_below_others(__u32 ifindex)
{
	struct bfd_vlan_key key = {.ifindex = ifindex, .vlan = 0};

	return bpf_map_lookup_elem(&vlans, &key) != NULL;
}

/*
 * May the frame be of a VLAN device above, with its tag out of XDP's sight (veth, bond, receive
 * offload)?  Then only tc can tell, and who names no session of ours is left to the program
 * there.
 */
BFD_INLINE int bfd_rx_is_behind(const struct bfd_rx_place *place)
{
	return place->tag_unseen && bfd_rx_below_others(place->ifindex);
}

BFD_INLINE int bfd_rx_is_ours(const struct bfd_frame *frame, const struct bfd_rx_place *place)
{
	struct bfd_local_key key = {.ifindex = place->domain, .address = frame->destination};

	/* fe80::/10 means something only on its link. */
	if (frame->destination.bytes[0] == 0xfe && (frame->destination.bytes[1] & 0xc0) == 0x80)
		key.ifindex = place->ifindex;
	return bpf_map_lookup_elem(&local_addresses, &key) != NULL;
}

#define BFD_CHUNK 64

struct bfd_checksum_loop {
	void *context; /* first: the verifier of 6.1 is to see no constant there */
	__u64 sum;
	__u32 offset;
	__u32 left;
	__u32 failed;
};

BFD_INLINE long bfd_checksum_chunk(struct bfd_input input, struct bfd_checksum_loop *loop)
{
	__u32 words[BFD_CHUNK / 4] = {};
	__u32 length = loop->left < BFD_CHUNK ? loop->left : BFD_CHUNK;

	/* Redundant, but 6.1 must see that it is 1 to 64. */
	length = ((length - 1) & (BFD_CHUNK - 1)) + 1;
	if (bfd_input_load(input, loop->offset, words, length) != 0) {
		loop->failed = 1;
		return 1;
	}
	loop->sum += bfd_checksum_words(words, BFD_CHUNK / 4);
	loop->offset += length;
	loop->left -= length;
	return 0;
}

static long bfd_checksum_chunk_xdp(__u32 index, struct bfd_checksum_loop *loop)
{
	(void)index;
	return bfd_checksum_chunk((struct bfd_input){.context = loop->context}, loop);
}

static long bfd_checksum_chunk_tc(__u32 index, struct bfd_checksum_loop *loop)
{
	(void)index;
	return bfd_checksum_chunk((struct bfd_input){.context = loop->context, .tc = 1}, loop);
}

/*
 * A packet that ends here never meets the stack's checksum test, so it is made
 * here.  From a virtual device the checksum may be only the pseudo header's,
 * left for hardware that isn't there; that is accepted as the stack accepts it.
 */
BFD_INLINE int bfd_rx_checksum_ok(struct bfd_input input, struct bfd_frame *frame)
{
	__u32 udp_length = frame->payload_length + sizeof(struct udphdr);
	__u64 sum = bfd_checksum_pseudo(&frame->source, &frame->destination, frame->is_ipv6,
					udp_length);
	struct bfd_checksum_loop loop = {
		.context = input.context,
		.sum = sum,
		.offset = frame->payload_offset - sizeof(struct udphdr),
		.left = udp_length,
	};

	if (frame->header_checksum_bad)
		return 0;
	if (frame->udp_checksum == 0)
		return !frame->is_ipv6;
	if (frame->udp_checksum == bfd_checksum_fold(sum)) {
		frame->checksum_partial = 1;
		return 1;
	}
	/*
	 * The number of turns ends it, for 6.1 walks the body but once and would
	 * remove an end that the first turn can't reach.
	 */
	udp_length = (udp_length + BFD_CHUNK - 1) / BFD_CHUNK;
	if (input.tc)
		bpf_loop(udp_length, bfd_checksum_chunk_tc, &loop, 0);
	else
		bpf_loop(udp_length, bfd_checksum_chunk_xdp, &loop, 0);
	return !loop.failed && bfd_checksum_fold(loop.sum) == 0xffff;
}

union bfd_rx_packet {
	struct bfd_packet packet;
	__u8 bytes[32]; /* a power of two, for the verifier of 6.1 */
};

/* The mandatory section; what the payload doesn't hold reads as zero. */
BFD_INLINE int bfd_rx_load(struct bfd_input input, const struct bfd_frame *frame,
			   union bfd_rx_packet *rx)
{
	__u32 length = frame->payload_length;

	if (length == 0)
		return 0;
	if (length >= sizeof(rx->packet))
		return bfd_input_load(input, frame->payload_offset, rx, sizeof(rx->packet));
	length = ((length - 1) & (sizeof(rx->bytes) - 1)) + 1;
	return bfd_input_load(input, frame->payload_offset, rx, length);
}

BFD_INLINE struct bfd_session *bfd_rx_by_address(const struct bfd_rx_place *place,
						 const struct bfd_frame *frame)
{
	struct bfd_address_key key = {.ifindex = place->ifindex, .remote = frame->source};
	__u32 *slot;

	/* By whatever device it came (RFC 5883 4.1). */
	if (frame->multihop) {
		key.ifindex = place->domain;
		key.multihop = 1;
		key.local = frame->destination;
	}
	slot = bpf_map_lookup_elem(&addresses, &key);
	return slot ? bfd_session_at(*slot) : NULL;
}

/* Counts against the neighbour's session where its address has one, else globally. */
BFD_INLINE void bfd_rx_discard(__u32 reason, struct bfd_session *session)
{
	__u64 *count;

	if (reason >= BFD_DISCARD_COUNT)
		return;
	if (session) {
		__sync_fetch_and_add(&session->stats.rx_invalid[reason], 1);
		return;
	}
	count = bpf_map_lookup_elem(&discards, &reason);
	if (count)
		(*count)++;
}

/*
 * RFC 5881 6: the neighbour on a point-to-point link, whatever address it has.  Not for a frame
 * that may be of a device above, which is another link.
 */
BFD_INLINE struct bfd_session *bfd_rx_by_link(const struct bfd_rx_place *place,
					      const struct bfd_frame *frame)
{
	long slot;

	if (frame->multihop || bfd_rx_below_others(place->ifindex))
		return NULL;
	slot = bfd_any_source_slot(place->ifindex, frame->is_ipv6);
	return slot < 0 ? NULL : bfd_session_at((__u32)slot);
}

/*
 * RFC 5880 6.8.6: a Your Discriminator that is not zero alone picks the session.  But it is one
 * of the port's kind, or a multihop packet would get around a single hop's TTL.
 */
BFD_INLINE struct bfd_session *bfd_rx_find(const struct bfd_rx_place *place,
					   const struct bfd_frame *frame,
					   const struct bfd_packet *packet)
{
	__u32 discr = bfd_swap32(packet->your_discr);
	struct bfd_session *session;
	__u32 *slot;

	if (discr == 0) {
		session = bfd_rx_by_address(place, frame);
		return session ? session : bfd_rx_by_link(place, frame);
	}
	slot = bpf_map_lookup_elem(&discriminators, &discr);
	session = slot ? bfd_session_at(*slot) : NULL;
	return session && session->vars.multihop == frame->multihop ? session : NULL;
}

/* The packet may change the session.  Under the lock.  Returns outcomes. */
BFD_INLINE __u32 bfd_rx_receive_locked(struct bfd_session *session, struct bfd_clock *clock,
				       const struct bfd_packet *packet,
				       const struct bfd_auth_claim *claim, __u64 now_ns,
				       struct bfd_settlement *settlement)
{
	__u64 last_rx_ns = session->vars.last_rx_ns;
	__u8 old_state = session->vars.state;
	__u32 outcome;

	outcome = bfd_receive(&session->vars, &session->stats, packet, now_ns);
	outcome |= bfd_auth_received(&session->auth, &session->vars, claim, now_ns);
	outcome = bfd_forget(outcome, now_ns);
	bfd_settle_locked(session, clock, outcome, old_state, now_ns, settlement);
	settlement->event.last_rx_ns = last_rx_ns;
	return outcome;
}

/*
 * Global: verified once, and with a stack frame that isn't its caller's too.  Returns 1 if an
 * answer should leave at once, or what else is due, for the clock is late.
 */
__attribute__((noinline)) int bfd_rx_accept(__u32 slot, struct bfd_packet *packet,
					    struct bfd_auth_claim *claim)
{
	struct bfd_settlement settlement = {};
	struct bfd_clock *clock = bfd_clock_get();
	struct bfd_session *session = bfd_session_at(slot);
	__u64 now_ns = bpf_ktime_get_ns();
	__u32 reason = BFD_ACCEPT;
	__u32 outcome = 0;

	if (!clock || !session || !packet || !claim)
		return 0;
	bpf_spin_lock(&session->lock);
	/* The slot may have been given away since it was looked up. */
	if (session->use != BFD_SLOT_FREE &&
	    (packet->your_discr == 0 ||
	     packet->your_discr == bfd_swap32(session->vars.local_discr))) {
		reason = bfd_auth_admit(&session->auth, claim, packet->detect_mult, now_ns);
		if (reason == BFD_ACCEPT)
			outcome = bfd_rx_receive_locked(session, clock, packet, claim, now_ns,
							&settlement);
	}
	bpf_spin_unlock(&session->lock);
	bfd_settle(session, clock, slot, now_ns, &settlement);
	if (reason != BFD_ACCEPT) {
		bfd_rx_discard(reason, session);
		return 0;
	}
	return (outcome & (BFD_OUTCOME_FINAL | BFD_OUTCOME_NOW)) ||
	       bfd_clock_is_late(clock, now_ns);
}

/*
 * XDP can't send what a session owes, but the tc program behind it can (bfd_answer in
 * clock.h): the frame goes on there as one of ours, which nobody else takes for a
 * packet.  Not one whose checksum is left to hardware: the kernel would finish the
 * checksum of what is sent in its place, which has one.
 */
BFD_INLINE int bfd_rx_answer(struct xdp_md *context, const struct bfd_frame *frame)
{
	void *data_end = (void *)(long)context->data_end;
	struct bfd_tick_frame *ours = (void *)(long)context->data;
	struct bfd_clock *clock = bfd_clock_get();

	if (frame->checksum_partial || !clock || (void *)(ours + 1) > data_end)
		return XDP_DROP;
	ours->ethertype = bfd_swap16(BFD_TICK_ETHERTYPE);
	ours->number = BFD_TICK_FRAMES;
	ours->generation = clock->generation;
	return XDP_PASS;
}

/* All that can be said of a packet before its session is known. */
BFD_INLINE __u32 bfd_rx_validate(struct bfd_input input, struct bfd_frame *frame,
				 union bfd_rx_packet *rx)
{
	/* On a single hop (RFC 5881 5), before anything else is looked at. */
	if (!frame->multihop && frame->ttl != BFD_TTL)
		return BFD_DISCARD_TTL;
	if (!bfd_rx_checksum_ok(input, frame) || bfd_rx_load(input, frame, rx) != 0)
		return BFD_DISCARD_CHECKSUM;
	return bfd_validate_packet(&rx->packet, frame->payload_length);
}

/* The packet is of no session.  Returns the XDP verdict. */
BFD_INLINE int bfd_rx_stranger(const struct bfd_rx_place *place, struct bfd_frame *frame,
			       const struct bfd_packet *packet)
{
	/* Who says AdminDown wants no session, and no listener has keys. */
	if (packet->your_discr == 0 && !frame->multihop &&
	    bfd_packet_state(packet) == BFD_STATE_DOWN && !bfd_packet_has(packet, BFD_FLAG_AUTH))
		bfd_newcomer_report(place->ifindex, frame);
	if (bfd_rx_below_others(place->ifindex) && !bfd_rx_by_address(place, frame))
		return XDP_PASS;
	bfd_rx_discard(packet->your_discr ? BFD_DISCARD_UNKNOWN_DISCRIMINATOR
					  : BFD_DISCARD_NO_SESSION,
		       NULL);
	return XDP_DROP;
}

/*
 * Is the frame addressed to another device that stands on this one (macvlan)?  Its neighbour
 * may be ours too, so that a packet that names no session would find ours here.
 */
BFD_INLINE int bfd_rx_is_for_above(struct bfd_input input, const struct bfd_rx_place *place,
				   const struct bfd_session *session)
{
	return session->path.ifindex != 0 && bfd_rx_below_others(place->ifindex) &&
	       !bfd_input_is_for(input, session->path.header + ETH_ALEN);
}

/* What depends on the session.  Returns a reason to discard, or BFD_ACCEPT. */
BFD_INLINE __u32 bfd_rx_for_session(struct bfd_input input, const struct bfd_frame *frame,
				    const struct bfd_session *session,
				    const struct bfd_packet *packet, struct bfd_rx_auth *auth)
{
	__u32 reason;

	/* RFC 5883 5 leaves it to us from how far away a multihop packet may come. */
	if (frame->ttl < session->min_ttl)
		return BFD_DISCARD_TTL;
	reason = bfd_auth_expect(&session->auth, packet);
	if (reason != BFD_ACCEPT || !bfd_packet_has(packet, BFD_FLAG_AUTH))
		return reason;
	auth->slot = session->slot;
	auth->offset = frame->payload_offset;
	auth->length = packet->length;
	return input.tc ? bfd_rx_authenticate_tc(input.context, auth)
			: bfd_rx_authenticate_xdp(input.context, auth);
}

/* The packet names the session, or comes from its neighbour.  Returns the XDP verdict. */
BFD_INLINE int bfd_rx_hear(struct bfd_input input, const struct bfd_frame *frame,
			   struct bfd_session *session, struct bfd_packet *packet)
{
	struct bfd_rx_auth auth = {};
	__u32 reason = bfd_rx_for_session(input, frame, session, packet, &auth);

	if (reason != BFD_ACCEPT) {
		bfd_rx_discard(reason, session);
		return XDP_DROP;
	}
	/* Behind XDP an answer waits for the next tick. */
	if (!bfd_rx_accept(session->slot, packet, &auth.claim) || input.tc)
		return XDP_DROP;
	return bfd_rx_answer(input.context, frame);
}

/* A control packet to an address of ours.  Returns the XDP verdict. */
BFD_INLINE int bfd_rx_control(struct bfd_input input, const struct bfd_rx_place *place,
			      struct bfd_frame *frame)
{
	union bfd_rx_packet rx = {};
	struct bfd_session *session;
	__u32 reason = bfd_rx_validate(input, frame, &rx);

	if ((reason != BFD_ACCEPT || rx.packet.your_discr == 0) && bfd_rx_is_behind(place))
		return XDP_PASS;
	if (reason != BFD_ACCEPT) {
		session = bfd_rx_by_address(place, frame);
		if (!session && bfd_rx_below_others(place->ifindex))
			return XDP_PASS;
		bfd_rx_discard(reason, session);
		return XDP_DROP;
	}
	session = bfd_rx_find(place, frame, &rx.packet);
	if (!session)
		return bfd_rx_stranger(place, frame, &rx.packet);
	if (rx.packet.your_discr == 0 && !frame->multihop &&
	    bfd_rx_is_for_above(input, place, session))
		return XDP_PASS;
	return bfd_rx_hear(input, frame, session, &rx.packet);
}

#endif /* IPBFD_RX_H */
