#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 240
#
# The echo function (RFC 5880 6.8.9) between two agents: our packets come back over each
# address family, stop when the peer takes none, and fail the session when they are lost
# though the peer is heard.

. "$(dirname "$0")/../lib.sh"

US=192.0.2.1 THEM=192.0.2.2 US6=2001:db8::1 THEM6=2001:db8::2
TIMERS="tx 200ms rx 200ms mult 10" # of echo packets at 50 ms half a second's may be missing

setup_network()
{
	setup_ns us them
	setup_link "$us" u0 "$them" t0
	add_address "$us" u0 $US/24 $US6/64
	add_address "$them" t0 $THEM/24 $THEM6/64
	start_agent "$us"
	start_agent "$them"
}

# both_ways ADDRESS-OF-US ADDRESS-OF-THEM [DEV THEIR-DEV]: echo packets go from us only.
both_ways()
{
	# shellcheck disable=SC2086
	bfd "$us" add remote "$2" dev "${3:-u0}" $TIMERS echo 50ms echo-rx 50ms >/dev/null
	check_err $? "add remote $2"
	# shellcheck disable=SC2086
	bfd "$them" add remote "$1" dev "${4:-t0}" $TIMERS echo-rx 50ms >/dev/null
	check_err $? "add remote $1"
	wait_state "$us" up 20000 remote "$2"
	check_err $? "$2 isn't up"
}

# sent_more COUNT REMOTE: have so many echo packets left?
sent_more()
{
	[ "$(session "$us" .stats.echo.tx_packets remote "$2")" -ge "$1" ]
}

echo_in_use()
{
	session_is "$us" .echo_tx_in_use "$1" remote "$2"
}

test_returns()
{
	local remote=$2

	both_ways "$@"
	busywait 20000 sent_more 40 "$remote"
	check_err $? "40 echo packets to $remote"
	check_range "$(session "$us" '.stats.echo | .tx_packets - .rx_packets' remote "$remote")" \
		0 5 "lost or under way"
	check_equal "$(session "$us" .stats.echo.rx_invalid remote "$remote")" 0 "rx_invalid"
	check_equal "$(session "$us" .stats.down_count remote "$remote")" 0 "failures"
	check_range "$(session "$them" .stats.echo.looped remote "$1")" 30 1000000 "looped there"
	log_test "echo packets to $remote${4:+ through $kind} come back"
}

# Generic XDP works on a copy of the frame there, in which the tc program must find its way.
test_returns_through()
{
	local kind=$1 family

	setup_link "$us" u1 "$them" t1
	if [ "$kind" = bridge ]; then
		ip -n "$them" link add stacked type bridge && ip -n "$them" link set t1 master stacked
	else
		ip -n "$them" link add stacked link t1 type macvlan mode bridge
	fi || {
		log_skip "echo packets through a $kind device" "the kernel has none"
		ip -n "$us" link del u1
		return
	}
	ip -n "$them" link set stacked up
	add_address "$us" u1 198.51.100.1/24 2001:db8:1::1/64
	add_address "$them" stacked 198.51.100.2/24 2001:db8:1::2/64
	test_returns 198.51.100.1 198.51.100.2 u1 stacked
	test_returns 2001:db8:1::1 2001:db8:1::2 u1 stacked
	for family in 198.51.100. 2001:db8:1::; do
		bfd "$us" del remote "${family}2" >/dev/null && bfd "$them" del remote "${family}1" >/dev/null
		check_err $? "del"
	done
	ip -n "$them" link del stacked
	ip -n "$us" link del u1
}

test_peer_takes_none()
{
	bfd "$them" change remote $US6 echo-rx off >/dev/null
	check_err $? "echo-rx off"
	busywait 10000 echo_in_use 0 $THEM6
	check_err $? "echo still in use"
	check_equal "$(session "$us" .state remote $THEM6)" up "state"
	check_equal "$(session "$us" .stats.down_count remote $THEM6)" 0 "failures"
	log_test "ECHO-02: a peer that takes none any more gets none, and the session stays up"
}

# Without the program behind XDP there, marked packets end.  An agent that isn't stopped would put it
# back at once.
test_lost()
{
	local before

	before=$(session "$us" .stats.down_count remote $THEM)
	kill -STOP "${AGENT_PID[$them]}"
	tc -n "$them" qdisc del dev t0 clsact
	check_err $? "del clsact"
	busywait 15000 session_is "$us" '.stats.down_count > '"$before" true remote $THEM
	check_err $? "no failure"
	check_equal "$(session "$us" .diag remote $THEM)" echo-failed "diag"
	check_equal "$(session "$us" .stats.down_count remote $THEM6)" 0 "failures of the other"
	kill -CONT "${AGENT_PID[$them]}"
	busywait 20000 session_is "$us" '"\(.state) \(.mode)"' "up async-with-echo" remote $THEM
	check_err $? "not up again with echo"
	log_test "ECHO-04: lost echo packets fail the session, though the peer is heard"
}

require_root
require jq
setup_network
test_returns $US $THEM
test_returns $US6 $THEM6
test_returns_through bridge
test_returns_through macvlan
test_peer_takes_none
test_lost
tap_done
