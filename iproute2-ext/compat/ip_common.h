/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What `ip bfd` needs of iproute2's ip/ip_common.h.  See utils.h for the rules.
 */
#ifndef IPBFD_COMPAT_IP_COMMON_H
#define IPBFD_COMPAT_IP_COMMON_H

/* argv holds the words after `ip bfd`.  Returns the exit status, negated. */
int do_ipbfd(int argc, char **argv);

#endif /* IPBFD_COMPAT_IP_COMMON_H */
