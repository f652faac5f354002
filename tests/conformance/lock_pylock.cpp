// pylock.json: which files are lock files, what they install where, and which names they may have. The texts of
// packaging's errors are not compared, only that there is one, and for lock versions of the future that it is said so.

#include "base/text.h"
#include "conformance/cases.h"
#include "lock/pylock.h"
#include "lock/select.h"
#include "pep/tags.h"

namespace pkg::conformance {
namespace {

const std::string kFile = "pylock.json";

bool validate_passes(const VectorJson& item) {
  const std::string text = item.at("toml");
  const auto lock = lock::parse_pylock(text, "pylock.toml");
  if (!item.at("valid").get<bool>()) {
    const bool is_future = item.at("kind") == "unsupported-version";
    return !lock.ok() && (lock.error().kind == ErrorKind::unsupported) == is_future;
  }
  // What is read is written so that the same is read again.
  return lock.ok() && lock::parse_pylock(lock::write_pylock(*lock), "again").ok() &&
         *lock::parse_pylock(lock::write_pylock(*lock), "again") == *lock;
}

pep::Target target_of(const VectorJson& markers, const VectorJson& tags) {
  const auto text = [&](const char* key) { return markers.at(key).get<std::string>(); };
  pep::Target target;
  target.environment = {.os_name = text("os_name"),
                        .sys_platform = text("sys_platform"),
                        .platform_machine = text("platform_machine"),
                        .platform_python_implementation = text("platform_python_implementation"),
                        .platform_release = text("platform_release"),
                        .platform_system = text("platform_system"),
                        .platform_version = text("platform_version"),
                        .python_version = text("python_version"),
                        .python_full_version = text("python_full_version"),
                        .implementation_name = text("implementation_name"),
                        .implementation_version = text("implementation_version")};
  std::string python = text("python_full_version");
  if (python.ends_with('+')) python.pop_back();
  target.python = pep::Version::parse(python).value();
  std::vector<pep::Tag> ordered;
  for (const std::string& tag : texts(tags)) {
    const auto pieces = split(tag, '-');
    ordered.push_back({std::string(pieces[0]), std::string(pieces[1]), std::string(pieces[2])});
  }
  target.tags = std::make_shared<pep::TagSet>(ordered);
  return target;
}

std::optional<std::vector<pep::Name>> names_of(const VectorJson& list) {
  if (list.is_null()) return std::nullopt;
  std::vector<pep::Name> out;
  for (const std::string& text : texts(list)) out.push_back(pep::Name::parse(text).value());
  return out;
}

VectorJson told(const lock::Selection& selection) {
  using Kind = lock::Selection::Kind;
  const lock::LockedPackage& package = *selection.package;
  VectorJson out = {{"name", package.name.str()}, {"version", nullptr}};
  if (package.version) out["version"] = package.version->to_string();
  const auto tell = [&](const char* kind, const std::string& file) {
    out["kind"] = kind;
    out["file"] = file;
  };
  switch (selection.kind) {
    case Kind::wheel:
      tell("wheel", selection.file->name);
      break;
    case Kind::sdist:
      tell("sdist", selection.file->name);
      break;
    case Kind::vcs:
      tell("vcs", package.vcs->url.empty() ? package.vcs->path : package.vcs->url);
      break;
    case Kind::directory:
      tell("directory", package.directory->path);
      break;
    case Kind::archive:
      tell("archive", selection.file->path.empty() ? selection.file->url : selection.file->path);
      break;
  }
  return out;
}

bool select_passes(const VectorJson& document, const VectorJson& item) {
  const std::string text = item.at("toml");
  const auto lock = lock::parse_pylock(text, "pylock.toml");
  if (!lock) return false;
  const VectorJson& tags = item.at("tags");
  const auto target = target_of(document.at("environments").at(item.at("environment").get<std::string>()),
                                tags.is_string() ? document.at("tags").at(tags.get<std::string>()) : tags);
  lock::SelectOptions options;
  options.extras = names_of(item.at("extras"));
  options.groups = names_of(item.at("dependency_groups"));
  options.prefer_sdist = names_of(item.at("prefer_sdist")).value_or(std::vector<pep::Name>());
  const auto selected = lock::select(*lock, target, options);
  if (!item.at("ok").get<bool>()) return !selected.ok();
  if (!selected) return false;
  VectorJson got = VectorJson::array();
  for (const auto& selection : *selected) got.push_back(told(selection));
  return got == item.at("selected");
}

}  // namespace

std::vector<SectionResult> run_pylock(const std::filesystem::path& folder) {
  const auto document = load_vectors(folder / kFile);
  if (!document) return {unreadable(kFile)};
  return {run_cases(*document, kFile, "validate", validate_passes),
          run_cases(*document, kFile, "select", [&](const VectorJson& item) { return select_passes(*document, item); }),
          run_cases(*document, kFile, "file_name", [](const VectorJson& item) {
            return lock::is_lock_file_name(item.at("input").get<std::string>()) == item.at("valid").get<bool>();
          })};
}

}  // namespace pkg::conformance
