#include "ops/run/resolution_key.h"

#include <algorithm>
#include <vector>

#include "base/hash.h"
#include "base/text.h"
#include "index/sources_digest.h"
#include "ops/solve/live_source.h"

namespace pkg::ops {
namespace {

// One line; a file that nobody announced a hash of is known by its address.
std::string line_of(const resolver::Pin& pin, const std::string& indexes) {
  const auto& file = pin.best_file();
  auto line = cat(pin.name.str(), " ", pin.version.to_string());
  if (const auto* sha256 = file.sha256())
    append(line, " ", sha256->hex);
  else
    append(line, " ", file.url, file.size_bytes ? cat(" ", *file.size_bytes) : std::string());
  if (file.editable) append(line, " editable ", file.url);
  if (file.kind == pep::DistKind::sdist) append(line, " built ", indexes);
  return line;
}

}  // namespace

std::string digest_of(const resolver::Resolution& resolution, const std::string& indexes) {
  std::vector<std::string> lines;
  for (const auto& pin : resolution.pins) {
    if (!pin.files.empty()) lines.push_back(line_of(pin, indexes));
  }
  std::ranges::sort(lines);
  return hash::to_hex(hash::sha256(join(lines, "\n")));
}

Result<std::string> resolution_key(Inputs inputs, const ResolveOptions& options,
                                   std::span<const resolver::Preference> preferred,
                                   const venv::Interpreter& interpreter, const venv::Environment& behind,
                                   Session& session) {
  session.make_builds_later([interpreter, behind](Session& self) {
    self.make_builds(interpreter, &behind);
    return ok_status();
  });
  if (!inputs.unnamed.empty()) {
    PKG_TRY_ASSIGN(auto* builds, session.need_builds());
    PKG_TRY(resolve_unnamed(inputs, *builds));
  }
  PKG_TRY_ASSIGN(const auto problem, make_problem(inputs, options, interpreter.target, preferred));
  PKG_TRY_ASSIGN(auto* index, session.index());
  LiveSource source(*index, {}, session.builds_when_needed());
  source.set_editables(inputs.editable_urls);
  PKG_TRY_ASSIGN(const auto resolution, solve(problem, source, session));
  return digest_of(resolution, index::sources_digest(session.settings()));
}

}  // namespace pkg::ops
