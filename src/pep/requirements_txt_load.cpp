// Following -r and -c lines from file to file. The open files are a stack of our own: includes may nest deeply.

#include <filesystem>

#include "base/text.h"
#include "base/url.h"
#include "pep/requirements_txt.h"

namespace pkg::pep {

namespace {

constexpr std::size_t kDeepestFile = 64;
constexpr std::size_t kMaxFiles = 10'000;     // files that include files twice grow by powers
constexpr std::size_t kMaxTotal = 64u << 20;  // bytes, a file that is included twice counting twice

struct OpenFile {
  std::string name;
  RequirementsRole role;
  std::vector<RequirementLine> lines;
  std::size_t next = 0;
};

// The name of an included file, seen from the file that names it.
std::string included_name(const std::string& from, const std::string& name) {
  if (url::is_url(name)) return name;
  if (url::is_url(from)) return url::join(from, name);
  return (std::filesystem::path(from).parent_path() / name).string();
}

// The name in messages and origins.
std::string shown(const std::string& name) { return url::is_url(name) ? url::redact(name) : name; }

std::string identity(const std::string& name) {
  return url::is_url(name) ? name : std::filesystem::path(name).lexically_normal().string();
}

class Loader {
 public:
  Loader(const RequirementsReader& read, const EnvironmentLookup& environment)
      : read_(read), environment_(environment) {}

  Result<RequirementsFile> load(const std::string& file_name, RequirementsRole role) {
    PKG_TRY(open(file_name, role));
    while (!open_.empty()) {
      if (open_.back().next == open_.back().lines.size()) {
        open_.pop_back();
        continue;
      }
      PKG_TRY(take(std::move(open_.back().lines[open_.back().next++])));
    }
    return std::move(result_);
  }

 private:
  Status open(const std::string& name, RequirementsRole role) {
    const std::string key = identity(name);
    for (const OpenFile& file : open_) {
      if (identity(file.name) == key)
        return make_error(ErrorKind::bad_data, cat("the requirements file ", quote(shown(name)), " includes itself"));
    }
    if (open_.size() == kDeepestFile || ++opened_ > kMaxFiles) {
      return make_error(ErrorKind::bad_data,
                        cat("too many requirements files include each other, ", quote(shown(name)), " is one of them"));
    }
    PKG_TRY_ASSIGN(const auto text, read_(name));
    if ((total_ += text.size()) > kMaxTotal)
      return make_error(ErrorKind::bad_data,
                        cat("the requirements files hold more than ", kMaxTotal >> 20, " MiB together"));
    PKG_TRY_ASSIGN(auto lines, parse_requirements_txt(text, shown(name), environment_));
    open_.push_back({name, role, std::move(lines), 0});
    return ok_status();
  }

  Status include(const RequirementLine& line, RequirementsRole role) {
    auto opened = open(included_name(open_.back().name, line.value), role);
    return std::move(opened).with([&] { return cat("included at ", line.origin.to_string()); });
  }

  Status take(RequirementLine line) {
    switch (line.kind) {
      case RequirementLine::Kind::requirements_file:
        return include(line, RequirementsRole::requirements);
      case RequirementLine::Kind::constraints_file:
        return include(line, RequirementsRole::constraints);
      case RequirementLine::Kind::option:
        result_.options.push_back(std::move(line));
        break;
      case RequirementLine::Kind::requirement:
      case RequirementLine::Kind::editable: {
        const bool constraint = open_.back().role == RequirementsRole::constraints;
        (constraint ? result_.constraints : result_.requirements).push_back(std::move(line));
        break;
      }
    }
    return ok_status();
  }

  const RequirementsReader& read_;
  const EnvironmentLookup& environment_;
  std::vector<OpenFile> open_;
  std::size_t opened_ = 0, total_ = 0;
  RequirementsFile result_;
};

}  // namespace

Result<RequirementsFile> load_requirements(const std::string& file_name, RequirementsRole role,
                                           const RequirementsReader& read, const EnvironmentLookup& environment) {
  return Loader(read, environment).load(file_name, role);
}

}  // namespace pkg::pep
