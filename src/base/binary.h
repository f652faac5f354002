#pragma once
// Little-endian records for cache files: a writer, and a reader for which no length or offset in the bytes is trusted.

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace pkg {

class BinaryWriter {
 public:
  void u8(std::uint8_t v) { out_.push_back(static_cast<char>(v)); }
  void u16(std::uint16_t v) { raw(&v, sizeof v); }
  void u32(std::uint32_t v) { raw(&v, sizeof v); }
  void u64(std::uint64_t v) { raw(&v, sizeof v); }
  void i64(std::int64_t v) { raw(&v, sizeof v); }
  void text(std::string_view s) {  // u32 length, bytes
    u32(static_cast<std::uint32_t>(s.size()));
    out_.append(s);
  }
  void bytes(std::string_view s) { out_.append(s); }
  void patch_u32(std::size_t at, std::uint32_t v) { std::memcpy(out_.data() + at, &v, sizeof v); }
  std::size_t size() const { return out_.size(); }
  const std::string& str() const { return out_; }
  std::string take() { return std::move(out_); }

 private:
  void raw(const void* p, std::size_t n) { out_.append(static_cast<const char*>(p), n); }
  std::string out_;
};

// After any read beyond the end, ok() is false and all reads give zero or empty: check once, at the end.
class BinaryReader {
 public:
  explicit BinaryReader(std::string_view bytes) : bytes_(bytes) {}
  std::uint8_t u8() { return static_cast<std::uint8_t>(number<std::uint8_t>()); }
  std::uint16_t u16() { return number<std::uint16_t>(); }
  std::uint32_t u32() { return number<std::uint32_t>(); }
  std::uint64_t u64() { return number<std::uint64_t>(); }
  std::int64_t i64() { return number<std::int64_t>(); }
  std::string_view text() { return bytes(u32()); }  // a view into the bytes read from
  std::string_view bytes(std::size_t n) {
    if (n > bytes_.size() - at_) {
      fail();
      return {};
    }
    const auto piece = bytes_.substr(at_, n);
    at_ += n;
    return piece;
  }
  void seek(std::size_t at) {
    if (at > bytes_.size())
      fail();
    else
      at_ = at;
  }
  std::size_t at() const { return at_; }
  std::size_t left() const { return bytes_.size() - at_; }
  bool ok() const { return ok_; }
  void fail() {
    ok_ = false;
    at_ = bytes_.size();
  }

 private:
  template <class T>
  T number() {
    T v{};
    if (sizeof v > bytes_.size() - at_) {
      fail();
      return v;
    }
    std::memcpy(&v, bytes_.data() + at_, sizeof v);
    at_ += sizeof v;
    return v;
  }
  std::string_view bytes_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace pkg
