#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 300
#
# Sessions between two agents, over each address family: coming Up, what `show` says,
# two on one link, a link that is cut, and deletion.

. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/topology.sh"

# both_ways ADDRESS-OF-US ADDRESS-OF-THEM: a session at each end.
both_ways()
{
	bfd "$us" add remote "$2" local "$1" dev u0 tx 100ms rx 100ms mult 6 >/dev/null
	check_err $? "add remote $2"
	bfd "$them" add remote "$1" local "$2" dev t0 tx 100ms rx 100ms mult 6 >/dev/null
	check_err $? "add remote $1"
	wait_up "$us" remote "$2"
	wait_up "$them" remote "$1"
}

# agree FILTER WANTED: for the first session as seen by us.
agree()
{
	check_equal "$(session "$us" "$1" remote $THEM4)" "$2" "$1"
}

test_families()
{
	both_ways $US4 $THEM4
	log_test "an IPv4 session comes up"
	both_ways $US6 $THEM6
	log_test "an IPv6 session comes up"
	both_ways $US_LOCAL $THEM_LOCAL
	log_test "an IPv6 link-local session comes up"
}

test_show()
{
	local ours theirs

	ours=$(session "$us" .local_discr remote $THEM4)
	theirs=$(session "$them" .local_discr remote $US4)
	agree .remote_discr "$theirs"
	check_equal "$(session "$them" .remote_discr remote $US4)" "$ours" "their remote_discr"
	agree .local $US4
	agree .remote $THEM4
	agree .dev u0
	agree .remote_state up
	agree .diag none
	agree .desired_min_tx 100000
	agree .required_min_rx 100000
	agree .mult 6
	agree .remote_mult 6
	agree .negotiated_tx 100000
	agree .negotiated_rx 100000
	agree .detection_time 600000
	agree '.stats.down_count' 0
	agree '.uptime_ms | type' number
	agree '.last_up | type' number
	check_equal "$(bfd_json "$us" show | jq length)" 3 "sessions shown"
	check_equal "$(bfd_json "$us" show id "$ours" | jq '.[0].local_discr')" "$ours" "show id"
	log_test "show: the ends agree on names, timers and discriminators"
}

received()
{
	session "$us" .stats.rx_packets remote $THEM4
}

received_are()
{
	[ "$(received)" -ge "$1" ]
}

test_counters()
{
	local before start

	start=$(now_ms)
	before=$(received)
	busywait 20000 received_are $((before + 20))
	check_err $? "not 20 packets more"
	# No more than one in 75 ms each, and what waited at the beginning.
	check_range $(($(received) - before)) 20 $((($(now_ms) - start) / 75 + 5)) "packets received"
	check_equal "$(session "$us" '.stats.rx_invalid // {} | add // 0' remote $THEM4)" 0 "discards"
	log_test "counters: packets are counted, none is discarded"
}

test_second_on_link()
{
	add_address "$us" u0 198.51.100.1/24
	add_address "$them" t0 198.51.100.2/24
	both_ways 198.51.100.1 198.51.100.2
	check_equal "$(session "$us" .state remote $THEM4)" up "the first session"
	log_test "a second IPv4 session on the link comes up"

	check_equal "$(bfd_json "$us" show | jq '[.[].local_discr] | unique | length')" 4 \
		"different discriminators"
	bfd "$us" del remote 198.51.100.2
	check_err $? "del"
	sleep 1.5
	check_equal "$(session "$us" .state remote $THEM4)" up "the first session"
	check_equal "$(session "$us" .stats.down_count remote $THEM4)" 0 "flaps of the first"
	log_test "its deletion leaves the first alone"
	bfd "$them" del remote 198.51.100.1
}

test_deletion()
{
	local downs

	downs=$(session "$them" .stats.down_count remote $US_LOCAL)
	bfd "$us" del remote $THEM_LOCAL dev u0
	check_err $? "del"
	wait_state "$them" down 5000 remote $US_LOCAL dev t0
	check_err $? "the other end did not go down"
	check_equal "$(session "$them" .diag remote $US_LOCAL dev t0)" neighbor-down diag
	check_equal "$(session "$them" .remote_state remote $US_LOCAL dev t0)" admin-down remote_state
	check_equal "$(session "$them" .stats.down_count remote $US_LOCAL)" "$downs" "failures counted"
	check_equal "$(session "$them" .stats.admin_down_count remote $US_LOCAL)" 1 admin_down_count
	log_test "deletion: the other end is told AdminDown, and counts no failure"

	bfd_json "$us" show | jq -e 'all(.[]; .remote != "fe80::2")' >/dev/null
	check_err $? "the session is still shown"
	both_ways_again
	log_test "deletion: the same session can be added again at once"
}

both_ways_again()
{
	bfd "$us" add remote $THEM_LOCAL local $US_LOCAL dev u0 tx 100ms rx 100ms mult 6 >/dev/null
	check_err $? "add again"
	wait_up "$us" remote $THEM_LOCAL
}

# expires NS REMOTE: its detection time passes.
expires()
{
	wait_state "$1" down 10000 remote "$2"
	check_err $? "$2 is not down in $1"
	check_equal "$(session "$1" .diag remote "$2")" control-expiry "diag of $2 in $1"
	# By the data plane's own clock; a machine that is busy with other things may delay it.
	check_range "$(session "$1" .stats.detect_overshoot_last remote "$2")" 0 1000000 \
		"microseconds after the detection time in $1"
}

test_link_cut()
{
	ip -n "$them" link set t0 down
	expires "$us" $THEM4
	expires "$them" $US4
	wait_state "$us" down 5000 remote $THEM6
	check_err $? "the IPv6 session is still up"
	check_equal "$(session "$us" .stats.down_count remote $THEM4)" 1 down_count
	log_test "a cut link: both ends go down"

	ip -n "$them" link set t0 up
	# The kernel removed their IPv6 addresses with the link.
	add_address "$them" t0 $THEM6/64 $THEM_LOCAL/64
	wait_up "$us" remote $THEM4
	wait_up "$them" remote $US4
	wait_up "$us" remote $THEM6
	wait_up "$them" remote $US6
	log_test "a restored link: both ends come up again"
}

setup_two_agents
test_families
test_show
test_counters
test_second_on_link
test_deletion
test_link_cut
tap_done
