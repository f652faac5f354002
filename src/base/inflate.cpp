#include "base/inflate.h"

#include <libdeflate.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "base/check.h"
#include "base/text.h"

namespace pkg {
namespace {

struct FreeDecompressor {
  void operator()(libdeflate_decompressor* decompressor) const { libdeflate_free_decompressor(decompressor); }
};

// 11 KB of tables, kept for the thread's next call.
libdeflate_decompressor* decompressor_of_this_thread() {
  thread_local const std::unique_ptr<libdeflate_decompressor, FreeDecompressor> decompressor(
      libdeflate_alloc_decompressor());
  PKG_CHECK(decompressor != nullptr);
  return decompressor.get();
}

Error bad_stream(std::string_view why) {
  return make_error(ErrorKind::bad_data, cat("the compressed data is bad: ", why));
}

constexpr std::uint64_t kMostPerByte = 1032;  // no deflate stream unpacks to more than that for each of its bytes
constexpr std::uint64_t kUsualPerByte = 8;    // of a page of an index
constexpr std::size_t kGzipTrailer = 8, kLeastRoom = 4096;

// What a gzip file of one member says of its size. It may lie.
std::optional<std::uint64_t> announced_size(std::string_view compressed, Wrapping wrapping) {
  if (wrapping != Wrapping::gzip || compressed.size() < kGzipTrailer) return std::nullopt;
  std::uint64_t size = 0;
  for (const char c : {compressed.rbegin()[0], compressed.rbegin()[1], compressed.rbegin()[2], compressed.rbegin()[3]})
    size = size << 8 | static_cast<unsigned char>(c);
  return size / kMostPerByte <= compressed.size() ? std::optional(size) : std::nullopt;
}

struct Piece {
  libdeflate_result result = LIBDEFLATE_BAD_DATA;
  std::size_t consumed = 0, produced = 0;
};

Piece inflate_piece(std::string_view in, Wrapping wrapping, std::span<char> into) {
  Piece piece;
  auto* const decompressor = decompressor_of_this_thread();
  if (wrapping == Wrapping::gzip) {
    piece.result = libdeflate_gzip_decompress_ex(decompressor, in.data(), in.size(), into.data(), into.size(),
                                                 &piece.consumed, &piece.produced);
    return piece;
  }
  piece.result = libdeflate_zlib_decompress_ex(decompressor, in.data(), in.size(), into.data(), into.size(),
                                               &piece.consumed, &piece.produced);
  if (piece.result == LIBDEFLATE_BAD_DATA)  // some call raw deflate "deflate", too
    piece.result = libdeflate_deflate_decompress_ex(decompressor, in.data(), in.size(), into.data(), into.size(),
                                                    &piece.consumed, &piece.produced);
  return piece;
}

}  // namespace

Status inflate_exact(std::string_view compressed, std::span<char> into) {
  std::size_t consumed = 0;
  std::size_t produced = 0;
  char nothing = 0;
  void* const target = into.empty() ? &nothing : into.data();
  // Both counts are asked for, because without them a short output would be an error that looks like any other.
  const auto result = libdeflate_deflate_decompress_ex(decompressor_of_this_thread(), compressed.data(),
                                                       compressed.size(), target, into.size(), &consumed, &produced);
  if (result == LIBDEFLATE_INSUFFICIENT_SPACE)
    return bad_stream(cat("it unpacks to more than the announced ", into.size(), " bytes"));
  if (result != LIBDEFLATE_SUCCESS) return bad_stream("it is no deflate stream");
  if (produced != into.size())
    return bad_stream(cat("it unpacks to ", produced, " bytes where ", into.size(), " were announced"));
  if (consumed != compressed.size()) return bad_stream(cat(compressed.size() - consumed, " bytes follow its end"));
  return ok_status();
}

std::span<char> ScratchBuffer::grow(std::size_t size, std::size_t kept) {
  if (size > capacity_) {
    auto larger = std::make_unique_for_overwrite<char[]>(size);
    if (kept > 0) std::memcpy(larger.get(), bytes_.get(), kept);
    bytes_ = std::move(larger);
    capacity_ = size;
  }
  return {bytes_.get(), capacity_};
}

Result<std::optional<std::span<char>>> inflate_whole(std::string_view compressed, Wrapping wrapping,
                                                     std::uint64_t limit, ScratchBuffer& buffer) {
  using Whole = std::optional<std::span<char>>;
  const auto announced = announced_size(compressed, wrapping);
  if (announced && *announced > limit) return Whole();
  auto room =
      static_cast<std::size_t>(std::min<std::uint64_t>(announced.value_or(compressed.size() * kUsualPerByte), limit));
  std::size_t filled = 0;
  while (true) {
    const auto space = buffer.grow(room + 1, filled);
    const auto usable = static_cast<std::size_t>(std::min<std::uint64_t>(space.size() - 1, limit));
    const auto piece = inflate_piece(compressed, wrapping, space.subspan(filled, usable - filled));
    if (piece.result == LIBDEFLATE_INSUFFICIENT_SPACE) {
      if (usable >= limit) return Whole();
      room =
          static_cast<std::size_t>(std::min<std::uint64_t>(limit, static_cast<std::uint64_t>(usable) * 2 + kLeastRoom));
      continue;
    }
    if (piece.result != LIBDEFLATE_SUCCESS) return bad_stream("it is damaged or cut off");
    filled += piece.produced;
    compressed.remove_prefix(piece.consumed);
    if (compressed.empty()) {
      space[filled] = '\0';
      return Whole(space.first(filled));
    }
    if (wrapping != Wrapping::gzip) return bad_stream(cat(compressed.size(), " bytes follow its end"));
  }
}

std::uint32_t crc32(std::string_view bytes, std::uint32_t seed) {
  return libdeflate_crc32(seed, bytes.data(), bytes.size());
}

}  // namespace pkg
