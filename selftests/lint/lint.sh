#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 600
#
# Style and static analysis as TAP: one point for each step of scripts/lint.sh.

set -u

top=$(cd "$(dirname "$0")/../.." && pwd)
log=$(mktemp)
trap 'rm -f "$log"' EXIT
count=0
failed=0

for step in format generated shell cppcheck tidy; do
	count=$((count + 1))
	if "$top/scripts/lint.sh" "$step" > "$log" 2>&1; then
		echo "ok $count - lint: $step"
	else
		echo "not ok $count - lint: $step"
		sed 's/^/# /' "$log"
		failed=1
	fi
done
echo "1..$count"
exit $failed
