#include <tuple>

#include "base/text.h"
#include "base/url.h"
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

// --index NAME=URL is written into the project: an index that only this command knew would leave the next lock to take
// the name from another one.
Status take_index(IndexOptions& flags, ops::AddOptions& options) {
  if (flags.named_indexes.empty()) return ok_status();
  if (flags.named_indexes.size() > 1)
    return make_error(ErrorKind::usage, "--index is given more than once: what is added comes from one index",
                      "add with one index at a time");
  const auto& text = flags.named_indexes.front();
  std::tie(options.index_name, options.index_url) = named_index(text);
  if (options.index_name.empty())
    return make_error(ErrorKind::usage, cat("the index ", quote(url::redact(text)), " has no name to be written with"),
                      cat("--index NAME=", url::redact(text)));
  flags.named_are_explicit = true;
  return ok_status();
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
  parser.list("-e,--editable", inputs.editables, "Add this folder, installed in place", "DIR");
  parser.list("--extra", options.extras, "Take this extra of what is added", "NAME");
  parser.text("--marker", options.marker, "Add it for these environments alone", "MARKER");
  parser.flag("--workspace", options.workspace, "Add a member of the workspace, by its name");
  parser.text("--branch", options.branch, "Take this branch of a git repository", "NAME");
  parser.text("--tag", options.tag, "Take this tag of a git repository", "NAME");
  parser.text("--rev", options.rev, "Take this commit, tag or branch of a git repository", "REVISION");
  parser.flag("--raw-sources,--raw", options.raw, "Write URLs into the requirement instead of [tool.pkg.sources]");
  parser.list("-r,--requirement,--requirements", inputs.requirements_files, "Add the requirements of this file",
              "FILE");
  parser.setting("constraint", lock_inputs.constraints_files);
  parser.choice("--bounds", bounds, {"lower", "major", "minor", "exact"},
                "Write bounds like these for a locked 1.2.3: >=1.2.3 (lower), >=1.2.3,<2 (major), >=1.2.3,<1.3 "
                "(minor), ==1.2.3 (exact)");
  add_edit_options(parser, flags, options.edit);
  PKG_TRY_ASSIGN(const bool go_on, parser.parse());
  if (!go_on) return 0;
  if (inputs.words.empty() && inputs.requirements_files.empty() && inputs.editables.empty())
    return make_error(ErrorKind::usage, "no requirement was named", "pkg add NAME");
  options.bounds = bounds_named(bounds);
  PKG_TRY(take_index(flags.sync.index, options));
  options.edit.sync.inexact = true;  // adding takes nothing away
  PKG_TRY_ASSIGN(auto context, make_context(invocation, flags, config, options.edit));
  PKG_TRY(read_standard_input(inputs));
  PKG_TRY_ASSIGN(const auto report, ops::add_requirements(options, context.session()));
  return print_edit(report, "add", context);
}

}  // namespace pkg::cli
