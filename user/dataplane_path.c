// SPDX-License-Identifier: GPL-2.0
/*
 * The ready header of a session's frames: Ethernet, IPv4 or IPv6, UDP, with all that
 * never changes and the part of the UDP checksum that it makes up (RFC 5881 4, 5).
 * Pure; what comes after the header is the data plane's.
 */
#include <string.h>

#include "dataplane.h"
#include "../kern/parse.h"

static void build_ipv4(uint8_t *header, const struct bfd_address *local,
		       const struct bfd_address *remote)
{
	struct iphdr ip = {
		.version = 4,
		.ihl = 5,
		.tos = BFD_TRAFFIC_CLASS,
		.tot_len = bfd_swap16(sizeof(ip) + sizeof(struct udphdr) + BFD_PACKET_LENGTH),
		.frag_off = bfd_swap16(0x4000), /* don't fragment: RFC 6864 wants no ID then */
		.ttl = BFD_TTL,
		.protocol = IPPROTO_UDP,
	};

	memcpy(&ip.saddr, local->bytes + 12, 4);
	memcpy(&ip.daddr, remote->bytes + 12, 4);
	ip.check = ~bfd_checksum_fold(bfd_checksum_words((const __u32 *)&ip, 5));
	memcpy(header, &ip, sizeof(ip));
}

static void build_ipv6(uint8_t *header, const struct bfd_address *local,
		       const struct bfd_address *remote)
{
	struct ipv6hdr ip = {
		.version = 6,
		.priority = BFD_TRAFFIC_CLASS >> 4,
		.payload_len = bfd_swap16(sizeof(struct udphdr) + BFD_PACKET_LENGTH),
		.nexthdr = IPPROTO_UDP,
		.hop_limit = BFD_TTL,
	};

	ip.flow_lbl[0] = (uint8_t)(BFD_TRAFFIC_CLASS << 4);
	memcpy(&ip.saddr, local->bytes, 16);
	memcpy(&ip.daddr, remote->bytes, 16);
	memcpy(header, &ip, sizeof(ip));
}

static bool is_v4_mapped(const struct bfd_address *address)
{
	static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};

	return memcmp(address->bytes, prefix, sizeof(prefix)) == 0;
}

void dataplane_build_path(struct bfd_path *path, uint32_t ifindex, const uint8_t source_mac[6],
			  const uint8_t destination_mac[6], const struct bfd_address *local,
			  const struct bfd_address *remote, uint16_t source_port,
			  uint16_t destination_port)
{
	bool is_ipv6 = !is_v4_mapped(remote);
	uint32_t udp_length = sizeof(struct udphdr) + BFD_PACKET_LENGTH;
	struct udphdr udp = {
		.source = bfd_swap16(source_port),
		.dest = bfd_swap16(destination_port),
		.len = bfd_swap16((__u16)udp_length),
	};
	struct ethhdr ethernet = {.h_proto = bfd_swap16(is_ipv6 ? ETH_P_IPV6 : ETH_P_IP)};
	size_t ip_length = is_ipv6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr);

	memset(path, 0, sizeof(*path));
	path->ifindex = ifindex;
	path->header_length = (__u16)(sizeof(ethernet) + ip_length + sizeof(udp));
	memcpy(ethernet.h_dest, destination_mac, sizeof(ethernet.h_dest));
	memcpy(ethernet.h_source, source_mac, sizeof(ethernet.h_source));
	memcpy(path->header, &ethernet, sizeof(ethernet));
	if (is_ipv6)
		build_ipv6(path->header + sizeof(ethernet), local, remote);
	else
		build_ipv4(path->header + sizeof(ethernet), local, remote);
	memcpy(path->header + sizeof(ethernet) + ip_length, &udp, sizeof(udp));
	path->udp_checksum_base =
		bfd_checksum_fold(bfd_checksum_pseudo(local, remote, is_ipv6, udp_length) +
				  bfd_checksum_words((const __u32 *)&udp, 2));
}
