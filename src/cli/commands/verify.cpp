#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/command_setup.h"
#include "cli/options/options.h"
#include "cli/output/output.h"
#include "cli/output/render.h"
#include "ops/inspect/inspect.h"

namespace pkg::cli {
namespace {

std::string_view word_for(venv::FileProblem::Kind kind) {
  using Kind = venv::FileProblem::Kind;
  switch (kind) {
    case Kind::missing:
      return "missing";
    case Kind::altered:
      return "altered";
    case Kind::unreadable:
      return "unreadable";
    case Kind::no_record:
      return "no-record";
  }
  return {};
}

}  // namespace

Result<int> verify_command(const Invocation& invocation) {
  ops::EnvironmentOptions environment;
  std::vector<std::string> names;
  bool mend = false;
  PKG_TRY_ASSIGN(auto setup,
                 CommandSetup::begin(invocation, "Compare the files of an environment with what RECORD says of them.",
                                     "pkg verify"));
  auto& parser = setup.parser();
  parser.positionals("NAME", names, "Which distributions (default: all)");
  parser.flag("--mend", mend, "Let scripts name the environment's new place, where its folder was moved or copied");
  add_environment_options(parser, environment, false);
  PKG_TRY_ASSIGN(auto context, setup.finish(Asks::no_index));
  if (!context) return 0;
  PKG_TRY_ASSIGN(const auto report,
                 ops::verify(names, environment, mend ? ops::Mend::yes : ops::Mend::no, context->session()));
  if (context->global().json) {
    auto value = result_json("verify");
    value["checked"] = report.checked;
    if (!report.moved_from.empty()) value["moved_from"] = report.moved_from.string();
    value["problems"] = json::Json::array();
    for (const auto& problem : report.problems) {
      value["problems"].push_back({{"kind", std::string(word_for(problem.kind))},
                                   {"package", problem.dist.str()},
                                   {"path", problem.path},
                                   {"detail", problem.detail}});
    }
    out_json(value);
  } else {
    if (!report.moved_from.empty())
      out("the environment was made as ", quote(report.moved_from.string()),
          " and moved or copied: its scripts may still start what is there (`pkg verify --mend` changes them)\n");
    for (const auto& problem : report.problems) {
      out(problem.dist.str(), ": ", word_for(problem.kind), " ", quote(problem.path),
          problem.detail.empty() ? "" : ": ", problem.detail, "\n");
    }
    if (report.problems.empty() && report.moved_from.empty() && context->says(0))
      err(counted(report.checked, "package"), report.checked == 1 ? " is as it was" : " are as they were",
          " installed\n");
  }
  return report.problems.empty() && report.moved_from.empty() ? 0 : 1;
}

}  // namespace pkg::cli
