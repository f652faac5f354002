// What other programs answer: the refs that git lists, the names a mirror remembers, the keyring's login. The first
// byte says which.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/text.h"
#include "index/http/keyring.h"
#include "index/vcs/refs.h"

namespace {

using namespace pkg;

void listing(std::string_view text) {
  for (const auto* revision : {"main", "v1", "refs/tags/v1", "HEAD"}) {
    const auto commit = index::vcs::listed_commit(text, revision);
    PKG_CHECK(!commit || index::vcs::is_full_commit_id(*commit));
  }
}

// The first line is a revision, the rest the file of names. The revision's own name is what it was noted as, and no
// other one is.
void names(std::string_view text) {
  const std::string id(40, 'a');
  const auto cut = std::min(text.find('\n'), text.size());
  const auto revision = text.substr(0, cut), file = text.substr(std::min(cut + 1, text.size()));
  const auto added = index::vcs::with_named_commit(file, revision, id);
  const bool is_line = revision.find('\r') == std::string_view::npos;
  PKG_CHECK(!is_line || index::vcs::named_commit(added, revision) == id);
  if (revision != "main") PKG_CHECK(index::vcs::named_commit(added, "main") == index::vcs::named_commit(file, "main"));
}

void login(std::string_view text) {
  const auto answer = index::parse_keyring_answer(text);
  if (answer)
    PKG_CHECK(!answer->password.empty() &&
              cat(answer->user, answer->password).find_first_of("\r\n") == std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 3) {
    case 0:
      listing(text);
      break;
    case 1:
      names(text);
      break;
    default:
      login(text);
  }
  return 0;
}
