/* Entry, system calls, and what the compiler calls by itself, for x86_64. */
.section .note.GNU-stack, "", @progbits
.text
.globl _start, system_call, memcpy, memset

_start:
    xor %ebp, %ebp
    and $-16, %rsp
    call shim

/* The number comes first, so every argument is one place further than the kernel wants it. */
system_call:
    mov %rdi, %rax
    mov %rsi, %rdi
    mov %rdx, %rsi
    mov %rcx, %rdx
    mov %r8, %r10
    mov %r9, %r8
    mov 8(%rsp), %r9
    syscall
    ret

memcpy:
    mov %rdi, %rax
    mov %rdx, %rcx
    rep movsb
    ret

memset:
    mov %rdi, %r8
    mov %esi, %eax
    mov %rdx, %rcx
    rep stosb
    mov %r8, %rax
    ret
