#include "pep/requirements_txt.h"

#include <algorithm>

#include "base/text.h"
#include "pep/requirements_text.h"

namespace pkg::pep {

namespace {

enum class Takes { nothing, value };

struct OptionSpec {
  std::string_view name;  // the long form, which RequirementLine::option holds
  std::string_view alias;
  char letter;
  Takes takes;
};

// What pip allows in a requirements file (its user guide, "Requirements File Format").
constexpr OptionSpec kOptions[] = {
    {"--index-url", "--pypi-url", 'i', Takes::value},
    {"--extra-index-url", "", '\0', Takes::value},
    {"--no-index", "", '\0', Takes::nothing},
    {"--constraint", "", 'c', Takes::value},
    {"--requirement", "", 'r', Takes::value},
    {"--editable", "", 'e', Takes::value},
    {"--find-links", "", 'f', Takes::value},
    {"--no-binary", "", '\0', Takes::value},
    {"--only-binary", "", '\0', Takes::value},
    {"--prefer-binary", "", '\0', Takes::nothing},
    {"--require-hashes", "", '\0', Takes::nothing},
    {"--pre", "", '\0', Takes::nothing},
    {"--all-releases", "", '\0', Takes::value},
    {"--only-final", "", '\0', Takes::value},
    {"--trusted-host", "", '\0', Takes::value},
    {"--use-feature", "", '\0', Takes::value},
    {"--hash", "", '\0', Takes::value},
    {"--config-settings", "--config-setting", 'C', Takes::value},
};

struct Option {
  const OptionSpec* spec;
  std::string value;
};

Error bad(std::string message) { return make_error(ErrorKind::bad_data, std::move(message)); }

Error no_such_option(std::string_view name) {
  std::vector<std::string> known;
  for (const OptionSpec& spec : kOptions) known.emplace_back(spec.name);
  Error error = bad(cat("a requirements file has no option ", quote(name)));
  if (const auto near = nearest(name, known)) error.hint = cat("did you mean ", quote(*near), '?');
  return error;
}

// By its full name, or by a beginning that only one option has.
Result<const OptionSpec*> find_long(std::string_view name) {
  std::vector<const OptionSpec*> found;
  for (const OptionSpec& spec : kOptions) {
    if (name == spec.name || name == spec.alias) return &spec;
    if (spec.name.starts_with(name) || spec.alias.starts_with(name)) found.push_back(&spec);
  }
  if (found.size() == 1) return found.front();
  return no_such_option(name);
}

const OptionSpec* find_letter(char letter) {
  const auto* found = std::find_if(std::begin(kOptions), std::end(kOptions),
                                   [&](const OptionSpec& spec) { return spec.letter == letter; });
  return found == std::end(kOptions) ? nullptr : found;
}

// Words to options, as optparse reads them: "--long value", "--long=value", "-s value", "-svalue"; other words are
// passed over, "--" ends.
class OptionReader {
 public:
  explicit OptionReader(std::vector<std::string> words) : words_(std::move(words)) {}

  Result<std::vector<Option>> read() {
    std::vector<Option> options;
    while (next_ < words_.size()) {
      const std::string word = words_[next_++];
      if (word == "--") break;
      if (word.starts_with("--")) {
        PKG_TRY_ASSIGN(auto option, read_long(word));
        options.push_back(std::move(option));
      } else if (word.starts_with('-') && word.size() > 1) {
        PKG_TRY_ASSIGN(auto option, read_short(word));
        options.push_back(std::move(option));
      }
    }
    return options;
  }

 private:
  Result<std::string> take_value(std::string_view option) {
    if (next_ == words_.size()) return bad(cat("the option ", quote(option), " needs a value"));
    return words_[next_++];
  }

  Result<Option> read_long(std::string_view word) {
    const std::size_t equals = word.find('=');
    PKG_TRY_ASSIGN(const OptionSpec* spec, find_long(word.substr(0, equals)));
    if (spec->takes == Takes::nothing) {
      if (equals != std::string_view::npos) return bad(cat("the option ", quote(spec->name), " takes no value"));
      return Option{spec, {}};
    }
    if (equals != std::string_view::npos) return Option{spec, std::string(word.substr(equals + 1))};
    PKG_TRY_ASSIGN(auto value, take_value(spec->name));
    return Option{spec, std::move(value)};
  }

  // All options with a letter take a value, so that letters are never bundled.
  Result<Option> read_short(std::string_view word) {
    const OptionSpec* spec = find_letter(word[1]);
    if (spec == nullptr) return no_such_option(word.substr(0, 2));
    if (word.size() > 2) return Option{spec, std::string(word.substr(2))};
    PKG_TRY_ASSIGN(auto value, take_value(word));
    return Option{spec, std::move(value)};
  }

  std::vector<std::string> words_;
  std::size_t next_ = 0;
};

Status check_hash(std::string_view value) {
  const std::size_t colon = value.find(':');
  if (colon == std::string_view::npos)
    return bad(cat("the hash ", quote(value), " lacks its algorithm: expected `sha256:` and hexadecimal digits"));
  const std::string_view algorithm = value.substr(0, colon);
  if (algorithm != "sha256" && algorithm != "sha384" && algorithm != "sha512") {
    return bad(cat("the hash algorithm ", quote(algorithm), " is not accepted: expected sha256, sha384 or sha512"));
  }
  return ok_status();
}

Status check(const Option& option) {
  if (option.spec->name == "--hash") return check_hash(option.value);
  if (option.spec->name == "--config-settings" && option.value.find('=') == std::string::npos) {
    return bad(cat("the config setting ", quote(option.value), " is not of the form KEY=VALUE"));
  }
  return ok_status();
}

// The words before the first that begins with "-", joined as they were, and the rest.
std::pair<std::string, std::string> split_options(std::string_view line) {
  std::size_t at = 0;
  while (at < line.size() && line[at] != '-') {
    const std::size_t space = line.find(' ', at);
    if (space == std::string_view::npos) return {std::string(line), {}};
    at = space + 1;
  }
  return {std::string(line.substr(0, at == 0 ? 0 : at - 1)), std::string(line.substr(at))};
}

const Option* find(const std::vector<Option>& options, std::string_view name) {
  const auto found =
      std::find_if(options.begin(), options.end(), [&](const Option& option) { return option.spec->name == name; });
  return found == options.end() ? nullptr : &*found;
}

// A requirement or an editable with the options that belong to it.
RequirementLine requirement_line(RequirementLine::Kind kind, std::string value, const std::vector<Option>& options) {
  RequirementLine line{.kind = kind, .value = std::move(value)};
  for (const Option& option : options) {
    if (option.spec->name == "--hash") line.hashes.push_back(option.value);
    if (option.spec->name != "--config-settings") continue;
    const std::size_t equals = option.value.find('=');
    line.config_settings.emplace_back(option.value.substr(0, equals), option.value.substr(equals + 1));
  }
  return line;
}

// A line of options alone. Of several -r, -c or -f on one line the first counts, as for pip.
void add_option_lines(const std::vector<Option>& options, const Origin& origin, std::vector<RequirementLine>& out) {
  using Kind = RequirementLine::Kind;
  if (const Option* file = find(options, "--requirement")) {
    out.push_back({.kind = Kind::requirements_file, .value = file->value, .origin = origin});
    return;
  }
  if (const Option* file = find(options, "--constraint")) {
    out.push_back({.kind = Kind::constraints_file, .value = file->value, .origin = origin});
    return;
  }
  for (const Option& option : options) {
    const std::string_view name = option.spec->name;
    if (name == "--hash" || name == "--config-settings") continue;
    if (name == "--find-links" && find(options, name) != &option) continue;
    out.push_back({.kind = Kind::option, .value = option.value, .option = std::string(name), .origin = origin});
  }
}

Status add_line(const LogicalLine& line, const Origin& origin, std::vector<RequirementLine>& out) {
  auto [requirement, option_text] = split_options(line.text);
  auto words = shell_words(option_text);
  if (!words) return bad(cat("a quote is not closed in ", quote(line.text)));
  PKG_TRY_ASSIGN(const auto options, OptionReader(std::move(*words)).read());
  for (const Option& option : options) PKG_TRY(check(option));
  if (!requirement.empty()) {
    out.push_back(requirement_line(RequirementLine::Kind::requirement, std::move(requirement), options));
  } else if (const Option* editable = find(options, "--editable")) {
    out.push_back(requirement_line(RequirementLine::Kind::editable, editable->value, options));
  } else {
    add_option_lines(options, origin, out);
    return ok_status();
  }
  out.back().origin = origin;
  return ok_status();
}

}  // namespace

Result<std::vector<RequirementLine>> parse_requirements_txt(std::string_view text, const std::string& file_name,
                                                            const EnvironmentLookup& environment) {
  auto decoded = decode_requirements(text);
  if (!decoded) return std::move(decoded).error().with(cat("while reading ", quote(file_name)));
  std::vector<RequirementLine> out;
  for (const LogicalLine& line : logical_lines(*decoded, environment)) {
    const Origin origin{.file = file_name, .what = {}, .line = line.number};
    if (auto added = add_line(line, origin, out); !added)
      return std::move(added).error().with(cat("at ", origin.to_string()));
  }
  return out;
}

}  // namespace pkg::pep
