#include "base/accelerators.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "base/text.h"
#include "support/printers.h"
#include "support/temp_dir.h"

using namespace pkg;

namespace {

class FakeMachine {
 public:
  FakeMachine& file(const std::string& path, const std::string& text) {
    std::filesystem::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
    return *this;
  }
  FakeMachine& link(const std::string& path, const std::string& target) {
    std::filesystem::create_directories((root_ / path).parent_path());
    std::filesystem::create_symlink(target, root_ / path);
    return *this;
  }
  FakeMachine& variable(const std::string& name, const std::string& value) {
    variables_[name] = value;
    return *this;
  }
  FakeMachine& devices(const std::string& text) {
    devices_ = text;
    return *this;
  }
  Result<Accelerators> read() {
    MachineFiles files;
    files.root = root_.path();
    files.environment = [this](const char* name) {
      const auto found = variables_.find(name);
      return found == variables_.end() ? nullptr : found->second.c_str();
    };
    files.program = [this](const std::vector<std::string>& argv) {
      started_ += argv.front();
      return devices_;
    };
    return read_accelerators(files);
  }
  const std::string& started() const { return started_; }

 private:
  test::TempDir root_;
  std::map<std::string, std::string> variables_;
  std::optional<std::string> devices_;
  std::string started_;
};

std::string text_of(const Result<Accelerators>& read) {
  if (!read) return read.error().message;
  return cat(read->nvidia_driver.value_or("-"), " ", join(read->cuda_capabilities, ","), " ",
             read->amd_gpu.value_or("-"), read->has_intel_gpu ? " intel" : "");
}

}  // namespace

TEST_CASE("a machine without devices has none") { CHECK(text_of(FakeMachine().read()) == "-  -"); }

TEST_CASE("NVIDIA's driver: from the kernel's files, else from nvidia-smi") {
  CHECK(text_of(FakeMachine().file("sys/module/nvidia/version", "580.65.06\n").read()) == "580.65.06  -");
  CHECK(text_of(FakeMachine()
                    .file("proc/driver/nvidia/version",
                          "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.86.10  Release Build\n"
                          "GCC version:  gcc version 12.2.0\n")
                    .read()) == "570.86.10  -");
  CHECK(text_of(FakeMachine().devices("550.54, 8.9\n550.54, 7.5\n550.54, 8.9\n").read()) == "550.54 7.5,8.9 -");
  CHECK(text_of(FakeMachine().file("sys/module/nvidia/version", "580.65.06").devices("1.2, 12.1\n1.2, 9.0").read()) ==
        "580.65.06 9.0,12.1 -");
}

TEST_CASE("texts that have another form are no driver") {
  for (const auto* text : {"", "580", "580.65.06.1.2", "580.x", "..", "580.65.06; rm", "9999999.1"})
    CHECK_MESSAGE(text_of(FakeMachine().file("sys/module/nvidia/version", text).read()) == "-  -", text);
  CHECK(text_of(FakeMachine().devices("NVIDIA-SMI has failed because it could not reach the driver").read()) == "-  -");
  CHECK(text_of(FakeMachine().devices("580.65, [N/A]\n").read()) == "580.65  -");
}

TEST_CASE("variables stand in for what is found, and start no program") {
  FakeMachine machine;
  machine.variable("PKG_CUDA_DRIVER_VERSION", "525.60.13").file("sys/module/nvidia/version", "580.65.06").devices("x");
  CHECK(text_of(machine.read()) == "525.60.13  -");
  CHECK(machine.started().empty());
  CHECK(text_of(FakeMachine().variable("PKG_CUDA_DRIVER_VERSION", "new").read()) ==
        "PKG_CUDA_DRIVER_VERSION is `new`, expected the version of a driver: 580.65.06");
  CHECK(text_of(FakeMachine().variable("PKG_AMD_GPU_ARCHITECTURE", "gfx942").read()) == "-  gfx942");
  CHECK(text_of(FakeMachine().variable("PKG_AMD_GPU_ARCHITECTURE", "MI300").read()) ==
        "PKG_AMD_GPU_ARCHITECTURE is `MI300`, expected an architecture: gfx1100");
}

TEST_CASE("an AMD GPU: the kernel's number as its architecture") {
  const auto with = [](const std::string& number) {
    return text_of(
        FakeMachine()
            .file("sys/class/kfd/kfd/topology/nodes/0/properties", "cpu_cores_count 8\ngfx_target_version 0\n")
            .file("sys/class/kfd/kfd/topology/nodes/1/properties", cat("gfx_target_version ", number, "\n"))
            .read());
  };
  CHECK(with("110000") == "-  gfx1100");
  CHECK(with("90010") == "-  gfx90a");
  CHECK(with("90402") == "-  gfx942");
  CHECK(with("100302") == "-  gfx1032");
  for (const auto* wrong : {"-1", "x", "99999999", "119900"}) CHECK_MESSAGE(with(wrong) == "-  -", wrong);
}

TEST_CASE("an Intel GPU counts with the xe driver, or as an Arc") {
  CHECK(text_of(FakeMachine()
                    .file("sys/class/drm/card0/device/vendor", "0x8086\n")
                    .link("sys/class/drm/card0/device/driver", "../../bus/pci/drivers/xe")
                    .read()) == "-  - intel");
  CHECK(text_of(FakeMachine()
                    .file("sys/class/drm/card0/device/vendor", "0x8086\n")
                    .file("sys/class/drm/card0/device/device", "0x56a0\n")
                    .read()) == "-  - intel");
  CHECK(text_of(FakeMachine()
                    .file("sys/class/drm/card0/device/vendor", "0x8086\n")
                    .file("sys/class/drm/card0/device/device", "0x3e92\n")
                    .read()) == "-  -");
}

TEST_CASE("the CUDA that a driver serves") {
  CHECK(cuda_of_driver("580.65.06") == "13.0");
  CHECK(cuda_of_driver("570.86.10") == "12.8");
  CHECK(cuda_of_driver("569.1") == "12.7");
  CHECK(cuda_of_driver("450.80.02") == "11.0");
  CHECK(cuda_of_driver("999.1") == "13.1");
  CHECK(cuda_of_driver("418.39").empty());
  CHECK(cuda_of_driver("x").empty());
}
