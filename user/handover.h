/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One agent after another in the same network namespace.  The sessions have no part in it: they
 * are in the kernel.
 */
#ifndef IPBFD_HANDOVER_H
#define IPBFD_HANDOVER_H

#include <stdbool.h>
#include <stddef.h>

/*
 * End the agent that serves the namespace that we are in, if there is one, and wait for its end.
 * One that doesn't end in time is killed.  Who has its netlink port, but doesn't serve, is waited
 * for and then left alone (-EBUSY).  error, of error_size bytes, says what failed.  Returns 0 or a
 * negative errno.
 */
int handover_take(char *error, size_t error_size);

/*
 * Ask the program file that we were started from, which may be another one by now, whether its
 * data plane can be loaded here and take the place of ours (--check).  Returns 0 or a negative
 * errno.
 */
int handover_check_file(char *error, size_t error_size);

/* Are we what handover_exec_file() made of an agent, which has entered its namespace before?  Ask
 * once.
 */
bool handover_began_again(void);

/* Become that file's program, with these arguments.  Returns only a negative errno. */
int handover_exec_file(char **argv);

#endif /* IPBFD_HANDOVER_H */
