#include "ops/bundle/bundle_texts.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/text.h"
#include "base/url.h"
#include "lock/pylock.h"
#include "lock/requirements_lines.h"

namespace pkg::ops {
namespace {

using Files = std::span<const BundledFile>;
using Targets = std::span<const BundleTarget>;
using Builds = std::span<const lock::LockedBuild>;

bool is_for(const BundledFile& file, std::size_t target) {
  return std::ranges::find(file.package->targets, target) != file.package->targets.end();
}

std::string requirements_for(Files files, std::size_t target, const BundleTarget& said) {
  std::vector<lock::PinnedLine> lines;
  for (const auto& file : files) {
    if (!is_for(file, target)) continue;
    auto& line = lines.emplace_back();
    line.requirement = cat(file.package->name.str(), "==", file.package->version.to_string());
    line.hashes.push_back(cat("sha256:", file.sha256_hex));
  }
  return lock::requirements_lines(std::move(lines), cat("Made by pkg bundle for ", said.name));
}

// Where a package is wanted: nothing to say when that is all of `among`.
pep::Marker marker_for(const std::vector<std::size_t>& wanted, const std::vector<std::size_t>& among, Targets targets) {
  std::vector<std::string> alternatives;
  for (const auto target : among) {
    if (std::ranges::find(wanted, target) == wanted.end()) continue;
    alternatives.push_back(targets[target].marker.to_string());
  }
  if (alternatives.size() == among.size()) return {};
  const auto marker = pep::Marker::parse(join(alternatives, " or "));
  return marker ? *marker : pep::Marker();
}

void add_file(const BundledFile& file, lock::LockedPackage& package) {
  lock::LockedFile locked;
  locked.name = file.package->file.file_name;
  locked.path = cat("wheels/", locked.name);
  locked.size_bytes = file.size_bytes;
  locked.upload_time = file.package->file.upload_time;
  locked.hashes = {{"sha256", file.sha256_hex}};
  if (file.package->file.kind == pep::DistKind::wheel)
    package.wheels.push_back(std::move(locked));
  else
    package.sdist = std::move(locked);
}

using Numbers = std::vector<std::size_t>;

// The files that one of `among` needs as `use` says, put together to packages; `wanted`: where each is.
std::vector<lock::LockedPackage> packages_of(Files files, Numbers BundlePackage::*use, const Numbers& among,
                                             std::vector<Numbers>& wanted) {
  std::vector<lock::LockedPackage> packages;
  for (const auto& file : files) {
    const auto& needed = file.package->*use;
    const auto counts = [&](std::size_t target) { return std::ranges::find(among, target) != among.end(); };
    if (std::ranges::none_of(needed, counts)) continue;
    const bool is_new = packages.empty() || packages.back().name != file.package->name ||
                        packages.back().version != file.package->version;
    if (is_new) {
      auto& package = packages.emplace_back();
      package.name = file.package->name;
      package.version = file.package->version;
      wanted.emplace_back();
    }
    add_file(file, packages.back());
    wanted.back().insert(wanted.back().end(), needed.begin(), needed.end());
  }
  return packages;
}

// What builds the sources that are there.
lock::LockTool tool_for(Files files, Builds builds, const Numbers& among) {
  lock::LockTool tool;
  std::vector<Numbers> anywhere;
  tool.build_packages = packages_of(files, &BundlePackage::build_targets, among, anywhere);
  if (builds.empty() || tool.build_packages.empty()) return {};
  tool.version = lock::kLockToolVersion;
  for (auto build : builds) {
    std::erase_if(build.environment, [&](const lock::LockedDependency& entry) {
      return std::ranges::none_of(tool.build_packages,
                                  [&](const auto& package) { return lock::names(entry, package); });
    });
    if (!tool.build_scope.covers(build.name)) tool.build_scope.names.push_back(build.name);
    tool.builds.push_back(std::move(build));
  }
  return tool;
}

std::string pylock_for(Files files, Targets targets, Builds builds, const Numbers& among) {
  lock::LockFile lock;
  for (const auto target : among) lock.environments.push_back(targets[target].marker);
  std::vector<Numbers> wanted;
  lock.packages = packages_of(files, &BundlePackage::targets, among, wanted);
  for (std::size_t i = 0; i < wanted.size(); ++i) lock.packages[i].marker = marker_for(wanted[i], among, targets);
  lock.tool = tool_for(files, builds, among);
  return lock::write_pylock(lock);
}

// Two targets that markers cannot tell apart (glibc and musl) have no lock in common: which release is for which?
bool are_distinct(Targets targets) {
  for (std::size_t i = 0; i < targets.size(); ++i)
    for (std::size_t j = i + 1; j < targets.size(); ++j)
      if (targets[i].marker == targets[j].marker) return false;
  return true;
}

void add_locks(Files files, Targets targets, Builds builds, std::vector<BundleText>& texts) {
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < targets.size(); ++i) all.push_back(i);
  if (are_distinct(targets)) texts.push_back({"pylock.toml", pylock_for(files, targets, builds, all)});
  if (targets.size() == 1) return;
  for (const auto i : all)
    texts.push_back({cat("pylock.", targets[i].name, ".toml"), pylock_for(files, targets, builds, {i})});
}

std::string html(std::string_view text) {
  auto out = replace_all(text, "&", "&amp;");
  out = replace_all(out, "<", "&lt;");
  return replace_all(out, "\"", "&quot;");
}

std::string page(std::string_view title, const std::string& body) {
  return cat(
      "<!DOCTYPE html>\n<html>\n<head><meta charset=\"utf-8\"><meta name=\"pypi:repository-version\" "
      "content=\"1.0\"><title>",
      title, "</title></head>\n<body>\n", body, "</body>\n</html>\n");
}

std::string link_to(const BundledFile& file, std::string_view folder) {
  const auto& name = file.package->file.file_name;
  std::string python;
  if (!file.package->file.requires_python.empty())
    python = cat(" data-requires-python=\"", replace_all(html(file.package->file.requires_python), ">", "&gt;"), "\"");
  return cat("<a href=\"", folder, html(url::percent_encode_path(name)), "#sha256=", file.sha256_hex, "\"", python, ">",
             html(name), "</a><br>\n");
}

// A flat page for --find-links over HTTP, and a simple index (PEP 503) for --index-url.
void add_pages(Files files, std::vector<BundleText>& texts) {
  std::string flat, index;
  for (std::size_t i = 0; i < files.size();) {
    const auto& name = files[i].package->name;
    std::string body;
    for (; i < files.size() && files[i].package->name == name; ++i) {
      body += link_to(files[i], "../../wheels/");
      flat += link_to(files[i], "");
    }
    append(index, "<a href=\"", name.str(), "/\">", name.str(), "</a><br>\n");
    texts.push_back({cat("simple/", name.str(), "/index.html"), page(name.str(), body)});
  }
  texts.push_back({"wheels/index.html", page("wheels", flat)});
  texts.push_back({"simple/index.html", page("simple", index)});
}

std::string mark(Files files, Targets targets) {
  json::Json value{{"bundle", kBundleVersion}, {"targets", json::Json::array()}, {"files", json::Json::array()}};
  for (const auto& target : targets)
    value["targets"].push_back({{"name", target.name}, {"marker", target.marker.to_string()}});
  for (const auto& file : files) {
    json::Json item{{"name", file.package->name.str()},
                    {"version", file.package->version.to_string()},
                    {"path", cat("wheels/", file.package->file.file_name)},
                    {"sha256", file.sha256_hex},
                    {"size", file.size_bytes},
                    {"targets", json::Json::array()}};
    for (const auto target : file.package->targets) item["targets"].push_back(targets[target].name);
    for (const auto target : file.package->build_targets) item["build_targets"].push_back(targets[target].name);
    value["files"].push_back(std::move(item));
  }
  return json::dump(value, 2) + "\n";
}

std::string readme(Files files, Targets targets, Builds builds) {
  std::string names;
  for (const auto& target : targets) append(names, "  ", target.name, "\n");
  const auto& first = targets.front().name;
  const std::string lock = are_distinct(targets) ? "pylock.toml" : cat("pylock.", first, ".toml");
  const bool has_sources = std::ranges::any_of(
      files, [](const BundledFile& file) { return file.package->file.kind == pep::DistKind::sdist; });
  return cat(
      "Python packages, made by pkg bundle, to be installed without a network.\n\nFor:\n", names,
      "\nFrom this folder, with the one of these that is there:\n\n", "  pkg sync ", lock, " --offline\n",
      "  pkg install --no-index --find-links wheels -r requirements-", first, ".txt\n",
      "  pip install --no-index --find-links wheels -r requirements-", first, ".txt\n",
      "  uv pip install --no-index --find-links wheels -r requirements-", first, ".txt\n",
      "\nOne package by its name: pip install --no-index --find-links wheels NAME.\n",
      "simple/ is an index, to be served by any web server.\nsha256sum -c SHA256SUMS checks that all is as it was.\n",
      has_sources && !builds.empty()
          ? "\nSome packages are sources. pkg builds them with what the lock names for that, which is in wheels/.\n"
      : has_sources ? "\nSome packages are sources: what builds them has to be on the machine (pip and uv: "
                      "--no-build-isolation).\n"
                    : "");
}

}  // namespace

std::vector<BundleText> bundle_texts(std::span<const BundledFile> files, std::span<const BundleTarget> targets,
                                     std::span<const lock::LockedBuild> builds) {
  std::vector<BundleText> texts;
  for (std::size_t i = 0; i < targets.size(); ++i)
    texts.push_back({cat("requirements-", targets[i].name, ".txt"), requirements_for(files, i, targets[i])});
  add_locks(files, targets, builds, texts);
  add_pages(files, texts);
  texts.push_back({std::string(kBundleMark), mark(files, targets)});
  texts.push_back({"README.txt", readme(files, targets, builds)});
  return texts;
}

std::string checksums_text(std::vector<std::pair<std::string, std::string>> sums) {
  std::ranges::sort(sums, {}, &std::pair<std::string, std::string>::second);
  std::string text;
  for (const auto& [sha256, path] : sums) append(text, sha256, "  ", path, "\n");
  return text;
}

}  // namespace pkg::ops
