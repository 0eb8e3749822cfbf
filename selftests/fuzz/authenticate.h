/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Authentication for the fuzz target of the protocol core: its events, and what must hold for
 * them (RFC 5880 6.7).
 */
#ifndef IPBFD_FUZZ_AUTHENTICATE_H
#define IPBFD_FUZZ_AUTHENTICATE_H

#include "kern/section.h"
#include "selftests/fuzz/subject.h"

/* None, or one of the types by one of two chains. */
static struct bfd_auth_config take_auth_config(struct input *input)
{
	unsigned int choice = take(input, 1);
	struct bfd_auth_config config = {.type = choice % 6};

	if (config.type != BFD_AUTH_NONE)
		config.chain = 1 + (choice >> 3 & 1);
	config.hmac = config.type >= 4 && (choice & 16);
	config.optional = choice >> 5 & 1;
	return config;
}

static void check_auth(const struct bfd_auth *auth)
{
	must(auth->used.type <= 5 && auth->awaited.type <= 5);
	must(!auth->used.optional && !auth->awaited.optional);
	must((auth->used.type == 0) == (auth->used.chain == 0));
	must(auth->awaiting || (auth->awaited.type == 0 && auth->awaited.chain == 0));
	must(!auth->awaiting || !bfd_auth_same(&auth->used, &auth->awaited));
	must(!auth->sequence_known || auth->used.type >= 2);
}

/* What a section has shown; often what the session wants, with a number near the last one. */
static struct bfd_auth_claim take_claim(const struct bfd_auth *auth, struct input *input)
{
	struct bfd_auth_claim claim = {.config = auth->used};
	unsigned int choice = take(input, 1);

	if (choice % 4 == 1)
		claim.config = auth->awaited;
	else if (choice % 4 == 2)
		claim.config = take_auth_config(input);
	claim.config.optional = 0;
	claim.sequence = choice & 16 ? take(input, 4) : auth->rx_sequence + (choice >> 5);
	return claim;
}

/*
 * RFC 5880 6.7: may the packet be received?  Only what claims what is used or awaited, with a
 * number that wasn't there before; nothing is written.
 */
static int is_admitted(struct subject *subject, const struct bfd_packet *packet,
		       struct bfd_auth_claim *claim, struct input *input)
{
	struct bfd_auth *auth = &subject->auth, before = *auth;
	int is_signed = packet->state_flags & WIRE_AUTH;
	__u64 now_ns = subject->fixture.now_ns;
	__u32 ahead;

	*claim = (struct bfd_auth_claim){};
	if (bfd_auth_expect(auth, packet) != BFD_ACCEPT) {
		must(is_signed ? auth->used.type == 0 && !auth->awaiting : auth->used.type != 0);
		return 0;
	}
	if (is_signed)
		*claim = take_claim(auth, input);
	if (is_signed && claim->config.type == BFD_AUTH_NONE)
		return 0; /* no section is good by that */
	ahead = claim->sequence - auth->rx_sequence;
	if (bfd_auth_admit(auth, claim, packet->detect_mult, now_ns) != BFD_ACCEPT) {
		before.sequence_known = auth->sequence_known;
		must(memcmp(&before, auth, sizeof(before)) == 0);
		return 0;
	}
	if (bfd_auth_same(&claim->config, &auth->used)) {
		must((claim->config.type != 0) == !!is_signed);
		if (auth->sequence_known)
			must(claim->config.type < 2 ||
			     (ahead <= 3U * packet->detect_mult &&
			      (ahead != 0 || claim->config.type == 2 || claim->config.type == 4)));
	} else {
		must(auth->awaiting && bfd_auth_same(&claim->config, &auth->awaited));
	}
	return 1;
}

static void admitted(struct subject *subject, const struct bfd_auth_claim *claim)
{
	struct bfd_auth before = subject->auth;
	struct bfd_auth *auth = &subject->auth;
	__u32 outcome =
		bfd_auth_received(auth, &subject->fixture.vars, claim, subject->fixture.now_ns);

	must(bfd_auth_same(&auth->used, &claim->config));
	must(auth->used.type < 2 || (auth->sequence_known && auth->rx_sequence == claim->sequence));
	must(auth->tx_sequence == before.tx_sequence);
	if (bfd_auth_same(&before.used, &claim->config)) {
		must(outcome == 0 && auth->awaiting == before.awaiting);
	} else {
		must(!auth->awaiting && (outcome & BFD_OUTCOME_NOW));
		subject->kick |= BFD_KICK_NOW;
	}
}

/* Any bytes as a section: none of it is read beyond Length, and only a password can be guessed. */
static void judge_section(struct input *input)
{
	struct bfd_key key = {.id = 1, .type = 1 + take(input, 1) % 5};
	struct bfd_section section = {};
	unsigned int length;

	key.length = 1 + take(input, 1) % bfd_auth_max_secret(key.type);
	for (int i = 0; i < key.length; i++)
		key.secret[i] = take(input, 1);
	length = 26 + take(input, 1) % 230;
	for (unsigned int i = 0; i < length; i++)
		section.packet.bytes[i] = take(input, 1);
	section.length = length;
	if (take(input, 1) & 1)
		section.packet.bytes[BFD_SECTION_TYPE] = key.type;
	if (take(input, 1) & 1)
		section.packet.bytes[BFD_SECTION_LENGTH] = bfd_auth_length(&key);
	bfd_section_keep(&section);
	if (bfd_section_form(&section, key.type) != BFD_ACCEPT)
		return;
	must(section.packet.bytes[BFD_SECTION_TYPE] == key.type);
	must(24U + section.packet.bytes[BFD_SECTION_LENGTH] <= length);
	if (bfd_section_verify(&section, &key, take(input, 1) & 1) == BFD_ACCEPT)
		must(key.type == BFD_AUTH_SIMPLE &&
		     memcmp(&section.packet.bytes[27], key.secret, key.length) == 0);
	/* Behind the packet all is as it was, for the next to hash. */
	if (key.type != BFD_AUTH_SIMPLE && section.length < sizeof(section.packet.bytes))
		must(section.packet.bytes[section.length] == 0);
}

/* The packet leaves, perhaps authenticated. */
static void stamp(struct subject *subject, struct bfd_packet packet)
{
	struct bfd_auth *auth = &subject->auth, before = *auth;

	must(!(packet.state_flags & WIRE_AUTH));
	bfd_auth_stamp(auth, &packet);
	must(!(packet.state_flags & WIRE_AUTH) == (auth->used.type == BFD_AUTH_NONE));
	must(auth->rx_sequence == before.rx_sequence && auth->awaiting == before.awaiting);
	if (auth->used.type == BFD_AUTH_NONE)
		must(auth->tx_sequence == before.tx_sequence);
	else if (auth->used.type == 3 || auth->used.type == 5 ||
		 memcmp(&packet, before.tx_content, sizeof(packet)) != 0)
		must(auth->tx_sequence == before.tx_sequence + 1);
	else
		must(auth->tx_sequence == before.tx_sequence);
}

/* Authentication changes at the operator's wish. */
static void configure_auth(struct subject *subject, struct input *input)
{
	struct bfd_auth_config config = take_auth_config(input);
	struct bfd_auth before = subject->auth;
	int changed = bfd_auth_configure(&subject->auth, &config);

	must(changed != bfd_auth_same(&before.used, &subject->auth.used));
	if (config.optional)
		must(bfd_auth_same(&before.used, &subject->auth.used));
	else
		must(bfd_auth_same(&config, &subject->auth.used) && !subject->auth.awaiting);
	must(!changed || !subject->auth.sequence_known);
	must(subject->auth.tx_sequence == before.tx_sequence);
}

#endif /* IPBFD_FUZZ_AUTHENTICATE_H */
