#include "support/world.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "base/time.h"
#include "pep/filename.h"

namespace pkg::test {

void World::add(const std::string& name, const std::string& version, WorldRelease given) {
  const pep::Name normal = pep::Name::from_normalized(pep::normalize_name(name));
  const auto parsed = pep::Version::try_parse(version);
  if (!parsed) return;  // as an index client does
  Project& project = projects_[normal];
  project.name = normal;
  project.releases.push_back({*parsed, std::move(given), {}, nullptr, false});
}

void World::add_direct(const std::string& url, const std::string& name, const std::string& version,
                       WorldRelease given) {
  const pep::Name normal = pep::Name::from_normalized(pep::normalize_name(name));
  Direct direct{normal, {pep::Version::parse(version).value(), std::move(given), {}, nullptr, false}};
  make_files(normal, direct.release);
  direct.release.files.front().url = url;
  direct_[url] = std::move(direct);
}

World& World::from(const std::string& index) {
  auto& known = indexes_[index];
  if (!known) {
    known = std::make_unique<World>();
    known->index_ = index;
  }
  return *known;
}

void World::make_files(const pep::Name& name, Release& release) const {
  std::vector<std::string> file_names = release.given.file_names;
  if (file_names.empty())
    file_names.push_back(cat(name.with_underscores(), "-", release.version.to_string(), "-py3-none-any.whl"));
  for (const std::string& file_name : file_names) {
    pep::DistFile file;
    file.project = name;
    file.version = release.version;
    file.kind = file_name.ends_with(".whl") ? pep::DistKind::wheel : pep::DistKind::sdist;
    file.file_name = file_name;
    file.url = cat("https://index.example/files/", index_, index_.empty() ? "" : "/", file_name);
    file.index = index_;
    file.upload_time = release.given.upload_time;
    file.requires_python = release.given.requires_python;
    file.yanked = release.given.yanked;
    if (!release.given.requires_of.empty()) {
      const auto own = release.given.requires_of.find(file_name);
      file.has_metadata = true;
      file.metadata_hash = {hash::Algorithm::sha256,
                            own == release.given.requires_of.end() ? "none" : join(own->second, "+")};
    }
    release.files.push_back(std::move(file));
  }
}

std::shared_ptr<const pep::Metadata> World::make_metadata(const pep::Name& name, const Release& release,
                                                          const std::string& file_name) {
  auto metadata = std::make_shared<pep::Metadata>();
  metadata->name = name;
  metadata->version = release.version;
  metadata->broken_requirements = release.given.broken_requirements;
  auto lines = release.given.requires_dist;
  if (const auto own = release.given.requires_of.find(file_name); own != release.given.requires_of.end())
    lines.insert(lines.end(), own->second.begin(), own->second.end());
  for (const std::string& line : lines) {
    auto requirement = pep::Requirement::parse(line);
    if (requirement.ok())
      metadata->requires_dist.push_back(std::move(*requirement));
    else
      metadata->broken_requirements.push_back(requirement.error().message);
  }
  if (!release.given.requires_python.empty()) {
    if (auto set = pep::SpecifierSet::parse(release.given.requires_python)) {
      metadata->requires_python = std::move(*set);
      metadata->has_requires_python = true;
    }
  }
  for (const std::string& extra : release.given.provides_extra)
    metadata->provides_extra.push_back(pep::Name::from_normalized(pep::normalize_name(extra)));
  return metadata;
}

void World::want_listings(std::span<const pep::Name> names) {
  counts_.wanted_listings += names.size();
  if (!keep_log) return;
  std::vector<std::string> texts;
  for (const pep::Name& name : names) texts.push_back(name.str());
  log.push_back("want listings " + join(texts, ", "));
}

void World::want_metadata(std::span<const pep::DistFile* const> files) {
  counts_.wanted_metadata += files.size();
  std::vector<std::string> texts;
  for (const pep::DistFile* const file : files) {
    if (Release* const release = find(*file)) release->announced = true;
    if (keep_log) texts.push_back(cat(file->project.str(), " ", file->version.to_string()));
  }
  if (keep_log) log.push_back("want metadata " + join(texts, ", "));
}

Result<const resolver::Listing*> World::listing(const pep::Name& name) {
  ++counts_.listings;
  if (keep_log) log.push_back("listing " + name.str());
  const auto at = projects_.find(name);
  if (at == projects_.end()) return &missing_;
  Project& project = at->second;
  if (!project.listing) {
    std::stable_sort(project.releases.begin(), project.releases.end(),
                     [](const Release& a, const Release& b) { return a.version > b.version; });
    project.listing.emplace();
    project.listing->found = true;
    for (Release& release : project.releases) {
      make_files(name, release);
      resolver::Release shown{.version = release.version, .all_yanked = release.given.yanked.has_value()};
      for (const pep::DistFile& file : release.files)
        (file.kind == pep::DistKind::wheel ? shown.has_wheel : shown.has_sdist) = true;
      project.listing->releases.push_back(std::move(shown));
    }
  }
  return &*project.listing;
}

Result<std::span<const pep::DistFile>> World::files(const pep::Name& name, std::size_t release) {
  ++counts_.files;
  return std::span<const pep::DistFile>(projects_.at(name).releases[release].files);
}

World::Release* World::find(const pep::DistFile& file) {
  if (file.index != index_) return from(file.index).find(file);
  if (const auto direct = direct_.find(file.url); direct != direct_.end()) return &direct->second.release;
  std::vector<Release>& releases = projects_.at(file.project).releases;
  const auto at =
      std::lower_bound(releases.begin(), releases.end(), file.version,
                       [](const Release& release, const pep::Version& version) { return release.version > version; });
  return at != releases.end() && at->version == file.version ? &*at : nullptr;
}

Result<resolver::MetadataAnswer> World::metadata(const pep::DistFile& file) {
  ++counts_.metadata;
  if (keep_log) log.push_back(cat("metadata ", file.project.str(), " ", file.version.to_string()));
  Release& release = *find(file);
  if (!release.announced) ++counts_.unannounced_metadata;
  if (!release.given.no_metadata.empty()) return resolver::MetadataAnswer{nullptr, release.given.no_metadata};
  auto& known = release.given.requires_of.empty() ? release.metadata : release.metadata_of[file.file_name];
  if (known == nullptr) known = make_metadata(file.project, release, file.file_name);
  return resolver::MetadataAnswer{known, ""};
}

Result<resolver::DirectAnswer> World::direct(const pep::Name& name, const std::string& url) {
  const auto at = direct_.find(url);
  if (at == direct_.end()) return resolver::DirectAnswer{nullptr, cat("could not be fetched from ", url)};
  if (at->second.name != name)
    return resolver::DirectAnswer{nullptr, cat("is not what ", url, " holds: that is ", quote(at->second.name.str()))};
  return resolver::DirectAnswer{std::make_shared<pep::DistFile>(at->second.release.files.front()), ""};
}

pep::Target linux_target(const std::string& python_full_version) {
  pep::Target target;
  target.python = pep::Version::parse(python_full_version).value();
  const auto release = target.python.release();
  const std::string short_version = cat(release[0], ".", release[1]);
  target.environment = {.os_name = "posix",
                        .sys_platform = "linux",
                        .platform_machine = "x86_64",
                        .platform_python_implementation = "CPython",
                        .platform_release = "6.1.0",
                        .platform_system = "Linux",
                        .platform_version = "#1 SMP",
                        .python_version = short_version,
                        .python_full_version = python_full_version,
                        .implementation_name = "cpython",
                        .implementation_version = python_full_version};
  pep::PlatformFacts platform;
  platform.machine = "x86_64";
  platform.glibc_major = 2;
  platform.glibc_minor = 35;
  platform.platform_string = "linux_x86_64";
  pep::InterpreterFacts interpreter;
  interpreter.implementation = "cpython";
  interpreter.version = {static_cast<int>(release[0]), static_cast<int>(release[1])};
  interpreter.abis = {cat("cp", release[0], release[1])};
  target.tags = std::make_shared<pep::TagSet>(interpreter, pep::platform_tags(platform));
  return target;
}

namespace {

std::vector<std::string_view> split_list(std::string_view text) {
  std::vector<std::string_view> items;
  while (!(text = trim(text)).empty()) {
    const std::size_t comma = text.find(", ");
    items.push_back(trim(text.substr(0, comma)));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 2);
  }
  return items;
}

Status apply_attribute(std::string_view text, const std::string& name, const std::string& version,
                       WorldRelease& release) {
  const std::size_t space = text.find(' ');
  const std::string_view word = text.substr(0, space);
  const std::string rest(space == std::string_view::npos ? "" : trim(text.substr(space)));
  const std::string prefix =
      cat(pep::Name::from_normalized(pep::normalize_name(name)).with_underscores(), "-", version);
  if (word == "yanked")
    release.yanked = rest;
  else if (word == "python")
    release.requires_python = rest;
  else if (word == "wheel") {
    const auto words = split_words(rest);
    const auto& file = release.file_names.emplace_back(cat(prefix, "-", words.front(), ".whl"));
    for (std::size_t i = 1; i < words.size(); ++i) release.requires_of[file].emplace_back(words[i].substr(1));
  } else if (word == "sdist")
    release.file_names.push_back(cat(prefix, ".tar.gz"));
  else if (word == "uploaded")
    release.upload_time = time::parse_rfc3339(rest);
  else if (word == "no-metadata")
    release.no_metadata = rest;
  else if (word == "broken")
    release.broken_requirements.push_back(rest);
  else if (word == "extras") {
    for (const std::string_view extra : split_words(rest)) release.provides_extra.emplace_back(extra);
  } else {
    return make_error(ErrorKind::bad_data, cat("unknown attribute ", quote(word)));
  }
  return ok_status();
}

// "name version {attributes}: requirements", or "@ url name version {attributes}: requirements".
Status load_release(std::string_view line, World& world) {
  WorldRelease release;
  const std::size_t brace = line.find('{');
  std::size_t colon = line.rfind(": ");
  std::string_view head = line;
  if (brace != std::string_view::npos) {
    const std::size_t end = line.find('}', brace);
    head = line.substr(0, brace);
    colon = line.find(':', end);
    for (const std::string_view attribute : split_list(line.substr(brace + 1, end - brace - 1))) {
      const auto words = split_words(head);
      PKG_TRY(apply_attribute(attribute, std::string(words[words.size() - 2]), std::string(words.back()), release));
    }
  } else {
    colon = head.find(": ");
    if (colon == std::string_view::npos && head.ends_with(':')) colon = head.size() - 1;
    if (head.starts_with("@ ")) colon = head.rfind(':');
    if (colon == std::string_view::npos) return make_error(ErrorKind::bad_data, cat("not a release: ", quote(line)));
    head = head.substr(0, colon);
  }
  for (const std::string_view requirement : split_list(line.substr(colon + 1)))
    release.requires_dist.emplace_back(requirement);
  const auto words = split_words(head);
  if (words.size() == 4 && words[0] == "@")
    world.add_direct(std::string(words[1]), std::string(words[2]), std::string(words[3]), std::move(release));
  else if (const auto at = words.front().find('@'); words.size() == 2 && at != std::string_view::npos)
    world.from(std::string(words[0].substr(at + 1)))
        .add(std::string(words[0].substr(0, at)), std::string(words[1]), std::move(release));
  else if (words.size() == 2)
    world.add(std::string(words[0]), std::string(words[1]), std::move(release));
  else
    return make_error(ErrorKind::bad_data, cat("not a release: ", quote(line)));
  return ok_status();
}

}  // namespace

Result<std::vector<std::string>> load_world(std::string_view text, World& world) {
  std::vector<std::string> questions;
  for (const std::string_view line : split_lines(text)) {
    if (trim(line).empty() || line.starts_with("#")) continue;
    if (line.starts_with(" ")) {
      if (questions.empty()) return make_error(ErrorKind::bad_data, cat("nothing to continue: ", quote(line)));
      std::string_view rest = trim(line);
      if (rest.starts_with("|")) rest.remove_prefix(1);
      if (rest.starts_with(" ")) rest.remove_prefix(1);
      append(questions.back(), "\n", rest);
    } else if (line.starts_with("install ") || line.starts_with("lock ")) {
      questions.emplace_back(trim(line));
    } else {
      PKG_TRY(load_release(trim(line), world));
    }
  }
  return questions;
}

}  // namespace pkg::test
