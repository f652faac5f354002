// tags.json: platform, interpreter and complete tag lists, selection of wheels, tag sets, file names, project names.

#include <algorithm>
#include <map>

#include "base/hash.h"
#include "base/text.h"
#include "conformance/cases.h"
#include "pep/filename.h"
#include "pep/name.h"
#include "pep/tags.h"
#include "support/tag_list.h"

namespace pkg::conformance {
namespace {

const std::string kFile = "tags.json";

int number_at(const VectorJson& list, std::size_t index) { return list.is_array() ? list.at(index).get<int>() : 0; }

void take_linux(const VectorJson& given, pep::PlatformFacts& facts) {
  facts.os = pep::PlatformFacts::Os::linux_;
  const std::string platform = given.at("sysconfig_platform");
  const std::string prefix = "linux-";
  if (platform.starts_with(prefix)) facts.machine = platform.substr(prefix.size());
  facts.platform_string = platform;
  facts.is_32bit = given.value("is_32bit", false);
  facts.glibc_major = number_at(given.value("glibc", VectorJson()), 0);
  facts.glibc_minor = number_at(given.value("glibc", VectorJson()), 1);
  facts.musl_major = number_at(given.value("musl", VectorJson()), 0);
  facts.musl_minor = number_at(given.value("musl", VectorJson()), 1);
  facts.armhf = given.value("elf_abi_ok", true);
  facts.foreign_elf = !given.value("elf_abi_ok", true);
}

pep::PlatformFacts platform_facts(const VectorJson& given) {
  using Os = pep::PlatformFacts::Os;
  pep::PlatformFacts facts;
  const std::string system = given.at("system");
  if (system == "Linux") {
    take_linux(given, facts);
  } else if (system == "Darwin") {
    facts.os = Os::macos;
    facts.machine = given.at("arch");
    facts.macos_major = number_at(given.at("version"), 0);
    facts.macos_minor = number_at(given.at("version"), 1);
  } else if (system == "iOS") {
    facts.os = Os::ios;
    facts.ios_multiarch = given.at("multiarch");
    facts.ios_major = number_at(given.at("version"), 0);
    facts.ios_minor = number_at(given.at("version"), 1);
  } else if (system == "Android") {
    facts.os = Os::android;
    facts.android_api_level = given.at("api_level");
    const std::string platform = given.at("sysconfig_platform");
    facts.android_abi = platform.substr(platform.rfind('-') + 1);
  } else {
    facts.os = system == "Windows" ? Os::windows : Os::other;
    facts.platform_string = given.at("sysconfig_platform");
    facts.pyemscripten = given.value("pyemscripten", std::string());
  }
  return facts;
}

pep::InterpreterFacts interpreter_facts(const VectorJson& given) {
  pep::InterpreterFacts facts;
  facts.implementation = given.at("implementation");
  facts.version = given.at("version").get<std::vector<int>>();
  facts.gil_disabled = given.value("free_threaded", false);
  facts.debug = given.value("debug", false);
  facts.abis = pep::interpreter_abis({.implementation = facts.implementation,
                                      .version = facts.version,
                                      .ext_suffix = given.value("ext_suffix", std::string()),
                                      .gil_disabled = facts.gil_disabled,
                                      .debug = facts.debug,
                                      .pymalloc = given.value("pymalloc", false),
                                      .ucs4 = given.value("ucs4", false)});
  return facts;
}

std::vector<std::string> as_texts(const std::vector<pep::Tag>& tags) {
  std::vector<std::string> out;
  for (const pep::Tag& tag : tags) out.push_back(tag.to_string());
  return out;
}

// A target named by entries of the file's tables of interpreters and platforms.
class Targets {
 public:
  explicit Targets(const VectorJson& document) : document_(document) {}
  pep::TagSet tags(const VectorJson& item) const {
    const auto platforms =
        pep::platform_tags(platform_facts(document_.at("platforms").at(item.at("platform").get<std::string>())));
    return pep::TagSet(interpreter_facts(document_.at("interpreters").at(item.at("interpreter").get<std::string>())),
                       platforms);
  }

 private:
  const VectorJson& document_;
};

bool digest_matches(const std::vector<std::string>& tags, const VectorJson& item) {
  const std::string joined = join(tags, "\n");
  return tags.size() == item.at("count").get<std::size_t>() &&
         hash::to_hex(hash::sha256(joined)) == item.at("sha256").get<std::string>();
}

std::vector<std::string> ranked(const pep::TagSet& tags, const std::vector<std::string>& file_names) {
  std::multimap<std::uint32_t, std::string> by_rank;
  for (const std::string& file_name : file_names) {
    const auto wheel = pep::WheelName::parse(file_name);
    if (!wheel.ok()) continue;
    if (const auto rank = tags.rank(wheel->interpreters, wheel->abis, wheel->platforms))
      by_rank.emplace(*rank, file_name);
  }
  std::vector<std::string> out;
  for (const auto& [rank, file_name] : by_rank) out.push_back(file_name);
  return out;
}

VectorJson build_of(const pep::BuildTag& build) {
  if (!build.number) return VectorJson::array();
  return VectorJson::array({*build.number, build.rest});
}

bool wheel_name_passes(const VectorJson& item) {
  const auto wheel = pep::WheelName::parse(item.at("input").get<std::string>());
  if (!item.at("valid").get<bool>()) return !wheel.ok();
  if (!wheel.ok()) return false;
  const auto tags = test::tags_of_set(cat(wheel->interpreters, "-", wheel->abis, "-", wheel->platforms));
  return tags && wheel->name.str() == item.at("name") && wheel->version.to_string() == item.at("version") &&
         build_of(wheel->build) == item.at("build") && as_texts(*tags) == texts(item.at("tags"));
}

bool sdist_name_passes(const VectorJson& item) {
  const auto sdist = pep::SdistName::parse(item.at("input").get<std::string>());
  if (!item.at("valid").get<bool>()) return !sdist.ok();
  return sdist.ok() && sdist->name.str() == item.at("name") && sdist->version.to_string() == item.at("version");
}

bool name_passes(const VectorJson& item) {
  const std::string input = item.at("input");
  const bool valid = item.at("valid");
  const std::string normal = pep::normalize_name(input);
  const auto name = pep::Name::parse(input);
  // is_normalized speaks of valid names in normal form.
  return normal == item.at("normalized") && pep::is_valid_name(input) == valid && name.ok() == valid &&
         item.at("is_normalized").get<bool>() == (valid && normal == input);
}

}  // namespace

std::vector<SectionResult> run_tags(const std::filesystem::path& folder) {
  const auto document = load_vectors(folder / kFile);
  if (!document) return {unreadable(kFile)};
  const Targets targets(*document);
  std::vector<SectionResult> results;
  const auto run = [&](const std::string& section, auto passes) {
    results.push_back(run_cases(*document, kFile, section, passes));
  };

  run("platform_tags", [](const VectorJson& item) {
    return pep::platform_tags(platform_facts(item.at("platform"))) == texts(item.at("platforms"));
  });
  run("interpreter_tags", [](const VectorJson& item) {
    const auto tags = pep::interpreter_tags(interpreter_facts(item.at("interpreter")), texts(item.at("platforms")));
    return as_texts(tags) == texts(item.at("tags"));
  });
  run("sys_tags",
      [&](const VectorJson& item) { return as_texts(targets.tags(item).ordered()) == texts(item.at("tags")); });
  run("sys_tags_digest",
      [&](const VectorJson& item) { return digest_matches(as_texts(targets.tags(item).ordered()), item); });
  run("select", [&](const VectorJson& item) {
    return ranked(targets.tags(item), texts(item.at("filenames"))) == texts(item.at("ranked"));
  });
  run("parse_tag", [](const VectorJson& item) {
    const auto tags = test::tags_of_set(item.at("input").get<std::string>());
    return item.contains("tags") ? tags && as_texts(*tags) == texts(item.at("tags")) : !tags;
  });
  run("wheel_filename", wheel_name_passes);
  run("sdist_filename", sdist_name_passes);
  run("name", name_passes);
  return results;
}

}  // namespace pkg::conformance
