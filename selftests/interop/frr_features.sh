#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 450
# long
#
# Echo in either direction, multihop and the passive role against FRR's bfdd; see features.sh.
#
# FRR loops IPv6 echo packets to itself in bfdd, but leaves those of IPv4, and ours, to its host's
# forwarding.  The source of its IPv6 echo packets is any of the device's addresses: so a link each.

. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/daemons.sh"
. "$(dirname "$0")/evidence.sh"
. "$(dirname "$0")/features.sh"

PEER=FRR
ECHO_MS=50 # of both ends

SESSIONS="192.0.2.1 192.0.2.2 0 echo-ours
2001:db8:50::1 2001:db8:50::2 0 echo-ours
203.0.113.1 203.0.113.2 2 echo-theirs
2001:db8:52::1 2001:db8:52::2 2 echo-theirs
10.3.0.1 10.3.0.2 3 echo-both
2001:db8:53::1 2001:db8:53::2 3 echo-both
198.51.100.1 198.51.100.2 1 passive-ours
2001:db8:51::1 2001:db8:51::2 1 passive-ours
198.51.100.11 198.51.100.12 1 passive-theirs
2001:db8:51::11 2001:db8:51::12 1 passive-theirs
10.0.1.1 10.0.2.2 hop multihop
2001:db8:a::1 2001:db8:b::2 hop multihop"

OUR_WORDS=(
	[echo-ours]="tx 300ms rx 300ms mult 3 echo ${ECHO_MS}ms echo-rx off"
	[echo-theirs]="tx 300ms rx 300ms mult 3 echo-rx ${ECHO_MS}ms"
	[echo-both]="tx 300ms rx 300ms mult 3 echo ${ECHO_MS}ms echo-rx ${ECHO_MS}ms"
	[passive-ours]="tx 50ms rx 50ms mult 3 passive on"
	[passive-theirs]="tx 50ms rx 50ms mult 3"
	[multihop]="min-ttl 254 tx 50ms rx 50ms mult 3"
)

# Lines for vtysh.
declare -A THEIR_LINES=(
	[echo-ours]="receive-interval 300;transmit-interval 300;echo receive-interval $ECHO_MS"
	[echo-theirs]="receive-interval 300;transmit-interval 300;echo-mode;echo transmit-interval $ECHO_MS"
	[echo-both]="receive-interval 300;transmit-interval 300;echo-mode;echo transmit-interval $ECHO_MS"
	[passive-ours]="receive-interval 50;transmit-interval 50"
	[passive-theirs]="receive-interval 50;transmit-interval 50;passive-mode"
	[multihop]="receive-interval 50;transmit-interval 50;minimum-ttl 254"
)

add_theirs()
{
	local lines where="interface t$3"

	[ "$3" != hop ] || where=multihop
	IFS=';' read -r -a lines <<< "${THEIR_LINES[$4]}"
	# Of IPv6 echo packets vtysh remarks that others can't loop them.
	frr "$them" "configure terminal" bfd "peer $1 local-address $2 $where" "${lines[@]}" \
		"no shutdown" | grep -v "only works when the peer is also FRR"
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

# What goes in both directions is what both ask for; our own echo packets slow control packets
# down (RFC 5880, 6.8.3).
agreed()
{
	case $4 in
	echo-theirs)
		ours_is .negotiated_rx 300000 "$@"
		;;
	echo-*)
		ours_is .negotiated_rx 1000000 "$@"
		ours_is .echo_tx_in_use ${ECHO_MS}000 "$@"
		;;
	*)
		ours_is .negotiated_tx 50000 "$@"
		ours_is .detection_time 150000 "$@"
		frr_shows "$1" remote-detect-multiplier 3
		;;
	esac
	case $4 in
	echo-ours) frr_shows "$1" remote-echo-receive-interval 0 ;;
	echo-*) frr_shows "$1" remote-echo-receive-interval $ECHO_MS ;;
	esac
}

# frr_shows ADDRESS FIELD VALUE
frr_shows()
{
	busywait 5000 frr_is "$them" "$1" "$2" "$3" ||
		check_equal "$(frr_field "$them" "$1" "$2")" "$3" "$1: $2"
}

# frr_counter OURS NAME
frr_counter()
{
	frr "$them" "show bfd peers counters json" |
		jq -r --arg peer "$1" --arg name "$2" '.[] | select(.peer == $peer) | .[$name]'
}

# Of 60 s, at most 50 ms apart; half of that is enough to see that it goes on and on.
echo_went_on()
{
	local sent returned

	our_selector "$@"
	case $4 in
	echo-ours | echo-both)
		sent=$(session "$us" .stats.echo.tx_packets "${SELECTOR[@]}")
		returned=$(session "$us" .stats.echo.rx_packets "${SELECTOR[@]}")
		check_range "$returned" 600 100000 "$2: echo packets of ours that returned"
		check_range $((sent - returned)) -100000 $((sent / 20)) "$2: echo packets of ours that didn't return"
		;;
	esac
	case $4 in
	echo-theirs | echo-both)
		check_range "$(session "$us" .stats.echo.looped "${SELECTOR[@]}")" 600 100000 "$2: looped"
		check_range "$(frr_counter "$1" echo-packet-input)" 600 100000 "$1: echo packets of FRR that returned"
		;;
	esac
}

has_echo_failure()
{
	case $4 in
	echo-ours | echo-both)
		our_selector "$@"
		busywait 8000 session_is "$us" '.stats.down_count > 0' true "${SELECTOR[@]}"
		check_err $? "$2: not down"
		check_equal "$(session "$us" .diag "${SELECTOR[@]}")" echo-failed "$2: diag"
		;;
	esac
}

is_up_with_echo()
{
	case $4 in
	echo-ours | echo-both)
		is_up "$@"
		ours_is .echo_tx_in_use ${ECHO_MS}000 "$@"
		;;
	esac
}

# Its host no longer forwards, so nothing of ours comes back, while control packets go on.
test_echo_failure()
{
	ip netns exec "$them" sysctl -q -w net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0
	each_session has_echo_failure
	log_test "FRR: echo packets of ours that don't return take the session down"
	make_router "$them"
	each_session is_up_with_echo
	log_test "FRR: up again, with echo"
}

withdraw_echo()
{
	local before downs

	[ "$4" = echo-theirs ] || return
	our_selector "$@"
	downs=$(remote_downs "$1")
	bfd "$us" change "${SELECTOR[@]}" echo-rx off
	check_err $? "change $2"
	frr_shows "$1" remote-echo-receive-interval 0
	before=$(frr_counter "$1" echo-packet-output)
	sleep 1
	check_equal "$(frr_counter "$1" echo-packet-output)" "$before" "$1: echo packets that FRR sent"
	check_equal "$(remote_downs "$1")" "$downs" "$1: downs by the peer's count"
}

require_frr
setup_features_network 0 1 2 3
start_frr "$them"
run_features
each_session echo_went_on
log_test "FRR: echo packets came back all the time, at either end"
each_session withdraw_echo
log_test "FRR: Required Min Echo RX of zero ends its echo packets, and the session stays up"
test_echo_failure
tap_done
