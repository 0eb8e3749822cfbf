#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 480
# alone
#
# Against BIRD; see peers.sh.  BIRD has one set of timers for a device.  Its show has the
# interval that it sends at and the time in which it would notice our silence: our
# multiplier times the agreed interval.

. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/daemons.sh"
. "$(dirname "$0")/evidence.sh"
. "$(dirname "$0")/peers.sh"

PEER=BIRD

timers()
{
	echo "interface \"$1\" { min rx interval $2 ms; min tx interval $2 ms; multiplier 3; };"
}

neighbour()
{
	echo "neighbor $1 dev \"t$4\" local $2;"
}

# their_configuration MILLISECONDS: of the first link.
their_configuration()
{
	echo "protocol bfd {"
	timers t0 "$1"
	timers t1 10
	each_session neighbour
	echo "}"
}

remote_up()
{
	bird_is "$them" "$1" 3 Up
}

remote_downs()
{
	bird_downs "$them" "$1"
}

remote_shows()
{
	local agreed=$2 own

	# What we ask for counts only if it is slower than what BIRD asks for itself.
	own=$(their_interval "$1")
	[ "$agreed" -ge "$own" ] || agreed=$own
	bird_is "$them" "$1" 5 "$(seconds "$agreed")" &&
		bird_is "$them" "$1" 6 "$(seconds $((agreed * $3)))"
}

# As BIRD prints them.
seconds()
{
	printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000))
}

their_interval()
{
	awk -v address="$1" '$1 == address { print $3 }' <<< "$SESSIONS"
}

remote_change()
{
	bird_change "$them" < <(their_configuration "$1") > /dev/null
}

remote_kill()
{
	kill_process "${BIRD_PID[$them]}"
}

remote_start()
{
	start_bird "$them" < <(their_configuration 50)
}

require bird birdc
setup_interop_link
start_bird "$them" < <(their_configuration 50)
run_interop
