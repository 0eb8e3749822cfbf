#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 150
#
# Sessions on VLAN devices, with the same addresses on each of them and on the device below.

. "$(dirname "$0")/../lib.sh"

programs()
{
	ip -n "$us" -d link show "$1" | grep -c 'prog/xdp'
}

is()
{
	[ "$("${@:2}")" = "$1" ]
}

# vlan ID: a VLAN device with that id on both ends, with the link-local addresses of all.
add_vlan()
{
	ip -n "$us" link add "u0.$1" link u0 type vlan id "$1" 2>/dev/null || return 1
	ip -n "$them" link add "t0.$1" link t0 type vlan id "$1"
	ip -n "$us" link set "u0.$1" up
	ip -n "$them" link set "t0.$1" up
	add_address "$us" "u0.$1" fe80::1/64
	add_address "$them" "t0.$1" fe80::2/64
}

both_up()
{
	wait_state "$us" up 30000 remote fe80::2 dev "u0$1"
	check_err $? "u0$1 is not up"
	wait_state "$them" up 30000 remote fe80::1 dev "t0$1"
	check_err $? "t0$1 is not up"
}

require_root
require jq ethtool
setup_ns us them
setup_link "$us" u0 "$them" t0
add_address "$us" u0 fe80::1/64
add_address "$them" t0 fe80::2/64
add_vlan 10 || skip_all "the kernel has no VLAN devices"
add_vlan 20
start_agent "$us"
start_agent "$them"

for vlan in .10 .20; do
	bfd "$us" add remote fe80::2 dev "u0$vlan" tx 300ms rx 300ms mult 5 >/dev/null
	check_err $? "add on u0$vlan"
	bfd "$them" add remote fe80::1 dev "t0$vlan" tx 300ms rx 300ms mult 5 >/dev/null
done
both_up .10
both_up .20
check_equal "$(bfd_json "$us" show | jq -c '[.[].remote_discr] | unique | length')" 2 \
	"different peers"
check_equal "$(programs u0) $(programs u0.10) $(programs u0.20)" "0 1 1" \
	"programs on u0, u0.10, u0.20"
log_test "the same addresses on two VLANs, tags kept beside the frame: two sessions"

# As from hardware that leaves the tag in the frame: a program below can see it.
ip netns exec "$us" ethtool -K u0 txvlan off >/dev/null
ip netns exec "$them" ethtool -K t0 txvlan off >/dev/null
bfd "$us" add remote fe80::2 dev u0 tx 300ms rx 300ms mult 5 >/dev/null
bfd "$them" add remote fe80::1 dev t0 tx 300ms rx 300ms mult 5 >/dev/null
both_up ""
both_up .10
both_up .20
check_equal "$(bfd_json "$us" show | jq -c '[.[].remote_discr] | unique | length')" 3 \
	"different peers"
check_equal "$(bfd_json "$us" dev show | jq -c '[.[].dev] | sort')" '["u0","u0.10","u0.20"]' \
	"devices"
log_test "and untagged, tags in the frame: three sessions"

ip -n "$them" link set t0.10 down
wait_state "$us" down 20000 remote fe80::2 dev u0.10
check_err $? "u0.10 is still up"
both_up .20
both_up ""
log_test "one VLAN is cut: only its session goes down"

bfd "$us" del remote fe80::2 dev u0
bfd "$us" del remote fe80::2 dev u0.10
busywait 30000 is 0 programs u0
check_err $? "a program is left on u0"
busywait 30000 is 0 programs u0.10
check_err $? "a program is left on u0.10"
both_up .20
log_test "a program goes with the last session on its device"
tap_done
