#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 240
#
# What a neighbour may do to a session: restart, fall silent, say AdminDown, change its
# Ethernet address; and frames that must not count as its packets.

. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/topology.sh"

# status WANTED FILTER, of the session under test.
status()
{
	check_equal "$(session "$us" "$2" remote $THEM4)" "$1" "$2"
}

test_restart()
{
	peer P set v4 machine=off mute=on >/dev/null
	# At the slow rate, as in Down: so it isn't soon forgotten.
	peer P send v4 state=down your=0 my=0x7777 tx=1000000 >/dev/null
	peer P wait 5 state=down diag=3 your=30583 src=$US4 >/dev/null
	check_err $? "no Down packet with diag 3"
	status 30583 .remote_discr
	status 1 .stats.down_count
	log_test "a restarted peer (Down, Your Discriminator 0): down at once, neighbor-down"

	peer P set v4 discr=0x7777 state=down machine=on mute=off >/dev/null
	wait_up "$us" remote $THEM4
	status 30583 .remote_discr
	log_test "a restarted peer: up again, with its new discriminator"
}

test_silence()
{
	local overshoot

	watch_stalls
	peer P set v4 mute=on machine=off state=up >/dev/null
	wait_state "$us" down 15000 remote $THEM4
	check_err $? "still up"
	end_stalls
	status control-expiry .diag
	status 2 .stats.down_count
	overshoot=$(session "$us" .stats.detect_overshoot_last remote $THEM4)
	# Microseconds: a timer of the kernel, on a machine that others use as well.
	check_range "$overshoot" 0 $((50000 + 2 * STALLED_US)) detect_overshoot_last
	log_test "a silent peer: down when the detection time is over, control-expiry"

	# A peer that insists on Up is not heard (RFC 5880 6.8.6: Down, received Up).
	peer P set v4 mute=off >/dev/null
	peer P run 2 >/dev/null
	status down .state
	log_test "a peer that insists on Up does not bring it up"

	peer P set v4 machine=on state=down >/dev/null
	wait_up "$us" remote $THEM4
	log_test "a peer that speaks again: up again"
}

test_peer_admin_down()
{
	local downs

	downs=$(session "$us" .stats.down_count remote $THEM4)
	peer P set v4 machine=off state=admin-down diag=7 >/dev/null
	peer P send v4 >/dev/null
	wait_state "$us" down 5000 remote $THEM4
	check_err $? "still up"
	status neighbor-down .diag
	status admin-down .remote_state
	status "$downs" .stats.down_count
	log_test "AdminDown from the peer: down, and not counted as a failure"
	peer P set v4 machine=on state=down diag=0 >/dev/null
	wait_up "$us" remote $THEM4
	log_test "the peer enables it: up again"
}

test_mac_change()
{
	local new=02:00:00:00:be:ef downs

	downs=$(session "$us" .stats.down_count remote $THEM4)
	sleep 1.2 # the kernel believes no second address within a second (locktime)
	peer P mac $new >/dev/null
	peer P announce v4 >/dev/null
	peer P wait 5 dmac=$new src=$US4 >/dev/null
	check_err $? "our frames still go to the old address"
	status up .state
	status "$downs" .stats.down_count
	log_test "a new Ethernet address of the neighbour is followed without a flap"
}

# The kernel's own lookup (kern/neighbour.h), which answers only where it forwards.
test_mac_change_alone()
{
	local new=02:00:00:00:ca:fe downs

	ip netns exec "$us" sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward
		echo 1 > /proc/sys/net/ipv6/conf/all/forwarding'
	peer P session v6 local=$THEM6 remote=$US6 tx=100000 rx=100000 mult=20 >/dev/null
	bfd "$us" add remote $THEM6 dev u0 tx 100ms rx 100ms mult 20 >/dev/null
	check_err $? "add"
	wait_up "$us" remote $THEM6
	downs=$(session "$us" .stats.down_count remote $THEM4)
	sleep 1.2
	kill -STOP "${AGENT_PID[$us]}"
	peer P mac $new >/dev/null
	peer P announce v4 >/dev/null
	peer P announce v6 >/dev/null
	peer P wait 5 dmac=$new src=$US4 >/dev/null
	check_err $? "our IPv4 frames still go to the old address"
	peer P wait 10 dmac=$new src=$US6 >/dev/null
	check_err $? "our IPv6 frames still go to the old address"
	kill -CONT "${AGENT_PID[$us]}"
	status up .state
	status "$downs" .stats.down_count
	check_equal "$(session "$us" '"\(.state) \(.stats.down_count)"' remote $THEM6)" "up 0" "IPv6"
	bfd "$us" del remote $THEM6
	peer P run 1 >/dev/null
	log_test "the same with the agent stopped, on a host that forwards"
}

# discards REASON: of the session and of the namespace together.
discards()
{
	local one all

	one=$(session "$us" ".stats.rx_invalid[\"$1\"] // 0" remote $THEM4)
	all=$(bfd_json "$us" agent | jq "[.[] | .rx_invalid[\"$1\"] // 0] | add")
	echo $((one + all))
}

# bad REASON SEND-WORD...: the packet says Down, so that it can't go unnoticed.
bad()
{
	local reason=$1 before

	shift
	before=$(discards "$reason")
	peer P send v4 state=down "$@" >/dev/null
	check_err $? "send $*"
	peer P run 0.2 >/dev/null
	status up .state
	check_equal $(($(discards "$reason") - before)) 1 "counter $reason for '$*'"
}

test_bad_packets()
{
	local downs

	downs=$(session "$us" .stats.down_count remote $THEM4)
	bad ttl ttl=254
	bad checksum udp_checksum=bad
	bad bad-version version=0
	bad bad-version version=2
	bad short-length length=23
	bad long-length length=25
	bad long-length length=30 trailer=000000000000
	bad zero-multiplier mult=0
	bad multipoint flags=M
	bad zero-discriminator my=0
	bad auth-unexpected flags=A length=26 pad=2
	status "$downs" .stats.down_count
	log_test "bad packets are discarded, each under its reason"

	# Odd but legal (RFC 5880 6.8.6 names no reason to discard them).
	peer P send v4 diag=31 pad=40 sport=1024 tx=0 >/dev/null
	peer P send v4 udp_checksum=zero >/dev/null
	peer P send v4 flags=PF >/dev/null
	peer P run 1 >/dev/null
	status up .state
	status "$downs" .stats.down_count
	log_test "odd but legal packets are accepted"
}

setup_scripted_peer
# The scripted peer isn't always on time: 2 s.
peer P session v4 local=$THEM4 remote=$US4 tx=100000 rx=100000 mult=20 >/dev/null
bfd "$us" add remote $THEM4 dev u0 tx 100ms rx 100ms mult 20 >/dev/null
check_err $? "add"
wait_up "$us" remote $THEM4
log_test "up with the scripted peer"
test_restart
test_silence
test_peer_admin_down
test_mac_change
test_mac_change_alone
test_bad_packets
tap_done
