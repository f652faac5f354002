#pragma once
// Where Pythons come from that are not on this machine, and whether they may come unasked. Plain data: the user's
// alone, no project says where (ops/session/setting_table.cpp).

#include <cstdint>
#include <string>

namespace pkg::ops {

enum class PythonDownloads : std::uint8_t {
  automatic,  // what a command needs is installed
  manual,     // only `pkg python install` installs
  never,
};

struct PythonOptions {
  PythonDownloads downloads = PythonDownloads::automatic;
  std::string catalog;  // a file or a URL (docs/reference/python-catalog.md); empty: there is none
  std::string mirror;   // takes the place of the catalogue's `base`; empty: none
};

}  // namespace pkg::ops
