/*
 * A launch plan: what one shim has to do, step by step, in one file that is read and run in place.
 * The only description in C: PlanWriter.java writes what it says, and PlanWriterTest compares them.
 *
 * A file is header, steps, relocations, pool. The pool holds strings and structures. A relocation is
 * the offset of a 64-bit field that holds an offset into the file and has to become an address.
 */
#ifndef PLAN_H
#define PLAN_H

#include "sys.h"

#define PLAN_MAGIC 0x4e4c5053
#define PLAN_VERSION 1
#define PLAN_LARGEST 16777216
#define PLAN_REGISTERS 4096
#define PLAN_NO_REGISTER 65535

/* Flags of a plan. A guest is one more process in a container: it has no log and no exit record, its
 * streams wait for clients, and it is killed when its client leaves. */
#define PLAN_TERMINAL 1
#define PLAN_STDIN 2
#define PLAN_STDIN_ONCE 4
#define PLAN_GUEST 8

/* Registers that are set before the first step: the process' ends of its pipes. */
#define PLAN_REGISTER_STDIN 0
#define PLAN_REGISTER_STDOUT 1
#define PLAN_REGISTER_STDERR 2

/* Descriptors: the listening socket, and the process whose namespaces are entered (pidfd_open(2)). */
#define PLAN_LISTENER 4
#define PLAN_TARGET 5

/* Steps that are no system calls; smaller numbers are the kernel's. */
#define PLAN_LOG 65536     /* (directory, name, files, bytes of one): the streams are logged */
#define PLAN_FORK 65537    /* (clone flags, cgroup descriptor or -1): the child goes on alone */
#define PLAN_EXPECT 65538  /* (address, mask, value, errno): fails unless *address & mask == value */
#define PLAN_LOAD 65539    /* (address): gives *address */
#define PLAN_STORE 65540   /* (address, value) */
#define PLAN_MASK 65541    /* (address, mask): *address &= mask */
#define PLAN_READY 65542   /* (descriptor of the terminal or -1): the next step executes the program */
#define PLAN_EXECUTE 65543 /* (paths, argv, envp): the first of paths that can be executed */

struct plan_header {
    u32 magic;
    u32 version;
    u32 size;
    u32 flags;
    u32 steps;
    u32 relocations;
    u64 reserved[5];
};

/* An error in `tolerated` is none: the step has no result and the next `skip_on_error` are left out. */
struct plan_step {
    u32 call;
    u16 into;       /* register that takes the result */
    u16 registers;  /* bit i: arguments[i] is the number of a register */
    u16 skip_on_success;
    u16 skip_on_error;
    u16 tolerated[2];
    u64 arguments[6];
};

_Static_assert(sizeof(struct plan_header) == 64, "the header has 64 bytes");
_Static_assert(sizeof(struct plan_step) == 64, "a step has 64 bytes");

#endif
