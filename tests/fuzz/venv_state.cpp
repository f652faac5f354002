// What lies in an environment folder that somebody else made: pyvenv.cfg, the list of folder links, the rows of an
// installed RECORD, what a probed interpreter answers, and the record of it. The first byte says which.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/inflate.h"
#include "base/text.h"
#include "pep/record.h"
#include "venv/interpreter/interpreter_facts.h"
#include "venv/layout.h"
#include "venv/link/folder_links.h"
#include "venv/owned_paths.h"
#include "venv/path_boundary.h"
#include "venv/pyvenv_cfg.h"

namespace {

using namespace pkg;

const venv::Boundary& boundary() {
  static const venv::Boundary one(venv::environment_layout("/pkg-fuzz/env", "cpython", 3, 12, false));
  return one;
}

void folder_links(std::string_view text) {
  const auto links = venv::FolderLinks::parse(text, boundary());
  if (!links.ok()) return;
  for (const auto& [path, target] : links->targets)
    PKG_CHECK(boundary().in_site(path) && venv::normalize(path) == path);
  const auto again = venv::FolderLinks::parse(links->text(boundary()), boundary());
  PKG_CHECK(again.ok() && again->targets == links->targets);
}

void record_rows(std::string_view text) {
  std::string buffer;
  for (pep::RecordReader record(text); record.next_file();) {
    const auto target = venv::record_target("/pkg-fuzz/env/lib/python3.12/site-packages", record.path(), buffer);
    PKG_CHECK(target.starts_with('/') && venv::normalize(target) == target);
  }
}

// The front is what the validity check wants, and the checksum is made right.
void interpreter_record(std::string_view text) {
  constexpr fs::FileKey key{1, 2, 3, 4};
  static const std::string whole = venv::encode_record({}, key, "/x");
  const auto fields = whole.find("/x") + 2;
  std::string sealed = cat(std::string_view(whole).substr(0, fields), text);
  const std::uint32_t sum = crc32(sealed);
  for (int shift = 0; shift < 32; shift += 8) sealed.push_back(static_cast<char>(sum >> shift));
  const auto facts = venv::decode_record(sealed, key, "/x");
  if (facts) PKG_CHECK(venv::decode_record(venv::encode_record(*facts, key, "/x"), key, "/x") == facts);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 5) {
    case 0:
      (void)venv::parse_pyvenv_cfg(text);
      break;
    case 1:
      folder_links(text);
      break;
    case 2:
      record_rows(text);
      break;
    case 3:
      (void)venv::parse_probe_output(cat("pkg-probe:", text));
      break;
    default:
      interpreter_record(text);
  }
  return 0;
}
