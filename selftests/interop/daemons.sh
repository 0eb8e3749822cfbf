# SPDX-License-Identifier: GPL-2.0
#
# Starts the distribution's FRR and BIRD in a namespace of their own, with every
# file, socket and pid below the test's temporary folder, and reads what they say of
# their sessions.  Sourced after lib.sh.  It must not touch a daemon of the machine.
# shellcheck shell=bash disable=SC2034

FRR_DAEMONS=/usr/lib/frr
# What stands before a daemon's command, e.g. to schedule it in time.
DAEMON_PREFIX=
declare -A FRR_DIR=()
declare -A BFDD_PID=()
declare -A BIRD_DIR=()
declare -A BIRD_PID=()

require_frr()
{
	if [ ! -x $FRR_DAEMONS/bfdd ] || [ ! -x $FRR_DAEMONS/zebra ]; then
		skip_all "frr is not installed"
	fi
	require vtysh jq
}

# --- FRR ------------------------------------------------------------------------

# frr_daemon NS NAME [OPTION]...: in the background; its pid is $!
frr_daemon()
{
	local ns=$1 name=$2 dir=${FRR_DIR[$1]}

	shift 2
	# shellcheck disable=SC2086
	ip netns exec "$ns" $DAEMON_PREFIX "$FRR_DAEMONS/$name" -u frr -g frr -i "$dir/$name.pid" \
		-z "$dir/zserv.api" --vty_socket "$dir" -A 127.0.0.1 -P 0 -f /dev/null \
		--log "file:$dir/$name.log" "$@" > "$dir/$name.out" 2>&1 &
}

start_bfdd()
{
	frr_daemon "$1" bfdd --bfdctl "${FRR_DIR[$1]}/bfdd.sock"
	BFDD_PID[$1]=$!
	defer end_process $!
	busywait 30000 test -S "${FRR_DIR[$1]}/bfdd.vty" || bail "bfdd did not start"
}

stop_bfdd()
{
	end_process "${BFDD_PID[$1]}"
	rm -f "${FRR_DIR[$1]}/bfdd.vty" "${FRR_DIR[$1]}/bfdd.sock"
}

start_zebra()
{
	FRR_DIR[$1]=$(mktemp -d "$TEST_TMP/frr.XXXXXX")
	chown frr:frrvty "${FRR_DIR[$1]}"
	chmod 755 "${FRR_DIR[$1]}"
	frr_daemon "$1" zebra
	defer end_process $!
	busywait 30000 test -S "${FRR_DIR[$1]}/zserv.api" || bail "zebra did not start"
	busywait 30000 test -S "${FRR_DIR[$1]}/zebra.vty" || bail "zebra did not start"
}

# start_frr NS
start_frr()
{
	start_zebra "$1"
	start_bfdd "$1"
}

# frr NS COMMAND...: each argument is a line for vtysh.
frr()
{
	local dir=${FRR_DIR[$1]} words=() line

	shift
	for line in "$@"; do
		words+=(-c "$line")
	done
	timeout 20 vtysh --vty_socket "$dir" "${words[@]}"
}

# frr_peer NS PEER LOCAL DEV MILLISECONDS MULTIPLIER: add or change a session.
frr_peer()
{
	frr "$1" "configure terminal" bfd "peer $2 local-address $3 interface $4" \
		"receive-interval $5" "transmit-interval $5" "detect-multiplier $6" "no shutdown"
}

# frr_field NS PEER FIELD
frr_field()
{
	frr "$1" "show bfd peers json" |
		jq -r --arg peer "$2" ".[] | select(.peer == \$peer) | .[\"$3\"]"
}

frr_is()
{
	[ "$(frr_field "$1" "$2" "$3" 2>/dev/null)" = "$4" ]
}

# frr_downs NS PEER: how often the session went down, by the peer's own count.
frr_downs()
{
	frr "$1" "show bfd peers counters json" |
		jq -r --arg peer "$2" '.[] | select(.peer == $peer) | .["session-down"]'
}

# --- BIRD -----------------------------------------------------------------------

# start_bird NS: with the configuration on stdin, lines of the protocols.
start_bird()
{
	local dir

	[ -n "${BIRD_DIR[$1]-}" ] || BIRD_DIR[$1]=$(mktemp -d "$TEST_TMP/bird.XXXXXX")
	dir=${BIRD_DIR[$1]}
	bird_configuration "$1"
	rm -f "$dir/ctl"
	# shellcheck disable=SC2086
	ip netns exec "$1" $DAEMON_PREFIX bird -f -c "$dir/conf" -s "$dir/ctl" -P "$dir/pid" > "$dir/out" 2>&1 &
	BIRD_PID[$1]=$!
	defer end_process $!
	busywait 30000 bird_answers "$1" || bail "BIRD did not start: $(cat "$dir/out")"
}

bird_answers()
{
	birdctl "$1" show status > /dev/null 2>&1
}

# Writes the configuration with the protocols from stdin.
bird_configuration()
{
	{
		echo "log \"${BIRD_DIR[$1]}/log\" all;"
		echo "router id 192.0.2.200;"
		echo "debug protocols { states, events };"
		echo "protocol device { }"
		cat
	} > "${BIRD_DIR[$1]}/conf"
}

# bird_change NS: a new configuration on stdin, taken over while running.
bird_change()
{
	bird_configuration "$1"
	birdctl "$1" configure
}

birdctl()
{
	local ns=$1

	shift
	timeout 20 birdc -s "${BIRD_DIR[$ns]}/ctl" "$@"
}

# bird_field NS PEER COLUMN: 3 state, 4 since, 5 interval, 6 timeout.
bird_field()
{
	birdctl "$1" show bfd sessions | awk -v peer="$2" -v column="$3" '$1 == peer { print $column }'
}

bird_is()
{
	[ "$(bird_field "$1" "$2" "$3" 2>/dev/null)" = "$4" ]
}

# bird_downs NS PEER: how often the session left Up, by the peer's own log.
bird_downs()
{
	grep -c "Session to $2 changed state from Up" "${BIRD_DIR[$1]}/log"
}
