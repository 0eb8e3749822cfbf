# SPDX-License-Identifier: GPL-2.0
#
# What the shell tests share, in the manner of the kernel's selftests
# (net/lib.sh): namespaces, deferred cleanup, waiting, TAP, and the agent.  A test
# sources it, and ends with `tap_done`.  It must not test anything itself, and
# must not leave anything behind: the EXIT trap removes agents, pins, namespaces
# and the temporary folder, also after a failure.
#
# Times are in milliseconds unless the name says otherwise.

# shellcheck shell=bash

set -u

SELFTESTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TOP=$(dirname "$SELFTESTS")
BUILD=${BUILD:-$TOP/build}
AGENT=$BUILD/bfd-agent
IP_BFD=$BUILD/ip

KSFT_FAIL=1
KSFT_SKIP=4

TEST_TMP=$(mktemp -d "${TMPDIR:-/tmp}/ipbfd-test.XXXXXX")
chmod 755 "$TEST_TMP" # daemons that give up root work below it

declare -a DEFERRED=()
declare -a NAMESPACES=()
declare -A AGENT_PID=()
declare -A AGENT_LOG=()
declare -A PEER_PID=()
declare -A PEER_IN=()
declare -A PEER_OUT=()

# --- TAP ----------------------------------------------------------------------

RET=0
RET_MESSAGE=
TAP_COUNT=0
TAP_FAILED=0
TAP_ENDED=no

# A line for the reader of the log.
note()
{
	printf '%s\n' "$*" | sed 's/^/# /'
}

# check_err STATUS MESSAGE: the first failure since the last log_test counts.
check_err()
{
	if [ "$1" -ne 0 ] && [ "$RET" -eq 0 ]; then
		RET=1
		RET_MESSAGE=$2
	fi
}

# check_fail STATUS MESSAGE: success was not wanted.
check_fail()
{
	[ "$1" -ne 0 ]
	check_err $? "$2"
}

# check_equal VALUE WANTED WHAT
check_equal()
{
	[ "$1" = "$2" ]
	check_err $? "$3: got '$1', wanted '$2'"
}

# check_range VALUE LOW HIGH WHAT, integers, both ends included.
check_range()
{
	[[ $1 =~ ^-?[0-9]+$ ]] && [ "$1" -ge "$2" ] && [ "$1" -le "$3" ]
	check_err $? "$4: got '$1', wanted $2..$3"
}

# log_test NAME: one TAP point from the checks since the last one.
log_test()
{
	TAP_COUNT=$((TAP_COUNT + 1))
	if [ "$RET" -eq 0 ]; then
		echo "ok $TAP_COUNT - $1"
	else
		TAP_FAILED=$((TAP_FAILED + 1))
		echo "not ok $TAP_COUNT - $1"
		note "$RET_MESSAGE"
		show_state
	fi
	RET=0
	RET_MESSAGE=
}

# log_skip NAME REASON
log_skip()
{
	TAP_COUNT=$((TAP_COUNT + 1))
	echo "ok $TAP_COUNT - $1 # SKIP $2"
	RET=0
	RET_MESSAGE=
}

# The test can't go on: something around it failed.
bail()
{
	note "$*"
	show_state
	TAP_ENDED=yes
	echo "Bail out! $*"
	exit $KSFT_FAIL
}

# The whole test can't run here.
skip_all()
{
	TAP_ENDED=yes
	echo "1..0 # SKIP $*"
	exit $KSFT_SKIP
}

tap_done()
{
	echo "1..$TAP_COUNT"
	TAP_ENDED=yes
	[ "$TAP_FAILED" -eq 0 ] || exit $KSFT_FAIL
	exit 0
}

# What helps to understand a failure.
show_state()
{
	local ns

	for ns in "${!AGENT_LOG[@]}"; do
		note "--- agent of $ns (pid ${AGENT_PID[$ns]-none}), last lines:"
		tail -n 12 "${AGENT_LOG[$ns]}" 2>/dev/null | sed 's/^/#   /'
		timeout 5 "$IP_BFD" -n "$ns" -s -d bfd show 2>&1 < /dev/null | head -n 60 | sed 's/^/#   /'
	done
}

# --- cleanup ------------------------------------------------------------------

# defer COMMAND...: run at the end, the last one first.
defer()
{
	DEFERRED+=("$(printf '%q ' "$@")")
}

# A child of this test that wasn't waited for; else its number may be another test's process by now.
is_child()
{
	[ "$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$1/status" 2>/dev/null)" = $$ ]
}

# Ends a process that this test started, also one that is stopped, if it hasn't ended yet.
end_process()
{
	is_child "$1" || return 0
	kill -CONT "$1" 2>/dev/null
	kill -TERM "$1" 2>/dev/null || return 0
	busywait 3000 process_gone "$1" || kill -KILL "$1" 2>/dev/null
	wait "$1" 2>/dev/null
	return 0
}

# kill_process PID: at once, one that this test started.  Waited for here, so that bash
# doesn't report it amid some later command.
kill_process()
{
	is_child "$1" || return 0
	{
		kill -KILL "$1"
		wait "$1"
	} 2>/dev/null
}

process_gone()
{
	local state

	# A zombie is gone: only its parent, this shell, has not looked yet.
	state=$(sed 's/.*) //; s/ .*//' "/proc/$1/stat" 2>/dev/null) || return 0
	[ -z "$state" ] || [ "$state" = Z ]
}

cleanup()
{
	local status=$? index name ns

	trap '' INT TERM HUP
	trap - EXIT
	for ((index = ${#DEFERRED[@]} - 1; index >= 0; index--)); do
		eval "${DEFERRED[$index]}" >/dev/null 2>&1
	done
	for name in "${!PEER_PID[@]}"; do
		end_process "${PEER_PID[$name]}"
	done
	for ns in "${!AGENT_PID[@]}"; do
		end_process "${AGENT_PID[$ns]}"
	done
	for ns in "${!AGENT_LOG[@]}"; do
		timeout 60 "$AGENT" --netns "$ns" --flush --now >/dev/null 2>&1
	done
	for ns in "${NAMESPACES[@]}"; do
		ip netns del "$ns" 2>/dev/null
	done
	rm -rf "$TEST_TMP"
	if [ "$TAP_ENDED" = no ]; then
		echo "Bail out! ended before its time, status $status"
		exit $KSFT_FAIL
	fi
	exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

# --- waiting ------------------------------------------------------------------

now_ms()
{
	local now=${EPOCHREALTIME/[.,]/}

	echo $((now / 1000))
}

# busywait TIMEOUT COMMAND...: until the command succeeds; its last status else.  The last time it
# begins after the timeout: what is true by then isn't missed, wherever this machine stands still.
busywait()
{
	local deadline=$(($(now_ms) + $1)) begun status

	shift
	while :; do
		begun=$(now_ms)
		"$@"
		status=$?
		[ $status -ne 0 ] || return 0
		[ "$begun" -lt $deadline ] || return $status
		sleep 0.03
	done
}

# --- a machine that stands still ------------------------------------------------

# watch_stalls: from now on, how long this machine keeps even a real-time process waiting.
watch_stalls()
{
	: > "$TEST_TMP/stalls" # that of a watch before says `watching`, too
	/usr/bin/python3 "$SELFTESTS/tools/stalls.py" > "$TEST_TMP/stalls" &
	STALLS_PID=$!
	defer end_process $STALLS_PID
	busywait 30000 grep -q watching "$TEST_TMP/stalls" || bail "the watch of stalls does not start"
}

# end_stalls: sets STALLED_US, the longest since then; 0 if none was of 5 ms.
end_stalls()
{
	end_process "$STALLS_PID"
	STALLED_US=$(awk '$1 == "stall" && $3 > most { most = $3 } END { printf "%d", most * 1e6 }' \
		"$TEST_TMP/stalls")
}

# --- namespaces and links -----------------------------------------------------

require_root()
{
	[ "$(id -u)" = 0 ] || skip_all "needs root"
}

# require COMMAND...: or skip the whole test.
require()
{
	local command

	for command in "$@"; do
		command -v "$command" >/dev/null || skip_all "$command is not installed"
	done
}

# setup_ns VARIABLE...: makes a namespace for each and puts its name there.
setup_ns()
{
	local variable name

	for variable in "$@"; do
		name="bfd-$variable-$$-$RANDOM"
		ip netns add "$name" || bail "cannot make the namespace $name"
		NAMESPACES+=("$name")
		# Addresses are usable at once, and only those that the test sets.
		# shellcheck disable=SC2016
		ip netns exec "$name" sh -c '
			for scope in all default; do
				echo 0 > /proc/sys/net/ipv6/conf/$scope/accept_dad
				echo 1 > /proc/sys/net/ipv6/conf/$scope/addr_gen_mode
			done'
		ip -n "$name" link set lo up
		printf -v "$variable" '%s' "$name"
	done
}

# setup_link NS1 DEV1 NS2 DEV2: a veth pair, both ends up.
setup_link()
{
	ip link add "$2" netns "$1" type veth peer name "$4" netns "$3" || bail "cannot make a link"
	ip -n "$1" link set "$2" up
	ip -n "$3" link set "$4" up
}

# add_address NS DEV ADDRESS/LENGTH...
add_address()
{
	local ns=$1 dev=$2 address

	shift 2
	for address in "$@"; do
		case $address in
		*:*) ip -n "$ns" addr add "$address" dev "$dev" nodad ;;
		*) ip -n "$ns" addr add "$address" dev "$dev" ;;
		esac || bail "cannot add $address"
	done
}

# --- the agent and its client -------------------------------------------------

# Not ready, or dead: the test that waits on it wants to know at once.
agent_said_ready()
{
	grep -q '^bfd-agent: ready' "$1" || process_gone "$2"
}

# start_agent NS [OPTION]...
start_agent()
{
	local ns=$1 log

	shift
	log=$(mktemp "$TEST_TMP/agent.XXXXXX")
	"$AGENT" --netns "$ns" "$@" 2>"$log" >&2 &
	AGENT_PID[$ns]=$!
	AGENT_LOG[$ns]=$log
	busywait 60000 agent_said_ready "$log" "${AGENT_PID[$ns]}"
	grep -q '^bfd-agent: ready' "$log" || bail "the agent of $ns did not become ready"
}

# stop_agent NS [SIGNAL]: returns its exit status.
stop_agent()
{
	local pid=${AGENT_PID[$1]} status

	{
		kill -"${2:-TERM}" "$pid"
		busywait 20000 process_gone "$pid" || kill -KILL "$pid"
		wait "$pid"
		status=$?
	} 2>/dev/null # where bash would report the death
	unset "AGENT_PID[$1]"
	return $status
}

# agent_flush NS [--now]: takes the data plane of a namespace down.
agent_flush()
{
	timeout 60 "$AGENT" --netns "$1" --flush "${@:2}"
}

# bfd NS WORD...: `ip -n NS bfd WORD...`
bfd()
{
	local ns=$1

	shift
	timeout 20 "$IP_BFD" -n "$ns" bfd "$@"
}

bfd_json()
{
	local ns=$1

	shift
	timeout 20 "$IP_BFD" -n "$ns" -j -s bfd "$@"
}

# session NS FILTER SELECTOR...: a field by jq, as in `session $ns .stats.rx_packets id 5`.
session()
{
	local ns=$1 filter=$2

	shift 2
	bfd_json "$ns" show "$@" | jq -r ".[0] | $filter"
}

# session_is NS FILTER VALUE SELECTOR...
session_is()
{
	local ns=$1 filter=$2 value=$3

	shift 3
	[ "$(session "$ns" "$filter" "$@" 2>/dev/null)" = "$value" ]
}

# wait_state NS STATE TIMEOUT SELECTOR...
wait_state()
{
	local ns=$1 state=$2 timeout=$3

	shift 3
	busywait "$timeout" session_is "$ns" .state "$state" "$@"
}

# monitor_listens PID: a netlink socket of this process, not just of its namespace, is in the group
# `state`, the second, which `ip bfd monitor` joins last.
monitor_listens()
{
	local sockets

	# Columns: socket, protocol (2 is usersock), port, groups; the last is the inode.
	sockets=" $(find "/proc/$1/fd" -lname 'socket:*' -printf '%l ' 2>/dev/null)"
	awk -v sockets="$sockets" '$2 == 2 && $4 ~ /[2367abef]$/ &&
		index(sockets, "socket:[" $NF "] ") { found = 1 } END { exit !found }' \
		"/proc/$1/net/netlink"
}

# start_monitor NS FILE [WORD]...: JSON events to FILE; sets MONITOR_PID.
start_monitor()
{
	local ns=$1 file=$2

	shift 2
	: > "$file"
	"$IP_BFD" -n "$ns" -j bfd monitor "$@" > "$file" 2>&1 &
	MONITOR_PID=$!
	defer end_process $MONITOR_PID
	busywait 20000 monitor_listens $MONITOR_PID || note "the monitor joined no group"
}

# file_has FILE FILTER: some line of JSON in it passes the jq filter.
file_has()
{
	jq -e -s "any(.[]; $2)" "$1" >/dev/null 2>&1
}

# --- the scripted peer (tools/rawpeer.py) ---------------------------------------

# start_peer NAME NS DEV [OPTION]...
start_peer()
{
	local name=$1 ns=$2 dev=$3 pipe=$TEST_TMP/peer-$1 fd

	shift 3
	mkfifo "$pipe.in" "$pipe.out"
	ip netns exec "$ns" /usr/bin/python3 "$SELFTESTS/tools/rawpeer.py" --dev "$dev" "$@" \
		< "$pipe.in" > "$pipe.out" 2> "$pipe.log" &
	PEER_PID[$name]=$!
	exec {fd}> "$pipe.in"
	PEER_IN[$name]=$fd
	exec {fd}< "$pipe.out"
	PEER_OUT[$name]=$fd
	peer "$name" ping > /dev/null || bail "the scripted peer did not start: $(cat "$pipe.log")"
}

# peer NAME WORD...: one command, one line of JSON; fails if the answer isn't ok.
peer()
{
	local name=$1 answer

	shift
	echo "$*" >&"${PEER_IN[$name]}" || return 1
	if ! read -r -t 90 answer <&"${PEER_OUT[$name]}"; then
		note "no answer from the scripted peer $name to '$*': $(cat "$TEST_TMP/peer-$name.log")" >&2
		return 1
	fi
	echo "$answer"
	[[ $answer == '{"ok": true'* ]]
}

stop_peer()
{
	end_process "${PEER_PID[$1]}"
	unset "PEER_PID[$1]"
	rm -f "$TEST_TMP/peer-$1".*
}
