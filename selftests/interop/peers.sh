# SPDX-License-Identifier: GPL-2.0
#
# The network and the course of the interop tests, the same for every peer: on one
# link sessions at 50 ms x3 (IPv4, IPv6, link-local), on the other at 10 ms x3 (IPv4 and
# IPv6).  The test that sources it defines, for its daemon:
#
#	remote_up OURS			succeeds if its `show` lists the session with us Up
#	remote_downs OURS		prints how often the session went down, by its own count
#	remote_shows OURS MILLISECONDS MULTIPLIER	our timers, by its own `show`
#	remote_change MILLISECONDS	its own interval of the IPv4 session at 50 ms, while Up
#	remote_kill, remote_start	death (kill -9) and a new start
#
# It must not know which daemon it is.
# shellcheck shell=bash disable=SC2154,SC2034

# The peer must be on time to say anything about us: a daemon of normal priority on a busy
# machine misses 30 ms by itself.  Ours needs no such help.
DAEMON_PREFIX="chrt --fifo 10"

# OUR-ADDRESS THEIR-ADDRESS MILLISECONDS LINK
SESSIONS="192.0.2.1 192.0.2.2 50 0
2001:db8:50::1 2001:db8:50::2 50 0
fe80::1 fe80::2 50 0
198.51.100.1 198.51.100.2 10 1
2001:db8:10::1 2001:db8:10::2 10 1"

# each_session COMMAND...: COMMAND... OURS THEIRS MILLISECONDS LINK
each_session()
{
	local ours theirs interval link

	while read -r ours theirs interval link; do
		"$@" "$ours" "$theirs" "$interval" "$link" < /dev/null
	done <<< "$SESSIONS"
}

length_of()
{
	case $1 in
	*:*) echo "$1/64" ;;
	*) echo "$1/24" ;;
	esac
}

add_both_addresses()
{
	add_address "$us" "u$4" "$(length_of "$1")"
	add_address "$them" "t$4" "$(length_of "$2")"
}

setup_interop_link()
{
	require_root
	setup_ns us them
	setup_link "$us" u0 "$them" t0
	setup_link "$us" u1 "$them" t1
	each_session add_both_addresses
}

add_ours()
{
	bfd "$us" add remote "$2" local "$1" dev "u$4" tx "$3ms" rx "$3ms" mult 3 >/dev/null
	check_err $? "add remote $2"
}

is_up()
{
	# Both ask for the slow rate first, and resolve addresses: seconds are normal.
	wait_state "$us" up 15000 remote "$2" dev "u$4"
	check_err $? "$2: we are not up"
	busywait 10000 remote_up "$1"
	check_err $? "$1: the peer is not up"
}

negotiated()
{
	busywait 5000 session_is "$us" .negotiated_tx $(($3 * 1000)) remote "$2" dev "u$4"
	check_equal "$(session "$us" .negotiated_tx remote "$2" dev "u$4")" $(($3 * 1000)) "$2: negotiated_tx"
	check_equal "$(session "$us" .detection_time remote "$2" dev "u$4")" $(($3 * 3000)) \
		"$2: detection_time"
}

shows_ours()
{
	busywait 5000 remote_shows "$1" "$3" 3
	check_err $? "$1: the peer does not show $3 ms x3"
}

test_up()
{
	each_session add_ours
	each_session is_up
	log_test "$PEER: sessions at 50 ms and at 10 ms come up, IPv4, IPv6, link-local"
	each_session negotiated
	log_test "$PEER: we use the intervals that were agreed"
	each_session shows_ours
	log_test "$PEER: its own show lists our timers and multiplier"
}

remember()
{
	REMOTE_DOWNS[$1]=$(remote_downs "$1")
	OUR_DOWNS[$1]=$(session "$us" .stats.down_count remote "$2" dev "u$4")
}

declare -A REMOTE_DOWNS=()
declare -A OUR_DOWNS=()
declare -A NEW_REMOTE_DOWNS=()
declare -A NEW_OUR_DOWNS=()

# verdict_lines WORD ADDRESS: of the watch, those about one session.
verdict_lines()
{
	grep "^$1 $2 " "$TEST_TMP/silence"
}

# Before the watch stops: so it has seen each Down that is counted.
count_downs()
{
	NEW_REMOTE_DOWNS[$1]=$(($(remote_downs "$1") - REMOTE_DOWNS[$1]))
	NEW_OUR_DOWNS[$1]=$(($(session "$us" .stats.down_count remote "$2" dev "u$4") - OUR_DOWNS[$1]))
}

# No more Downs, by either count, than the watch saw and excused.
no_flap()
{
	local excused

	excused=$(verdict_lines excused "$1" | wc -l)
	check_range "${NEW_REMOTE_DOWNS[$1]}" 0 "$excused" "$1: downs by the peer's count"
	check_range "${NEW_OUR_DOWNS[$1]}" 0 "$excused" "$2: downs by our count"
	if [ "$excused" -eq 0 ]; then
		remote_up "$1"
		check_err $? "$1: not up at the peer"
	fi
}

# What the watch holds against us; and that it saw each session.
no_blame()
{
	check_equal "$(grep -m 1 -e "^blamed $1 " -e "^blamed all " "$TEST_TMP/silence")" "" "$1"
	verdict_lines gaps "$1" > /dev/null
	check_err $? "$1: the watch saw no packet"
}

# undisturbed NAME COMMAND...: nothing flaps while the command runs.  Flaps that by the evidence of
# tools/silence.py are the fault of the peer or the machine spoil the attempt, and it is made again,
# twice at most, and the test's name says so.  If each is spoilt nothing was learnt, and the
# point is skipped.  Any other flap fails at once.
undisturbed()
{
	local name=$1 attempt why again=

	shift
	for attempt in 1 2 3; do
		start_watches
		each_session remember
		"$@"
		each_session count_downs
		stop_watches
		why=$(grep -m 1 "^excused " "$TEST_TMP/silence")
		if [ -n "$why" ]; then
			# What the command missed it missed because of that.
			RET=0
			RET_MESSAGE=
		fi
		each_session no_blame
		each_session no_flap
		if [ "$RET" -ne 0 ] || [ -z "$why" ]; then
			break
		fi
		note "$name: spoilt: $why"
		if [ $attempt -eq 3 ]; then
			log_skip "$PEER: $name" "spoilt in each of 3 attempts: ${why#excused }"
			return
		fi
		again=", at attempt $((attempt + 1)): ${why#excused }"
		each_session is_up
		[ "$RET" -eq 0 ] || break
	done
	[ "$RET" -eq 0 ] || note "$(cat "$TEST_TMP/silence" "$TEST_TMP/stalls")"
	log_test "$PEER: $name$again"
}

# start_watch NAME COMMAND...: one that prints that it is `watching`, into $TEST_TMP/NAME.
start_watch()
{
	local name=$1

	shift
	"$@" > "$TEST_TMP/$name" &
	WATCH_PID[$name]=$!
	defer end_process $!
	busywait 5000 grep -q -s watching "$TEST_TMP/$name" || bail "the watch of $name does not start"
}

stop_watch()
{
	kill -TERM "${WATCH_PID[$1]}"
	wait "${WATCH_PID[$1]}"
	check_err $? "the watch of $1 failed"
}

start_watches()
{
	start_watch stalls /usr/bin/python3 "$SELFTESTS/tools/stalls.py"
	start_watch silence ip netns exec "$them" \
		/usr/bin/python3 "$SELFTESTS/tools/silence.py" --stalls "$TEST_TMP/stalls"
}

stop_watches()
{
	stop_watch stalls
	stop_watch silence
	grep -q "^end$" "$TEST_TMP/silence"
	check_err $? "the watch of silence did not end"
}

declare -A WATCH_PID=()

went_down()
{
	grep -q "^down " "$TEST_TMP/silence"
}

# quiet_for SECONDS: or until a session goes Down, after which the rest would teach nothing.
quiet_for()
{
	local deadline=$(($(now_ms) + $1 * 1000))

	until went_down || [ "$(now_ms)" -ge $deadline ]; do
		sleep 0.5
	done
}

stop_agent_for()
{
	kill -STOP "${AGENT_PID[$us]}"
	quiet_for "$1"
	kill -CONT "${AGENT_PID[$us]}"
}

# change_ours THEIRS TIME MULTIPLIER
change_ours()
{
	bfd "$us" change remote "$1" tx "$2" rx "$2" mult "$3"
	check_err $? "change remote $1"
}

# Slower, and faster again.
change_our_timers()
{
	change_ours 192.0.2.2 120ms 5
	change_ours 2001:db8:10::2 120ms 5
	busywait 5000 remote_shows 192.0.2.1 120 5
	check_err $? "IPv4: the peer does not show 120 ms x5"
	busywait 5000 remote_shows 2001:db8:10::1 120 5
	check_err $? "IPv6: the peer does not show 120 ms x5"
	busywait 5000 session_is "$us" .negotiated_tx 120000 remote 192.0.2.2
	check_err $? "IPv4: we don't send at 120 ms"
	sleep 1
	change_ours 192.0.2.2 50ms 3
	change_ours 2001:db8:10::2 10ms 3
	busywait 5000 remote_shows 192.0.2.1 50 3
	check_err $? "IPv4: the peer does not show 50 ms x3 again"
	busywait 5000 session_is "$us" .negotiated_tx 10000 remote 2001:db8:10::2
	check_err $? "IPv6: we don't send at 10 ms again"
	sleep 1
}

change_their_timers()
{
	remote_change 130
	busywait 5000 session_is "$us" .negotiated_rx 130000 remote 192.0.2.2
	check_err $? "we did not follow to 130 ms"
	check_equal "$(session "$us" .detection_time remote 192.0.2.2)" 390000 detection_time
	sleep 1
	remote_change 50
	busywait 5000 session_is "$us" .negotiated_rx 50000 remote 192.0.2.2
	check_err $? "we did not follow to 50 ms"
	sleep 1
}

we_see_death()
{
	wait_state "$us" down 3000 remote "$2" dev "u$4"
	check_err $? "$2: still up"
	check_equal "$(session "$us" .diag remote "$2" dev "u$4")" control-expiry "$2: diag"
	check_range "$(session "$us" .stats.detect_overshoot_last remote "$2" dev "u$4")" 0 100000 \
		"$2: detect_overshoot_last"
}

test_peer_death()
{
	remote_kill
	each_session we_see_death
	log_test "$PEER: its death (kill -9) is detected"
	remote_start
	each_session is_up
	log_test "$PEER: started again, up again"
}

they_see_death()
{
	busywait 3000 remote_is_down "$1"
	check_err $? "$1: still up at the peer"
	check_equal $(($(remote_downs "$1") - REMOTE_DOWNS[$1])) 1 "$1: downs by the peer's count"
}

remote_is_down()
{
	! remote_up "$1"
}

test_our_death()
{
	each_session remember
	stop_agent "$us" KILL
	agent_flush "$us"
	check_err $? "flush"
	each_session they_see_death
	log_test "$PEER: our death (data plane removed) is detected by it"
}

run_interop()
{
	start_agent "$us"
	test_up
	undisturbed "our timers change while up, slower and faster, no flap" change_our_timers
	undisturbed "its timers change while up, slower and faster, no flap" change_their_timers
	undisturbed "60 s, no flap" quiet_for 60
	undisturbed "agent stopped for 30 s, no flap" stop_agent_for 30
	test_peer_death
	test_our_death
	tap_done
}
