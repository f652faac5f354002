#pragma once
// .tar.gz archives made in tests, member by member; each field can be broken.

#include <libdeflate.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"

namespace pkg::test {

struct TarMember {
  std::string name, content;
  char type = '0';
  std::string link_target;
  unsigned mode = 0644;
  std::optional<std::string> size_field, magic, prefix;  // raw bytes
  bool wrong_checksum = false;
};

inline std::string pax_record(std::string_view key, std::string_view value) {
  const std::string rest = cat(' ', key, '=', value, '\n');
  std::size_t length = rest.size() + 1;
  while (cat(length).size() + rest.size() != length) ++length;
  return cat(length, rest);
}

inline TarMember pax(std::string records, char type = 'x') {
  return {.name = "pax", .content = std::move(records), .type = type};
}

inline std::string build_tar(const std::vector<TarMember>& members, std::size_t zero_blocks = 2) {
  std::string out;
  for (const TarMember& member : members) {
    std::string block(512, '\0');
    const auto put = [&](std::size_t at, std::string_view text) { block.replace(at, text.size(), text); };
    char number[16];
    put(0, std::string_view(member.name).substr(0, 100));
    std::snprintf(number, sizeof number, "%07o", member.mode);
    put(100, number);
    std::snprintf(number, sizeof number, "%011zo", member.content.size());
    put(124, member.size_field.value_or(number));
    put(136, "00000000000");
    put(148, "        ");
    block[156] = member.type;
    put(157, std::string_view(member.link_target).substr(0, 100));
    put(257, member.magic.value_or(std::string("ustar\0"
                                               "00",
                                               8)));
    put(345, member.prefix.value_or(""));
    unsigned sum = member.wrong_checksum ? 1 : 0;
    for (const char c : block) sum += static_cast<unsigned char>(c);
    std::snprintf(number, sizeof number, "%06o", sum);
    put(148, std::string_view(number, 7));
    out += block + member.content + std::string((512 - member.content.size() % 512) % 512, '\0');
  }
  return out + std::string(zero_blocks * 512, '\0');
}

inline std::string gzip(std::string_view bytes) {
  const std::unique_ptr<libdeflate_compressor, void (*)(libdeflate_compressor*)> compressor(
      libdeflate_alloc_compressor(6), libdeflate_free_compressor);
  std::string out(libdeflate_gzip_compress_bound(compressor.get(), bytes.size()), '\0');
  out.resize(libdeflate_gzip_compress(compressor.get(), bytes.data(), bytes.size(), out.data(), out.size()));
  return out;
}

inline std::string zlib(std::string_view bytes) {
  const std::unique_ptr<libdeflate_compressor, void (*)(libdeflate_compressor*)> compressor(
      libdeflate_alloc_compressor(6), libdeflate_free_compressor);
  std::string out(libdeflate_zlib_compress_bound(compressor.get(), bytes.size()), '\0');
  out.resize(libdeflate_zlib_compress(compressor.get(), bytes.data(), bytes.size(), out.data(), out.size()));
  return out;
}

}  // namespace pkg::test
