#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 240
#
# Events: each transition once, in order, with what it says of time; and those of the
# configuration.

. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/topology.sh"

STATES=$TEST_TMP/states
CONFIG=$TEST_TMP/config

# transitions FILE: of the session, one a line.
transitions()
{
	jq -r --argjson discr "$DISCR" 'select(.local_discr == $discr and .new_state) |
		.old_state + ">" + .new_state' "$1"
}

test_up_events()
{
	busywait 10000 file_has "$STATES" '.new_state == "up"'
	check_err $? "no event for Up"
	case $(transitions "$STATES" | tr '\n' ' ') in
	"down>init init>up " | "down>up ") ;;
	*) check_err 1 "transitions: $(transitions "$STATES" | tr '\n' ' ')" ;;
	esac
	log_test "coming up: each transition once, in order"
}

test_down_event()
{
	local before event now overshoot

	before=$(now_ms)
	peer P set v4 mute=on >/dev/null
	busywait 15000 file_has "$STATES" '.new_state == "down"'
	check_err $? "no event for Down"
	event=$(jq -c 'select(.new_state == "down")' "$STATES")
	note "$event"
	check_equal "$(jq -r .old_state <<< "$event")" up old_state
	check_equal "$(jq -r .diag <<< "$event")" control-expiry diag
	# Detection time 2 s: how late it was is the rest.  since_last_rx is in microseconds.
	overshoot=$(jq .detect_overshoot_ns <<< "$event")
	check_range "$overshoot" 0 1000000000 detect_overshoot_ns
	check_range "$(jq .since_last_rx <<< "$event")" $((2000000 + overshoot / 1000)) \
		$((2000000 + overshoot / 1000 + 1)) since_last_rx
	now=$(now_ms)
	check_range "$(jq '.timestamp | if type == "number" then . / 1000 | floor else 0 end' \
		<<< "$event")" "$before" "$now" "timestamp, ms"
	log_test "going down: diag, time since the last packet, overshoot and the clock's time"
}

test_config_events()
{
	local discr

	bfd "$us" add remote $THEM6 dev u0 tx 100ms rx 100ms >/dev/null
	discr=$(session "$us" .local_discr remote $THEM6)
	bfd "$us" change remote $THEM6 mult 7
	bfd "$us" del remote $THEM6
	busywait 10000 file_has "$CONFIG" ".event == \"del\" and .local_discr == $discr"
	check_err $? "no event for del"
	check_equal "$(jq -r "select(.local_discr == $discr) | .event" "$CONFIG" | uniq | tr '\n' ' ')" \
		"add change del " "events"
	log_test "configuration: add, change, del"
	check_equal "$(jq -r 'select(.new_state) | .new_state' "$CONFIG" | wc -l)" 0 \
		"transitions in the group config"
	log_test "the groups are apart"
}

# Groups outlive the agent, so the monitor hears the next one's events.
test_agent_restart()
{
	local before

	stop_agent "$us" KILL
	start_agent "$us"
	before=$(jq -r 'select(.new_state == "up") | .new_state' "$STATES" | wc -l)
	peer P set v4 mute=off >/dev/null
	wait_up "$us" remote $THEM4
	busywait 10000 eval \
		'[ "$(jq -r "select(.new_state == \"up\") | .new_state" "$STATES" | wc -l)" -gt $before ]'
	check_err $? "the new agent's events don't arrive"
	log_test "the monitor hears the agent that was started after a kill"
}

setup_scripted_peer
start_monitor "$us" "$STATES" state
start_monitor "$us" "$CONFIG" config
# The scripted peer isn't always on time: 2 s.
peer P session v4 local=$THEM4 remote=$US4 tx=100000 rx=100000 mult=20 >/dev/null
bfd "$us" add remote $THEM4 dev u0 tx 100ms rx 100ms mult 20 >/dev/null
wait_up "$us" remote $THEM4
DISCR=$(session "$us" .local_discr remote $THEM4)
test_up_events
test_down_event
test_config_events
test_agent_restart
tap_done
