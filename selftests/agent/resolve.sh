#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 90
#
# From what an operator names to device and local address: what is refused and in what
# words, and what is chosen.  There is no peer: no session here comes up.

. "$(dirname "$0")/../lib.sh"

# refused TEXT WORD...: `ip bfd add WORD...` fails, and says exactly so.
refused()
{
	local text="Error: $1." said

	shift
	said=$(bfd "$us" add "$@" 2>&1 >/dev/null)
	check_equal $? 2 "exit status of 'add $*'"
	check_equal "$said" "$text" "'add $*'"
}

# chosen DEVICE LOCAL WORD...: `ip bfd add WORD...` takes these; the session is deleted again.
chosen()
{
	local device=$1 local_address=$2 id

	shift 2
	id=$(bfd_json "$us" add "$@" | jq '.[0].local_discr')
	check_equal "$(session "$us" '"\(.dev) \(.local)"' id "$id")" "$device $local_address" "'add $*'"
	bfd "$us" del id "$id"
	check_err $? "deletion after 'add $*'"
}

test_addresses()
{
	refused "224.0.0.1 is a multicast address" remote 224.0.0.1 dev v0
	refused "ff02::1 is a multicast address" remote ff02::1 dev v0
	refused "127.0.0.2 is a loopback address" remote 127.0.0.2 dev v0
	refused "::1 is a loopback address" remote ::1 dev v0
	refused ":: is unspecified" remote :: dev v0
	refused "0.0.0.0 is unspecified" remote 0.0.0.0 dev v0
	refused "255.255.255.255 is the broadcast address" remote 255.255.255.255 dev v0
	refused "192.0.2.255 is a broadcast address on v0" remote 192.0.2.255 dev v0
	refused "192.0.2.0 is a broadcast address on v0" remote 192.0.2.0
	refused "192.0.2.1 is our own address" remote 192.0.2.1 dev v0
	refused "198.51.100.1 is our own address" remote 198.51.100.1
	refused "fe80::1 is our own address" remote fe80::1 dev v0
	log_test "addresses that no neighbour can have"
}

test_devices()
{
	refused "fe80::2 is link-local: name the device with dev" remote fe80::2
	refused "no route to 203.0.113.1: name the device with dev" remote 203.0.113.1
	refused "203.0.113.1 is not on the link of v0" remote 203.0.113.1 dev v0
	refused "2001:db8:9::1 is not on the link of v0" remote 2001:db8:9::1 dev v0
	refused "198.51.100.2 is not on the link of v0" remote 198.51.100.2 dev v0
	refused "lo is not an Ethernet device" remote 192.0.2.2 dev lo
	ip -n "$us" route add 203.0.113.0/24 via 192.0.2.254
	refused "203.0.113.1 is behind the gateway 192.0.2.254: a single hop needs a neighbour" \
		remote 203.0.113.1
	refused "203.0.113.1 is not on the link of v0" remote 203.0.113.1 dev v0
	ip -n "$us" route del 203.0.113.0/24
	refused "bfd-tick0 is the transmit clock of the agent" remote fe80::2 dev bfd-tick0
	log_test "devices that lead to no neighbour"
}

test_locals()
{
	refused "local address 192.0.2.9 is not on v0" remote 192.0.2.2 local 192.0.2.9 dev v0
	refused "local address 198.51.100.1 is not on v0" remote 192.0.2.2 local 198.51.100.1
	refused "local address 10.1.1.1 is not in the subnet of 192.0.2.2" \
		remote 192.0.2.2 local 10.1.1.1
	refused "v2 has no address to reach fe80::2 from" remote fe80::2 dev v2
	log_test "local addresses that can't be used"
}

test_choice()
{
	chosen v0 192.0.2.1 remote 192.0.2.2
	chosen v0 10.1.1.1 remote 10.1.1.2 dev v0
	chosen v1 198.51.100.1 remote 198.51.100.2
	chosen v0 2001:db8::1 remote 2001:db8::2
	chosen v0 fe80::1 remote fe80::2 dev v0
	chosen v1 fe80::11 remote fe80::2 dev v1
	chosen v0 192.0.2.3 remote 192.0.2.2 local 192.0.2.3
	log_test "device by route, local address by subnet"

	# Of two in a subnet the one that isn't on its way out.
	add_address "$us" v1 2001:db8:1::a/64 2001:db8:1::b/64
	ip -n "$us" addr change 2001:db8:1::b/64 dev v1 preferred_lft 0
	chosen v1 2001:db8:1::a remote 2001:db8:1::2
	ip -n "$us" addr change 2001:db8:1::b/64 dev v1 preferred_lft forever
	ip -n "$us" addr change 2001:db8:1::a/64 dev v1 preferred_lft 0
	chosen v1 2001:db8:1::b remote 2001:db8:1::2
	log_test "a deprecated address is avoided"

	# Unnumbered: a route to the neighbour, and a borrowed address.
	ip -n "$us" route add 203.0.113.7/32 dev v2 src 192.0.2.1
	chosen v2 192.0.2.1 remote 203.0.113.7
	chosen v2 198.51.100.1 remote 203.0.113.7 dev v2 local 198.51.100.1
	ip -n "$us" addr add 10.9.9.1 peer 10.9.9.2/32 dev v2
	chosen v2 10.9.9.1 remote 10.9.9.2
	log_test "point-to-point and unnumbered links"
}

test_existing()
{
	local id

	id=$(bfd_json "$us" add remote 192.0.2.2 name north | jq '.[0].local_discr')
	refused "a session with 192.0.2.2 on v0 exists" remote 192.0.2.2 dev v0
	refused "a session with 192.0.2.2 on v0 exists" remote 192.0.2.2
	refused 'a session named "north" exists' remote 192.0.2.4 name north
	bfd "$us" add remote fe80::2 dev v0 >/dev/null
	bfd "$us" add remote fe80::2 dev v1 >/dev/null
	check_err $? "one link-local address on two devices"
	bfd "$us" del remote fe80::2 > "$TEST_TMP/out" 2>&1
	check_equal $? 2 "exit status of an ambiguous selector"
	check_equal "$(cat "$TEST_TMP/out")" \
		"Error: several sessions with fe80::2: say which by dev or id." "ambiguous selector"
	bfd "$us" del remote fe80::2 dev v0
	check_err $? "deletion by remote and dev"
	bfd "$us" del name north
	check_err $? "deletion by name"
	check_equal "$(bfd_json "$us" show | jq -c '[.[] | .dev]')" '["v1"]' "what is left"
	log_test "duplicates, ambiguous selectors"
}

require_root
require jq
setup_ns us them
for i in 0 1 2; do
	setup_link "$us" v$i "$them" w$i
done
add_address "$us" v0 192.0.2.1/24 192.0.2.3/24 10.1.1.1/24 2001:db8::1/64 fe80::1/64
add_address "$us" v1 198.51.100.1/24 fe80::11/64
start_agent "$us"
bfd "$us" add remote 192.0.2.99 >/dev/null # so that there is a clock device
bfd "$us" del remote 192.0.2.99
test_addresses
test_devices
test_locals
test_choice
test_existing
tap_done
