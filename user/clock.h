/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The clock device: a private veth pair whose one end is shaped by tbf, so that
 * it releases one tick frame per tick from an hrtimer (the transmit clock of
 * the data plane runs at the arrival of a frame on the other end).  This file
 * makes, adopts, repairs and removes the devices and puts frames into them.  It
 * must not know about BPF: attaching the program to tick1 is dataplane_clock.c's.
 *
 * Works in the network namespace of the calling process.  All functions return
 * 0 or a negative errno.  They keep no state: what is there is asked each time.
 */
#ifndef IPBFD_CLOCK_H
#define IPBFD_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "../kern/abi.h"

/* tick0 is the shaped end: frames leave through its tbf and arrive on tick1. */
#define CLOCK_TICK0_NAME "bfd-tick0"
#define CLOCK_TICK1_NAME "bfd-tick1"

/* Every frame number, for clock_inject(). */
#define CLOCK_ALL_FRAMES ((1U << BFD_TICK_FRAMES) - 1)

/* Make sure that the pair exists, is up and shaped to one frame per tick_us microseconds.
 * A pair that is as it should be is adopted without touching its traffic; one that isn't is
 * repaired or made again (then its frames, maybe also the programs attached to it, are gone:
 * *mended, if not NULL, says so).
 *
 * -EOPNOTSUPP: the kernel has no tbf.  The pair is there and the indexes are set, but
 *  nothing shapes it: the program must not send frames back, the caller injects each tick.
 * -EEXIST: a device of that name is there and isn't ours.
 */
int clock_ensure(uint32_t tick_us, uint32_t *tick0_ifindex, uint32_t *tick1_ifindex, bool *mended);

/* A socket that is readable when any device or qdisc of the namespace changed.  Returns it. */
int clock_watch_open(void);
/* Read all that waits.  Returns 1 if a clock device was touched, 0 if not.  lost() hears of other
 * devices that lost a qdisc or filter; 0 if any may have.
 */
int clock_watch_read(int fd, uint32_t tick0_ifindex, uint32_t tick1_ifindex,
		     void (*lost)(uint32_t ifindex, void *context), void *context);

/* Put tick frames of a generation (struct bfd_tick_frame) into tick0: those whose bit is set
 * in frames, bit 0 for frame 0 and so on.  Frames of an earlier generation die by themselves.
 */
int clock_inject(uint32_t tick0_ifindex, uint32_t frames, uint32_t generation);

/* One tick at once, which doesn't circulate: for what a command left to send.  fd is of
 * clock_open_now(), and is kept: to close such a socket the kernel waits for all processors.
 */
int clock_open_now(void);
int clock_tick_now(int fd, uint32_t tick0_ifindex, uint32_t generation);

/* Remove the pair, and with it all frames and attached programs.  No pair is no error.
 * -EEXIST: a device of that name is there and isn't ours; it is left alone.
 */
int clock_remove(void);

#endif /* IPBFD_CLOCK_H */
