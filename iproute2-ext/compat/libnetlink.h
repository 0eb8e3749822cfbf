/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What `ip bfd` needs of iproute2's libnetlink.h: attributes in and out of a
 * message, by libmnl.  See utils.h for the rules.  Sockets are not here:
 * ../ipbfd_netlink.c has its own in either build.
 */
#ifndef IPBFD_COMPAT_LIBNETLINK_H
#define IPBFD_COMPAT_LIBNETLINK_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <libmnl/libmnl.h>

/* Append an attribute to a message in a buffer of maxlen bytes.  0, or -1: no room. */
static inline int addattr_l(struct nlmsghdr *n, int maxlen, int type, const void *data, int alen)
{
	if (!mnl_attr_put_check(n, maxlen, type, alen, data)) {
		fprintf(stderr, "Error: message longer than %d bytes.\n", maxlen);
		return -1;
	}
	return 0;
}

static inline int addattr32(struct nlmsghdr *n, int maxlen, int type, uint32_t data)
{
	return addattr_l(n, maxlen, type, &data, sizeof(data));
}

static inline int addattrstrz(struct nlmsghdr *n, int maxlen, int type, const char *data)
{
	return addattr_l(n, maxlen, type, data, strlen(data) + 1);
}

/* Index len bytes of attributes by type, 0 to max; flags are bits of the type to ignore. */
static inline int parse_rtattr_flags(struct rtattr *tb[], int max, struct rtattr *rta, int len,
				     unsigned short flags)
{
	memset(tb, 0, sizeof(*tb) * (max + 1));
	for (; RTA_OK(rta, len); rta = RTA_NEXT(rta, len)) {
		int type = rta->rta_type & ~flags;

		if (type <= max && !tb[type])
			tb[type] = rta;
	}
	return 0;
}

#define parse_rtattr_nested(tb, max, rta)                                                          \
	parse_rtattr_flags(tb, max, RTA_DATA(rta), RTA_PAYLOAD(rta), NLA_F_NESTED)

#endif /* IPBFD_COMPAT_LIBNETLINK_H */
