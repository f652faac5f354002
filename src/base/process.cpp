// A child is started by posix_spawn: glibc makes it share our memory until exec (CLONE_VFORK), so that starting costs
// the same however big we are. Everything the child needs is prepared before; then one poll loop feeds and drains the
// pipes until the deadline.
#include "base/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstdlib>

#include "base/argv.h"
#include "base/fs.h"
#include "base/os.h"
#include "base/secrets.h"
#include "base/text.h"
#include "base/user_folders.h"

namespace pkg::process {
namespace {

using Clock = std::int64_t;  // nanoseconds

constexpr Clock kLongestPollMs = 1'000'000'000, kCancellationPollMs = 100;

Clock monotonic_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<Clock>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

struct Pipe {
  fs::Fd read, write;
};

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fs::errno_error("cannot make", "a pipe", errno);
  return Pipe{fs::Fd(ends[0]), fs::Fd(ends[1])};
}

Status no_blocking(const fs::Fd& fd) {
  if (::fcntl(fd.get(), F_SETFL, O_NONBLOCK) != 0) return fs::errno_error("cannot set up", "a pipe", errno);
  return ok_status();
}

// RAII around posix_spawn's two opaque objects.
class SpawnSettings {
 public:
  SpawnSettings() {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
  }
  ~SpawnSettings() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  // Own process group; no signal blocked, those we handle back to their default.
  int prepare(int in, int out, int err, const Command& command) {
    sigset_t none;
    sigset_t standard;
    ::sigemptyset(&none);
    ::sigemptyset(&standard);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT, SIGCHLD}) ::sigaddset(&standard, signal);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &standard);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    const std::array<int, 3> ends = {in, out, err};
    for (int i = 0; i < 3; ++i)
      if (const int error = ::posix_spawn_file_actions_adddup2(&actions_, ends[static_cast<std::size_t>(i)], i);
          error != 0)
        return error;
    // Onto itself: it loses its close-on-exec flag, in the child alone.
    for (const int fd : command.kept)
      if (const int error = ::posix_spawn_file_actions_adddup2(&actions_, fd, fd); error != 0) return error;
    return command.directory.empty() ? 0 : ::posix_spawn_file_actions_addchdir_np(&actions_, command.directory.c_str());
  }
  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

bool is_program(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && ::access(path.c_str(), X_OK) == 0;
}

bool is_checkout(const std::filesystem::path& folder) {
  for (const auto* mark : {"pyproject.toml", ".git", ".hg", ".svn", ".bzr", ".venv"})
    if (fs::exists(folder / mark)) return true;
  return false;
}

bool is_at_or_below(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

// Empty: the working folder is in none. Neither "/" nor a folder that the home is in is one: programs of the user's own
// are there.
std::filesystem::path checkout_around() {
  std::error_code failed;
  const auto home = std::filesystem::weakly_canonical(home_folder(process_environment()), failed);
  std::filesystem::path outermost;
  for (auto at = std::filesystem::current_path(failed); at.has_relative_path(); at = at.parent_path()) {
    if (!home.empty() && is_at_or_below(home.native(), at.native())) break;
    if (is_checkout(at)) outermost = at;
  }
  return outermost;
}

// Those of PATH whose programs may be run for pkg.
std::vector<std::string> program_folders() {
  const char* path = std::getenv("PATH");  // NOLINT(concurrency-mt-unsafe): nobody sets variables
  const auto checkout = checkout_around();
  std::vector<std::string> out;
  for (const std::string_view folder : split(path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin", ':')) {
    if (!folder.starts_with('/')) continue;
    std::error_code failed;
    const auto real = std::filesystem::weakly_canonical(folder, failed);
    if (!failed && (checkout.empty() || !is_at_or_below(real.native(), checkout.native()))) out.emplace_back(folder);
  }
  return out;
}

Error cannot_run(const std::string& program, int error_number) {
  return fs::errno_error("cannot run", program, error_number);
}

Result<std::string> program_path(const Command& command) {
  if (command.argv.empty() || command.argv[0].empty())
    return make_error(ErrorKind::internal, "a command without a program");
  const std::string& name = command.argv[0];
  if (name.find('/') != std::string::npos) return name;
  if (auto found = find_program(name)) return found->native();
  return make_error(ErrorKind::not_found, cat("cannot run ", quote(name), ": no such program in PATH"));
}

Result<pid_t> spawn(const Command& command, const std::string& program, int in, int out, int err) {
  SpawnSettings settings;
  if (const int error = settings.prepare(in, out, err, command); error != 0) return cannot_run(program, error);
  auto argv_texts = command.argv;
  const auto argv = pointers(argv_texts);
  std::vector<std::string> environment_texts;
  for (const auto& [name, value] : command.environment ? *command.environment : environment_without_secrets())
    environment_texts.push_back(cat(name, '=', value));
  const auto environment = pointers(environment_texts);
  pid_t child = -1;
  const int error = ::posix_spawn(&child, program.c_str(), settings.actions(), settings.attributes(), argv.data(),
                                  environment.data());
  if (error == 0) return child;
  // The folder fails like the program does: say which it was.
  if (!command.directory.empty() && !fs::is_directory(command.directory))
    return fs::errno_error("cannot enter", command.directory, error);
  return cannot_run(program, error);
}

// A child and its pipes. The group is killed and the child collected, whatever happens.
class Child {
 public:
  Child(pid_t pid, Pipe in, Pipe out, Pipe err, const Command& command)
      : pid_(pid),
        in_(std::move(in.write)),
        out_(std::move(out.read)),
        err_(std::move(err.read)),
        command_(command),
        input_(command.input) {
    if (command.timeout_s > 0) deadline_ = monotonic_ns() + static_cast<Clock>(std::min(command.timeout_s, 1e9) * 1e9);
    if (input_.empty()) in_ = fs::Fd();
  }
  ~Child() {
    if (pid_ <= 0) return;
    kill_group();
    collect();
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  Result<Output> finish() {
    PKG_TRY(no_blocking(out_));
    PKG_TRY(no_blocking(err_));
    if (in_) PKG_TRY(no_blocking(in_));
    while (out_ || err_ || in_) PKG_TRY(pump());
    return wait_for_end();
  }

 private:
  void kill_group() {
    if (::kill(-pid_, SIGKILL) != 0) ::kill(pid_, SIGKILL);
  }

  int collect() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return status;
  }

  // Milliseconds until the deadline or the next look at the cancellation, rounded up; -1: no end; 0: over.
  int patience() const {
    if (command_.is_cancelled && command_.is_cancelled()) return 0;
    const Clock longest = command_.is_cancelled ? kCancellationPollMs : kLongestPollMs;
    if (deadline_ == 0) return command_.is_cancelled ? static_cast<int>(longest) : -1;
    const Clock left = deadline_ - monotonic_ns();
    return left <= 0 ? 0 : static_cast<int>(std::min<Clock>(left / 1'000'000 + 1, longest));
  }

  void give_up() {
    output_.timed_out = true;
    kill_group();
    in_ = fs::Fd();
    // What the child wrote is read; what a grandchild outside the group holds open is not waited for.
    (void)drain(out_, output_.out);
    (void)drain(err_, output_.err);
    out_ = fs::Fd();
    err_ = fs::Fd();
  }

  Status pump() {
    const int wait_ms = patience();
    if (wait_ms == 0) {
      give_up();
      return ok_status();
    }
    std::array<pollfd, 3> ends = {{{in_.get(), POLLOUT, 0}, {out_.get(), POLLIN, 0}, {err_.get(), POLLIN, 0}}};
    if (::poll(ends.data(), ends.size(), wait_ms) < 0) {
      if (errno == EINTR) return ok_status();
      return cannot_run(command_.argv[0], errno);
    }
    if (ends[0].revents != 0) feed();
    if (ends[1].revents != 0) PKG_TRY(drain(out_, output_.out));
    if (ends[2].revents != 0) PKG_TRY(drain(err_, output_.err));
    return ok_status();
  }

  // A child that does not read its input is no error. SIGPIPE is blocked by run().
  void feed() {
    const ssize_t put = ::write(in_.get(), input_.data(), input_.size());
    if (put < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (put > 0) input_.remove_prefix(static_cast<std::size_t>(put));
    if (put < 0 || input_.empty()) in_ = fs::Fd();
  }

  // Reads what is there; closes `from` at its end. Output beyond the limit is thrown away, so that the child does not
  // block.
  Status drain(fs::Fd& from, std::string& into) {
    std::array<char, 65536> buffer;
    while (from) {
      const ssize_t got = ::read(from.get(), buffer.data(), buffer.size());
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && errno == EAGAIN) return ok_status();
      if (got < 0) return fs::errno_error("cannot read the output of", command_.argv[0], errno);
      if (got == 0) {
        from = fs::Fd();
        return ok_status();
      }
      const std::size_t room = command_.output_limit_bytes - std::min(command_.output_limit_bytes, into.size());
      into.append(buffer.data(), std::min(room, static_cast<std::size_t>(got)));
      if (deadline_ != 0 && monotonic_ns() >= deadline_) return ok_status();
    }
    return ok_status();
  }

  // The pipes are closed, but the child may go on without them.
  Result<Output> wait_for_end() {
    const bool may_be_left = deadline_ != 0 || command_.is_cancelled;
    if (may_be_left && !output_.timed_out && !ends_in_time()) {
      output_.timed_out = true;
      kill_group();
    }
    const int status = collect();
    output_.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return std::move(output_);
  }

  bool ends_in_time() const {
    while (true) {
      siginfo_t info{};
      if (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT | WNOHANG) == 0 && info.si_pid == pid_)
        return true;
      const int wait_ms = patience();
      if (wait_ms == 0) return false;
      // A descriptor of the child becomes readable when it ends; without one (old kernels), look again in a while.
      const fs::Fd watch(os::watch_process(pid_));
      pollfd end{watch.get(), POLLIN, 0};
      ::poll(&end, watch ? 1 : 0, watch ? wait_ms : std::min(wait_ms, 20));
    }
  }

  pid_t pid_;
  fs::Fd in_, out_, err_;
  const Command& command_;
  std::string_view input_;
  Clock deadline_ = 0;
  Output output_;
};

// Writing to a child that is gone must be an error of write(), not a signal for the whole program. Blocked for this
// thread only; one that came meanwhile is taken before the mask is restored.
class WithoutSigpipe {
 public:
  WithoutSigpipe() {
    ::sigemptyset(&pipe_);
    ::sigaddset(&pipe_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~WithoutSigpipe() {
    const timespec at_once{};
    if (::sigismember(&before_, SIGPIPE) == 0)
      while (::sigtimedwait(&pipe_, nullptr, &at_once) > 0) {
      }
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  WithoutSigpipe(const WithoutSigpipe&) = delete;
  WithoutSigpipe& operator=(const WithoutSigpipe&) = delete;

 private:
  sigset_t pipe_;
  sigset_t before_;
};

}  // namespace

Result<Output> run(const Command& command) {
  PKG_TRY_ASSIGN(const std::string program, program_path(command));
  PKG_TRY_ASSIGN(Pipe in, make_pipe());
  PKG_TRY_ASSIGN(Pipe out, make_pipe());
  PKG_TRY_ASSIGN(Pipe err, make_pipe());
  const WithoutSigpipe quiet;
  PKG_TRY_ASSIGN(const pid_t pid, spawn(command, program, in.read.get(), out.write.get(), err.write.get()));
  in.read = fs::Fd();
  out.write = fs::Fd();
  err.write = fs::Fd();
  return Child(pid, std::move(in), std::move(out), std::move(err), command).finish();
}

std::string program_path_variable() {
  std::string path;
  for (const auto& folder : program_folders()) append(path, path.empty() ? "" : ":", folder);
  return path;
}

std::optional<std::filesystem::path> find_program(std::string_view name) {
  if (name.empty()) return std::nullopt;
  if (name.find('/') != std::string_view::npos)
    return is_program(std::string(name)) ? std::optional<std::filesystem::path>(name) : std::nullopt;
  for (const auto& folder : program_folders()) {
    const std::string candidate = cat(folder, '/', name);
    if (is_program(candidate)) return candidate;
  }
  return std::nullopt;
}

}  // namespace pkg::process
