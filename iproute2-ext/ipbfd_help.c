// SPDX-License-Identifier: GPL-2.0
/*
 * What `ip bfd help` teaches: an overview, and a page for each command.  Numbers
 * come from kern/limits.h.  As all help of iproute2 it goes to stderr, with exit
 * status 255.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "utils.h"
#include "ip_common.h"
#include "ipbfd.h"

#define MS(time_us) ((time_us) / 1e3)

static const char selector_text[] =
	"SELECTOR := { id DISCR | name STRING |\n"
	"              remote ADDR [ local ADDR ] [ dev IF ] [ multihop ] [ vrf NAME ] }\n";

static void help_config(void)
{
	fprintf(stderr, "CONFIG := [ tx TIME ] [ rx TIME ] [ mult N ]\n"
			"          [ echo [ TIME | off ] ] [ echo-rx { TIME | on | off } ]\n"
			"          [ demand { on | off } ] [ poll-interval { TIME | off } ]\n"
			"          [ passive [ on | off ] ] [ hold-down { TIME | off } ]\n"
			"          [ min-ttl N ] [ admin { up | down } ] [ diag NAME ]\n"
			"          [ auth { none | TYPE key NAME [ variant { rfc | hmac } ] } "
			"[ optional ] ]\n"
			"TIME := NUMBER{ s | ms | us }\n");
}

static void help_overview(void)
{
	fprintf(stderr,
		"Usage: ip bfd { add | replace } remote ADDR [ local ADDR ] [ dev IF ] [ CONFIG ]\n"
		"              [ multihop ] [ vrf NAME ] [ echo-source ADDR ] [ remote-id N ]\n"
		"              [ name STRING ] [ client NAME ]\n"
		"       ip bfd change SELECTOR CONFIG\n"
		"       ip bfd del SELECTOR [ client NAME ]\n"
		"       ip bfd [ show [ SELECTOR ] ]\n"
		"       ip bfd { flush | reset } [ SELECTOR ]\n"
		"       ip bfd poll SELECTOR\n"
		"       ip bfd listen { PREFIX dev IF [ CONFIG ] [ limit N ] [ idle TIME ] |\n"
		"              del PREFIX dev IF | show }\n"
		"       ip bfd key { add | change | del | show } ...\n"
		"       ip bfd monitor [ state | config | all ] [ SELECTOR ]\n"
		"       ip bfd dev [ show [ dev IF ] ]\n"
		"       ip bfd agent [ show ]\n"
		"       ip bfd save\n"
		"       ip bfd restore [ FILE ] [ add | config ]\n"
		"       ip bfd help [ COMMAND ]\n"
		"%s",
		selector_text);
	help_config();
	fprintf(stderr,
		"TIME is at least %gms (echo: %gms); default tx %gms, rx %gms, mult %d\n"
		"Example: ip bfd add remote 192.0.2.2 dev eth0 tx 50ms rx 50ms mult 3\n",
		MS(BFD_MIN_INTERVAL), MS(BFD_MIN_ECHO_INTERVAL), MS(BFD_DEFAULT_DESIRED_MIN_TX),
		MS(BFD_DEFAULT_REQUIRED_MIN_RX), BFD_DEFAULT_MULTIPLIER);
}

static void help_add(void)
{
	fprintf(stderr,
		"Usage: ip bfd { add | replace } remote ADDR [ local ADDR ] [ dev IF ] [ CONFIG ]\n"
		"              [ multihop ] [ vrf NAME ] [ echo-source ADDR ] [ remote-id N ]\n"
		"              [ name STRING ] [ client NAME ]\n");
	help_config();
	fprintf(stderr,
		"\n"
		"Makes a session and prints \"id N\", which selects it. replace changes one that\n"
		"is there; what isn't given gets its default.\n"
		"\n"
		"  tx, rx TIME     how often we send at most, and want to receive at most; the\n"
		"                  slower end of each direction decides. Default %gms, %gms.\n"
		"  mult N          the peer gives up after N of our packets are missing: 1-255, "
		"%d.\n"
		"  echo [TIME]     send echo packets that the peer's forwarding returns, each "
		"%gms;\n"
		"                  lost ones end the session (echo-failed). Not with multihop.\n"
		"  echo-rx TIME    return the peer's, if they come no faster; on is %gms.\n"
		"  demand on       ask the peer to be silent while up; poll-interval verifies.\n"
		"  passive         speak only when spoken to.\n"
		"  hold-down TIME  after a failure stay down for so long.\n"
		"  multihop        over routers (UDP port 4784); no dev, the route decides.\n"
		"  min-ttl N       multihop: refuse packets that came over more than 255 - N "
		"hops.\n"
		"  admin down      hold it down; diag NAME tells the peer why (default "
		"admin-down).\n"
		"  diag NAME       while up: concatenated-path-down, "
		"reverse-concatenated-path-down\n"
		"                  or none, a word about the path beyond.\n"
		"  auth TYPE       authenticate packets by the keys of a chain, \"ip bfd help "
		"key\".\n"
		"                  variant hmac is FRR's SHA1; optional: once the peer does so, "
		"too.\n"
		"  client NAME     share the session; the fastest client's parameters count.\n"
		"\n"
		"Example: ip bfd add remote 198.51.100.7 multihop min-ttl 250 tx 300ms\n"
		"         ip bfd add remote fe80::2%%eth0 echo 20ms echo-rx on\n",
		MS(BFD_DEFAULT_DESIRED_MIN_TX), MS(BFD_DEFAULT_REQUIRED_MIN_RX),
		BFD_DEFAULT_MULTIPLIER, MS(BFD_DEFAULT_ECHO_TX), MS(BFD_DEFAULT_ECHO_RX));
}

static void help_change(void)
{
	fprintf(stderr, "Usage: ip bfd change SELECTOR CONFIG\n%s", selector_text);
	help_config();
	fprintf(stderr,
		"\n"
		"What isn't given keeps its value. The peer is told by a Poll Sequence, and the\n"
		"session stays up. \"ip bfd help add\" explains the parameters.\n"
		"\n"
		"Example: ip bfd change remote 192.0.2.2 tx 10ms rx 10ms\n"
		"         ip bfd change name core admin down\n");
}

static void help_del(void)
{
	fprintf(stderr,
		"Usage: ip bfd del SELECTOR [ client NAME ]\n"
		"       ip bfd flush [ SELECTOR ]\n%s"
		"\n"
		"The peer is told AdminDown, so that it doesn't take it for a failure. With\n"
		"client, only that one leaves: the session ends with its last client. flush\n"
		"deletes all that match.\n"
		"\n"
		"Example: ip bfd del id 1234\n"
		"         ip bfd flush dev eth0\n",
		selector_text);
}

static void help_show(void)
{
	fprintf(stderr,
		"Usage: ip bfd [ show [ SELECTOR ] ]\n%s"
		"\n"
		"  -d  details of the peer, -s counters, -o one line each, -br a table, -j JSON\n"
		"\n"
		"Example: ip -j bfd show | jq '.[] | select(.state != \"up\") | .remote'\n"
		"         ip -s bfd show name core\n",
		selector_text);
}

static void help_poll(void)
{
	fprintf(stderr,
		"Usage: ip bfd poll SELECTOR\n%s"
		"\n"
		"Verifies a session that is up: a Poll Sequence, and if no Final comes in the\n"
		"detection time the session goes down. In Demand mode nothing else looks, unless\n"
		"there is a poll-interval or echo.\n",
		selector_text);
}

static void help_reset(void)
{
	fprintf(stderr,
		"Usage: ip bfd reset [ SELECTOR ]\n%s"
		"\n"
		"Tells the peers of these sessions (all without SELECTOR) that our forwarding "
		"state\n"
		"was lost: they go down with the diagnostic forwarding-reset, and come up again.\n"
		"\n"
		"Example: ip bfd reset dev eth0\n",
		selector_text);
}

static void help_listen(void)
{
	fprintf(stderr,
		"Usage: ip bfd listen [ add | replace ] PREFIX dev IF [ CONFIG ] [ limit N ] [ "
		"idle TIME ]\n"
		"       ip bfd listen del PREFIX dev IF\n"
		"       ip bfd listen [ show [ PREFIX dev IF ] ]\n"
		"CONFIG := [ tx TIME ] [ rx TIME ] [ mult N ] [ echo [ TIME | off ] ]\n"
		"          [ echo-rx { TIME | on | off } ] [ demand { on | off } ]\n"
		"          [ poll-interval { TIME | off } ] [ hold-down { TIME | off } ]\n"
		"\n"
		"Neighbours of this device with an address in PREFIX get a passive session when\n"
		"they speak first (RFC 9468), up to limit (default %d) at once. One that isn't up\n"
		"for the time idle (default %gs) is removed. del removes the sessions too.\n"
		"\n"
		"Example: ip bfd listen 192.0.2.0/24 dev eth0 limit 10\n",
		BFD_DEFAULT_LISTEN_LIMIT, BFD_DEFAULT_LISTEN_IDLE / 1e6);
}

static void help_key(void)
{
	fprintf(stderr,
		"Usage: ip bfd key add NAME id N type TYPE { text STRING | hex BYTES | file PATH "
		"}\n"
		"              [ send-from WHEN ] [ accept-from WHEN ] [ accept-until WHEN ]\n"
		"       ip bfd key change NAME id N [ send-from WHEN ] [ accept-from WHEN ]\n"
		"              [ accept-until WHEN ]\n"
		"       ip bfd key del NAME [ id N ]\n"
		"       ip bfd key [ show [ NAME ] ]\n"
		"TYPE := simple | md5 | meticulous-md5 | sha1 | meticulous-sha1\n"
		"WHEN := now | none | @SECONDS | +TIME | 2026-11-26T12:00:00[ Z | +hh:mm ]\n"
		"\n"
		"Keys of the key chain NAME, for sessions with \"auth TYPE key NAME\". A session "
		"sends\n"
		"with the key of its TYPE that began to send last, and accepts all in their time: "
		"id\n"
		"(0-255) tells them apart on the wire. A key has up to %d bytes (sha1: %d). It is "
		"never\n"
		"shown. file PATH (or -) keeps it out of the shell's history and the list of\n"
		"processes. Only root may add and see keys.\n"
		"\n"
		"Example: ip bfd key add core id 1 type sha1 file /root/core.key\n"
		"         ip bfd add remote 192.0.2.2 dev eth0 auth sha1 key core\n"
		"         ip bfd key add core id 2 type sha1 file - send-from +3600s\n"
		"         ip bfd key change core id 1 accept-until +7200s\n",
		BFD_MAX_SECRET_SHORT, BFD_MAX_SECRET);
}

static void help_monitor(void)
{
	fprintf(stderr,
		"Usage: ip bfd monitor [ state | config | all ] [ SELECTOR ]\n%s"
		"\n"
		"One line for each event: transitions (state), sessions that are added, changed\n"
		"and deleted (config). -ts adds the time, -j makes each line an object.\n"
		"\n"
		"Example: ip -ts bfd monitor state\n",
		selector_text);
}

static void help_dev(void)
{
	fprintf(stderr,
		"Usage: ip bfd dev [ show [ dev IF ] ]\n"
		"\n"
		"Devices with sessions, and where their packets reach the program: native (XDP\n"
		"in the driver) or generic (XDP in the stack). The transmit clock is one for all\n"
		"devices: what makes its ticks, how often, and the longest gap between two.\n");
}

static void help_agent(void)
{
	fprintf(stderr,
		"Usage: ip bfd agent [ show ]\n"
		"\n"
		"The agent of this network namespace, its transmit clock, and packets that\n"
		"matched no session, by reason.\n");
}

static void help_save(void)
{
	fprintf(stderr,
		"Usage: ip bfd save\n"
		"       ip bfd restore [ FILE ] [ add | config ]\n"
		"\n"
		"save prints what is configured, as lines for restore, for ip -batch and for the\n"
		"agent's configuration file (bfd-agent --config): sessions but those that listen\n"
		"took, listeners, and of keys a comment. No secret is saved.\n"
		"\n"
		"restore makes what is configured equal to the lines of FILE, or of standard "
		"input:\n"
		"what isn't in them is DELETED, what is missing is added, what differs is "
		"changed,\n"
		"and what is the same isn't touched: no packet tells of it. A line that is wrong, "
		"or\n"
		"that the agent would refuse, is named, and nothing is changed. Keys are added "
		"and\n"
		"changed, but never deleted.\n"
		"\n"
		"  add     keep what isn't in FILE.\n"
		"  config  as the agent applies its file: delete only what came from there.\n"
		"\n"
		"Example: ip bfd save > /etc/bfd/bfd.conf\n"
		"         ip bfd restore /etc/bfd/bfd.conf\n");
}

/* Abbreviations as those of the commands. */
static const struct {
	const char *command;
	void (*print)(void);
} topics[] = {
	{"add", help_add},     {"change", help_change},	  {"replace", help_add},
	{"delete", help_del},  {"show", help_show},	  {"list", help_show},
	{"flush", help_del},   {"monitor", help_monitor}, {"dev", help_dev},
	{"agent", help_agent}, {"help", help_overview},	  {"poll", help_poll},
	{"reset", help_reset}, {"listen", help_listen},	  {"key", help_key},
	{"save", help_save},   {"restore", help_save},
};

void bfd_usage(void)
{
	help_overview();
	exit(-1);
}

void bfd_help_topic(const char *topic)
{
	size_t i;

	if (!topic)
		bfd_usage();
	for (i = 0; i < ARRAY_SIZE(topics); i++) {
		if (matches(topic, topics[i].command))
			continue;
		topics[i].print();
		exit(-1);
	}
	fprintf(stderr, "There is no help on \"%s\", try \"ip bfd help\".\n", topic);
	exit(-1);
}
