#pragma once
// From the text of a METADATA file to what the resolver gets: read, compared with the file's name, cut to the
// essential.

#include <string>
#include <string_view>

#include "base/result.h"
#include "index/index.h"
#include "pep/dist_file.h"

namespace pkg::index {

struct CheckedMetadata {
  MetadataResult result;
  std::string essential;  // for the metadata cache; empty when the text is none, or of another project or version
};

// A reason, never an error, when the text is not metadata, or says another name or version than the file's. `pool`:
// where requirements are shared; may be null.
CheckedMetadata check_metadata_text(std::string_view text, const pep::DistFile& file,
                                    pep::RequirementPool* pool = nullptr);
// The same for a text that is essential already.
MetadataResult check_essential_text(std::string_view text, const pep::DistFile& file, pep::RequirementPool* pool);

// The METADATA of a wheel on this machine, without unpacking it. Errors: io · bad_data · unsupported.
Result<std::string> read_local_metadata(const std::string& wheel_path);

}  // namespace pkg::index
