#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 400
# long
#
# Listeners (RFC 9468): sessions made by the other side's first packet, within prefix, subnet
# and limit; removed when idle; kept through a restart; gone with their listener, unless
# somebody asked for them.  On u0 are real sessions of an agent, on u1 the forged packets
# of the scripted peer.

. "$(dirname "$0")/../lib.sh"

TIMERS="tx 200ms rx 200ms mult 5"

# How many sessions we have on a device.
count()
{
	bfd_json "$us" show | jq --arg dev "$1" '[.[] | select(.dev == $dev)] | length'
}

count_is()
{
	[ "$(count "$1")" = "$2" ]
}

# listener FILTER: of the only listener.
listener()
{
	bfd_json "$us" listen show | jq -r ".[0] | $1"
}

# knock ADDRESS...: one packet of a new neighbour from each, on u1.
knock()
{
	local address

	for address; do
		peer P send v4 src="$address" your=0 state=down >/dev/null
	done
}

programs()
{
	ip -n "$us" -d link show "$1" | grep -c 'prog/xdp'
}

is()
{
	[ "$("${@:2}")" = "$1" ]
}

# they_add ADDRESS: a session of theirs from it, each to another address of ours: they have
# no more than one to each.
they_add()
{
	local ours=$((${1##*.} + 50))

	# shellcheck disable=SC2086
	bfd "$them" add remote "192.0.2.$ours" local "$1" dev t0 $TIMERS >/dev/null
	check_err $? "their session from $1"
}

our_addresses()
{
	add_address "$us" u0 192.0.2.{52,53,54,55,177,178}/24 fe80::1/64
}

test_off()
{
	they_add 192.0.2.2
	sleep 2.5
	check_equal "$(bfd_json "$us" show | jq length)" 0 "sessions without a listener"
	check_equal "$(bfd_json "$us" listen show | jq length)" 0 listeners
	check_equal "$(programs u0)" 0 "programs on u0"
	log_test "off by default: their packets make no session"
}

test_first_packet()
{
	# shellcheck disable=SC2086
	bfd "$us" listen 192.0.2.0/25 dev u0 limit 3 idle 3s $TIMERS
	check_err $? "listen"
	check_equal "$(programs u0)" 1 "programs on u0 without a session"
	check_equal "$(bfd_json "$us" dev show | jq -c '[.[].dev]')" '["u0"]' "devices"
	wait_state "$us" up 15000 remote 192.0.2.2
	check_err $? "not up"
	wait_state "$them" up 5000 remote 192.0.2.52
	check_err $? "theirs is not up"
	check_equal "$(session "$us" '"\(.dev) \(.local) \(.passive) \(.unsolicited)"' remote 192.0.2.2)" \
		"u0 192.0.2.52 true true" "device, our address, passive, unsolicited"
	check_equal "$(session "$us" '"\(.desired_min_tx) \(.required_min_rx) \(.mult)"' remote 192.0.2.2)" \
		"200000 200000 5" timers
	check_equal "$(listener .sessions)" 1 "sessions of the listener"
	log_test "a session is made by their first packet, with the listener's parameters"

	bfd "$us" listen 192.0.2.0/25 dev u0 limit 9 2>/dev/null
	check_fail $? "a second listener for the same"
	bfd "$us" listen 192.0.2.0/25 dev nosuch0 2>/dev/null
	check_fail $? "a listener on no device"
	check_equal "$(listener .limit)" 3 "limit"
	log_test "what can't be is refused, and changes nothing"
}

test_prefix()
{
	they_add 192.0.2.127
	they_add 192.0.2.128
	wait_state "$us" up 15000 remote 192.0.2.127
	check_err $? "the last address of the prefix"
	sleep 2.5
	check_equal "$(bfd_json "$us" show | jq '[.[] | select(.remote == "192.0.2.128")] | length')" 0 \
		"sessions beyond the prefix"
	bfd "$them" del remote 192.0.2.178
	log_test "the prefix: its last address, and not the next one"

	they_add 192.0.2.3
	wait_state "$us" up 15000 remote 192.0.2.3
	check_err $? "the third"
	they_add 192.0.2.4
	sleep 3.5
	check_equal "$(count u0)" 3 "sessions at the limit"
	check_equal "$(session "$them" .state remote 192.0.2.54)" down "state of the fourth"
	log_test "the limit: no fourth session"
}

test_idle()
{
	bfd "$them" del remote 192.0.2.53
	wait_state "$us" down 5000 remote 192.0.2.3
	check_err $? "not down after their deletion"
	# It is removed, and the one that the limit kept out takes its place.
	wait_state "$us" up 30000 remote 192.0.2.4
	check_err $? "the fourth does not come up"
	check_equal "$(bfd_json "$us" show | jq '[.[] | select(.remote == "192.0.2.3")] | length')" 0 \
		"the idle one"
	check_equal "$(count u0)" 3 sessions
	check_equal "$(session "$us" .stats.down_count remote 192.0.2.2)" 0 "flaps of another"
	log_test "an idle session is removed, and makes room"
}

test_restart()
{
	local before after

	before=$(bfd_json "$us" show | jq -c '[.[] | [.local_discr, .remote, .unsolicited]] | sort')
	stop_agent "$us" KILL
	sleep 1.5
	start_agent "$us"
	after=$(bfd_json "$us" show | jq -c '[.[] | [.local_discr, .remote, .unsolicited]] | sort')
	check_equal "$after" "$before" "sessions"
	check_equal "$(listener '"\(.prefix) \(.dev) \(.limit) \(.sessions)"')" "192.0.2.0/25 u0 3 3" \
		"the listener"
	check_equal "$(session "$us" .stats.down_count remote 192.0.2.2)" 0 flaps
	log_test "the agent is killed and started again: listener and sessions are as before"

	bfd "$them" del remote 192.0.2.177
	busywait 20000 count_is u0 2
	check_err $? "an idle session after the restart: $(count u0)"
	they_add 192.0.2.5
	wait_state "$us" up 20000 remote 192.0.2.5
	check_err $? "a new neighbour after the restart"
	log_test "and it goes on: idle ones are removed, new ones come"
}

test_device()
{
	ip -n "$us" link del u0
	busywait 20000 count_is u0 0
	check_err $? "sessions without a device: $(count u0)"
	check_equal "$(bfd_json "$us" listen show | jq length)" 1 "listeners without a device"
	setup_link "$us" u0 "$them" t0
	their_addresses
	our_addresses
	wait_state "$us" up 30000 remote 192.0.2.2
	check_err $? "not up on the new device"
	check_equal "$(listener .dev)" u0 "its device"
	log_test "the device is deleted and made again: the listener waits, and listens again"
}

test_delete()
{
	local start

	bfd "$us" listen del 192.0.2.0/25 dev u0
	check_err $? "listen del"
	check_equal "$(bfd_json "$us" show | jq length)" 0 sessions
	check_equal "$(bfd_json "$us" listen show | jq length)" 0 listeners
	check_equal "$(bfd_json "$us" dev show | jq length)" 0 devices
	wait_state "$them" down 3000 remote 192.0.2.52
	check_err $? "they were not told"
	check_equal "$(session "$them" '"\(.diag) \(.remote_state)"' remote 192.0.2.52)" \
		"neighbor-down admin-down" "what they were told"
	busywait 15000 is 0 programs u0
	check_err $? "a program is left on u0"
	bfd "$us" listen del 192.0.2.0/25 dev u0 2>/dev/null
	check_fail $? "deleted twice"
	log_test "deletion takes its sessions along, and the peers are told"
	bfd "$them" flush
}

# who ADDRESS: of our session with it, what must outlast a take-over, and whose it is.
who()
{
	session "$us" '"\(.local_discr) \(.state) \(.stats.down_count) \(.unsolicited == true)"' \
		remote "$1"
}

# taken ID ADDRESS WORD...: after these words that session is the listener's no longer, and didn't flap.
taken()
{
	check_equal "$(who "$2")" "$1 up 0 false" "the session with $2 after '${*:3}'"
}

id_of()
{
	session "$us" .local_discr remote "$1"
}

test_take_over()
{
	local address ids=() events=$TEST_TMP/taken

	# shellcheck disable=SC2086
	bfd "$us" listen 192.0.2.0/25 dev u0 limit 9 idle 2s $TIMERS
	for address in 192.0.2.{2..5}; do
		they_add "$address"
	done
	for address in 192.0.2.{2..5}; do
		wait_state "$us" up 15000 remote "$address"
		check_err $? "$address is not up"
		ids+=("$(id_of "$address")")
	done
	start_monitor "$us" "$events"
	bfd "$us" add remote 192.0.2.2 dev u0 rx 250ms mult 6 name kept >/dev/null
	check_err $? add
	taken "${ids[0]}" 192.0.2.2 add
	check_equal "$(session "$us" '"\(.desired_min_tx) \(.required_min_rx) \(.mult)
		\(.passive == true) \(.name)"' remote 192.0.2.2 | xargs)" \
		"300000 250000 6 false kept" "its parameters after 'add', defaults for what is absent"
	check_equal "$(session "$us" .local_discr name kept)" "${ids[0]}" "found by its name"
	busywait 5000 file_has "$events" '.remote == "192.0.2.2" and .unsolicited != true'
	check_err $? "observers weren't told"
	# shellcheck disable=SC2086
	bfd "$us" replace remote 192.0.2.3 dev u0 $TIMERS >/dev/null
	check_err $? replace
	taken "${ids[1]}" 192.0.2.3 replace
	# shellcheck disable=SC2086
	bfd "$us" add remote 192.0.2.4 dev u0 $TIMERS client bgp >/dev/null
	check_err $? "add client bgp"
	taken "${ids[2]}" 192.0.2.4 add client bgp
	bfd "$us" change remote 192.0.2.5 mult 6
	check_err $? change
	check_equal "$(who 192.0.2.5)" "${ids[3]} up 0 true" "after 'change'"
	check_equal "$(listener .sessions)" 1 "sessions of the listener"
	log_test "add, replace and a client take a listener's session over as it runs; change doesn't"

	bfd "$us" add remote 192.0.2.5 dev u0 local 192.0.2.52 2>/dev/null
	check_fail $? "another local address"
	bfd "$us" add remote 192.0.2.5 dev u0 name kept 2>/dev/null
	check_fail $? "another's name"
	bfd "$us" replace remote 192.0.2.5 dev u0 name kept 2>/dev/null
	check_fail $? "another's name, by replace"
	check_equal "$(who 192.0.2.5)" "${ids[3]} up 0 true" "after what was refused"
	bfd "$us" add remote 192.0.2.2 dev u0 2>/dev/null
	check_fail $? "added twice"
	log_test "what can't be is refused, and changes nothing"
	test_taken_stay
}

test_taken_stay()
{
	stop_agent "$us" KILL
	start_agent "$us"
	bfd "$them" flush
	busywait 20000 count_is u0 3
	check_err $? "sessions when idle: $(count u0)"
	sleep 4
	check_equal "$(count u0)" 3 "sessions long after"
	bfd "$us" listen del 192.0.2.0/25 dev u0
	check_equal "$(count u0)" 3 "sessions without the listener"
	bfd "$us" del remote 192.0.2.4 client bgp
	check_equal "$(count u0)" 2 "sessions when their only client has left"
	bfd "$us" flush
	log_test "they stay when idle and without the listener, past a restart too"
}

test_held()
{
	local said id

	said=$(bfd "$us" listen 192.0.2.0/25 dev u0 idle 2s hold-down 3s 2>&1)
	check_equal "$said" "Error: idle-time 2000000 is below hold-down-interval 3000000." \
		"idle below hold-down"
	check_equal "$(bfd_json "$us" listen show | jq length)" 0 "listeners after that"
	log_test "a listener whose idle time is below its hold-down is refused"

	# shellcheck disable=SC2086
	bfd "$us" listen 192.0.2.0/25 dev u0 idle 2s $TIMERS
	they_add 192.0.2.2
	wait_state "$us" up 15000 remote 192.0.2.2
	check_err $? "not up"
	id=$(id_of 192.0.2.2)
	bfd "$us" change remote 192.0.2.2 admin down
	sleep 5
	check_equal "$(session "$us" '"\(.local_discr) \(.state)"' remote 192.0.2.2)" \
		"$id admin-down" "long after 'admin down'"
	bfd "$us" change remote 192.0.2.2 admin up hold-down 6s
	wait_state "$us" up 15000 remote 192.0.2.2
	check_err $? "not up after 'admin up'"
	bfd "$them" reset
	wait_state "$us" down 5000 remote 192.0.2.2
	check_err $? "not down by their reset"
	wait_state "$us" up 20000 remote 192.0.2.2
	check_err $? "not up after the hold-down"
	check_equal "$(id_of 192.0.2.2)" "$id" "discriminator"
	log_test "AdminDown isn't idle, nor is hold-down"
	bfd "$us" listen del 192.0.2.0/25 dev u0
	bfd "$them" flush
}

# fill ACTION FIRST: add or del as many listeners as there is room for beside one, from FIRST on.
fill()
{
	seq "$2" 4094 | awk -v action="$1" \
		'{ print "bfd listen", action, "10.0." int($1 / 256) "." $1 % 256 "/32 dev u1" }' |
		timeout 60 "$IP_BFD" -n "$us" -batch - >/dev/null
}

waits()
{
	bfd_json "$us" listen show | jq -r '.[] | select(.prefix == "192.0.2.0/25") | .dev'
}

test_full()
{
	fill add 0
	check_err $? "fill"
	# shellcheck disable=SC2086
	bfd "$us" listen 192.0.2.0/25 dev u0 $TIMERS
	check_err $? "the last one"
	bfd "$us" listen 192.0.2.0/26 dev u0 2>/dev/null
	check_fail $? "one too many"
	ip -n "$us" link del u0
	busywait 10000 grep -q "192.0.2.0/25 on u0: there are too many" "${AGENT_LOG[$us]}"
	check_err $? "the agent doesn't say that it can't move the listener"
	bfd "$us" listen del 10.0.0.0/32 dev u1
	sleep 3
	setup_link "$us" u0 "$them" t0
	their_addresses
	our_addresses
	they_add 192.0.2.2
	wait_state "$us" up 15000 remote 192.0.2.2
	check_err $? "not up on the new device"
	stop_agent "$us" KILL
	start_agent "$us"
	check_equal "$(waits)" u0 "the listener for 192.0.2.0/25 in the data plane"
	bfd "$us" listen del 192.0.2.0/25 dev u0
	fill del 1
	check_err $? "delete them again"
	log_test "a listener that finds no room to wait for its device in is moved when there is"
	bfd "$them" flush
}

test_off_subnet()
{
	bfd "$us" listen 0.0.0.0/0 dev u1 limit 10 idle 60s
	check_err $? "listen to all"
	knock 198.51.100.9 203.0.113.7 10.255.0.1
	# The network's own address, its broadcast address, and ourselves.
	knock 10.0.0.0 10.0.255.255 10.0.0.1 127.0.0.1 224.0.0.5 0.0.0.0
	sleep 1.5
	check_equal "$(bfd_json "$us" show | jq -c '[.[] | .remote]')" "[]" sessions
	knock 10.0.3.4
	busywait 5000 count_is u1 1
	check_err $? "a neighbour on the subnet: $(count u1)"
	log_test "sources that are not on the device's subnet are refused, whatever the prefix"
}

test_flood()
{
	local i

	for i in {1..300}; do
		knock 10.0.$((i % 200 + 1)).$((i / 2 + 1))
	done
	busywait 10000 count_is u1 10
	check_err $? "sessions: $(count u1)"
	sleep 1.5
	check_equal "$(count u1)" 10 "sessions at the limit"
	check_equal "$(listener .sessions)" 10 "sessions of the listener"
	check_range "$(grep -c 'limit of sessions' "${AGENT_LOG[$us]}")" 1 3 "lines about it in the log"
	log_test "a flood of new neighbours stays within the limit"
	bfd "$us" listen del 0.0.0.0/0 dev u1
	check_equal "$(bfd_json "$us" show | jq length)" 0 "sessions after the deletion"
	log_test "and is gone with the listener"
}

test_link_local()
{
	bfd "$us" listen fe80::/64 dev u0 $TIMERS
	check_err $? "listen"
	# shellcheck disable=SC2086
	bfd "$them" add remote fe80::1 local fe80::2 dev t0 $TIMERS >/dev/null
	wait_state "$us" up 15000 remote fe80::2 dev u0
	check_err $? "not up"
	log_test "an IPv6 link-local neighbour"
}

their_addresses()
{
	add_address "$them" t0 192.0.2.2/24 192.0.2.3/24 192.0.2.4/24 192.0.2.5/24 192.0.2.127/24 \
		192.0.2.128/24 fe80::2/64
}

require_root
require jq /usr/bin/python3
setup_ns us them raw
setup_link "$us" u0 "$them" t0
setup_link "$us" u1 "$raw" r0
ip netns exec "$raw" sh -c 'echo 1 > /proc/sys/net/ipv6/conf/r0/disable_ipv6'
their_addresses
our_addresses
add_address "$us" u1 10.0.0.1/16
start_agent "$us"
start_agent "$them"
start_peer P "$raw" r0
peer P session v4 local=10.0.0.2 remote=10.0.0.1 mute=on machine=off >/dev/null
test_off
test_first_packet
test_prefix
test_idle
test_restart
test_device
test_delete
test_take_over
test_held
test_full
test_off_subnet
test_flood
test_link_local
tap_done
