# SPDX-License-Identifier: GPL-2.0
"""
The authentication section of BFD control packets (RFC 5880 4.2-4.4, 6.7) for the scripted peer: made,
taken apart and verified from the text of the RFC alone.  It must not share anything with the
code under test; standard library only.
"""

import hashlib
import hmac
import struct

TYPES = {"simple": 1, "md5": 2, "meticulous-md5": 3, "sha1": 4, "meticulous-sha1": 5}
SIMPLE = 1
DIGESTS = {2: hashlib.md5, 3: hashlib.md5, 4: hashlib.sha1, 5: hashlib.sha1}
METICULOUS = (3, 5)
MANDATORY = 24
HEAD = 8  # type, length, key, reserved, sequence: what stands before the digest
SEQUENCES = 1 << 32


def is_digest(kind):
    return kind in DIGESTS


def digest_size(kind):
    return DIGESTS[kind]().digest_size


def digest(kind, key, data, offset, variant="rfc"):
    """
    Over all of `data` (Length bytes), whose digest field begins at `offset`: with the key in it,
    padded with zeros (RFC 5880 6.7.3, 6.7.4), or as FRR's HMAC with zeros in it.
    """
    size = digest_size(kind)
    filled = bytes(size) if variant == "hmac" else key.ljust(size, b"\0")
    whole = data[:offset] + filled + data[offset + size:]
    if variant == "hmac":
        return hmac.new(key, whole, DIGESTS[kind]).digest()
    return DIGESTS[kind](whole).digest()


class Auth:
    """
    What one end of a session does.  keys: {Key ID: bytes}; id: the one to send with.  sequence: the last
    number sent; it rises by `step` with each packet.
    """

    def __init__(self, kind, keys, variant="rfc", sequence=0, step=1, reserved=0):
        self.kind = TYPES[kind] if isinstance(kind, str) else kind
        self.keys, self.id = dict(keys), min(keys)
        self.variant, self.step, self.reserved = variant, step, reserved
        self.sequence = sequence % SEQUENCES

    def next(self):
        return (self.sequence + self.step) % SEQUENCES

    def values(self, **other):
        """
        What the next packet says, but for those given; with `sequence` or `after` (relative to the last one)
        the number it has.  Does not count it as sent.
        """
        after = other.pop("after", None)
        values = {"kind": self.kind, "id": self.id, "key": self.keys[self.id], "variant": self.variant,
                  "sequence": self.next() if after is None else (self.sequence + after) % SEQUENCES,
                  "reserved": self.reserved}
        return {**values, **other}

    def take(self):
        """What the next packet says; it is sent."""
        values = self.values()
        self.sequence = values["sequence"]
        return values

    def accepts(self, payload):
        """Whether a packet is authentic.  Its sequence number is left to the test."""
        section = parse(payload)
        if not section or section["auth_type"] != self.kind:
            return False
        key = self.keys.get(section["auth_id"])
        return key is not None and is_authentic(payload, key, self.variant)


def from_words(text):
    """TYPE,ID=HEX[,ID=HEX]...[,hmac], as the commands of the scripted peer have it; or none."""
    if text == "none":
        return None
    kind, *words = text.split(",")
    keys = dict(word.split("=") for word in words if "=" in word)
    return Auth(kind, {int(number): bytes.fromhex(key) for number, key in keys.items()},
                "hmac" if "hmac" in words else "rfc")


def section_size(values):
    """What the section adds to Length."""
    kind, surplus = values["kind"], len(values.get("surplus", b""))
    if kind == SIMPLE and "hash" not in values:
        return 3 + len(values["key"]) + surplus
    hashed = values.get("hash", kind if is_digest(kind) else TYPES["sha1"])
    return HEAD + values.get("size", digest_size(hashed)) + surplus


def packet(mandatory, values):
    """
    The mandatory section (RFC 5880 4.1) and that of authentication, from a dictionary: kind id key variant
    sequence reserved, and what may be wrong on purpose: auth_len (the Auth Len field), digest (bytes), size
    (of the digest, the hash being cut or filled), hash (the type whose hash is used), flip ({offset in the packet:
    bits}), surplus (what follows within Length, and is hashed).
    """
    kind, surplus = values["kind"], values.get("surplus", b"")
    if kind == SIMPLE and "hash" not in values:
        text = bytes([kind, values.get("auth_len", 3 + len(values["key"])), values["id"]]) + values["key"]
        whole = mandatory + text + surplus
    else:
        hashed = values.get("hash", kind if is_digest(kind) else TYPES["sha1"])
        size = values.get("size", digest_size(hashed))
        head = struct.pack("!BBBBI", kind, values.get("auth_len", HEAD + size), values["id"],
                           values["reserved"], values["sequence"])
        body = digest(hashed, values["key"], mandatory + head + bytes(digest_size(hashed)) + surplus,
                      MANDATORY + HEAD, values["variant"])
        body = values.get("digest", body[:size].ljust(size, b"\0"))
        whole = mandatory + head + body + surplus
    whole = bytearray(whole)
    for offset, bits in values.get("flip", {}).items():
        whole[offset] ^= bits
    return bytes(whole)


def parse(payload):
    """The fields of the section in a UDP payload, or None if there is none."""
    if len(payload) < MANDATORY + 3 or not payload[1] & 0x04:
        return None
    kind, length, key = payload[24:27]
    fields = {"auth_type": kind, "auth_length": length, "auth_id": key}
    end = MANDATORY + length
    if kind == SIMPLE:
        fields["auth_password"] = payload[27:end].hex()
    elif is_digest(kind) and len(payload) >= MANDATORY + HEAD:
        fields["auth_reserved"], fields["auth_sequence"] = struct.unpack("!BI", payload[27:32])
        fields["auth_digest"] = payload[32:end].hex()
    return fields


def is_authentic(payload, key, variant="rfc"):
    """Whether the section is right for this key."""
    fields = parse(payload)
    if not fields or fields["auth_length"] + MANDATORY > payload[3] or payload[3] > len(payload):
        return False
    kind = fields["auth_type"]
    if kind == SIMPLE:
        return fields["auth_length"] == 3 + len(key) and fields["auth_password"] == key.hex()
    if not is_digest(kind) or fields["auth_length"] != HEAD + digest_size(kind):
        return False
    wanted = digest(kind, key, payload[:payload[3]], MANDATORY + HEAD, variant)
    return payload[32:32 + len(wanted)] == wanted
