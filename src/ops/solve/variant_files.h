#pragma once
// Which wheel variants of a release this machine takes, and what that says of the release's wheels (PEP 825, draft;
// docs/guides/variants.md).

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "index/index.h"
#include "pep/target.h"
#include "pep/variant.h"
#include "pep/variants_json.h"

namespace pkg::ops {

// How they are chosen in one resolution.
struct VariantPolicy {
  enum class Mode {
    null_only,  // universal: the variant without properties fits everywhere
    none,       // as the user wants it
    best,
  } mode = Mode::null_only;
  pep::Target target;            // best
  pep::VariantProperties named;  // best: replace what would be found out, namespace by namespace
};

struct ReleaseVariants {
  std::vector<pep::DistFile> usable;  // with their variant and its rank
  std::string misfit;                 // why there is none: resolver::PackageSource::variant_misfit
  std::vector<std::string> left_out;  // null_only: the labels of those that are for some machines
};

// What the machine supports of the namespaces that a release names: as named, and `nvidia` and `x86_64` as this machine
// is, which is looked at once, and only here. bad_data: a variable that stands for the machine holds nonsense.
Result<pep::VariantProperties> supported_by(const VariantPolicy& policy, const pep::VariantsJson& release);

// Of the wheels whose tags fit. `fetch` gives the text of the release's file; it is called when one of them has another
// label than `null`. Errors: those of `fetch`; bad_data: the file is malformed; those of supported_by.
Result<ReleaseVariants> choose_variants(const index::VariantFiles& files, const VariantPolicy& policy,
                                        const std::function<Result<std::string>(const pep::DistFile&)>& fetch);

// Of a wheel that was asked for by its address: its variant.json says what it is. Null, and a reason in `misfit`: the
// machine lacks something. bad_data: `text` is malformed, or speaks of another label.
Result<std::shared_ptr<const pep::WheelVariant>> named_variant(std::string_view label, std::string_view text,
                                                               const VariantPolicy& policy, std::string& misfit);

}  // namespace pkg::ops
