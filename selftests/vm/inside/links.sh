#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What runs in the virtual machine for vm/links.sh: sessions on VLAN, QinQ and bond devices,
# an agent at each end.  The machine is emulated and slow, so intervals are long and only
# order and outcome are asserted.

. "$(dirname "$0")/../../lib.sh"

SLOW="tx 500ms rx 500ms mult 6"

# pair OUR-DEVICE THEIR-DEVICE: a session at each end, between fe80::1 and fe80::2.
pair()
{
	add_address "$us" "$1" fe80::1/64
	add_address "$them" "$2" fe80::2/64
	# shellcheck disable=SC2086
	bfd "$us" add remote fe80::2 dev "$1" $SLOW >/dev/null
	check_err $? "add on $1"
	# shellcheck disable=SC2086
	bfd "$them" add remote fe80::1 dev "$2" $SLOW >/dev/null
	check_err $? "add on $2"
}

# pair_is STATE OUR-DEVICE THEIR-DEVICE
pair_is()
{
	wait_state "$us" "$1" 60000 remote fe80::2 dev "$2"
	check_err $? "$2 is not $1"
	wait_state "$them" "$1" 60000 remote fe80::1 dev "$3"
	check_err $? "their $3 is not $1"
}

# Each of the devices has the other end of its own link for a peer.
peers_match()
{
	local dev

	for dev; do
		check_equal "$(session "$us" .remote_discr remote fe80::2 dev "u$dev")" \
			"$(session "$them" .local_discr remote fe80::1 dev "t$dev")" "the peer on u$dev"
	done
}

attach()
{
	bfd_json "$us" dev show | jq -r --arg dev "$1" '[.[] | select(.dev == $dev)][0].attach'
}

downs()
{
	session "$us" .stats.down_count remote fe80::2 dev "$1"
}

# stack NAME KIND...: `u0NAME` on u0 at our end, `t0NAME` on t0 at theirs.
stack()
{
	ip -n "$us" link add link "u0${1%.*}" name "u0$1" type "${@:2}" &&
		ip -n "$them" link add link "t0${1%.*}" name "t0$1" type "${@:2}"
	check_err $? "cannot make u0$1 or t0$1"
	ip -n "$us" link set "u0$1" up
	ip -n "$them" link set "t0$1" up
}

test_vlan()
{
	setup_link "$us" u0 "$them" t0
	stack .10 vlan id 10
	stack .20 vlan id 20
	pair u0.10 t0.10
	pair u0.20 t0.20
	pair_is up u0.10 t0.10
	pair_is up u0.20 t0.20
	peers_match 0.10 0.20
	log_test "the same neighbour on two VLANs"

	stack .300 vlan protocol 802.1ad id 300
	stack .300.10 vlan id 10
	stack .10.30 vlan id 30
	pair u0.300.10 t0.300.10
	pair u0.10.30 t0.10.30
	pair_is up u0.300.10 t0.300.10
	pair_is up u0.10.30 t0.10.30
	peers_match 0.10 0.20 0.300.10 0.10.30
	log_test "and in QinQ, of 802.1ad and of 802.1Q"

	# As from hardware that leaves the tag in the frame, where a program below can see it.
	ip netns exec "$us" ethtool -K u0 txvlan off >/dev/null
	ip netns exec "$them" ethtool -K t0 txvlan off >/dev/null
	pair u0 t0
	pair_is up u0 t0
	for dev in 0.10 0.20 0.300.10 0.10.30; do
		pair_is up "u$dev" "t$dev"
	done
	peers_match 0 0.10 0.20 0.300.10 0.10.30
	log_test "and without a tag, on the device below all"

	ip -n "$them" link set t0.300 down
	wait_state "$us" down 60000 remote fe80::2 dev u0.300.10
	check_err $? "u0.300.10 is not down"
	pair_is up u0.10 t0.10
	check_equal "$(downs u0.10) $(downs u0.20) $(downs u0.10.30)" "0 0 0" "flaps elsewhere"
	log_test "an outer VLAN is cut: only what is in it goes down"
	bfd "$us" flush
	bfd "$them" flush
	ip -n "$us" link del u0
}

# bond NS NAME PORT...
bond()
{
	local port

	ip -n "$1" link add "$2" type bond mode active-backup miimon 100
	check_err $? "cannot make a bond"
	for port in "${@:3}"; do
		ip -n "$1" link set "$port" down
		ip -n "$1" link set "$port" master "$2"
		check_err $? "$port can't be a port of $2"
	done
	ip -n "$1" link set "$2" up
}

active()
{
	ip -n "$us" -d -j link show ub0 | jq -r '.[0].linkinfo.info_data.active_slave'
}

active_is()
{
	[ "$(active)" = "$1" ]
}

test_bond()
{
	setup_link "$us" u0 "$them" t0
	setup_link "$us" u1 "$them" t1
	bond "$us" ub0 u0 u1
	bond "$them" tb0 t0 t1
	# The agents started before these links: they must have heard of the bond's carrier.
	pair ub0 tb0
	pair_is up ub0 tb0
	check_equal "$(attach ub0)" generic "attached to ub0"
	log_test "a bond, active and backup"

	active_is u0
	check_err $? "active: $(active)"
	ip -n "$them" link set t0 down
	busywait 20000 active_is u1
	check_err $? "active after the cut: $(active)"
	sleep 5
	pair_is up ub0 tb0
	check_equal "$(downs ub0)" 0 flaps
	check_equal "$(session "$them" .stats.down_count remote fe80::1 dev tb0)" 0 "their flaps"
	log_test "its active port fails: no flap"

	ip -n "$us" link add link ub0 name ub0.10 type vlan id 10
	ip -n "$them" link add link tb0 name tb0.10 type vlan id 10
	ip -n "$us" link set ub0.10 up
	ip -n "$them" link set tb0.10 up
	pair ub0.10 tb0.10
	pair_is up ub0.10 tb0.10
	pair_is up ub0 tb0
	check_equal "$(session "$us" .remote_discr remote fe80::2 dev ub0.10)" \
		"$(session "$them" .local_discr remote fe80::1 dev tb0.10)" "the peer on the VLAN"
	log_test "a VLAN on the bond, beside it"

	ip -n "$them" link set t0 up
	busywait 20000 bond_is_whole
	ip -n "$them" link set t1 down
	busywait 20000 active_is u0
	check_err $? "active after the second cut: $(active)"
	sleep 5
	pair_is up ub0.10 tb0.10
	check_equal "$(downs ub0) $(downs ub0.10)" "0 0" flaps
	log_test "the other port fails: no flap on either"

	ip -n "$them" link set t0 down
	pair_is down ub0 tb0
	pair_is down ub0.10 tb0.10
	log_test "both ports fail: down"
}

# Have both ports of ours a carrier?
bond_is_whole()
{
	[ "$(ip -n "$us" -j link show master ub0 | jq '[.[] | select(.operstate == "UP")] | length')" = 2 ]
}

require_root
require jq ethtool
setup_ns us them
start_agent "$us"
start_agent "$them"
test_vlan
test_bond
tap_done
