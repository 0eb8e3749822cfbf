#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What runs in the virtual machine for vm/vrf.sh: two VRFs at each end, with the same
# addresses in both.  The machine is emulated and slow, so intervals are long and only
# order and outcome are asserted.
#
#	us: red with u0, blue with u1	them: red with t0, blue with t1

. "$(dirname "$0")/../../lib.sh"

SLOW="tx 500ms rx 500ms mult 10"
US=192.0.2.1 THEM=192.0.2.2
US6=2001:db8::1 THEM6=2001:db8::2
US_FAR=198.51.100.1 THEM_FAR=198.51.100.2
US_NEARER=198.18.0.1 # in blue

# setup_vrf NS NAME TABLE DEV ADDRESS ADDRESS6 FAR-ADDRESS NEXT-HOP FAR-REMOTE
setup_vrf()
{
	ip -n "$1" link add "$2" up type vrf table "$3" ||
		bail "no VRF device"
	ip -n "$1" link set "$4" master "$2"
	add_address "$1" "$4" "$5/24" "$6/64" "fe80::${6##*:}/64"
	add_address "$1" "$2" "$7/32"
	ip -n "$1" route add "$9/32" via "$8" vrf "$2" src "$7" || bail "no route in the VRF"
}

setup_end()
{
	setup_vrf "$us" "$1" "$2" "$3" $US $US6 $US_FAR $THEM $THEM_FAR
	setup_vrf "$them" "$1" "$2" "$4" $THEM $THEM6 $THEM_FAR $US $US_FAR
}

# add NS WORD...
add()
{
	# shellcheck disable=SC2086
	bfd "$1" add "${@:2}" $SLOW >/dev/null
	check_err $? "add ${*:2}"
}

# is_up NS SELECTOR...
is_up()
{
	wait_state "$1" up 60000 "${@:2}"
	check_err $? "${*:2}: not up in $1"
}

# shown SELECTOR...
shown()
{
	session "$us" '"\(.vrf) \(.dev) \(.local)"' "$@"
}

is()
{
	[ "$("${@:2}")" = "$1" ]
}

refused()
{
	local text="Error: $1." said

	said=$(bfd "$us" add "${@:2}" 2>&1 >/dev/null)
	check_equal "$said" "$text" "'add ${*:2}'"
}

# Each discriminator is the other's, in the VRF of that name.
same_pair()
{
	check_equal "$(session "$us" .remote_discr vrf "$1" remote "$2")" \
		"$(session "$them" .local_discr vrf "$1" remote "$3")" "remote_discr in $1"
}

# echo_source VRF ADDRESS
echo_source()
{
	check_equal "$(session "$us" .echo_source remote $THEM vrf "$1")" "$2" "echo source in $1"
}

test_single_hop()
{
	add "$us" remote $THEM vrf red
	add "$them" remote $US vrf red
	add "$us" remote $THEM dev u1
	add "$them" remote $US dev t1
	is_up "$us" remote $THEM vrf red
	is_up "$us" remote $THEM vrf blue
	is_up "$them" remote $US vrf red
	is_up "$them" remote $US vrf blue
	check_equal "$(shown remote $THEM vrf red)" "red u0 $US" "session in red"
	check_equal "$(shown remote $THEM dev u1)" "blue u1 $US" "session in blue"
	same_pair red $THEM $US
	same_pair blue $THEM $US
	# Of two that would do, the smaller is preferred: it is blue's only.
	echo_source red $US_FAR
	echo_source blue $US_NEARER
	log_test "one neighbour address in two VRFs: each has its session"

	add "$us" remote $THEM6 dev u0
	add "$them" remote $US6 dev t0
	is_up "$us" remote $THEM6 vrf red
	log_test "an IPv6 session in a VRF comes up"
}

test_refused()
{
	refused "u0 is not in the VRF blue" remote 192.0.2.9 dev u0 vrf blue
	refused "no route to 203.0.113.1: name the device with dev" remote 203.0.113.1 vrf red
	refused "no route to $THEM: name the device with dev" remote $THEM
	refused "$US_FAR is our own address" remote $US_FAR multihop vrf red
	refused "local address $US_FAR is on no device" remote 203.0.113.1 local $US_FAR multihop
	refused "no route to $THEM_FAR: name the address to use with local" \
		remote $THEM_FAR multihop
	log_test "addresses and routes of one VRF are none of another"
}

test_multihop()
{
	local vrf

	for vrf in red blue; do
		add "$us" remote $THEM_FAR multihop vrf $vrf
		add "$them" remote $US_FAR multihop vrf $vrf
	done
	for vrf in red blue; do
		is_up "$us" remote $THEM_FAR vrf $vrf
		is_up "$them" remote $US_FAR vrf $vrf
		same_pair $vrf $THEM_FAR $US_FAR
	done
	check_equal "$(shown remote $THEM_FAR vrf red)" "red u0 $US_FAR" "session in red"
	check_equal "$(shown remote $THEM_FAR vrf blue)" "blue u1 $US_FAR" "session in blue"
	log_test "multihop: the same addresses in two VRFs, each by its table"

	ip -n "$us" route del $THEM_FAR/32 vrf red
	# They hear nothing; we, who hear them say Down, are Init.
	wait_state "$them" down 60000 remote $US_FAR vrf red
	check_err $? "not down without the route"
	check_equal "$(session "$us" .state remote $THEM_FAR vrf blue)" up "the one in blue"
	ip -n "$us" route add $THEM_FAR/32 via $THEM vrf red src $US_FAR
	is_up "$us" remote $THEM_FAR vrf red
	log_test "the route of one VRF goes and comes: its session with it"
}

test_restart()
{
	local before

	before=$(bfd_json "$us" show | jq -c '[.[] | "\(.local_discr) \(.vrf)"] | sort')
	stop_agent "$us" KILL
	sleep 2
	start_agent "$us"
	sleep 2
	check_equal "$(bfd_json "$us" show | jq -c '[.[] | "\(.local_discr) \(.vrf)"] | sort')" \
		"$before" "sessions"
	check_equal "$(bfd_json "$us" show | jq '[.[] | select(.state == "up")] | length')" 5 \
		"sessions up"
	check_equal "$(bfd_json "$us" show | jq '[.[].stats.down_count] | add')" 1 "failures"
	log_test "the agent is killed and started again: the sessions are adopted, VRFs and all"
}

test_move()
{
	ip -n "$us" link set u0 nomaster
	busywait 10000 is "null u0 $US" shown remote $THEM dev u0
	check_err $? "not shown without VRF: $(bfd "$us" show)"
	is_up "$us" remote $THEM dev u0
	wait_state "$us" down 60000 remote $THEM_FAR vrf red
	check_err $? "the multihop session in red goes on"
	log_test "the device leaves its VRF: its session comes up there"

	ip -n "$us" link set u0 master blue
	busywait 10000 is "blue u0 $US" shown remote $THEM dev u0
	check_err $? "not shown in blue: $(bfd "$us" show)"
	ip -n "$us" link set u0 master red
	busywait 10000 is "red u0 $US" shown remote $THEM dev u0
	check_err $? "not shown in red: $(bfd "$us" show)"
	# The kernel dropped the routes by a device that moved.
	ip -n "$us" route replace $THEM_FAR/32 via $THEM vrf red src $US_FAR
	is_up "$us" remote $THEM dev u0
	is_up "$us" remote $THEM_FAR vrf red
	check_equal "$(session "$us" .state remote $THEM_FAR vrf blue)" up "the one in blue"
	log_test "it comes into another, and back: all sessions are up again"
}

test_recreated()
{
	ip -n "$us" link del red
	wait_state "$us" down 60000 remote $THEM_FAR vrf red 2>/dev/null ||
		wait_state "$us" down 60000 remote $THEM_FAR local $US_FAR
	ip -n "$us" link add red type vrf table 10
	ip -n "$us" link set red up
	ip -n "$us" link set u0 master red
	add_address "$us" red $US_FAR/32
	ip -n "$us" route add $THEM_FAR/32 via $THEM vrf red src $US_FAR
	is_up "$us" remote $THEM_FAR vrf red
	is_up "$us" remote $THEM vrf red
	log_test "the VRF is deleted and made anew: the sessions come up in the new one"
}

test_end()
{
	bfd "$us" flush
	busywait 60000 no_programs
	check_err $? "programs are left"
	log_test "the last session takes the programs with it"
}

no_programs()
{
	! ip -n "$us" -d link show | grep -q 'prog/xdp'
}

require_root
require jq
note "kernel $(uname -r)"
setup_ns us them
setup_link "$us" u0 "$them" t0
setup_link "$us" u1 "$them" t1
setup_end red 10 u0 t0
setup_end blue 20 u1 t1
add_address "$us" blue $US_NEARER/32
start_agent "$us"
start_agent "$them"
test_single_hop
test_refused
test_multihop
test_restart
test_move
test_recreated
test_end
tap_done
