/* Doors of files: what lies outside the root, what the kernel shows and lets be written, devices, cgroups. */
#include "hostile.h"
#include <dirent.h>
#include <ftw.h>
#include <linux/magic.h>
#include <sys/sysmacros.h>
#include <sys/mount.h>
#include <sys/vfs.h>

long opens_for_writing(const char *path) {
    long fd = CALL(openat, AT_FDCWD, path, O_WRONLY | O_NONBLOCK);
    return fd == -ENOENT ? HIDDEN : fd;
}

long reads(const char *path) {
    DIR *directory = opendir(path);
    if (directory) {
        struct dirent *entry;
        while ((entry = readdir(directory))) {
            if (entry->d_name[0] != '.') {
                return 0;
            }
        }
        return HIDDEN;
    }
    char byte;
    int fd = open(path, O_RDONLY | O_NONBLOCK);
    if (fd < 0) {
        return errno == ENOENT ? HIDDEN : -errno;
    }
    long length = CALL(read, fd, &byte, 1);
    /* Where there is nothing to read now there may be later. */
    return length == -EAGAIN ? 0 : length == 0 ? HIDDEN : length;
}

/* A secret of the host, by its path from the host's root, from anywhere below `from`. */
static long finds(int from, const char *prefix) {
    char path[4096];
    snprintf(path, sizeof(path), "%s%s", prefix, fact("HOST_FILE"));
    int fd = openat(from, path, O_RDONLY);
    if (fd < 0) {
        return HIDDEN;
    }
    char text[16] = "";
    long length = read(fd, text, sizeof(text) - 1);
    close(fd);
    return length > 0 && !strcmp(text, "of the host") ? 0 : HIDDEN;
}

#define UP "../../../../../../../../../../../.."

long reads_host_file(void) {
    const char *prefixes[] = {"", UP, "/proc/1/root", "/proc/self/root" UP, "/proc/self/cwd" UP, "/proc/1/cwd" UP, "/dev/fd/0" UP};
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++) {
        if (finds(AT_FDCWD, prefixes[i]) == 0) {
            return 0;
        }
    }
    char other[64];
    snprintf(other, sizeof(other), "/proc/%d/root", host_pid());
    return finds(AT_FDCWD, other);
}

/* A descriptor beyond the streams that is not this program's own, of this process or of the first. */
long leaked_descriptors(void) {
    const char *processes[] = {"/proc/self/fd", "/proc/1/fd"};
    for (int i = 0; i < 2; i++) {
        DIR *directory = opendir(processes[i]);
        struct dirent *entry;
        while (directory && (entry = readdir(directory))) {
            char path[300], inside[400] = "";
            snprintf(path, sizeof(path), "%s/%s", processes[i], entry->d_name);
            struct stat link;
            /* Pipes are this program's, or the streams. */
            if (entry->d_name[0] == '.' || stat(path, &link) || S_ISFIFO(link.st_mode)) {
                continue;
            }
            snprintf(inside, sizeof(inside), "%s/" UP, path);
            if (S_ISDIR(link.st_mode) && finds(AT_FDCWD, inside) == 0) {
                return 0;
            }
            if (atoi(entry->d_name) > 2 && (i == 1 || atoi(entry->d_name) != dirfd(directory))) {
                return 0;
            }
        }
    }
    return HIDDEN;
}

static int writable;

/*
 * Its own processes it may well change, and be told by the kernel when the host is pressed. Files that nobody may write
 * can be opened by root all the same, and refuse what is written.
 */
static int look(const char *path, const struct stat *seen, int type, struct FTW *at) {
    const char *name = path + at->base;
    if (type == FTW_D && at->level == 1 && !strncmp(path, "/proc/", 6) && (atoi(name) > 0 || !strcmp(name, "pressure"))) {
        return FTW_SKIP_SUBTREE;
    }
    if (type == FTW_F && S_ISREG(seen->st_mode) && seen->st_mode & 0222) {
        int fd = open(path, O_WRONLY | O_NONBLOCK);
        if (fd >= 0) {
            fprintf(stderr, "writable: %s\n", path);
            writable++;
            close(fd);
        }
    }
    return writable > 20 ? FTW_STOP : FTW_CONTINUE;
}

long writes_anything(void) {
    nftw("/proc", look, 32, FTW_PHYS | FTW_ACTIONRETVAL);
    nftw("/sys", look, 32, FTW_PHYS | FTW_ACTIONRETVAL);
    return writable ? 0 : HIDDEN;
}

long escapes_chroot(void) {
    mkdir("/below", 0700);
    int root = open("/", O_RDONLY | O_DIRECTORY);
    if (chroot("/below")) {
        return -errno;
    }
    if (fchdir(root)) {
        return -errno;
    }
    for (int i = 0; i < 100; i++) {
        if (chdir("..")) {
            return -errno;
        }
    }
    if (chroot(".")) {
        return -errno;
    }
    return finds(AT_FDCWD, "");
}

long opens_handle(void) {
    struct {
        struct file_handle head;
        unsigned char rest[128];
    } handle = {.head.handle_bytes = 128};
    int mount = 0;
    const char *path = fact("HANDLE_OF");
    long named = CALL(name_to_handle_at, AT_FDCWD, path, &handle, &mount, 0);
    if (named < 0) {
        return named;
    }
    int fd = open(path, O_RDONLY);
    return CALL(open_by_handle_at, fd, &handle, O_RDONLY);
}

static long opens_node(const char *directory, int type, dev_t device) {
    char path[256];
    snprintf(path, sizeof(path), "%s/node", directory);
    unlink(path);
    if (mknod(path, (mode_t)type | 0600, device)) {
        return -errno;
    }
    /* A device that this kernel does not have has been looked for. */
    long fd = passed(ENXIO, CALL(openat, AT_FDCWD, path, O_RDONLY | O_NONBLOCK));
    unlink(path);
    return fd;
}

/* In every place that may take a node, and in one that is mounted for it. */
long opens_device(int type, const char *numbers) {
    unsigned major = 0, minor = 0;
    if (sscanf(numbers, "%u:%u", &major, &minor) != 2) {
        return -EDOM;
    }
    const char *places[] = {"/", "/tmp", "/dev", "/dev/shm", "/dev/mqueue", "/dev/pts", "/data", "/sys", "/proc"};
    long best = HIDDEN;
    for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
        long answer = opens_node(places[i], type, makedev(major, minor));
        if (answer >= 0) {
            return answer;
        }
        best = answer == -EACCES || (best == HIDDEN && answer == -EPERM) ? answer : best;
    }
    return mount("none", "/tmp", "tmpfs", 0, "") ? best : opens_node("/tmp", type, makedev(major, minor));
}

static int devices;

static int is_usual(dev_t device) {
    int memory = major(device) == 1 && (minor(device) == 3 || minor(device) == 5 || (minor(device) >= 7 && minor(device) <= 9));
    int terminal = major(device) == 136 || (major(device) == 5 && minor(device) <= 2);
    return memory || terminal;
}

static int look_at_device(const char *path, const struct stat *seen, int type, struct FTW *at) {
    (void)at;
    (void)type;
    if (S_ISBLK(seen->st_mode) || (S_ISCHR(seen->st_mode) && !is_usual(seen->st_rdev))) {
        fprintf(stderr, "device: %s\n", path);
        devices++;
    }
    return 0;
}

long more_devices(void) {
    nftw("/dev", look_at_device, 32, FTW_PHYS);
    return devices ? 0 : HIDDEN;
}

/* In the cgroup of version 2, or in each hierarchy of version 1. */
static long in_cgroups(const char *name, long (*attempt)(const char *)) {
    char path[600];
    snprintf(path, sizeof(path), "/sys/fs/cgroup/%s", name);
    long best = attempt(path);
    DIR *directory = opendir("/sys/fs/cgroup");
    struct dirent *entry;
    while (best < 0 && directory && (entry = readdir(directory))) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        snprintf(path, sizeof(path), "/sys/fs/cgroup/%s/%s", entry->d_name, name);
        long answer = attempt(path);
        best = answer != HIDDEN && answer != -ENOENT && answer != -ENOTDIR ? answer : best;
    }
    return best == -ENOENT || best == -ENOTDIR ? HIDDEN : best;
}

long cgroup_file(const char *name) {
    return in_cgroups(name, opens_for_writing);
}

static long makes_directory(const char *path) {
    struct statfs place = {0};
    long made = CALL(mkdirat, AT_FDCWD, path, 0755);
    if (made >= 0) {
        statfs(path, &place);
        rmdir(path);
    }
    int cgroup = place.f_type == CGROUP_SUPER_MAGIC || place.f_type == CGROUP2_SUPER_MAGIC;
    return made < 0 || cgroup ? made : HIDDEN;
}

long makes_cgroup(void) {
    return in_cgroups("slipway-door", makes_directory);
}
