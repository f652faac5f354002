#include "builder/build_output.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/text.h"

namespace pkg::builder {
namespace {

constexpr std::uint64_t kTailBytes = 1u << 20;
constexpr int kMostReadsAtOnce = 64;  // a flood must not keep us from looking at the clock

}  // namespace

Result<BuildOutput> BuildOutput::create(std::filesystem::path file, std::uint64_t limit_bytes) {
  if (file.has_parent_path()) PKG_TRY(fs::make_dirs(file.parent_path()));
  fs::Fd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0644));
  if (!fd) return fs::errno_error("cannot make", file, errno);
  return BuildOutput(std::move(file), std::move(fd), limit_bytes);
}

Result<bool> BuildOutput::take(int pipe) {
  std::array<char, 65536> buffer;
  for (int i = 0; i < kMostReadsAtOnce; ++i) {
    const ssize_t got = ::read(pipe, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return true;
    if (got < 0) return fs::errno_error("cannot read the output of", "the build", errno);
    if (got == 0) return false;
    const auto size = static_cast<std::uint64_t>(got);
    const auto fits = std::min(size, limit_bytes_ - written_bytes_);
    PKG_TRY(fs::write_all(fd_.get(), {buffer.data(), static_cast<std::size_t>(fits)}, file_));
    written_bytes_ += fits;
    if (fits < size)
      return make_error(ErrorKind::build, cat("the build printed more than ", limit_bytes_, " bytes and was ended"));
  }
  return true;
}

std::string BuildOutput::tail() const {
  const std::uint64_t size = std::min(written_bytes_, kTailBytes);
  std::string text(size, '\0');
  const auto got = fs::read_at(fd_.get(), written_bytes_ - size, {text.data(), text.size()}, file_);
  text.resize(got ? *got : 0);
  return text;
}

}  // namespace pkg::builder
