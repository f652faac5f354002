#include "builder/runner.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/hash.h"
#include "base/text.h"
#include "builder/embedded.h"

namespace pkg::builder {
namespace {

constexpr int kLookUp_ms = 50;  // how often cancellation is looked for
constexpr std::size_t kMostAnswerBytes = 32u << 20;

struct Pair {
  fs::Fd ours, its;
};

Result<Pair> talk_pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return fs::errno_error("cannot make", "a socket", errno);
  return Pair{fs::Fd(ends[0]), fs::Fd(ends[1])};
}

Result<Pair> log_pair() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fs::errno_error("cannot make", "a pipe", errno);
  Pair pair{fs::Fd(ends[0]), fs::Fd(ends[1])};
  if (::fcntl(pair.ours.get(), F_SETFL, O_NONBLOCK) != 0) return fs::errno_error("cannot set up", "a pipe", errno);
  return pair;
}

std::string setup_line(const ProcessOptions& options) {
  json::Json setup;
  setup["object"] = options.backend.object;
  // Paths in hexadecimal, since they are bytes and JSON is not.
  setup["tree"] = hash::to_hex(options.tree.native());
  setup["path"] = json::Json::array();
  for (const std::string& path : options.backend.path) setup["path"].push_back(hash::to_hex(path));
  return json::dump(setup) + '\n';
}

}  // namespace

Result<Runner> Runner::start(const ProcessOptions& options, const Deadline& deadline, const CancelToken& cancel,
                             BuildOutput& output, const std::string& confinement) {
  PKG_TRY_ASSIGN(Pair talk, talk_pair());
  PKG_TRY_ASSIGN(Pair log, log_pair());
  PKG_TRY_ASSIGN(const fs::Fd nothing, fs::open_read("/dev/null"));
  process::GuardedCommand command;
  command.program = options.python;
  // -s: no user site; -B: no bytecode into the build environment or the tree.
  command.argv = {options.python.native(), "-sBc", std::string(embedded::hook_runner_py), "3", "4"};
  command.environment = options.environment;
  command.directory = options.tree;
  command.descriptors = {nothing.get(), log.its.get(), log.its.get(), talk.its.get(), talk.its.get()};
  command.confinement = confinement;
  PKG_TRY_ASSIGN(auto child, process::GuardedChild::start(command));
  Runner runner(std::move(child), std::move(talk.ours), std::move(log.ours), deadline, cancel, output);
  runner.to_send_ = setup_line(options);
  return runner;
}

Result<json::Json> Runner::ask(const json::Json& question) {
  if (!talk_) return make_error(ErrorKind::build, "the build was ended before");
  append(to_send_, json::dump(question), '\n');
  received_.clear();
  if (auto done = exchange(); !done) {
    child_.stop();
    (void)output_->take(log_.get());
    talk_ = fs::Fd();
    return std::move(done).error();
  }
  return json::parse(received_).with("while reading the answer of a build");
}

Status Runner::exchange() {
  while (received_.empty() || received_.back() != '\n') PKG_TRY(wait_a_while());
  // What was printed before the answer was sent is in the pipe by now.
  PKG_TRY(output_->take(log_.get()));
  return ok_status();
}

Status Runner::wait_a_while() {
  if (cancel_->is_cancelled()) return make_error(ErrorKind::interrupted, "the build was interrupted");
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline_.at - std::chrono::steady_clock::now()).count();
  if (left <= 0) {
    return make_error(
        ErrorKind::build,
        cat("the build took longer than ", static_cast<std::int64_t>(deadline_.after_s), " s and was ended"),
        "allow more time with --build-timeout");
  }
  const short wanted = static_cast<short>(to_send_.empty() ? POLLIN : POLLIN | POLLOUT);
  std::array<pollfd, 2> ends = {{{talk_.get(), wanted, 0}, {log_.get(), POLLIN, 0}}};
  if (::poll(ends.data(), ends.size(), static_cast<int>(std::min<std::int64_t>(left + 1, kLookUp_ms))) < 0) {
    if (errno == EINTR) return ok_status();
    return fs::errno_error("cannot wait for", "a build", errno);
  }
  if (ends[1].revents != 0) {
    PKG_TRY_ASSIGN(const bool more, output_->take(log_.get()));
    if (!more && ends[0].revents == 0)
      ::poll(ends.data(), 1, kLookUp_ms);  // it closed its output: the answer is what is left
  }
  if ((ends[0].revents & POLLOUT) != 0) PKG_TRY(send());
  if ((ends[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0) PKG_TRY(receive());
  return ok_status();
}

Status Runner::send() {
  const ssize_t put = ::send(talk_.get(), to_send_.data(), to_send_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (put < 0 && (errno == EAGAIN || errno == EINTR)) return ok_status();
  if (put < 0) return ended();
  to_send_.erase(0, static_cast<std::size_t>(put));
  return ok_status();
}

Status Runner::receive() {
  std::array<char, 65536> buffer;
  const ssize_t got = ::recv(talk_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return ok_status();
  if (got <= 0) return ended();
  received_.append(buffer.data(), static_cast<std::size_t>(got));
  if (received_.size() > kMostAnswerBytes) return make_error(ErrorKind::build, "the build's answer is too long");
  return ok_status();
}

Error Runner::ended() {
  const int code = child_.stop();
  return make_error(ErrorKind::build, cat("the build's process ended by itself, with exit code ", code));
}

}  // namespace pkg::builder
