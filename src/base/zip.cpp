// The reader: everything about names, sizes and places is checked once, when an archive is opened; contents when they
// are read. The file is mapped: wheels are read from the cache's own temporary files, which nobody else truncates.
#include "base/zip.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "base/fs.h"
#include "base/inflate.h"
#include "base/text.h"
#include "base/zip_format.h"
#include "base/zstd.h"

namespace pkg::zip {
namespace {

// A whole file in memory, as long as it lives.
class Mapping {
 public:
  Mapping() = default;
  Mapping(void* data, std::size_t size) : data_(data), size_(size) {}
  Mapping(Mapping&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Mapping& operator=(Mapping&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Mapping() {
    if (data_ != nullptr) ::munmap(data_, size_);
  }
  std::string_view bytes() const { return {static_cast<const char*>(data_), size_}; }

 private:
  void* data_ = nullptr;
  std::size_t size_ = 0;
};

Result<Mapping> map_file(const std::string& path) {
  PKG_TRY_ASSIGN(const fs::Fd fd, fs::open_regular(path));
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return fs::errno_error("cannot read", path, errno);
  if (info.st_size == 0) return Mapping();
  const auto size = static_cast<std::size_t>(info.st_size);
  void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
  if (data == MAP_FAILED) return fs::errno_error("cannot map", path, errno);
  return Mapping(data, size);
}

std::vector<Entry> entries_of(std::vector<format::Central> directory) {
  std::vector<Entry> entries;
  entries.reserve(directory.size());
  for (format::Central& central : directory) entries.push_back(std::move(central.entry));
  return entries;
}

std::optional<std::string_view> stored_part(std::string_view archive, const Entry& entry) {
  if (entry.header_offset > archive.size() || archive.size() - entry.header_offset < format::kLocalSize)
    return std::nullopt;
  // Checked against the central directory when the archive was opened: only where the data begins is taken from here.
  const auto bytes = archive.substr(entry.header_offset);
  const std::size_t begin = format::kLocalSize + format::u16_at(bytes, 26) + format::u16_at(bytes, 28);
  if (begin > bytes.size() || entry.compressed_size > bytes.size() - begin) return std::nullopt;
  return bytes.substr(begin, entry.compressed_size);
}

}  // namespace

Status format::expand_exact(const Entry& entry, std::string_view data, std::span<char> into) {
  return (entry.zstd ? unzstd_exact(data, into) : inflate_exact(data, into)).with([&] {
    return cat("while reading the archive's entry ", quote(entry.name));
  });
}

Result<std::string_view> format::unpack(const Entry& entry, std::string_view data, std::string& buffer) {
  if (!entry.stored && !data.empty()) {  // some writers call nothing deflated
    if (buffer.size() < entry.size) buffer.resize(entry.size);
    const std::span<char> into(buffer.data(), entry.size);
    PKG_TRY(expand_exact(entry, data, into));
    data = {buffer.data(), entry.size};
  }
  if (data.size() != entry.size) return bad_entry(entry.name, "is not of the announced size");
  if (crc32(data) != entry.crc32) return bad_entry(entry.name, "has a wrong CRC: the archive is damaged");
  return data;
}

struct Reader::State {
  Mapping mapping;
  std::string_view archive;
  std::vector<Entry> entries;
  std::vector<std::uint32_t> by_name;

  Status load(const Limits& limits) {
    PKG_TRY_ASSIGN(const auto location, format::locate_directory(archive, archive.size(), nullptr));
    PKG_TRY_ASSIGN(auto directory, format::parse_directory(archive.substr(location.offset, location.size), location,
                                                           archive.size(), limits));
    PKG_TRY(format::check_layout(archive, location.offset, directory));
    entries = entries_of(std::move(directory));
    PKG_TRY_ASSIGN(by_name, format::sort_names(entries));
    return ok_status();
  }
};

Reader::Reader(std::unique_ptr<State> state) : state_(std::move(state)) {}
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;
Reader::~Reader() = default;

Result<Reader> Reader::open(const std::string& path, const Limits& limits) {
  auto state = std::make_unique<State>();
  PKG_TRY_ASSIGN(state->mapping, map_file(path));
  state->archive = state->mapping.bytes();
  PKG_TRY(state->load(limits).with([&] { return cat("while reading ", quote(path)); }));
  return Reader(std::move(state));
}

Result<Reader> Reader::from_memory(std::string_view archive, const Limits& limits) {
  auto state = std::make_unique<State>();
  state->archive = archive;
  PKG_TRY(state->load(limits));
  return Reader(std::move(state));
}

std::span<const Entry> Reader::entries() const { return state_->entries; }

const Entry* Reader::find(std::string_view name) const {
  const auto& entries = state_->entries;
  const auto found = std::lower_bound(
      state_->by_name.begin(), state_->by_name.end(), name,
      [&](std::uint32_t i, std::string_view wanted) { return format::name_less(entries[i].name, wanted); });
  return found != state_->by_name.end() && entries[*found].name == name ? &entries[*found] : nullptr;
}

Result<std::string> Reader::read(const Entry& entry) const {
  std::string buffer;
  PKG_TRY_ASSIGN(const auto content, read_into(entry, buffer));
  if (content.data() != buffer.data()) return std::string(content);
  buffer.resize(content.size());
  return buffer;
}

Result<std::string_view> Reader::read_into(const Entry& entry, std::string& buffer) const {
  const auto stored = stored_part(state_->archive, entry);
  if (!stored) return format::bad_entry(entry.name, "lies outside the archive");
  return format::unpack(entry, *stored, buffer);
}

std::string_view Reader::stored_bytes(const Entry& entry) const {
  return stored_part(state_->archive, entry).value_or(std::string_view());
}

Result<Directory> read_directory(std::string_view tail, std::uint64_t archive_size, std::uint64_t* needed_from,
                                 const Limits& limits) {
  PKG_TRY_ASSIGN(const auto location, format::locate_directory(tail, archive_size, needed_from));
  const auto bytes = tail.substr(location.offset - (archive_size - tail.size()), location.size);
  PKG_TRY_ASSIGN(auto directory, format::parse_directory(bytes, location, archive_size, limits));
  Directory out{entries_of(std::move(directory))};
  PKG_TRY(format::sort_names(out.entries));
  return out;
}

Result<std::string> read_member(const Entry& entry, std::string_view bytes_from_local_header) {
  PKG_TRY_ASSIGN(const auto layout, format::check_local_header(bytes_from_local_header, entry, std::nullopt));
  if (entry.compressed_size > bytes_from_local_header.size() - layout.data_begin)
    return format::bad_entry(entry.name, "is cut off");
  std::string buffer;
  PKG_TRY_ASSIGN(
      const auto content,
      format::unpack(entry, bytes_from_local_header.substr(layout.data_begin, entry.compressed_size), buffer));
  return std::string(content);
}

}  // namespace pkg::zip
