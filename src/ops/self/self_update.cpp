#include "ops/self/self_update.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <compare>
#include <ctime>
#include <utility>

#include "base/ed25519.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/process.h"
#include "base/tar.h"
#include "base/text.h"
#include "base/url.h"
#include "index/http/client.h"
#include "index/http/curl_transport.h"
#include "index/http_calls.h"
#include "ops/self/release_manifest.h"

namespace pkg::ops {
namespace {

constexpr std::string_view kTemporary = ".pkg-update-";
constexpr std::uint64_t kMostSignatureBytes = 1024;
constexpr double kStartSeconds = 30;

// ---- whose file it is

// Who installed pkg, by the file that says so; empty: nobody left one.
std::string installed_by(const fs::Path& prefix) {
  const auto text = fs::read_file_at_most(prefix / "share/pkgpy/installed-by", 4096);
  if (!text) return {};
  const auto lines = split_lines(*text);
  return lines.empty() ? std::string() : std::string(trim(lines.front()));
}

bool is_from_pip(const fs::Path& prefix) {
  const auto pythons = fs::list_dir(prefix / "lib");
  if (!pythons) return false;
  for (const auto& python : *pythons) {
    if (!python.starts_with("python")) continue;
    const auto packages = fs::list_dir(prefix / "lib" / python / "site-packages");
    if (!packages) continue;
    for (const auto& name : *packages)
      if (name.starts_with("pkgpy-") && name.ends_with(".dist-info")) return true;
  }
  return false;
}

Error installed_otherwise(const fs::Path& path, std::string_view who) {
  return make_error(ErrorKind::unsupported,
                    cat(quote(path.string()), " was installed by ", who, ", not from a tarball"),
                    cat("update it with ", who));
}

Status check_owner(const fs::Path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return fs::errno_error("cannot look at", path, errno);
  if (status.st_uid == ::geteuid()) return ok_status();
  return make_error(ErrorKind::io, cat(quote(path.string()), " belongs to another user"),
                    "that user can run `pkg self update`");
}

// ---- what is fetched

Result<ReleaseManifest> signed_manifest(const UpdateOptions& options, index::Client& client) {
  PKG_TRY_ASSIGN(const auto key, parse_public_key(options.public_key));
  PKG_TRY_ASSIGN(const auto text, index::fetch_text(client, options.manifest_url, kMostManifestBytes));
  PKG_TRY_ASSIGN(const auto signature_text,
                 index::fetch_text(client, options.manifest_url + ".sig", kMostSignatureBytes));
  PKG_TRY_ASSIGN(const auto signature, parse_signature_file(signature_text));
  if (!ed25519::is_signed(key, text, signature))
    return make_error(ErrorKind::bad_data,
                      cat(quote(url::redact(options.manifest_url)), " is not signed by the key in self-update-key"),
                      "nothing was changed; somebody may have tampered with it, or the key was replaced");
  return parse_release_manifest(text);
}

Result<std::string> checked_archive(const ReleaseFile& file, const UpdateOptions& options, index::Client& client) {
  const auto url = url::join(options.manifest_url, file.url);
  PKG_TRY_ASSIGN(auto bytes, index::fetch_text(client, url, file.size_bytes + 1));
  if (bytes.size() != file.size_bytes)
    return make_error(ErrorKind::hash_mismatch,
                      cat(quote(url::redact(url)), " has ", bytes.size(), " bytes, expected ", file.size_bytes));
  if (const auto found = hash::to_hex(hash::sha256(bytes)); found != file.sha256_hex)
    return make_error(ErrorKind::hash_mismatch,
                      cat(quote(url::redact(url)), " has the sha256 ", found, ", expected ", file.sha256_hex));
  return bytes;
}

// The program in the archive: pkgpy-VERSION-TARGET/bin/pkg.
Result<std::string> program_in(const std::string& archive, const ReleaseManifest& manifest, const std::string& target,
                               const fs::Path& folder) {
  const auto path = folder / "release.tar.gz";
  PKG_TRY(fs::publish(path, archive, fs::Durability::none, 0600));
  const auto wanted = cat("pkgpy-", manifest.version_text, "-", target, "/bin/pkg");
  std::string program;
  PKG_TRY(tar::read(path.string(), tar::Compression::gzip,
                    [&](const tar::Member& member, std::string_view content) -> Status {
                      if (member.name == wanted && member.kind == tar::Member::Kind::file) program = content;
                      return ok_status();
                    }));
  if (program.empty()) return make_error(ErrorKind::bad_data, cat("the release's archive has no file ", quote(wanted)));
  return program;
}

// ---- how it takes the old one's place

// What commands that were killed have left.
void remove_leftovers(const fs::Path& folder) {
  constexpr std::time_t kOld = 3600;
  const auto names = fs::list_dir(folder);
  if (!names) return;
  for (const auto& name : *names) {
    struct stat status {};
    const auto path = folder / name;
    if (name.starts_with(kTemporary) && ::lstat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
        status.st_mtime + kOld < std::time(nullptr))
      ::unlink(path.c_str());
  }
}

// A file that goes with this object, unless it was renamed before.
class NewProgram {
 public:
  static Result<NewProgram> write(const fs::Path& beside, std::string_view bytes, mode_t mode) {
    auto pattern = (beside.parent_path() / cat(kTemporary, "XXXXXX")).string();
    fs::Fd fd(::mkostemp(pattern.data(), O_CLOEXEC));
    if (!fd) return fs::errno_error("cannot create", pattern, errno);
    NewProgram program{fs::Path(pattern)};
    PKG_TRY(fs::write_all(fd.get(), bytes, program.path_));
    if (::fchmod(fd.get(), mode) != 0 || ::fsync(fd.get()) != 0)
      return fs::errno_error("cannot write", program.path_, errno);
    PKG_TRY(fd.close(program.path_));
    return program;
  }
  NewProgram(NewProgram&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  NewProgram& operator=(NewProgram&&) = delete;
  ~NewProgram() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }

  const fs::Path& path() const { return path_; }
  Status take_place_of(const fs::Path& old) && {
    if (::rename(path_.c_str(), old.c_str()) != 0) return fs::errno_error("cannot replace", old, errno);
    path_.clear();
    if (const auto folder = fs::open_directory(old.parent_path())) ::fsync(folder->get());
    return ok_status();
  }

 private:
  explicit NewProgram(fs::Path path) : path_(std::move(path)) {}
  fs::Path path_;
};

// One for another machine or C library does not start here.
Status check_start(const fs::Path& program, const std::string& version) {
  process::Command command;
  command.argv = {program.string(), "--version"};
  command.directory = "/";
  command.timeout_s = kStartSeconds;
  command.output_limit_bytes = 4096;
  const auto output = process::run(command);
  const auto expected = cat("pkg ", version);
  if (output && output->exit_code == 0 && trim(output->out) == expected) return ok_status();
  return make_error(ErrorKind::unsupported,
                    cat("the program of the release does not start here, expected it to say ", quote(expected)),
                    "nothing was changed");
}

Status replace(const fs::Path& binary, std::string_view program, const std::string& version) {
  struct stat status {};
  if (::stat(binary.c_str(), &status) != 0) return fs::errno_error("cannot look at", binary, errno);
  remove_leftovers(binary.parent_path());
  PKG_TRY_ASSIGN(auto fresh, NewProgram::write(binary, program, (status.st_mode & 0777) | S_IRUSR | S_IXUSR));
  PKG_TRY(check_start(fresh.path(), version));
  return std::move(fresh).take_place_of(binary);
}

Status check_direction(const pep::Version& current, const ReleaseManifest& manifest, bool force) {
  if (force || manifest.version >= current) return ok_status();
  return make_error(ErrorKind::conflict,
                    cat("the release is ", manifest.version_text, ", older than this pkg ", current.to_string()),
                    "--force takes it all the same");
}

}  // namespace

Result<OwnBinary> own_binary() {
  std::error_code failed;
  auto path = std::filesystem::read_symlink("/proc/self/exe", failed);
  if (failed) return make_error(ErrorKind::io, cat("cannot find pkg's own file: ", failed.message()));
  if (!fs::exists(path))
    return make_error(ErrorKind::not_found, cat("pkg's own file is gone: ", quote(path.string())),
                      "it was replaced while it ran: try again");
  return OwnBinary{std::move(path)};
}

Status may_replace(const OwnBinary& binary) {
  const auto folder = binary.path.parent_path(), prefix = folder.parent_path();
  const auto who = installed_by(prefix);
  if (!who.empty() && who != "tarball") return installed_otherwise(binary.path, who);
  if (is_from_pip(prefix)) return installed_otherwise(binary.path, "pip");
  for (const std::string_view system : {"/usr/bin", "/bin", "/usr/sbin", "/sbin"})
    if (folder == system) return installed_otherwise(binary.path, "the system's package manager");
  PKG_TRY(check_owner(binary.path));
  PKG_TRY(check_owner(folder));
  if (::access(folder.c_str(), W_OK) != 0) return fs::errno_error("cannot write into", folder, errno);
  return ok_status();
}

Result<UpdateReport> update_self(const UpdateOptions& options, Session& session) {
  if (options.manifest_url.empty())
    return make_error(ErrorKind::usage, "there is no address that updates come from",
                      "set self-update-url, or PKG_SELF_UPDATE_URL, to that of a manifest.json");
  if (options.public_key.empty())
    return make_error(ErrorKind::usage, "there is no public key that updates are checked with",
                      "set self-update-key, or PKG_SELF_UPDATE_KEY");
  PKG_TRY_ASSIGN(const auto binary, own_binary());
  if (!options.only_check) PKG_TRY(may_replace(binary));
  PKG_TRY_ASSIGN(const auto current, pep::Version::parse(options.current_version));
  index::Client client(
      session.settings(), session.cancel(),
      [&](const index::TransportSettings& settings) { return index::make_curl_transport(settings, session.cancel()); },
      &session.reporter());
  PKG_TRY_ASSIGN(const auto manifest, signed_manifest(options, client));
  UpdateReport report{binary.path, options.current_version, manifest.version_text, UpdateReport::Outcome::up_to_date};
  if (manifest.version == current && !options.force) return report;
  PKG_TRY(check_direction(current, manifest, options.force));
  const auto* file = manifest.file_for(options.target);
  if (file == nullptr)
    return make_error(ErrorKind::not_found,
                      cat("pkg ", manifest.version_text, " has no file for ", quote(options.target)));
  report.outcome = UpdateReport::Outcome::available;
  if (options.only_check) return report;
  session.reporter().step("Downloading", cat("pkg ", manifest.version_text), 0, 0);
  PKG_TRY_ASSIGN(const auto archive, checked_archive(*file, options, client));
  PKG_TRY_ASSIGN(const auto folder, fs::TempDir::create(session.cache_dir(), "self-update-"));
  PKG_TRY_ASSIGN(const auto program, program_in(archive, manifest, options.target, folder.path()));
  if (session.cancel().is_cancelled()) return make_error(ErrorKind::interrupted, "interrupted");
  PKG_TRY(replace(binary.path, program, manifest.version_text));
  report.outcome = UpdateReport::Outcome::updated;
  return report;
}

}  // namespace pkg::ops
