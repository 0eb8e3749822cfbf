#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# time limit: 600
# alone
# long
#
# Storms, shorter, of ipbfd alone and with slower sessions.  `make storms` has them whole.

exec "$(dirname "$0")/storms.py" --build "$BUILD" --part hogs --part overshoot --system ipbfd \
	--seconds 10 --sessions 20 --tx 50ms --rounds 2
