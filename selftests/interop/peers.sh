# SPDX-License-Identifier: GPL-2.0
#
# The network and the course of the interop tests, the same for every peer: on one
# link sessions at 50 ms x3 (IPv4, IPv6, link-local), on the other at 10 ms x3 (IPv4 and
# IPv6).  The test that sources it defines, for its daemon:
#
#	remote_up OURS			succeeds if its `show` lists the session with us Up
#	remote_downs OURS		prints how often the session went down, by its own count
#	remote_shows OURS MILLISECONDS MULTIPLIER	our timers, by its own `show`
#	remote_change MILLISECONDS	its own interval of the IPv4 session at 50 ms, while Up
#	remote_kill, remote_start	death (kill -9) and a new start
#
# It must not know which daemon it is.  Sourced after lib.sh and evidence.sh.
# shellcheck shell=bash disable=SC2154,SC2034

# OUR-ADDRESS THEIR-ADDRESS MILLISECONDS LINK
SESSIONS="192.0.2.1 192.0.2.2 50 0
2001:db8:50::1 2001:db8:50::2 50 0
fe80::1 fe80::2 50 0
198.51.100.1 198.51.100.2 10 1
2001:db8:10::1 2001:db8:10::2 10 1"

our_selector()
{
	SELECTOR=(remote "$2" dev "u$4")
}

length_of()
{
	case $1 in
	*:*) echo "$1/64" ;;
	*) echo "$1/24" ;;
	esac
}

add_both_addresses()
{
	add_address "$us" "u$4" "$(length_of "$1")"
	add_address "$them" "t$4" "$(length_of "$2")"
}

setup_interop_link()
{
	require_root
	setup_ns us them
	setup_link "$us" u0 "$them" t0
	setup_link "$us" u1 "$them" t1
	each_session add_both_addresses
}

add_ours()
{
	bfd "$us" add remote "$2" local "$1" dev "u$4" tx "$3ms" rx "$3ms" mult 3 >/dev/null
	check_err $? "add remote $2"
}

is_up()
{
	# Both ask for the slow rate first, and resolve addresses: seconds are normal.
	wait_state "$us" up 30000 remote "$2" dev "u$4"
	check_err $? "$2: we are not up"
	busywait 30000 remote_up "$1"
	check_err $? "$1: the peer is not up"
}

# Both at one moment: one at 10 ms that goes down just now has other timers for a second or two.
negotiated()
{
	busywait 15000 session_is "$us" '"\(.negotiated_tx) \(.detection_time)"' \
		"$(($3 * 1000)) $(($3 * 3000))" remote "$2" dev "u$4"
	check_err $? "$2: negotiated_tx, detection_time: $(session "$us" \
		'"\(.negotiated_tx) \(.detection_time)"' remote "$2" dev "u$4")"
}

shows_ours()
{
	busywait 15000 remote_shows "$1" "$3" 3
	check_err $? "$1: the peer does not show $3 ms x3"
}

test_up()
{
	each_session add_ours
	each_session is_up
	log_test "$PEER: sessions at 50 ms and at 10 ms come up, IPv4, IPv6, link-local"
	each_session negotiated
	log_test "$PEER: we use the intervals that were agreed"
	each_session shows_ours
	log_test "$PEER: its own show lists our timers and multiplier"
}

stop_agent_for()
{
	kill -STOP "${AGENT_PID[$us]}"
	quiet_for "$1"
	kill -CONT "${AGENT_PID[$us]}"
}

# change_ours THEIRS TIME MULTIPLIER
change_ours()
{
	bfd "$us" change remote "$1" tx "$2" rx "$2" mult "$3"
	check_err $? "change remote $1"
}

# Slower, and faster again.
change_our_timers()
{
	change_ours 192.0.2.2 120ms 5
	change_ours 2001:db8:10::2 120ms 5
	busywait 5000 remote_shows 192.0.2.1 120 5
	check_err $? "IPv4: the peer does not show 120 ms x5"
	busywait 5000 remote_shows 2001:db8:10::1 120 5
	check_err $? "IPv6: the peer does not show 120 ms x5"
	busywait 5000 session_is "$us" .negotiated_tx 120000 remote 192.0.2.2
	check_err $? "IPv4: we don't send at 120 ms"
	sleep 1
	change_ours 192.0.2.2 50ms 3
	change_ours 2001:db8:10::2 10ms 3
	busywait 5000 remote_shows 192.0.2.1 50 3
	check_err $? "IPv4: the peer does not show 50 ms x3 again"
	busywait 5000 session_is "$us" .negotiated_tx 10000 remote 2001:db8:10::2
	check_err $? "IPv6: we don't send at 10 ms again"
	sleep 1
}

change_their_timers()
{
	remote_change 130
	busywait 5000 session_is "$us" .negotiated_rx 130000 remote 192.0.2.2
	check_err $? "we did not follow to 130 ms"
	check_equal "$(session "$us" .detection_time remote 192.0.2.2)" 390000 detection_time
	sleep 1
	remote_change 50
	busywait 5000 session_is "$us" .negotiated_rx 50000 remote 192.0.2.2
	check_err $? "we did not follow to 50 ms"
	sleep 1
}

we_see_death()
{
	wait_state "$us" down 10000 remote "$2" dev "u$4"
	check_err $? "$2: still up"
	check_equal "$(session "$us" .diag remote "$2" dev "u$4")" control-expiry "$2: diag"
}

we_saw_it_in_time()
{
	check_range "$(session "$us" .stats.detect_overshoot_last remote "$2" dev "u$4")" 0 \
		$((100000 + 2 * STALLED_US)) "$2: detect_overshoot_last"
}

test_peer_death()
{
	# One that is down already could not be seen to die.
	each_session is_up
	watch_stalls
	remote_kill
	each_session we_see_death
	end_stalls
	each_session we_saw_it_in_time
	log_test "$PEER: its death (kill -9) is detected"
	remote_start
	each_session is_up
	log_test "$PEER: started again, up again"
}

they_see_death()
{
	busywait 10000 remote_is_down "$1"
	check_err $? "$1: still up at the peer"
	# A busy machine may have parted them once more just before.
	check_range $(($(remote_downs "$1") - REMOTE_DOWNS[$1])) 1 2 "$1: downs by the peer's count"
}

# And it has counted that.
remote_is_down()
{
	! remote_up "$1" && [ $(($(remote_downs "$1") - REMOTE_DOWNS[$1])) -gt 0 ]
}

test_our_death()
{
	each_session remember
	stop_agent "$us" KILL
	agent_flush "$us" --now
	check_err $? "flush"
	each_session they_see_death
	log_test "$PEER: our death (data plane removed) is detected by it"
}

run_interop()
{
	start_agent "$us"
	test_up
	undisturbed "our timers change while up, slower and faster, no flap" change_our_timers
	undisturbed "its timers change while up, slower and faster, no flap" change_their_timers
	undisturbed "60 s, no flap" quiet_for 60
	undisturbed "agent stopped for 30 s, no flap" stop_agent_for 30
	test_peer_death
	test_our_death
	tap_done
}
