/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Requests to rtnetlink: send one message, hand its answers to a callback, wait
 * for the end.  Unlike libnl's own it keeps the kernel's errno.  It must not
 * follow events (user/watch.h does) and must not know what a message means.
 */
#ifndef IPBFD_RTNL_H
#define IPBFD_RTNL_H

#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stddef.h>

struct rtnl;

/* Called for each answer; a negative return value ends the request with it. */
typedef int (*rtnl_reply_cb)(struct nlmsghdr *header, void *context);

/* A socket of the calling process's network namespace.  Owned by the caller. */
int rtnl_open(struct rtnl **out);
/* NULL is fine. */
void rtnl_close(struct rtnl *rtnl);

/* A message of that type with size bytes of family header after nlmsghdr; NULL: no memory.
 * To be freed by nlmsg_free().
 */
struct nl_msg *rtnl_message(int type, int flags, const void *header, size_t size);

/* Send message and wait for its acknowledgement or the end of its dump (NLM_F_DUMP in its
 * flags).  callback may be NULL.  message stays the caller's.  Returns 0 or a negative errno:
 * the kernel's, or -EINTR if a dump was disturbed by a change and should be asked for again.
 */
int rtnl_request(struct rtnl *rtnl, struct nl_msg *message, rtnl_reply_cb callback, void *context);

#endif /* IPBFD_RTNL_H */
