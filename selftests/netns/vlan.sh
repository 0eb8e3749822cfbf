#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 240
#
# 802.1Q frames on a device without VLAN devices: a priority tag (VID 0) is no VLAN, so
# its packets belong to the device itself; any other VID is not ours, and the stack
# must get the frame as it came.  Real VLAN devices are tested in the virtual machine.

. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/topology.sh"

packets()
{
	session "$us" .stats.rx_packets remote $THEM4
}

packets_are()
{
	[ "$(packets)" -ge "$1" ]
}

# tagged TCI WHAT: the peer's packets carry this tag from now on.
tagged()
{
	local before

	peer P set v4 vlan="$1" >/dev/null
	peer P run 0.3 >/dev/null
	before=$(packets)
	busywait 20000 packets_are $((before + 20))
	check_err $? "not 20 packets more accepted, but $(($(packets) - before))"
	check_equal "$(session "$us" .state remote $THEM4)" up state
	check_equal "$(session "$us" .stats.down_count remote $THEM4)" 0 flaps
	log_test "$2"
}

test_other_vlan()
{
	local start before

	peer P set v4 vlan=none >/dev/null
	peer P run 0.3 >/dev/null
	# Whatever the program passes on is seen by a packet socket on our own device.
	start_peer STACK "$us" u0
	start=$(peer STACK mark | jq .mark)
	before=$(session "$us" '.stats.rx_invalid // {} | add // 0' remote $THEM4)
	peer P send v4 vlan=7 state=down >/dev/null
	peer P send v4 vlan=0x6007 state=down >/dev/null
	peer P run 1 >/dev/null
	check_equal "$(peer STACK count "$start" vlan=7 state=down src=$THEM4 | jq .count)" 1 \
		"frames of VLAN 7 in the stack"
	check_equal "$(peer STACK count "$start" vlan=24583 state=down | jq .count)" 1 \
		"frames of VLAN 7 with priority 3 in the stack"
	check_equal "$(session "$us" .state remote $THEM4)" up state
	check_equal "$(session "$us" .stats.down_count remote $THEM4)" 0 flaps
	check_equal "$(session "$us" '.stats.rx_invalid // {} | add // 0' remote $THEM4)" "$before" discards
	log_test "a VLAN that is not ours: passed to the stack as it came"

	check_equal "$(peer STACK count "$start" src=$THEM4 vlan=None | jq .count)" 0 \
		"untagged packets in the stack"
	log_test "packets of our session don't reach the stack"
}

setup_scripted_peer
# The scripted peer isn't always on time: 2 s.
peer P session v4 local=$THEM4 remote=$US4 tx=100000 rx=100000 mult=20 >/dev/null
bfd "$us" add remote $THEM4 dev u0 tx 100ms rx 100ms mult 20 >/dev/null
check_err $? "add"
wait_up "$us" remote $THEM4
log_test "up without tags"
tagged 0 "a priority tag (VID 0): accepted"
tagged 0xe000 "a priority tag of priority 7: accepted"
test_other_vlan
tap_done
