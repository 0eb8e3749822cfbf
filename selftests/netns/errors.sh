#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 240
#
# What goes wrong at the command line, against a real agent: one clear line on stderr,
# iproute2's exit status, and nothing changed.

. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/topology.sh"

# wrong STATUS PATTERN WORD...: `ip bfd WORD...` ends so, with one line that matches.
wrong()
{
	local wanted=$1 pattern=$2 status

	shift 2
	bfd "$us" "$@" > "$TEST_TMP/stdout" 2> "$TEST_TMP/stderr"
	status=$?
	check_equal $status "$wanted" "exit status of '$*'"
	check_equal "$(wc -l < "$TEST_TMP/stderr")" 1 "lines on stderr of '$*'"
	grep -qiE "$pattern" "$TEST_TMP/stderr"
	check_err $? "'$*' said: $(cat "$TEST_TMP/stderr")"
	[ ! -s "$TEST_TMP/stdout" ]
	check_err $? "'$*' wrote to stdout"
	note "ip bfd $*: $(cat "$TEST_TMP/stderr")"
}

sessions()
{
	bfd_json "$us" show | jq -S '[.[] | del(.stats, .uptime_ms)]'
}

test_absent_agent()
{
	wrong 2 agent show
	wrong 2 agent add remote $THEM4 dev u0
	wrong 2 agent del id 1
	log_test "no agent: one line, exit status 2"
}

test_arguments()
{
	local before

	before=$(sessions)
	wrong 1 'not-an-address' add remote not-an-address dev u0
	wrong 1 'Cannot find device "nodev"' add remote $THEM4 dev nodev
	wrong 255 'frobnicate' frobnicate
	wrong 255 '10parsecs' add remote 192.0.2.9 dev u0 tx 10parsecs
	wrong 255 'mult' add remote 192.0.2.9 dev u0 mult 0
	wrong 255 'mult' add remote 192.0.2.9 dev u0 mult 256
	wrong 255 'family' add remote 192.0.2.9 local $US6 dev u0
	wrong 255 'tx' add remote 192.0.2.9 dev u0 tx 0
	check_equal "$(sessions)" "$before" "sessions afterwards"
	log_test "wrong words: one line that names the culprit, nothing changed"
}

test_refusals()
{
	local before

	before=$(sessions)
	wrong 2 'exist' add remote $THEM4 dev u0
	wrong 2 '.' del id 4242
	wrong 2 '.' del remote 192.0.2.77
	wrong 2 '.' change id 4242 mult 5
	wrong 2 '.' add remote 192.0.2.9 local 203.0.113.77 dev u0
	check_equal "$(sessions)" "$before" "sessions afterwards"
	log_test "refused by the agent: one line, exit status 2, nothing changed"
}

require_root
require jq
setup_ns us them
setup_link "$us" u0 "$them" t0
add_address "$us" u0 $US4/24 $US6/64 $US_LOCAL/64
test_absent_agent
start_agent "$us"
bfd "$us" add remote $THEM4 dev u0 >/dev/null
check_err $? "add"
log_test "a session"
test_arguments
test_refusals
tap_done
