#include "ops/tools/known_tools.h"

#include "base/fs.h"
#include "base/limits.h"
#include "base/own_file.h"
#include "base/text.h"

namespace pkg::ops {
namespace {

std::filesystem::path file_in(const std::filesystem::path& state_dir) { return state_dir / "known-tools"; }

// What others may write to says nothing.
std::string known(const std::filesystem::path& state_dir) {
  auto file = fs::read_own_file(file_in(state_dir), limits::kSmall, fs::FileLinks::refuse);
  return file ? std::move(file->text) : std::string();
}

// No origin has a tab or a line end in it: they are printable.
std::string line_of(const pep::Name& name, const std::string& origin) {
  return cat(name.str(), "\t", printable(origin));
}

bool has_line(const std::string& text, const std::string& line) {
  for (const auto one : split_lines(text))
    if (one == line) return true;
  return false;
}

}  // namespace

bool is_known_tool(const std::filesystem::path& state_dir, const pep::Name& name, const std::string& origin) {
  return !state_dir.empty() && has_line(known(state_dir), line_of(name, origin));
}

void remember_tool(const std::filesystem::path& state_dir, const pep::Name& name, const std::string& origin) {
  if (state_dir.empty()) return;
  auto text = known(state_dir);
  const auto line = line_of(name, origin);
  if (has_line(text, line) || text.size() + line.size() >= limits::kSmall) return;
  if (!fs::make_dirs(state_dir)) return;
  append(text, line, "\n");
  (void)fs::publish(file_in(state_dir), text, fs::Durability::none, 0600);
}

}  // namespace pkg::ops
