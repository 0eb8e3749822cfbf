#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 400
#
# Multihop sessions (RFC 5883) between `us` and `them`, with two ways through the router
# `hub`: found by both addresses, the route followed while they are up, packets taken from
# whatever device they come by.
#
#	us u0 -- h0 hub h2 -- t0 them
#	us u1 -- h1 hub h3 -- t1 them

. "$(dirname "$0")/../lib.sh"

TIMERS="tx 200ms rx 200ms mult 5"
US=198.51.100.1 US_OTHER=198.51.100.11 THEM=198.51.100.2
US6=2001:db8:100::1 THEM6=2001:db8:100::2

# setup_leg NS DEV NUMBER: 10.0.NUMBER.1 there, .254 at the hub.
setup_leg()
{
	local ns=$1 dev=$2 number=$3

	setup_link "$ns" "$dev" "$hub" "h$number"
	add_address "$ns" "$dev" "10.0.$number.1/24" "2001:db8:$number::1/64" "fe80::1/64"
	add_address "$hub" "h$number" "10.0.$number.254/24" "2001:db8:$number::254/64" "fe80::254/64"
}

# route NS DESTINATION NUMBER [SOURCE]: by the leg of that number.
route()
{
	ip -n "$1" route replace "$2/32" via "10.0.$3.254" ${4:+src "$4"}
}

setup_network()
{
	setup_ns us hub them
	ip netns exec "$hub" sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward
		echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
		echo 0 > /proc/sys/net/ipv4/conf/all/rp_filter
		echo 0 > /proc/sys/net/ipv4/conf/default/rp_filter'
	setup_leg "$us" u0 0
	setup_leg "$us" u1 1
	setup_leg "$them" t0 2
	setup_leg "$them" t1 3
	add_address "$us" lo $US/32 $US_OTHER/32 $US6/128
	add_address "$them" lo $THEM/32 $THEM6/128
	route "$us" $THEM 0 $US
	route "$them" $US 2 $THEM
	route "$them" $US_OTHER 2 $THEM
	ip -n "$hub" route add $US/32 via 10.0.0.1
	ip -n "$hub" route add $US_OTHER/32 via 10.0.0.1
	ip -n "$hub" route add $THEM/32 via 10.0.2.1
	ip -n "$us" route add $THEM6/128 via fe80::254 dev u0 src $US6
	ip -n "$them" route add $US6/128 via fe80::254 dev t0 src $THEM6
	ip -n "$hub" route add $US6/128 via 2001:db8:0::1
	ip -n "$hub" route add $THEM6/128 via 2001:db8:2::1
	start_agent "$us"
	start_agent "$them"
}

# add NS REMOTE WORD...
add()
{
	local ns=$1 remote=$2

	shift 2
	# shellcheck disable=SC2086
	bfd "$ns" add remote "$remote" multihop $TIMERS "$@" >/dev/null
	check_err $? "add remote $remote multihop $*"
}

# is_up NS SELECTOR...
is_up()
{
	wait_state "$1" up 20000 "${@:2}"
	check_err $? "${*:2}: not up in $1"
}

refused()
{
	local text="Error: $1." said

	shift
	said=$(bfd "$us" add "$@" 2>&1 >/dev/null)
	check_equal $? 2 "exit status of 'add $*'"
	check_equal "$said" "$text" "'add $*'"
}

programs()
{
	ip -n "$us" -d link show "$1" | grep -c 'prog/xdp'
}

downs()
{
	session "$us" .stats.down_count "$@"
}

is()
{
	[ "$("${@:2}")" = "$1" ]
}

device()
{
	session "$us" .dev "$@"
}

# Can packets leave?  true or null
ready()
{
	timeout 20 "$IP_BFD" -n "$us" -j -d bfd show "$@" | jq '.[0].path_ready'
}

# Packets that reached the hub on one of its devices.
arrived()
{
	ip -n "$hub" -j -s link show "$1" | jq '.[0].stats64.rx.packets'
}

# have_arrived DEVICE COUNT
have_arrived()
{
	[ "$(arrived "$1")" -ge "$2" ]
}

# arriving DEVICE: the session's, of which there are about 6 a second, and few others.
arriving()
{
	busywait 10000 have_arrived "$1" $(($(arrived "$1") + 12))
}

received()
{
	session "$us" .stats.rx_packets remote $THEM
}

received_are()
{
	[ "$(received)" -ge "$1" ]
}

# How many next hops by this address are kept resolved for us.
managed()
{
	ip -n "$us" neigh show "$@" | grep -c managed
}

test_up()
{
	check_equal "$(programs u1)" 0 "programs before"
	add "$us" $THEM
	add "$them" $US
	is_up "$us" remote $THEM
	is_up "$them" remote $US
	check_equal "$(session "$us" '"\(.multihop) \(.local) \(.dev)"' remote $THEM)" \
		"true $US u0" "session"
	check_equal "$(session "$us" .min_ttl remote $THEM)" 1 "min_ttl"
	log_test "a session comes up through a router"

	check_equal "$(programs u0) $(programs u1)" "1 1" "programs on u0 and u1"
	ip -n "$us" neigh show 10.0.0.254 dev u0 | grep -q managed
	check_err $? "not managed: $(ip -n "$us" neigh show)"
	check_equal "$(ip -n "$us" neigh show $THEM)" "" "neighbour entries of the far end"
	log_test "packets are awaited on every device; the next hop is the managed neighbour"

	add "$us" $THEM6
	add "$them" $US6
	is_up "$us" remote $THEM6
	is_up "$them" remote $US6
	check_equal "$(session "$us" '"\(.local) \(.dev)"' remote $THEM6)" "$US6 u0" "IPv6 session"
	log_test "an IPv6 session comes up, by a link-local gateway"
}

test_refused()
{
	refused "a multihop session from $US to $THEM exists" remote $THEM multihop
	refused "a multihop session from $US to $THEM exists" remote $THEM local $US multihop
	refused "no route to 203.0.113.9: name the address to use with local" \
		remote 203.0.113.9 multihop
	refused "local address 198.51.100.99 is on no device" \
		remote $THEM local 198.51.100.99 multihop
	refused "$US_OTHER is our own address" remote $US_OTHER multihop
	refused "fe80::9 is link-local: no more than one hop away" remote fe80::9 multihop
	log_test "what no multihop session can be"
}

test_two_locals()
{
	add "$us" $THEM local $US_OTHER
	add "$them" $US_OTHER
	is_up "$us" remote $THEM local $US_OTHER
	is_up "$them" remote $US_OTHER
	check_equal "$(session "$us" .remote_discr remote $THEM local $US_OTHER)" \
		"$(session "$them" .local_discr remote $US_OTHER)" "discriminators"
	check_equal "$(session "$us" .remote_discr remote $THEM local $US)" \
		"$(session "$them" .local_discr remote $US)" "discriminators of the first"
	bfd "$them" del remote $US_OTHER
	wait_state "$us" down 10000 remote $THEM local $US_OTHER
	check_err $? "the deleted one is not down"
	check_equal "$(session "$us" .state remote $THEM local $US)" up "the other"
	check_equal "$(downs remote $THEM local $US)" 0 "failures of the other"
	bfd "$us" del remote $THEM local $US_OTHER
	check_err $? "del by remote and local"
	log_test "two sessions with one remote, from different addresses (RFC 5883 4.1)"
}

# The hub has sessions of its own; transit is none of its agent's business.
test_single_hop_beside()
{
	local id

	start_agent "$hub"
	# shellcheck disable=SC2086
	bfd "$us" add remote 10.0.0.254 dev u0 $TIMERS >/dev/null
	check_err $? "single hop"
	add "$us" 10.0.0.254 local 10.0.0.1
	# shellcheck disable=SC2086
	id=$(bfd_json "$hub" add remote 10.0.0.1 dev h0 $TIMERS | jq '.[0].local_discr')
	busywait 20000 is '["false up","true down"]' both_kinds
	check_err $? "only the single hop has a peer: $(both_kinds)"
	add "$hub" 10.0.0.1 local 10.0.0.254
	is_up "$us" remote 10.0.0.254 multihop
	bfd "$hub" del id "$id"
	check_err $? "deletion of the single hop at the hub"
	busywait 10000 is '["false down","true up"]' both_kinds
	check_err $? "after the end of the single hop: $(both_kinds)"
	check_equal "$(downs remote $THEM)" 0 "failures of the session in transit"
	log_test "single hop and multihop to one remote know nothing of each other"
	bfd "$us" flush remote 10.0.0.254
	bfd "$hub" flush
}

both_kinds()
{
	bfd_json "$us" show remote 10.0.0.254 |
		jq -c '[.[] | "\(.multihop // false) \(.state)"] | sort'
}

test_way_back()
{
	ip -n "$hub" route replace $US/32 via 10.0.1.1
	sleep 1
	busywait 20000 received_are $(($(received) + 12))
	check_err $? "not 12 packets more"
	check_equal "$(device remote $THEM)" u0 "the way there"
	check_equal "$(downs remote $THEM)" 0 "failures"
	log_test "the way back may be another: packets come by u1, ours leave by u0"
}

test_route_change()
{
	route "$us" $THEM 1 $US
	busywait 10000 is u1 device remote $THEM
	check_err $? "did not follow: $(bfd "$us" show)"
	arriving h1
	check_err $? "nothing arrives on h1"
	check_equal "$(downs remote $THEM)" 0 "failures"
	check_equal "$(session "$them" .stats.down_count remote $US)" 0 "failures at them"
	check_equal "$(session "$us" .state remote $THEM)" up state
	log_test "the route changes: the session follows without a flap"

	busywait 5000 is 0 managed 10.0.0.254 dev u0
	check_err $? "the old next hop is still managed"
	ip -n "$us" rule add to $THEM lookup 77 priority 50
	ip -n "$us" route add $THEM/32 via 10.0.0.254 src $US table 77
	busywait 10000 is u0 device remote $THEM
	check_err $? "did not follow the rule: $(bfd "$us" show)"
	ip -n "$us" rule del to $THEM lookup 77 priority 50
	busywait 10000 is u1 device remote $THEM
	check_err $? "did not follow the end of the rule: $(bfd "$us" show)"
	check_equal "$(downs remote $THEM)" 0 "failures"
	log_test "policy rules are followed, and the neighbour that served before is let go"
}

test_route_gone()
{
	ip -n "$us" route del $THEM/32
	busywait 10000 is null ready remote $THEM
	check_err $? "still sends"
	check_equal "$(session "$us" '.dev' remote $THEM)" null "device without a route"
	wait_state "$them" down 10000 remote $US
	check_err $? "they are not down"
	check_equal "$(session "$them" .diag remote $US)" control-expiry "their diag"
	route "$us" $THEM 0 $US
	is_up "$us" remote $THEM
	is_up "$them" remote $US
	log_test "the route vanishes: down by itself; it is back: up by itself"

	ip -n "$us" link set u0 down
	busywait 10000 is null ready remote $THEM
	check_err $? "still sends by a link that is down"
	ip -n "$us" link set u0 up
	route "$us" $THEM 0 $US
	is_up "$us" remote $THEM
	log_test "the link goes down and takes its routes along: followed too"
}

test_min_ttl()
{
	# The hub takes one of 255.
	bfd "$us" change remote $THEM min-ttl 254
	check_err $? "min-ttl 254"
	sleep 2
	check_equal "$(session "$us" .min_ttl remote $THEM)" 254 min_ttl
	check_equal "$(session "$us" .state remote $THEM)" up "state with min-ttl 254"
	bfd "$us" change remote $THEM min-ttl 255
	wait_state "$us" down 10000 remote $THEM
	check_err $? "not down with min-ttl 255"
	check_range "$(session "$us" '.stats.rx_invalid.ttl' remote $THEM)" 1 100000 "discards by ttl"
	bfd "$us" change remote $THEM min-ttl 254
	is_up "$us" remote $THEM
	log_test "min-ttl: 254 passes one router, 255 none"
}

# The agent is killed, and the route changes while none runs.
test_restart()
{
	local before id

	before=$(downs remote $THEM)
	id=$(session "$us" .local_discr remote $THEM)
	stop_agent "$us" KILL
	route "$us" $THEM 1 $US
	sleep 2
	start_agent "$us"
	check_equal "$(session "$us" '"\(.local_discr) \(.state) \(.multihop) \(.min_ttl) \(.local)"' remote $THEM)" \
		"$id up true 254 $US" "adopted session"
	busywait 10000 is u1 device remote $THEM
	check_err $? "does not follow: $(bfd "$us" show)"
	check_equal "$(programs u0) $(programs u1)" "1 1" "programs on u0 and u1"
	busywait 5000 is 0 managed 10.0.0.254 dev u0
	check_err $? "the next hop of before is still managed"
	sleep 2
	route "$us" $THEM 0 $US
	busywait 10000 is u0 device remote $THEM
	check_err $? "does not follow any more: $(bfd "$us" show)"
	sleep 2
	check_equal "$(session "$us" .state remote $THEM)" up state
	check_equal "$(downs remote $THEM)" "$before" "failures"
	log_test "the agent is killed and started again: adopted, and followed on"
}

test_end()
{
	bfd "$us" flush
	check_err $? flush
	# The kernel takes a program off some time after its last reference is gone.
	busywait 5000 is 0 programs u1
	check_err $? "the program is still on u1"
	# A deleted session says so for a while.
	busywait 20000 is 0 programs u0
	check_err $? "the program is still on u0"
	busywait 5000 is 0 managed
	check_err $? "managed neighbours: $(ip -n "$us" neigh show)"
	log_test "the last session takes the programs and the mark of the neighbour with it"
}

require_root
require jq
setup_network
test_up
test_refused
test_two_locals
test_single_hop_beside
test_way_back
test_route_change
test_route_gone
test_min_ttl
test_restart
test_end
tap_done
