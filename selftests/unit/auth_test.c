// SPDX-License-Identifier: GPL-2.0
/*
 * Authentication (RFC 5880 6.7): MD5 and SHA1 by their published vectors, sections by vectors made
 * with another implementation (Python's hashlib and hmac), the window of sequence numbers for each
 * multiplier, which key counts at what time, and what a session does with all that.
 */
#include <stdlib.h>

#include "fixture.h"
#include "kern/section.h"
#include "tap.h"

static struct bfd_section section;

/* --- hashes */

static const char *hash_text(int sha1)
{
	static char text[41];
	int count = sha1 ? 20 : 16;

	for (int i = 0; i < count; i++) {
		__u32 word = section.hash.words[i / 4];

		snprintf(text + 2 * i, 3, "%02x",
			 word >> (sha1 ? 24 - 8 * (i % 4) : 8 * (i % 4)) & 0xff);
	}
	return text;
}

static void start(int sha1)
{
	memset(&section, 0, sizeof(section));
	if (sha1)
		bfd_sha1_start(&section.hash);
	else
		bfd_md5_start(&section.hash);
}

static const char *hash_of(int sha1, const char *text)
{
	start(sha1);
	section.length = strlen(text);
	memcpy(section.packet.bytes, text, section.length);
	bfd_section_hash(&section, sha1, 0);
	return hash_text(sha1);
}

/* A million times "a", by 15625 whole blocks and the padding. */
static const char *hash_of_million(int sha1)
{
	struct bfd_hash_block block;

	start(sha1);
	memset(&block, 'a', sizeof(block));
	for (int i = 0; i < 1000000 / BFD_HASH_BLOCK; i++) {
		if (sha1)
			bfd_sha1_block(&section.hash, &block);
		else
			bfd_md5_block(&section.hash, &block);
	}
	bfd_section_hash(&section, sha1, 1000000);
	return hash_text(sha1);
}

#define LETTERS "abcdefghijklmnopqrstuvwxyz"
#define FIPS_448 "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
#define DIGITS "1234567890123456789012345678901234567890"

/* RFC 1321 A.5; of FIPS 180 (and its examples) the messages of 24, 448 and a million times 8 bits.
 */
static const struct {
	int sha1;
	const char *text;
	const char *digest;
} hashes[] = {
	{0, "", "d41d8cd98f00b204e9800998ecf8427e"},
	{0, "a", "0cc175b9c0f1b6a831c399e269772661"},
	{0, "abc", "900150983cd24fb0d6963f7d28e17f72"},
	{0, "message digest", "f96b697d7cb7938d525a2f31aaf161d0"},
	{0, LETTERS, "c3fcd3d76192e4007dfb496cca67e13b"},
	{0, "ABCDEFGHIJKLMNOPQRSTUVWXYZ" LETTERS "0123456789", "d174ab98d277d9f5a5611c2c9f419d9f"},
	{0, DIGITS DIGITS, "57edf4a22be3c955ac49da2e2107b67a"},
	{1, "", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
	{1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
	{1, FIPS_448, "84983e441c3bd26ebaae4aa1f95129e5e54670f1"},
};

static void test_hashes(void)
{
	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++)
		tap_check(strcmp(hash_of(hashes[i].sha1, hashes[i].text), hashes[i].digest) == 0,
			  "AUTH-05: %s of \"%.20s\"", hashes[i].sha1 ? "SHA1" : "MD5",
			  hashes[i].text);
	tap_check(strcmp(hash_of_million(0), "7707d6ae4e027c70eea2a935c2296f21") == 0,
		  "AUTH-05: MD5 of a million letters");
	tap_check(strcmp(hash_of_million(1), "34aa973cd4c4daa4f61eeb2bdbad27316534016f") == 0,
		  "AUTH-05: SHA1 of a million letters");
}

/* --- sections */

#define KEY_ID 7
#define SEQUENCE 0x01020304U

/*
 * Sections of a packet that is Up, multiplier 3, 100 ms both, C set, made with hashlib and hmac of
 * Python; of those with more behind them within Length, that is the numbers from 0.
 */
static const struct vector {
	int type;
	int hmac;
	int surplus;
	int reserved;
	int length;
	const char *secret;
	const char *section;
} vectors[] = {
	{1, 0, 0, 0x00, 1, "x", "01040778"},
	{1, 0, 0, 0x00, 9, "pass\000word", "010c077061737300776f7264"},
	{1, 0, 0, 0x00, 16, "0123456789abcdef", "01130730313233343536373839616263646566"},
	{2, 0, 0, 0x00, 1, "k", "0218070001020304b878d0571c7bbd3c7937770412598821"},
	{2, 0, 0, 0x00, 6, "ab\000cd\000", "021807000102030429dd7e8df6452a9d8e93668ba5c22a11"},
	{2, 0, 0, 0x00, 16, "\001\002\003\004\005\006\007\010\011\012\013\014\015\016\017\020",
	 "021807000102030447097b2a284d554fc3d1f655dffc5711"},
	{3, 0, 0, 0x00, 1, "k", "0318070001020304726f188faf1940e174e3f7e073b0f3be"},
	{3, 0, 0, 0x00, 6, "ab\000cd\000", "0318070001020304d0cff1beb78a5b39e1e49eb664e1f71c"},
	{3, 0, 0, 0x00, 16, "\001\002\003\004\005\006\007\010\011\012\013\014\015\016\017\020",
	 "03180700010203041ffb2bad58ce6865b2905ffb4813d0b2"},
	{4, 0, 0, 0x00, 1, "k", "041c07000102030403bea0fa93268a77237362253ec314d2a4c97875"},
	{4, 0, 0, 0x00, 6, "ab\000cd\000",
	 "041c0700010203045ceca0a0e47b59fa7547228f17dc5f8cc6f52291"},
	{4, 0, 0, 0x00, 16, "\001\002\003\004\005\006\007\010\011\012\013\014\015\016\017\020",
	 "041c0700010203049a5160b9a7e7da44ab15249c6d913c345c73b41f"},
	{4, 0, 0, 0x00, 20,
	 "\001\002\003\004\005\006\007\010\011\012\013\014\015\016\017\020\021\022\023\024",
	 "041c0700010203042cd12568da0e2514eb74a80005117304df542a8d"},
	{5, 0, 0, 0x00, 1, "k", "051c070001020304caf22a6c2eebbe7737dadd167b1d545f303ff700"},
	{5, 0, 0, 0x00, 6, "ab\000cd\000",
	 "051c070001020304c8f62a9975e87b0321d57333be7d7362845867b6"},
	{5, 0, 0, 0x00, 16, "\001\002\003\004\005\006\007\010\011\012\013\014\015\016\017\020",
	 "051c070001020304f48038de393b1859cccd27cf85e94a411da5cdf1"},
	{5, 0, 0, 0x00, 20,
	 "\001\002\003\004\005\006\007\010\011\012\013\014\015\016\017\020\021\022\023\024",
	 "051c070001020304ce5e627007e21c48395c1cd2891aafc30c9aa86b"},
	{4, 1, 0, 0x00, 1, "k", "041c0700010203042e473ea394e675c339e59cc09e209092d5118ab2"},
	{4, 1, 0, 0x00, 6, "ab\000cd\000",
	 "041c07000102030472c693ecec7ccf9fb01f4f4b110409e4d2cf6909"},
	{4, 1, 0, 0x00, 20,
	 "\001\002\003\004\005\006\007\010\011\012\013\014\015\016\017\020\021\022\023\024",
	 "041c07000102030476777a890fefd53de210247742012f9e2ac75398"},
	{5, 1, 0, 0x00, 20,
	 "\001\002\003\004\005\006\007\010\011\012\013\014\015\016\017\020\021\022\023\024",
	 "051c070001020304a3c2f9f56bb6215e7faa1f506ebc93a692154513"},
	{4, 0, 1, 0xaa, 1, "k", "041c07aa0102030432834b8874420cec1d1cf3e12dc35e955dc1c720"},
	{4, 0, 4, 0xaa, 1, "k", "041c07aa01020304571d6727bf9c59453662264c10df27d3712770cc"},
	{4, 0, 8, 0xaa, 1, "k", "041c07aa010203049786da93f14d93cf88efe811e1d0ec86a8d104d9"},
	{4, 0, 9, 0xaa, 1, "k", "041c07aa010203040daade2d0b767f68e1b505d8ba4885cd2ab18195"},
	{4, 0, 203, 0xaa, 1, "k", "041c07aa01020304f849468c6490d95951c17eaeb23d3a3c0ae2556c"},
	{2, 0, 4, 0xaa, 1, "k", "021807aa010203040e1b0e7a60f6687270dbbc717d81d9d5"},
	{2, 0, 7, 0xaa, 1, "k", "021807aa01020304fecd4f9c4a9b80d46dbbdd870b074f8a"},
	{2, 0, 8, 0xaa, 1, "k", "021807aa010203045dfb72be1545aa145e87623241312cf2"},
	{2, 0, 207, 0xaa, 1, "k", "021807aa01020304c8153d624ad64e9c4f1b4ea3cc764a15"},
	{4, 1, 4, 0xaa, 1, "k", "041c07aa010203048a886db6474d8aaec329165cc1199b2bea81c78a"},
	{4, 1, 203, 0xaa, 1, "k", "041c07aa010203043dc9fdec5215fe0038b25d6206d17cb63cdb3960"},
	{1, 0, 9, 0x00, 9, "pass\000word", "010c077061737300776f7264"},
};

static struct bfd_key key_of(const struct vector *vector)
{
	struct bfd_key key = {.id = KEY_ID, .type = vector->type, .length = vector->length};

	memcpy(key.secret, vector->secret, vector->length);
	return key;
}

static int section_bytes(const struct vector *vector, __u8 *bytes)
{
	int count = (int)strlen(vector->section) / 2;

	for (int i = 0; i < count; i++) {
		char digits[3] = {vector->section[2 * i], vector->section[2 * i + 1]};

		bytes[i] = strtoul(digits, NULL, 16);
	}
	return count;
}

static struct bfd_packet vector_packet(void)
{
	struct bfd_packet packet = peer_packet(3);

	packet.state_flags |= WIRE_CPI | WIRE_AUTH;
	return packet;
}

static void test_written(const struct vector *vector)
{
	struct bfd_packet packet = vector_packet();
	struct bfd_key key = key_of(vector);
	__u8 wanted[64], zero[16] = {};
	int count = section_bytes(vector, wanted);

	memset(&section, 0, sizeof(section));
	memcpy(section.packet.bytes, &packet, sizeof(packet));
	bfd_section_write(&section, &key, SEQUENCE, vector->hmac);
	tap_check(section.length == 24U + count && section.packet.bytes[3] == 24 + count &&
			  memcmp(section.packet.bytes + 24, wanted, count) == 0,
		  "AUTH-04, AUTH-05: type %d%s, key of %d: as another implementation has it",
		  vector->type, vector->hmac ? " by HMAC" : "", vector->length);
	/* The UDP checksum of what is sent covers whole words. */
	tap_check(memcmp(section.packet.bytes + section.length, zero, 4) == 0,
		  "AUTH-04: type %d: nothing is left behind it", vector->type);
}

static void load(const struct vector *vector, int length)
{
	struct bfd_packet packet = vector_packet();
	__u8 *bytes = section.packet.bytes;
	int count;

	memset(&section, 0, sizeof(section));
	memcpy(bytes, &packet, sizeof(packet));
	count = 24 + section_bytes(vector, bytes + 24);
	for (int i = 0; i < vector->surplus; i++)
		bytes[count + i] = i;
	section.length = length ? length : count + vector->surplus;
	bytes[3] = count + vector->surplus;
	bfd_section_keep(&section);
}

/* As bfd_rx_auth_try() does, with this key. */
static enum bfd_discard_reason judge(const struct bfd_key *key, __u8 hmac)
{
	enum bfd_discard_reason reason = bfd_section_form(&section, key->type);

	return reason == BFD_ACCEPT ? bfd_section_verify(&section, key, hmac) : reason;
}

static int is_checked_before(int offset)
{
	return offset == 24 || offset == 25;
}

static void test_judged(const struct vector *vector)
{
	struct bfd_key key = key_of(vector), other = key;
	int length, bad = 0;

	load(vector, 0);
	length = (int)section.length;
	tap_check(judge(&key, vector->hmac) == BFD_ACCEPT,
		  "AUTH-05, AUTH-06: type %d%s, key of %d, %d bytes behind it: accepted",
		  vector->type, vector->hmac ? " by HMAC" : "", vector->length, vector->surplus);
	for (int i = 0; i < length; i++) {
		enum bfd_discard_reason wanted = is_checked_before(i) ? BFD_DISCARD_COUNT
								      : BFD_DISCARD_AUTH_DIGEST;
		enum bfd_discard_reason reason;

		if (vector->type == BFD_AUTH_SIMPLE && (i < 27 || i >= 27 + vector->length))
			continue; /* not protected */
		load(vector, 0);
		section.packet.bytes[i] ^= 1 << i % 8;
		bfd_section_keep(&section);
		reason = judge(&key, vector->hmac);
		bad += reason == BFD_ACCEPT || (wanted != BFD_DISCARD_COUNT && reason != wanted);
	}
	tap_equal(bad, 0, "AUTH-18: type %d%s: no byte may differ", vector->type,
		  vector->hmac ? " by HMAC" : "");
	other.secret[vector->length - 1] ^= 0x80;
	load(vector, 0);
	tap_check(judge(&other, vector->hmac) == BFD_DISCARD_AUTH_DIGEST,
		  "AUTH-18: type %d: another key", vector->type);
	if (bfd_auth_is_sha1(vector->type)) {
		load(vector, 0);
		tap_check(judge(&key, !vector->hmac) == BFD_DISCARD_AUTH_DIGEST,
			  "AUTH-05: HMAC and the digest of the RFC aren't taken for each other");
	}
}

static void test_form(const struct vector *vector)
{
	struct bfd_key key = key_of(vector);
	int bad = 0;

	for (int type = 0; type < 256; type++) {
		load(vector, 0);
		section.packet.bytes[24] = type;
		if (type != vector->type)
			bad += bfd_section_form(&section, vector->type) != BFD_DISCARD_AUTH_TYPE;
	}
	tap_equal(bad, 0, "AUTH-17: type %d: every other type", vector->type);
	bad = 0;
	for (int length = 0; length < 256; length++) {
		load(vector, 0);
		if (length == section.packet.bytes[25])
			continue;
		section.packet.bytes[25] = length;
		bad += judge(&key, vector->hmac) != BFD_DISCARD_AUTH_LENGTH;
	}
	tap_equal(bad, 0, "AUTH-17, AUTH-21: type %d: every other Auth Len", vector->type);
	bad = 0;
	for (int length = 26; length < 24 + (int)strlen(vector->section) / 2; length++) {
		load(vector, length);
		bad += judge(&key, vector->hmac) != BFD_DISCARD_AUTH_LENGTH;
	}
	tap_equal(bad, 0, "AUTH-21: type %d: every Length that is too short", vector->type);
}

/* --- the window */

/* Is it one of the numbers that RFC 5880 6.7.3 lists?  They are gone through, one by one. */
static int is_listed(__u32 last, __u32 number, int detect_mult, int meticulous)
{
	__u32 one = last + (meticulous ? 1 : 0);

	for (int i = meticulous ? 1 : 0; i <= 3 * detect_mult; i++, one++)
		if (one == number)
			return 1;
	return 0;
}

static void test_window(__u8 type)
{
	static const __u32 lasts[] = {0,	  1,	      700,	  0x7fffffff,
				      0x80000000, 0x80000100, 0xfffffffe, 0xffffffff};
	static const __u32 far[] = {0x7ffffffe, 0x7fffffff, 0x80000000, 0x80000001, 0xffff0000};
	int bad = 0, meticulous = type == 3 || type == 5;

	for (size_t i = 0; i < sizeof(lasts) / sizeof(lasts[0]); i++)
		for (int mult = 1; mult < 256; mult++) {
			for (int offset = -20; offset <= 3 * mult + 20; offset++)
				bad += bfd_auth_in_window(lasts[i], lasts[i] + offset, mult,
							  type) !=
				       is_listed(lasts[i], lasts[i] + offset, mult, meticulous);
			for (size_t j = 0; j < sizeof(far) / sizeof(far[0]); j++)
				bad += bfd_auth_in_window(lasts[i], lasts[i] + far[j], mult, type);
		}
	tap_equal(bad, 0, "%s: type %d: the window of each multiplier, around each wrap",
		  meticulous ? "AUTH-12" : "AUTH-11", type);
}

/* --- which key */

#define TIMES 4
#define MOMENTS (TIMES + 2)

/* By the words of the contract: the latest beginning; of equals the lowest ID. */
static int is_better(const struct bfd_key *a, const struct bfd_key *b)
{
	if (a->send_from_ns != b->send_from_ns)
		return a->send_from_ns > b->send_from_ns;
	return a->id < b->id;
}

static int key_to_send(const struct bfd_key_chain *chain, __u8 type, __u64 now)
{
	int best = -1;

	for (int i = 0; i < BFD_MAX_CHAIN_KEYS; i++) {
		const struct bfd_key *key = &chain->keys[i];

		if (key->length && key->type == type && key->send_from_ns <= now &&
		    (best < 0 || is_better(key, &chain->keys[best])))
			best = i;
	}
	return best;
}

static __u32 draw(__u64 *seed)
{
	*seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return *seed >> 33;
}

static void draw_chain(struct bfd_key_chain *chain, __u64 *seed)
{
	memset(chain, 0, sizeof(*chain));
	for (int i = 0; i < BFD_MAX_CHAIN_KEYS; i++) {
		struct bfd_key *key = &chain->keys[i];

		if (draw(seed) % 4 == 0)
			continue;
		key->id = (i ^ 5) * 16 + draw(seed) % 16; /* unique, but in no order */
		key->type = 4 + draw(seed) % 2;
		key->length = 1 + draw(seed) % 20;
		key->send_from_ns = draw(seed) % TIMES;
		key->accept_from_ns = draw(seed) % TIMES;
		key->accept_until_ns = draw(seed) % TIMES;
	}
}

static int wrong_accepts(const struct bfd_key_chain *chain, __u8 type, __u64 now)
{
	int bad = 0;

	for (int id = 0; id < 256; id++) {
		int wanted = -1;

		for (int i = 0; i < BFD_MAX_CHAIN_KEYS; i++) {
			const struct bfd_key *key = &chain->keys[i];
			int over = key->accept_until_ns && now >= key->accept_until_ns;

			if (key->length && key->type == type && key->id == id &&
			    now >= key->accept_from_ns && !over)
				wanted = i;
		}
		bad += bfd_auth_key_to_accept(chain, type, id, now) != wanted;
	}
	return bad;
}

static void test_keys(void)
{
	struct bfd_key_chain chain;
	int bad_send = 0, bad_accept = 0, none = 0;
	__u64 seed = 5880;

	for (int round = 0; round < 2000; round++) {
		draw_chain(&chain, &seed);
		for (__u8 type = 3; type <= 5; type++)
			for (__u64 now = 0; now < MOMENTS; now++) {
				int got = bfd_auth_key_to_send(&chain, type, now);

				none += got < 0;
				bad_send += got != key_to_send(&chain, type, now);
				bad_accept += wrong_accepts(&chain, type, now);
			}
	}
	tap_check(bad_send == 0 && none >= 2000, "AUTH-19: the key that sends, at each time");
	tap_equal(bad_accept, 0, "AUTH-19: the keys that are accepted, at each time");
}

/* --- a session */

static const struct bfd_auth_config sha1_config = {.chain = 3, .type = 4};
static const struct bfd_auth_config meticulous_config = {.chain = 3, .type = 5};
static const struct bfd_auth_config no_config;

struct authenticated {
	struct fixture fixture;
	struct bfd_auth auth;
};

static void make(struct authenticated *subject, const struct bfd_auth_config *config, __u32 random)
{
	struct bfd_config plain = plain_config();

	memset(subject, 0, sizeof(*subject));
	fixture_make(&subject->fixture, &plain);
	bfd_auth_initialize(&subject->auth, config, random);
}

/* A packet with this number, good by this, after so long.  Returns the reason to discard. */
static enum bfd_discard_reason hear(struct authenticated *subject,
				    const struct bfd_auth_config *config, __u32 sequence, __u8 mult,
				    __u64 after_ns)
{
	struct bfd_packet packet = peer_packet(3);
	struct bfd_auth_claim claim = {.config = *config, .sequence = sequence};
	struct bfd_auth before = subject->auth;
	enum bfd_discard_reason reason;

	packet.detect_mult = mult;
	subject->fixture.now_ns += after_ns;
	reason = bfd_auth_admit(&subject->auth, &claim, mult, subject->fixture.now_ns);
	before.sequence_known = subject->auth.sequence_known;
	if (memcmp(&before, &subject->auth, sizeof(before)) != 0)
		tap_check(0, "AUTH-15: before a packet is received, nothing is written");
	if (reason != BFD_ACCEPT)
		return reason;
	fixture_hear(&subject->fixture, 0, &packet);
	subject->fixture.outcome |= bfd_auth_received(&subject->auth, &subject->fixture.vars,
						      &claim, subject->fixture.now_ns);
	return reason;
}

static void test_sequence(void)
{
	struct authenticated subject;
	int bad = 0;

	make(&subject, &meticulous_config, 1);
	for (__u32 i = 0; i < 20; i++)
		bad += hear(&subject, &meticulous_config, 0xfffffff5 + i, 3, MS) != BFD_ACCEPT;
	tap_equal(bad, 0, "AUTH-12, AUTH-14: any number at first, then on over the wrap");
	tap_check(hear(&subject, &meticulous_config, 0xfffffff5 + 19, 3, MS) ==
			  BFD_DISCARD_AUTH_SEQUENCE,
		  "AUTH-12: no number twice");
	tap_check(hear(&subject, &meticulous_config, 8 + 10, 3, MS) == BFD_DISCARD_AUTH_SEQUENCE &&
			  hear(&subject, &meticulous_config, 8 + 9, 3, MS) == BFD_ACCEPT,
		  "AUTH-15: one that was rejected isn't stored, one that was accepted is");
	tap_check(hear(&subject, &meticulous_config, 17 + 30, 10, MS) == BFD_ACCEPT,
		  "AUTH-13: the multiplier is the packet's");
}

/* 100 ms x3 of the peer: forgotten 600 ms after the last accepted packet, no sooner. */
static void test_forgotten(void)
{
	struct authenticated subject;

	make(&subject, &sha1_config, 1);
	hear(&subject, &sha1_config, 1000, 3, 0);
	tap_check(hear(&subject, &sha1_config, 5000, 3, 400 * MS) == BFD_DISCARD_AUTH_SEQUENCE &&
			  hear(&subject, &sha1_config, 5000, 3, 200 * MS - 1) ==
				  BFD_DISCARD_AUTH_SEQUENCE,
		  "AUTH-16: not forgotten before twice the detection time");
	tap_check(hear(&subject, &sha1_config, 5000, 3, 1) == BFD_ACCEPT,
		  "AUTH-16, OC-8: forgotten then, whatever was rejected in between");
	hear(&subject, &sha1_config, 5001, 3, 0);
	fixture_expire(&subject.fixture, 350 * MS);
	tap_check(subject.fixture.vars.state == 1 &&
			  hear(&subject, &sha1_config, 9, 3, 100 * MS) ==
				  BFD_DISCARD_AUTH_SEQUENCE &&
			  hear(&subject, &sha1_config, 9, 3, 150 * MS) == BFD_ACCEPT,
		  "AUTH-16: that the session failed meanwhile changes nothing");
}

static void test_other_keys(void)
{
	struct bfd_auth_config other = sha1_config;
	struct authenticated subject;

	make(&subject, &sha1_config, 1);
	hear(&subject, &sha1_config, 1000, 3, 0);
	bfd_auth_configure(&subject.auth, &sha1_config);
	tap_check(hear(&subject, &sha1_config, 5000, 3, MS) == BFD_DISCARD_AUTH_SEQUENCE,
		  "AUTH-11: what is configured again changes nothing");
	other.chain++;
	bfd_auth_configure(&subject.auth, &other);
	tap_check(hear(&subject, &sha1_config, 1001, 3, MS) == BFD_DISCARD_AUTH_TYPE &&
			  hear(&subject, &other, 5000, 3, MS) == BFD_ACCEPT,
		  "AUTH-14: the numbers of another chain are unknown");
}

static void test_sent(void)
{
	struct authenticated subject;
	struct bfd_packet packet = peer_packet(3), changed = peer_packet(1);
	__u32 number;
	int bad = 0;

	make(&subject, &meticulous_config, 0xfffffff0);
	for (__u32 i = 1; i <= 40; i++) {
		bfd_auth_stamp(&subject.auth, &packet);
		bad += subject.auth.tx_sequence != 0xfffffff0 + i;
		bad += !(packet.state_flags & WIRE_AUTH);
	}
	tap_equal(bad, 0, "AUTH-09: meticulous: by one with each packet, over the wrap");
	number = subject.auth.tx_sequence;
	bfd_auth_unstamp(&subject.auth, number);
	bfd_auth_stamp(&subject.auth, &packet);
	tap_equal(subject.auth.tx_sequence, number,
		  "AUTH-09: one that could not leave leaves no gap");
	make(&subject, &sha1_config, 0xffffffff);
	bfd_auth_stamp(&subject.auth, &packet);
	number = subject.auth.tx_sequence;
	bfd_auth_stamp(&subject.auth, &packet);
	tap_equal(subject.auth.tx_sequence, number, "AUTH-10: not without need");
	bfd_auth_stamp(&subject.auth, &changed);
	tap_equal(subject.auth.tx_sequence, number + 1, "AUTH-10: by one with what packets say");
	make(&subject, &no_config, 7);
	packet = peer_packet(3);
	bfd_auth_stamp(&subject.auth, &packet);
	tap_check(!(packet.state_flags & WIRE_AUTH), "TX-10: no A bit without authentication");
}

/* RFC 5880 6.7.1: the step that an operator allowed, once. */
static void test_step(void)
{
	struct bfd_auth_config to = sha1_config, back = no_config;
	struct bfd_packet plain = peer_packet(3), signed_one = peer_packet(3);
	struct authenticated subject;

	signed_one.state_flags |= WIRE_AUTH;
	to.optional = back.optional = 1;
	make(&subject, &no_config, 1);
	tap_check(bfd_auth_configure(&subject.auth, &to) == 0 && subject.auth.used.type == 0 &&
			  bfd_auth_expect(&subject.auth, &plain) == BFD_ACCEPT &&
			  bfd_auth_expect(&subject.auth, &signed_one) == BFD_ACCEPT,
		  "AUTH-20: an optional step waits, and takes both forms");
	hear(&subject, &no_config, 0, 3, MS);
	tap_check(subject.auth.used.type == 0 && subject.auth.awaiting, "AUTH-20: by nothing old");
	hear(&subject, &sha1_config, 77, 3, MS);
	tap_check(subject.auth.used.type == 4 && !subject.auth.awaiting &&
			  (subject.fixture.outcome & BFD_OUTCOME_NOW) &&
			  bfd_auth_expect(&subject.auth, &plain) == BFD_DISCARD_AUTH_MISSING,
		  "AUTH-20: by the first that fits, and then it is over");
	tap_check(hear(&subject, &no_config, 0, 3, MS) == BFD_DISCARD_AUTH_TYPE,
		  "AUTH-20: no way back, also for one that was looked at before");
	tap_check(hear(&subject, &sha1_config, 177, 3, MS) == BFD_DISCARD_AUTH_SEQUENCE,
		  "AUTH-20: the number of that packet counts");
	bfd_auth_configure(&subject.auth, &back);
	tap_check(bfd_auth_expect(&subject.auth, &plain) == BFD_ACCEPT &&
			  subject.auth.used.type == 4,
		  "AUTH-20: back, if the operator wants it");
	hear(&subject, &no_config, 0, 3, MS);
	tap_check(subject.auth.used.type == 0 && bfd_auth_expect(&subject.auth, &signed_one) ==
							 BFD_DISCARD_AUTH_UNEXPECTED,
		  "AUTH-20, RX-14: back, and no other way");
	tap_check(bfd_auth_configure(&subject.auth, &sha1_config) == 1 &&
			  bfd_auth_expect(&subject.auth, &plain) == BFD_DISCARD_AUTH_MISSING,
		  "RX-15: without `optional` it holds at once");
}

int main(void)
{
	test_hashes();
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		if (vectors[i].surplus == 0 && vectors[i].reserved == 0)
			test_written(&vectors[i]);
		test_judged(&vectors[i]);
		test_form(&vectors[i]);
	}
	for (__u8 type = 2; type <= 5; type++)
		test_window(type);
	test_keys();
	test_sequence();
	test_forgotten();
	test_other_keys();
	test_sent();
	test_step();
	return tap_finish();
}
