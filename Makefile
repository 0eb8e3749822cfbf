# SPDX-License-Identifier: GPL-2.0
# ipbfd: thin rules.  `make` builds all into build/, `make help` lists the targets.

.DEFAULT_GOAL := all

BUILD := build
PREFIX ?= /usr/local
SBINDIR ?= $(PREFIX)/sbin
MANDIR ?= $(PREFIX)/share/man
INCLUDEDIR ?= $(PREFIX)/include
COMPLETIONDIR ?= $(PREFIX)/share/bash-completion/completions
UNITDIR ?= /lib/systemd/system

CC ?= gcc
CLANG ?= clang
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool /usr/local/sbin/bpftool) bpftool)
VERSION := $(shell cat VERSION)

ifneq ($(V),1)
Q := @
say = @printf '  %-8s %s\n' $(1) $(2);
endif

CFLAGS ?= -O2 -g
WARNINGS := -Wall -Wextra -Werror
HOST_CFLAGS = -std=gnu11 -fno-strict-aliasing $(CFLAGS) $(WARNINGS) -I. -Igenl -I$(BUILD) -DIPBFD_VERSION='"$(VERSION)"' -MMD -MP
AGENT_LIBS = $(shell pkg-config --libs libbpf libnl-3.0 libnl-genl-3.0 libnl-route-3.0)
AGENT_CFLAGS = $(shell pkg-config --cflags libbpf libnl-3.0 libnl-genl-3.0 libnl-route-3.0)
MULTIARCH_INCLUDE := $(addprefix -I,$(wildcard /usr/include/$(shell $(CC) -print-multiarch)))
BPF_CFLAGS := -O2 -g $(WARNINGS) -target bpf -mcpu=v3 $(MULTIARCH_INCLUDE) -Ikern -MMD -MP
SANITIZE := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all

AGENT_SRCS := $(wildcard user/*.c genl/*.c genl/generated/*.c)
AGENT_OBJS := $(AGENT_SRCS:%.c=$(BUILD)/obj/%.o)
include iproute2-ext/Makefile.inc
IPBFD_OBJS := $(IPBFD_SRCS:%.c=$(BUILD)/obj/client/%.o)
IPFRONT_OBJS := $(IPFRONT_SRCS:%.c=$(BUILD)/obj/client/%.o)
UNIT_TESTS := $(patsubst selftests/%.c,$(BUILD)/selftests/%,$(wildcard selftests/unit/*_test.c))
include $(wildcard selftests/*/Makefile.inc)

# A whole build uses all processors, unless somebody has said how many jobs there are to be.
PARALLEL = $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(shell nproc))

BINARIES := $(BUILD)/bfd-agent $(BUILD)/ip-bfd $(BUILD)/ip

.PHONY: all help deps demo check check-long conformance torture storms mutants tests lint bench fuzz generate install uninstall clean
.DELETE_ON_ERROR:

all: $(BINARIES)

help:
	@echo 'make            build the agent and the client into $(BUILD)/'
	@echo 'make deps       install the Debian packages that everything below needs (root)'
	@echo 'make demo       two namespaces, a session, a cut: see it work (root)'
	@echo 'make check      the tests, in less than 20 minutes (root)'
	@echo 'make check-long    more of them: features against FRR and BIRD, upgrade, torture, the slow ones (root)'
	@echo 'make conformance   one test for each requirement of the RFCs, as one table (root)'
	@echo 'make torture    ten minutes of faults to the agents, 200 sessions at 10 ms: none may fail (root)'
	@echo 'make storms     real-time hogs, timer and switch storms: who flaps, how late, how fast it can be; about an hour (root)'
	@echo 'make mutants    can the tests fail? spoil the code and see (root)'
	@echo 'make bench      figures against BIRD and FRR (root)'
	@echo 'make fuzz       fuzz the protocol core for a minute'
	@echo 'make generate   regenerate the netlink family from genl/bfd.yaml'
	@echo 'make lint       style and static analysis'
	@echo 'make install    into $(PREFIX) (PREFIX=, DESTDIR=); make uninstall removes it'

deps:
	$(Q)scripts/install-deps.sh

# --- the data plane

$(BUILD)/bfd.bpf.o: kern/bfd.bpf.c | $(BUILD)
	$(call say,BPF,$@)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MF $(BUILD)/bfd.bpf.d -c $< -o $@

$(BUILD)/bfd.skel.h: $(BUILD)/bfd.bpf.o
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name bfd_bpf > $@

# --- the agent

$(BUILD)/obj/%.o: %.c Makefile | $(BUILD)
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(HOST_CFLAGS) $(AGENT_CFLAGS) -c $< -o $@

$(BUILD)/obj/user/dataplane.o: $(BUILD)/bfd.skel.h

$(BUILD)/bfd-agent: $(AGENT_OBJS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) $^ $(AGENT_LIBS) -o $@

# --- the client

$(BUILD)/obj/client/%.o: %.c Makefile | $(BUILD)
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(HOST_CFLAGS) $(IPBFD_CFLAGS) -c $< -o $@

$(BUILD)/ip-bfd: $(IPBFD_OBJS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) $^ $(IPBFD_LIBS) -o $@

$(BUILD)/ip: $(IPFRONT_OBJS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) $^ $(IPBFD_LIBS) -o $@

generate:
	$(Q)scripts/genl-gen.py

# --- tests

$(BUILD)/selftests/unit/%: selftests/unit/%.c | $(BUILD)
	$(call say,TEST,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 $(WARNINGS) $(SANITIZE) -I. -MMD -MP $< -o $@

tests: all $(UNIT_TESTS) $(TEST_BINARIES)

demo:
	$(Q)scripts/install-deps.sh --build
	$(Q)$(MAKE) --no-print-directory all
	$(Q)scripts/demo.sh

check:
	$(Q)scripts/install-deps.sh
	$(Q)$(MAKE) --no-print-directory $(PARALLEL) tests
	$(Q)selftests/run.sh

# What doesn't fit into the 20 minutes of `make check`, but for the mutants.
check-long: tests
	$(Q)AUTH_SECONDS=60 FLOOD_SECONDS=30 TORTURE_SECONDS=40 selftests/run.sh \
		interop/bird_features.sh interop/frr_features.sh interop/bird_auth.sh \
		netns/auth.sh agent/upgrade.sh agent/config.sh \
		netns/demand.sh netns/listen.sh torture vm/session.sh vm/links.sh vm/vrf.sh

# The table also goes to selftests/conformance/TABLE.md.
conformance:
	$(Q)scripts/install-deps.sh
	$(Q)$(MAKE) --no-print-directory all
	$(Q)selftests/conformance/run.py --write

torture:
	$(Q)scripts/install-deps.sh
	$(Q)$(MAKE) --no-print-directory all
	$(Q)selftests/torture/torture.py

# Parts of it: selftests/torture/storms.py --help.
storms:
	$(Q)scripts/install-deps.sh
	$(Q)$(MAKE) --no-print-directory all $(BUILD)/selftests/tools/hog
	$(Q)selftests/torture/storms.py

mutants:
	$(Q)scripts/install-deps.sh
	$(Q)$(MAKE) --no-print-directory all
	$(Q)selftests/unit/mutants.sh
	$(Q)selftests/conformance/mutants.py

bench: tests
	$(Q)scripts/bench.sh

lint:
	$(Q)scripts/lint.sh

# --- installation

install: all
	install -d $(DESTDIR)$(SBINDIR) $(DESTDIR)$(MANDIR)/man8 $(DESTDIR)$(INCLUDEDIR)/ipbfd $(DESTDIR)$(COMPLETIONDIR) $(DESTDIR)$(UNITDIR)
	install -m 755 $(BUILD)/bfd-agent $(BUILD)/ip-bfd $(DESTDIR)$(SBINDIR)
	install -m 755 $(BUILD)/ip $(DESTDIR)$(SBINDIR)/ip
	install -m 644 iproute2-ext/ip-bfd.8 user/bfd-agent.8 $(DESTDIR)$(MANDIR)/man8
	install -m 644 genl/uapi/bfd_genl.h $(DESTDIR)$(INCLUDEDIR)/ipbfd
	install -m 644 iproute2-ext/bash-completion/ip-bfd $(DESTDIR)$(COMPLETIONDIR)
	for unit in bfd-agent.service bfd-agent@.service; do \
		sed 's|@SBINDIR@|$(SBINDIR)|g' user/$$unit > $(DESTDIR)$(UNITDIR)/$$unit; done

uninstall:
	rm -f $(DESTDIR)$(SBINDIR)/bfd-agent $(DESTDIR)$(SBINDIR)/ip-bfd $(DESTDIR)$(SBINDIR)/ip
	rm -f $(DESTDIR)$(MANDIR)/man8/ip-bfd.8 $(DESTDIR)$(MANDIR)/man8/bfd-agent.8
	rm -rf $(DESTDIR)$(INCLUDEDIR)/ipbfd
	rm -f $(DESTDIR)$(COMPLETIONDIR)/ip-bfd
	rm -f $(DESTDIR)$(UNITDIR)/bfd-agent.service $(DESTDIR)$(UNITDIR)/bfd-agent@.service

$(BUILD):
	$(Q)mkdir -p $@

clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
