// What nearly every file includes, parsed once for a build: see PKG_PRECOMPILED in cmake/PkgLibrary.cmake. Each file
// still names all that it needs, as builds without precompiled headers show.
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>
