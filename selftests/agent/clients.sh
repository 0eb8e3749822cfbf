#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 180
#
# Clients that share a session (RFC 5882 2, 4.1 and 4.4): SH-08, APP-01, APP-02.

. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../netns/topology.sh"

ours()
{
	session "$us" "$1" remote $THEM4
}

ours_is()
{
	session_is "$us" "$1" "$2" remote $THEM4
}

clients()
{
	ours '.clients | join(" ")'
}

sessions_of_us()
{
	bfd_json "$us" show | jq length
}

# What we are, and what they have heard of it.
timers_are()
{
	busywait 20000 ours_is '"\(.desired_min_tx) \(.required_min_rx) \(.mult)"' "$1"
	check_err $? "timers: $(ours '"\(.desired_min_tx) \(.required_min_rx) \(.mult)"'), wanted $1"
	busywait 20000 session_is "$them" .negotiated_tx "$2" remote $US4
	check_err $? "they send at $(session "$them" .negotiated_tx remote $US4), wanted $2"
}

test_join()
{
	local id

	bfd "$us" add remote $THEM4 dev u0 tx 400ms rx 400ms mult 5 client ospf >/dev/null
	check_err $? "add client ospf"
	wait_up "$us" remote $THEM4
	id=$(ours .local_discr)
	check_equal "$(clients)" ospf clients
	timers_are "400000 400000 5" 400000
	bfd "$us" add remote $THEM4 dev u0 tx 200ms rx 200ms mult 6 client bgp >/dev/null
	check_err $? "add client bgp"
	check_equal "$(sessions_of_us)" 1 "SH-08: sessions"
	check_equal "$(ours .local_discr)" "$id" "discriminator"
	check_equal "$(clients)" "ospf bgp" clients
	timers_are "200000 200000 5" 200000
	check_equal "$(ours .stats.down_count)" 0 flaps
	log_test "SH-08, APP-02: a second client joins the session, which takes the fastest of each"

	bfd "$us" add remote $THEM4 dev u0 tx 400ms rx 400ms mult 5 2>/dev/null
	check_fail $? "a second session without a client"
	bfd "$us" add remote $THEM4 local 192.0.2.77 dev u0 client x 2>/dev/null
	check_fail $? "another local address"
	bfd "$us" add remote $THEM4 echo-source 203.0.113.5 dev u0 client x 2>/dev/null
	check_fail $? "another echo source"
	bfd "$us" del remote $THEM4 client nobody 2>/dev/null
	check_fail $? "a client that there isn't leaves"
	check_equal "$(clients)" "ospf bgp" clients
	timers_are "200000 200000 5" 200000
	log_test "what can't be is refused, and changes nothing"
}

test_ask_again()
{
	bfd "$us" add remote $THEM4 dev u0 tx 250ms rx 250ms mult 6 client bgp >/dev/null
	check_err $? "asks for something else"
	check_equal "$(clients)" "ospf bgp" clients
	timers_are "250000 250000 5" 250000
	log_test "a client may ask for something else later"
}

test_restart()
{
	stop_agent "$us" KILL
	start_agent "$us"
	check_equal "$(clients | tr ' ' '\n' | sort | tr '\n' ' ')" "bgp ospf " clients
	timers_are "250000 250000 5" 250000
	check_equal "$(ours .stats.down_count)" 0 flaps
	log_test "the agent is killed and started again: both are still clients"
}

test_leave()
{
	local polls

	start_peer WIRE "$us" u0 # it only listens here
	polls=$(peer WIRE mark | jq .mark)
	bfd "$us" del remote $THEM4 client bgp
	check_err $? "bgp leaves"
	check_equal "$(clients)" ospf clients
	timers_are "400000 400000 5" 400000
	check_equal "$(ours .state)" up state
	check_equal "$(ours .stats.down_count)" 0 flaps
	[ "$(sent_polls "$polls")" -gt 0 ]
	check_err $? "no Poll was sent"
	stop_peer WIRE
	log_test "APP-02: the fast one leaves: a Poll, and back to the other's"

	bfd "$us" del remote $THEM4 client ospf
	check_err $? "ospf leaves"
	check_equal "$(sessions_of_us)" 0 sessions
	wait_state "$them" down 20000 remote $US4
	check_err $? "they were not told"
	check_equal "$(session "$them" .remote_state remote $US4)" admin-down "what they were told"
	log_test "the last one leaves: the session is deleted, and they are told"
}

# sent_polls MARK: of ours, on our own device.
sent_polls()
{
	peer WIRE dump "$1" "$TEST_TMP/wire" > /dev/null
	jq --arg us $US4 '[.[] | select(.src == $us and ((.flags // "") | tostring | contains("P")))] | length' \
		"$TEST_TMP/wire"
}

test_operator()
{
	bfd "$us" add remote $THEM4 dev u0 tx 400ms rx 400ms mult 5 >/dev/null
	check_err $? "add without a client"
	wait_up "$us" remote $THEM4
	bfd "$us" add remote $THEM4 dev u0 tx 200ms rx 200ms mult 5 client bgp >/dev/null
	check_err $? "a client joins"
	check_equal "$(clients)" bgp clients
	timers_are "200000 200000 5" 200000
	bfd "$us" del remote $THEM4 client bgp
	check_err $? "it leaves"
	check_equal "$(sessions_of_us)" 1 "sessions"
	timers_are "400000 400000 5" 400000
	check_equal "$(ours .state)" up state
	log_test "an operator's session stays when its clients leave, as it was"

	bfd "$us" add remote $THEM4 dev u0 tx 200ms rx 200ms mult 5 client bgp >/dev/null
	bfd "$us" change remote $THEM4 tx 300ms rx 300ms
	check_err $? "change"
	timers_are "300000 300000 5" 300000
	bfd "$us" del remote $THEM4 client bgp
	timers_are "300000 300000 5" 300000
	log_test "what the operator changes holds for all of them"

	bfd "$us" add remote $THEM4 dev u0 client bgp >/dev/null
	bfd "$us" del remote $THEM4
	check_err $? "del"
	check_equal "$(sessions_of_us)" 0 sessions
	bfd "$us" add remote $THEM4 dev u0 tx 400ms rx 400ms mult 5 >/dev/null
	check_equal "$(clients)" "" "clients of the next session"
	log_test "the operator deletes it: for all"
}

test_shared_event()
{
	bfd "$us" flush # first: the session of the test before may come up at any time
	start_monitor "$us" "$TEST_TMP/one"
	start_monitor "$us" "$TEST_TMP/two"
	bfd "$us" add remote $THEM4 dev u0 tx 400ms rx 400ms mult 5 client ospf >/dev/null
	bfd "$us" add remote $THEM4 dev u0 tx 400ms rx 400ms mult 5 client bgp >/dev/null
	wait_up "$us" remote $THEM4
	busywait 20000 file_has "$TEST_TMP/one" '.new_state == "up"'
	check_err $? "the first monitor heard nothing"
	busywait 20000 file_has "$TEST_TMP/two" '.new_state == "up"'
	check_err $? "the second monitor heard nothing"
	check_equal "$(jq -s '[.[] | select(.new_state == "up")] | length' "$TEST_TMP/one")" 1 \
		"transitions to Up that the first heard"
	check_equal "$(jq -cs '[.[] | select(.new_state == "up")]' "$TEST_TMP/one")" \
		"$(jq -cs '[.[] | select(.new_state == "up")]' "$TEST_TMP/two")" "what they heard"
	log_test "APP-01: a transition of a shared session is one event, the same for all who listen"
}

setup_two_agents
bfd "$them" add remote $US4 dev t0 tx 100ms rx 100ms mult 10 >/dev/null
test_join
test_ask_again
test_restart
test_leave
test_operator
test_shared_event
tap_done
