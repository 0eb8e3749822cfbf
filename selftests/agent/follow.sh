#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 240
#
# The agent follows links, addresses and neighbours, and leaves nothing behind.

. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../netns/topology.sh"

# A detection time that a busy machine doesn't miss.
TIMERS="tx 100ms rx 100ms mult 10"

neighbour()
{
	ip -n "$us" neigh show to "$1" dev "${2-u0}"
}

# The XDP programs on a device of ours.
programs()
{
	ip -n "$us" -d link show "$1" | grep -c 'prog/xdp'
}

# Can packets leave for this neighbour?  true or null
ready()
{
	timeout 20 "$IP_BFD" -n "$us" -j -d bfd show remote "$1" | jq '.[0].path_ready'
}

is()
{
	[ "$("${@:2}")" = "$1" ]
}

# The session, and what the path of its packets depends on.
path_is()
{
	session_is "$us" '"\(.dev) \(.local)"' "$1" remote $THEM4
}

downs()
{
	session "$us" .stats.down_count remote $THEM4
}

test_neighbour()
{
	neighbour $THEM4 | grep -q managed
	check_err $? "not managed: $(neighbour $THEM4)"
	ip -n "$us" neigh del $THEM4 dev u0
	busywait 20000 eval 'neighbour $THEM4 | grep -q "lladdr.*managed"'
	check_err $? "deleted, and not managed again: $(neighbour $THEM4)"
	check_equal "$(downs)" 0 "down_count"
	log_test "the neighbour is managed, and again if its entry is deleted"

	ip -n "$us" neigh replace 192.0.2.77 lladdr 02:00:00:00:00:77 dev u0 nud permanent
	bfd "$us" add remote 192.0.2.77 dev u0 >/dev/null
	check_equal "$(ready 192.0.2.77)" true "path_ready"
	neighbour 192.0.2.77 | grep -q 'PERMANENT'
	check_err $? "permanent entry: $(neighbour 192.0.2.77)"
	bfd "$us" del remote 192.0.2.77
	neighbour 192.0.2.77 | grep -q '02:00:00:00:00:77.*PERMANENT'
	check_err $? "permanent entry after the deletion: $(neighbour 192.0.2.77)"
	log_test "a permanent entry is used and left alone"
}

they_got()
{
	[ "$(session "$them" .stats.rx_packets remote $US4)" -ge "$1" ]
}

# From now on, at an interval of 100 ms.
they_hear()
{
	busywait 20000 they_got $(($(session "$them" .stats.rx_packets remote $US4) + 10))
	check_err $? "they don't hear us"
}

test_own_mac()
{
	ip -n "$us" link set u0 address 02:00:00:00:ab:cd
	sleep 2 # longer than their detection time
	they_hear
	check_equal "$(downs)" 0 "down_count"
	check_equal "$(session "$them" .stats.down_count remote $US4)" 0 "their down_count"
	log_test "our own Ethernet address changes: no flap"
}

test_address_removed()
{
	add_address "$us" u0 192.0.2.11/24
	ip -n "$us" addr del $US4/24 dev u0
	# The kernel takes the secondary address with it, unless told to promote it.
	busywait 20000 is null ready $THEM4
	check_err $? "still sends: $(bfd "$us" show remote $THEM4)"
	wait_state "$us" down 20000 remote $THEM4
	check_err $? "not down without an address"
	add_address "$us" u0 $US4/24
	wait_state "$us" up 30000 remote $THEM4
	check_err $? "not up again with the address"
	log_test "the address goes: down; it comes back: up"
}

test_rename()
{
	local before

	before=$(downs)
	ip -n "$us" link set u0 down
	ip -n "$us" link set u0 name renamed0
	ip -n "$us" link set renamed0 up
	busywait 20000 path_is "renamed0 $US4"
	check_err $? "did not follow: $(bfd "$us" show remote $THEM4)"
	wait_state "$us" up 30000 remote $THEM4
	check_err $? "not up on the renamed device"
	they_hear
	ip -n "$us" link set renamed0 down
	ip -n "$us" link set renamed0 name u0
	ip -n "$us" link set u0 up
	wait_state "$us" up 30000 remote $THEM4
	check_err $? "not up after the name was set back"
	busywait 20000 path_is "u0 $US4"
	check_err $? "did not follow back: $(bfd "$us" show remote $THEM4)"
	check_range "$(downs)" "$before" $((before + 2)) "down_count"
	log_test "a renamed device is followed"
}

test_recreate()
{
	local id

	id=$(session "$us" .local_discr remote $THEM4)
	ip -n "$us" link del u0
	busywait 20000 is null ready $THEM4
	check_err $? "a path without a device: $(bfd "$us" show)"
	check_equal "$(bfd_json "$us" dev show | jq length)" 0 "devices"
	setup_link "$us" u0 "$them" t0
	add_address "$us" u0 $US4/24
	add_address "$them" t0 $THEM4/24
	wait_state "$us" up 30000 remote $THEM4
	check_err $? "not up on the new device"
	check_equal "$(session "$us" .local_discr remote $THEM4)" "$id" "discriminator"
	check_equal "$(programs u0)" 1 "programs on the new device"
	log_test "a device that is made anew is taken up again"
}

wakeups()
{
	awk '/^voluntary_ctxt_switches/ { print $2 }' "/proc/${AGENT_PID[$us]}/status"
}

test_noise()
{
	local before i start

	sleep 4 # the filter is put in when things are quiet
	before=$(wakeups)
	start=$(now_ms)
	for i in {1..200}; do
		echo "neigh replace 192.0.2.$((100 + i % 100)) lladdr 02:00:00:00:01:$(printf %02x $i) dev u0"
	done | ip -n "$us" -batch -
	sleep 0.5
	# Once a second it looks after the clock and the programs, and it hears when a test beside this one
	# deletes a namespace.
	check_range $(($(wakeups) - before)) 0 $((20 + 3 * ($(now_ms) - start) / 1000)) \
		"wakeups during 200 changes of other neighbours"
	log_test "other neighbours don't wake the agent"
}

test_last()
{
	check_equal "$(programs u0)" 1 "programs with a session"
	bfd "$us" del remote $THEM4
	# The deleted session still says AdminDown for three seconds.
	busywait 30000 is 0 programs u0
	check_err $? "a program is left on u0"
	neighbour $THEM4 | grep -q managed
	check_fail $? "still managed: $(neighbour $THEM4)"
	log_test "the last session takes program and neighbour mark with it"
}

setup_two_agents
bfd "$us" add remote $THEM4 dev u0 $TIMERS >/dev/null
bfd "$them" add remote $US4 dev t0 $TIMERS >/dev/null
wait_up "$us" remote $THEM4
log_test "up"
test_neighbour
test_own_mac
test_address_removed
test_rename
test_recreate
test_noise
test_last
tap_done
