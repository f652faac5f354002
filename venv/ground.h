#pragma once
// The folders of one environment, held open for a change. Every path that is made, moved or deleted is reached from a
// descriptor, through no link: what others swap meanwhile makes an error, never a change elsewhere
// (docs/internals/transaction.md#descriptors).

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/beneath.h"
#include "base/result.h"
#include "venv/environment.h"
#include "venv/path_boundary.h"

namespace pkg::venv {

// A name in a folder that is held open.
struct Spot {
  fs::HeldFolder folder;
  std::string name;
  int at() const { return folder->get(); }
};

class Ground {
 public:
  // not_found: no prefix. unsupported: a virtual environment of somebody else, or one of whose own folders is a link
  // that leads out of it.
  static Result<Ground> open(const Environment& environment);

  const Boundary& boundary() const { return *boundary_; }
  EnvironmentKind kind() const { return kind_; }
  int prefix() const { return inside_.fd(); }

  // Paths are absolute and normal. Below the prefix; in other than virtual environments also elsewhere, where their
  // schemes are. Errors: not_found · unsupported (outside the environment, or a link on the way) · io.
  Result<fs::HeldFolder> folder(std::string_view path);       // kept open for the next one
  Result<fs::HeldFolder> made_folder(std::string_view path);  // made where it is missing
  Result<fs::Fd> open_folder(std::string_view path) const;    // any thread
  Result<Spot> spot(std::string_view path);                   // its folder has to be there
  void forget();                                              // folders were moved
  // Whether who owns `uid`'s files may keep state here: the user, and for root whoever owns the prefix.
  bool is_trusted_owner(uid_t uid) const;

 private:
  Ground(std::unique_ptr<Boundary> boundary, EnvironmentKind kind, fs::Beneath inside)
      : boundary_(std::move(boundary)), kind_(kind), inside_(std::move(inside)) {}
  Status check_owner();
  Status check_roots(const Environment& environment) const;
  struct Place;
  Result<Place> place_of(std::string_view path) const;

  std::unique_ptr<Boundary> boundary_;  // others keep references to it
  EnvironmentKind kind_;
  uid_t owner_ = 0;  // of the prefix
  mutable fs::Beneath inside_;
  mutable std::optional<fs::Beneath> outside_;  // from the root of the file system; not for virtual environments
};

// unsupported: a virtual environment whose folder belongs to somebody else, unless we are root. Cheap: one stat.
Status refuse_others_environment(const Environment& environment);

}  // namespace pkg::venv
