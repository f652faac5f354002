// A mirror is a bare repository that holds the commits that were wanted so far, each with a ref (refs/pkg/<id>) that
// keeps it. A commit is fetched alone, without its history, where the server gives it so; everything is fetched when
// the server does not, when a short id has to be looked up, or when the history is needed. `names` in the mirror
// remembers what revisions stood for, for --offline.

#include "index/vcs/git.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/hex.h"
#include "base/text.h"
#include "base/url.h"
#include "index/vcs/refs.h"

namespace pkg::index::vcs {
namespace {

constexpr double kLockWaitSeconds = 1800;
constexpr std::uint64_t kMaxNames = 1u << 20;

// Lines that git itself writes into a bare repository's configuration: facts about its format and file system. None
// names a program.
bool is_plain_setting(std::string_view line) {
  static constexpr std::string_view kPlain[] = {
      "repositoryformatversion", "filemode",     "bare",      "ignorecase", "symlinks",
      "precomposeunicode",       "objectformat", "refstorage"};
  if (line == "[core]" || line == "[extensions]") return true;
  const auto name = trim(line.substr(0, line.find('=')));
  const bool is_known = std::find(std::begin(kPlain), std::end(kPlain), name) != std::end(kPlain);
  return is_known && line.find_first_of("[#;\\\"") == std::string_view::npos;
}

// A mirror's own configuration says nothing else, whoever wrote into the cache.
Status keep_plain(const fs::Path& mirror) {
  const auto text = fs::read_file_at_most(mirror / "config", 1u << 20);
  if (!text) return ok_status();
  std::string plain;
  for (const auto line : split_lines(*text))
    if (is_plain_setting(trim(line))) append(plain, line, '\n');
  return plain == *text ? ok_status() : fs::publish(mirror / "config", plain);
}

// A value of a git configuration file.
std::string config_value(std::string_view text) {
  return cat('"', replace_all(replace_all(text, "\\", "\\\\"), "\"", "\\\""), '"');
}

// git asks a helper for credentials when a server wants them: ours says those of the URL, to this server alone. The
// helper's text is an argument of a shell; what it shows is not.
std::string credential_config(const Address& address, const MemoryFile& answer) {
  const auto script = cat("!f() { test \"$1\" = get && cat ", answer.path(), "; }; f");
  return cat("[credential ", config_value(address.host_url), "]\nhelper =\nhelper = ", config_value(script), "\n");
}

std::string http_config(const Connection& connection, const Address& address) {
  std::string text = "[http]\nlowSpeedLimit = 1\nlowSpeedTime = 60\n";
  const auto proxy =
      connection.proxy.empty() ? process::proxy_with_credentials(address.scheme) : connection.proxy.with_credentials();
  if (!proxy.empty()) append(text, "proxy = ", config_value(proxy), "\n");
  if (!connection.ca_bundle.empty())
    append(text, fs::is_directory(connection.ca_bundle) ? "sslCAPath" : "sslCAInfo", " = ",
           config_value(connection.ca_bundle), "\n");
  return text;
}

bool has_variable(const Variables& variables, std::string_view name) {
  return std::any_of(variables.begin(), variables.end(), [&](const auto& one) { return one.first == name; });
}

// One repository, as git commands see it.
class Repository {
 public:
  static Result<Repository> open(const pep::SourceUrl& source, const CachePaths& paths, const Connection& connection,
                                 const CancelToken& cancel) {
    PKG_TRY_ASSIGN(auto address, address_of(source.url));
    PKG_TRY_ASSIGN(auto answer,
                   MemoryFile::create(cat("username=", address.user, "\npassword=", address.password, "\n")));
    const auto credentials = address.has_credentials() ? credential_config(address, answer) : std::string();
    PKG_TRY_ASSIGN(auto config, MemoryFile::create(cat(http_config(connection, address), credentials)));
    const auto key = hash::to_hex(hash::sha256(address.url)).substr(0, 32);
    PKG_TRY(fs::make_dirs(paths.repositories()));
    PKG_TRY(keep_plain(paths.repositories() / key));
    Repository repository(std::move(address), std::move(config), std::move(answer), paths.repositories() / key, cancel);
    PKG_TRY(repository.set_up_ssh());
    return repository;
  }

  const Address& address() const { return address_; }
  const fs::Path& mirror() const { return mirror_; }
  std::string shown() const { return quote(address_.url); }

  // `network`: the protocols of the repository's own kind are allowed; otherwise only this machine's files.
  enum class Reach { network, local };
  ToolCall call(std::vector<std::string> arguments, Reach reach, std::string doing) const {
    ToolCall call;
    call.tool = call.debian_package = "git";
    call.arguments = {"-c", cat("include.path=", config_.path()),
                      "-c", "core.hooksPath=/dev/null",
                      "-c", "core.fsmonitor=false",
                      "-c", "safe.bareRepository=explicit",
                      "-c", "advice.detachedHead=false",
                      "-c", "gc.auto=0",
                      "-c", "maintenance.auto=false",
                      "-c", "init.defaultBranch=main",
                      "-c", "core.askPass="};
    call.arguments.insert(call.arguments.end(), arguments.begin(), arguments.end());
    call.environment = environment_;
    std::string_view protocols = "file";
    if (reach != Reach::local) protocols = address_.scheme == "file" ? "https:ssh:http:git:file" : "https:ssh:http:git";
    call.environment.emplace_back("GIT_ALLOW_PROTOCOL", protocols);
    // No repository is looked for at or above the folder that git runs in.
    call.directory = mirror_.parent_path();
    call.environment.emplace_back("GIT_CEILING_DIRECTORIES", call.directory.parent_path().native());
    call.kept = {config_.descriptor(), answer_.descriptor()};
    call.doing = std::move(doing);
    call.secrets = {address_.password, url::percent_encode_path(address_.password)};
    if (address_.password.empty()) call.secrets.push_back(address_.user);
    return call;
  }

  Result<std::string> output(std::vector<std::string> arguments, Reach reach, std::string doing) const {
    return tool_output(call(std::move(arguments), reach, std::move(doing)), cancel_);
  }
  // A question to the mirror.
  Result<process::Output> ask(std::vector<std::string> arguments) const {
    return run_tool(call(in_mirror(std::move(arguments)), Reach::local, cat("reading the mirror of ", shown())),
                    cancel_);
  }
  // For a command on the mirror.
  std::vector<std::string> in_mirror(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), cat("--git-dir=", mirror_.native()));
    return arguments;
  }

 private:
  Repository(Address address, MemoryFile config, MemoryFile answer, fs::Path mirror, const CancelToken& cancel)
      : address_(std::move(address)),
        config_(std::move(config)),
        answer_(std::move(answer)),
        mirror_(std::move(mirror)),
        cancel_(cancel),
        environment_(vcs_environment()) {}

  // ssh must not ask for passwords: it would do so on the terminal, and wait for ever without one.
  Status set_up_ssh() {
    if (has_variable(environment_, "GIT_SSH_COMMAND") || has_variable(environment_, "GIT_SSH")) return ok_status();
    if (address_.scheme == "ssh") {
      ToolCall ask =
          call({"config", "--get", "core.sshCommand"}, Reach::local, cat("reading the configuration of git"));
      PKG_TRY_ASSIGN(const auto own, run_tool(ask, cancel_));
      if (own.exit_code == 0 && !trim(own.out).empty()) return ok_status();
    }
    environment_.emplace_back("GIT_SSH_COMMAND", "ssh -oBatchMode=yes");
    return ok_status();
  }

  Address address_;
  MemoryFile config_, answer_;
  fs::Path mirror_;
  const CancelToken& cancel_;
  Variables environment_;
};

using Reach = Repository::Reach;

Result<fs::FileLock> lock(const Repository& repository) {
  PKG_TRY(fs::make_dirs(repository.mirror().parent_path()));
  return fs::FileLock::acquire(cat(repository.mirror().native(), ".lock"), fs::LockMode::exclusive, kLockWaitSeconds)
      .with([&] { return cat("while waiting for the mirror of ", repository.shown()); });
}

// --- The mirror. Its lock is held.

Status make_mirror(const Repository& repository) {
  if (fs::exists(repository.mirror() / "HEAD")) return ok_status();
  PKG_TRY(fs::remove_tree(repository.mirror()));
  PKG_TRY(repository.output({"init", "--quiet", "--bare", "--template=", "--", repository.mirror().native()},
                            Reach::local, cat("making a mirror of ", repository.shown())));
  return ok_status();
}

Result<bool> has_commit(const Repository& repository, const std::string& id) {
  if (!fs::exists(repository.mirror() / "HEAD")) return false;
  PKG_TRY_ASSIGN(const auto got, repository.ask({"cat-file", "-e", cat(id, "^{commit}")}));
  return got.exit_code == 0;
}

// All branches and tags with their history are here, as of the last fetch.
fs::Path whole_mark(const Repository& repository) { return repository.mirror() / "whole"; }
bool is_whole(const Repository& repository) { return fs::exists(whole_mark(repository)); }

Status fetch(const Repository& repository, std::vector<std::string> options, std::vector<std::string> refs) {
  std::vector<std::string> arguments = {"fetch", "--quiet", "--force", "--no-auto-gc", "--no-recurse-submodules"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  arguments.insert(arguments.end(), {"--", repository.address().url});
  arguments.insert(arguments.end(), refs.begin(), refs.end());
  PKG_TRY(repository.output(repository.in_mirror(std::move(arguments)), Reach::network,
                            cat("fetching ", repository.shown())));
  return ok_status();
}

Status fetch_everything(const Repository& repository) {
  std::vector<std::string> options = {"--tags"};
  if (fs::exists(repository.mirror() / "shallow")) options.emplace_back("--unshallow");
  PKG_TRY(fetch(repository, std::move(options), {"+refs/heads/*:refs/heads/*"}));
  return fs::publish(whole_mark(repository), "");
}

Status keep_commit(const Repository& repository, const std::string& id) {
  PKG_TRY(repository.output(repository.in_mirror({"update-ref", cat("refs/pkg/", id), id}), Reach::local,
                            cat("keeping a commit of ", repository.shown())));
  return ok_status();
}

Error no_commit(const Repository& repository, std::string_view id) {
  return make_error(ErrorKind::not_found, cat("the repository ", repository.shown(), " has no commit ", quote(id)));
}

Status bring(const Repository& repository, const std::string& id, bool with_history, bool offline) {
  PKG_TRY_ASSIGN(const bool is_there, has_commit(repository, id));
  if (is_there && (!with_history || is_whole(repository))) return ok_status();
  if (offline) {
    if (is_there) return ok_status();  // better without its history than not at all
    return make_error(ErrorKind::not_found,
                      cat("the commit ", quote(id), " of ", repository.shown(), " is not in the cache"),
                      "it can be fetched without --offline");
  }
  PKG_TRY(make_mirror(repository));
  // A whole mirror stays whole: the next history is little then.
  if (!with_history && !is_whole(repository)) {
    const auto alone = fetch(repository, {"--depth=1", "--no-tags"}, {cat("+", id, ":refs/pkg/", id)});
    if (alone) return ok_status();
    if (alone.error().kind != ErrorKind::network) return alone.error();
  }
  PKG_TRY(fetch_everything(repository));
  PKG_TRY_ASSIGN(bool is_now, has_commit(repository, id));
  if (!is_now) {  // of no branch and no tag: of a pull request, or left behind
    (void)fetch(repository, {"--no-tags"}, {cat("+", id, ":refs/pkg/", id)});
    PKG_TRY_ASSIGN(is_now, has_commit(repository, id));
  }
  return is_now ? keep_commit(repository, id) : Status(no_commit(repository, id));
}

// A name that was looked up.
std::optional<std::string> remembered(const Repository& repository, const std::string& revision) {
  const auto text = fs::read_file_at_most(repository.mirror() / "names", kMaxNames);
  return text ? named_commit(*text, revision) : std::nullopt;
}

// Only for a later --offline: nothing is lost when it cannot be written.
void remember(const Repository& repository, const std::string& revision, const std::string& id) {
  if (remembered(repository, revision) == id) return;
  const auto held = lock(repository);
  if (!held || !make_mirror(repository)) return;
  const auto before = fs::read_file_at_most(repository.mirror() / "names", kMaxNames);
  const bool keeps = before && before->size() + id.size() + revision.size() + 2 < kMaxNames;
  (void)fs::publish(repository.mirror() / "names", with_named_commit(keeps ? *before : std::string(), revision, id));
}

Result<std::string> short_id(const Repository& repository, const std::string& revision, bool offline) {
  PKG_TRY_ASSIGN(const auto held, lock(repository));
  const auto look_up = [&]() -> Result<std::optional<std::string>> {
    PKG_TRY_ASSIGN(const auto got, repository.ask({"rev-parse", "--quiet", "--verify", "--end-of-options",
                                                   cat(revision, "^{commit}")}));
    const auto id = trim(got.out);
    return got.exit_code == 0 && is_full_commit_id(id) ? std::optional<std::string>(id) : std::nullopt;
  };
  if (!offline) {
    PKG_TRY(make_mirror(repository));
    PKG_TRY(fetch_everything(repository));
  }
  if (fs::exists(repository.mirror() / "HEAD")) {
    PKG_TRY_ASSIGN(auto found, look_up());
    if (found) return *std::move(found);
  }
  return make_error(ErrorKind::not_found,
                    cat("the repository ", repository.shown(), " has no revision ", quote(revision)));
}

// --- The checkout.

// Whether the version comes from git's history, by what the build files mention.
Result<bool> needs_history(const Repository& repository, const std::string& id, const std::string& subdirectory) {
  std::vector<std::string> arguments = {"grep", "--quiet", "-I", "-i", "-F"};
  for (const auto* word :
       {"scm", "vcs", "versioneer", "versioningit", "dunamai", "pbr", "dynamic-versioning", "dynamic_versioning",
        "git describe", "\"git\"", "'git'", "gitpython", "git-version", "git_version"})
    arguments.insert(arguments.end(), {"-e", word});
  arguments.insert(arguments.end(), {id, "--"});
  for (const auto* file : {"pyproject.toml", "setup.py", "setup.cfg", "meson.build", "CMakeLists.txt"}) {
    arguments.push_back(cat(":(literal)", file));
    if (!subdirectory.empty()) arguments.push_back(cat(":(literal)", subdirectory, "/", file));
  }
  PKG_TRY_ASSIGN(const auto got, repository.ask(std::move(arguments)));
  return got.exit_code == 0;
}

// A repository of its own, not one that leans on the mirror: a checkout may outlive the cache.
Status fill(const Repository& repository, const std::string& id, const fs::Path& into) {
  const auto doing = cat("checking out ", repository.shown());
  const auto in = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"-C", into.native()});
    return arguments;
  };
  PKG_TRY(repository.output({"init", "--quiet", "--template=", "--", into.native()}, Reach::local, doing));
  PKG_TRY(repository.output(in({"remote", "add", "--", "origin", repository.address().url}), Reach::local, doing));
  PKG_TRY(repository.output(
      in({"fetch", "--quiet", "--no-auto-gc", "--update-shallow", "--no-recurse-submodules", "--",
          repository.mirror().native(), cat("+refs/pkg/", id, ":refs/pkg/", id), "+refs/tags/*:refs/tags/*"}),
      Reach::local, doing));
  // Large files (LFS) come from the network now.
  PKG_TRY(repository.output(in({"checkout", "--quiet", "--detach", id}), Reach::network, doing));
  return ok_status();
}

Status add_submodules(const Repository& repository, const fs::Path& into, bool offline) {
  if (!fs::exists(into / ".gitmodules")) return ok_status();
  if (offline && repository.address().scheme != "file")
    return make_error(ErrorKind::not_found, cat("the submodules of ", repository.shown(), " are not in the cache"),
                      "they can be fetched without --offline");
  PKG_TRY(repository.output({"-C", into.native(), "submodule", "--quiet", "update", "--init", "--recursive"},
                            Reach::network, cat("fetching the submodules of ", repository.shown())));
  return ok_status();
}

}  // namespace

Result<std::string> Git::commit_of(const pep::SourceUrl& source) {
  PKG_TRY(process::check_argument(source.revision, "the revision"));
  if (is_full_commit_id(source.revision)) return to_ascii_lower(source.revision);
  const auto revision = source.revision.empty() ? std::string("HEAD") : source.revision;
  PKG_TRY_ASSIGN(const auto repository, Repository::open(source, paths_, connection_, cancel_));
  const bool may_be_short = revision.size() >= 4 && revision.size() < 40 && hex::is_hex(revision);
  if (connection_.offline && source.url.compare(0, 5, "file:") != 0) {
    if (auto known = remembered(repository, revision)) return *std::move(known);
    if (may_be_short) return short_id(repository, revision, true);
    return make_error(ErrorKind::not_found,
                      cat("what ", quote(revision), " is in ", repository.shown(), " is not in the cache"),
                      "it can be asked without --offline");
  }
  PKG_TRY_ASSIGN(
      const auto listing,
      repository.output({"ls-remote", "--quiet", "--", repository.address().url, revision, cat(revision, "^{}")},
                        Reach::network, cat("asking ", repository.shown(), " for ", quote(revision))));
  auto id = listed_commit(listing, revision);
  if (!id && may_be_short) {
    PKG_TRY_ASSIGN(id, short_id(repository, to_ascii_lower(revision), false));
  }
  if (!id) {
    const auto what = source.revision.empty() ? std::string("commit yet") : cat("branch or tag ", quote(revision));
    return make_error(ErrorKind::not_found, cat("the repository ", repository.shown(), " has no ", what));
  }
  remember(repository, revision, *id);
  return *std::move(id);
}

Status Git::checkout(const pep::SourceUrl& source, const fs::Path& into) {
  const auto& id = source.revision;
  if (!is_full_commit_id(id)) return make_error(ErrorKind::internal, cat(quote(id), " is no full commit id"));
  PKG_TRY_ASSIGN(const auto repository, Repository::open(source, paths_, connection_, cancel_));
  const bool offline = connection_.offline && repository.address().scheme != "file";
  {
    PKG_TRY_ASSIGN(const auto held, lock(repository));
    PKG_TRY(bring(repository, id, false, offline));
    PKG_TRY_ASSIGN(const bool with_history, needs_history(repository, id, source.subdirectory));
    if (with_history) PKG_TRY(bring(repository, id, true, offline));
    PKG_TRY(keep_commit(repository, id));
    (void)::utimensat(AT_FDCWD, repository.mirror().c_str(), nullptr, 0);  // the time of its last use
    PKG_TRY(fill(repository, id, into));
  }
  return add_submodules(repository, into, offline);
}

}  // namespace pkg::index::vcs
