#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 480
# alone
#
# Against FRR's bfdd; see peers.sh.

. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/daemons.sh"
. "$(dirname "$0")/evidence.sh"
. "$(dirname "$0")/peers.sh"

PEER=FRR

add_theirs()
{
	frr_peer "$them" "$1" "$2" "t$4" "$3" 3
}

remote_up()
{
	frr_is "$them" "$1" status up
}

remote_downs()
{
	frr_downs "$them" "$1"
}

remote_shows()
{
	frr_is "$them" "$1" remote-transmit-interval "$2" &&
		frr_is "$them" "$1" remote-receive-interval "$2" &&
		frr_is "$them" "$1" remote-detect-multiplier "$3"
}

remote_change()
{
	frr_peer "$them" 192.0.2.1 192.0.2.2 t0 "$1" 3
}

remote_kill()
{
	kill_process "${BFDD_PID[$them]}"
}

remote_start()
{
	stop_bfdd "$them"
	start_bfdd "$them"
	each_session add_theirs
}

require_frr
setup_interop_link
start_frr "$them"
each_session add_theirs
run_interop
