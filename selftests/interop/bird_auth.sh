#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 480
# long
# alone
#
# Authentication against BIRD: all five types side by side at 10 ms x3, each on a link of its own, for
# $AUTH_SECONDS (20).  Keys are rolled over, by their times and by hand, without a drop at either end; a
# wrong key, Key ID or type takes both ends down and is counted as such.

. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/daemons.sh"
. "$(dirname "$0")/evidence.sh"

PEER=BIRD
AUTH_SECONDS=${AUTH_SECONDS:-20}

# OUR-ADDRESS THEIR-ADDRESS LINK TYPE
SESSIONS="10.5.0.1 10.5.0.2 0 simple
10.5.1.1 10.5.1.2 1 md5
10.5.2.1 10.5.2.2 2 meticulous-md5
10.5.3.1 10.5.3.2 3 sha1
10.5.4.1 10.5.4.2 4 meticulous-sha1"

declare -A BIRD_TYPE=(
	[simple]="simple"
	[md5]="keyed md5"
	[meticulous-md5]="meticulous keyed md5"
	[sha1]="keyed sha1"
	[meticulous-sha1]="meticulous keyed sha1"
)

# Our type when it is wrong: one that differs as little as can be.
declare -A OTHER_TYPE=(
	[simple]=md5
	[md5]=meticulous-md5
	[meticulous-md5]=md5
	[sha1]=meticulous-sha1
	[meticulous-sha1]=sha1
)

KEY=1 # the ID in use at both ends

our_selector()
{
	SELECTOR=(remote "$2" dev "u$3")
}

# secret LINK ID
secret()
{
	echo "secret $1-$2"
}

setup_network()
{
	require_root
	setup_ns us them
	each_session setup_one
}

setup_one()
{
	setup_link "$us" "u$3" "$them" "t$3"
	add_address "$us" "u$3" "$1/24"
	add_address "$them" "t$3" "$2/24"
}

# --- the peer

# A password for each of KEYS, `ID` or `ID@SECONDS`: from when on it sends with it.
their_passwords()
{
	local key

	for key in $KEYS; do
		echo "password \"$(secret "$1" "${key%@*}")\" { id ${key%@*};"
		[ "${key%@*}" = "$key" ] ||
			echo "generate from \"$(date -d "@${key#*@}" '+%Y-%m-%d %H:%M:%S')\";"
		echo "};"
	done
}

their_interface()
{
	echo "interface \"t$3\" { min rx interval 10 ms; min tx interval 10 ms; multiplier 3;"
	echo "authentication ${BIRD_TYPE[$4]};"
	their_passwords "$3"
	echo "};"
}

their_neighbour()
{
	echo "neighbor $1 dev \"t$3\" local $2;"
}

# their_configuration KEY...
their_configuration()
{
	local KEYS=$*

	echo "protocol bfd {"
	each_session their_interface
	each_session their_neighbour
	echo "}"
}

their_keys()
{
	bird_change "$them" < <(their_configuration "$@") > "$TEST_TMP/configure"
	check_err $? "birdc configure"
	grep -q -i "reconfigured" "$TEST_TMP/configure"
	check_err $? "BIRD: $(tail -n 1 "$TEST_TMP/configure")"
}

remote_up()
{
	bird_is "$them" "$1" 3 Up
}

remote_is_down()
{
	! remote_up "$1"
}

remote_downs()
{
	bird_downs "$them" "$1"
}

# How many packets it dropped for their authentication, by its log.
remote_drops()
{
	grep -c "Authentication failed" "${BIRD_DIR[$them]}/log"
}

# --- ours

# add_key ID LINK TYPE [WORD]...
add_key()
{
	local id=$1 link=$2 type=$3

	shift 3
	bfd "$us" key add "chain$link" id "$id" type "$type" text "$(secret "$link" "$id")" "$@"
	check_err $? "key add chain$link id $id"
}

add_first()
{
	add_key 1 "$3" "$4"
	bfd "$us" add remote "$2" local "$1" dev "u$3" tx 10ms rx 10ms mult 3 \
		auth "$4" key "chain$3" > /dev/null
	check_err $? "add remote $2"
}

is_up()
{
	our_selector "$@"
	wait_state "$us" up 15000 "${SELECTOR[@]}"
	check_err $? "$4: we are not up"
	busywait 10000 remote_up "$1"
	check_err $? "$4: the peer is not up"
}

shows()
{
	our_selector "$@"
	check_equal "$(session "$us" '.auth | "\(.type) \(.key_chain) \(.key_id)"' "${SELECTOR[@]}")" \
		"$4 chain$3 $KEY" "auth of show"
}

our_drops_of()
{
	our_selector "$@"
	session "$us" '.stats.rx_invalid // {} | add // 0' "${SELECTOR[@]}"
}

drops()
{
	{
		each_session our_drops_of
		remote_drops
	} | paste -sd ' '
}

# --- the tests

test_up()
{
	each_session add_first
	start_bird "$them" < <(their_configuration 1)
	each_session is_up
	each_session shows
	log_test "$PEER: all five types come up"
}

quietly()
{
	local before

	before=$(drops)
	"$@"
	check_equal "$(drops)" "$before" "packets dropped for their authentication, ours by link, the peer's"
}

add_next()
{
	add_key $((KEY + 1)) "$3" "$4" send-from "$WHEN"
}

delete_old()
{
	bfd "$us" key del "chain$3" id "$KEY"
	check_err $? "key del chain$3 id $KEY"
}

settle()
{
	KEY=$((KEY + 1))
	sleep 1
	each_session shows
}

# Both ends know beforehand when they change over, to the second.
roll_by_time()
{
	local at=$(($(date +%s) + 6)) WHEN

	WHEN=@$at
	each_session add_next
	their_keys "$KEY" "$((KEY + 1))@$at"
	[ "$(date +%s)" -lt $at ] || note "the machine is slow: the time was over"
	quiet_for 7
	while [ "$(date +%s)" -le $at ]; do # also if it has failed, for the next attempt
		sleep 0.2
	done
	settle_rolled
}

# Both accept the new one; the peer sends with it; we follow.
roll_by_hand()
{
	local WHEN=+1000s

	each_session add_next
	their_keys "$KEY" "$((KEY + 1))@$(($(date +%s) + 1000))"
	quiet_for 1
	their_keys "$KEY" "$((KEY + 1))@$(($(date +%s) - 1000))"
	quiet_for 1
	each_session send_next
	quiet_for 1
	settle_rolled
}

send_next()
{
	bfd "$us" key change "chain$3" id $((KEY + 1)) send-from now
	check_err $? "key change chain$3"
}

# Only the new key is left, at both ends.
settle_rolled()
{
	each_session delete_old
	their_keys $((KEY + 1))
	settle
}

# A chain whose secret, ID or type isn't the peer's, and only that.
our_wrong()
{
	local type=$4 id=$KEY text

	text=$(secret "$3" "$KEY")
	case $WRONG in
	wrong-key) text=${text/secret/Secret} ;;
	wrong-id) id=99 ;;
	wrong-type) type=${OTHER_TYPE[$4]} ;;
	esac
	bfd "$us" key add "$WRONG$3" id "$id" type "$type" text "$text"
	check_err $? "key add $WRONG$3"
	our_selector "$@"
	BEFORE[$3]=$(our_count "$@")
	bfd "$us" change "${SELECTOR[@]}" auth "$type" key "$WRONG$3"
	check_err $? "change auth of $4"
}

our_count()
{
	our_selector "$@"
	session "$us" ".stats.rx_invalid[\"$REASON\"] // 0" "${SELECTOR[@]}"
}

sees_wrong()
{
	our_selector "$@"
	wait_state "$us" down 3000 "${SELECTOR[@]}"
	check_err $? "$4: we are not down"
	busywait 3000 remote_is_down "$1"
	check_err $? "$4: the peer is not down"
	check_range $(($(our_count "$@") - BEFORE[$3])) 1 100000 "$4: $REASON"
}

our_right()
{
	our_selector "$@"
	bfd "$us" change "${SELECTOR[@]}" auth "$4" key "chain$3"
	check_err $? "change auth of $4"
}

declare -A BEFORE=()

# test_wrong WHICH REASON
test_wrong()
{
	local WRONG=$1 REASON=$2 before

	before=$(remote_drops)
	each_session our_wrong
	sleep 1
	each_session sees_wrong
	check_range $(($(remote_drops) - before)) 5 100000 "drops by the peer's log"
	log_test "$PEER: ${1/-/ }: both ends go down, and $REASON is counted"
	each_session our_right
	each_session is_up
	log_test "$PEER: ${1/-/ }: up again with the right one"
}

require bird birdc jq
setup_network
start_agent "$us"
test_up
undisturbed "all five types for $AUTH_SECONDS s at 10 ms x3, no flap, no drop" quietly quiet_for "$AUTH_SECONDS"
undisturbed "keys roll over by their times, no flap, no drop" quietly roll_by_time
undisturbed "keys roll over by hand, no flap, no drop" quietly roll_by_hand
test_wrong wrong-key auth-digest
test_wrong wrong-id auth-key
test_wrong wrong-type auth-type
tap_done
