#include "transcript_world.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <stdexcept>
#include <utility>

#include "base/fs.h"
#include "base/hash.h"
#include "base/text.h"
#include "cli/output/output.h"
#include "ops/session/session.h"
#include "support/ops_kit.h"
#include "venv/create.h"
#include "venv/interpreter/interpreter.h"
#include "venv/interpreter/interpreter_facts.h"

extern char** environ;

namespace pkg::test {
namespace {

namespace stdfs = std::filesystem;

void write(const stdfs::path& path, std::string_view text) {
  stdfs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

template <class T>
T value_of(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(result).value();
}

std::vector<std::pair<std::string, std::string>> variables_below(const std::string& root) {
  return {{"PATH", root + "/bin"},
          {"HOME", root + "/home"},
          {"TMPDIR", root + "/tmp"},
          {"XDG_CACHE_HOME", root + "/cache"},
          {"XDG_CONFIG_HOME", root + "/config"},
          {"XDG_CONFIG_DIRS", root + "/etc/xdg"},
          {"XDG_STATE_HOME", root + "/state"},
          {"PIP_INDEX_URL", "https://index.test/simple/"}};
}

// CPython on Linux, as far as pkg asks; nothing that is asked of the machine.
venv::ProbedFacts facts_of_python(const std::string& root, const std::string& version) {
  const auto numbers = split(version, '.');
  const auto minor = cat(numbers.at(0), ".", numbers.at(1));
  venv::ProbedFacts facts;
  for (std::size_t i = 0; i < 3; ++i) facts.version[i] = static_cast<int>(parse_u64(numbers.at(i)).value());
  facts.base_executable = cat(root, "/bin/python", minor);
  facts.prefix = facts.base_prefix = root + "/usr";
  facts.stdlib = cat(root, "/usr/lib/python", minor);
  facts.platlibdir = "lib";
  facts.ext_suffix = cat(".cpython-", numbers.at(0), numbers.at(1), "-x86_64-linux-gnu.so");
  facts.platform_string = "linux-x86_64";
  const auto site_packages = cat(facts.stdlib, "/site-packages");
  facts.paths = {site_packages, site_packages, root + "/usr/bin", root + "/usr",
                 cat(root, "/usr/include/python", minor)};
  const auto user_packages = cat("~/lib/python", minor, "/site-packages");
  facts.user_paths = {user_packages, user_packages, "~/bin", "~", cat("~/include/python", minor)};
  facts.site_folders = {site_packages};
  facts.glibc[0] = 2;
  facts.glibc[1] = 36;
  facts.environment = {.os_name = "posix",
                       .sys_platform = "linux",
                       .platform_machine = "x86_64",
                       .platform_python_implementation = "CPython",
                       .platform_system = "Linux",
                       .python_version = minor,
                       .python_full_version = version,
                       .implementation_name = "cpython",
                       .implementation_version = version};
  return facts;
}

// Standard input from a file, for one step.
class Input {
 public:
  explicit Input(const stdfs::path& file) : before_(::dup(STDIN_FILENO)) {
    const fs::Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    ::dup2(fd.get(), STDIN_FILENO);
  }
  ~Input() {
    ::dup2(before_, STDIN_FILENO);
    ::close(before_);
  }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

 private:
  int before_;
};

// "KEY value value KEY value": the values of each key.
std::map<std::string, std::vector<std::string>> keyed(const std::vector<std::string>& words,
                                                      const std::vector<std::string>& keys) {
  std::map<std::string, std::vector<std::string>> values;
  const std::string* key = nullptr;
  for (const auto& word : words) {
    if (const auto found = std::ranges::find(keys, word); found != keys.end()) {
      key = &*found;
      values[*key];
    } else if (key == nullptr) {
      throw std::runtime_error(cat("not understood: ", word));
    } else {
      values[*key].push_back(word);
    }
  }
  return values;
}

std::vector<std::string> from_third(const std::vector<std::string>& words) {
  return {words.begin() + std::min<std::ptrdiff_t>(3, std::ssize(words)), words.end()};
}

Outcome listed(const stdfs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : stdfs::directory_iterator(folder)) names.push_back(entry.path().filename().string());
  std::ranges::sort(names);
  return {names.empty() ? std::string() : join(names, "\n") + "\n", {}, 0};
}

}  // namespace

OtherVariables::OtherVariables(const std::vector<std::pair<std::string, std::string>>& variables) {
  for (char** variable = environ; *variable != nullptr; ++variable) before_.emplace_back(*variable);
  ::clearenv();
  for (const auto& [name, value] : variables) ::setenv(name.c_str(), value.c_str(), 1);
}

OtherVariables::~OtherVariables() {
  ::clearenv();
  for (const auto& text : before_) {
    const auto equals = text.find('=');
    ::setenv(text.substr(0, equals).c_str(), text.substr(equals + 1).c_str(), 1);
  }
}

TranscriptWorld::TranscriptWorld()
    : root_(stdfs::canonical(folder_.path()).string()),
      working_folder_before_(stdfs::current_path()),
      variables_(std::make_unique<OtherVariables>(variables_below(root_))) {
  for (const char* name : {"bin", "home", "tmp", "work"}) stdfs::create_directories(stdfs::path(root_) / name);
  stdfs::current_path(root_ + "/work");
  make_interpreter("3.12.1");
}

TranscriptWorld::~TranscriptWorld() { stdfs::current_path(working_folder_before_); }

stdfs::path TranscriptWorld::path(const std::string& name) const { return stdfs::current_path() / name; }

// No program: whatever starts it fails.
void TranscriptWorld::make_interpreter(const std::string& version) {
  const auto facts = facts_of_python(root_, version);
  const stdfs::path program = facts.base_executable;
  write(program, cat("\x7fnot a program: Python ", version));
  ::chmod(program.c_str(), 0755);
  if (!stdfs::exists(root_ + "/bin/python3")) stdfs::create_symlink(program.filename(), root_ + "/bin/python3");
  venv::record_facts(facts, program, root_ + "/cache/pkg");
}

stdfs::path TranscriptWorld::make_environment() {
  const auto folder = stdfs::path(root_) / "work/.venv";
  if (!stdfs::exists(folder)) {
    const auto python = value_of(venv::find_interpreter("", root_ + "/cache/pkg"));
    value_of(venv::create(python, {.folder = folder}));
  }
  return folder / "lib/python3.12/site-packages";
}

void TranscriptWorld::install(const std::vector<std::string>& words) {
  const auto site_packages = make_environment();
  const auto& name = words.at(1);
  const auto& version = words.at(2);
  const auto given = keyed(from_third(words), {"requires", "field", "url"});
  std::string metadata = cat("Metadata-Version: 2.1\nName: ", name, "\nVersion: ", version, "\n");
  if (given.contains("field"))
    for (const auto& field : given.at("field")) append(metadata, field, "\n");
  if (given.contains("requires"))
    for (const auto& requirement : given.at("requires")) append(metadata, "Requires-Dist: ", requirement, "\n");
  const auto stem = cat(replace_all(name, "-", "_"), "-", version, ".dist-info");
  std::vector<std::pair<std::string, std::string>> files{
      {replace_all(name, "-", "_") + ".py", cat("version = '", version, "'\n")},
      {stem + "/INSTALLER", "pkg\n"},
      {stem + "/METADATA", metadata},
      {stem + "/REQUESTED", ""}};
  if (given.contains("url")) files.emplace_back(stem + "/direct_url.json", given.at("url").at(0));
  std::string record;
  for (const auto& [path, content] : files) {
    write(site_packages / path, content);
    append(record, path, ",sha256=", hash::to_base64url(hash::sha256(content)), ",", content.size(), "\n");
  }
  write(site_packages / stem / "RECORD", cat(record, stem, "/RECORD,,\n"));
}

void TranscriptWorld::add_release(const std::vector<std::string>& words) {
  const auto given = keyed(
      from_third(words), {"requires", "python", "extra", "yanked", "sdist", "tag", "uploaded", "entry-points", "file"});
  const auto values = [&](const char* key) {
    const auto found = given.find(key);
    return found == given.end() ? std::vector<std::string>() : found->second;
  };
  const auto one = [&](const char* key) { return join(values(key), " "); };
  MemoryRelease release{.requires_dist = values("requires"),
                        .requires_python = one("python"),
                        .provides_extra = values("extra"),
                        .sdist = given.contains("sdist"),
                        .upload_time = one("uploaded")};
  if (given.contains("yanked")) release.yanked = one("yanked");
  if (given.contains("tag")) release.tags = values("tag");
  for (const auto& script : values("entry-points"))
    append(release.entry_points, release.entry_points.empty() ? "[console_scripts]\n" : "", script, "\n");
  for (const auto& file : values("file")) release.files.emplace_back(file, cat("# ", words.at(1), "\n"));
  index_.add(words.at(1), words.at(2), std::move(release));
}

void TranscriptWorld::set_up(const TranscriptEntry& entry) {
  const auto& words = entry.words;
  const auto number = [](const std::string& text) { return parse_u64(text).value(); };
  const std::map<std::string, std::function<void()>> known{
      {"file", [&] { write(path(words.at(1)), entry.block); }},
      {"program",
       [&] {
         write(path(words.at(1)), entry.block);
         ::chmod(path(words.at(1)).c_str(), 0755);
       }},
      {"delete", [&] { stdfs::remove_all(path(words.at(1))); }},
      {"folder", [&] { stdfs::create_directories(path(words.at(1))); }},
      {"cd",
       [&] {
         stdfs::create_directories(path(words.at(1)));
         stdfs::current_path(path(words.at(1)));
       }},
      {"env",
       [&] {
         const auto equals = words.at(1).find('=');
         ::setenv(words[1].substr(0, equals).c_str(), words[1].substr(equals + 1).c_str(), 1);
       }},
      {"unset", [&] { ::unsetenv(words.at(1).c_str()); }},
      {"stdin", [&] { input_ = entry.block; }},
      {"terminal", [&] { is_terminal_ = true; }},
      {"child", [&] { in_child_ = true; }},
      {"python", [&] { make_interpreter(words.at(1)); }},
      {"environment", [&] { make_environment(); }},
      {"installed", [&] { install(words); }},
      {"index", [&] { add_release(words); }},
      {"index-serves", [&] { index_.serve(words.at(1), entry.block); }},
      {"index-fails", [&] { index_.fail(words.at(1), static_cast<int>(number(words.at(2)))); }},
      {"index-corrupts", [&] { index_.corrupt(words.at(1)); }},
      {"index-breaks-off", [&] { index_.break_off(words.at(1), number(words.at(2))); }},
      {"index-quarantines", [&] { index_.quarantine(words.at(1)); }},
      {"index-archives", [&] { index_.archive(words.at(1)); }},
  };
  const auto found = known.find(words.at(0));
  if (found == known.end()) throw std::runtime_error(cat("no such set-up line: ", words[0]));
  found->second();
}

// For a step that becomes another program: what that writes goes to the process's own stdout and stderr.
Outcome TranscriptWorld::run_in_child(const std::vector<std::string>& words, const cli::Start& start) const {
  const std::string out = root_ + "/tmp/stdout", err = root_ + "/tmp/stderr";
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("cannot fork");
  if (child == 0) {
    for (const auto& [file, descriptor] : {std::pair(out, STDOUT_FILENO), std::pair(err, STDERR_FILENO)})
      ::dup2(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), descriptor);
    ::_exit(cli::run_words(words, start));
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return {value_of(fs::read_file(out)), value_of(fs::read_file(err)), WIFEXITED(status) ? WEXITSTATUS(status) : 1};
}

Outcome TranscriptWorld::run_pkg(const std::vector<std::string>& words) {
  write(root_ + "/tmp/stdin", std::exchange(input_, {}));
  const Input input(root_ + "/tmp/stdin");
  const ops::SessionEdges edges{make_static_builder, index_.transport()};
  const cli::Start start{.edges = &edges, .system_pip_file = root_ + "/etc/pip.conf"};
  if (std::exchange(in_child_, false)) return run_in_child(words, start);
  Outcome outcome;
  cli::set_sinks({&outcome.out, &outcome.err, is_terminal_});
  outcome.exit_code = cli::run_words(words, start);
  cli::set_sinks({});
  return outcome;
}

std::string TranscriptWorld::placed(std::string text) const {
  struct utsname kernel {};
  ::uname(&kernel);
  text = replace_all(text, root_, "[ROOT]");
  text = replace_all(text, kernel.version, "[KERNEL]");
  text = replace_all(text, kernel.release, "[KERNEL]");
  for (const std::string_view before : {"pkg ", "pkg version: ", "pkg/"})
    text = replace_all(text, cat(before, PKG_VERSION), cat(before, "[VERSION]"));
  if (!text.empty() && !text.ends_with('\n')) text += "[no line end]\n";
  return replace_all(text, "\033", "[ESC]");
}

Outcome TranscriptWorld::run(const std::vector<std::string>& words) {
  const auto& program = words.at(0);
  Outcome outcome;
  if (program == "cat")
    outcome.out = value_of(fs::read_file(path(words.at(1))));
  else if (program == "ls")
    outcome = listed(path(words.at(1)));
  else if (program == "pkg")
    outcome = run_pkg({words.begin() + 1, words.end()});
  else
    throw std::runtime_error(cat("no such program: ", program));
  outcome.out = placed(std::move(outcome.out));
  outcome.err = placed(std::move(outcome.err));
  return outcome;
}

}  // namespace pkg::test
