// Local headers and data descriptors, held against the central directory.
#include <algorithm>
#include <numeric>

#include "base/text.h"
#include "base/zip_format.h"

namespace pkg::zip::format {
namespace {

// Level hints (bits 1 and 2) may differ: they change nothing.
constexpr std::uint16_t kMeaningfulFlags =
    kEncrypted | kHasDescriptor | kPatched | kStronglyEncrypted | kUtf8 | kHeadersMasked;

Error disagree(std::string_view name, std::string_view what) {
  return bad_entry(
      name, cat("can be read in two ways: its local header and the central directory disagree about its ", what));
}

// With a descriptor to come, a writer puts zeros into the header, or what it knows already.
bool agrees(std::uint64_t local, std::uint64_t central, bool may_be_zero) {
  return local == central || (may_be_zero && local == 0);
}

// [4.3.9] With or without signature, sizes in 32 or 64 bits: the room there is says which.
Status check_descriptor(std::string_view bytes, const Entry& entry) {
  const bool wide = bytes.size() == 20 || bytes.size() == 24;
  const bool has_signature = bytes.size() == 16 || bytes.size() == 24;
  if (!wide && !has_signature && bytes.size() != 12)
    return bad_entry(entry.name, "is followed by data that nothing refers to");
  if (has_signature && u32_at(bytes, 0) != kDescriptorSignature)
    return bad_entry(entry.name, "is followed by data that nothing refers to");
  const auto fields = bytes.substr(has_signature ? 4 : 0);
  const std::uint64_t compressed_size = wide ? u64_at(fields, 4) : u32_at(fields, 4);
  const std::uint64_t size = wide ? u64_at(fields, 12) : u32_at(fields, 8);
  if (u32_at(fields, 0) != entry.crc32 || compressed_size != entry.compressed_size || size != entry.size)
    return bad_entry(entry.name, "can be read in two ways: its data descriptor and the central directory disagree");
  return ok_status();
}

// Nobody who reads from front to back can tell where stored data with a descriptor ends, if it holds what looks like
// one.
Status check_stored_stream(std::string_view data, const Entry& entry) {
  const char signature[4] = {'P', 'K', 7, 8};
  if (data.find({signature, 4}) == std::string_view::npos) return ok_status();
  return bad_entry(entry.name,
                   "can be read in two ways: it is stored, of unannounced size, and holds a data descriptor");
}

// One entry and its descriptor in [its offset, end).
Status check_extent(std::string_view archive, const Central& central, std::uint64_t end) {
  const Entry& entry = central.entry;
  const auto bytes = archive.substr(entry.header_offset, end - entry.header_offset);
  PKG_TRY_ASSIGN(const LocalLayout layout, check_local_header(bytes, entry, central.flags));
  if (entry.compressed_size > bytes.size() - layout.data_begin)
    return bad_entry(entry.name, "overlaps what follows it");
  const auto data = bytes.substr(layout.data_begin, entry.compressed_size);
  const auto rest = bytes.substr(layout.data_begin + entry.compressed_size);
  if (entry.is_directory() && !data.empty()) PKG_TRY(expand_exact(entry, data, {}));
  if ((central.flags & kHasDescriptor) == 0)
    return rest.empty() ? ok_status() : Status(bad_entry(entry.name, "is followed by data that nothing refers to"));
  if (entry.stored) PKG_TRY(check_stored_stream(data, entry));
  return check_descriptor(rest, entry);
}

}  // namespace

Result<LocalLayout> check_local_header(std::string_view bytes, const Entry& entry,
                                       std::optional<std::uint16_t> central_flags) {
  if (bytes.size() < kLocalSize || u32_at(bytes, 0) != kLocalSignature)
    return bad_entry(entry.name, "has no local header where it should be");
  const std::uint16_t flags = u16_at(bytes, 6);
  const std::size_t name_length = u16_at(bytes, 26);
  const std::size_t extra_length = u16_at(bytes, 28);
  if (bytes.size() - kLocalSize < name_length + extra_length)
    return bad_entry(entry.name, "has a local header that is cut off");
  if (bytes.substr(kLocalSize, name_length) != entry.name) return disagree(entry.name, "name");
  if (u16_at(bytes, 8) != method_of(entry)) return disagree(entry.name, "compression");
  if (central_flags && ((flags ^ *central_flags) & kMeaningfulFlags) != 0) return disagree(entry.name, "flags");
  const Sizes header{.size = u32_at(bytes, 22), .compressed_size = u32_at(bytes, 18)};
  PKG_TRY_ASSIGN(const Sizes sizes,
                 read_extra(bytes.substr(kLocalSize + name_length, extra_length), entry.name, header, false));
  const bool streamed = (flags & kHasDescriptor) != 0;
  if (!agrees(sizes.size, entry.size, streamed) || !agrees(sizes.compressed_size, entry.compressed_size, streamed))
    return disagree(entry.name, "size");
  if (!agrees(u32_at(bytes, 14), entry.crc32, streamed)) return disagree(entry.name, "CRC");
  return LocalLayout{.data_begin = kLocalSize + name_length + extra_length};
}

Status check_layout(std::string_view archive, std::uint64_t directory_offset, std::span<const Central> entries) {
  std::vector<std::uint32_t> order(entries.size());
  std::iota(order.begin(), order.end(), 0u);
  const auto offset_of = [&](std::uint32_t i) { return entries[i].entry.header_offset; };
  const auto by_offset = [&](std::uint32_t a, std::uint32_t b) { return offset_of(a) < offset_of(b); };
  if (!std::is_sorted(order.begin(), order.end(), by_offset)) std::sort(order.begin(), order.end(), by_offset);
  if (const auto first = order.empty() ? directory_offset : offset_of(order[0]); first != 0)
    return bad("the archive has data before its first entry");
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::uint64_t end = i + 1 < order.size() ? offset_of(order[i + 1]) : directory_offset;
    const Central& central = entries[order[i]];
    if (end <= central.entry.header_offset || end > directory_offset)
      return bad_entry(central.entry.name, "overlaps what follows it");
    PKG_TRY(check_extent(archive, central, end));
  }
  return ok_status();
}

}  // namespace pkg::zip::format
