#pragma once
// Problem: what is asked for. Everything a resolution depends on besides the answers of the PackageSource.

#include <string>
#include <vector>

#include "pep/name.h"
#include "pep/requirement.h"
#include "pep/target.h"
#include "pep/version.h"
#include "resolver/policy.h"

namespace pkg::resolver {

struct Preference {
  pep::Name name;
  pep::Version version;  // taken when it fits, before anything newer: installed or locked
};

struct Problem {
  std::vector<pep::Requirement> requirements;  // each with its Origin
  std::vector<pep::Requirement> constraints;   // narrow versions, do not pull in
  std::vector<pep::Requirement> overrides;     // replace every other requirement on the same name
  std::vector<pep::Name> excludes;             // never pulled in
  std::vector<pep::Target> targets;            // not empty; today one, for universal resolution a set
  std::vector<Preference> preferences;
  Policy policy;
};

}  // namespace pkg::resolver
