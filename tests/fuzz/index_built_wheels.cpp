// The note of which wheel was built: whatever it says, the wheel is in its key's folder or there is none.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/fs.h"
#include "base/text.h"
#include "base/url.h"
#include "index/wheels/built_wheels.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pkg;
  static const auto root = fs::TempDir::create(std::filesystem::temp_directory_path(), "pkg-fuzz-").value().release();
  static const std::string key(64, 'a');
  static const index::CachePaths paths{root};
  static const auto folder = paths.built() / "aa" / key;
  static const bool is_made = [] {
    const auto place = folder / key;
    return fs::make_dirs(place).ok() && fs::publish(place / "demo-1-py3-none-any.whl", "wheel").ok();
  }();
  PKG_CHECK(is_made && fs::publish(folder / "wheel", std::string_view(reinterpret_cast<const char*>(data), size)).ok());
  const auto wheel = index::BuiltWheels(paths, 1'700'000'000).wheel(key);
  if (wheel)
    PKG_CHECK(wheel->url.starts_with(cat(url::path_to_file_url(folder.native()), '/')) && wheel->size_bytes == 5u);
  return 0;
}
