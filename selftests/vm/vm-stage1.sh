#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# First process of the virtual machine, run by busybox from the initramfs.
# Turns the host's root file system (9p, read-only) into the machine's own
# root, with a layer of memory above it that takes all writes, and goes on to
# vm-stage2.sh there. It must not write to the host; any failure here ends
# the first process, hence panics the kernel, hence is seen by vm-run.sh.

set -eu

PATH=/bin
for tool in mount insmod mkdir cat ln; do
	alias "$tool=busybox $tool"
done

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev

for module in /modules/*; do
	insmod "$module"
done

repository=$(cat /run-files/repository)
release=$(cat /run-files/release)

# The host's files do not change while a test runs: cache them without asking.
mount -t 9p -o ro,trans=virtio,version=9p2000.L,msize=512000,cache=loose host /host
mount -t tmpfs -o mode=755 memory /memory
mkdir /memory/upper /memory/work
chmod 755 /memory/upper
mount -t overlay -o lowerdir=/host,upperdir=/memory/upper,workdir=/memory/work root /root

# The host's own sockets and locks are no business of the machine.
mount -t tmpfs -o mode=755 run /root/run
mkdir -p /root/run/vm
cat /run-files/command > /root/run/vm/command
cat /run-files/repository > /root/run/vm/repository

# The repository without the layer: a test that writes its results there must
# fail rather than lose them when the machine ends.
mkdir -p "/root$repository"
mount -o bind "/host$repository" "/root$repository"
mkdir -p "/root/lib/modules/$release"
mount -o bind "/host$repository/build/vm/lib/modules/$release" "/root/lib/modules/$release"

for directory in proc sys dev; do
	mount -o move "/$directory" "/root/$directory"
done

# All that a test expects to be mounted is mounted here already: starting the
# host's programs from the 9p root costs more under emulation than all of this.
mkdir -p /root/dev/pts /root/dev/shm /root/run/lock /root/run/netns
mount -t devpts -o mode=620,ptmxmode=666 devpts /root/dev/pts
mount -t tmpfs -o mode=1777 shm /root/dev/shm
mount -t cgroup2 cgroup2 /root/sys/fs/cgroup
mount -t bpf -o mode=700 bpf /root/sys/fs/bpf
mount -t debugfs debugfs /root/sys/kernel/debug
mount -t tracefs tracefs /root/sys/kernel/tracing
ln -s /proc/self/fd /root/dev/fd
ln -s /proc/self/fd/0 /root/dev/stdin
ln -s /proc/self/fd/1 /root/dev/stdout
ln -s /proc/self/fd/2 /root/dev/stderr

exec busybox switch_root /root /bin/sh "$repository/selftests/vm/vm-stage2.sh"
