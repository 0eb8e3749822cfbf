#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 60
#
# The front named ip: bfd is handled, all else goes to the distribution's ip unchanged.

# shellcheck source=selftests/lib.sh disable=SC2154
. "$(dirname "$0")/../lib.sh"

absent='Error: no bfd-agent serves this network namespace (start it with: bfd-agent [--netns NAME]).'

# same WORD...: front and distribution's ip do the same.
same()
{
	local wanted

	"$REAL" "$@" > "$TEST_TMP/out.real" 2> "$TEST_TMP/err.real" < /dev/null
	wanted=$?
	"$FRONT" "$@" > "$TEST_TMP/out" 2> "$TEST_TMP/err" < /dev/null
	check_equal $? $wanted "exit status of '$*'"
	cmp -s "$TEST_TMP/out" "$TEST_TMP/out.real" && cmp -s "$TEST_TMP/err" "$TEST_TMP/err.real"
	check_err $? "'$*' says something else: $(cat "$TEST_TMP/out" "$TEST_TMP/err")"
}

# batch STATUS STDOUT STDERR WORD...: of lines in standard input.
batch()
{
	"$FRONT" "${@:4}" > "$TEST_TMP/out" 2> "$TEST_TMP/err"
	check_equal $? "$1" "exit status of '${*:4}'"
	check_equal "$(cat "$TEST_TMP/out")" "$2" "stdout of '${*:4}'"
	check_equal "$(cat "$TEST_TMP/err")" "$3" "stderr of '${*:4}'"
}

test_pass_through()
{
	same link show lo
	same -j -n "$ns" link show
	same -V
	same
	same -br -n "$ns" addr
	same b
	same bf
	same bfdx
	same link show nosuch
	same link frob
	same -x bfd
	same netns exec "$ns" cat /proc/net/dev
	same netns exec "$ns" sh -c 'exit 7'
	log_test "everything else is as without the front"
}

test_bfd()
{
	batch 2 "" "$absent" -n "$ns" bfd show
	batch 2 "" "$absent" -j -s -6 -netns "$ns" -- bfd
	log_test "the object bfd, behind global options"
}

test_help()
{
	"$REAL" help > "$TEST_TMP/out.real" 2> "$TEST_TMP/err.real"
	batch 255 "" "This ip has the object bfd too, see \"ip bfd help\"."$'\n'"$(cat "$TEST_TMP/err.real")" help
	same link help
	log_test "ip help mentions bfd, and says the rest as ever"
}

test_batches()
{
	same -n "$ns" -batch /dev/null
	same -n "$ns" -b /nonexistent
	batch 0 "" "" -n "$ns" -b - <<< "link set lo up"
	check_equal "$("$REAL" -n "$ns" -j link show lo | jq -r '.[0].flags | index("UP") != null')" \
		true "lo is up"
	log_test "a batch without bfd"
	batch 1 "" "$absent"$'\n'"Command failed -:2" -n "$ns" -b - <<-'END'
		link set lo down
		bfd show   # fails
		link set lo up
	END
	check_equal "$("$REAL" -n "$ns" -j link show lo | jq -r '.[0].flags | index("UP") != null')" \
		false "lo is down: the batch stopped"
	cat > "$TEST_TMP/batch" <<-'END'
		bfd show
		link set "lo" \
			up
		link set nosuch up
	END
	batch 1 "" "$absent"$'\n'"Command failed $TEST_TMP/batch:1"$'\n'"Cannot find device \"nosuch\""$'\n'"Command failed $TEST_TMP/batch:4" -force -n "$ns" -b "$TEST_TMP/batch"
	check_equal "$("$REAL" -n "$ns" -j link show lo | jq -r '.[0].flags | index("UP") != null')" \
		true "lo is up: the batch went on"
	log_test "a batch with bfd: in order, stops at a failure or not"
	# What can be read only once, as <(...).
	mkfifo "$TEST_TMP/fifo"
	printf 'link set lo down\nbfd show\n' > "$TEST_TMP/fifo" &
	batch 1 "" "$absent"$'\n'"Command failed -:2" -n "$ns" -b "$TEST_TMP/fifo"
	wait $!
	check_equal "$("$REAL" -n "$ns" -j link show lo | jq -r '.[0].flags | index("UP") != null')" \
		false "lo is down, by a line of the FIFO"
	echo "link set lo up" > "$TEST_TMP/fifo" &
	batch 0 "" "" -n "$ns" -b "$TEST_TMP/fifo"
	wait $!
	check_equal "$("$REAL" -n "$ns" -j link show lo | jq -r '.[0].flags | index("UP") != null')" \
		true "lo is up, by a FIFO without bfd"
	log_test "a batch that is a FIFO, with bfd and without"
}

# Two of them on PATH, and nothing else, must not run in a circle.
test_circle()
{
	mkdir "$TEST_TMP/one" "$TEST_TMP/two"
	cp "$FRONT" "$TEST_TMP/one/ip"
	cp "$FRONT" "$TEST_TMP/two/ip"
	timeout 10 env PATH="$TEST_TMP/one:$TEST_TMP/two" "$TEST_TMP/one/ip" -V \
		> "$TEST_TMP/out" 2>&1
	check_equal $? 0 "exit status"
	check_equal "$(cat "$TEST_TMP/out")" "$("$REAL" -V)" "version"
	log_test "two fronts on PATH"
}

require_root
require jq
FRONT=$BUILD/ip
for REAL in /usr/sbin/ip /sbin/ip /usr/bin/ip /bin/ip; do
	[ ! -x "$REAL" ] || break
done
[ -x "$REAL" ] || skip_all "the distribution's ip is not in its place"
setup_ns ns
test_pass_through
test_bfd
test_help
test_batches
test_circle
tap_done
