// Preloaded into a program that takes its memory from the C library: at exit writes "allocations bytes frees" to the file that
// COUNT_ALLOCATIONS names. Calls of malloc, calloc and realloc count; sizes are those asked for.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void __libc_free(void *);

static atomic_ulong allocations, bytes, frees;

static void count(size_t size) {
  atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
  atomic_fetch_add_explicit(&bytes, size, memory_order_relaxed);
}

void *malloc(size_t size) { return count(size), __libc_malloc(size); }
void *calloc(size_t number, size_t size) { return count(number * size), __libc_calloc(number, size); }
void *realloc(void *old, size_t size) { return count(size), __libc_realloc(old, size); }
void free(void *old) {
  if (old) atomic_fetch_add_explicit(&frees, 1, memory_order_relaxed);
  __libc_free(old);
}

static void report(void) {
  const char *path = getenv("COUNT_ALLOCATIONS");
  if (!path) return;
  char line[96];
  int size = snprintf(line, sizeof line, "%lu %lu %lu\n", allocations, bytes, frees);
  int out = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (out >= 0 && write(out, line, (size_t)size) == size) close(out);
}

// exit and _exit both: a program that is done may leave without running destructors.
__attribute__((destructor)) static void at_end(void) { report(); }
void _exit(int code) {
  report();
  extern void _Exit(int) __attribute__((noreturn));
  syscall(231, code);  // exit_group on x86_64
  __builtin_unreachable();
}
