#include "venv/interpreter/stable_path.h"

#include "venv/pyvenv_cfg.h"

namespace pkg::venv {
namespace {

namespace stdfs = std::filesystem;

constexpr int kMostLinks = 40;  // as the kernel has it

// The file that `path` leads to by links in its last part alone.
stdfs::path follow_file_links(stdfs::path path) {
  std::error_code failed;
  for (int i = 0; i < kMostLinks && stdfs::is_symlink(path, failed); ++i) {
    const auto target = stdfs::read_symlink(path, failed);
    if (failed) break;
    path = path.parent_path() / target;
  }
  return path;
}

}  // namespace

stdfs::path stable_executable(const Interpreter& interpreter) {
  // "x/../y" is y beside x only where x is no link: what comes out is compared.
  const auto path = follow_file_links(interpreter.executable).lexically_normal();
  std::error_code failed;
  const bool same = stdfs::equivalent(path, interpreter.real_executable, failed) && !failed;
  return same && !environment_folder_of(path) ? path : interpreter.real_executable;
}

}  // namespace pkg::venv
