/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What -V says; the build may define it.
 */
#ifndef IPBFD_VERSION
#define IPBFD_VERSION "0.1"
#endif
