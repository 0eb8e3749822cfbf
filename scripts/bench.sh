#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# `make bench`: what ipbfd costs and how late it is, beside BIRD and FRR in the same run.
#
#	scripts/bench.sh [cpu] [overshoot] [prog] [scale]	(all of them, without arguments)
#
# Environment: ROUNDS (5) and SLOT (4, seconds) of `cpu`, SESSIONS (100), INTERVAL (50, ms),
# CUTS (100) of `overshoot`; for `scale` see scripts/bench/scale.sh.  Wants a machine without other
# work; the figures are of this machine.

. "$(dirname "$0")/../selftests/lib.sh"
. "$(dirname "$0")/../selftests/interop/daemons.sh"
. "$(dirname "$0")/bench/scale.sh"

TAP_ENDED=yes # no TAP here
ROUNDS=${ROUNDS:-5}
SLOT=${SLOT:-4}
SESSIONS=${SESSIONS:-100}
INTERVAL=${INTERVAL:-50}
CUTS=${CUTS:-100}
SPIN=$BUILD/bench/spin

quit()
{
	echo "bench: $*" >&2
	exit 1
}

# percentile P: of the numbers on stdin, by rank.
percentile()
{
	sort -g | awk -v p="$1" '{ value[NR] = $1 }
		END { rank = int((p * NR + 99) / 100); if (rank < 1) rank = 1; print value[rank] }'
}

median()
{
	percentile 50
}

build_spin()
{
	mkdir -p "$BUILD/bench"
	"${CC:-cc}" -O2 -Wall -Wextra -o "$SPIN" "$SELFTESTS/../scripts/bench/spin.c" ||
		quit "cannot compile spin.c"
}

# --- CPU per packet -------------------------------------------------------------

# SESSIONS address pairs on one link, each in a subnet of its own.
setup_pair()
{
	local first=$1 second=$2 index

	setup_link "$first" v0 "$second" v1
	for ((index = 0; index < SESSIONS; index++)); do
		echo "addr add 10.$((index / 250)).$((index % 250)).1/24 dev v0"
	done | ip -n "$first" -batch -
	for ((index = 0; index < SESSIONS; index++)); do
		echo "addr add 10.$((index / 250)).$((index % 250)).2/24 dev v1"
	done | ip -n "$second" -batch -
}

# each_pair COMMAND OURS THEIRS DEV: OURS, THEIRS are 1 and 2 or the reverse.
each_pair()
{
	local index

	for ((index = 0; index < SESSIONS; index++)); do
		"$1" "10.$((index / 250)).$((index % 250)).$2" "10.$((index / 250)).$((index % 250)).$3" "$4"
	done
}

ipbfd_line()
{
	echo "bfd add remote $2 local $1 dev $3 tx ${INTERVAL}ms rx ${INTERVAL}ms mult 3"
}

bird_line()
{
	echo "neighbor $2 dev \"$3\" local $1;"
}

frr_line()
{
	echo " peer $2 local-address $1 interface $3"
	echo "  transmit-interval $INTERVAL"
	echo "  receive-interval $INTERVAL"
	echo " exit"
}

sent_packets()
{
	ip -n "$1" -j -s link show "$2" | jq '.[0].stats64.tx.packets'
}

# all_up COUNT COMMAND...: it prints the number of sessions that are Up.
all_up()
{
	[ "$("${@:2}" 2>/dev/null)" = "$1" ]
}

ipbfd_ups()
{
	bfd_json "$1" show | jq '[.[] | select(.state == "up")] | length'
}

bird_ups()
{
	birdctl "$1" show bfd sessions | grep -c ' Up '
}

frr_ups()
{
	frr "$1" "show bfd peers json" | jq '[.[] | select(.status == "up")] | length'
}

ipbfd_start()
{
	start_agent "$ipbfd1"
	start_agent "$ipbfd2"
	each_pair ipbfd_line 1 2 v0 > "$TEST_TMP/batch1"
	each_pair ipbfd_line 2 1 v1 > "$TEST_TMP/batch2"
	"$IP_BFD" -n "$ipbfd1" -batch "$TEST_TMP/batch1" > /dev/null || quit "ipbfd: cannot add the sessions"
	"$IP_BFD" -n "$ipbfd2" -batch "$TEST_TMP/batch2" > /dev/null || quit "ipbfd: cannot add the sessions"
	busywait 20000 all_up "$SESSIONS" ipbfd_ups "$ipbfd1" || quit "ipbfd: not all sessions come up"
	busywait 20000 all_up "$SESSIONS" ipbfd_ups "$ipbfd2" || quit "ipbfd: not all sessions come up"
}

ipbfd_stop()
{
	local ns

	for ns in "$ipbfd1" "$ipbfd2"; do
		stop_agent "$ns"
		agent_flush "$ns" --now
	done
}

bird_end()
{
	{
		echo "protocol bfd {"
		echo "interface \"v*\" { min rx interval $INTERVAL ms; min tx interval $INTERVAL ms; multiplier 3; };"
		each_pair bird_line "$2" "$3" "$4"
		echo "}"
	} > "$TEST_TMP/bird-lines"
	start_bird "$1" < "$TEST_TMP/bird-lines"
}

bird_start()
{
	bird_end "$bird1" 1 2 v0
	bird_end "$bird2" 2 1 v1
	busywait 20000 all_up "$SESSIONS" bird_ups "$bird1" || quit "BIRD: not all sessions come up"
	busywait 20000 all_up "$SESSIONS" bird_ups "$bird2" || quit "BIRD: not all sessions come up"
}

bird_stop()
{
	end_process "${BIRD_PID[$bird1]}"
	end_process "${BIRD_PID[$bird2]}"
}

frr_end()
{
	{
		echo bfd
		each_pair frr_line "$2" "$3" "$4"
	} > "$TEST_TMP/frr-lines"
	[ -n "${FRR_DIR[$1]-}" ] || start_zebra "$1"
	start_bfdd "$1"
	timeout 60 vtysh --vty_socket "${FRR_DIR[$1]}" -f "$TEST_TMP/frr-lines" > /dev/null 2>&1
}

frr_start()
{
	frr_end "$frr1" 1 2 v0
	frr_end "$frr2" 2 1 v1
	busywait 30000 all_up "$SESSIONS" frr_ups "$frr1" || quit "FRR: not all sessions come up"
	busywait 30000 all_up "$SESSIONS" frr_ups "$frr2" || quit "FRR: not all sessions come up"
}

frr_stop()
{
	stop_bfdd "$frr1"
	stop_bfdd "$frr2"
}

# Prints `packets microseconds`: sent by both ends so far, and the time of reading.
sent_so_far()
{
	local first second

	first=$(sent_packets "$1" v0)
	echo "$((first + $(sent_packets "$2" v1))) ${EPOCHREALTIME/[.,]/}"
}

# slot FILE [NS1 NS2]: one line, `lost-us readings wall-us packets`. Reading the counters takes a
# while, so the packets of the slot are reckoned from their rate.
slot()
{
	local file=$1 before="0 0" after="0 1" result

	[ $# -eq 1 ] || before=$(sent_so_far "$2" "$3")
	result=$("$SPIN" "$SLOT") || quit "spin failed"
	[ $# -eq 1 ] || after=$(sent_so_far "$2" "$3")
	awk -v slot="$SLOT" -v result="$result" \
		'{ print result, ($3 - $1) * 1e6 / ($4 - $2) * slot }' <<< "$before $after" >> "$file"
}

# measured NAME: a slot of idleness, then one of the system at work.
measured()
{
	local first=${1}1 second=${1}2

	slot "$TEST_TMP/idle"
	"${1}_start"
	sleep 1.5 # the agreed intervals come into force
	slot "$TEST_TMP/$1" "${!first}" "${!second}"
	"${1}_stop"
	sleep 0.5
}

# Median of a column of a file, per second of one slot.
column()
{
	awk -v column="$2" -v slot="$SLOT" '{ print $column / slot }' "$1" | median
}

# Per packet, both ways of reckoning: microseconds.
report_system()
{
	local name=$1 file=$TEST_TMP/$2

	awk -v name="$name" -v lost="$(column "$file" 1)" -v idle="$(column "$TEST_TMP/idle" 1)" \
		-v readings="$(column "$file" 2)" -v idle_readings="$(column "$TEST_TMP/idle" 2)" \
		-v wall="$(column "$file" 3)" -v packets="$(column "$file" 4)" -v result="$file.cost" '
	BEGIN {
		gaps = (lost - idle) / packets
		left = (1 - readings / idle_readings) * (wall - idle) / packets
		printf "%-6s %9.0f  %13.2f %%  %18.2f  %20.2f\n", name, packets,
			100 * (lost - idle) / wall, gaps, left
		print gaps > result
	}'
}

report_idle()
{
	awk '{
		share = 100 * $1 / $3
		if (NR == 1 || share < low) low = share
		if (share > high) high = share
	}
	END {
		printf "idle slots lost %.2f to %.2f %%: the kernel, the hypervisor, other work\n", low, high
		if (high - low > 3) print "WARNING: this machine is busy, so the figures mean little"
	}' "$TEST_TMP/idle"
}

ratio()
{
	awk -v ours="$(cat "$TEST_TMP/ipbfd.cost")" -v theirs="$(cat "$TEST_TMP/$2.cost")" -v name="$1" 'BEGIN {
		if (ours <= 0)
			printf "ipbfd against %s: below what this machine can resolve now\n", name
		else
			printf "ipbfd against %s: %.0f times less CPU per packet\n", name, theirs / ours
	}'
}

bench_cpu()
{
	local systems=ipbfd round system

	build_spin
	setup_ns ipbfd1 ipbfd2
	setup_pair "$ipbfd1" "$ipbfd2"
	if command -v bird > /dev/null; then
		systems+=" bird"
		setup_ns bird1 bird2
		setup_pair "$bird1" "$bird2"
	fi
	if [ -x "$FRR_DAEMONS/bfdd" ]; then
		systems+=" frr"
		setup_ns frr1 frr2
		setup_pair "$frr1" "$frr2"
	fi
	cat <<-END
	CPU per packet, $SESSIONS sessions at $INTERVAL ms between two namespaces of this machine
	  Method: one SCHED_IDLE process pinned to each of $(nproc) processors reads the clock without
	  pause. Gaps between readings are the time that anything else took: interrupts, softirqs,
	  kernel threads, daemons, at both ends. Slots of $SLOT s, idle and busy in turn, $ROUNDS rounds,
	  medians. CPU per packet is (lost when busy - lost when idle) / packets sent; each packet
	  is also received. The last column reckons the same from the number of readings.
	END
	for ((round = 0; round < ROUNDS; round++)); do
		for system in $systems; do
			measured "$system"
		done
	done
	echo
	echo "       packets/s  of all processors  us/packet (gaps)  us/packet (readings)"
	report_system ipbfd ipbfd
	[[ $systems != *bird* ]] || report_system BIRD bird
	[[ $systems != *frr* ]] || report_system FRR frr
	[[ $systems != *bird* ]] || ratio BIRD bird
	[[ $systems != *frr* ]] || ratio FRR frr
	report_idle
}

# --- detection overshoot ----------------------------------------------------------

LINKS=4 # cut in turn, so that one comes up while another is cut

link_is_up()
{
	session_is "$cut1" .state up remote "10.9.$1.2" && session_is "$cut2" .state up remote "10.9.$1.1"
}

# Microseconds with two decimals, of a number of nanoseconds.
microseconds()
{
	awk -v ns="$1" 'BEGIN { printf "%.1f us", ns / 1000 }'
}

bench_overshoot()
{
	local link cut

	setup_ns cut1 cut2
	start_agent "$cut1"
	start_agent "$cut2"
	for ((link = 0; link < LINKS; link++)); do
		setup_link "$cut1" "c$link" "$cut2" "d$link"
		add_address "$cut1" "c$link" "10.9.$link.1/24"
		add_address "$cut2" "d$link" "10.9.$link.2/24"
		bfd "$cut1" add remote "10.9.$link.2" dev "c$link" tx 10ms rx 10ms mult 3 > /dev/null
		bfd "$cut2" add remote "10.9.$link.1" dev "d$link" tx 10ms rx 10ms mult 3 > /dev/null
	done
	start_monitor "$cut1" "$TEST_TMP/events1" state
	start_monitor "$cut2" "$TEST_TMP/events2" state
	for ((cut = 0; cut < CUTS; cut++)); do
		link=$((cut % LINKS))
		busywait 15000 link_is_up $link || quit "link $link does not come up again"
		sleep 0.3
		ip -n "$cut2" link set "d$link" down
		sleep 0.2
		ip -n "$cut2" link set "d$link" up
	done
	sleep 0.5
	jq -r 'select(.new_state == "down" and .diag == "control-expiry") | .detect_overshoot_ns' \
		"$TEST_TMP/events1" "$TEST_TMP/events2" > "$TEST_TMP/overshoot"
	cat <<-END

	Detection overshoot over $CUTS cuts of a link, sessions at 10 ms x3, both ends
	  Method: detect_overshoot_ns of each event of \`ip -j bfd monitor\`: from the end of the detection
	  time to the moment at which the kernel declared Down.
	  $(wc -l < "$TEST_TMP/overshoot") detections: p50 $(microseconds "$(percentile 50 < "$TEST_TMP/overshoot")")  p99 $(microseconds "$(percentile 99 < "$TEST_TMP/overshoot")")  max $(microseconds "$(percentile 100 < "$TEST_TMP/overshoot")")
	END
	[ "$(wc -l < "$TEST_TMP/overshoot")" -ge "$CUTS" ] || quit "fewer detections than cuts"
}

# --- the XDP program ----------------------------------------------------------------

bench_prog()
{
	local receive_test=$BUILD/selftests/prog_run/receive_test

	echo
	echo "Time of one run of the XDP program (BPF_PROG_TEST_RUN)"
	[ -x "$receive_test" ] || quit "$receive_test is not built: run make tests"
	"$receive_test" --bench || quit "$receive_test --bench failed"
}

[ "$(id -u)" = 0 ] || quit "needs root"
for program in "$AGENT" "$IP_BFD"; do
	[ -x "$program" ] || quit "$program is not built"
done
[ $# -gt 0 ] || set -- cpu overshoot prog scale
for part in "$@"; do
	case $part in
	cpu | overshoot | prog | scale) "bench_$part" ;;
	*) quit "unknown part '$part'" ;;
	esac
done
