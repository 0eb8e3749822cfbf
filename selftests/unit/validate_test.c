// SPDX-License-Identifier: GPL-2.0
/*
 * The reception checks (RFC 5880 6.8.6): each, their order, and two exhaustive
 * sweeps against an oracle that reads bytes of the wire and nothing of ours.
 */
#include "fixture.h"
#include "tap.h"

/* A session without authentication. */
static const struct bfd_auth plain;

static const char *const reason_names[] = {
#define NAME(id, name, text) name,
	BFD_DISCARD_REASONS(NAME)
#undef NAME
		"accepted",
};

/* One fault each, in the order of RFC 5880 6.8.6, and the reason that it is counted under. */
enum fault {
	FAULT_VERSION,
	FAULT_SHORT,
	FAULT_LONG,
	FAULT_MULTIPLIER,
	FAULT_MULTIPOINT,
	FAULT_MY_DISCR,
	FAULT_STATE,
	FAULT_COUNT,
};

static const struct {
	const char *id;
	const char *reason;
} faults[FAULT_COUNT] = {
	[FAULT_VERSION] = {"RX-01", "bad-version"},
	[FAULT_SHORT] = {"RX-02", "short-length"},
	[FAULT_LONG] = {"RX-04", "long-length"},
	[FAULT_MULTIPLIER] = {"RX-06", "zero-multiplier"},
	[FAULT_MULTIPOINT] = {"RX-07", "multipoint"},
	[FAULT_MY_DISCR] = {"RX-08", "zero-discriminator"},
	[FAULT_STATE] = {"RX-11", "bad-state"},
};

static const char *validate(const struct bfd_packet *packet, __u32 payload_length)
{
	return reason_names[bfd_validate_packet(packet, payload_length)];
}

static void spoil(unsigned char *bytes, enum fault fault)
{
	switch (fault) {
	case FAULT_VERSION:
		bytes[0] = 0x40;
		break;
	case FAULT_SHORT:
		bytes[3] = 23;
		break;
	case FAULT_LONG:
		bytes[3] = 25;
		break;
	case FAULT_MULTIPLIER:
		bytes[2] = 0;
		break;
	case FAULT_MULTIPOINT:
		bytes[1] |= 1;
		break;
	case FAULT_MY_DISCR:
		memset(bytes + 4, 0, 4);
		break;
	default:
		memset(bytes + 8, 0, 4);
		break;
	}
}

static void test_order(void)
{
	for (int first = 0; first < FAULT_COUNT; first++) {
		for (int second = first; second < FAULT_COUNT; second++) {
			struct bfd_packet packet = peer_packet(3);
			const char *got;

			if (first == FAULT_SHORT && second == FAULT_LONG)
				continue; /* a Length is one or the other */
			spoil((unsigned char *)&packet, second);
			spoil((unsigned char *)&packet, first);
			got = validate(&packet, 24);
			if (!tap_check(strcmp(got, faults[first].reason) == 0,
				       "%s: %s%s%s counts as %s",
				       second == first ? faults[first].id : "RX-17",
				       faults[first].reason, second == first ? "" : " with ",
				       second == first ? "" : faults[second].reason,
				       faults[first].reason))
				printf("# got %s\n", got);
		}
	}
}

static void test_versions(void)
{
	for (unsigned int version = 0; version < 8; version++) {
		struct bfd_packet packet = peer_packet(3);

		packet.version_diag = version << 5;
		tap_check(strcmp(validate(&packet, 24),
				 version == 1 ? "accepted" : "bad-version") == 0,
			  "RX-01: version %u", version);
	}
}

static void test_state_without_discr(void)
{
	static const char *const want[] = {"accepted", "accepted", "bad-state", "bad-state"};

	for (unsigned int state = 0; state < 4; state++) {
		struct bfd_packet packet = peer_packet(state);

		packet.your_discr = 0;
		tap_check(strcmp(validate(&packet, 24), want[state]) == 0,
			  "%s: Your Discriminator 0 in state %u is %s",
			  state < 2 ? "RX-12" : "RX-11", state, want[state]);
	}
}

static void test_authentication(void)
{
	struct bfd_packet packet = peer_packet(3);

	tap_check(bfd_auth_expect(&plain, &packet) == BFD_ACCEPT,
		  "RX-14: a plain packet fits a session without authentication");
	packet.state_flags |= WIRE_AUTH;
	packet.length = 28;
	tap_check(strcmp(validate(&packet, 28), "accepted") == 0,
		  "RX-14: A is judged only once the session is known");
	tap_check(bfd_auth_expect(&plain, &packet) == BFD_DISCARD_AUTH_UNEXPECTED,
		  "RX-14: A is unexpected by a session without authentication");
}

/* What nobody may be refused for. */
static void test_oddities(void)
{
	static const struct {
		const char *text;
		unsigned char offset, value;
	} oddities[] = {
		{"Diag 9", 0, 0x29}, {"Diag 31", 0, 0x3f}, {"P and F both set", 1, 0xf0},
		{"C set", 1, 0xc8},  {"D set", 1, 0xc2},   {"multiplier 255", 2, 255},
	};
	struct bfd_packet packet;

	for (size_t i = 0; i < sizeof(oddities) / sizeof(oddities[0]); i++) {
		packet = peer_packet(3);
		((unsigned char *)&packet)[oddities[i].offset] = oddities[i].value;
		tap_check(strcmp(validate(&packet, 24), "accepted") == 0, "RX-24: %s is accepted",
			  oddities[i].text);
	}
	packet = peer_packet(3);
	packet.desired_min_tx = packet.required_min_rx = 0;
	tap_check(strcmp(validate(&packet, 24), "accepted") == 0,
		  "RX-24: intervals of 0 are accepted");
	tap_check(strcmp(validate(&packet, 1400), "accepted") == 0,
		  "RX-05: a payload beyond Length is ignored");
}

/* RFC 5880 6.8.6 over the bytes of the wire. */
static const char *oracle(const unsigned char *b, unsigned int payload_length)
{
	unsigned int state = b[1] / 64;

	if ((b[0] & 0xe0) != 0x20)
		return "bad-version";
	if (b[3] < 24 || ((b[1] & 4) && b[3] < 26))
		return "short-length";
	if (b[3] > payload_length)
		return "long-length";
	if (!b[2])
		return "zero-multiplier";
	if (b[1] & 1)
		return "multipoint";
	if (!(b[4] | b[5] | b[6] | b[7]))
		return "zero-discriminator";
	if (!(b[8] | b[9] | b[10] | b[11]) && (state == 2 || state == 3))
		return "bad-state";
	return "accepted";
}

/* Each pair of the first two bytes, with and without discriminators and a multiplier. */
static void sweep_headers(void)
{
	unsigned long wrong = 0;

	for (unsigned int variant = 0; variant < 16; variant++) {
		for (unsigned int pair = 0; pair < 65536; pair++) {
			struct bfd_packet packet = peer_packet(0);
			unsigned char *bytes = (unsigned char *)&packet;

			bytes[0] = pair >> 8;
			bytes[1] = pair & 0xff;
			if (variant & 1)
				memset(bytes + 4, 0, 4);
			if (variant & 2)
				memset(bytes + 8, 0, 4);
			if (variant & 4)
				bytes[2] = 0;
			if (variant & 8)
				bytes[3] = 26;
			wrong += strcmp(validate(&packet, 26), oracle(bytes, 26)) != 0;
		}
	}
	tap_equal(wrong, 0, "XDP-14: all 256 x 256 first two bytes, 16 variants each");
}

static void sweep_lengths(void)
{
	unsigned long wrong = 0;

	for (unsigned int length = 0; length < 256; length++) {
		for (unsigned int payload = 0; payload <= 64; payload++) {
			for (unsigned int flags = 0; flags < 2; flags++) {
				struct bfd_packet packet = peer_packet(3);
				unsigned char *bytes = (unsigned char *)&packet;

				bytes[1] |= flags ? WIRE_AUTH : 0;
				bytes[3] = length;
				if (payload < 24) /* as the caller promises */
					memset(bytes + payload, 0, 24 - payload);
				wrong += strcmp(validate(&packet, payload),
						oracle(bytes, payload)) != 0;
			}
		}
	}
	tap_equal(wrong, 0, "RX-02, RX-03, RX-04, RX-05: each Length over payloads of 0..64 bytes");
}

int main(void)
{
	test_order();
	test_versions();
	test_state_without_discr();
	test_authentication();
	test_oddities();
	sweep_headers();
	sweep_lengths();
	return tap_finish();
}
