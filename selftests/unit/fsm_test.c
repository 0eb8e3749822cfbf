// SPDX-License-Identifier: GPL-2.0
/*
 * The whole table of RFC 5880 6.2 and 6.8.6: four local states, each meeting
 * four received states and the end of the detection time.  The table is written
 * out from the RFC; no expectation is computed.
 */
#include "fixture.h"
#include "tap.h"

#define KEEP 255

/* States and diagnostics as the wire's numbers: AdminDown 0, Down 1, Init 2, Up 3. */
struct row {
	const char *id;
	const char *text;
	int local;
	int received; /* EXPIRY: none, the time is over */
	int next;
	int diag;
};

#define EXPIRY (-1)

static const struct row rows[] = {
	{"FSM-01", "AdminDown, received AdminDown: stays", 0, 0, 0, KEEP},
	{"FSM-01", "AdminDown, received Down: stays", 0, 1, 0, KEEP},
	{"FSM-01", "AdminDown, received Init: stays", 0, 2, 0, KEEP},
	{"FSM-01", "AdminDown, received Up: stays", 0, 3, 0, KEEP},
	{"FSM-02", "Down, received AdminDown: stays, diag untouched", 1, 0, 1, KEEP},
	{"FSM-03", "Down, received Down: Init", 1, 1, 2, KEEP},
	{"FSM-04", "Down, received Init: Up", 1, 2, 3, KEEP},
	{"FSM-05", "Down, received Up: stays", 1, 3, 1, KEEP},
	{"FSM-06", "Init, received AdminDown: Down, diag 3", 2, 0, 1, 3},
	{"FSM-07", "Init, received Down: stays", 2, 1, 2, KEEP},
	{"FSM-08", "Init, received Init: Up", 2, 2, 3, KEEP},
	{"FSM-09", "Init, received Up: Up", 2, 3, 3, KEEP},
	{"FSM-10", "Up, received AdminDown: Down, diag 3", 3, 0, 1, 3},
	{"FSM-11", "Up, received Down: Down, diag 3", 3, 1, 1, 3},
	{"FSM-12", "Up, received Init: stays", 3, 2, 3, KEEP},
	{"FSM-13", "Up, received Up: stays", 3, 3, 3, KEEP},
	{"FSM-14", "Init, detection time over: Down, diag 1", 2, EXPIRY, 1, 1},
	{"FSM-15", "Up, detection time over: Down, diag 1", 3, EXPIRY, 1, 1},
	{"FSM-16", "Down, detection time over: stays, diag untouched", 1, EXPIRY, 1, KEEP},
	{"FSM-17", "AdminDown, detection time over: stays, diag untouched", 0, EXPIRY, 0, KEEP},
};

static void test_function(const struct row *row)
{
	struct bfd_transition next = row->received == EXPIRY
					     ? bfd_fsm_expired(row->local)
					     : bfd_fsm_received(row->local, row->received);

	tap_check(next.state == row->next && next.diag == row->diag, "%s: %s", row->id, row->text);
}

/* The same rows through the events that drive the table. */
static void test_events(const struct row *row)
{
	struct bfd_config config = plain_config();
	struct fixture fixture;
	int changes = row->next != row->local;
	int diag = row->diag;

	fixture_bring(&fixture, &config, row->local);
	if (row->local == 1)
		fixture_hear_state(&fixture, 0, 0); /* so that there is a peer to be silent */
	if (row->local == 0) {
		fixture_hear_state(&fixture, 1, 0);
		fixture_set_admin(&fixture, 1);
	}
	fixture.vars.diag = 5;
	if (diag == KEEP)
		diag = 5;
	if (row->received == EXPIRY)
		fixture_expire(&fixture, 100000 * MS);
	else
		fixture_hear_state(&fixture, row->received, 0);
	tap_check(fixture.vars.state == row->next && fixture.vars.diag == diag &&
			  !(fixture.outcome & BFD_OUTCOME_STATE) == !changes,
		  "%s: %s, by the event itself", row->id, row->text);
}

/* FSM-18 in full: the peer that never saw the failure keeps saying Up. */
static void test_far_end_must_leave_up(void)
{
	struct bfd_config config = plain_config();
	struct fixture fixture;
	int held = 1;

	fixture_settle(&fixture, &config);
	fixture_expire(&fixture, 100000 * MS);
	for (int i = 0; i < 100; i++) {
		fixture_hear_state(&fixture, 3, 0);
		held &= fixture.vars.state == 1;
	}
	tap_check(held, "FSM-18: Down is held while the peer says Up");
	fixture_hear_state(&fixture, 1, 0);
	tap_equal(fixture.vars.state, 2, "FSM-18: the peer's Down leads to Init");
}

int main(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		test_function(&rows[i]);
		test_events(&rows[i]);
	}
	test_far_end_must_leave_up();
	return tap_finish();
}
