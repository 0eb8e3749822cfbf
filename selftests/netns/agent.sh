#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 300
#
# The agent's life has no part in a session's: stopped, killed, restarted or ended, no
# end sees a flap.  And what it refuses: a second agent, wrong arguments.

. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/topology.sh"

# What must not change: of both ends, for both sessions.
identity()
{
	local ns

	for ns in "$us" "$them"; do
		bfd_json "$ns" show | jq -S '[.[] | {remote, local_discr, remote_discr, state,
			downs: .stats.down_count, admin_downs: .stats.admin_down_count, last_up}]'
	done
}

# Their end alone, when ours has no agent to ask.
their_identity()
{
	bfd_json "$them" show | jq -S '[.[] | {remote, local_discr, remote_discr, state,
		downs: .stats.down_count, admin_downs: .stats.admin_down_count, last_up}]'
}

received()
{
	session "$them" .stats.rx_packets remote $US4
}

same()
{
	check_equal "$(identity)" "$IDENTITY" "$1"
}

test_stop()
{
	local before

	before=$(received)
	kill -STOP "${AGENT_PID[$us]}"
	sleep 10
	# Two seconds to spare: what counts is that the packets never ceased.
	check_range $(($(received) - before)) 150 1000 "their packets from us in 10 s"
	check_equal "$(their_identity)" "$THEIR_IDENTITY" "the other end meanwhile"
	kill -CONT "${AGENT_PID[$us]}"
	sleep 0.5
	same "after SIGCONT"
	log_test "agent stopped for 10 s: no flap"
}

test_stop_both()
{
	kill -STOP "${AGENT_PID[$us]}" "${AGENT_PID[$them]}"
	sleep 3
	kill -CONT "${AGENT_PID[$us]}" "${AGENT_PID[$them]}"
	sleep 0.5
	same "after SIGCONT"
	log_test "both agents stopped for 3 s: no flap"
}

test_kill()
{
	local before

	stop_agent "$us" KILL
	before=$(received)
	sleep 4
	check_range $(($(received) - before)) 50 1000 "their packets from us in 4 s"
	check_equal "$(their_identity)" "$THEIR_IDENTITY" "the other end meanwhile"
	log_test "agent killed: its sessions live on"

	bfd "$us" show > "$TEST_TMP/out" 2>&1
	check_equal $? 2 "exit status of show without an agent"
	check_equal "$(wc -l < "$TEST_TMP/out")" 1 "lines of the error"
	log_test "agent absent: ip bfd says so in one line, exit status 2"

	start_agent "$us"
	same "after the restart"
	log_test "agent restarted: same discriminators, no flap"
}

test_missed_events()
{
	stop_agent "$us" KILL
	ip -n "$them" link set t0 down
	sleep 1.5
	ip -n "$them" link set t0 up
	add_address "$them" t0 $THEM6/64 $THEM_LOCAL/64
	wait_up "$them" remote $US4
	wait_up "$them" remote $US6
	start_agent "$us"
	check_equal "$(session "$us" .state remote $THEM4)" up "state after the restart"
	check_equal "$(session "$us" .stats.down_count remote $THEM4)" 1 "down_count after the restart"
	log_test "agent away while the link was cut: down and up again without it"
	IDENTITY=$(identity)
	THEIR_IDENTITY=$(their_identity)
}

test_term()
{
	stop_agent "$us" TERM
	check_equal $? 0 "exit status after SIGTERM"
	sleep 2
	check_equal "$(their_identity)" "$THEIR_IDENTITY" "the other end meanwhile"
	start_agent "$us"
	same "after the restart"
	bfd "$us" change remote $THEM4 mult 11
	check_err $? "change after adoption"
	busywait 10000 session_is "$them" .remote_mult 11 remote $US4
	check_err $? "the peer has not seen the change"
	bfd "$us" change remote $THEM4 mult 10
	busywait 10000 session_is "$them" .remote_mult 10 remote $US4
	same "after the changes"
	log_test "agent ended by SIGTERM and started again: no flap, and it can change sessions"
}

test_second_agent()
{
	local status

	timeout 10 "$AGENT" --netns "$us" > "$TEST_TMP/out" 2>&1
	status=$?
	[ $status -ne 0 ] && [ $status -ne 124 ]
	check_err $? "exit status $status"
	check_equal "$(wc -l < "$TEST_TMP/out")" 1 "lines of the error"
	kill -0 "${AGENT_PID[$us]}"
	check_err $? "the first agent is gone"
	same "afterwards"
	log_test "a second agent in the namespace is refused"
	note "$(cat "$TEST_TMP/out")"
}

# refused WHAT ARGUMENT...: one line (or the usage) on stderr and a failure.
refused()
{
	local what=$1 status

	shift
	timeout 10 "$AGENT" "$@" > "$TEST_TMP/stdout" 2> "$TEST_TMP/out"
	status=$?
	[ $status -ne 0 ] && [ $status -ne 124 ]
	check_err $? "$what: exit status $status"
	[ -s "$TEST_TMP/out" ]
	check_err $? "$what: no error message"
	[ ! -s "$TEST_TMP/stdout" ]
	check_err $? "$what: message on stdout"
}

test_arguments()
{
	refused "an unknown option" --no-such-option
	refused "a word too much" --netns "$us" word
	refused "no such namespace" --netns "no-such-namespace-$$"
	check_equal "$(wc -l < "$TEST_TMP/out")" 1 "lines of the error about the namespace"
	refused "zero sessions" --netns "$us" --max-sessions 0
	refused "too many sessions" --netns "$us" --max-sessions 999999999
	timeout 10 "$AGENT" --version > /dev/null
	check_err $? "--version"
	timeout 10 "$AGENT" --help > /dev/null 2>&1
	check_err $? "--help"
	log_test "wrong arguments are refused"
}

no_program()
{
	! ip -n "$us" -d link show u0 | grep -q xdp
}

test_flush()
{
	local downs

	agent_flush "$us" 2> "$TEST_TMP/out"
	check_fail $? "--flush beside a running agent"
	same "afterwards"
	log_test "--flush is refused while an agent runs"

	stop_agent "$us"
	check_equal "$(session "$them" .stats.admin_down_count remote $US4)" 0 "AdminDowns before"
	downs=$(session "$them" .stats.down_count remote $US4)
	agent_flush "$us"
	check_err $? "--flush"
	check_equal "$(session "$them" .stats.down_count remote $US4)" "$downs" \
		"failures at the other end"
	check_equal "$(session "$them" .stats.admin_down_count remote $US4)" 1 "AdminDowns there"
	wait_state "$them" down 10000 remote $US4
	check_err $? "still up"
	check_equal "$(ip -n "$us" -o link show | wc -l)" 2 "devices left (lo and u0)"
	# The kernel takes a program off some time after its last reference is gone.
	busywait 10000 no_program
	check_err $? "an XDP program is left"
	log_test "--flush removes the data plane"

	start_agent "$us"
	check_equal "$(bfd_json "$us" show | jq length)" 0 "sessions"
	log_test "an agent after --flush starts empty"
}

# All that keeps it alive is its agent.
test_namespace_deleted()
{
	local pid=${AGENT_PID[$us]} pins objects=$TEST_TMP/objects

	bfd "$us" add remote $THEM4 dev u0 tx 50ms rx 50ms >/dev/null
	wait_up "$us" remote $THEM4
	pins=$(pin_dir "$us")
	check_equal "$(find "$pins" -name 'xdp-*' | wc -l)" 1 "pinned links before"
	objects_of "$us" > "$objects"
	check_range "$(wc -l < "$objects")" 20 200 "BPF objects before"
	ip netns del "$us"
	# The kernel takes its time for namespaces, and other tests delete theirs, too.
	busywait 40000 process_gone "$pid"
	check_err $? "the agent is still there"
	wait "$pid"
	check_equal $? 0 "its exit status"
	unset "AGENT_PID[$us]"
	[ ! -e "$pins" ]
	check_err $? "pins are left in $pins"
	busywait 40000 no_objects "$objects"
	check_err $? "one of these is left: $(xargs < "$objects")"
	log_test "a namespace that is deleted takes its agent, programs, maps, links and pins along"
}

no_device()
{
	! ip -n "$1" link show "$2" >/dev/null 2>&1
}

# Nothing may keep it alive then: sessions of nobody would say Up to their peers for ever.
test_deleted_without_agent()
{
	local gone pins objects=$TEST_TMP/gone

	setup_ns gone
	setup_link "$gone" g0 "$them" t9
	add_address "$gone" g0 198.51.100.1/24
	add_address "$them" t9 198.51.100.2/24
	start_agent "$gone"
	bfd "$gone" add remote 198.51.100.2 dev g0 tx 100ms rx 100ms mult 10 >/dev/null
	bfd "$them" add remote 198.51.100.1 dev t9 tx 100ms rx 100ms mult 10 >/dev/null
	wait_up "$gone" remote 198.51.100.2
	wait_up "$them" remote 198.51.100.1
	pins=$(pin_dir "$gone")
	objects_of "$gone" > "$objects"
	check_range "$(wc -l < "$objects")" 20 200 "BPF objects before"
	stop_agent "$gone" KILL
	ip netns del "$gone"
	busywait 40000 no_device "$them" t9
	check_err $? "its link is still there"
	wait_state "$them" down 20000 remote 198.51.100.1
	check_err $? "the peer's session is still $(session "$them" .state remote 198.51.100.1)"
	check_equal "$(find "$pins" -name 'xdp-*' | wc -l)" 1 "pins that are left"
	rm -r "$pins"
	busywait 40000 no_objects "$objects"
	check_err $? "left without pins: $(xargs < "$objects")"
	log_test "a namespace deleted after its agent was killed: nothing keeps it, and the peer sees it go"
}

require bpftool
setup_two_agents
for pair in "$US4 $THEM4" "$US6 $THEM6"; do
	# Half a second: far less than any agent is away, and more than this machine stands still.
	bfd "$us" add remote "${pair#* }" dev u0 tx 50ms rx 50ms mult 10 >/dev/null
	bfd "$them" add remote "${pair% *}" dev t0 tx 50ms rx 50ms mult 10 >/dev/null
	wait_up "$us" remote "${pair#* }"
	wait_up "$them" remote "${pair% *}"
done
log_test "up"
IDENTITY=$(identity)
THEIR_IDENTITY=$(their_identity)
test_stop
test_stop_both
test_kill
test_second_agent
test_missed_events
test_term
test_arguments
test_flush
test_deleted_without_agent
test_namespace_deleted
tap_done
