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

/* In <machine>.S, as the two functions that the compiler calls by itself. */
long system_call(u64 nr, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f);
void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memset(void *to, int value, size_t size);

/* Large and rarely touched: kept behind all other variables, which so share one page. */
#define BUFFER __attribute__((section(".bss.buffers")))

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

#endif
