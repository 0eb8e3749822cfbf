// SPDX-License-Identifier: GPL-2.0
/*
 * Socket filters for neighbour events; see watch_filter.h.
 *
 * Classic BPF over one message as the kernel makes it: nlmsghdr, ndmsg, and as
 * the first attribute NDA_DST.  Loads are big-endian, netlink is in host order.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include "watch_filter.h"

#define FILTER_FAMILY (NLMSG_HDRLEN + offsetof(struct ndmsg, ndm_family))
#define FILTER_ATTRIBUTE (NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(struct ndmsg)))
#define FILTER_TYPE (FILTER_ATTRIBUTE + offsetof(struct rtattr, rta_type))
#define FILTER_ADDRESS (FILTER_ATTRIBUTE + RTA_LENGTH(0))
#define FILTER_LAST4 FILTER_ADDRESS
#define FILTER_LAST6 (FILTER_ADDRESS + 12)
#define FILTER_HEAD 10 /* instructions before the comparisons */
#define FILTER_PASS 0xffffffffU

static int filter_attach(int fd, struct sock_filter *code, size_t length)
{
	struct sock_fprog program = {.len = (unsigned short)length, .filter = code};

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0)
		return -errno;
	return 0;
}

int watch_filter_open(int fd)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, FILTER_FAMILY),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET6, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, FILTER_PASS),
	};

	return filter_attach(fd, code, sizeof(code) / sizeof(code[0]));
}

int watch_filter_exact(int fd, const struct bfd_address *const *addresses, size_t count)
{
	struct sock_filter code[FILTER_HEAD + 2 * WATCH_FILTER_MAX + 1] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, FILTER_TYPE),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(NDA_DST), 1, 0),
		BPF_STMT(BPF_RET | BPF_K, FILTER_PASS), /* another kernel's layout */
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, FILTER_FAMILY),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET6, 4, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, 0), /* AF_BRIDGE: forwarding entries */
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, FILTER_LAST4),
		BPF_STMT(BPF_JMP | BPF_JA, 1),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, FILTER_LAST6),
	};
	size_t length = FILTER_HEAD;

	for (size_t i = 0; i < count; i++) {
		uint32_t last;

		memcpy(&last, addresses[i]->bytes + 12, sizeof(last));
		code[length++] =
			(struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ntohl(last), 0, 1);
		code[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, FILTER_PASS);
	}
	code[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0);
	return filter_attach(fd, code, length);
}
