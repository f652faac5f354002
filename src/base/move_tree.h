#pragma once
// Moving a tree where one rename cannot: overlayfs does not rename folders of a lower layer, and nothing renames from
// one file system to another.

#include <string>

#include "base/fs.h"
#include "base/result.h"

namespace pkg::fs {

// Moves `name` in the folder `from` to `to_name` in the folder `to`, file by file: each by a rename, or by copying it
// where even that fails. What is there already is merged with it: folders stay, files are replaced. At every moment a
// file is in one of the two places, or whole in both; so who is interrupted, however rudely, may call it again, or with
// the two exchanged to go back. Modes stay, owners where that is allowed; links are moved and never followed. Nothing
// at `name` is fine.
//
// `staging`: a folder on the file system of `to`. Files that are copied are written there, as kStagedName, before they
// appear. -1: they are written in place, for those who call it again after a kill whatever `to` holds.
// `shown` is the path that errors (io) name.
Status move_tree(int from, const std::string& name, int to, const std::string& to_name, int staging, const Path& shown);
// Copies a file or a link in the same way; mode and mtime stay. What is at `to_name` is replaced.
Status copy_file(int from, const std::string& name, int to, const std::string& to_name, int staging, const Path& shown);
constexpr const char* kStagedName = "copying";

}  // namespace pkg::fs
