#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 400
#
# Authentication between two agents, all at 10 ms x3: keys that roll over by their times, by hand and
# with both agents stopped, a step from none to SHA1 and back, FRR's HMAC (also with the scripted peer, which
# computes it itself), the session's own packets replayed, and a flood of forged ones for
# $FLOOD_SECONDS (10).

. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/topology.sh"

FLOOD_SECONDS=${FLOOD_SECONDS:-10}
FLOOD_RATE=100000
FLOOD=$BUILD/selftests/tools/flood

# SESSION, its addresses here and there.
declare -A OURS=([roll]=$US4 [step]=198.51.100.1 [hmac]=203.0.113.1)
declare -A THEIRS=([roll]=$THEM4 [step]=198.51.100.2 [hmac]=203.0.113.2)
KEY=1

# ours SESSION FILTER, theirs SESSION FILTER: of show
ours()
{
	session "$us" "$2" remote "${THEIRS[$1]}"
}

theirs()
{
	session "$them" "$2" remote "${OURS[$1]}"
}

# bfd_both WORD...: the same at both ends
bfd_both()
{
	bfd "$us" "$@" && bfd "$them" "$@"
	check_err $? "$*"
}

# add_both SESSION WORD...
add_both()
{
	local name=$1

	shift
	bfd "$us" add remote "${THEIRS[$name]}" dev u0 tx 10ms rx 10ms mult 3 "$@" > /dev/null &&
		bfd "$them" add remote "${OURS[$name]}" dev t0 tx 10ms rx 10ms mult 3 "$@" > /dev/null
	check_err $? "add $*"
}

both_up()
{
	wait_up "$us" remote "${THEIRS[$1]}"
	wait_up "$them" remote "${OURS[$1]}"
}

downs_of()
{
	echo "$(ours "$1" '.stats | .down_count + .admin_down_count')" \
		"$(theirs "$1" '.stats | .down_count + .admin_down_count')"
}

DROPS='.stats.rx_invalid // {} | add // 0'

drops_of()
{
	echo "$(ours "$1" "$DROPS") $(theirs "$1" "$DROPS")"
}

# steady NAME SESSION COMMAND...: the session doesn't fail meanwhile.  If it does while the machine stood still
# for most of the detection time, that taught nothing, and it is done again, twice at most.
steady()
{
	local name=$1 session=$2 attempt before

	shift 2
	for attempt in 1 2 3; do
		watch_stalls
		before=$(downs_of "$session")
		"$@"
		end_stalls
		[ "$(downs_of "$session")" != "$before" ] || break
		if [ "$STALLED_US" -lt 15000 ]; then
			check_equal "$(downs_of "$session")" "$before" "failures, ours and theirs"
			break
		fi
		RET=0
		note "$name: spoilt: the machine stood still for $STALLED_US us"
		if [ $attempt -eq 3 ]; then
			log_skip "$name" "the machine stood still in each of 3 attempts"
			return
		fi
		both_up "$session"
	done
	log_test "$name"
}

# --- rollover

no_drop()
{
	local session=$1 before

	shift
	before=$(drops_of "$session")
	"$@"
	check_equal "$(drops_of "$session")" "$before" "discards, ours and theirs"
}

# next_key [WORD]...: at both ends
next_key()
{
	bfd_both key add roll id $((KEY + 1)) type meticulous-sha1 text "secret $((KEY + 1))" "$@"
}

# Both ends send with the next key; the old one goes.
rolled()
{
	KEY=$((KEY + 1))
	check_equal "$(ours roll .auth.key_id) $(theirs roll .auth.key_id)" "$KEY $KEY" "key_id of both"
	bfd_both key del roll id $((KEY - 1))
	sleep 0.5
}

at_seconds()
{
	local left

	left=$(awk -v at="$1" -v now="$EPOCHREALTIME" 'BEGIN { print (at > now ? at - now : 0) }')
	sleep "$left"
}

roll_by_time()
{
	local at=$((EPOCHSECONDS + 6)) # all is said by then

	next_key send-from "@$at"
	check_equal "$(ours roll .auth.key_id)" $KEY "key_id before its time"
	at_seconds $((at + 1))
	rolled
}

roll_by_hand()
{
	next_key send-from +1000s
	sleep 0.5
	check_equal "$(ours roll .auth.key_id) $(theirs roll .auth.key_id)" "$KEY $KEY" "key_id of both"
	bfd "$us" key change roll id $((KEY + 1)) send-from now
	check_err $? "key change here"
	sleep 0.5
	bfd "$them" key change roll id $((KEY + 1)) send-from now
	check_err $? "key change there"
	sleep 0.5
	rolled
}

# What they sent since a mark, by the record of W: how often with this Key ID.
sent_with()
{
	peer W dump "$1" "$TEST_TMP/wire.json" direction=sent > /dev/null
	jq "[.[] | select(.auth_id == $2 and .dst == \"$US4\")] | length" "$TEST_TMP/wire.json"
}

# The kernel compares the times: nobody else is there.
roll_while_stopped()
{
	local at=$((EPOCHSECONDS + 7)) mark

	next_key send-from "@$at" accept-from "@$((at - 1))"
	bfd_both key change roll id $KEY accept-until "@$((at + 1))"
	kill -STOP "${AGENT_PID[$us]}" "${AGENT_PID[$them]}"
	at_seconds $((at + 2))
	mark=$(peer W mark | jq .mark)
	peer W run 1 > /dev/null
	check_range "$(sent_with "$mark" $((KEY + 1)))" 25 10000 "packets with the new key in 1 s"
	check_equal "$(sent_with "$mark" $KEY)" 0 "packets with the old key"
	kill -CONT "${AGENT_PID[$us]}" "${AGENT_PID[$them]}"
	rolled
}

test_rollover()
{
	bfd_both key add roll id 1 type meticulous-sha1 text "secret 1"
	add_both roll auth meticulous-sha1 key roll
	both_up roll
	sleep 1
	log_test "up with meticulous-sha1"
	steady "rollover by times: no drop, no flap" roll no_drop roll roll_by_time
	steady "rollover by hand: no drop, no flap" roll no_drop roll roll_by_hand
	steady "rollover with both agents stopped: no drop, no flap" roll no_drop roll roll_while_stopped
}

# --- the step

# change_auth NS REMOTE WORD...
change_auth()
{
	local ns=$1 remote=$2

	shift 2
	bfd "$ns" change remote "$remote" auth "$@"
	check_err $? "change auth $*"
}

auth_is()
{
	[ "$(ours step '.auth.type // "none"') $(theirs step '.auth.type // "none"')" = "$1 $1" ]
}

step_to()
{
	local type=$1

	shift
	change_auth "$us" "${THEIRS[step]}" "$@" optional
	sleep 0.5
	check_equal "$(ours step .auth.awaited.type)" "$type" "what is awaited"
	change_auth "$them" "${OURS[step]}" "$@"
	busywait 10000 auth_is "$type"
	check_err $? "not $type at both ends: $(ours step .auth) $(theirs step .auth)"
	check_equal "$(ours step '.auth.awaited // "none"')" none "what is still awaited"
	sleep 1
}

there_and_back()
{
	step_to sha1 sha1 key step
	step_to none none
}

both_wait()
{
	change_auth "$us" "${THEIRS[step]}" sha1 key step optional
	change_auth "$them" "${OURS[step]}" sha1 key step optional
	sleep 1
	auth_is none
	check_err $? "it stepped by itself"
	change_auth "$them" "${OURS[step]}" sha1 key step
	busywait 10000 auth_is sha1
	check_err $? "no step when one end begins"
	sleep 0.5
	step_to none none
}

test_step()
{
	bfd_both key add step id 5 type sha1 text "step by step"
	add_both step
	both_up step
	sleep 1
	steady "none, sha1, none by optional steps: no flap" step there_and_back
	steady "both ends wait, until one begins: no flap" step both_wait
}

# --- HMAC

test_hmac()
{
	local before

	bfd_both key add hmac id 9 type sha1 hex 00ff00ff00
	add_both hmac auth sha1 key hmac variant hmac
	both_up hmac
	check_equal "$(ours hmac '.auth.variant')" hmac "variant of show"
	log_test "variant hmac at both ends: up"
	before=$(ours hmac '.stats.rx_invalid["auth-digest"] // 0')
	change_auth "$them" "${OURS[hmac]}" sha1 key hmac variant rfc
	wait_state "$us" down 10000 remote "${THEIRS[hmac]}"
	check_err $? "still up"
	sleep 1
	check_range $(($(ours hmac '.stats.rx_invalid["auth-digest"] // 0') - before)) 1 1000 auth-digest
	check_equal "$(theirs hmac '.auth.variant // "none"')" none "variant of their show"
	change_auth "$them" "${OURS[hmac]}" sha1 key hmac variant hmac
	both_up hmac
	log_test "variant hmac at one end only: down, and auth-digest is counted"

	# The scripted peer isn't always on time: 5 s.
	bfd "$us" add remote 192.0.2.9 dev u0 tx 100ms rx 100ms mult 20 auth sha1 key hmac variant hmac > /dev/null
	check_err $? "add remote 192.0.2.9"
	peer W session p local=192.0.2.9 remote=$US4 tx=100000 rx=100000 mult=50 auth=sha1,9=00ff00ff00,hmac \
		> /dev/null
	peer W wait 10 src=$US4 dst=192.0.2.9 state=up > /dev/null
	check_err $? "no packet in Up to the scripted peer"
	peer W run 2 > /dev/null
	check_equal "$(session "$us" '"\(.state) \(.stats.rx_invalid // {} | add // 0)"' remote 192.0.2.9)" "up 0" \
		"state and discards"
	log_test "variant hmac with a peer that computes it by itself: up"
	peer W drop p > /dev/null
	bfd "$us" del remote 192.0.2.9 dev u0
}

# A new session has new numbers: the other end takes them when it has forgotten the old ones, which is twice the
# detection time after the last AdminDown (RFC 5880 6.8.1), at the slow rate.
test_again()
{
	bfd "$them" del remote "${OURS[hmac]}" dev t0 &&
		bfd "$them" add remote "${OURS[hmac]}" dev t0 tx 10ms rx 10ms mult 3 auth sha1 key hmac variant hmac \
			> /dev/null
	check_err $? "del and add"
	busywait 10000 session_is "$us" .stats.admin_down_count 1 remote "${THEIRS[hmac]}"
	check_err $? "the end wasn't heard"
	wait_state "$us" up 15000 remote "${THEIRS[hmac]}"
	check_err $? "not up"
	check_equal "$(ours hmac '.stats.rx_invalid["auth-digest"] // 0')" "$1" "auth-digest"
	log_test "deleted and added again: up again with its new numbers"
}

# --- attacks

replay()
{
	local before after

	ip netns exec "$them" "$SELFTESTS/tools/capture.py" t0 200 10 $US4 > "$TEST_TMP/capture"
	check_equal "$(wc -l < "$TEST_TMP/capture")" 200 "captured packets"
	before=$(ours roll '.stats.rx_invalid["auth-sequence"] // 0')
	ip netns exec "$them" "$FLOOD" t0 "$TEST_TMP/capture" 500 20 1000 > "$TEST_TMP/flooded"
	check_err $? "flood"
	busywait 10000 sequence_drops_are $((before + 1000))
	after=$(ours roll '.stats.rx_invalid["auth-sequence"] // 0')
	check_equal $((after - before)) 1000 "auth-sequence"
}

sequence_drops_are()
{
	[ "$(ours roll '.stats.rx_invalid["auth-sequence"] // 0')" = "$1" ]
}

mac()
{
	ip -n "$1" -j link show "$2" | jq -r '.[0].address'
}

their_port()
{
	timeout 20 "$IP_BFD" -n "$them" -j -d bfd show remote "${OURS[roll]}" | jq '.[0].source_port'
}

# Packets with the right discriminators, whose digests are made without the key.
forge()
{
	"$SELFTESTS/tools/forge.py" 256 kind=meticulous-sha1 id=$KEY my="$(theirs roll .local_discr)" \
		your="$(ours roll .local_discr)" src=$THEM4 dst=$US4 sport="$(their_port)" \
		smac="$(mac "$them" t0)" dmac="$(mac "$us" u0)" > "$TEST_TMP/forged"
	check_equal "$(wc -l < "$TEST_TMP/forged")" 256 "forged packets"
}

# Of the XDP program on u0: nanoseconds and runs so far.
program_time()
{
	bpftool -j prog show id "$(ip -n "$us" -j link show u0 | jq '.[0].xdp.prog.id')" |
		jq -r '"\(.run_time_ns // 0) \(.run_cnt // 0)"'
}

start_flood()
{
	ip netns exec "$them" "$FLOOD" t0 "$TEST_TMP/forged" $FLOOD_RATE "$1" > "$TEST_TMP/flooded" &
	FLOOD_PID=$!
	defer end_process $FLOOD_PID
}

flooded()
{
	local digest ns runs ns_after runs_after sent

	forge
	digest=$(ours roll '.stats.rx_invalid["auth-digest"] // 0')
	read -r ns runs <<< "$(program_time)"
	start_flood "$FLOOD_SECONDS"
	wait $FLOOD_PID
	check_err $? "the flood failed"
	read -r ns_after runs_after <<< "$(program_time)"
	sent=$(cut -d' ' -f1 "$TEST_TMP/flooded")
	# How many are sent is up to a machine that others use as well, as is what its queues lose.
	check_range "$sent" $((FLOOD_SECONDS * FLOOD_RATE / 10)) $((FLOOD_SECONDS * FLOOD_RATE)) \
		"forged packets sent"
	check_range $(($(ours roll '.stats.rx_invalid["auth-digest"] // 0') - digest)) $((sent * 3 / 4)) "$sent" \
		"auth-digest"
	RATE="$(awk '{ printf "%d", $1 / $4 }' "$TEST_TMP/flooded") a second"
	[ "$runs_after" -eq "$runs" ] || RATE+=", $(((ns_after - ns) / (runs_after - runs))) ns each"
	check_equal "$(ours roll .state) $(theirs roll .state)" "up up" "states"
}

# As long as that process lives: it holds a descriptor for it, so that others may do the same.
enable_program_time()
{
	/usr/bin/python3 -c 'import ctypes, time
ctypes.CDLL("libbpf.so.1").bpf_enable_stats(0)
time.sleep(600)' &
	defer kill_process $!
}

# The peer falls silent under the flood, which goes past the queue that is closed here.
silent_under_flood()
{
	local digest late_us

	digest=$(ours roll '.stats.rx_invalid["auth-digest"] // 0')
	watch_stalls
	start_flood 20
	sleep 1
	ip netns exec "$them" tc qdisc replace dev t0 root handle 1: tbf rate 8bit burst 10 limit 10
	check_err $? "cut"
	wait_state "$us" down 10000 remote "${THEIRS[roll]}"
	check_err $? "still up"
	end_stalls
	check_equal "$(ours roll .diag)" control-expiry "diag"
	# A machine that is at work delays timers; a detection that the flood held up would be later.
	late_us=$(ours roll .stats.detect_overshoot_last)
	note "a peer that falls silent under it: noticed $late_us us late"
	check_range "$late_us" 0 $((30000 + 2 * STALLED_US)) "microseconds late"
	check_range $(($(ours roll '.stats.rx_invalid["auth-digest"] // 0') - digest)) \
		$((FLOOD_RATE / 10)) 1000000000 "packets of the flood, in a second and more"
	check_equal "$(grep -c . "$TEST_TMP/flooded")" 0 "the flood was over"
	end_process $FLOOD_PID
	ip netns exec "$them" tc qdisc del dev t0 root
	both_up roll
}

test_attacks()
{
	steady "own packets replayed: all are discarded, and the session stays up" roll replay
	enable_program_time
	steady "a flood of forged packets: the session stays up" roll flooded
	note "forged packets: ${RATE-not measured}"
	silent_under_flood
	log_test "a peer that falls silent under the flood is noticed in time"
}

require bpftool
[ -x "$FLOOD" ] || skip_all "make tests builds what floods"
setup_two_agents
add_address "$us" u0 198.51.100.1/24 203.0.113.1/24
add_address "$them" t0 198.51.100.2/24 203.0.113.2/24
start_peer W "$them" t0
test_rollover
test_step
test_hmac
test_again "$(ours hmac '.stats.rx_invalid["auth-digest"] // 0')"
test_attacks
tap_done
