#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 120
#
# An IPv6 neighbour on a device without a link-local address, where the kernel solicits
# nobody by itself.

. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../netns/topology.sh"

require_root
require jq
setup_ns us them
setup_link "$us" u0 "$them" t0
add_address "$us" u0 $US6/64
add_address "$them" t0 $THEM6/64
check_equal "$(ip -n "$us" -6 addr show dev u0 | grep -c fe80)" 0 "link-local addresses"
start_agent "$us"
bfd "$us" add remote $THEM6 tx 100ms rx 100ms >/dev/null
check_err $? add
busywait 30000 eval 'ip -n "$us" neigh show $THEM6 | grep -q lladdr'
check_err $? "not resolved: $(ip -n "$us" neigh show)"
start_agent "$them"
bfd "$them" add remote $US6 tx 100ms rx 100ms >/dev/null
wait_up "$us" remote $THEM6
log_test "an IPv6 session comes up on devices without link-local addresses"
tap_done
