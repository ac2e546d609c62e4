#pragma once

#include <absl/status/statusor.h>

#include <span>
#include <string>
#include <vector>

// The task and source files of PingCAP's DM (Data Migration), as ours. What their keys become is in
// docs/from-dm.md; a unit test holds the two together.
namespace godwit::config {

struct NamedText {
  std::string name;  // of the file
  std::string text;
};

struct DmImport {
  std::vector<NamedText> files;  // source_file.h's and cluster_task.h's, with names without folder
  // Each "file:line:column: message". `left_out`: what has an effect with DM and none here, with
  // what to do instead; `notes`: what is to be known or done besides.
  std::vector<std::string> left_out, notes;
};

// One file for each source that is given, and one for the task; one for each of its sources where
// these are not to be treated alike. kInvalidArgument, with the places, where the files are none
// that DM would take.
absl::StatusOr<DmImport> ImportDm(const NamedText& task, std::span<const NamedText> sources);

}  // namespace godwit::config
