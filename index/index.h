#pragma once
// The door of the index client: from a name to releases and files, from a file to metadata and to an unpacked wheel.
// docs/internals/cache-layout.md.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/events.h"
#include "base/result.h"
#include "base/tasks.h"
#include "index/http/transport.h"
#include "index/settings.h"
#include "index/source_tree.h"
#include "pep/dist_file.h"
#include "pep/metadata.h"
#include "pep/name.h"
#include "pep/source_url.h"
#include "pep/version.h"
#include "pep/wheel_manifest.h"
#include "pep/wheel_systems.h"

namespace pkg::index {

// One release on a project's page: what is known without decoding its files.
struct ReleaseEntry {
  pep::Version version;
  bool has_wheel = false, has_sdist = false, all_yanked = false;
  bool has_variants = false;      // wheel variants (PEP 825), which count for the fields before
  pep::WheelSystems systems = 0;  // that its wheels are for
};

// The wheels of a release that have a label, and the file that says what these mean: NAME-VERSION-variants.json, as
// announced (nullopt: it is not there; `kind` says nothing).
struct VariantFiles {
  std::vector<pep::DistFile> wheels;
  std::optional<pep::DistFile> json;
};

enum class ProjectStatus : std::uint8_t { active, archived, quarantined, deprecated };  // PEP 792

class PackedPage;
class RemoteCache;

// A project as its index (the first that has it) and the find-links tell it. Files are decoded release by release, on
// demand. Threads: any.
class Project {
 public:
  // `pages`: in order of priority. None: not found, for this reason.
  Project(std::vector<std::shared_ptr<const PackedPage>> pages, std::string reason);
  ~Project();
  bool found() const;
  const std::string& reason() const { return reason_; }  // when not found: what follows the name in a sentence
  std::span<const ReleaseEntry> releases() const;        // newest first
  // Those of find-links first; of two with the same name, the first. Without wheel variants. io: the cache is damaged.
  Result<std::vector<pep::DistFile>> files(std::size_t release) const;
  // Of the first place that has some: its file says what they are. io: the cache is damaged.
  Result<VariantFiles> variants(std::size_t release) const;
  Status each_file_name(
      std::size_t release,
      const std::function<void(std::string_view)>& visit) const;  // of files(release), any order; much cheaper
  ProjectStatus status() const;
  const std::string& status_reason() const;

 private:
  struct Merged;
  const std::vector<std::shared_ptr<const PackedPage>> pages_;
  const std::string reason_;
  std::unique_ptr<const Merged> merged_;  // with more than one page
};

struct MetadataResult {
  std::shared_ptr<const pep::Metadata> metadata;  // null: see reason
  std::string reason;
};

// Threads: all members may be called from any thread. Calls block until the answer is there; want_…() return at once
// and make the later call quick. The network stack is loaded and its thread started by the first request only. Nothing
// is left running after destruction. Errors: network · hash_mismatch · bad_data · io · not_found (offline and not
// cached: the message names what is missing; a project then is one that is not found, with the reason) · interrupted.
class Index {
 public:
  // `make_transport`: how it speaks to servers; empty: with libcurl.
  static Result<std::unique_ptr<Index>> open(Settings settings, Reporter& reporter, const CancelToken& cancel,
                                             MakeTransport make_transport = {});
  ~Index();

  // `from`: the name of the only index that counts, which there is, unless with Settings::no_index; empty: as the
  // settings have it.
  void want_projects(std::span<const pep::Name> names, const std::string& from = {});
  void want_metadata(std::span<const pep::DistFile* const> files);
  Result<std::shared_ptr<const Project>> project(const pep::Name& name, const std::string& from = {});

  // For callers that have something else to do while they wait. Whether project() would answer at once; if not, it is
  // asked for, and `done` is called when it would, on another thread. `is_needed`: ahead of what is only likely.
  bool begin_project(const pep::Name& name, bool is_needed, std::function<void()> done, const std::string& from = {});

  // For commands whose answer is to be as new as the index: pages that the cache holds as fresh do not count from now
  // on before their index has confirmed them. Those of these projects, or all. What was answered from such pages is
  // asked again. Nothing happens offline.
  void confirm_pages(std::span<const pep::Name> names);
  void confirm_all_pages();
  // Whether what project() says of one of them rests on a page that its index did not confirm for this object.
  bool rests_on_cache(std::span<const pep::Name> names) const;

  // What metadata() would answer at once; else nullopt, and `done` is called with it, on another thread.
  std::optional<Result<MetadataResult>> begin_metadata(const pep::DistFile& file,
                                                       std::function<void(const Result<MetadataResult>&)> done);
  // What metadata() would answer without a request; none is begun.
  std::optional<MetadataResult> kept_metadata(const pep::DistFile& file);
  // For who learned from another file of the release what one that the server does not have would have said: for ten
  // minutes metadata() says that it is missing without asking.
  void remember_missing_metadata(const pep::DistFile& file);

  // The further indexes that have the project too, as messages call them; none where all indexes count alike. For
  // explanations: it asks each.
  Result<std::vector<std::string>> also_on(const pep::Name& name);

  // Cheapest first: metadata cache → announced .metadata (hash checked) → range requests into the wheel → the wheel.
  // sdists: an announced .metadata where it is static (PEP 643); else a reason, and they have to be built.
  Result<MetadataResult> metadata(const pep::DistFile& file);

  // The text of a release's variants.json (VariantFiles::json). Kept in the cache where a sha256 is announced. Errors:
  // network · hash_mismatch · bad_data (larger than any is) · io · not_found (offline, or the server lost it).
  Result<std::string> variants_text(const pep::DistFile& json);

  // The wheel, unpacked in the store; downloaded, hash- and RECORD-checked on the way when it is not there. Stored
  // files are not looked at here: whoever links them compares size and mtime with the manifest (venv::apply:
  // hash_mismatch naming the store's path); then heal_wheel, and once more.
  void want_wheels(std::span<const pep::DistFile* const> files);
  Result<std::shared_ptr<const pep::UnpackedWheel>> wheel(const pep::DistFile& file);
  // Hashes the stored files of the wheel again and replaces it from a fresh download when one was altered. The wheel as
  // it is then.
  Result<std::shared_ptr<const pep::UnpackedWheel>> heal_wheel(const pep::DistFile& file);

  // The file itself, downloaded below `directory` (for `pkg download` and tests), hash checked. Returns its path.
  Result<std::filesystem::path> download(const pep::DistFile& file, const std::filesystem::path& directory);

  // A DistFile for the URL or path of a wheel (requirements of the form name @ url, or a path on the command line), or
  // of an archive whose name says project and version.
  Result<pep::DistFile> direct_file(const std::string& url);

  // --- Sources. `file.url` may be any that SourceUrl::parse understands; `file.hashes` are checked.
  // The commit that the revision of a vcs source stands for now (git: `ls-remote`, or from the mirror in the cache
  // where a full id is given or offline). Remembered for the life of the object. not_found names the revision.
  Result<std::string> commit_of(const pep::SourceUrl& vcs);
  // The source below `into`, an empty folder of the caller's (not used for folders, which stay where they are).
  // Archives are kept in the cache by hash, repositories as bare mirrors: the second time needs no network. A vcs
  // source must have a commit as its revision.
  Result<SourceTree> source_tree(const pep::DistFile& file, const std::filesystem::path& into);
  // Wheels that were built, and metadata that was prepared, under a key that says everything they depend on (hex, 64
  // characters). `fleet`: on which machines besides this one a build holds, for the remote cache; empty: on none.
  std::optional<std::string> known_build(const std::string& request,
                                         const std::string& fleet);  // the key that a request came to last
  void keep_known_build(const std::string& request, const std::string& key, const std::string& fleet);
  std::optional<pep::DistFile> built_wheel(
      const std::string& key, const std::string& fleet = {});  // `url`: of the file in the cache; sha256 known
  Result<pep::DistFile> keep_built_wheel(const std::string& key, const std::filesystem::path& wheel,
                                         const std::string& fleet = {});  // moved into the cache
  std::optional<std::string> built_metadata(const std::string& key);      // METADATA's text
  void keep_built_metadata(const std::string& key,
                           const std::string& text);  // a cache that cannot be written is no error

  // The remote cache of the settings; null: there is none.
  RemoteCache* remote_cache();

  // A text (requirements or constraints file) at an http, https or file URL; at most 16 MiB.
  Result<std::string> text(const std::string& url);

 private:
  struct State;
  explicit Index(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace pkg::index
