#include "ops/inputs/hash_mode.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/fs.h"
#include "base/hash_file.h"
#include "base/text.h"
#include "base/url.h"
#include "ops/inputs/input_words.h"
#include "pep/hash_strength.h"
#include "pep/source_url.h"
#include "pep/specifier_relation.h"

namespace pkg::ops {
namespace {

using pep::FileHash;

// "`a>=1` (req.txt:3)"
std::string named(std::string_view text, const Origin& origin) {
  return cat(quote(url::redact(text)), " (", origin.to_string(), ")");
}

std::optional<std::string> sha256_of_local(const std::string& url) {
  if (!url.starts_with("file:")) return std::nullopt;
  const auto path = url::file_url_to_path(url);
  const auto hex = path ? hash::hex_of_file(*path) : Result<std::string>(path.error());
  return hex ? std::optional(*hex) : std::nullopt;
}

// The hash that the archive at `url` must have, of those that will do; nullopt: it is here and has none of them, or it
// is elsewhere and there is a choice.
std::optional<FileHash> one_hash(const std::string& url, const std::vector<FileHash>& hashes) {
  if (hashes.size() == 1) return hashes.front();
  const auto own = sha256_of_local(url);
  const auto found = std::ranges::find_if(hashes, [&](const FileHash& hash) { return own && hash.hex == *own; });
  return found == hashes.end() ? std::nullopt : std::optional(*found);
}

Status pin_archive(std::string& url, const std::vector<FileHash>& hashes) {
  auto source = pep::SourceUrl::parse(url);
  if (!source || source->kind != pep::SourceUrl::Kind::sdist || pep::has_strong_hash(source->hashes))
    return ok_status();
  auto hash = one_hash(source->url, hashes);
  if (!hash && url.starts_with("file:"))
    return make_error(ErrorKind::hash_mismatch, cat(quote(url), " has none of the required hashes"));
  if (!hash) {
    return make_error(ErrorKind::unsupported,
                      cat(quote(url::redact(url)), " has several hashes, and is to be checked before it is built"),
                      "leave the one of this archive");
  }
  source->hashes = {*std::move(hash)};
  url = source->to_string();
  return ok_status();
}

// Why what `url` names can have no hash; empty: it can.
std::string_view cannot_be_hashed(const std::string& url, bool editable) {
  if (editable) return "is editable";
  const auto source = pep::SourceUrl::parse(url);
  if (!source) return {};
  if (source->kind == pep::SourceUrl::Kind::folder) return "is a folder";
  return source->kind == pep::SourceUrl::Kind::vcs ? std::string_view("is a checkout") : std::string_view();
}

std::string without_hash(std::string_view text, const std::string& url, const Origin& origin) {
  auto line = cat(named(text, origin), " has no hash");
  if (const auto own = sha256_of_local(url)) append(line, "; its own is --hash=sha256:", *own);
  return line;
}

std::vector<std::string> problems_of(const Inputs& inputs) {
  std::vector<std::string> problems;
  const auto pinned_elsewhere = [&](const pep::Name& name) {
    const auto pins = [&](const pep::Requirement& one) {
      return one.name == name && one.marker.is_trivial() && is_pinned(one);
    };
    return std::ranges::any_of(inputs.constraints, pins) || std::ranges::any_of(inputs.requirements, pins);
  };
  for (const auto& requirement : inputs.requirements) {
    const auto text = requirement.to_string();
    const bool editable = inputs.editable_urls.contains(requirement.url);
    if (const auto why = requirement.url.empty() ? std::string_view() : cannot_be_hashed(requirement.url, editable);
        !why.empty()) {
      problems.push_back(cat(named(text, requirement.origin), " ", why, ", and cannot be checked against a hash"));
    } else if (!inputs.hashes.contains(requirement.name)) {
      problems.push_back(without_hash(text, requirement.url, requirement.origin));
    } else if (!is_pinned(requirement) && !pinned_elsewhere(requirement.name)) {
      problems.push_back(cat(named(text, requirement.origin), " is not pinned with =="));
    }
  }
  for (const auto& unnamed : inputs.unnamed) {
    if (unnamed.only_dependencies) continue;  // what it asks for is checked when it is known
    if (const auto why = cannot_be_hashed(unnamed.url, unnamed.editable); !why.empty()) {
      problems.push_back(cat(named(unnamed.url, unnamed.origin), " ", why, ", and cannot be checked against a hash"));
    } else if (unnamed.hashes.empty()) {
      problems.push_back(without_hash(unnamed.url, unnamed.url, unnamed.origin));
    }
  }
  return problems;
}

Error hash_error(std::vector<std::string> problems, std::string hint) {
  if (problems.size() == 1)
    return make_error(ErrorKind::bad_data, cat("hashes are required, and ", problems.front()), std::move(hint));
  auto error =
      make_error(ErrorKind::bad_data, cat("hashes are required, and ", problems.size(), " requirements lack theirs"),
                 std::move(hint));
  error.context = std::move(problems);
  return error;
}

std::string needed_by(const resolver::Pin& pin, const resolver::Resolution& resolution) {
  std::vector<std::string> who;
  for (const auto& edge : pin.required_by) {
    if (edge.parent < 0) continue;
    const auto& parent = resolution.pins[static_cast<std::size_t>(edge.parent)];
    who.push_back(cat(quote(parent.name.str()), " ", parent.version.to_string()));
  }
  return who.empty() ? std::string() : cat(", needed by ", join(who, ", "), ",");
}

}  // namespace

bool is_pinned(const pep::Requirement& requirement) {
  return !requirement.url.empty() || pep::is_pin(requirement.specifiers);
}

Result<std::vector<FileHash>> hashes_of(const pep::RequirementLine& line) {
  std::vector<FileHash> hashes;
  for (const auto& text : line.hashes) {
    const auto colon = std::min(text.find(':'), text.size());
    const auto algorithm = hash::algorithm_from_name(std::string_view(text).substr(0, colon));
    const auto hex = to_ascii_lower(std::string_view(text).substr(std::min(colon + 1, text.size())));
    const auto bytes = hash::from_hex(hex);
    if (!algorithm || !bytes || bytes->size() != hash::digest_size(*algorithm)) {
      return make_error(ErrorKind::bad_data,
                        cat("the hash ", quote(text), " is none: expected sha256:, sha384: or sha512: and its digits"))
          .with(cat("at ", line.origin.to_string()));
    }
    hashes.push_back({*algorithm, hex});
  }
  return hashes;
}

Status add_hashes(const pep::Requirement& requirement, const std::vector<FileHash>& hashes, Inputs& inputs) {
  if (hashes.empty()) return ok_status();
  const auto [entry, is_first] = inputs.hashes.try_emplace(requirement.name, hashes);
  auto& known = entry->second;
  if (is_first) {
    if (!requirement.marker.is_trivial()) inputs.hashed_by_marker.insert(requirement.name);
    return ok_status();
  }
  if (!requirement.marker.is_trivial() || inputs.hashed_by_marker.contains(requirement.name)) {
    inputs.hashed_by_marker.insert(requirement.name);
    for (const auto& hash : hashes) {
      if (std::ranges::find(known, hash) == known.end()) known.push_back(hash);
    }
    return ok_status();
  }
  std::erase_if(known, [&](const FileHash& hash) { return std::ranges::find(hashes, hash) == hashes.end(); });
  if (!known.empty()) return ok_status();
  return make_error(ErrorKind::conflict, cat("no hash of ", quote(requirement.name.str()),
                                             " is given by all of its lines; one is ", requirement.origin.to_string()));
}

Status add_url_hashes(Inputs& inputs) {
  for (const auto& requirement : inputs.requirements) {
    const auto source =
        requirement.url.empty() ? Result<pep::SourceUrl>(pep::SourceUrl()) : pep::SourceUrl::parse(requirement.url);
    if (source && pep::has_strong_hash(source->hashes)) PKG_TRY(add_hashes(requirement, source->hashes, inputs));
  }
  for (auto& unnamed : inputs.unnamed) {
    const auto source = pep::SourceUrl::parse(unnamed.url);
    if (source && unnamed.hashes.empty() && pep::has_strong_hash(source->hashes)) unnamed.hashes = source->hashes;
  }
  return ok_status();
}

Status pin_archives(Inputs& inputs) {
  for (auto& requirement : inputs.requirements) {
    const auto hashes = inputs.hashes.find(requirement.name);
    if (requirement.url.empty() || hashes == inputs.hashes.end()) continue;
    if (auto pinned = pin_archive(requirement.url, hashes->second); !pinned)
      return asked_for_by(requirement.origin, std::move(pinned).error());
  }
  for (auto& unnamed : inputs.unnamed) {
    if (unnamed.hashes.empty()) continue;
    if (auto pinned = pin_archive(unnamed.url, unnamed.hashes); !pinned)
      return asked_for_by(unnamed.origin, std::move(pinned).error());
  }
  return ok_status();
}

bool pin_sdist(pep::DistFile& file, const std::vector<FileHash>& required) {
  if (file.kind != pep::DistKind::sdist || pep::has_strong_hash(file.hashes)) return true;
  auto hash = one_hash(file.url, required);
  if (!hash) return false;
  file.hashes.push_back(*std::move(hash));
  return true;
}

Status check_hash_mode(const Inputs& inputs) {
  auto problems = problems_of(inputs);
  if (problems.empty()) return ok_status();
  return hash_error(std::move(problems),
                    "give every requirement == and --hash (pkg compile --generate-hashes), or none a --hash");
}

Status check_resolved_hashes(const resolver::Problem& problem, const resolver::Resolution& resolution,
                             const std::function<bool(const resolver::Pin&)>& stays) {
  std::vector<std::string> problems;
  for (const auto& pin : resolution.pins) {
    if (pin.files.empty() || problem.policy.hashes.contains(pin.name) ||
        pin.best_file().url.starts_with(pep::kInstalledScheme) || stays(pin))
      continue;
    auto line =
        cat(quote(cat(pin.name.str(), "==", pin.version.to_string())), needed_by(pin, resolution), " has no hash");
    const auto& file = pin.best_file();
    const auto own = file.sha256() != nullptr ? std::optional(file.sha256()->hex) : sha256_of_local(file.url);
    if (own) append(line, "; that of ", quote(file.file_name), " is --hash=sha256:", *own);
    problems.push_back(std::move(line));
  }
  if (problems.empty()) return ok_status();
  return hash_error(std::move(problems),
                    "name what is needed, too, with == and --hash (pkg compile --generate-hashes)");
}

}  // namespace pkg::ops
