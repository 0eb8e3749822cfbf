#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 900
# long
#
# Can the unit tests fail?  Spoils a copy of the protocol core, one line at a time,
# and asserts that the test of that subject notices.  It must not change the tree.
#
# A mutant is: the test (fuzz: the replay of the fuzz target), the file of kern/, a sed
# command that spoils it.

set -u

mutants='
fsm      fsm.h      s/if (local == BFD_STATE_ADMIN_DOWN)/if (0)/
fsm      fsm.h      s/if (local != BFD_STATE_DOWN) {/if (1) {/
fsm      fsm.h      s/if (received == BFD_STATE_DOWN)$/if (received == BFD_STATE_UP)/
fsm      fsm.h      s/else if (received == BFD_STATE_INIT)/else if (received >= BFD_STATE_INIT)/
fsm      fsm.h      s/received == BFD_STATE_INIT || received == BFD_STATE_UP/received == BFD_STATE_UP/
fsm      fsm.h      s/default: \/\* Up \*\//case 9:/
fsm      fsm.h      s/local == BFD_STATE_INIT || local == BFD_STATE_UP/local == BFD_STATE_UP/
fsm      fsm.h      s/local == BFD_STATE_INIT || local == BFD_STATE_UP/1/
fsm      fsm.h      s/next.diag = BFD_DIAG_DETECTION_EXPIRED/next.diag = BFD_DIAG_NEIGHBOR_DOWN/
validate validate.h s/!= BFD_VERSION/> BFD_VERSION/
validate packet.h   s/version_diag >> 5/version_diag >> 6/
validate validate.h s/packet->length < least/packet->length < BFD_PACKET_LENGTH/
validate validate.h s/length > payload_length/length >= payload_length/
validate validate.h s/detect_mult == 0/detect_mult == 1/
validate validate.h s/BFD_FLAG_MULTIPOINT)/BFD_FLAG_DEMAND)/
validate validate.h s/my_discr == 0/my_discr == 1/
validate validate.h s/!= BFD_STATE_DOWN \&\&/== BFD_STATE_UP \&\&/
validate validate.h s/bfd_packet_state(packet) != BFD_STATE_ADMIN_DOWN/1/
validate auth.h     s/: BFD_DISCARD_AUTH_UNEXPECTED/: BFD_ACCEPT/
timers   timers.h   s/(__u64)vars->remote_mult/vars->remote_mult/
timers   timers.h   s/(__u64)vars->remote_mult/(__u64)vars->mult/
timers   timers.h   s/bfd_max_u32(vars->active_required_min_rx_us, vars->remote_des/bfd_min_u32(vars->active_required_min_rx_us, vars->remote_des/
timers   timers.h   s/bfd_max_u32(vars->active_desired_min_tx_us, vars->remote_min_rx_us)/vars->active_desired_min_tx_us/
timers   timers.h   s/vars->active_desired_min_tx_us, vars/vars->desired_min_tx_us, vars/
timers   timers.h   s/vars->active_required_min_rx_us, vars/vars->required_min_rx_us, vars/
timers   timers.h   s/state == BFD_STATE_UP ? interval_us/state >= BFD_STATE_INIT ? interval_us/
timers   timers.h   s/vars->last_tx_ns + bfd_tx_gap_ns/vars->last_rx_ns + bfd_tx_gap_ns/
timers   timers.h   s/expiry_ns - now_ns : least_ns/expiry_ns - now_ns : 0/
timers   poll.h     s/if (vars->state != BFD_STATE_UP) {/if (1) {/
timers   poll.h     s/if (vars->state != BFD_STATE_UP) {/if (0) {/
timers   session.h  s/remote_min_rx_us = 1;/remote_min_rx_us = 0;/
poll     poll.h     s/vars->poll = BFD_POLL_AGAIN;/;/
poll     poll.h     s/vars->poll = BFD_POLL_ENDED;/vars->poll = BFD_POLL_IDLE;/
poll     poll.h     s/vars->poll = BFD_POLL_SEPARATE;/vars->poll = BFD_POLL_ACTIVE;/
poll     poll.h     s/if (vars->poll == BFD_POLL_SEPARATE) {/if (0) {/
poll     transmit.h s/else if (bfd_poll_active(vars))/if (bfd_poll_active(vars))/
poll     session.h  s/bfd_poll_abort(vars);/;/
poll     session.h  s/bfd_packet_has(packet, BFD_FLAG_FINAL)/bfd_packet_has(packet, BFD_FLAG_POLL)/
poll     session.h  s/vars->mult = config->mult;$/vars->mult = config->mult; bfd_poll_start(vars);/
session  session.h  s/^.bfd_forget_remote(vars);$/;/
session  session.h  s/outcome = bfd_learn_remote(vars, packet);/outcome = 0;/
session  session.h  s/vars->diag = next.diag;/vars->diag = 0;/
session  session.h  s/return vars->diag == old_diag ? 0 : BFD_OUTCOME_NOW/return 0/
session  session.h  s/next.state = BFD_STATE_DOWN; /next.state = BFD_STATE_INIT; /
session  session.h  s/if (now_ns > vars->last_rx_ns)/if (1)/
session  session.h  s/if (vars->state == BFD_STATE_INIT || vars->state == BFD_STATE_UP) {/if (1) {/
session  session.h  s/vars->remote_state == BFD_STATE_ADMIN_DOWN, now_ns/0, now_ns/
session  session.h  s/now_ns < deadline_ns/now_ns + 1 < deadline_ns/
session  timers.h   s/vars->remote_discr == 0 || vars->last_rx_ns == 0/vars->state == 0 || &/
session  session.h  s/return outcome; \/\* learnt.*/;/
transmit timers.h   s/(vars->tx_random \& 0xffff)/0/
transmit timers.h   s/interval_ns - interval_ns \/ 4/interval_ns - interval_ns \/ 3/
transmit timers.h   s/vars->mult == 1 ?/vars->remote_mult == 1 ?/
transmit timers.h   s/most - tick_ns : least/most : least/
transmit timers.h   s/return vars->passive \&\& vars->remote_discr == 0/return 0/
transmit timers.h   s/if (vars->remote_min_rx_us == 0)/if (0)/
transmit timers.h   s/vars->remote_demand \&\& //
transmit timers.h   s/bfd_remote_is_demand(vars) \&\&/0 \&\&/
demand   timers.h   s/vars->state == BFD_STATE_UP \&\&$/1 \&\&/
transmit timers.h   s/vars->remote_state == BFD_STATE_UP;/1;/
transmit transmit.h s/vars->tx_random = random.*/;/
transmit transmit.h s/vars->last_tx_ns = now_ns;/;/
transmit transmit.h s/bfd_swap32(vars->remote_discr)/0/
transmit transmit.h s/bfd_swap32(vars->desired_min_tx_us)/bfd_swap32(vars->active_required_min_rx_us)/
transmit session.h  s/content \&\& (demand || bfd_remote_is_demand(vars))/content \&\& demand/
search   fsm.h      s/if (received == BFD_STATE_DOWN) {/if (0) {/
search   fsm.h      s/else if (received == BFD_STATE_INIT)/else if (received == BFD_STATE_UP)/
search   session.h  s/^.bfd_forget_remote(vars);$/;/
search   timers.h   s/return from_ns ? from_ns + bfd/return from_ns ? bfd/
search   poll.h     s/vars->poll = BFD_POLL_ACTIVE;/;/
fuzz     session.h  s/stats->down_count++/stats->down_count += 2/
fuzz     session.h  s/^.bfd_forget_remote(vars);$/;/
fuzz     poll.h     s/bfd_min_u32(vars->active_desired_min_tx_us, desired_min_tx_us)/desired_min_tx_us + 1/
fuzz     timers.h   s/interval_ns - interval_ns \/ 10/interval_ns/
fuzz     transmit.h s/if (kick \& BFD_KICK_FINAL) {/if (0) {/
fuzz     validate.h s/packet->length > payload_length/0/
fuzz     auth.h     s/return ahead <= 3U \* detect_mult;/return 1;/
fuzz     auth.h     s/auth->rx_sequence = claim->sequence;/;/
fuzz     auth.h     s/if (!auth->awaiting || !bfd_auth_same(&claim->config, &auth->awaited))/if (0)/
fuzz     auth.h     s/auth->tx_sequence++;/;/
fuzz     section.h  s/BFD_PACKET_LENGTH + length > section->length/0/
fuzz     section.h  s/return differs == 0 ? BFD_ACCEPT : BFD_DISCARD_AUTH_DIGEST/return BFD_ACCEPT/
search   session.h  s/vars->desired_min_tx_us = bfd_desired_min_tx_us(vars);/vars->desired_min_tx_us = vars->conf_desired_min_tx_us;/
demand   timers.h   s/vars->remote_min_rx_us != 0 \&\& vars->state == BFD_STATE_UP/vars->remote_min_rx_us != 0/
demand   timers.h   s/return vars->demand \&\& vars->remote_min_rx_us != 0/return vars->demand/
demand   timers.h   s/vars->remote_state == BFD_STATE_UP;/1;/
demand   timers.h   s/return (__u64)vars->mult \*/return (__u64)vars->remote_mult */
demand   timers.h   s/bfd_max_u32(vars->desired_min_tx_us, vars->remote_min_rx_us);/vars->desired_min_tx_us;/
demand   timers.h   s/bfd_poll_active(vars) ? vars->poll_sent_ns : 0/vars->poll_sent_ns/
demand   timers.h   s/from_ns = bfd_poll_active(vars) ? vars->poll_sent_ns : 0;/;/
demand   timers.h   s/vars->last_rx_ns > vars->silence_ns ? vars->last_rx_ns : vars->silence_ns/vars->last_rx_ns/
demand   timers.h   s/(__u64)configured_us << vars->backoff/(__u64)configured_us/
demand   poll.h     s/if (apart_ns == 0 || now_ns < apart_ns)/if (apart_ns == 0)/
demand   poll.h     s/return vars->poll_done_ns + bfd_detection_time_us.*/return 0;/
demand   poll.h     s/return vars->poll_done_ns + vars->poll_interval_us.*/return 0;/
demand   poll.h     s/vars->poll_done_ns = now_ns;/;/
demand   session.h  s/vars->silence_ns = now_ns;/;/
demand   session.h  s/(demand != was_demand \&\& vars->state == BFD_STATE_UP)/0/
demand   session.h  s/content \&\& (demand || bfd/content \&\& (bfd/
demand   session.h  s/next.state = BFD_STATE_DOWN; .. held.*/;/
demand   session.h  s/vars->state == BFD_STATE_DOWN \&\& now_ns < vars->hold_until_ns/vars->state == BFD_STATE_DOWN \&\& vars->hold_until_ns/
demand   session.h  s/BFD_STATE_UP \&\& !administrative)/BFD_STATE_UP)/
demand   session.h  s/BFD_DIAG_FORWARDING_RESET}/BFD_DIAG_NEIGHBOR_DOWN}/
demand   session.h  s/vars->multihop \&\& vars->backoff/vars->backoff/
demand   session.h  s/vars->backoff < BFD_MAX_BACKOFF/1/
demand   session.h  s/now_ns < vars->backoff_ns + BFD_BACKOFF_WINDOW/now_ns < vars->backoff_ns + 10 * BFD_BACKOFF_WINDOW/
demand   session.h  s/vars->remote_discr = config->remote_discr;/;/
demand   session.h  s/(config->set \& BFD_CONFIG_DIAG) \&\& vars->state == BFD_STATE_UP/(config->set \& BFD_CONFIG_DIAG)/
demand   transmit.h s/vars->backoff--;/;/
demand   transmit.h s/flags |= BFD_FLAG_DEMAND;/;/
demand   transmit.h s/vars->multihop ? 0 : bfd_swap32(vars->echo_rx_us)/bfd_swap32(vars->echo_rx_us)/
demand   transmit.h s/bfd_poll_active(vars) \&\& vars->poll_sent_ns == 0/bfd_poll_active(vars)/
auth     md5.h      s/0xd4ef3085/0xd4ef3086/
auth     md5.h      s/bfd_little32(block->words/bfd_swap32(block->words/
auth     sha1.h     s/0x8f1bbcdc/0x8f1bbcdd/
auth     sha1.h     s/bfd_rotate_left(b, 30)/bfd_rotate_left(b, 29)/
auth     hash.h     s/(length + before) \* 8/length * 8/
auth     hash.h     s/length + 9 + BFD_HASH_BLOCK - 1/length + 8 + BFD_HASH_BLOCK - 1/
auth     hash.h     s/big_endian ? 0 : bfd_little32(bits)/bfd_little32(bits)/
auth     section.h  s/^.*section->packet.bytes\[section->length\] = 0;/;/
auth     section.h  s/if (sha1 \&\& hmac)/if (0)/
auth     section.h  s/if (sha1 \&\& hmac)/if (sha1)/
auth     section.h  s/0x5c5c5c5c/0x36363636/
auth     section.h  s/(BFD_HASH_BLOCK + 20) \* 8/20 * 8/
auth     section.h  s/bfd_swap32(sequence)/sequence/
auth     section.h  s/bytes\[BFD_SECTION_KEY_ID\] = key->id;/;/
auth     section.h  s/BFD_PACKET_LENGTH + length > section->length/0/
auth     section.h  s/BFD_PACKET_LENGTH + length > section->length/length + BFD_PACKET_LENGTH >= section->length/
auth     section.h  s/\[BFD_SECTION_TYPE\] == type ? BFD_ACCEPT/[BFD_SECTION_TYPE] ? BFD_ACCEPT/
auth     section.h  s/\[BFD_SECTION_LENGTH\] != bfd_auth_length(key)/[BFD_SECTION_LENGTH] < bfd_auth_length(key)/
auth     section.h  s/if (i < key->length)$/if (i < key->length \&\& key->secret[i])/
auth     section.h  s/if (i < key->length)$/if (i + 1 < key->length)/
auth     section.h  s/differs |= section->received\[i\]/differs = section->received[i]/
auth     section.h  s/return differs == 0 ? BFD_ACCEPT : BFD_DISCARD_AUTH_DIGEST/return BFD_ACCEPT/
auth     auth.h     s/return ahead <= 3U \* detect_mult;/return ahead < 3U * detect_mult;/
auth     auth.h     s/return ahead <= 3U \* detect_mult;/return sequence <= last + 3U * detect_mult;/
auth     auth.h     s/return ahead <= 3U \* detect_mult;/return (__s32)ahead <= (__s32)(3U * detect_mult);/
auth     auth.h     s/return ahead <= 3U \* detect_mult;/return ahead <= (__u8)(3U * detect_mult);/
auth     auth.h     s/\&\& ahead == 0)/\&\& 0)/
auth     auth.h     s/if (bfd_auth_is_meticulous(type) \&\& ahead == 0)/if (ahead == 0)/
auth     auth.h     s/key->type != type || key->send_from_ns > now_ns/key->type != type/
auth     auth.h     s/key->type != type || key->send/key->type \& 0 || key->send/
auth     auth.h     s/key->send_from_ns < best_from_ns ||/key->send_from_ns > best_from_ns ||/
auth     auth.h     s/\&\& key->id > best_id/\&\& key->id < best_id/
auth     auth.h     s/key->accept_from_ns <= now_ns/key->accept_from_ns < now_ns/
auth     auth.h     s/now_ns < key->accept_until_ns/now_ns <= key->accept_until_ns/
auth     auth.h     s/key->type == type \&\& key->id == id/key->type == type/
auth     auth.h     s/auth->tx_sequence = random;/auth->tx_sequence = 0;/
auth     auth.h     s/auth->sequence_known = 0; .. that of other keys.*/;/
auth     auth.h     s/if (now_ns >= auth->known_until_ns)/if (0)/
auth     auth.h     s|return 2 \* (bfd_detection|return (bfd_detection|
auth     auth.h     s/auth->rx_sequence = claim->sequence;/if (!auth->sequence_known) &/
auth     auth.h     s/if (now_ns >= auth->known_until_ns)/auth->rx_sequence = claim->sequence; &/
auth     auth.h     s/if (!config->optional || same) {/if (1) {/
auth     auth.h     s/auth->awaiting = 0;/;/
auth     auth.h     s/outcome = BFD_OUTCOME_NOW | BFD_OUTCOME_REMOTE;/;/
auth     auth.h     s/if (differs != 0 || bfd_auth_is_meticulous(auth->used.type))/if (1)/
auth     auth.h     s/if (differs != 0 || bfd_auth_is_meticulous(auth->used.type))/if (differs != 0)/
auth     auth.h     s/if (differs != 0 || bfd_auth_is_meticulous(auth->used.type))/if (bfd_auth_is_meticulous(auth->used.type))/
auth     auth.h     s/auth->tx_sequence++;/auth->tx_sequence += 2;/
auth     auth.h     s/auth->tx_sequence--;/;/
auth     auth.h     s/packet->state_flags |= BFD_FLAG_AUTH;/;/
echo     timers.h   s/vars->remote_min_echo_rx_us != 0 \&\& !vars->multihop/vars->remote_min_echo_rx_us != 0/
echo     timers.h   s/vars->echo_tx_us != 0 \&\& vars->remote_min_echo_rx_us != 0/vars->echo_tx_us != 0/
echo     timers.h   s/bfd_max_u32(interval_us, BFD_ECHO_SLOW_RX)/interval_us/
echo     echo.h     s/bfd_max_u32(vars->echo_tx_us, vars->remote_min_echo_rx_us)/vars->echo_tx_us/
echo     echo.h     s/least = interval_ns - interval_ns \/ 4/least = interval_ns \/ 2/
echo     echo.h     s/echo->base_ns = 0;/;/
echo     echo.h     s/} else if (interval_us < echo->interval_us \&\& echo->base_ns != 0) {/} else if (0) {/
echo     echo.h     s/if (echo->base_ns == 0)$/if (1)/
echo     echo.h     s/echo->base_ns + vars->mult \* interval_ns/echo->base_ns + interval_ns/
echo     echo.h     s/sent->nonce != nonce/0/
echo     echo.h     s/(__u64)bfd_swap32(packet->nonce_high) << 32 |/(sent->nonce >> 32 << 32) |/
echo     echo.h     s/^.sent->sent_ns = 0;/;/
echo     echo.h     s/if (now_ns > echo->base_ns)/if (0)/
echo     echo.h     s/deadline_ns == 0 || now_ns < deadline_ns/deadline_ns == 0/
echo     echo.h     s/BFD_DIAG_ECHO_FAILED/BFD_DIAG_DETECTION_EXPIRED/
echo     echo.h     s/^.if (echo->loop_ns > now_ns + (BFD_ECHO_LOOP_BURST + 1) . spacing_ns)/if (0)/
echo     echo.h     s/vars->mult == 1 ? interval_ns - interval_ns \/ 10 : interval_ns/interval_ns/
echo     echo.h     s/BFD_ECHO_LOOP_SHARE 2/BFD_ECHO_LOOP_SHARE 1/
echo     echo.h     s/if (echo->loop_ns > now_ns + BFD_ECHO_LOOP_BURST \* spacing_ns) {/if (0) {/
echo     echo.h     s/vars->echo_rx_us == 0 || vars->multihop/vars->multihop/
'

top=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# Builds and runs one test of a tree; a test that hangs has noticed too.
run_test()
{
	local tree=$1 test=$2 models='' source=$top/selftests/unit/$2_test.c options=-O0

	case $test in
	search)
		models=1
		options=-O1
		;;
	fuzz)
		source=$top/selftests/fuzz/core_fuzz.c
		options=-DIPBFD_FUZZ_REPLAY
		;;
	esac
	gcc -std=gnu11 -w "$options" -I"$tree" -I"$top" -o "$tree/$test" "$source" \
		2>"$tree/build.log" || return 2
	# in a shell of its own, whose word on a test that aborts is lost with its output
	(timeout 20 "$tree/$test" $models; exit $?) >"$tree/$test.tap" 2>&1
}

count=0
failed=0
report() # OK TEXT
{
	count=$((count + 1))
	[ "$1" = ok ] || failed=1
	echo "$1 $count - $2"
}

sound=ok
mkdir "$work/sound" && cp -r "$top/kern" "$work/sound/"
for test in fsm validate timers poll session transmit demand auth echo search fuzz; do
	run_test "$work/sound" $test || sound='not ok'
done
report "$sound" "the tests pass on the core as it is"

# try_mutant NUMBER TEST FILE COMMAND: its verdict in a file, for several run side by side.
try_mutant()
{
	local number=$1 test=$2 file=$3 command=$4 tree=$work/mutant.$1 verdict

	mkdir "$tree" && cp -r "$top/kern" "$tree/"
	sed -i "$command" "$tree/kern/$file"
	if cmp -s "$tree/kern/$file" "$top/kern/$file"; then
		verdict="not ok $file: nothing to spoil for $command"
	else
		run_test "$tree" "$test"
		case $? in
		0) verdict="not ok $test doesn't notice $file: $command" ;;
		2) verdict="not ok $file: doesn't build after $command" ;;
		*) verdict="ok $test notices $file: $command" ;;
		esac
	fi
	echo "$verdict" >"$work/verdict.$number"
	rm -rf "$tree"
}

number=0
while read -r test file command; do
	[ -n "$test" ] || continue
	number=$((number + 1))
	try_mutant $number "$test" "$file" "$command" &
	[ "$(jobs -rp | wc -l)" -lt "$(nproc)" ] || wait -n
done <<<"$mutants"
wait
for ((i = 1; i <= number; i++)); do
	verdict=$(cat "$work/verdict.$i")
	case $verdict in
	ok*) report ok "${verdict#ok }" ;;
	*) report 'not ok' "${verdict#not ok }" ;;
	esac
done
echo "1..$count"
exit $failed
