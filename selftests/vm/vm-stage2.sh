#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# First process of the virtual machine once it stands on its own root: runs the
# command, passes its output and exit status to
# vm-run.sh through three virtio ports (by a fourth the command stops it all), and ends the machine.
# Must not be run anywhere else; it must report the status before it ends.

set -eu

[ $$ = 1 ] || { echo "vm-stage2: only for the first process of vm-run.sh's machine" >&2; exit 1; }

run=/run/vm
group=/sys/fs/cgroup/command

PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
HOME=/root
LANG=C.UTF-8
export PATH HOME LANG

set_up_machine()
{
	echo bfd-vm > /proc/sys/kernel/hostname
	echo 1 > /proc/sys/net/core/bpf_jit_enable
	ip link set dev lo up
}

# The ports appear a little after their driver. The first number in their name
# counts all the machine's virtio devices; there is one device with ports.
find_ports()
{
	tries=100
	while [ ! -e "$(echo /dev/vport*p1)" ] || [ ! -e "$(echo /dev/vport*p2)" ] ||
		[ ! -e "$(echo /dev/vport*p3)" ] || [ ! -e "$(echo /dev/vport*p4)" ]; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || { echo "vm-stage2: no virtio ports" >&2; exit 1; }
		sleep 0.1
	done
	output_port=$(echo /dev/vport*p1)
	errors_port=$(echo /dev/vport*p2)
	status_port=$(echo /dev/vport*p3)
	ln -s "$(echo /dev/vport*p4)" "$run/stand-still"
}

# A port can be opened once only, so "> /dev/stderr" in a test would fail on
# it: the command gets a pipe instead.
start_output()
{
	mkfifo "$run/output" "$run/errors"
	cat < "$run/output" > "$output_port" &
	output_pid=$!
	cat < "$run/errors" > "$errors_port" &
	errors_pid=$!
}

# In a control group of its own, so that what it leaves running can be found.
run_command()
{
	mkdir "$group"
	(
		echo 0 > "$group/cgroup.procs"
		cd "$(cat "$run/repository")"
		exec setsid -w sh "$run/command"
	) < /dev/null > "$run/output" 2> "$run/errors" &
	status=0
	wait $! || status=$?
}

# Output ends when nobody holds the pipes any more. A process that fled from
# the control group can't hold up the end for longer than this.
finish_output()
{
	echo 1 > "$group/cgroup.kill"
	(sleep 5; kill "$output_pid" "$errors_pid") 2>/dev/null &
	wait "$output_pid" || true
	wait "$errors_pid" || true
}

set_up_machine
find_ports
start_output
echo begun > "$status_port"
run_command
finish_output
echo "exit $status" > "$status_port"

# qemu ends at a reset, and nothing here needs an orderly shutdown.
echo b > /proc/sysrq-trigger
sleep 60
