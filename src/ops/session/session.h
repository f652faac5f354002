#pragma once
// Session: what one command works with. Made once by cli, never seen below ops: lower layers get the two or three
// things they need.
//
// Its settings and build options are those of the user, and nobody below cli changes them. What files, projects and
// scripts say besides is in what was read of them (Inputs, LockSubject); the rest of the command then works with
// another session, with().
//
// Sources are built through it, by a SourceBuilder that only cli and tests choose.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/events.h"
#include "base/result.h"
#include "base/tasks.h"
#include "index/index.h"
#include "index/settings.h"
#include "ops/session/build_options.h"
#include "ops/session/python_options.h"
#include "ops/session/source_builder.h"
#include "venv/state_key.h"

namespace pkg::ops {

// Where a session meets the world: chosen by cli, and by tests.
struct SessionEdges {
  SourceBuilderFactory make_builder;    // empty: nothing can be built
  index::MakeTransport make_transport;  // empty: libcurl's
};

class Session {
 public:
  Session(index::Settings settings, std::filesystem::path working_folder, Reporter& reporter, const CancelToken& cancel,
          SessionEdges edges = {});
  ~Session();

  // The same command with other settings: this session where they are its own, else one that it keeps, and finds again
  // when the same are asked for once more. Threads: any. That one has its folders, reporter, cancel token and state
  // key, an index of its own, and builders of its own, made as this one's would be now.
  Session& with(const index::Settings& settings, const BuildOptions& build_options);

  // Opened on first use, by whichever thread comes first. io: the cache cannot be used · busy: it is being cleaned ·
  // unsupported: it is none of pkg's.
  Result<index::Index*> index();
  // Another one, for the user's own settings or part of them. io, busy, unsupported: as above.
  Result<std::unique_ptr<index::Index>> open_index(index::Settings settings) const;
  const index::Settings& settings() const { return settings_; }

  // How to build.
  const BuildOptions& build_options() const { return build_options_; }
  // For cli, which may know them only once there is a session; before the session is used.
  void set_build_options(BuildOptions options) { build_options_ = std::move(options); }
  // Where interpreters come from that are not here. For cli, before the session is used.
  const PythonOptions& python_options() const { return python_options_; }
  void set_python_options(PythonOptions options) { python_options_ = std::move(options); }
  // From now on sources can be built, for this interpreter (and, without isolation, in this environment; null: there is
  // none). May be called again with another.
  void make_builds(const venv::Interpreter& interpreter, const venv::Environment* environment);
  SourceBuilder* builds() { return builds_.get(); }  // null: nothing can be built, or nothing had to be so far
  // The same, put off until something has to be built: `make` calls make_builds of the session that it is given, which
  // may be one of with(): it keeps nothing that ends before this session does. Replaces what was there.
  void make_builds_later(std::function<Status(Session&)> make);
  bool can_build() const { return builds_ != nullptr || make_builds_ != nullptr; }
  // Makes them now where they were put off. unsupported: nothing can be built.
  Result<SourceBuilder*> need_builds();
  SourceBuilderWhenNeeded builds_when_needed() {
    return [this] { return need_builds(); };
  }

  std::filesystem::path cache_dir() const { return settings_.cache_dir; }
  const std::filesystem::path& working_folder() const { return working_folder_; }
  // Where this user keeps what only pkg may say of other folders (keys, trust); may not exist yet. Empty: there is no
  // such place.
  std::filesystem::path state_dir() const { return settings_.state_dir; }
  // What tells this user's own notes in environments from others'.
  const venv::StateKey& state_key() const { return *state_key_; }
  Reporter& reporter() const { return reporter_; }
  const CancelToken& cancel() const { return cancel_; }
  std::int64_t now() const { return settings_.now; }

 private:
  Session(const Session& other, index::Settings settings, BuildOptions build_options);

  index::Settings settings_;
  std::filesystem::path working_folder_;
  std::shared_ptr<const venv::StateKey> state_key_;
  Reporter& reporter_;
  const CancelToken& cancel_;
  std::mutex mutex_;  // guards index_ while it is opened, and others_
  std::unique_ptr<index::Index> index_;
  SessionEdges edges_;
  BuildOptions build_options_;
  std::function<Status(Session&)> make_builds_;
  std::unique_ptr<SourceBuilder> builds_;  // after index_: goes first
  std::vector<std::unique_ptr<Session>> others_;
  PythonOptions python_options_;
};

}  // namespace pkg::ops
