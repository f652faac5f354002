#pragma once
// Where each file of the wheels goes: a tree of target folders with the files to be linked or written in them. Pure:
// built from manifests alone.

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "pep/wheel_manifest.h"
#include "venv/path_boundary.h"
#include "venv/transaction/transaction.h"

namespace pkg::venv {

constexpr std::uint32_t kNone = 0xffffffff;

// A file that is written rather than linked: launchers, RECORD …
struct WrittenFile {
  std::string name, content;
  bool executable = false;
};

// A file that lies elsewhere in the environment and is moved away, into the transaction's trash: this one has its
// bytes.
struct BroughtFile {
  std::string name;
  std::string from;      // absolute: a path that the journal moves, or one below such a path
  std::string in_trash;  // where that is in the trash, once the journal is known
};
// Fills in where brought files will be; precondition: `moved` has them all.
void find_in_trash(std::vector<BroughtFile>& brought, const std::vector<std::string>& moved);

struct PlacedFile {
  std::string_view name;        // of a linked file; name() of the placement knows it for all
  std::uint32_t wheel = kNone;  // index into the wheels; kNone: for a distribution that stays, or the environment
  const pep::ManifestFile* linked = nullptr;  // null: written
  std::uint32_t from = kNone;      // linked: index into the wheel manifest's dirs; without a wheel: into kept_sources
  std::uint32_t written = kNone;   // written: index into Placement::written
  std::uint32_t bytecode = kNone;  // compiled from a module: index into Placement::bytecode
  std::uint32_t brought = kNone;   // index into Placement::brought
  bool is_bytecode() const { return bytecode != kNone; }
};

// What --compile makes: the name of the file in __pycache__ and of the module above it.
struct BytecodeFile {
  std::string name, source;
};

struct PlacedDir {
  std::string path;              // absolute, normal
  std::uint32_t parent = kNone;  // kNone: a folder that is there whatever happens
  std::uint32_t depth = 0;
  std::vector<std::uint32_t> children;
  std::vector<PlacedFile> files;
  std::uint32_t contributions = 0;  // by how many folders of wheels: two may bring the same name
  bool is_new = false;              // has to be made; known after a look at the disk
  bool is_link = false;             // made as one link to a folder of the store
  bool in_link = false;             // below such a one: nothing of it is made
  std::uint32_t link_wheel = kNone;
  std::string link_target;  // absolute
};

// What one wheel's RECORD says: the manifest's files by their folder, and what was written.
struct PlacedWheel {
  std::uint32_t dist_info = kNone;  // folder
  std::string site;                 // the folder RECORD's paths are relative to
  std::vector<std::uint32_t> dirs;  // parallel to manifest.dirs
  std::vector<std::pair<std::uint32_t, std::uint32_t>>
      written;  // folder, index into Placement::written; RECORD not among them
  std::vector<std::pair<std::uint32_t, std::string>> bytecode;  // folder, name
};

class Placement {
 public:
  explicit Placement(const Boundary& boundary) : boundary_(boundary) {}

  // Every file of the manifest, except those this installer writes itself. bad_data: a path that is no plain relative
  // one. conflict: a path outside the environment, or one of its own.
  Status add_wheel(const pep::UnpackedWheel& wheel);
  // A written file; `wheel` kNone: of a distribution that stays. conflict: as for add_wheel.
  Status write(std::uint32_t dir, WrittenFile file, std::uint32_t wheel);
  void add_bytecode(std::uint32_t dir, std::string name, std::string source, std::uint32_t wheel);
  // A file of a distribution that stays, which lies in the folder `source` of the store.
  void keep(std::uint32_t dir, const std::string& source, pep::ManifestFile file, const DistTitle& owner);
  void bring(std::uint32_t dir, BroughtFile file);
  std::uint32_t dir(std::string_view path);         // found or added, with the folders above it
  std::uint32_t find(std::string_view path) const;  // kNone: not there

  std::vector<PlacedDir> dirs;
  std::vector<WrittenFile> written;
  std::vector<BytecodeFile> bytecode;
  std::vector<PlacedWheel> wheels;
  std::vector<std::string> kept_sources;
  std::vector<DistTitle> kept_owners;  // parallel to kept_sources
  std::vector<BroughtFile> brought;

  bool is_skipped(const pep::WheelManifest& manifest, const pep::ManifestDir& from,
                  const pep::ManifestFile& file) const;
  std::string_view name(const PlacedFile& file) const {
    if (file.linked != nullptr) return file.name;
    if (file.brought != kNone) return brought[file.brought].name;
    return file.is_bytecode() ? bytecode[file.bytecode].name : written[file.written].name;
  }
  std::string path_of(std::uint32_t dir_index, std::string_view name) const {
    return join_path(dirs[dir_index].path, name);
  }
  const Boundary& boundary() const { return boundary_; }

 private:
  Error environments_own(std::string_view path) const;
  Status check_target(std::string_view path, std::uint32_t wheel) const;  // kNone: of what stays, or the environment
  const Boundary& boundary_;
  PathResolver resolver_;
  std::unordered_map<std::string, std::uint32_t> by_path_;
  std::deque<pep::ManifestFile> kept_files_;  // of keep(): they stay where they are
};

// A path of the environment as messages show it.
std::string shown(const Boundary& boundary, std::string_view path);

}  // namespace pkg::venv
