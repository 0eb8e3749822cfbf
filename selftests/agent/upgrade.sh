#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 500
# long
#
# One agent after another: --handover, reload, and an upgrade whose maps are laid out otherwise.
# Sessions at 50 ms x3 go on; what can't be leaves all as it was.
#
#	KILLS=N SEED=N selftests/agent/upgrade.sh	(an upgrade that is killed N times)

. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../netns/topology.sh"

TOP=$(cd "$(dirname "$0")/../.." && pwd)

# What must not change: of both ends, for all sessions.
identity()
{
	local ns

	for ns in "$us" "$them"; do
		bfd_json "$ns" show | jq -S '[.[] | {remote, local_discr, remote_discr, state, auth,
			downs: .stats.down_count, admin_downs: .stats.admin_down_count, last_up,
			invalid: .stats.rx_invalid}]'
	done
}

received()
{
	session "$us" .stats.rx_packets remote $THEM4
}

pins()
{
	ls "$(pin_dir "$us")"
}

# goes_on BEFORE WHAT: as it was, counters too, and packets still come and go.
goes_on()
{
	local now

	sleep 1
	check_equal "$(identity)" "$IDENTITY" "sessions $2"
	now=$(received)
	check_range "$now" "$(($1 + 10))" 1000000 "packets received $2"
	bfd "$us" change remote $THEM4 mult 4
	check_err $? "change $2"
	busywait 20000 session_is "$them" .remote_mult 4 remote $US4
	check_err $? "the peer doesn't hear of a change $2"
	bfd "$us" change remote $THEM4 mult 3
	busywait 20000 session_is "$them" .remote_mult 3 remote $US4
}

# A reload is over when the agent has said once more that it is ready.
readies()
{
	[ "$(grep -c '^bfd-agent: ready' "${AGENT_LOG[$us]}")" -ge "$1" ]
}

test_handover()
{
	local before old=${AGENT_PID[$us]}

	before=$(received)
	start_agent "$us" --handover
	process_gone "$old"
	check_err $? "the agent before is still there"
	wait "$old"
	check_equal $? 0 "its exit status"
	goes_on "$before" "after --handover"
	log_test "--handover: another agent, the same sessions"

	before=$(received)
	old=${AGENT_PID[$us]}
	kill -STOP "$old"
	start_agent "$us" --handover
	process_gone "$old"
	check_err $? "the agent before is still there"
	wait "$old"
	goes_on "$before" "after --handover from one that was stopped"
	log_test "--handover from an agent that is stopped"
}

test_reload()
{
	local before pid=${AGENT_PID[$us]}

	before=$(received)
	kill -HUP "$pid"
	busywait 60000 readies 2
	check_err $? "not ready again: $(tail -3 "${AGENT_LOG[$us]}")"
	kill -0 "$pid"
	check_err $? "another process"
	goes_on "$before" "after a reload"
	log_test "SIGHUP: the same process begins anew, the same sessions"
}

# Its own copy of the program, which is then replaced by what can't work.
test_reload_refused()
{
	local before

	stop_agent "$us"
	cp "$BUILD/bfd-agent" "$TEST_TMP/bfd-agent"
	AGENT=$TEST_TMP/bfd-agent start_agent "$us"
	before=$(received)
	rm "$TEST_TMP/bfd-agent"
	cp /bin/false "$TEST_TMP/bfd-agent"
	kill -HUP "${AGENT_PID[$us]}"
	busywait 30000 grep -q 'not reloaded' "${AGENT_LOG[$us]}"
	check_err $? "said: $(tail -3 "${AGENT_LOG[$us]}")"
	readies 2
	check_fail $? "it began anew"
	goes_on "$before" "after a reload that was refused"
	log_test "SIGHUP with a program that can't be run: said, and all goes on"
}

build_next()
{
	"$TOP/selftests/tools/next_version.sh" "$BUILD" "$TEST_TMP/next" > "$TEST_TMP/make" 2>&1 ||
		bail "cannot build the next version: $(tail -3 "$TEST_TMP/make")"
	NEXT=$TEST_TMP/next/build/bfd-agent
}

test_upgrade()
{
	local version before

	version=$(sed -n 's/^#define BFD_ABI_VERSION //p' "$TOP/kern/abi.h")
	build_next
	check_equal "$(pins)" "abi-$version" "pins before"
	before=$(received)
	AGENT=$NEXT start_agent "$us" --handover
	goes_on "$before" "after the upgrade"
	check_equal "$(pins)" "abi-$((version + 1))" "pins after"
	check_equal "$(ip -n "$us" -j link show dev u0 | jq -r '.[0].xdp.prog.name')" \
		bfd_receive_fra "the program on the device"
	log_test "an upgrade to other maps: sessions, counters and keys are carried over"

	timeout 60 "$AGENT" --netns "$us" --handover > "$TEST_TMP/out" 2>&1
	check_equal $? 1 "exit status of --handover to the older version"
	check_equal "$(grep -c 'newer version' "$TEST_TMP/out")" 1 "said: $(cat "$TEST_TMP/out")"
	goes_on "$(received)" "after a handover to the older version that was refused"
	stop_agent "$us"
	before=$(session "$them" .stats.rx_packets remote $US4)
	timeout 60 "$AGENT" --netns "$us" --handover > "$TEST_TMP/out" 2>&1
	check_equal $? 1 "exit status"
	check_equal "$(grep -c 'newer version' "$TEST_TMP/out")" 1 "said: $(cat "$TEST_TMP/out")"
	check_equal "$(pins)" "abi-$((version + 1))" "pins after"
	sleep 1
	check_range "$(session "$them" .stats.rx_packets remote $US4)" $((before + 10)) 1000000 \
		"packets after that"
	log_test "back to the older version: refused, and the newer data plane runs on"

	AGENT=$NEXT start_agent "$us"
	goes_on 0 "after that"
	stop_agent "$us"
	flush_next
	log_test "nothing is left"
}

flush_next()
{
	timeout 60 "$NEXT" --netns "$us" --flush --now
	check_equal "$(pins 2>&1 | grep -c abi)" 0 "pins after --flush"
}

# Transitions of ours that nobody has told yet.
fail_without_agent()
{
	stop_agent "$us" KILL
	bfd "$them" reset remote $US4 >/dev/null
	wait_up "$them" remote $US4
}

told_late()
{
	[ "$(jq -r 'select(.late) | .new_state' "$TEST_TMP/events" | tail -n 1)" = up ]
}

# The older version's ring.
test_events_of_older()
{
	start_monitor "$us" "$TEST_TMP/events" state
	fail_without_agent
	AGENT=$NEXT start_agent "$us"
	busywait 20000 told_late
	check_err $? "events: $(cat "$TEST_TMP/events")"
	check_equal "$(jq -s -c '[.[] | select(.late)] | [.[0].old_state, .[0].new_state,
		.[-1].new_state, ([range(1; length) as $i | .[$i].old_state == .[$i - 1].new_state] |
		all)]' "$TEST_TMP/events")" '["up","down","up",true]' "late events"
	log_test "an upgrade: what the older version had to tell is told, as late, in order"
}

CALLS=420 # to bpf(2), with 64 slots

# dies_at SYSCALL N: the next version, at the latest when it is ready.
dies_at()
{
	local log=$TEST_TMP/dying pid

	: > "$log"
	# shellcheck disable=SC2016
	strace -qq -o /dev/null -e "trace=$1" -e "inject=$1:signal=KILL:when=$2" \
		sh -c 'echo $$ > "$1.pid"; exec "$2" --netns "$3"' sh "$log" "$NEXT" "$us" > "$log" 2>&1 &
	pid=$!
	busywait 60000 agent_said_ready "$log" $pid
	if grep -q '^bfd-agent: ready' "$log"; then
		kill -KILL "$(cat "$log.pid")"
		WHEN=ready
	else
		WHEN=before
	fi
	wait $pid 2>/dev/null
}

# The older version, if it says that it still can; it is killed again.
older_starts()
{
	local log=$TEST_TMP/older pid

	: > "$log"
	"$AGENT" --netns "$us" > "$log" 2>&1 &
	pid=$!
	busywait 60000 agent_said_ready "$log" $pid
	if grep -q '^bfd-agent: ready' "$log"; then
		kill_process $pid
		return 0
	fi
	wait $pid
	grep -q 'newer version' "$log"
	check_err $? "the older version said: $(cat "$log")"
	return 1
}

their_failures()
{
	bfd_json "$them" show | jq -c 'map([.state, .stats.down_count])'
}

# Over and over, each time where the one before has left it: no session may notice.
test_killed_amid()
{
	local at before call calls=(bpf bpf bpf bpf unlink sendto) n older=0 early=0 kills=${KILLS:-12}

	stop_agent "$us" KILL
	RANDOM=${SEED:=$$}
	note "SEED=$SEED"
	before=$(their_failures)
	for ((n = 0; n < kills; n++)); do
		call=${calls[RANDOM % ${#calls[@]}]}
		at=$((1 + RANDOM % 40))
		# About as many are made until it is ready: further on each time.
		[ $call != bpf ] || at=$((1 + n * CALLS / kills + RANDOM % (CALLS / kills)))
		{ dies_at $call $at; } 2>/dev/null # where bash would report the death
		note "$call $at: $WHEN, left $(pins | xargs)"
		[ $WHEN = ready ] || early=$((early + 1))
		check_equal "$(their_failures)" "$before" "after a death at $call $at"
		if [ $((RANDOM % 3)) -eq 0 ] && older_starts; then
			older=$((older + 1))
			check_equal "$(their_failures)" "$before" "after the older version's start"
		fi
	done
	note "$early of $n died before they were ready; the older version started $older times"
	AGENT=$NEXT start_agent "$us"
	check_equal "$(their_failures)" "$before" "at the end"
	check_equal "$(pins)" "abi-$((VERSION_HERE + 1))" "pins at the end"
	check_equal "$(bfd_json "$us" show | jq -c 'map(.state)')" '["up","up"]' "states"
	stop_agent "$us"
	flush_next
	log_test "killed at any time amid an upgrade, either version started again: nobody notices"
}

add_sessions()
{
	local ns

	for ns in "$us" "$them"; do
		bfd "$ns" key add chain id 1 type meticulous-sha1 text "0123456789" 2>/dev/null
	done
	bfd "$us" add remote $THEM4 dev u0 tx 50ms rx 50ms >/dev/null
	bfd "$us" add remote $THEM6 dev u0 tx 50ms rx 50ms auth meticulous-sha1 key chain >/dev/null
	bfd "$them" replace remote $US4 dev t0 tx 50ms rx 50ms >/dev/null
	bfd "$them" replace remote $US6 dev t0 tx 50ms rx 50ms auth meticulous-sha1 key chain >/dev/null
	wait_up "$us" remote $THEM4
	wait_up "$them" remote $US4
	wait_up "$us" remote $THEM6
	wait_up "$them" remote $US6
}

setup_two_agents
require strace
VERSION_HERE=$(sed -n 's/^#define BFD_ABI_VERSION //p' "$TOP/kern/abi.h")
add_sessions
log_test "up at 50 ms x3"
IDENTITY=$(identity)
test_handover
test_reload
test_reload_refused
test_upgrade
# Few slots, so that there is less to count through.
start_agent "$us" --max-sessions 64
add_sessions
test_events_of_older
stop_agent "$us"
flush_next
start_agent "$us" --max-sessions 64
add_sessions
test_killed_amid
tap_done
