#include "portal/access.h"

#include <openssl/crypto.h>

#include <cerrno>
#include <system_error>

#include "base/log.h"
#include "base/text.h"
#include "config/read_file.h"
#include "config/yaml_document.h"

namespace godwit::portal {
namespace {

constexpr std::string_view kScheme = "Bearer ";

base::Status Unauthenticated(std::string_view why) {
  return base::MakeStatus(base::StatusCode::kUnauthenticated,
                          "{}; `godwit token new` makes a token, which is sent as `Authorization: "
                          "Bearer TOKEN`",
                          why);
}

bool IsSame(const timespec& a, const timespec& b) {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

bool IsSame(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_size == b.st_size &&
         IsSame(a.st_mtim, b.st_mtim) && IsSame(a.st_ctim, b.st_ctim);
}

}  // namespace

base::StatusOr<std::unique_ptr<Access>> Access::Open(std::string tokens_file) {
  std::unique_ptr<Access> access(new Access(std::move(tokens_file)));
  if (stat(access->file_.c_str(), &access->seen_) != 0) {
    return base::InvalidArgument("cannot read {}: {}", access->file_,
                                 std::generic_category().message(errno));
  }
  GODWIT_RETURN_IF_ERROR(access->Load(access->seen_));
  return access;
}

base::StatusOr<Caller> Access::Check(const std::string& authorization) {
  if (authorization.empty()) return Unauthenticated("there is no token");
  const std::string_view given = authorization;
  if (!base::EqualsIgnoreCase(given.substr(0, kScheme.size()), kScheme)) {
    return Unauthenticated("the header Authorization has no bearer token");
  }
  const std::string digest = Sha256(given.substr(kScheme.size()));
  std::lock_guard lock(mutex_);
  LoadIfChanged();
  const Token* found = nullptr;
  for (const Token& token : tokens_) {  // to the end, whichever it is
    if (CRYPTO_memcmp(token.sha256.data(), digest.data(), digest.size()) == 0) found = &token;
  }
  if (found == nullptr) return Unauthenticated("the token is not known here");
  return found->owner;
}

base::Status Access::Load(const struct stat& found) {
  if ((found.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return base::InvalidArgument(
        "{} may be written by others than its owner, who could let themselves in: chmod go-w {}",
        file_, file_);
  }
  GODWIT_ASSIGN_OR_RETURN(const std::string text, config::ReadFile(file_, config::kMostFileBytes));
  GODWIT_ASSIGN_OR_RETURN(tokens_, ParseTokens(text, file_));
  return base::OkStatus();
}

void Access::LoadIfChanged() {
  struct stat found {};
  const bool is_there = stat(file_.c_str(), &found) == 0;
  if (IsSame(found, seen_)) return;
  seen_ = found;
  const base::Status loaded =
      is_there ? Load(found) : base::InvalidArgument("{} is not there any more", file_);
  if (loaded.ok()) {
    spdlog::info("{} tokens are read from {}", tokens_.size(), file_);
  } else {
    spdlog::error("the tokens stay as they were: {}", loaded.message());
  }
}

}  // namespace godwit::portal
