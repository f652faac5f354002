// Everything between fork and exec, and all of the guard, uses system calls only: other threads of this program may have held any lock.
#include "base/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/check.h"
#include "base/text.h"

namespace pkg::process {
namespace {

constexpr int kScratch = 64;  // first descriptor for keeping things out of the way
constexpr std::size_t kMostDescriptors = 16;
constexpr int kStopRounds = 2000;  // of about a millisecond
constexpr int kGuardPatience_ms = 5000;

// What the fork needs, prepared before it.
struct Prepared {
  const char* program = nullptr;
  char* const* argv = nullptr;
  char* const* environment = nullptr;
  const char* directory = nullptr;
  const int* descriptors = nullptr;
  int count = 0;
  int life = -1, report = -1;
  const Confinement* confinement = nullptr;
};

// Sent by the fork when it fails. The pointer is to a literal: the fork is the same program at the same addresses.
struct Failure {
  int error = 0;
  bool confined = false;
  const char* step = nullptr;
};

[[noreturn]] void fail(int report, const char* step, int error, bool confined = false) noexcept {
  Failure failure;
  failure.error = error;
  failure.confined = confined;
  failure.step = step;
  [[maybe_unused]] const auto put = ::write(report, &failure, sizeof failure);
  ::_exit(127);
}

void close_from(int first) noexcept {
  if (::syscall(SYS_close_range, static_cast<unsigned>(first), ~0U, 0U) == 0) return;
  rlimit limit{};
  const bool known = ::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 1'048'576;
  const int end = known ? static_cast<int>(limit.rlim_cur) : 1'048'576;
  for (int fd = first; fd < end; ++fd) ::close(fd);
}

// Every descriptor is first copied out of the way, so that none is overwritten before it was copied.
void arrange_descriptors(Prepared& p) noexcept {
  std::array<int, kMostDescriptors> kept{};
  const int report = ::fcntl(p.report, F_DUPFD, kScratch);
  if (report < 0) fail(p.report, "cannot pass on a descriptor", errno);
  p.report = report;
  const int life = ::fcntl(p.life, F_DUPFD, kScratch);
  if (life < 0) fail(report, "cannot pass on a descriptor", errno);
  for (int i = 0; i < p.count; ++i) {
    kept[static_cast<std::size_t>(i)] = ::fcntl(p.descriptors[i], F_DUPFD, kScratch);
    if (kept[static_cast<std::size_t>(i)] < 0) fail(report, "cannot pass on a descriptor", errno);
  }
  for (int i = 0; i < p.count; ++i) ::dup2(kept[static_cast<std::size_t>(i)], i);
  ::dup3(life, p.count, O_CLOEXEC);
  ::dup3(report, p.count + 1, O_CLOEXEC);
  p.life = p.count;
  p.report = p.count + 1;
  close_from(p.count + 2);
}

void default_signals() noexcept {
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) ::sigaction(signal, &standard, nullptr);
}

[[noreturn]] void become_command(const Prepared& p, pid_t guard) noexcept {
  ::setpgid(0, 0);
  // The guard is single-threaded, so this means its end, whatever ends it.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != guard) ::_exit(127);
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  ::sigaction(SIGCHLD, &standard, nullptr);
  if (*p.directory != '\0' && ::chdir(p.directory) != 0) fail(p.report, "cannot enter the folder of", errno);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve(p.program, p.argv, p.environment);
  fail(p.report, "cannot run", errno);
}

void ignore_signal(int) {}

// "/proc/self/task/<pid>/children" of the single-threaded guard.
int open_children_list() noexcept {
  std::array<char, 64> path{};
  char* at = path.data();
  for (const char* c = "/proc/self/task/"; *c != '\0'; ++c) *at++ = *c;
  std::array<char, 16> digits{};
  std::size_t count = 0;
  for (int pid = ::getpid(); pid > 0; pid /= 10) digits[count++] = static_cast<char>('0' + pid % 10);
  while (count > 0) *at++ = digits[--count];
  for (const char* c = "/children"; *c != '\0'; ++c) *at++ = *c;
  return ::open(path.data(), O_RDONLY | O_CLOEXEC);
}

void kill_children() noexcept {
  const int list = open_children_list();
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
void end_everything(pid_t child, int& status) noexcept {
  ::kill(-child, SIGKILL);
  sigset_t none;
  ::sigemptyset(&none);
  for (int round = 0; round < kStopRounds; ++round) {
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
[[noreturn]] void stand_guard(pid_t child, int life) noexcept {
  close_from(life + 1);
  for (int fd = 0; fd < life; ++fd) ::close(fd);
  sigset_t none;
  ::sigemptyset(&none);
  int status = SIGKILL;  // as wait() has it
  bool ended = false;
  while (!ended) {
    pollfd end{life, POLLIN, 0};
    const int ready = ::ppoll(&end, 1, nullptr, &none);
    int one = 0;
    for (pid_t pid = 0; (pid = ::waitpid(-1, &one, WNOHANG)) > 0;) {
      if (pid != child) continue;
      status = one;
      ended = true;
    }
    if (ready > 0 || (ready < 0 && errno != EINTR)) break;
  }
  end_everything(child, status);
  ::_exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

[[noreturn]] void run_guard(Prepared p) noexcept {
  default_signals();
  ::setsid();
  arrange_descriptors(p);
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  struct sigaction wake {};
  wake.sa_handler = ignore_signal;
  ::sigaction(SIGCHLD, &wake, nullptr);
  if (p.confinement != nullptr) {
    const char* step = "cannot confine";
    if (const int error = p.confinement->enter(step); error != 0) fail(p.report, step, error, true);
  }
  const pid_t guard = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) fail(p.report, "cannot fork for", errno);
  if (child == 0) become_command(p, guard);
  stand_guard(child, p.life);
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

// No signal handler of ours may run in the fork before it has reset them. `run` does not return.
template <class Run>
pid_t fork_quietly(const Run& run) {
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = ::fork();
  if (pid == 0) run();
  const int error = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return pid;
}

// The end of the pipe means that exec happened.
Status outcome(int report, const std::filesystem::path& of) {
  Failure failure;
  ssize_t got = 0;
  while ((got = ::read(report, &failure, sizeof failure)) < 0 && errno == EINTR) {
  }
  if (got == 0) return ok_status();
  if (got != static_cast<ssize_t>(sizeof failure)) return make_error(ErrorKind::internal, "a child's report is broken");
  Error error = fs::errno_error(failure.step, of, failure.error);
  if (failure.confined) error.kind = ErrorKind::unsupported;
  return error;
}

int exit_code_of(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return -1;
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

Result<GuardedChild> GuardedChild::start(const GuardedCommand& command) {
  PKG_CHECK(command.descriptors.size() <= kMostDescriptors);
  int life[2];
  int report[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, life) != 0) return fs::errno_error("cannot make", "a socket", errno);
  fs::Fd our_life(life[0]);
  fs::Fd its_life(life[1]);
  if (::pipe2(report, O_CLOEXEC) != 0) return fs::errno_error("cannot make", "a pipe", errno);
  const fs::Fd our_report(report[0]);
  fs::Fd its_report(report[1]);

  auto argv_texts = command.argv;
  std::vector<std::string> environment_texts;
  for (const auto& [name, value] : command.environment) environment_texts.push_back(cat(name, '=', value));
  const auto argv = pointers(argv_texts);
  const auto environment = pointers(environment_texts);
  Prepared prepared;
  prepared.program = command.program.c_str();
  prepared.argv = argv.data();
  prepared.environment = environment.data();
  prepared.directory = command.directory.c_str();
  prepared.descriptors = command.descriptors.data();
  prepared.count = static_cast<int>(command.descriptors.size());
  prepared.life = its_life.get();
  prepared.report = its_report.get();
  prepared.confinement = command.confinement;

  const pid_t guard = fork_quietly([&prepared] { run_guard(prepared); });
  if (guard < 0) return fs::errno_error("cannot fork for", command.program, errno);
  GuardedChild child(guard, std::move(our_life));
  // Only the other side may hold them open: their ends tell its end.
  its_life = fs::Fd();
  its_report = fs::Fd();
  PKG_TRY(outcome(our_report.get(), command.program));
  return child;
}

Status try_out(const Confinement& confinement) {
  int report[2];
  if (::pipe2(report, O_CLOEXEC) != 0) return fs::errno_error("cannot make", "a pipe", errno);
  const fs::Fd ours(report[0]);
  fs::Fd its(report[1]);
  const pid_t pid = fork_quietly([&] {
    default_signals();
    const char* step = "cannot confine";
    if (const int error = confinement.enter(step); error != 0) fail(its.get(), step, error, true);
    ::_exit(0);
  });
  if (pid < 0) return fs::errno_error("cannot fork for", "a trial", errno);
  its = fs::Fd();
  auto result = outcome(ours.get(), "a child");
  (void)exit_code_of(pid);
  return result;
}

GuardedChild::GuardedChild(GuardedChild&& other) noexcept
    : guard_(std::exchange(other.guard_, -1)), exit_code_(other.exit_code_), life_(std::move(other.life_)) {}

GuardedChild& GuardedChild::operator=(GuardedChild&& other) noexcept {
  if (this == &other) return *this;
  stop();
  guard_ = std::exchange(other.guard_, -1);
  exit_code_ = other.exit_code_;
  life_ = std::move(other.life_);
  return *this;
}

GuardedChild::~GuardedChild() { stop(); }

int GuardedChild::stop() {
  if (guard_ <= 0) return exit_code_;
  ::shutdown(life_.get(), SHUT_WR);
  pollfd end{life_.get(), POLLIN, 0};
  while (::poll(&end, 1, kGuardPatience_ms) < 0 && errno == EINTR) {
  }
  // The child dies with its guard.
  if (end.revents == 0) ::kill(guard_, SIGKILL);
  exit_code_ = exit_code_of(guard_);
  guard_ = -1;
  life_ = fs::Fd();
  return exit_code_;
}

}  // namespace pkg::process
