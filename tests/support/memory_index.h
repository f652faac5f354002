#pragma once
// An index in memory: projects, releases and their files, answered through a Transport without a network. Valid by
// default; a test breaks one page or file.
//
//   MemoryIndex index;
//   index.add("a", "1", {.requires_dist = {"b>=2"}});
//   index.fail("b", 503);
//   Index::open(settings, reporter, cancel, index.transport());   // settings.indexes holds index.url()

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "index/http/transport.h"

namespace pkg::test {

struct MemoryRelease {  // an ordinary pure wheel by default
  std::vector<std::string> requires_dist;
  std::string requires_python;
  std::vector<std::string> provides_extra;
  std::optional<std::string> yanked;
  std::vector<std::pair<std::string, std::string>> files;  // path in the wheel, content; none: NAME/__init__.py
  std::string entry_points;                                // text of entry_points.txt
  std::vector<std::string> tags{"py3-none-any"};           // one wheel for each
  bool sdist = false;       // an sdist as well; its build backend is in the tree (backend-path) and needs nothing
  std::string upload_time;  // ISO 8601
};

// The bytes of one file, as they are served.
struct MemoryFile {
  std::string name, bytes, sha256;  // hex
};

// What `release` is as a wheel of its first tag, and as an sdist.
MemoryFile wheel_of(const std::string& name, const std::string& version, const MemoryRelease& release);
MemoryFile sdist_of(const std::string& name, const std::string& version, const MemoryRelease& release);

// A PEP 517 backend in one file, `backend.py`, with backend-path = ["."]: it needs nothing, reads name, version and
// dependencies from pyproject.toml's [project], each on one line, and builds a wheel or an editable of src/ or the
// tree.
std::string backend_text();

// Threads: any.
class MemoryIndex {
 public:
  MemoryIndex();

  std::string url() const;                              // "https://index.test/simple/"
  std::string file_url(const std::string& name) const;  // of a file of a release
  void add(const std::string& name, const std::string& version, MemoryRelease release = {});
  void serve(const std::string& path, std::string content);           // anything else, below https://index.test/
  void fail(const std::string& path_or_project, int status);          // that page or file answers with a status
  void break_off(const std::string& file_name, std::uint64_t bytes);  // every answer ends after so many bytes
  void corrupt(const std::string& file_name);                         // one byte differs from what the hash was made of
  // What the index says of a project's state (PEP 792).
  void quarantine(const std::string& project) { set_status(project, "quarantined"); }
  void archive(const std::string& project) { set_status(project, "archived"); }
  void deprecate(const std::string& project) { set_status(project, "deprecated"); }

  std::vector<std::string> asked() const;  // URLs, in order
  void forget();                           // what was asked
  std::vector<MemoryFile> files() const;   // of all releases, as they were before something was corrupted

  // Holds what it answers from: may outlive the object.
  index::MakeTransport transport();

 private:
  struct State;
  void set_status(const std::string& project, const std::string& status);
  std::shared_ptr<State> state_;
};

}  // namespace pkg::test
