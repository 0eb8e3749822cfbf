#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 120
#
# A client that isn't ours, built on libnl-genl (bfd_client.c), against the agent: it finds
# the family, adds a session, dumps, and follows the group state. And the generated
# files of the family are those of genl/bfd.yaml.

. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../netns/topology.sh"

CLIENT=$BUILD/selftests/tools/bfd_client

test_generated()
{
	"$TOP/scripts/genl-gen.py" --check >"$TEST_TMP/stale"
	check_err $? "run scripts/genl-gen.py: $(head -n 1 "$TEST_TMP/stale")"
	log_test "the generated files are up to date"
}

# says PATTERN WHAT: the client prints a line with it, soon.
says()
{
	busywait 10000 grep -q "$1" "$output"
	check_err $? "the client printed: $(cat "$output")"
	log_test "$2"
}

test_client()
{
	local output=$TEST_TMP/client pid

	ip netns exec "$us" "$CLIENT" $THEM4 u0 60 >"$output" 2>&1 &
	pid=$!
	defer end_process $pid
	says '^family bfd has id [0-9]*, its group state is 2$' "libnl finds the family and its group"
	says "^added session [0-9]* to $THEM4: down$" "it adds a session"
	says "^session [0-9]* to $THEM4: down$" "it dumps sessions"
	# It joins the group after the dump.
	busywait 10000 monitor_listens $pid
	check_err $? "the client is in no group"
	bfd "$them" add remote $US4 local $THEM4 dev t0 tx 50ms rx 50ms >/dev/null
	says "^event session [0-9]* to $THEM4: [a-z]* [a-z]* -> up" "it hears that the session is up"
	ip -n "$them" link set t0 down
	says "^event session [0-9]* to $THEM4: down up -> down, [0-9]* us" \
		"it hears that the session is down"
}

test_generated
setup_two_agents
[ -x "$CLIENT" ] || skip_all "$CLIENT isn't built"
test_client
tap_done
