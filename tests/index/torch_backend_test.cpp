#include "index/torch_backend.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/text.h"
#include "support/printers.h"

using namespace pkg;
using index::torch_indexes_for;

namespace {

std::string indexes(const Accelerators& accelerators) { return join(torch_indexes_for(accelerators), " "); }

Accelerators nvidia(const std::string& driver, std::vector<std::string> capabilities = {}) {
  Accelerators accelerators;
  accelerators.nvidia_driver = driver;
  accelerators.cuda_capabilities = std::move(capabilities);
  return accelerators;
}

MachineFiles empty_machine() {
  return {"/nonexistent", [](const char*) { return nullptr; },
          [](const std::vector<std::string>&) { return std::nullopt; }};
}

Accelerators amd(const std::string& architecture) {
  Accelerators accelerators;
  accelerators.amd_gpu = architecture;
  return accelerators;
}

}  // namespace

TEST_CASE("the words of --torch-backend") {
  for (const auto* word : {"auto", "cpu", "xpu", "cu92", "cu130", "rocm7.1", "rocm6.2.4", "rocm7"})
    CHECK_MESSAGE(index::is_torch_backend(word), word);
  for (const auto* word : {"", "cuda", "cu", "cu1", "cu1300", "cu13.0", "rocm", "rocm.", "rocm7.", "rocm1.2.3.4", "gpu",
                           "cu130/", "../cpu", "CPU"})
    CHECK_FALSE_MESSAGE(index::is_torch_backend(word), word);
}

TEST_CASE("an NVIDIA driver serves the CUDA of its major version and older ones") {
  CHECK(indexes(nvidia("580.65.06")).starts_with("cu132 cu130 cu129 cu128 cu126 "));
  CHECK(indexes(nvidia("570.86.10")).starts_with("cu129 cu128 cu126 "));
  CHECK(indexes(nvidia("525.60.13")).starts_with("cu129 "));
  CHECK(indexes(nvidia("515.43.04")) == "cu118 cu117 cu116 cu115 cu113 cu111 cu110 cpu");
  CHECK(indexes(nvidia("418.39")) == "cpu");
}

TEST_CASE("builds without code for the best device are left out") {
  CHECK(indexes(nvidia("580.65.06", {"7.0"})).starts_with("cu129 cu128 cu126 "));
  CHECK(indexes(nvidia("580.65.06", {"6.1"})).starts_with("cu126 "));
  CHECK(indexes(nvidia("580.65.06", {"6.1", "12.0"})).starts_with("cu132 "));
  CHECK(indexes(nvidia("580.65.06", {"7.5"})).starts_with("cu132 "));
}

TEST_CASE("AMD GPUs get the indexes with code for them, Intel's the one for them, others the processor's") {
  CHECK(indexes(amd("gfx1201")) == "rocm7.2 rocm7.1 rocm7.0 rocm6.4 cpu");
  CHECK(indexes(amd("gfx950")) == "rocm7.2 rocm7.1 rocm7.0 cpu");
  CHECK(indexes(amd("gfx90a")).ends_with("rocm5.6 rocm5.5 cpu"));
  CHECK(indexes(amd("gfx1010")) == "cpu");
  Accelerators intel;
  intel.has_intel_gpu = true;
  CHECK(indexes(intel) == "xpu cpu");
  CHECK(indexes({}) == "cpu");
  auto both = nvidia("580.65.06");
  both.amd_gpu = "gfx1100";
  CHECK(indexes(both).starts_with("cu132 "));
}

TEST_CASE("a backend adds its indexes as explicit ones, and binds torch and its kin to them") {
  index::Settings settings;
  settings.indexes.push_back({.name = "", .url = "https://index.example/simple/"});
  REQUIRE_OK(index::add_torch_indexes("cu130", "https://torch.example/whl", empty_machine(), settings));
  REQUIRE(settings.indexes.size() == 2);
  CHECK(settings.indexes[1].url.with_credentials() == "https://torch.example/whl/cu130/");
  CHECK(settings.indexes[1].name.empty());
  CHECK(settings.indexes[1].is_explicit);
  CHECK(settings.torch.indexes == std::vector<std::string>{"https://torch.example/whl/cu130/"});
  CHECK(settings.torch.projects.contains(pep::Name::from_normalized("torchvision")));
  CHECK_FALSE(settings.torch.projects.contains(pep::Name::from_normalized("numpy")));
}

TEST_CASE("`auto` reads the machine, and says it where a variable is wrong") {
  auto machine = empty_machine();
  index::Settings settings;
  REQUIRE_OK(index::add_torch_indexes("auto", "https://torch.example/whl/", machine, settings));
  CHECK(settings.torch.indexes == std::vector<std::string>{"https://torch.example/whl/cpu/"});
  machine.environment = [](const char* name) -> const char* {
    return std::string_view(name) == "PKG_CUDA_DRIVER_VERSION" ? "570.1" : nullptr;
  };
  settings = {};
  REQUIRE_OK(index::add_torch_indexes("auto", "https://torch.example/whl/", machine, settings));
  CHECK(settings.torch.indexes.front() == "https://torch.example/whl/cu129/");
  CHECK(settings.indexes.size() == settings.torch.indexes.size());
  machine.environment = [](const char*) { return "x"; };
  CHECK_FALSE(index::add_torch_indexes("auto", "https://torch.example/whl/", machine, settings).ok());
  CHECK(index::add_torch_indexes("cpu", "https://torch.example/whl/", machine, settings).ok());
}

TEST_CASE("a backend needs the address of PyTorch's indexes, unless no index counts") {
  index::Settings settings;
  const auto refused = index::add_torch_indexes("cpu", "", empty_machine(), settings);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().kind == ErrorKind::usage);
  CHECK(refused.error().message == "nothing says where the indexes of PyTorch are, which --torch-backend needs");
  for (const auto* wrong : {"http://", "https:///whl", "https://torch.example/whl?a=b", "ftp://torch.example/"})
    CHECK_FALSE_MESSAGE(index::add_torch_indexes("cpu", wrong, empty_machine(), settings).ok(), wrong);
  settings.no_index = true;
  REQUIRE_OK(index::add_torch_indexes("cpu", "", empty_machine(), settings));
  CHECK(settings.torch.indexes.empty());
}
