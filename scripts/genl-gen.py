#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Generate what derives from the netlink family's specification.

From genl/bfd.yaml (a YNL genetlink specification):

  genl/uapi/bfd_genl.h         what clients include
  genl/generated/policy.[ch]   validation, operation and name tables of the server
  genl/generated/reference.md  the reference page of the family

usage: genl-gen.py            write the files
       genl-gen.py --check    exit 1 with a diff if a committed file is stale

It must not hold anything that belongs in the specification.
"""

import argparse
import difflib
import pathlib
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
SPEC = "genl/bfd.yaml"
MARKER = "YNL-GEN: written by scripts/genl-gen.py, do not edit"
INTEGERS = {"u16": 0xFFFF, "u32": 0xFFFFFFFF, "u64": 0xFFFFFFFFFFFFFFFF}
TYPES = {"flag", "string", "binary", "nest", *INTEGERS}


class SpecError(Exception):
    """The specification can't be turned into code."""


def c_name(name):
    """The C identifier of a name of the specification, in upper case."""
    return name.replace("-", "_").upper()


def c_ident(name):
    """The C identifier of a name of the specification, in lower case."""
    return name.replace("-", "_")


def check_names(entries, what):
    """No name of a list may occur twice."""
    names = [entry["name"] for entry in entries]
    for name in names:
        if names.count(name) > 1:
            raise SpecError(f"{what}: {name} is there twice")


class Family:
    """The specification, checked and numbered."""

    def __init__(self, text):
        spec = yaml.safe_load(text)
        self.name = spec["name"]
        self.version = 1  # what YNL takes for the protocol genetlink
        self.doc = spec["doc"].strip()
        self.enums = {e["name"]: self._number_enum(e) for e in spec["definitions"]}
        self.sets = {s["name"]: self._number_set(s) for s in spec["attribute-sets"]}
        self.ops = spec["operations"]["list"]
        self.op_prefix = c_name(spec["operations"]["name-prefix"])
        self.op_enum = spec["operations"]["enum-name"].replace("-", "_")
        self.groups = [g["name"] for g in spec["mcast-groups"]["list"]]
        check_names(self.ops, "operations")
        for attribute_set in self.sets.values():
            for attribute in attribute_set["attributes"]:
                self._check_attribute(attribute_set, attribute)
        for number, op in enumerate(self.ops, 1):
            op["value"] = number
            self._check_op(op)

    @staticmethod
    def _number_enum(definition):
        if definition["type"] != "enum":
            raise SpecError(f"definition {definition['name']}: only enum is known here")
        check_names(definition["entries"], definition["name"])
        for number, entry in enumerate(definition["entries"], definition.get("value-start", 0)):
            entry["value"] = number
        return definition

    @staticmethod
    def _number_set(attribute_set):
        check_names(attribute_set["attributes"], attribute_set["name"])
        if len(attribute_set["attributes"]) > 63:
            raise SpecError(f"{attribute_set['name']}: more than 63 attributes")
        for number, attribute in enumerate(attribute_set["attributes"], 1):
            attribute["value"] = number
            attribute["c-name"] = c_name(attribute_set["name-prefix"] + attribute["name"])
        return attribute_set

    def _check_attribute(self, attribute_set, attribute):
        where = f"{attribute_set['name']}.{attribute['name']}"
        if attribute["type"] not in TYPES:
            raise SpecError(f"{where}: type {attribute['type']} is not known here")
        if attribute["type"] == "nest" and attribute.get("nested-attributes") not in self.sets:
            raise SpecError(f"{where}: its nest has no known attribute set")
        if "enum" in attribute and attribute["enum"] not in self.enums:
            raise SpecError(f"{where}: enum {attribute['enum']} isn't defined")

    def _check_op(self, op):
        if "notify" in op:
            origin = next((o for o in self.ops if o["name"] == op["notify"]), None)
            if origin is None or op.get("mcgrp") not in self.groups:
                raise SpecError(f"{op['name']}: unknown operation or group")
            op["attribute-set"] = origin["attribute-set"]
            return
        known = {a["name"]: a for a in self.sets[op["attribute-set"]]["attributes"]}
        for kind in ("do", "dump"):
            for direction in ("request", "reply"):
                for name in self.listed(op, kind, direction):
                    if name not in known:
                        raise SpecError(f"{op['name']}: attribute {name} isn't in its set")
                    if direction == "request" and known[name]["type"] == "nest":
                        raise SpecError(f"{op['name']}: {name}: a request can't hold a nest yet")

    @staticmethod
    def listed(op, kind, direction):
        """Names of the attributes in one message of an operation."""
        return op.get(kind, {}).get(direction, {}).get("attributes", [])

    def op_c_name(self, op):
        """BFD_CMD_..."""
        return self.op_prefix + c_name(op["name"])


def wrap(text, first, rest, width=98):
    """Lines of a comment; first and rest are what they begin with."""
    lines = []
    prefix = first
    for paragraph in text.strip().split("\n\n"):
        if lines:
            lines.append(rest.rstrip())
        line = prefix
        empty = True
        for word in paragraph.split():
            if not empty and len(line) + 1 + len(word) > width:
                lines.append(line)
                line, empty = rest, True
            line += word if empty else " " + word
            empty = False
        lines.append(line)
        prefix = rest
    return lines


def head_c(licence):
    """The first lines of a generated C file."""
    return [
        f"/* SPDX-License-Identifier: {licence} */",
        f"/* Source: {SPEC} */",
        f"/* {MARKER} */",
        "/* clang-format off */",
    ]


def doc_or_name(entry):
    """What to say of something, even if the specification says nothing."""
    return entry.get("doc", entry["name"].replace("-", " ")).strip()


def kernel_doc(name, doc, members):
    """A kernel-doc comment of an enum."""
    lines = ["/**"]
    lines += wrap(f"enum {name} - {doc}", " * ", " *   ")
    for member, text in members:
        lines += wrap(f"@{member}: {text}", " * ", " *   ")
    lines.append(" */")
    return lines


def integer_note(attribute):
    """Type, range and enumeration of an attribute, in words."""
    checks = attribute.get("checks", {})
    notes = [attribute["type"]]
    if "enum" in attribute:
        notes.append(f"enum {attribute['enum']}")
    if "nested-attributes" in attribute:
        notes.append(f"of {attribute['nested-attributes']}")
    if attribute.get("multi-attr"):
        notes.append("repeated")
    if "min" in checks or "max" in checks:
        notes.append(f"{checks.get('min', 0)}..{checks.get('max', INTEGERS[attribute['type']])}")
    if "min-len" in checks or "max-len" in checks:
        notes.append(f"{checks.get('min-len', 0)}..{checks['max-len']} bytes")
    return ", ".join(notes)


def write_uapi(family):
    """genl/uapi/bfd_genl.h"""
    guard = f"_UAPI_LINUX_{family.name.upper()}_GENL_H"
    upper = family.name.upper()
    out = head_c("GPL-2.0 WITH Linux-syscall-note")
    out += ["/*"] + wrap(family.doc, " * ", " * ") + [" */"]
    out += [f"#ifndef {guard}", f"#define {guard}", ""]
    out += [f'#define {upper}_FAMILY_NAME "{family.name}"']
    out += [f"#define {upper}_FAMILY_VERSION {family.version}", ""]
    for definition in family.enums.values():
        prefix = f"{upper}_{c_name(definition['name'])}_"
        name = f"{family.name}_{definition['name'].replace('-', '_')}"
        members = [(prefix + c_name(e["name"]), doc_or_name(e)) for e in definition["entries"]]
        out += kernel_doc(name, doc_or_name(definition), members)
        out.append(f"enum {name} {{")
        out += [
            f"\t{prefix}{c_name(e['name'])} = {e['value']}," for e in definition["entries"]
        ]
        out += ["};", ""]
    for attribute_set in family.sets.values():
        name = attribute_set["enum-name"].replace("-", "_")
        prefix = c_name(attribute_set["name-prefix"])
        members = [
            (a["c-name"], f"{doc_or_name(a)} ({integer_note(a)})")
            for a in attribute_set["attributes"]
        ]
        out += kernel_doc(name, doc_or_name(attribute_set), members)
        out.append(f"enum {name} {{")
        out += [f"\t{a['c-name']} = {a['value']}," for a in attribute_set["attributes"]]
        out += ["", f"\t__{prefix}MAX,", f"\t{prefix}MAX = (__{prefix}MAX - 1)", "};", ""]
    members = [(family.op_c_name(op), doc_or_name(op)) for op in family.ops]
    out += kernel_doc(family.op_enum, "operations and notifications", members)
    out.append(f"enum {family.op_enum} {{")
    out += [f"\t{family.op_c_name(op)} = {op['value']}," for op in family.ops]
    prefix = family.op_prefix
    out += ["", f"\t__{prefix}MAX,", f"\t{prefix}MAX = (__{prefix}MAX - 1)", "};", ""]
    for group in family.groups:
        out.append(f'#define {upper}_MCGRP_{c_name(group)} "{group}"')
    out += ["", f"#endif /* {guard} */"]
    return out


def write_policy_h(family):
    """genl/generated/policy.h"""
    upper = family.name.upper()
    out = head_c("GPL-2.0")
    out += [
        "#ifndef IPBFD_GENL_POLICY_H",
        "#define IPBFD_GENL_POLICY_H",
        "",
        '#include "genl/spec.h"',
        '#include "genl/uapi/bfd_genl.h"',
        "",
        "/* Multicast groups, as numbered by the server. */",
        f"enum {family.name}_group {{",
    ]
    out += [f"\t{upper}_GROUP_{c_name(g)} = {n}," for n, g in enumerate(family.groups, 1)]
    out += ["};", "", "/* The checks of the specification, to compare with other tables. */"]
    for attribute_set in family.sets.values():
        for attribute in attribute_set["attributes"]:
            for check, value in sorted(attribute.get("checks", {}).items()):
                name = attribute["c-name"].replace("_A_", "_CHECK_", 1)
                out.append(f"#define {name}_{c_name(check)} {value}")
    out.append("")
    for name in family.enums:
        out.append(f"extern const struct genl_enum_spec {family.name}_{name.replace('-', '_')}_enum;")
    for name in family.sets:
        out.append(f"extern const struct genl_attribute_set {family.name}_{c_ident(name)}_attributes;")
    out.append(f"extern const struct genl_family_spec {family.name}_family_spec;")
    out += ["", "#endif /* IPBFD_GENL_POLICY_H */"]
    return out


def attribute_row(family, attribute):
    """One element of an attribute table."""
    checks = attribute.get("checks", {})
    kind = attribute["type"]
    parts = [f'.name = "{attribute["name"]}"', f".type = GENL_TYPE_{kind.upper()}"]
    if attribute.get("multi-attr"):
        parts.append(".multi = true")
    if kind in INTEGERS:
        low, high = checks.get("min", 0), checks.get("max", INTEGERS[kind])
        if "enum" in attribute:
            entries = family.enums[attribute["enum"]]["entries"]
            low, high = entries[0]["value"], entries[-1]["value"]
            parts.append(f".values = &{family.name}_{attribute['enum'].replace('-', '_')}_enum")
        parts += [f".min = {low}", f".max = UINT64_C({high})"]
    elif kind in ("string", "binary"):
        parts.append(f".min_length = {checks.get('min-len', 0)}")
        parts.append(f".max_length = {checks.get('max-len', 'UINT16_MAX')}")
    elif kind == "nest":
        parts.append(f".nested = &{family.name}_{c_ident(attribute['nested-attributes'])}_attributes")
    return f"\t[{attribute['c-name']}] = {{ " + ", ".join(parts) + " },"


def mask(family, op, kind):
    """The attributes that a request may hold, as an expression."""
    known = {a["name"]: a["c-name"] for a in family.sets[op["attribute-set"]]["attributes"]}
    names = Family.listed(op, kind, "request")
    return " |\n\t\t\t".join(f"BIT({known[n]})" for n in names) or "0"


def write_policy_c(family):
    """genl/generated/policy.c"""
    out = head_c("GPL-2.0")
    out += ['#include "genl/generated/policy.h"', "", "#define BIT(number) (UINT64_C(1) << (number))"]
    for name, definition in family.enums.items():
        ident = f"{family.name}_{name.replace('-', '_')}"
        out += ["", f"static const char *const {ident}_names[] = {{"]
        out += [f'\t"{e["name"]}",' for e in definition["entries"]]
        out += ["};", "", f"const struct genl_enum_spec {ident}_enum = {{"]
        out += [
            f'\t.name = "{name}",',
            f"\t.first = {definition['entries'][0]['value']},",
            f"\t.count = {len(definition['entries'])},",
            f"\t.names = {ident}_names,",
            "};",
        ]
    for name, attribute_set in family.sets.items():
        ident = f"{family.name}_{c_ident(name)}"
        top = attribute_set["attributes"][-1]["c-name"]
        out += ["", f"static const struct genl_attribute_spec {ident}_table[] = {{"]
        out += [attribute_row(family, a) for a in attribute_set["attributes"]]
        out += ["};", "", f"const struct genl_attribute_set {ident}_attributes = {{"]
        out += [f'\t.name = "{name}",', f"\t.max = {top},", f"\t.attributes = {ident}_table,", "};"]
    out += ["", f"static const struct genl_op_spec {family.name}_ops[] = {{"]
    for op in family.ops:
        flags = ["GENL_OP_ADMIN"] if "admin-perm" in op.get("flags", []) else []
        flags += [f"GENL_OP_{kind.upper()}" for kind in ("do", "dump", "notify") if kind in op]
        out += [
            "\t{",
            f'\t\t.name = "{op["name"]}",',
            f"\t\t.command = {family.op_c_name(op)},",
            f"\t\t.flags = {' | '.join(flags)},",
            f"\t\t.set = &{family.name}_{c_ident(op['attribute-set'])}_attributes,",
            f"\t\t.do_attributes = {mask(family, op, 'do')},",
            f"\t\t.dump_attributes = {mask(family, op, 'dump')},",
            "\t},",
        ]
    upper = family.name.upper()
    out += ["};", "", f"static const struct genl_group_spec {family.name}_groups[] = {{"]
    out += [
        f"\t{{ .name = {upper}_MCGRP_{c_name(g)}, .id = {upper}_GROUP_{c_name(g)} }},"
        for g in family.groups
    ]
    out += [
        "};",
        "",
        f"const struct genl_family_spec {family.name}_family_spec = {{",
        f"\t.name = {upper}_FAMILY_NAME,",
        f"\t.version = {upper}_FAMILY_VERSION,",
        f"\t.op_count = sizeof({family.name}_ops) / sizeof({family.name}_ops[0]),",
        f"\t.ops = {family.name}_ops,",
        f"\t.group_count = sizeof({family.name}_groups) / sizeof({family.name}_groups[0]),",
        f"\t.groups = {family.name}_groups,",
        "};",
    ]
    return out


def listing(names):
    """Attribute names in a sentence."""
    return ", ".join(f"`{n}`" for n in names) or "none"


def one_line(text):
    """Text for a table cell."""
    return " ".join(text.split()).replace("|", "\\|")


def write_reference(family):
    """genl/generated/reference.md"""
    out = [
        "<!-- SPDX-License-Identifier: GPL-2.0 -->",
        f"<!-- Source: {SPEC} -->",
        f"<!-- {MARKER} -->",
        f"# Generic netlink family `{family.name}`, version {family.version}",
        "",
        family.doc,
        "",
        "Intervals are in microseconds unless the text says otherwise; integers are in host",
        "byte order, addresses in network byte order, strings end with a NUL.",
        "",
        "## Operations",
    ]
    for op in family.ops:
        out += ["", f"### {op['value']}: `{op['name']}` ({family.op_c_name(op)})", ""]
        out += [op["doc"].strip(), ""]
        if "notify" in op:
            out.append(f"- notification of the group `{op['mcgrp']}`, with the attributes of "
                       f"`{op['notify']}` and `event`")
            continue
        if "admin-perm" in op.get("flags", []):
            out.append("- only for uid 0")
        for kind in ("do", "dump"):
            if kind in op:
                out.append(f"- {kind} request: {listing(Family.listed(op, kind, 'request'))}")
                out.append(f"- {kind} answer: {listing(Family.listed(op, kind, 'reply'))}")
    out += ["", "## Multicast groups", ""]
    out += [f"- {number}: `{group}`" for number, group in enumerate(family.groups, 1)]
    out += ["", "## Attributes"]
    for name, attribute_set in family.sets.items():
        prefix = c_name(attribute_set["name-prefix"])
        out += ["", f"### `{name}` ({prefix}*)", "", doc_or_name(attribute_set), ""]
        out += ["| number | name | type | meaning |", "|---|---|---|---|"]
        out += [
            f"| {a['value']} | `{a['name']}` | {integer_note(a)} | {one_line(doc_or_name(a))} |"
            for a in attribute_set["attributes"]
        ]
    out += ["", "## Enumerations"]
    for name, definition in family.enums.items():
        prefix = f"{family.name.upper()}_{c_name(name)}_"
        out += ["", f"### `{name}` ({prefix}*)", "", doc_or_name(definition), ""]
        out += ["| value | name | meaning |", "|---|---|---|"]
        out += [
            f"| {e['value']} | `{e['name']}` | {one_line(doc_or_name(e))} |"
            for e in definition["entries"]
        ]
    return out


FILES = {
    "genl/uapi/bfd_genl.h": write_uapi,
    "genl/generated/policy.h": write_policy_h,
    "genl/generated/policy.c": write_policy_c,
    "genl/generated/reference.md": write_reference,
}


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    args = parser.parse_args()
    try:
        family = Family((ROOT / SPEC).read_text(encoding="utf-8"))
    except (SpecError, KeyError, yaml.YAMLError) as error:
        print(f"{SPEC}: {error}", file=sys.stderr)
        return 1
    stale = 0
    for path, write in FILES.items():
        target = ROOT / path
        new = "\n".join(write(family)) + "\n"
        old = target.read_text(encoding="utf-8") if target.exists() else ""
        if new == old:
            continue
        stale += 1
        if args.check:
            sys.stdout.writelines(
                difflib.unified_diff(
                    old.splitlines(True), new.splitlines(True), path, path + " (regenerated)"
                )
            )
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(new, encoding="utf-8")
            print(f"wrote {path}")
    return 1 if args.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
