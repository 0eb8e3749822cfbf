/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A session under test and the peer that talks to it.  Numbers here are a
 * peer's choice, never what the code under test computes.
 */
#ifndef IPBFD_FIXTURE_H
#define IPBFD_FIXTURE_H

#include <arpa/inet.h>
#include <string.h>

#include "kern/auth.h"
#include "kern/session.h"
#include "kern/transmit.h"
#include "kern/validate.h"

#define LOCAL_DISCR 0x11223344U
#define PEER_DISCR 0x55667788U

#define MS 1000000ULL /* in ns */
#define START_NS (1000000 * MS)

struct fixture {
	struct bfd_vars vars;
	struct bfd_session_stats stats;
	struct bfd_packet from_peer; /* what the peer says next, in network order */
	__u64 now_ns;
	__u32 outcome; /* of the last event */
};

/* The first byte pair's bits, spelled here once more from RFC 5880 4.1. */
enum wire_bits {
	WIRE_POLL = 32,
	WIRE_FINAL = 16,
	WIRE_CPI = 8,
	WIRE_AUTH = 4,
	WIRE_DEMAND = 2,
	WIRE_MULTIPOINT = 1,
};

/* A plain packet of a peer of multiplier 3 at 100 ms; a test changes what it is about. */
static inline struct bfd_packet peer_packet(unsigned int state)
{
	struct bfd_packet packet = {
		.version_diag = 1 << 5,
		.state_flags = (__u8)(state << 6),
		.detect_mult = 3,
		.length = 24,
		.my_discr = htonl(PEER_DISCR),
		.your_discr = htonl(LOCAL_DISCR),
		.desired_min_tx = htonl(100000),
		.required_min_rx = htonl(100000),
	};

	return packet;
}

static inline struct bfd_config plain_config(void)
{
	struct bfd_config config = {
		.desired_min_tx_us = 50000,
		.required_min_rx_us = 50000,
		.mult = 3,
	};

	return config;
}

static inline void fixture_make(struct fixture *fixture, const struct bfd_config *config)
{
	memset(fixture, 0, sizeof(*fixture));
	bfd_initialize(&fixture->vars, LOCAL_DISCR, config, 0);
	fixture->now_ns = START_NS;
}

/* The peer's packet arrives after_ns from the last event. */
static inline void fixture_hear(struct fixture *fixture, __u64 after_ns,
				const struct bfd_packet *packet)
{
	fixture->now_ns += after_ns;
	fixture->outcome = bfd_receive(&fixture->vars, &fixture->stats, packet, fixture->now_ns);
}

/* As fixture_hear, a plain packet with this state and these flags (enum wire_bits). */
static inline void fixture_hear_state(struct fixture *fixture, unsigned int state,
				      unsigned int flags)
{
	struct bfd_packet packet = peer_packet(state);

	packet.state_flags |= flags;
	fixture_hear(fixture, MS, &packet);
}

static inline void fixture_set(struct fixture *fixture, const struct bfd_config *config)
{
	fixture->outcome = bfd_configure(&fixture->vars, &fixture->stats, config, fixture->now_ns);
}

static inline void fixture_set_intervals(struct fixture *fixture, __u32 desired_min_tx_us,
					 __u32 required_min_rx_us)
{
	struct bfd_config config = {
		.set = BFD_CONFIG_DESIRED_MIN_TX | BFD_CONFIG_REQUIRED_MIN_RX,
		.desired_min_tx_us = desired_min_tx_us,
		.required_min_rx_us = required_min_rx_us,
	};

	fixture_set(fixture, &config);
}

static inline void fixture_set_admin(struct fixture *fixture, int down)
{
	struct bfd_config config = {
		.set = BFD_CONFIG_ADMIN_DOWN,
		.admin_down = down,
		.diag = 7,
	};

	fixture_set(fixture, &config);
}

/* The detection time passes at after_ns from the last event, or not yet.  Returns overshoot. */
static inline __u64 fixture_expire(struct fixture *fixture, __u64 after_ns)
{
	__u64 overshoot_ns;

	fixture->now_ns += after_ns;
	fixture->outcome =
		bfd_expire(&fixture->vars, &fixture->stats, fixture->now_ns, &overshoot_ns);
	return overshoot_ns;
}

/* Down, Init (2) or Up (3) with the plain peer, by the handshake. */
static inline void fixture_bring(struct fixture *fixture, const struct bfd_config *config,
				 unsigned int state)
{
	fixture_make(fixture, config);
	if (state == 2 || state == 3)
		fixture_hear_state(fixture, 1, 0);
	if (state == 3)
		fixture_hear_state(fixture, 2, 0);
}

/* Up, and the Poll Sequence that follows it is over. */
static inline void fixture_settle(struct fixture *fixture, const struct bfd_config *config)
{
	fixture_bring(fixture, config, 3);
	fixture_hear_state(fixture, 3, WIRE_FINAL);
	fixture_hear_state(fixture, 3, 0);
}

#endif /* IPBFD_FIXTURE_H */
