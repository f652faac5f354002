#include <nlohmann/json.hpp>

#include "base/hash_file.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/command_context.h"
#include "cli/options/options.h"
#include "cli/output/output.h"
#include "cli/output/render.h"

namespace pkg::cli {

Result<int> hash_command(const Invocation& invocation) {
  GlobalOptions global;
  std::string algorithm_name = "sha256";
  std::vector<std::string> files;
  OptionParser parser(invocation, "Print the hash of files, as requirements files want it.", "pkg hash dist/*.whl");
  parser.positionals("FILE", files, "What to hash");
  parser.choice("-a,--algorithm", algorithm_name, {"sha256", "sha384", "sha512"}, "Compute this hash");
  add_global_options(parser, global);
  PKG_TRY_ASSIGN(const bool go_on, parser.parse());
  if (!go_on) return 0;
  if (files.empty()) return make_error(ErrorKind::usage, "no file was named", "pkg hash FILE");
  const auto algorithm = hash::algorithm_from_name(algorithm_name).value_or(hash::Algorithm::sha256);
  auto value = result_json("hash");
  for (const auto& file : files) {
    PKG_TRY_ASSIGN(const auto digest, hash::hex_of_file(file, algorithm));
    if (global.json)
      value["files"].push_back({{"path", file}, {"algorithm", algorithm_name}, {"hash", digest}});
    else
      out(file, ":\n--hash=", algorithm_name, ":", digest, "\n");
  }
  if (global.json) out_json(value);
  return 0;
}

}  // namespace pkg::cli
