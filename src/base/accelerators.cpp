#include "base/accelerators.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <utility>

#include "base/foreign_tool.h"
#include "base/fs.h"
#include "base/process.h"
#include "base/text.h"

namespace pkg {
namespace {

namespace stdfs = std::filesystem;

constexpr std::size_t kLongestText = 4096;
constexpr std::size_t kMostDevices = 64;
constexpr double kProgramTimeout_s = 3;

std::string text_of(const stdfs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string text(kLongestText, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(stream.gcount(), 0)));
  return text;
}

std::string word_of(const stdfs::path& file) { return std::string(trim(text_of(file))); }

bool is_version(std::string_view text) {
  const auto parts = split(text, '.');
  return parts.size() >= 2 && parts.size() <= 4 && std::ranges::all_of(parts, [](std::string_view part) {
           return !part.empty() && part.size() <= 6 && std::ranges::all_of(part, is_ascii_digit);
         });
}

bool is_amd_architecture(std::string_view text) {
  constexpr std::string_view kWord = "gfx";
  return text.starts_with(kWord) && text.size() >= kWord.size() + 3 && text.size() <= kWord.size() + 6 &&
         std::ranges::all_of(text.substr(kWord.size()),
                             [](char c) { return is_ascii_digit(c) || (c >= 'a' && c <= 'f'); });
}

// "NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.65.06  Mon …", and the like of the open module.
std::optional<std::string> version_in(std::string_view text) {
  for (const auto line : split(text, '\n')) {
    if (!line.starts_with("NVRM version:")) continue;
    for (const auto word : split(line, ' '))
      if (is_version(word)) return std::string(word);
  }
  return std::nullopt;
}

// "570.86.10, 8.9", one line a device.
void take_devices(std::string_view lines, Accelerators& found) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> capabilities;
  for (const auto line : split(lines, '\n')) {
    const auto fields = split(line, ',');
    if (fields.size() != 2 || capabilities.size() == kMostDevices) continue;
    const auto driver = trim(fields[0]), capability = trim(fields[1]);
    if (is_version(driver) && !found.nvidia_driver) found.nvidia_driver = std::string(driver);
    const auto numbers = split(capability, '.');
    if (!is_version(capability) || numbers.size() != 2) continue;
    capabilities.emplace_back(parse_u64(numbers[0]).value_or(0), parse_u64(numbers[1]).value_or(0));
  }
  std::ranges::sort(capabilities);
  capabilities.erase(std::unique(capabilities.begin(), capabilities.end()), capabilities.end());
  for (const auto& [major, minor] : capabilities) found.cuda_capabilities.push_back(cat(major, ".", minor));
}

Status find_nvidia(const MachineFiles& files, Accelerators& found) {
  if (const char* said = files.environment("PKG_CUDA_DRIVER_VERSION"); said != nullptr && *said != '\0') {
    if (!is_version(said))
      return make_error(ErrorKind::usage, cat("PKG_CUDA_DRIVER_VERSION is ", quote(said),
                                              ", expected the version of a driver: 580.65.06"));
    found.nvidia_driver = said;
    return ok_status();
  }
  auto module = word_of(files.root / "sys/module/nvidia/version");
  if (is_version(module))
    found.nvidia_driver = std::move(module);
  else
    found.nvidia_driver = version_in(text_of(files.root / "proc/driver/nvidia/version"));
  const auto devices = files.program({"nvidia-smi", "--query-gpu=driver_version,compute_cap", "--format=csv,noheader"});
  if (devices) take_devices(*devices, found);
  return ok_status();
}

// The version that the kernel gives: 90010 is 9.0.10, and called gfx90a.
std::optional<std::string> amd_architecture(std::string_view properties) {
  constexpr std::string_view kKey = "gfx_target_version ";
  for (const auto line : split(properties, '\n')) {
    if (!line.starts_with(kKey)) continue;
    const auto number = parse_u64(trim(line.substr(kKey.size())));
    if (!number || *number == 0 || *number >= 1'000'000) return std::nullopt;
    constexpr std::string_view kHex = "0123456789abcdef";
    const auto minor = *number / 100 % 100, step = *number % 100;
    if (minor >= kHex.size() || step >= kHex.size()) return std::nullopt;
    return cat("gfx", *number / 10'000, kHex.substr(minor, 1), kHex.substr(step, 1));
  }
  return std::nullopt;
}

std::vector<stdfs::path> entries_of(const stdfs::path& folder) {
  std::vector<stdfs::path> entries;
  const auto names = fs::list_dir(folder);
  if (!names) return entries;  // no such device
  for (const auto& name : *names) entries.push_back(folder / name);
  return entries;
}

Status find_amd(const MachineFiles& files, Accelerators& found) {
  if (const char* said = files.environment("PKG_AMD_GPU_ARCHITECTURE"); said != nullptr && *said != '\0') {
    if (!is_amd_architecture(said))
      return make_error(ErrorKind::usage,
                        cat("PKG_AMD_GPU_ARCHITECTURE is ", quote(said), ", expected an architecture: gfx1100"));
    found.amd_gpu = said;
    return ok_status();
  }
  for (const auto& node : entries_of(files.root / "sys/class/kfd/kfd/topology/nodes")) {
    if (auto architecture = amd_architecture(text_of(node / "properties"))) {
      found.amd_gpu = std::move(architecture);
      break;
    }
  }
  return ok_status();
}

bool is_intel_gpu(const stdfs::path& card) {
  if (word_of(card / "device/vendor") != "0x8086") return false;
  std::error_code ignored;
  if (stdfs::read_symlink(card / "device/driver", ignored).filename() == "xe") return true;
  const auto device = word_of(card / "device/device");
  return device.starts_with("0x56") || device.starts_with("0x0b");  // Arc A, Flex · Data Center Max
}

}  // namespace

MachineFiles this_machine() {
  return {"/", process_environment(), [](const std::vector<std::string>& argv) -> std::optional<std::string> {
            const auto path = process::find_program(argv.front());
            if (!path) return std::nullopt;
            process::Command command;
            command.argv = argv;
            command.argv.front() = path->string();
            command.environment = process::tool_environment({"CUDA_VISIBLE_DEVICES", "LD_LIBRARY_PATH"});
            command.timeout_s = kProgramTimeout_s;
            command.output_limit_bytes = 64u << 10;
            auto output = process::run(command);
            if (!output || output->timed_out || output->exit_code != 0) return std::nullopt;
            return std::move(output->out);
          }};
}

Result<Accelerators> read_accelerators(const MachineFiles& files) {
  Accelerators found;
  PKG_TRY(find_nvidia(files, found));
  PKG_TRY(find_amd(files, found));
  found.has_intel_gpu = std::ranges::any_of(entries_of(files.root / "sys/class/drm"), is_intel_gpu);
  return found;
}

std::string_view cuda_of_driver(std::string_view driver) {
  struct Line {
    std::uint64_t branch;
    std::string_view cuda;
  };
  constexpr auto kTable = std::to_array<Line>(
      {{590, "13.1"}, {580, "13.0"}, {575, "12.9"}, {570, "12.8"}, {565, "12.7"}, {560, "12.6"}, {555, "12.5"},
       {550, "12.4"}, {545, "12.3"}, {535, "12.2"}, {530, "12.1"}, {525, "12.0"}, {520, "11.8"}, {515, "11.7"},
       {510, "11.6"}, {495, "11.5"}, {470, "11.4"}, {465, "11.3"}, {460, "11.2"}, {455, "11.1"}, {450, "11.0"}});
  const auto branch = parse_u64(driver.substr(0, driver.find('.'))).value_or(0);
  const auto line = std::ranges::find_if(kTable, [&](const Line& one) { return branch >= one.branch; });
  return line == kTable.end() ? std::string_view() : line->cuda;
}

}  // namespace pkg
