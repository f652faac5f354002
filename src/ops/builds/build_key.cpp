#include "ops/builds/build_key.h"

#include <set>
#include <vector>

#include "base/hash.h"
#include "base/text.h"
#include "base/time.h"
#include "ops/builds/source_build.h"
#include "pep/source_url.h"

namespace pkg::ops {
namespace {

// Bytes of which the same text can be made in one way only.
void add(std::string& into, std::string_view part) { append(into, part.size(), ":", part, ","); }

// What the source is, wherever it lies; empty: unknown.
std::string identity(const pep::DistFile& file, const pep::SourceUrl& source, const std::string& sha256_hex) {
  if (source.kind == pep::SourceUrl::Kind::vcs) return cat(source.vcs, "+", pep::SourceUrl(source).to_string());
  if (source.kind != pep::SourceUrl::Kind::sdist) return {};
  const auto* announced = file.sha256();
  const auto& sha256 = announced != nullptr ? announced->hex : sha256_hex;
  return sha256.empty() ? std::string() : cat("sha256:", sha256, "#", source.subdirectory);
}

}  // namespace

namespace {

bool has_settings_of_packages(const BuildOptions& options) {
  return !options.config_settings_of.empty() || !options.extra_requirements.empty() ||
         !options.extra_variables.empty() || !options.no_isolation_of.empty();
}

}  // namespace

std::string build_key(const pep::DistFile& file, const std::string& sha256_hex, const BuildOptions& options,
                      const builder::Variables& variables, const venv::Interpreter& interpreter) {
  if (file.editable || options.no_isolation || options.no_isolation_of.contains(file.project)) return {};
  if (file.project.empty() && has_settings_of_packages(options)) return {};
  const auto source = pep::SourceUrl::parse(file.url);
  if (!source) return {};
  const auto what = identity(file, *source, sha256_hex);
  if (what.empty()) return {};
  std::string text;
  add(text, "1");
  add(text, what);
  const auto& python = interpreter.target.environment;
  for (const auto& part : {python.implementation_name, python.python_version, python.sys_platform,
                           python.platform_machine, interpreter.soabi})
    add(text, part);
  for (const auto& [name, values] : config_settings_for(file.project, options)) {
    add(text, name);
    for (const auto& value : values) add(text, cat("=", value));
  }
  for (const auto& constraint : options.constraints) add(text, cat("c", constraint.to_string()));
  for (const auto& [name, hashes] : options.policy.hashes)
    for (const auto& hash : hashes) add(text, cat("h", name.str(), "=", hash::name(hash.algorithm), ":", hash.hex));
  if (const auto extra = options.extra_requirements.find(file.project); extra != options.extra_requirements.end()) {
    for (const auto& requirement : extra->second) add(text, cat("r", requirement.to_string()));
  }
  if (const auto extra = options.extra_variables.find(file.project); extra != options.extra_variables.end()) {
    for (const auto& [name, value] : extra->second) add(text, cat("v", name, "=", value));
  }
  for (const auto& [name, value] : variables) add(text, cat("e", name, "=", value));
  return hash::to_hex(hash::sha256(text));
}

namespace {

// Cut-offs that move with the clock find the same build all day.
std::string text_of(const std::optional<std::int64_t>& cut_off) {
  return cut_off ? cat(*cut_off / time::kDay) : std::string();
}

void add(std::string& text, std::string_view what, const std::set<pep::Name>& names) {
  add(text, what);
  for (const auto& name : names) add(text, name.str());
}

std::string flags_of(const resolver::Policy& policy) {
  const auto& format = policy.format;
  return cat(static_cast<int>(policy.prereleases), static_cast<int>(policy.order), format.no_binary_all,
             format.only_binary_all, policy.prefer_binary, policy.ignore_requires_python, policy.strict_requires_python,
             policy.no_deps);
}

}  // namespace

std::string request_key(const std::string& key, const resolver::Policy& policy, const std::string& indexes) {
  std::string text;
  for (const auto& part : {std::string("request 1"), key, indexes, flags_of(policy), text_of(policy.exclude_newer)})
    add(text, part);
  for (const auto& [name, cut_off] : policy.exclude_newer_of) add(text, cat(name.str(), " ", text_of(cut_off)));
  for (const auto& [index, cut_off] : policy.exclude_newer_of_index) add(text, cat(index, " ", text_of(cut_off)));
  for (const auto& [name, choice] : policy.prereleases_of) add(text, cat(name.str(), "=", static_cast<int>(choice)));
  add(text, "no binary", policy.format.no_binary);
  add(text, "only binary", policy.format.only_binary);
  if (policy.variants.none) add(text, "no variants");
  for (const auto& ns : policy.variants.named)
    for (const auto& feature : ns.features)
      for (const auto& value : feature.values)
        add(text, pep::VariantProperty{ns.name, feature.name, value}.to_string());
  return hash::to_hex(hash::sha256(text));
}

std::string fleet_of(const venv::Interpreter& interpreter, std::string_view os_release) {
  const auto& platform = interpreter.platform;
  std::string text =
      cat("fleet 1\n", platform.platform_string, "\nglibc ", platform.glibc_major, ".", platform.glibc_minor, "\nmusl ",
          platform.musl_major, ".", platform.musl_minor, "\nmacos ", platform.macos_major, ".", platform.macos_minor);
  for (const auto line : split_lines(os_release))
    if (line.starts_with("ID=") || line.starts_with("VERSION_ID=")) append(text, "\n", line);
  return text;
}

std::string exact_key(const std::string& key, std::string_view environment) {
  std::string text;
  for (const auto part : {std::string_view("build 1"), std::string_view(key), environment}) add(text, part);
  return hash::to_hex(hash::sha256(text));
}

}  // namespace pkg::ops
