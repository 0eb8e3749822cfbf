/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a frame did, as the maps show it: nothing, accepted by one session, or
 * discarded under one reason by one session or globally.  Anything else is told
 * as EFFECT_OTHER.
 */
#ifndef IPBFD_TALLY_H
#define IPBFD_TALLY_H

#include <stdio.h>
#include <string.h>

#include "harness.h"

#define TALLY_SESSIONS 8
#define TALLY_GLOBAL (-1)

struct tally {
	uint64_t discards[BFD_DISCARD_COUNT];
	struct bfd_session sessions[TALLY_SESSIONS];
};

enum effect_kind {
	EFFECT_IGNORED,
	EFFECT_ACCEPTED,
	EFFECT_DISCARDED,
	EFFECT_OTHER,
};

struct effect {
	enum effect_kind kind;
	int where; /* slot, or TALLY_GLOBAL */
	unsigned int reason;
};

static inline void tally_take(const struct harness *harness, struct tally *tally)
{
	harness_discards(harness, tally->discards);
	for (uint32_t slot = 0; slot < TALLY_SESSIONS; slot++)
		harness_session(harness, slot, &tally->sessions[slot]);
}

/* Another effect was seen already: then there are two, which is none of the kinds. */
static inline void tally_note(struct effect *effect, enum effect_kind kind, int where,
			      unsigned int reason, uint64_t count)
{
	if (count == 0)
		return;
	if (effect->kind != EFFECT_IGNORED || count != 1)
		kind = EFFECT_OTHER;
	*effect = (struct effect){.kind = kind, .where = where, .reason = reason};
}

static inline struct effect tally_effect(const struct tally *before, const struct tally *after)
{
	struct effect effect = {.kind = EFFECT_IGNORED, .where = TALLY_GLOBAL};

	for (unsigned int reason = 0; reason < BFD_DISCARD_COUNT; reason++)
		tally_note(&effect, EFFECT_DISCARDED, TALLY_GLOBAL, reason,
			   after->discards[reason] - before->discards[reason]);
	for (int slot = 0; slot < TALLY_SESSIONS; slot++) {
		struct bfd_session old = before->sessions[slot];
		const struct bfd_session *new = &after->sessions[slot];

		tally_note(&effect, EFFECT_ACCEPTED, slot, 0,
			   new->stats.rx_packets - old.stats.rx_packets);
		for (unsigned int reason = 0; reason < BFD_DISCARD_COUNT; reason++)
			tally_note(&effect, EFFECT_DISCARDED, slot, reason,
				   new->stats.rx_invalid[reason] - old.stats.rx_invalid[reason]);
		/* Only an accepted packet may change anything but its counter (RX-23). */
		if (effect.kind == EFFECT_ACCEPTED && effect.where == slot)
			continue;
		memcpy(old.stats.rx_invalid, new->stats.rx_invalid, sizeof(old.stats.rx_invalid));
		if (memcmp(&old, new, sizeof(old)) != 0)
			effect.kind = EFFECT_OTHER;
	}
	return effect;
}

static inline bool tally_same(const struct effect *a, const struct effect *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == EFFECT_IGNORED)
		return true;
	return a->where == b->where && (a->kind == EFFECT_ACCEPTED || a->reason == b->reason);
}

static inline const char *tally_reason(unsigned int reason)
{
	static const char *const names[] = {
#define TALLY_NAME(id, name, text) name,
		BFD_DISCARD_REASONS(TALLY_NAME)
#undef TALLY_NAME
	};

	return reason < BFD_DISCARD_COUNT ? names[reason] : "no reason";
}

/* For the reader of a failure. */
static inline void tally_print(const char *label, const struct effect *effect)
{
	static const char *const kinds[] = {"ignored", "accepted", "discarded", "something else"};

	printf("# %s: %s, slot %d, %s\n", label, kinds[effect->kind], effect->where,
	       effect->kind == EFFECT_DISCARDED ? tally_reason(effect->reason) : "-");
}

#endif /* IPBFD_TALLY_H */
