// The AWS tools' files, answers of STS and S3, and keys of the remote cache: any bytes are something or nothing.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "index/remote/entry_keys.h"
#include "index/remote/s3_credentials.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pkg;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto& [section, keys] : index::parse_aws_file(text)) {
    PKG_CHECK(section.size() <= size && keys.size() <= 100);
    for (const auto& [name, value] : keys) PKG_CHECK(name.find('\n') == std::string::npos && value.size() <= size);
  }
  if (const auto found = index::credentials_of_answer(text); found.ok())
    PKG_CHECK(!found->access_key.empty() && !found->secret_key.empty());
  PKG_CHECK(index::xml_text(text, "Code").size() <= size);
  if (const auto key = index::parse_entry_key(text); key.ok() && key->kind == index::KeyKind::ed25519)
    PKG_CHECK(index::parse_entry_key(index::public_text(*key)).value().check == key->check);
  return 0;
}
