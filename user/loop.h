/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The agent's one loop: sleeps until a descriptor is readable and calls who
 * asked for it.  Timers are descriptors too (timerfd), so an idle agent doesn't
 * wake up.  It must not know what the descriptors are.
 *
 * Errors are negative errno.
 */
#ifndef IPBFD_LOOP_H
#define IPBFD_LOOP_H

struct loop;

/* A negative errno ends loop_run() with it. */
typedef int (*loop_cb)(void *context);

/* *out is owned by the caller (loop_close). */
int loop_open(struct loop **out);
/* NULL is fine.  Closes none of the descriptors that were added. */
void loop_close(struct loop *loop);

/* Call callback whenever fd is readable.  fd stays the caller's. */
int loop_add(struct loop *loop, int fd, loop_cb callback, void *context);

/* No longer; before fd is closed.  One that wasn't added is fine. */
void loop_remove(struct loop *loop, int fd);

/* Runs until loop_stop(), which makes it return 0, or an error. */
int loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

#endif /* IPBFD_LOOP_H */
