#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 180
#
# Our packets as Wireshark's dissectors see them, from the first Down over Polls and
# Finals to AdminDown, in both families: nothing malformed, no wrong checksum, no remark.

. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../netns/topology.sh"

PCAP=$TEST_TMP/packets.pcapng

# dissect FILTER FIELD...: of the captured packets, one line each.
dissect()
{
	local filter=$1 field words=()

	shift
	for field in "$@"; do
		words+=(-e "$field")
	done
	tshark -n -r "$PCAP" -o ip.check_checksum:TRUE -o udp.check_checksum:TRUE \
		-Y "$filter" -T fields "${words[@]}" 2>/dev/null
}

capture_has()
{
	[ -n "$(dissect "$1" frame.number)" ]
}

start_capture()
{
	ip netns exec "$them" tshark -q -i t0 -f "udp port 3784" -w "$PCAP" > "$TEST_TMP/tshark" 2>&1 &
	CAPTURE_PID=$!
	defer end_process $CAPTURE_PID
	busywait 60000 test -s "$PCAP" || bail "tshark does not capture: $(cat "$TEST_TMP/tshark")"
}

stop_capture()
{
	sleep 2 # dumpcap writes with a delay
	kill -INT "$CAPTURE_PID"
	busywait 15000 process_gone "$CAPTURE_PID" || bail "tshark does not end"
}

# A life from Down to AdminDown.
exercise()
{
	local ours

	for ours in $US4 $US6; do
		peer P wait 15 state=up src="$ours" > /dev/null
		check_err $? "$ours: not up"
	done
	peer P set v4 poll=on > /dev/null
	peer P set v6 poll=on > /dev/null
	bfd "$us" change remote $THEM4 tx 150ms mult 7
	bfd "$us" change remote $THEM6 tx 150ms mult 7
	peer P run 2 > /dev/null
	bfd "$us" del remote $THEM4
	bfd "$us" del remote $THEM6
	peer P run 1.5 > /dev/null
}

# test_family NAME FILTER
test_family()
{
	local filter="bfd && $2" kind

	check_range "$(dissect "$filter" frame.number | wc -l)" 15 1000 "packets"
	for kind in "bfd.sta == 1" "bfd.sta == 3" "bfd.sta == 0" "bfd.flags.p == 1" "bfd.flags.f == 1"; do
		capture_has "$filter && $kind"
		check_err $? "no packet with $kind"
	done
	log_test "$1: dissected as BFD: Down, Up, AdminDown, Poll and Final"

	check_equal "$(dissect "$2 && (_ws.malformed || _ws.expert)" frame.number _ws.expert.message | head -n 3)" \
		"" "remarks"
	check_equal "$(dissect "$filter" udp.checksum.status | sort -u)" 1 "status of the UDP checksums"
	log_test "$1: no packet malformed, no remark, UDP checksums good"
}

require tshark
setup_scripted_peer
start_capture
# The scripted peer isn't always on time: 2 s.
peer P session v4 local=$THEM4 remote=$US4 tx=100000 rx=100000 mult=20 > /dev/null
peer P session v6 local=$THEM6 remote=$US6 tx=100000 rx=100000 mult=20 > /dev/null
bfd "$us" add remote $THEM4 dev u0 tx 100ms rx 100ms mult 3 > /dev/null
bfd "$us" add remote $THEM6 dev u0 tx 100ms rx 100ms mult 3 > /dev/null
exercise
stop_capture
log_test "captured"
test_family IPv4 "ip.src == $US4"
check_equal "$(dissect "bfd && ip.src == $US4" ip.checksum.status | sort -u)" 1 "status of the IP checksums"
log_test "IPv4: header checksums good"
test_family IPv6 "ipv6.src == $US6"
tap_done
