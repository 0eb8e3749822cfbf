#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 300
#
# bpffs unmounted under a running agent: what keeps sessions beyond its end is made again.  And an
# agent that sees another bpffs than the one before leaves the data plane of that one alone.

. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../netns/topology.sh"

TIMERS="tx 100ms rx 100ms mult 10"

# In the mount namespace of the holder.
inside()
{
	nsenter -t "$HOLDER" -m "$@"
}

# Another log each time: what the agent before has said must not count as what this one says.
start_inside()
{
	AGENT_LOG[$us]=$(mktemp "$TEST_TMP/agent.XXXXXX")
	nsenter -t "$HOLDER" -m "$AGENT" --netns "$us" > "${AGENT_LOG[$us]}" 2>&1 &
	AGENT_PID[$us]=$!
	busywait 60000 agent_said_ready "${AGENT_LOG[$us]}" "${AGENT_PID[$us]}"
	grep -q '^bfd-agent: ready' "${AGENT_LOG[$us]}" || bail "the agent inside did not become ready"
}

pin_count()
{
	inside find /sys/fs/bpf/ipbfd -type f 2>/dev/null | wc -l
}

require nsenter unshare
setup_two_agents
stop_agent "$us"
agent_flush "$us" --now
# Mounts of its own, so that nobody else's bpffs goes; what others unmount goes here too, or their
# deleted namespaces would live on.
unshare -m --propagation slave sleep 300 &
HOLDER=$!
defer kill_process $HOLDER
# It becomes sleep once all is set up.  Before, the namespace may be new and its mounts still shared: to
# unmount there would take everybody's bpffs away.
busywait 20000 grep -qx sleep "/proc/$HOLDER/comm" || bail "unshare did not get ready"
[ "$(readlink /proc/$HOLDER/ns/mnt)" != "$(readlink /proc/self/ns/mnt)" ] ||
	bail "no mount namespace of its own"
inside umount -l /sys/fs/bpf
inside mount -t bpf bpf /sys/fs/bpf
start_inside
bfd "$us" add remote $THEM4 dev u0 $TIMERS >/dev/null
bfd "$them" add remote $US4 dev t0 $TIMERS >/dev/null
wait_up "$them" remote $US4
start_monitor "$us" "$TEST_TMP/events"
before=$(pin_count)
check_range "$before" 10 100 "pins"
log_test "up"

inside umount -l /sys/fs/bpf
check_err $? "umount"
busywait 20000 eval '[ "$(pin_count)" = "$before" ]'
check_err $? "$(pin_count) pins, not $before"
# Said when they are all there.
busywait 20000 grep -q 'pins in bpffs were gone' "${AGENT_LOG[$us]}"
check_err $? "nothing was said"
busywait 20000 file_has "$TEST_TMP/events" '.fault == "pins-removed" and .repaired'
check_err $? "no event: $(cat "$TEST_TMP/events")"
log_test "bpffs unmounted: it is mounted again, and all pins are made again"

# Each pin by itself, the link, a program, a map and what marks our qdisc.
dir=$(inside find /sys/fs/bpf/ipbfd -type d -name 'abi-*')
for kind in xdp program-tick sessions clsact events; do
	pin=$(inside find "$dir" -type f -name "$kind*" | head -n 1)
	told=$(wc -l < "$TEST_TMP/events")
	inside rm "$pin"
	check_err $? "no pin $kind"
	busywait 20000 inside test -e "$pin"
	check_err $? "$pin isn't made again"
	busywait 20000 eval '[ "$(wc -l < "$TEST_TMP/events")" -gt "$told" ]'
	check_err $? "no event of $pin"
done
check_equal "$(pin_count)" "$before" "pins"
log_test "one pin removed, of each kind: it is made again"

stop_agent "$us" KILL
sleep 3 # of a detection time of one
check_equal "$(session "$them" .state remote $US4)" up "the state without an agent"
check_equal "$(session "$them" .stats.down_count remote $US4)" 0 "failures"
log_test "the session outlives the agent"

tick_program()
{
	tc -n "$us" -j filter show dev bfd-tick1 ingress | jq '.[].options.prog.id // empty'
}

# refused OPTION...: from where other pins are.
refused()
{
	timeout 60 "$AGENT" --netns "$us" "$@" > "$TEST_TMP/out" 2>&1
	check_equal $? 1 "exit status, $*"
	check_equal "$(grep -c 'pinned elsewhere' "$TEST_TMP/out") $(wc -l < "$TEST_TMP/out")" "1 1" \
		"said, $*: $(cat "$TEST_TMP/out")"
	check_equal "$(tick_program)" "$tick" "the program of the clock, $*"
}

tick=$(tick_program)
check_range "$tick" 1 1000000000 "the program of the clock"
refused
refused --check
refused --handover
refused --flush --now
check_equal "$(session "$them" '"\(.state) \(.stats.down_count)"' remote $US4)" "up 0" "their end"
log_test "where its pins aren't seen: refused, and the data plane is left alone"

inside timeout 60 "$AGENT" --netns "$us" --flush --now
check_err $? "--flush"
log_test "and can be removed"

# Only the pins and what they held: the clock runs on.
start_inside
bfd "$us" add remote $THEM4 dev u0 $TIMERS >/dev/null
wait_up "$us" remote $THEM4
stop_agent "$us" KILL
inside umount -l /sys/fs/bpf
tick=$(tick_program)
check_range "$tick" 1 1000000000 "the program of the clock"
start_agent "$us"
bfd "$us" add remote $THEM4 dev u0 $TIMERS >/dev/null
wait_up "$us" remote $THEM4
log_test "what is left when the pins of a data plane went is taken over"
stop_agent "$us"
agent_flush "$us" --now

filters()
{
	tc -n "$us" -j filter show dev "$1" ingress | jq -c '[.[] | select(.options) | .pref]'
}

has_clsact()
{
	tc -n "$us" qdisc show dev "$1" | grep -q clsact
}

marked()
{
	ip -n "$us" neigh show | grep 'managed' | grep -c "$1"
}

# An agent, a session of it and what others have added; then neither it nor, if UNMOUNT is yes,
# its pins are there.
leave_behind()
{
	start_inside
	bfd "$us" add remote $THEM4 dev u0 $TIMERS >/dev/null
	wait_up "$us" remote $THEM4
	bfd "$us" add remote $THEM6 dev u0 $TIMERS >/dev/null # resolved, never up
	busywait 20000 eval '[ "$(marked "proto 200")" = 2 ]'
	check_err $? "entries with our mark: $(ip -n "$us" neigh show)"
	ip -n "$us" neigh replace 192.0.2.77 dev u0 managed protocol 201
	check_equal "$(marked "proto 201")" 1 "foreign entries that are managed"
	check_equal "$(filters u0)" '[3784,3785]' "our filters"
	# One that runs our program too.
	if [ "$2" = yes ]; then
		# Not by tc -n, which has a /sys of its own.
		inside nsenter --net="/run/netns/$us" tc filter add dev "$1" ingress pref 3784 protocol 0x88b5 bpf da pinned \
			"$(inside find /sys/fs/bpf/ipbfd -name 'program-answer*')"
		check_err $? "a foreign filter, of our program"
	fi
	stop_agent "$us" KILL
	[ "$2" = no ] || inside umount -l /sys/fs/bpf
}

flushed()
{
	inside timeout 60 "$AGENT" --netns "$us" --flush
	check_err $? "--flush"
	check_equal "$(filters u0)" '[]' "filters of u0"
	check_equal "$(marked "proto 200")" 0 "entries with our mark: $(ip -n "$us" neigh show)"
	check_equal "$(marked "proto 201")" 1 "entries with a foreign mark"
}

ip -n "$us" link add other type veth peer name another
tc -n "$us" qdisc add dev other clsact
leave_behind other no
flushed
has_clsact u0
check_fail $? "our clsact is left"
log_test "--flush without an agent takes our mark off the neighbours, and no other's"

tc -n "$us" filter add dev other ingress pref 3785 protocol all bpf da bytecode '1,6 0 0 0'
check_err $? "a foreign filter"
leave_behind other yes
flushed
has_clsact u0
check_fail $? "our clsact is left"
check_equal "$(filters other)" '[3784,3785]' "foreign filters of those preferences"
log_test "--flush without pins removes our filters and our clsact, and no other's"

tc -n "$us" qdisc add dev u0 clsact
tc -n "$us" filter del dev other ingress pref 3784
leave_behind other yes
flushed
has_clsact u0
check_err $? "a foreign clsact is gone"
log_test "--flush without pins leaves a clsact that was there before"
tc -n "$us" qdisc del dev u0 clsact

leave_behind other no
tc -n "$us" filter add dev u0 egress pref 9 protocol all bpf da bytecode '1,6 0 0 0'
inside umount -l /sys/fs/bpf
flushed
has_clsact u0
check_err $? "our clsact with a foreign filter is gone"
log_test "--flush without pins leaves our clsact with another's filter in it"
tap_done
