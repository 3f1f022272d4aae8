/*
 * Stands in for a program <home>/<...>/<...>/<name> and executes <home>/struck-program in its place. If there is a file
 * <home>/strike, one that is started takes it away, has itself watched by another process, and is killed right before
 * the system call that the file names:
 *
 *     begun 17        the 17th since it began, its own and those of its child until that executes something
 *     executed 17     the 17th of its own since its child has executed something
 *
 * Then, or when it has ended before, <home>/struck says so. Actions of signals are set many times and not counted.
 *
 * The watcher is no parent of what it watches, holds nothing of it open, and goes when it has struck.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/ptrace.h>

enum { LONGEST = 4096 };

static char home[LONGEST];

static void die(const char *what) {
    fprintf(stderr, "strike: %s: %s\n", what, strerror(errno));
    _exit(125);
}

static char *in_home(char *to, const char *name) {
    snprintf(to, LONGEST, "%.2048s/%s", home, name);
    return to;
}

/* The third directory above the program. */
static void find_home(const char *program) {
    snprintf(home, sizeof(home), "%s", program);
    for (int up = 0; up < 3; up++) {
        char *slash = strrchr(home, '/');
        if (!slash) {
            errno = ENOENT;
            die(program);
        }
        *slash = 0;
    }
}

/* Appears as a whole. */
static void report(const char *words, long call) {
    char aside[LONGEST];
    char file[LONGEST];
    FILE *out = fopen(in_home(aside, "struck.next"), "w");
    if (out) {
        fprintf(out, "%s %ld\n", words, call);
        fclose(out);
        rename(aside, in_home(file, "struck"));
    }
}

static bool go_on(pid_t who, int signal) {
    return ptrace(PTRACE_SYSCALL, who, 0, (long)signal) == 0;
}

/* What a stopped process is about to call; -1 when it has come back from a call. */
static long entered(pid_t who) {
    struct ptrace_syscall_info info;
    long size = ptrace(PTRACE_GET_SYSCALL_INFO, who, sizeof(info), &info);
    return size > 0 && info.op == PTRACE_SYSCALL_INFO_ENTRY ? (long)info.entry.nr : -1;
}

static void watch(pid_t program, bool counting_from_begin, long strike_at) {
    bool counting = false;
    long count = 0;
    for (;;) {
        int status;
        pid_t who = waitpid(-1, &status, __WALL);
        if (who < 0) {
            die("wait");
        }
        if (!WIFSTOPPED(status)) {
            if (who == program) {
                report("ended after", count);
                return;
            }
            continue;
        }
        int signal = WSTOPSIG(status);
        int event = status >> 16;
        if (event == PTRACE_EVENT_EXEC && who != program) {
            counting = true;
            ptrace(PTRACE_DETACH, who, 0, 0);
            continue;
        }
        if (event == PTRACE_EVENT_EXEC) {
            counting = counting_from_begin;
        }
        long call = signal == (SIGTRAP | 0x80) ? entered(who) : -1;
        if (counting && call >= 0 && call != SYS_rt_sigaction && ++count == strike_at) {
            kill(program, SIGKILL);
            while (waitpid(program, &status, __WALL) == program && WIFSTOPPED(status)) {
            }
            report(who == program ? "killed before its call" : "killed before its child's call", call);
            return;
        }
        go_on(who, event || signal == (SIGTRAP | 0x80) ? 0 : signal);
    }
}

/* Does not come back in the watcher. */
static void be_watched(char **argv, bool from_begin, long strike_at) {
    int ready[2];
    pid_t program = getpid();
    if (pipe2(ready, O_CLOEXEC)) {
        die("pipe");
    }
    pid_t between = fork();
    if (between == 0) {
        if (fork()) {
            _exit(0);
        }
        dup3(ready[1], 0, O_CLOEXEC);
        syscall(SYS_close_range, 1, ~0U, 0);
        setsid();
        /* ps(1) shall not take it for what it watches. */
        memset(argv[0], '-', strlen(argv[0]));
        long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
                       PTRACE_O_TRACEVFORK;
        if (ptrace(PTRACE_SEIZE, program, 0, options)) {
            report("not watched", errno);
            _exit(1);
        }
        close(0);
        watch(program, from_begin, strike_at);
        _exit(0);
    }
    char byte;
    close(ready[1]);
    waitpid(between, 0, 0);
    /* Ends when the watcher has closed its end. */
    if (read(ready[0], &byte, 1)) {
        die("wait for the watcher");
    }
    close(ready[0]);
}

int main(int argc, char **argv) {
    char path[LONGEST];
    char from[16];
    long at;
    find_home(argv[0]);
    FILE *file = fopen(in_home(path, "strike"), "re");
    if (argc && file) {
        int words = fscanf(file, "%15s %ld", from, &at);
        fclose(file);
        if (words == 2 && unlink(path) == 0) {
            be_watched(argv, strcmp(from, "begun") == 0, at);
        }
    }
    char *environment[] = {0};
    execve(in_home(path, "struck-program"), argv, environment);
    die(path);
}
