// SPDX-License-Identifier: GPL-2.0
/*
 * What packets and silence do to a session in the real programs: the state table,
 * Polls, detection by timer, and the events that tell of it.
 */
#include <errno.h>
#include <string.h>

#include <bpf/bpf.h>

#include "harness.h"
#include "tap.h"

#define DISCR 0xd0000001U
#define SLOT 0
/*
 * A virtual machine under emulation is slow, and its host may not run it for a second; nothing here
 * depends on being fast.
 */
#define SLACK_MS 10000
/* Of a peer whose packets come; longer than this machine stands still. */
#define PEER_TX_US 500000
#define DETECTION_MS 1500 /* 3 times that */

static const char *const state_names[] = {"AdminDown", "Down", "Init", "Up"};

static void drop(struct harness *harness)
{
	struct bfd_control control = {.op = BFD_CONTROL_DROP, .slot = SLOT, .local_discr = DISCR};
	int error = harness_control(harness, &control);

	if (error && error != -ENOENT)
		harness_bail("cannot drop the session", error);
}

static void set_admin_down(struct harness *harness, int down)
{
	struct bfd_control control = {
		.op = BFD_CONTROL_SET,
		.slot = SLOT,
		.local_discr = DISCR,
		.config = {.set = BFD_CONFIG_ADMIN_DOWN,
			   .admin_down = (uint8_t)down,
			   .diag = BFD_DIAG_ADMIN_DOWN},
	};
	int error = harness_control(harness, &control);

	if (error)
		harness_bail("cannot change the session", error);
}

/* A new session, led to a state by its peer's packets. */
static void bring(struct harness *harness, enum bfd_state state)
{
	int error;

	drop(harness);
	error = harness_create(harness, SLOT, DISCR, false, FRAME_PEER);
	if (error)
		harness_bail("cannot create the session", error);
	if (state == BFD_STATE_ADMIN_DOWN)
		set_admin_down(harness, 1);
	if (state == BFD_STATE_INIT || state == BFD_STATE_UP)
		harness_hear(harness, DISCR, BFD_STATE_DOWN, 0);
	if (state == BFD_STATE_UP)
		harness_hear(harness, DISCR, BFD_STATE_INIT, 0);
	if (harness_state(harness, SLOT) != state)
		harness_bail("cannot bring the session there", -EPROTO);
	harness_read_events(harness);
}

/* RFC 5880 6.2 and 6.8.6: by our state, then by the packet's. */
static void test_state_table(struct harness *harness)
{
	static const struct {
		const char *id;
		uint8_t state, diag;
	} want[4][4] = {
		{{"FSM-01", 0, 7}, {"FSM-01", 0, 7}, {"FSM-01", 0, 7}, {"FSM-01", 0, 7}},
		{{"FSM-02", 1, 0}, {"FSM-03", 2, 0}, {"FSM-04", 3, 0}, {"FSM-05", 1, 0}},
		{{"FSM-06", 1, 3}, {"FSM-07", 2, 0}, {"FSM-08", 3, 0}, {"FSM-09", 3, 0}},
		{{"FSM-10", 1, 3}, {"FSM-11", 1, 3}, {"FSM-12", 3, 0}, {"FSM-13", 3, 0}},
	};

	for (unsigned int local = 0; local < 4; local++) {
		for (unsigned int received = 0; received < 4; received++) {
			struct bfd_session session;
			int events;

			bring(harness, local);
			harness_hear(harness, DISCR, received, 0);
			harness_session(harness, SLOT, &session);
			events = harness_read_events(harness);
			tap_check(session.vars.state == want[local][received].state &&
					  session.vars.diag == want[local][received].diag &&
					  session.vars.remote_state == received,
				  "%s: %s hears %s: %s", want[local][received].id,
				  state_names[local], state_names[received],
				  state_names[want[local][received].state]);
			if (want[local][received].state != local)
				tap_check(events == 1 &&
						  harness->events[0].type == BFD_EVENT_STATE &&
						  harness->events[0].old_state == local &&
						  harness->events[0].state == session.vars.state,
					  "%s: one event tells of it", want[local][received].id);
		}
	}
}

/* RX-11: by the packet's state, whatever ours is. */
static void test_no_discriminator(struct harness *harness)
{
	for (unsigned int local = 0; local < 4; local++) {
		for (unsigned int received = 2; received < 4; received++) {
			struct bfd_session before, after;

			bring(harness, local);
			harness_session(harness, SLOT, &before);
			harness_hear(harness, 0, received, FLAG_POLL);
			harness_session(harness, SLOT, &after);
			before.stats.rx_invalid[BFD_DISCARD_BAD_STATE]++;
			tap_check(memcmp(&before, &after, sizeof(before)) == 0,
				  "RX-11: %s hears %s without Your Discriminator: counted, no more",
				  state_names[local], state_names[received]);
		}
	}
}

static void test_walk(struct harness *harness)
{
	struct bfd_session session;

	bring(harness, BFD_STATE_DOWN);
	harness_session(harness, SLOT, &session);
	tap_check(session.vars.remote_discr == 0 && session.vars.remote_state == BFD_STATE_DOWN,
		  "VAR-01: a new session knows no peer");
	tap_equal(session.vars.desired_min_tx_us, 1000000, "VAR-07: it advertises 1 s");
	harness_hear(harness, 0, BFD_STATE_DOWN, 0);
	tap_check(harness_state(harness, SLOT) == BFD_STATE_INIT,
		  "FSM-03: Down to Init by address");
	harness_hear(harness, DISCR, BFD_STATE_INIT, 0);
	harness_session(harness, SLOT, &session);
	tap_check(session.vars.state == BFD_STATE_UP && session.stats.up_count == 1 &&
			  session.stats.last_up_ns != 0,
		  "FSM-08: Init to Up");
	tap_check(session.kick & BFD_KICK_NOW, "TX-07: the clock is told to say so now");
	tap_equal(session.vars.desired_min_tx_us, 50000,
		  "TMR-02: Up advertises what is configured");
	tap_check(session.vars.poll == BFD_POLL_ACTIVE, "TMR-02: and polls for it");
	harness_hear(harness, DISCR, BFD_STATE_UP, FLAG_FINAL);
	harness_session(harness, SLOT, &session);
	tap_check(session.vars.poll == BFD_POLL_ENDED, "TMR-03: a Final ends the Poll");
	harness_hear(harness, 0, BFD_STATE_DOWN, 0);
	harness_session(harness, SLOT, &session);
	tap_check(session.vars.state == BFD_STATE_DOWN && session.vars.diag == 3 &&
			  session.stats.down_count == 1,
		  "RX-12: the peer restarted: Down with diag 3 at once");
	tap_equal(session.vars.remote_discr, FRAME_PEER_DISCR, "VAR-05: the peer isn't forgotten");
}

static void test_poll(struct harness *harness)
{
	struct bfd_session session;
	struct frame_spec spec;

	bring(harness, BFD_STATE_UP);
	harness_hear(harness, DISCR, BFD_STATE_UP, 0);
	harness_session(harness, SLOT, &session);
	tap_check(!(session.kick & BFD_KICK_FINAL), "RX-22: no Final without a Poll");
	tap_check(!harness->owed, "POLL-05: nothing is owed at once without one");
	harness_hear(harness, DISCR, BFD_STATE_UP, FLAG_POLL);
	harness_session(harness, SLOT, &session);
	tap_check((session.kick & BFD_KICK_FINAL) && session.kick_queued,
		  "RX-22: a Poll asks the clock for a Final");
	tap_check(harness->owed, "POLL-05: which is owed at once");
	frame_spec_init(&spec, false, harness->device, DISCR);
	spec.field[FIELD_STATE] = BFD_STATE_UP;
	spec.field[FIELD_FLAGS] = FLAG_POLL;
	spec.field[FIELD_CHECKSUM] = CHECKSUM_PARTIAL;
	tap_check(harness_receive_spec(harness, &spec) == XDP_DROP && !harness->owed,
		  "XDP-01: not in a frame whose checksum the kernel would finish");
	bring(harness, BFD_STATE_ADMIN_DOWN);
	harness_hear(harness, DISCR, BFD_STATE_UP, FLAG_POLL);
	harness_session(harness, SLOT, &session);
	tap_check(!(session.kick & BFD_KICK_FINAL), "RX-21: in AdminDown a Poll isn't answered");
	tap_check(!harness->owed, "RX-21: nor is anything owed");
	tap_equal(session.stats.rx_packets, 0, "RX-21: nor does it count as received");
	tap_equal(session.vars.remote_discr, FRAME_PEER_DISCR, "RX-21: but its sender is learnt");
}

static void test_remote(struct harness *harness)
{
	struct bfd_session session;
	struct frame_spec spec;

	bring(harness, BFD_STATE_UP);
	frame_spec_init(&spec, false, harness->device, DISCR);
	spec.field[FIELD_MY_DISCR] = 0x77777777;
	spec.field[FIELD_FLAGS] = FLAG_DEMAND | FLAG_CPI;
	spec.field[FIELD_DIAG] = 5;
	spec.field[FIELD_MULTIPLIER] = 7;
	spec.field[FIELD_DESIRED_MIN_TX] = 20000000;
	spec.field[FIELD_REQUIRED_MIN_RX] = 30000000;
	harness_receive_spec(harness, &spec);
	harness_session(harness, SLOT, &session);
	tap_check(session.vars.state == BFD_STATE_UP && session.vars.remote_discr == 0x77777777,
		  "RX-18: another My Discriminator is followed");
	tap_check(session.vars.remote_demand == 1 && session.vars.remote_cpi == 1 &&
			  session.vars.remote_diag == 5 && session.vars.remote_mult == 7 &&
			  session.vars.remote_desired_min_tx_us == 20000000 &&
			  session.vars.remote_min_rx_us == 30000000,
		  "RX-19: and all that the packet says of its sender");
	tap_check(harness_read_events(harness) == 1 &&
			  harness->events[0].type == BFD_EVENT_REMOTE &&
			  harness->events[0].remote_discr == 0x77777777,
		  "RX-19: one event tells of it");
	tap_equal(session.timer_expiry_ns, session.vars.last_rx_ns + 7 * 20000000000ULL,
		  "RX-20: the detection timer is started anew for the shorter time");
	harness_receive_spec(harness, &spec);
	tap_equal(harness_read_events(harness), 0, "RX-19: none for the same again");
}

/* A peer at interval_us, multiplier 3, for feed_ms; returns when its last packet was taken. */
static uint64_t feed(struct harness *harness, uint32_t interval_us, unsigned int feed_ms)
{
	uint64_t end_ns = harness_now_ns() + feed_ms * HARNESS_NS_PER_MS;
	struct bfd_session session;
	struct frame_spec spec;

	frame_spec_init(&spec, false, harness->device, DISCR);
	spec.field[FIELD_DESIRED_MIN_TX] = interval_us;
	do {
		harness_receive_spec(harness, &spec);
		harness_sleep_ms(5);
	} while (harness_now_ns() < end_ns);
	harness_receive_spec(harness, &spec);
	harness_session(harness, SLOT, &session);
	return session.vars.last_rx_ns;
}

/* Returns when the session was first seen to be in the state, or 0 after timeout_ms. */
static uint64_t wait_for(struct harness *harness, enum bfd_state state, unsigned int timeout_ms)
{
	uint64_t end_ns = harness_now_ns() + timeout_ms * HARNESS_NS_PER_MS;

	while (harness_state(harness, SLOT) != state) {
		if (harness_now_ns() > end_ns)
			return 0;
		harness_sleep_ms(1);
	}
	return harness_now_ns();
}

static void check_expiry(struct harness *harness, const char *id, uint64_t last_rx_ns,
			 uint64_t detection_ms)
{
	uint64_t detection_ns = detection_ms * HARNESS_NS_PER_MS;
	const struct bfd_event *event;
	struct bfd_session session;
	uint64_t silence_ns;

	tap_check(wait_for(harness, BFD_STATE_DOWN, (unsigned int)detection_ms + SLACK_MS) != 0,
		  "%s: silence is failure", id);
	harness_session(harness, SLOT, &session);
	tap_check(session.vars.diag == BFD_DIAG_DETECTION_EXPIRED, "%s: with diag 1", id);
	tap_check(session.vars.remote_discr == 0 && session.vars.remote_min_rx_us == 1,
		  "VAR-04: the peer is forgotten");
	tap_check(session.kick & BFD_KICK_NOW, "TX-07: the clock is told to say so now");
	/* The last event is the failure; one may tell of new timers before. */
	while (harness_read_events(harness) == 0)
		harness_sleep_ms(1);
	event = &harness->events[harness->event_count - 1];
	silence_ns = event->time_ns - event->last_rx_ns;
	tap_check(event->type == BFD_EVENT_STATE && event->old_state == BFD_STATE_UP &&
			  event->state == BFD_STATE_DOWN && event->diag == 1,
		  "%s: an event tells of it", id);
	tap_equal(event->last_rx_ns, last_rx_ns, "%s: and when the last packet came", id);
	tap_check(silence_ns >= detection_ns, "%s: not before its time", id);
	tap_check(event->detect_overshoot_ns == silence_ns - detection_ns &&
			  session.stats.detect_overshoot_last_ns == event->detect_overshoot_ns,
		  "%s: and how late that was", id);
	printf("# %llu us after %llu ms\n", (unsigned long long)event->detect_overshoot_ns / 1000,
	       (unsigned long long)detection_ms);
}

static void test_detection(struct harness *harness)
{
	struct bfd_session session;
	uint64_t last_rx_ns;

	bring(harness, BFD_STATE_UP);
	last_rx_ns = feed(harness, PEER_TX_US, DETECTION_MS + 300);
	tap_check(harness_state(harness, SLOT) == BFD_STATE_UP,
		  "FSM-15: Up for as long as packets come");
	check_expiry(harness, "FSM-15", last_rx_ns, DETECTION_MS);
	harness_session(harness, SLOT, &session);
	tap_check(session.stats.down_count == 1 && session.stats.admin_down_count == 0,
		  "YANG-02: it is counted as one failure");
	tap_check(session.stats.closest_call_permille == 1000, "closest call: all of the time");
	tap_check(session.stats.rx_gap_count > 1 && session.stats.rx_gap_min_ns > 0 &&
			  session.stats.rx_gap_max_ns < DETECTION_MS * HARNESS_NS_PER_MS &&
			  session.stats.rx_gap_min_ns <= session.stats.rx_gap_max_ns,
		  "gaps between packets are measured");
	tap_equal(session.timer_expiry_ns, 0, "FSM-16: nothing is left to wait for");
}

/* Packets only move the deadline; the timer finds out when it fires. */
static void test_lazy_timer(struct harness *harness)
{
	struct bfd_session first, second;
	uint64_t last_rx_ns;

	bring(harness, BFD_STATE_UP);
	feed(harness, 10000000, 1);
	harness_session(harness, SLOT, &first);
	tap_equal(first.timer_expiry_ns - first.vars.last_rx_ns <= 30000 * HARNESS_NS_PER_MS, 1,
		  "the timer fires no later than the deadline");
	last_rx_ns = feed(harness, 10000000, 50);
	harness_session(harness, SLOT, &second);
	tap_check(second.timer_expiry_ns == first.timer_expiry_ns &&
			  last_rx_ns > first.vars.last_rx_ns,
		  "packets don't start the timer anew");
	last_rx_ns = feed(harness, PEER_TX_US, 1);
	harness_session(harness, SLOT, &second);
	tap_check(second.timer_expiry_ns <= last_rx_ns + DETECTION_MS * HARNESS_NS_PER_MS,
		  "RX-20: a shorter detection time does");
	check_expiry(harness, "RX-20", last_rx_ns, DETECTION_MS);
}

/* RX-23: only what survives all rules counts. */
static void test_invalid_stream(struct harness *harness)
{
	uint64_t last_rx_ns, end_ns;
	struct bfd_session session;
	struct frame_spec spec;
	unsigned int sent = 0;

	bring(harness, BFD_STATE_UP);
	last_rx_ns = feed(harness, PEER_TX_US, 1);
	frame_spec_init(&spec, false, harness->device, DISCR);
	spec.field[FIELD_MULTIPLIER] = 0;
	end_ns = last_rx_ns + (DETECTION_MS + 100) * HARNESS_NS_PER_MS;
	while (harness_now_ns() < end_ns) {
		harness_receive_spec(harness, &spec);
		sent++;
		harness_sleep_ms(5);
	}
	check_expiry(harness, "RX-23", last_rx_ns, DETECTION_MS);
	harness_session(harness, SLOT, &session);
	tap_equal(session.stats.rx_invalid[BFD_DISCARD_ZERO_MULTIPLIER], sent,
		  "RX-23: though invalid packets came, and were counted");
}

static void test_silence_elsewhere(struct harness *harness)
{
	struct bfd_session session;
	uint64_t end_ns;

	bring(harness, BFD_STATE_DOWN);
	feed(harness, PEER_TX_US, 1); /* Up doesn't lead out of Down */
	harness_session(harness, SLOT, &session);
	tap_check(session.vars.state == BFD_STATE_DOWN && session.vars.remote_discr != 0,
		  "FSM-05: Down hears Up, and knows its peer");
	end_ns = harness_now_ns() + SLACK_MS * HARNESS_NS_PER_MS;
	do {
		harness_sleep_ms(5);
		harness_session(harness, SLOT, &session);
	} while (session.vars.remote_discr != 0 && harness_now_ns() < end_ns);
	tap_check(session.vars.state == BFD_STATE_DOWN && session.vars.remote_discr == 0 &&
			  session.vars.diag == BFD_DIAG_NONE,
		  "FSM-16: silence in Down forgets the peer, no more");
	bring(harness, BFD_STATE_UP);
	feed(harness, PEER_TX_US, 1);
	set_admin_down(harness, 1);
	harness_sleep_ms(DETECTION_MS + 500);
	harness_session(harness, SLOT, &session);
	tap_check(session.vars.state == BFD_STATE_ADMIN_DOWN && session.vars.diag == 7,
		  "FSM-17: silence in AdminDown changes neither state nor diag");
	tap_check(session.stats.admin_down_count == 1 && session.stats.down_count == 0,
		  "YANG-02: AdminDown is no failure");
	set_admin_down(harness, 0);
	tap_check(harness_state(harness, SLOT) == BFD_STATE_DOWN, "ADM-02: out of AdminDown: Down");
}

static void test_events(struct harness *harness)
{
	static const struct {
		uint8_t type, old_state, state, diag, remote_state;
	} want[] = {
		{BFD_EVENT_STATE, 1, 2, 0, 1},	   {BFD_EVENT_STATE, 2, 3, 0, 2},
		{BFD_EVENT_POLL_DONE, 3, 3, 0, 3}, {BFD_EVENT_STATE, 3, 1, 3, 1},
		{BFD_EVENT_STATE, 1, 3, 3, 2},	   {BFD_EVENT_STATE, 3, 0, 7, 2},
	};
	const int count = sizeof(want) / sizeof(want[0]);
	uint64_t sequence = 0, last_rx_ns = 0;
	struct bfd_session session;
	struct bfd_clock clock;

	bring(harness, BFD_STATE_DOWN);
	harness_clock(harness, &clock);
	sequence = clock.event_sequence;
	harness_hear(harness, 0, BFD_STATE_DOWN, 0);
	harness_hear(harness, DISCR, BFD_STATE_INIT, 0);
	harness_hear(harness, DISCR, BFD_STATE_UP, FLAG_FINAL);
	harness_hear(harness, DISCR, BFD_STATE_UP, 0);
	harness_hear(harness, DISCR, BFD_STATE_DOWN, 0);
	harness_hear(harness, DISCR, BFD_STATE_INIT, 0);
	harness_session(harness, SLOT, &session);
	set_admin_down(harness, 1);
	tap_equal(harness_read_events(harness), count, "events: one for each change, none else");
	for (int i = 0; i < harness->event_count && i < count; i++) {
		const struct bfd_event *event = &harness->events[i];

		tap_check(event->type == want[i].type && event->old_state == want[i].old_state &&
				  event->state == want[i].state && event->diag == want[i].diag &&
				  event->remote_state == want[i].remote_state &&
				  event->slot == SLOT && event->local_discr == DISCR &&
				  event->remote_discr == FRAME_PEER_DISCR,
			  "events: number %d is right", i + 1);
		tap_equal(event->sequence, sequence + (uint64_t)i + 1, "events: in sequence");
		tap_check(event->last_rx_ns >= last_rx_ns && event->last_rx_ns < event->time_ns &&
				  (event->last_rx_ns != 0) == (i != 0),
			  "events: with the time of the last packet before it");
		last_rx_ns = event->last_rx_ns;
	}
	tap_equal(last_rx_ns, session.vars.last_rx_ns, "events: also if no packet caused it");
	harness_clock(harness, &clock);
	tap_equal(clock.events_lost, 0, "events: none was lost");
}

/*
 * Let the last packet be so old, as if all of this machine had stood still since.  The kernel frees
 * the timer of a value that is written, so that only the tick detects from here on, when the
 * test wants.
 */
static void age(struct harness *harness, unsigned int silence_ms)
{
	const uint32_t slot = SLOT;
	struct bfd_session session;

	harness_session(harness, SLOT, &session);
	session.vars.last_rx_ns = harness_now_ns() - silence_ms * HARNESS_NS_PER_MS;
	session.vars.remote_min_rx_us = 20000; /* so that the tick comes by often */
	if (bpf_map_update_elem(harness->sessions_fd, &slot, &session, BPF_F_LOCK) < 0)
		harness_bail("cannot write a session", -errno);
}

/* Tick until the session was looked at and given time, or has failed. */
static void tick_to_grace(struct harness *harness, struct bfd_session *session)
{
	uint64_t end_ns = harness_now_ns() + SLACK_MS * HARNESS_NS_PER_MS;

	do {
		harness_tick_once(harness);
		harness_session(harness, SLOT, session);
	} while (session->grace_until_ns == 0 && session->vars.state == BFD_STATE_UP &&
		 harness_now_ns() < end_ns);
}

/* What stalls do to 500 ms x3: more time, for a packet that waits. */
static void test_stall(struct harness *harness)
{
	const struct bfd_event *event;
	struct bfd_session session;
	uint64_t before_ns, end_ns;

	harness_set_clock(harness, harness->other_device);
	bring(harness, BFD_STATE_UP);
	feed(harness, PEER_TX_US, 1);
	age(harness, DETECTION_MS + 3500);
	before_ns = harness_now_ns();
	tick_to_grace(harness, &session);
	tap_check(session.vars.state == BFD_STATE_UP &&
			  session.grace_until_ns >=
				  before_ns + DETECTION_MS / 4 * HARNESS_NS_PER_MS &&
			  session.grace_until_ns <=
				  harness_now_ns() + DETECTION_MS / 4 * HARNESS_NS_PER_MS,
		  "XDP-11: after a stall packets that wait are given a quarter of the detection "
		  "time");
	feed(harness, PEER_TX_US, 1);
	harness_tick_once(harness);
	harness_session(harness, SLOT, &session);
	tap_check(session.vars.state == BFD_STATE_UP && session.stats.down_count == 0,
		  "XDP-11: with one of them the session stays up");

	bring(harness, BFD_STATE_UP);
	feed(harness, PEER_TX_US, 1);
	age(harness, DETECTION_MS + 100);
	harness_read_events(harness);
	before_ns = harness_now_ns();
	tick_to_grace(harness, &session);
	tap_check(session.grace_until_ns >= before_ns + 20 * HARNESS_NS_PER_MS,
		  "XDP-11: after a short one 20 ms");
	end_ns = harness_now_ns() + SLACK_MS * HARNESS_NS_PER_MS;
	while (harness_state(harness, SLOT) == BFD_STATE_UP && harness_now_ns() < end_ns)
		harness_tick_once(harness);
	event = &harness->events[0];
	tap_check(harness_read_events(harness) == 1 && event->state == BFD_STATE_DOWN &&
			  event->diag == BFD_DIAG_DETECTION_EXPIRED,
		  "XDP-11: without one it fails, and by diag 1");
	tap_check(event->time_ns >= session.grace_until_ns && session.grace_until_ns != 0,
		  "XDP-11: not before that time");
	tap_check(event->detect_overshoot_ns >= 100 * HARNESS_NS_PER_MS,
		  "XDP-11: the stall is part of how late that was");
}

int main(void)
{
	struct harness harness;

	harness_open(&harness, 4);
	harness_add_local(&harness, 0, false, false);
	test_state_table(&harness);
	test_no_discriminator(&harness);
	test_walk(&harness);
	test_poll(&harness);
	test_remote(&harness);
	test_detection(&harness);
	test_lazy_timer(&harness);
	test_invalid_stream(&harness);
	test_silence_elsewhere(&harness);
	test_events(&harness);
	test_stall(&harness);
	harness_close(&harness);
	return tap_finish();
}
