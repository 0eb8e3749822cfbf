/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A neighbour without a session that says Down: the agent is told if a listener covers it
 * (RFC 9468), and makes the session or not.  Bounded, for anybody on the link can be a new
 * neighbour, and many.  It must not make sessions.
 */
#ifndef IPBFD_NEWCOMER_H
#define IPBFD_NEWCOMER_H

#include "maps.h"
#include "packet.h"
#include "parse.h"

/* The agent is told of one neighbour once in this time, */
#define BFD_NEWCOMER_AGAIN_NS 1000000000ULL
/* and of any on a device as often, but for so many that come at once. */
#define BFD_NEWCOMER_GAP_NS 10000000ULL
#define BFD_NEWCOMER_BURST 32

/* May the agent be told of one more on this device?  If so, that is used up. */
BFD_INLINE int bfd_newcomer_take(__u32 ifindex, __u64 now_ns)
{
	__u64 earliest_ns = now_ns - BFD_NEWCOMER_BURST * BFD_NEWCOMER_GAP_NS;
	__u64 *due, old_ns, due_ns = earliest_ns + BFD_NEWCOMER_GAP_NS;

	due = bpf_map_lookup_elem(&newcomer_due, &ifindex);
	if (!due)
		return bpf_map_update_elem(&newcomer_due, &ifindex, &due_ns, BPF_NOEXIST) == 0;
	old_ns = *(volatile __u64 *)due;
	due_ns = old_ns > earliest_ns ? old_ns : earliest_ns;
	/* If another processor took its turn meanwhile, the peer comes again in a second. */
	return due_ns <= now_ns - BFD_NEWCOMER_GAP_NS &&
	       __sync_val_compare_and_swap(due, old_ns, due_ns + BFD_NEWCOMER_GAP_NS) == old_ns;
}

BFD_INLINE int bfd_newcomer_may(const struct bfd_newcomer *newcomer)
{
	struct bfd_address_key key = {.ifindex = newcomer->ifindex, .remote = newcomer->remote};
	__u64 *last = bpf_map_lookup_elem(&newcomers, &key);

	if (last && newcomer->time_ns - *last < BFD_NEWCOMER_AGAIN_NS)
		return 0;
	if (!bfd_newcomer_take(newcomer->ifindex, newcomer->time_ns))
		return 0;
	bpf_map_update_elem(&newcomers, &key, &newcomer->time_ns, BPF_ANY);
	return 1;
}

/* Global: verified once.  Returns 0, or a negative errno if nobody is told. */
__attribute__((noinline)) int bfd_newcomer_report(__u32 ifindex, struct bfd_frame *frame)
{
	struct bfd_newcomer newcomer = {.ifindex = ifindex};
	struct bfd_listener_key key = {.ifindex = ifindex};
	struct bfd_clock *clock = bfd_clock_get();
	struct bfd_listener *listener;

	if (!frame || !clock)
		return -EINVAL;
	key.prefix_length = 8 * (sizeof(key) - sizeof(key.prefix_length));
	key.prefix = frame->source;
	listener = bpf_map_lookup_elem(&listeners, &key);
	if (!listener)
		return -ENOENT;
	newcomer.time_ns = bpf_ktime_get_ns();
	newcomer.listener_id = listener->id;
	newcomer.remote = frame->source;
	newcomer.local = frame->destination;
	if (!bfd_newcomer_may(&newcomer))
		return -EBUSY;
	if (bpf_ringbuf_output(&events, &newcomer, sizeof(newcomer), 0) != 0) {
		__sync_fetch_and_add(&clock->events_lost, 1);
		return -ENOSPC;
	}
	return 0;
}

#endif /* IPBFD_NEWCOMER_H */
