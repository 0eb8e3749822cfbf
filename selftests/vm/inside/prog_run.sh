#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs all of selftests/prog_run on the kernel that is here: one TAP point for each
# program, and of its own points those that failed.  Started by vm/prog_run.sh.

set -u

top=$(cd "$(dirname "$0")/../../.." && pwd)
log=$(mktemp)
trap 'rm -f "$log"' EXIT
count=0
failed=0

for test in "${BUILD:-$top/build}"/selftests/prog_run/*_test; do
	count=$((count + 1))
	name=$(basename "$test")
	status=0
	# Not soon on a machine of the lowest priority.
	timeout 600 "$test" > "$log" 2>&1 || status=$?
	if [ $status -eq 0 ]; then
		echo "ok $count - $name on $(uname -r): $(grep -c '^ok' "$log") points"
	else
		echo "not ok $count - $name on $(uname -r), exit status $status"
		grep -v '^ok' "$log" | sed 's/^/# /'
		failed=1
	fi
done
echo "1..$count"
exit $failed
