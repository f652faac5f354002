#include "ops/migrate/from_conda.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/small_yaml.h"
#include "base/text.h"
#include "base/toml.h"
#include "ops/migrate/from_requirements.h"
#include "ops/migrate/import_values.h"
#include "pep/requirements_txt.h"

namespace pkg::ops {
namespace {

class Conda {
 public:
  Conda(const std::string& file, const std::filesystem::path& folder, const ImportPlace& place)
      : file_(file), folder_(folder), place_(place) {
    project_.tool = "conda";
    project_.manifest = file;
    project_.files.push_back(file);
  }

  Result<ImportedProject> read(const yaml::Value& root) {
    for (const auto& [key, value] : *root.as_mapping()) {
      if (key == "name") {
        if (value.as_text() == nullptr) return wrong(value, "`name` is no text");
        project_.name = *value.as_text();
      } else if (key == "dependencies") {
        PKG_TRY(read_dependencies(value));
      } else if (key == "channels" || key == "variables" || key == "platforms") {
        project_.note(cat('`', key, "` is not carried: it is about conda"), origin(value));
      } else if (key != "prefix") {
        project_.note(cat(quote(key), " is not carried"), origin(value));
      }
    }
    if (!conda_.empty())
      project_.note(cat("conda packages are not carried, as they are no projects of an index: ", join(conda_, ", ")),
                    first_conda_);
    return std::move(project_);
  }

 private:
  Origin origin(const yaml::Value& value) const { return {.file = file_, .what = {}, .line = value.line}; }
  Error wrong(const yaml::Value& value, std::string_view what) const {
    return make_error(ErrorKind::bad_data, cat(file_, ":", value.line, ": ", what));
  }

  Status read_dependencies(const yaml::Value& value) {
    if (value.as_text() != nullptr && value.as_text()->empty()) return ok_status();
    if (value.as_list() == nullptr) return wrong(value, "`dependencies` is no list");
    for (const auto& item : *value.as_list()) {
      if (item.as_text() != nullptr) {
        PKG_TRY(read_conda(*item.as_text(), item));
        continue;
      }
      if (item.as_mapping() == nullptr) return wrong(item, "an item of `dependencies` is no text and no `pip:`");
      for (const auto& [key, list] : *item.as_mapping()) {
        if (key != "pip") return wrong(list, cat(quote(key), " in `dependencies`: only `pip:` has a list"));
        PKG_TRY(read_pip(list));
      }
    }
    return ok_status();
  }

  Status read_pip(const yaml::Value& list) {
    if (list.as_text() != nullptr && list.as_text()->empty()) return ok_status();
    if (list.as_list() == nullptr) return wrong(list, "`pip` is no list");
    // As conda does it: the items are the lines of a requirements file.
    for (const auto& item : *list.as_list()) {
      if (item.as_text() == nullptr || item.as_text()->find('\n') != std::string::npos)
        return wrong(item, "an item of `pip` is no requirement");
      PKG_TRY_ASSIGN(const auto lines, pep::parse_requirements_txt(*item.as_text(), cat(file_, ":", item.line),
                                                                   [](auto) { return std::optional<std::string>(); }));
      for (auto line : lines) {
        line.origin = origin(item);
        take_requirements_line(line, folder_, place_, project_, project_.dependencies);
      }
    }
    return ok_status();
  }

  // "numpy=1.26=py312_0", "python>=3.10", "conda-forge::scipy".
  Status read_conda(const std::string& text, const yaml::Value& item) {
    const auto content = trim(text);
    const auto colons = content.find("::");
    const auto spec = trim(colons == std::string_view::npos ? content : content.substr(colons + 2));
    const auto end = std::min(spec.find_first_of(" =<>!~["), spec.size());
    const auto name = spec.substr(0, end);
    if (name == "pip") return ok_status();
    if (name == "python") return read_python(trim(spec.substr(end)), item);
    if (conda_.empty()) first_conda_ = origin(item);
    if (conda_.size() < kMostImported) conda_.push_back(printable(spec));
    return ok_status();
  }

  // "=3.11" is any 3.11 in conda, "==3.11.4" that one, "3.11.*" with or without an operator.
  Status read_python(std::string_view spec, const yaml::Value& item) {
    if (spec.empty() || spec == "*") return ok_status();
    std::string written;
    const bool is_fuzzy = spec.front() == '=' && !spec.starts_with("==");
    if (is_fuzzy || is_ascii_digit(spec.front())) {
      auto version = trim(is_fuzzy ? spec.substr(1) : spec);
      version = version.substr(0, version.find('='));  // a build
      const auto release = pep::Version::try_parse(version);
      const bool is_prefix = release && release->release_size() < 3;
      written = cat("==", version, is_prefix ? ".*" : "");
    } else {
      written = std::string(spec);
    }
    if (!pep::SpecifierSet::try_parse(written)) {
      project_.note(cat("`python", printable(spec), "` is not carried: it is no version specifier"), origin(item));
      return ok_status();
    }
    project_.metadata.emplace_back("requires-python", toml::quote_string(written));
    return ok_status();
  }

  const std::string& file_;
  const std::filesystem::path& folder_;
  const ImportPlace& place_;
  ImportedProject project_;
  std::vector<std::string> conda_;
  Origin first_conda_;
};

}  // namespace

Result<ImportedProject> import_conda(std::string_view text, const std::string& file_name,
                                     const std::filesystem::path& folder, const ImportPlace& place) {
  PKG_TRY_ASSIGN(const auto root, yaml::parse(text, file_name));
  return Conda(file_name, folder, place).read(root);
}

}  // namespace pkg::ops
