#include "base/text.h"
#include "cli/command.h"
#include "cli/output/edit_output.h"
#include "cli/output/install_output.h"
#include "ops/edit/edit_project.h"

namespace pkg::cli {
namespace {

pep::Bounds bounds_named(std::string_view name) {
  return name == "major"   ? pep::Bounds::major
         : name == "minor" ? pep::Bounds::minor
         : name == "exact" ? pep::Bounds::exact
                           : pep::Bounds::lower;
}

}  // namespace

Result<int> add_command(const Invocation& invocation) {
  EditFlags flags;
  ops::AddOptions options;
  auto& inputs = options.inputs;
  auto& lock_inputs = options.edit.sync.lock.inputs;
  std::string bounds = "lower";
  PKG_TRY_ASSIGN(const auto config, CommandContext::load_config(invocation));
  apply_config(config, flags.sync, options.edit.sync);

  OptionParser parser(invocation, "Add requirements to the project: to pyproject.toml, the lock and the environment.",
                      "pkg add 'httpx>=0.27' --group test");
  parser.positionals("REQUIREMENT", inputs.words,
                     "What to add: a name with or without versions (then the one that is locked becomes the lower "
                     "bound), a folder, an archive, a URL");
  parser.list("-e,--editable", inputs.editables, "A folder, installed in place", "DIR");
  parser.text("--branch", options.branch, "Of a git repository: this branch", "NAME");
  parser.text("--tag", options.tag, "This tag", "NAME");
  parser.text("--rev", options.rev, "This commit, tag or branch", "REVISION");
  parser.flag("--raw-sources,--raw", options.raw, "Write URLs into the requirement instead of [tool.pkg.sources]");
  parser.list("-r,--requirement,--requirements", inputs.requirements_files, "The requirements in this file", "FILE");
  parser.list("-c,--constraint,--constraints", lock_inputs.constraints_files, "Limit versions to what this file allows",
              "FILE");
  parser.choice("--bounds", bounds, {"lower", "major", "minor", "exact"},
                "What is written for a locked 1.2.3: >=1.2.3; >=1.2.3,<2; >=1.2.3,<1.3; ==1.2.3");
  add_edit_options(parser, flags, options.edit);
  PKG_TRY_ASSIGN(const bool go_on, parser.parse());
  if (!go_on) return 0;
  if (inputs.words.empty() && inputs.requirements_files.empty() && inputs.editables.empty())
    return make_error(ErrorKind::usage, "no requirement was named", "pkg add NAME");
  options.bounds = bounds_named(bounds);
  options.edit.sync.inexact = true;  // adding takes nothing away
  PKG_TRY_ASSIGN(auto context, make_context(invocation, flags, config, options.edit));
  PKG_TRY(read_standard_input(inputs));
  PKG_TRY_ASSIGN(const auto report, ops::add_requirements(options, context.session()));
  return print_edit(report, "add", context);
}

}  // namespace pkg::cli
