# SPDX-License-Identifier: GPL-2.0
#
# The network and the course of the interop tests of single features, the same for every
# peer: all sessions side by side for the same 60 s.  `us` and `them` have direct links, u0-t0 and
# so on, and one over a router, uh-rh and ri-th.  The test that sources it defines what evidence.sh
# wants, and:
#
#	SESSIONS			OUR-ADDRESS THEIR-ADDRESS LINK KIND, LINK a number or `hop`
#	OUR_WORDS[KIND]			of `ip bfd add` for ours
#	start_theirs			configures all sessions at the peer
#	agreed OURS THEIRS LINK KIND	checks what both ends say of a session that is up
#
# It must not know which daemon it is.  Sourced after lib.sh and evidence.sh.
# shellcheck shell=bash disable=SC2154,SC2034

declare -A OUR_WORDS=()

length_of()
{
	case $1 in
	*:*) echo "$1/64" ;;
	*) echo "$1/24" ;;
	esac
}

# router_of ADDRESS: in the same subnet.
router_of()
{
	case $1 in
	*:*) echo "${1%::*}::254" ;;
	*) echo "${1%.*}.254" ;;
	esac
}

# add_hop NS DEV ADDRESS ROUTER-DEV: and all that is elsewhere goes through the router.
add_hop()
{
	local via

	via=$(router_of "$3")
	add_address "$1" "$2" "$(length_of "$3")"
	add_address "$router" "$4" "$(length_of "$via")"
	ip -n "$1" route add default via "$via"
}

add_both_addresses()
{
	if [ "$3" = hop ]; then
		add_hop "$us" uh "$1" rh
		add_hop "$them" th "$2" ri
	else
		add_address "$us" "u$3" "$(length_of "$1")"
		add_address "$them" "t$3" "$(length_of "$2")"
	fi
}

# Forwards, and says nothing of its own about it.
make_router()
{
	ip netns exec "$1" sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 \
		net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.default.send_redirects=0 \
		net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
}

# link NS1 DEV1 NS2 DEV2: with the addresses that every device has, for the kernel solicits
# and probes IPv6 neighbours from them.
link()
{
	setup_link "$@"
	add_address "$1" "$2" fe80::1/64
	add_address "$3" "$4" fe80::2/64
}

# setup_features_network LINK...
setup_features_network()
{
	local number

	require_root
	setup_ns us them router
	make_router "$router"
	make_router "$them" # it loops what we send to ourselves
	for number in "$@"; do
		link "$us" "u$number" "$them" "t$number"
	done
	link "$us" uh "$router" rh
	link "$router" ri "$them" th
	each_session add_both_addresses
}

our_selector()
{
	if [ "$3" = hop ]; then
		SELECTOR=(remote "$2" local "$1")
	else
		SELECTOR=(remote "$2" dev "u$3")
	fi
}

add_ours()
{
	local where=(dev "u$3")

	[ "$3" != hop ] || where=(multihop)
	# shellcheck disable=SC2086
	bfd "$us" add remote "$2" local "$1" "${where[@]}" ${OUR_WORDS[$4]} > /dev/null
	check_err $? "add remote $2"
}

is_up()
{
	our_selector "$@"
	wait_state "$us" up 15000 "${SELECTOR[@]}"
	check_err $? "$4 $2: we are not up"
	busywait 10000 remote_up "$1"
	check_err $? "$4 $1: the peer is not up"
}

is_silent()
{
	[ "$4" = passive-ours ] || return
	our_selector "$@"
	check_equal "$(session "$us" .stats.tx_packets "${SELECTOR[@]}")" 0 "$2: packets sent"
}

# ours_is FIELD VALUE OURS THEIRS WORD...
ours_is()
{
	local field=$1 value=$2

	shift 2
	our_selector "$@"
	busywait 8000 session_is "$us" "$field" "$value" "${SELECTOR[@]}" ||
		check_equal "$(session "$us" "$field" "${SELECTOR[@]}")" "$value" "$4 $2: $field"
}

test_features_up()
{
	start_agent "$us"
	each_session add_ours
	sleep 2
	each_session is_silent
	log_test "$PEER: our passive sessions wait for it"
	start_theirs
	each_session is_up
	log_test "$PEER: up: $(each_kind)"
	each_session agreed
	log_test "$PEER: both ends show what was agreed"
}

each_kind()
{
	awk '!seen[$4]++ { printf "%s%s", separator, $4; separator = ", " }' <<< "$SESSIONS"
}

sees_cut()
{
	[ "$3" = hop ] || return
	our_selector "$@"
	wait_state "$us" down 5000 "${SELECTOR[@]}"
	check_err $? "$2: we are not down"
	check_equal "$(session "$us" .diag "${SELECTOR[@]}")" control-expiry "$2: diag"
	busywait 5000 remote_is_down "$1"
	check_err $? "$1: the peer is not down"
}

remote_is_down()
{
	! remote_up "$1"
}

hop_is_up()
{
	[ "$3" != hop ] || is_up "$@"
}

# What the router drops neither end's link knows of.
test_router_cut()
{
	ip -n "$router" link set ri down
	each_session sees_cut
	log_test "$PEER: multihop: a cut behind the router is detected at both ends"
	ip -n "$router" link set ri up
	# With the link went its IPv6 address.
	each_session restore_router
	each_session hop_is_up
	log_test "$PEER: multihop: up again"
}

restore_router()
{
	case $3-$2 in
	hop-*:*) add_address "$router" ri "$(length_of "$(router_of "$2")")" fe80::1/64 ;;
	esac
}

run_features()
{
	test_features_up
	undisturbed "60 s, no flap: $(each_kind)" quiet_for 60
	test_router_cut
}
