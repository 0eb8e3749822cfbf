#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 300
#
# What leaves on the wire, as seen at the far end of the link: intervals and their
# jitter (RFC 5880 6.8.2, 6.8.3, 6.8.7), encapsulation (RFC 5881 4, 5), Polls and Finals
# (RFC 5880 6.5, 6.8.3), and AdminDown after deletion (RFC 5880 6.8.16).

. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/topology.sh"

DUMP=$TEST_TMP/dump.json

mark()
{
	peer P mark | jq .mark
}

# every FILTER WHAT: holds for each packet of ours in the dump.
every()
{
	jq -e "[.[] | select(.direction == \"received\")] | length > 0 and all(.[]; $1)" "$DUMP" >/dev/null
	check_err $? "$2: $(jq -c "[.[] | select(.direction == \"received\") | select($1 | not)] |
		.[0] // \"no packet at all\"" "$DUMP")"
}

# one_value FIELD WHAT: the same in each packet of ours.
one_value()
{
	check_equal "$(jq "[.[] | select(.direction == \"received\") | $1] | unique | length" "$DUMP")" \
		1 "$2: different values"
}

# Before the peer says anything.
test_not_up()
{
	local start

	# The scripted peer isn't always on time: 2 s.
	peer P session v4 local=$THEM4 remote=$US4 tx=50000 rx=50000 mult=40 mute=on >/dev/null
	peer P session v6 local=$THEM6 remote=$US6 tx=50000 rx=50000 mult=40 mute=on >/dev/null
	bfd "$us" add remote $THEM4 dev u0 tx 50ms rx 60ms mult 4 >/dev/null
	check_err $? "add remote $THEM4"
	peer P wait 5 src=$US4 >/dev/null
	check_err $? "nothing was sent"
	start=$(mark)
	peer P run 8 >/dev/null
	peer P dump "$start" "$DUMP" src=$US4 >/dev/null
	every '.state == "down" and .your == 0' "state Down, Your Discriminator 0"
	every '.tx == 1000000 and .rx == 60000' "advertised intervals"
	check_equal "$(gaps "$DUMP" | share_within 0 745000)" 0 "% of gaps below 0.75 s"
	# But for what a busy machine delays: a second in which it stands still is one gap of 8 or more.
	check_range "$(gaps "$DUMP" | share_within 745000 1015000)" 75 100 "% of gaps within 0.75-1 s"
	check_range "$(gaps "$DUMP" | wc -l)" 5 15 "gaps in 8 s"
	log_test "not up: one packet each 0.75 to 1 s, whatever was configured"
}

test_encapsulation()
{
	every '.ttl == 255' "TTL"
	every '.tos == 192' "DSCP CS6"
	every '.sport >= 49152' "source port"
	every '.ip_checksum != "bad" and .udp_checksum == "good"' "checksums"
	every '.version == 1 and .length == 24 and .udp_length == 32' "version and lengths"
	every '.my != 0' "My Discriminator"
	every '.echo == 0' "Required Min Echo RX"
	every '(.flags | contains("A") or contains("D") or contains("M")) == false' "flags A, D, M"
	every '.flags | contains("C")' "flag C: the control plane may die"
	one_value .sport "source port"
	one_value .my "My Discriminator"
}

test_up()
{
	local start from

	start=$(mark)
	peer P set v4 mute=off >/dev/null
	peer P wait 15 state=up src=$US4 tx=50000 flags=P >/dev/null
	check_err $? "no Poll for the faster interval"
	peer P run 0.5 >/dev/null
	from=$(mark)
	peer P run 6 >/dev/null
	peer P dump "$from" "$DUMP" src=$US4 >/dev/null
	every '.state == "up" and .diag == 0 and .tx == 50000 and .mult == 4' "contents"
	# 37.5 to 50 ms; a tick of the clock more, and what a busy machine may add to some.
	check_range "$(gaps "$DUMP" | share_within 36500 53000)" 85 100 "% of gaps within 75-100 %"
	check_equal "$(gaps "$DUMP" | share_within 0 30000)" 0 "% of gaps that are far too short"
	check_range "$(gaps "$DUMP" | awk '$1 <= 53000' | mean)" 41000 47000 "mean gap"
	check_range "$(gaps "$DUMP" | share_within 37000 41000)" 10 60 "% of gaps in the lowest third"
	check_range "$(gaps "$DUMP" | share_within 46000 53000)" 10 60 "% of gaps in the highest third"
	log_test "up: intervals of 75 to 100 % of 50 ms, evenly spread"

	peer P dump "$start" "$DUMP" src=$US4 >/dev/null
	test_encapsulation
	log_test "IPv4: encapsulation, and one source port and discriminator from Down to Up"
}

test_ipv6()
{
	local start

	start=$(mark)
	bfd "$us" add remote $THEM6 dev u0 tx 50ms rx 60ms mult 4 >/dev/null
	check_err $? "add remote $THEM6"
	peer P set v6 mute=off >/dev/null
	peer P wait 15 state=up src=$US6 >/dev/null
	check_err $? "not up"
	peer P run 1 >/dev/null
	peer P dump "$start" "$DUMP" src=$US6 >/dev/null
	test_encapsulation
	log_test "IPv6: encapsulation"
	peer P set v6 mute=on >/dev/null
	bfd "$us" del remote $THEM6
}

# Microseconds from a Poll to its Final.
final_delay()
{
	local start

	start=$(mark)
	peer P set v4 poll=on >/dev/null
	peer P wait 10 flags=F src=$US4 >/dev/null
	check_err $? "no Final"
	peer P dump "$start" "$DUMP" >/dev/null
	jq '([.[] | select(.direction == "sent" and (.flags | contains("P")))][0].time) as $poll |
		([.[] | select(.direction == "received" and (.flags | contains("F")))][0].time) as $final |
		($final - $poll) * 1e6 | round' "$DUMP"
}

test_final()
{
	local start i

	start=$(mark)
	for i in {1..20}; do
		final_delay
	done > "$TEST_TMP/delays"
	# Those that waited for the next interval would take 20 ms on average; a busy machine may delay some.
	check_range "$(share_within 0 10000 < "$TEST_TMP/delays")" 80 100 \
		"% of Finals within 10 ms of the Poll, among $(xargs < "$TEST_TMP/delays") us"
	peer P dump "$start" "$DUMP" src=$US4 >/dev/null
	every '(.flags | contains("P") and contains("F")) == false' "P and F in one packet"
	log_test "a Poll is answered by a Final, without waiting for the next interval"
}

# RFC 5880 6.8.3: a longer transmit interval must wait for the end of the Poll Sequence.
test_slower()
{
	local start

	peer P set v4 final=off >/dev/null
	bfd "$us" change remote $THEM4 tx 200ms
	check_err $? "change"
	peer P wait 10 flags=P tx=200000 src=$US4 >/dev/null
	check_err $? "no Poll with the new interval"
	start=$(mark)
	peer P run 1.5 >/dev/null
	peer P dump "$start" "$DUMP" src=$US4 >/dev/null
	every '.flags | contains("P")' "P until a Final comes"
	check_range "$(gaps "$DUMP" | share_within 36500 53000)" 80 100 \
		"% of gaps within 37.5-50 ms before the Final"

	peer P set v4 final=on >/dev/null
	peer P run 0.5 >/dev/null
	start=$(mark)
	peer P run 3 >/dev/null
	peer P dump "$start" "$DUMP" src=$US4 >/dev/null
	every '.flags | contains("P") | not' "no P after the Final"
	every '.state == "up" and .tx == 200000' "up, at the new interval"
	check_range "$(gaps "$DUMP" | share_within 148000 206000)" 75 100 "% of gaps within 150-200 ms"
	check_equal "$(session "$us" .stats.down_count remote $THEM4)" 0 "flaps"
	log_test "a slower transmit interval waits for the Final, and is then in force"
}

# A peer that can't take packets so fast (RFC 5880 6.8.7), which needs no Poll.
test_remote_limit()
{
	local start

	peer P set v4 rx=400000 >/dev/null
	peer P run 0.8 >/dev/null
	start=$(mark)
	peer P run 4 >/dev/null
	peer P dump "$start" "$DUMP" src=$US4 >/dev/null
	check_range "$(gaps "$DUMP" | share_within 298000 408000)" 75 100 "% of gaps within 300-400 ms"
	check_equal "$(session "$us" .negotiated_tx remote $THEM4)" 400000 negotiated_tx
	log_test "the peer's Required Min RX is obeyed"
}

test_admin_down()
{
	local start

	start=$(mark)
	bfd "$us" change remote $THEM4 admin down
	check_err $? "admin down"
	peer P wait 5 state=admin-down diag=7 src=$US4 >/dev/null
	check_err $? "no AdminDown packet with diag 7"
	log_test "admin down: AdminDown with diag 7 at once"
	bfd "$us" change remote $THEM4 admin up
	check_err $? "admin up"
	peer P wait 15 state=up src=$US4 >/dev/null
	check_err $? "not up again"
	log_test "admin up: up again"
}

test_deletion()
{
	local start silent

	start=$(mark)
	bfd "$us" del remote $THEM4
	check_err $? "del"
	peer P wait 5 state=admin-down diag=7 src=$US4 >/dev/null
	check_err $? "no AdminDown packet"
	# The peer's detection time of a session at the slow rate: 4 x 1 s.
	peer P run 4.5 >/dev/null
	peer P dump "$start" "$DUMP" src=$US4 >/dev/null
	check_range "$(peer P count "$start" state=admin-down src=$US4 | jq .count)" 3 8 "AdminDown packets"
	check_equal "$(jq '[.[] | select(.direction == "received" and .state == "admin-down" and
		.diag != 7)] | length' "$DUMP")" 0 "AdminDown packets without diag 7"
	peer P run 3 >/dev/null
	silent=$(mark)
	peer P run 2.5 >/dev/null
	check_equal "$(peer P count "$silent" src=$US4 | jq .count)" 0 "packets after the end"
	log_test "deletion: AdminDown for a detection time, then silence"
}

setup_scripted_peer
test_not_up
test_up
test_ipv6
test_final
test_slower
test_remote_limit
test_admin_down
test_deletion
tap_done
