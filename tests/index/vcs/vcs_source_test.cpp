// Revisions of version control systems as source trees, by the real tools on repositories made here.

#include <algorithm>
#include <cstdlib>

#include "base/fs.h"
#include "base/process.h"
#include "base/text.h"
#include "base/url.h"
#include "index/index.h"
#include "index/vcs/tool.h"
#include "support/index_server.h"
#include "support/printers.h"
#include "support/scoped_env.h"
#include "support/silent_reporter.h"
#include "support/temp_dir.h"

namespace pkg::index {
namespace {

struct Repositories {
  test::TempDir dir;
  test::SilentReporter reporter;
  CancelToken cancel;
  Settings settings;
  int trees = 0;
  // The distribution's programs first: its brz is for its Python, and for no shim's.
  test::ScopedEnv path{"PATH", cat("/usr/bin:/bin:", std::getenv("PATH")).c_str()};  // NOLINT(concurrency-mt-unsafe)

  Repositories() {
    settings.cache_dir = (dir / "cache").string();
    settings.user_agent = "pkg-test";
    settings.timeout_s = 5;
    settings.now = 1'700'000'000;
  }
  bool has(const char* tool) {
    const bool is_there = process::find_program(tool).has_value();
    if (!is_there) MESSAGE(tool << " is not installed: not tested");
    return is_there;
  }
  // The tool's output; its settings are those of an empty home.
  std::string run(std::vector<std::string> argv, const fs::Path& folder) {
    process::Command command;
    command.argv = std::move(argv);
    command.directory = folder;
    command.environment = {{"PATH", std::getenv("PATH")},  // NOLINT(concurrency-mt-unsafe)
                           {"HOME", dir.path().string()}, {"GIT_CONFIG_NOSYSTEM", "1"}, {"HGUSER", "t"},
                           {"BRZ_EMAIL", "t <t@e.com>"},  {"BZR_EMAIL", "t <t@e.com>"}, {"LC_ALL", "C.UTF-8"}};
    const auto output = process::run(command);
    REQUIRE_OK(output);
    REQUIRE_MESSAGE(output->exit_code == 0, output->err);
    return std::string(trim(output->out));
  }
  std::string git(const fs::Path& folder, std::vector<std::string> arguments) {
    std::vector<std::string> argv = {"git",
                                     "-c",
                                     "user.name=t",
                                     "-c",
                                     "user.email=t@e.com",
                                     "-c",
                                     "init.defaultBranch=main",
                                     "-c",
                                     "protocol.file.allow=always",
                                     "-c",
                                     "tag.gpgSign=false",
                                     "-c",
                                     "commit.gpgSign=false"};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return run(std::move(argv), folder);
  }
  // A commit with these files; its id.
  std::string commit(const fs::Path& folder, const std::vector<std::pair<std::string, std::string>>& files) {
    if (!fs::exists(folder / ".git")) {
      REQUIRE_OK(fs::make_dirs(folder));
      git(folder, {"init", "-q"});
    }
    for (const auto& [name, content] : files) {
      REQUIRE_OK(fs::make_dirs((folder / name).parent_path()));
      REQUIRE_OK(fs::publish(folder / name, content));
    }
    git(folder, {"add", "-A"});
    git(folder, {"commit", "-q", "-m", "x"});
    return git(folder, {"rev-parse", "HEAD"});
  }
  std::string url(const fs::Path& folder, const std::string& vcs = "git") {
    return cat(vcs, "+", url::path_to_file_url(folder.native()));
  }
  std::unique_ptr<Index> open() {
    auto index = Index::open(settings, reporter, cancel);
    REQUIRE_OK(index);
    return *std::move(index);
  }
  Result<std::string> commit_of(const std::string& url) {
    const auto source = pep::SourceUrl::parse(url);
    REQUIRE_OK(source);
    return open()->commit_of(*source);
  }
  Result<SourceTree> tree(const std::string& url) {
    pep::DistFile file;
    file.kind = pep::DistKind::sdist;
    file.url = url;
    const auto into = dir / cat("tree", ++trees);
    REQUIRE_OK(fs::make_dirs(into));
    return open()->source_tree(file, into);
  }
  Result<SourceTree> tree_of(const std::string& url) {
    const auto commit = commit_of(url);
    REQUIRE_OK(commit);
    return tree(pep::SourceUrl::parse(url)->at(*commit).to_string());
  }
};

std::string text_of(const fs::Path& path) {
  const auto text = fs::read_file(path);
  return text ? *text : text.error().message;
}

}  // namespace

TEST_CASE_FIXTURE(Repositories, "branches, tags, full names and short ids stand for commits") {
  if (!has("git")) return;
  const auto repo = dir / "repo";
  const auto first = commit(repo, {{"a", "1"}});
  git(repo, {"tag", "-a", "-m", "x", "v1"});
  git(repo, {"tag", "light"});
  git(repo, {"update-ref", "refs/pull/7/head", first});
  git(repo, {"checkout", "-q", "-b", "feature/one"});
  const auto second = commit(repo, {{"a", "2"}});
  git(repo, {"checkout", "-q", "main"});
  git(repo, {"tag", "both", first});
  git(repo, {"branch", "both", second});
  const auto at = url(repo);
  CHECK(commit_of(at).value() == first);
  for (const auto& revision :
       {std::string("v1"), std::string("light"), std::string("main"), std::string("refs/pull/7/head"),
        std::string("refs/tags/v1"), std::string("HEAD"), first, first.substr(0, 9)})
    CHECK_MESSAGE(commit_of(cat(at, "@", revision)).value() == first, revision);
  CHECK(commit_of(at + "@feature/one").value() == second);
  CHECK(commit_of(at + "@both").value() == second);
  const auto unknown = commit_of(at + "@v9");
  REQUIRE_FALSE(unknown.ok());
  CHECK(unknown.error().kind == ErrorKind::not_found);
  CHECK(unknown.error().message == cat("the repository `file://", repo.string(), "` has no branch or tag `v9`"));
  CHECK(commit_of(at + "@abcdef1").error().kind == ErrorKind::not_found);
}

TEST_CASE_FIXTURE(Repositories, "a revision is checked out, alone or with the history that tells its version") {
  if (!has("git")) return;
  const auto repo = dir / "repo";
  commit(repo, {{"pyproject.toml", "[project]"}, {"sub/x", "1"}});
  git(repo, {"tag", "v1"});
  const auto second = commit(repo, {{"sub/x", "2"}});
  const auto tree = tree_of(url(repo) + "@main#subdirectory=sub");
  REQUIRE_OK(tree);
  CHECK(tree->commit == second);
  CHECK(tree->root == dir / "tree1/sub");
  CHECK(text_of(tree->root / "x") == "2");
  CHECK_FALSE(tree->in_place);
  CHECK(git(dir / "tree1", {"rev-list", "--count", "HEAD"}) == "1");
  CHECK(git(dir / "tree1", {"remote", "get-url", "origin"}) == cat("file://", repo.string()));

  const auto third = commit(repo, {{"pyproject.toml", "requires = ['setuptools_scm']"}});
  REQUIRE_OK(tree_of(url(repo)));
  CHECK(git(dir / "tree2", {"describe", "--tags"}) == cat("v1-2-g", third.substr(0, 7)));
  CHECK(git(dir / "tree2", {"status", "--porcelain"}).empty());
  REQUIRE_OK(tree_of(url(repo) + "@" + second));
  CHECK(text_of(dir / "tree3/sub/x") == "2");

  const auto absent = this->tree(url(repo) + "@" + std::string(40, 'a'));
  REQUIRE_FALSE(absent.ok());
  CHECK(absent.error().kind == ErrorKind::not_found);
  CHECK(absent.error().message ==
        cat("the repository `file://", repo.string(), "` has no commit `", std::string(40, 'a'), "`"));
  CHECK(this->tree(url(repo) + "@" + third + "#subdirectory=nowhere").error().kind == ErrorKind::not_found);
}

TEST_CASE_FIXTURE(Repositories, "submodules come with it, and inner ones") {
  if (!has("git")) return;
  commit(dir / "inner", {{"i", "inner"}});
  commit(dir / "middle", {{"m", "middle"}});
  git(dir / "middle", {"submodule", "add", "-q", (dir / "inner").string(), "inner"});
  commit(dir / "middle", {});
  commit(dir / "outer", {{"o", "outer"}});
  git(dir / "outer", {"submodule", "add", "-q", "../middle", "deep/middle"});
  commit(dir / "outer", {});
  const auto tree = tree_of(url(dir / "outer"));
  REQUIRE_OK(tree);
  CHECK(text_of(tree->root / "deep/middle/m") == "middle");
  CHECK(text_of(tree->root / "deep/middle/inner/i") == "inner");
}

TEST_CASE_FIXTURE(Repositories, "what is in the mirror needs no repository") {
  if (!has("git")) return;
  const auto repo = dir / "repo";
  const auto id = commit(repo, {{"a", "1"}});
  const auto at = url(repo);
  REQUIRE_OK(tree_of(at));
  REQUIRE_OK(fs::remove_tree(repo));
  CHECK(tree(at + "@" + id).ok());
  CHECK(commit_of(at).error().kind == ErrorKind::network);
}

TEST_CASE_FIXTURE(Repositories, "offline, the mirror answers or the message says what is missing") {
  if (!has("git")) return;
  settings.offline = true;
  const auto revision = commit_of("git+https://u:secret@host.invalid/x.git@main");
  REQUIRE_FALSE(revision.ok());
  CHECK(revision.error().kind == ErrorKind::not_found);
  CHECK(revision.error().message == "what `main` is in `https://host.invalid/x.git` is not in the cache");
  const auto source = tree("git+https://host.invalid/x.git@" + std::string(40, 'a'));
  REQUIRE_FALSE(source.ok());
  CHECK(source.error().message ==
        cat("the commit `", std::string(40, 'a'), "` of `https://host.invalid/x.git` is not in the cache"));
  CHECK(commit_of("hg+https://host.invalid/x").error().message ==
        "the hg repository `https://host.invalid/x` cannot be fetched with --offline");
}

TEST_CASE_FIXTURE(Repositories, "a server gets the URL's credentials when it asks, and no message has them") {
  if (!has("git")) return;
  test::IndexServer server;
  const auto place = server.url("/x.git");
  server.serve("/x.git/info/refs", {.status = 401, .headers = {{"WWW-Authenticate", "Basic realm=\"x\""}}});
  const auto refused = commit_of(cat("git+http://me:s3cr%40t@", place.substr(7), "@main"));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().kind == ErrorKind::network);
  CHECK(refused.error().message == cat("git failed with status 128 while asking `", place, "` for `main`"));
  CHECK_FALSE(refused.error().context.empty());
  for (const auto& line : refused.error().context) CHECK(line.find("s3cr") == std::string::npos);
  const auto requests = server.requests();
  REQUIRE(requests.size() >= 2);
  CHECK(requests.front().header("authorization").empty());
  CHECK(requests.back().header("authorization") == cat("Basic ", hash::to_base64("me:s3cr@t")));
  for (const auto& found : std::filesystem::recursive_directory_iterator(dir.path()))
    if (found.is_regular_file()) CHECK(text_of(found.path()).find("s3cr") == std::string::npos);
}

TEST_CASE("what points git at other repositories is not passed on") {
  ::setenv("GIT_DIR", "/elsewhere", 1);
  ::setenv("GIT_SSH_COMMAND", "myssh", 1);
  const auto variables = vcs::vcs_environment();
  ::unsetenv("GIT_DIR");
  ::unsetenv("GIT_SSH_COMMAND");
  const auto has = [&](std::string_view name, std::string_view value) {
    return std::find(variables.begin(), variables.end(), std::pair<std::string, std::string>(name, value)) !=
           variables.end();
  };
  CHECK(has("GIT_SSH_COMMAND", "myssh"));
  CHECK(has("GIT_ASKPASS", ""));
  CHECK(std::none_of(variables.begin(), variables.end(), [](const auto& one) { return one.first == "GIT_DIR"; }));
}

TEST_CASE_FIXTURE(Repositories, "a repository's hooks and a hostile address run nothing") {
  if (!has("git")) return;
  const auto repo = dir / "repo";
  const auto id = commit(repo, {{"a", "1"}});
  REQUIRE_OK(tree_of(url(repo)));
  const auto canary = (dir / "canary").string();
  for (const auto& folder : std::filesystem::directory_iterator(fs::Path(settings.cache_dir) / "git-v1")) {
    if (!folder.is_directory()) continue;
    REQUIRE_OK(fs::make_dirs(folder.path() / "hooks"));
    for (const auto* hook : {"reference-transaction", "post-checkout"})
      REQUIRE_OK(fs::publish(folder.path() / "hooks" / hook, cat("#!/bin/sh\ntouch ", canary, "\n"),
                             fs::Durability::none, 0755));
  }
  commit(repo, {{"a", "2"}});
  REQUIRE_OK(tree_of(url(repo)));
  CHECK_FALSE(fs::exists(canary));
  CHECK_FALSE(pep::SourceUrl::parse(cat("git+ssh://-oProxyCommand=touch${IFS}", canary, "/x@", id)).ok());
  CHECK_FALSE(pep::SourceUrl::parse(cat(url(repo), "@--upload-pack=touch")).ok());
}

TEST_CASE_FIXTURE(Repositories,
                  "of a mirror's configuration only what git writes itself is kept, in whatever form it stands") {
  if (!has("git")) return;
  const auto repo = dir / "repo";
  commit(repo, {{"a", "1"}});
  REQUIRE_OK(tree_of(url(repo)));
  const auto canary = (dir / "canary").string();
  std::vector<fs::Path> configs;
  for (const auto& folder : std::filesystem::directory_iterator(fs::Path(settings.cache_dir) / "git-v1"))
    if (fs::exists(folder.path() / "config")) configs.push_back(folder.path() / "config");
  REQUIRE_FALSE(configs.empty());
  const auto run = cat("fsmonitor = \"touch ", canary, "; false\"");
  for (const auto& lines : {cat("[core]\n\t", run), cat("[core] ", run), cat("[CORE]", run),
                            cat("[include]\n\tpath = ", (dir / "other").string())}) {
    CAPTURE(lines);
    const auto before = fs::read_file(configs[0]).value();
    for (const auto& config : configs) REQUIRE_OK(fs::publish(config, cat(before, lines, "\n")));
    commit(repo, {{"a", lines}});
    REQUIRE_OK(tree_of(url(repo)));
    CHECK_FALSE(fs::exists(canary));
    for (const auto& config : configs) {
      const auto after = fs::read_file(config).value();
      CHECK(after.find("fsmonitor") == std::string::npos);
      CHECK(after.find("include") == std::string::npos);
    }
  }
}

TEST_CASE_FIXTURE(Repositories, "a Mercurial revision is checked out") {
  if (!has("hg")) return;
  const auto repo = dir / "repo";
  REQUIRE_OK(fs::make_dirs(repo));
  run({"hg", "init", "."}, repo);
  REQUIRE_OK(fs::publish(repo / "a", "1"));
  run({"hg", "commit", "-q", "-A", "-m", "x"}, repo);
  run({"hg", "tag", "v1"}, repo);
  const auto tree = tree_of(url(repo, "hg") + "@v1");
  REQUIRE_OK(tree);
  CHECK(tree->commit.size() == 40);
  CHECK(text_of(tree->root / "a") == "1");
  CHECK(commit_of(url(repo, "hg")).value() != tree->commit);
  CHECK_FALSE(commit_of(url(repo, "hg") + "@v9").ok());
}

TEST_CASE_FIXTURE(Repositories, "a Subversion revision is checked out") {
  if (!has("svn") || !has("svnadmin")) return;
  run({"svnadmin", "create", "repo"}, dir.path());
  const auto at = url::path_to_file_url((dir / "repo").string());
  REQUIRE_OK(fs::make_dirs(dir / "work/trunk"));
  REQUIRE_OK(fs::publish(dir / "work/trunk/a", "1"));
  run({"svn", "import", "-q", "-m", "x", "work", at}, dir.path());
  const auto tree = tree_of(cat("svn+", at, "/trunk"));
  REQUIRE_OK(tree);
  CHECK(tree->commit == "1");
  CHECK(text_of(tree->root / "a") == "1");
  CHECK(commit_of(cat("svn+", at, "/trunk@1")).value() == "1");
  CHECK_FALSE(commit_of(cat("svn+", at, "/branch")).ok());
}

TEST_CASE_FIXTURE(Repositories, "a Bazaar revision is checked out") {
  const std::string tool = process::find_program("brz") ? "brz" : "bzr";
  if (!has(tool.c_str())) return;
  const auto repo = dir / "repo";
  run({tool, "init", "-q", "repo"}, dir.path());
  REQUIRE_OK(fs::publish(repo / "a", "1"));
  run({tool, "add", "-q"}, repo);
  run({tool, "commit", "-q", "-m", "x"}, repo);
  const auto tree = tree_of(url(repo, "bzr"));
  REQUIRE_OK(tree);
  CHECK(tree->commit == "1");
  CHECK(text_of(tree->root / "a") == "1");
  CHECK(commit_of("bzr+https://u:secret@host.invalid/x").error().kind == ErrorKind::unsupported);
}

TEST_CASE("a tool that is not there is named with its package") {
  const auto error = vcs::find_tool("no-such-tool", "its-package").error();
  CHECK(error.kind == ErrorKind::not_found);
  CHECK(error.message == "the program `no-such-tool` is not installed");
  CHECK(error.hint.ends_with("apt install its-package"));
}

}  // namespace pkg::index
