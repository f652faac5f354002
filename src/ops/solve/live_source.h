#pragma once
// LiveSource: the resolver's PackageSource over the index client, with what is installed as further releases.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "index/by_project.h"
#include "index/index.h"
#include "ops/session/dependency_metadata.h"
#include "ops/session/source_builder.h"
#include "ops/solve/metadata_notes.h"
#include "ops/solve/variant_files.h"
#include "resolver/package_source.h"
#include "resolver/policy.h"
#include "resolver/problem.h"
#include "resolver/resolution.h"
#include "venv/site.h"

namespace pkg::ops {

// Errors: those of index::Index (network, bad_data, io, interrupted …), and of SourceBuilder where something is built.
// What makes one release unusable is an answer and no error.
class LiveSource final : public resolver::PackageSource {
 public:
  // `index` and `installed` outlive the source. `installed` empty: what is installed does not count (compile,
  // --ignore-installed). `builds` is asked when something has no wheel; empty: that cannot be installed.
  LiveSource(index::Index& index, std::span<const venv::InstalledDist> installed, SourceBuilderWhenNeeded builds = {});
  ~LiveSource() override;

  // URLs of requirements that are installed in place. Before the first question.
  void set_editables(std::set<std::string> urls) { editables_ = std::move(urls); }

  // Hashes that files must have: sources that are announced without one are checked before they are built.
  void require_hashes(const std::map<pep::Name, std::vector<pep::FileHash>>& hashes) { required_hashes_ = hashes; }

  // --no-url-dependencies: releases of an index that require a URL cannot be used. Before the first question.
  void forbid_url_dependencies() { url_dependencies_allowed_ = false; }

  // Projects that are resolved for: their names are not the index's, and a dependency that asks for one gets it. Before
  // the first question. `own` outlives the source.
  void answer_for(std::span<const resolver::OwnProject> own) { own_ = own; }

  // --no-binary and --only-binary: of a project whose wheels may not be taken, they tell nothing either. Before the
  // first question.
  void follow_formats(const resolver::FormatControl& formats) { formats_ = formats; }

  // Which wheel variants count; without a word the null variant alone. Before the first question.
  void choose_variants(VariantPolicy policy) { variants_ = std::move(policy); }

  // Metadata that counts instead of what releases say, for those it names. Before the first question.
  void replace_metadata(std::span<const DependencyMetadata> replacements);

  // What is heard of these projects, or of all, is to be as new as their indexes. Before the first question.
  void confirm_listings(const std::vector<pep::Name>& names) { index_.confirm_pages(names); }
  void confirm_all_listings() { index_.confirm_all_pages(); }
  // After a resolution came to nothing: everything that was heard is forgotten, and asked for again of the indexes.
  // false, and nothing happens: no cached page was among it.
  bool forget_cached_listings();

  // Called when resolving takes long. Before the first question.
  void tell_progress(std::function<void(std::uint64_t rounds, std::size_t decided)> tell) {
    tell_progress_ = std::move(tell);
  }
  // Called each second that answers are waited for: whose, and how many projects have been seen. Before the first
  // question.
  void tell_waiting(std::function<void(const pep::Name& whose, std::size_t projects)> tell) {
    tell_waiting_ = std::move(tell);
  }
  void still_resolving(std::uint64_t rounds, std::size_t decided) override {
    if (tell_progress_) tell_progress_(rounds, decided);
  }

  bool while_waiting(std::function<void(const Arrivals&)> act) override;
  void want_listings(std::span<const pep::Name> names) override;
  void want_metadata(std::span<const pep::DistFile* const> files) override;
  Result<const resolver::Listing*> listing(const pep::Name& name) override;
  Result<std::span<const pep::DistFile>> files(const pep::Name& name, std::size_t release) override;
  Status each_file_name(const pep::Name& name, std::size_t release,
                        const std::function<void(std::string_view)>& visit) override;
  std::string variant_misfit(const pep::Name& name, std::size_t release) override;
  Result<resolver::MetadataAnswer> metadata(const pep::DistFile& file) override;
  void expect_build(const pep::DistFile& file) override;
  Result<std::vector<std::string>> also_on(const pep::Name& name) override;
  resolver::PackageSource& from(const std::string& index) override;
  // bad_data: no URL of a source · unsupported: it would have to be built, and there is no builder.
  Result<resolver::DirectAnswer> direct(const pep::Name& name, const std::string& url) override;

  // Whole, and of that version: what is chosen so stays where it is.
  bool is_installed(const pep::Name& name, const pep::Version& version) const;

  // After resolving: whether one of the pins is older than a release of its project that was passed over because the
  // server has none of the files that the index lists. not_found: the first such file. Where none is, the commands of
  // the next minutes need not ask for these files again.
  Status check_missing(const resolver::Resolution& resolution);
  // Of a resolution that failed; nullptr: every file that was asked for was there.
  const Error* missing() const { return missing_.empty() ? nullptr : &missing_.front().error; }

  // The build that failed first; a release that cannot be built is passed over. nullptr: none did. With a hint.
  std::optional<Error> failed_build() const;
  static constexpr std::string_view kNotBuilt = "could not be built";  // in the reason why it is passed over
  // One line for each pin that is older than releases of its project that could not be built, those of
  // MetadataNotes::ignored, and one for each project with variants that a lock leaves out.
  std::vector<std::string> passed_over(const resolver::Resolution& resolution) const;
  const MetadataNotes& metadata_notes() const { return notes_; }

  // What the index that has the file says of its project's state (PEP 792). nullptr: it was not asked.
  const index::Project* project_of(const pep::DistFile& file) const;

 private:
  struct Entry;
  struct Mailbox;
  class OneIndex;
  bool is_asked_of_index(const pep::DistFile& file) const;
  void begin_metadata(const pep::DistFile& file);
  // Acts on what arrives until `is_there`, which is called with the mailbox locked.
  void wait_until(const pep::Name& whose, const std::function<bool()>& is_there);
  Result<index::MetadataResult> indexed_metadata(const pep::DistFile& file);
  Result<index::MetadataResult> release_metadata(const pep::DistFile& file);
  Result<std::vector<const pep::DistFile*>> wheels_beside(const pep::DistFile& file);
  Result<resolver::MetadataAnswer> metadata_of(const pep::DistFile& file);
  Result<bool> differs_from_source(const pep::DistFile& file, const pep::Metadata& metadata);
  Result<const pep::DistFile*> telling_wheel(const pep::DistFile& sdist);
  Result<std::shared_ptr<const pep::Metadata>> told_by_wheels(const pep::DistFile& sdist);
  Result<resolver::MetadataAnswer> built_metadata(const pep::DistFile& sdist);
  Status build_expected(const pep::DistFile& sdist, SourceBuilder& builds);
  // `index`: see from(); empty: as Settings::index_of has it.
  Result<Entry*> entry(const pep::Name& name, const std::string& index);
  Result<Entry*> entry_of(const pep::DistFile& file);
  std::unique_ptr<Entry> entry_from(const pep::Name& name, std::shared_ptr<const index::Project> project) const;
  Result<std::span<const pep::DistFile>> files_of(Entry& entry, const pep::Name& name, std::size_t release);
  const venv::InstalledDist* installed_as(const pep::Name& name) const;
  Status add_variants(Entry& entry, std::size_t release, std::size_t position, std::vector<pep::DistFile>& files);
  Result<resolver::DirectAnswer> direct_variant(std::string_view label, std::shared_ptr<const pep::DistFile> file);
  std::vector<std::string> left_out_variants(const resolver::Resolution& resolution) const;
  const DependencyMetadata* replacement(const pep::DistFile& file) const;
  const resolver::OwnProject* own(const pep::Name& name) const;
  void meet_own(std::shared_ptr<const pep::Metadata>& metadata) const;
  Result<std::shared_ptr<const pep::DistFile>> direct_file(const pep::Name& name, const std::string& url);

  index::Index& index_;
  std::span<const venv::InstalledDist> installed_;
  std::span<const resolver::OwnProject> own_;
  SourceBuilderWhenNeeded builds_;
  std::function<void(std::uint64_t, std::size_t)> tell_progress_;
  std::function<void(const pep::Name&, std::size_t)> tell_waiting_;
  bool url_dependencies_allowed_ = true;
  std::map<pep::Name, std::vector<pep::FileHash>> required_hashes_;
  std::set<std::string> editables_;
  std::vector<DependencyMetadata> replacements_;
  resolver::FormatControl formats_;
  VariantPolicy variants_;
  index::ByProject<std::unique_ptr<Entry>> entries_;
  std::map<std::string, std::unique_ptr<OneIndex>> indexes_;
  std::shared_ptr<Mailbox> mailbox_;
  std::function<void(const Arrivals&)> act_;
  bool has_waited_ = false;
  std::vector<const pep::DistFile*>
      put_off_;  // wanted before anything had to be waited for: perhaps no request is needed at all
  std::unordered_map<std::string, std::shared_ptr<const pep::DistFile>> direct_;
  std::unordered_map<std::string, resolver::DirectAnswer> direct_variants_;  // of those that are wheel variants
  struct Missing {
    std::vector<pep::DistFile> files;  // of one release, never empty
    Error error;
  };
  std::vector<Missing> missing_;
  struct FailedBuild {
    pep::Name project;
    pep::Version version;
    Error error;
  };
  std::vector<FailedBuild> failed_builds_;
  std::vector<const pep::DistFile*> expected_builds_;  // see expect_build(), first ones first
  std::set<std::string> begun_builds_;                 // URLs
  MetadataNotes notes_;
};

}  // namespace pkg::ops
