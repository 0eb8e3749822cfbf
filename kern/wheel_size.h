/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The measures of the timing wheel.  Its maps are pinned, so a change here is a
 * change of the ABI (kern/abi.h).  The wheel itself is wheel.h.
 */
#ifndef IPBFD_WHEEL_SIZE_H
#define IPBFD_WHEEL_SIZE_H

#include "abi.h"

/* A wheel slot lasts 65.536 us, a turn 1.07 s: longer than most intervals. */
#define BFD_WHEEL_SHIFT 16
#define BFD_WHEEL_SLOT_NS (1ULL << BFD_WHEEL_SHIFT)
#define BFD_WHEEL_SLOTS 16384

/* A session's place in the wheel; links are session slots plus 1, 0: none. */
struct bfd_wheel_node {
	__u32 next;
	__u32 previous;
	__u32 head; /* wheel slot plus 1, 0: not in the wheel */
	__u32 reserved;
};

#endif /* IPBFD_WHEEL_SIZE_H */
