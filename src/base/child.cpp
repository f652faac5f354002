#include "base/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/argv.h"
#include "base/check.h"
#include "base/environment_variable.h"
#include "base/guard.h"
#include "base/guard_job.h"
#include "base/text.h"

namespace pkg::process {
namespace {

constexpr std::size_t kMostDescriptors = 16;
constexpr int kGuardPatience_ms = 5000;
constexpr int kStopRounds = 2000;  // of about a millisecond

struct Socket {
  fs::Fd ours, its;
};

Result<Socket> make_socket() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return fs::errno_error("cannot make", "a socket", errno);
  return Socket{fs::Fd(ends[0]), fs::Fd(ends[1])};
}

// posix_spawn's settings for a guard: its descriptors are 0, 1, 2 …, its own session, no signals but the standard ones.
class GuardSettings {
 public:
  GuardSettings() {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
  }
  ~GuardSettings() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  GuardSettings(const GuardSettings&) = delete;
  GuardSettings& operator=(const GuardSettings&) = delete;

  int prepare(const std::vector<int>& descriptors) {
    sigset_t all;
    ::sigfillset(&all);
    for (const int signal : {SIGKILL, SIGSTOP}) ::sigdelset(&all, signal);
    ::posix_spawnattr_setsigmask(&attributes_, &all);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    // First out of the way of each other, so that none is overwritten before it was copied; the guard closes the
    // copies.
    const int scratch =
        *std::max_element(descriptors.begin(), descriptors.end()) + static_cast<int>(descriptors.size()) + 1;
    for (int i = 0; i < static_cast<int>(descriptors.size()); ++i)
      if (const int error = copy(descriptors[static_cast<std::size_t>(i)], scratch + i); error != 0) return error;
    for (int i = 0; i < static_cast<int>(descriptors.size()); ++i)
      if (const int error = copy(scratch + i, i); error != 0) return error;
    return 0;
  }
  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  int copy(int from, int to) { return ::posix_spawn_file_actions_adddup2(&actions_, from, to); }
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

// The guard gets nothing of our environment but where this program's libraries are.
std::vector<std::string> guard_environment() {
  std::vector<std::string> variables;
  if (const char* libraries = environment_variable("LD_LIBRARY_PATH"))
    variables.push_back(cat("LD_LIBRARY_PATH=", libraries));
  return variables;
}

Result<pid_t> spawn_guard(std::vector<int> descriptors, int life, int report, const std::filesystem::path& of) {
  descriptors.insert(descriptors.end(), {life, report});
  GuardSettings settings;
  if (const int error = settings.prepare(descriptors); error != 0)
    return fs::errno_error("cannot set up the guard of", of, error);
  std::vector<std::string> words = {kGuardName, cat(descriptors.size() - 2), cat(descriptors.size() - 1)};
  auto variables = guard_environment();
  const auto argv = pointers(words);
  const auto environment = pointers(variables);
  pid_t guard = -1;
  const int error = ::posix_spawn(&guard, "/proc/self/exe", settings.actions(), settings.attributes(), argv.data(),
                                  environment.data());
  if (error != 0) return fs::errno_error("cannot start the guard of", of, error);
  return guard;
}

// The end of the pipe means that exec happened.
Status outcome(int report, const std::filesystem::path& of) {
  GuardFailure failure;
  ssize_t got = 0;
  while ((got = ::read(report, &failure, sizeof failure)) < 0 && errno == EINTR) {
  }
  if (got == 0) return ok_status();
  if (got != static_cast<ssize_t>(sizeof failure)) return make_error(ErrorKind::internal, "a child's report is broken");
  failure.step[sizeof failure.step - 1] = '\0';
  Error error = fs::errno_error(failure.step, of, failure.error);
  if (failure.is_confinement) error.kind = ErrorKind::unsupported;
  return error;
}

struct End {
  int exit_code = -1;
  bool was_killed = false;
};

End end_of(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return {};
  }
  return {WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status), WIFSIGNALED(status)};
}

GuardJob job_of(const GuardedCommand& command) {
  GuardJob job;
  job.program = command.program.native();
  job.directory = command.directory.native();
  job.confinement = command.confinement;
  job.argv = command.argv;
  for (const auto& [name, value] : command.environment) job.environment.push_back(cat(name, '=', value));
  return job;
}

// --- What a guard left behind that was killed.

std::vector<pid_t> own_children() {
  std::vector<pid_t> children;
  const auto threads = fs::list_dir("/proc/self/task");
  if (!threads) return children;
  for (const auto& thread : *threads) {
    const auto list = fs::read_file(cat("/proc/self/task/", thread, "/children"));
    if (!list) continue;
    for (const auto word : split_words(*list))
      if (const auto pid = parse_u64(word)) children.push_back(static_cast<pid_t>(*pid));
  }
  return children;
}

bool is_guard(pid_t pid) {
  const auto words = fs::read_file(cat("/proc/", pid, "/cmdline"));
  return words && words->starts_with(kGuardName) && words->size() > std::string_view(kGuardName).size() &&
         (*words)[std::string_view(kGuardName).size()] == '\0';
}

// Children in another session that no guard stands before: ours are in our own.
bool is_left_over(pid_t pid) { return ::getsid(pid) != ::getsid(0) && !is_guard(pid); }

void end_left_overs() {
  for (int round = 0; round < kStopRounds; ++round) {
    bool any = false;
    for (const pid_t pid : own_children()) {
      if (!is_left_over(pid)) continue;
      any = true;
      ::kill(pid, SIGKILL);
      ::waitpid(pid, nullptr, WNOHANG);
    }
    if (!any) return;
    ::usleep(1000);
  }
}

}  // namespace

Result<GuardedChild> GuardedChild::start(const GuardedCommand& command) {
  PKG_CHECK(command.descriptors.size() <= kMostDescriptors);
  ::prctl(PR_SET_DUMPABLE, 0);
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  const auto& of = command.program.empty() ? std::filesystem::path("a child") : command.program;
  PKG_TRY_ASSIGN(auto life, make_socket());
  int report[2];
  if (::pipe2(report, O_CLOEXEC) != 0) return fs::errno_error("cannot make", "a pipe", errno);
  const fs::Fd our_report(report[0]);
  fs::Fd its_report(report[1]);
  PKG_TRY_ASSIGN(const pid_t guard, spawn_guard(command.descriptors, life.its.get(), its_report.get(), of));
  GuardedChild child(guard, std::move(life.ours));
  // Only the other side may hold them open: their ends tell its end.
  life.its = fs::Fd();
  its_report = fs::Fd();
  if (!job_of(command).send(child.life_.get()))
    return make_error(ErrorKind::io, cat("the guard of ", quote(of.native()), " ended early"));
  PKG_TRY(outcome(our_report.get(), of));
  return child;
}

Status try_out(const std::string& confinement) {
  GuardedCommand trial;
  trial.confinement = confinement;
  PKG_TRY_ASSIGN(auto child, GuardedChild::start(trial));
  const int code = child.stop();
  return code == 0 || code == 128 + SIGKILL
             ? ok_status()
             : Status(make_error(ErrorKind::unsupported, cat("a trial ended with ", code)));
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
  if (end.revents == 0) ::kill(guard_, SIGKILL);
  const auto ended = end_of(guard_);
  // It exits by itself unless it was killed: by us, or by what it guarded.
  if (ended.was_killed) end_left_overs();
  exit_code_ = ended.exit_code;
  guard_ = -1;
  life_ = fs::Fd();
  return exit_code_;
}

}  // namespace pkg::process
