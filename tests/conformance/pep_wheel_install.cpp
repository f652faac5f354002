// wheel_install.json. Sections `script`: as the file's notes say, the lines up to the encoding comment are compared
// byte for byte, of the rest only that the right object is imported and called: our text is another one.

#include "base/hash.h"
#include "base/text.h"
#include "conformance/cases.h"
#include "pep/entry_points.h"
#include "pep/launcher.h"
#include "pep/record.h"

namespace pkg::conformance {
namespace {

const std::string kFile = "wheel_install.json";

std::string hash_of(const pep::RecordRow& row) {
  return row.algorithm.empty() ? std::string() : cat(row.algorithm, "=", row.digest_base64url);
}

bool same_row(const pep::RecordRow& row, const VectorJson& expected) {
  const std::string hash = expected.at("hash").is_null() ? std::string() : expected.at("hash").get<std::string>();
  const VectorJson size = row.size ? VectorJson(*row.size) : VectorJson();
  return row.path == expected.at("path") && hash_of(row) == hash && size == expected.at("size");
}

// One malformed row makes the whole file malformed to us.
bool is_malformed(const VectorJson& item) {
  if (item.contains("error")) return true;
  for (const VectorJson& row : item.at("rows")) {
    if (row.contains("issues")) return true;
  }
  return false;
}

bool record_passes(const VectorJson& item) {
  const auto rows = pep::parse_record(item.at("input").get<std::string>());
  if (is_malformed(item)) return !rows.ok();
  if (!rows.ok() || rows->size() != item.at("rows").size()) return false;
  for (std::size_t i = 0; i < rows->size(); ++i) {
    if (!same_row((*rows)[i], item.at("rows")[i])) return false;
  }
  return true;
}

bool content_matches(const pep::RecordRow& row, std::string_view content) {
  if (row.size && *row.size != content.size()) return false;
  if (row.algorithm.empty()) return true;
  const auto algorithm = hash::algorithm_from_name(row.algorithm);
  return algorithm && hash::to_base64url(hash::digest(*algorithm, content)) == row.digest_base64url;
}

bool record_validate_passes(const VectorJson& item) {
  const auto rows = pep::parse_record(
      cat("file,", item.at("hash").get<std::string>(), ",", item.at("size").get<std::string>(), "\n"));
  const bool valid = rows.ok() && content_matches(rows->at(0), item.at("data").get<std::string>());
  return valid == item.at("valid").get<bool>();
}

VectorJson to_value(const pep::Script& script) {
  return {{"name", script.name},
          {"module", script.module},
          {"attr", script.attribute},
          {"kind", script.kind == pep::ScriptKind::gui ? "gui" : "console"}};
}

bool entry_points_pass(const VectorJson& item) {
  const auto entries = pep::parse_entry_points(item.at("input").get<std::string>());
  if (!entries.ok()) return item.contains("error");
  const auto scripts = pep::scripts_of(*entries);
  if (!scripts.ok() || item.contains("error")) return scripts.ok() != item.contains("error");
  VectorJson found = VectorJson::array();
  for (const pep::Script& script : *scripts) found.push_back(to_value(script));
  return found == item.at("scripts");
}

bool script_passes(const VectorJson& item) {
  const pep::Script script{item.at("name"), item.at("module"), item.at("attr"),
                           item.at("kind") == "gui" ? pep::ScriptKind::gui : pep::ScriptKind::console};
  const std::string text = pep::launcher_text(script, item.at("executable").get<std::string>());
  const std::string expected = item.at("content");
  const std::string head = expected.substr(0, expected.find("# -*- coding"));
  const std::string imported = script.attribute.substr(0, script.attribute.find('.'));
  return item.at("file") == script.name && text.starts_with(head + "import sys\n") &&
         text.find(cat("\nfrom ", script.module, " import ", imported, "\n")) != std::string::npos &&
         text.ends_with(cat("    sys.exit(", script.attribute, "())\n"));
}

}  // namespace

std::vector<SectionResult> run_wheel_install(const std::filesystem::path& folder) {
  const auto document = load_vectors(folder / kFile);
  if (!document) return {unreadable(kFile)};
  return {run_cases(*document, kFile, "record", record_passes),
          run_cases(*document, kFile, "record_validate", record_validate_passes),
          run_cases(*document, kFile, "entry_points", entry_points_pass),
          run_cases(*document, kFile, "script", script_passes),
          run_cases(*document, kFile, "shebang", [](const VectorJson& item) {
            return pep::rewrite_shebang(item.at("input").get<std::string>(),
                                        item.at("interpreter").get<std::string>()) == item.at("output");
          })};
}

}  // namespace pkg::conformance
