#include "venv/wholeness.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <deque>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "pep/record.h"
#include "venv/site_files.h"

namespace pkg::venv {
namespace {

bool is_there(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

// Calls with the path of each row of a RECORD; it lasts as long as `record` and `unquoted`. Fields in quotes, which may
// hold line ends, are rare and the reader's.
template <class Visit>
void each_path(std::string_view record, std::deque<std::string>& unquoted, const Visit& visit) {
  if (record.find('"') != std::string_view::npos) {
    for (pep::RecordReader rows(record); rows.next_file();) visit(unquoted.emplace_back(rows.path()));
    return;
  }
  while (!record.empty()) {
    const auto end = record.find('\n');
    const auto line = record.substr(0, end);
    record.remove_prefix(end == std::string_view::npos ? record.size() : end + 1);
    auto path = line.substr(0, line.find(','));
    if (path.ends_with('\r')) path.remove_suffix(1);
    if (!path.empty()) visit(path);
  }
}

// One file for each name that a RECORD lists in the site folder itself: a module where there is one, since stubs and
// data are what images are stripped of. Bytecode comes and goes; scripts and the like (`../`) are not looked at.
class Witnesses {
 public:
  // `info` is the name of the .dist-info folder; it and the paths outlive this.
  explicit Witnesses(std::string_view info) : info_(info) {}

  void add(std::string_view path) {
    if (!is_below_top(path)) begin(path.substr(0, path.find('/')));
    if (is_settled_ || path.ends_with(".pyc")) return;
    is_settled_ = path.ends_with(".py") || path.ends_with(".so");
    if (!has_file_)
      files_.push_back(path);
    else if (is_settled_)
      files_.back() = path;
    has_file_ = true;
  }

  std::span<const std::string_view> files() const { return files_; }

 private:
  bool is_below_top(std::string_view path) const {
    return path.size() > top_.size() && path[top_.size()] == '/' && path.starts_with(top_);
  }

  void begin(std::string_view top) {
    top_ = top;
    is_settled_ = top == info_ || top == ".." || top == "__pycache__" || top.empty();
    has_file_ = false;
  }

  std::string_view info_, top_;
  bool is_settled_ = true, has_file_ = false;
  std::vector<std::string_view> files_;
};

std::optional<std::string> missing_file(const InstalledDist& dist, std::string_view record) {
  const std::string_view path = dist.info.native();
  const auto slash = path.rfind('/');
  if (slash == std::string_view::npos) return std::nullopt;
  Witnesses witnesses(path.substr(slash + 1));
  std::deque<std::string> unquoted;
  bool lists_something = false;
  each_path(record, unquoted, [&](std::string_view row) {
    lists_something = true;
    witnesses.add(row);
  });
  if (!lists_something) return "its RECORD is empty";
  std::string file;
  for (const auto witness : witnesses.files()) {
    file.assign(path.substr(0, slash + 1)).append(witness);
    if (!is_there(file)) return cat(quote(witness), " is missing");
  }
  return std::nullopt;
}

}  // namespace

bool is_of_recording_installer(const InstalledDist& dist) {
  constexpr std::array<std::string_view, 3> kRecording{"pkg", "pip", "uv"};
  return std::ranges::find(kRecording, read_installer(dist)) != kRecording.end();
}

std::optional<std::string> missing_part(const InstalledDist& dist) {
  if (dist.kind != InstalledKind::dist_info) return std::nullopt;
  if (!is_there(cat(dist.info.native(), "/METADATA"))) return "its METADATA is missing";
  if (!dist.has_record) {
    if (is_of_recording_installer(dist)) return "its RECORD is missing";
    return std::nullopt;
  }
  const auto record = read_record_text(dist);
  if (!record) return std::nullopt;  // whoever has to read it says why not
  return missing_file(dist, *record);
}

Incomplete find_incomplete(std::span<const InstalledDist> dists) {
  Incomplete found;
  for (const auto& dist : dists) {
    if (auto part = missing_part(dist)) found.emplace(dist.info.native(), *std::move(part));
  }
  return found;
}

}  // namespace pkg::venv
