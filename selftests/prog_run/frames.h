/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Frames for the programs under test, made from a list of fields, so that a
 * fixture names only what is odd about it.  Encodings and checksums are spelled
 * here anew from the RFCs; nothing of kern/ may be used.
 */
#ifndef IPBFD_FRAMES_H
#define IPBFD_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum frame_field {
	FIELD_NONE,
	FIELD_DEVICE, /* ifindex of arrival */
	/* Ethernet */
	FIELD_STATION,	 /* last byte of the destination MAC, 0: the device's */
	FIELD_ETHERTYPE, /* 0: by family */
	FIELD_TAG,	 /* TPID << 16 | TCI, 0: none */
	FIELD_INNER_TAG,
	FIELD_PADDING, /* bytes after the IP packet */
	/* IP */
	FIELD_IPV6,
	FIELD_SOURCE, /* last byte of the address */
	FIELD_DESTINATION,
	FIELD_LINK_LOCAL,
	FIELD_TTL,
	FIELD_PROTOCOL,
	FIELD_FRAGMENT,	 /* IPv4 flags and offset */
	FIELD_OPTIONS,	 /* IPv4: 32-bit words of options */
	FIELD_EXTENSION, /* IPv6: type of one extension header + 1, 0: none */
	FIELD_IP_CHECKSUM_ERROR,
	FIELD_IP_LENGTH_MORE,  /* the IP header claims this many more bytes (signed) */
	FIELD_IP_VERSION,      /* 0: by family */
	FIELD_IP_HEADER_WORDS, /* IPv4, 0: right */
	/* UDP */
	FIELD_SOURCE_PORT,
	FIELD_PORT,
	FIELD_UDP_LENGTH_MORE,
	FIELD_CHECKSUM, /* enum frame_checksum */
	FIELD_PAYLOAD,	/* length; bytes after the packet are filler */
	FIELD_FILLER,
	/* BFD */
	FIELD_VERSION,
	FIELD_DIAG,
	FIELD_STATE,
	FIELD_FLAGS, /* enum frame_flag */
	FIELD_MULTIPLIER,
	FIELD_LENGTH,
	FIELD_MY_DISCR,
	FIELD_YOUR_DISCR,
	FIELD_DESIRED_MIN_TX,
	FIELD_REQUIRED_MIN_RX,
	FIELD_REQUIRED_MIN_ECHO_RX,
	FIELD_COUNT,
};

enum frame_checksum {
	CHECKSUM_GOOD,
	CHECKSUM_BAD,
	CHECKSUM_ZERO,
	CHECKSUM_PARTIAL, /* the pseudo header's sum alone, as a virtual device leaves it */
};

/* RFC 5880 4.1 */
enum frame_flag {
	FLAG_POLL = 32,
	FLAG_FINAL = 16,
	FLAG_CPI = 8,
	FLAG_AUTH = 4,
	FLAG_DEMAND = 2,
	FLAG_MULTIPOINT = 1,
};

/* What a fixture changes in a spec. */
struct frame_edit {
	enum frame_field field;
	uint32_t value;
};

struct frame_spec {
	uint32_t field[FIELD_COUNT];
};

#define FRAME_MAX 9216

struct frame {
	size_t length;
	uint32_t device;
	size_t ip_offset, udp_offset, payload_offset;
	uint8_t bytes[FRAME_MAX];
};

/* Addresses: 192.0.2.N, 2001:db8::N, fe80::N.  As the maps of the data plane hold them. */
void frame_address(uint8_t address[16], bool is_ipv6, bool is_link_local, uint8_t last);

/*
 * A valid packet of an Up peer N (PEER) to us (LOCAL) that picks session your_discr,
 * and asks for so long intervals that no session times out during a test.
 */
void frame_spec_init(struct frame_spec *spec, bool is_ipv6, uint32_t device, uint32_t your_discr);
/* Applies edits up to the first FIELD_NONE, or count. */
void frame_spec_edit(struct frame_spec *spec, const struct frame_edit *edits, size_t count);

void frame_build(struct frame *frame, const struct frame_spec *spec);

/* The Internet checksum's sum over bytes in network order, folded, not complemented. */
uint16_t frame_sum(uint32_t sum, const uint8_t *bytes, size_t length);
/* The pseudo header's sum of an IP packet with a UDP packet of udp_length behind. */
uint32_t frame_pseudo_sum(const uint8_t *ip, bool is_ipv6, uint32_t udp_length);

#define FRAME_LOCAL 2
#define FRAME_PEER 1
#define FRAME_PEER_DISCR 0x0a0b0c0dU
#define FRAME_SLOW_US 60000000U /* between the peer's packets, by its word */

#endif /* IPBFD_FRAMES_H */
