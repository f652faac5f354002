#pragma once
// [[tool.pkg.index]] of members besides the root: what their sources name. (That of the root is read with the
// settings.)

#include "base/result.h"
#include "index/settings.h"
#include "ops/project/project.h"

namespace pkg::ops {

// Puts them into `settings`, each asked only for projects whose source names it, whatever its entry says. One that is
// there already under its name stays: the user's, or the root's. No login of the user's goes there that is not for the
// same place anyway, unless every project is trusted (PKG_TRUST_PROJECT). bad_data: an entry without a name, what
// read_index_tables() refuses · conflict: two members, or a member and the root, that give one name to two places.
Status add_member_indexes(const Project& project, index::Settings& settings);

}  // namespace pkg::ops
