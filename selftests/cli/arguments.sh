#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 240
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
	"${CLIENT[@]}" "$@" > "$TEST_TMP/out" 2> "$TEST_TMP/err" < /dev/null
	status=$?
	# Hundreds of times: without other programs.
	OUT=$(< "$TEST_TMP/out")
	ERR=$(< "$TEST_TMP/err")
	check_equal $status "$wanted" "exit status of '$*'"
	[[ $ERR == *"$text"* || $OUT == *"$text"* ]]
	check_err $? "'$*' said: $ERR$OUT"
}

# one_line STATUS TEXT WORD...: the same, all of stderr, and nothing on stdout.
one_line()
{
	says "$@"
	check_equal "$ERR" "$2" "stderr of '${*:3}'"
	check_equal "$OUT" "" "stdout of '${*:3}'"
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
	255|change id 1|Error: what to change? Give "tx", "mult" or another parameter, see "ip bfd help change".
	1|-4 flush|Error: flush knows no address family, give it a SELECTOR.
END

table "malformed numbers are told from missing units" <<-END
	255|add remote 192.0.2.2 tx 1.2.3ms|Error: argument "1.2.3ms" is wrong: "tx" must be a time such as 300ms
	255|add remote 192.0.2.2 tx 1e3ms|Error: argument "1e3ms" is wrong: "tx" must be a time such as 300ms
	255|add remote 192.0.2.2 tx 0x10ms|Error: argument "0x10ms" is wrong: "tx" must be a time such as 300ms
	255|add remote 192.0.2.2 tx 1,5s|Error: argument "1,5s" is wrong: "tx" must be a time such as 300ms
	255|add remote 192.0.2.2 tx off|Error: argument "off" is wrong: "tx" must be a time such as 300ms
	255|add remote 192.0.2.2 tx 1.5|Error: argument "1.5" is wrong: "tx" needs a unit: s, ms or us
END

echo_range='must be from 3300us to 4294967295us, or "off"'
table "echo" <<-END
	2|add remote 192.0.2.2 echo|$absent
	2|add remote 192.0.2.2 echo mult 3|$absent
	2|add remote 192.0.2.2 echo on|$absent
	2|add remote 192.0.2.2 echo off|$absent
	2|add remote 192.0.2.2 echo 3300us echo-rx 4294967295us|$absent
	2|add remote 192.0.2.2 echo-rx on|$absent
	2|add remote 192.0.2.2 echo-rx off|$absent
	2|add remote 192.0.2.2 echo-source 198.51.100.1|$absent
	255|add remote 192.0.2.2 echo 3299us|Error: argument "3299us" is wrong: "echo" $echo_range
	255|add remote 192.0.2.2 echo 0s|Error: argument "0s" is wrong: "echo" $echo_range
	255|add remote 192.0.2.2 echo 4294967296us|Error: argument "4294967296us" is wrong: "echo" $echo_range
	255|add remote 192.0.2.2 echo 50|Error: argument "50" is wrong: "echo" needs a unit: s, ms or us
	255|add remote 192.0.2.2 echo -3ms|Error: argument "-3ms" is wrong: "echo" must be a time such as 300ms, "on" or "off"
	255|add remote 192.0.2.2 echo maybe|Error: argument "maybe" is wrong: unknown, try "ip bfd help"
	255|add remote 192.0.2.2 echo echo off|Error: duplicate "echo": "off" is the second value.
	255|add remote 192.0.2.2 echo-rx|Command line is not complete. Try option "help"
	255|add remote 192.0.2.2 echo-rx 1ms|Error: argument "1ms" is wrong: "echo-rx" $echo_range
	255|add remote 192.0.2.2 echo-rx maybe|Error: argument "maybe" is wrong: "echo-rx" must be a time such as 300ms, "on" or "off"
	1|add remote 192.0.2.2 echo-source x|Error: any valid address is expected rather than "x".
	255|add remote 192.0.2.2 echo-source ::1|Error: argument "::1" is wrong: "remote" and "echo-source" must be of one address family
	255|add remote 192.0.2.2 echo-source 192.0.2.3 echo-source 192.0.2.4|Error: duplicate "echo-source": "192.0.2.4" is the second value.
	255|change id 1 echo-source 192.0.2.3|Error: argument "echo-source" is wrong: unknown, try "ip bfd help"
END

off_range='must be from 1000us to 4294967295us, or "off"'
table "Demand mode, Polls, hold-down" <<-END
	2|add remote 192.0.2.2 demand on poll-interval 1s|$absent
	2|add remote 192.0.2.2 demand off poll-interval off|$absent
	2|change id 1 demand on|$absent
	2|poll id 1|$absent
	2|poll remote 192.0.2.2|$absent
	2|p name a|$absent
	255|poll|Error: argument "id", "remote" or "name" is required
	255|poll id 1 tx 3ms|Error: argument "tx" is wrong: unknown, try "ip bfd help"
	255|add remote 192.0.2.2 demand|Command line is not complete. Try option "help"
	255|add remote 192.0.2.2 demand 1|Error: argument "1" is wrong: "demand" must be "on" or "off"
	255|add remote 192.0.2.2 demand on demand off|Error: duplicate "demand": "off" is the second value.
	255|add remote 192.0.2.2 poll-interval 999us|Error: argument "999us" is wrong: "poll-interval" $off_range
	255|add remote 192.0.2.2 poll-interval on|Error: argument "on" is wrong: "poll-interval" must be a time such as 300ms, or "off"
	2|add remote 192.0.2.2 hold-down 4294967295us|$absent
	2|change id 1 hold-down off|$absent
	255|add remote 192.0.2.2 hold-down 4294967296us|Error: argument "4294967296us" is wrong: "hold-down" $off_range
	255|add remote 192.0.2.2 hold-down 30|Error: argument "30" is wrong: "hold-down" needs a unit: s, ms or us
	255|add remote 192.0.2.2 passive 1|Error: argument "1" is wrong: "passive" must be "on" or "off"
	2|add remote 192.0.2.2 remote-id 4294967295|$absent
	2|add remote 192.0.2.2 remote-id 0x10|$absent
	255|add remote 192.0.2.2 remote-id 0|Error: argument "0" is wrong: "remote-id" must be from 1 to 4294967295
	255|add remote 192.0.2.2 remote-id 4294967296|Error: argument "4294967296" is wrong: "remote-id" must be from 1 to 4294967295
	255|change id 1 remote-id 5|Error: argument "remote-id" is wrong: unknown, try "ip bfd help"
END

table "diagnostics and resets" <<-END
	2|change id 1 admin down diag path-down|$absent
	2|change id 1 diag concatenated-path-down|$absent
	2|change id 1 diag none|$absent
	255|change id 1 diag broken|Error: argument "broken" is wrong: "diag" must be "none", "path-down" or another diagnostic, see "ip bfd help add"
	255|change id 1 diag 6|Error: argument "6" is wrong: "diag" must be "none", "path-down" or another diagnostic, see "ip bfd help add"
	255|change id 1 diag none diag none|Error: duplicate "diag": "none" is the second value.
	2|reset|$absent
	2|res dev v0|$absent
	255|reset diag none|Error: argument "diag" is wrong: unknown, try "ip bfd help"
	1|-6 reset|Error: reset knows no address family, give it a SELECTOR.
END

table "multihop, routing domains and clients" <<-END
	2|add remote 198.51.100.7 multihop min-ttl 255 vrf v0|$absent
	2|change remote 198.51.100.7 multihop vrf v0 min-ttl 1|$absent
	2|show multihop vrf v0|$absent
	255|add remote 198.51.100.7 multihop multihop|Error: duplicate "multihop": "multihop" is the second value.
	255|add remote 198.51.100.7 multihop min-ttl 0|Error: argument "0" is wrong: "min-ttl" must be from 1 to 255
	255|add remote 198.51.100.7 multihop min-ttl 256|Error: argument "256" is wrong: "min-ttl" must be from 1 to 255
	255|add remote 198.51.100.7 multihop min-ttl 0x10|Error: argument "0x10" is wrong: "min-ttl" must be from 1 to 255
	1|add remote 198.51.100.7 vrf none|Cannot find device "none"
	255|add remote 198.51.100.7 vrf v0 vrf v0|Error: duplicate "vrf": "v0" is the second value.
	2|add remote 192.0.2.2 client 123456789012345|$absent
	2|del remote 192.0.2.2 client ospf|$absent
	255|add remote 192.0.2.2 client 1234567890123456|Error: argument "1234567890123456" is wrong: "client" must have from 1 to 15 bytes
	255|add remote 192.0.2.2 client a client b|Error: duplicate "client": "b" is the second value.
	255|change id 1 client a mult 3|Error: argument "client" is wrong: unknown, try "ip bfd help"
END

table "listeners" <<-END
	2|listen|$absent
	2|listen show|$absent
	2|listen s 192.0.2.0/24 dev v0|$absent
	2|listen 192.0.2.0/24 dev v0|$absent
	2|listen add ::/0 dev v0 limit 16384 idle 1s tx 10ms mult 5 echo-rx on demand on|$absent
	2|listen replace 192.0.2.7 dev v0 limit 1|$absent
	2|listen del 192.0.2.0/24 dev v0|$absent
	255|listen del|Error: argument "PREFIX" is required
	255|listen 192.0.2.0/24|Error: argument "dev" is required
	255|listen frob|Error: argument "frob" is wrong: a prefix, "replace", "del" or "show" is expected
	1|listen 192.0.2/24 dev v0|Error: any valid address is expected rather than "192.0.2".
	255|listen 192.0.2.0/33 dev v0|Error: argument "192.0.2.0/33" is wrong: the length of this prefix must be from 0 to 32
	255|listen ::/129 dev v0|Error: argument "::/129" is wrong: the length of this prefix must be from 0 to 128
	255|listen ::/x dev v0|Error: argument "::/x" is wrong: the length of this prefix must be from 0 to 128
	255|listen ::/ dev v0|Error: argument "::/" is wrong: the length of this prefix must be from 0 to 128
	255|listen ::/0 dev v0 limit 0|Error: argument "0" is wrong: "limit" must be from 1 to 16384
	255|listen ::/0 dev v0 limit 16385|Error: argument "16385" is wrong: "limit" must be from 1 to 16384
	255|listen ::/0 dev v0 idle 999ms|Error: argument "999ms" is wrong: "idle" must be from 1000000us to 4294967295us
	255|listen ::/0 dev v0 passive|Error: argument "passive" is wrong: unknown, try "ip bfd help"
	255|listen del ::/0 dev v0 tx 1s|Error: argument "tx" is wrong: unknown, try "ip bfd help"
	255|add remote 192.0.2.2 limit 5|Error: argument "limit" is wrong: unknown, try "ip bfd help"
END

table "abbreviated words: if they mean one only" <<-END
	2|add remote 192.0.2.2 loc 192.0.2.1 hold 1s mult 3|$absent
	255|add remote 192.0.2.2 mul 3|Error: argument "mul" is wrong: "multihop" or "mult"?
	255|add rem 192.0.2.2|Error: argument "rem" is wrong: "remote" or "remote-id"?
	255|add remote 192.0.2.2 m 3|Error: argument "m" is wrong: "multihop" or "min-ttl"?
	255|add remote 192.0.2.2 echo- 5ms|Error: argument "echo-" is wrong: "echo-rx" or "echo-source"?
	2|add remote 192.0.2.2 echo 5ms|$absent
END

types='"simple", "md5", "meticulous-md5", "sha1" or "meticulous-sha1"'
table "authentication" <<-END
	2|add remote 192.0.2.2 auth none|$absent
	2|add remote 192.0.2.2 auth none optional mult 3|$absent
	2|add remote 192.0.2.2 auth sha1 key core|$absent
	2|add remote 192.0.2.2 auth meticulous-sha1 key core variant hmac optional mult 3|$absent
	2|add remote 192.0.2.2 auth sha1 optional variant rfc key core|$absent
	2|replace remote 192.0.2.2 auth md5 key core|$absent
	2|change id 1 auth simple key core|$absent
	2|change id 1 auth none optional|$absent
	255|add remote 192.0.2.2 auth|Command line is not complete. Try option "help"
	255|add remote 192.0.2.2 auth sha256 key core|Error: argument "sha256" is wrong: "auth" must be "none", $types
	255|add remote 192.0.2.2 auth sha1|Error: argument "key" is required
	255|add remote 192.0.2.2 auth sha1 mult 3|Error: argument "key" is required
	255|add remote 192.0.2.2 auth sha1 key|Command line is not complete. Try option "help"
	255|add remote 192.0.2.2 auth sha1 key core key next|Error: duplicate "key": "next" is the second value.
	255|add remote 192.0.2.2 auth sha1 key 12345678901234567890123456789012|Error: argument "12345678901234567890123456789012" is wrong: the name of a key chain must have from 1 to 31 bytes
	255|add remote 192.0.2.2 auth sha1 key core variant frr|Error: argument "frr" is wrong: "variant" must be "rfc" or "hmac"
	255|add remote 192.0.2.2 auth none key core|Error: argument "none" is wrong: "auth" takes neither "key" nor "variant" with it
	255|add remote 192.0.2.2 auth none auth none|Error: duplicate "auth": "none" is the second value.
	255|add remote 192.0.2.2 key core|Error: argument "key" is wrong: unknown, try "ip bfd help"
	255|show auth none|Error: argument "auth" is wrong: unknown, try "ip bfd help"
	255|listen 192.0.2.0/24 dev v0 auth none|Error: argument "auth" is wrong: unknown, try "ip bfd help"
END

unknown='is unknown (it isn'"'"'t repeated here, it could be a key), try "ip bfd help key".'
when='must be "now", "none", @SECONDS, +TIME such as +90s, or a date such as 2026-11-26T12:00:00Z'
table "keys" <<-END
	2|key|$absent
	2|k|$absent
	2|key show|$absent
	2|key s core|$absent
	2|key del core|$absent
	2|key del core id 0|$absent
	2|key add core id 255 type simple text x|$absent
	2|key add core id 1 type sha1 hex 00ff|$absent
	2|key add core ty sha1 te x i 0 send-from now accept-from none accept-until +1s|$absent
	2|key change core id 1 accept-until now|$absent
	255|key frob|Error: "ip bfd key" is followed by "add", "change", "del" or "show", see "ip bfd help key".
	255|key add|Error: argument "NAME" is required
	255|key change|Error: argument "NAME" is required
	255|key del|Error: argument "NAME" is required
	255|key add core|Error: argument "id" is required
	255|key add core id 1|Error: argument "type" is required
	255|key add core id 1 type sha1|Error: argument "text", "hex" or "file" is required
	255|key add core id|Command line is not complete. Try option "help"
	255|key add core id 256|Error: argument "256" is wrong: "id" must be from 0 to 255
	255|key add core id -1|Error: argument "-1" is wrong: "id" must be from 0 to 255
	255|key add core id 1 id 2|Error: duplicate "id": "2" is the second value.
	255|key add core type none|Error: argument "none" is wrong: "type" must be $types
	255|key add core type sha1 type md5|Error: duplicate "type": "md5" is the second value.
	255|key add 12345678901234567890123456789012 id 1|Error: argument "12345678901234567890123456789012" is wrong: the name of a key chain must have from 1 to 31 bytes
	255|key change core id 1|Error: argument "send-from", "accept-from" or "accept-until" is required
	255|key change core send-from now|Error: argument "id" is required
	255|key show core id|Error: argument "id" is wrong: unknown, try "ip bfd help key"
	255|key del core id 1 accept-from now|Error: the word after id $unknown
END

table "times of keys" <<-END
	255|key change core id 1 send-from soon|Error: argument "soon" is wrong: "send-from" $when
	255|key change core id 1 send-from 90s|Error: argument "90s" is wrong: "send-from" $when
	255|key change core id 1 send-from +90|Error: argument "+90" is wrong: "send-from" $when
	255|key change core id 1 send-from +|Error: argument "+" is wrong: "send-from" $when
	255|key change core id 1 send-from @|Error: argument "@" is wrong: "send-from" $when
	255|key change core id 1 send-from @-1|Error: argument "@-1" is wrong: "send-from" $when
	255|key change core id 1 send-from @1.0000001|Error: argument "@1.0000001" is wrong: "send-from" $when
	255|key change core id 1 send-from @0|Error: argument "@0" is wrong: "send-from" must be after 1970 and before 2255
	255|key change core id 1 send-from @9000000001|Error: argument "@9000000001" is wrong: "send-from" must be after 1970 and before 2255
	255|key change core id 1 send-from @99999999999999999999999|Error: argument "@99999999999999999999999" is wrong: "send-from" must be after 1970 and before 2255
	255|key change core id 1 send-from +99999999999s|Error: argument "+99999999999s" is wrong: "send-from" must be after 1970 and before 2255
	255|key change core id 1 send-from 2026-11-31T12:00:00Z|Error: argument "2026-11-31T12:00:00Z" is wrong: "send-from" $when
	255|key change core id 1 send-from 2026-11-26T24:00:00|Error: argument "2026-11-26T24:00:00" is wrong: "send-from" $when
	255|key change core id 1 send-from 2026-11-26|Error: argument "2026-11-26" is wrong: "send-from" $when
	255|key change core id 1 send-from 2026-11-26T12:00:00+2:00|Error: argument "2026-11-26T12:00:00+2:00" is wrong: "send-from" $when
	255|key change core id 1 send-from 2026-11-26T12:00:00+24:00|Error: argument "2026-11-26T12:00:00+24:00" is wrong: "send-from" $when
	255|key change core id 1 send-from 2026-11-26T12:00:00UTC|Error: argument "2026-11-26T12:00:00UTC" is wrong: "send-from" $when
	255|key change core id 1 send-from 1969-11-26T12:00:00Z|Error: argument "1969-11-26T12:00:00Z" is wrong: "send-from" $when
	255|key change core id 1 accept-until now accept-until none|Error: duplicate "accept-until": "none" is the second value.
END

# No error repeats what could be a key.
table "secrets are not repeated" <<-END
	255|key add core id 1 type sha1 hunter2|Error: the word after type $unknown
	255|key add core id 1 type sha1 text correct horse battery|Error: the word after "text STRING" $unknown
	255|key add core id 1 type sha1 hex 12 34|Error: the word after "hex BYTES" $unknown
	255|key add core hunter2|Error: the word after the name $unknown
	255|key change core id 1 text hunter2|Error: the word after id $unknown
	255|key add core id 1 type sha1 text 123456789012345678901|Error: "text" must have from 1 to 20 bytes
	255|key add core id 1 type sha1 hex 123|Error: "hex" must be from 1 to 20 bytes, of two hexadecimal digits each
	255|key add core id 1 type sha1 hex hunter|Error: "hex" must be from 1 to 20 bytes, of two hexadecimal digits each
	255|key add core id 1 type sha1 hex 000102030405060708090a0b0c0d0e0f1011121314|Error: "hex" must be from 1 to 20 bytes, of two hexadecimal digits each
	255|key add core id 1 type sha1 text a hex 00|Error: more than one of "text", "hex" and "file" is given.
	255|key add core id 1 type sha1 text a text b|Error: more than one of "text", "hex" and "file" is given.
	2|key add core id 1 type sha1 text hunter2|$absent
END
one_line 255 'Error: "text" must have from 1 to 20 bytes' key add core id 1 type sha1 text ""
log_test "an empty key"

long=$(printf 'n%.0s' {1..64})
one_line 255 "Error: argument \"$long\" is wrong: \"name\" must have from 1 to 63 bytes" \
	add remote 192.0.2.2 name "$long"
one_line 2 "$absent" add remote 192.0.2.2 name "${long:1}"
one_line 255 'Error: argument "" is wrong: "name" must have from 1 to 63 bytes' \
	add remote 192.0.2.2 name ""
says 255 '"name" must not hold control characters' add remote 192.0.2.2 name $'a\tb'
log_test "names"

for words in help "add help" "show help" "monitor help" "dev help" "agent help" "help add" \
	"help change" "help del" "help listen" "listen help" "help poll" "help reset" "help sh" \
	"help key" "key help" "key add help" "key add core help" \
	"add remote 192.0.2.2 help" -help --help; do
	# shellcheck disable=SC2086
	says 255 "Usage: ip bfd" $words
	check_equal "$(cat "$TEST_TMP/out")" "" "stdout of '$words'"
done
says 255 'There is no help on "frob", try "ip bfd help".' help frob
says 255 "Usage: ip bfd" help
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
