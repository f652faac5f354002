// launch OUT COMMAND...: runs COMMAND and writes to OUT: wall_s user_s sys_s peak_rss_kib minor_faults major_faults switches exit_code.
// A small process of its own, because what the kernel accounts to a child includes the pages of the parent that forked it.
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(struct timeval t) { return t.tv_sec + t.tv_usec * 1e-6; }

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

int main(int argc, char **argv) {
  if (argc < 3) return fprintf(stderr, "usage: launch OUT COMMAND...\n"), 2;
  double start = now();
  pid_t child = vfork();
  if (child == 0) {
    execvp(argv[2], argv + 2);
    _exit(127);
  }
  int status = 0;
  struct rusage use;
  if (child < 0 || wait4(child, &status, 0, &use) < 0) return perror("launch"), 2;
  double wall = now() - start;
  int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  FILE *out = fopen(argv[1], "w");
  if (!out) return perror(argv[1]), 2;
  fprintf(out, "%.6f %.6f %.6f %ld %ld %ld %ld %d\n", wall, seconds(use.ru_utime), seconds(use.ru_stime), use.ru_maxrss, use.ru_minflt, use.ru_majflt,
          use.ru_nvcsw + use.ru_nivcsw, code);
  return fclose(out) ? 2 : code;
}
