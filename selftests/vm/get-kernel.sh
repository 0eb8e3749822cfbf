#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Fetch Debian's stock kernel and make it bootable by vm-run.sh.
#
#	selftests/vm/get-kernel.sh
#
# Leaves in build/vm/:
#	kernel			what qemu boots
#	lib/modules/RELEASE	its modules, indexed for modprobe
#	release			its release; written last: it says that the above is complete
#	initramfs		busybox and the modules that mounting the root needs
#
# What is there already is kept: remove build/vm to get a newer kernel.
# It must not install the kernel, run its maintainer scripts or touch /boot.
# Exit 4 (kselftest's skip) if there is no way to the kernel on this machine.

set -eu

here=$(cd "$(dirname "$0")" && pwd)
repository=$(cd "$here/../.." && pwd)
vm=$repository/build/vm
metapackage=${VM_KERNEL_PACKAGE:-linux-image-amd64}

# In the order of their need. Their own dependencies are looked up.
boot_modules="virtio_pci virtio_console 9pnet_virtio 9p overlay virtio_rng"

work=

skip()
{
	echo "get-kernel: $*" >&2
	exit 4
}

need_command()
{
	command -v "$1" >/dev/null || skip "$1 is not installed (scripts/install-deps.sh)"
}

# The metapackage names the current kernel only in its dependency.
kernel_package()
{
	apt-cache depends --important "$metapackage" 2>/dev/null |
		sed -n 's/^ *Depends: \(linux-image-[0-9].*\)$/\1/p' | head -n 1
}

download()
{
	package=$(kernel_package)
	[ -n "$package" ] || return 1
	# The sandbox user of apt may not be able to write below build/.
	(cd "$work" && apt-get -qq -o APT::Sandbox::User=root download "$package") \
		>> "$work/log" 2>&1
}

# Package lists that are missing or old make the download fail.
fetch_package()
{
	download && return 0
	apt-get -qq update >> "$work/log" 2>&1 || true
	download && return 0
	tail -n 5 "$work/log" >&2
	skip "cannot download the kernel package of $metapackage"
}

number_at()	# FILE OFFSET BYTES
{
	od -An -v -t "u$3" -j "$2" -N "$3" "$1" | tr -d ' '
}

# Under emulation the kernel's own decompression takes longer than all the
# rest of its boot, so do that here, once. The offsets are those of the x86
# boot protocol; a kernel that is packed in another way is booted as it is.
unpack_kernel()	# BZIMAGE VMLINUX
{
	setup=$(number_at "$1" 497 1)
	offset=$(($(number_at "$1" 584 4) + (setup + 1) * 512))
	length=$(number_at "$1" 588 4)
	# The last 4 bytes of the payload are its unpacked size.
	tail -c "+$((offset + 1))" "$1" | head -c "$((length - 4))" |
		xz -dc > "$2" 2>> "$work/log" && return 0
	cp "$1" "$2"
}

# Prints the modules in the order in which they must be loaded.
boot_module_paths()
{
	for module in $boot_modules; do
		modprobe -d "$vm" -S "$(cat "$vm/release")" --show-depends "$module" ||
			skip "the kernel has no module $module"
	done | sed -n 's/^insmod \(.*\.ko[.a-z]*\).*/\1/p' | awk '!seen[$0]++'
}

build_initramfs()
{
	tree=$work/initramfs
	for directory in bin modules dev proc sys host memory root; do
		mkdir -p "$tree/$directory"
	done
	cp "$(command -v busybox)" "$tree/bin/busybox"
	ln -s busybox "$tree/bin/sh"
	busybox --list | grep -qx switch_root || skip "busybox has no switch_root (package busybox-static)"

	boot_module_paths > "$work/paths"
	number=10
	while read -r path; do
		cp "$path" "$tree/modules/$number-$(basename "$path")"
		number=$((number + 1))
	done < "$work/paths"

	# Not compressed: unpacking would be emulated, reading it is not.
	(cd "$tree" && find . | cpio -o -H newc --quiet -R 0:0) > "$work/initramfs.cpio"
	mv "$work/initramfs.cpio" "$vm/initramfs"
}

build_kernel()
{
	fetch_package
	dpkg-deb -x "$work"/linux-image-*.deb "$work/unpacked" ||
		skip "cannot unpack $(echo "$work"/linux-image-*.deb)"
	release=$(ls "$work/unpacked/lib/modules")
	# The package leaves this to its installation script.
	depmod -b "$work/unpacked" "$release"
	unpack_kernel "$work/unpacked/boot/vmlinuz-$release" "$work/kernel"

	rm -rf "${vm:?}/lib"
	mv "$work/unpacked/lib" "$vm/lib"
	mv "$work/kernel" "$vm/kernel"
	echo "$release" > "$work/release"
	mv "$work/release" "$vm/release"
}

has_kernel()
{
	[ -s "$vm/release" ]
}

has_initramfs()
{
	[ -s "$vm/initramfs" ] && [ "$vm/initramfs" -nt "$here/get-kernel.sh" ] &&
		[ ! "$vm/initramfs" -ot "$vm/release" ]
}

has_kernel && has_initramfs && exit 0

[ "$(uname -m)" = x86_64 ] || skip "needs an x86_64 machine"
for command in flock apt-get apt-cache dpkg-deb depmod modprobe busybox cpio xz; do
	need_command "$command"
done
mkdir -p "$vm"

# Two test runs may start at once: the second waits and then finds all done.
exec 9> "$vm/lock"
flock 9

trap '[ -z "$work" ] || rm -rf "$work"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
work=$(mktemp -d "$vm/get.XXXXXX")
has_kernel || build_kernel
has_initramfs || build_initramfs
