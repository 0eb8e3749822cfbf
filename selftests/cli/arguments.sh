#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 60
#
# What `ip bfd` says of its arguments before any agent is asked: exit status and text, as
# iproute2 has them.

# shellcheck source=selftests/lib.sh disable=SC2154
. "$(dirname "$0")/../lib.sh"

CLIENT=("$BUILD/ip-bfd")

# says STATUS TEXT WORD...: exit status, and what stderr (or stdout) has somewhere.
says()
{
	local wanted=$1 text=$2 status

	shift 2
	timeout 10 "${CLIENT[@]}" "$@" > "$TEST_TMP/out" 2> "$TEST_TMP/err" < /dev/null
	status=$?
	check_equal $status "$wanted" "exit status of '$*'"
	grep -qF -- "$text" "$TEST_TMP/err" "$TEST_TMP/out"
	check_err $? "'$*' said: $(cat "$TEST_TMP/err" "$TEST_TMP/out")"
}

# one_line STATUS TEXT WORD...: the same, all of stderr, and nothing on stdout.
one_line()
{
	says "$@"
	check_equal "$(cat "$TEST_TMP/err")" "$2" "stderr of '${*:3}'"
	check_equal "$(cat "$TEST_TMP/out")" "" "stdout of '${*:3}'"
}

# Each line: exit status | words | all of stderr
table()
{
	local status words text

	while IFS='|' read -r status words text; do
		[ -n "$status" ] || continue
		# shellcheck disable=SC2086
		one_line "$status" "$text" $words
	done
	log_test "$1"
}

absent='Error: no bfd-agent serves this network namespace (start it with: bfd-agent [--netns NAME]).'
range='must be from 1000us to 4294967295us'

require_root
setup_ns ns
ip -n "$ns" link add v0 type veth peer name v1
# Where no agent is.
CLIENT+=(-n "$ns")

table "verbs" <<-END
	255|frob|Command "frob" is unknown, try "ip bfd help".
	255|adds remote 192.0.2.2|Command "adds" is unknown, try "ip bfd help".
	2||$absent
	2|show|$absent
	2|s|$absent
	2|l|$absent
	2|lst|$absent
	2|mon|$absent
	2|dev|$absent
	2|dev s|$absent
	2|ag|$absent
	2|f|$absent
	2|d id 1|$absent
	2|del id 1|$absent
	2|c id 1 mult 3|$absent
	2|r remote 192.0.2.2|$absent
	2|a remote 192.0.2.2|$absent
END

table "addresses and devices" <<-END
	1|add remote 192.0.2|Error: any valid address is expected rather than "192.0.2".
	1|add remote 2001:db8::g|Error: any valid address is expected rather than "2001:db8::g".
	1|add remote default|Error: any valid address is expected rather than "default".
	1|add remote 192.0.2.2/24|Error: any valid address is expected rather than "192.0.2.2/24".
	1|-4 add remote ::1|Error: inet address is expected rather than "::1".
	1|-6 show remote 192.0.2.2|Error: inet6 address is expected rather than "192.0.2.2".
	1|add remote 192.0.2.2 local x|Error: any valid address is expected rather than "x".
	255|add remote 192.0.2.2 local ::1|Error: argument "::1" is wrong: "remote" and "local" must be of one address family
	1|add remote 192.0.2.2 dev none|Cannot find device "none"
	1|add remote fe80::1%none|Cannot find device "none"
	1|dev show dev none|Cannot find device "none"
	255|add remote fe80::1%v0 dev v1|Error: duplicate "dev": "v1" is the second value.
	2|add remote fe80::1%v0|$absent
	2|add remote fe80::1%v0 dev v0|$absent
	2|add remote fe80::1 local fe80::2%v0|$absent
	255|add remote 192.0.2.2 remote 192.0.2.3|Error: duplicate "remote": "192.0.2.3" is the second value.
	255|add remote|Command line is not complete. Try option "help"
	255|add|Error: argument "remote" is required
	255|add dev v0|Error: argument "remote" is required
END

table "times" <<-END
	2|add remote 192.0.2.2 tx 3.3ms rx 10ms|$absent
	2|add remote 192.0.2.2 tx 1s|$absent
	2|add remote 192.0.2.2 tx .5s|$absent
	2|add remote 192.0.2.2 tx 1000us rx 4294967295us|$absent
	2|add remote 192.0.2.2 tx 3.300000ms|$absent
	255|add remote 192.0.2.2 tx 300|Error: argument "300" is wrong: "tx" needs a unit: s, ms or us
	255|add remote 192.0.2.2 rx 300m|Error: argument "300m" is wrong: "rx" needs a unit: s, ms or us
	255|add remote 192.0.2.2 tx 10parsecs|Error: argument "10parsecs" is wrong: "tx" needs a unit: s, ms or us
	255|add remote 192.0.2.2 tx ms|Error: argument "ms" is wrong: "tx" must be a time such as 300ms
	255|add remote 192.0.2.2 tx 1.ms|Error: argument "1.ms" is wrong: "tx" must be a time such as 300ms
	255|add remote 192.0.2.2 tx -3ms|Error: argument "-3ms" is wrong: "tx" must be a time such as 300ms
	255|add remote 192.0.2.2 tx 1.5us|Error: argument "1.5us" is wrong: "tx" must be whole microseconds
	255|add remote 192.0.2.2 tx 0s|Error: argument "0s" is wrong: "tx" $range
	255|add remote 192.0.2.2 tx 999us|Error: argument "999us" is wrong: "tx" $range
	255|add remote 192.0.2.2 rx 4294967296us|Error: argument "4294967296us" is wrong: "rx" $range
	255|add remote 192.0.2.2 rx 4295s|Error: argument "4295s" is wrong: "rx" $range
	255|add remote 192.0.2.2 rx 99999999999999999999999s|Error: argument "99999999999999999999999s" is wrong: "rx" $range
	255|add remote 192.0.2.2 tx 1s tx 2s|Error: duplicate "tx": "2s" is the second value.
END

table "other values" <<-END
	255|add remote 192.0.2.2 mult 0|Error: argument "0" is wrong: "mult" must be from 1 to 255
	255|add remote 192.0.2.2 mult 256|Error: argument "256" is wrong: "mult" must be from 1 to 255
	255|add remote 192.0.2.2 mult x|Error: argument "x" is wrong: "mult" must be from 1 to 255
	2|add remote 192.0.2.2 mult 255|$absent
	2|add remote 192.0.2.2 passive mult 3|$absent
	2|add remote 192.0.2.2 passive off|$absent
	2|add remote 192.0.2.2 admin down|$absent
	255|add remote 192.0.2.2 admin maybe|Error: argument "maybe" is wrong: "admin" must be "up" or "down"
	255|add remote 192.0.2.2 id 5|Error: argument "id" is wrong: unknown, try "ip bfd help"
	255|show id 0|Error: argument "0" is wrong: "id" must be a local discriminator, from 1 to 4294967295
	255|show id 4294967296|Error: argument "4294967296" is wrong: "id" must be a local discriminator, from 1 to 4294967295
	255|show id -1|Error: argument "-1" is wrong: "id" must be a local discriminator, from 1 to 4294967295
	2|show id 0xffffffff|$absent
	255|show tx 3ms|Error: argument "tx" is wrong: unknown, try "ip bfd help"
	255|del|Error: argument "id", "remote" or "name" is required
	255|del dev v0|Error: argument "id", "remote" or "name" is required
	255|change id 1|Error: argument "tx", "rx", "mult", "passive" or "admin" is required
	1|-4 flush|Error: flush knows no address family, give it a SELECTOR.
END

# What the manual doesn't offer isn't there.
for word in multihop echo demand auth vrf; do
	one_line 255 "Error: argument \"$word\" is wrong: unknown, try \"ip bfd help\"" \
		add remote 192.0.2.2 $word
done
one_line 255 'Command "key" is unknown, try "ip bfd help".' key
log_test "what isn't supported is unknown"

long=$(printf 'n%.0s' {1..64})
one_line 255 "Error: argument \"$long\" is wrong: \"name\" must have from 1 to 63 bytes" \
	add remote 192.0.2.2 name "$long"
one_line 2 "$absent" add remote 192.0.2.2 name "${long:1}"
one_line 255 'Error: argument "" is wrong: "name" must have from 1 to 63 bytes' \
	add remote 192.0.2.2 name ""
says 255 '"name" must not hold control characters' add remote 192.0.2.2 name $'a\tb'
log_test "names"

for words in help "add help" "show help" "monitor help" "dev help" "agent help" -help --help; do
	# shellcheck disable=SC2086
	says 255 "Usage: ip bfd" $words
	check_equal "$(cat "$TEST_TMP/out")" "" "stdout of '$words'"
done
for word in multihop echo demand auth vrf key; do
	! grep -qw "$word" "$TEST_TMP/err"
	check_err $? "help offers $word"
done
log_test "help: on stderr, status 255"

CLIENT=("$BUILD/ip-bfd")
table "global options" <<-END
	255|-x|Option "-x" is unknown, try "ip -help".
	255|-n|Command line is not complete. Try option "help"
	255|-n nosuch-netns show|Cannot open network namespace "nosuch-netns": No such file or directory
	255|-f mpls show|Error: argument "mpls" is wrong: invalid protocol family
	2|-j -p -s -d -o -t -ts -br -c -4 -6 -h -r -N -a -iec -n $ns show|$absent
	2|-json --pretty -stats -details -oneline -timestamp -tshort -brief -color=auto -echo -force -netns $ns show|$absent
	2|-c=never -rc 1000 -l 3 -n $ns show|$absent
END
says 0 "ip bfd utility, ipbfd-" -V
log_test "version"

# batch STATUS FILE STDERR [OPTION]...
batch()
{
	"${CLIENT[@]}" -n "$ns" "${@:4}" -b "$2" > "$TEST_TMP/out" 2> "$TEST_TMP/err"
	check_equal $? "$1" "exit status of a batch"
	check_equal "$(cat "$TEST_TMP/err")" "$3" "stderr of a batch"
}
cat > "$TEST_TMP/batch" <<-'END'
	# a comment, and an empty line

	show \
		remote "192.0.2.2" # a comment
	show
END
batch 1 "$TEST_TMP/batch" "$absent"$'\n'"Command failed $TEST_TMP/batch:4"
batch 1 "$TEST_TMP/batch" "$absent"$'\n'"Command failed $TEST_TMP/batch:4"$'\n'"$absent"$'\n'"Command failed $TEST_TMP/batch:5" -force
batch 1 - "$absent"$'\n'"Command failed -:1" <<< "show"
batch 0 /dev/null ""
batch 1 /nonexistent 'Cannot open file "/nonexistent" for reading: No such file or directory'
batch 1 - 'Unterminated quoted string' <<< 'show name "a'
log_test "batches"

tap_done
