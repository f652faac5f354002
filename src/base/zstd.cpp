#include "base/zstd.h"

#include <zstd.h>

#include <memory>

#include "base/dynlib.h"

namespace pkg {
namespace {

struct Library {
  decltype(&::ZSTD_createDCtx) create = nullptr;
  decltype(&::ZSTD_freeDCtx) free = nullptr;
  decltype(&::ZSTD_decompressDCtx) decompress = nullptr;
  decltype(&::ZSTD_findFrameCompressedSize) frame_size = nullptr;
  decltype(&::ZSTD_isError) is_error = nullptr;
};

Result<Library> load_library() {
  PKG_TRY_ASSIGN(const auto loaded, ThirdParty::open("libzstd.so.1", "libzstd1"));
  Library lib;
  const bool complete = PKG_BIND(loaded, lib.create, ZSTD_createDCtx) && PKG_BIND(loaded, lib.free, ZSTD_freeDCtx) &&
                        PKG_BIND(loaded, lib.decompress, ZSTD_decompressDCtx) &&
                        PKG_BIND(loaded, lib.frame_size, ZSTD_findFrameCompressedSize) &&
                        PKG_BIND(loaded, lib.is_error, ZSTD_isError);
  if (complete) return lib;
  return make_error(ErrorKind::unsupported, "the library `libzstd.so.1` lacks a function",
                    "update the package libzstd1");
}

Error bad() { return make_error(ErrorKind::bad_data, "the zstd stream is damaged, or is not of the announced size"); }

}  // namespace

Status unzstd_exact(std::string_view compressed, std::span<char> into) {
  static const Result<Library> library = load_library();
  if (!library.ok()) return library.error();
  // Some 100 KB of tables, kept for the thread's next call.
  thread_local const std::unique_ptr<ZSTD_DCtx, decltype(&::ZSTD_freeDCtx)> context(library->create(), library->free);
  if (context == nullptr) return make_error(ErrorKind::io, "no memory for unpacking");
  if (library->frame_size(compressed.data(), compressed.size()) != compressed.size()) return bad();
  const auto made = library->decompress(context.get(), into.data(), into.size(), compressed.data(), compressed.size());
  return library->is_error(made) == 0 && made == into.size() ? ok_status() : Status(bad());
}

}  // namespace pkg
