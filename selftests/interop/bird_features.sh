#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 420
# long
#
# Multihop, asymmetric timers and the passive role against BIRD; see features.sh.  BIRD has one set of
# options for a device, so each kind has a link of its own.  Multihop it sends with TTL 64.

. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/daemons.sh"
. "$(dirname "$0")/evidence.sh"
. "$(dirname "$0")/features.sh"

PEER=BIRD

# On link 0 BIRD has min rx 100 ms, min tx 60 ms, multiplier 4.
SESSIONS="192.0.2.1 192.0.2.2 0 asymmetric-slow
2001:db8:50::1 2001:db8:50::2 0 asymmetric-fast
198.51.100.1 198.51.100.2 1 passive-ours
2001:db8:51::1 2001:db8:51::2 1 passive-ours
203.0.113.1 203.0.113.2 2 passive-theirs
2001:db8:52::1 2001:db8:52::2 2 passive-theirs
10.0.1.1 10.0.2.2 hop multihop
2001:db8:a::1 2001:db8:b::2 hop multihop"

OUR_WORDS=(
	[asymmetric-slow]="tx 300ms rx 60ms mult 5"
	[asymmetric-fast]="tx 50ms rx 200ms mult 3"
	[passive-ours]="tx 50ms rx 50ms mult 3 passive on"
	[passive-theirs]="tx 50ms rx 50ms mult 3"
	[multihop]="min-ttl 63 tx 50ms rx 50ms mult 3"
)

# What both ends send at, and after what time each notices silence, in ms:
# OUR-INTERVAL THEIR-INTERVAL OUR-DETECTION THEIR-DETECTION
declare -A AGREED=(
	[asymmetric-slow]="300 60 240 1500"
	[asymmetric-fast]="100 200 800 300"
	[passive-ours]="50 50 150 150"
	[passive-theirs]="50 50 150 150"
	[multihop]="50 50 150 150"
)

neighbour()
{
	if [ "$3" = hop ]; then
		echo "neighbor $2 local $1 multihop yes;"
	else
		echo "neighbor $2 dev \"t$3\" local $1;"
	fi
}

theirs()
{
	neighbour "$2" "$1" "$3"
}

their_configuration()
{
	cat <<-END
		protocol bfd {
		interface "t0" { min rx interval 100 ms; min tx interval 60 ms; multiplier 4; };
		interface "t1" { min rx interval 50 ms; min tx interval 50 ms; multiplier 3; };
		interface "t2" { min rx interval 50 ms; min tx interval 50 ms; multiplier 3; passive yes; };
		multihop { min rx interval 50 ms; min tx interval 50 ms; multiplier 3; };
		$(each_session theirs)
		}
	END
}

start_theirs()
{
	start_bird "$them" < <(their_configuration)
}

remote_up()
{
	bird_is "$them" "$1" 3 Up
}

remote_downs()
{
	bird_downs "$them" "$1"
}

agreed()
{
	local values

	read -r -a values <<< "${AGREED[$4]}"
	ours_is .negotiated_tx "${values[0]}000" "$@"
	ours_is .negotiated_rx "${values[1]}000" "$@"
	ours_is .detection_time "${values[2]}000" "$@"
	bird_shows "$1" 5 "${values[1]}" "$4 $1: its interval"
	bird_shows "$1" 6 "${values[3]}" "$4 $1: its timeout"
}

# bird_shows ADDRESS COLUMN MILLISECONDS WHAT
bird_shows()
{
	local value

	value=$(printf '%d.%03d' $(($3 / 1000)) $(($3 % 1000)))
	busywait 5000 bird_is "$them" "$1" "$2" "$value" ||
		check_equal "$(bird_field "$them" "$1" "$2")" "$value" "$4"
}

require bird birdc
setup_features_network 0 1 2
run_features
tap_done
