# SPDX-License-Identifier: GPL-2.0
#
# `scripts/bench.sh scale`: what 10 000 sessions between two namespaces cost to add, show, keep
# over restarts of the agent, and flush.  Sourced by bench.sh.
#
# Environment: SCALE (10000, sessions of each kind), SCALE_KINDS ("single multihop").
#
# The intervals are slow, 1 s x3: packets aren't the subject.

# shellcheck shell=bash
# Namespaces are set by setup_ns, the agents' arrays are of selftests/lib.sh.
# shellcheck disable=SC2154,SC2034,SC2004

SCALE=${SCALE:-10000}
SCALE_KINDS=${SCALE_KINDS:-single multihop}
SCALE_SIDE=100 # addresses of each end of the multihop sessions, each with each

# scale_ends INDEX: sets first and second, the addresses of a session's ends.
scale_ends_single()
{
	first=10.64.$(($1 / 250)).$(($1 % 250 + 1))
	second=10.65.$(($1 / 250)).$(($1 % 250 + 1))
}

scale_ends_multihop()
{
	first=10.66.0.$(($1 / SCALE_SIDE + 1))
	second=10.67.0.$(($1 % SCALE_SIDE + 1))
}

# One link.  Single-hop sessions to one neighbour are told apart by it, so each has addresses of
# its own at both ends; of the multihop ones each address of one end talks to each of the other.
scale_addresses()
{
	local index first second

	if [ "$kind" = single ]; then
		for ((index = 0; index < SCALE; index++)); do
			scale_ends_single $index
			echo "addr add $first/15 dev v0" >&3
			echo "addr add $second/15 dev v1" >&4
		done 3> "$TEST_TMP/addresses1" 4> "$TEST_TMP/addresses2"
	else
		for ((index = 0; index < SCALE_SIDE; index++)); do
			echo "addr add 10.66.0.$((index + 1))/32 dev lo" >&3
			echo "addr add 10.67.0.$((index + 1))/32 dev lo" >&4
		done 3> "$TEST_TMP/addresses1" 4> "$TEST_TMP/addresses2"
		echo "addr add 192.0.2.1/30 dev v0" >> "$TEST_TMP/addresses1"
		echo "route add 10.67.0.0/24 via 192.0.2.2" >> "$TEST_TMP/addresses1"
		echo "addr add 192.0.2.2/30 dev v1" >> "$TEST_TMP/addresses2"
		echo "route add 10.66.0.0/24 via 192.0.2.1" >> "$TEST_TMP/addresses2"
	fi
	ip -n "$scale1" -batch "$TEST_TMP/addresses1" || quit "cannot add the addresses"
	ip -n "$scale2" -batch "$TEST_TMP/addresses2" || quit "cannot add the addresses"
}

scale_lines()
{
	local index first second words="tx 1s rx 1s mult 3" dev1="dev v0" dev2="dev v1"

	if [ "$kind" = multihop ]; then
		dev1=multihop
		dev2=multihop
	fi
	for ((index = 0; index < SCALE; index++)); do
		"scale_ends_$kind" $index
		echo "bfd add remote $second local $first $dev1 $words" >&3
		echo "bfd add remote $first local $second $dev2 $words" >&4
	done 3> "$TEST_TMP/batch1" 4> "$TEST_TMP/batch2"
}

# The kernel's table of neighbours, which the namespaces of a machine share.
scale_make_room_for_neighbours()
{
	local file=/proc/sys/net/ipv4/neigh/default/gc_thresh name before

	for name in 3 2 1; do
		before=$(cat "$file$name")
		[ "$before" -ge $((4 * SCALE)) ] && continue
		defer eval "echo $before > $file$name"
		echo $((4 * SCALE)) > "$file$name" || quit "cannot write $file$name"
	done
}

# --- measuring -------------------------------------------------------------------

now_us()
{
	echo "${EPOCHREALTIME/[.,]/}"
}

# since MICROSECONDS: milliseconds since then.
since()
{
	awk -v from="$1" -v to="$(now_us)" 'BEGIN { printf "%.1f", (to - from) / 1000 }'
}

# took COMMAND...: sets TOOK, milliseconds of it.
took()
{
	local from

	from=$(now_us)
	"$@" > /dev/null || quit "failed: $*"
	TOOK=$(since "$from")
}

# CPU of a process so far, in milliseconds.
cpu_ms()
{
	awk '{ printf "%.1f", $1 / 1e6 }' "/proc/$1/schedstat"
}

difference()
{
	awk -v a="$1" -v b="$2" 'BEGIN { printf "%.1f", a - b }'
}

figure()
{
	printf '  %-58s %10s %s\n' "$1" "$2" "${3-}"
}

scale_ups()
{
	"$IP_BFD" -n "$1" -o bfd show | grep -c ' state up '
}

scale_rss()
{
	awk '/^VmRSS/ { printf "%.1f", $2 / 1024 }' "/proc/${AGENT_PID[$1]}/status"
}

# What the maps of an end hold, in MB.
scale_map_memory()
{
	cat "/proc/${AGENT_PID[$1]}/fdinfo"/* 2>/dev/null | awk '
		$1 == "map_type:" { bytes = 0 }
		$1 == "memlock:" { bytes = $2 }
		$1 == "map_id:" && !seen[$2]++ { total += bytes }
		END { printf "%.1f", total / 1e6 }'
}

scale_flaps()
{
	"$IP_BFD" -n "$1" -j -s bfd show | jq '[.[].stats | .down_count + .admin_down_count] | add'
}

scale_check_no_flaps()
{
	local flaps

	flaps=$(($(scale_flaps "$scale1") + $(scale_flaps "$scale2")))
	[ "$flaps" = 0 ] || quit "$flaps flaps after $1"
	[ "$(scale_ups "$scale1")" = "$SCALE" ] || quit "not all sessions are up after $1"
}

scale_answers()
{
	"$IP_BFD" -n "$scale1" bfd show id "$1" > /dev/null 2>&1
}

# scale_restarted WHAT FROM DISCRIMINATOR: until it answers, and until it has told of all.
scale_restarted()
{
	local from=$2

	until scale_answers "$3"; do
		[ "$(since "$from" | cut -d. -f1)" -lt 60000 ] || quit "no answer after $1"
	done
	figure "$1: until the first answer" "$(since "$from")" ms
	figure "of that CPU of the new agent" "$(cpu_ms "${AGENT_PID[$scale1]}")" ms
	[ "$("$IP_BFD" -n "$scale1" -o bfd show | wc -l)" = "$SCALE" ] || quit "sessions are missing after $1"
	figure "$1: until the end of a dump of all" "$(since "$from")" ms
}

# scale_launch LOG [OPTION]...: as start_agent, but without waiting.
scale_launch()
{
	local log=$1

	shift
	"$AGENT" --netns "$scale1" "$@" 2> "$log" >&2 &
	AGENT_PID[$scale1]=$!
	AGENT_LOG[$scale1]=$log
}

# --- the parts --------------------------------------------------------------------

scale_add()
{
	local from cpu before

	cpu=$(cpu_ms "${AGENT_PID[$scale1]}")
	took "$IP_BFD" -n "$scale1" -batch "$TEST_TMP/batch1"
	figure "add $SCALE, \`ip -batch\`" "$TOOK" ms
	figure "of that per session" "$(awk -v ms="$TOOK" -v n="$SCALE" 'BEGIN { printf "%.1f", ms * 1000 / n }')" us
	figure "CPU of the agent per session" "$(awk -v a="$(cpu_ms "${AGENT_PID[$scale1]}")" -v b="$cpu" -v n="$SCALE" \
		'BEGIN { printf "%.1f", (a - b) * 1000 / n }')" us
	from=$(now_us)
	took "$IP_BFD" -n "$scale2" -batch "$TEST_TMP/batch2"
	figure "add $SCALE at the other end" "$TOOK" ms
	before=$(now_us)
	busywait 60000 all_up "$SCALE" scale_ups "$scale1" || quit "only $(scale_ups "$scale1") sessions come up"
	busywait 60000 all_up "$SCALE" scale_ups "$scale2" || quit "only $(scale_ups "$scale2") sessions come up"
	figure "until all are up, from the first / last of the other end" \
		"$(since "$from" | cut -d. -f1) / $(since "$before" | cut -d. -f1)" ms
}

scale_show()
{
	took "$IP_BFD" -n "$scale1" bfd show
	figure "show, text" "$TOOK" ms
	took "$IP_BFD" -n "$scale1" -j bfd show
	figure "show, -j" "$TOOK" ms
	took "$IP_BFD" -n "$scale1" -j -s bfd show
	figure "show, -j -s" "$TOOK" ms
	took "$IP_BFD" -n "$scale1" bfd save
	figure "save" "$TOOK" ms
	took "$IP_BFD" -n "$scale1" bfd restore "$TEST_TMP/batch1"
	figure "restore of what is there (nothing changes)" "$TOOK" ms
	figure "memory of the agent (RSS)" "$(scale_rss "$scale1")" MB
	figure "memory of the maps of an end, in the kernel" "$(scale_map_memory "$scale1")" MB
}

# What all but the spinning processes took in a slot, in per cent.
scale_lost()
{
	awk '{ share = 100 * $1 / $3 } END { printf "%.1f", share }' "$1"
}

scale_idle()
{
	local pid=${AGENT_PID[$scale1]} cpu switches seconds=$SLOT

	sleep 3
	cpu=$(cpu_ms "$pid")
	switches=$(awk '/^voluntary/ { print $2 }' "/proc/$pid/status")
	slot "$TEST_TMP/scale-busy" "$scale1" "$scale2"
	figure "agent at rest: CPU" \
		"$(awk -v a="$(cpu_ms "$pid")" -v b="$cpu" -v s="$seconds" 'BEGIN { printf "%.2f", (a - b) / s / 10 }')" "% of a processor"
	figure "agent at rest: wake-ups" \
		"$(awk -v a="$(awk '/^voluntary/ { print $2 }' "/proc/$pid/status")" -v b="$switches" -v s="$seconds" \
			'BEGIN { printf "%.1f", (a - b) / s }')" "/s"
	figure "CPU of both ends, all included; and before there were any" \
		"$(scale_lost "$TEST_TMP/scale-busy"); $(scale_lost "$TEST_TMP/scale-idle")" "% of all processors"
}

scale_restart()
{
	local discriminator from log=$TEST_TMP/scale-agent

	discriminator=$("$IP_BFD" -n "$scale1" -j bfd show | jq ".[$((SCALE / 2))].local_discr")
	from=$(now_us)
	stop_agent "$scale1"
	scale_launch "$log.1"
	scale_restarted "SIGTERM and start" "$from" "$discriminator"
	busywait 5000 agent_said_ready "$log.1" "${AGENT_PID[$scale1]}"
	scale_check_no_flaps "a restart"

	from=$(now_us)
	stop_agent "$scale1" KILL
	scale_launch "$log.2"
	scale_restarted "kill -9 and start" "$from" "$discriminator"
	busywait 5000 agent_said_ready "$log.2" "${AGENT_PID[$scale1]}"
	scale_check_no_flaps "kill -9"

	from=$(now_us)
	local old=${AGENT_PID[$scale1]}
	scale_launch "$log.3" --handover
	busywait 30000 process_gone "$old"
	wait "$old" 2>/dev/null
	figure "--handover: until the one before has ended" "$(since "$from")" ms
	scale_restarted "--handover" "$from" "$discriminator"
	busywait 5000 agent_said_ready "$log.3" "${AGENT_PID[$scale1]}"
	scale_check_no_flaps "a handover"
}

scale_flush()
{
	local from

	from=$(now_us)
	took "$IP_BFD" -n "$scale1" bfd flush
	figure "flush" "$TOOK" ms
	[ "$("$IP_BFD" -n "$scale1" -o bfd show | wc -l)" = 0 ] || quit "sessions are left after flush"
	busywait 20000 all_up 0 scale_ups "$scale2" || quit "the other end wasn't told of the flush"
	figure "until the other end knows of all" "$(since "$from")" ms
}

scale_downs()
{
	"$IP_BFD" -n "$1" -o bfd show | grep -c ' state down '
}

# The other end vanishes without a word: all fail at once, and a monitor is told of each.
scale_loss()
{
	local events=$TEST_TMP/scale-events from

	"$IP_BFD" -n "$scale1" -batch "$TEST_TMP/batch1" > /dev/null || quit "cannot add the sessions again"
	busywait 60000 all_up "$SCALE" scale_ups "$scale1" || quit "only $(scale_ups "$scale1") sessions come up again"
	start_monitor "$scale1" "$events" state
	stop_agent "$scale2"
	from=$(now_us)
	agent_flush "$scale2" --now
	busywait 20000 all_up "$SCALE" scale_downs "$scale1" || quit "only $(scale_downs "$scale1") sessions are down"
	figure "the other end vanishes (3 s detection time): until all are down" "$(since "$from" | cut -d. -f1)" ms
	busywait 20000 all_up "$SCALE" scale_told "$events" || quit "the monitor was told of $(scale_told "$events") sessions"
	figure "until a monitor has told of all" "$(since "$from" | cut -d. -f1)" ms
	figure "events that found the ring buffer full" \
		"$("$IP_BFD" -n "$scale1" -j bfd agent | jq '.[0].events_lost // .events_lost')"
	end_process "$MONITOR_PID"
}

# Of how many sessions has it said that they are down?
scale_told()
{
	grep '"new_state":"down"' "$1" | grep -o '"local_discr":[0-9]*' | sort -u | wc -l
}

scale_kind()
{
	local kind=$1

	setup_ns scale1 scale2
	setup_link "$scale1" v0 "$scale2" v1
	scale_addresses
	scale_lines
	echo
	echo "$SCALE $kind sessions at 1 s x3 between two namespaces of this machine"
	took start_agent "$scale1"
	figure "start of an agent, no session" "$TOOK" ms
	start_agent "$scale2"
	sleep 1
	slot "$TEST_TMP/scale-idle"
	scale_add
	scale_show
	scale_idle
	scale_restart
	scale_flush
	scale_loss
	for ns in "$scale1" "$scale2"; do
		[ -z "${AGENT_PID[$ns]-}" ] || stop_agent "$ns"
		agent_flush "$ns" --now
		ip netns del "$ns"
	done
}

bench_scale()
{
	local kind ns

	build_spin
	scale_make_room_for_neighbours
	for kind in $SCALE_KINDS; do
		scale_kind "$kind"
	done
}
