#include "pep/entry_points.h"

#include <optional>

#include "base/text.h"

namespace pkg::pep {
namespace {

Error malformed_points(int line, std::string_view why) {
  return make_error(ErrorKind::bad_data, cat("entry_points.txt is malformed in line ", line, ": ", why));
}

bool is_identifier_start(char c) { return is_ascii_alpha(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80; }
bool is_identifier_character(char c) { return is_identifier_start(c) || is_ascii_digit(c); }

bool is_dotted_identifier(std::string_view text) {
  for (const auto part : split(text, '.')) {
    if (part.empty() || !is_identifier_start(part.front())) return false;
    for (const char c : part) {
      if (!is_identifier_character(c)) return false;
    }
  }
  return is_valid_utf8(text);
}

bool is_word(std::string_view text) {
  for (const char c : text) {
    if (!is_identifier_character(c) && c != '.') return false;
  }
  return !text.empty();
}

// "module[:attribute] [extra, …]"; anything else is kept whole as the module.
void set_value(EntryPoint& entry, std::string_view value) {
  value = trim(value);
  std::string_view object = value, extras;
  if (value.ends_with(']')) {
    const auto bracket = value.find('[');
    if (bracket != std::string_view::npos) {
      extras = value.substr(bracket + 1, value.size() - bracket - 2);
      object = trim(value.substr(0, bracket));
    }
  }
  const auto colon = object.find(':');
  const std::string_view module = trim(object.substr(0, colon));
  const std::string_view attribute =
      colon == std::string_view::npos ? std::string_view() : trim(object.substr(colon + 1));
  if (!is_word(module) || (colon != std::string_view::npos && !is_word(attribute))) {
    entry.module = value;
    return;
  }
  entry.module = module;
  entry.attribute = attribute;
  for (const auto extra : split(extras, ',')) {
    if (!trim(extra).empty()) entry.extras.emplace_back(trim(extra));
  }
}

// One pass over the lines. A line that is indented deeper than the entry before it continues that entry's value.
class EntryPointsParser {
 public:
  Result<std::vector<EntryPoint>> parse(std::string_view text) {
    for (const auto line : split_lines(text)) {
      ++line_;
      PKG_TRY(take_line(line));
    }
    flush();
    return std::move(entries_);
  }

 private:
  Status take_line(std::string_view line) {
    const std::string_view content = trim(line);
    if (content.empty() || content.front() == '#' || content.front() == ';') return ok_status();
    std::size_t indent = 0;
    while (is_ascii_space(line[indent])) ++indent;
    if (open_ && indent > indent_) {
      append(value_, '\n', content);
      return ok_status();
    }
    flush();
    indent_ = indent;
    if (content.front() == '[') return take_section(content);
    return take_entry(content);
  }

  Status take_section(std::string_view content) {
    const auto end = content.rfind(']');
    if (end == std::string_view::npos || end == 1)
      return malformed_points(line_, cat(quote(content), " is not a section"));
    group_ = std::string(content.substr(1, end - 1));
    return ok_status();
  }

  Status take_entry(std::string_view content) {
    if (!group_) return malformed_points(line_, "an entry stands before the first section");
    const auto equals = content.find('=');
    if (equals == std::string_view::npos) return malformed_points(line_, cat(quote(content), " has no `=`"));
    entry_.group = *group_;
    entry_.name = trim(content.substr(0, equals));
    if (entry_.name.empty()) return malformed_points(line_, "an entry has no name");
    value_ = trim(content.substr(equals + 1));
    open_ = true;
    return ok_status();
  }

  void flush() {
    if (!open_) return;
    set_value(entry_, value_);
    entries_.push_back(std::move(entry_));
    entry_ = {};
    open_ = false;
  }

  std::vector<EntryPoint> entries_;
  std::optional<std::string> group_;
  EntryPoint entry_;
  std::string value_;
  std::size_t indent_ = 0;
  int line_ = 0;
  bool open_ = false;  // entry_ and value_ hold an entry that may still be continued
};

// A name that can be a file in the scripts folder on any system we write for, and nothing but that.
bool is_plain_file_name(std::string_view name) {
  constexpr std::size_t kMaxFileName = 255;
  if (name.empty() || name == "." || name == ".." || name.size() > kMaxFileName) return false;
  for (const char c : name) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '/' || c == '\\') return false;
  }
  return is_valid_utf8(name);
}

std::optional<ScriptKind> script_kind(std::string_view group) {
  if (group == "console_scripts") return ScriptKind::console;
  if (group == "gui_scripts") return ScriptKind::gui;
  return std::nullopt;
}

Result<Script> checked_script(const EntryPoint& entry, ScriptKind kind) {
  const auto refused = [&entry](std::string_view why) {
    return make_error(ErrorKind::bad_data, cat("the script ", quote(entry.name), " of entry_points.txt ", why));
  };
  if (!is_plain_file_name(entry.name)) return refused("has a name that is not a plain file name");
  const std::string object = entry.attribute.empty() ? entry.module : cat(entry.module, ":", entry.attribute);
  if (!is_dotted_identifier(entry.module) || !is_dotted_identifier(entry.attribute))
    return refused(cat("stands for ", quote(object), ", expected `module:function`"));
  return Script{entry.name, entry.module, entry.attribute, kind};
}

}  // namespace

Result<std::vector<EntryPoint>> parse_entry_points(std::string_view text) { return EntryPointsParser().parse(text); }

Result<std::vector<Script>> scripts_of(const std::vector<EntryPoint>& entry_points) {
  std::vector<Script> scripts;
  for (const EntryPoint& entry : entry_points) {
    const auto kind = script_kind(entry.group);
    if (!kind) continue;
    PKG_TRY_ASSIGN(Script script, checked_script(entry, *kind));
    bool is_new = true;
    for (const Script& other : scripts) {
      if (other.name != script.name) continue;
      if (other != script)
        return make_error(ErrorKind::bad_data,
                          cat("the script ", quote(script.name), " is defined twice in entry_points.txt"));
      is_new = false;
    }
    if (is_new) scripts.push_back(std::move(script));
  }
  return scripts;
}

}  // namespace pkg::pep
