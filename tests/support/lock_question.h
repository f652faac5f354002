#pragma once
// Universal problems and their answers as text: what tests/resolver/universal/*.txt and random worlds are written in.
//
// A question is options, then requirements separated by ", ". Options: --python SPEC  --strict-python
// --environment {MARKER}
// --required NAME {MARKER} TAG,TAG (or -: as the marker says)  --conflict extra:x,group:g
// --fewest  --lowest  --lowest-direct  --no-pre
// --only-binary a
// --constraint {b<2 ; MARKER}  --override {b==1}  --exclude b  --prefer b==1  --before 2024-01-01
// --override-of {a<2 : b==1}  --exclude-of {a : b}

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "resolver/problem.h"
#include "resolver/resolution.h"
#include "support/check_lock.h"

namespace pkg::test {

// "a<2 : b==1" as a rule for what a below 2 asks for: instead of it, or (not `is_override`) that it asks for no b.
Result<resolver::ParentRule> parent_rule(std::string_view text, bool is_override);

Result<resolver::Problem> lock_problem(std::string_view question);

// "a 2 {marker}, a 1 {other}", or the explanation of a conflict, with headline and hint when asked for.
std::string lock_answer_text(const std::variant<resolver::Resolution, resolver::Conflict>& answer, bool headline,
                             bool hint);
// Everything a resolution says (but statistics), to compare two.
std::string full_text(const resolver::Resolution& resolution);

// The selections of extras x and y and group dev that the problem allows, without an environment.
std::vector<LockTarget> selections(const resolver::Problem& problem);
// Is the target one of those the problem is for?
bool is_in_universe(const resolver::Problem& problem, const LockTarget& target);

}  // namespace pkg::test
