// SPDX-License-Identifier: GPL-2.0
/*
 * Room for timers.  Since Linux 6.18 bpf_timer_init() allocates without taking
 * locks, from slabs that have room already, and fails with ENOMEM where a new slab
 * would be needed (seen on 6.18: all but the first hundred of a thousand timers).
 * An ordinary allocation of the same size class makes new slabs, and what is
 * freed again leaves room in them.  Slots of a pipe are such an allocation.
 */
#define _GNU_SOURCE /* pipe2, F_SETPIPE_SZ */
#include <fcntl.h>
#include <unistd.h>

#include "dataplane_internal.h"

/* A few slabs' worth, well below the usual limit of 1024 descriptors. */
#define PIPES 200
/* Four slots of 40 bytes are of the class of 192 bytes, as a timer is. */
#define PIPE_BYTES (4 * 4096)

void dataplane_make_room_for_timers(void)
{
	int pipes[PIPES][2], count = 0;

	while (count < PIPES && pipe2(pipes[count], O_CLOEXEC) == 0) {
		/* If it is refused there is less room, which the caller's retries will show. */
		(void)fcntl(pipes[count][0], F_SETPIPE_SZ, PIPE_BYTES);
		count++;
	}
	while (count-- > 0) {
		close(pipes[count][0]);
		close(pipes[count][1]);
	}
}
