#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 120
# alone
#
# How the agent starts and waits: what it tells systemd and the journal, the warning about
# `ip netns exec`, and that it sleeps when there is nothing to do.

. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../netns/topology.sh"

# Runs a command with a datagram socket in NOTIFY_SOCKET, prints the first datagram, and ends
# the command.
first_notification()
{
	/usr/bin/python3 - "$TEST_TMP/notify" "$@" <<-'END'
	import os, socket, subprocess, sys
	path, command = sys.argv[1], sys.argv[2:]
	server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
	server.bind(path)
	server.settimeout(60)
	agent = subprocess.Popen(command, env={**os.environ, "NOTIFY_SOCKET": path},
	                         stderr=subprocess.DEVNULL)
	try:
	    print(server.recv(100).decode())
	finally:
	    agent.terminate()
	    agent.wait()
	END
}

test_systemd()
{
	check_equal "$(first_notification "$AGENT" --netns "$us")" "READY=1" "what systemd is told"
	log_test "sd_notify: READY=1"

	# The journal's stream is a socket or pipe that JOURNAL_STREAM names by device and inode.
	mkfifo "$TEST_TMP/stream"
	cat "$TEST_TMP/stream" > "$TEST_TMP/journal" &
	exec 9> "$TEST_TMP/stream"
	JOURNAL_STREAM=$(stat -L -c '%d:%i' "$TEST_TMP/stream") \
		timeout 60 "$AGENT" --netns "no-such-$$" 2>&9
	exec 9>&-
	wait $!
	check_equal "$(cat "$TEST_TMP/journal")" \
		"<3>there is no network namespace \"no-such-$$\"" "a line for the journal"
	check_equal "$(JOURNAL_STREAM=1:2 timeout 60 "$AGENT" --netns "no-such-$$" 2>&1)" \
		"bfd-agent: there is no network namespace \"no-such-$$\"" "a line for elsewhere"
	log_test "priorities for the journal, and only for it"
}

test_netns_exec()
{
	local log=$TEST_TMP/exec pid

	ip netns exec "$us" "$AGENT" 2> "$log" &
	pid=$!
	busywait 60000 agent_said_ready "$log" "$pid"
	grep -q '^bfd-agent: ready' "$log"
	check_err $? "not ready"
	grep -q 'ip netns exec' "$log"
	check_err $? "no warning: $(cat "$log")"
	end_process $pid
	ip netns exec "$us" "$AGENT" --flush --now
	log_test "below ip netns exec: a warning that the pins are private"
}

test_contradictions()
{
	local options

	for options in "--flush --handover" "--flush --check" "--check --handover"; do
		# shellcheck disable=SC2086
		timeout 60 "$AGENT" --netns "$us" $options > "$TEST_TMP/out" 2>&1
		check_equal $? 1 "exit status, $options"
		check_equal "$(cat "$TEST_TMP/out")" \
			"bfd-agent: ${options/ / and } contradict each other" "$options"
	done
	for options in "--flush --config /nothing" "--flush --max-sessions 5" \
		"--check --config /nothing" "--check --max-sessions 5"; do
		# shellcheck disable=SC2086
		timeout 60 "$AGENT" --netns "$us" $options > "$TEST_TMP/out" 2>&1
		check_equal $? 1 "exit status, $options"
		check_equal "$(cat "$TEST_TMP/out")" \
			"bfd-agent: $(cut -d ' ' -f 2 <<< "$options") doesn't go with ${options%% *}" "$options"
	done
	log_test "options that contradict each other are refused"
}

# refused_fifo WHAT SAID COMMAND...
refused_fifo()
{
	local what=$1 said=$2

	shift 2
	timeout 20 "$@" > "$TEST_TMP/out" 2>&1
	check_range $? 1 2 "exit status, $what"
	check_equal "$(grep -c "^Error: cannot read $said: it is not a regular file\.$" "$TEST_TMP/out")" 1 \
		"$what, said: $(cat "$TEST_TMP/out")"
}

# Nobody ever writes to it.
test_fifo()
{
	local file fifo=$TEST_TMP/fifo

	mkfifo "$fifo"
	start_agent "$us" --config "$fifo"
	busywait 20000 grep -q 'is not applied' "${AGENT_LOG[$us]}"
	check_err $? "said: $(cat "${AGENT_LOG[$us]}")"
	grep -qF "configuration: Error: cannot read \"$fifo\": it is not a regular file." "${AGENT_LOG[$us]}"
	check_err $? "not why: $(cat "${AGENT_LOG[$us]}")"
	refused_fifo restore "\"$fifo\"" "$BUILD/ip" -n "$us" bfd restore "$fifo"
	echo "bfd key add fifo id 1 type sha1 file $fifo" > "$TEST_TMP/lines"
	refused_fifo "a key" "the key from \"$fifo\"" "$BUILD/ip" -n "$us" bfd restore "$TEST_TMP/lines"
	for file in - /dev/stdin /dev/null; do
		bfd "$us" restore $file < "$fifo" > "$TEST_TMP/out" 2>&1 &
		echo > "$fifo"
		wait $!
		check_equal "$? $(cat "$TEST_TMP/out")" "0 " "restore $file"
	done
	stop_agent "$us"
	log_test "a configuration that is a FIFO is refused, but for standard input"
}

# The agent that begins anew finds no such name any more.
test_deleted_amid_reload()
{
	local pid dir

	setup_ns gone
	start_agent "$gone"
	pid=${AGENT_PID[$gone]}
	dir=$(pin_dir "$gone")
	[ -e "$dir" ]
	check_err $? "no pins"
	kill -HUP "$pid"
	ip netns del "$gone"
	busywait 60000 process_gone "$pid"
	check_err $? "the agent is still there"
	wait "$pid"
	check_equal $? 0 "its exit status"
	[ ! -e "$dir" ]
	check_err $? "pins are left; said: $(tail -n 2 "${AGENT_LOG[$gone]}")"
	unset "AGENT_PID[$gone]" "AGENT_LOG[$gone]"
	log_test "a namespace deleted right after SIGHUP: nothing is left"
}

# The agent's port is ours for 2 s, as it is while another one begins.
HOLD_PORT='
import socket, sys, time
holder = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 2)
holder.bind((3784, 0))
print("held", flush=True)
time.sleep(2)
'

test_who_is_ended()
{
	local named holder log=$TEST_TMP/held

	cp "$AGENT" "$TEST_TMP/another-name"
	AGENT=$TEST_TMP/another-name start_agent "$us"
	named=${AGENT_PID[$us]}
	cp "$(command -v sleep)" "$TEST_TMP/bfd-agent"
	ip netns exec "$us" "$TEST_TMP/bfd-agent" 100 &
	holder=$!
	defer end_process $holder
	start_agent "$us" --handover
	process_gone "$named"
	check_err $? "the agent before is still there"
	wait "$named"
	check_equal $? 0 "its exit status"
	process_gone $holder
	check_fail $? "a process that is only called like the agent was ended"
	end_process $holder
	stop_agent "$us"
	log_test "--handover ends who serves, whatever it is called, and nobody else"

	: > "$log"
	ip netns exec "$us" /usr/bin/python3 -c "$HOLD_PORT" > "$log" &
	holder=$!
	busywait 20000 grep -q held "$log"
	check_err $? "nobody holds the port"
	start_agent "$us" --handover
	wait $holder
	check_equal $? 0 "the exit status of who had the port"
	stop_agent "$us"
	log_test "--handover waits for one that has the port and doesn't serve yet"
}

wakeups()
{
	awk '/^voluntary_ctxt_switches/ { print $2 }' "/proc/${AGENT_PID[$us]}/status"
}

test_idle()
{
	local before woken try

	sleep 1.5
	# Once more if it is woken: it does hear when somebody on this machine deletes a namespace.
	for try in 1 2 3; do
		before=$(wakeups)
		sleep 4
		woken=$(($(wakeups) - before))
		[ $woken -ne 0 ] || break
	done
	# What is dead doesn't wake up either.
	process_gone "${AGENT_PID[$us]}"
	check_fail $? "the agent is dead"
	check_range "$before" 1 1000000000 "times that it slept before"
	check_equal $woken 0 "wakeups in 4 s"
	log_test "without sessions it never wakes up"
}

require_root
require /usr/bin/python3
setup_ns us
test_systemd
test_netns_exec
test_contradictions
test_who_is_ended
test_deleted_amid_reload
test_fifo
start_agent "$us"
test_idle
tap_done
