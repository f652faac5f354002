#include "ops/world/world_verbs.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "ops/world/verb.h"
#include "venv/transaction/transaction.h"

namespace pkg::test {
namespace {

// What the kit itself tells, without a session.
Verbs kit_verbs() {
  Verbs verbs;
  const auto folder = [](Words& words) {
    const auto rest = words.rest();
    return rest.empty() ? std::string(".venv") : rest.front();
  };
  verbs["installed"] = [folder](VerbCall& call) -> Result<std::string> {
    return call.kit.installed(folder(call.words));
  };
  verbs["requested"] = [folder](VerbCall& call) -> Result<std::string> {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(call.kit.work() / folder(call.words)))
      if (entry.path().filename() == "REQUESTED") names.push_back(entry.path().parent_path().stem().string());
    std::sort(names.begin(), names.end());
    return lines_of(names);
  };
  verbs["asked"] = [](VerbCall& call) -> Result<std::string> {
    auto asked = call.kit.index.asked();
    call.kit.index.forget();
    std::sort(asked.begin(), asked.end());
    return lines_of(asked);
  };
  verbs["remove-file"] = [](VerbCall& call) -> Result<std::string> {
    for (const auto& path : call.words.rest()) std::filesystem::remove_all(call.kit.work() / path);
    return std::string();
  };
  verbs["files"] = [folder](VerbCall& call) -> Result<std::string> {
    std::vector<std::string> paths;
    const auto root = call.kit.work() / folder(call.words);
    if (!std::filesystem::exists(root)) return std::string("(absent)\n");
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root))
      if (!entry.is_directory()) paths.push_back(entry.path().lexically_relative(root).string());
    std::sort(paths.begin(), paths.end());
    return lines_of(paths);
  };
  return verbs;
}

const Verbs& all_verbs() {
  static const Verbs verbs = [] {
    Verbs all = kit_verbs();
    for (auto more : {install_verbs(), lock_verbs(), inspect_verbs(), project_verbs()}) all.merge(more);
    return all;
  }();
  return verbs;
}

void apply_common(Words& words, index::Settings& settings) {
  settings.offline = words.flag("--offline");
  settings.no_index = words.flag("--no-index");
  if (words.flag("--refresh")) settings.refresh = index::RefreshMode::all;
  for (const auto& links : words.values("-f")) settings.find_links.emplace_back(links);
}

}  // namespace

std::string run_verb(std::string_view line, OpsKit& kit) {
  Words words(line.substr(std::min(line.find(' '), line.size())));
  const auto verb = all_verbs().find(line.substr(0, line.find(' ')));
  REQUIRE_MESSAGE(verb != all_verbs().end(), "unknown verb " << std::string(line));
  const auto settings = kit.settings;
  apply_common(words, kit.settings);
  const auto folder = words.value("--in");
  kit.reporter.forget();
  std::string text;
  {
    auto session = kit.session_in(folder.empty() ? kit.work() : kit.work() / folder);
    VerbCall call{words, kit, session};
    const auto told = verb->second(call);
    text = told ? *told : error_lines(told.error());
  }
  kit.settings = settings;
  return text + lines_of(kit.reporter.notes(), "noted: ") + lines_of(kit.reporter.warnings(), "reported: ");
}

}  // namespace pkg::test
