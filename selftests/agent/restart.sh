#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 300
#
# An agent that is killed, and the one after it: subscriptions by unicast are served again, and what
# happened meanwhile is told in order, as late, with the time at which it happened.

. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../netns/topology.sh"

TIMERS="tx 100ms rx 100ms mult 5"

# start_subscriber NAME [WORD]...: a line for its port, then one for each event, in $TEST_TMP/NAME.
start_subscriber()
{
	local file=$TEST_TMP/$1

	shift
	: > "$file"
	ip netns exec "$us" /usr/bin/python3 "$SELFTESTS/tools/subscriber.py" "$@" > "$file" 2>&1 &
	SUBSCRIBER_PID=$!
	defer end_process $SUBSCRIBER_PID
	busywait 20000 test -s "$file"
	check_err $? "the subscriber didn't start"
}

# heard NAME FILTER: of what start_subscriber wrote.
heard()
{
	tail -n +2 "$TEST_TMP/$1" | jq -c "$2"
}

pinned_subscribers()
{
	bpftool -j map dump pinned "$(echo "$(pin_dir "$us")"/abi-*/subscribers)" | jq length
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
	busywait 20000 has_heard "$1" $((count + 2))
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
	busywait 20000 has_heard sub $((before + 2))
	check_err $? "nothing comes: $(heard sub .)"
	note "late events $(($(now_ms) - took)) ms after the agent was ready"
	check_equal "$(heard sub .late | tail -n +$((before + 1)) | sort -u)" true "all late"
	hears_down_and_up sub "after"
	log_test "killed and started again: late events and new ones come without being asked for"

	kill -HUP "${AGENT_PID[$us]}"
	busywait 60000 ready_again
	hears_down_and_up sub "after a reload"
	log_test "and after a reload"
}

# has_gone_down COUNT: since it had so often.
has_gone_down()
{
	[ "$(session "$us" .stats.down_count remote $THEM4)" -gt "$1" ]
}

# The port goes to another process while no agent runs.
test_port_of_another()
{
	local port count

	port=$(head -n 1 "$TEST_TMP/sub")
	check_equal "$(pinned_subscribers)" 1 "pinned"
	stop_agent "$us" KILL
	end_process $SUBSCRIBER_PID
	start_subscriber other "$port" --silent
	check_equal "$(head -n 1 "$TEST_TMP/other")" "$port" "its port"
	start_agent "$us"
	check_equal "$(pinned_subscribers)" 0 "pinned after the start"
	count=$(session "$us" .stats.down_count remote $THEM4)
	bfd "$them" reset remote $US4 >/dev/null
	busywait 20000 has_gone_down "$count"
	check_err $? "nothing happened"
	wait_up "$us" remote $THEM4
	sleep 0.3
	check_equal "$(heard other . | wc -l)" 0 "what another process hears: $(heard other .)"
	end_process $SUBSCRIBER_PID
	log_test "the port of a subscriber that is gone, taken by another process, isn't served"

	start_subscriber third
	check_equal "$(pinned_subscribers)" 1 "pinned"
	end_process $SUBSCRIBER_PID
	bfd "$them" reset remote $US4 >/dev/null
	busywait 20000 no_subscriber_pinned
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

# The late events, in late; the other monitor has as many.
both_have_it()
{
	grep '^{' "$TEST_TMP/json" | jq -c 'select(.late)' > "$TEST_TMP/late" 2>/dev/null
	[ "$(wc -l < "$TEST_TMP/late")" -ge 7 ] &&
		[ "$(grep -c '^state .*late' "$TEST_TMP/text")" = "$(wc -l < "$TEST_TMP/late")" ]
}

# What happens while no agent runs, in words and as JSON.
test_late_events()
{
	local from to

	ip netns exec "$us" "$BUILD/ip-bfd" monitor state > "$TEST_TMP/text" 2>&1 &
	defer end_process $!
	busywait 20000 monitor_listens $! || note "the monitor joined no group"
	stop_agent "$us" KILL
	from=$(now_ms)
	for _ in 1 2 3; do
		bfd "$them" reset remote $US4 >/dev/null
		sleep 0.2
		wait_up "$them" remote $US4
	done
	ip -n "$us" link set u0 down
	sleep 2 # four detection times
	to=$(now_ms)
	sleep 2
	ip -n "$us" link set u0 up
	start_agent "$us"
	busywait 20000 file_has "$TEST_TMP/json" '.new_state == "up"'
	wait_up "$us" remote $THEM4
	# Two processes, which the same events reach at different times.
	busywait 10000 both_have_it
	sleep 0.3
	both_have_it
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
	busywait 30000 third_is_told "$1"
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
			timeout 120 strace -f -qq -o /dev/null -e "trace=${call%:*}" \
				-e "inject=${call%:*}:signal=KILL:when=${call#*:}" \
				"$AGENT" --netns "$us" > "$log" 2>&1
			status=$?
		} 2>/dev/null # where bash would report the death
		check_equal $status 137 "the agent wasn't killed at $call: $(tail -n 2 "$log")"
	done
	start_agent "$us"
	busywait 30000 third_is_told 1001
	sleep 0.2
	of_third > "$TEST_TMP/all"
	n=$(wc -l < "$TEST_TMP/all")
	note "$n told of 1001"
	check_range "$n" 1001 1006 "told: one more at each death, at most"
	# Who is told one twice sees it by its time; but in one microsecond there may be two transitions.
	jq -c -s 'reduce .[] as $event ([];
		if .[-1].timestamp == $event.timestamp and .[-1].new_state == $event.new_state
		then . else . + [$event] end) | .[]' "$TEST_TMP/all" > "$TEST_TMP/third"
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
	sleep 2
	to=$(now_ms)
	start_agent "$us"
	busywait 20000 has_failed "$from"
	check_range "$(bfd_json "$us" agent show | jq '.[0].events_lost')" 100 16000 "events lost"
	check_equal "$(jq -c '[.remote, .old_state, .new_state, .diag, .late]' "$TEST_TMP/late")" \
		"[\"$THEM4\",\"up\",\"down\",\"neighbor-down\",true]" "what is told"
	check_range "$(jq '.timestamp / 1000 | floor' "$TEST_TMP/late")" "$from" "$to" "its time"
	bfd "$us" del remote $THIRD
	log_test "the ring overflowed while no agent ran: the net change is told, late, with its time"
}

# ---- what changes while no agent runs ----

# cross CHANGE...: with no agent here; then one is there again, and the session is Up soon.
cross()
{
	local started

	stop_agent "$us" KILL
	"$@"
	started=$(now_ms)
	start_agent "$us"
	note "$*: ready after $(($(now_ms) - started)) ms"
	wait_state "$us" up 30000 remote $THEM4
	check_err $? "not up after $*"
}

their_other_mac()
{
	ip -n "$them" link set t0 address 02:00:00:00:77:01
}

test_changes()
{
	cross ip -n "$us" link del bfd-tick0
	busywait 30000 session_is "$them" .state up remote $US4
	check_err $? "their end, after the clock's devices were deleted"
	ip -n "$us" link show bfd-tick0 >/dev/null
	check_err $? "no clock device"
	log_test "the clock's devices deleted without an agent: made again"

	cross their_other_mac
	wait_state "$them" up 30000 remote $US4
	check_err $? "their end, after their Ethernet address changed"
	log_test "the neighbour's Ethernet address changed without an agent"

	stop_agent "$us" KILL
	ip -n "$us" link set u0 down
	ip -n "$us" link set u0 name u9
	ip -n "$us" addr add $US6/64 dev u9 nodad 2>/dev/null
	ip -n "$us" link set u9 up
	start_agent "$us"
	busywait 20000 session_is "$us" .dev u9 remote $THEM4
	check_err $? "dev $(session "$us" .dev remote $THEM4)"
	wait_state "$us" up 30000 remote $THEM4
	check_err $? "not up on u9"
	log_test "the device renamed without an agent"

	stop_agent "$us" KILL
	ip -n "$us" addr del $US4/24 dev u9
	start_agent "$us"
	wait_state "$us" down 20000 remote $THEM4
	check_err $? "still $(session "$us" .state remote $THEM4) without an address"
	add_address "$us" u9 $US4/24
	wait_state "$us" up 30000 remote $THEM4
	check_err $? "not up with its address again"
	log_test "our address removed without an agent: Down, and Up when it is back"
}

# refused PIN WHAT: the agent says which pin, and the session goes on.
refused()
{
	timeout 60 "$AGENT" --netns "$us" > "$TEST_TMP/out" 2>&1
	check_equal $? 1 "exit status, $2"
	check_equal "$(grep -c "/$1 $3: " "$TEST_TMP/out")" 1 "$2, said: $(cat "$TEST_TMP/out")"
	check_equal "$(session "$them" '"\(.state) \(.stats.down_count)"' remote $US4)" "$BEFORE" \
		"their end, $2"
}

# untouched WHAT WHY: the agent that runs goes on, whoever wants its place.
untouched()
{
	local log=${AGENT_LOG[$us]} refusals

	timeout 60 "$AGENT" --netns "$us" --handover > "$TEST_TMP/out" 2>&1
	check_equal $? 1 "exit status of --handover, $1"
	check_equal "$(grep -c "$2" "$TEST_TMP/out")" 1 "--handover, $1, said: $(cat "$TEST_TMP/out")"
	timeout 60 "$AGENT" --netns "$us" --check > "$TEST_TMP/out" 2>&1
	check_equal $? 1 "exit status of --check, $1"
	refusals=$(grep -c 'not reloaded' "$log")
	kill -HUP "${AGENT_PID[$us]}"
	busywait 20000 eval '[ "$(grep -c "not reloaded" "$log")" -gt $refusals ]'
	check_err $? "a reload, $1, said: $(tail -n 3 "$log")"
	bfd_json "$us" agent show >/dev/null
	check_err $? "nobody serves, $1"
}

test_not_taken_over()
{
	local dir pin pid=${AGENT_PID[$us]}

	dir=$(pin_dir "$us")
	pin=$(echo "$dir"/abi-*)/clients
	bpftool map create "$dir/foreign" type hash key 4 value 4 entries 16 name foreign
	mv "$pin" "$dir/away" # one that is missing is soon made again
	mv "$dir/foreign" "$pin"
	untouched "a pin is somebody else's" "/clients is something else: "
	mv "$dir/away" "$pin"
	mkdir "$dir/abi-99"
	bpftool map create "$dir/abi-99/complete" type hash key 4 value 4 entries 16 name newer
	untouched "a newer version is there" "holds the sessions of a newer version"
	rm -r "$dir/abi-99"
	timeout 60 "$AGENT" --netns "$us" --check
	check_err $? "--check, when all is right again"
	start_agent "$us" --handover
	wait "$pid"
	check_equal $? 0 "the exit status of the one before"
	log_test "a handover or reload that can't be: the agent that runs goes on"
}

test_foreign_pins()
{
	local dir

	dir=$(echo "$(pin_dir "$us")"/abi-*)
	BEFORE=$(session "$them" '"\(.state) \(.stats.down_count)"' remote $US4)
	stop_agent "$us" KILL
	mv "$dir/clients" "$dir/clients_away"
	refused clients "a pin is missing" "is missing"
	bpftool map create "$dir/clients" type hash key 4 value 4 entries 16 name foreign
	refused clients "a map of another kind" "is something else"
	rm "$dir/clients"
	bpftool prog pin id "$(ip -n "$us" -j link show u9 | jq '.[0].xdp.prog.id')" "$dir/clients"
	refused clients "a program" "is something else"
	rm "$dir/clients"
	mv "$dir/clients_away" "$dir/clients"
	start_agent "$us"
	check_equal "$(session "$them" '"\(.state) \(.stats.down_count)"' remote $US4)" "$BEFORE" "then"
	log_test "pins that are missing or somebody else's: named, nothing is touched"
}

test_teardown()
{
	local objects=$TEST_TMP/objects flush

	objects_of "$us" > "$objects"
	check_range "$(wc -l < "$objects")" 20 200 "BPF objects before"
	stop_agent "$us" KILL
	agent_flush "$us" &
	flush=$!
	busywait 30000 session_is "$them" .remote_state admin-down remote $US4
	check_err $? "their end hears nothing"
	check_range "$(ip -n "$us" -d -j link show u9 | jq '.[0].xdp.mode // 0')" 1 10 \
		"XDP on u9, while AdminDown is told"
	wait $flush
	check_err $? "--flush after a kill"
	check_equal "$(session "$them" '"\(.remote_state) \(.remote_diag) \(.state) \(.diag)"' \
		remote $US4)" "admin-down admin-down down neighbor-down" "what they have heard"
	busywait 30000 no_objects "$objects"
	check_err $? "one of these is left: $(xargs < "$objects")"
	[ ! -e "$(pin_dir "$us")" ]
	check_err $? "pins are left"
	check_equal "$(ip -n "$us" -j link | jq -c 'map(.ifname) | sort')" '["lo","u9"]' "devices"
	check_equal "$(ip -n "$us" -d -j link show u9 | jq '.[0].xdp.mode // 0')" 0 "XDP on u9"
	check_equal "$(tc -n "$us" qdisc show dev u9 | grep -c clsact)" 0 "qdiscs on u9"
	log_test "--flush after a kill: they hear AdminDown, nothing is left"
}

setup_two_agents
require bpftool strace
bfd "$us" add remote $THEM4 dev u0 $TIMERS >/dev/null
bfd "$them" add remote $US4 dev t0 $TIMERS >/dev/null
wait_up "$us" remote $THEM4
wait_up "$them" remote $US4
test_subscription
test_port_of_another
start_monitor "$us" "$TEST_TMP/json" state
test_late_events
test_many
test_killed_amid
test_overflow
bfd "$them" add remote $US4 dev t0 $TIMERS >/dev/null
wait_state "$us" up 60000 remote $THEM4
check_err $? "not up again"
test_changes
test_not_taken_over
test_foreign_pins
test_teardown
tap_done
