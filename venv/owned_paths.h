#pragma once
// The paths a distribution's RECORD claims, as absolute normal paths: streamed, without building rows (an environment
// has ten thousands).

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "venv/path_boundary.h"
#include "venv/site.h"

namespace pkg::venv {

// RECORD paths are relative to the folder that holds the .dist-info. `buffer` is reused from call to call.
std::string_view record_target(std::string_view site, std::string_view path, std::string& buffer);

// The RECORD texts of distributions, read on first use. A missing or unreadable one claims nothing.
class ClaimsOf {
 public:
  explicit ClaimsOf(std::span<const InstalledDist> dists) : dists_(dists) {}
  void for_each(const std::function<void(const InstalledDist& dist, std::string_view absolute_path,
                                         std::string_view hash)>& claim);

 private:
  std::span<const InstalledDist> dists_;
  std::vector<std::string> texts_;
  bool is_read_ = false;
};

}  // namespace pkg::venv
