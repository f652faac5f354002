// libarchive unpacks the bytes, our own code reads the tar: its tar reader knows ten dialects, and what two readers may
// see differently is what has to be refused. libarchive leaves the gzip checksum alone, so that is ours too. Only
// src/base/tar.cpp knows libarchive.
#include "base/tar.h"

#include <archive.h>

#include <algorithm>
#include <array>
#include <memory>
#include <unordered_map>
#include <utility>

#include "base/dynlib.h"
#include "base/extract.h"
#include "base/fs.h"
#include "base/inflate.h"
#include "base/tar_header.h"
#include "base/text.h"

namespace pkg::tar {
namespace {

constexpr std::size_t kMostMembers = 200'000;
constexpr std::size_t kDeepest = 64;
constexpr std::uint64_t kBombSize = 64u << 20;  // as for zip: more than this …
constexpr std::uint64_t kBombRatio = 50;        // … and more than this times the archive
constexpr std::size_t kChunk = 256 * 1024;

Error bad(std::string message) { return make_error(ErrorKind::bad_data, std::move(message)); }
Error bad_member(std::string_view name, std::string_view why) {
  return bad(cat("the archive's member ", quote(name.substr(0, 300)), ' ', why));
}

// The few functions of libarchive that unpacking takes.
struct Library {
  decltype(&::archive_read_new) read_new = nullptr;
  decltype(&::archive_read_free) read_free = nullptr;
  decltype(&::archive_read_support_filter_gzip) support_gzip = nullptr;
  decltype(&::archive_read_support_filter_bzip2) support_bzip2 = nullptr;
  decltype(&::archive_read_support_filter_xz) support_xz = nullptr;
  decltype(&::archive_read_support_filter_zstd) support_zstd = nullptr;
  decltype(&::archive_read_support_format_raw) support_raw = nullptr;
  decltype(&::archive_read_open_filename) open_filename = nullptr;
  decltype(&::archive_read_next_header) next_header = nullptr;
  decltype(&::archive_read_data) read_data = nullptr;
  decltype(&::archive_error_string) error_string = nullptr;
};

Result<Library> load_library() {
  PKG_TRY_ASSIGN(const auto loaded, ThirdParty::open("libarchive.so.13", "libarchive13"));
  Library lib;
  const bool complete =
      PKG_BIND(loaded, lib.read_new, archive_read_new) && PKG_BIND(loaded, lib.read_free, archive_read_free) &&
      PKG_BIND(loaded, lib.support_gzip, archive_read_support_filter_gzip) &&
      PKG_BIND(loaded, lib.support_bzip2, archive_read_support_filter_bzip2) &&
      PKG_BIND(loaded, lib.support_xz, archive_read_support_filter_xz) &&
      PKG_BIND(loaded, lib.support_zstd, archive_read_support_filter_zstd) &&
      PKG_BIND(loaded, lib.support_raw, archive_read_support_format_raw) &&
      PKG_BIND(loaded, lib.open_filename, archive_read_open_filename) &&
      PKG_BIND(loaded, lib.next_header, archive_read_next_header) &&
      PKG_BIND(loaded, lib.read_data, archive_read_data) && PKG_BIND(loaded, lib.error_string, archive_error_string);
  if (!complete)
    return make_error(ErrorKind::unsupported, "the library `libarchive.so.13` lacks a function",
                      "update the package libarchive13");
  return lib;
}

// How such a file begins, where libarchive does not look.
std::string_view magic_of(Compression compression) {
  switch (compression) {
    case Compression::bzip2:
      return "BZh";
    case Compression::xz:
      return "\xfd\x37zXZ";
    case Compression::zstd:
      return "\x28\xb5\x2f\xfd";
    default:
      return {};
  }
}

// The unpacked bytes of a file, in order. Refuses bombs; gzip's checksum and length at the file's end must fit.
class UnpackedStream {
 public:
  static Result<UnpackedStream> open(const std::string& path, Compression compression) {
    PKG_TRY_ASSIGN(const Library lib, load_library());
    UnpackedStream stream(lib, compression);
    PKG_TRY(stream.read_frame(path));
    if (stream.archive_ == nullptr) return make_error(ErrorKind::io, "no memory for reading an archive");
    if (compression == Compression::gzip) lib.support_gzip(stream.archive_.get());
    if (compression == Compression::bzip2) lib.support_bzip2(stream.archive_.get());
    if (compression == Compression::xz) lib.support_xz(stream.archive_.get());
    if (compression == Compression::zstd && lib.support_zstd(stream.archive_.get()) != ARCHIVE_OK)
      return make_error(ErrorKind::unsupported, "libarchive was built without zstd, which .tar.zst archives need");
    lib.support_raw(stream.archive_.get());
    if (lib.open_filename(stream.archive_.get(), path.c_str(), kChunk) != ARCHIVE_OK) return stream.failed();
    archive_entry* entry = nullptr;
    const int got = lib.next_header(stream.archive_.get(), &entry);
    if (got != ARCHIVE_OK && got != ARCHIVE_EOF) return stream.failed();
    return stream;
  }

  // Fills `into`, less only at the end.
  Result<std::size_t> read(char* into, std::size_t size) {
    std::size_t filled = 0;
    while (filled < size) {
      const la_ssize_t got = lib_.read_data(archive_.get(), into + filled, size - filled);
      if (got < 0) return failed();
      if (got == 0) break;
      filled += static_cast<std::size_t>(got);
    }
    checksum_ = crc32({into, filled}, checksum_);
    total_ += filled;
    PKG_TRY(check_size(0));
    return filled;
  }

  // With so many bytes more, which come into being without being read.
  Status check_size(std::uint64_t copied) const {
    if (total_ + copied > kBombSize && (total_ + copied) / kBombRatio > file_size_)
      return bad(cat("the archive of ", file_size_, " bytes unpacks to more than ", kBombRatio, " times its size"));
    return ok_status();
  }

  Status check_end() const {
    if (compression_ != Compression::gzip) return ok_status();
    if (checksum_ != trailer_checksum_ || static_cast<std::uint32_t>(total_) != trailer_size_)
      return bad("the archive's gzip checksum does not fit: it is damaged, or more than one stream");
    return ok_status();
  }

 private:
  using Archive = std::unique_ptr<::archive, decltype(&::archive_read_free)>;
  UnpackedStream(const Library& lib, Compression compression)
      : lib_(lib), compression_(compression), archive_(lib.read_new(), lib.read_free) {}

  // RFC 1952: magic number and method in front, CRC and length (modulo 2^32) behind, little-endian.
  Status read_frame(const std::string& path) {
    PKG_TRY_ASSIGN(const fs::Fd fd, fs::open_regular(path));
    struct stat info {};
    if (::fstat(fd.get(), &info) != 0) return fs::errno_error("cannot read", path, errno);
    file_size_ = static_cast<std::uint64_t>(info.st_size);
    if (compression_ != Compression::gzip) return check_magic(fd, path);
    std::array<char, 3> magic{};
    std::array<unsigned char, 8> trailer{};
    if (file_size_ < 18) return bad("this is no .tar.gz archive: it is too short");
    PKG_TRY(fs::read_at(fd.get(), 0, magic, path));
    PKG_TRY(fs::read_at(fd.get(), file_size_ - 8, {reinterpret_cast<char*>(trailer.data()), trailer.size()}, path));
    if (std::string_view(magic.data(), 3) != "\x1f\x8b\x08")
      return bad("this is no .tar.gz archive: it does not begin like a gzip file");
    for (std::size_t i = 0; i < 4; ++i) {
      trailer_checksum_ |= static_cast<std::uint32_t>(trailer[i]) << (8 * i);
      trailer_size_ |= static_cast<std::uint32_t>(trailer[4 + i]) << (8 * i);
    }
    return ok_status();
  }

  // libarchive takes what it does not know for what is not compressed.
  Status check_magic(const fs::Fd& fd, const std::string& path) const {
    const std::string_view magic = magic_of(compression_);
    std::array<char, 5> begin{};
    PKG_TRY(fs::read_at(fd.get(), 0, begin, path));
    if (std::string_view(begin.data(), magic.size()) == magic) return ok_status();
    const auto ending = compression_ == Compression::bzip2  ? ".tar.bz2"
                        : compression_ == Compression::zstd ? ".tar.zst"
                                                            : ".tar.xz";
    return bad(cat("this is no ", ending, " archive: it does not begin like one"));
  }

  Error failed() const {
    const char* reason = lib_.error_string(archive_.get());
    return bad(cat("the archive cannot be unpacked: ", printable(reason != nullptr ? reason : "it is damaged")));
  }

  Library lib_;
  Compression compression_;
  Archive archive_;
  std::uint64_t file_size_ = 0, total_ = 0;
  std::uint32_t checksum_ = 0, trailer_checksum_ = 0, trailer_size_ = 0;
};

// Which names there are, so that no two members can be in each other's way.
class Names {
 public:
  // False: it was there before.
  Result<bool> add(const Member& member) {
    for (auto slash = member.name.find('/'); slash != std::string::npos; slash = member.name.find('/', slash + 1)) {
      const auto [known, is_new] = known_.try_emplace(member.name.substr(0, slash), Known{Member::Kind::directory, 0});
      if (known->second.kind != Member::Kind::directory)
        return bad_member(member.name, "lies inside something that is no folder");
    }
    const auto [known, is_new] = known_.try_emplace(member.name, Known{member.kind, member.size});
    if (is_new) return true;
    const bool may_repeat = member.kind == Member::Kind::directory ||
                            (member.kind == Member::Kind::file && member.size == known->second.size);
    if (may_repeat && known->second.kind == member.kind) return false;
    return bad_member(member.name, "is there twice");
  }

  // The size of a file that came before; a hard link's size is its file's.
  std::optional<std::uint64_t> file_size(const std::string& name) const {
    const auto known = known_.find(name);
    const bool is_file = known != known_.end() && known->second.kind == Member::Kind::file;
    return is_file ? std::optional(known->second.size) : std::nullopt;
  }

 private:
  struct Known {
    Member::Kind kind;
    std::uint64_t size;
  };
  std::unordered_map<std::string, Known> known_;
};

// "./a/b/" is "a/b"; "." is nothing.
std::string_view plain_name(std::string_view name) {
  while (name.substr(0, 2) == "./") name.remove_prefix(2);
  while (!name.empty() && name.back() == '/' && name != "/") name.remove_suffix(1);
  return name == "." ? std::string_view() : name;
}

Status check_text(std::string_view name, std::string_view text) {
  const bool has_control =
      std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  if (has_control) return bad_member(name, "has control bytes in its name or target");
  return is_valid_utf8(text) ? ok_status() : Status(bad_member(name, "has a name or target that is no UTF-8"));
}

// `..` may stand only in front: after a name it would be looked up through whatever that name is a link to. So every
// link stays inside the top folder, and a chain of links does.
Status check_link(const Member& member) {
  const std::string_view target = member.link_target;
  if (target.empty() || target[0] == '/') return bad_member(member.name, "is a link that is not relative");
  PKG_TRY(check_text(member.name, target));
  auto depth = static_cast<std::size_t>(std::count(member.name.begin(), member.name.end(), '/'));
  bool in_front = true;
  for (const std::string_view component : split(target, '/')) {
    if (component != "..") {
      in_front = in_front && component.empty();
      continue;
    }
    if (!in_front || depth <= 1) return bad_member(member.name, cat("is a link out of its folder, to ", quote(target)));
    --depth;
  }
  return ok_status();
}

Result<Member> member_of(const format::Header& header) {
  Member member;
  member.name = plain_name(header.name);
  member.size = header.size;
  member.executable = (header.mode & 0111) != 0 && header.type == '0';
  member.mtime = header.mtime;
  if (header.type == '0')
    member.kind = Member::Kind::file;
  else if (header.type == '5')
    member.kind = Member::Kind::directory;
  else if (header.type == '2')
    member.kind = Member::Kind::symlink;
  else if (header.type == '1')
    member.kind = Member::Kind::hard_link;
  else
    return bad_member(header.name,
                      cat("is of a kind that is refused (type `", printable(std::string_view(&header.type, 1)),
                          "`): neither file, folder nor link"));
  if (member.kind != Member::Kind::file && member.size != 0)
    return bad_member(header.name, "has content, but is no file");
  if (member.name.empty() && member.kind == Member::Kind::directory) return member;
  PKG_TRY(check_relative_path(member.name));
  PKG_TRY(check_text(member.name, member.name));
  if (static_cast<std::size_t>(std::count(member.name.begin(), member.name.end(), '/')) >= kDeepest)
    return bad_member(member.name, "lies too deep");
  if (member.kind == Member::Kind::hard_link) member.link_target = plain_name(header.link_target);
  if (member.kind != Member::Kind::symlink) return member;
  member.link_target = header.link_target;
  PKG_TRY(check_link(member));
  return member;
}

class TarReader {
 public:
  TarReader(UnpackedStream stream, const TakeMember& call) : stream_(std::move(stream)), call_(call) {}

  Status run() {
    std::array<char, format::kBlock> block;
    format::Extension extension;
    bool extended = false;
    for (std::size_t headers = 0;; ++headers) {
      PKG_TRY_ASSIGN(const auto got, stream_.read(block.data(), block.size()));
      const std::string_view bytes(block.data(), got);
      if (got == 0 || (got == block.size() && format::is_zero(bytes))) break;
      if (got != block.size()) return bad("the archive is cut off");
      if (headers > 3 * kMostMembers) return bad(cat("the archive has more than ", kMostMembers, " members"));
      PKG_TRY_ASSIGN(auto header, format::parse_header(bytes));
      if (header.type == 'x' || header.type == 'L' || header.type == 'K' || header.type == 'g') {
        PKG_TRY(read_extension(header, extension));
        extended = extended || header.type != 'g';
        continue;
      }
      PKG_TRY(extension.apply(header));
      extension = {};
      extended = false;
      PKG_TRY(read_member(header));
    }
    if (extended) return bad("the archive ends after an extension header");
    return check_end();
  }

 private:
  Status read_content(std::uint64_t size) {
    content_.clear();
    // Grown as bytes come: a header may announce anything.
    while (content_.size() < size) {
      const std::size_t before = content_.size();
      const std::size_t piece = std::min<std::uint64_t>(size - before, std::max(kChunk, before));
      content_.resize(before + piece);
      PKG_TRY_ASSIGN(const auto got, stream_.read(content_.data() + before, piece));
      if (got != piece) return bad("the archive is cut off");
    }
    std::array<char, format::kBlock> padding;
    const std::size_t rest = (format::kBlock - size % format::kBlock) % format::kBlock;
    PKG_TRY_ASSIGN(const auto got, stream_.read(padding.data(), rest));
    return got == rest ? ok_status() : Status(bad("the archive is cut off"));
  }

  Status read_extension(const format::Header& header, format::Extension& extension) {
    if (header.size > format::kLongestExtension)
      return bad(cat("the archive has an extension header of ", header.size, " bytes"));
    PKG_TRY(read_content(header.size));
    return header.type == 'g' ? format::check_global(content_) : extension.add(header.type, content_);
  }

  Status read_member(const format::Header& header) {
    if (++members_ > kMostMembers) return bad(cat("the archive has more than ", kMostMembers, " members"));
    PKG_TRY_ASSIGN(Member member, member_of(header));
    PKG_TRY(read_content(member.size));
    if (member.name.empty()) return ok_status();
    if (member.kind == Member::Kind::hard_link) PKG_TRY(check_hard_link(member));
    PKG_TRY_ASSIGN(const bool is_new, names_.add(member));
    member.is_repeated = !is_new;
    if (member.is_repeated && member.kind == Member::Kind::directory) return ok_status();
    return call_(member, content_);
  }

  Status check_hard_link(const Member& member) {
    const auto size = names_.file_size(member.link_target);
    if (!size)
      return bad_member(member.name,
                        cat("is a hard link to ", quote(member.link_target), ", which is no file before it"));
    copied_ += *size;
    return stream_.check_size(copied_);
  }

  // Behind the first block of zeros some readers stop and some go on: there must be nothing.
  Status check_end() {
    content_.resize(kChunk);
    while (true) {
      PKG_TRY_ASSIGN(const auto got, stream_.read(content_.data(), content_.size()));
      if (!format::is_zero(std::string_view(content_).substr(0, got))) return bad("the archive has data after its end");
      if (got < content_.size()) break;
    }
    return stream_.check_end();
  }

  UnpackedStream stream_;
  const TakeMember& call_;
  Names names_;
  std::string content_;
  std::size_t members_ = 0;
  std::uint64_t copied_ = 0;  // by hard links
};

}  // namespace

std::optional<Compression> compression_of(std::string_view file_name) {
  const auto lower = to_ascii_lower(file_name);
  const auto ends = [&](std::string_view ending) { return lower.ends_with(ending); };
  if (ends(".tar.gz") || ends(".tgz")) return Compression::gzip;
  if (ends(".tar.bz2") || ends(".tbz")) return Compression::bzip2;
  if (ends(".tar.xz") || ends(".txz")) return Compression::xz;
  if (ends(".tar")) return Compression::none;
  return std::nullopt;
}

Status read(const std::string& path, Compression compression, const TakeMember& member) {
  PKG_TRY_ASSIGN(auto stream, UnpackedStream::open(path, compression));
  return TarReader(std::move(stream), member).run().with([&] { return cat("while reading ", quote(path)); });
}

}  // namespace pkg::tar
