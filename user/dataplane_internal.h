/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the data plane's door share (dataplane.c, dataplane_attach.c,
 * dataplane_clock.c).  Nobody else may include it; the skeleton stays in
 * dataplane.c, so only file descriptors are here.
 */
#ifndef IPBFD_DATAPLANE_INTERNAL_H
#define IPBFD_DATAPLANE_INTERNAL_H

#include <limits.h>

#include "dataplane.h"

struct dataplane_attachment {
	uint32_t ifindex;
	enum dataplane_attach mode;
	int link_fd;
	bool clsact;	    /* the qdisc of our filters is ours */
	bool filters_stale; /* they may be gone */
};

/* What the agent remembers of a slot, to choose slots without asking the kernel. */
struct dataplane_slot {
	uint8_t use; /* enum bfd_slot_use; written by dataplane_slot_use() only */
	uint32_t local_discr;
	uint32_t next_lingering; /* of those whose keys have the same hash; plus 1, 0: the last */
	struct bfd_address_key key;
};

#define DATAPLANE_BUCKETS 1024

struct bpf_object;

struct dataplane {
	struct bfd_bpf *skeleton;
	struct ring_buffer *ring;
	char pin_dir[PATH_MAX];
	char old_pin_dir[PATH_MAX]; /* of an older version, to be carried over; empty: none */
	bool migration_resumed;	    /* an agent before this one has begun to switch over */
	/* Has maps that aren't pinned, to try a migration with; NULL: those in pin_dir are meant */
	const struct bpf_object *trial;
	uint64_t migrated_ns; /* from then on the older data plane is blind */
	bool adopted;
	uint32_t max_sessions;
	int sessions_fd, info_fd, discriminators_fd, local_fd, domains_fd, vlans_fd, discards_fd,
		clock_fd, listeners_fd, clients_fd, subscribers_fd, key_chains_fd;
	int receive_prog_fd, behind_prog_fd, answer_prog_fd, tick_prog_fd, control_prog_fd;
	uint64_t build;	      /* of the programs: dataplane_programs.c */
	bool programs_reused; /* they were there, and their descriptors are ours to close */

	struct dataplane_attachment *attachments;
	int attachment_count;

	struct dataplane_slot *slots;	       /* max_sessions of them */
	uint32_t lingering[DATAPLANE_BUCKETS]; /* slots of deleted sessions by key; as
						  next_lingering */
	uint32_t next_slot;

	uint32_t tick0, tick1; /* the clock devices' ifindexes */
	uint32_t tick_us;
	uint32_t fastest_us;	  /* interval that the clock has to serve; may be too short: */
	bool fastest_stale;	  /* the session that had it may be gone or slower */
	uint64_t slower_since_ns; /* a longer tick would do; 0: it would not */
	uint32_t generation;	  /* of the tick frames, for injection */
	bool clock_running;
	bool shaped;		 /* the kernel has tbf */
	uint64_t shape_tried_ns; /* when that was found out */
	uint64_t looked_ns;	 /* without it: at all but the next tick */
	uint64_t last_ticks;	 /* at the last check */
	int timer_fd;
	int clock_watch_fd; /* clock.h */
	int tick_now_fd;    /* the same; -1: not yet */

	dataplane_event_cb callback;
	dataplane_newcomer_cb newcomer_callback;
	void *callback_context;
	int events_read; /* in this go */
};

/* Run the control program.  control->error is returned. */
int dataplane_control(struct dataplane *dp, struct bfd_control *control);

/* dataplane_pins.c: make dp->pin_dir, find dp->old_pin_dir.  -EEXIST: a newer version's pins are
 * there.  -EBUSY: somebody else's data plane is.
 */
int dataplane_pins_prepare(struct dataplane *dp, char *error, size_t error_size);
/* The same, but nothing is made or removed. */
int dataplane_pins_find(struct dataplane *dp, char *error, size_t error_size);
/* Make it again, with bpffs, if somebody has unmounted that or removed it. */
int dataplane_pins_mend_dir(const struct dataplane *dp);
/* Returns 1 if it was missing and is there again; 0: nothing was amiss. */
int dataplane_pin_missing(int fd, const char *path);
/* Has this namespace a data plane, of whatever version? */
bool dataplane_pins_exist(void);
/* Unlink all files of a directory and it.  None is no error. */
int dataplane_pins_remove(const char *path);
/* Before object is loaded: is what is pinned what it declares?  -EINVAL: the first that isn't is
 * named.
 */
int dataplane_pins_check(const struct dataplane *dp, struct bpf_object *object, char *error,
			 size_t error_size);
/* How many sessions the pinned maps hold.  -ENOENT: there are none. */
int dataplane_pins_size(const struct dataplane *dp, uint32_t *size);

#define DATAPLANE_PROGRAMS 5

/* dataplane_programs.c: what dp->build is to be, of the object in the skeleton. */
uint64_t dataplane_build_of(const void *object, size_t size);
/* Open the pinned programs of this build over the maps that are pinned; false: there are none. */
bool dataplane_programs_reuse(struct dataplane *dp);
/* Pin those that are in use, and unpin those of other builds. */
int dataplane_programs_pin(struct dataplane *dp);
/* Pin what is missing.  Returns 1 if any was. */
int dataplane_programs_mend(struct dataplane *dp);
void dataplane_programs_close(struct dataplane *dp);
/* The identifier of a pinned map; 0: it is none. */
uint32_t dataplane_map_id(const char *path);
bool dataplane_uses_map(int program_fd, uint32_t id);
/* Do two programs have a map in common? */
bool dataplane_share_map(int program_fd, int other_fd);

/* dataplane_owner.c: -EBUSY: the clock of this namespace serves a data plane that lives, but isn't
 * pinned below namespace_dir.
 */
int dataplane_owner_check(const char *namespace_dir, char *error, size_t error_size);

/* dataplane_migrate.c: in this order, if dp->old_pin_dir is set.  What fails up to and with _copy
 * leaves the older data plane running; after it the migration can be taken up again.
 */
int dataplane_migrate_size(const struct dataplane *dp, uint32_t *size);
/* Could _copy fail?  Into dp->trial; nothing is changed. */
int dataplane_migrate_try(struct dataplane *dp);
int dataplane_migrate_copy(struct dataplane *dp);
int dataplane_migrate_refresh(const struct dataplane *dp);
int dataplane_migrate_hush(const struct dataplane *dp);
int dataplane_migrate_links(const struct dataplane *dp);
int dataplane_migrate_again(struct dataplane *dp);
/* Both when events are read first.  callback as for the ring of this version, and with its records.
 */
void dataplane_migrate_events(struct dataplane *dp,
			      int (*callback)(void *context, void *data, size_t size));
void dataplane_migrate_finish(struct dataplane *dp);
bool dataplane_migration_is_complete(const char *pin_dir);

/* dataplane_sessions.c: what a slot is used for now; before its key is changed. */
void dataplane_slot_use(struct dataplane *dp, uint32_t slot, uint8_t use);
/* At adoption, and when none seems free although events may be lost. */
int dataplane_slots_reread(struct dataplane *dp);
/* Timers call the program that set their callback: make that this build's.  renewed: silence
 * counts from now on.
 */
int dataplane_sessions_adopt(struct dataplane *dp, bool renewed);
/* The shortest transmit interval that is configured or, during a Poll Sequence, still in use;
 * UINT32_MAX: no session.  passing: it is the latter, and soon over.
 */
uint32_t dataplane_fastest_us(const struct dataplane *dp, bool *passing);

/* dataplane_attach.c */
int dataplane_links_adopt(struct dataplane *dp);
/* Pin what is attached and isn't pinned any more.  Returns 1 if there was any. */
int dataplane_links_mend(const struct dataplane *dp);
void dataplane_links_close(struct dataplane *dp);
/* Take what is attached off, knowing only the directory of pins.  Links go with their pins;
 * this is for what is attached otherwise.
 */
void dataplane_links_remove(const char *pin_dir);

/* dataplane_filters.c.  Attaching again replaces the programs without a gap.  Without them answers
 * wait for a tick, so that failure is no reason to refuse a device.
 */
int dataplane_filters_attach(struct dataplane *dp, uint32_t ifindex);
/* Is the clsact qdisc of a device marked as ours; mark it again. */
bool dataplane_filters_is_marked(const struct dataplane *dp, uint32_t ifindex);
int dataplane_filters_mark(const struct dataplane *dp, uint32_t ifindex);
int dataplane_filters_detach(const char *pin_dir, uint32_t ifindex);
/* Remove those of this namespace that no pin tells of, and nobody else's. */
int dataplane_filters_sweep(void);
/* Is there one that receives, as XDP would? */
bool dataplane_filters_receive(uint32_t ifindex);
/* A device, or with 0 any, lost a qdisc or filter: context is the data plane. */
void dataplane_filters_stale(uint32_t ifindex, void *context);

/* dataplane_clock.c */
int dataplane_clock_open(struct dataplane *dp, char *error, size_t error_size);
void dataplane_clock_close(struct dataplane *dp);
/* Sessions came or changed: start, retune or forget the clock. */
int dataplane_clock_update(struct dataplane *dp, uint32_t fastest_us);
/* A session went, or its echo function: a slower clock may do.  It is looked at in its time. */
void dataplane_clock_relax(struct dataplane *dp);
/* At the start: a clock that runs is taken over as it is. */
int dataplane_clock_adopt(struct dataplane *dp);
/* Before a session is made: without any, the frames of the clock have ended. */
void dataplane_clock_stale(struct dataplane *dp);
/* A tick at once: a command has left something to send. */
int dataplane_clock_now(struct dataplane *dp);

/* dataplane_memory.c: call after the control program said -ENOMEM, then try again. */
void dataplane_make_room_for_timers(void);

#endif /* IPBFD_DATAPLANE_INTERNAL_H */
