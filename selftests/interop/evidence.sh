# SPDX-License-Identifier: GPL-2.0
#
# Whether sessions with another daemon flap, and if one does, whose fault it was.  The
# test that sources it sets $us, $them and $PEER, and defines:
#
#	SESSIONS			a line for each: OUR-ADDRESS THEIR-ADDRESS WORD...
#	our_selector OURS THEIRS WORD...	sets SELECTOR, of our session
#	is_up OURS THEIRS WORD...	waits until both ends are up, check_err() if not
#	remote_up OURS			succeeds if the peer's `show` lists the session with us Up
#	remote_downs OURS		prints how often the session went down, by its own count
#
# It must not know which daemon it is, nor what the sessions are for.
# shellcheck shell=bash disable=SC2154,SC2034

# The peer must be on time to say anything about us: a daemon of normal priority on a busy
# machine misses 30 ms by itself.  Ours needs no such help.
DAEMON_PREFIX="chrt --fifo 10"

SELECTOR=()

# our_downs OURS THEIRS WORD...
our_downs()
{
	our_selector "$@"
	session "$us" .stats.down_count "${SELECTOR[@]}"
}

# each_session COMMAND...: COMMAND... OURS THEIRS WORD...
each_session()
{
	local words

	while read -r -a words; do
		"$@" "${words[@]}" < /dev/null
	done <<< "$SESSIONS"
}

remember()
{
	REMOTE_DOWNS[$1]=$(remote_downs "$1")
	OUR_DOWNS[$1]=$(our_downs "$@")
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
	NEW_OUR_DOWNS[$1]=$(($(our_downs "$@") - OUR_DOWNS[$1]))
}

# No more Downs, by either count, than the watch saw and excused.
no_flap()
{
	local excused

	excused=$(verdict_lines excused "$1" | wc -l)
	check_range "${NEW_REMOTE_DOWNS[$1]}" 0 "$excused" "$1: downs by the peer's count"
	check_range "${NEW_OUR_DOWNS[$1]}" 0 "$excused" "$2: downs by our count"
	if [ "$excused" -eq 0 ]; then
		# A flap since the watch ended is nobody's: up again is enough.
		busywait 10000 remote_up "$1"
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
	: > "$TEST_TMP/$name" # the watch of before was watching, too
	"$@" > "$TEST_TMP/$name" &
	WATCH_PID[$name]=$!
	defer end_process $!
	busywait 30000 grep -q -s watching "$TEST_TMP/$name" || bail "the watch of $name does not start"
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
