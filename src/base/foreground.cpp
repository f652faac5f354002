// Between fork and exec only what is safe there is called: everything is made ready before. The child tells of a failed
// exec by a pipe that a successful one closes.
//
// Who waits has SIGCHLD, SIGTERM and SIGHUP blocked and takes them one by one with sigwait(): there is no handler that
// would need to know the child, and no moment in which a signal could be lost. SIGINT and SIGQUIT are ignored
// meanwhile, as system(3) has it: the terminal sends them to the child too, and what it makes of them is the answer.
#include "base/foreground.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <string_view>

#include "base/argv.h"
#include "base/text.h"

extern "C" char** environ;

namespace pkg::process {
namespace {

constexpr int kSignals[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGPIPE, SIGCHLD};

// Where a start failed.
enum class Step : int { folder, exec };
struct Failure {
  Step step = Step::exec;
  int error_number = 0;
};

void do_nothing(int) {}

// How signals reach this process while a child runs; as before when it goes.
class Waiting {
 public:
  Waiting() {
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGINT, &ignore, &interrupt_);
    ::sigaction(SIGQUIT, &ignore, &quit_);
    struct sigaction nothing {};
    nothing.sa_handler = do_nothing;  // what is ignored by default may be dropped while it is blocked
    ::sigaction(SIGCHLD, &nothing, &child_);
    ::sigemptyset(&waited_for_);
    for (const int one : {SIGCHLD, SIGTERM, SIGHUP}) ::sigaddset(&waited_for_, one);
    ::sigprocmask(SIG_BLOCK, &waited_for_, &mask_);
  }
  ~Waiting() {
    ::sigprocmask(SIG_SETMASK, &mask_, nullptr);
    ::sigaction(SIGCHLD, &child_, nullptr);
    ::sigaction(SIGQUIT, &quit_, nullptr);
    ::sigaction(SIGINT, &interrupt_, nullptr);
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

  const sigset_t& mask_before() const { return mask_; }

  int wait_for(pid_t child) const {
    int status = 0;
    for (;;) {
      const pid_t ended = ::waitpid(child, &status, WNOHANG);
      if (ended == child) break;
      if (ended < 0 && errno != EINTR) return 1;
      int arrived = 0;
      if (::sigwait(&waited_for_, &arrived) == 0 && arrived != SIGCHLD) ::kill(child, arrived);
    }
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }

 private:
  struct sigaction interrupt_ {
  }, quit_{}, child_{};
  sigset_t waited_for_{}, mask_{};
};

// Folder, input, program. Returns only when that fails. Safe behind fork.
Failure enter(const ForegroundCommand& command, char* const* argv, char* const* environment) {
  for (const int one : kSignals) ::signal(one, SIG_DFL);
  if (!command.folder.empty() && ::chdir(command.folder.c_str()) != 0) return {Step::folder, errno};
  if (command.input.get() >= 0 && ::dup2(command.input.get(), STDIN_FILENO) < 0) return {Step::exec, errno};
  ::execve(command.program.c_str(), argv, environment);
  return {Step::exec, errno};
}

Error error_of(const Failure& failure, const ForegroundCommand& command) {
  if (failure.step == Step::folder) return fs::errno_error("cannot work in", command.folder, failure.error_number);
  return exec_error(command.program, failure.error_number);
}

}  // namespace

std::vector<std::string> changed_environment(
    const std::vector<std::pair<std::string, std::optional<std::string>>>& changes) {
  std::map<std::string_view, const std::optional<std::string>*> last;  // of two for one name, the last counts
  for (const auto& [name, value] : changes) last[name] = &value;
  std::vector<std::string> all;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    if (!last.contains(text.substr(0, text.find('=')))) all.emplace_back(text);
  }
  for (const auto& [name, value] : last)
    if (*value) all.push_back(cat(name, "=", **value));
  return all;
}

Error exec_error(const std::filesystem::path& program, int error_number) {
  const auto file = fs::errno_error("cannot execute", program, error_number);
  const bool is_gone = error_number == ENOENT && !fs::exists(program);
  std::string hint;
  if (error_number == ENOENT && !is_gone) hint = "the program that its first line names is not there";
  if (error_number == ENOEXEC) hint = "it is no program of this system, and has no first line `#!…` that names one";
  if (error_number == EACCES) hint = "make it executable: chmod +x";
  return make_error(is_gone ? ErrorKind::not_found : ErrorKind::unsupported, file.message, std::move(hint));
}

Result<int> run_in_foreground(const ForegroundCommand& command) {
  auto words = command.argv;
  auto variables = changed_environment(command.variables);
  const auto argv = pointers(words), environment = pointers(variables);
  int ends[2];
  if (::pipe(ends) != 0) return fs::errno_error("cannot start", command.program, errno);
  const fs::Fd report(ends[0]);
  fs::Fd told(ends[1]);
  ::fcntl(told.get(), F_SETFD, FD_CLOEXEC);
  ::fcntl(report.get(), F_SETFD, FD_CLOEXEC);
  const Waiting waiting;
  const pid_t child = ::fork();
  if (child < 0) return fs::errno_error("cannot start", command.program, errno);
  if (child == 0) {
    ::sigprocmask(SIG_SETMASK, &waiting.mask_before(), nullptr);
    const auto failure = enter(command, argv.data(), environment.data());
    (void)!::write(told.get(), &failure, sizeof failure);
    ::_exit(127);
  }
  told = fs::Fd();
  Failure failure;
  ssize_t got = 0;
  do got = ::read(report.get(), &failure, sizeof failure);
  while (got < 0 && errno == EINTR);
  const int code = waiting.wait_for(child);
  if (got == static_cast<ssize_t>(sizeof failure)) return error_of(failure, command);
  return code;
}

Error become(const ForegroundCommand& command) {
  auto words = command.argv;
  auto variables = changed_environment(command.variables);
  const auto argv = pointers(words), environment = pointers(variables);
  return error_of(enter(command, argv.data(), environment.data()), command);
}

}  // namespace pkg::process
