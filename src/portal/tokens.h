#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "portal/caller.h"

// API tokens, and the file that says whose they are. That has their SHA-256 alone, which is of no
// use to who reads it: a token is 32 random bytes, so that none can be found by trying.
namespace godwit::portal {

struct Token {
  Caller owner;
  std::string sha256;  // 32 bytes
};

// As the file writes them: "read", "operate".
std::string_view RoleName(Role role);
// kInvalidArgument: there is no such role.
base::StatusOr<Role> ParseRole(std::string_view name);

std::string MakeToken();
std::string Sha256(std::string_view text);

// What the file has of a token, as one line of it. kInvalidArgument: the name is none.
base::StatusOr<std::string> TokenLine(const Caller& owner, std::string_view token);

// The text of such a file: a YAML list of {name, role, sha256}. kInvalidArgument, with each place
// and what is wrong there.
base::StatusOr<std::vector<Token>> ParseTokens(std::string_view text, const std::string& file_name);

}  // namespace godwit::portal
