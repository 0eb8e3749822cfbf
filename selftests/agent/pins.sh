#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 120
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
tap_done
