#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 600
# long
#
# Configuration that lasts: `ip bfd save`, `restore` by difference, and the agent's configuration file.
# What is as the file says isn't touched: no event, no Poll, the same discriminators.

# shellcheck source=selftests/lib.sh disable=SC2154
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../netns/topology.sh"

# No other string of it is anywhere in this test.
SECRET=Zq7-never-to-be-seen

# A name may hold whatever but control characters and both kinds of quotes.
NAME="core \"one\" # of 2"

F=$TEST_TMP/saved

save()
{
	bfd "$us" save
}

restore()
{
	bfd "$us" restore "$@" 2>&1
}

# What makes a session the same one, untouched; of the peer too, who would hear a Poll.
identity()
{
	bfd_json "$us" show | jq -S '[.[] | select(.unsolicited | not) | {remote, local_discr, name, desired_min_tx,
		mult, clients: (.clients // [] | sort), auth, downs: .stats.down_count, admin_downs: .stats.admin_down_count}]
		| sort_by(.local_discr)'
}

ids()
{
	bfd_json "$us" show | jq -c '[.[] | select(.unsolicited | not) | .local_discr] | sort'
}

# all_kinds: each parameter is in one of them.
all_kinds()
{
	bfd "$us" key add chain id 7 type meticulous-sha1 text "$SECRET" accept-until @4000000000
	bfd "$us" key add "other chain" id 1 type simple text "${SECRET:0:16}"
	bfd "$us" listen 198.51.100.0/24 dev u0 limit 5 idle 90s tx 1500ms hold-down 1s
	bfd "$us" listen 2001:db8:1::/48 dev u0
	{
		bfd "$us" add remote $THEM4 dev u0 tx 50ms rx 60ms mult 20 name "$NAME" \
			auth meticulous-sha1 key chain
		bfd "$us" add remote $THEM_LOCAL dev u0 echo 20ms echo-rx on echo-source fe80::77 local $US_LOCAL
		bfd "$us" add remote $THEM6 dev u0 demand on poll-interval 1500ms passive hold-down 3300us
		bfd "$us" add remote 192.0.2.50 dev u0 admin down diag path-down
		bfd "$us" add remote 192.0.2.51 dev u0 admin down auth simple key "other chain" optional
		bfd "$us" add remote 192.0.2.52 dev u0 tx 400ms
		bfd "$us" add remote 192.0.2.52 dev u0 tx 200ms client ospf
		bfd "$us" add remote 192.0.2.52 dev u0 rx 100ms mult 2 client "b g p"
		bfd "$us" add remote 203.0.113.9 multihop local $US4 min-ttl 250
		bfd "$us" add remote 203.0.113.10 multihop rx 1s name it\'s
	} > "$TEST_TMP/ids" 2>&1
	check_err $? "add: $(cat "$TEST_TMP/ids")"
}

test_save()
{
	all_kinds
	save > "$F"
	check_err $? "save"
	cat > "$TEST_TMP/wanted" <<-END
		# key add "other chain" id 1 type simple: the secret is not saved
		# key add chain id 7 type meticulous-sha1 accept-until @4000000000: the secret is not saved
		bfd listen add 198.51.100.0/24 dev u0 tx 1500ms hold-down 1s limit 5 idle 90s
		bfd listen add 2001:db8:1::/48 dev u0
		bfd add remote 192.0.2.2 dev u0 name 'core "one" # of 2' tx 50ms rx 60ms mult 20 auth meticulous-sha1 key chain
		bfd add remote 192.0.2.50 dev u0 admin down diag path-down
		bfd add remote 192.0.2.51 dev u0 admin down auth simple key "other chain" optional
		bfd add remote 192.0.2.52 dev u0 tx 400ms
		bfd add remote 192.0.2.52 dev u0 client "b g p" rx 100ms mult 2
		bfd add remote 192.0.2.52 dev u0 client ospf tx 200ms
		bfd add remote 2001:db8::2 dev u0 demand on poll-interval 1500ms passive on hold-down 3300us
		bfd add remote 203.0.113.10 multihop name it's rx 1s
		bfd add remote 203.0.113.9 multihop local 192.0.2.1 min-ttl 250
		bfd add remote fe80::2 local fe80::1 dev u0 echo 20ms echo-rx 50ms echo-source fe80::77
	END
	check_equal "$(diff "$TEST_TMP/wanted" "$F")" "" "what is saved"
	grep -c "$SECRET\|$(printf '%s' "$SECRET" | od -An -tx1 | tr -d ' \n')\|Zq7" "$F" > "$TEST_TMP/out"
	check_equal "$(cat "$TEST_TMP/out")" 0 "lines with a secret"
	log_test "save: what differs from defaults, names quoted, no secrets"
}

# The peer remembers the number of the session before it, which was deleted, for two of its detection
# times (RFC 5880 6.8.1): up to 40 s, as both are slow until the session is up.
wait_authenticated()
{
	wait_state "$us" up 100000 "$@"
	check_err $? "$*: not up"
}

test_same()
{
	local before

	wait_authenticated name "$NAME"
	before=$(identity)
	start_monitor "$us" "$TEST_TMP/events" config
	start_monitor "$them" "$TEST_TMP/their_events" config
	check_equal "$(restore "$F")" "" "restore said"
	check_equal "$(restore < "$F")" "" "restore from standard input said"
	sleep 1
	check_equal "$(identity)" "$before" "sessions"
	check_equal "$(cat "$TEST_TMP/events")" "" "events"
	check_equal "$(cat "$TEST_TMP/their_events")" "" "events at the peer, as after a Poll"
	check_equal "$(save | diff "$F" -)" "" "saved again"
	bfd "$us" change remote 192.0.2.50 tx 100ms
	busywait 20000 test -s "$TEST_TMP/events"
	check_err $? "the monitor is deaf"
	bfd "$us" change remote 192.0.2.50 tx 300ms
	log_test "restore of what is there changes nothing"
}

test_roundtrip()
{
	bfd "$us" flush
	bfd "$us" listen del 198.51.100.0/24 dev u0
	bfd "$us" listen del 2001:db8:1::/48 dev u0
	check_equal "$(save | grep -vc '^#')" 0 "lines after flush"
	check_equal "$(restore "$F")" "" "restore said"
	check_equal "$(save | diff "$F" -)" "" "saved again"
	wait_authenticated name "$NAME"
	log_test "flush, restore: the same again"

	# ip -batch has neither # in words, nor restore's answer to what is there.
	bfd "$us" change name "$NAME" tx 55ms
	bfd "$us" del name "$NAME"
	grep -v 'of 2' "$F" > "$TEST_TMP/batch"
	restore "$TEST_TMP/batch" > "$TEST_TMP/out"
	bfd "$us" flush
	grep -v listen "$TEST_TMP/batch" > "$TEST_TMP/lines"
	timeout 20 "$IP_BFD" -n "$us" -batch "$TEST_TMP/lines" > "$TEST_TMP/out" 2>&1
	check_err $? "ip -batch: $(cat "$TEST_TMP/out")"
	check_equal "$(save | diff "$TEST_TMP/batch" -)" "" "saved again"
	check_equal "$(restore "$F")" "" "restore said"
	log_test "ip -batch takes the lines, too"
}

# In words that a change of one line takes to another.
test_difference()
{
	local before

	wait_authenticated name "$NAME"
	before=$(session "$us" .local_discr name "$NAME")
	start_monitor "$us" "$TEST_TMP/more_events" config
	sed -e 's/tx 50ms rx 60ms mult 20/tx 70ms mult 20/' -e '/192.0.2.51 /d' -e '/client ospf/d' \
		-e 's/client "b g p" rx 100ms/client "b g p" rx 150ms/' \
		-e 's/it.s/its/' -e 's/limit 5/limit 6/' -e '/2001:db8:1:/d' "$F" > "$TEST_TMP/other"
	echo 'bfd add remote 192.0.2.53 dev u0' >> "$TEST_TMP/other"
	check_equal "$(restore "$TEST_TMP/other")" "" "restore said"
	check_equal "$(save)" "$(LC_ALL=C sort "$TEST_TMP/other" | sed -n '/^#/p'; grep 'listen' "$TEST_TMP/other"
		grep '^bfd add' "$TEST_TMP/other" | LC_ALL=C sort -k 4,4 -s)" "saved"
	check_equal "$(session "$us" .local_discr name "$NAME")" "$before" "discriminator of the changed one"
	check_equal "$(session "$us" .stats.down_count name "$NAME")" 0 "it went down"
	busywait 20000 file_has "$TEST_TMP/more_events" '.remote == "192.0.2.53"'
	check_err $? "the monitor is deaf"
	file_has "$TEST_TMP/more_events" \
		'.remote == "2001:db8::2" or .remote == "203.0.113.9" or .remote == "fe80::2"'
	check_fail $? "events of sessions that are the same: $(cat "$TEST_TMP/more_events")"
	log_test "restore of other lines: what differs is changed, added, deleted; the rest isn't touched"

	before=$(ids)
	restore add <<< 'bfd add remote 192.0.2.54 dev u0' > "$TEST_TMP/out"
	check_equal "$(ids | jq length)" "$(($(jq length <<< "$before") + 1))" "sessions after restore add"
	log_test "restore add: keeps what the file doesn't have"
	check_equal "$(restore "$F")" "" "back: restore said"
	check_equal "$(save | diff "$F" -)" "" "back: saved"
	log_test "and back"
}

# bad LINE SAID: as the second line of a file.
bad()
{
	local before

	before=$(save; ids)
	printf 'bfd add remote 192.0.2.60 dev u0\n%s\n' "$1" > "$TEST_TMP/bad"
	restore "$TEST_TMP/bad" > "$TEST_TMP/out"
	check_fail $? "'$1' was taken"
	grep -q "$TEST_TMP/bad:2, and nothing was changed" "$TEST_TMP/out"
	check_err $? "'$1' said: $(cat "$TEST_TMP/out")"
	grep -qF -- "$2" "$TEST_TMP/out"
	check_err $? "'$1' said: $(cat "$TEST_TMP/out")"
	check_equal "$(save; ids)" "$before" "after '$1'"
}

test_bad()
{
	bad "bfd add remote 192.0.2.61 tx 10" 'needs a unit'
	bad "bfd add remote 192.0.2.61 dev nosuch" 'Cannot find device "nosuch"'
	bad "bfd del remote 192.0.2.2" 'a line begins with'
	bad "bfd add remote 192.0.2.61 multihop echo" 'has no echo'
	bad "bfd add remote 192.0.2.61 multihop dev u0" 'bound to no device'
	bad "bfd add remote 192.0.2.61 dev u0 diag path-down" 'admin down'
	bad "bfd add remote 192.0.2.61 dev u0 name 'open" 'has no end'
	bad "bfd add remote 192.0.2.61 dev u0 auth sha1 key chain" 'no key of type sha1'
	bad "bfd add remote 192.0.2.60 dev u0 tx 1s" 'the same is in line 1'
	bad "bfd key add new id 1 type sha1 file /nosuch" 'cannot read the key'
	bad "bfd listen add 10.0.0.0/8" '"dev" is required'
	bad "bfd add remote 192.0.2.61 dev u0 local 192.0.2.77" 'local address 192.0.2.77 is not on u0'
	bad "bfd add remote $US4 dev u0" 'is our own address'
	bad "bfd listen add 198.51.100.0/24 dev lo" 'lo is not an Ethernet device'
	bad "bfd add remote $THEM4 dev u0 name \"it's\" echo 50ms echo-source 224.0.0.1" 'echo source 224.0.0.1 is'
	check_equal "$(printf 'bfd add remote 192.0.2.6%d dev u0 name same\n' 0 1 | restore)" \
		"Error: the same name is in line 1.
Command failed standard input:2, and nothing was changed." "one name twice"
	log_test "a wrong line: it is named, and nothing is changed"
}

# Two that take each other's names, and all that goes for them to come.
test_swap()
{
	printf 'bfd add remote 192.0.2.62 dev u0 name one\nbfd add remote 192.0.2.63 dev u0 name two\n' \
		> "$TEST_TMP/swap"
	check_equal "$(restore add "$TEST_TMP/swap")" "" "made: restore said"
	sed -e 's/one/three/' -e 's/two/one/' -e 's/three/two/' "$TEST_TMP/swap" > "$TEST_TMP/swapped"
	cat "$F" "$TEST_TMP/swapped" > "$TEST_TMP/with_swapped"
	check_equal "$(restore "$TEST_TMP/with_swapped")" "" "restore said"
	check_equal "$(session "$us" .name remote 192.0.2.62) $(session "$us" .name remote 192.0.2.63)" \
		"two one" "names"
	check_equal "$(restore "$F")" "" "back: restore said"
	check_equal "$(save | diff "$F" -)" "" "back: saved"
	log_test "two sessions swap their names"
}

# --- the agent's file -----------------------------------------------------------

applied()
{
	[ "$(grep -c "configuration: $1 is applied" "${AGENT_LOG[$us]}")" -ge "$2" ]
}

# reload COUNT: it was applied so many times by then.
reload()
{
	kill -HUP "${AGENT_PID[$us]}"
	busywait 30000 applied "$C" "$1"
	check_err $? "not applied: $(tail -4 "${AGENT_LOG[$us]}")"
}

test_agent()
{
	local before

	stop_agent "$us"
	agent_flush "$us"
	C=$TEST_TMP/bfd.conf
	printf '%s' "$SECRET" > "$TEST_TMP/secret"
	cat > "$C" <<-END
		# keys
		bfd key add chain id 7 type meticulous-sha1 file $TEST_TMP/secret
		bfd add remote $THEM4 dev u0 tx 50ms rx 60ms mult 20 \\
			auth meticulous-sha1 key chain   # the neighbour
		bfd add remote 192.0.2.70 dev u0 name "a b"
		bfd add remote 192.0.2.71 dev u0 client mine
		bfd listen add 198.51.100.0/24 dev u0
	END
	start_agent "$us" --config "$C"
	busywait 30000 applied "$C" 1
	check_err $? "not applied: $(cat "${AGENT_LOG[$us]}")"
	wait_authenticated remote $THEM4
	check_equal "$(session "$us" '"\(.configured) \(.auth.type)"' remote $THEM4)" "true meticulous-sha1" \
		"the session"
	check_equal "$(bfd_json "$us" show | jq length)" 3 sessions
	log_test "a configuration file is applied when the agent starts, with its keys"

	# By hand, by another client, and by the file.
	bfd "$us" add remote 192.0.2.80 dev u0 > /dev/null
	bfd "$us" add remote 192.0.2.71 dev u0 client frr > /dev/null
	bfd "$us" listen 203.0.113.0/24 dev u0
	before=$(identity)
	start_monitor "$us" "$TEST_TMP/agent_events" config
	start_monitor "$them" "$TEST_TMP/their_events" config
	reload 2
	check_equal "$(identity)" "$before" sessions
	check_equal "$(cat "$TEST_TMP/their_events")" "" "events at the peer"
	file_has "$TEST_TMP/agent_events" .event
	check_fail $? "events: $(cat "$TEST_TMP/agent_events")"
	log_test "reload of the same file: nothing is touched"

	before=$(session "$us" .local_discr remote $THEM4)
	sed -i -e 's/tx 50ms/tx 80ms/' -e '/192.0.2.7[01]/d' -e '/listen/d' "$C"
	echo 'bfd add remote 192.0.2.72 dev u0' >> "$C"
	reload 3
	check_equal "$(bfd_json "$us" show | jq -c '[.[].remote] | sort')" \
		'["192.0.2.2","192.0.2.71","192.0.2.72","192.0.2.80"]' sessions
	check_equal "$(session "$us" '"\(.local_discr) \(.desired_min_tx)"' remote $THEM4)" "$before 80000" \
		"the changed one"
	check_equal "$(session "$us" '.clients | join(" ")' remote 192.0.2.71)" frr "clients that are left"
	check_equal "$(bfd_json "$us" listen show | jq -r '.[].prefix')" 203.0.113.0/24 listeners
	check_equal "$(session "$us" .stats.down_count remote $THEM4)" 0 "it went down"
	log_test "reload of another file: what came from it goes with it; what others made stays"
}

test_agent_bad()
{
	local before

	before=$(save; ids)
	echo 'bfd add remote 192.0.2.73 dev u0 tx 5' >> "$C"
	kill -HUP "${AGENT_PID[$us]}"
	busywait 30000 grep -q 'is not applied, or not all of it' "${AGENT_LOG[$us]}"
	check_err $? "said: $(tail -4 "${AGENT_LOG[$us]}")"
	grep -q "Command failed $C:$(wc -l < "$C"), and nothing was changed" "${AGENT_LOG[$us]}"
	check_err $? "said: $(tail -4 "${AGENT_LOG[$us]}")"
	check_equal "$(save; ids)" "$before" "what there is"
	log_test "a wrong file: its line is in the log, and the agent goes on as it was"

	sed -i '$ d' "$C"
	echo 'bfd add remote 192.0.3.2 dev later' >> "$C"
	echo 'bfd add remote 192.0.2.75 dev u0' >> "$C"
	kill -HUP "${AGENT_PID[$us]}"
	busywait 30000 session_is "$us" .configured true remote 192.0.2.75
	check_err $? "the rest isn't applied: $(tail -4 "${AGENT_LOG[$us]}")"
	busywait 20000 grep -q 'Cannot find device "later"' "${AGENT_LOG[$us]}"
	check_err $? "said: $(tail -4 "${AGENT_LOG[$us]}")"
	log_test "a device that isn't there yet: only its lines are left out"

	# Nobody asks for the others again: what was deleted by hand stays away.
	bfd "$us" del remote 192.0.2.75
	setup_link "$us" later "$them" theirs
	sleep 1.5
	add_address "$us" later 192.0.3.1/24
	busywait 30000 session_is "$us" .configured true remote 192.0.3.2
	check_err $? "its lines aren't applied: $(tail -4 "${AGENT_LOG[$us]}")"
	busywait 20000 grep -q 'configuration: later is there, and its lines are applied' \
		"${AGENT_LOG[$us]}"
	check_err $? "said: $(tail -4 "${AGENT_LOG[$us]}")"
	check_equal "$(grep -c 'Cannot find device "later"' "${AGENT_LOG[$us]}")" 1 "times that it was said"
	check_equal "$(bfd_json "$us" show remote 192.0.2.75 | jq length)" 0 "sessions of other lines"
	ip -n "$us" link del later
	bfd "$us" add remote 192.0.2.75 dev u0 >/dev/null
	log_test "the device comes, and then its address: its lines are applied, and no others"

	printf 'x%s' "${SECRET:1}" > "$TEST_TMP/secret"
	sed -i '/later/d' "$C"
	reload 4
	busywait 15000 session_is "$us" .state down remote $THEM4
	check_err $? "the key of the file isn't in use"
	printf '%s' "$SECRET" > "$TEST_TMP/secret"
	reload 5
	wait_authenticated remote $THEM4
	check_equal "$(grep -c "$SECRET\|Zq7" "${AGENT_LOG[$us]}")" 0 "lines of the log with a secret"
	log_test "a key whose file changed is another key"
}

# refused LINE SAID: it takes the place of the neighbour's line, which is 3.
refused()
{
	local before

	before=$(save; identity; session "$them" .stats.down_count remote $US4)
	awk -v line="$1" 'NR == 3 {print line} NR == 4 {print ""} NR < 3 || NR > 4' "$C" > "$C.new"
	cp "$C" "$C.old"
	cat "$C.new" > "$C"
	kill -HUP "${AGENT_PID[$us]}"
	busywait 30000 grep -qF "$2" "${AGENT_LOG[$us]}"
	check_err $? "'$1' said: $(tail -4 "${AGENT_LOG[$us]}")"
	REFUSALS=$((REFUSALS + 1))
	busywait 30000 refusals_are "$REFUSALS"
	check_err $? "'$1' said: $(tail -4 "${AGENT_LOG[$us]}")"
	tail -4 "${AGENT_LOG[$us]}" | grep -q "Command failed $C:3, and nothing was changed"
	check_err $? "'$1' said: $(tail -4 "${AGENT_LOG[$us]}")"
	check_equal "$(save; identity; session "$them" .stats.down_count remote $US4)" "$before" "after '$1'"
	cat "$C.old" > "$C"
}

refusals_are()
{
	[ "$(grep -c 'is not applied, or not all of it' "${AGENT_LOG[$us]}")" -ge "$1" ]
}

# What only the agent can refuse, of a line whose session would have to be made anew.
test_agent_refusal()
{
	local line="bfd add remote $THEM4 dev u0 tx 80ms rx 60ms mult 20 auth meticulous-sha1 key chain"

	REFUSALS=$(grep -c 'is not applied, or not all of it' "${AGENT_LOG[$us]}")
	bfd "$us" add remote 192.0.2.81 dev u0 name six > /dev/null
	check_equal "$(session "$us" .state remote $THEM4)" up "the neighbour"
	refused "$line local 192.0.2.77" 'local address 192.0.2.77 is not on u0'
	refused "$line name six" 'a session named "six" exists'
	refused "$line echo 50ms echo-source 224.0.0.1" 'echo source 224.0.0.1 is'
	refused "bfd add remote 192.0.2.81 dev u0 name seven" 'a session with 192.0.2.81 on u0 exists'
	refused "bfd add remote $THEM4 dev much-longer-than-15" 'must have from 1 to 15 bytes'
	check_equal "$(session "$us" .state remote $THEM4)" up "the neighbour"
	log_test "what the agent refuses is known before anything is changed"
}

setup_two_agents
ip -n "$us" route add 203.0.113.0/24 via $THEM4
bfd "$them" key add chain id 7 type meticulous-sha1 text "$SECRET"
bfd "$them" add remote $US4 dev t0 tx 50ms rx 60ms mult 20 auth meticulous-sha1 key chain > /dev/null
test_save
test_same
test_roundtrip
test_difference
test_bad
test_swap
test_agent
test_agent_bad
test_agent_refusal
tap_done
