/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a run of the receiving program costs, per kind of frame.
 */
#ifndef IPBFD_BENCH_H
#define IPBFD_BENCH_H

/* Prints a table to standard output.  Returns an exit code. */
int bench(void);

#endif /* IPBFD_BENCH_H */
