#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# `make demo`: two network namespaces with an agent each, and a BFD session between them
# that comes up, notices a cut within 30 ms, comes back, and doesn't notice that an agent
# stands still.  Each command is shown as it is run.  It must leave nothing behind, and
# fails if anything is not as it says.

set -u

top=$(cd "$(dirname "$0")/.." && pwd)
build=${BUILD:-$top/build}
left=left-$$
right=right-$$
left_address=192.0.2.1
right_address=192.0.2.2
work=$(mktemp -d "${TMPDIR:-/tmp}/ipbfd-demo.XXXXXX")
detection_us=30000
stop_seconds=10
left_agent=
right_agent=
helpers=()
PATH=$build:$PATH # so that `ip` is the front that knows `ip bfd`

bold=
plain=
if [ -t 1 ]; then
	bold=$'\e[1m'
	plain=$'\e[0m'
fi

# --- narration ------------------------------------------------------------------

step()
{
	printf '\n%s%s%s\n' "$bold" "$*" "$plain"
}

say()
{
	printf '  %s\n' "$*"
}

fail()
{
	printf '\ndemo: FAILED: %s\n' "$*" >&2
	tail -n 5 "$work"/*.agent >&2 2>/dev/null
	exit 1
}

# Shows a command and what it prints, and runs it.
run()
{
	printf '  # %s\n' "$*"
	"$@" > "$work/output" 2>&1
	local status=$?
	sed 's/^/    /' "$work/output"
	[ $status -eq 0 ] || fail "\`$*\` ended with status $status"
}

# --- cleanup --------------------------------------------------------------------

end_process()
{
	kill -CONT "$1" 2>/dev/null
	kill -TERM "$1" 2>/dev/null
	wait "$1" 2>/dev/null
}

remove_all()
{
	local pid ns

	for pid in "${helpers[@]}" $left_agent $right_agent; do
		end_process "$pid"
	done
	left_agent=
	right_agent=
	helpers=()
	for ns in "$left" "$right"; do
		[ -e "/run/netns/$ns" ] || continue
		timeout 10 bfd-agent --netns "$ns" --flush --now
		ip netns del "$ns"
	done
	rm -rf "$work"
}

on_exit()
{
	local status=$?

	trap '' INT TERM HUP
	remove_all > /dev/null 2>&1
	exit $status
}
trap on_exit EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

# --- reading the sessions -------------------------------------------------------

# field NS NAME
field()
{
	ip -n "$1" -j -s bfd show | jq -r ".[0].$2"
}

# wait_for SECONDS COMMAND...
wait_for()
{
	local end=$((SECONDS + $1))

	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.05
	done
}

state_is()
{
	[ "$(field "$1" state 2>/dev/null)" = "$2" ]
}

both_are()
{
	state_is "$left" "$1" && state_is "$right" "$1"
}

has_event()
{
	jq -e -s "any(.[]; .new_state == \"$2\")" "$work/$1.events" >/dev/null 2>&1
}

start_agent()
{
	printf '  # bfd-agent --netns %s &\n' "$1"
	bfd-agent --netns "$1" > "$work/$1.agent" 2>&1 &
	started=$!
	wait_for 10 grep -q '^bfd-agent: ready' "$work/$1.agent" ||
		fail "the agent of $1 did not become ready"
}

# The same events twice: as text for the reader, as JSON for the figures.
start_monitor()
{
	local name=$1 ns=$2

	printf '  # ip -n %s -ts bfd monitor state &\n' "$ns"
	ip -n "$ns" -j bfd monitor state > "$work/$name.events" &
	helpers+=($!)
	ip -n "$ns" -ts bfd monitor state > >(sed -u "s/^/    $name: /") &
	helpers+=($!)
}

# Microseconds as milliseconds.
milliseconds()
{
	awk -v us="$1" 'BEGIN { printf "%.2f ms", us / 1000 }'
}

# declared NAME: when this end said Down; figures for the summary.
declared()
{
	local event since overshoot

	event=$(jq -c 'select(.new_state == "down" and .diag == "control-expiry")' "$work/$1.events" | head -n 1)
	[ -n "$event" ] || return 1
	since=$(jq .since_last_rx <<< "$event")
	overshoot=$(jq .detect_overshoot_ns <<< "$event")
	say "$1 end: Down was declared $(milliseconds "$since") after the last packet:" \
		"$(milliseconds "$detection_us") detection time, $((overshoot / 1000)) us late."
	[ "$since" -ge $detection_us ] && [ "$since" -lt 500000 ]
}

# --- the demonstration ----------------------------------------------------------

setup()
{
	step "1. Two network namespaces, joined by a link, with an agent in each"
	run ip netns add "$left"
	run ip netns add "$right"
	run ip link add v0 netns "$left" type veth peer name v1 netns "$right"
	run ip -n "$left" address add $left_address/24 dev v0
	run ip -n "$right" address add $right_address/24 dev v1
	run ip -n "$left" link set v0 up
	run ip -n "$right" link set v1 up
	start_agent "$left"
	left_agent=$started
	start_agent "$right"
	right_agent=$started
}

bring_up()
{
	step "2. One command at each end makes a BFD session: a packet each 10 ms, 3 may be lost"
	run ip -n "$left" bfd add remote $right_address dev v0 tx 10ms rx 10ms mult 3
	run ip -n "$right" bfd add remote $left_address dev v1 tx 10ms rx 10ms mult 3
	wait_for 10 both_are up || fail "the session did not come up"
	sleep 1 # until the timers are agreed, and there is something to count
	say "It is up, at both ends:"
	run ip -n "$left" bfd show
	run ip -n "$right" -s bfd show
}

cut_and_restore()
{
	step "3. The link is cut and restored, while \`ip bfd monitor\` follows both ends"
	start_monitor left "$left"
	start_monitor right "$right"
	sleep 0.5
	run ip -n "$right" link set v1 down
	if ! wait_for 5 has_event left down || ! wait_for 5 has_event right down; then
		fail "an end did not notice the cut"
	fi
	sleep 0.3
	declared left || fail "the left end did not detect the cut as it should"
	declared right || fail "the right end did not detect the cut as it should"
	run ip -n "$right" link set v1 up
	if ! wait_for 10 has_event left up || ! wait_for 10 has_event right up; then
		fail "the session did not come up again"
	fi
	sleep 1
	say "The link is back, and the session is up again."
}

stop_agent()
{
	local left_downs right_downs before sent

	step "4. The left agent stands still for $stop_seconds seconds: the session lives in the kernel"
	left_downs=$(field "$left" stats.down_count)
	right_downs=$(field "$right" stats.down_count)
	before=$(field "$right" stats.rx_packets)
	run kill -STOP "$left_agent"
	run sleep $stop_seconds
	sent=$(($(field "$right" stats.rx_packets) - before))
	state_is "$right" up || fail "the right end went down"
	run kill -CONT "$left_agent"
	state_is "$left" up || fail "the left end went down"
	[ "$(field "$right" stats.down_count)" = "$right_downs" ] || fail "the right end flapped"
	[ "$(field "$left" stats.down_count)" = "$left_downs" ] || fail "the left end flapped"
	say "Meanwhile the right end received $sent packets from the left one. Flaps: 0 and 0."
}

finish()
{
	step "5. All is removed again"
	run ip -n "$left" bfd flush
	run ip -n "$right" bfd flush
	say "Agents, BPF programs and namespaces too."
	remove_all
	[ ! -e "/run/netns/$left" ] && [ ! -e "/run/netns/$right" ] || fail "a namespace is left"
}

[ "$(id -u)" = 0 ] || fail "needs root: sudo make demo"
for program in bfd-agent ip-bfd ip; do
	[ -x "$build/$program" ] || fail "$build/$program is not built: run make"
done
begin=$SECONDS
setup
bring_up
cut_and_restore
stop_agent
finish
printf '\n%sdemo: all as promised, in %s s.%s\n' "$bold" $((SECONDS - begin)) "$plain"
