// Names in an archive: what is a name at all, and which names exclude each other.
#include <algorithm>
#include <numeric>

#include "base/extract.h"
#include "base/text.h"
#include "base/zip_format.h"

namespace pkg::zip::format {
namespace {

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

std::string_view without_slash(std::string_view name) {
  return !name.empty() && name.back() == '/' ? name.substr(0, name.size() - 1) : name;
}

bool is_inside(std::string_view name, std::string_view folder) {
  return name.size() > folder.size() && name[folder.size()] == '/' && name.substr(0, folder.size()) == folder;
}

}  // namespace

Error bad(std::string message) { return make_error(ErrorKind::bad_data, std::move(message)); }
Error bad_entry(std::string_view name, std::string_view why) {
  return bad(cat("the archive's entry ", quote(name.substr(0, 300)), ' ', why));
}

Status check_name(std::string_view name, bool declared_utf8) {
  if (name.empty()) return bad("the archive has an entry without a name");
  if (std::any_of(name.begin(), name.end(), is_control)) return bad_entry(name, "has control bytes in its name");
  if (name.find('\\') != std::string_view::npos) return bad_entry(name, "has a backslash in its name");
  if (name.size() >= 2 && is_ascii_alpha(name[0]) && name[1] == ':')
    return bad_entry(name, "begins with a drive letter");
  if (!is_ascii(name)) {
    // Without the flag the bytes are CP437 to some readers and UTF-8 to others.
    if (!declared_utf8)
      return bad_entry(name, "has bytes beyond ASCII in its name but does not say that they are UTF-8");
    if (!is_valid_utf8(name)) return bad_entry(name, "has a name that is no UTF-8");
  }
  return check_relative_path(without_slash(name)).with("while reading an archive's directory");
}

bool name_less(std::string_view a, std::string_view b) {
  const std::size_t common = std::min(a.size(), b.size());
  const auto [x, y] = std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(common), b.begin());
  if (x == a.begin() + static_cast<std::ptrdiff_t>(common)) return a.size() < b.size();
  if (*x == '/' || *y == '/') return *x == '/';
  return static_cast<unsigned char>(*x) < static_cast<unsigned char>(*y);
}

Result<std::vector<std::uint32_t>> sort_names(std::span<const Entry> entries) {
  std::vector<std::uint32_t> order(entries.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(),
            [&](std::uint32_t a, std::uint32_t b) { return name_less(entries[a].name, entries[b].name); });
  for (std::size_t i = 1; i < order.size(); ++i) {
    const Entry& before = entries[order[i - 1]];
    const Entry& entry = entries[order[i]];
    if (before.name == entry.name) return bad_entry(entry.name, "is there twice");
    if (!before.is_directory() && is_inside(entry.name, before.name))
      return bad_entry(before.name, "is a file and a folder");
  }
  return order;
}

}  // namespace pkg::zip::format
