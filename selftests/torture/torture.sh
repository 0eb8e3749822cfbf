#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 200
# alone
#
# The torture test, short and with slow sessions: each fault but the upgrade, for which a second
# version is built.  TORTURE_SECONDS: for so long, with that, and with faster sessions.  `make torture`
# has it whole.

torture=$(dirname "$0")/torture.py

[ -n "${TORTURE_SECONDS:-}" ] || exec "$torture" --build "$BUILD" --seconds 25 --sessions 24 --tx 100ms \
	--without upgrade
exec "$torture" --build "$BUILD" --seconds "$TORTURE_SECONDS" --sessions 40 --tx 50ms
