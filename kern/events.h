/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events to the agent through the ring buffer.  Filled in under the session's
 * lock, submitted after it.  They inform; nothing in the data plane waits for
 * them, and one that is lost is counted.
 */
#ifndef IPBFD_EVENTS_H
#define IPBFD_EVENTS_H

#include "maps.h"
#include "session.h"

/*
 * Under the lock.  old_state is what it was before the change that outcome tells of.
 * If a packet caused it, the caller sets last_rx_ns back to the one before.
 */
BFD_INLINE void bfd_event_fill(struct bfd_event *event, const struct bfd_session *session,
			       struct bfd_clock *clock, __u32 outcome, __u8 old_state, __u64 now_ns)
{
	event->type = BFD_EVENT_REMOTE;
	if (outcome & BFD_OUTCOME_POLL_DONE)
		event->type = BFD_EVENT_POLL_DONE;
	if (outcome & BFD_OUTCOME_STATE)
		event->type = BFD_EVENT_STATE;
	event->time_ns = now_ns;
	event->sequence = __sync_fetch_and_add(&clock->event_sequence, 1) + 1;
	event->last_rx_ns = session->vars.last_rx_ns;
	event->slot = session->slot;
	event->local_discr = session->vars.local_discr;
	event->remote_discr = session->vars.remote_discr;
	event->old_state = old_state;
	event->state = session->vars.state;
	event->diag = session->vars.diag;
	event->remote_state = session->vars.remote_state;
	event->remote_diag = session->vars.remote_diag;
}

/* Not under a lock. */
BFD_INLINE void bfd_event_submit(const struct bfd_event *event, struct bfd_clock *clock)
{
	if (bpf_ringbuf_output(&events, (void *)event, sizeof(*event), 0) != 0)
		__sync_fetch_and_add(&clock->events_lost, 1);
}

#endif /* IPBFD_EVENTS_H */
