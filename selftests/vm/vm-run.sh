#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Run a command on Debian's stock kernel, in a virtual machine that has the
# host's root file system.
#
#	vm-run.sh [--timeout SECONDS] [--smp N] [--memory MB] [--kernel-log FILE]
#		[--] COMMAND [ARGUMENT...]
#
# The exit status is the command's own, or
#	4	there is no qemu or no kernel to be had here (kselftest's skip)
#	124	the machine did not end within the timeout
#	125	the machine ended without a status: panic, failed boot, failed qemu
# See README. The host must not be changed: its file system is shared
# read-only, the machine has no network device, and neither qemu nor the
# directory of a run outlives this script.

set -eu

here=$(cd "$(dirname "$0")" && pwd -P)
repository=$(cd "$here/../.." && pwd -P)
vm=$repository/build/vm

timeout=300
smp=2
memory=1024
kernel_log=
run=
qemu_pid=
output_pid=
errors_pid=
stalls_pid=
boot_timeout=120	# seconds

complain()
{
	echo "vm-run: $*" >&2
}

fail()
{
	complain "$@"
	exit 125
}

skip()
{
	complain "$@"
	exit 4
}

usage()
{
	echo "usage: vm-run.sh [--timeout SECONDS] [--smp N] [--memory MB] [--kernel-log FILE] [--] COMMAND [ARGUMENT...]"
}

bad_usage()
{
	complain "$@"
	usage >&2
	exit 125
}

positive()	# OPTION VALUE
{
	case $2 in
	''|0*|*[!0-9]*) bad_usage "$1 needs a positive number, not '$2'" ;;
	esac
	echo "$2"
}

clean_up()
{
	for pid in $qemu_pid $output_pid $errors_pid $stalls_pid; do
		kill "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	[ -z "$run" ] || rm -rf "$run"
}

get_kernel()
{
	status=0
	"$here/get-kernel.sh" || status=$?
	case $status in
	0) ;;
	4) exit 4 ;;
	*) fail "get-kernel.sh failed ($status)" ;;
	esac
}

# One shell word per argument, whatever it contains.
quote()
{
	for argument in "$@"; do
		printf '%s\n' "$argument" | sed "s/'/'\\\\''/g; 1s/^/'/; \$s/\$/' \\\\/"
	done
}

# What differs from run to run goes into the machine as a second archive
# behind the initramfs: the kernel unpacks one after the other.
build_run_initramfs()
{
	mkdir -p "$run/tree/run-files"
	cp "$here/vm-stage1.sh" "$run/tree/init"
	chmod 755 "$run/tree/init"
	{ printf 'exec '; quote "$@"; echo; } > "$run/tree/run-files/command"
	printf '%s' "$repository" > "$run/tree/run-files/repository"
	cp "$vm/release" "$run/tree/run-files/release"
	{
		cat "$vm/initramfs"
		cd "$run/tree" && find . | cpio -o -H newc --quiet -R 0:0
	} > "$run/initramfs"
}

# Modern processors are emulated with 5-level page tables, which cost time.
choose_accelerator()
{
	if [ -r /dev/kvm ] && [ -w /dev/kvm ]; then
		echo "-accel kvm -cpu host"
	else
		echo "-accel tcg,thread=multi -cpu max,la57=off"
	fi
}

# oops=panic: a test must not pass on a kernel that it broke.
kernel_arguments="console=ttyS0 loglevel=5 panic=-1 oops=panic reboot=triple \
random.trust_cpu=on nokaslr mitigations=off no_timer_check tsc=reliable audit=0 apparmor=0"

start_qemu()
{
	# To files that are read from their growing end: a slow reader of our
	# output can't then stall the machine, nor lose what it wrote last.
	: > "$run/output"
	: > "$run/errors"
	: > "$run/status"
	: > "$run/console"
	: > "$run/stalls"
	rm -f "$run/ended" "$run/pid"

	# timeout passes a TERM on to qemu, so its pid is the one to keep; and it
	# bounds qemu even if this script is killed outright.
	# From the run's directory, because a comma in a path would end an option.
	(cd "$run" && exec timeout --kill-after=5 "$timeout" qemu-system-x86_64 \
		-nodefaults -no-user-config -display none -monitor none -no-reboot -machine q35 \
		$(choose_accelerator) -smp "$smp" -m "$memory" \
		-kernel ../kernel -initrd initramfs -append "$kernel_arguments" \
		-serial file:console \
		-fsdev local,id=host,path=/,security_model=none,readonly=on,multidevs=remap \
		-device virtio-9p-pci,fsdev=host,mount_tag=host \
		-device virtio-rng-pci \
		-device virtio-serial-pci,ioeventfd=off \
		-chardev file,id=output,path=output \
		-device virtserialport,chardev=output,nr=1 \
		-chardev file,id=errors,path=errors \
		-device virtserialport,chardev=errors,nr=2 \
		-chardev file,id=status,path=status \
		-device virtserialport,chardev=status,nr=3 \
		-chardev file,id=stalls,path=stalls \
		-device virtserialport,chardev=stalls,nr=4 \
		-pidfile pid \
		< /dev/null > qemu 2>&1) &
	qemu_pid=$!
	tail -s 0.1 --pid="$qemu_pid" -f -c +1 "$run/output" &
	output_pid=$!
	tail -s 0.1 --pid="$qemu_pid" -f -c +1 "$run/errors" >&2 &
	errors_pid=$!
	obey_stalls &
	stalls_pid=$!
	watch_boot &
	boot_pid=$!
}

# The command asks, by a number of milliseconds a line, that all of the machine stands still
# while time goes on: what a suspended machine, or one whose host has no time for it, sees.
# The pid is qemu's own, as it wrote it; above it is the shell's job, timeout.
obey_stalls()
{
	tail -s 0.1 --pid="$qemu_pid" -f -c +1 "$run/stalls" | while read -r length; do
		case $length in
		''|*[!0-9]*|?????*) complain "no time to stand still: '$length'"; continue ;;
		esac
		machine=$(cat "$run/pid")
		kill -STOP "$machine" || continue
		sleep "$((length / 1000)).$(printf %03d $((length % 1000)))"
		kill -CONT "$machine" || true
	done
}

# How many seconds the threads of the machine have waited for a processor of the host, in all.
waited()
{
	cat /proc/"$(cat "$run/pid" 2>/dev/null)"/task/*/schedstat 2>/dev/null |
		awk '{ waited += $2 } END { printf "%d", waited / 1e9 }'
}

# An emulated machine now and then hangs while it sets up its processors, before anything of ours
# runs; usually it takes 7 seconds to begin.  One that the host doesn't run doesn't hang.
# Nobody ends this by its number, which would be another's: it ends before the machine does.
watch_boot()
{
	seconds=0
	while [ -e "$run/status" ] && [ ! -s "$run/status" ] && [ ! -e "$run/ended" ]; do
		[ $((seconds - $(waited))) -lt "$boot_timeout" ] || exec kill "$qemu_pid"
		sleep 1
		seconds=$((seconds + 1))
	done
}

wait_for_qemu()
{
	qemu_status=0
	wait "$qemu_pid" || qemu_status=$?
	qemu_pid=
	: > "$run/ended"
	wait "$output_pid" || true
	wait "$errors_pid" || true
	wait "$stalls_pid" || true
	wait "$boot_pid" || true
	output_pid=
	errors_pid=
	stalls_pid=
}

# Prints why, and gives the status of the run.
judge()
{
	if [ -n "$kernel_log" ]; then
		cp "$run/console" "$kernel_log"
	fi
	case $(tail -n 1 "$run/status") in
	"exit "*)
		return "$(sed -n 's/exit //p' "$run/status")" ;;
	esac
	tail -n 40 "$run/console" >&2
	cat "$run/qemu" >&2
	if [ "$qemu_status" = 124 ] || [ "$qemu_status" = 137 ]; then
		complain "no end within $timeout s, machine stopped"
		return 124
	fi
	if grep -q 'Kernel panic' "$run/console"; then
		complain "the kernel panicked: $(sed -n 's/.*Kernel panic - not syncing: //p' "$run/console" | head -n 1)"
	else
		complain "the machine ended without reporting a status (qemu: $qemu_status)"
	fi
	return 125
}

while [ $# -gt 0 ]; do
	case $1 in
	--timeout|--smp|--memory|--kernel-log)
		[ $# -gt 1 ] || bad_usage "$1 needs a value"
		case $1 in
		--timeout) timeout=$(positive "$1" "$2") ;;
		--smp) smp=$(positive "$1" "$2") ;;
		--memory) memory=$(positive "$1" "$2") ;;
		--kernel-log) kernel_log=$2 ;;
		esac
		shift 2
		;;
	-h|--help) usage; exit 0 ;;
	--) shift; break ;;
	-*) bad_usage "unknown option '$1'" ;;
	*) break ;;
	esac
done
[ $# -gt 0 ] || bad_usage "no command given"

command -v qemu-system-x86_64 >/dev/null ||
	skip "qemu-system-x86_64 is not installed (scripts/install-deps.sh)"
get_kernel

trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
run=$(mktemp -d "$vm/run.XXXXXX") || fail "cannot write to $vm"
build_run_initramfs "$@"
start_qemu
wait_for_qemu
if [ ! -s "$run/status" ] && ! grep -q 'Kernel panic' "$run/console"; then
	complain "the machine did not begin; once more"
	start_qemu
	wait_for_qemu
fi
judge
