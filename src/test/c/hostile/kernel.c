/* Doors of system calls that take more than one line: namespaces, mounts, tracing, clocks, limits. */
#include "hostile.h"
#include <linux/bpf.h>
#include <linux/keyctl.h>
#include <linux/mount.h>
#include <linux/nsfs.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

long mounts_nosuid(void) {
    struct mount_attr attributes = {.attr_set = MOUNT_ATTR_NOATIME, .attr_clr = MOUNT_ATTR__ATIME};
    return CALL(mount_setattr, AT_FDCWD, "/", 0, &attributes, sizeof(attributes));
}

long changes_root(void) {
    mkdir("/tmp/root", 0700);
    if (mount("none", "/tmp/root", "tmpfs", 0, "") == 0) {
        mkdir("/tmp/root/old", 0700);
        return CALL(pivot_root, "/tmp/root", "/tmp/root/old");
    }
    return CALL(pivot_root, "/tmp/root", "/tmp/root");
}

static long opens_namespace(const char *pid, const char *kind) {
    char path[64];
    snprintf(path, sizeof(path), "/proc/%s/ns/%s", pid, kind);
    long fd = CALL(openat, AT_FDCWD, path, O_RDONLY);
    return fd == -ENOENT ? HIDDEN : fd;
}

long enters_namespace(const char *pid, const char *kind) {
    long fd = opens_namespace(pid, kind);
    return fd < 0 ? fd : CALL(setns, fd, 0);
}

long asks_for_parent(void) {
    long fd = opens_namespace("self", "pid");
    return fd < 0 ? fd : answer_of(ioctl((int)fd, NS_GET_PARENT));
}

/* A child in it ends at once. */
static long ends_in_child(long pid) {
    if (pid == 0) {
        _exit(0);
    }
    return pid < 0 ? -errno : pid;
}

long clones(unsigned long long flags) {
    return ends_in_child(syscall(SYS_clone, flags | 17, 0, 0, 0, 0));
}

long clones3(unsigned long long flags) {
    struct clone_args arguments = {.flags = flags, .exit_signal = 17};
    return ends_in_child(syscall(SYS_clone3, &arguments, sizeof(arguments)));
}

/* `return 0` on each packet of a socket, of which there is none. */
long loads_bpf(void) {
    struct bpf_insn program[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K}, {.code = BPF_JMP | BPF_EXIT}};
    union bpf_attr attributes = {.prog_type = BPF_PROG_TYPE_SOCKET_FILTER, .insn_cnt = 2};
    attributes.insns = (unsigned long)program;
    attributes.license = (unsigned long)"GPL";
    return CALL(bpf, BPF_PROG_LOAD, &attributes, sizeof(attributes));
}

/* Of the kernel, on all processes. */
long opens_perf_event(void) {
    struct perf_event_attr attributes = {.type = PERF_TYPE_SOFTWARE, .size = sizeof(attributes)};
    attributes.config = PERF_COUNT_SW_CONTEXT_SWITCHES;
    return CALL(perf_event_open, &attributes, -1, 0, -1, 0);
}

long real_time(void) {
    struct sched_param highest = {.sched_priority = 1};
    return CALL(sched_setscheduler, 0, SCHED_FIFO, &highest);
}

/* A time that is none: who may set the clock hears so. */
long sets_clock(void) {
    struct timespec none = {.tv_sec = -1};
    return passed(EINVAL, CALL(clock_settime, CLOCK_REALTIME, &none));
}

long raises_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit)) {
        return -errno;
    }
    limit.rlim_max++;
    return answer_of(setrlimit(RLIMIT_NOFILE, &limit));
}

long reads_memory_of(int pid) {
    char byte;
    struct iovec here = {&byte, 1}, there = {(void *)0x1000, 1};
    return passed(EFAULT, CALL(process_vm_readv, pid, &here, 1, &there, 1, 0));
}

/* Whether its session keyring is that of who started the container. */
long has_host_keyring(void) {
    long keyring = CALL(keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0);
    return keyring < 0 ? keyring : keyring == atol(fact("HOST_KEYRING")) ? 0 : HIDDEN;
}
