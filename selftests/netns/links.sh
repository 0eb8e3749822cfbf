#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 400
#
# Links that are not plain, an agent at each end: bridges, macvlan, unnumbered, the same
# link-local neighbour on several links, large MTUs, several addresses; and devices
# that are renamed, moved away, or deleted and made again with sessions on them.  VLAN, QinQ,
# bonds and VRFs need a kernel that has them: vm/session.sh.

. "$(dirname "$0")/../lib.sh"

TIMERS="tx 200ms rx 200ms mult 5"

# pair OUR-DEVICE THEIR-DEVICE REMOTE-OF-US REMOTE-OF-THEM: a session at each end.
pair()
{
	# shellcheck disable=SC2086
	bfd "$us" add remote "$3" dev "$1" $TIMERS >/dev/null
	check_err $? "add remote $3 dev $1"
	# shellcheck disable=SC2086
	bfd "$them" add remote "$4" dev "$2" $TIMERS >/dev/null
	check_err $? "add remote $4 dev $2"
}

# pair_is STATE OUR-DEVICE THEIR-DEVICE REMOTE-OF-US REMOTE-OF-THEM
pair_is()
{
	wait_state "$us" "$1" 15000 remote "$4" dev "$2"
	check_err $? "the session with $4 on $2 is not $1"
	wait_state "$them" "$1" 15000 remote "$5" dev "$3"
	check_err $? "their session with $5 on $3 is not $1"
}

# Down at both ends of this neighbour, whose device may be gone.
pair_is_down()
{
	wait_state "$us" down 15000 remote "$1"
	check_err $? "the session with $1 is not down"
	wait_state "$them" down 15000 remote "$2"
	check_err $? "their session with $2 is not down"
}

# How the program is attached to a device of ours; null: not at all.
attach()
{
	bfd_json "$us" dev show | jq -r --arg dev "$1" '[.[] | select(.dev == $dev)][0].attach'
}

# The programs that the kernel has on a device of ours.
programs()
{
	ip -n "$us" -d link show "$1" | grep -c 'prog/xdp'
}

is()
{
	[ "$("${@:2}")" = "$1" ]
}

# is_ready true|null SELECTOR...: can packets leave?
is_ready()
{
	[ "$(timeout 20 "$IP_BFD" -n "$us" -j -d bfd show "${@:2}" | jq '.[0].path_ready')" = "$1" ]
}

downs()
{
	session "$us" .stats.down_count "$@"
}

# Several devices of one subnet: none asks or answers for another.
strict_arp()
{
	ip netns exec "$1" sh -c "echo 1 > /proc/sys/net/ipv4/conf/all/arp_ignore
		echo 2 > /proc/sys/net/ipv4/conf/all/arp_announce"
}

clear_sessions()
{
	bfd "$us" flush
	bfd "$them" flush
}

test_several_addresses()
{
	setup_link "$us" u0 "$them" t0
	add_address "$us" u0 192.0.2.1/24 192.0.2.11/24 198.51.100.1/24
	add_address "$us" u0 fe80::1/64 2001:db8::1/64 2001:db8:1::1/64
	add_address "$them" t0 192.0.2.2/24 192.0.2.12/24 198.51.100.2/24
	add_address "$them" t0 fe80::2/64 2001:db8::2/64 2001:db8:1::2/64
	pair u0 t0 192.0.2.2 192.0.2.1
	pair u0 t0 198.51.100.2 198.51.100.1
	pair u0 t0 2001:db8::2 2001:db8::1
	pair u0 t0 2001:db8:1::2 2001:db8:1::1
	# shellcheck disable=SC2086
	bfd "$us" add remote 192.0.2.12 local 192.0.2.11 dev u0 $TIMERS >/dev/null
	# shellcheck disable=SC2086
	bfd "$them" add remote 192.0.2.11 local 192.0.2.12 dev t0 $TIMERS >/dev/null
	pair_is up u0 t0 192.0.2.2 192.0.2.1
	pair_is up u0 t0 198.51.100.2 198.51.100.1
	pair_is up u0 t0 2001:db8::2 2001:db8::1
	pair_is up u0 t0 2001:db8:1::2 2001:db8:1::1
	pair_is up u0 t0 192.0.2.12 192.0.2.11
	check_equal "$(bfd_json "$us" show | jq -r '[.[] | .remote + " " + .local] | sort | .[]' | tr '\n' ,)" \
		"192.0.2.12 192.0.2.11,192.0.2.2 192.0.2.1,198.51.100.2 198.51.100.1,2001:db8:1::2 2001:db8:1::1,2001:db8::2 2001:db8::1," \
		"whom we talk to, and from where"
	check_equal "$(bfd_json "$us" show | jq '[.[].remote_discr] | unique | length')" 5 "different peers"
	log_test "several addresses on a link: each neighbour from the address of its subnet"
}

test_large_mtu()
{
	local mode

	# With the program on them already.
	ip -n "$us" link set u0 mtu 9000
	check_err $? "our MTU"
	ip -n "$them" link set t0 mtu 9000
	check_err $? "their MTU"
	ip netns exec "$us" ping -q -c 3 -i 0.2 -W 5 -M 'do' -s 8900 192.0.2.2 >/dev/null
	check_err $? "8900 bytes don't pass"
	pair_is up u0 t0 192.0.2.2 192.0.2.1
	check_equal "$(downs remote 192.0.2.2)" 0 flaps
	log_test "the MTU is raised to 9000 under sessions: they stay up, large packets pass"

	clear_sessions
	busywait 20000 is 0 programs u0
	check_err $? "a program is left on u0"
	pair u0 t0 192.0.2.2 192.0.2.1
	pair_is up u0 t0 192.0.2.2 192.0.2.1
	mode=$(attach u0)
	[ "$mode" = native ] || [ "$mode" = generic ]
	check_err $? "attached: $mode"
	ip netns exec "$us" ping -q -c 3 -i 0.2 -W 5 -M 'do' -s 8900 192.0.2.2 >/dev/null
	check_err $? "8900 bytes don't pass"
	log_test "a session begins on a device with an MTU of 9000 ($mode)"
}

test_rename()
{
	ip -n "$us" link set u0 name renamed0 2>/dev/null || {
		log_skip "a device is renamed while it is up" "this kernel doesn't allow it"
		return
	}
	busywait 10000 session_is "$us" .dev renamed0 remote 192.0.2.2
	check_err $? "show has the old name"
	sleep 1.5
	pair_is up renamed0 t0 192.0.2.2 192.0.2.1
	check_equal "$(downs remote 192.0.2.2)" 0 flaps
	# Another device takes the old name at once: that is no reason to move.
	ip -n "$us" link add u0 type veth peer name decoy0
	ip -n "$us" link set u0 up
	ip -n "$us" link set decoy0 up
	sleep 1.5
	check_equal "$(session "$us" .dev remote 192.0.2.2)" renamed0 "the device that is shown"
	check_equal "$(downs remote 192.0.2.2)" 0 flaps
	ip -n "$us" link del u0
	ip -n "$us" link set renamed0 name u0
	busywait 10000 session_is "$us" .dev u0 remote 192.0.2.2
	check_err $? "show has the old name after renaming back"
	check_equal "$(downs remote 192.0.2.2)" 0 flaps
	log_test "a device is renamed while it is up: show has the new name, and no flap"
}

went_without_program()
{
	! ip -n "$other" -d link show u0 | grep -q prog/xdp
}

test_move()
{
	local id

	id=$(session "$us" .local_discr remote 192.0.2.2)
	ip -n "$us" link set u0 netns "$other"
	busywait 10000 is_ready null remote 192.0.2.2
	check_err $? "packets could leave without a device"
	pair_is_down 192.0.2.2 192.0.2.1
	check_equal "$(session "$us" .diag remote 192.0.2.2)" control-expiry diag
	check_equal "$(attach u0)" null "attached to a device that isn't here"
	busywait 5000 went_without_program
	check_err $? "a program went with it"
	log_test "a device is moved to another namespace: the session has no path, and times out"

	ip -n "$other" link set u0 netns "$us"
	ip -n "$us" link set u0 up
	add_address "$us" u0 192.0.2.1/24
	pair_is up u0 t0 192.0.2.2 192.0.2.1
	check_equal "$(session "$us" .local_discr remote 192.0.2.2)" "$id" discriminator
	check_equal "$(programs u0)" 1 "programs on u0"
	log_test "it comes back: the session is up again by itself"
}

test_recreate()
{
	local id

	id=$(session "$us" .local_discr remote 192.0.2.2)
	ip -n "$us" link del u0 # and t0 with it
	busywait 10000 is_ready null remote 192.0.2.2
	check_err $? "packets could leave without a device"
	pair_is_down 192.0.2.2 192.0.2.1
	setup_link "$us" u0 "$them" t0
	add_address "$us" u0 192.0.2.1/24
	add_address "$them" t0 192.0.2.2/24
	pair_is up u0 t0 192.0.2.2 192.0.2.1
	check_equal "$(session "$us" .local_discr remote 192.0.2.2)" "$id" discriminator
	log_test "deleted and made again with the same name, both ends: up again by itself"

	# While nobody looks, and another device has its index now.
	stop_agent "$us"
	ip -n "$us" link del u0
	setup_link "$us" u0 "$them" t0
	add_address "$us" u0 192.0.2.1/24
	add_address "$them" t0 192.0.2.2/24
	start_agent "$us"
	pair_is up u0 t0 192.0.2.2 192.0.2.1
	check_equal "$(session "$us" .local_discr remote 192.0.2.2)" "$id" discriminator
	log_test "the same while no agent runs"
	clear_sessions
	ip -n "$us" link del u0
}

test_same_neighbour()
{
	local i

	for i in 0 1 2 3; do
		setup_link "$us" "u$i" "$them" "t$i"
		add_address "$us" "u$i" fe80::1/64
		add_address "$them" "t$i" fe80::2/64
		pair "u$i" "t$i" fe80::2 fe80::1
	done
	for i in 0 1 2 3; do
		pair_is up "u$i" "t$i" fe80::2 fe80::1
		check_equal "$(session "$us" .remote_discr remote fe80::2 dev "u$i")" \
			"$(session "$them" .local_discr remote fe80::1 dev "t$i")" "the peer on u$i"
	done
	log_test "the same link-local neighbour on four links: four sessions, each with its own link's"

	ip -n "$them" link set t2 down
	wait_state "$us" down 15000 remote fe80::2 dev u2
	check_err $? "u2 is not down"
	for i in 0 1 3; do
		pair_is up "u$i" "t$i" fe80::2 fe80::1
		check_equal "$(downs remote fe80::2 dev "u$i")" 0 "flaps on u$i"
	done
	log_test "one of the links is cut: only its session goes down"
	clear_sessions
	for i in 0 1 2 3; do
		ip -n "$us" link del "u$i"
	done
}

test_unnumbered()
{
	setup_link "$us" u0 "$them" t0
	setup_link "$us" u1 "$them" t1
	add_address "$us" lo 203.0.113.1/32
	add_address "$them" lo 203.0.113.2/32
	ip -n "$us" route add 203.0.113.2 dev u0 src 203.0.113.1
	ip -n "$them" route add 203.0.113.1 dev t0 src 203.0.113.2
	pair u0 t0 203.0.113.2 203.0.113.1
	pair_is up u0 t0 203.0.113.2 203.0.113.1
	check_equal "$(session "$us" .local remote 203.0.113.2)" 203.0.113.1 "borrowed address"
	log_test "a link without addresses borrows that of lo"

	add_address "$us" lo 203.0.113.11/32
	add_address "$them" lo 203.0.113.12/32
	ip -n "$us" route add 203.0.113.12 dev u1
	ip -n "$them" route add 203.0.113.11 dev t1
	# shellcheck disable=SC2086
	bfd "$us" add remote 203.0.113.12 local 203.0.113.11 dev u1 $TIMERS >/dev/null
	check_err $? "add with a borrowed address"
	# shellcheck disable=SC2086
	bfd "$them" add remote 203.0.113.11 local 203.0.113.12 dev t1 $TIMERS >/dev/null
	pair_is up u1 t1 203.0.113.12 203.0.113.11
	pair_is up u0 t0 203.0.113.2 203.0.113.1
	log_test "a second one, from an address that is named"

	ip -n "$us" addr del 203.0.113.11/32 dev lo
	wait_state "$us" down 15000 remote 203.0.113.12
	check_err $? "not down without its address"
	add_address "$us" lo 203.0.113.11/32
	pair_is up u1 t1 203.0.113.12 203.0.113.11
	log_test "the borrowed address goes: down; it comes back: up"
	clear_sessions
	ip -n "$us" link del u0
	ip -n "$us" link del u1
}

test_point_to_point()
{
	setup_link "$us" u0 "$them" t0
	ip -n "$us" addr add 203.0.113.21 peer 203.0.113.22 dev u0
	ip -n "$them" addr add 203.0.113.22 peer 203.0.113.21 dev t0
	pair u0 t0 203.0.113.22 203.0.113.21
	pair_is up u0 t0 203.0.113.22 203.0.113.21
	bfd "$us" del remote 203.0.113.22
	# shellcheck disable=SC2086
	bfd "$us" add remote 203.0.113.22 local 203.0.113.21 dev u0 $TIMERS >/dev/null
	check_err $? "add, with the local address named"
	pair_is up u0 t0 203.0.113.22 203.0.113.21
	log_test "an address with a peer (point to point)"
	clear_sessions
	ip -n "$us" link del u0
}

test_bridge()
{
	# Two neighbours behind two ports of a bridge.
	ip -n "$us" link add br0 type bridge || {
		log_skip "sessions on a bridge" "the kernel has no bridge"
		return
	}
	setup_link "$us" p0 "$them" t0
	setup_link "$us" p1 "$them" t1
	ip -n "$us" link set p0 master br0
	ip -n "$us" link set p1 master br0
	ip -n "$us" link set br0 up
	strict_arp "$them"
	add_address "$us" br0 192.0.2.1/24 fe80::1/64
	add_address "$them" t0 192.0.2.2/24 fe80::2/64
	add_address "$them" t1 192.0.2.3/24 fe80::3/64
	pair br0 t0 192.0.2.2 192.0.2.1
	pair br0 t1 192.0.2.3 192.0.2.1
	pair br0 t0 fe80::2 fe80::1
	pair br0 t1 fe80::3 fe80::1
	pair_is up br0 t0 192.0.2.2 192.0.2.1
	pair_is up br0 t1 192.0.2.3 192.0.2.1
	pair_is up br0 t0 fe80::2 fe80::1
	pair_is up br0 t1 fe80::3 fe80::1
	check_equal "$(attach br0)" generic "attached to the bridge"
	check_equal "$(bfd_json "$us" dev show | jq -r '[.[].dev] | join(" ")')" br0 devices
	log_test "neighbours behind the ports of a bridge: up, the program on the bridge alone"

	ip -n "$us" link set p1 down
	wait_state "$us" down 15000 remote fe80::3
	check_err $? "a neighbour behind a port that is down"
	pair_is up br0 t0 fe80::2 fe80::1
	check_equal "$(downs remote fe80::2)" 0 "flaps behind the other port"
	ip -n "$us" link set p1 up
	pair_is up br0 t1 fe80::3 fe80::1
	log_test "a port goes down and comes back: its neighbour does, not the other's"

	ip -n "$us" link del br0
	wait_state "$us" down 15000 remote fe80::2
	check_err $? "a session on a bridge that is gone"
	wait_state "$them" down 15000 remote fe80::1 dev t0
	check_err $? "their session"
	ip -n "$us" link add br0 type bridge
	ip -n "$us" link set p0 master br0
	ip -n "$us" link set p1 master br0
	ip -n "$us" link set br0 up
	add_address "$us" br0 192.0.2.1/24 fe80::1/64
	pair_is up br0 t0 192.0.2.2 192.0.2.1
	pair_is up br0 t1 fe80::3 fe80::1
	log_test "the bridge is deleted and made again: up again by themselves"
	clear_sessions
	ip -n "$us" link del br0
	ip -n "$us" link del p0
	ip -n "$us" link del p1
}

test_macvlan()
{
	setup_link "$us" u0 "$them" t0
	ip -n "$us" link add mv0 link u0 type macvlan mode bridge || {
		log_skip "sessions on a macvlan device" "the kernel has no macvlan"
		return
	}
	ip -n "$us" link set mv0 up
	add_address "$us" u0 fe80::1/64
	add_address "$us" mv0 198.51.100.1/24 fe80::3/64
	add_address "$them" t0 198.51.100.2/24 fe80::2/64
	pair mv0 t0 198.51.100.2 198.51.100.1
	pair_is up mv0 t0 198.51.100.2 198.51.100.1
	check_equal "$(attach mv0)" generic "attached to mv0"
	check_equal "$(programs u0)" 0 "programs below"
	log_test "a macvlan device"

	# The same neighbour on both, and a program below that sees the frames of both first.
	strict_arp "$us"
	add_address "$us" u0 198.51.100.3/24
	pair u0 t0 fe80::2 fe80::1
	pair mv0 t0 fe80::2 fe80::3
	pair u0 t0 198.51.100.2 198.51.100.3
	for address in 1 3; do
		wait_state "$them" up 15000 remote fe80::$address
		check_err $? "their session with fe80::$address is not up"
		wait_state "$them" up 15000 remote 198.51.100.$address
		check_err $? "their session with 198.51.100.$address is not up"
	done
	for remote in fe80::2 198.51.100.2; do
		wait_state "$us" up 15000 remote $remote dev u0
		check_err $? "$remote on u0 is not up"
		wait_state "$us" up 15000 remote $remote dev mv0
		check_err $? "$remote on mv0 is not up"
	done
	check_equal "$(session "$us" .remote_discr remote 198.51.100.2 dev u0)" \
		"$(session "$them" .local_discr remote 198.51.100.3 dev t0)" "the peer on u0"
	check_equal "$(session "$us" .remote_discr remote 198.51.100.2 dev mv0)" \
		"$(session "$them" .local_discr remote 198.51.100.1 dev t0)" "the peer on mv0"
	log_test "the same neighbour on it and on the device below"

	# Its new session knows no discriminator of ours: only the frame's address tells whose it is.
	flaps=$(downs remote 198.51.100.2 dev u0)
	stop_agent "$them"
	agent_flush "$them" --now
	start_agent "$them"
	# shellcheck disable=SC2086
	bfd "$them" add remote 198.51.100.1 dev t0 $TIMERS >/dev/null
	wait_state "$them" up 15000 remote 198.51.100.1
	check_err $? "their session with mv0 is not up"
	wait_state "$us" up 15000 remote 198.51.100.2 dev mv0
	check_err $? "mv0 is not up"
	wait_state "$us" down 15000 remote 198.51.100.2 dev u0
	check_err $? "u0 is not down"
	check_equal "$(session "$us" .diag remote 198.51.100.2 dev u0)" control-expiry "diag on u0"
	check_equal "$(downs remote 198.51.100.2 dev u0)" $((flaps + 1)) "flaps on u0"
	log_test "that neighbour starts again with the macvlan device only: the other times out"
	clear_sessions
	ip -n "$us" link del u0
}

require_root
require jq ping
setup_ns us them other
start_agent "$us"
start_agent "$them"
test_several_addresses
test_large_mtu
test_rename
test_move
test_recreate
test_same_neighbour
test_unnumbered
test_point_to_point
test_bridge
test_macvlan
tap_done
