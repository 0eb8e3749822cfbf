/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The transmit clock.  A tick frame arrives from the shaped end of the clock
 * devices, the sessions that are due are visited and their packets sent, and the
 * frame goes back into the shaped end.  No process takes part.
 *
 * Several frames circulate.  One that was lost is made again from the others,
 * so only the loss of all at once needs the agent.  Without sessions the frames
 * are dropped, and the clock stands still.
 */
#ifndef IPBFD_CLOCK_H
#define IPBFD_CLOCK_H

#include "detect.h"
#include "neighbour.h"
#include "rx_echo.h"
#include "transmit.h"
#include "tx.h"
#include "wheel.h"

/* veth's ring takes 256 frames, so that no more may go to one device in a tick. */
#define BFD_TICK_SENDS 200
/* A frame that hasn't come for this many ticks is lost. */
#define BFD_TICK_LOST (4 * BFD_TICK_FRAMES)
/* The tick looks for overdue sessions too, so that a timer that is lost isn't a late Down. */
#define BFD_BACKSTOP_NS 1000000ULL

struct bfd_tick {
	struct __sk_buff *skb;
	struct bfd_clock *clock;
	__u64 cursor;  /* the wheel slot being emptied */
	__u64 last;    /* the wheel slot of now */
	__u64 late_ns; /* how late a visit may be */
	__u32 sends;
	__u32 kicks_done;
};

/* A deleted session has said AdminDown for long enough.  Under the lock. */
BFD_INLINE void bfd_free_locked(struct bfd_session *session, struct bfd_clock *clock, __u64 now_ns,
				struct bfd_settlement *settlement)
{
	session->use = BFD_SLOT_FREE;
	bfd_event_fill(&settlement->event, session, clock, 0, session->vars.state, now_ns);
	settlement->event.type = BFD_EVENT_FREED;
	settlement->submit = 1;
}

/* A visit of the tick to a session: what goes in and what comes out. */
struct bfd_tick_visit {
	struct bfd_tx tx; /* out, if send */
	__u64 due_ns;	  /* out: the next visit, 0: none */
	__u64 late_ns;	  /* in: how late the clock may be */
	__u32 slot;	  /* in */
	__u32 queued;	  /* in: answers a kick, whose entry is used up */
	__u32 send;	  /* out: enum bfd_send, 0: nothing */
	__u32 overdue;	  /* out: the detection timer should have fired by now */
	__u32 look;	  /* out: before it is sent, see where the neighbour is */
	__u32 reserved;
};

/* What a visit sends: of control packets the kick that asks for it again if it can't leave. */
enum bfd_send {
	BFD_SEND_FINAL = BFD_KICK_FINAL,
	BFD_SEND_CONTROL = BFD_KICK_NOW,
	BFD_SEND_ECHO = 128,
};

/*
 * Move the detection timer on before it fires for nothing: packets have come since it was
 * armed.  An interrupt costs more than a re-arm, on a virtual machine far more.
 * Under the lock.
 */
BFD_INLINE void bfd_rearm_locked(struct bfd_session *session, __u64 deadline_ns,
				 const struct bfd_tick_visit *visit,
				 struct bfd_settlement *settlement)
{
	if (session->timer_expiry_ns == 0 || deadline_ns <= session->timer_expiry_ns ||
	    session->timer_expiry_ns > visit->due_ns + visit->late_ns)
		return;
	session->timer_expiry_ns = deadline_ns;
	settlement->arm_ns = deadline_ns;
}

/* Drawn before the lock, for helpers may not be called under it. */
struct bfd_dice {
	__u64 nonce;
	__u32 gap; /* of control packets the lower half, of echo packets the upper */
};

/* Under the lock. */
BFD_INLINE void bfd_visit_locked(struct bfd_session *session, __u64 now_ns,
				 const struct bfd_dice *dice, struct bfd_tick_visit *visit,
				 struct bfd_settlement *settlement)
{
	struct bfd_vars *vars = &session->vars;
	__u64 deadline_ns = bfd_deadline_ns(session);
	__u8 kick = session->kick;

	visit->overdue = deadline_ns != 0 && now_ns > deadline_ns + BFD_BACKSTOP_NS;
	session->kick = 0;
	if (bfd_visit(vars, kick, now_ns, visit->late_ns, dice->gap, &visit->tx.packet)) {
		visit->send = kick & BFD_KICK_FINAL ? BFD_SEND_FINAL : BFD_SEND_CONTROL;
		visit->tx.path = session->path;
		session->stats.tx_packets++;
		bfd_auth_stamp(&session->auth, &visit->tx.packet);
		visit->tx.auth = session->auth.used;
		visit->tx.sequence = session->auth.tx_sequence;
		visit->look = bfd_neighbour_is_due(session, now_ns);
	} else if (bfd_echo_visit(vars, &session->echo, &session->echo_stats, now_ns,
				  visit->late_ns, dice->gap >> 16, dice->nonce, &visit->tx.echo)) {
		visit->send = BFD_SEND_ECHO;
		visit->tx.path = session->echo_path;
	}
	/* What was sent may be the first of a Poll or of the echo function. */
	deadline_ns = bfd_deadline_ns(session);
	bfd_arm_locked(session, deadline_ns, settlement);
	visit->due_ns = bfd_visit_due_ns(vars, &session->echo, visit->late_ns);
	if (session->use == BFD_SLOT_LINGER &&
	    (visit->due_ns == 0 || visit->due_ns > session->linger_until_ns))
		visit->due_ns = session->linger_until_ns;
	session->visit_ns = visit->due_ns;
	bfd_rearm_locked(session, deadline_ns, visit, settlement);
}

/* Global: verified once.  Returns 0 or a negative errno. */
__attribute__((noinline)) int bfd_visit_slot(struct bfd_tick_visit *visit)
{
	struct bfd_settlement settlement = {};
	struct bfd_clock *clock = bfd_clock_get();
	struct bfd_dice dice = {
		.nonce = (__u64)bpf_get_prandom_u32() << 32 | bpf_get_prandom_u32(),
		.gap = bpf_get_prandom_u32(),
	};
	__u64 now_ns = bpf_ktime_get_ns();
	struct bfd_session *session;
	__u32 freed_discr = 0;

	if (!visit || !clock)
		return -EINVAL;
	session = bfd_session_at(visit->slot);
	if (!session)
		return -ENOENT;
	bpf_spin_lock(&session->lock);
	if (visit->queued)
		session->kick_queued = 0;
	if (session->use == BFD_SLOT_LINGER && session->linger_until_ns <= now_ns &&
	    session->kick == 0) {
		freed_discr = session->vars.local_discr;
		bfd_free_locked(session, clock, now_ns, &settlement);
	} else if (session->use != BFD_SLOT_FREE) {
		bfd_visit_locked(session, now_ns, &dice, visit, &settlement);
	}
	bpf_spin_unlock(&session->lock);
	if (freed_discr != 0) {
		bpf_map_delete_elem(&discriminators, &freed_discr);
		__sync_fetch_and_add(&clock->sessions, -1);
	}
	bfd_settle(session, clock, visit->slot, now_ns, &settlement);
	return 0;
}

/* What a full queue answers: NET_XMIT_DROP, which no UAPI header has. */
#define BFD_XMIT_DROP 1
/* A share of the interval in which a packet that found a full queue is tried again. */
#define BFD_RETRY_SHARE 16

/*
 * Nothing left.  With again, and unless it was an echo packet, a queue was full for the moment
 * (NET_XMIT_DROP), and one lost packet less matters to the peer: come back soon.  Returns when, 0:
 * as scheduled.
 */
__attribute__((noinline)) __u64 bfd_send_failed(__u32 slot, __u32 send, __u32 again, __u32 sequence)
{
	struct bfd_session *session = bfd_session_at(slot);
	__u64 now_ns = bpf_ktime_get_ns();
	__u64 retry_ns = 0;

	if (!session)
		return 0;
	bpf_spin_lock(&session->lock);
	session->stats.tx_failed++;
	if (send == BFD_SEND_ECHO)
		session->echo_stats.tx_packets--;
	else
		session->stats.tx_packets--;
	if (send != BFD_SEND_ECHO)
		bfd_auth_unstamp(&session->auth, sequence);
	if (again && send != BFD_SEND_ECHO && session->use != BFD_SLOT_FREE) {
		session->kick |= send;
		retry_ns = now_ns +
			   bfd_negotiated_tx_us(&session->vars) * BFD_NS_PER_US / BFD_RETRY_SHARE;
		session->visit_ns = retry_ns;
	}
	bpf_spin_unlock(&session->lock);
	return retry_ns;
}

BFD_INLINE void bfd_tick_send(struct bfd_tick *tick, struct bfd_tick_visit *visit)
{
	int error = bfd_tx_send(tick->skb, &visit->tx);
	__u64 retry_ns;

	tick->sends++;
	/* Other positive answers (NET_XMIT_CN) are of a queue that dropped another's packet. */
	if (error >= 0 && error != BFD_XMIT_DROP)
		return;
	retry_ns = bfd_send_failed(visit->slot, visit->send, error == BFD_XMIT_DROP,
				   visit->tx.sequence);
	if (retry_ns != 0)
		bfd_wheel_move(visit->slot, retry_ns, tick->cursor);
}

BFD_INLINE void bfd_tick_visit(struct bfd_tick *tick, __u32 slot, __u32 queued)
{
	struct bfd_tick_visit visit = {
		.slot = slot,
		.queued = queued,
		.late_ns = tick->late_ns,
	};

	bfd_visit_slot(&visit);
	bfd_wheel_move(slot, visit.due_ns, tick->cursor);
	if (visit.look)
		bfd_neighbour_refresh(tick->skb, &visit.tx, slot);
	if (visit.send)
		bfd_tick_send(tick, &visit);
	if (visit.overdue)
		bfd_detect_slot(slot, 0);
}

/* Visit the next session that was kicked.  Returns 0: there is none. */
BFD_INLINE int bfd_tick_kicked(struct bfd_tick *tick)
{
	__u32 slot = 0;

	if (bpf_map_pop_elem(&kicks, &slot) != 0)
		return 0;
	bfd_tick_visit(tick, slot, 1);
	return 1;
}

/* Visit the next session of the wheel, or move it on.  Returns 0: it has caught up. */
BFD_INLINE int bfd_tick_due(struct bfd_tick *tick)
{
	__u32 link = bfd_wheel_first(tick->cursor);

	if (link != 0) {
		bfd_tick_visit(tick, link - 1, 0);
		return 1;
	}
	if (tick->cursor >= tick->last)
		return 0;
	tick->cursor = bfd_wheel_next(tick->cursor);
	if (tick->cursor > tick->last)
		tick->cursor = tick->last;
	return 1;
}

/* One piece of a tick's work: first all kicks, then the wheel up to now. */
static long bfd_tick_step(__u32 index, struct bfd_tick *tick)
{
	(void)index;
	if (tick->sends >= BFD_TICK_SENDS) {
		tick->clock->sends_carried++;
		return 1;
	}
	if (!tick->kicks_done) {
		tick->kicks_done = !bfd_tick_kicked(tick);
		return 0;
	}
	return !bfd_tick_due(tick);
}

/* As that, but no more than the kicks. */
static long bfd_kick_step(__u32 index, struct bfd_tick *tick)
{
	(void)index;
	return tick->sends >= BFD_TICK_SENDS || !bfd_tick_kicked(tick);
}

BFD_INLINE void bfd_tick_begin(struct bfd_tick *tick, struct __sk_buff *skb,
			       struct bfd_clock *clock, __u64 now_ns)
{
	/*
	 * 0, for we are busy; but the verifier of 6.1 may not know.  It walks the
	 * body of a bpf_loop but once, and removes as dead what the first turn
	 * can't reach: with a plain 0 here, all of the wheel and the bound.
	 */
	__u32 zero = *(volatile __u32 *)&clock->busy - 1;

	tick->skb = skb;
	tick->clock = clock;
	tick->sends = zero;
	tick->kicks_done = zero;
	tick->cursor = clock->cursor;
	tick->last = now_ns >> BFD_WHEEL_SHIFT;
	tick->late_ns = clock->tick_us * BFD_NS_PER_US + BFD_WHEEL_SLOT_NS;
	/* After a stall one turn of the wheel has it all. */
	if (tick->cursor + BFD_WHEEL_SLOTS <= tick->last)
		tick->cursor = tick->last - BFD_WHEEL_SLOTS + 1;
}

/* The wheel and what it sends are one processor's at a time.  Returns 0: another has them. */
BFD_INLINE int bfd_clock_take(struct bfd_clock *clock)
{
	return __sync_val_compare_and_swap(&clock->busy, 0, 1) == 0;
}

BFD_INLINE void bfd_clock_give(struct bfd_clock *clock)
{
	__sync_val_compare_and_swap(&clock->busy, 1, 0);
}

/* Returns 1 if the tick frame's bytes were used up. */
BFD_INLINE int bfd_tick_work(struct __sk_buff *skb, struct bfd_clock *clock, __u64 now_ns)
{
	struct bfd_tick tick = {};

	bfd_tick_begin(&tick, skb, clock, now_ns);
	bpf_loop(2 * BFD_WHEEL_SLOTS + BFD_TICK_SENDS, bfd_tick_step, &tick, 0);
	clock->cursor = tick.cursor;
	return tick.sends != 0;
}

/* Somebody else's experiment with this protocol number knows no generation of ours. */
BFD_INLINE int bfd_answer_is_marked(const struct bfd_tick_frame *frame, __u32 generation)
{
	return frame->ethertype == bfd_swap16(BFD_TICK_ETHERTYPE) &&
	       (frame->generation == generation || bfd_echo_is_marked(frame, generation));
}

/*
 * Reads the head of a frame.  Returns 1 if XDP marked it, 0 if not, or a negative errno.
 *
 * A frame with too little headroom (all that come by way of macvlan, bridge or veth) is copied
 * for generic XDP, and since 6.9 the copy has no mac_len: to us, and to who sends it on, it
 * begins behind its Ethernet header.  That is put back as zeroes, for answers have their own.
 */
BFD_INLINE long bfd_answer_find(struct __sk_buff *skb, __u32 generation,
				struct bfd_tick_frame *frame)
{
	if (bpf_skb_load_bytes(skb, 0, frame, sizeof(*frame)) == 0 &&
	    bfd_answer_is_marked(frame, generation))
		return 1;
	if (bpf_skb_load_bytes_relative(skb, 0, frame, sizeof(*frame), BPF_HDR_START_MAC) != 0 ||
	    !bfd_answer_is_marked(frame, generation))
		return 0;
	return bpf_skb_change_head(skb, ETH_HLEN, 0) == 0 ? 1 : -ENOMEM;
}

/*
 * What a frame at hand is used for.  If no tick has come for some time, for all that is due: as
 * long as peers are heard, sessions outlive their clock, until the agent makes a new one.
 */
BFD_INLINE void bfd_answer_work(struct __sk_buff *skb, struct bfd_clock *clock)
{
	__u64 now_ns = bpf_ktime_get_ns();
	struct bfd_tick tick = {};

	if (bfd_clock_is_late(clock, now_ns)) {
		clock->stood_in++;
		bfd_tick_work(skb, clock, now_ns);
		return;
	}
	bfd_tick_begin(&tick, skb, clock, now_ns);
	bpf_loop(BFD_TICK_SENDS, bfd_kick_step, &tick, 0);
}

/*
 * A frame of a session device that XDP passed on because an answer is owed (rx.h), or a tick:
 * its bytes carry the answers.  If a tick is at work on another processor, that or the
 * next one sees to them.
 */
BFD_INLINE int bfd_answer(struct __sk_buff *skb)
{
	struct bfd_clock *clock = bfd_clock_get();
	struct bfd_tick_frame frame;
	long found;

	if (!clock)
		return TC_ACT_UNSPEC;
	found = bfd_answer_find(skb, clock->generation, &frame);
	if (found <= 0)
		return found == 0 ? TC_ACT_UNSPEC : TC_ACT_SHOT;
	if (bfd_echo_is_marked(&frame, clock->generation))
		return bfd_echo_send_marked(skb, &frame);
	/* A priority tag beside the frame would go out with the answer. */
	if (skb->vlan_present)
		bpf_skb_vlan_pop(skb);
	/* Growing it makes the kernel forget the sum that a device took over the old bytes. */
	if (bpf_skb_change_tail(skb, skb->len + 1, 0) != 0 || !bfd_clock_take(clock))
		return TC_ACT_SHOT;
	bfd_answer_work(skb, clock);
	bfd_clock_give(clock);
	return TC_ACT_SHOT;
}

/* Make the tick frame what it was; number is its own or that of a lost one. */
BFD_INLINE long bfd_tick_restore(struct __sk_buff *skb, const struct bfd_clock *clock, __u16 number)
{
	struct bfd_tick_frame frame = {
		.ethertype = bfd_swap16(BFD_TICK_ETHERTYPE),
		.number = number,
		.generation = clock->generation,
	};

	if (skb->len != BFD_TICK_LENGTH && bpf_skb_change_tail(skb, BFD_TICK_LENGTH, 0) != 0)
		return -ENOMEM;
	return bpf_skb_store_bytes(skb, 0, &frame, sizeof(frame), BPF_F_INVALIDATE_HASH);
}

/* Replace one frame that no longer comes.  Returns 1 if this one's bytes were used up. */
BFD_INLINE int bfd_tick_respawn(struct __sk_buff *skb, struct bfd_clock *clock)
{
#pragma unroll
	for (__u16 number = 0; number < BFD_TICK_FRAMES; number++) {
		if ((__u32)clock->ticks - clock->frame_seen[number] <= BFD_TICK_LOST)
			continue;
		clock->frame_seen[number] = (__u32)clock->ticks;
		if (bfd_tick_restore(skb, clock, number) == 0 &&
		    bpf_clone_redirect(skb, clock->shaped_ifindex, 0) == 0)
			clock->frames_respawned++;
		return 1;
	}
	return 0;
}

/*
 * Without its shaper the frame would come back at once, for ever.  Better no clock, which
 * the agent repairs, than a processor that does nothing else.
 */
BFD_INLINE int bfd_tick_rushes(struct bfd_clock *clock, __u64 now_ns)
{
	__u64 early_ns = clock->tick_us * BFD_NS_PER_US / 8;

	clock->rushed = now_ns - clock->last_tick_ns < early_ns ? clock->rushed + 1 : 0;
	return clock->rushed > BFD_TICK_LOST;
}

BFD_INLINE void bfd_tick_count(struct bfd_clock *clock, __u16 number, __u64 now_ns)
{
	clock->ticks++;
	bfd_clock_note_gap(clock, now_ns);
	clock->last_tick_ns = now_ns;
	clock->frame_seen[number & (BFD_TICK_FRAMES - 1)] = (__u32)clock->ticks;
}

/*
 * Once more round.  A frame that an agent made belongs to its socket, and so keeps the whole
 * network namespace alive, also when nobody is left in it: sessions would say Up for ever.  A copy
 * belongs to nobody.
 */
BFD_INLINE int bfd_tick_again(struct __sk_buff *skb, const struct bfd_clock *clock)
{
	if (!skb->sk)
		return bpf_redirect(clock->shaped_ifindex, 0);
	bpf_clone_redirect(skb, clock->shaped_ifindex, 0);
	return TC_ACT_SHOT;
}

/* A frame arrived at the open end. */
BFD_INLINE int bfd_clock_tick(struct __sk_buff *skb)
{
	struct bfd_clock *clock = bfd_clock_get();
	struct bfd_tick_frame frame;
	__u64 now_ns = bpf_ktime_get_ns();
	int used = 0, rushes = 0;

	if (!clock || bpf_skb_load_bytes(skb, 0, &frame, sizeof(frame)) != 0)
		return TC_ACT_SHOT;
	if (frame.ethertype != bfd_swap16(BFD_TICK_ETHERTYPE) ||
	    frame.generation != clock->generation || clock->sessions == 0)
		return TC_ACT_SHOT;
	/* The tick before this one may still be at work on another processor. */
	if (bfd_clock_take(clock)) {
		if (frame.number < BFD_TICK_FRAMES) {
			rushes = bfd_tick_rushes(clock, now_ns);
			bfd_tick_count(clock, frame.number, now_ns);
		}
		used = bfd_tick_work(skb, clock, now_ns);
		if (clock->shaped_ifindex != 0)
			used |= bfd_tick_respawn(skb, clock);
		bfd_clock_give(clock);
	}
	if (clock->shaped_ifindex == 0 || frame.number >= BFD_TICK_FRAMES || rushes)
		return TC_ACT_SHOT;
	if (used && bfd_tick_restore(skb, clock, frame.number) != 0)
		return TC_ACT_SHOT;
	return bfd_tick_again(skb, clock);
}

#endif /* IPBFD_CLOCK_H */
