#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 150
#
# Many sessions: what one more than there is room for is told, and that neither addresses by the
# thousand nor an agent that is killed cost more than they must.  Figures are `make bench`'s.

. "$(dirname "$0")/../lib.sh"

COUNT=1500
SIDE=50 # addresses of our end; each talks to COUNT / SIDE of theirs
SILENT=100 # single-hop sessions without a peer
ROOM=$((COUNT + SILENT))

addresses()
{
	local prefix=$1 count=$2 dev=$3 index

	for ((index = 0; index < count; index++)); do
		echo "addr add $prefix.$((index / 250)).$((index % 250 + 1))/32 dev $dev"
	done
}

# Each address of one end to each of the other.
session_lines()
{
	local index a b

	for ((index = 0; index < COUNT; index++)); do
		a=10.71.0.$((index % SIDE + 1))
		b=10.72.0.$((index / SIDE + 1))
		if [ "$1" = us ]; then
			echo "bfd add multihop local $a remote $b tx 1s rx 1s mult 5"
		else
			echo "bfd add multihop local $b remote $a tx 1s rx 1s mult 5"
		fi
	done
}

silent_lines()
{
	local index

	for ((index = 0; index < SILENT; index++)); do
		echo "bfd add remote 192.0.2.$((index + 10)) dev v0 tx 1s rx 1s mult 5"
	done
}

ups()
{
	"$IP_BFD" -n "$1" -o bfd show | grep -c ' state up '
}

all_are_up()
{
	[ "$(ups "$us")" = $COUNT ] && [ "$(ups "$them")" = $COUNT ]
}

# CPU of our agent so far, milliseconds.
agent_cpu()
{
	awk '{ printf "%d", $1 / 1e6 }' "/proc/${AGENT_PID[$us]}/schedstat"
}

# It has taken less than a tenth of a second's half.
agent_rests()
{
	local before

	before=$(agent_cpu)
	sleep 0.5
	[ $(($(agent_cpu) - before)) -lt 50 ]
}

flaps()
{
	bfd_json "$1" show | jq '[.[].stats | .down_count + .admin_down_count] | add'
}

program_of()
{
	bfd_json "$us" dev show dev v0 | jq '.[0] | .program_id // .prog_id'
}

test_room()
{
	local answer

	"$IP_BFD" -n "$us" -batch "$TEST_TMP/us" > /dev/null
	check_err $? "add here"
	"$IP_BFD" -n "$them" -batch "$TEST_TMP/them" > /dev/null
	check_err $? "add there"
	busywait 60000 all_are_up
	check_err $? "up: $(ups "$us") here, $(ups "$them") there"
	log_test "$COUNT sessions come up"

	answer=$(bfd "$us" add multihop local 10.71.0.1 remote 192.0.2.2 2>&1)
	check_equal $? 2 "status"
	[[ $answer == *"room for $ROOM sessions"* ]]
	check_err $? "$answer"
	all_are_up
	check_err $? "the others aren't up any more"
	log_test "one more than there is room for: refused by the number"
}

test_addresses()
{
	local before

	before=$(agent_cpu)
	ip -n "$us" -batch "$TEST_TMP/many"
	check_err $? "addresses"
	busywait 60000 agent_rests
	check_err $? "the agent doesn't come to rest"
	note "$(($(agent_cpu) - before)) ms"
	check_range $(($(agent_cpu) - before)) 0 2500 "CPU for 2000 addresses, milliseconds"
	all_are_up
	check_err $? "not all are up"
	log_test "2000 more addresses beside them"
}

test_restart()
{
	local program cpu

	program=$(program_of)
	[[ $program =~ ^[0-9]+$ ]]
	check_err $? "no program"
	stop_agent "$us" KILL
	start_agent "$us"
	check_equal "$(program_of)" "$program" "the program's id: it wasn't loaded again"
	cpu=$(agent_cpu)
	check_range "$cpu" 1 3000 "CPU until it is ready, milliseconds"
	check_equal "$("$IP_BFD" -n "$us" -o bfd show | wc -l)" $ROOM "sessions"
	check_equal "$(flaps "$us") $(flaps "$them")" "0 0" "flaps"
	log_test "killed and started again: nothing is loaded, no session notices"
}

require_root
setup_ns us them
setup_link "$us" v0 "$them" v1
add_address "$us" v0 192.0.2.1/24
add_address "$them" v1 192.0.2.2/24
addresses 10.71 $SIDE lo | ip -n "$us" -batch -
addresses 10.72 $((COUNT / SIDE)) lo | ip -n "$them" -batch -
addresses 10.73 2000 v0 > "$TEST_TMP/many"
ip -n "$us" route add 10.72.0.0/24 via 192.0.2.2
ip -n "$them" route add 10.71.0.0/24 via 192.0.2.1
{
	session_lines us
	silent_lines
} > "$TEST_TMP/us"
session_lines them > "$TEST_TMP/them"
start_agent "$us" --max-sessions $ROOM
start_agent "$them"
test_room
test_addresses
test_restart
tap_done
