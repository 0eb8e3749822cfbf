#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 240
#
# Our echo packets over a real router, a Linux that forwards and sends redirects: from an
# address in the link's subnet they provoke some, and whoever switches echo on is warned
# (RFC 5881 4); from one outside of it they don't.  The control packets there are the
# scripted peer's.

. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/topology.sh"

OUTSIDE4=198.51.100.1 OUTSIDE6=2001:db8:77::1
CONFIG="tx 200ms rx 200ms mult 20 echo 100ms"

setup_router()
{
	require_root
	require jq /usr/bin/python3
	setup_ns us them
	setup_link "$us" u0 "$them" t0
	add_address "$us" u0 $US4/24 $US6/64 $US_LOCAL/64
	add_address "$them" t0 $THEM4/24 $THEM6/64 $THEM_LOCAL/64
	# That port 3784 is closed in its stack must not use up what it may say of redirects.
	# shellcheck disable=SC2016
	ip netns exec "$them" sh -c '
		echo 3-127 > /proc/sys/net/ipv6/icmp/ratemask
		echo 1 > /proc/sys/net/ipv4/ip_forward
		echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
		for scope in all t0; do
			echo 1 > /proc/sys/net/ipv4/conf/$scope/send_redirects
			echo 0 > /proc/sys/net/ipv4/conf/$scope/rp_filter
		done' || bail "cannot make a router"
	ip -n "$them" route add $OUTSIDE4/32 via $US4
	ip -n "$them" route add $OUTSIDE6/128 via $US6
	start_agent "$us"
	start_peer P "$them" t0
	peer P session v4 local=$THEM4 remote=$US4 tx=200000 rx=200000 mult=20 echo=100000 >/dev/null
	peer P session v6 local=$THEM6 remote=$US6 tx=200000 rx=200000 mult=20 echo=100000 >/dev/null
}

# How many redirects came to us.
redirects()
{
	case $1 in
	"$THEM4") ip netns exec "$us" cat /proc/net/snmp | awk '
		/^Icmp:/ && !named { for (i = 2; i <= NF; i++) name[i] = $i; named = 1; next }
		/^Icmp:/ { for (i = 2; i <= NF; i++) if (name[i] == "InRedirects") print $i }' ;;
	*) ip netns exec "$us" awk '$1 == "Icmp6InRedirects" { print $2 }' /proc/net/snmp6 ;;
	esac
}

have_come()
{
	[ "$(redirects "$1")" -gt "$2" ]
}

returned()
{
	[ "$(session "$us" .stats.echo.rx_packets remote "$1")" -ge "$2" ]
}

# warns TEXT COMMAND WORD...: it succeeds, and this is on stderr.
warns()
{
	local text=$1 said

	shift
	said=$(bfd "$us" "$@" 2>&1 >/dev/null)
	check_equal $? 0 "exit status of '$*'"
	check_equal "$said" "$text" "'$*' on stderr"
}

# provokes REMOTE LOCAL
provokes()
{
	local text="Warning: echo leaves from $2, in the subnet of u0: routers may send redirects;"
	local before

	text+=" choose one outside with echo-source."
	before=$(redirects "$1")
	# shellcheck disable=SC2086
	warns "$text" add remote "$1" dev u0 $CONFIG
	wait_up "$us" remote "$1"
	busywait 10000 returned "$1" 5
	check_err $? "the router returns no echo packets"
	busywait 10000 have_come "$1" "$before"
	check_err $? "the router sends no redirects: it isn't the one that this test needs"
	warns "" change remote "$1" mult 21
	warns "" change remote "$1" echo off
	warns "$text" change remote "$1" echo 100ms
	warns "" del remote "$1"
	log_test "from an address in the subnet to $1: a warning, and redirects"
}

# quiet REMOTE SOURCE [WORD...]
quiet()
{
	local remote=$1 source=$2 before

	shift 2
	before=$(redirects "$remote")
	# shellcheck disable=SC2086
	warns "" add remote "$remote" dev u0 $CONFIG "$@"
	wait_up "$us" remote "$remote"
	busywait 15000 returned "$remote" 20
	check_err $? "the router returns no echo packets"
	check_equal "$(session "$us" .echo_source remote "$remote")" "$source" "echo_source"
	check_equal "$(session "$us" .stats.down_count remote "$remote")" 0 "failures"
	check_equal "$(redirects "$remote")" "$before" "redirects"
	bfd "$us" del remote "$remote" >/dev/null
}

# In the subnet, but the operator knows it.
named_on_purpose()
{
	# shellcheck disable=SC2086
	warns "" add remote $THEM4 dev u0 $CONFIG echo-source $US4
	warns "" del remote $THEM4
	log_test "who names an address in the subnet isn't warned"
}

follows_better_one()
{
	# shellcheck disable=SC2086
	bfd "$us" add remote $THEM4 dev u0 $CONFIG >/dev/null 2>&1
	check_equal "$(session "$us" .echo_source remote $THEM4)" $US4 "echo_source"
	ip -n "$us" addr add $OUTSIDE4/32 dev u0
	busywait 10000 session_is "$us" .echo_source $OUTSIDE4 remote $THEM4
	check_err $? "still from $(session "$us" .echo_source remote $THEM4)"
	bfd "$us" del remote $THEM4 >/dev/null
	log_test "an address outside, on the very link, that comes later is taken"
}

# A link-local session has a global address for its echo packets, though one in the subnet.
link_local()
{
	bfd "$us" add remote $THEM_LOCAL dev u0 echo 100ms >/dev/null 2>&1
	check_err $? "add"
	check_equal "$(session "$us" .echo_source remote $THEM_LOCAL)" $US6 "echo_source"
	bfd "$us" del remote $THEM_LOCAL >/dev/null
	log_test "no link-local address if there is another"
}

setup_router
provokes $THEM4 $US4
provokes $THEM6 $US6
quiet $THEM4 $OUTSIDE4 echo-source $OUTSIDE4
quiet $THEM6 $OUTSIDE6 echo-source $OUTSIDE6
log_test "from an echo-source outside of the subnet: no warning, no redirects"
named_on_purpose
link_local
follows_better_one
add_address "$us" lo $OUTSIDE6/128
quiet $THEM4 $OUTSIDE4
quiet $THEM6 $OUTSIDE6
log_test "with an address outside of the subnet it is chosen: no warning, no redirects"
tap_done
