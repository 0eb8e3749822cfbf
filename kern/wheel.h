/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The timing wheel: a session hangs in the wheel slot in which it is next to be
 * visited, so that a tick looks only at what is due.  Doubly linked by session
 * slots.  Only the tick that holds bfd_clock.busy may call these.
 */
#ifndef IPBFD_WHEEL_H
#define IPBFD_WHEEL_H

#include "maps.h"

BFD_INLINE struct bfd_wheel_node *bfd_wheel_node_at(__u32 link)
{
	__u32 slot = link - 1;

	/* link 0, none, is out of the array's range */
	return bpf_map_lookup_elem(&wheel_nodes, &slot);
}

BFD_INLINE __u64 *bfd_wheel_marks(__u64 at)
{
	__u32 index = (at & (BFD_WHEEL_SLOTS - 1)) / 64;

	return bpf_map_lookup_elem(&wheel_marks, &index);
}

/* The number of zero bits below the lowest one; bits is not 0.  BPF has no instruction. */
BFD_INLINE __u32 bfd_lowest_bit(__u64 bits)
{
	__u32 number = 0;

#pragma unroll
	for (__u32 width = 32; width > 0; width /= 2) {
		if ((bits & ((1ULL << width) - 1)) == 0) {
			bits >>= width;
			number += width;
		}
	}
	return number;
}

/*
 * The wheel slot after cursor that may have sessions, or one that is closer to it: a step
 * covers at most one element of marks.  Global: verified once.
 */
__attribute__((noinline)) __u64 bfd_wheel_next(__u64 cursor)
{
	__u64 *marks = bfd_wheel_marks(cursor + 1);
	__u64 bits = marks ? *marks >> ((cursor + 1) & 63) : 0;

	return bits ? cursor + 1 + bfd_lowest_bit(bits) : ((cursor + 1) | 63);
}

BFD_INLINE void bfd_wheel_remove(__u32 slot)
{
	struct bfd_wheel_node *node = bfd_wheel_node_at(slot + 1), *other;
	__u32 head, *first;

	if (!node || node->head == 0)
		return;
	if (node->previous != 0) {
		other = bfd_wheel_node_at(node->previous);
		if (other)
			other->next = node->next;
	} else {
		head = node->head - 1;
		first = bpf_map_lookup_elem(&wheel_heads, &head);
		if (first)
			*first = node->next;
	}
	other = bfd_wheel_node_at(node->next);
	if (other)
		other->previous = node->previous;
	node->head = 0;
	node->next = 0;
	node->previous = 0;
}

/*
 * due_ns is rounded up, so that a visit is never early; beyond one turn of the
 * wheel the session is visited on the way and hung up again.
 */
BFD_INLINE void bfd_wheel_insert(__u32 slot, __u64 due_ns, __u64 cursor)
{
	__u64 at = (due_ns + BFD_WHEEL_SLOT_NS - 1) >> BFD_WHEEL_SHIFT;
	struct bfd_wheel_node *node = bfd_wheel_node_at(slot + 1), *other;
	__u64 *marks;
	__u32 head, *first;

	if (at <= cursor)
		at = cursor + 1; /* this turn of the tick must come to an end */
	if (at >= cursor + BFD_WHEEL_SLOTS)
		at = cursor + BFD_WHEEL_SLOTS - 1;
	head = at & (BFD_WHEEL_SLOTS - 1);
	first = bpf_map_lookup_elem(&wheel_heads, &head);
	marks = bfd_wheel_marks(at);
	if (!node || !first || !marks)
		return;
	*marks |= 1ULL << (at & 63);
	node->next = *first;
	node->previous = 0;
	node->head = head + 1;
	other = bfd_wheel_node_at(*first);
	if (other)
		other->previous = slot + 1;
	*first = slot + 1;
}

/* Off the wheel, and on it again for due_ns if that isn't 0.  Global: verified once. */
__attribute__((noinline)) int bfd_wheel_move(__u32 slot, __u64 due_ns, __u64 cursor)
{
	bfd_wheel_remove(slot);
	if (due_ns != 0)
		bfd_wheel_insert(slot, due_ns, cursor);
	return 0;
}

/* The first session of the cursor's wheel slot plus 1; 0: it is empty, and its mark goes. */
BFD_INLINE __u32 bfd_wheel_first(__u64 cursor)
{
	__u32 head = cursor & (BFD_WHEEL_SLOTS - 1);
	__u32 *first = bpf_map_lookup_elem(&wheel_heads, &head);
	__u64 *marks;

	if (first && *first != 0)
		return *first;
	marks = bfd_wheel_marks(cursor);
	if (marks)
		*marks &= ~(1ULL << (cursor & 63));
	return 0;
}

#endif /* IPBFD_WHEEL_H */
