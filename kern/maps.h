/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The maps of the data plane, all pinned: they are the sessions.  Only
 * declarations and look-ups; who may write what stands beside each map.
 */
#ifndef IPBFD_MAPS_H
#define IPBFD_MAPS_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "abi.h"
#include "portable.h"
#include "section.h"
#include "wheel_size.h"

/* By slot.  Written only by BPF programs, under the element's lock. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, BFD_MAX_SESSIONS);
	__type(key, __u32);
	__type(value, struct bfd_session);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} sessions SEC(".maps");

/* By slot.  Written only by the agent: what it needs to find itself again. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, BFD_MAX_SESSIONS);
	__type(key, __u32);
	__type(value, struct bfd_session_info);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} session_info SEC(".maps");

/* Local discriminator to slot.  Written by the control program and the tick. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, BFD_MAX_SESSIONS);
	__type(key, __u32);
	__type(value, __u32);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} discriminators SEC(".maps");

/*
 * Who sends, and where to, to slot.  Written by the control program.  Two of a session: its own
 * key, and maybe that of any source.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2 * BFD_MAX_SESSIONS);
	__type(key, struct bfd_address_key);
	__type(value, __u32);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} addresses SEC(".maps");

/* Addresses that are ours, as a set.  Written by the agent. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct bfd_local_key);
	__type(value, __u8);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} local_addresses SEC(".maps");

/* Tagged frames on a device to the VLAN device above it.  Written by the agent. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct bfd_vlan_key);
	__type(value, __u32);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} vlans SEC(".maps");

/* A device to the VRF device that it is enslaved to, its routing domain; absent: the default
 * one.  Written by the agent.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32);
	__type(value, __u32);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} domains SEC(".maps");

/* Which sources may have a session without being configured.  Written by the agent. */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 4096);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct bfd_listener_key);
	__type(value, struct bfd_listener);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} listeners SEC(".maps");

/* When the agent was told last of a neighbour without a session. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct bfd_address_key);
	__type(value, __u64);
} newcomers SEC(".maps");

/* By device: when it may be told of the next one there, whichever that is. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u64);
} newcomer_due SEC(".maps");

/* Who shares which session, and what each asks for.  Only the agent's. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct bfd_client_key);
	__type(value, struct bfd_config);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} clients SEC(".maps");

/* Who is to have events by unicast, by netlink port.  Only the agent's. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, BFD_MAX_SUBSCRIBERS);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32);
	__type(value, struct bfd_subscriber);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} subscribers SEC(".maps");

/* Key chains by number.  Written by the agent.  The kernel may give an element that was replaced
 * to the next write at once, while it is still read: see bfd_chain_is_whole().
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, BFD_MAX_KEY_CHAINS);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32);
	__type(value, struct bfd_key_chain);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} key_chains SEC(".maps");

/* Discards of packets that match no session, by enum bfd_discard_reason. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, BFD_DISCARD_COUNT);
	__type(key, __u32);
	__type(value, __u64);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} discards SEC(".maps");

/* To the agent.  Overflow is counted in the clock and mended by a re-read. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} events SEC(".maps");

/* Slots that want a visit before their time; one entry a session, but for adoption,
 * which may double one: what finds it full is counted, and found by the wheel.
 */
struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, BFD_MAX_SESSIONS);
	__type(value, __u32);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} kicks SEC(".maps");

/* The timing wheel.  Only the tick that holds bfd_clock.busy reads or writes it. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, BFD_WHEEL_SLOTS);
	__type(key, __u32);
	__type(value, __u32); /* the first session's slot plus 1, 0: none */
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} wheel_heads SEC(".maps");

/* A bit for each wheel slot that may have sessions, 64 to an element, so that a tick skips
 * the empty ones.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, BFD_WHEEL_SLOTS / 64);
	__type(key, __u32);
	__type(value, __u64);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} wheel_marks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, BFD_MAX_SESSIONS);
	__type(key, __u32);
	__type(value, struct bfd_wheel_node);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} wheel_nodes SEC(".maps");

/* Room for a packet whose digest is made, by enum bfd_section_place. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct bfd_section);
} sections SEC(".maps");

/* Both may be at work on one processor: what sends is called from what receives. */
enum bfd_section_place {
	BFD_SECTION_RX = 0,
	BFD_SECTION_TX = 1,
};

/*
 * event is never used.  It is here so that the BTF of what is pinned has the records of the ring
 * buffer, which has no type of its own: a later version reads them by it
 * (user/dataplane_migrate.c).
 */
struct bfd_command_room {
	struct bfd_control control;
	struct bfd_event event;
};

/* A command under way, one element: too large for the stack. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct bfd_command_room);
} command SEC(".maps");

/* The clock's own state, one element. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct bfd_clock);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} clock_state SEC(".maps");

BFD_INLINE struct bfd_session *bfd_session_at(__u32 slot)
{
	return bpf_map_lookup_elem(&sessions, &slot);
}

/* What bfd_chain_is_whole() wants to know, to be read before anything else of the chain. */
BFD_INLINE __u32 bfd_chain_begin(const struct bfd_key_chain *chain)
{
	return *(const volatile __u32 *)&chain->written_whole;
}

/*
 * Was all that was read since bfd_chain_begin() of one write?  Writes go from the first byte to
 * the last.
 */
BFD_INLINE int bfd_chain_is_whole(const struct bfd_key_chain *chain, __u32 begun)
{
	return *(const volatile __u32 *)&chain->written == begun;
}

BFD_INLINE struct bfd_clock *bfd_clock_get(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&clock_state, &zero);
}

/* So many ticks that didn't come are more than a hiccup. */
#define BFD_CLOCK_LATE_TICKS 8

/* Has the clock stopped, for whatever reason? */
BFD_INLINE int bfd_clock_is_late(const struct bfd_clock *clock, __u64 now_ns)
{
	return clock->tick_us != 0 &&
	       now_ns - clock->last_tick_ns > BFD_CLOCK_LATE_TICKS * clock->tick_us * BFD_NS_PER_US;
}

/* Until now no tick has come since the last one. */
BFD_INLINE void bfd_clock_note_gap(struct bfd_clock *clock, __u64 now_ns)
{
	if (clock->last_tick_ns != 0 && now_ns - clock->last_tick_ns > clock->gap_max_ns)
		clock->gap_max_ns = now_ns - clock->last_tick_ns;
}

#endif /* IPBFD_MAPS_H */
