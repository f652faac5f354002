#pragma once
// What was built, in the cache folder and behind it in the remote cache: a machine of the fleet takes the wheel that
// another one built, when a trusted key signed which wheel that was.
//
// Keys are those of BuiltWheels. `fleet` says for which machines a build holds besides (libc, system); empty: for this
// one alone. Threads: any. Each call waits.

#include <optional>
#include <string>

#include "base/fs.h"
#include "base/result.h"
#include "index/cache/cache.h"
#include "index/remote/remote_cache.h"
#include "index/wheels/built_wheels.h"
#include "pep/dist_file.h"

namespace pkg::index {

class SharedBuilds {
 public:
  // `remote` may be null. `pushes`: it is given what the cache folder has, when that is asked for.
  SharedBuilds(CachePaths paths, std::int64_t now, RemoteCache* remote, bool pushes)
      : paths_(std::move(paths)), built_(paths_, now), remote_(remote), pushes_(pushes) {}

  std::optional<std::string> known(const std::string& request, const std::string& fleet) const;
  void keep_known(const std::string& request, const std::string& key, const std::string& fleet) const;
  std::optional<pep::DistFile> wheel(const std::string& key, const std::string& fleet) const;
  // Errors: those of BuiltWheels::keep_wheel.
  Result<pep::DistFile> keep_wheel(const std::string& key, const fs::Path& wheel, const std::string& fleet) const;
  std::optional<std::string> metadata(const std::string& key) const { return built_.metadata(key); }
  Status keep_metadata(const std::string& key, const std::string& text) const {
    return built_.keep_metadata(key, text);
  }

 private:
  // Puts a wheel and the note that names it.
  void offer_wheel(const std::string& key, const pep::DistFile& wheel, const std::string& fleet) const;
  std::optional<std::string> ask(const EntryName& name) const;
  Result<pep::DistFile> fetch(const std::string& key, const std::string& note) const;

  const CachePaths paths_;
  const BuiltWheels built_;
  RemoteCache* const remote_;
  const bool pushes_;
};

}  // namespace pkg::index
