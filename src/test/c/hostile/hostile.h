/*
 * What a hostile program of the tests is made of: doors, each tried by a child of its own. A door answers 0 or more
 * when it is open, -errno when the kernel refuses, HIDDEN when nothing is there. Every attempt is harmless where it
 * succeeds: it is undone, or goes no further than the check that it is about.
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { HIDDEN = -100000 };

/* A system call by its name, as the kernel answers it. */
#define CALL(name, ...) answer_of(syscall(SYS_##name, ##__VA_ARGS__))

static inline long answer_of(long result) {
    return result < 0 ? -errno : result;
}

/* What the kernel says to nonsense once it has found that the caller may ask. */
static inline long passed(int nonsense, long result) {
    return result == -nonsense ? 0 : result;
}

/* Something of the host that the test has told; empty if it has not. */
static inline const char *fact(const char *name) {
    const char *value = getenv(name);
    return value ? value : "";
}

static inline int host_pid(void) {
    return atoi(fact("HOST_PID"));
}

/* Opens for writing, and writes nothing. */
long opens_for_writing(const char *path);
/* Whether a file or directory has something to read. */
long reads(const char *path);
long reads_host_file(void);
long leaked_descriptors(void);
long writes_anything(void);
long escapes_chroot(void);
long changes_root(void);
long opens_handle(void);
long enters_namespace(const char *pid, const char *kind);
long asks_for_parent(void);
long clones(unsigned long long flags);
long clones3(unsigned long long flags);
long opens_device(int type, const char *numbers);
long more_devices(void);
long cgroup_file(const char *name);
long makes_cgroup(void);
long loads_bpf(void);
long opens_perf_event(void);
long real_time(void);
long sets_clock(void);
long raises_limit(void);
long adds_link(void);
long connects_abstract(void);
long connects_loopback(void);
long reads_memory_of(int pid);
long has_host_keyring(void);
long mounts_nosuid(void);
int hold_host(void);
int watch(void);
int swap(const char *one, const char *other);
int multiply(void);
int eat(void);

#endif
