#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 180
# long
#
# Demand mode (RFC 5880 6.6) at both ends, two agents: for a minute nothing passes but
# Polls, and both stay Up; a cut is found by a verifying Poll, and within its time; back in
# asynchronous mode, without a flap.

. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/topology.sh"

# flagged PATTERN: how many control packets of the record have such flags.
flagged()
{
	jq "[.[] | select(.flags and (.flags | test(\"$1\")))] | length" "$TEST_TMP/wire.json"
}

flaps()
{
	local ns

	for ns in "$us" "$them"; do
		session "$ns" '.stats | .down_count + .admin_down_count'
	done | paste -sd ' '
}

is_quiet()
{
	session_is "$us" .poll false && session_is "$them" .poll false
}

test_up()
{
	bfd "$us" add remote $THEM4 dev u0 tx 100ms rx 100ms mult 5 >/dev/null
	check_err $? "add remote $THEM4"
	bfd "$them" add remote $US4 dev t0 tx 100ms rx 100ms mult 5 >/dev/null
	check_err $? "add remote $US4"
	wait_up "$us" remote $THEM4
	wait_up "$them" remote $US4
	bfd "$us" change remote $THEM4 demand on
	check_err $? "demand on here"
	bfd "$them" change remote $US4 demand on
	check_err $? "demand on there"
	busywait 5000 session_is "$us" .remote_demand true
	check_err $? "the peer doesn't say D"
	busywait 5000 session_is "$them" .remote_demand true
	check_err $? "we don't say D"
	busywait 5000 is_quiet
	check_err $? "Polls go on"
	check_equal "$(session "$us" .mode)" demand "mode"
	log_test "both ends in Demand mode, switched while Up"
}

test_silence()
{
	local start sent

	sleep 1
	sent=$(session "$us" .stats.tx_packets)
	start=$(peer W mark | jq .mark)
	peer W run 25 >/dev/null
	bfd "$us" poll remote $THEM4
	check_err $? "poll here"
	peer W run 10 >/dev/null
	bfd "$them" poll remote $US4
	check_err $? "poll there"
	peer W run 25 >/dev/null
	peer W dump "$start" "$TEST_TMP/wire.json" >/dev/null
	check_err $? "no record"
	# XDP takes in ours before anybody can see them there, so these are the peer's.
	check_equal "$(flagged "^[^PF]*\$")" 0 "packets that are neither Polls nor Finals"
	check_range "$(flagged P)" 1 4 "its Polls"
	check_range "$(flagged F)" 1 4 "its Finals"
	check_range $(($(session "$us" .stats.tx_packets) - sent)) 2 6 "our Polls and Finals"
	check_equal "$(session "$us" .state) $(session "$them" .state)" "up up" "states"
	check_equal "$(flaps)" "0 0" "flaps"
	log_test "60 s with no packet but two verifications, Up at both ends"
}

test_cut()
{
	# The link stays up, but the peer no longer answers: the way there is cut.
	ip netns exec "$us" tc qdisc replace dev u0 root handle 1: tbf rate 8bit burst 10 limit 10
	check_err $? "cut"
	sleep 2
	check_equal "$(session "$us" .state)" up "silence alone is no failure; state"
	bfd "$us" poll remote $THEM4
	check_err $? "poll"
	wait_state "$us" down 5000 remote $THEM4
	check_err $? "the cut wasn't found"
	check_equal "$(session "$us" .diag)" control-expiry "diag"
	check_range "$(session "$us" .stats.detect_overshoot_last)" 0 100000 "microseconds late"
	ip netns exec "$us" tc qdisc del dev u0 root
	wait_up "$us" remote $THEM4
	wait_up "$them" remote $US4
	log_test "a cut is found by a verifying Poll, 5 x 100 ms after it"
}

test_periodic()
{
	local before

	bfd "$us" change remote $THEM4 poll-interval 10ms 2>&1 |
		grep -q 'Warning: poll-interval 10000 is below mult times tx'
	check_err $? "no warning of a short poll-interval"
	bfd "$us" change remote $THEM4 poll-interval 1s 2> "$TEST_TMP/warning"
	check_err $? "poll-interval"
	check_equal "$(cat "$TEST_TMP/warning")" "" "warning of a long one"
	busywait 5000 session_is "$us" .remote_demand true
	sleep 1
	before=$(session "$us" .stats.rx_packets)
	sleep 5
	check_range $(($(session "$us" .stats.rx_packets) - before)) 2 14 "answers in 5 s"
	log_test "verified each second"
}

test_back()
{
	local before

	before=$(flaps)
	bfd "$us" change remote $THEM4 demand off
	check_err $? "demand off here"
	bfd "$them" change remote $US4 demand off
	check_err $? "demand off there"
	busywait 5000 session_is "$us" .remote_demand false
	check_err $? "the peer says D"
	busywait 5000 session_is "$them" .remote_demand false
	check_err $? "we say D"
	sleep 3
	check_equal "$(flaps)" "$before" "flaps"
	check_equal "$(session "$us" .mode)" async "mode"
	check_equal "$(session "$us" .state) $(session "$them" .state)" "up up" "states"
	log_test "back to asynchronous mode without a flap"
}

setup_two_agents
start_peer W "$them" t0
test_up
test_silence
test_cut
test_periodic
test_back
tap_done
