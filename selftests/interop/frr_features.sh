#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 420
#
# Multihop and the passive role against FRR's bfdd; see features.sh.

. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/daemons.sh"
. "$(dirname "$0")/evidence.sh"
. "$(dirname "$0")/features.sh"

PEER=FRR

SESSIONS="198.51.100.1 198.51.100.2 1 passive-ours
2001:db8:51::1 2001:db8:51::2 1 passive-ours
198.51.100.11 198.51.100.12 1 passive-theirs
2001:db8:51::11 2001:db8:51::12 1 passive-theirs
10.0.1.1 10.0.2.2 hop multihop
2001:db8:a::1 2001:db8:b::2 hop multihop"

OUR_WORDS=(
	[passive-ours]="tx 50ms rx 50ms mult 3 passive on"
	[passive-theirs]="tx 50ms rx 50ms mult 3"
	[multihop]="min-ttl 254 tx 50ms rx 50ms mult 3"
)

# Lines for vtysh.
declare -A THEIR_LINES=(
	[passive-ours]="receive-interval 50;transmit-interval 50"
	[passive-theirs]="receive-interval 50;transmit-interval 50;passive-mode"
	[multihop]="receive-interval 50;transmit-interval 50;minimum-ttl 254"
)

add_theirs()
{
	local lines where="interface t$3"

	[ "$3" != hop ] || where=multihop
	IFS=';' read -r -a lines <<< "${THEIR_LINES[$4]}"
	frr "$them" "configure terminal" bfd "peer $1 local-address $2 $where" "${lines[@]}" \
		"no shutdown"
}

start_theirs()
{
	each_session add_theirs
}

remote_up()
{
	frr_is "$them" "$1" status up
}

remote_downs()
{
	frr_downs "$them" "$1"
}

agreed()
{
	ours_is .negotiated_tx 50000 "$@"
	ours_is .detection_time 150000 "$@"
	frr_shows "$1" remote-detect-multiplier 3
}

# frr_shows ADDRESS FIELD VALUE
frr_shows()
{
	busywait 5000 frr_is "$them" "$1" "$2" "$3" ||
		check_equal "$(frr_field "$them" "$1" "$2")" "$3" "$1: $2"
}

require_frr
setup_features_network 0 1
start_frr "$them"
run_features
tap_done
