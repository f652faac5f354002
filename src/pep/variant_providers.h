#pragma once
// What a machine supports of the namespaces that pkg knows: `nvidia` and `x86_64`, as the providers of these names of
// the WheelNext project understand them. Facts in, properties out; of versions and architectures, of which there is no
// list, those that a release names.

#include <span>
#include <string>
#include <string_view>

#include "pep/variant.h"
#include "pep/variants_json.h"

namespace pkg::pep {

inline constexpr std::string_view kNvidiaNamespace = "nvidia", kX86Namespace = "x86_64";

// `cuda`: the newest version of CUDA that the driver serves, "12.8"; empty: there is no driver. `capabilities`: of the
// devices, lowest first ("8.9"); the highest counts.
//   cuda_version_lower_bound :: 12.6   CUDA is 12.6 or newer
//   cuda_version_upper_bound :: 13     CUDA is older than 13
//   sm_arch :: 90_real                 machine code for 9.0: devices of 9.0 and later ones of major version 9
//   sm_arch :: 90_virtual              code that drivers translate: all devices from 9.0 on
VariantNamespace nvidia_support(std::string_view cuda, std::span<const std::string> capabilities,
                                const VariantsJson& release);

// `level :: v3` and those below. 0: another architecture, nothing is supported.
VariantNamespace x86_64_support(int level);

}  // namespace pkg::pep
