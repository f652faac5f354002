#pragma once
// Whether a universal resolution keeps its promise, judged from the lock and the metadata alone.
// docs/internals/resolver.md#the-certificate

#include <optional>
#include <string>

#include "resolver/fork.h"
#include "resolver/problem.h"
#include "resolver/resolution.h"

namespace pkg::resolver {

// The first flaw found, as a sentence; nothing: the lock is right. `world` is the one it was resolved in.
std::optional<std::string> flaw_of(const Resolution& resolution, const Problem& problem, ForkWorld& world);

}  // namespace pkg::resolver
