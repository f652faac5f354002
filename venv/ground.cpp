#include "venv/ground.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/fs.h"
#include "base/text.h"

namespace pkg::venv {
namespace {

Error others_environment(const std::string& prefix, uid_t owner) {
  return make_error(
      ErrorKind::unsupported,
      cat("the environment ", quote(prefix), " belongs to another user (", owner, "): pkg changes only your own"),
      "make one of your own with `pkg venv`, or name another with --python");
}

// "bin" of "/env/bin", or the folder above it that is the link.
Error leads_out(const std::string& prefix, const std::filesystem::path& root, const std::string& target) {
  return make_error(ErrorKind::unsupported,
                    cat("the environment's folder ", quote(root.native()), " leads out of ", quote(prefix), ", to ",
                        quote(target), ": refused"),
                    "replace the link by a folder, or recreate the environment with `pkg venv --clear`");
}

}  // namespace

Status refuse_others_environment(const Environment& environment) {
  struct stat info;
  if (environment.kind != EnvironmentKind::venv || ::geteuid() == 0) return ok_status();
  const auto& prefix = environment.layout.prefix.native();
  if (::stat(prefix.c_str(), &info) == 0 && info.st_uid != ::geteuid()) return others_environment(prefix, info.st_uid);
  return ok_status();
}

Result<Ground> Ground::open(const Environment& environment) {
  PKG_TRY_ASSIGN(auto inside, fs::Beneath::open(environment.layout.prefix));
  Ground ground(std::make_unique<Boundary>(environment.layout), environment.kind, std::move(inside));
  PKG_TRY(ground.check_owner());
  PKG_TRY(ground.check_roots(environment));
  if (environment.kind != EnvironmentKind::venv) {
    PKG_TRY_ASSIGN(ground.outside_, fs::Beneath::open("/"));
  }
  return ground;
}

Status Ground::check_owner() {
  struct stat info;
  if (::fstat(inside_.fd(), &info) != 0) return fs::errno_error("cannot look at", inside_.path(), errno);
  owner_ = info.st_uid;
  const uid_t self = ::geteuid();
  if (kind_ == EnvironmentKind::venv && self != 0 && owner_ != self) return others_environment(inside_.path(), owner_);
  return ok_status();
}

Status Ground::check_roots(const Environment& environment) const {
  if (inside_.path() != boundary_->prefix())
    return make_error(ErrorKind::io, cat(quote(environment.layout.prefix.native()), " was moved while it was opened"));
  if (kind_ != EnvironmentKind::venv) return ok_status();
  for (const auto scheme :
       {pep::Scheme::purelib, pep::Scheme::platlib, pep::Scheme::headers, pep::Scheme::scripts, pep::Scheme::data}) {
    const auto& root = boundary_->root(scheme);
    if (root != boundary_->prefix() && !is_below(root, boundary_->prefix()))
      return leads_out(boundary_->prefix(), environment.layout.of(scheme), root);
  }
  return ok_status();
}

struct Ground::Place {
  fs::Beneath* anchor;
  std::string_view below;
};

Result<Ground::Place> Ground::place_of(std::string_view path) const {
  const auto& prefix = boundary_->prefix();
  if (path == prefix) return Place{&inside_, {}};
  if (is_below(path, prefix)) return Place{&inside_, path.substr(prefix == "/" ? 1 : prefix.size() + 1)};
  if (!outside_ || !path.starts_with('/'))
    return make_error(ErrorKind::unsupported, cat(quote(path), " lies outside the environment ", quote(prefix)));
  return Place{&*outside_, path.substr(1)};
}

Result<fs::HeldFolder> Ground::folder(std::string_view path) {
  PKG_TRY_ASSIGN(const auto place, place_of(path));
  return place.anchor->folder(place.below);
}

Result<fs::HeldFolder> Ground::made_folder(std::string_view path) {
  PKG_TRY_ASSIGN(const auto place, place_of(path));
  return place.anchor->made_folder(place.below);
}

Result<fs::Fd> Ground::open_folder(std::string_view path) const {
  PKG_TRY_ASSIGN(const auto place, place_of(path));
  return place.anchor->open_folder(place.below);
}

Result<Spot> Ground::spot(std::string_view path) {
  PKG_TRY_ASSIGN(auto above, folder(parent_of(path)));
  return Spot{std::move(above), std::string(name_of(path))};
}

void Ground::forget() {
  inside_.forget();
  if (outside_) outside_->forget();
}

bool Ground::is_trusted_owner(uid_t uid) const {
  if (kind_ != EnvironmentKind::venv) return true;  // shared with others who may write there
  const uid_t self = ::geteuid();
  return uid == self || (self == 0 && uid == owner_);
}

}  // namespace pkg::venv
