#include "venv/create.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "base/fs.h"
#include "base/fs_refusal.h"
#include "base/limits.h"
#include "base/text.h"
#include "venv/activate.h"
#include "venv/interpreter/stable_path.h"
#include "venv/pyvenv_cfg.h"
#include "venv/replace.h"
#include "venv/stage.h"
#include "venv/transaction/clear.h"

namespace pkg::venv {
namespace {

namespace stdfs = std::filesystem;

// Makes things below one folder by name; the first failure is kept and ends it.
class Builder {
 public:
  explicit Builder(const stdfs::path& root)
      : root_(root), at_(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    if (!at_) fail("cannot open", {}, errno);
  }

  void folder(const std::string& name) {
    if (status_.ok() && ::mkdirat(at_.get(), name.c_str(), 0777) != 0 && errno != EEXIST)
      fail("cannot make", name, errno);
  }

  // Replaces what has this name, unless it is this link already. A copy of the program `content` where the file system
  // has no links.
  void link(const std::string& name, const std::string& target, const stdfs::path& content) {
    if (!status_.ok()) return;
    if (::symlinkat(target.c_str(), at_.get(), name.c_str()) == 0) return;
    if (errno == EEXIST) {
      if (::unlinkat(at_.get(), name.c_str(), 0) != 0) return fail("cannot replace", name, errno);
      if (::symlinkat(target.c_str(), at_.get(), name.c_str()) == 0) return;
    }
    if (!fs::is_refusal(errno)) return fail("cannot link", name, errno);
    copy(name, content);
  }

  // As `link`, but leaves a folder of that name alone, and goes without where the file system has no links.
  void link_unless_there(const std::string& name, const std::string& target) {
    if (status_.ok() && ::symlinkat(target.c_str(), at_.get(), name.c_str()) != 0 && errno != EEXIST &&
        !fs::is_refusal(errno))
      fail("cannot link", name, errno);
  }

  // What is there is removed first: it may be a link to somewhere else.
  void file(const std::string& name, std::string_view content, int mode = 0666) {
    if (!status_.ok()) return;
    constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    fs::Fd fd(::openat(at_.get(), name.c_str(), kFlags, mode));
    if (!fd && errno == EEXIST && ::unlinkat(at_.get(), name.c_str(), 0) == 0)
      fd = fs::Fd(::openat(at_.get(), name.c_str(), kFlags, mode));
    if (!fd) return fail("cannot write", name, errno);
    if (auto written = fs::write_all(fd.get(), content, root_ / name); !written)
      status_ = std::move(written);
    else
      status_ = fd.close(root_ / name);
  }

  void copy(const std::string& name, const stdfs::path& from) {
    if (!status_.ok()) return;
    auto content = fs::read_file_at_most(from, limits::kProgram);
    if (!content)
      status_ = std::move(content).error();
    else
      file(name, *content, 0777);
  }

  Status done() && { return std::move(status_); }

 private:
  void fail(std::string_view doing, const std::string& name, int error_number) {
    status_ = fs::errno_error(doing, name.empty() ? root_ : root_ / name, error_number);
  }

  stdfs::path root_;
  fs::Fd at_;
  Status status_ = ok_status();
};

std::string pyvenv_cfg(const Interpreter& base, const stdfs::path& prefix, const CreateOptions& options) {
  const auto& environment = base.target.environment;
  const auto home = stable_executable(base);
  std::string text;
  append(text, "home = ", home.parent_path().native(), "\n");
  append(text, "include-system-site-packages = ", options.system_site_packages ? "true" : "false", "\n");
  append(text, "version = ", environment.python_full_version, "\n");
  append(text, "implementation = ", environment.platform_python_implementation, "\n");
  append(text, "executable = ", home.native(), "\n");
  append(text, "python-version = ", environment.python_version, "\n");  // PEP 838
  append(text, "created-by = pkg\n");
  if (options.relocatable)
    append(text, "relocatable = true\n");
  else if (can_be_a_setting(prefix.native()))
    append(text, "location = ", prefix.native(), "\n");
  if (!options.prompt.empty()) append(text, "prompt = ", quote_for_python(options.prompt), "\n");
  return text;
}

// The names under which the interpreter is found in bin/, besides `python`.
std::vector<std::string> interpreter_names(const Interpreter& base) {
  const auto& version = base.facts.version;
  const std::string major = cat(version.at(0)), minor = cat(version.at(0), '.', version.at(1));
  std::vector<std::string> names{cat("python", major), cat("python", minor)};
  if (base.facts.gil_disabled) names.push_back(cat("python", minor, "t"));
  if (base.facts.implementation != "cpython") {
    for (const auto& suffix : {std::string(), major, minor}) names.push_back(cat(base.facts.implementation, suffix));
  }
  return names;
}

void add_interpreter(Builder& builder, const Interpreter& base, const CreateOptions& options) {
  const auto home = stable_executable(base);
  if (!options.copies) {
    builder.link("bin/python", home.native(), home);
  } else {
    builder.copy("bin/python", home);
    // PyPy's interpreter is a small program beside its library.
    for (const char* library : {"libpypy3-c.so", "libpypy3.9-c.so", "libpypy3.10-c.so", "libpypy3.11-c.so"}) {
      const auto path = home.parent_path() / library;
      if (base.facts.implementation == "pypy" && fs::exists(path)) builder.copy(cat("bin/", library), path);
    }
  }
  for (const auto& name : interpreter_names(base)) builder.link(cat("bin/", name), "python", home);
}

// `place`: where it is built; `prefix`: where it will be. pyvenv.cfg comes last: a folder without it is no environment.
Status build(const stdfs::path& place, const stdfs::path& prefix, const Interpreter& base,
             const CreateOptions& options) {
  const auto layout = environment_layout({}, base.facts.implementation, base.facts.version.at(0),
                                         base.facts.version.at(1), base.facts.gil_disabled);
  const std::string site_packages = layout.purelib.native();  // "lib/python3.12/site-packages"
  Builder builder(place);
  for (const auto& folder : {std::string("bin"), std::string("include"), std::string("lib"),
                             site_packages.substr(0, site_packages.rfind('/')), site_packages}) {
    builder.folder(folder);
  }
  if (!base.platform.is_32bit && base.platform.os == pep::PlatformFacts::Os::linux_)
    builder.link_unless_there("lib64", "lib");
  add_interpreter(builder, base, options);
  for (const auto& script : activation_scripts(options.relocatable ? stdfs::path() : prefix, options.prompt))
    builder.file(cat("bin/", script.name), script.content);
  builder.file(".gitignore", "*\n");
  // Backup programs that are asked to leave out caches leave it out: it can be made again.
  builder.file("CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n# An environment made by pkg.\n");
  builder.file("pyvenv.cfg", pyvenv_cfg(base, prefix, options));
  return std::move(builder).done();
}

bool is_environment(const stdfs::path& folder) { return fs::exists(folder / "pyvenv.cfg"); }

Error already_there(const stdfs::path& folder) {
  return make_error(ErrorKind::conflict,
                    cat(quote(folder.native()),
                        is_environment(folder) ? " is an environment already" : " is there already and not empty"),
                    is_environment(folder) ? "--clear recreates it, --allow-existing refreshes it"
                                           : "choose another folder, or --allow-existing");
}

enum class Content : std::uint8_t { nothing, state, something };  // state: pkg's own folder and nothing else

Content content_of(const stdfs::path& folder) {
  const auto names = fs::list_dir(folder);
  if (!names) return Content::something;
  if (names->empty()) return Content::nothing;
  return names->size() == 1 && names->front() == ".pkg" ? Content::state : Content::something;
}

Status remove_contents(const stdfs::path& folder) {
  PKG_TRY_ASSIGN(const auto names, fs::list_dir(folder));
  // First what makes it an environment: half of one must not look whole.
  PKG_TRY(fs::remove_tree(folder / "pyvenv.cfg"));
  for (const auto& name : names) PKG_TRY(fs::remove_tree(folder / name));
  return ok_status();
}

// Some folders cannot be renamed: mount points, file systems without exchange.
bool needs_building_in_place(const stdfs::path& folder) {
  struct stat inside {
  }, around{};
  return ::stat(folder.c_str(), &inside) == 0 && ::stat(folder.parent_path().c_str(), &around) == 0 &&
         inside.st_dev != around.st_dev;
}

// A finished environment beside the folder where it is wanted.
Result<Stage> build_beside(const stdfs::path& folder, const Interpreter& base, const CreateOptions& options) {
  PKG_TRY_ASSIGN(auto stage, Stage::make(folder));
  if (::mkdir(stage.fresh().c_str(), 0777) != 0) return fs::errno_error("cannot make", stage.fresh(), errno);
  PKG_TRY(build(stage.fresh(), folder, base, options));
  return stage;
}

Result<stdfs::path> final_place(const stdfs::path& asked) {
  std::error_code failed;
  stdfs::path folder = stdfs::absolute(asked, failed).lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();
  if (folder.native().find(':') != std::string::npos) {
    return make_error(ErrorKind::usage,
                      cat("an environment cannot be in ", quote(folder.native()), ": PATH is separated by `:`"));
  }
  if (stdfs::is_symlink(folder, failed)) {
    const auto target = stdfs::weakly_canonical(folder, failed);
    if (!failed) return target;
  }
  return folder;
}

// made: by us. theirs: an environment that was there, and stays. moved: what was looked at is no more; look again.
enum class Outcome : std::uint8_t { made, theirs, moved };

Outcome outcome_of(Placed placed) { return placed == Placed::done ? Outcome::made : Outcome::moved; }

Result<Outcome> make_where_nothing_is(const stdfs::path& folder, const Interpreter& base,
                                      const CreateOptions& options) {
  PKG_TRY_ASSIGN(const auto stage, build_beside(folder, base, options));
  PKG_TRY_ASSIGN(const auto placed, put_where_nothing_was(stage.fresh(), folder));
  return outcome_of(placed);
}

// Nothing is there, or nothing but `.pkg`: others may be about to do the same.
Result<Outcome> fill_in_place(const stdfs::path& folder, const Interpreter& base, const CreateOptions& options) {
  PKG_TRY_ASSIGN(const auto lock, lock_prefix(folder, options.lock_wait_s, "venv"));
  if (content_of(folder) == Content::something) return Outcome::moved;
  PKG_TRY(build(folder, folder, base, options));
  return Outcome::made;
}

Result<Outcome> make_in_empty_folder(const stdfs::path& folder, Content content, const Interpreter& base,
                                     const CreateOptions& options) {
  if (content == Content::state || needs_building_in_place(folder)) return fill_in_place(folder, base, options);
  PKG_TRY_ASSIGN(const auto stage, build_beside(folder, base, options));
  PKG_TRY_ASSIGN(const auto placed, put_over_empty_folder(stage.fresh(), folder));
  return placed == Placed::impossible ? fill_in_place(folder, base, options) : Result<Outcome>(outcome_of(placed));
}

bool is_seen(const stdfs::path& folder, const CreateOptions& options) {
  return !options.seen || fs::file_key(folder / "pyvenv.cfg") == options.seen;
}

// The lock is held.
Status clear_without_exchange(const stdfs::path& folder, const Interpreter& base, const CreateOptions& options) {
  if (options.key != nullptr) {
    const auto write = [&](const stdfs::path& place) { return build(place, folder, base, options); };
    auto done = clear_in_place(environment_at(folder, base, options), *options.key, write);
    if (done.ok() || done.error().kind != ErrorKind::unsupported) return done;
  }
  PKG_TRY(remove_contents(folder));
  return build(folder, folder, base, options);
}

Result<Outcome> clear(const stdfs::path& folder, const Interpreter& base, const CreateOptions& options) {
  if (!is_environment(folder)) {
    return make_error(ErrorKind::conflict,
                      cat("will not clear ", quote(folder.native()), ": it is no environment (there is no pyvenv.cfg)"),
                      "remove it yourself, or choose another folder");
  }
  fs::HeldLock lock;  // until the old one is deleted: whoever waits for it finds that it is gone
  if (!needs_building_in_place(folder)) {
    PKG_TRY_ASSIGN(const auto stage, build_beside(folder, base, options));
    PKG_TRY_ASSIGN(lock, lock_prefix(folder, options.lock_wait_s, "venv"));
    if (!is_seen(folder, options)) return Outcome::theirs;
    PKG_TRY_ASSIGN(const auto placed, exchange(stage.fresh(), folder));
    if (placed == Placed::done) return Outcome::made;
  } else {
    PKG_TRY_ASSIGN(lock, lock_prefix(folder, options.lock_wait_s, "venv"));
    if (!is_seen(folder, options)) return Outcome::theirs;
  }
  PKG_TRY(clear_without_exchange(folder, base, options));
  return Outcome::made;
}

Result<Outcome> make_once(const stdfs::path& folder, const Interpreter& base, const CreateOptions& options) {
  if (!fs::exists(folder)) return make_where_nothing_is(folder, base, options);
  if (!fs::is_directory(folder))
    return make_error(ErrorKind::conflict, cat(quote(folder.native()), " is there already and is no folder"));
  const auto content = content_of(folder);
  if (content != Content::something) return make_in_empty_folder(folder, content, base, options);
  switch (options.if_exists) {
    case IfExists::keep:
      PKG_TRY(build(folder, folder, base, options));
      return Outcome::made;
    case IfExists::clear:
      return is_seen(folder, options) || !is_environment(folder) ? clear(folder, base, options)
                                                                 : Result<Outcome>(Outcome::theirs);
    case IfExists::fail:
      break;
  }
  return is_environment(folder) ? Result<Outcome>(Outcome::theirs) : already_there(folder);
}

Result<Outcome> make(const stdfs::path& folder, const Interpreter& base, const CreateOptions& options) {
  delete_abandoned_stages(folder);
  for (int attempt = 0; attempt < 100; ++attempt) {
    PKG_TRY_ASSIGN(const auto outcome, make_once(folder, base, options));
    if (outcome != Outcome::moved) return outcome;
  }
  return make_error(ErrorKind::busy, "other commands keep replacing it");
}

}  // namespace

Environment environment_at(const stdfs::path& folder, const Interpreter& base, const CreateOptions& options) {
  Environment environment;
  environment.kind = EnvironmentKind::venv;
  environment.layout = environment_layout(folder, base.facts.implementation, base.facts.version.at(0),
                                          base.facts.version.at(1), base.facts.gil_disabled);
  environment.python = environment.layout.python;
  environment.python_version = base.target.environment.python_full_version;
  environment.include_system_site_packages = options.system_site_packages;
  environment.relocatable = options.relocatable;
  if (!options.relocatable) environment.made_at = environment.layout.prefix;
  return environment;
}

Result<Environment> create(const Interpreter& base, const CreateOptions& options) {
  PKG_TRY_ASSIGN(const auto folder, final_place(options.folder));
  const auto doing = [&] { return cat("while making the environment ", quote(folder.native())); };
  PKG_TRY_ASSIGN(const auto outcome, make(folder, base, options).with(doing));
  if (outcome == Outcome::theirs) return already_there(folder).with(doing());
  return environment_at(folder, base, options);
}

Result<Wanted> create_or_use(const Interpreter& base, const CreateOptions& options) {
  PKG_TRY_ASSIGN(const auto folder, final_place(options.folder));
  const auto doing = [&] { return cat("while making the environment ", quote(folder.native())); };
  PKG_TRY_ASSIGN(const auto outcome, make(folder, base, options).with(doing));
  if (outcome == Outcome::made) return Wanted{environment_at(folder, base, options), true};
  PKG_TRY_ASSIGN(auto theirs, open_environment(folder, {}));
  return Wanted{std::move(theirs), false};
}

}  // namespace pkg::venv
