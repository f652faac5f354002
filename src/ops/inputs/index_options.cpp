#include "ops/inputs/index_options.h"

#include <algorithm>
#include <string>

#include "base/fs.h"
#include "base/text.h"
#include "base/url.h"
#include "index/index_table.h"

namespace pkg::ops {
namespace {

std::string find_links_place(const std::string& value, const std::filesystem::path& folder, const Session& session) {
  if (url::is_url(value)) return value;
  for (const auto* base : {&folder, &session.working_folder()}) {
    const auto path = *base / value;
    if (!base->empty() && fs::exists(path)) return path.lexically_normal().string();
  }
  return (folder.empty() ? session.working_folder() / value : folder / value).lexically_normal().string();
}

// Before it is added: what a file gives is not the user's own, unless the user's settings say the same.
const SecretUrl& as_foreign(const SecretUrl& given, index::Settings& settings) {
  const bool is_known =
      std::ranges::find(settings.indexes, given, &index::IndexLocation::url) != settings.indexes.end() ||
      std::ranges::find(settings.find_links, given) != settings.find_links.end();
  if (!is_known) settings.foreign_urls.insert(given);
  return given;
}

// As pip has it, a file may do without certificates; but not for the hosts that the user's own settings name.
void trust_host(const pep::RequirementLine& line, const Session& session, index::Settings& settings) {
  const auto host = to_ascii_lower(line.value.substr(0, line.value.find(':')));
  if (settings.own_hosts.contains(host)) {
    session.reporter().warning(
        cat(line.origin.to_string(), ": --trusted-host ", line.value,
            " is ignored: your own settings name this host (give --trusted-host on the command line)"));
    return;
  }
  settings.trusted_hosts.push_back(line.value);
}

}  // namespace

void apply_index_option(const pep::RequirementLine& line, const std::filesystem::path& folder, const Session& session,
                        index::Settings& settings) {
  auto& indexes = settings.indexes;
  const bool is_address = line.option == "--index-url" || line.option == "--extra-index-url";
  const auto url = is_address ? index::index_address(find_links_place(line.value, folder, session), {}) : line.value;
  const index::IndexLocation location{.name = {}, .url = url, .is_explicit = false, .takes_variables = true};
  if (line.option == "--no-index") {
    settings.no_index = true;
    indexes.clear();
  } else if (line.option == "--index-url" && !settings.no_index) {
    as_foreign(location.url, settings);
    std::erase_if(indexes, [](const index::IndexLocation& known) { return known.name.empty(); });
    indexes.push_back(location);
  } else if (line.option == "--extra-index-url" && !settings.no_index) {
    as_foreign(location.url, settings);
    indexes.insert(indexes.empty() ? indexes.end() : indexes.end() - 1, location);  // the last is asked last
  } else if (line.option == "--find-links") {
    settings.find_links.push_back(as_foreign(find_links_place(line.value, folder, session), settings));
  } else if (line.option == "--trusted-host") {
    trust_host(line, session, settings);
  }
}

Status apply_input_option(const pep::RequirementLine& line, Inputs& inputs, const Session& session) {
  const auto& option = line.option;
  if (option == "--pre") {
    inputs.releases.all = true;
  } else if (option == "--all-releases") {
    return add_release_control(line.value, resolver::Prereleases::allow, inputs.releases);
  } else if (option == "--only-final") {
    return add_release_control(line.value, resolver::Prereleases::disallow, inputs.releases);
  } else if (option == "--prefer-binary") {
    inputs.prefer_binary = true;
  } else if (option == "--only-binary" || option == "--no-binary") {
    inputs.format.push_back({line.value, option == "--only-binary"});
  } else if (option == "--require-hashes") {
    inputs.require_hashes = true;
  } else if (option == "--use-feature") {
    session.reporter().warning(
        cat(line.origin.to_string(), ": --use-feature ", printable(line.value), " has no meaning here and is ignored"));
  }
  return ok_status();
}

}  // namespace pkg::ops
