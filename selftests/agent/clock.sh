#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 300
#
# The clock device: made, adopted, repaired, removed; and a name that is taken.

. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../netns/topology.sh"

# A detection time that a busy machine doesn't miss.
TIMERS="tx 50ms rx 50ms mult 6"

ends()
{
	ip -n "$us" -o link show type veth | grep -c 'bfd-tick'
}

indexes()
{
	ip -n "$us" -j link show type veth | jq -c '[.[] | select(.ifname | startswith("bfd-tick")) | .ifindex]'
}

# What qdisc should print, by the tick that the agent says; not what it can print if that is wrong,
# for a check here would be lost with the subshell.
wanted_qdisc()
{
	local tick

	tick=$(bfd_json "$us" agent | jq '.[0].tick')
	if [[ $tick =~ ^[0-9]+$ ]] && [ "$tick" -ge 250 ] && [ "$tick" -le 10000 ]; then
		echo "tbf $((60 * 1000000 / tick))"
	else
		echo "a tick of 250 to 10000 us, not '$tick'"
	fi
}

qdisc()
{
	local tick

	tick=$(bfd_json "$us" agent | jq '.[0].tick')
	[ "$tick" -ge 250 ] && [ "$tick" -le 10000 ]
	check_err $? "the tick: $tick us"
	echo "tbf $((60 * 1000000 / tick))"
}

qdisc()
{
	tc -n "$us" -j qdisc show dev bfd-tick0 | jq -r '.[0] | "\(.kind) \(.options.rate)"'
}

received()
{
	session "$them" .stats.rx_packets remote $US4
}

# Packets leave at their pace (50 ms less up to a quarter).  To read their number takes time, which
# varies: PACE is what they had a second at least and at most.
at_pace()
{
	local before count begun read_first read_again

	begun=$(now_ms)
	before=$(received)
	read_first=$(now_ms)
	sleep 2
	read_again=$(now_ms)
	count=$(($(received) - before))
	PACE="$((count * 1000 / ($(now_ms) - begun))) $((count * 1000 / (read_again - read_first)))"
	[ "${PACE#* }" -ge 15 ] && [ "${PACE% *}" -le 30 ]
}

# lives WHAT: it is up, and at its pace.  In two seconds of which the machine stood still for one
# half of the packets are missing: then once more.
lives()
{
	wait_state "$them" up 30000 remote $US4
	check_err $? "not up $1"
	at_pace || at_pace || at_pace
	check_err $? "packets a second $1: $PACE at least and at most, wanted 15..30"
}

test_made()
{
	check_equal "$(ends)" 2 "ends of the clock device"
	check_equal "$(qdisc)" "$(wanted_qdisc)" "the shaper: one frame of 60 bytes a tick"
	ip -n "$us" link show bfd-tick0 | grep -q 'mtu 68.*state UP'
	check_err $? "$(ip -n "$us" link show bfd-tick0)"
	ip -n "$us" -d link show bfd-tick0 | grep -q 'alias ipbfd transmit clock'
	check_err $? "no alias"
	check_equal "$(ip -n "$us" -j addr show dev bfd-tick0 | jq '.[0].addr_info | length')" 0 "addresses"
	check_equal "$(bfd_json "$us" dev | jq -c '.[0] | [.clock, .tick > 0, .tick_gap_max > 0]')" \
		'["kernel",true,true]' "what dev show says of it"
	lives "from the start"
	log_test "the clock device is there, and packets leave"
}

tick_is()
{
	[ "$(bfd_json "$us" dev | jq '.[0].tick')" = "$1" ] && [ "$(qdisc)" = "$(wanted_qdisc)" ]
}

# paced INTERVAL: both ends.
paced()
{
	bfd "$us" change remote $THEM4 tx "$1" rx "$1"
	bfd "$them" change remote $US4 tx "$1" rx "$1"
}

# Faster at once, slower after a second or two: the Poll Sequence has to end first.
test_follows()
{
	local downs made

	made=$(indexes)
	paced 2ms
	busywait 5000 tick_is 250
	check_err $? "tick for 2 ms: $(bfd_json "$us" dev | jq '.[0].tick'), $(qdisc)"
	paced 100ms
	busywait 20000 tick_is 5000
	check_err $? "tick for 100 ms: $(bfd_json "$us" dev | jq '.[0].tick'), $(qdisc)"
	wait_state "$them" up 30000 remote $US4
	downs=$(session "$them" .stats.down_count remote $US4)
	paced 1s
	stop_agent "$us" KILL
	start_agent "$us"
	busywait 20000 tick_is 10000
	check_err $? "tick for 1 s, by a new agent: $(bfd_json "$us" dev | jq '.[0].tick'), $(qdisc)"
	paced 50ms
	busywait 5000 tick_is 2000
	check_err $? "tick for 50 ms: $(bfd_json "$us" dev | jq '.[0].tick'), $(qdisc)"
	check_equal "$(indexes)" "$made" "indexes"
	check_equal "$(session "$them" .stats.down_count remote $US4)" "$downs" "failures at 50 ms and above"
	grep -q 'stood still' "${AGENT_LOG[$us]}"
	check_fail $? "the clock stood still"
	lives "at 50 ms again"
	log_test "the tick follows the fastest session, also when that becomes slower"
}

test_adopted()
{
	local before

	before=$(indexes)
	stop_agent "$us" KILL
	start_agent "$us"
	check_equal "$(indexes)" "$before" "indexes after a restart"
	lives "after a restart"
	log_test "a restarted agent takes the clock up as it is"
}

test_repaired()
{
	ip -n "$us" link set bfd-tick1 down
	sleep 4
	lives "after an end was set down"
	log_test "an end that was set down is repaired"

	tc -n "$us" qdisc del dev bfd-tick0 root
	busywait 20000 eval '[ "$(qdisc)" = "$(wanted_qdisc)" ]'
	check_err $? "the shaper is '$(qdisc)'"
	lives "after the shaper was removed"
	log_test "a shaper that was removed is put back: the clock stops rather than race"

	ip -n "$us" link del bfd-tick0
	busywait 20000 eval '[ "$(ends)" = 2 ]'
	check_err $? "not made again"
	lives "after the device was deleted"
	log_test "a device that was deleted is made again"
}

# Without clock and without agent: each packet of the peer's is an occasion to send.
test_stands_in()
{
	local downs pid

	downs=$(session "$them" .stats.down_count remote $US4)
	pid=${AGENT_PID[$us]}
	kill -STOP "$pid"
	ip -n "$us" link del bfd-tick0
	sleep 3
	check_equal "$(session "$them" .state remote $US4)" up "the peer's state"
	check_equal "$(session "$them" .stats.down_count remote $US4)" "$downs" "times that it failed"
	kill -CONT "$pid"
	busywait 20000 eval '[ "$(ends)" = 2 ]'
	check_err $? "not made again"
	lives "after that"
	check_range "$(bfd_json "$us" dev | jq '.[0].tick_gap_max')" 3000000 60000000 \
		"the longest time without a tick, in microseconds"
	check_equal "$(session "$them" .stats.down_count remote $US4)" "$downs" "times that it failed"
	log_test "the clock device deleted while the agent is stopped: no flap in 3 s"
}

test_removed()
{
	stop_agent "$us"
	agent_flush "$us"
	check_err $? "--flush"
	check_equal "$(ends)" 0 "ends after --flush"
	log_test "--flush removes it"
}

has_ticked()
{
	[ "$(bfd_json "$us" agent | jq '.[0].tick_count')" -ge "$1" ]
}

# The clock ends with the last session; the next one must not wait for the agent to notice, which
# would say so.
test_started_again()
{
	local ticks

	bfd "$us" change remote $THEM4 mult 3 # it lingers for so many seconds
	bfd "$us" flush
	bfd "$us" add remote $THEM4 dev u0 $TIMERS >/dev/null
	bfd "$them" flush
	sleep 5 # all that lingers is gone
	bfd "$us" del remote $THEM4
	sleep 0.1
	bfd "$us" add remote $THEM4 dev u0 $TIMERS >/dev/null
	ticks=$(bfd_json "$us" agent | jq '.[0].tick_count')
	busywait 5000 has_ticked $((ticks + 20))
	check_err $? "ticks: $(bfd_json "$us" agent | jq '.[0].tick_count'), before $ticks"
	grep -q 'stood still' "${AGENT_LOG[$us]}"
	check_fail $? "the clock stood still"
	log_test "the clock starts with a session that is added right after the last one went"
}

test_taken()
{
	local status

	ip -n "$us" link add bfd-tick0 type veth peer name other
	timeout 60 "$AGENT" --netns "$us" > "$TEST_TMP/out" 2>&1
	status=$?
	check_equal $status 1 "exit status"
	check_equal "$(wc -l < "$TEST_TMP/out")" 1 "lines of the error"
	grep -q 'bfd-tick0' "$TEST_TMP/out"
	check_err $? "said: $(cat "$TEST_TMP/out")"
	ip -n "$us" link show bfd-tick0 >/dev/null 2>&1
	check_err $? "a foreign device was removed"
	note "$(cat "$TEST_TMP/out")"
	ip -n "$us" link del bfd-tick0
	agent_flush "$us"
	log_test "a device of that name that isn't ours: refused, and left alone"
}

setup_two_agents
bfd "$us" add remote $THEM4 dev u0 $TIMERS >/dev/null
bfd "$them" add remote $US4 dev t0 $TIMERS >/dev/null
wait_up "$us" remote $THEM4
wait_up "$them" remote $US4
log_test "up"
test_made
test_follows
test_adopted
test_started_again
bfd "$them" add remote $US4 dev t0 $TIMERS >/dev/null
wait_up "$us" remote $THEM4
test_repaired
test_stands_in
test_removed
test_taken
tap_done
