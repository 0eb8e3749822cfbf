#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 180
#
# Forwarding state that is lost (RFC 5880 6.8.15): by word of the operator, and when
# somebody takes the program off a device.  Another build of the program is no loss.

. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../netns/topology.sh"

# So slow that no detection time ends before the agent has looked.
TIMERS="tx 500ms rx 500ms mult 60"

# take_off LINK: all of ours off u0, XDP by force, as only `bpftool link detach` can: nothing receives.
take_off()
{
	local link=$1

	bpftool link detach id "$link"
	check_err $? "bpftool link detach id $link"
	tc -n "$us" qdisc del dev u0 clsact
	check_err $? "tc qdisc del"
}

programs()
{
	ip -n "$us" -d link show u0 | grep -c 'prog/xdp'
}

is()
{
	[ "$("${@:2}")" = "$1" ]
}

# The events of our Down with that diagnostic.
resets()
{
	jq -s '[.[] | select(.new_state == "down" and .diag == "forwarding-reset")] | length' \
		"$TEST_TMP/events"
}

both_up()
{
	wait_up "$us" remote $THEM4
	wait_up "$them" remote $US4
}

counts()
{
	session "$us" '"\(.stats.down_count) \(.local_discr)"' remote $THEM4
}

test_command()
{
	bfd "$us" reset remote $THEM4
	check_err $? "reset"
	busywait 20000 is 1 resets
	check_err $? "no event: $(cat "$TEST_TMP/events")"
	both_up
	check_equal "$(session "$us" .diag remote $THEM4)" forwarding-reset diag
	check_equal "$(session "$them" .remote_diag remote $US4)" forwarding-reset "what they heard"
	check_equal "$(session "$them" .diag remote $US4)" neighbor-down "their diag"
	check_equal "$(session "$us" .stats.down_count remote $THEM4)" 1 down_count
	log_test "ip bfd reset: Down with diagnostic 4, and Up again"
}

resets_none()
{
	local text="Error: no session $1." said

	said=$(bfd "$us" reset "${@:2}" 2>&1)
	check_equal $? 2 "exit status of 'reset ${*:2}'"
	check_equal "$said" "$text" "'reset ${*:2}'"
}

test_reset_of_none()
{
	resets_none "with discriminator 7" id 7
	resets_none 'named "nobody"' name nobody
	resets_none "with 192.0.2.99" remote 192.0.2.99
	bfd "$us" reset dev lo
	check_err $? "reset of all on a device without any"
	log_test "a reset of a session that isn't there is refused"
}

test_taken_off()
{
	# Stopped, or it puts back the filters before it can see that nothing received.
	kill -STOP "${AGENT_PID[$us]}"
	take_off "$(xdp_link "$us" u0)"
	kill -CONT "${AGENT_PID[$us]}"
	busywait 20000 is 1 programs
	check_err $? "the program is not attached again"
	busywait 20000 is 2 resets
	check_err $? "no event: $(cat "$TEST_TMP/events")"
	both_up
	check_equal "$(session "$us" .diag remote $THEM4)" forwarding-reset diag
	busywait 20000 grep -q ' u0.* again[;:] 1 sessions are reset' "${AGENT_LOG[$us]}"
	check_err $? "the log does not say so"
	log_test "the programs are taken off u0: attached again, and the session is reset"
}

test_update()
{
	local before

	before=$(counts)
	stop_agent "$us" KILL
	start_agent "$us"
	check_equal "$(programs)" 1 programs
	sleep 3
	check_equal "$(counts)" "$before" "down_count and discriminator"
	check_equal "$(session "$us" .state remote $THEM4)" up state
	log_test "another agent puts its program in the place of the one before: no reset"
}

test_taken_off_without_agent()
{
	local before link

	before=$(session "$us" .stats.down_count remote $THEM4)
	link=$(xdp_link "$us" u0)
	stop_agent "$us" KILL
	take_off "$link"
	check_equal "$(programs)" 0 "programs on u0 after that"
	sleep 1
	start_agent "$us"
	check_equal "$(programs)" 1 programs
	check_equal "$(session "$us" .diag remote $THEM4)" forwarding-reset diag
	both_up
	check_equal "$(session "$us" .stats.down_count remote $THEM4)" $((before + 1)) down_count
	log_test "the programs are taken off while no agent runs: the next one resets the session"
}

require bpftool
setup_two_agents
# shellcheck disable=SC2086
bfd "$us" add remote $THEM4 dev u0 $TIMERS >/dev/null
# shellcheck disable=SC2086
bfd "$them" add remote $US4 dev t0 $TIMERS >/dev/null
both_up
log_test up
start_monitor "$us" "$TEST_TMP/events" state
test_command
test_reset_of_none
test_taken_off
test_update
test_taken_off_without_agent
tap_done
