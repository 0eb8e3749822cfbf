# SPDX-License-Identifier: GPL-2.0
#
# The two small networks of these tests: `us` with an agent on u0 against `them` on
# t0, either a second agent or the scripted peer.  Sourced by the tests after lib.sh.
# shellcheck shell=bash disable=SC2154

US4=192.0.2.1 THEM4=192.0.2.2
US6=2001:db8::1 THEM6=2001:db8::2
US_LOCAL=fe80::1 THEM_LOCAL=fe80::2

# An agent at each end.
setup_two_agents()
{
	require_root
	require jq
	setup_ns us them
	setup_link "$us" u0 "$them" t0
	add_address "$us" u0 $US4/24 $US6/64 $US_LOCAL/64
	add_address "$them" t0 $THEM4/24 $THEM6/64 $THEM_LOCAL/64
	start_agent "$us"
	start_agent "$them"
}

# An agent here; there the scripted peer P, and no IP stack that could answer for it.
setup_scripted_peer()
{
	require_root
	require jq /usr/bin/python3
	setup_ns us them
	setup_link "$us" u0 "$them" t0
	ip netns exec "$them" sh -c 'echo 1 > /proc/sys/net/ipv6/conf/t0/disable_ipv6'
	add_address "$us" u0 $US4/24 $US6/64 $US_LOCAL/64
	start_agent "$us"
	start_peer P "$them" t0
}

# wait_up NS SELECTOR...
wait_up()
{
	local ns=$1

	shift
	wait_state "$ns" up 30000 "$@"
	check_err $? "$*: not up in $ns"
}

# pin_dir NS: where all of its data plane is pinned; also when nothing is.
pin_dir()
{
	local cookie

	cookie=$(ip netns exec "$1" /usr/bin/python3 -c 'import socket
SO_NETNS_COOKIE = 71
option = socket.socket().getsockopt(socket.SOL_SOCKET, SO_NETNS_COOKIE, 8)
print(int.from_bytes(option, "little"))')
	echo "/sys/fs/bpf/ipbfd/netns-$cookie"
}

# objects_of NS: `KIND IDENTIFIER` of each BPF program, map and link that its agent holds, and
# of the maps that only these programs hold; one a line.
objects_of()
{
	local objects

	# By cat: awk would end at the first file that is gone meanwhile.
	objects=$(cat "/proc/${AGENT_PID[$1]}"/fdinfo/* 2>/dev/null |
		awk '$1 ~ /^(prog|map|link)_id:$/ { print substr($1, 1, length($1) - 4), $2 }')
	{
		echo "$objects"
		while read -r _ id; do
			bpftool -j prog show id "$id" | jq -r '.map_ids[]? | "map \(.)"'
		done < <(grep '^prog ' <<< "$objects")
	} | sort -u
}

# xdp_link NS DEV: identifier of the link by which its agent has its program on that device, from what
# the agent holds: to list all of the machine's is to stumble over what comes and goes beside us.
xdp_link()
{
	local ifindex

	ifindex=$(ip -n "$1" -j link show "$2" | jq '.[0].ifindex')
	cat "/proc/${AGENT_PID[$1]}"/fdinfo/* 2>/dev/null | awk -v ifindex="$ifindex" '
		$1 == "pos:" { xdp = 0 } # the first line of each
		$1 == "link_type:" { xdp = $2 == "xdp" }
		$1 == "link_id:" { id = $2 }
		$1 == "ifindex:" && $2 == ifindex && xdp { print id }' | sort -u
}

# no_objects FILE: none of those that objects_of has named is there any more.
no_objects()
{
	local kind id

	while read -r kind id; do
		! bpftool "$kind" show id "$id" >/dev/null 2>&1 || return 1
	done < "$1"
}

# gaps FILE [FILTER]: between the received packets that pass it, microseconds, one a line.
gaps()
{
	jq -r "[.[] | select(.direction == \"received\") | select(${2:-true})] |
		range(1; length) as \$i | (.[\$i].time - .[\$i - 1].time) * 1e6 | round" "$1"
}

# share_within LOW HIGH: per cent of the numbers on stdin that are within both.
share_within()
{
	awk -v low="$1" -v high="$2" '
		{ if ($1 >= low && $1 <= high) good++ }
		END { print NR ? int(100 * good / NR) : "none" }'
}

mean()
{
	awk '{ sum += $1 } END { print NR ? int(sum / NR) : "none" }'
}
