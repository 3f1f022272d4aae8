/* What the parts of the shim know of each other. */
#ifndef SHIM_H
#define SHIM_H

#include "plan.h"

/* What the shim is born with, moved off the standard descriptors. */
enum { RUN_DIRECTORY = 3, LISTENER = PLAN_LISTENER, TARGET = PLAN_TARGET };

/* The process that the shim watches, and the shim's ends of its streams (-1: none). */
struct process {
    i32 pid;
    int pidfd;
    int status; /* says how the steps after the fork go; ends when the program is executed */
    int in;
    int out[2]; /* stdout or the terminal, stderr */
};

/* Where a plan stopped: the number of a step, counted from 1, 0 before the first, or READY. */
struct word {
    i32 step;
    i32 error;
};
enum { READY = -1 };

enum { REGISTERS_SIZE = PLAN_REGISTERS * sizeof(i64) }; /* right before the plan */
long tape_load(struct plan_header **plan);
struct word tape_run(struct plan_header *plan, struct process *process, const int *ends, int status);

enum { LINE_LONGEST = 16384 };
long log_open(const char *directory, const char *name, u32 files, u64 bytes);
void log_take(int stream, const char *text, size_t size);
void log_end(int stream);
i64 log_dropped(void);
enum clock { OF_DAY = 0, EVEN = 1 }; /* the second goes on evenly, also when the first is set */
struct __kernel_timespec now(enum clock clock);
char *fill(char *to, const char *form, const i64 *numbers, const struct __kernel_timespec *times);

_Noreturn void give_up(i32 step, i32 error);
_Noreturn void monitor(struct process process, u32 flags);

#endif
