// The receipt is read back by commands that make and remove links among the user's programs, so nothing in it is
// believed for its place alone: the file is the user's own and nobody else may write to it (base/own_file.h), names are
// names, programs plain file names, links absolute and called as their program. A key that is missing means what its
// absence meant when it was written; one that is unknown is left alone; another `format` is another pkg's.

#include "ops/tools/tool_receipt.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "base/own_file.h"
#include "base/text.h"
#include "base/toml.h"

namespace pkg::ops {
namespace {

constexpr std::size_t kMostPrograms = 10'000;

// ---- writing

void add_text(std::string& out, std::string_view key, std::string_view value) {
  if (!value.empty()) append(out, key, " = ", toml::quote_string(value), "\n");
}
void add_flag(std::string& out, std::string_view key, bool value) {
  if (value) append(out, key, " = true\n");
}
void add_list(std::string& out, std::string_view key, const std::vector<std::string>& values) {
  if (values.empty()) return;
  append(out, key, " = [\n");
  for (const auto& value : values) append(out, "  ", toml::quote_string(value), ",\n");
  out += "]\n";
}

template <class T, class Text>
std::vector<std::string> texts_of(const std::vector<T>& values, const Text& text) {
  std::vector<std::string> texts;
  for (const auto& value : values) texts.push_back(text(value));
  return texts;
}

void add_index(std::string& out, const ToolIndex& index) {
  out += "\n[[index]]\n";
  add_text(out, "name", index.name);
  add_text(out, "url", index.url);
  add_flag(out, "explicit", index.is_explicit);
}

void add_program(std::string& out, const ToolProgram& program) {
  out += "\n[[program]]\n";
  add_text(out, "name", program.name);
  add_text(out, "package", program.package.str());
  add_text(out, "link", program.link.native());
}

// ---- reading

class Reader {
 public:
  Reader(const toml::Value& table, const std::string& file) : table_(table), file_(file) {}

  Error fault(std::string_view key, std::string_view what) const {
    const auto* value = table_.get(key);
    return make_error(ErrorKind::bad_data,
                      cat(file_, ":", value == nullptr ? table_.line : value->line, ": ", quote(key), " ", what));
  }
  Result<std::string> text(std::string_view key) const {
    const auto* value = table_.get(key);
    if (value == nullptr) return std::string();
    if (value->as_string() == nullptr) return fault(key, cat("is ", value->type_name(), ", expected a string"));
    return *value->as_string();
  }
  Result<std::string> needed_text(std::string_view key) const {
    PKG_TRY_ASSIGN(auto found, text(key));
    if (found.empty()) return fault(key, "is missing");
    return found;
  }
  Result<bool> flag(std::string_view key) const {
    const auto* value = table_.get(key);
    if (value == nullptr) return false;
    if (value->as_bool() == nullptr) return fault(key, cat("is ", value->type_name(), ", expected true or false"));
    return *value->as_bool();
  }
  Result<std::vector<std::string>> texts(std::string_view key) const {
    std::vector<std::string> found;
    const auto* value = table_.get(key);
    if (value == nullptr) return found;
    const auto* array = value->as_array();
    if (array == nullptr) return fault(key, cat("is ", value->type_name(), ", expected an array"));
    for (const auto& item : *array) {
      if (item.as_string() == nullptr) return fault(key, "holds something that is no string");
      found.push_back(*item.as_string());
    }
    return found;
  }
  // Tables of an array of them.
  Result<std::vector<Reader>> tables(std::string_view key) const {
    std::vector<Reader> found;
    const auto* value = table_.get(key);
    if (value == nullptr) return found;
    const auto* array = value->as_array();
    if (array == nullptr || array->size() > kMostPrograms) return fault(key, "is no array of tables");
    for (const auto& item : *array) {
      if (item.as_table() == nullptr) return fault(key, "holds something that is no table");
      found.emplace_back(item, file_);
    }
    return found;
  }
  template <class T>
  Result<T> parsed(std::string_view key, const std::string& text) const {
    return T::parse(text).with([&] { return fault(key, "cannot be read").message; });
  }

 private:
  const toml::Value& table_;
  const std::string& file_;
};

Result<ToolProgram> read_program(const Reader& table) {
  ToolProgram program;
  PKG_TRY_ASSIGN(program.name, table.needed_text("name"));
  if (!is_program_name(program.name)) return table.fault("name", "is no name of a program");
  PKG_TRY_ASSIGN(const auto package, table.needed_text("package"));
  PKG_TRY_ASSIGN(program.package, table.parsed<pep::Name>("package", package));
  PKG_TRY_ASSIGN(const auto link, table.needed_text("link"));
  program.link = std::filesystem::path(link).lexically_normal();
  if (!program.link.is_absolute() || program.link.native() != link || program.link.filename() != program.name)
    return table.fault("link", "is no absolute path that ends with the program's name");
  return program;
}

Result<ToolIndex> read_index(const Reader& table) {
  ToolIndex index;
  PKG_TRY_ASSIGN(index.name, table.text("name"));
  PKG_TRY_ASSIGN(index.url, table.needed_text("url"));
  PKG_TRY_ASSIGN(index.is_explicit, table.flag("explicit"));
  return index;
}

Result<ToolWishes> read_wishes(const Reader& root) {
  ToolWishes wishes;
  PKG_TRY_ASSIGN(const auto requirement, root.needed_text("requirement"));
  PKG_TRY_ASSIGN(wishes.requirement, root.parsed<pep::Requirement>("requirement", requirement));
  PKG_TRY_ASSIGN(wishes.editable, root.flag("editable"));
  if (wishes.editable && wishes.requirement.url.empty())
    return root.fault("editable", "needs a requirement with a URL");
  PKG_TRY_ASSIGN(const auto with, root.texts("with"));
  for (const auto& text : with) {
    PKG_TRY_ASSIGN(auto more, root.parsed<pep::Requirement>("with", text));
    wishes.with.push_back(std::move(more));
  }
  PKG_TRY_ASSIGN(const auto from, root.texts("executables-from"));
  for (const auto& text : from) {
    PKG_TRY_ASSIGN(auto name, root.parsed<pep::Name>("executables-from", text));
    wishes.executables_from.push_back(std::move(name));
  }
  PKG_TRY_ASSIGN(wishes.python, root.text("python"));
  PKG_TRY_ASSIGN(wishes.prereleases, root.flag("pre"));
  PKG_TRY_ASSIGN(wishes.no_index, root.flag("no-index"));
  PKG_TRY_ASSIGN(wishes.find_links, root.texts("find-links"));
  PKG_TRY_ASSIGN(const auto indexes, root.tables("index"));
  for (const auto& table : indexes) {
    PKG_TRY_ASSIGN(auto index, read_index(table));
    wishes.indexes.push_back(std::move(index));
  }
  return wishes;
}

Status check_format(const toml::Value& root, const Reader& reader, const std::string& file) {
  const auto* format = root.get("format");
  if (format == nullptr || format->as_integer() == nullptr || *format->as_integer() < 1)
    return reader.fault("format", "is missing or no number");
  if (*format->as_integer() == kReceiptFormat) return ok_status();
  return make_error(ErrorKind::unsupported,
                    cat(quote(file), " has format ", *format->as_integer(), ", expected ", kReceiptFormat),
                    "a later pkg installed this tool: `pkg self update`, or install it again with --force");
}

}  // namespace

bool is_program_name(std::string_view name) {
  return !name.empty() && name.size() <= 255 && !name.starts_with('.') && name.find('/') == std::string_view::npos &&
         is_valid_utf8(name) && printable(name) == name;
}

std::string write_receipt(const ToolReceipt& receipt) {
  const auto& wishes = receipt.wishes;
  const auto texts = [](const pep::Requirement& requirement) { return requirement.to_string(); };
  const auto names = [](const pep::Name& name) { return name.str(); };
  auto out = cat("# Written by `pkg tool install`.\nformat = ", kReceiptFormat, "\n");
  add_text(out, "name", receipt.name.str());
  add_text(out, "version", receipt.version.to_string());
  add_text(out, "requirement", wishes.requirement.to_string());
  add_flag(out, "editable", wishes.editable);
  add_list(out, "with", texts_of(wishes.with, texts));
  add_list(out, "executables-from", texts_of(wishes.executables_from, names));
  add_text(out, "python", wishes.python);
  add_flag(out, "pre", wishes.prereleases);
  add_flag(out, "no-index", wishes.no_index);
  add_list(out, "find-links", wishes.find_links);
  add_text(out, "interpreter", receipt.interpreter.native());
  add_text(out, "python-version", receipt.python_version);
  for (const auto& index : wishes.indexes) add_index(out, index);
  for (const auto& program : receipt.programs) add_program(out, program);
  return out;
}

Result<ToolReceipt> parse_receipt(std::string_view text, const std::string& file_name) {
  PKG_TRY_ASSIGN(const auto root, toml::parse(text, file_name));
  const Reader reader(root, file_name);
  PKG_TRY(check_format(root, reader, file_name));
  ToolReceipt receipt;
  PKG_TRY_ASSIGN(const auto name, reader.needed_text("name"));
  PKG_TRY_ASSIGN(receipt.name, reader.parsed<pep::Name>("name", name));
  PKG_TRY_ASSIGN(const auto version, reader.needed_text("version"));
  PKG_TRY_ASSIGN(receipt.version, reader.parsed<pep::Version>("version", version));
  PKG_TRY_ASSIGN(receipt.wishes, read_wishes(reader));
  if (receipt.wishes.requirement.name != receipt.name) return reader.fault("requirement", "is of another project");
  PKG_TRY_ASSIGN(receipt.interpreter, reader.text("interpreter"));
  PKG_TRY_ASSIGN(receipt.python_version, reader.text("python-version"));
  PKG_TRY_ASSIGN(const auto programs, reader.tables("program"));
  for (const auto& table : programs) {
    PKG_TRY_ASSIGN(auto program, read_program(table));
    receipt.programs.push_back(std::move(program));
  }
  std::ranges::sort(receipt.programs, {}, &ToolProgram::name);
  const auto twice = std::ranges::adjacent_find(receipt.programs, {}, &ToolProgram::name);
  if (twice != receipt.programs.end()) return reader.fault("program", "names one program twice");
  return receipt;
}

Result<ToolReceipt> read_receipt(const std::filesystem::path& environment) {
  const auto path = environment / kReceiptName;
  PKG_TRY_ASSIGN(const auto file, fs::read_own_file(path, limits::kText, fs::FileLinks::refuse));
  return parse_receipt(file.text, path.string());
}

}  // namespace pkg::ops
