#pragma once

#include <sys/stat.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "portal/tokens.h"

namespace godwit::portal {

// Who may ask, by a file of tokens, which is read again when it has changed. While what it has
// become cannot be used, what it last was stays in force, and the log says so. Thread-safe.
class Access {
 public:
  // kInvalidArgument: the file cannot be read or is wrong, or others may write it.
  static base::StatusOr<std::unique_ptr<Access>> Open(std::string tokens_file);

  // Of the header `Authorization`, empty where there is none. kUnauthenticated: it has no token of
  // the file. Takes as long whichever token it is, and whether it is one.
  base::StatusOr<Caller> Check(const std::string& authorization);

 private:
  explicit Access(std::string file) : file_(std::move(file)) {}
  base::Status Load(const struct stat& found);
  void LoadIfChanged();

  const std::string file_;
  std::mutex mutex_;
  struct stat seen_ {};  // when it was last read
  std::vector<Token> tokens_;
};

}  // namespace godwit::portal
