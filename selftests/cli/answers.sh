#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 240
#
# What `ip bfd` makes of an agent's answers and events, good and bad; from a stand-in for the
# agent (fake_agent.c), since a real one can't be asked to misbehave.

# shellcheck source=selftests/lib.sh disable=SC2154
. "$(dirname "$0")/../lib.sh"

# run STATUS WORD...: `ip bfd` with these words; stdout in OUT, stderr in ERR.
run()
{
	local wanted=$1 status

	shift
	timeout 15 "$CLIENT" -n "$ns" "$@" > "$TEST_TMP/out" 2> "$TEST_TMP/err"
	status=$?
	OUT=$(cat "$TEST_TMP/out")
	ERR=$(cat "$TEST_TMP/err")
	check_equal $status "$wanted" "exit status of '$*' ($ERR)"
}

# start_fake MODE; stop_fake
start_fake()
{
	local log=$TEST_TMP/fake

	: > "$log" # one before was ready, too
	ip netns exec "$ns" "$FAKE" "$1" > "$log" 2>&1 &
	FAKE_PID=$!
	defer end_process $FAKE_PID
	busywait 20000 grep -q ready "$log" || bail "the stand-in did not start: $(cat "$log")"
}

stop_fake()
{
	end_process $FAKE_PID
}

json_is()
{
	check_equal "$(jq -c "$1" <<< "$OUT" 2>&1)" "$2" "$1"
}

test_show_json()
{
	local member

	run 0 -j -s show
	json_is 'length' 2
	for member in local_discr remote_discr local remote dev name state remote_state diag \
		remote_diag mode desired_min_tx required_min_rx mult negotiated_tx negotiated_rx \
		detection_time remote_mult uptime_ms last_up; do
		json_is ".[0] | has(\"$member\")" true
	done
	json_is '.[0] | keys_unsorted - ["local_discr","remote_discr","local","remote","dev",
		"name","state","remote_state","diag","remote_diag","mode","desired_min_tx",
		"required_min_rx","mult","negotiated_tx","negotiated_rx","detection_time",
		"remote_mult","uptime_ms","last_up","stats","multihop","demand","remote_demand",
		"poll","unsolicited","poll_interval","hold_down","echo","echo_rx","remote_echo_rx",
		"echo_tx_in_use","backoff","advertised_min_tx","advertised_min_rx"]' '[]'
	json_is '.[0] | [.multihop, .demand, .remote_demand, .poll, .unsolicited, .echo, .echo_rx,
		.remote_echo_rx, .echo_tx_in_use, .poll_interval, .hold_down, .backoff]' \
		'[false,false,false,false,false,0,0,0,0,0,0,0]'
	json_is '.[0] | [.local_discr, .remote_discr, .remote, .local, .dev, .name]' \
		'[1001,4294967295,"192.0.2.2","192.0.2.1","lo","co\"re"]'
	json_is '.[0] | [.state, .diag, .mode, .desired_min_tx, .detection_time, .uptime_ms]' \
		'["up","none","async",3300,30000,3723004]'
	json_is '.[0].stats' '{"rx_packets":5000000000,"rx_invalid":{"ttl":2,"bad-version":1},"rx_gap_min":8900,"rx_gap_avg":9500,"rx_gap_max":10100,"closest_call_pct":43.2,"tx_packets":1234,"tx_failed":1,"down_count":1,"admin_down_count":0,"detect_overshoot_last":43,"detect_overshoot_max":60}'
	json_is '.[1] | [.state, .diag, .passive, .uptime_ms]' \
		'["down","control-expiry",true,null]'
	json_is '[.[] | has("admin_down"), has("vrf"), has("clients")] | any' false
	json_is '.[0] | has("auth")' false
	log_test "show: JSON"
	run 0 -j -p show id 1001
	json_is '[length, .[0].local_discr]' '[1,1001]'
	[ "$(wc -l <<< "$OUT")" -gt 10 ]
	check_err $? "-p is not pretty"
	run 0 -j -6 show
	json_is '[.[].remote]' '["fe80::2"]'
	run 0 -j show remote 10.1.1.1
	check_equal "$OUT" "[]" "no session"
	log_test "show: one, of a family, none"
	run 2 -j show id 5
	check_equal "$ERR" "Error: no session has this discriminator." stderr
	log_test "show: no such session"
}

test_show_text()
{
	run 0 show
	check_equal "$(wc -l <<< "$OUT")" 4 "lines of two sessions"
	check_equal "$(head -n 1 <<< "$OUT")" 'id 1001 remote 192.0.2.2 local 192.0.2.1 dev lo name co"re state up uptime 1h2m ' "first line"
	run 0 -o -d -s show
	check_equal "$(wc -l <<< "$OUT")" 2 "lines with -o"
	run 0 -d -s show id 1001
	grep -q 'invalid 3 (ttl 2 bad-version 1)' <<< "$OUT"
	check_err $? "discards: $OUT"
	run 0 -br show
	check_equal "$(awk '{ print $1, $2, $3, $4 }' <<< "$OUT")" \
		"192.0.2.2 lo up 1001"$'\n'"fe80::2 lo down 1002" "-br"
	log_test "show: text, -d -s -o -br"
	run 0 -c show
	grep -q $'\e\[32mup' <<< "$OUT" && grep -q $'\e\[31mdown' <<< "$OUT"
	check_err $? "no green up or no red down"
	run 0 -c -j show
	! grep -q $'\e' <<< "$OUT"
	check_err $? "colours in JSON"
	log_test "show: -c"
}

# A session that has everything; no real one can.
test_show_options()
{
	run 0 -j -s -d show id 1003
	json_is '.[0] | [.multihop, .min_ttl, .vrf, .demand, .mode, .remote_demand, .poll,
		.unsolicited, .clients, .backoff]' \
		'[true,250,"blue",true,"demand-with-echo",true,true,true,["ospf","bgp"],2]'
	json_is '.[0] | [.echo, .echo_rx, .remote_echo_rx, .echo_tx_in_use, .echo_source,
		.poll_interval, .hold_down, .desired_min_tx, .advertised_min_tx,
		.required_min_rx, .advertised_min_rx]' \
		'[20000,40000,30000,30000,"203.0.113.1",5000000,60000000,3300,3300,10000,1000000]'
	json_is '.[0].stats.echo' '{"tx_packets":100,"rx_packets":98,"rx_invalid":1,"rtt_min":31.4,"rtt_avg":40,"rtt_max":1234.567,"looped":7,"loop_limited":2}'
	log_test "show: JSON of all options"
	run 0 show id 1003
	check_equal "$OUT" 'id 1003 remote 192.0.2.2 local 192.0.2.1 dev lo multihop vrf blue name co"re state up uptime 1h2m remote-demand polling unsolicited mode demand-with-echo client ospf client bgp 
    tx 3.3ms rx 10ms mult 3 negotiated-tx 3.3ms negotiated-rx 10ms detection 30ms min-ttl 250 echo 20ms negotiated-echo 30ms echo-rx 40ms demand on poll-interval 5s hold-down 60s backoff 2 auth sha1 key core key-id 2 variant hmac awaits meticulous-md5 key next ' text
	run 0 -s show id 1003
	grep -q '^    echo: sent 100 returned 98 invalid 1 rtt-min 31.4us rtt-avg 40.0us rtt-max 1234.6us looped 7 limited 2 $' <<< "$OUT"
	check_err $? "echo statistics: $OUT"
	run 0 -d show id 1003
	grep -q 'mode demand-with-echo advertised-tx 3.3ms advertised-rx 1s remote-echo-rx 30ms echo-source 203.0.113.1 remote-id' <<< "$OUT"
	check_err $? "-d: $OUT"
	run 0 show id 1001
	! grep -qE 'echo|demand|hold|poll|backoff|multihop|vrf|mode|ttl|auth' <<< "$OUT"
	check_err $? "a plain session's text tells defaults: $OUT"
	log_test "show: text says what differs from a plain session"
	run 0 -j listen show
	json_is '.[0]' '{"prefix":"192.0.2.0/24","dev":"lo","sessions":0,"limit":64,"idle":60000000,"desired_min_tx":300000,"required_min_rx":300000,"mult":3,"echo":0,"echo_rx":0,"demand":false,"poll_interval":0,"hold_down":0}'
	json_is '.[1] | [.prefix, .sessions, .echo, .echo_rx, .demand, .poll_interval, .hold_down]' \
		'["fe80::/64",1,50000,50000,true,1000000,1000000]'
	run 0 listen
	check_equal "$(head -n 2 <<< "$OUT")" '192.0.2.0/24 dev lo sessions 0 limit 64 idle 60s 
    tx 300ms rx 300ms mult 3 ' "text"
	run 0 -j -6 listen
	json_is '[.[].prefix]' '["fe80::/64"]'
	log_test "listen show"
	run 2 listen 192.0.2.0/24 dev lo
	check_equal "$ERR" "Error: this agent has no listeners." stderr
	run 2 listen del 192.0.2.0/24 dev lo
	check_equal "$ERR" "Error: this agent has no listeners." stderr
	run 2 poll id 1002
	check_equal "$ERR" "Error: session 1002 is not up: there is nothing to verify." stderr
	run 0 reset
	check_equal "$OUT$ERR" "" "what reset says"
	log_test "listen, poll, reset: the agent's words"
}

test_show_auth()
{
	run 0 -j show id 1003
	json_is '.[0].auth' '{"type":"sha1","key_chain":"core","key_id":2,"variant":"hmac","awaited":{"type":"meticulous-md5","key_chain":"next"}}'
	run 0 -j show remote fe80::2
	json_is '.[0].auth' '{"type":"none","awaited":{"type":"simple","key_chain":"core"}}'
	run 0 show remote fe80::2
	grep -q ' auth none awaits simple key core $' <<< "$OUT"
	check_err $? "text: $OUT"
	run 0 -j show id 1004
	json_is '.[0].auth' '{"type":"md5","key_chain":"core","awaited":{"type":"none"}}'
	run 0 show id 1004
	grep -q ' auth md5 key core key-id none awaits none $' <<< "$OUT"
	check_err $? "text: $OUT"
	log_test "show: authentication, what is awaited, and that no key can send"
}

test_keys()
{
	run 0 -j key
	json_is . '[{"key_chain":"core","id":1,"type":"sha1","length":20,"sending":true,"accepted":true},{"key_chain":"core","id":2,"type":"sha1","length":20,"send_from":1767323045000006,"accept_from":1767323045000007,"accept_until":1767323046000000,"sending":false,"accepted":true}]'
	TZ=UTC run 0 key show core
	check_equal "$OUT" 'core id 1 type sha1 length 20 sending accepted 
core id 2 type sha1 length 20 send-from 2026-01-02T03:04:05 accept-from 2026-01-02T03:04:05 accept-until 2026-01-02T03:04:06 accepted ' text
	run 2 key del core
	check_equal "$ERR" 'Error: session 1001 uses key chain "core".' stderr
	log_test "key show, key del"
}

# asks WANTED WORD...: the stand-in says what the request of `key WORD...` held.
asks()
{
	run 2 key "${@:2}"
	check_equal "$ERR" "Error: $1 ." "what '${*:2}' asks for"
}

test_key_requests()
{
	local key=$TEST_TMP/key now

	asks "7 4 6e6f742d666f722d65796573" add core id 7 type sha1 text not-for-eyes
	asks "255 1 00ff0aab" add core id 255 type simple hex 00FF0aAb
	log_test "key add: text and hex are bytes"
	printf 'from a file\n' > "$key"
	asks "0 5 66726f6d20612066696c65" add core id 0 type meticulous-sha1 file "$key"
	printf '\n\n' > "$key"
	asks "0 5 0a" add core id 0 type meticulous-sha1 file "$key"
	printf '12345678901234567890\n' > "$key"
	asks "0 5 3132333435363738393031323334353637383930" add core id 0 type meticulous-sha1 file "$key"
	printf '123456789012345678901' > "$key"
	run 255 key add core id 0 type sha1 file "$key"
	check_equal "$ERR" "Error: argument \"$key\" is wrong: \"file\" must hold from 1 to 20 bytes" stderr
	printf '\n' > "$key"
	run 255 key add core id 0 type sha1 file "$key"
	run 1 key add core id 0 type sha1 file "$TEST_TMP/none"
	check_equal "$ERR" "Error: cannot read the key from \"$TEST_TMP/none\": No such file or directory." stderr
	run 1 key add core id 0 type sha1 file "$TEST_TMP"
	asks "0 5 61622063" add core id 0 type meticulous-sha1 file - <<< "ab c"
	run 255 -b - <<< "key add core id 0 type sha1 file -"
	grep -q '"file" can.t be standard input in a batch' <<< "$ERR"
	check_err $? "in a batch: $ERR"
	log_test "key add: a file, standard input"

	asks "7 0" change core id 7 send-from none
	asks "7 1767323045000000" change core id 7 send-from @1767323045
	asks "7 1767323045250000" change core id 7 send-from @1767323045.25
	asks "7 1767323045000000" change core id 7 send-from 2026-01-02T03:04:05Z
	asks "7 1767323045000000" change core id 7 accept-from 2026-01-02T05:34:05+02:30
	asks "7 1767323045000000" change core id 7 accept-until 2026-01-01T23:04:05-04:00
	TZ=UTC asks "7 1767323045000000" change core id 7 accept-until 2026-01-02T03:04:05
	TZ=EST5 asks "7 1767323045000000" change core id 7 accept-until 2026-01-01T22:04:05
	asks "7 1000000 2000000 3000000" change core id 7 accept-u @3 accept-f @2 send @1
	log_test "key change: times"
	run 2 key change core id 7 send-from now
	now=$(date +%s)
	check_range "$(sed 's/^Error: 7 \([0-9]*\)[0-9]\{6\} .$/\1/' <<< "$ERR")" $((now - 20)) "$now" now
	run 2 key change core id 7 send-from +1000.5s
	now=$(date +%s)
	check_range "$(sed 's/^Error: 7 \([0-9]*\)[0-9]\{6\} .$/\1/' <<< "$ERR")" $((now + 980)) $((now + 1001)) +1000.5s
	log_test "key change: now, and from now on"
}

test_changes()
{
	run 2 add remote 192.0.2.2
	check_equal "$ERR" "Error: a session to 192.0.2.2 on lo exists already." stderr
	check_equal "$OUT" "" stdout
	log_test "add: the agent's own words, status 2"
	run 0 replace remote 192.0.2.2
	check_equal "$OUT" "id 1001" stdout
	run 0 -j replace remote 192.0.2.2
	json_is '[length, .[0].local_discr]' '[1,1001]'
	run 0 -echo replace remote 192.0.2.2
	grep -q '^id 1001 remote 192.0.2.2 .* state up' <<< "$OUT"
	check_err $? "-echo: $OUT"
	log_test "replace: prints the discriminator, or the object"
	run 0 change id 1001 mult 4
	check_equal "$ERR" "Warning: the peer may take a second to follow." stderr
	check_equal "$OUT" "" stdout
	log_test "change: a warning with success"
	run 2 del id 1001
	check_equal "$ERR" "Error: bfd-agent answers: Operation not permitted." stderr
	log_test "del: an error without words"
}

test_dev_and_agent()
{
	run 0 -j dev
	json_is . '[{"ifindex":1,"dev":"lo","attach":"generic","sessions":2,"prog_id":17}]'
	run 0 dev show
	check_equal "$OUT" "1: lo attach generic sessions 2 prog-id 17 " "dev show"
	run 0 -j agent
	json_is '.[0] | [.clock, .tick, .tick_gap_max, .rx_invalid]' \
		'["agent",1000,1900,{"no-session":3}]'
	run 0 agent show
	grep -q 'clock agent (no tbf in this kernel' <<< "$OUT"
	check_err $? "the clock: $OUT"
	log_test "dev and agent"
}

# start_listener FILE COMMAND...: sets LISTENER.
start_listener()
{
	"${@:2}" > "$1" 2>&1 &
	LISTENER=$!
	defer end_process $LISTENER
}

# start_member FILE COMMAND...: a listener, and it is in a group.
start_member()
{
	start_listener "$@"
	busywait 20000 monitor_listens $LISTENER
	check_err $? "${*:2}: it joined no group"
}

# has_lines FILE COUNT PATTERN: so many lines without the pattern, or more.
has_lines()
{
	[ "$(grep -vc "$3" "$1")" -ge "$2" ]
}

# 1 false event is not told, 2 that are missing are, and then all sessions.
json_events='["add",1001],["state",1001],["state",1002],["lost",null],["state",1001],["current",1001],["current",1002],["del",1001]'

event_list()
{
	jq -s -c 'map([.event, .local_discr])' "$1"
}

# shellcheck disable=SC2317 # called by busywait
events_are()
{
	[ "$(event_list "$1")" = "[$2]" ]
}

# flush makes the stand-in send its events.
test_monitor()
{
	local all=$TEST_TMP/all text=$TEST_TMP/text one=$TEST_TMP/one plain=$TEST_TMP/plain

	start_member "$all" "$CLIENT" -n "$ns" -j monitor
	start_member "$text" env TZ=UTC "$CLIENT" -n "$ns" -ts monitor state
	start_member "$plain" env TZ=UTC "$CLIENT" -n "$ns" -t monitor config
	start_member "$one" "$CLIENT" -n "$ns" -j monitor state id 1002
	run 0 flush
	busywait 10000 events_are "$all" "$json_events"
	check_equal "$(event_list "$all")" "[$json_events]" "events"
	check_equal "$(wc -l < "$all")" 8 "lines, one for each object"
	OUT=$(grep -m 1 '"state"' "$all")
	json_is '[.event, .local_discr, .old_state, .new_state, .diag, .timestamp]' \
		'["state",1001,"up","down","control-expiry",1767323045000006]'
	json_is '[.remote, .dev, .since_last_rx, .detect_overshoot_ns, .late]' \
		'["192.0.2.2","lo",30043,43500,true]'
	json_is 'has("stats")' false
	OUT=$(grep '"lost"' "$all")
	json_is '[.group, .count]' '["state",2]'
	log_test "monitor: all events, a false one not, a loss told and dumped"
	# Each in its own time: three events of the group, the loss, and two sessions after it.
	busywait 10000 has_lines "$text" 6 '^$'
	check_equal "$(head -n 1 "$text")" '[2026-01-02T03:04:05.000006] state up -> down diag control-expiry last-rx 30.043ms ago overshoot 43.5us late id 1001 remote 192.0.2.2 local 192.0.2.1 dev lo name co"re ' "-ts"
	check_equal "$(grep -c ' lost 2 events' "$text")" 1 "losses"
	check_equal "$(grep -cE '\] (add|del)' "$text")" 0 "events of config"
	busywait 10000 has_lines "$plain" 2 Timestamp
	check_equal "$(head -n 1 "$plain")" 'Timestamp: Fri Jan  2 03:04:05 2026 6 usec' "-t"
	check_equal "$(grep -vc Timestamp "$plain")" 2 "events of config"
	busywait 10000 events_are "$one" '["state",1002],["lost",null],["current",1002]'
	check_equal "$(event_list "$one")" '[["state",1002],["lost",null],["current",1002]]' "selected"
	log_test "monitor: text, time stamps, groups, selector"
}

# Of an ordinary user, who can't join a group.
test_monitor_unprivileged()
{
	local events=$TEST_TMP/unprivileged

	cp "$CLIENT" "$TEST_TMP/ip-bfd"
	start_listener "$events" ip netns exec "$ns" setpriv --reuid 65534 --regid 65534 \
		--clear-groups "$TEST_TMP/ip-bfd" -j monitor state
	busywait 20000 grep -q subscribed "$TEST_TMP/fake"
	check_err $? "it didn't ask the agent for events"
	run 0 flush
	busywait 10000 events_are "$events" \
		'["state",1001],["state",1002],["lost",null],["state",1001],["current",1001],["current",1002]'
	check_equal "$(event_list "$events")" \
		'[["state",1001],["state",1002],["lost",null],["state",1001],["current",1001],["current",1002]]' \
		"events"
	log_test "monitor: an ordinary user's, by unicast"
	end_process $LISTENER
}

test_deaf()
{
	local before

	start_fake "$1"
	before=$(now_ms)
	run 2 show
	check_equal "$ERR" "Error: bfd-agent did not answer within 5 seconds." stderr
	# At most what is allowed for a hang: this machine may take its time.
	check_range $(($(now_ms) - before)) 4500 14000 "waited ms"
	log_test "an agent that never answers ($1): a clear end"
	stop_fake
}

test_spoof()
{
	start_fake spoof
	run 0 -j show id 1001
	json_is '[.[].local_discr]' '[1001]'
	run 0 -j show
	json_is '[.[].local_discr]' '[1001,1002]'
	log_test "answers from another port don't count"
	stop_fake
}

test_nobody()
{
	start_fake nobody
	run 2 show
	check_equal "$ERR" "Error: the port of bfd-agent is held by uid 65534, not by root." stderr
	check_equal "$OUT" "" stdout
	log_test "an agent that isn't root doesn't count"
	stop_fake
}

# No crash, no hang, and an end with status 2 at the latest.
test_garbage()
{
	local words i

	start_fake garbage
	for i in {1..6}; do
		for words in "-s -d show" "-j -s -d show" "agent" "-j key"; do
			# shellcheck disable=SC2086
			timeout 15 "$CLIENT" -n "$ns" $words > "$TEST_TMP/out" 2> "$TEST_TMP/err"
			check_equal $? 2 "round $i: exit status of '$words'"
			! grep -qE 'Sanitizer|runtime error' "$TEST_TMP/err"
			check_err $? "$(head -n 5 "$TEST_TMP/err")"
		done
	done
	log_test "garbage: no crash and no hang"
	stop_fake
}

require_root
require jq setpriv
CLIENT=$BUILD/ip-bfd
FAKE=$TEST_TMP/fake-agent
"${CC:-cc}" -std=gnu11 -I"$TOP" "$SELFTESTS/cli/fake_agent.c" -lmnl -o "$FAKE" ||
	skip_all "no C compiler, or no libmnl, for the stand-in"
setup_ns ns

start_fake good
test_show_json
test_show_text
test_show_options
test_show_auth
test_keys
test_key_requests
test_changes
test_dev_and_agent
test_monitor
test_monitor_unprivileged
stop_fake
test_spoof
test_nobody
test_garbage
test_deaf deaf
test_deaf stuck
tap_done
