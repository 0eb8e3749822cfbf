/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What `ip bfd` needs of iproute2's ll_map.h.  See utils.h for the rules.
 */
#ifndef IPBFD_COMPAT_LL_MAP_H
#define IPBFD_COMPAT_LL_MAP_H

#include <net/if.h>

/* 0: no such device. */
static inline unsigned int ll_name_to_index(const char *name)
{
	return if_nametoindex(name);
}

#endif /* IPBFD_COMPAT_LL_MAP_H */
