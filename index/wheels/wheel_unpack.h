#pragma once
// Writes a wheel's files below one fresh folder: by several threads, each file hashed and compared with RECORD on the
// way.

#include <functional>
#include <string>
#include <string_view>

#include "base/fs.h"
#include "base/result.h"
#include "base/tasks.h"
#include "base/zip.h"
#include "index/wheels/wheel_layout.h"

namespace pkg::index {

// Told which bytes of an archive will not be read again, so that whoever has them can let go of them. Called by several
// threads at once.
using ReadForGood = std::function<void(std::string_view)>;

// Fills `folder` (exists, empty) and the `files` of layout.manifest.dirs; sets record_verified. The caller's thread
// works too, with idle ones of `pool`. Errors: bad_data (archive damaged, or strict and a file is not the one of
// RECORD) · io. What was written until then stays.
Status unpack_wheel(const zip::Reader& archive, WheelLayout& layout, const fs::Path& folder, RecordCheck check,
                    TaskPool& pool, const ReadForGood& read_for_good = {});

}  // namespace pkg::index
