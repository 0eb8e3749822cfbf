// SPDX-License-Identifier: GPL-2.0
/*
 * What events do to a session: variables, statistics and what is asked of the
 * caller (RFC 5880 6.8.1, 6.8.6, 6.8.16; rows VAR, RX-18..24, FSM-16, ADM).
 */
#include "fixture.h"
#include "tap.h"

static void test_new_session(void)
{
	struct bfd_config config = plain_config();
	struct fixture fixture;

	fixture_make(&fixture, &config);
	tap_equal(fixture.vars.state, 1, "VAR-01: a new session is Down");
	tap_equal(fixture.vars.remote_state, 1, "VAR-01: and takes the peer for Down");
	tap_equal(fixture.vars.remote_discr, 0, "VAR-01: whose discriminator is 0");
	tap_equal(fixture.vars.local_discr, LOCAL_DISCR, "VAR-02: the discriminator is as given");
	tap_equal(fixture.vars.diag, 0, "VAR-06: without a diagnostic");
	tap_equal(fixture.vars.remote_min_rx_us, 1, "VAR-08: Remote Min RX is 1 us");
	tap_equal(fixture.vars.remote_demand, 0, "VAR-09: the peer is not in Demand mode");
	tap_equal(fixture.vars.mult, 3, "VAR-09: the multiplier is as configured");
	tap_equal(bfd_detection_deadline_ns(&fixture.vars), 0, "VAR-01: there is nobody to miss");
	fixture_expire(&fixture, 1000000 * MS);
	tap_check(fixture.vars.state == 1 && fixture.vars.diag == 0 && fixture.outcome == 0,
		  "VAR-01: nor does silence change anything");
}

static void test_discr_is_forgotten(void)
{
	static const char *const names[] = {"AdminDown", "Down", "Init", "Up"};
	struct bfd_config config = plain_config();
	struct fixture fixture;

	/* 3 x 100 ms in each state: the peer's own multiplier and interval */
	for (unsigned int state = 0; state < 4; state++) {
		fixture_bring(&fixture, &config, state);
		if (state == 0)
			fixture_set_admin(&fixture, 1);
		fixture_hear_state(&fixture, state == 1 ? 0 : state, 0);
		fixture_expire(&fixture, 300 * MS - 1);
		tap_equal(fixture.vars.remote_discr, PEER_DISCR,
			  "VAR-10: in %s the peer is known for a whole detection time",
			  names[state]);
		fixture_expire(&fixture, 1);
		tap_check(fixture.vars.remote_discr == 0 && fixture.vars.remote_state == 1 &&
				  (fixture.outcome & BFD_OUTCOME_NOW),
			  "VAR-04: in %s silence clears the discriminator", names[state]);
		tap_equal(bfd_detection_deadline_ns(&fixture.vars), 0,
			  "VAR-04: in %s it does so once", names[state]);
	}
}

/* FSM-16, FSM-17, and the failures that silence does mean. */
static void test_expiry(void)
{
	struct bfd_config config = plain_config();
	struct fixture fixture;
	__u64 overshoot_ns;

	fixture_settle(&fixture, &config);
	fixture_hear_state(&fixture, 0, 0);
	overshoot_ns = fixture_expire(&fixture, 400 * MS);
	tap_check(fixture.vars.state == 1 && fixture.vars.diag == 3 &&
			  fixture.vars.remote_discr == 0 && !(fixture.outcome & BFD_OUTCOME_STATE),
		  "FSM-16: Down after the peer's AdminDown keeps diag 3 over its silence");
	tap_check(overshoot_ns == 0 && fixture.stats.detect_overshoot_last_ns == 0,
		  "FSM-16: which is no failure that was detected late");

	fixture_settle(&fixture, &config);
	fixture_set_admin(&fixture, 1);
	overshoot_ns = fixture_expire(&fixture, 400 * MS);
	tap_check(fixture.vars.state == 0 && fixture.vars.diag == 7 &&
			  !(fixture.outcome & BFD_OUTCOME_STATE),
		  "FSM-17: AdminDown ignores silence");
	tap_check(overshoot_ns == 0 && fixture.stats.detect_overshoot_last_ns == 0,
		  "FSM-17: which is no failure either");

	fixture_settle(&fixture, &config);
	overshoot_ns = fixture_expire(&fixture, 300 * MS + 12345);
	tap_check(fixture.vars.state == 1 && fixture.vars.diag == 1 &&
			  fixture.outcome == (BFD_OUTCOME_STATE | BFD_OUTCOME_NOW),
		  "FSM-15: Up fails by silence");
	tap_check(overshoot_ns == 12345 && fixture.stats.detect_overshoot_last_ns == 12345 &&
			  fixture.stats.detect_overshoot_max_ns == 12345,
		  "FSM-15: the overshoot is told and kept");
	tap_check(fixture.stats.down_count == 1 && fixture.stats.last_down_ns == fixture.now_ns &&
			  fixture.stats.closest_call_permille == 1000,
		  "YANG-02: it counts as one failure, and as the closest call");
}

static void test_peer_down_keeps_what_is_known(void)
{
	struct bfd_config config = plain_config();
	struct bfd_packet packet = peer_packet(1);
	struct fixture fixture;

	fixture_settle(&fixture, &config);
	packet.required_min_rx = htonl(10000000);
	fixture_hear(&fixture, MS, &packet);
	tap_check(fixture.vars.state == 1 && fixture.vars.diag == 3 &&
			  fixture.vars.remote_discr == PEER_DISCR,
		  "VAR-05: the peer's own Down leaves its discriminator");
	tap_equal(bfd_negotiated_tx_us(&fixture.vars), 10000000, "VAR-10: and its pace");
	tap_equal(bfd_detection_deadline_ns(&fixture.vars), fixture.now_ns + 300 * MS,
		  "VAR-04: until a detection time has passed");
}

static void test_diag_is_kept(void)
{
	struct bfd_config config = plain_config();
	struct fixture fixture;

	fixture_settle(&fixture, &config);
	fixture_expire(&fixture, 400 * MS);
	fixture_hear_state(&fixture, 1, 0);
	fixture_hear_state(&fixture, 2, 0);
	tap_check(fixture.vars.state == 3 && fixture.vars.diag == 1,
		  "VAR-06: Up again, the last cause is kept (open choice 3)");
}

static void test_learning(void)
{
	struct bfd_config config = plain_config();
	struct bfd_packet packet = peer_packet(3);
	struct fixture fixture;

	fixture_settle(&fixture, &config);
	packet.my_discr = htonl(0xaabbccdd);
	packet.your_discr = 0; /* the caller found us by address */
	packet.version_diag = 1 << 5 | 9;
	packet.detect_mult = 5;
	packet.desired_min_tx = htonl(200000);
	packet.required_min_rx = htonl(300000);
	packet.required_min_echo_rx = htonl(400000);
	packet.state_flags |= WIRE_CPI | WIRE_DEMAND;
	fixture_hear(&fixture, MS, &packet);
	tap_check(fixture.vars.remote_discr == 0xaabbccdd && fixture.vars.state == 3,
		  "RX-18: a new discriminator of the peer's is taken over in Up");
	tap_check(fixture.vars.remote_state == 3 && fixture.vars.remote_demand == 1 &&
			  fixture.vars.remote_min_rx_us == 300000,
		  "RX-19: its state, Demand bit and Required Min RX, without a Poll");
	tap_check(fixture.vars.remote_diag == 9 && fixture.vars.remote_mult == 5 &&
			  fixture.vars.remote_desired_min_tx_us == 200000 &&
			  fixture.vars.remote_min_echo_rx_us == 400000 &&
			  fixture.vars.remote_cpi == 1,
		  "RX-19: and the rest of what it says (ERR-07)");
	tap_check(fixture.outcome & BFD_OUTCOME_REMOTE, "RX-19: listeners are told");
	tap_equal(bfd_detection_deadline_ns(&fixture.vars), fixture.now_ns + 1000 * MS,
		  "RX-20: detection follows on this very packet");
	fixture_hear(&fixture, MS, &packet);
	tap_equal(fixture.outcome, 0, "RX-19: nothing is told twice");
	packet.state_flags &= ~(WIRE_CPI | WIRE_DEMAND);
	fixture_hear(&fixture, MS, &packet);
	tap_check(fixture.vars.remote_demand == 0 && fixture.vars.remote_cpi == 0,
		  "BUG-11: C and D go as they came");
}

static void test_each_field_is_news(void)
{
	struct bfd_config config = plain_config();
	struct fixture fixture;
	struct bfd_packet packet;

	fixture_settle(&fixture, &config);
	for (int field = 0; field < 4; field++) {
		packet = peer_packet(3);
		packet.my_discr = field == 0 ? htonl(77) : packet.my_discr;
		packet.detect_mult = field == 1 ? 77 : packet.detect_mult;
		packet.desired_min_tx = field == 2 ? htonl(77) : packet.desired_min_tx;
		packet.required_min_rx = field == 3 ? htonl(77) : packet.required_min_rx;
		fixture_hear(&fixture, MS, &packet);
		tap_equal(fixture.outcome, BFD_OUTCOME_REMOTE, "RX-19: field %d alone is news",
			  field);
		packet = peer_packet(3);
		fixture_hear(&fixture, MS, &packet);
	}
}

static void test_admin_down(void)
{
	struct bfd_config config = plain_config();
	struct fixture fixture;
	__u64 received;

	fixture_settle(&fixture, &config);
	received = fixture.stats.rx_packets;
	fixture_set_admin(&fixture, 1);
	tap_check(fixture.vars.state == 0 && fixture.vars.diag == 7 &&
			  fixture.outcome == (BFD_OUTCOME_STATE | BFD_OUTCOME_NOW),
		  "ADM-01: disabled with diag 7, said at once");
	tap_check(fixture.stats.admin_down_count == 1 && fixture.stats.down_count == 0,
		  "APP-04: which is no failure");
	for (unsigned int state = 0; state < 4; state++) {
		struct bfd_packet packet = peer_packet(state);

		packet.my_discr = htonl(1000 + state);
		packet.state_flags |= WIRE_POLL;
		fixture_hear(&fixture, MS, &packet);
		tap_check(fixture.vars.state == 0 && fixture.vars.diag == 7 &&
				  fixture.vars.remote_discr == 1000 + state &&
				  fixture.vars.remote_state == state &&
				  !(fixture.outcome & (BFD_OUTCOME_STATE | BFD_OUTCOME_FINAL)),
			  "RX-21: AdminDown learns from state %u, and no more", state);
	}
	tap_equal(fixture.stats.rx_packets, received, "RX-21: none of them counts as received");
	config = (struct bfd_config){.set = BFD_CONFIG_ADMIN_DOWN, .admin_down = 1, .diag = 5};
	fixture_set(&fixture, &config);
	tap_check(fixture.vars.diag == 5 && fixture.outcome == BFD_OUTCOME_NOW,
		  "TX-07: a new diagnostic is said at once");
	fixture_set_admin(&fixture, 0);
	tap_check(fixture.vars.state == 1 &&
			  fixture.outcome == (BFD_OUTCOME_STATE | BFD_OUTCOME_NOW),
		  "ADM-04: enabled, it is Down and says so");
	fixture_set_admin(&fixture, 0);
	tap_equal(fixture.outcome, 0, "ADM-04: enabling twice is nothing");
	fixture_hear_state(&fixture, 2, 0);
	fixture_set_admin(&fixture, 0);
	tap_equal(fixture.vars.state, 3, "ADM-04: enabling does not take an Up session down");
}

static void test_final_is_asked_for_last(void)
{
	struct bfd_config config = plain_config();
	struct bfd_packet packet;
	struct fixture fixture;

	fixture_make(&fixture, &config);
	fixture_hear_state(&fixture, 1, WIRE_POLL);
	tap_equal(fixture.outcome,
		  BFD_OUTCOME_STATE | BFD_OUTCOME_NOW | BFD_OUTCOME_FINAL | BFD_OUTCOME_REMOTE,
		  "RX-22: a Poll in Down asks for a Final and a change of state");
	tap_check(bfd_visit(&fixture.vars, BFD_KICK_FINAL, fixture.now_ns, 0, 0, &packet) &&
			  packet.state_flags == (2 << 6 | WIRE_FINAL | WIRE_CPI) &&
			  packet.your_discr == htonl(PEER_DISCR),
		  "RX-22: the Final is built after the state machine has run");
}

static void test_arrival_restarts_detection(void)
{
	struct bfd_config config = plain_config();
	struct bfd_packet packet = peer_packet(3);
	struct fixture fixture;
	__u64 last_ns;

	fixture_settle(&fixture, &config);
	for (int i = 0; i < 100; i++)
		fixture_hear(&fixture, 299 * MS, &packet);
	tap_equal(fixture.vars.state, 3, "RX-23: packets in time keep it Up");
	last_ns = fixture.now_ns;
	fixture_expire(&fixture, 300 * MS - 1);
	tap_equal(fixture.vars.state, 3, "RX-23: never early");
	fixture.now_ns = last_ns - 5 * MS;
	fixture_hear(&fixture, 0, &packet);
	tap_equal(bfd_detection_deadline_ns(&fixture.vars), last_ns + 300 * MS,
		  "RX-23: a late word from another processor doesn't set the clock back");
	fixture.now_ns = last_ns;
	fixture_expire(&fixture, 300 * MS);
	tap_equal(fixture.vars.state, 1, "RX-23: counted from the last arrival");
}

static void test_oddities(void)
{
	struct bfd_config config = plain_config();
	struct bfd_packet packet = peer_packet(3);
	struct fixture fixture;

	fixture_settle(&fixture, &config);
	packet.desired_min_tx = packet.required_min_rx = 0;
	packet.detect_mult = 1;
	fixture_hear(&fixture, MS, &packet);
	tap_equal(bfd_detection_deadline_ns(&fixture.vars) - fixture.now_ns, 50 * MS,
		  "RX-24: intervals of 0 give no detection time of 0");
	packet = peer_packet(3);
	packet.version_diag = 1 << 5 | 31;
	packet.state_flags |= WIRE_CPI;
	fixture_hear(&fixture, MS, &packet);
	tap_check(fixture.vars.state == 3 && fixture.vars.remote_diag == 31,
		  "RX-24: an unknown diagnostic and a toggled C change no state");
}

static void test_statistics(void)
{
	struct bfd_config config = plain_config();
	struct bfd_packet packet = peer_packet(3);
	struct fixture fixture;

	fixture_bring(&fixture, &config, 3);
	tap_check(fixture.stats.up_count == 1 && fixture.stats.last_up_ns == fixture.now_ns,
		  "FSM-04: the time of Up is kept");
	tap_equal(fixture.stats.rx_gap_count, 0, "YANG-02: gaps before Up don't count");
	fixture_hear(&fixture, 100 * MS, &packet);
	fixture_hear(&fixture, 240 * MS, &packet);
	fixture_hear(&fixture, 50 * MS, &packet);
	tap_check(fixture.stats.rx_gap_count == 3 && fixture.stats.rx_gap_sum_ns == 390 * MS &&
			  fixture.stats.rx_gap_min_ns == 50 * MS &&
			  fixture.stats.rx_gap_max_ns == 240 * MS,
		  "YANG-02: gaps between packets while Up");
	tap_equal(fixture.stats.closest_call_permille, 800,
		  "YANG-02: 240 of 300 ms was the closest call");
	tap_equal(fixture.stats.rx_packets, 5, "YANG-02: accepted packets");
	for (int i = 0; i < 100000; i++)
		fixture_hear(&fixture, MS, &packet);
	tap_check(fixture.stats.down_count == 0 && fixture.stats.up_count == 1,
		  "FSM-13: 100000 packets without a transition");
	fixture_hear_state(&fixture, 0, 0);
	tap_check(fixture.stats.admin_down_count == 1 && fixture.stats.down_count == 0 &&
			  fixture.vars.diag == 3,
		  "FSM-10: the peer's AdminDown is not counted as a failure");
	fixture_settle(&fixture, &config);
	fixture_hear_state(&fixture, 1, 0);
	fixture_hear_state(&fixture, 0, 0);
	tap_check(fixture.stats.down_count == 1 && fixture.stats.admin_down_count == 0,
		  "FSM-11: the peer's Down is");
}

int main(void)
{
	test_new_session();
	test_discr_is_forgotten();
	test_expiry();
	test_peer_down_keeps_what_is_known();
	test_diag_is_kept();
	test_learning();
	test_each_field_is_news();
	test_admin_down();
	test_final_is_asked_for_last();
	test_arrival_restarts_detection();
	test_oddities();
	test_statistics();
	return tap_finish();
}
