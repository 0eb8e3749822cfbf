#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 420
#
# Someone else's hands: what others do to devices, addresses, neighbours, routes, programs and
# filters under sessions that are up.  Each has one outcome, and an event says what happened.
# bfd-agent(8) has the table; bpffs is unmounted in pins.sh, the clock device is beset in clock.sh.

. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../netns/topology.sh"

# A detection time that a busy machine doesn't miss, and that ends before the agent looks by itself.
TIMERS="tx 100ms rx 100ms mult 8"
LONGER=2 # than that, seconds
LO_US=198.51.100.1 LO_THEM=198.51.100.2
EVENTS=$TEST_TMP/events
MARK=0

# From here on: what seen() and said() look at, and flaps() counts.
mark()
{
	MARK=$(wc -l < "$EVENTS")
	LOG_MARK=$(wc -l < "${AGENT_LOG[$us]}")
	FLAPS=$(downs)
}

event_is_there()
{
	tail -n +$((MARK + 1)) "$EVENTS" | jq -e -s "any(.[]; $1)" >/dev/null 2>&1
}

# seen FILTER: an event of ours passes it, now or soon.
seen()
{
	busywait 20000 event_is_there "$1"
	check_err $? "no event '$1' among: $(tail -n +$((MARK + 1)) "$EVENTS" | tail -n 4)"
}

# problem NAME OLD-NAME: the session's path has it, and an event says so.
problem()
{
	seen ".event == \"change\" and .path_problem == \"$1\" and .old_path_problem == \"$2\""
}

# changed NAME: an event says that this of the path is new.
changed()
{
	seen ".event == \"change\" and (.path_changes // [] | index(\"$1\"))"
}

# fault NAME DEVICE: an event of the data plane as a whole.
fault()
{
	seen ".event == \"fault\" and .fault == \"$1\" and .dev == $2 and .repaired == ${3-true}"
}

said_so()
{
	tail -n +$((LOG_MARK + 1)) "${AGENT_LOG[$us]}" | grep -q "$1"
}

said()
{
	busywait 20000 said_so "$1"
	check_err $? "the log doesn't say '$1'"
}

downs()
{
	echo $(($(session "$us" .stats.down_count remote $THEM4) +
		$(session "$them" .stats.down_count remote $US4)))
}

no_flap()
{
	check_equal "$(downs)" "$FLAPS" "times that either end failed"
	check_equal "$(session "$us" .state remote $THEM4)" up "our state"
}

# The peer hears us: packets have left since it is asked.
heard()
{
	local before

	before=$(session "$them" .stats.rx_packets remote $US4)
	busywait 20000 heard_more "$before"
	check_err $? "the peer hears nothing"
}

heard_more()
{
	[ "$(session "$them" .stats.rx_packets remote $US4)" -gt "$1" ]
}

down_with()
{
	wait_state "$us" down 20000 remote $THEM4
	check_err $? "not down"
	check_equal "$(session "$us" .diag remote $THEM4)" "$1" "our diagnostic"
}

both_up()
{
	wait_up "$us" remote $THEM4
	wait_up "$them" remote $US4
}

freeze()
{
	kill -STOP "${AGENT_PID[$us]}"
}

thaw()
{
	kill -CONT "${AGENT_PID[$us]}"
}

# The id of the program that is attached to u0.
program()
{
	ip -n "$us" -j -d link show u0 | jq '.[0].xdp.prog.id'
}

take_off()
{
	local link

	link=$(xdp_link "$us" u0)
	bpftool link detach id "$link"
	check_err $? "bpftool link detach id $link"
}

net()
{
	nsenter --net="/run/netns/$us" bpftool net "$@"
}

# Somebody's XDP program, that passes all.
make_other_program()
{
	echo '__attribute__((section("xdp"), used)) int pass(void *context) { return 2; }
		char license_of[] __attribute__((section("license"), used)) = "GPL";' |
		clang -target bpf -O2 -g -c -x c -o "$TEST_TMP/other.o" - || bail "no other program"
}

multiplier()
{
	bfd "$us" change remote $THEM4 mult "$1"
	bfd "$them" change remote $US4 mult "$1"
	busywait 20000 session_is "$us" .remote_mult "$1" remote $THEM4
	check_err $? "we don't hear of their multiplier $1"
	busywait 20000 session_is "$them" .remote_mult "$1" remote $US4
	check_err $? "they don't hear of our multiplier $1"
}

test_program()
{
	local program

	program=$(program)
	mark
	ip -n "$us" link set u0 xdp off 2>/dev/null
	check_fail $? "ip link set xdp off"
	ip -n "$us" -force link set u0 xdpdrv object "$TEST_TMP/other.o" section xdp 2>/dev/null
	check_fail $? "ip -force link set xdpdrv"
	ip -n "$us" link set u0 xdpgeneric object "$TEST_TMP/other.o" section xdp 2>/dev/null
	check_fail $? "ip link set xdpgeneric"
	net attach xdpgeneric id "$program" dev u0 overwrite 2>/dev/null
	check_fail $? "bpftool net attach xdpgeneric"
	check_equal "$(program)" "$program" "the program on u0"
	no_flap
	log_test "XDP set off or replaced by ip or bpftool: the kernel refuses"

	mark
	take_off
	fault program-detached '"u0"'
	seen '.event == "fault" and .sessions_reset == 0'
	said 'the program was taken off u0, and is attached again: tc received meanwhile'
	heard
	no_flap
	log_test "XDP detached by force: tc receives, attached again within a second"

	mark
	freeze
	take_off
	ip -n "$us" link set u0 xdpdrv object "$TEST_TMP/other.o" section xdp
	check_err $? "ip link set xdpdrv"
	sleep $LONGER
	thaw
	fault program-detached '"u0"' false
	said 'the program was taken off u0: another XDP program is on u0; tc receives'
	check_equal "$(bfd_json "$us" dev show | jq -r '.[0].attach')" tc "dev show"
	heard
	no_flap
	ip -n "$us" link set u0 xdpdrv off
	fault program-detached '"u0"'
	heard
	no_flap
	log_test "XDP detached, another program in its place: tc receives; back when that goes"
}

filter_is_there()
{
	tc -n "$us" filter show dev u0 ingress | grep -q "pref $1.*$2"
	check_err $? "no filter: $(tc -n "$us" filter show dev u0 ingress)"
}

test_filter()
{
	local preference

	for preference in 3784 3785; do
		mark
		tc -n "$us" filter del dev u0 ingress pref $preference
		check_err $? "tc filter del"
		fault filter-removed '"u0"'
		said 'a filter of ours was removed from u0'
		filter_is_there 3784 bfd_answer
		filter_is_there 3785 bfd_receive
	done
	mark
	tc -n "$us" qdisc del dev u0 clsact
	check_err $? "tc qdisc del"
	fault filter-removed '"u0"'
	filter_is_there 3784 bfd_answer
	filter_is_there 3785 bfd_receive
	tc -n "$us" qdisc replace dev u0 root pfifo limit 100
	check_err $? "tc qdisc replace"
	sleep $LONGER
	tc -n "$us" qdisc del dev u0 root
	heard
	no_flap
	log_test "filter or clsact of the device removed: there again; another root qdisc: nothing"

	multiplier 100 # so that the agent comes before the detection time
	mark
	freeze
	take_off
	tc -n "$us" qdisc del dev u0 clsact
	sleep 0.5
	thaw
	# Whichever it looks at first.
	seen '.event == "fault" and (.fault == "filter-removed" or .fault == "program-detached") and
		.dev == "u0" and .repaired == true and .sessions_reset == 1'
	seen '.event == "state" and .new_state == "down" and .diag == "forwarding-reset"'
	both_up
	multiplier 8
	log_test "XDP and clsact removed, so that nothing receives: put back, sessions reset"
}

test_clock()
{
	mark
	tc -n "$us" qdisc del dev bfd-tick1 clsact
	check_err $? "tc qdisc del"
	fault clock-device null
	heard
	mark
	tc -n "$us" filter del dev bfd-tick1 ingress
	check_err $? "tc filter del"
	fault clock-device null
	heard
	mark
	ip -n "$us" link del bfd-tick0
	fault clock-device null
	said 'somebody changed the device of the transmit clock'
	heard
	no_flap
	log_test "clsact, filter, or all of the clock device removed: put right at once"
}

# In one process, that nothing comes between.
flap_device()
{
	printf 'link set u0 %s\n' down up | ip -n "$us" -batch -
	check_err $? "link set u0 down, up"
}

test_link()
{
	mark
	flap_device
	seen '.event == "change" and ((.path_changes // [] | index("device-flap")) or
		.old_path_problem == "device-down")'
	heard
	no_flap
	log_test "interface down and up within the detection time: keeps going"

	mark
	freeze
	flap_device
	sleep $LONGER
	no_flap_without_us
	thaw
	changed device-flap
	heard
	no_flap
	log_test "the same with the agent stopped"

	mark
	ip -n "$us" link set u0 down
	problem device-down none
	down_with control-expiry
	check_equal "$(session "$us" .path_problem remote $THEM4)" device-down "show"
	bfd "$us" show remote $THEM4 | grep -q 'problem device-down'
	check_err $? "show: $(bfd "$us" show remote $THEM4)"
	ip -n "$us" link set u0 up
	problem none device-down
	both_up
	log_test "interface down for longer: down, control-expiry; up again with it"
}

# While our agent is stopped only the peer can be asked.
no_flap_without_us()
{
	check_equal "$(session "$them" .state remote $US4)" up "the peer's state"
}

# A hold-down shows while it lasts.
test_held()
{
	local text

	bfd "$us" change remote $THEM4 hold-down 30s
	ip -n "$us" link set u0 down
	wait_state "$us" down 20000 remote $THEM4
	text=$(bfd "$us" show remote $THEM4)
	check_range "$(session "$us" .hold_down_left remote $THEM4)" 1000 30000000 "held"
	grep -q 'held for [0-9.]*m\?s' <<< "$text"
	check_err $? "show: $text"
	ip -n "$us" link set u0 up
	bfd "$us" change remote $THEM4 hold-down off
	check_err $? "hold-down off"
	both_up
	check_equal "$(session "$us" .hold_down_left remote $THEM4)" null "held when up"
	log_test "with hold-down: show says how long the session is held"
}

test_own_mac()
{
	mark
	ip -n "$us" link set u0 address 02:00:00:00:ab:01
	changed device-mac
	heard
	no_flap
	mark
	freeze
	ip -n "$us" link set u0 address 02:00:00:00:ab:02
	sleep $LONGER
	no_flap_without_us
	thaw
	changed device-mac
	heard
	no_flap
	log_test "our Ethernet address changes, also with the agent stopped: keeps going"
}

kernel_believes()
{
	ip -n "$us" neigh show to $THEM4 dev u0 | grep -q "lladdr $1"
}

# The kernel believes no second address within a second of the one before, or of whatever else it has
# heard of that neighbour (locktime).
their_mac()
{
	local try

	for try in 1 2 3 4 5; do
		ip -n "$them" link set t0 address "02:00:00:00:cd:$1$try"
		busywait 1300 kernel_believes "02:00:00:00:cd:$1$try" && return
	done
	check_err 1 "their other address isn't believed: $(ip -n "$us" neigh show to $THEM4 dev u0)"
}

test_their_mac()
{
	ip netns exec "$them" sh -c 'echo 1 > /proc/sys/net/ipv4/conf/t0/arp_notify'
	mark
	their_mac 1
	changed neighbour-mac
	heard
	no_flap
	sleep 1.2
	mark
	freeze
	their_mac 2
	sleep $LONGER
	no_flap_without_us
	thaw
	changed neighbour-mac
	heard
	no_flap
	log_test "the neighbour's Ethernet address changes, also with the agent stopped: keeps going"
}

test_neighbour()
{
	mark
	ip -n "$us" neigh del $THEM4 dev u0
	check_err $? "ip neigh del"
	busywait 20000 is_managed
	check_err $? "not managed again: $(ip -n "$us" neigh show to $THEM4 dev u0)"
	heard
	no_flap
	mark
	fail_neighbour
	problem neighbour-failed none
	heard
	no_flap
	problem none neighbour-failed
	log_test "the neighbour's entry deleted, or failed: keeps going; asked for again"
}

# The kernel asks anew by itself, every five seconds: when that comes before the agent has looked, there
# is nothing to tell.
fail_neighbour()
{
	local try

	for try in 1 2 3; do
		ip -n "$us" neigh change $THEM4 dev u0 nud failed
		check_err $? "nud failed"
		busywait 3000 event_is_there '.path_problem == "neighbour-failed"' && return
	done
}

is_managed()
{
	ip -n "$us" neigh show to $THEM4 dev u0 | grep -q 'lladdr.*managed'
}

test_address()
{
	mark
	ip -n "$us" addr del $US4/24 dev u0
	problem no-address none
	down_with control-expiry
	add_address "$us" u0 $US4/24
	problem none no-address
	both_up
	log_test "our address removed: down, control-expiry; up again with it"

	mark
	freeze
	ip -n "$us" addr del $US4/24 dev u0
	sleep $LONGER
	no_flap_without_us
	thaw
	problem no-address none
	down_with control-expiry
	add_address "$us" u0 $US4/24
	both_up
	log_test "the same with the agent stopped: down only when that looks again"
}

route()
{
	ip -n "$us" route replace $LO_THEM/32 via "$1" src $LO_US
	ip -n "$them" route replace $LO_US/32 via "$2" src $LO_THEM
}

test_route()
{
	route $THEM4 $US4 # the address took it along
	bfd "$us" add remote $LO_THEM local $LO_US multihop $TIMERS >/dev/null
	bfd "$them" add remote $LO_US local $LO_THEM multihop $TIMERS >/dev/null
	wait_up "$us" remote $LO_THEM
	mark
	route 203.0.113.2 203.0.113.1
	seen ".event == \"change\" and .remote == \"$LO_THEM\" and .dev == \"u1\" and
		(.path_changes // [] | index(\"device\") and index(\"next-hop\"))"
	sleep $LONGER
	check_equal "$(session "$us" .state remote $LO_THEM)" up "our state"
	check_equal "$(session "$us" .stats.down_count remote $LO_THEM)" 0 "our failures"
	log_test "the route of a multihop session moved: followed, keeps going"

	mark
	ip -n "$us" route del $LO_THEM/32
	problem no-route none
	wait_state "$us" down 20000 remote $LO_THEM
	check_err $? "not down without a route"
	route 203.0.113.2 203.0.113.1
	problem none no-route
	wait_up "$us" remote $LO_THEM
	bfd "$us" del remote $LO_THEM
	bfd "$them" del remote $LO_US
	log_test "the route removed: down; up again with it"
}

test_rename()
{
	mark
	ip -n "$us" link set u0 name renamed0 2>/dev/null || {
		log_skip "the device renamed" "this kernel doesn't rename one that is up"
		return
	}
	seen '.event == "change" and .dev == "renamed0" and (.path_changes | index("device"))'
	heard
	no_flap
	ip -n "$us" link set renamed0 name u0
	seen '.event == "change" and .dev == "u0" and (.path_changes // [] | index("device"))'
	log_test "the device renamed: followed, keeps going"
}

gone()
{
	seen '.event == "change" and .path_problem == "no-device"' # maybe device-down before
	said 'u0 is gone: 1 sessions wait for a device of that name'
	down_with control-expiry
}

test_gone()
{
	mark
	ip -n "$us" link set u0 netns "$other"
	gone
	ip -n "$other" link set u0 netns "$us"
	ip -n "$us" link set u0 up
	add_address "$us" u0 $US4/24
	both_up
	seen '.event == "change" and (.path_changes // [] | index("device")) or
		.old_path_problem == "no-device"'
	log_test "the device moved to another namespace: down, control-expiry; back: up again"

	bfd "$us" listen 10.9.0.0/24 dev u0
	mark
	ip -n "$us" link del u0
	gone
	check_equal "$(bfd_json "$us" listen show 10.9.0.0/24 dev u0 | jq -r '.[0].dev')" u0 "listener"
	bfd "$us" listen del 10.9.0.0/25 dev u0 2>/dev/null
	check_fail $? "another listener is deleted"
	bfd "$us" listen del 10.9.0.0/24 dev u0
	check_err $? "listen del by a name that is gone"
	check_equal "$(bfd_json "$us" listen show | jq length)" 0 listeners
	setup_link "$us" u0 "$them" t0
	add_address "$us" u0 $US4/24
	add_address "$them" t0 $THEM4/24
	both_up
	log_test "the device deleted: down, control-expiry; made again: up again"
}

require_root
require jq bpftool tc nsenter clang
setup_ns us them other
setup_link "$us" u0 "$them" t0
setup_link "$us" u1 "$them" t1
add_address "$us" u0 $US4/24
add_address "$them" t0 $THEM4/24
add_address "$us" u1 203.0.113.1/24
add_address "$them" t1 203.0.113.2/24
add_address "$us" lo $LO_US/32
add_address "$them" lo $LO_THEM/32
route $THEM4 $US4
make_other_program
start_agent "$us"
start_agent "$them"
bfd "$us" add remote $THEM4 dev u0 $TIMERS >/dev/null
bfd "$them" add remote $US4 dev t0 $TIMERS >/dev/null
start_monitor "$us" "$EVENTS"
both_up
log_test up
test_program
test_filter
test_clock
test_link
test_held
test_own_mac
test_their_mac
test_neighbour
test_address
test_route
test_rename
test_gone
tap_done
