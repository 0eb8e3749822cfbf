#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 240
#
# XDP-01 in life: a peer with a plain UDP socket over veth, whose packets carry only the
# pseudo header's checksum, while our device leaves no checksum to hardware. All that
# we send, Finals included, must pass the peer's checksum test.

. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/topology.sh"

# Prints `packets finals` received within SECONDS by a peer that polls all the time.
polling_peer()
{
	ip netns exec "$them" /usr/bin/python3 - "$1" "$2" <<-'END'
	import socket, struct, sys, time

	address, seconds = sys.argv[1], float(sys.argv[2])
	family = socket.AF_INET6 if ":" in address else socket.AF_INET
	peer = socket.socket(family, socket.SOCK_DGRAM)
	if family == socket.AF_INET6:
	    peer.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, 255)
	else:
	    peer.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 255)
	peer.bind(("", 3784))
	peer.settimeout(0.05)
	end = time.monotonic() + seconds
	packets = finals = yours = 0
	state = 1
	while time.monotonic() < end:
	    try:
	        data = peer.recvfrom(100)[0]
	        packets += 1
	        finals += data[1] >> 4 & 1
	        yours = struct.unpack("!I", data[4:8])[0]
	        state = {1: 2, 2: 3, 3: 3}.get(data[1] >> 6, 1)
	    except socket.timeout:
	        pass
	    peer.sendto(struct.pack("!BBBBIIIII", 0x20, state << 6 | 0x20, 3, 24, 7, yours,
	                            1000000, 100000, 0), (address, 3784))
	print(packets, finals)
	END
}

bad_checksums()
{
	ip netns exec "$them" cat /proc/net/snmp /proc/net/snmp6 | awk '
		/^Udp: / && !head { head = 1; for (i = 2; i <= NF; i++) name[i] = $i; next }
		/^Udp: / { for (i = 2; i <= NF; i++) if (name[i] == "InCsumErrors") sum += $i }
		/^Udp6InCsumErrors/ { sum += $2 }
		END { print sum + 0 }'
}

# test_family NAME OUR-ADDRESS THEIR-ADDRESS
test_family()
{
	local packets finals

	bfd "$us" add remote "$3" dev u0 tx 50ms rx 50ms > /dev/null
	check_err $? "add remote $3"
	read -r packets finals <<< "$(polling_peer "$2" 4)"
	check_range "$packets" 20 100000 "packets that the peer's stack took"
	check_range "$finals" 10 100000 "Finals among them"
	check_equal "$(bad_checksums)" 0 "packets with a bad checksum"
	check_equal "$(session "$us" .state remote "$3")" up state
	check_equal "$(session "$us" '.stats.rx_invalid.checksum // 0' remote "$3")" 0 "discards here"
	log_test "$1: every packet passes the peer's checksum test, Finals too"
}

require_root
require jq ethtool /usr/bin/python3
setup_ns us them
setup_link "$us" u0 "$them" t0
add_address "$us" u0 $US4/24 $US6/64
add_address "$them" t0 $THEM4/24 $THEM6/64
ip netns exec "$us" ethtool -K u0 tx off > /dev/null 2>&1 || skip_all "u0 has no offload to turn off"
start_agent "$us"
test_family IPv4 $US4 $THEM4
test_family IPv6 $US6 $THEM6
tap_done
