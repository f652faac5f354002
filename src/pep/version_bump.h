#pragma once
// The next version of a project: `pkg version --bump minor`. docs/reference/project.md#version

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "pep/version.h"

namespace pkg::pep {

enum class VersionPart : std::uint8_t { major, minor, patch, stable, alpha, beta, rc, post, dev };

// One part is raised, or (`to`) set.
struct VersionBump {
  VersionPart part = VersionPart::patch;
  std::optional<std::uint64_t> to;
};

// "minor", "patch=7". usage: it is neither, with the nearest word.
Result<VersionBump> parse_bump(std::string_view text);
std::vector<std::string> bump_words();  // "major" …, in the order in which they are applied

// major, minor and patch raise that number and end everything behind it; stable leaves the release alone, without what
// makes it a pre-release; alpha, beta, rc, post and dev begin at 1 or go on from the same. Whatever order they are
// given in, a release comes before a pre-release, that before post, that before dev. usage: two of one kind, or what
// comes out is no newer version (1.2.3 with beta alone: 1.2.3b1 comes before it) · unsupported: a number beyond 64
// bits.
Result<Version> bumped(const Version& version, std::span<const VersionBump> bumps);

}  // namespace pkg::pep
