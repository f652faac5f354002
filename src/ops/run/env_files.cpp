#include "ops/run/env_files.h"

#include <map>

#include "base/dotenv.h"
#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"

namespace pkg::ops {

Result<RunVariables> read_env_files(const std::vector<std::string>& files, const std::filesystem::path& folder,
                                    const Getenv& environment) {
  std::map<std::string, std::string> values;
  for (const auto& file : files) {
    const auto reading = [&] { return cat("while reading the variables in ", quote(file)); };
    PKG_TRY_ASSIGN(const auto text, fs::read_file_at_most(folder / file, limits::kSettings).with(reading));
    PKG_TRY(add_dotenv(text, file, environment, values));
  }
  RunVariables variables;
  for (auto& [name, value] : values)
    if (environment(name.c_str()) == nullptr) variables.emplace_back(name, std::move(value));
  return variables;
}

}  // namespace pkg::ops
