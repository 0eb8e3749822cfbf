#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 90
#
# The source of our echo packets: an address that is not of the link, followed as addresses
# come and go, kept by the next agent.

. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../netns/topology.sh"

FAR=198.51.100.1

refused()
{
	local text="Error: $1." said

	said=$(bfd "$us" add "${@:2}" 2>&1 >/dev/null)
	check_equal $? 2 "exit status of 'add ${*:2}'"
	check_equal "$said" "$text" "'add ${*:2}'"
}

source_is()
{
	session_is "$us" .echo_source "$1" remote $THEM4
}

returned()
{
	session "$us" .stats.echo.rx_packets remote $THEM4
}

has_returned()
{
	[ "$(returned)" -ge "$1" ]
}

# They come back, at an interval of 150 ms and no faster, and nothing has failed.
comes_back()
{
	local before count start

	start=$(now_ms)
	before=$(returned)
	busywait 10000 has_returned $((before + 10))
	count=$(($(returned) - before))
	check_range $count 10 $((5 + ($(now_ms) - start) / 50)) "echo packets that came back"
	check_equal "$(session "$us" .stats.down_count remote $THEM4)" 0 "down_count"
}

setup_two_agents
add_address "$us" lo $FAR/32
bfd "$us" add remote $THEM4 dev u0 tx 200ms rx 200ms mult 15 echo 150ms >/dev/null
check_err $? add
bfd "$them" add remote $US4 dev t0 tx 200ms rx 200ms mult 15 echo-rx on >/dev/null
wait_up "$us" remote $THEM4
check_equal "$(session "$us" .echo_source remote $THEM4)" $FAR echo_source
comes_back
log_test "the source is an address of another link"

ip -n "$us" addr del $FAR/32 dev lo
busywait 20000 source_is $US4
check_err $? "the source is still $(session "$us" .echo_source remote $THEM4)"
comes_back
log_test "without one it is our own end; no flap"

add_address "$us" lo $FAR/32
stop_agent "$us" KILL
sleep 1
start_agent "$us"
comes_back
log_test "the agent is killed and started again: echo goes on"

bfd "$us" del remote $THEM4
bfd "$us" add remote $THEM4 dev u0 echo 150ms echo-source 203.0.113.5 >/dev/null
check_err $? "add with echo-source"
source_is 203.0.113.5
check_err $? "the operator's source is not taken: $(session "$us" .echo_source remote $THEM4)"
refused "echo source 224.0.0.1 is a multicast address" \
	remote 192.0.2.9 dev u0 echo echo-source 224.0.0.1
refused "a multihop session has no echo (RFC 5883 3)" remote 192.0.2.9 local $US4 multihop echo
log_test "the operator's source, and what can't be one"
tap_done
