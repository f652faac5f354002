#include "ops/solve/variant_files.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "base/accelerators.h"
#include "base/cpu_level.h"
#include "base/text.h"
#include "pep/filename.h"
#include "pep/variant_choice.h"
#include "pep/variant_providers.h"
#include "resolver/wheel_misfit.h"

namespace pkg::ops {
namespace {

constexpr std::size_t kMostTold = 6;  // variants in a reason

const Result<Accelerators>& machine_accelerators() {
  static const Result<Accelerators> known = read_accelerators(this_machine());
  return known;
}

bool is_x86_64(const pep::Environment& environment) {
  return environment.platform_machine == "x86_64" || environment.platform_machine == "AMD64";
}

Result<pep::VariantNamespace> found_out(std::string_view ns, const VariantPolicy& policy,
                                        const pep::VariantsJson& release) {
  pep::VariantNamespace nothing{std::string(ns), {}};
  if (policy.target.is_other_machine) return nothing;
  if (ns == pep::kX86Namespace)
    return is_x86_64(policy.target.environment) ? pep::x86_64_support(x86_64_level()) : nothing;
  if (ns != pep::kNvidiaNamespace) return nothing;
  const auto& machine = machine_accelerators();
  if (!machine) return machine.error();
  const auto& driver = machine->nvidia_driver;
  return pep::nvidia_support(driver ? cuda_of_driver(*driver) : std::string_view(), machine->cuda_capabilities,
                             release);
}

std::string_view label_of(const pep::DistFile& wheel) {
  const auto parts = pep::split_wheel_name(wheel.file_name);
  return parts ? parts->label : std::string_view();
}

bool fits_target(const pep::DistFile& wheel, const pep::Target& target) {
  if (target.tags == nullptr) return true;
  const auto parts = pep::split_wheel_name(wheel.file_name);
  return parts && target.tags->rank(parts->interpreters, parts->abis, parts->platforms);
}

std::shared_ptr<const pep::WheelVariant> null_variant(std::uint32_t rank) {
  return std::make_shared<const pep::WheelVariant>(pep::WheelVariant{std::string(pep::kNullVariant), {}, rank});
}

// The variants of a release by label, as far as the machine takes them; and why not the others.
struct Verdicts {
  std::map<std::string, std::shared_ptr<const pep::WheelVariant>, std::less<>> usable;
  std::map<std::string, std::string, std::less<>> lacks;  // what follows the label in a sentence
};

Verdicts judge(const pep::VariantsJson& release, const pep::VariantProperties& supported) {
  Verdicts verdicts;
  const pep::VariantChoice choice(release, supported);
  std::uint32_t rank = 0;
  for (const auto* variant : choice.usable())
    verdicts.usable[variant->label] =
        std::make_shared<const pep::WheelVariant>(pep::WheelVariant{variant->label, variant->properties, rank++});
  for (const auto& variant : release.variants)
    if (const auto lack = choice.lack(variant)) verdicts.lacks[variant.label] = cat("needs ", lack->to_string());
  verdicts.usable.try_emplace(std::string(pep::kNullVariant), null_variant(rank));
  return verdicts;
}

std::string misfit_of(const std::set<std::string_view>& labels, const Verdicts& verdicts, std::string_view json_name) {
  std::vector<std::string> parts;
  for (const auto label : labels) {
    if (parts.size() == kMostTold) break;
    const auto lack = verdicts.lacks.find(label);
    parts.push_back(cat(label, " ", lack != verdicts.lacks.end() ? lack->second : cat("is not in ", quote(json_name))));
  }
  const auto more = labels.size() - parts.size();
  return cat("none fits this machine: ", join(parts, "; "), more == 0 ? "" : cat("; and ", more, " more"));
}

// With the label `null` alone there is nothing to look up.
void take_null_variants(std::vector<const pep::DistFile*> wheels, ReleaseVariants& out) {
  const auto variant = null_variant(0);
  for (const auto* wheel : wheels) {
    if (label_of(*wheel) != pep::kNullVariant) continue;
    out.usable.push_back(*wheel);
    out.usable.back().variant = variant;
  }
}

Result<Verdicts> look_up(const pep::DistFile& json, const VariantPolicy& policy,
                         const std::function<Result<std::string>(const pep::DistFile&)>& fetch, std::string& misfit) {
  const auto reading = [&] {
    return cat("while reading ", quote(json.file_name), ", which says what the wheel variants of ",
               quote(json.project.str()), " are");
  };
  PKG_TRY_ASSIGN(const auto text, fetch(json).with(reading));
  auto release = pep::VariantsJson::parse(text);
  if (!release && release.error().kind == ErrorKind::unsupported) {
    misfit = cat("nothing is known of them: in ", quote(json.file_name), ", ", release.error().message);
    return Verdicts();
  }
  if (!release) {
    auto error = std::move(release).error();
    error.message = cat("the index's ", quote(json.file_name), " cannot be used: ", error.message);
    error.hint = "`--variant none` takes no wheel variants";
    return error;
  }
  PKG_TRY_ASSIGN(const auto supported, supported_by(policy, *release));
  return judge(*release, supported);
}

}  // namespace

Result<pep::VariantProperties> supported_by(const VariantPolicy& policy, const pep::VariantsJson& release) {
  pep::VariantProperties supported;
  for (const auto& ns : release.namespaces) {
    if (const auto* named = pep::find_namespace(policy.named, ns)) {
      supported.push_back(*named);
    } else {
      PKG_TRY_ASSIGN(auto found, found_out(ns, policy, release));
      supported.push_back(std::move(found));
    }
  }
  return supported;
}

Result<ReleaseVariants> choose_variants(const index::VariantFiles& files, const VariantPolicy& policy,
                                        const std::function<Result<std::string>(const pep::DistFile&)>& fetch) {
  using Mode = VariantPolicy::Mode;
  ReleaseVariants out;
  std::vector<const pep::DistFile*> wheels;
  std::vector<std::string_view> misfits;
  std::set<std::string_view> labels;
  for (const auto& wheel : files.wheels) {
    if (policy.mode == Mode::best && !fits_target(wheel, policy.target)) {
      misfits.push_back(wheel.file_name);
      continue;
    }
    wheels.push_back(&wheel);
    if (label_of(wheel) != pep::kNullVariant) labels.insert(label_of(wheel));
  }
  if (policy.mode == Mode::none) {
    out.misfit = "`--variant none` leaves them out";
  } else if (policy.mode == Mode::null_only) {
    out.left_out.assign(labels.begin(), labels.end());
    take_null_variants(wheels, out);
    if (out.usable.empty()) out.misfit = "which of them fits is known where something is installed, not in a lock";
  } else if (wheels.empty()) {
    out.misfit = cat("they are ", resolver::wheel_misfit(misfits, policy.target));
  } else if (labels.empty()) {
    take_null_variants(wheels, out);
  } else if (!files.json) {
    take_null_variants(wheels, out);
    out.misfit = "the index does not say what they need: it lists no variants.json of the release";
  } else {
    PKG_TRY_ASSIGN(const auto verdicts, look_up(*files.json, policy, fetch, out.misfit));
    for (const auto* wheel : wheels) {
      const auto found = verdicts.usable.find(label_of(*wheel));
      if (found == verdicts.usable.end()) continue;
      out.usable.push_back(*wheel);
      out.usable.back().variant = found->second;
    }
    if (out.misfit.empty() && out.usable.empty())
      out.misfit = misfit_of(labels, verdicts, files.json->file_name);
    else if (!out.misfit.empty())
      take_null_variants(wheels, out);
  }
  if (!out.usable.empty()) out.misfit.clear();
  return out;
}

Result<std::shared_ptr<const pep::WheelVariant>> named_variant(std::string_view label, std::string_view text,
                                                               const VariantPolicy& policy, std::string& misfit) {
  PKG_TRY_ASSIGN(const auto wheel, pep::VariantsJson::parse(text));
  const auto* variant = wheel.find(label);
  if (variant == nullptr) return make_error(ErrorKind::bad_data, cat("it says nothing of the variant ", quote(label)));
  if (policy.mode == VariantPolicy::Mode::best) {
    PKG_TRY_ASSIGN(const auto supported, supported_by(policy, wheel));
    if (const auto lack = pep::VariantChoice(wheel, supported).lack(*variant)) {
      misfit = cat("is the wheel variant ", label, ", which needs ", lack->to_string());
      return std::shared_ptr<const pep::WheelVariant>();
    }
  }
  return std::make_shared<const pep::WheelVariant>(pep::WheelVariant{variant->label, variant->properties, 0});
}

}  // namespace pkg::ops
