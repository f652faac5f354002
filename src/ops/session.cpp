#include "ops/session.h"

#include <utility>

namespace pkg::ops {

Session::Session(index::Settings settings, std::filesystem::path working_folder, Reporter& reporter, const CancelToken& cancel)
    : settings_(std::move(settings)), working_folder_(std::move(working_folder)), reporter_(reporter), cancel_(cancel) {}

Session::~Session() = default;

Result<index::Index*> Session::index() {
  if (!index_) {
    PKG_TRY_ASSIGN(index_, index::Index::open(settings_, reporter_, cancel_));
  }
  return index_.get();
}

}  // namespace pkg::ops
