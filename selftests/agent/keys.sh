#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 300
#
# Key chains and the authentication of sessions, from the command line through the agent: AUTH-01,
# AUTH-02, AUTH-07, AUTH-19, AUTH-20; what is refused changes nothing; what outlives the agent; and
# that secrets are nowhere to be seen.

# shellcheck source=selftests/lib.sh disable=SC2154
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../netns/topology.sh"

# No other string of these, nor of their hexadecimal forms, is anywhere in this test.
SECRET=Zq7-never-to-be-seen
SECRET16=Qz9.hidden-words

TIMERS="tx 50ms rx 50ms mult 20"

hex_of()
{
	printf '%s' "$1" | od -An -tx1 | tr -d ' \n'
}

keys_of()
{
	bfd "$1" key show >/dev/null && timeout 20 "$IP_BFD" -n "$1" -j bfd key show
}

# key NS CHAIN ID FILTER
key()
{
	timeout 20 "$IP_BFD" -n "$1" -j bfd key show "$2" | jq -c ".[] | select(.id == $3) | $4"
}

ours()
{
	session "$us" "$1" remote $THEM4
}

ours_is()
{
	session_is "$us" "$1" "$2" remote $THEM4
}

both_up()
{
	wait_up "$us" remote $THEM4
	wait_up "$them" remote $US4
}

# refused TEXT WORD...: with that line on stderr, and status 2.
refused()
{
	local text=$1 status said

	shift
	said=$(bfd "$us" "$@" 2>&1)
	status=$?
	check_equal "$status" 2 "exit status of '$*'"
	check_equal "$said" "Error: $text." "'$*' said"
}

test_add()
{
	bfd "$us" key add core id 1 type sha1 text "$SECRET"
	check_err $? "key add"
	check_equal "$(keys_of "$us")" '[{"key_chain":"core","id":1,"type":"sha1","length":20,"sending":true,"accepted":true}]' "key show"
	bfd "$us" key add core id 2 type sha1 text second send-from +1000s accept-until none
	bfd "$us" key add core id 0 type md5 hex 00ff
	bfd "$us" key add apex id 255 type simple text x accept-from @1000 accept-until @2000
	check_equal "$(keys_of "$us" | jq -c '[.[] | [.key_chain, .id, .sending, .accepted]]')" \
		'[["apex",255,true,false],["core",0,true,true],["core",1,true,true],["core",2,false,true]]' \
		"in the order of names and ids"
	check_range "$(key "$us" core 2 .send_from)" $(($(date +%s%6N) + 980000000)) \
		$(($(date +%s%6N) + 1000000000)) "send_from"
	check_equal "$(key "$us" apex 255 '[.accept_from, .accept_until]')" '[1000000000,2000000000]' times
	check_equal "$(timeout 20 "$IP_BFD" -n "$us" -j bfd key add apex id 3 type simple text yz)" \
		'[{"key_chain":"apex","id":3,"type":"simple","length":2,"sending":true,"accepted":true}]' \
		"-j key add"
	log_test "key add, key show"

	bfd "$us" key change core id 2 send-from none accept-until @4102444800
	check_err $? "key change"
	check_equal "$(key "$us" core 2 '[.send_from, .accept_until]')" '[null,4102444800000000]' times
	bfd "$us" key del apex
	check_err $? "key del of a chain"
	bfd "$us" key del core id 2
	check_err $? "key del"
	check_equal "$(keys_of "$us" | jq -c '[.[].id]')" '[0,1]' "what is left"
	log_test "key change, key del"
}

test_errors()
{
	local before

	before=$(keys_of "$us")
	refused 'key chain "core" has a key 1' key add core id 1 type md5 text x
	refused 'a key of type md5 has 1 to 16 bytes, not 17' key add core id 5 type md5 text 12345678901234567
	refused 'a key of type simple has 1 to 16 bytes, not 20' key add new id 5 type simple text "$SECRET"
	refused 'key 5 of "core" would never be accepted: accept-until isn'"'"'t after accept-from' \
		key add core id 5 type sha1 text x accept-from @5 accept-until @5
	refused 'there is no key chain "none"' key show none
	refused 'there is no key chain "none"' key del none
	refused 'there is no key chain "none"' key del none id 1
	refused 'key chain "core" has no key 9' key del core id 9
	refused 'key chain "core" has no key 9' key change core id 9 send-from now
	refused 'there is no key chain "none"' add remote $THEM4 auth sha1 key none
	refused 'key chain "core" has no key of type simple' add remote $THEM4 auth simple key core
	refused 'the variant hmac is of sha1 and meticulous-sha1, not md5' \
		add remote $THEM4 auth md5 key core variant hmac
	check_equal "$(keys_of "$us")" "$before" "keys after what was refused"
	check_equal "$(bfd_json "$us" show)" '[]' sessions
	log_test "what is refused is named, and changes nothing"
}

# AUTH-07: the same key as text, as bytes, from a file and from standard input.
test_forms()
{
	local form

	printf '%s\n' "$SECRET" > "$TEST_TMP/key"
	bfd "$us" key add file id 1 type sha1 file "$TEST_TMP/key"
	check_err $? "from a file"
	bfd "$us" key add stdin id 1 type sha1 file - < "$TEST_TMP/key"
	check_err $? "from standard input"
	bfd "$us" key add hex id 1 type sha1 hex "$(hex_of "$SECRET")"
	check_err $? "as bytes"
	bfd "$them" key add core id 1 type sha1 text "$SECRET"
	bfd "$them" add remote $US4 dev t0 $TIMERS auth sha1 key core >/dev/null
	bfd "$us" add remote $THEM4 dev u0 $TIMERS auth sha1 key core >/dev/null
	both_up
	for form in file stdin hex core; do
		bfd "$us" change remote $THEM4 auth sha1 key $form
		check_err $? "change to the key $form"
		sleep 2 # twice the detection time
		check_equal "$(ours .auth)" "$(jq -n --arg form $form \
			'{type: "sha1", key_chain: $form, key_id: 1}')" "auth"
		check_equal "$(ours '"\(.state) \(.stats.down_count) \(.stats.rx_invalid)"')" \
			"up 0 {}" "with the key $form: our state, flaps and discards"
		check_equal "$(session "$them" '"\(.state) \(.stats.down_count) \(.stats.rx_invalid)"' \
			remote $US4)" "up 0 {}" "their state, flaps and discards"
		[ $form = core ] || continue
		bfd "$us" key del file && bfd "$us" key del stdin && bfd "$us" key del hex
		check_err $? "key del"
	done
	rm -f "$TEST_TMP/key"
	log_test "AUTH-07: a key as text, as bytes, from a file and from standard input"
}

test_session()
{
	refused "session $(ours .local_discr) uses key chain \"core\"" key del core
	refused "session $(ours .local_discr) uses key chain \"core\", and key 1 is its last one of type sha1" \
		key del core id 1
	bfd "$us" key add core id 7 type sha1 text seven send-from +1000s
	bfd "$us" key del core id 7
	check_err $? "one that isn't the last"
	refused "the session with $THEM4 on u0 has other authentication" \
		add remote $THEM4 dev u0 client ospf
	refused "the session with $THEM4 on u0 has other authentication" \
		add remote $THEM4 dev u0 auth md5 key core client ospf
	bfd "$us" add remote $THEM4 dev u0 $TIMERS auth sha1 key core client ospf >/dev/null
	check_err $? "a client with the same"
	bfd "$us" del remote $THEM4 client ospf
	bfd "$us" replace remote $THEM4 dev u0 $TIMERS auth sha1 key core >/dev/null
	check_err $? "replace"
	bfd "$us" change remote $THEM4 mult 19
	check_equal "$(ours '"\(.state) \(.auth.type) \(.stats.down_count) \(.mult)"')" "up sha1 0 19" \
		"state, auth, down_count and mult"
	log_test "a key chain in use; clients; what doesn't touch authentication"
}

# AUTH-20: us with `optional`, then them; never a flap.  Each form from the one before.
test_migration()
{
	local type before=sha1

	for type in simple md5 meticulous-md5 meticulous-sha1; do
		for ns in "$us" "$them"; do
			bfd "$ns" key add next id 9 type $type text "$SECRET16"
		done
		bfd "$us" change remote $THEM4 auth $type key next optional
		check_err $? "change to $type"
		check_equal "$(ours '"\(.auth.type) \(.auth.awaited.type) \(.auth.awaited.key_chain)"')" \
			"$before $type next" "while it is awaited"
		refused "session $(ours .local_discr) uses key chain \"next\"" key del next
		bfd "$them" change remote $US4 auth $type key next
		busywait 20000 ours_is '.auth | "\(.type) \(.key_chain) \(.key_id) \(.awaited)"' \
			"$type next 9 null"
		check_err $? "auth after the peer's first packet: $(ours .auth)"
		busywait 20000 file_has "$TEST_TMP/events" \
			".event == \"change\" and .auth.type == \"$type\" and (.auth | has(\"awaited\") | not)"
		check_err $? "no event of the step to $type"
		bfd "$us" change remote $THEM4 auth none optional
		bfd "$them" change remote $US4 auth none
		busywait 20000 ours_is .auth null
		check_err $? "none after the peer's first packet without: $(ours .auth)"
		for ns in "$us" "$them"; do
			bfd "$ns" key del next
			check_err $? "key del next"
		done
		before=none
	done
	bfd "$us" change remote $THEM4 auth sha1 key core optional
	bfd "$them" change remote $US4 auth sha1 key core
	busywait 20000 ours_is .auth.type sha1
	check_err $? "back to sha1: $(ours .auth)"
	check_equal "$(ours .stats.down_count)" 0 flaps
	check_equal "$(session "$them" .stats.down_count remote $US4)" 0 "their flaps"
	log_test "AUTH-01, AUTH-20: from form to form with \`optional\`, without a flap"
}

# AUTH-19: by time, with nobody to do it.
test_rollover()
{
	local keys

	for ns in "$us" "$them"; do
		bfd "$ns" key add core id 2 type sha1 text "$SECRET16" send-from @4102444800
	done
	bfd "$us" key change core id 2 send-from +6s
	keys=$(keys_of "$us" | jq -c 'map(del(.sending))')
	check_equal "$(ours .auth.key_id)" 1 "key id before"
	stop_agent "$us" KILL
	sleep 7
	start_agent "$us"
	check_equal "$(keys_of "$us" | jq -c 'map(del(.sending))')" "$keys" "keys"
	check_equal "$(ours '.auth | "\(.type) \(.key_chain) \(.key_id)"')" "sha1 core 2" auth
	wait_up "$us" remote $THEM4
	check_equal "$(ours .stats.down_count)" 0 flaps
	check_equal "$(session "$them" '"\(.state) \(.stats.down_count) \(.stats.rx_invalid)"' remote $US4)" \
		"up 0 {}" "their state, flaps and discards"
	bfd "$them" key change core id 2 send-from now
	sleep 1
	bfd "$us" key change core id 1 accept-until now
	sleep 1
	check_equal "$(ours '"\(.state) \(.stats.down_count) \(.stats.rx_invalid)"')" "up 0 {}" \
		"our state, flaps and discards"
	bfd "$us" key del core id 1
	check_err $? "the old key goes"
	bfd "$us" key change core id 2 accept-until now 2>&1 |
		grep -q 'Warning: no key of type sha1 of key chain "core" is accepted now: session .* hears nobody'
	check_err $? "no warning"
	bfd "$us" key change core id 2 accept-until none
	wait_up "$us" remote $THEM4
	log_test "AUTH-19: rollover while no agent runs; keys and authentication outlive it"
}

# How the map holds it, as an array of bytes; but for the two numbers that are different with
# each write (struct bfd_key_chain).
chain_bytes()
{
	bpftool -j map dump pinned "$1/key_chains" | jq -c '.[0] | {key, value} | ["0x00", "0x00", "0x00", "0x00"] as $no
		| .value |= .[:36] + $no + .[40:808] + $no + .[812:]'
}

# Writes it as it would have been before this machine knew of 37 leap seconds.
test_clock()
{
	local dir before

	bfd "$us" flush
	wait_state "$them" down 30000 remote $US4
	bfd "$us" key del core
	bfd "$us" key add clock id 1 type sha1 text "$SECRET" send-from @1000.000001 accept-until @4102444800
	dir=$(maps_dir)
	before=$(chain_bytes "$dir")
	stop_agent "$us"
	/usr/bin/python3 - "$before" "$dir/key_chains" <<-'END'
	import json, struct, subprocess, sys
	element = json.loads(sys.argv[1])
	value = bytearray(int(byte, 16) for byte in element["value"])
	struct.pack_into("=i", value, 32, struct.unpack_from("=i", value, 32)[0] - 37)
	for at in (40, 56):
	    struct.pack_into("=Q", value, at, struct.unpack_from("=Q", value, at)[0] - 37 * 10**9)
	subprocess.run(["bpftool", "map", "update", "pinned", sys.argv[2],
	                "key", *element["key"], "value", *(f"0x{byte:02x}" for byte in value)],
	               check=True)
	END
	check_err $? "cannot change the map"
	[ "$(chain_bytes "$dir")" != "$before" ]
	check_err $? "the map is as it was"
	start_agent "$us"
	check_equal "$(key "$us" clock 1 '[.send_from, .accept_until]')" '[1000000001,4102444800000000]' times
	check_equal "$(chain_bytes "$dir")" "$before" "the map"
	grep -q 'the times of 1 key chains follow' "${AGENT_LOG[$us]}"
	check_err $? "nothing in the log"
	log_test "TAI is farther ahead than when the keys were added: their times are as they were"
	bfd "$us" key del clock
	check_err $? "key del clock"
}

map_is()
{
	[ "$(chain_bytes "$1")" = "$2" ]
}

map_is_not()
{
	! map_is "$@"
}

# The same while an agent runs: it is made to believe so, for no test may set the machine's clock.
test_clock_changes()
{
	local shim=$TEST_TMP/tai.so dir before times

	cat > "$TEST_TMP/tai.c" <<-'END'
	#include <stdio.h>
	#include <stdlib.h>
	#include <sys/syscall.h>
	#include <time.h>
	#include <unistd.h>
	int clock_gettime(clockid_t clock, struct timespec *now)
	{
		long result = syscall(SYS_clock_gettime, clock, now), ahead_s = 0;
		FILE *file = clock == CLOCK_TAI ? fopen(getenv("TEST_TAI_AHEAD"), "r") : NULL;
		if (file) {
			if (fscanf(file, "%ld", &ahead_s) == 1)
				now->tv_sec += ahead_s;
			fclose(file);
		}
		return (int)result;
	}
	END
	if ! "${CC:-cc}" -shared -fPIC -o "$shim" "$TEST_TMP/tai.c" 2>/dev/null; then
		log_skip "TAI moves ahead while the agent runs" "no C compiler"
		return
	fi
	stop_agent "$us"
	export TEST_TAI_AHEAD=$TEST_TMP/tai-ahead
	LD_PRELOAD=$shim start_agent "$us"
	bfd "$us" key add clock id 1 type sha1 text "$SECRET" send-from @1000.000001 accept-until @4102444800
	bfd "$us" add remote $THEM4 dev u0 $TIMERS auth sha1 key clock >/dev/null
	dir=$(maps_dir)
	before=$(chain_bytes "$dir")
	times=$(key "$us" clock 1 '[.send_from, .accept_until]')
	echo 37 > "$TEST_TAI_AHEAD.new"
	mv "$TEST_TAI_AHEAD.new" "$TEST_TAI_AHEAD"
	busywait 20000 map_is_not "$dir" "$before"
	check_err $? "the map is as it was"
	check_equal "$(key "$us" clock 1 '[.send_from, .accept_until]')" "$times" "times after that"
	rm "$TEST_TAI_AHEAD"
	busywait 20000 map_is "$dir" "$before"
	check_err $? "the map isn't as it was"
	check_equal "$(key "$us" clock 1 '[.send_from, .accept_until]')" "$times" "times in the end"
	log_test "TAI moves ahead while the agent runs, and back: so do the data plane's times"
	bfd "$us" flush
	bfd "$us" key del clock
	check_err $? "key del clock"
}

# Where this namespace's maps are pinned.
maps_dir()
{
	echo "$(pin_dir "$us")"/abi-*
}

test_pins()
{
	local dir

	dir=$(maps_dir)
	check_equal "$(stat -c '%a %U' "$dir/key_chains")" "600 root" "the map"
	check_equal "$(stat -c '%a %U' "$dir")" "700 root" "its folder"
	check_equal "$(stat -c '%a %U' "$(dirname "$dir")")" "700 root" "the one above"
	log_test "the keys are pinned where only root can read"
}

nobody()
{
	ip netns exec "$us" setpriv --reuid 65534 --regid 65534 --clear-groups timeout 20 \
		"$TEST_TMP/ip-bfd" "$@" 2>&1
}

test_nobody()
{
	local before

	cp "$BUILD/ip-bfd" "$TEST_TMP/ip-bfd"
	before=$(keys_of "$us")
	check_equal "$(nobody key)" "Error: key-get is only for root (uid 0)." "key"
	check_equal "$(nobody key add core id 4 type md5 text x)" \
		"Error: key-new is only for root (uid 0)." "key add"
	check_equal "$(nobody key change core id 2 send-from now)" \
		"Error: key-set is only for root (uid 0)." "key change"
	check_equal "$(nobody key del core)" "Error: key-del is only for root (uid 0)." "key del"
	check_equal "$(keys_of "$us")" "$before" keys
	check_equal "$(nobody -j show remote $THEM4 | jq -r '.[0].auth.type')" sha1 "what a session shows"
	log_test "others than root see no keys"
}

# strings_in PID WORD...: how often each is in what a core dump of the process would hold.
strings_in()
{
	/usr/bin/python3 - "$@" <<-'END'
	import sys
	pid, words = sys.argv[1], [word.encode() for word in sys.argv[2:]]
	counts = [0] * len(words)
	with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
	    for line in maps:
	        span, rights = line.split()[:2]
	        if "r" not in rights or "[v" in line:
	            continue
	        start, end = (int(number, 16) for number in span.split("-"))
	        try:
	            memory.seek(start)
	            data = memory.read(end - start)
	        except (OSError, OverflowError, ValueError):
	            continue
	        for i, word in enumerate(words):
	            counts[i] += data.count(word)
	print(*counts)
	END
}

test_secrecy()
{
	local all=$TEST_TMP/all pid=${AGENT_PID[$us]} core=$TEST_TMP/core counts word

	refused 'key chain "core" has a key 2' key add core id 2 type sha1 text "$SECRET"
	bfd "$us" key add other id 1 type sha1 text "$SECRET"
	bfd "$us" key add other id 2 type meticulous-md5 text "$SECRET16"
	bfd "$us" key change other id 1 send-from now
	bfd "$us" key del other id 2
	# At once, before anything else is written over what it may have left.
	read -r -a counts < <(strings_in "$pid" other "${SECRET:0:8}" "${SECRET16:0:8}")
	[ "${counts[0]:-0}" -gt 0 ]
	check_err $? "not even the name of a key chain is found in the agent"
	check_equal "${counts[1]-} ${counts[2]-}" "0 0" "secrets in the agent's memory"
	log_test "no secret in the agent's memory"

	if command -v gcore >/dev/null && gcore -o "$core" "$pid" >/dev/null 2>&1; then
		grep -qa other "$core.$pid"
		check_err $? "not even the name of a key chain is in it"
		! grep -qaF -e "${SECRET:0:8}" -e "${SECRET16:0:8}" "$core.$pid"
		check_err $? "a secret is in the core dump"
		rm -f "$core.$pid"
		log_test "no secret in a core dump"
	else
		log_skip "no secret in a core dump" "no gcore (gdb), or it isn't allowed"
	fi

	{
		for word in "" -j "-s -d" "-j -s -d"; do
			# shellcheck disable=SC2086
			timeout 20 "$IP_BFD" -n "$us" $word bfd show
			# shellcheck disable=SC2086
			timeout 20 "$IP_BFD" -n "$us" $word bfd key show
		done
		timeout 20 "$IP_BFD" -n "$us" bfd agent
		cat "$TEST_TMP/events" "$TEST_TMP"/agent.*
	} > "$all" 2>&1
	grep -q core "$all" && grep -q ready "$all" && grep -q '"event":"change"' "$all"
	check_err $? "what was said is not there"
	for word in "$SECRET" "$SECRET16" "$(hex_of "$SECRET")" "$(hex_of "$SECRET16")"; do
		! grep -qiF "$word" "$all"
		check_err $? "a secret was said: $(grep -iF "$word" "$all" | head -n 1)"
	done
	log_test "no secret in show, events and the log"
}

cmdline_is_wiped()
{
	tr '\0' ' ' < "/proc/$1/cmdline" | grep -q ' key add other id 3 type sha1 text *$'
}

# With the agent stopped the client waits, for all to see.
test_command_line()
{
	local client

	kill -STOP "${AGENT_PID[$us]}"
	"$BUILD/ip-bfd" -n "$us" key add other id 3 type sha1 text "$SECRET" 2>/dev/null &
	client=$!
	busywait 4000 cmdline_is_wiped $client
	check_err $? "the command line is: $(tr '\0' ' ' < "/proc/$client/cmdline")"
	kill -CONT "${AGENT_PID[$us]}"
	wait $client
	log_test "no secret in the list of processes"
}

require bpftool setpriv /usr/bin/python3
setup_two_agents
start_monitor "$us" "$TEST_TMP/events"
test_add
test_errors
test_forms
test_session
test_migration
test_rollover
test_pins
test_nobody
test_secrecy
test_command_line
bfd "$us" flush
for chain in core other; do
	bfd "$us" key del $chain
done
bfd "$us" key add core id 1 type sha1 text x
test_clock
test_clock_changes
tap_done
