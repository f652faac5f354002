#pragma once
// Where the remote cache is and what this user lets it do. Only the user's own settings fill this in; a project may say
// `mode` alone, and no more than the user allows (docs/guides/fleet.md).

#include <cstdint>
#include <string>
#include <vector>

#include "base/secret_url.h"

namespace pkg::index {

enum class RemoteMode : std::uint8_t { read_write, read_only, off };

struct RemoteCacheSettings {
  SecretUrl url;  // s3://bucket/prefix, http:// or https://; empty: there is none
  RemoteMode mode = RemoteMode::read_write;
  std::string key_file;            // what entries are signed with; empty: none are written
  std::vector<std::string> trust;  // public keys, or files with them, whose entries are believed besides our own
  std::string endpoint, region;    // of S3; empty: variables, files, AWS
  bool path_style = false;         // bucket in the path, not in the host; always with an endpoint
  double patience_s = 3;           // what it may cost one command by being slow
  bool pushes = false;             // `pkg cache push`: what is built here already is put, too
  bool alone = false;              // `pkg cache pull`: what it lacks is not fetched from an index
  bool operator==(const RemoteCacheSettings&) const = default;
};

}  // namespace pkg::index
