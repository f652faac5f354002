#pragma once
// Which file each distribution of an environment was installed from: what versions do not tell. An index may have two
// files of one name and version, direct_url.json (PEP 610) is written for URLs only, and a RECORD names no archive.
//
// Kept as a note in Environment::state_dir(), so that it counts only with the MAC of this user's key, and for a
// distribution only while its METADATA is the very file that was installed then: what another tool put there since is
// unknown.

#include <map>
#include <span>
#include <string>

#include "base/fs.h"
#include "pep/name.h"
#include "venv/environment.h"
#include "venv/site.h"
#include "venv/state_key.h"

namespace pkg::venv {

struct Change;
class StateFolder;

inline constexpr const char* kOriginsName = "origins";  // of the note

class Origins {
 public:
  // Whatever is wrong with the note, nothing is known then.
  static Origins read(const Environment& environment, const StateKey& key);

  // sha256 (hex) of the wheel, of what was built that of its source; empty: unknown.
  std::string sha256_of(const InstalledDist& dist) const;

  // After `change`, while the environment is held: what it brought is known, what it took is forgotten. Failing is no
  // error; who is killed in between leaves a note that says nothing.
  static void note(const Change& change, const Environment& environment, const StateKey& key, const StateFolder& state);

 private:
  struct Origin {
    std::string sha256, metadata;  // hex; how METADATA looked
  };
  std::map<pep::Name, Origin> known_;
};

}  // namespace pkg::venv
