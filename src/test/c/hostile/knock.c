/*
 * Tries doors and says how each answered, one line a door: its name and `open`, `hidden`, or the name of an error.
 *
 *     knock [FACT=value ...] [door ...]      all doors if none is named
 *     knock hold                             holds things of the host, and says what; ends with its stdin
 *     knock whoami | watch | swap A B | multiply | eat
 */
#include "hostile.h"
#include <linux/fs.h>
#include <linux/mount.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/wait.h>

/* name, attempt */
#define DOORS(DOOR)                                                                                                    \
    DOOR(mount_tmpfs, CALL(mount, "none", "/tmp", "tmpfs", 0, 0))                                                      \
    DOOR(mount_proc, CALL(mount, "none", "/tmp", "proc", 0, 0))                                                        \
    DOOR(mount_cgroup, CALL(mount, "none", "/tmp", "cgroup2", 0, 0))                                                   \
    DOOR(mount_bind, CALL(mount, "/", "/tmp", 0, MS_BIND, 0))                                                          \
    DOOR(mount_shared, CALL(mount, 0, "/", 0, MS_SHARED | MS_REC, 0))                                                  \
    DOOR(mount_read_write, CALL(mount, 0, "/proc", 0, MS_BIND | MS_REMOUNT, 0))                                        \
    DOOR(unmount_proc, CALL(umount2, "/proc", MNT_DETACH))                                                             \
    DOOR(fsopen, CALL(fsopen, "tmpfs", 0))                                                                             \
    DOOR(open_tree, CALL(open_tree, AT_FDCWD, "/", OPEN_TREE_CLONE))                                                   \
    DOOR(mount_setattr, mounts_nosuid())                                                                               \
    DOOR(pivot_root, changes_root())                                                                                   \
    DOOR(chroot_escape, escapes_chroot())                                                                              \
    DOOR(open_by_handle_at, opens_handle())                                                                            \
    DOOR(host_file, reads_host_file())                                                                                 \
    DOOR(leaked_descriptors, leaked_descriptors())                                                                     \
    DOOR(setns_own_uts, enters_namespace("self", "uts"))                                                               \
    DOOR(setns_host_mnt, enters_namespace(fact("HOST_PID"), "mnt"))                                                    \
    DOOR(parent_namespace, asks_for_parent())                                                                          \
    DOOR(unshare_user, CALL(unshare, CLONE_NEWUSER))                                                                   \
    DOOR(unshare_mnt, CALL(unshare, CLONE_NEWNS))                                                                      \
    DOOR(unshare_net, CALL(unshare, CLONE_NEWNET))                                                                     \
    DOOR(clone_user, clones(CLONE_NEWUSER))                                                                            \
    DOOR(clone3_user, clones3(CLONE_NEWUSER))                                                                          \
    DOOR(mknod_disk, opens_device(S_IFBLK, fact("HOST_DISK")))                                                         \
    DOOR(mknod_mem, opens_device(S_IFCHR, "1:1"))                                                                      \
    DOOR(mknod_kmsg, opens_device(S_IFCHR, "1:11"))                                                                    \
    DOOR(mknod_fuse, opens_device(S_IFCHR, "10:229"))                                                                  \
    DOOR(mknod_loop_control, opens_device(S_IFCHR, "10:237"))                                                          \
    DOOR(image_device, CALL(openat, AT_FDCWD, "/kmsg", O_WRONLY))                                                      \
    DOOR(more_devices, more_devices())                                                                                 \
    DOOR(chmod_null, CALL(fchmodat, AT_FDCWD, "/dev/null", 0666))                                                      \
    DOOR(write_core_pattern, opens_for_writing("/proc/sys/kernel/core_pattern"))                                       \
    DOOR(write_modprobe, opens_for_writing("/proc/sys/kernel/modprobe"))                                               \
    DOOR(write_binfmt_misc, opens_for_writing("/proc/sys/fs/binfmt_misc/register"))                                    \
    DOOR(write_panic_on_oom, opens_for_writing("/proc/sys/vm/panic_on_oom"))                                           \
    DOOR(write_ip_forward, opens_for_writing("/proc/sys/net/ipv4/ip_forward"))                                         \
    DOOR(write_sysrq_trigger, opens_for_writing("/proc/sysrq-trigger"))                                                \
    DOOR(write_uevent_helper, opens_for_writing("/sys/kernel/uevent_helper"))                                          \
    DOOR(write_power_state, opens_for_writing("/sys/power/state"))                                                     \
    DOOR(write_release_agent, cgroup_file("release_agent"))                                                            \
    DOOR(write_cgroup_procs, cgroup_file("cgroup.procs"))                                                              \
    DOOR(make_cgroup, makes_cgroup())                                                                                  \
    DOOR(write_anything, writes_anything())                                                                            \
    DOOR(read_kcore, reads("/proc/kcore"))                                                                             \
    DOOR(read_kmsg, reads("/proc/kmsg"))                                                                               \
    DOOR(read_keys, reads("/proc/keys"))                                                                               \
    DOOR(read_timer_list, reads("/proc/timer_list"))                                                                   \
    DOOR(read_sched_debug, reads("/proc/sched_debug"))                                                                 \
    DOOR(read_latency_stats, reads("/proc/latency_stats"))                                                             \
    DOOR(read_interrupts, reads("/proc/interrupts"))                                                                   \
    DOOR(read_acpi, reads("/proc/acpi"))                                                                               \
    DOOR(read_scsi, reads("/proc/scsi"))                                                                               \
    DOOR(read_asound, reads("/proc/asound"))                                                                           \
    DOOR(read_firmware, reads("/sys/firmware"))                                                                        \
    DOOR(read_powercap, reads("/sys/devices/virtual/powercap"))                                                        \
    DOOR(read_block_devices, reads("/sys/dev/block"))                                                                  \
    DOOR(read_debugfs, reads("/sys/kernel/debug"))                                                                     \
    DOOR(kill_host, CALL(kill, host_pid(), 0))                                                                         \
    DOOR(pidfd_host, CALL(pidfd_open, host_pid(), 0))                                                                  \
    DOOR(ptrace_host, CALL(ptrace, PTRACE_SEIZE, host_pid(), 0, 0))                                                   \
    DOOR(memory_of_host, reads_memory_of(host_pid()))                                                                  \
    DOOR(keyctl, CALL(keyctl, 0, -3, 0))                                                                               \
    DOOR(session_keyring, has_host_keyring())                                                                          \
    DOOR(add_key, CALL(add_key, "user", "slipway", "x", 1, -2))                                                        \
    DOOR(request_key, passed(ENOKEY, CALL(request_key, "user", "slipway-none", 0, 0)))                                 \
    DOOR(bpf, loads_bpf())                                                                                             \
    DOOR(perf_event_open, opens_perf_event())                                                                          \
    DOOR(userfaultfd, CALL(userfaultfd, 0))                                                                            \
    DOOR(io_uring_setup, passed(EFAULT, CALL(io_uring_setup, 1, 0)))                                                   \
    DOOR(fanotify_init, CALL(fanotify_init, 0, 0))                                                                     \
    DOOR(kexec_load, passed(EINVAL, CALL(kexec_load, 0, 1000, 0, 0)))                                                  \
    DOOR(kexec_file_load, passed(EBADF, CALL(kexec_file_load, -1, -1, 0, 0, 0)))                                       \
    DOOR(init_module, passed(ENOEXEC, CALL(init_module, 0, 0, "")))                                                    \
    DOOR(finit_module, passed(EBADF, CALL(finit_module, -1, "", 0)))                                                   \
    DOOR(delete_module, passed(ENOENT, CALL(delete_module, "slipway_none", O_NONBLOCK)))                               \
    DOOR(reboot, passed(EINVAL, CALL(reboot, 1, 2, 3, 0)))                                                             \
    DOOR(swapon, passed(ENOENT, CALL(swapon, "/none", 0)))                                                             \
    DOOR(swapoff, passed(ENOENT, CALL(swapoff, "/none")))                                                              \
    DOOR(acct, passed(ENOENT, CALL(acct, "/none")))                                                                    \
    DOOR(syslog, CALL(syslog, 3, "", 0))                                                                               \
    DOOR(settimeofday, CALL(settimeofday, 0, 0))                                                                       \
    DOOR(clock_settime, sets_clock())                                                                                  \
    DOOR(sethostname, CALL(sethostname, "taken", 5))                                                                   \
    DOOR(setdomainname, CALL(setdomainname, "taken", 5))                                                               \
    DOOR(iopl, CALL(iopl, 3))                                                                                          \
    DOOR(ioperm, CALL(ioperm, 0x80, 1, 1))                                                                             \
    DOOR(vhangup, CALL(vhangup))                                                                                       \
    DOOR(personality, CALL(personality, 0x0040000))                                                                    \
    DOOR(quotactl, passed(ENOENT, CALL(quotactl, 0x800003 << 8, "/none", 0, 0)))                                       \
    DOOR(nice, CALL(setpriority, PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) - 1))                                   \
    DOOR(real_time, real_time())                                                                                       \
    DOOR(raise_limit, raises_limit())                                                                                  \
    DOOR(vsock, CALL(socket, AF_VSOCK, SOCK_STREAM, 0))                                                                \
    DOOR(crypto_socket, CALL(socket, AF_ALG, SOCK_SEQPACKET, 0))                                                       \
    DOOR(packet_socket, CALL(socket, AF_PACKET, SOCK_RAW, 0))                                                          \
    DOOR(add_link, adds_link())                                                                                        \
    DOOR(abstract_socket, connects_abstract())                                                                         \
    DOOR(loopback, connects_loopback())                                                                                \
    DOOR(shared_memory, CALL(shmget, atoi(fact("HOST_KEY")), 1, 0))                                                    \
    DOOR(message_queue, CALL(mq_open, fact("HOST_QUEUE"), O_RDONLY, 0, 0))

#define DEFINE(name, attempt)                                                                                          \
    static long door_##name(void) {                                                                                    \
        return attempt;                                                                                                \
    }
DOORS(DEFINE)

#define ROW(name, attempt) {#name, door_##name},
static const struct {
    const char *name;
    long (*knock)(void);
} doors[] = {DOORS(ROW)};

static void knock(int at) {
    int answers[2];
    long answer = 0;
    if (pipe(answers)) {
        exit(1);
    }
    pid_t child = fork();
    if (child == 0) {
        alarm(20);
        /* Who may change mounts does not change those of the next door. */
        if (!unshare(CLONE_NEWNS)) {
            mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
        }
        answer = doors[at].knock();
        _exit(write(answers[1], &answer, sizeof(answer)) != sizeof(answer));
    }
    close(answers[1]);
    ssize_t length = read(answers[0], &answer, sizeof(answer));
    close(answers[0]);
    int status = 0;
    waitpid(child, &status, 0);
    const char *words = answer >= 0 ? "open" : answer == HIDDEN ? "hidden" : strerrorname_np((int)-answer);
    if (length != sizeof(answer)) {
        words = WIFSIGNALED(status) ? sigabbrev_np(WTERMSIG(status)) : "silent";
    }
    printf("%s %s\n", doors[at].name, words);
}

static int whoami(void) {
    return printf("uid %d gid %d\n", geteuid(), getegid()) < 0;
}

static const struct {
    const char *name;
    int (*run)(void);
} programs[] = {{"hold", hold_host}, {"whoami", whoami}, {"watch", watch}, {"multiply", multiply}, {"eat", eat}};

int main(int argc, char **argv) {
    int named = 0;
    setvbuf(stdout, 0, _IONBF, 0);
    for (int i = 1; i < argc; i++) {
        if (strchr(argv[i], '=')) {
            putenv(argv[i]);
            continue;
        }
        if (!strcmp(argv[i], "swap") && i + 2 < argc) {
            return swap(argv[i + 1], argv[i + 2]);
        }
        for (size_t program = 0; program < sizeof(programs) / sizeof(*programs); program++) {
            if (!strcmp(programs[program].name, argv[i])) {
                return programs[program].run();
            }
        }
        named++;
        for (size_t door = 0; door < sizeof(doors) / sizeof(*doors); door++) {
            if (!strcmp(doors[door].name, argv[i])) {
                knock((int)door);
            }
        }
    }
    for (size_t door = 0; !named && door < sizeof(doors) / sizeof(*doors); door++) {
        knock((int)door);
    }
    printf("end\n");
    return 0;
}
