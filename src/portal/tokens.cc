#include "portal/tokens.h"

#include <absl/strings/ascii.h>
#include <absl/strings/escaping.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>

#include "config/yaml_document.h"
#include "config/yaml_value.h"

namespace godwit::portal {
namespace {

constexpr std::array<std::string_view, 2> kRoles = {"read", "operate"};  // in the order of Role
constexpr size_t kTokenBytes = 32, kDigestBytes = 32;
constexpr std::string_view kNameWanted = "has to be 1 to 64 of the characters A-Z a-z 0-9 _ . @ -";

bool IsName(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](unsigned char c) {
    return absl::ascii_isalnum(c) || std::string_view("_.@-").find(c) != std::string_view::npos;
  });
}

// The items of the list, as far as they are right.
class Reader {
 public:
  explicit Reader(config::Problems& problems) : problems_(problems) {}

  void Read(const config::YamlValue& item) {
    Token token;
    std::set<std::string> missing = {"name", "role", "sha256"};
    if (!item.node.IsMap()) {
      return problems_.Error(item.place, "has to be {{name: ..., role: ..., sha256: ...}}");
    }
    for (const auto& entry : item.node) {
      const config::FilePlace place = config::PlaceOf(entry.first);
      const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "";
      if (missing.erase(key) == 0) {
        problems_.Error(place, "has to be name, role or sha256, each once");
        continue;
      }
      const config::YamlValue value{key, entry.second,
                                    entry.second.IsNull() ? place : config::PlaceOf(entry.second)};
      if (key == "role") {
        config::ReadEnum(value, kRoles, token.owner.role, problems_);
      } else if (auto text = config::ReadText(value, problems_)) {
        key == "name" ? ReadName(value, *text, token) : ReadDigest(value, *text, token);
      }
    }
    for (const std::string& key : missing) {
      problems_.Error(item.place, "the key '{}' is missing", key);
    }
    tokens_.push_back(std::move(token));
  }

  std::vector<Token> Take() { return std::move(tokens_); }

 private:
  void ReadName(const config::YamlValue& value, const std::string& text, Token& token) {
    if (!IsName(text)) return problems_.Error(value.place, "name: {}", kNameWanted);
    token.owner.name = text;
  }

  // The text stays out of the messages: it may be the token itself, put here by mistake.
  void ReadDigest(const config::YamlValue& value, const std::string& text, Token& token) {
    const auto is_digit = [](unsigned char c) { return absl::ascii_isxdigit(c); };
    if (text.size() != 2 * kDigestBytes || !std::ranges::all_of(text, is_digit)) {
      return problems_.Error(value.place,
                             "sha256: has to be 64 hexadecimal digits, as `godwit token new` "
                             "prints them; the token itself does not belong here");
    }
    token.sha256 = absl::HexStringToBytes(text);
    if (!digests_.insert(token.sha256).second) {
      problems_.Error(value.place, "sha256: the same token has another name already");
    }
  }

  config::Problems& problems_;
  std::set<std::string> digests_;
  std::vector<Token> tokens_;
};

}  // namespace

std::string_view RoleName(Role role) { return kRoles[static_cast<size_t>(role)]; }

base::StatusOr<Role> ParseRole(std::string_view name) {
  const auto found = std::ranges::find(kRoles, name);
  if (found == kRoles.end()) {
    return base::InvalidArgument("role: has to be one of {}", fmt::join(kRoles, ", "));
  }
  return static_cast<Role>(found - kRoles.begin());
}

std::string MakeToken() {
  std::string bytes(kTokenBytes, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), kTokenBytes) != 1) std::abort();
  // Begins with what tools that look for secrets in files can go by.
  return "gwt_" + absl::WebSafeBase64Escape(bytes);
}

std::string Sha256(std::string_view text) {
  std::string digest(kDigestBytes, '\0');
  EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr,
             EVP_sha256(), nullptr);
  return digest;
}

base::StatusOr<std::string> TokenLine(const Caller& owner, std::string_view token) {
  if (!IsName(owner.name)) return base::InvalidArgument("name: {}", kNameWanted);
  return fmt::format("- {{name: '{}', role: {}, sha256: '{}'}}", owner.name, RoleName(owner.role),
                     absl::BytesToHexString(Sha256(token)));
}

base::StatusOr<std::vector<Token>> ParseTokens(std::string_view text,
                                               const std::string& file_name) {
  config::Problems problems(file_name);
  Reader reader(problems);
  if (const std::optional<YAML::Node> root = config::LoadDocument(text, problems)) {
    const config::YamlValue all{"tokens", *root, config::PlaceOf(*root)};
    if (const auto items = config::ReadList(all, problems)) {
      for (const config::YamlValue& item : *items) reader.Read(item);
    }
  }
  GODWIT_RETURN_IF_ERROR(problems.ToStatus());
  return reader.Take();
}

}  // namespace godwit::portal
