// A guard is single-threaded: forks of it may do what they like before exec.
#include "base/guard.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string_view>

#include "base/argv.h"
#include "base/guard_job.h"

namespace pkg::process {
namespace {

constexpr int kGuardStopRounds = 2000;  // of about a millisecond

struct Guard {
  GuardJob job;
  int life, report;
  std::unique_ptr<Confiner> confiner;
};

[[noreturn]] void fail(int report, const char* step, int error, bool is_confinement = false) {
  GuardFailure failure;
  failure.error = error;
  failure.is_confinement = is_confinement;
  std::strncpy(failure.step, step, sizeof failure.step - 1);
  [[maybe_unused]] const auto put = ::write(report, &failure, sizeof failure);
  ::_exit(127);
}

void close_from(int first) {
  if (::syscall(SYS_close_range, static_cast<unsigned>(first), ~0U, 0U) == 0) return;
  rlimit limit{};
  const bool known = ::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 1'048'576;
  const int end = known ? static_cast<int>(limit.rlim_cur) : 1'048'576;
  for (int fd = first; fd < end; ++fd) ::close(fd);
}

void ignore_signal(int) {}

// SIGCHLD interrupts ppoll, and nothing else.
void watch_children() {
  sigset_t all;
  ::sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, nullptr);
  struct sigaction wake {};
  wake.sa_handler = ignore_signal;
  ::sigaction(SIGCHLD, &wake, nullptr);
}

void standard_signals() {
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) ::sigaction(signal, &standard, nullptr);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

// --- The command.

// A byte with room for one descriptor beside it.
class DescriptorMessage {
 public:
  DescriptorMessage() {
    message_.msg_iov = &data_;
    message_.msg_iovlen = 1;
    message_.msg_control = space_.data();
    message_.msg_controllen = space_.size();
  }
  DescriptorMessage(const DescriptorMessage&) = delete;
  DescriptorMessage& operator=(const DescriptorMessage&) = delete;
  msghdr* get() { return &message_; }
  cmsghdr* header() { return CMSG_FIRSTHDR(&message_); }

 private:
  char byte_ = 0;
  iovec data_{&byte_, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> space_{};
  msghdr message_{};
};

void send_descriptor(int channel, int fd) {
  DescriptorMessage message;
  cmsghdr* header = message.header();
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
  (void)::sendmsg(channel, message.get(), MSG_NOSIGNAL);
}

// -1: the other side ended without sending one.
int receive_descriptor(int channel) {
  DescriptorMessage message;
  ssize_t got = 0;
  while ((got = ::recvmsg(channel, message.get(), MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR) {
  }
  const cmsghdr* header = got > 0 ? message.header() : nullptr;
  if (header == nullptr || header->cmsg_type != SCM_RIGHTS) return -1;
  int fd = -1;
  std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
  return fd;
}

[[noreturn]] void become_command(Guard& guard, pid_t parent, int channel) {
  ::setpgid(0, 0);
  // The guard is single-threaded, so this means its end, whatever ends it.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  auto& job = guard.job;
  if (!job.directory.empty() && ::chdir(job.directory.c_str()) != 0)
    fail(guard.report, "cannot enter the folder of", errno);
  if (guard.confiner) {
    const char* step = "cannot confine";
    int listener = -1;
    if (const int error = guard.confiner->enter_command(step, listener); error != 0)
      fail(guard.report, step, error, true);
    if (listener >= 0) send_descriptor(channel, listener);
    if (listener >= 0) ::close(listener);
  }
  if (job.program.empty()) ::_exit(0);  // a trial
  standard_signals();
  const auto argv = pointers(job.argv);
  const auto environment = pointers(job.environment);
  ::execve(job.program.c_str(), argv.data(), environment.data());
  fail(guard.report, "cannot run", errno);
}

// --- The end.

void kill_children() {
  std::array<char, 64> path{};
  constexpr std::string_view kBegin = "/proc/self/task/", kEnd = "/children";
  char* at = std::copy(kBegin.begin(), kBegin.end(), path.data());
  at = std::to_chars(at, path.data() + 40, ::getpid()).ptr;
  std::copy(kEnd.begin(), kEnd.end(), at);
  const int list = ::open(path.data(), O_RDONLY | O_CLOEXEC);
  if (list < 0) return;
  std::array<char, 4096> buffer;
  int pid = 0;
  ssize_t got = 0;
  while ((got = ::read(list, buffer.data(), buffer.size())) > 0) {
    for (ssize_t i = 0; i < got; ++i) {
      const char c = buffer[static_cast<std::size_t>(i)];
      if (c >= '0' && c <= '9') {
        pid = pid * 10 + (c - '0');
      } else if (pid > 0) {
        ::kill(pid, SIGKILL);
        pid = 0;
      }
    }
  }
  ::close(list);
}

// Kills children until there are none: those of a killed one become ours.
void end_everything(pid_t child, int& status) {
  ::kill(-child, SIGKILL);
  ::kill(child, SIGKILL);
  sigset_t none;
  ::sigemptyset(&none);
  for (int round = 0; round < kGuardStopRounds; ++round) {
    kill_children();
    int one = 0;
    pid_t pid = 0;
    while ((pid = ::waitpid(-1, &one, WNOHANG)) > 0)
      if (pid == child) status = one;
    if (pid < 0 && errno == ECHILD) return;
    const timespec moment{0, 1'000'000};
    ::ppoll(nullptr, 0, &moment, &none);
  }
}

// Waits for the child's end, or ours (`life` is then at its end).
[[noreturn]] void stand_guard(pid_t child, int life, int listener, Confiner* confiner) {
  sigset_t none;
  ::sigemptyset(&none);
  int status = SIGKILL;  // as wait() has it
  bool ended = false;
  while (!ended) {
    std::array<pollfd, 2> ends = {{{life, POLLIN, 0}, {listener, POLLIN, 0}}};
    const int ready = ::ppoll(ends.data(), ends.size(), nullptr, &none);
    int one = 0;
    for (pid_t pid = 0; (pid = ::waitpid(-1, &one, WNOHANG)) > 0;) {
      if (pid != child) continue;
      status = one;
      ended = true;
    }
    if (ready < 0 && errno != EINTR && errno != ECHILD) break;
    if (ready > 0 && ends[0].revents != 0) break;
    if (ready > 0 && (ends[1].revents & POLLIN) != 0) confiner->answer(listener);
    if (ready > 0 && (ends[1].revents & (POLLHUP | POLLERR)) != 0) listener = -1;
  }
  end_everything(child, status);
  ::_exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

void close_others(int life, int listener) {
  const int low = listener >= 0 ? std::min(life, listener) : life;
  const int high = std::max(life, listener);
  for (int fd = 0; fd < high; ++fd)
    if (fd != low) ::close(fd);
  close_from(high + 1);
}

[[noreturn]] void run_command(Guard& guard) {
  watch_children();
  int channel[2] = {-1, -1};
  if (guard.confiner && ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel) != 0)
    fail(guard.report, "cannot make a socket for", errno);
  const pid_t self = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) fail(guard.report, "cannot fork for", errno);
  if (child == 0) become_command(guard, self, channel[1]);
  int listener = -1;
  if (guard.confiner) {
    ::close(channel[1]);
    listener = receive_descriptor(channel[0]);
  }
  close_others(guard.life, listener);
  stand_guard(child, guard.life, listener, guard.confiner.get());
}

// The first process of a process namespace: it cannot be killed from inside, and with it everything in there ends.
[[noreturn]] void run_first_process(Guard& guard) {
  int tie[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, tie) != 0)
    fail(guard.report, "cannot make a socket for", errno);
  watch_children();
  const pid_t first = ::fork();
  if (first < 0) fail(guard.report, "cannot fork for", errno);
  if (first == 0) {
    ::close(tie[0]);
    ::close(guard.life);
    guard.life = tie[1];
    const char* step = "cannot confine";
    if (const int error = guard.confiner->enter_first_process(step); error != 0) fail(guard.report, step, error, true);
    run_command(guard);
  }
  close_others(guard.life, tie[0]);  // tie[0] stays open: its end is our end
  stand_guard(first, guard.life, -1, nullptr);
}

int number(const char* text) {
  int value = -1;
  std::from_chars(text, text + std::strlen(text), value);
  return value;
}

}  // namespace

void run_if_guard(int argc, char** argv, MakeConfiner make) {
  if (argc != 3 || std::strcmp(argv[0], kGuardName) != 0) return;
  Guard guard{{}, number(argv[1]), number(argv[2]), nullptr};
  if (guard.life < 0 || guard.report <= guard.life || !guard.job.receive(guard.life)) ::_exit(127);
  close_from(guard.report + 1);
  ::prctl(PR_SET_NAME, kGuardName);
  for (const int fd : {guard.life, guard.report}) ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  if (!guard.job.confinement.empty()) {
    if (make != nullptr) guard.confiner = make(guard.job.confinement);
    if (!guard.confiner) fail(guard.report, "cannot understand the confinement of", EINVAL);
    const char* step = "cannot confine";
    if (const int error = guard.confiner->enter_guard(step); error != 0) fail(guard.report, step, error, true);
    if (guard.confiner->has_first_process()) run_first_process(guard);
  }
  run_command(guard);
}

}  // namespace pkg::process
