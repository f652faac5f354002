// Runs a command and kills it at its N-th system call that changes something below a folder, or makes that call fail.
//
//   kill_at --below DIR --count FILE -- COMMAND…        writes the number of such calls to FILE; exits as COMMAND does
//   kill_at --below DIR --kill N [--after] -- COMMAND…  SIGKILL right before (after) the N-th, counted from 1
//   kill_at --below DIR --signal S N -- COMMAND…        another signal, before the N-th
//   kill_at --below DIR --fail N ERRNO -- COMMAND…      the N-th does nothing and returns ERRNO
//   --log FILE                                          each counted call, a line
//
// The command's own filter (seccomp) stops it only at calls that can change something, so that a run costs little more
// than without us; threads and children are followed. Exits 137 when the command was killed. x86-64 Linux.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace {

// How to find out which file a call changes.
enum class Target {
  path_at_0,
  path_at_1,
  two_paths,
  fd_0,
  link_target_at_2,
  link_target_at_1,
  fd_2,
  open_at_0,
  open_at_1,
  open2
};
struct Call {
  int number;
  const char* name;
  Target target;
};
// Arguments: linkat(from_fd, from, to_fd, to), symlinkat(text, fd, path), renameat(from_fd, from, to_fd, to) …
constexpr Call kCalls[] = {
    {SYS_open, "open", Target::open_at_0},
    {SYS_creat, "creat", Target::path_at_0},
    {SYS_openat, "openat", Target::open_at_1},
    {SYS_openat2, "openat2", Target::open2},
    {SYS_write, "write", Target::fd_0},
    {SYS_pwrite64, "pwrite64", Target::fd_0},
    {SYS_writev, "writev", Target::fd_0},
    {SYS_pwritev, "pwritev", Target::fd_0},
    {SYS_ftruncate, "ftruncate", Target::fd_0},
    {SYS_fallocate, "fallocate", Target::fd_0},
    {SYS_fchmod, "fchmod", Target::fd_0},
    {SYS_fsync, "fsync", Target::fd_0},
    {SYS_fdatasync, "fdatasync", Target::fd_0},
    {SYS_syncfs, "syncfs", Target::fd_0},
    {SYS_ioctl, "ioctl", Target::fd_0},
    {SYS_copy_file_range, "copy_file_range", Target::fd_2},
    {SYS_sendfile, "sendfile", Target::fd_0},
    {SYS_truncate, "truncate", Target::path_at_0},
    {SYS_chmod, "chmod", Target::path_at_0},
    {SYS_mkdir, "mkdir", Target::path_at_0},
    {SYS_rmdir, "rmdir", Target::path_at_0},
    {SYS_unlink, "unlink", Target::path_at_0},
    {SYS_rename, "rename", Target::two_paths},
    {SYS_link, "link", Target::link_target_at_1},
    {SYS_symlink, "symlink", Target::link_target_at_1},
    {SYS_mkdirat, "mkdirat", Target::path_at_1},
    {SYS_unlinkat, "unlinkat", Target::path_at_1},
    {SYS_fchmodat, "fchmodat", Target::path_at_1},
    {SYS_utimensat, "utimensat", Target::path_at_1},
    {SYS_renameat, "renameat", Target::link_target_at_2},
    {SYS_renameat2, "renameat2", Target::link_target_at_2},
    {SYS_linkat, "linkat", Target::link_target_at_2},
    {SYS_symlinkat, "symlinkat", Target::link_target_at_1},
};

[[noreturn]] void die(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fprintf(stderr, ": %s\n", strerror(errno));
  exit(125);
}

struct Options {
  std::string below, count_file, log_file;
  long at = 0;           // 0: only count
  int signal = SIGKILL;  // 0: fail instead
  int fail_with = 0;
  bool after = false;
  char** command = nullptr;
};

int errno_named(const std::string& name) {
  const std::pair<const char*, int> known[] = {{"ENOSPC", ENOSPC}, {"EIO", EIO},       {"EROFS", EROFS},
                                               {"EDQUOT", EDQUOT}, {"EACCES", EACCES}, {"EMLINK", EMLINK},
                                               {"EXDEV", EXDEV}};
  for (const auto& [text, number] : known)
    if (name == text) return number;
  return atoi(name.c_str());
}

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const auto next = [&] { return i + 1 < argc ? std::string(argv[++i]) : std::string(); };
    if (word == "--below") {
      options.below = next();
    } else if (word == "--count") {
      options.count_file = next();
    } else if (word == "--log") {
      options.log_file = next();
    } else if (word == "--kill") {
      options.at = atol(next().c_str());
    } else if (word == "--after") {
      options.after = true;
    } else if (word == "--signal") {
      options.signal = atoi(next().c_str());
      options.at = atol(next().c_str());
    } else if (word == "--fail") {
      options.at = atol(next().c_str());
      options.fail_with = errno_named(next());
      options.signal = 0;
    } else if (word == "--" && i + 1 < argc) {
      options.command = argv + i + 1;
      break;
    } else {
      errno = EINVAL;
      die("kill_at: unexpected `%s`", word.c_str());
    }
  }
  char resolved[PATH_MAX];
  if (options.command == nullptr || realpath(options.below.c_str(), resolved) == nullptr)
    die("kill_at: --below DIR … -- COMMAND");
  options.below = resolved;
  return options;
}

// The child: lets itself be traced, and stops at the calls above only.
[[noreturn]] void run_child(char** command) {
  std::vector<sock_filter> filter;
  filter.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)));
  for (const auto& call : kCalls) {
    filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(call.number), 0, 1));
    filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE));
  }
  filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
  if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) die("kill_at: ptrace");
  raise(SIGSTOP);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
    die("kill_at: seccomp");
  execvp(command[0], command);
  die("kill_at: cannot run `%s`", command[0]);
}

class Tracer {
 public:
  Tracer(Options options, pid_t child) : options_(std::move(options)), child_(child) {}
  int run();

 private:
  void stopped(pid_t thread, int status);
  void send(int signal) const;
  bool at_call(pid_t thread);  // true: the thread was dealt with
  bool counts(pid_t thread, const Call& call, const user_regs_struct& regs) const;
  std::string path_of_fd(pid_t thread, long fd) const;
  std::string path_at(pid_t thread, long fd, unsigned long address) const;
  std::string text_at(pid_t thread, unsigned long address) const;
  bool is_below(const std::string& path) const {
    return path == options_.below ||
           (path.size() > options_.below.size() && path.compare(0, options_.below.size(), options_.below) == 0 &&
            path[options_.below.size()] == '/');
  }

  Options options_;
  pid_t child_;
  std::set<pid_t> threads_;  // alive, of all processes
  long count_ = 0;
  FILE* log_ = nullptr;
  pid_t kill_after_ = 0;  // the thread whose call is to end first
};

std::string Tracer::path_of_fd(pid_t thread, long fd) const {
  const std::string link = fd == AT_FDCWD ? "/proc/" + std::to_string(thread) + "/cwd"
                                          : "/proc/" + std::to_string(thread) + "/fd/" + std::to_string(fd);
  char target[PATH_MAX];
  const ssize_t length = readlink(link.c_str(), target, sizeof target);
  return length <= 0 ? std::string() : std::string(target, static_cast<size_t>(length));
}

std::string Tracer::text_at(pid_t thread, unsigned long address) const {
  std::string text;
  char buffer[256];
  while (text.size() < PATH_MAX) {
    // Not beyond a page's end: the next may not be there.
    const size_t size = std::min<size_t>(sizeof buffer, 4096 - address % 4096);
    iovec here{buffer, size}, there{reinterpret_cast<void*>(address), size};
    const ssize_t got = process_vm_readv(thread, &here, 1, &there, 1, 0);
    if (got <= 0) break;
    const size_t length = strnlen(buffer, static_cast<size_t>(got));
    text.append(buffer, length);
    if (length < static_cast<size_t>(got)) break;
    address += static_cast<unsigned long>(got);
  }
  return text;
}

std::string Tracer::path_at(pid_t thread, long fd, unsigned long address) const {
  const std::string path = text_at(thread, address);
  return !path.empty() && path[0] == '/' ? path : path_of_fd(thread, fd) + '/' + path;
}

bool Tracer::counts(pid_t thread, const Call& call, const user_regs_struct& regs) const {
  const auto at = [&](unsigned long long fd, unsigned long long path) {
    return is_below(path_at(thread, static_cast<int>(fd), path));
  };
  const auto opens = [&](unsigned long long flags) { return (flags & (O_CREAT | O_TRUNC)) != 0; };
  switch (call.target) {
    case Target::path_at_0:
      return at(static_cast<unsigned long long>(AT_FDCWD), regs.rdi);
    case Target::path_at_1:
      return at(regs.rdi, regs.rsi);
    case Target::two_paths:
      return at(static_cast<unsigned long long>(AT_FDCWD), regs.rdi) ||
             at(static_cast<unsigned long long>(AT_FDCWD), regs.rsi);
    case Target::link_target_at_1:
      return call.number == SYS_symlinkat ? at(regs.rsi, regs.rdx)
                                          : at(static_cast<unsigned long long>(AT_FDCWD), regs.rsi);
    case Target::link_target_at_2:
      return at(regs.rdx, regs.r10) || (call.number != SYS_linkat && at(regs.rdi, regs.rsi));
    case Target::fd_0:
      return is_below(path_of_fd(thread, static_cast<int>(regs.rdi)));
    case Target::fd_2:
      return is_below(path_of_fd(thread, static_cast<int>(regs.rdx)));
    case Target::open_at_0:
      return opens(regs.rsi) && at(static_cast<unsigned long long>(AT_FDCWD), regs.rdi);
    case Target::open_at_1:
      return opens(regs.rdx) && at(regs.rdi, regs.rsi);
    case Target::open2: {
      open_how how{};
      iovec here{&how, sizeof how}, there{reinterpret_cast<void*>(regs.rdx), sizeof how};
      process_vm_readv(thread, &here, 1, &there, 1, 0);
      return opens(how.flags) && at(regs.rdi, regs.rsi);
    }
  }
  return false;
}

bool Tracer::at_call(pid_t thread) {
  user_regs_struct regs;
  if (ptrace(PTRACE_GETREGS, thread, nullptr, &regs) != 0) return false;
  const Call* call = nullptr;
  for (const auto& known : kCalls)
    if (static_cast<unsigned long long>(known.number) == regs.orig_rax) call = &known;
  if (call == nullptr || !counts(thread, *call, regs)) return false;
  ++count_;
  if (log_ != nullptr) {
    const std::string path = call->target == Target::fd_0
                                 ? path_of_fd(thread, static_cast<int>(regs.rdi))
                                 : text_at(thread, call->target == Target::path_at_0 ? regs.rdi : regs.rsi);
    fprintf(log_, "%ld %d %s %s\n", count_, thread, call->name, path.c_str());
    fflush(log_);
  }
  if (count_ != options_.at) return false;
  if (options_.signal != 0 && !options_.after) {
    send(options_.signal);
    return options_.signal == SIGKILL;
  }
  if (options_.after) {
    kill_after_ = thread;
    ptrace(PTRACE_SYSCALL, thread, nullptr, nullptr);
    return true;
  }
  regs.orig_rax = static_cast<unsigned long long>(-1);
  regs.rax = static_cast<unsigned long long>(-options_.fail_with);
  ptrace(PTRACE_SETREGS, thread, nullptr, &regs);
  return false;
}

// A death takes everything with it, as when a machine's memory or a container's life ends; other signals are the
// command's to pass on.
void Tracer::send(int signal) const {
  if (signal != SIGKILL) {
    kill(child_, signal);
    return;
  }
  for (const pid_t thread : threads_) kill(thread, SIGKILL);
}

void Tracer::stopped(pid_t thread, int status) {
  threads_.insert(thread);
  const int signal = WSTOPSIG(status);
  if (signal == (SIGTRAP | 0x80)) {
    if (thread == kill_after_) {
      // The first such stop may still be the entry of the call; the call has ended when its result is no longer "not
      // yet done".
      user_regs_struct regs;
      ptrace(PTRACE_GETREGS, thread, nullptr, &regs);
      if (static_cast<long long>(regs.rax) == -ENOSYS) {
        ptrace(PTRACE_SYSCALL, thread, nullptr, nullptr);
        return;
      }
      send(SIGKILL);
      return;
    }
    ptrace(PTRACE_CONT, thread, nullptr, nullptr);
    return;
  }
  if (signal == SIGTRAP && (status >> 8) == (SIGTRAP | (PTRACE_EVENT_SECCOMP << 8))) {
    if (!at_call(thread)) ptrace(PTRACE_CONT, thread, nullptr, nullptr);
    return;
  }
  const bool is_event = (status >> 16) != 0;
  const bool is_ours = signal == SIGTRAP || is_event || signal == SIGSTOP;  // a new thread begins with SIGSTOP
  ptrace(PTRACE_CONT, thread, nullptr, is_ours ? nullptr : reinterpret_cast<void*>(static_cast<long>(signal)));
}

int Tracer::run() {
  if (!options_.log_file.empty()) log_ = fopen(options_.log_file.c_str(), "w");
  int status = 0;
  if (waitpid(child_, &status, 0) != child_ || !WIFSTOPPED(status)) die("kill_at: the child did not stop");
  const long flags = PTRACE_O_EXITKILL | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                     PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC;
  if (ptrace(PTRACE_SETOPTIONS, child_, nullptr, flags) != 0) die("kill_at: ptrace options");
  ptrace(PTRACE_CONT, child_, nullptr, nullptr);
  int result = 125;
  while (true) {
    const pid_t thread = waitpid(-1, &status, __WALL);
    if (thread < 0 && errno == EINTR) continue;
    if (thread < 0) break;
    if (WIFSTOPPED(status)) {
      stopped(thread, status);
      continue;
    }
    threads_.erase(thread);
    if (thread == child_) {
      result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
  }
  if (log_ != nullptr) fclose(log_);
  if (!options_.count_file.empty()) {
    FILE* out = fopen(options_.count_file.c_str(), "w");
    if (out == nullptr) die("kill_at: cannot write `%s`", options_.count_file.c_str());
    fprintf(out, "%ld\n", count_);
    fclose(out);
  }
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  Options options = parse(argc, argv);
  const pid_t child = fork();
  if (child < 0) die("kill_at: fork");
  if (child == 0) run_child(options.command);
  return Tracer(std::move(options), child).run();
}
