// The system calls of floor.c, made directly: the C library's start-up would be the largest single
// cost of a program this small (on a virtual machine its CPUID instructions alone trap for 150 us).
#pragma once

#include <stddef.h>
#include <sys/syscall.h>

static inline long kernel(long number, long a, long b, long c, long d, long e) {
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                   : "rcx", "r11", "memory");
  return result;
}

#define KERNEL_5(name, a, b, c, d, e, ...) \
  kernel(SYS_##name, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e))
// KERNEL(openat, fd, path, flags): a negative result is -errno.
#define KERNEL(name, ...) KERNEL_5(name, __VA_ARGS__, 0, 0, 0, 0, 0)

static inline size_t length(const char* text) {
  size_t n = 0;
  while (text[n] != 0) ++n;
  return n;
}

// Appends `text` to the string that ends at `end`; the new end.
static inline char* append(char* end, const char* text) {
  while (*text != 0) *end++ = *text++;
  *end = 0;
  return end;
}

static inline int same(const char* a, const char* b) {
  while (*a != 0 && *a == *b) ++a, ++b;
  return *a == *b;
}

static inline void complain(const char* what, long error) {
  char text[160];
  char* end = append(append(append(text, "floor: "), what), ": errno ");
  char digits[8];
  size_t n = 0;
  for (long rest = -error; n == 0 || rest != 0; rest /= 10) digits[n++] = (char)('0' + rest % 10);
  while (n != 0) *end++ = digits[--n];
  *end++ = '\n';
  KERNEL(write, 2, text, end - text);
}

_Noreturn static inline void leave(int status) {
  for (;;) KERNEL(exit_group, status);
}

// The result of a call that must succeed; a failure is named and ends the process.
#define MUST(name, ...) must(KERNEL(name, __VA_ARGS__), #name "(" #__VA_ARGS__ ")")
static inline long must(long result, const char* what) {
  if (result < 0) {
    complain(what, result);
    leave(1);
  }
  return result;
}

// Entered with the stack as the kernel made it: argc, argv...
__attribute__((used)) void entered(long* stack);
__asm__(
    ".globl _start\n"
    "_start: xor %ebp, %ebp\n"
    "  mov %rsp, %rdi\n"
    "  and $-16, %rsp\n"
    "  call entered\n");
