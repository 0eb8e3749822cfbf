// SPDX-License-Identifier: GPL-2.0
/*
 * Encodes frames; see frames.h.  It must not use anything of kern/, whose
 * parsing and checksums it is there to test.
 */
#include "frames.h"

#include <string.h>

static void put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value & 0xffff);
}

uint16_t frame_sum(uint32_t sum, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		sum += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return (uint16_t)sum;
}

uint32_t frame_pseudo_sum(const uint8_t *ip, bool is_ipv6, uint32_t udp_length)
{
	uint32_t sum = frame_sum(0, is_ipv6 ? ip + 8 : ip + 12, is_ipv6 ? 32 : 8);
	uint8_t rest[4];

	put16(rest, udp_length);
	put16(rest + 2, 17);
	return frame_sum(sum, rest, sizeof(rest));
}

void frame_address(uint8_t address[16], bool is_ipv6, bool is_link_local, uint8_t last)
{
	memset(address, 0, 16);
	if (!is_ipv6) {
		put16(address + 10, 0xffff);
		put32(address + 12, 192U << 24 | 2 << 8);
	} else {
		put32(address, is_link_local ? 0xfe800000 : 0x20010db8);
	}
	address[15] = last;
}

void frame_spec_init(struct frame_spec *spec, bool is_ipv6, uint32_t device, uint32_t your_discr)
{
	*spec = (struct frame_spec){.field = {
					    [FIELD_DEVICE] = device,
					    [FIELD_IPV6] = is_ipv6,
					    [FIELD_SOURCE] = FRAME_PEER,
					    [FIELD_DESTINATION] = FRAME_LOCAL,
					    [FIELD_TTL] = 255,
					    [FIELD_PROTOCOL] = 17,
					    [FIELD_SOURCE_PORT] = 49152,
					    [FIELD_PORT] = 3784,
					    [FIELD_PAYLOAD] = 24,
					    [FIELD_VERSION] = 1,
					    [FIELD_STATE] = 3,
					    [FIELD_MULTIPLIER] = 3,
					    [FIELD_LENGTH] = 24,
					    [FIELD_MY_DISCR] = FRAME_PEER_DISCR,
					    [FIELD_YOUR_DISCR] = your_discr,
					    [FIELD_DESIRED_MIN_TX] = FRAME_SLOW_US,
					    [FIELD_REQUIRED_MIN_RX] = FRAME_SLOW_US,
				    }};
}

void frame_spec_edit(struct frame_spec *spec, const struct frame_edit *edits, size_t count)
{
	for (size_t i = 0; i < count && edits[i].field != FIELD_NONE; i++)
		spec->field[edits[i].field] = edits[i].value;
}

static size_t build_ethernet(uint8_t *at, const uint32_t *field)
{
	static const uint8_t addresses[12] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1};
	uint32_t ethertype = field[FIELD_IPV6] ? 0x86dd : 0x0800;
	size_t offset = sizeof(addresses);

	memcpy(at, addresses, sizeof(addresses));
	if (field[FIELD_STATION])
		at[5] = (uint8_t)field[FIELD_STATION];
	for (int tag = 0; tag < 2; tag++) {
		uint32_t value = field[tag ? FIELD_INNER_TAG : FIELD_TAG];

		if (value == 0)
			continue;
		put32(at + offset, value);
		offset += 4;
	}
	put16(at + offset, field[FIELD_ETHERTYPE] ? field[FIELD_ETHERTYPE] : ethertype);
	return offset + 2;
}

static size_t build_ipv4(uint8_t *ip, const uint32_t *field, size_t udp_length)
{
	size_t length = 20 + 4 * (size_t)field[FIELD_OPTIONS];
	uint32_t words = field[FIELD_IP_HEADER_WORDS] ? field[FIELD_IP_HEADER_WORDS]
						      : (uint32_t)length / 4;
	uint32_t version = field[FIELD_IP_VERSION] ? field[FIELD_IP_VERSION] : 4;
	uint8_t address[16];

	memset(ip, 1 /* No Operation, in the options */, length);
	ip[0] = (uint8_t)(version << 4 | words);
	ip[1] = 0xc0;
	put16(ip + 2, (uint32_t)(length + udp_length) + field[FIELD_IP_LENGTH_MORE]);
	put16(ip + 4, 0x1234);
	put16(ip + 6, field[FIELD_FRAGMENT]);
	ip[8] = (uint8_t)field[FIELD_TTL];
	ip[9] = (uint8_t)field[FIELD_PROTOCOL];
	put16(ip + 10, 0);
	frame_address(address, false, false, (uint8_t)field[FIELD_SOURCE]);
	memcpy(ip + 12, address + 12, 4);
	frame_address(address, false, false, (uint8_t)field[FIELD_DESTINATION]);
	memcpy(ip + 16, address + 12, 4);
	put16(ip + 10, (uint16_t)~frame_sum(0, ip, length) ^ field[FIELD_IP_CHECKSUM_ERROR]);
	return length;
}

static size_t build_ipv6(uint8_t *ip, const uint32_t *field, size_t udp_length)
{
	size_t extension = field[FIELD_EXTENSION] ? 8 : 0;
	bool is_link_local = field[FIELD_LINK_LOCAL];

	put32(ip, (field[FIELD_IP_VERSION] ? field[FIELD_IP_VERSION] : 6) << 28 | 0xc0 << 20);
	put16(ip + 4, (uint32_t)(extension + udp_length) + field[FIELD_IP_LENGTH_MORE]);
	ip[6] = (uint8_t)(extension ? field[FIELD_EXTENSION] - 1 : field[FIELD_PROTOCOL]);
	ip[7] = (uint8_t)field[FIELD_TTL];
	frame_address(ip + 8, true, is_link_local, (uint8_t)field[FIELD_SOURCE]);
	frame_address(ip + 24, true, is_link_local, (uint8_t)field[FIELD_DESTINATION]);
	if (extension) {
		static const uint8_t pad[8] = {17, 0, 1 /* PadN */, 4, 0, 0, 0, 0};

		memcpy(ip + 40, pad, sizeof(pad));
	}
	return 40 + extension;
}

static void build_bfd(uint8_t *payload, const uint32_t *field)
{
	uint8_t packet[24];

	packet[0] = (uint8_t)(field[FIELD_VERSION] << 5 | field[FIELD_DIAG]);
	packet[1] = (uint8_t)(field[FIELD_STATE] << 6 | field[FIELD_FLAGS]);
	packet[2] = (uint8_t)field[FIELD_MULTIPLIER];
	packet[3] = (uint8_t)field[FIELD_LENGTH];
	put32(packet + 4, field[FIELD_MY_DISCR]);
	put32(packet + 8, field[FIELD_YOUR_DISCR]);
	put32(packet + 12, field[FIELD_DESIRED_MIN_TX]);
	put32(packet + 16, field[FIELD_REQUIRED_MIN_RX]);
	put32(packet + 20, field[FIELD_REQUIRED_MIN_ECHO_RX]);
	memset(payload, (int)field[FIELD_FILLER], field[FIELD_PAYLOAD]);
	memcpy(payload, packet,
	       field[FIELD_PAYLOAD] < sizeof(packet) ? field[FIELD_PAYLOAD] : sizeof(packet));
}

static void fill_udp_checksum(struct frame *frame, const uint32_t *field)
{
	uint8_t *udp = frame->bytes + frame->udp_offset;
	size_t length = 8 + (size_t)field[FIELD_PAYLOAD];
	uint32_t pseudo = frame_pseudo_sum(frame->bytes + frame->ip_offset, field[FIELD_IPV6],
					   (uint32_t)length + field[FIELD_UDP_LENGTH_MORE]);
	uint16_t check = (uint16_t)~frame_sum(pseudo, udp, length);

	if (check == 0)
		check = 0xffff;
	switch (field[FIELD_CHECKSUM]) {
	case CHECKSUM_BAD:
		check ^= 0x0101;
		break;
	case CHECKSUM_ZERO:
		check = 0;
		break;
	case CHECKSUM_PARTIAL:
		check = (uint16_t)pseudo;
		break;
	default:
		break;
	}
	put16(udp + 6, check);
}

void frame_build(struct frame *frame, const struct frame_spec *spec)
{
	const uint32_t *field = spec->field;
	size_t udp_length = 8 + (size_t)field[FIELD_PAYLOAD];
	uint8_t *udp;

	frame->device = field[FIELD_DEVICE];
	frame->ip_offset = build_ethernet(frame->bytes, field);
	frame->udp_offset = frame->ip_offset;
	if (field[FIELD_IPV6])
		frame->udp_offset += build_ipv6(frame->bytes + frame->ip_offset, field, udp_length);
	else
		frame->udp_offset += build_ipv4(frame->bytes + frame->ip_offset, field, udp_length);
	frame->payload_offset = frame->udp_offset + 8;
	frame->length = frame->udp_offset + udp_length + field[FIELD_PADDING];

	udp = frame->bytes + frame->udp_offset;
	put16(udp, field[FIELD_SOURCE_PORT]);
	put16(udp + 2, field[FIELD_PORT]);
	put16(udp + 4, (uint32_t)udp_length + field[FIELD_UDP_LENGTH_MORE]);
	put16(udp + 6, 0);
	build_bfd(udp + 8, field);
	memset(udp + udp_length, 0xee, field[FIELD_PADDING]);
	fill_udp_checksum(frame, field);
}
