#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 120
#
# An agent that is killed, and the one after it: subscriptions by unicast are served again, and what
# happened meanwhile is told in order, as late, with the time at which it happened.

. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../netns/topology.sh"

# start_subscriber NAME [WORD]...: a line for its port, then one for each event, in $TEST_TMP/NAME.
start_subscriber()
{
	local file=$TEST_TMP/$1

	shift
	: > "$file"
	ip netns exec "$us" /usr/bin/python3 "$SELFTESTS/tools/subscriber.py" "$@" > "$file" 2>&1 &
	SUBSCRIBER_PID=$!
	defer end_process $SUBSCRIBER_PID
	busywait 5000 test -s "$file"
	check_err $? "the subscriber didn't start"
}

# heard NAME FILTER: of what start_subscriber wrote.
heard()
{
	tail -n +2 "$TEST_TMP/$1" | jq -c "$2"
}

pinned_subscribers()
{
	bpftool -j map dump pinned "$(echo /sys/fs/bpf/ipbfd/"$(pin_dir)"/abi-*/subscribers)" | jq length
}

pin_dir()
{
	local id

	id=$(ip netns exec "$us" /usr/bin/python3 -c 'import socket
s = socket.socket(); print(int.from_bytes(s.getsockopt(socket.SOL_SOCKET, 71, 8), "little"))')
	echo "netns-$id"
}

# has_heard NAME COUNT: so many events, and Up last.
has_heard()
{
	[ "$(heard "$1" . | wc -l)" -ge "$2" ] && [ "$(heard "$1" .new | tail -n 1)" = '"up"' ]
}

no_subscriber_pinned()
{
	[ "$(pinned_subscribers)" = 0 ]
}

ready_again()
{
	[ "$(grep -c '^bfd-agent: ready' "${AGENT_LOG[$us]}")" = 2 ]
}

hears_down_and_up()
{
	local count

	count=$(heard "$1" . | wc -l)
	bfd "$them" reset remote $US4 >/dev/null
	busywait 3000 has_heard "$1" $((count + 2))
	check_err $? "$2: heard $(cat "$TEST_TMP/$1")"
	wait_up "$us" remote $THEM4
}

test_subscription()
{
	local before took

	start_subscriber sub
	hears_down_and_up sub "before"
	log_test "a subscription by unicast is served"

	stop_agent "$us" KILL
	bfd "$them" reset remote $US4 >/dev/null
	wait_up "$them" remote $US4
	before=$(heard sub . | wc -l)
	start_agent "$us"
	took=$(now_ms)
	busywait 3000 has_heard sub $((before + 2))
	check_err $? "nothing comes: $(heard sub .)"
	note "late events $(($(now_ms) - took)) ms after the agent was ready"
	check_equal "$(heard sub .late | tail -n +$((before + 1)) | sort -u)" true "all late"
	hears_down_and_up sub "after"
	log_test "killed and started again: late events and new ones come without being asked for"

	kill -HUP "${AGENT_PID[$us]}"
	busywait 20000 ready_again
	hears_down_and_up sub "after a reload"
	log_test "and after a reload"
}

# The port goes to another process while no agent runs.
test_port_of_another()
{
	local port

	port=$(head -n 1 "$TEST_TMP/sub")
	check_equal "$(pinned_subscribers)" 1 "pinned"
	stop_agent "$us" KILL
	end_process $SUBSCRIBER_PID
	start_subscriber other "$port" --silent
	check_equal "$(head -n 1 "$TEST_TMP/other")" "$port" "its port"
	start_agent "$us"
	check_equal "$(pinned_subscribers)" 0 "pinned after the start"
	bfd "$them" reset remote $US4 >/dev/null
	sleep 0.3
	wait_up "$us" remote $THEM4
	check_equal "$(heard other . | wc -l)" 0 "what another process hears: $(heard other .)"
	end_process $SUBSCRIBER_PID
	log_test "the port of a subscriber that is gone, taken by another process, isn't served"

	start_subscriber third
	check_equal "$(pinned_subscribers)" 1 "pinned"
	end_process $SUBSCRIBER_PID
	bfd "$them" reset remote $US4 >/dev/null
	busywait 3000 no_subscriber_pinned
	check_err $? "a subscriber that is gone is still pinned"
	wait_up "$us" remote $THEM4
	log_test "one that is gone is forgotten"
}

# in_order FILE: each event begins where the one before ended, and time doesn't go back.
in_order()
{
	jq -s -e '[range(1; length) as $i | .[$i].old_state == .[$i - 1].new_state and
		.[$i].timestamp >= .[$i - 1].timestamp] | all' "$1" >/dev/null
}

# What happens while no agent runs, in words and as JSON.
test_late_events()
{
	local from to

	ip netns exec "$us" "$BUILD/ip-bfd" monitor state > "$TEST_TMP/text" 2>&1 &
	defer end_process $!
	busywait 5000 monitor_listens $!
	stop_agent "$us" KILL
	from=$(now_ms)
	for _ in 1 2 3; do
		bfd "$them" reset remote $US4 >/dev/null
		sleep 0.2
		wait_up "$them" remote $US4
	done
	ip -n "$us" link set u0 down
	sleep 1
	to=$(now_ms)
	sleep 2
	ip -n "$us" link set u0 up
	start_agent "$us"
	busywait 3000 file_has "$TEST_TMP/json" '.new_state == "up"'
	wait_up "$us" remote $THEM4
	sleep 0.3
	jq -c 'select(.late)' "$TEST_TMP/json" > "$TEST_TMP/late"
	check_range "$(wc -l < "$TEST_TMP/late")" 7 20 "late events: $(cat "$TEST_TMP/json")"
	in_order "$TEST_TMP/late"
	check_err $? "order: $(cat "$TEST_TMP/late")"
	check_equal "$(jq -r 'select(.diag == "control-expiry" and .new_state == "down") | .late' \
		"$TEST_TMP/late" | head -n 1)" true "the failure"
	check_range "$(jq -s 'map(select(.diag != "control-expiry" or .new_state == "down"))[0].timestamp / 1000 |
		floor' "$TEST_TMP/late")" "$from" "$to" "the time of the first"
	check_range "$(jq -s 'map(select(.diag == "control-expiry" and .new_state == "down"))[0].timestamp / 1000 |
		floor' "$TEST_TMP/late")" "$from" "$to" "the time of the failure"
	check_equal "$(grep -c '^state .*late' "$TEST_TMP/text")" "$(wc -l < "$TEST_TMP/late")" \
		"lines that say late: $(cat "$TEST_TMP/text")"
	log_test "transitions without an agent: each once, in order, late, with the kernel's time"
}

# ---- a third host, that is but packets: many transitions in no time ----

THIRD=192.0.2.3 # no address of theirs: what we say to it is nothing to their sessions

# say COUNT STATE[/MULT]...
say()
{
	ip netns exec "$them" "$SELFTESTS/tools/say.py" $THIRD $US4 77 "$THIRD_DISCR" "$@"
	check_err $? "say $*"
}

add_third()
{
	ip -n "$us" neigh replace $THIRD dev u0 nud permanent \
		lladdr "$(ip -n "$them" -j link show dev t0 | jq -r '.[0].address')"
	bfd "$us" add remote $THIRD dev u0 tx 1s rx 1s >/dev/null
	THIRD_DISCR=$(session "$us" .local_discr remote $THIRD)
}

# of_third: its transitions, as far as they were told.
of_third()
{
	grep '^{' "$TEST_TMP/json" | jq -c "select(.local_discr == $THIRD_DISCR and .new_state)"
}

third_is_told()
{
	[ "$(of_third | wc -l)" -ge "$1" ]
}

# Each transition begins where the one before ended, so that none is missing and none doubled.
check_third()
{
	busywait 10000 third_is_told "$1"
	sleep 0.2
	of_third > "$TEST_TMP/third"
	check_equal "$(wc -l < "$TEST_TMP/third")" "$1" "transitions told"
	in_order "$TEST_TMP/third"
	check_err $? "their order: $(tail -n 3 "$TEST_TMP/third")"
	check_equal "$(jq -r .late "$TEST_TMP/third" | sort | uniq -c | xargs)" "$1 true" "late"
}

test_many()
{
	add_third
	stop_agent "$us" KILL
	say 4001 init down
	start_agent "$us"
	check_third 4001
	check_equal "$(session "$us" '"\(.state) \(.stats.down_count)"' remote $THIRD)" "up 2000" "state"
	bfd "$us" del remote $THIRD
	log_test "4001 late transitions: each once, in order"
}

# The agent dies while it tells them, over and over: before it sends one, or after.
test_killed_amid()
{
	local call n log status

	add_third
	stop_agent "$us" KILL
	say 1001 init down
	for call in sendto:50 bpf:2000 sendto:200 bpf:5000 sendto:31; do
		log=$TEST_TMP/strace
		{
			timeout 60 strace -f -qq -o /dev/null -e "trace=${call%:*}" \
				-e "inject=${call%:*}:signal=KILL:when=${call#*:}" \
				"$AGENT" --netns "$us" > "$log" 2>&1
			status=$?
		} 2>/dev/null # where bash would report the death
		check_equal $status 137 "the agent wasn't killed at $call: $(tail -n 2 "$log")"
	done
	start_agent "$us"
	busywait 10000 third_is_told 1001
	sleep 0.2
	of_third > "$TEST_TMP/all"
	n=$(wc -l < "$TEST_TMP/all")
	note "$n told of 1001"
	check_range "$n" 1001 1006 "told: one more at each death, at most"
	# Who is told one twice sees it by its time.
	jq -c -s 'unique_by(.timestamp)[]' "$TEST_TMP/all" > "$TEST_TMP/third"
	check_equal "$(wc -l < "$TEST_TMP/third")" 1001 "different ones"
	in_order "$TEST_TMP/third"
	check_err $? "their order"
	bfd "$us" del remote $THIRD
	log_test "killed -9 amid them, five times: none is lost, none comes as another"
}

# has_failed SINCE: a session, now in late.
has_failed()
{
	grep '^{' "$TEST_TMP/json" | jq -c "select(.new_state and .timestamp / 1000 >= $1)" \
		> "$TEST_TMP/late"
	file_has "$TEST_TMP/late" '.new_state == "down"'
}

# The ring is full; then a session fails.
test_overflow()
{
	local from to

	add_third
	say 1 init
	stop_agent "$us" KILL
	say 16000 up/200 up/201
	from=$(now_ms)
	bfd "$them" del remote $US4
	sleep 1
	to=$(now_ms)
	start_agent "$us"
	busywait 3000 has_failed "$from"
	check_range "$(bfd_json "$us" agent show | jq '.[0].events_lost')" 100 16000 "events lost"
	check_equal "$(jq -c '[.remote, .old_state, .new_state, .diag, .late]' "$TEST_TMP/late")" \
		"[\"$THEM4\",\"up\",\"down\",\"neighbor-down\",true]" "what is told"
	check_range "$(jq '.timestamp / 1000 | floor' "$TEST_TMP/late")" "$from" "$to" "its time"
	bfd "$us" del remote $THIRD
	log_test "the ring overflowed while no agent ran: the net change is told, late, with its time"
}

setup_two_agents
require bpftool strace
bfd "$us" add remote $THEM4 dev u0 tx 100ms rx 100ms >/dev/null
bfd "$them" add remote $US4 dev t0 tx 100ms rx 100ms >/dev/null
wait_up "$us" remote $THEM4
wait_up "$them" remote $US4
test_subscription
test_port_of_another
start_monitor "$us" "$TEST_TMP/json" state
test_late_events
test_many
test_killed_amid
test_overflow
tap_done
