#pragma once
// Which file belongs to whom, and whose lies there when two distributions ship one path with different content. Pure:
// conflicts are found before anything is written.

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "venv/transaction/overwritten.h"
#include "venv/transaction/placement.h"
#include "venv/transaction/transaction.h"

namespace pkg::venv {

// How a distribution that stays has its file for a path.
enum class Standing : std::uint8_t { in_place, overwritten };

// The contests of one change, and what becomes of those who lose.
class Contests {
 public:
  // `keeps`: files of those who lose are kept. What is referred to outlives this.
  Contests(std::span<const WheelToInstall> wheels, const ApplyOptions& options, const Overwritten& before, bool keeps)
      : wheels_(wheels), options_(options), before_(before), keeps_(keeps) {}

  const Overwritten& before() const { return before_; }
  // Whether the file of the arriving wheel goes before that of a distribution that stays.
  bool arriving_wins(std::uint32_t wheel, std::string_view other, Standing standing, const std::string& path) const;
  // conflict: such contests are refused, or this one: files of .dist-info folders are never somebody else's.
  Status check(const Placement& placement, const PlacedDir& dir, std::string_view name, const DistTitle& one,
               const DistTitle& other) const;
  DistTitle title(std::uint32_t wheel) const;
  DistTitle owner(const Placement& placement, const PlacedFile& file) const;  // of a wheel's file, or a kept one

  // `winner` has its file at `path`, for now. The loser's is `file`, or is kept already.
  void note(const std::string& path, const DistTitle& winner, const DistTitle& loser);
  void lost(const std::string& path, const DistTitle& winner, const DistTitle& loser, PlacedFile file);
  // Adds the files that are kept from now on to the placement.
  void put_losers(Placement& placement);
  std::vector<FileConflict> report(const Boundary& boundary) const;

 private:
  struct Loser {
    std::string path, name;
    PlacedFile file;
  };
  std::span<const WheelToInstall> wheels_;
  const ApplyOptions& options_;
  const Overwritten& before_;
  bool keeps_;
  std::vector<Loser> losers_;
  std::map<std::string, DistTitle> winners_;  // by path
  std::map<std::string, std::set<DistTitle>> lost_;
};

// Two wheels bring the same path: with equal bytes it is placed once; else one of them stands, and the other's file is
// lost to `contests`. conflict: refused; a file where the other has a folder.
Status settle_between_wheels(Placement& placement, Contests& contests);

// sha256 (raw) of what a linked or written file will hold.
std::string sha256_in(const Placement& placement, const PlacedFile& file);

}  // namespace pkg::venv
