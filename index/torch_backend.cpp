#include "index/torch_backend.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "index/index_table.h"

namespace pkg::index {
namespace {

// Those that are built for each accelerator. Others, and NVIDIA's libraries, are the same on all indexes.
constexpr auto kProjects = std::to_array<std::string_view>(
    {"fbgemm-gpu", "fbgemm-gpu-genai", "pytorch-triton", "pytorch-triton-rocm", "pytorch-triton-xpu", "torch",
     "torch-tensorrt", "torchao", "torchaudio", "torchcodec", "torchrec", "torchtext", "torchvision", "triton-rocm",
     "triton-xpu", "xformers"});

struct CudaIndex {
  std::string_view name;
  int major;
  int least_capability;  // of the devices that its newest builds have code for: 75 is 7.5
};
constexpr auto kCudaIndexes = std::to_array<CudaIndex>({{"cu132", 13, 75},
                                                        {"cu130", 13, 75},
                                                        {"cu129", 12, 70},
                                                        {"cu128", 12, 70},
                                                        {"cu126", 12, 50},
                                                        {"cu124", 12, 50},
                                                        {"cu121", 12, 50},
                                                        {"cu118", 11, 37},
                                                        {"cu117", 11, 37},
                                                        {"cu116", 11, 37},
                                                        {"cu115", 11, 37},
                                                        {"cu113", 11, 37},
                                                        {"cu111", 11, 37},
                                                        {"cu110", 11, 37}});

// The first driver of each major version of CUDA.
int cuda_major_of(int driver_branch) {
  if (driver_branch >= 580) return 13;
  if (driver_branch >= 525) return 12;
  return driver_branch >= 450 ? 11 : 0;
}

// Newest first, each with the architectures that it was the first to have code for; it has those of the later lines,
// too. Source: PYTORCH_ROCM_ARCH of PyTorch's build images.
struct RocmIndex {
  std::string_view name;
  std::string_view since;
};
constexpr auto kRocmIndexes = std::to_array<RocmIndex>({{"rocm7.2", ""},
                                                        {"rocm7.1", ""},
                                                        {"rocm7.0", "gfx950 gfx1150 gfx1151"},
                                                        {"rocm6.4", "gfx1102 gfx1200 gfx1201"},
                                                        {"rocm6.3", "gfx1101"},
                                                        {"rocm6.2.4", ""},
                                                        {"rocm6.2", ""},
                                                        {"rocm6.1", ""},
                                                        {"rocm6.0", "gfx942 gfx1100"},
                                                        {"rocm5.7", ""},
                                                        {"rocm5.6", ""},
                                                        {"rocm5.5", "gfx900 gfx906 gfx908 gfx90a gfx1030"}});

int number_before_dot(std::string_view text) {
  const auto number = parse_u64(text.substr(0, text.find('.')));
  return number && *number < 100'000 ? static_cast<int>(*number) : 0;
}

// "8.9" is 89; no device of NVIDIA has a minor version of two digits but those after 10.0: "12.1" is 121.
int capability_of(std::string_view text) {
  const auto dot = text.find('.');
  if (dot == std::string_view::npos) return 0;
  return number_before_dot(text) * 10 + number_before_dot(text.substr(dot + 1));
}

std::vector<std::string> cuda_indexes(const Accelerators& accelerators) {
  const int major = cuda_major_of(number_before_dot(*accelerators.nvidia_driver));
  const auto& devices = accelerators.cuda_capabilities;  // the best one is the last
  const int capability = devices.empty() ? 0 : capability_of(devices.back());
  std::vector<std::string> names;
  for (const auto& index : kCudaIndexes)
    if (index.major <= major && (capability == 0 || capability >= index.least_capability))
      names.emplace_back(index.name);
  return names;
}

std::vector<std::string> rocm_indexes(std::string_view architecture) {
  std::vector<std::string> names;
  for (const auto& index : kRocmIndexes) {
    names.emplace_back(index.name);
    const auto since = split(index.since, ' ');
    if (std::ranges::find(since, architecture) != since.end()) return names;
  }
  return {};  // none has code for it
}

// With a host, or a path; a query would be lost, and a host alone left empty would become `cpu`.
bool is_folder_of_indexes(std::string_view address) {
  if (address.find_first_of("?#") != std::string_view::npos) return false;
  if (address.starts_with("file:///")) return true;
  for (const std::string_view scheme : {"http://", "https://"})
    if (address.starts_with(scheme)) return address.substr(scheme.size()).find_first_not_of('/') == 0;
  return false;
}

}  // namespace

bool is_torch_backend(std::string_view word) {
  if (word == "auto" || word == "cpu" || word == "xpu") return true;
  constexpr std::string_view kCuda = "cu", kRocm = "rocm";
  if (word.starts_with(kRocm)) {
    const auto parts = split(word.substr(kRocm.size()), '.');
    return parts.size() <= 3 && std::ranges::all_of(parts, [](std::string_view part) {
             return !part.empty() && part.size() <= 2 && std::ranges::all_of(part, is_ascii_digit);
           });
  }
  if (!word.starts_with(kCuda)) return false;
  const auto digits = word.substr(kCuda.size());
  return (digits.size() == 2 || digits.size() == 3) && std::ranges::all_of(digits, is_ascii_digit);
}

std::vector<std::string> torch_indexes_for(const Accelerators& accelerators) {
  std::vector<std::string> names;
  if (accelerators.nvidia_driver) names = cuda_indexes(accelerators);
  if (names.empty() && accelerators.amd_gpu) names = rocm_indexes(*accelerators.amd_gpu);
  if (names.empty() && accelerators.has_intel_gpu) names = {"xpu"};
  names.emplace_back("cpu");
  return names;
}

Status add_torch_indexes(std::string_view backend, const SecretUrl& root, const MachineFiles& machine,
                         Settings& settings) {
  if (settings.no_index) return ok_status();
  if (root.empty())
    return make_error(ErrorKind::usage, "nothing says where the indexes of PyTorch are, which --torch-backend needs",
                      "give the address above `cpu/` and `cu130/`: --torch-index-url URL, or PKG_TORCH_INDEX_URL; or "
                      "leave the backend out: --torch-backend ''");
  auto place = index_address(root.with_credentials(), "");
  if (!place.ends_with('/')) place.push_back('/');
  if (!is_folder_of_indexes(place))
    return make_error(ErrorKind::usage, cat("--torch-index-url: ", quote(root),
                                            " is not the address of a folder: http(s)://, or a path"));
  std::vector<std::string> names{std::string(backend)};
  if (backend == "auto") {
    PKG_TRY_ASSIGN(const auto accelerators, read_accelerators(machine));
    names = torch_indexes_for(accelerators);
  }
  for (const auto& name : names) {
    const auto& added = settings.indexes.emplace_back(IndexLocation{.url = cat(place, name, "/"), .is_explicit = true});
    settings.torch.indexes.push_back(root_of(added));
  }
  for (const auto project : kProjects) settings.torch.projects.insert(pep::Name::from_normalized(std::string(project)));
  return ok_status();
}

}  // namespace pkg::index
