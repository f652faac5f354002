#include "ops/edit/init_script.h"

#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"
#include "ops/edit/edited_manifest.h"
#include "ops/edit/init_files.h"
#include "pep/script_block.h"

namespace pkg::ops {

Result<InitReport> init_script(const InitOptions& options, const std::string& requires_python, const Session& session) {
  if (options.folder.empty()) return make_error(ErrorKind::usage, "no script was named", "pkg init --script FILE.py");
  InitReport report;
  const auto path = without_links((session.working_folder() / options.folder).lexically_normal());
  if (!path.has_filename())
    return make_error(ErrorKind::usage, cat(quote(options.folder), " is a folder, expected the file of a script"));
  report.folder = path.parent_path();
  report.name = report.script = path.filename().string();
  report.requires_python = requires_python;
  std::optional<std::string> old;
  if (fs::exists(path)) {
    PKG_TRY_ASSIGN(old, fs::read_file_at_most(path, limits::kText));
    PKG_TRY_ASSIGN(const auto block,
                   pep::script_block(*old).with([&] { return cat("while reading ", quote(report.name)); }));
    if (block)
      return make_error(
          ErrorKind::conflict,
          cat(quote(path.string()), " has a `# /// script` block already, in line ", block->first_line - 1),
          cat("add to it with `pkg add --script ", report.name, " NAME`"));
  }
  const auto body = old ? *old : options.bare ? std::string() : cat("\n", main_text(report.name));
  PKG_TRY_ASSIGN(const auto text, pep::with_script_block(body, script_toml(report)));
  PKG_TRY(fs::make_dirs(report.folder));
  PKG_TRY(write_edited(path, report.name, old, text));
  report.written.push_back(report.name);
  return report;
}

}  // namespace pkg::ops
