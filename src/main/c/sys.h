/* System calls and types of Linux, without a C library. Calls return what the kernel returns. */
#ifndef SYS_H
#define SYS_H

#include <asm/ioctls.h>
#include <asm/poll.h>
#include <asm/signal.h>
#include <asm/unistd.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/time_types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int16_t i16;
typedef int32_t i32;
typedef int64_t i64;

/* <linux/socket.h> does not have them. */
enum { AF_UNIX = 1, SOCK_SEQPACKET = 5, SOL_SOCKET = 1, SCM_RIGHTS = 1 };
enum { MSG_DONTWAIT = 0x40, MSG_NOSIGNAL = 0x4000, MSG_CMSG_CLOEXEC = 0x40000000 };

static inline long system_call(u64 nr, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f) {
#if defined(__x86_64__)
    register u64 result __asm__("rax") = nr;
    register u64 r10 __asm__("r10") = d;
    register u64 r8 __asm__("r8") = e;
    register u64 r9 __asm__("r9") = f;
    __asm__ volatile("syscall"
                     : "+r"(result)
                     : "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
#elif defined(__aarch64__)
    register u64 x8 __asm__("x8") = nr;
    register u64 result __asm__("x0") = a;
    register u64 x1 __asm__("x1") = b;
    register u64 x2 __asm__("x2") = c;
    register u64 x3 __asm__("x3") = d;
    register u64 x4 __asm__("x4") = e;
    register u64 x5 __asm__("x5") = f;
    __asm__ volatile("svc 0"
                     : "+r"(result)
                     : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                     : "memory");
#endif
    return (long)result;
}

#define U(value) ((u64)(value))
#define SYS1(nr, a) system_call(__NR_##nr, U(a), 0, 0, 0, 0, 0)
#define SYS2(nr, a, b) system_call(__NR_##nr, U(a), U(b), 0, 0, 0, 0)
#define SYS3(nr, a, b, c) system_call(__NR_##nr, U(a), U(b), U(c), 0, 0, 0)
#define SYS4(nr, a, b, c, d) system_call(__NR_##nr, U(a), U(b), U(c), U(d), 0, 0)
#define SYS5(nr, a, b, c, d, e) system_call(__NR_##nr, U(a), U(b), U(c), U(d), U(e), 0)
#define SYS6(nr, a, b, c, d, e, f) system_call(__NR_##nr, U(a), U(b), U(c), U(d), U(e), U(f))

static inline int open_at(int directory, const char *path, int flags, u32 mode) {
    return (int)SYS4(openat, directory, path, flags | O_CLOEXEC, mode);
}

_Noreturn static inline void leave(int code) {
    for (;;) {
        SYS1(exit_group, code);
    }
}

/* The compiler calls these by itself. */
void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memset(void *to, int value, size_t size);

#endif
