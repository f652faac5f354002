#pragma once
// A scratch world for tests of src/ops and src/cli: a folder with a working folder, cache, state folder and HOME, an
// index in memory, a clock that stands still, and a Python 3.12 that is known and never started.
//
//   OpsKit kit;
//   kit.index.add("a", "1");
//   kit.make_environment();
//   auto session = kit.session();
//   ops::install(…, session);   kit.installed() == "a 1\n"

#include <filesystem>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/events.h"
#include "base/tasks.h"
#include "index/settings.h"
#include "ops/session/session.h"
#include "support/memory_index.h"
#include "support/scoped_env.h"
#include "support/temp_dir.h"
#include "venv/environment.h"
#include "venv/interpreter/interpreter.h"

namespace pkg::test {

// Remembers what it is told, in order. Threads: any.
class RecordingReporter final : public Reporter {
 public:
  std::vector<std::string> warnings() const;
  std::vector<std::string> notes() const;
  std::vector<std::string> events() const;  // "warning TEXT", "note TEXT", "transfer NAME", "step PHASE"
  void forget();

  void warning(const std::string& message) override { add("warning ", message); }
  void note(const std::string& message) override { add("note ", message); }
  void transfer_started(std::uint64_t, TransferKind, const std::string& name, std::uint64_t) override {
    add("transfer ", name);
  }
  void transfer_progress(std::uint64_t, std::uint64_t) override {}
  void transfer_finished(std::uint64_t) override {}
  void step(const std::string& phase, const std::string&, std::uint64_t, std::uint64_t) override {
    add("step ", phase);
  }

 private:
  void add(std::string_view kind, const std::string& text);
  std::vector<std::string> of_kind(std::string_view kind) const;
  mutable std::mutex mutex_;
  std::vector<std::string> events_;
};

// Builds what files of the source say, with no Python: name, version and dependencies as static_metadata() has them,
// and a wheel of one module, or of a .pth file for an editable. What says nothing of itself fails to build.
std::unique_ptr<ops::SourceBuilder> make_static_builder(ops::Session& session, const venv::Interpreter& interpreter,
                                                        const venv::Environment* environment);

enum class KitPython { recorded, machine };  // recorded: a 3.12 that cannot be started; machine: this machine's python3

class OpsKit {
 public:
  explicit OpsKit(KitPython python = KitPython::recorded);
  ~OpsKit();  // the process's working folder is what it was
  OpsKit(const OpsKit&) = delete;
  OpsKit& operator=(const OpsKit&) = delete;

  MemoryIndex index;
  RecordingReporter reporter;
  CancelToken cancel;
  pkg::index::Settings settings;           // of the next session
  ops::SourceBuilderFactory make_builder;  // of the next session: make_static_builder

  std::filesystem::path work() const { return root_ / "work"; }  // also the process's working folder
  std::filesystem::path cache() const { return root_ / "cache"; }
  std::filesystem::path state() const { return root_ / "state"; }
  std::filesystem::path home() const { return root_ / "home"; }
  std::filesystem::path python() const { return python_; }

  ops::Session session() { return session_in(work()); }
  ops::Session session_in(const std::filesystem::path& folder);

  // Paths are relative to the working folder.
  void write(const std::string& path, std::string_view text) const;
  std::string read(const std::string& path) const;  // of what is not there: "(absent)"
  bool exists(const std::string& path) const;
  venv::Environment make_environment(const std::string& folder = ".venv") const;
  // A distribution as an installer leaves it: files, METADATA, RECORD, INSTALLER, REQUESTED.
  void put_installed(const std::string& name, const std::string& version, const MemoryRelease& release = {},
                     bool requested = true, const std::string& folder = ".venv") const;
  std::string installed(const std::string& folder = ".venv") const;  // lines "name version"

  // Another recorded Python on PATH, 3.`minor`, behind the first. Its path.
  std::filesystem::path add_python(int minor);

  // Sets a variable of the process for as long as the kit lives; nullptr: not set.
  void set_variable(const char* name, const char* value) { variables_.emplace_back(name, value); }

  // What differs from run to run has a name: "<work>/x", "<cache>", "<home>", "<python>", "<sha256 of a-1.tar.gz>".
  std::string with_names(std::string text) const;
  // The other way round.
  std::string without_names(std::string text) const;

 private:
  struct Named {
    std::string name, value;
  };
  std::vector<Named> names() const;
  void prepare_variables();
  std::filesystem::path record_python(int minor);
  void know_machine_python();

  TempDir folder_;
  std::filesystem::path root_, python_, folder_before_;
  std::list<ScopedEnv> variables_;
};

}  // namespace pkg::test
