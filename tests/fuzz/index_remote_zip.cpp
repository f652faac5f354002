// A server may answer anything: the first bytes say how its answers are cut, the rest is the archive it serves.
#include <algorithm>
#include <cstdint>
#include <string>

#include "index/metadata/remote_zip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const std::string archive(reinterpret_cast<const char*>(data) + 3, size - 3);
  (void)pkg::index::ContentRange::parse(archive);
  auto remote =
      data[0] % 2 == 0 ? pkg::index::RemoteMetadata(archive.size()) : pkg::index::RemoteMetadata(std::nullopt);
  for (int round = 0; round < 10; ++round) {
    const auto range = remote.next();
    const std::uint64_t first =
        range.first ? *range.first : archive.size() - std::min<std::uint64_t>(range.count, archive.size());
    auto bytes = first < archive.size() ? archive.substr(first, range.count) : std::string();
    if (data[1] == round) bytes.resize(data[2]);
    const auto text = remote.add(first, archive.size(), std::move(bytes));
    if (!text || *text) return 0;
  }
  return 0;
}
