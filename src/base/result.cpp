#include "base/result.h"

namespace pkg {

std::string_view kind_name(ErrorKind kind) {
  using enum ErrorKind;
  switch (kind) {
    case usage:
      return "usage";
    case bad_data:
      return "bad_data";
    case not_found:
      return "not_found";
    case conflict:
      return "conflict";
    case network:
      return "network";
    case hash_mismatch:
      return "hash_mismatch";
    case io:
      return "io";
    case busy:
      return "busy";
    case unsupported:
      return "unsupported";
    case build:
      return "build";
    case interrupted:
      return "interrupted";
    case internal:
      return "internal";
  }
  return {};
}

}  // namespace pkg
