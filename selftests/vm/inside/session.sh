#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What runs in the virtual machine for vm/session.sh: the agent on the oldest kernel
# that is supported, and a real 802.1Q device.  The machine is emulated and slow, so
# intervals are long and only order and outcome are asserted.

. "$(dirname "$0")/../../lib.sh"
. "$(dirname "$0")/../../netns/topology.sh"

SLOW="tx 500ms rx 500ms mult 4"

# wait_both STATE TIMEOUT REMOTE-OF-US REMOTE-OF-THEM
wait_both()
{
	wait_state "$us" "$1" "$2" remote "$3"
	check_err $? "$3 is not $1 in us"
	wait_state "$them" "$1" "$2" remote "$4"
	check_err $? "$4 is not $1 in them"
}

# both_add OUR-DEVICE THEIR-DEVICE REMOTE-OF-US REMOTE-OF-THEM
both_add()
{
	# shellcheck disable=SC2086
	bfd "$us" add remote "$3" dev "$1" $SLOW >/dev/null
	check_err $? "add remote $3"
	# shellcheck disable=SC2086
	bfd "$them" add remote "$4" dev "$2" $SLOW >/dev/null
	check_err $? "add remote $4"
	wait_both up 60000 "$3" "$4"
}

add_vlan()
{
	ip -n "$1" link add link "$2" name "$2.10" type vlan id 10 && ip -n "$1" link set "$2.10" up
	check_err $? "no VLAN device on $2"
}

# fast COMMAND [PARAMETER...]: of a faster session at both ends.
fast()
{
	bfd "$us" "$1" remote $THEM_LOCAL dev u0 "${@:2}" >/dev/null &&
		bfd "$them" "$1" remote $US_LOCAL dev t0 "${@:2}" >/dev/null
	check_err $? "$1 of the faster session"
}

# Failures of either end, for the stall.  The faster one may fail for what else this machine's
# host does to it, but not for such a long silence.
stall_failures()
{
	{
		bfd_json "$us" show
		bfd_json "$them" show
	} | jq -c '.[] | [.remote, if .remote | startswith("fe80") | not then .stats.down_count
		elif .stats.detect_overshoot_max > 1000000 then .stats.detect_overshoot_max
		else 0 end]'
}

# Did the clock pass over so many milliseconds since the last look?
long_gap()
{
	local before=$looked_ms

	looked_ms=$(now_ms)
	[ $((looked_ms - before)) -ge "$1" ]
}

# stand_still LENGTH: vm-run.sh stops the machine, both ends with it.
stand_still()
{
	looked_ms=$(now_ms)
	echo "$1" > /run/vm/stand-still
	busywait 30000 long_gap $(($1 * 3 / 4))
	check_err $? "the machine did not stand still"
}

# A host that is overloaded may not let all processors go on together afterwards, and the end
# whose peer still stands is right to fail: then once more.
test_stall()
{
	local before after try

	fast add tx 100ms rx 100ms mult 3
	for try in 1 2 3; do
		wait_both up 60000 $THEM_LOCAL $US_LOCAL
		before=$(stall_failures)
		stand_still 2000
		wait_both up 20000 $THEM_LOCAL $US_LOCAL
		after=$(stall_failures)
		[ "$before" != "$after" ] || break
		note "stall $try: failures were" "$before" "and are" "$after"
	done
	check_equal "$after" "$before" "failures"
	log_test "all the machine stands still for 2 s: no session fails for that (XDP-11)"
}

# Softirqs that send, so far, of the second processor: a tick of the clock is one.
sent_by_second()
{
	awk '/NET_TX:/ { print $3 }' /proc/softirqs
}

ticks_on_second()
{
	local before

	before=$(sent_by_second)
	sleep 1
	[ $(($(sent_by_second) - before)) -ge 10 ]
}

clock_is_new()
{
	[ "$(ip -n "$us" -j link show bfd-tick0 2>/dev/null | jq '.[0].ifindex')" != "$1" ] &&
		ip -n "$us" link show bfd-tick1 2>/dev/null | grep -q LOWER_UP
}

# The clock runs on the processor on which it was last made; that one is taken away.
test_offline()
{
	local failures before ns ifindex processor=/sys/devices/system/cpu/cpu1/online

	ifindex=$(ip -n "$us" -j link show bfd-tick0 | jq '.[0].ifindex')
	taskset -p -c 1 "${AGENT_PID[$us]}" > /dev/null
	ip -n "$us" link del bfd-tick0
	busywait 20000 clock_is_new "$ifindex"
	check_err $? "no new clock"
	busywait 20000 ticks_on_second
	check_err $? "the clock isn't on the second processor"
	wait_both up 20000 $THEM4 $US4
	failures=$(stall_failures)
	before=$(session "$them" .stats.rx_packets remote $US4)
	for ns in "$us" "$them"; do
		kill -STOP "${AGENT_PID[$ns]}"
	done
	echo 0 > $processor
	check_equal "$(cat $processor)" 0 "the second processor is there"
	sleep 4
	echo 1 > $processor
	sleep 1
	for ns in "$us" "$them"; do
		kill -CONT "${AGENT_PID[$ns]}"
	done
	check_equal "$(stall_failures)" "$failures" "failures"
	check_range "$(session "$them" .stats.rx_packets remote $US4)" $((before + 6)) 1000000 \
		"packets of us"
	log_test "the clock's processor goes away, and the agents are stopped: sessions go on"
}

test_cut()
{
	local cut_ms

	ip -n "$them" link set t0 down
	cut_ms=$(now_ms)
	wait_both down 30000 $THEM_LOCAL $US_LOCAL
	check_range $(($(now_ms) - cut_ms)) 0 10000 "milliseconds until the faster one is down"
	check_equal "$(session "$us" .diag remote $THEM_LOCAL)" control-expiry "its diag"
	fast del
	wait_both down 30000 $THEM4 $US4
	check_equal "$(session "$us" .diag remote $THEM4)" control-expiry diag
	log_test "a cut link is detected at both ends"
}

# On a session that is up: first it gets authentication (RFC 5880 6.7.1), then another key.
test_auth()
{
	local ns

	for ns in "$us" "$them"; do
		bfd "$ns" key add core id 1 type meticulous-sha1 text first
		check_err $? "key add"
	done
	bfd "$us" change remote $THEM6 auth meticulous-sha1 key core optional
	check_err $? "auth, once they do"
	bfd "$them" change remote $US6 auth meticulous-sha1 key core
	check_err $? "auth"
	busywait 30000 session_is "$us" '.auth | "\(.type) \(.key_id) \(.awaited)"' \
		"meticulous-sha1 1 null" remote $THEM6
	check_err $? "auth of us: $(session "$us" .auth remote $THEM6)"
	for ns in "$us" "$them"; do
		bfd "$ns" key add core id 2 type meticulous-sha1 text second send-from +8s
		check_err $? "key add"
	done
	busywait 30000 session_is "$us" .auth.key_id 2 remote $THEM6
	check_err $? "our key"
	busywait 30000 session_is "$them" .auth.key_id 2 remote $US6
	check_err $? "their key"
	sleep 4 # twice the detection time
	wait_both up 1000 $THEM6 $US6
	check_equal "$(session "$us" '"\(.stats.down_count) \(.stats.rx_invalid)"' remote $THEM6)" \
		"0 {}" "our failures and discards"
	check_equal "$(session "$them" .stats.down_count remote $US6)" 0 "their failures"
	log_test "a session gets authentication, and another key by time (AUTH-19, AUTH-20)"
}

note "kernel $(uname -r)"
case $(uname -r) in
6.1.*) ;;
*) check_err 1 "this is not Linux 6.1" ;;
esac
setup_two_agents
log_test "the agent starts: the programs load on Linux 6.1"

both_add u0 t0 $THEM4 $US4
log_test "an IPv4 session comes up"
both_add u0 t0 $THEM6 $US6
log_test "an IPv6 session comes up"
test_auth

add_vlan "$us" u0
add_vlan "$them" t0
add_address "$us" u0.10 203.0.113.1/24
add_address "$them" t0.10 203.0.113.2/24
both_add u0.10 t0.10 203.0.113.2 203.0.113.1
log_test "a session on a VLAN device comes up"

test_stall
fast change tx 500ms rx 500ms mult 4
test_offline
test_cut
ip -n "$them" link set t0 up
wait_both up 60000 $THEM4 $US4
log_test "the session comes up again"

discr=$(session "$us" .local_discr remote $THEM4)
stop_agent "$us" KILL
sleep 5
check_equal "$(session "$them" .state remote $US4)" up "state while the agent is dead"
start_agent "$us"
check_equal "$(session "$us" .local_discr remote $THEM4)" "$discr" "discriminator"
check_equal "$(session "$us" .state remote $THEM4)" up "state after the restart"
log_test "the agent is killed and started again: the session stays up"
tap_done
