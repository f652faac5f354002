#pragma once
// Zip archives and wheels made in tests: valid by default, and a test breaks one thing.
//
//   const auto wheel = make_wheel("demo", "1.0", {{"demo/__init__.py", "x = 1\n"}}, {.requires_dist = {"six>=1"}});
//   wheel.file_name, wheel.bytes, wheel.sha256
//   make_wheel("demo", "1.0", files,   // RECORD lies in this one
//              {.change = [](std::vector<ZipEntry>& entries) { entries[0].content += "!"; }});

#include <libdeflate.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/binary.h"
#include "base/hash.h"
#include "base/inflate.h"
#include "base/text.h"

namespace pkg::test {

// One entry. The first four say what is in it; the others break it, or write it the way some tool does.
struct ZipEntry {
  std::string name;
  std::string content;
  unsigned mode = 0100644;  // as stat has it: type and permissions
  bool deflate = false;

  enum class Descriptor { none, plain, with_signature, plain_64, with_signature_64 } descriptor = Descriptor::none;
  bool zip64 = false;                      // sizes in zip64 extra fields, 0xFFFFFFFF in the headers
  bool sizes_in_streamed_header = false;   // with a descriptor: the local header has the sizes too
  std::string before, after;               // raw bytes around the entry
  std::string local_extra, central_extra;  // raw extra fields
  std::string comment;
  std::optional<std::string> local_name, stored_bytes;  // stored_bytes: instead of the (compressed) content
  std::optional<std::uint16_t> flags, local_flags, method, local_method;
  std::optional<std::uint32_t> crc, local_crc, descriptor_crc, attributes;
  std::optional<std::uint32_t> size, compressed_size, local_size, local_compressed_size, offset;
};

struct ZipEnd {
  std::string comment;
  std::string before_directory, before_end, after;  // raw bytes
  bool zip64 = false;
  std::optional<std::uint16_t> entries, comment_length;
  std::optional<std::uint32_t> directory_size, directory_offset;
  std::optional<std::uint64_t> entries64, directory_offset64;
};

inline std::string deflate(std::string_view bytes) {
  const std::unique_ptr<libdeflate_compressor, void (*)(libdeflate_compressor*)> compressor(
      libdeflate_alloc_compressor(6), libdeflate_free_compressor);
  std::string out(libdeflate_deflate_compress_bound(compressor.get(), bytes.size()), '\0');
  out.resize(libdeflate_deflate_compress(compressor.get(), bytes.data(), bytes.size(), out.data(), out.size()));
  return out;
}

namespace zip_detail {

struct Written {
  std::string data;
  std::uint16_t flags = 0, method = 0;
  std::uint32_t crc = 0, offset = 0;
};

inline std::string zip64_extra(std::uint64_t size, std::uint64_t compressed_size) {
  BinaryWriter extra;
  extra.u16(1);
  extra.u16(16);
  extra.u64(size);
  extra.u64(compressed_size);
  return extra.take();
}

inline void write_local(BinaryWriter& out, const ZipEntry& entry, const Written& written) {
  const bool streamed = entry.descriptor != ZipEntry::Descriptor::none;
  const bool zeros = streamed && !entry.sizes_in_streamed_header;
  const std::uint64_t size = zeros ? 0 : entry.content.size();
  const std::uint64_t compressed_size = zeros ? 0 : written.data.size();
  const std::string extra = (entry.zip64 ? zip64_extra(size, compressed_size) : "") + entry.local_extra;
  const std::string name = entry.local_name.value_or(entry.name);
  out.u32(0x04034b50);
  out.u16(20);
  out.u16(entry.local_flags.value_or(written.flags));
  out.u16(entry.local_method.value_or(written.method));
  out.u32(0x00210000);  // 1980-01-01 00:00
  out.u32(entry.local_crc.value_or(zeros ? 0 : written.crc));
  out.u32(entry.local_compressed_size.value_or(entry.zip64 ? 0xFFFFFFFF : static_cast<std::uint32_t>(compressed_size)));
  out.u32(entry.local_size.value_or(entry.zip64 ? 0xFFFFFFFF : static_cast<std::uint32_t>(size)));
  out.u16(static_cast<std::uint16_t>(name.size()));
  out.u16(static_cast<std::uint16_t>(extra.size()));
  out.bytes(name);
  out.bytes(extra);
}

inline void write_descriptor(BinaryWriter& out, const ZipEntry& entry, const Written& written) {
  using Descriptor = ZipEntry::Descriptor;
  if (entry.descriptor == Descriptor::none) return;
  if (entry.descriptor == Descriptor::with_signature || entry.descriptor == Descriptor::with_signature_64)
    out.u32(0x08074b50);
  out.u32(entry.descriptor_crc.value_or(written.crc));
  if (entry.descriptor == Descriptor::plain_64 || entry.descriptor == Descriptor::with_signature_64) {
    out.u64(written.data.size());
    out.u64(entry.content.size());
  } else {
    out.u32(static_cast<std::uint32_t>(written.data.size()));
    out.u32(static_cast<std::uint32_t>(entry.content.size()));
  }
}

inline Written write_entry(BinaryWriter& out, const ZipEntry& entry) {
  Written written;
  out.bytes(entry.before);
  written.data = entry.stored_bytes.value_or(entry.deflate ? deflate(entry.content) : entry.content);
  written.flags = static_cast<std::uint16_t>((entry.descriptor != ZipEntry::Descriptor::none ? 8 : 0) | 0x800);
  if (entry.flags) written.flags = *entry.flags;
  written.method = entry.method.value_or(entry.deflate ? 8 : 0);
  written.crc = entry.crc.value_or(crc32(entry.content));
  written.offset = static_cast<std::uint32_t>(out.size());
  write_local(out, entry, written);
  out.bytes(written.data);
  write_descriptor(out, entry, written);
  out.bytes(entry.after);
  return written;
}

inline void write_central(BinaryWriter& out, const ZipEntry& entry, const Written& written) {
  const std::string extra =
      (entry.zip64 ? zip64_extra(entry.content.size(), written.data.size()) : "") + entry.central_extra;
  out.u32(0x02014b50);
  out.u16(0x0314);  // made on Unix
  out.u16(20);
  out.u16(written.flags);
  out.u16(written.method);
  out.u32(0x00210000);
  out.u32(written.crc);
  out.u32(entry.compressed_size.value_or(entry.zip64 ? 0xFFFFFFFF : static_cast<std::uint32_t>(written.data.size())));
  out.u32(entry.size.value_or(entry.zip64 ? 0xFFFFFFFF : static_cast<std::uint32_t>(entry.content.size())));
  out.u16(static_cast<std::uint16_t>(entry.name.size()));
  out.u16(static_cast<std::uint16_t>(extra.size()));
  out.u16(static_cast<std::uint16_t>(entry.comment.size()));
  out.u16(0);
  out.u16(0);
  out.u32(entry.attributes.value_or(static_cast<std::uint32_t>(entry.mode) << 16));
  out.u32(entry.offset.value_or(written.offset));
  out.bytes(entry.name);
  out.bytes(extra);
  out.bytes(entry.comment);
}

inline void write_end64(BinaryWriter& out, const ZipEnd& end, std::uint64_t entries, std::uint64_t offset,
                        std::uint64_t size) {
  const std::uint64_t record = out.size();
  out.u32(0x06064b50);
  out.u64(44);
  out.u16(45);
  out.u16(45);
  out.u32(0);
  out.u32(0);
  out.u64(end.entries64.value_or(entries));
  out.u64(end.entries64.value_or(entries));
  out.u64(size);
  out.u64(end.directory_offset64.value_or(offset));
  out.u32(0x07064b50);
  out.u32(0);
  out.u64(record);
  out.u32(1);
}

}  // namespace zip_detail

inline std::string build_zip(const std::vector<ZipEntry>& entries, const ZipEnd& end = {}) {
  BinaryWriter out;
  std::vector<zip_detail::Written> written;
  for (const ZipEntry& entry : entries) written.push_back(zip_detail::write_entry(out, entry));
  out.bytes(end.before_directory);
  const std::size_t offset = out.size();
  for (std::size_t i = 0; i < entries.size(); ++i) zip_detail::write_central(out, entries[i], written[i]);
  const std::size_t size = out.size() - offset;
  out.bytes(end.before_end);
  if (end.zip64) zip_detail::write_end64(out, end, entries.size(), offset, size);
  const auto count = end.entries.value_or(end.zip64 ? 0xFFFF : static_cast<std::uint16_t>(entries.size()));
  out.u32(0x06054b50);
  out.u32(0);
  out.u16(count);
  out.u16(count);
  out.u32(end.directory_size.value_or(end.zip64 ? 0xFFFFFFFF : static_cast<std::uint32_t>(size)));
  out.u32(end.directory_offset.value_or(end.zip64 ? 0xFFFFFFFF : static_cast<std::uint32_t>(offset)));
  out.u16(end.comment_length.value_or(static_cast<std::uint16_t>(end.comment.size())));
  out.bytes(end.comment);
  out.bytes(end.after);
  return out.take();
}

struct WheelOptions {
  std::string tag = "py3-none-any";
  std::vector<std::string> requires_dist;
  std::string requires_python;
  std::vector<std::string> provides_extra;
  std::string entry_points;  // the text of entry_points.txt; empty: no such file
  bool purelib = true;
  bool deflate = true;
  std::string metadata_extra;                          // more header lines, each with its newline
  std::optional<std::string> metadata, wheel, record;  // instead of what is generated
  std::optional<std::string> file_name;
  std::function<void(std::vector<ZipEntry>&)> change;  // applied last: RECORD does not know of it
};

struct BuiltWheel {
  std::string file_name;
  std::string bytes;
  std::string sha256;    // hex
  std::string metadata;  // the METADATA file, as an index serves it beside the wheel
};

namespace zip_detail {

inline std::string metadata_text(const std::string& name, const std::string& version, const WheelOptions& options) {
  if (options.metadata) return *options.metadata;
  std::string text = cat("Metadata-Version: 2.1\nName: ", name, "\nVersion: ", version, "\n");
  if (!options.requires_python.empty()) append(text, "Requires-Python: ", options.requires_python, '\n');
  for (const auto& extra : options.provides_extra) append(text, "Provides-Extra: ", extra, '\n');
  for (const auto& requirement : options.requires_dist) append(text, "Requires-Dist: ", requirement, '\n');
  return text + options.metadata_extra;
}

inline std::string wheel_text(const WheelOptions& options) {
  if (options.wheel) return *options.wheel;
  std::string text =
      cat("Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: ", options.purelib ? "true" : "false", "\n");
  const auto parts = split(options.tag, '-');
  for (const auto python : split(parts[0], '.'))
    for (const auto abi : split(parts[1], '.'))
      for (const auto platform : split(parts[2], '.')) append(text, "Tag: ", python, '-', abi, '-', platform, '\n');
  return text;
}

inline std::string csv_field(const std::string& text) {
  return text.find_first_of(",\"") == std::string::npos ? text : cat('"', replace_all(text, "\"", "\"\""), '"');
}

inline std::string record_text(const std::vector<ZipEntry>& entries, const std::string& record_name) {
  std::string text;
  for (const ZipEntry& entry : entries) {
    if (entry.name.back() == '/') continue;
    append(text, csv_field(entry.name), ",sha256=", hash::to_base64url(hash::sha256(entry.content)), ',',
           entry.content.size(), '\n');
  }
  return text + csv_field(record_name) + ",,\n";
}

}  // namespace zip_detail

// `files`: what the wheel holds besides its .dist-info. Names as they appear in the file name: pass them escaped
// ("my_project").
inline BuiltWheel make_wheel(const std::string& name, const std::string& version, std::vector<ZipEntry> files,
                             const WheelOptions& options = {}) {
  const std::string dist_info = cat(name, '-', version, ".dist-info/");
  BuiltWheel wheel;
  wheel.file_name = options.file_name.value_or(cat(name, '-', version, '-', options.tag, ".whl"));
  wheel.metadata = zip_detail::metadata_text(name, version, options);
  std::vector<ZipEntry> entries = std::move(files);
  const auto add = [&](const std::string& file, std::string content) {
    ZipEntry entry;
    entry.name = dist_info + file;
    entry.content = std::move(content);
    entries.push_back(std::move(entry));
  };
  add("METADATA", wheel.metadata);
  add("WHEEL", zip_detail::wheel_text(options));
  if (!options.entry_points.empty()) add("entry_points.txt", options.entry_points);
  add("RECORD", options.record.value_or(zip_detail::record_text(entries, dist_info + "RECORD")));
  for (ZipEntry& entry : entries) entry.deflate = entry.deflate || (options.deflate && !entry.content.empty());
  if (options.change) options.change(entries);
  wheel.bytes = build_zip(entries);
  wheel.sha256 = hash::to_hex(hash::sha256(wheel.bytes));
  return wheel;
}

// The entry of a list by its name, for `change`.
inline ZipEntry& entry_named(std::vector<ZipEntry>& entries, std::string_view name) {
  for (ZipEntry& entry : entries)
    if (entry.name == name) return entry;
  static ZipEntry none;
  return none;
}

}  // namespace pkg::test
