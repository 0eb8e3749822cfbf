/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Failure detection by one bpf_timer a session, of control packets that stay away (also in answer
 * to a Poll of Demand mode) and of echo packets.  The timer is lazy: packets
 * only move last_rx_ns, and when it fires it looks whether the silence has
 * lasted long enough, else it is armed for the rest.  It is started anew if the
 * deadline comes nearer, and by visits of the clock (clock.h), which move it on before
 * it fires for nothing.  Timers may not be started under the lock.
 */
#ifndef IPBFD_DETECT_H
#define IPBFD_DETECT_H

#include <linux/errno.h>

#include "events.h"
#include "transmit.h"

/*
 * What follows a change, decided under the lock (bfd_settle_locked) and carried
 * out after it (bfd_settle).
 */
struct bfd_settlement {
	struct bfd_event event;
	__u64 arm_ns; /* start the timer for this time, 0: leave it */
	__u8 queue_kick;
	__u8 submit;
	__u8 reserved[6];
};

/* Ask for a visit of the clock.  Under the lock. */
BFD_INLINE void bfd_kick_locked(struct bfd_session *session, __u8 kick,
				struct bfd_settlement *settlement)
{
	session->kick |= kick;
	if (!session->kick_queued) {
		session->kick_queued = 1;
		settlement->queue_kick = 1;
	}
}

/* When the session will have failed, by control packets or by echo packets; 0: it won't. */
BFD_INLINE __u64 bfd_deadline_ns(const struct bfd_session *session)
{
	return bfd_earlier_ns(bfd_detection_deadline_ns(&session->vars),
			      bfd_echo_deadline_ns(&session->vars, &session->echo));
}

/* The timer never fires later than the deadline, but for BFD_MIN_TIMER_DELAY.  Under the lock. */
BFD_INLINE void bfd_arm_locked(struct bfd_session *session, __u64 deadline_ns,
			       struct bfd_settlement *settlement)
{
	if (deadline_ns == 0 ||
	    (session->timer_expiry_ns != 0 && deadline_ns >= session->timer_expiry_ns))
		return;
	session->timer_expiry_ns = deadline_ns;
	settlement->arm_ns = deadline_ns;
}

BFD_INLINE void bfd_settle_locked(struct bfd_session *session, struct bfd_clock *clock,
				  __u32 outcome, __u8 old_state, __u64 now_ns,
				  struct bfd_settlement *settlement)
{
	__u64 due_ns;
	__u8 kick = 0;

	bfd_echo_revise(&session->vars, &session->echo, now_ns);
	due_ns = bfd_visit_due_ns(&session->vars, &session->echo, 0);
	bfd_arm_locked(session, bfd_deadline_ns(session), settlement);
	if (outcome & BFD_OUTCOME_FINAL)
		kick |= BFD_KICK_FINAL;
	if (outcome & BFD_OUTCOME_NOW)
		kick |= BFD_KICK_NOW;
	/* The gap may have become shorter, or packets allowed at all (RFC 5880 6.8.3). */
	if (due_ns != 0 && (session->visit_ns == 0 || due_ns < session->visit_ns))
		kick |= BFD_KICK_SCHEDULE;
	if (kick)
		bfd_kick_locked(session, kick, settlement);
	if (outcome & (BFD_OUTCOME_STATE | BFD_OUTCOME_REMOTE | BFD_OUTCOME_POLL_DONE)) {
		bfd_event_fill(&settlement->event, session, clock, outcome, old_state, now_ns);
		settlement->submit = 1;
	}
}

/* Not under the lock. */
BFD_INLINE void bfd_settle(struct bfd_session *session, struct bfd_clock *clock, __u32 slot,
			   __u64 now_ns, struct bfd_settlement *settlement)
{
	if (settlement->arm_ns != 0) {
		/* Another processor may have asked for an earlier time since: take that. */
		__u64 expiry_ns = *(volatile __u64 *)&session->timer_expiry_ns;

		if (expiry_ns == 0 || expiry_ns > settlement->arm_ns)
			expiry_ns = settlement->arm_ns;
		bpf_timer_start(&session->timer, bfd_timer_delay_ns(expiry_ns, now_ns), 0);
	}
	if (settlement->queue_kick && bpf_map_push_elem(&kicks, &slot, 0) != 0) {
		/* The next scheduled visit will see the kick. */
		session->kick_queued = 0;
		__sync_fetch_and_add(&clock->kicks_lost, 1);
	}
	if (settlement->submit)
		bfd_event_submit(&settlement->event, clock);
}

/*
 * A look this late means that this machine stood still (a virtual processor that
 * wasn't scheduled, a long time with interrupts off): packets may have arrived
 * and wait, and a peer on the same machine could not send.  Then the network isn't
 * to blame yet.
 */
#define BFD_STALL_NS 2000000ULL
/*
 * What is given to packets that wait, once for a silence: 20 ms, or an eighth of how late it is
 * already, for after a long stall not all processors go on at once; but at most a quarter of
 * the detection time.
 */
#define BFD_GRACE_SHARE 4
#define BFD_GRACE_NS 20000000ULL
#define BFD_GRACE_LATE_SHARE 8

/* Until when to wait before a Down is declared; 0: don't.  Under the lock. */
BFD_INLINE __u64 bfd_stall_grace_ns(struct bfd_session *session, __u64 now_ns)
{
	const struct bfd_vars *vars = &session->vars;
	__u64 deadline_ns = bfd_deadline_ns(session);
	__u64 silence_us = bfd_earlier_ns((__u64)vars->mult * bfd_echo_interval_us(vars),
					  bfd_detection_time_us(vars));
	__u64 share_ns = silence_us * BFD_NS_PER_US / BFD_GRACE_SHARE;
	__u64 grace_ns;

	if (deadline_ns == 0 || now_ns <= deadline_ns + BFD_STALL_NS)
		return 0;
	grace_ns = (now_ns - deadline_ns) / BFD_GRACE_LATE_SHARE;
	if (grace_ns < BFD_GRACE_NS)
		grace_ns = BFD_GRACE_NS;
	if (session->grace_until_ns < deadline_ns)
		session->grace_until_ns = now_ns + (share_ns < grace_ns ? share_ns : grace_ns);
	return now_ns < session->grace_until_ns ? session->grace_until_ns : 0;
}

/* Has the silence lasted too long?  Under the lock. */
BFD_INLINE void bfd_detect_locked(struct bfd_session *session, struct bfd_clock *clock,
				  __u64 now_ns, struct bfd_settlement *settlement)
{
	__u64 grace_ns = bfd_stall_grace_ns(session, now_ns);
	__u8 old_state = session->vars.state;
	__u64 overshoot_ns;
	__u32 outcome;

	if (grace_ns != 0) {
		session->timer_expiry_ns = grace_ns;
		settlement->arm_ns = grace_ns;
		return;
	}
	outcome = bfd_expire(&session->vars, &session->stats, now_ns, &overshoot_ns);
	if (outcome == 0)
		outcome = bfd_echo_expire(&session->vars, &session->stats, &session->echo, now_ns,
					  &overshoot_ns);
	bfd_settle_locked(session, clock, outcome, old_state, now_ns, settlement);
	settlement->event.detect_overshoot_ns = overshoot_ns;
}

/*
 * Look whether a session is overdue, and act on it.  A global function, which the
 * verifier checks once and not along every path of its callers.
 */
__attribute__((noinline)) int bfd_detect_slot(__u32 slot, int by_timer)
{
	struct bfd_settlement settlement = {};
	struct bfd_clock *clock = bfd_clock_get();
	struct bfd_session *session = bfd_session_at(slot);
	__u64 now_ns = bpf_ktime_get_ns();

	if (!session || !clock)
		return -ENOENT;
	bpf_spin_lock(&session->lock);
	if (by_timer)
		session->timer_expiry_ns = 0;
	if (session->use != BFD_SLOT_FREE)
		bfd_detect_locked(session, clock, now_ns, &settlement);
	bpf_spin_unlock(&session->lock);
	bfd_settle(session, clock, slot, now_ns, &settlement);
	return 0;
}

static int bfd_timer_fired(void *map, __u32 *key, struct bfd_session *session)
{
	(void)map;
	(void)session; /* looked up again: 6.1 loses the identity of its lock */
	bfd_detect_slot(*key, 1);
	return 0;
}

#endif /* IPBFD_DETECT_H */
