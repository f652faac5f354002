// The least that a workload's system calls cost, without the program around them. Built and run by floors.py.
//   floors read LIST     opens, reads and closes each file of LIST
//   floors stat LIST     looks at each
//   floors link LIST N   LIST: `D folder` makes a folder, `F source target` links; by N processes, which share the folders (a D line and the F lines after it)
//   floors write LIST N  the same with new files of the sources' sizes instead of links
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char content[1 << 22];

static void make(const char *what, char *source) {
  char *target = strchr(source, ' ');
  *target++ = 0;
  if (strcmp(what, "link") == 0) {
    if (linkat(AT_FDCWD, source, AT_FDCWD, target, 0)) perror(target), exit(1);
    return;
  }
  struct stat status;
  if (stat(source, &status)) perror(source), exit(1);
  int out = open(target, O_WRONLY | O_CREAT | O_EXCL, 0644);
  for (off_t left = status.st_size; left > 0; left -= (off_t)sizeof content)
    if (write(out, content, (size_t)(left < (off_t)sizeof content ? left : (off_t)sizeof content)) < 0) perror(target), exit(1);
  close(out);
}

static void share(const char *what, const char *list, int part, int parts) {
  FILE *in = fopen(list, "r");
  char line[8192];
  int group = 0, mine = 1;
  while (in && fgets(line, sizeof line, in)) {
    line[strcspn(line, "\n")] = 0;
    if (line[0] == 'D') {
      mine = group++ % parts == part;
    } else if (mine) {
      make(what, line + 2);
    }
  }
  exit(in ? 0 : 1);
}

static void folders(const char *list) {
  FILE *in = fopen(list, "r");
  char line[8192];
  while (in && fgets(line, sizeof line, in)) {
    line[strcspn(line, "\n")] = 0;
    if (line[0] == 'D' && mkdir(line + 2, 0755)) perror(line), exit(1);
  }
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  if (strcmp(argv[1], "link") == 0 || strcmp(argv[1], "write") == 0) {
    int parts = atoi(argv[3]), failed = 0, status;
    folders(argv[2]);
    for (int part = 0; part < parts; ++part)
      if (fork() == 0) share(argv[1], argv[2], part, parts);
    while (wait(&status) > 0) failed |= status != 0;
    return failed;
  }
  FILE *in = fopen(argv[2], "r");
  char line[8192];
  while (in && fgets(line, sizeof line, in)) {
    line[strcspn(line, "\n")] = 0;
    if (strcmp(argv[1], "stat") == 0) {
      struct stat status;
      stat(line, &status);
    } else {
      int file = open(line, O_RDONLY);
      while (file >= 0 && read(file, content, sizeof content) > 0) {
      }
      close(file);
    }
  }
  return in ? 0 : 1;
}
